"""The weekly five on its page: the weeks to choose from, the figures, and both lists as a table to the cent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from attribution.charts import formats
from attribution.charts.formats import counted
from attribution.content.weekly import QUARTER, Weekly, latest_week
from attribution.content.weeks import week_dates, week_key, week_words
from attribution.dataset import Dataset

WEEKS = 53  # weeks that the box offers
NONE_HEIGHT, HEAD_HEIGHT, ROW_HEIGHT = 460, 520, 128  # px of the file at the page's width


@dataclass(frozen=True)
class Shown:
    """One figure of the page."""

    label: str
    value: str
    help: str


def weeks(ds: Dataset) -> dict[str, str]:
    """Week → its words: the last complete one with traffic, and the year before it."""
    first, _ = week_dates(latest_week(ds), ds.settings.reporting.week_starts)
    starts = [first - timedelta(days=7 * back) for back in range(WEEKS)]
    return {week_key(start): week_words(start) for start in starts}


def figures(view: Weekly) -> tuple[Shown, ...]:
    """What both lists come to."""
    unit = "views" if view.unit == "view" else "reads"
    most, hidden = sum(piece.reads for piece in view.most), sum(piece.reads for piece in view.hidden)
    return (
        Shown(f"{unit.capitalize()} this week", formats.count(view.reads), "Of all content. " + _WHAT[view.unit]),
        Shown(
            "Of the most read", formats.share(most / view.reads) if view.reads else formats.DASH,
            f"{counted(most, view.unit)} of {formats.count(view.reads)}",
        ),
        Shown(
            "Least read: credit", formats.money(sum(piece.credited for piece in view.hidden), view.currency),
            "What the pieces that earn most and are read least are credited with, of deals won "
            f"{formats.span(view.credit_from, view.credit_to)}, rule {view.rule}. Credits of several pieces may be added up.",
        ),
        Shown(
            f"Least read: {unit}", formats.count(hidden),
            f"In {QUARTER} weeks, each at most {counted(view.threshold, view.unit)}: the half that is read least.",
        ),
    )  # fmt: skip


_WHAT = {
    "read": "A read is a buyer's recorded touch of a piece; what marketing and sales send is none.",
    "view": "Page views as a tool counted them by day or week; recorded touches of buyers where it counts none.",
}


def table(view: Weekly) -> pd.DataFrame:
    """Both lists, to the cent."""
    rows = [
        (
            name,
            piece.place,
            piece.title,
            piece.topic_label,
            piece.reads,
            over,
            piece.credited,
            piece.took_part,
            piece.won_deals,
            piece.why,
            piece.asset_id,
        )
        for name, over, listed in (
            ("Most read", "the week", view.most),
            ("Earn most, read least", f"{QUARTER} weeks", view.hidden),
        )
        for piece in listed
    ]
    columns = ["List", "Place", "Piece", "Topic", "Reads", "In", "Credited", "Took part in", "Won deals", "Why", "Piece id"]
    return pd.DataFrame(rows, columns=columns)


def height(view: Weekly) -> int:
    """Pixels that the file needs on a desk, so that it stands in the page whole."""
    rows = max(len(view.most), len(view.hidden))
    return HEAD_HEIGHT + ROW_HEIGHT * rows if rows else NONE_HEIGHT
