"""The month around the deals: traffic and leads from content, what its won revenue is credited to, and every deal that was won."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from attribution import cubes
from attribution.charts import formats
from attribution.filters import Filters
from attribution.periods import add_months
from attribution.query import UNATTRIBUTED
from attribution.rounding import largest_remainder
from attribution.spotlight.drawn import slot_of

if TYPE_CHECKING:
    from attribution.dataset import Dataset

MONTHS_SHOWN = 13  # of a sparkline: the month, and back to the same one a year before
OTHER, NOT_CONTENT = "Other topics", "Not content: calls, fairs, ads"
_EPOCH = datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC"))

# Views of each month: counted by a tool, of each asset the fullest kind of period; of assets never counted, their touches.
_VIEWS = """
with counted as (
    select asset_id, date_trunc('month', observed_on) as month_on, period, sum(value) as views
    from raw.activity_counts
    where metric = 'page_views' and coalesce(aggregation, 'sum') = 'sum' and asset_id is not null
    group by asset_id, date_trunc('month', observed_on), period
),
fullest as (
    select asset_id, month_on, max(views) as views from counted group by asset_id, month_on
),
touched as (
    select touches.asset_id as asset_id, date_trunc('month', touches.occurred_on) as month_on, cast(count(*) as double) as views
    from touches.touches as touches
    left join (select distinct asset_id from fullest) as known on touches.asset_id = known.asset_id
    where touches.asset_id is not null and known.asset_id is null and touches.occurred_on between ? and ?
    group by touches.asset_id, date_trunc('month', touches.occurred_on)
)
select strftime(month_on, '%Y-%m') as month, sum(views)
from (select month_on, views from fullest union all select month_on, views from touched) as every
where month_on between ? and ?
group by 1
"""
# Won deals of some months, and those in which content took part. The model's column is the registry's.
_WON = """
with used as (
    select deal_id, sum({column}) as weight from {source} where asset_id is not null group by deal_id
)
select
    deals.deal_id, strftime(deals.closed_on, '%Y-%m'), deals.amount, used.deal_id is not null, coalesce(used.weight, 0),
    deals.name, deals.account_name, deals.segment, deals.industry, deals.country
