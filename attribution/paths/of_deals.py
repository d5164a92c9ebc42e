"""The journeys of a database as Paths: one row per deal that was won, lost or has gone quiet, in the order of their ids.

A won deal is a conversion worth its amount; a lost one and an open one without a sign of life for ``stale_days`` are lost journeys; other
open deals may still become either and are left out, as are deals without a touch in their journey. Rows are not merged, so
that whoever draws deals at random or looks one up finds it. From the ledger to arrays without a Python object per touch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from attribution.config import Settings
from attribution.cubes import source
from attribution.errors import QueryError, unknown
from attribution.filters import ALL_TIME, Condition, Filters
from attribution.models.learned import DIMENSION_COLUMNS
from attribution.paths.journeys import Floats, Indices, Paths, code_type

if TYPE_CHECKING:
    from attribution.dataset import Dataset

Ask = Callable[[str, Sequence[Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class DealPaths:
    """``paths``: one row per deal, of the same order as ``deal_ids``, ``statuses`` (won, lost or open: gone quiet) and ``amounts``.

    ``value`` of the paths is the amount of a won deal (a negative one counts as 0), 0 of any other.
    """

    paths: Paths
    deal_ids: tuple[str, ...]
    statuses: tuple[str, ...]
    amounts: Floats
    dimension: str

    def __len__(self) -> int:
        return len(self.deal_ids)

    def how_many(self, status: str) -> int:
        """How many of them are won, lost or open (gone quiet)."""
        return self.statuses.count(status)


def of_deals(
    ds: Dataset, filters: Filters = ALL_TIME, dimension: str | None = None, stale_days: float | None = None
) -> DealPaths:
    """The journeys of the deals that the filters select, in the settings' dimension of Markov models unless another one is named.

    On the date basis closed, a period has no open deals: they have no close date. A filter on touches (channel, campaign) keeps
    deals with such a touch, with their whole journey. Raises QueryError for an unknown dimension or value.
    """
    return read_filtered(ds.arrays, ds.settings, ds.resolve(filters), dimension, stale_days)


def read_filtered(
    ask: Ask, settings: Settings, filters: Filters, dimension: str | None = None, stale_days: float | None = None
) -> DealPaths:
    """``of_deals`` for whoever has no Dataset: the dates of the filters are resolved."""
    deals = filters.where_deals()
    if filters.select_credits:
        touches = filters.where_credits()
        deals = deals & Condition(
            f"exists (select 1 from {source(touches.sql)} as credits where credits.deal_id = deals.deal_id and {touches.sql})",
            touches.parameters,
        )
    return read(ask, settings, "marts.deals", deals, dimension, stale_days)


def read(
    ask: Ask,
    settings: Settings,
    table: str = "staging.deals",
    where: Condition | None = None,
    dimension: str | None = None,
    stale_days: float | None = None,
) -> DealPaths:
    """The journeys of the deals of ``table`` (rows ``deals``) under a condition, from the credits' own tables alone.

    ``ask``: statement and parameters → one array per column.
    """
    dimension = dimension or settings.models.markov.dimension
    if dimension not in DIMENSION_COLUMNS:
        raise QueryError(unknown("dimension", dimension, DIMENSION_COLUMNS))
    stale_us = round((settings.models.markov.stale_days if stale_days is None else stale_days) * 86_400_000_000)
    where = where or Condition("true")
    chosen = _CHOSEN.format(table=table, where=where.sql)
    parameters = (stale_us, *where.parameters)
    deals = ask(f"with {chosen}\nselect deal_id, status, amount from chosen order by number", parameters)
    touches = ask(_TOUCHES.format(chosen=chosen, value=f"coalesce(touches.{DIMENSION_COLUMNS[dimension]}, '')"), parameters)
    names = ask(f"select distinct coalesce({DIMENSION_COLUMNS[dimension]}, '') as value from credits.weights order by value", ())[
        "value"
    ]
    return _as_paths(deals, touches, [str(name) for name in names], dimension)


def read_of_weights(settings: Settings) -> tuple[str, ...]:
    """The columns of ``credits.weights`` that are read for journeys in the settings' dimension."""
    return ("deal_id", "status", "is_last", "occurred_us", "touch_position", DIMENSION_COLUMNS[settings.models.markov.dimension])


# The last sign of life of an open deal: a touch of its journey, a change of its stage, or that it was opened.
_CHOSEN = """signs as (
    select deal_id, max(seen_us) as seen_us
    from (
        select deal_id, occurred_us as seen_us from credits.weights where status = 'open' and is_last
        union all
        select deal_id, to_us(entered_at) as seen_us from raw.deal_stage_changes
    ) as seen
    group by deal_id
),

chosen as (
    select
        deals.deal_id as deal_id,
        deals.status as status,
        cast(deals.amount as double) as amount,
        cast(row_number() over (order by deals.deal_id) - 1 as integer) as number
    from {table} as deals
    inner join credits.totals as totals on deals.deal_id = totals.deal_id
    left join signs on deals.deal_id = signs.deal_id
    cross join staging.as_of as as_of
    where (deals.status <> 'open' or greatest(signs.seen_us, deals.created_us) < as_of.as_of_us - ?)
        and {where}
)"""

_TOUCHES = """with {chosen},

found as (
    select distinct {value} as value from credits.weights as touches
),

coded as (
    select value, cast(row_number() over (order by value) - 1 as integer) as code from found
)

select chosen.number as number, touches.touch_position as position, coded.code as code
from credits.weights as touches
inner join chosen on touches.deal_id = chosen.deal_id
inner join coded on {value} = coded.value
"""


def _as_paths(deals: Mapping[str, Any], touches: Mapping[str, Any], names: list[str], dimension: str) -> DealPaths:
    """Put each touch in its place: journeys one after the other, and in each by position, which counts from 1 without a gap."""
    numbers = np.asarray(touches["number"], np.int64)
    starts = np.zeros(len(deals["deal_id"]) + 1, np.int64)
    np.cumsum(np.bincount(numbers, minlength=len(starts) - 1), out=starts[1:])
    codes = np.empty(len(numbers), code_type(len(names)))
    codes[starts[numbers] + np.asarray(touches["position"], np.int64) - 1] = touches["code"]
    statuses = tuple(str(status) for status in deals["status"])
    amounts = np.asarray(deals["amount"], float)
    won = np.array([status == "won" for status in statuses], bool)
    kept, codes = _used(codes, len(names))
    paths = Paths(
        tuple(names[place] for place in kept),
        codes,
        starts,
        won.astype(float),
        (~won).astype(float),
        np.where(won, np.maximum(amounts, 0), 0.0),
    )
    return DealPaths(paths, tuple(str(key) for key in deals["deal_id"]), statuses, amounts, dimension)


def _used(codes: Indices, names: int) -> tuple[Indices, Indices]:
    """(which names occur; the codes counted among those)."""
    occurs = np.bincount(codes, minlength=names) > 0
    kept = np.flatnonzero(occurs)
    return kept, (np.cumsum(occurs) - 1).astype(code_type(len(kept)))[codes]
