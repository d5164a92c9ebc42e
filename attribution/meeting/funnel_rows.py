"""The numbers of the one funnel: each stage with who entered it, how many moved on in how many days, and what it is worth.

People until they stand for a deal (raw.lifecycle_changes through ``stages.steps``), then deals opened and won (marts.deals). Rates are of
people and deals who have had their time: those who entered in the 90 days that ended ``within`` days ago, and in the 90 before; both had
``within`` days, in which four of five who move on do so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from attribution.meeting import spans, stages
from attribution.meeting.block import FEWEST_FOR_RATE, Context
from attribution.meeting.spans import DAY_US, Span

if TYPE_CHECKING:
    from attribution.dataset import Dataset

T = TypeVar("T")

OPENED, WON = "deal opened", "deal won"
NAMES = {OPENED: "Deal opened", WON: "Deal won"}
YEAR = 365  # days of which the usual time to move on is read
MOST_OF_THEM = 0.8
SHORTEST, LONGEST, USUAL = 7, 180, 30  # days that ``within`` may have; and where hardly anybody moved on
FEWEST_FOR_MEDIAN = 3
CHANCE = 1.645  # standard errors within which nine of ten differences by chance lie


@dataclass(frozen=True)
class Rate:
    """How many of some moved on. ``share`` is None where they are too few to say."""

    moved: int
    of: int

    @property
    def share(self) -> float | None:
        """The part that moved on, 0–1."""
        return self.moved / self.of if self.of >= FEWEST_FOR_RATE else None

    @property
    def likely(self) -> tuple[float, float]:
        """The range in which the share likely lies (90 %, Wilson's interval)."""
        square = CHANCE**2
        middle = (self.moved + square / 2) / (self.of + square)
        half = CHANCE * math.sqrt(self.moved * (self.of - self.moved) / self.of + square / 4) / (self.of + square)
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True)
class Row:
    """One stage; pairs are (last 90 days, 90 days before). ``money``: of people the amount of deals that were opened since with one of them, each
    deal once; ``rates`` and ``cohorts``: of those who have had their time; ``days``: median until they moved on, by the day they did; ``left``:
    recycled, disqualified, churned or lost from here."""

    stage: str
    entered: tuple[int, int]
    money: tuple[float, float]
    deals: tuple[int, int]
    within: int = 0
    rates: tuple[Rate, Rate] | None = None
    cohorts: tuple[Span, Span] | None = None
    days: tuple[float | None, float | None] = (None, None)
    left: tuple[int, int] = (0, 0)

    @property
    def name(self) -> str:
        """The stage in words."""
        return NAMES.get(self.stage) or stages.name(self.stage)

    @property
    def fall(self) -> float | None:
        """What is left of the earlier rate, 1 where it did not change; None where one of the two is unknown or was zero."""
        if self.rates is None or self.rates[0].share is None or not self.rates[1].share:
            return None
        return self.rates[0].share / self.rates[1].share

    @property
    def is_chance(self) -> bool:
        """Whether a difference of this size can well be chance."""
        if self.rates is None:
            return True
        now, before = self.rates
        together = (now.moved + before.moved) / (now.of + before.of)
        error = math.sqrt(together * (1 - together) * (1 / now.of + 1 / before.of))
        return error == 0 or abs(now.moved / now.of - before.moved / before.of) < CHANCE * error


@dataclass(frozen=True)
class Returns:
    """Moves that are no step forward; pairs as in Row. ``reasons``: of the last 90 days, most frequent first."""

    kind: str
    counts: tuple[int, int]
    reasons: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Funnel:
    """The funnel, and the steps of people (``stages.steps``) it was counted from."""

    rows: tuple[Row, ...]
    returns: tuple[Returns, ...]
    windows: tuple[Span, Span]
    steps: pd.DataFrame
    deals: pd.DataFrame
    never: tuple[str, ...]

    @property
    def leak(self) -> Row | None:
        """The step whose rate fell to the smallest part of what it was, which costs the most wins; differences beyond chance come first."""
        fell = [row for row in self.rows if row.fall is not None and row.fall < 1]
        return min(fell, key=lambda row: (row.is_chance, row.fall or 0.0), default=None)

    @property
    def narrowest(self) -> Row | None:
        """The step that lets the smallest part through."""
        known = [row for row in self.rows if row.rates and row.rates[0].share is not None]
        return min(known, key=lambda row: row.rates[0].share or 0.0 if row.rates else 0.0, default=None)

    @property
    def focus(self) -> Row | None:
        """The step to talk about: the leak where it is more than chance, else the narrowest."""
        leak = self.leak
        return leak if leak is not None and not leak.is_chance else self.narrowest


