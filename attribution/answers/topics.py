"""The answers of the topics page: how much of what we make is on the five topics that buyers ask about, what it earns, and what is missing.

Pure functions of plain facts, as everywhere in answers/; tests hold golden sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from attribution.answers.words import under_rule
from attribution.charts import formats
from attribution.charts.formats import counted, money, plain, share

FIVE = "cost, problems, versus, reviews, best"


@dataclass(frozen=True)
class TopicsFacts:
    """What the answer says. ``pieces``: published, ``on_five`` of them on the five topics; ``credited``: to all content, ``credited_on_five`` of it.

    ``gaps``: (topic, stage) of the five topics with nothing published; ``asked_most``: the topic with most questions, how many, how many unanswered.
    """

    currency: str | None
    pieces: int
    on_five: int
    credited: float
    credited_on_five: float
    cost: float
    cost_on_five: float
    gaps: Sequence[tuple[str, str]] = field(default_factory=tuple)
    asked_most: tuple[str, int, int] | None = None
    agreed: str = "agreed"
    rule: str = ""


def topics(facts: TopicsFacts) -> str:
    """Do we write about what buyers ask?"""
    if not facts.pieces:
        return "Nothing is published yet, so there is nothing to compare."
    sentences = [
        f"**{formats.count(facts.on_five)} of {counted(facts.pieces, 'published piece')}** ({share(facts.on_five / facts.pieces)}) "
        f"{'is' if facts.on_five == 1 else 'are'} on the five topics that buyers ask about ({FIVE})"
    ]
    if facts.cost:
        sentences[0] += f", with {share(facts.cost_on_five / facts.cost)} of what content cost"
    sentences[0] += "."
    if facts.credited > 0.005:
        sentences.append(
            f"{under_rule(facts.agreed, facts.rule)} they earn **{money(facts.credited_on_five, facts.currency)} of "
            f"{money(facts.credited, facts.currency)}** that is credited to content ({share(facts.credited_on_five / facts.credited)})."
        )
    else:
        sentences.append("Nothing won under these filters is credited to content.")
    if facts.gaps:
        listed = [f"{plain(topic)} at the {plain(stage)}" for topic, stage in facts.gaps]
        more = f" and {formats.count(len(listed) - 3)} more" if len(listed) > 3 else ""
        sentences.append(f"Nothing is published on {_and(listed[:3], not more)}{more}.")
    else:
        sentences.append("Each of them has something published at the top, the middle and the bottom of the funnel.")
    if facts.asked_most:
        topic, asked, unanswered = facts.asked_most
        without = (
            f", {formats.count(unanswered)} of them without a piece that answers"
            if unanswered
            else ", each with a piece that answers"
        )
        sentences.append(f"Buyers ask most about {plain(topic)}: {counted(asked, 'question')}{without}.")
    return " ".join(sentences)


def heat_alt(head: str, rows: Sequence[tuple[str, str, float | None]], currency: str | None) -> str:
    """A heat table in words: its largest cell."""
    known = [(row, column, value) for row, column, value in rows if value]
    if not known:
        return f"{head}: nothing in any cell"
    row, column, value = max(known, key=lambda cell: cell[2] or 0.0)
    return f"{head} in {counted(len(known), 'cell')}, most in {row}, {column}: {money(value, currency) if currency is not None else formats.count(value)}"


def made_alt(rows: Sequence[tuple[str, int, int]]) -> str:
    """Production in words."""
    five, others = sum(row[1] for row in rows), sum(row[2] for row in rows)
    return f"Published from {rows[0][0]} to {rows[-1][0]}: {five} on the five topics, {others} on others"


def _and(parts: Sequence[str], ends: bool) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if ends and len(parts) > 1 else ", ".join(parts)
