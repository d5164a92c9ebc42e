"""What the quarter will bring: won so far and what open deals are expected to add, and how well this held on the same day of past quarters.

Expected of an open deal = amount × win rate of its stage and segment × the share of past wins that closed within the days that are
left. A deal that is expected to close after the quarter adds nothing to it. Win rates and days come from deals that closed before; stages,
amounts and expected dates are those of the day (``raw.deal_stage_changes``, ``raw.deal_changes``), so a past quarter is judged by what
was known then. Money of past days is converted at the deal's own rate.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from attribution.meeting.block import FEWEST_FOR_RATE
from attribution.meeting.history import History, date_of, decimal_of, recorded
from attribution.meeting.quarters import Quarter, before

if TYPE_CHECKING:
    from attribution.dataset import Dataset

MOST_QUARTERS = 8  # past quarters that the calculation is tested on
FEWEST_QUARTERS = 3  # below this they give no range
ANY = ""  # in place of a stage or segment: every one of them

# Stage or segment → what a rate was counted over.
Key = tuple[str | None, str | None]


@dataclass(frozen=True)
class OpenDeal:
    """One deal that was open on a day, by its company's name. ``win_rate`` and ``in_time`` are shares of 1; ``rate_of``: over what the rate was counted
    ("stage and segment", "stage", "all deals"); ``win_rate`` None: fewer than ten deals had closed."""

    deal_id: str
    name: str
    amount: float
    stage: str | None
    segment: str | None
    expected_on: date | None
    win_rate: float | None
    rate_of: str
    in_time: float

    @property
    def expected(self) -> float:
        """What it is expected to add to the quarter."""
        return self.amount * (self.win_rate or 0.0) * self.in_time


@dataclass(frozen=True)
class Outlook:
    """One quarter as it stood on a day. ``came``: what was won after that day, for a quarter that is over.

    ``dated``: open deals whose expected date on that day is known.
    """

    quarter: Quarter
    day: date
    won: float
    won_deals: int
    deals: tuple[OpenDeal, ...]
    came: float | None = None
    dated: int = 0

    @property
    def expected(self) -> float:
        """What the open deals were expected to add."""
        return sum(deal.expected for deal in self.deals)

    @property
    def ratio(self) -> float | None:
        """What came for each unit that was expected; None while the quarter runs, or where nothing was expected."""
        return self.came / self.expected if self.came is not None and self.expected > 0 else None


@dataclass(frozen=True)
class Forecast:
    """The running quarter and past ones on the same day of theirs, the latest first. Amounts, or deals where the goal counts deals."""

    now: Outlook
    past: tuple[Outlook, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        """What came for each unit expected, of every past quarter that expected something."""
        return tuple(outlook.ratio for outlook in self.past if outlook.ratio is not None)

    @property
    def span(self) -> tuple[float, float] | None:
        """The smallest and the largest of the ratios; None with fewer than three past quarters."""
        return (min(self.ratios), max(self.ratios)) if len(self.ratios) >= FEWEST_QUARTERS else None

    @property
    def likely(self) -> tuple[float, float] | None:
        """Won and expected at the end of the quarter: from the poorest to the best past quarter."""
        if self.span is None:
            return None
        return self.now.won + self.now.expected * self.span[0], self.now.won + self.now.expected * self.span[1]


# Entries of deals into stages; the row without a stage is the opening of the deal, for what is counted over all stages.
_ENTRIES = """
entries as (
    select
        coalesce(deal_ids.deal_id, changes.deal_id) as deal_id,
        changes.deal_stage as stage,
        to_us(changes.entered_at) as entered_us,
        to_local_date(changes.entered_at, reporting.time_zone) as entered_on,
        cast(changes.amount as double) as amount
    from raw.deal_stage_changes as changes
    cross join (select time_zone from config.reporting) as reporting
    left join identity.deal_ids as deal_ids on changes.deal_id = deal_ids.alias
    where changes.entered_at is not null and changes.deal_stage is not null
)
"""

# How past deals ended, by the stage they had been in, and after how many days; a bucket for each day that is looked from.
_ENDED = """
with {entries},

firsts as (
    select deal_id, stage, min(entered_on) as entered_on from entries group by deal_id, stage
    union all
    select deal_id, '' as stage, created_on as entered_on from marts.deals
),

final as (
    select
        case {buckets} end as bucket,
        firsts.stage as stage,
        deals.segment as segment,
        deals.status as status,
        case when deals.status = 'won' then greatest(deals.closed_on - firsts.entered_on, 0) end as days
    from firsts
    inner join marts.deals as deals on firsts.deal_id = deals.deal_id
    where deals.status <> 'open' and deals.closed_on <= ? and (firsts.stage = '' or firsts.entered_on <= deals.closed_on)
)