def funnel(context: Context) -> Funnel:
    """The funnel as the meeting sees it."""
    ds, last = context.ds, spans.last_day(context)
    since = last - timedelta(days=YEAR)
    since_us, now_us = spans.of_days(ds, since, last).from_us, spans.now_us(context)
    known, windows = stages.lifecycle(ds), spans.rolling(context)
    steps = stages.steps(ds, now_us, "entered_us >= ? or next_us >= ?", (since_us, since_us))
    deals = _deals(ds, since_us, spans.of_days(ds, last, last).before_us)
    people = _people(ds)
    rows, never = [], []
    for stage in known.of_people:
        here = steps[steps.stage_rank == known.ranks[stage]]
        if len(here):
            rows.append(_row_of_people(context, stage, here, len(known.forward), deals, people, since_us))
        else:
            never.append(stage)
    rows += _rows_of_deals(context, deals, since_us)
    return Funnel(tuple(rows), _returns(steps, known, windows), windows, steps, deals, tuple(never))


def moved_on(here: pd.DataFrame, forward: int) -> pd.Series:
    """Which steps ended with a later stage forward."""
    return (here.next_rank > here.stage_rank) & (here.next_rank <= forward)


def within(entered: pd.Series, span: Span) -> pd.Series:
    """Which moments lie in a span."""
    return (entered >= span.from_us) & (entered < span.before_us)


def usual_days(days: pd.Series) -> int:
    """In how many whole days four of five who move on do so."""
    if len(days) < FEWEST_FOR_RATE:
        return USUAL
    found = math.ceil(float(np.quantile(days.to_numpy(), MOST_OF_THEM, method="inverted_cdf")))
    return min(LONGEST, max(SHORTEST, found))


def _row_of_people(
    context: Context, stage: str, here: pd.DataFrame, forward: int, deals: pd.DataFrame, people: pd.DataFrame, since_us: int
) -> Row:
    windows, moves = spans.rolling(context), moved_on(here, forward)
    days = (here.next_us - here.entered_us) / DAY_US
    limit = usual_days(days[moves & (here.next_us >= since_us)])
    cohorts = spans.rolling(context, ended=limit + 1)
    in_time = moves & (here.next_us <= here.entered_us + limit * DAY_US)
    lost = here.next_rank >= stages.SIDE
    opened = [_opened_since(here[within(here.entered_us, span)], deals, people) for span in windows]
    rates = [
        Rate(int((in_time & within(here.entered_us, span)).sum()), int(within(here.entered_us, span).sum())) for span in cohorts
    ]
    return Row(
        stage, _both(int(within(here.entered_us, span).sum()) for span in windows), _both(amount for amount, _ in opened),
        _both(number for _, number in opened), limit, _both(rates), cohorts,
        _both(_median(days[moves & within(here.next_us, span)]) for span in windows),
        _both(int((lost & within(here.next_us, span)).sum()) for span in windows),
    )  # fmt: skip


def _rows_of_deals(context: Context, deals: pd.DataFrame, since_us: int) -> list[Row]:
    windows = spans.rolling(context)
    won, days = deals.status == "won", (deals.closed_on - deals.created_on).dt.days
    limit = usual_days(days[won & (deals.closed_us >= since_us)])
    cohorts = spans.rolling(context, ended=limit + 1)
    opened = [deals[_on(deals.created_on, span)] for span in windows]
    wins = [deals[won & _on(deals.closed_on, span)] for span in windows]
    rates = [
        Rate(int((won & (days <= limit) & _on(deals.created_on, span)).sum()), int(_on(deals.created_on, span).sum()))
        for span in cohorts
    ]
    return [
        Row(
            OPENED, _both(len(part) for part in opened), _both(round(float(part.amount.sum()), 2) for part in opened),
            _both(len(part) for part in opened), limit, _both(rates), cohorts,
            _both(_median(days[won & _on(deals.closed_on, span)]) for span in windows),
            _both(int(((deals.status == "lost") & _on(deals.closed_on, span)).sum()) for span in windows),
        ),
        Row(
            WON, _both(len(part) for part in wins), _both(round(float(part.amount.sum()), 2) for part in wins),
            _both(len(part) for part in wins),
        ),
    ]  # fmt: skip