from marts.deals as deals
left join used on deals.deal_id = used.deal_id
where deals.status = 'won' and deals.closed_on between ? and ?
order by deals.amount desc, deals.deal_id
"""


@dataclass(frozen=True)
class WonDeal:
    """A won deal; ``weight``: the part of it that the agreed rule credits to content."""

    deal_id: str
    month: str
    amount: Decimal
    has_content: bool
    weight: float
    name: str | None
    account_name: str | None
    segment: str | None
    industry: str | None
    country: str | None


@dataclass(frozen=True)
class Topic:
    """What a topic of content is credited with; ``code`` is empty for what is not content and for Unattributed."""

    label: str
    slot: str
    amount: Decimal
    is_content: bool = True


@dataclass(frozen=True)
class MonthFacts:
    """A month and the twelve before it, oldest first. ``topics``: of the month, largest first, then what is no content; they add up to ``won``."""

    months: tuple[str, ...]
    views: tuple[float, ...]
    leads: tuple[int, ...]
    deals: tuple[WonDeal, ...]
    topics: tuple[Topic, ...]
    content: Decimal
    share_before: float | None
    top_piece: tuple[str, int]

    @property
    def won(self) -> tuple[WonDeal, ...]:
        """The deals of the month itself, largest first."""
        return tuple(deal for deal in self.deals if deal.month == self.months[-1])

    @property
    def amount(self) -> Decimal:
        """What was won in the month."""
        return sum((deal.amount for deal in self.won), Decimal("0.00"))

    def took_part(self, month: str) -> tuple[int, int, Decimal]:
        """Of a month: deals won, deals in which content took part, and the amount of these."""
        won = [deal for deal in self.deals if deal.month == month]
        used = [deal for deal in won if deal.has_content]
        return len(won), len(used), sum((deal.amount for deal in used), Decimal("0.00"))


def month_facts(ds: Dataset, first: date, last: date) -> MonthFacts:
    """The facts of the month from ``first`` to ``last``."""
    begins = [add_months(first, -back) for back in range(MONTHS_SHOWN - 1, -1, -1)]
    months = tuple(day.strftime("%Y-%m") for day in begins)
    views = {row[0]: float(row[1]) for row in ds.rows(_VIEWS, [begins[0], last, begins[0], last])}
    rule = ds.settings.model(ds.settings.reporting.model)
    won = _WON.format(column=rule.column, source=cubes.source("credits.asset_id", models=[rule]))
    deals = tuple(WonDeal(*row) for row in ds.rows(won, [begins[0], last]))
    topics = topics_of(ds, Filters(date_from=first, date_to=last))
    before = topics_of(ds, Filters(date_from=add_months(first, -1), date_to=first - timedelta(days=1)))
    whole = sum((topic.amount for topic in before), Decimal(0))
    earlier = float(sum((topic.amount for topic in before if topic.is_content), Decimal(0)) / whole) if whole else None
    return MonthFacts(
        months, tuple(views.get(month, 0.0) for month in months), _leads(ds, begins, last), deals, topics,
        sum((topic.amount for topic in topics if topic.is_content), Decimal("0.00")), earlier, _top_piece(ds, first, last),
    )  # fmt: skip


def topics_of(ds: Dataset, filters: Filters) -> tuple[Topic, ...]:
    """What the won revenue is credited to under the agreed rule, as ``credit --by topic`` says it; what has no topic is told apart by having content."""
    model = ds.settings.reporting.model
    rows = [
        (_code(row["topic"]), _cents(row["revenue"]))
        for row in ds.credit(model, ["topic"], ["revenue"], filters).to_dict("records")
    ]
    labels = ds.labels("topic")
    named: dict[str, list[Decimal]] = {}
    apart = {"": Decimal("0.00"), UNATTRIBUTED: Decimal("0.00")}
    for code, amount in rows:
        if code in apart:
            apart[code] += amount
        else:
            named.setdefault(slot_of(code), []).append(amount)
    without = ds.metrics(["revenue"], ["topic", "asset"], filters, model)
    loose = [
        (bool(_code(row["asset"])), float(row["revenue"])) for row in without.to_dict("records") if _code(row["topic"]) == ""
    ]
    parts = [sum(value for has_content, value in loose if has_content is flag) for flag in (True, False)]
    untold, other = (
        largest_remainder(parts, [("content",), ("no content",)], apart[""]) if apart[""] else (Decimal(0), Decimal(0))
    )
    if untold:
        named.setdefault("other", []).append(untold)
    found = [
        Topic(OTHER if slot == "other" else labels.get(slot) or formats.words(slot), slot, sum(amounts, Decimal("0.00")))
        for slot, amounts in named.items()
        if sum(amounts, Decimal(0))
    ]
    found.sort(key=lambda topic: (topic.slot == "other", -topic.amount, topic.label))
    if other:
        found.append(Topic(NOT_CONTENT, "neutral", other, False))
    if apart[UNATTRIBUTED]:
        found.append(Topic(UNATTRIBUTED, "neutral", apart[UNATTRIBUTED], False))
    return tuple(found)


def _leads(ds: Dataset, begins: Sequence[date], last: date) -> tuple[int, ...]:
    """People whose touch with content made them a lead, by the month in which the CRM first knew them."""
    zone = ZoneInfo(ds.settings.reporting.time_zone)
    edges = [_us(day, zone) for day in (*begins, last + timedelta(days=1))]
    columns = ", ".join("count(case when created_us >= ? and created_us < ? then 1 end)" for _ in begins)
    bounds = [edge for pair in pairwise(edges) for edge in pair]
    row = ds.rows(f"select {columns} from marts.lead_touches where asset_id is not null", bounds)[0]
    return tuple(int(value) for value in row)


def _top_piece(ds: Dataset, first: date, last: date) -> tuple[str, int]:
    """The piece that most won deals of the month used, and how many did."""
    rows = ds.rows(
        "select uses.asset_id, count(*) from marts.asset_uses as uses inner join marts.deals as deals on uses.deal_id = deals.deal_id "
        "where deals.status = 'won' and deals.closed_on between ? and ? group by uses.asset_id "
        "order by count(*) desc, sum(deals.amount) desc, uses.asset_id limit 1",
        [first, last],
    )
    return (ds.labels("asset").get(rows[0][0], rows[0][0]), rows[0][1]) if rows else ("", 0)


def _us(day: date, zone: ZoneInfo) -> int:
    return round((datetime(day.year, day.month, day.day, tzinfo=zone) - _EPOCH).total_seconds()) * 1_000_000


def _code(value: object) -> str:
    return "" if value is None or value != value else str(value)


def _cents(value: float) -> Decimal:
    return Decimal(repr(round(float(value), 2))).quantize(Decimal("0.01"))
