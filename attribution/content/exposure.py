"""Who used it among won and among lost deals: shares, their ratio (lift) and its likely range, up to the same point of every deal.

Late in a long deal everything has been read, so deals are compared at one point: an age in days, or the moment they entered a stage. A
use counts before that point, and a deal counts if it got that far: one that ended sooner, or never entered the stage, had less time to
read, whatever it read (a landmark analysis: Anderson, Cain, Gelber 1983, J Clin Oncol 1(11)). No proof of a cause: good deals may
simply read more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attribution.answers.words import ENOUGH_DEALS
from attribution.content.assets import uses_of
from attribution.filters import ALL_TIME, Filters
from attribution.query import deal_condition

if TYPE_CHECKING:
    from attribution.dataset import Dataset

AGES = (0, 14, 30, 60, 90, 120, 180, 365)
# The normal quantile of a two-sided 90 % interval.
Z90 = 1.6448536269514722
DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Exposure:
    """One piece of content at that point: ``won_with`` of ``won_all`` won deals had used it, ``lost_with`` of ``lost_all`` lost ones."""

    won_with: int
    won_all: int
    lost_with: int
    lost_all: int

    @property
    def won_share(self) -> float | None:
        """The share of won deals that had used it; None without won deals."""
        return self.won_with / self.won_all if self.won_all else None

    @property
    def lost_share(self) -> float | None:
        """The share of lost deals that had used it; None without lost deals."""
        return self.lost_with / self.lost_all if self.lost_all else None

    @property
    def lift(self) -> float | None:
        """Won share ÷ lost share; None where no lost deal used it or there is nothing to divide."""
        return self.won_share / self.lost_share if self.won_share is not None and self.lost_share else None

    @property
    def enough(self) -> bool:
        """Whether there are enough deals to say anything: of won, of lost, and of those that used it."""
        return min(self.won_all, self.lost_all, self.won_with + self.lost_with) >= ENOUGH_DEALS

    @property
    def interval(self) -> tuple[float, float] | None:
        """The likely range of the lift (90 %); None without won, lost or any use.

        On the logarithm of the ratio (Katz et al. 1978, Biometrics 34); where a count leaves no spread, half a deal is added to each of the four.
        """
        if not self.won_all or not self.lost_all or not self.won_with + self.lost_with:
            return None
        cells = (float(self.won_with), float(self.won_all), float(self.lost_with), float(self.lost_all))
        if not self.won_with or not self.lost_with or (self.won_with == self.won_all and self.lost_with == self.lost_all):
            cells = (cells[0] + 0.5, cells[1] + 1.0, cells[2] + 0.5, cells[3] + 1.0)
        won_with, won_all, lost_with, lost_all = cells
        middle = math.log((won_with / won_all) / (lost_with / lost_all))
        spread = Z90 * math.sqrt(1 / won_with - 1 / won_all + 1 / lost_with - 1 / lost_all)
        return math.exp(middle - spread), math.exp(middle + spread)

    @property
    def low(self) -> float | None:
        """The lower end of the likely range."""
        return self.interval[0] if self.interval else None

    @property
    def high(self) -> float | None:
        """The upper end of the likely range."""
        return self.interval[1] if self.interval else None

    @property
    def no_difference(self) -> bool:
        """Whether the likely range holds 1: won and lost deals may use it alike."""
        return self.interval is None or self.interval[0] <= 1 <= self.interval[1]


NOTHING = Exposure(0, 0, 0, 0)


def exposures(
    ds: Dataset, filters: Filters = ALL_TIME, before_days: int | None = None, before_stage: str | None = None
) -> dict[str, Exposure]:
    """Content → its exposure among the closed deals that the filters keep; content that none of them used is not there.

    ``before_stage``: uses before a deal entered it; else ``before_days`` after it was opened (0: before it was opened); default: ``default_age``.
    """
    here = ds.resolve(filters)
    uses, parameters = uses_of(here)
    until, at = _until(default_age(ds, filters) if before_days is None else before_days, before_stage)
    compared, asked = _compared(here, until, at)
    rows = ds.rows(
        f"with {compared}, "
        "totals as (select count(case when status = 'won' then 1 end) as won_all, count(case when status = 'lost' then 1 end) as lost_all from compared), "
        "used as (select uses.asset_id as asset_id, count(case when compared.status = 'won' then 1 end) as won_with, "
        "count(case when compared.status = 'lost' then 1 end) as lost_with "
        f"from {uses} as uses inner join compared on uses.deal_id = compared.deal_id where uses.first_us < compared.until_us group by uses.asset_id) "
        "select used.asset_id, used.won_with, totals.won_all, used.lost_with, totals.lost_all from used cross join totals order by used.asset_id",
        [*asked, *parameters],
    )
    return {row[0]: Exposure(*row[1:]) for row in rows}


def compared_deals(
    ds: Dataset, filters: Filters = ALL_TIME, before_days: int | None = None, before_stage: str | None = None
) -> tuple[int, int]:
    """Won and lost deals that got to that point."""
    until, at = _until(default_age(ds, filters) if before_days is None else before_days, before_stage)
    compared, asked = _compared(ds.resolve(filters), until, at)
    row = ds.rows(
        f"with {compared} select count(case when status = 'won' then 1 end), count(case when status = 'lost' then 1 end) from compared",
        asked,
    )[0]
    return row[0], row[1]


def default_age(ds: Dataset, filters: Filters = ALL_TIME) -> int:
    """The round number of days (AGES) nearest to the age that two thirds of the won and lost deals reached: at the median age half would be left out."""
    where = deal_condition(ds.resolve(filters))
    rows = ds.rows(
        f"select quantile_cont(cycle_days, {1 / 3}) from marts.deals as deals where status <> 'open' and {where.sql}",
        where.parameters,
    )
    return min(AGES[1:], key=lambda days: abs(days - (rows[0][0] or 0)))


def stages(ds: Dataset) -> tuple[str, ...]:
    """The stages that open deals go through, in the order in which deals enter them; the stages of the end (won, lost) are left out."""
    rows = ds.rows(
        "with entered as (select changes.deal_id as deal_id, changes.deal_stage as deal_stage, min(to_us(changes.entered_at)) as entered_us "
        "from raw.deal_stage_changes as changes group by changes.deal_id, changes.deal_stage), "
        "placed as (select entered.deal_stage as deal_stage, entered.entered_us - deals.created_us as after_us, "
        "case when deals.closed_us is not null and entered.entered_us >= deals.closed_us - 86400000000 then 1 else 0 end as is_end "
        "from entered inner join marts.deals as deals on entered.deal_id = deals.deal_id) "
        "select deal_stage from placed group by deal_stage having avg(is_end) < 0.5e0 order by median(after_us), deal_stage"
    )
    return tuple(row[0] for row in rows)


def _until(before_days: int, before_stage: str | None) -> tuple[str, list[object]]:
    """SQL of the point in time of each deal, NULL where it did not get there, and its parameters."""
    if before_stage is None:
        return f"deals.created_us + cast(? as bigint) * {DAY_US}", [before_days]
    return (
        "(select min(to_us(changes.entered_at)) from raw.deal_stage_changes as changes where changes.deal_id = deals.deal_id and changes.deal_stage = ?)",
        [before_stage],
    )


def _compared(here: Filters, until: str, at: list[object]) -> tuple[str, list[object]]:
    """SQL of the closed deals that got to the point, with it."""
    where = deal_condition(here)
    return (
        f"closed as (select deals.deal_id as deal_id, deals.status as status, deals.closed_us as closed_us, {until} as until_us "
        f"from marts.deals as deals where deals.status <> 'open' and {where.sql}), "
        "compared as (select deal_id, status, until_us from closed where until_us <= closed_us)",
        [*at, *where.parameters],
    )


def of(found: Mapping[str, Exposure], asset_id: str) -> Exposure:
    """The exposure of one piece; where no deal used it, of nobody among all that were compared."""
    some = next(iter(found.values()), NOTHING)
    return found.get(asset_id, Exposure(0, some.won_all, 0, some.lost_all))
