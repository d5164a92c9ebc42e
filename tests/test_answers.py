"""Golden sentences: the answer at the top of each page, for the cases a reader meets. A changed word is a changed product."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from attribution.answers import deal, overview, words
from attribution.answers.deal import DealFacts
from attribution.answers.overview import OverviewFacts
from attribution.answers.words import Credited
from attribution.charts.revenue import BridgeStep, Part

FULL = OverviewFacts(
    currency="EUR", won=18_422_663.43, deals=164, won_before=14_960_000.0, deals_before=136, against="the year before",
    channels=(Credited("Organic search", 4_121_284.16), Credited("Webinars", 2_607_968.23), Credited("LinkedIn ads", 900_000.0)),
    unattributed=2_088_703.12,
)  # fmt: skip


def said(text: str) -> str:
    """A sentence with ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace(words.JOINER, "")


OVERVIEWS = {
    "everything there": (
        FULL,
        "Won revenue is **€18.4 M** in 164 deals, **+€3.46 M (+23 %)** against the year before. Under the agreed rule organic search is credited "
        "with most, **€4.12 M (22 %)**, then webinars with €2.61 M (14 %). **€2.09 M (11 %)** could not be credited to any touch.",
    ),
    "a fall, another rule": (
        replace(FULL, won_before=20_000_000.0, agreed="not agreed", rule="Later counts more", unattributed=0.0),
        "Won revenue is **€18.4 M** in 164 deals, **−€1.58 M (−7.9 %)** against the year before. Under Later counts more, which is not the agreed "
        "rule, organic search is credited with most, **€4.12 M (22 %)**, then webinars with €2.61 M (14 %).",
    ),
    "a rule that nobody agreed on": (
        replace(
            FULL,
            won_before=None,
            deals_before=None,
            agreed="house",
            unattributed=0.0,
            channels=(Credited("ABX Programme", 18_422_663.43),),
        ),
        "Won revenue is **€18.4 M** in 164 deals. Under the house rule ABX Programme is credited with most, **€18.4 M (100 %)**.",
    ),
    "another rule, where nobody agreed on one": (
        replace(FULL, won_before=None, agreed="not house", rule="Last contact", unattributed=0.0, channels=FULL.channels[:1]),
        "Won revenue is **€18.4 M** in 164 deals. Under Last contact, which is not the house rule, organic search is credited with most, "
        "**€4.12 M (22 %)**.",
    ),
    "nothing to compare with": (
        replace(FULL, won_before=None, deals_before=None, unattributed=0.0, channels=(Credited("ABX Programme", 18_422_663.43),)),
        "Won revenue is **€18.4 M** in 164 deals. Under the agreed rule ABX Programme is credited with most, **€18.4 M (100 %)**.",
    ),
    "few deals are not ranked": (
        replace(
            FULL,
            won=310_000.0,
            deals=4,
            won_before=900_000.0,
            deals_before=12,
            channels=(Credited("Events", 120_000.0),),
            unattributed=0.0,
        ),
        "Won revenue is **€310 k** in 4 deals; the year before had €900 k in 12 deals. 4 deals: too few to rank channels. "
        "Under the agreed rule events is credited with €120 k of it.",
    ),
    "one deal, no touch": (
        OverviewFacts("EUR", 20_000.0, 1, unattributed=20_000.0),
        "Won revenue is **€20.0 k** in 1 deal. 1 deal: too few to rank channels. **€20.0 k (100 %)** could not be credited to any touch.",
    ),
    "nothing won": (
        OverviewFacts("EUR", 0.0, 0, lost=3, opened=1),
        "No deal was won in this period: 3 deals lost, 1 deal open. Choose a longer period or clear a filter to see more.",
    ),
    "a cohort": (
        replace(FULL, basis="created", won_before=None, deals_before=None, unattributed=0.0, channels=()),
        "Of the deals opened in this period, 164 deals are won so far, worth **€18.4 M**.",
    ),
    "parts of deals": (
        replace(FULL, won=6_000_000.0, won_in_all=18_422_663.43, won_before=5_000_000.0, unattributed=0.0, channels=()),
        "What is selected above is credited with **€6.00 M** of €18.4 M won in 164 deals, **+€1.00 M (+20 %)** against the year before.",
    ),
    "names cannot become markup": (
        replace(
            FULL, won_before=None, deals_before=None, unattributed=0.0, channels=(Credited("[x](http://e) :red[$5] *b*", 9e6),)
        ),
        "Won revenue is **€18.4 M** in 164 deals. Under the agreed rule \\[x\\](http\\://e) \\:red\\[\\$5\\] \\*b\\* is credited with most, "
        "**€9.00 M (49 %)**.",
    ),
    "no currency": (
        OverviewFacts(None, 1_500.0, 12, channels=(Credited("Email", 1_500.0),)),
        "Won revenue is **1.50 k** in 12 deals. Under the agreed rule email is credited with most, **1.50 k (100 %)**.",
    ),
}


@pytest.mark.parametrize("case", OVERVIEWS)
def test_overview(case: str) -> None:
    facts, sentence = OVERVIEWS[case]
    assert said(overview.overview(facts)).replace("\\(", "(").replace("\\)", ")") == sentence


