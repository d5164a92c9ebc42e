"""The figures of the content pages, each once: name, words on screen, definition. The glossary and the pages read the same entries."""

from __future__ import annotations

from dataclasses import dataclass

from attribution.charts.formats import capital


@dataclass(frozen=True)
class Word:
    """One figure, reason, decision or step: its name in code and in links, on screen, and what it means."""

    name: str
    label: str
    meaning: str

    @property
    def sentence(self) -> str:
        """The meaning as a sentence, for a hover."""
        return f"{capital(self.meaning)}."


FIGURES: tuple[Word, ...] = (
    Word(
        "cost", "Cost so far",
        "production (content_assets.cost, or spend of the kind production: the same money, so the larger of both) and all else spent on the piece",
    ),
    Word("views", "Views", "page views that were counted (activity_counts, metric page_views, sums only); of a piece without any its touches"),
    Word("readers", "Readers", "people with a touch of it, linked people among them, since publication"),
    Word("accounts", "Companies", "companies of its readers, and those that a touch without a person names"),
    Word("leads", "Leads", "people whose last touch before the CRM knew them (of those that our rule counts) was of it"),
    Word("sent_by_sales", "Sent by sales", "touches of it by sales"),
    Word("influenced_revenue", "Took part in", "whole amounts of won deals in whose journey it was used; cannot be added up"),
    Word("whole", "Earned since publication", "credited revenue over all time under the rule that is set"),
    Word("roi", "ROI", "(earned since publication − cost) ÷ cost; empty without cost"),
    Word("payback_months", "Paid back", "whole months from publication until the linear credit of won deals reached the cost"),
    Word("author", "Author", "its owner (owner_id in content_assets)"),
    Word(
        "exposure", "Share of won, share of lost",
        "the part of won (lost) deals that had used it before a point, a stage or an age in days; only deals that got there are compared, and only "
        "uses before it count, so that long deals do not flatter it",
    ),
    Word(
        "lift", "Lift",
        "share of won ÷ share of lost, with its likely range (90 %); from 10 won, 10 lost and 10 deals that used it on; no proof of a cause",
    ),
    Word("big_five", "The five topics", "cost, problems, versus, reviews, best: what buyers ask before they buy"),
)  # fmt: skip