select bucket, stage, segment, status, days, count(*) as deals
from final
where bucket is not null
group by bucket, stage, segment, status, days
"""

# Deals that were open at the end of a day, with the stage they were in and since when.
_OPEN = """
with {entries},

days as (
    select unnest(cast(? as date[])) as day
),

standing as (
    select
        days.day as day, deals.deal_id as deal_id, coalesce(deals.account_name, deals.name, deals.deal_id) as name, deals.segment as segment,
        deals.created_on as created_on, cast(coalesce(deals.amount, 0) as double) as amount, deals.exchange_rate as exchange_rate,
        deals.expected_close_on as expected_on, deals.status as status
    from days
    inner join marts.deals as deals on deals.created_on <= days.day and (deals.closed_on is null or deals.closed_on > days.day)
),

placed as (
    select
        standing.day as day, standing.deal_id as deal_id, entries.stage as stage, entries.amount as amount,
        row_number() over (
            partition by standing.day, standing.deal_id order by entries.entered_us desc, entries.stage desc, entries.amount
        ) as age,
        min(entries.entered_on) over (partition by standing.day, standing.deal_id, entries.stage) as entered_on
    from standing
    inner join entries on standing.deal_id = entries.deal_id and entries.entered_on <= standing.day
)

select
    standing.day, standing.deal_id, standing.name, standing.segment, standing.created_on, standing.amount, standing.exchange_rate,
    standing.expected_on, standing.status, placed.stage, placed.entered_on, placed.amount
