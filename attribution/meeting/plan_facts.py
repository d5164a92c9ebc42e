"""The facts of block 2: the quarter as it stands and is expected to end, its goal, and how long deals take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from attribution.charts import formats
from attribution.meeting import spans
from attribution.meeting.block import FEWEST_FOR_RATE, Context
from attribution.meeting.forecast import Forecast, forecast, shortest
from attribution.meeting.quarters import Quarter, quarter_of
from attribution.meeting.targets import Goal, Target, goal, running

FAST = 0.2  # the share of wins that are the fast ones
YEAR = 365
BEYOND_DAYS = 31  # a meeting is prepared some days ahead, not months
COUNTED = ("won_deals",)  # goals that count deals
FORECAST = (*COUNTED, "won_revenue")  # goals that have a forecast

_DAYS = "select segment, cycle_days from marts.deals where status = 'won' and closed_on > ? and closed_on <= ? order by deal_id"


@dataclass(frozen=True)
class Plan:
    """The quarter against its goal. ``unit``: how a value of the goal's metric is written; ``days``: from opening to winning, of the last wins;
    ``has_rates``: some amounts are converted."""

    quarter: Quarter
    today: date
    forecast: Forecast
    goal: Goal | None
    targets: tuple[Target, ...]
    open_amount: float
    days: tuple[int, ...]
    days_of_segments: tuple[tuple[str, int], ...]
    counts_deals: bool
    currency: str | None
    has_rates: bool = False

    @property
    def total(self) -> float:
        """Won and expected."""
        return self.forecast.now.won + self.forecast.now.expected

    @property
    def is_beyond(self) -> bool:
        """Whether the quarter begins so long after the data ends that nothing can be expected of it."""
        return (self.quarter.first - self.today).days > BEYOND_DAYS

    @property
    def is_unpriced(self) -> bool:
        """Whether deals are open of which none has an amount: what they bring cannot be told, which is not the same as nothing."""
        return bool(self.forecast.now.deals) and not self.counts_deals and not self.open_amount

    @property
    def missing(self) -> float | None:
        """What is still to be won for the goal; 0 where it is reached."""
        return max(self.goal.amount - self.forecast.now.won, 0.0) if self.goal else None

    @property
    def gap(self) -> float | None:
        """The goal less won and expected; negative where more is expected than the goal."""
        return self.goal.amount - self.total if self.goal else None

    @property
    def coverage(self) -> float | None:
        """Open deals ÷ what is still to be won."""
        return self.open_amount / self.missing if self.missing else None

    @property
    def likely(self) -> str:
        """The likely end of the quarter in words; empty where there is no range, or nothing left to come."""
        if self.forecast.likely is None or not self.forecast.now.expected:
            return ""
        return f"likely {self.words(self.forecast.likely[0])} to {self.words(self.forecast.likely[1])}"

    def last_day(self, portion: float) -> date | None:
        """The last day on which a deal can be opened that closes in the quarter, if it takes as long as this portion of the wins."""
        if len(self.days) < FEWEST_FOR_RATE:
            return None
        return self.quarter.last - timedelta(days=shortest(self.days, portion))

    def words(self, value: float | None) -> str:
        """A value of the goal's metric, compact."""
        if self.counts_deals:
            if value is not None and value == round(value):
                return formats.counted(value, "deal")
            return f"{formats.ratio(value)}{formats.SPACE}deals" if value is not None else formats.DASH
        return formats.money(value, self.currency)


def plan(context: Context) -> Plan:
    """The quarter of the meeting's day against its goal."""
    ds = context.ds
    today = spans.last_day(context)
    quarter = quarter_of(context.held_on, ds.settings.reporting.fiscal_year_starts)
    metric = ds.settings.meeting.goal_metric
    made = forecast(ds, quarter, today, metric in COUNTED)
    by_segment: dict[str, list[int]] = {}
    days = []
    for segment, cycle_days in ds.rows(_DAYS, [today - timedelta(days=YEAR), today]):
        days.append(max(int(cycle_days), 0))
        by_segment.setdefault(segment or "", []).append(days[-1])
    return Plan(
        quarter=quarter, today=today, forecast=made,
        goal=goal(ds, quarter) if metric in FORECAST else None,
        targets=running(ds, today, context.held_on),
        open_amount=sum(deal.amount for deal in made.now.deals), days=tuple(days),
        days_of_segments=tuple(
            (segment, shortest(taken, 0.5)) for segment, taken in sorted(by_segment.items(), key=lambda entry: shortest(entry[1], 0.5))
            if segment and len(taken) >= FEWEST_FOR_RATE
        ),
        counts_deals=metric in COUNTED, currency=ds.settings.reporting.currency,
        has_rates=bool(ds.rows("select 1 from marts.deals where exchange_rate <> 1 limit 1")),
    )  # fmt: skip
