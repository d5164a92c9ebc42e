"""The five topics that buyers ask about before they buy, by funnel stage and segment: what is there, what it cost and earned, and what is missing.

A piece is made for one topic and one stage, not for one segment: by segment, its cost is shared among the deals in which it was used. Credit
follows the filters; cost and pieces are since publication.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from attribution.content.assets import Asset, Known, assets
from attribution.filters import ALL_TIME, Filters
from attribution.rounding import largest_remainder

if TYPE_CHECKING:
    from attribution.dataset import Dataset

# Marcus Sheridan's "Big 5" (They Ask, You Answer, 2017): what buyers want to know before they talk to sales.
BIG_FIVE = ("cost", "problems", "versus", "reviews", "best")
OTHER = "other"
STAGES = ("top", "middle", "bottom")
COMING = ("requested", "in_production")


@dataclass(frozen=True)
class Cell:
    """One topic, funnel stage and segment ("" where it is not known). Money in the reporting currency.

    ``pieces``: published ones (of a segment: those used in one of its deals); ``cost``: their cost, of a segment its share; ``coming``: asked for or in
    production; ``used_in``: times a piece of it was used in a deal, once per piece and deal; ``earned``: credited since publication, whatever the filters.
    """

    topic: str
    stage: str
    segment: str
    pieces: int = 0
    coming: int = 0
    cost: float = 0.0
    revenue: float = 0.0
    other: float = 0.0
    pipeline: float = 0.0
    used_in: int = 0
    earned: float = 0.0

    @property
    def per_cost(self) -> float | None:
        """Earned since publication per unit of cost, both of the whole life; None without cost."""
        return self.earned / self.cost if self.cost else None


@dataclass(frozen=True)
class Demand:
    """What buyers asked about a topic: how often, how often without a piece that answers it, and in how many deals."""

    questions: int = 0
    unanswered: int = 0
    deals: int = 0


@dataclass(frozen=True)
class Made:
    """Pieces published in a quarter, and their cost: on the five topics and on others."""

    quarter: str
    on_five: int
    others: int
    cost_on_five: float
    cost_others: float


@dataclass(frozen=True)
class Topics:
    """``cells``: by topic, stage and segment; ``whole``: the same without segments, every piece once."""

    cells: tuple[Cell, ...]
    whole: tuple[Cell, ...]
    segments: tuple[str, ...]
    demand: dict[str, Demand]
    made: tuple[Made, ...]
    pieces: tuple[Asset, ...]

    def sums(self, on_five: bool | None = None) -> Cell:
        """All of it, or of the five topics, or of the others."""
        kept = [cell for cell in self.whole if on_five is None or (cell.topic in BIG_FIVE) == on_five]
        return _sum(kept, "", "", "")


def topic_of(asset: Asset) -> str:
    """One of the five, else other."""
    topic = (asset.topic or "").strip().lower()
    return topic if topic in BIG_FIVE else OTHER


def stage_of(asset: Asset) -> str:
    """top, middle or bottom; "" where it is not known."""
    stage = (asset.funnel_stage or "").strip().lower()
    return stage if stage in STAGES else ""


def topics(ds: Dataset, filters: Filters, model: str, second: str, found: Known) -> Topics:
    """What is there of each topic, what it cost, and what it is credited with under two rules."""
    pieces = assets(ds, filters, (model, second), found)
    life = {piece.asset_id: piece.credit[model] for piece in assets(ds, ALL_TIME, (model,), found)}
    where = {piece.asset_id: (topic_of(piece), stage_of(piece)) for piece in pieces}
    uses = _used_by_segment(ds)
    credits = {rule: _by_segment(ds, rule, filters) for rule in dict.fromkeys((model, second))}
    found_cells: dict[tuple[str, str, str], dict[str, float]] = {}

    def at(asset_id: str, segment: str) -> dict[str, float]:
        return found_cells.setdefault(
            (*where[asset_id], segment),
            dict.fromkeys(("pieces", "cost", "revenue", "other", "pipeline", "used_in", "earned"), 0.0),
        )

    for piece in pieces:
        used = uses.get(piece.asset_id, {})
        if not piece.is_public and not used:
            continue
        parts = used or {"": 1}
        cost = largest_remainder(
            [float(piece.cost or 0) * count / sum(parts.values()) for count in parts.values()], [(key,) for key in parts]
        )
        for (segment, count), part in zip(parts.items(), cost, strict=True):
            cell = at(piece.asset_id, segment)
            cell["pieces"] += 1 if piece.is_public else 0
            cell["cost"] += float(part)
            cell["used_in"] += count if used else 0
    for rule, name in ((model, "revenue"), (second, "other")):
        for (asset_id, segment), (revenue, pipeline) in credits[rule].items():
            if asset_id in where:
                cell = at(asset_id, segment)
                cell[name] += revenue
                if name == "revenue":
                    cell["pipeline"] += pipeline
    for (asset_id, segment), (revenue, _) in _by_segment(ds, model, ALL_TIME).items():
        if asset_id in where:
            at(asset_id, segment)["earned"] += revenue
    cells = tuple(
        Cell(
            topic, stage, segment, int(sums["pieces"]), 0, round(sums["cost"], 2), round(sums["revenue"], 2), round(sums["other"], 2),
            round(sums["pipeline"], 2), int(sums["used_in"]), round(sums["earned"], 2),
        )
        for (topic, stage, segment), sums in sorted(found_cells.items())
    )  # fmt: skip
    whole = tuple(
        _whole(topic, stage, pieces, cells, (model, second), life) for topic in (*BIG_FIVE, OTHER) for stage in (*STAGES, "")
    )
    segments = tuple(sorted({cell.segment for cell in cells}, key=lambda name: (not name, name)))
    return Topics(
        cells,
        tuple(cell for cell in whole if cell.stage or cell.pieces or cell.revenue),
        segments,
        _demand(ds),
        _made(pieces),
        pieces,
    )


def _whole(
    topic: str, stage: str, pieces: Sequence[Asset], cells: Sequence[Cell], rules: tuple[str, str], life: Mapping[str, float]
) -> Cell:
    """One topic and stage: each piece once, with the credit that the content page shows."""
    theirs = [piece for piece in pieces if (topic_of(piece), stage_of(piece)) == (topic, stage)]
    parts = [cell for cell in cells if (cell.topic, cell.stage) == (topic, stage)]
    model, second = rules
    return Cell(
        topic, stage, "", len([piece for piece in theirs if piece.is_public]), len([piece for piece in theirs if piece.status in COMING]),
        round(sum(cell.cost for cell in parts), 2), round(sum(piece.credit[model] for piece in theirs), 2),
        round(sum(piece.credit[second] for piece in theirs), 2), round(sum(piece.credit_pipeline[model] for piece in theirs), 2),
        sum(cell.used_in for cell in parts), round(sum(life[piece.asset_id] for piece in theirs), 2),
    )  # fmt: skip


def _sum(cells: Sequence[Cell], topic: str, stage: str, segment: str) -> Cell:
    return Cell(
        topic, stage, segment, sum(cell.pieces for cell in cells), sum(cell.coming for cell in cells), round(sum(cell.cost for cell in cells), 2),
        round(sum(cell.revenue for cell in cells), 2), round(sum(cell.other for cell in cells), 2), round(sum(cell.pipeline for cell in cells), 2),
        sum(cell.used_in for cell in cells), round(sum(cell.earned for cell in cells), 2),
    )  # fmt: skip


def _by_segment(ds: Dataset, model: str, filters: Filters) -> dict[tuple[str, str], tuple[float, float]]:
    """(content, segment) → credited revenue and pipeline."""
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for row in ds.credit_rows(model, ["asset", "segment"], ["revenue", "pipeline"], filters):
        asset, segment = row["asset"] or "", row["segment"] or ""
        if asset:
            before = found.get((asset, segment), (0.0, 0.0))
            found[asset, segment] = (before[0] + row["revenue"], before[1] + row["pipeline"])
    return found


def _used_by_segment(ds: Dataset) -> dict[str, dict[str, int]]:
    """Content → segment → deals in which it was used, all time."""
    rows = ds.rows(
        "select uses.asset_id, coalesce(deals.segment, ''), count(*) from marts.asset_uses as uses "
        "inner join marts.deals as deals on uses.deal_id = deals.deal_id group by uses.asset_id, coalesce(deals.segment, '') order by 1, 2"
    )
    found: dict[str, dict[str, int]] = {}
    for asset_id, segment, count in rows:
        found.setdefault(asset_id, {})[segment] = count
    return found


def _demand(ds: Dataset) -> dict[str, Demand]:
    """Topic → what buyers asked about it, all time."""
    rows = ds.rows(
        "select lower(trim(coalesce(topic, ''))) as asked_about, count(*), count(case when asset_id is null then 1 end), count(distinct deal_id) "
        "from raw.questions group by lower(trim(coalesce(topic, ''))) order by asked_about"
    )
    found: dict[str, Demand] = {}
    for topic, count, unanswered, deals in rows:
        key = topic if topic in BIG_FIVE else OTHER
        before = found.get(key, Demand())
        found[key] = Demand(before.questions + count, before.unanswered + unanswered, before.deals + deals)
    return found


def _made(pieces: Sequence[Asset]) -> tuple[Made, ...]:
    """Quarters in which something was published, from the first to the last, gaps as empty quarters."""
    dated = [(piece, piece.published_on) for piece in pieces if piece.published_on]
    if not dated:
        return ()
    quarters = _quarters(min(day for _, day in dated), max(day for _, day in dated))
    found = {key: [0, 0, 0.0, 0.0] for key in quarters}
    for piece, day in dated:
        sums, other = found[_quarter(day)], 0 if topic_of(piece) in BIG_FIVE else 1
        sums[other] += 1
        sums[2 + other] += float(piece.cost or 0)
    return tuple(Made(key, int(sums[0]), int(sums[1]), round(sums[2], 2), round(sums[3], 2)) for key, sums in found.items())


def _quarter(day: date) -> str:
    return f"{day.year}-Q{(day.month - 1) // 3 + 1}"


def _quarters(first: date, last: date) -> list[str]:
    start, end = first.year * 4 + (first.month - 1) // 3, last.year * 4 + (last.month - 1) // 3
    return [f"{place // 4}-Q{place % 4 + 1}" for place in range(start, end + 1)]
