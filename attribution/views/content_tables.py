"""The tables of the content pages: every piece in numbers, in groups of columns, down to the total; a piece's deals, people and feedback."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from attribution.charts import formats, tables
from attribution.charts.content import Dot, Lift
from attribution.content.assets import Asset
from attribution.views.content import Entry

Column = tuple[str, Callable[[Entry], object]]

GROUPS = {"money": "Money", "reach": "Reach", "compared": "Won and lost", "all": "All"}
# What a file of the table says of itself.
SUMS = (
    "credit follows the filters; cost, earned since publication, return, payback and reach are since publication; Took part in counts whole deals and "
    "cannot be added up; Total is the CRM's total in scope"
)


def table(
    entries: Sequence[Entry], ends: Sequence[Entry], second: str, group: str, names: Mapping[str, Mapping[str, str]]
) -> pd.DataFrame:
    """Content in numbers, then ``ends``. ``group``: one of GROUPS; ``names``: dimension → code → label (topic)."""
    topics = names.get("topic", {})
    columns: list[Column] = [("Piece", lambda entry: formats.short(entry.label, 160))]
    if group in ("money", "all"):
        columns += _money(second)
    if group in ("reach", "all"):
        columns += REACH
    if group in ("compared", "all"):
        columns += COMPARED
    if group in ("reach", "all"):
        columns += _about(topics)
    if group == "all":
        columns += MORE
    rows = [*entries, *(entry for entry in ends if group in ("money", "all"))]
    return tables.written(columns, rows)


def _money(second: str) -> list[Column]:
    return [
        ("Credited", lambda entry: entry.revenue),
        (second, lambda entry: entry.other),
        ("Cost", lambda entry: entry.cost),
        ("Earned since publication", lambda entry: entry.whole),
        ("ROI", lambda entry: None if entry.roi is None else entry.roi * 100),
        ("Paid back", _of(lambda asset: asset.payback_months)),
        ("Took part in", lambda entry: entry.took_deals),
        ("Took part in, amount", lambda entry: entry.took_part),
        ("Credited, open deals", lambda entry: entry.pipeline),
        (f"{second}, open deals", lambda entry: entry.other_pipeline),
        ("Took part in, open", lambda entry: entry.took_pipeline),
    ]


def _of(value: Callable[[Asset], object]) -> Callable[[Entry], object]:
    """A fact of one piece; empty for a row that sums up others."""
    return lambda entry: value(entry.asset) if entry.asset else None


REACH: list[Column] = [
    ("Published", _of(lambda asset: tables.day(asset.published_on))),
    ("Age", _of(lambda asset: asset.age_days)),
    ("Views", _of(lambda asset: asset.views)),
    ("Readers", _of(lambda asset: asset.readers)),
    ("Companies", _of(lambda asset: asset.accounts)),
    ("Leads", _of(lambda asset: asset.leads)),
    ("Sent by sales", _of(lambda asset: asset.sent)),
    ("Won", _of(lambda asset: asset.won_deals)),
    ("Lost", _of(lambda asset: asset.lost_deals)),
    ("Open", _of(lambda asset: asset.open_deals)),
]

COMPARED: list[Column] = [
    ("Won deals that used it", lambda entry: entry.exposure.won_with if entry.exposure else None),
    ("Share of won", lambda entry: tables.percent(entry.exposure.won_share) if entry.exposure else None),
    ("Lost deals that used it", lambda entry: entry.exposure.lost_with if entry.exposure else None),
    ("Share of lost", lambda entry: tables.percent(entry.exposure.lost_share) if entry.exposure else None),
    ("Lift", lambda entry: entry.exposure.lift if entry.exposure and entry.exposure.enough else None),
    ("Likely from", lambda entry: entry.exposure.low if entry.exposure and entry.exposure.enough else None),
    ("Likely to", lambda entry: entry.exposure.high if entry.exposure and entry.exposure.enough else None),
    ("What it says", lambda entry: _verdict(entry)),
]


def _about(topics: Mapping[str, str]) -> list[Column]:
    return [
        ("Format", _of(lambda asset: formats.words(asset.format) if asset.format else None)),
        ("Topic", _of(lambda asset: topics.get(asset.topic) or formats.words(asset.topic) if asset.topic else None)),
        ("Funnel stage", _of(lambda asset: formats.words(asset.funnel_stage) if asset.funnel_stage else None)),
        ("Author", _of(lambda asset: asset.author)),
        ("Status", _of(lambda asset: formats.words(asset.status) if asset.status else None)),
    ]


MORE: list[Column] = [
    ("Credited deals", lambda entry: entry.deals),
    ("Last used", _of(lambda asset: tables.day(asset.last_on))),
    ("Too early to judge?", lambda entry: " ".join(entry.too_early) or None),
    ("Address", _of(lambda asset: asset.url)),
    ("Id", lambda entry: entry.key or None),
]


def _verdict(entry: Entry) -> str | None:
    found = entry.exposure
    if found is None or not entry.asset:
        return None
    if not found.enough:
        return "too few to compare"
    if found.no_difference:
        return "may be no difference"
    return "more in won deals" if (found.low or 0.0) > 1 else "more in lost deals"


def matching(entries: Sequence[Entry], search: str) -> list[Entry]:
    """The pieces with these words in their title, id, author, format, topic, funnel stage or address; all of them without words."""
    return tables.matching(entries, _words, search)


def _words(entry: Entry) -> tuple[str | None, ...]:
    asset = entry.asset
    if asset is None:
        return entry.label, entry.key
    of_asset = asset.author, asset.format, asset.topic, asset.funnel_stage, asset.status, asset.url, asset.buyer_question
    return entry.label, entry.key, *of_asset


def two_rules(entries: Sequence[Entry], first: str, second: str) -> pd.DataFrame:
    """The dumbbell in numbers."""
    return pd.DataFrame([(entry.label, entry.revenue, entry.other) for entry in entries], columns=["Piece", first, second])


def costs(dots: Sequence[Dot]) -> pd.DataFrame:
    """Cost against credit in numbers, largest credit first."""
    rows = [
        (dot.label, dot.cost, dot.amount, round(dot.amount - dot.cost, 2))
        for dot in sorted(dots, key=lambda dot: (-dot.amount, dot.label))
    ]
    return pd.DataFrame(rows, columns=["Piece", "Cost", "Earned since publication", "Earned less cost"])


def lifts(rows: Sequence[Lift], head: str = "Piece") -> pd.DataFrame:
    """Won against lost in numbers."""
    listed = [(row.label, row.won_share * 100, row.lost_share * 100, row.lift, row.low, row.high) for row in rows]
    return pd.DataFrame(listed, columns=[head, "Share of won", "Share of lost", "Lift", "Likely from", "Likely to"])