from standing
left join placed on standing.day = placed.day and standing.deal_id = placed.deal_id and placed.age = 1
order by standing.day, standing.deal_id
"""

_WON = """
select closed_on, cast(sum(amount) as double), count(*)
from marts.deals
where status = 'won' and closed_on between ? and ?
group by closed_on
"""


class Past:
    """How deals ended that had closed by a day: win rates by stage and segment, and the days that wins took from there."""

    def __init__(self) -> None:
        self.won: dict[Key, int] = {}
        self.closed: dict[Key, int] = {}
        self.days: dict[Key, list[int]] = {}

    def add(self, stage: str, segment: str | None, status: str, days: int | None, deals: int) -> None:
        """More deals that ended; call ``sort`` before asking."""
        for key in _keys(stage, segment):
            self.closed[key] = self.closed.get(key, 0) + deals
            if status == "won":
                self.won[key] = self.won.get(key, 0) + deals
                self.days.setdefault(key, []).extend([days or 0] * deals)

    def sort(self) -> None:
        """Put the days in order, so that they can be counted."""
        for days in self.days.values():
            days.sort()

    def win_rate(self, stage: str | None, segment: str | None) -> tuple[float | None, str]:
        """(share that was won, over what it was counted): the narrowest of stage and segment, stage, all deals that has ten."""
        for key, words in self._ways(stage, segment):
            if self.closed.get(key, 0) >= FEWEST_FOR_RATE:
                return self.won.get(key, 0) / self.closed[key], words
        return None, ""

    def in_time(self, stage: str | None, segment: str | None, in_stage: int, open_: int, left: int) -> float:
        """Of the wins that took longer than the deal has taken so far, the share that closed within the days that are left."""
        for key, words in self._ways(stage, segment):
            days = self.days.get(key, [])
            if len(days) < FEWEST_FOR_RATE:
                continue
            so_far = open_ if words == "all deals" else in_stage
            passed = bisect_right(days, so_far)
            longer = len(days) - passed
            return (bisect_right(days, so_far + left) - passed) / longer if longer else 0.0
        return 0.0

    def _ways(self, stage: str | None, segment: str | None) -> list[tuple[Key, str]]:
        ways: list[tuple[Key, str]] = [((ANY, ANY), "all deals")]
        if stage:
            ways = [((stage, segment), "stage and segment"), ((stage, ANY), "stage"), *ways]
        return ways


def _keys(stage: str, segment: str | None) -> tuple[Key, ...]:
    return ((ANY, ANY),) if stage == ANY else ((stage, segment), (stage, ANY))


def forecast(ds: Dataset, quarter: Quarter, today: date, counts_deals: bool = False) -> Forecast:
    """The quarter as it stands at the end of a day, and up to eight past ones on the same day of theirs.

    ``counts_deals``: the goal is a number of deals, so every deal counts 1 instead of its amount.
    """
    fiscal_start = ds.settings.reporting.fiscal_year_starts
    known = ds.rows("select min(closed_on) from marts.deals where status <> 'open'")[0][0]
    offset = (today - quarter.first).days
    quarters = [quarter]
    while known is not None and len(quarters) <= MOST_QUARTERS and before(quarters[-1], fiscal_start).first >= known:
        quarters.append(before(quarters[-1], fiscal_start))
    days = {each.first: today if each is quarter else each.day(offset) for each in quarters}
    history = recorded(ds, ("amount", "expected_close_on"))
    standing = _standing(ds, list(days.values()))
    past, outlooks = Past(), []
    won = ds.rows(_WON, [quarters[-1].first, quarter.last])
    ended = _ended(ds, sorted(days.values()))
    for each in reversed(quarters):  # the oldest first: what is known grows
        day = days[each.first]
        for row in ended.get(day, ()):
            past.add(*row)
        past.sort()
        is_over = each is not quarter
        found = [_deal(row, day, each, past, history, counts_deals, is_over) for row in standing.get(day, ())]
        so_far = [row for row in won if each.first <= row[0] <= day]
        after = [row for row in won if day < row[0] <= each.last]
        value = 2 if counts_deals else 1
        outlooks.append(
            Outlook(
                each, day, float(sum(row[value] for row in so_far)), sum(row[2] for row in so_far),
                tuple(deal for deal, _ in found), float(sum(row[value] for row in after)) if is_over else None,
                sum(1 for _, dated in found if dated),
            )
        )  # fmt: skip
    return Forecast(outlooks[-1], tuple(outlook for outlook in reversed(outlooks[:-1]) if outlook.expected > 0))


def _ended(ds: Dataset, days: Sequence[date]) -> Mapping[date, list[tuple[str, str | None, str, int | None, int]]]:
    """Day → the deals that closed up to it and after the day before it in the list, as ``Past.add`` takes them."""
    buckets = " ".join(f"when deals.closed_on <= ? then {place}" for place in range(len(days)))
    sql = _ENDED.format(entries=_ENTRIES.strip(), buckets=buckets)
    found: dict[date, list[tuple[str, str | None, str, int | None, int]]] = {}
    for bucket, *row in ds.rows(sql, [*days, days[-1]]):
        found.setdefault(days[bucket], []).append(tuple(row))
    return found


def _standing(ds: Dataset, days: Sequence[date]) -> Mapping[date, list[tuple[Any, ...]]]:
    found: dict[date, list[tuple[Any, ...]]] = {}
    for row in ds.rows(_OPEN.format(entries=_ENTRIES.strip()), [list(days)]):
        found.setdefault(row[0], []).append(row)
    return found


def _deal(
    row: tuple[Any, ...], day: date, quarter: Quarter, past: Past, history: History, counts_deals: bool, is_over: bool
) -> tuple[OpenDeal, bool]:
    """One deal that was open on a day, as it stood then, and whether its expected date on that day is known."""
    _, deal_id, name, segment, created_on, amount, rate, expected_on, status, stage, entered_on, stage_amount = row
    if is_over or status != "open":
        amount = _amount_then(deal_id, day, amount, rate, stage_amount, history)
        # The date of a closed deal is the day it closed: what was expected is only known where a change of it is recorded.
        is_known, then = history.on(deal_id, "expected_close_on", day)
        expected_on = date_of(then) if is_known else expected_on if status == "open" else None
    win_rate, rate_of = past.win_rate(stage, segment)
    in_stage, open_ = (day - (entered_on or created_on)).days, max((day - created_on).days, 0)
    late = expected_on is not None and expected_on > quarter.last
    in_time = 0.0 if late else past.in_time(stage, segment, in_stage, open_, (quarter.last - day).days)
    value = 1.0 if counts_deals else float(amount)
    return OpenDeal(deal_id, name, value, stage, segment, expected_on, win_rate, rate_of, in_time), expected_on is not None


def _amount_then(
    deal_id: str, day: date, amount: float, rate: float | None, stage_amount: float | None, history: History
) -> float:
    """The amount as it stood: from recorded changes; where none are recorded at all, as noted on entering the stage; else today's."""
    is_known, then = history.on(deal_id, "amount", day)
    if is_known:
        return float(decimal_of(then) or 0) * (rate or 1.0)
    if not history.of_amounts and stage_amount is not None:
        return stage_amount * (rate or 1.0)
    return amount


def shortest(values: Iterable[int], share: float) -> int:
    """The value below which a share of the values lies, by linear interpolation, rounded up to a whole day."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    exactly = ordered[low] + (ordered[high] - ordered[low]) * (place - low)
    return int(exactly) + (1 if exactly > int(exactly) else 0)