DEAL = DealFacts(
    name="Brackwater Logistics", status="won", amount=186_400.0, currency="EUR", on=date(2026, 9, 17), days_since_first=230, touches=45, counted=28,
    first="page view “What does it cost?”, Anna Weber", earners=(
        ("page view “What does it cost?”", 0.3), ("webinar “Closing”", 0.3), ("fair", 0.3), ("x", 0.01),
    ),
)  # fmt: skip
DEALS = {
    "won": (
        DEAL,
        "**Brackwater Logistics** was won for **€186,400.00** on 17 Sep 2026, 230 days and 45 touches (28 count) after the first: "
        "page view “What does it cost?”, "
        "Anna Weber. Under the agreed rule **page view “What does it cost?”**, **webinar “Closing”** and **fair** earned 90 % of it.",
    ),
    "lost": (
        replace(DEAL, status="lost", earners=(("call", 1.0),), touches=1, days_since_first=1),
        "**Brackwater Logistics**, worth **€186,400.00**, was lost on 17 Sep 2026, 1 day after its only touch: page view “What does it cost?”, "
        "Anna Weber. Under the agreed rule **call** would have earned 100 % of it.",
    ),
    "open": (
        replace(DEAL, status="open", opened_on=date(2026, 4, 2), first="", earners=(("a", 0.05), ("b", 0.04))),
        "**Brackwater Logistics** is open, worth **€186,400.00**, since 2 Apr 2026: 45 touches (28 count) so far, the first 230 days ago. "
        "Under the agreed rule no single touch would earn a tenth of it.",
    ),
    "no touch": (
        replace(DEAL, touches=0, counted=0),
        "**Brackwater Logistics** was won for **€186,400.00** on 17 Sep 2026. No touch is recorded for it, so nothing can be credited.",
    ),
    "none counts": (
        replace(DEAL, counted=0, reason="older than 540 days", first=""),
        "**Brackwater Logistics** was won for **€186,400.00** on 17 Sep 2026, 230 days and 45 touches after the first. "
        "None of them counts (older than 540 days), so the whole amount is unattributed.",
    ),
}


@pytest.mark.parametrize("case", DEALS)
def test_deal(case: str) -> None:
    facts, sentence = DEALS[case]
    assert said(deal.deal(facts)) == sentence


def test_rule_line_names_the_rule_and_marks_another_one() -> None:
    shares = (("first", 0.3), ("lead_creation", 0.3), ("deal_creation", 0.3), ("middle", 0.1))
    whose = words.what_counts(540, ("buyer", "marketing", "sales", "partner", "service"))
    line = words.rule_line(shares, "", True, "the revenue team", date(2026, 3, 12), whose)
    assert said(line) == (
        "Credit rule: **30 first contact · 30 lead · 30 deal opened · 10 the rest** — agreed 12 Mar 2026 by the revenue team · "
        "everyone's actions count, 540 days back"
    )
    assert "not the agreed rule" in words.rule_line((), "Later counts more", False, "finance", None, whose)
    assert "not the house rule" in words.rule_line((), "Later counts more", False, None, None, whose)
    assert "the house rule: nobody is named" in words.rule_line((), "Later counts more", True, None, None, whose)
    assert said(words.what_counts(0, ("buyer", "sales"))) == "buyers' and sales' actions count, however long ago"
    assert words.rule_words((("first", 1.0),), "First contact") == "all to the first contact"


def test_alternative_texts_say_the_message() -> None:
    steps = [
        BridgeStep("crm_won", "CRM won", "total", 20.87e6, 180), BridgeStep("in_scope", "In scope", "total", 18.42e6, 164),
        BridgeStep("unattributed:no_touch", "No touch", "unattributed", 2.09e6, 20), BridgeStep("attributed", "Credited", "result", 16.33e6, 144),
    ]  # fmt: skip
    assert (
        said(overview.bridge_alt(steps, "EUR"))
        == "Of €20.9 M won in the CRM, €18.4 M are in scope, €16.3 M credited and €2.09 M unattributed"
    )
    assert said(overview.bridge_note(steps, "EUR")) == "€2.09 M (11 %) unattributed"
    assert overview.bridge_note(steps[:2], "EUR") == ""
    assert said(overview.months_alt(["2026-01", "2026-02"], [1e6, 2e6], "EUR")) == (
        "Won revenue from Jan 2026 to Feb 2026, €3.00 M in all, highest in Feb 2026 with €2.00 M"
    )
    assert (
        said(overview.shares_alt("By team", [Part("m", "Marketing", 3.0), Part("s", "Sales", 1.0)]))
        == "By team: Marketing 75 %, Sales 25 %"
    )
    assert (
        said(overview.moved_alt([(Part("e", "Email", 1e6), 2e6)], "EUR", "the year before"))
        == "Most moved Email: −€1.00 M against the year before"
    )


def test_a_change_has_its_base() -> None:
    assert said(overview.change(1.24e6, 0.93e6, "EUR", "Q1")) == "**+€310 k (+33 %)** against Q1"
    assert overview.change(5.0, 5.0, "EUR", "Q1") == "as much as Q1"
    assert overview.change(5.0, None, "EUR", "Q1") == ""
    assert said(overview.change(5_000.0, 0.0, "EUR", "Q1")) == "**+€5.00 k** against Q1"