def came_back(steps: pd.DataFrame, known: stages.Lifecycle) -> pd.Series:
    """Which steps came back from a stage of LEFT, or as won back."""
    won_back = known.ranks.get(stages.WON_BACK, -1)
    returned = (steps.stage_rank <= len(known.forward)) & (steps.previous_rank >= stages.SIDE) & (steps.previous_rank != won_back)
    return (steps.stage_rank == won_back) | returned


def moved_back(steps: pd.DataFrame, known: stages.Lifecycle) -> pd.Series:
    """Which steps led to an earlier stage."""
    return (steps.stage_rank < steps.previous_rank) & (steps.previous_rank <= len(known.forward))


def of_kind(steps: pd.DataFrame, known: stages.Lifecycle, kind: str) -> pd.Series:
    """Which steps are of a kind: "came back", "moved back", or the entering of a stage."""
    if kind == "came back":
        return came_back(steps, known)
    return moved_back(steps, known) if kind == "moved back" else steps.stage_rank == known.ranks.get(kind, -1)


def _returns(steps: pd.DataFrame, known: stages.Lifecycle, windows: tuple[Span, Span]) -> tuple[Returns, ...]:
    """Who left, came back or moved back, by kind."""
    found = []
    for kind in (*(stage for stage in stages.LEFT if stage in known.ranks), "came back", "moved back"):
        chosen = of_kind(steps, known, kind)
        counts = _both(int((chosen & within(steps.entered_us, span)).sum()) for span in windows)
        reasons = steps.reason[chosen & within(steps.entered_us, windows[0])].dropna().value_counts()
        ordered = sorted(
            ((str(reason), int(number)) for reason, number in reasons.items()), key=lambda entry: (-entry[1], entry[0])
        )
        if any(counts):
            found.append(Returns(kind, counts, tuple(ordered)))
    return tuple(found)


def _deals(ds: Dataset, since_us: int, before_us: int) -> pd.DataFrame:
    """Deals that were opened or closed since a moment; what closed after the meeting's day is open."""
    found = ds.frame(
        "select deal_id, name, account_name, owner_name, segment, deal_stage, created_us, created_on, cast(coalesce(amount, 0) as double) as amount, "
        "case when closed_us < ? then status else 'open' end as status, case when closed_us < ? then closed_us else -1 end as closed_us, "
        "case when closed_us < ? then closed_on end as closed_on "
        "from marts.deals where created_us < ? and (created_us >= ? or closed_us >= ? or status = 'open') order by deal_id",
        [before_us, before_us, before_us, before_us, since_us, since_us],
    )
    return found.assign(created_on=pd.to_datetime(found.created_on), closed_on=pd.to_datetime(found.closed_on))


def _people(ds: Dataset) -> pd.DataFrame:
    """Whose touches count for a deal, as everywhere."""
    return ds.frame("select contact_id, deal_id from journeys.deal_people")


def _opened_since(entered: pd.DataFrame, deals: pd.DataFrame, people: pd.DataFrame) -> tuple[float, int]:
    """Amount and number of the deals that were opened with one of these people on the day they entered or later, each once."""
    joined = entered[["contact_id", "entered_us"]].merge(people, on="contact_id").merge(deals, on="deal_id")
    found = joined[joined.created_us > joined.entered_us - DAY_US].drop_duplicates("deal_id")
    return round(float(found.amount.sum()), 2), len(found)


def _on(days: pd.Series, span: Span) -> pd.Series:
    return (days >= pd.Timestamp(span.first)) & (days <= pd.Timestamp(span.last))


def _median(days: pd.Series) -> float | None:
    return float(days.median()) if len(days) >= FEWEST_FOR_MEDIAN else None


def _both(values: Iterable[T]) -> tuple[T, T]:
    now, before = values
    return now, before
