"""Who is in a stage longer than most of those that later moved on: open deals, and people before they stand for a deal.

A record is compared with those of its segment that moved on from the same stage to a later one, where they are ten or more, else with all of
them; with fewer than ten nothing is said. It is stuck when it is in its stage longer, in whole days, than four of five of them were.
Stays of at most ``milestone_grace_minutes`` are no stays: systems log several stages in one go.

Reads raw.lifecycle_changes, raw.deal_stage_changes, raw.accounts, touches.touches, journeys.deal_touches, marts.deals and the identities.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attribution.meeting import spans, stages
from attribution.meeting.block import FEWEST_FOR_RATE, Context
from attribution.meeting.spans import DAY_US

if TYPE_CHECKING:
    from attribution.dataset import Dataset

LONGER_THAN = 0.8
DEAL, LEAD = "deal", "lead"


@dataclass(frozen=True)
class Stage:
    """A stage with all that are in it now. ``usual``: the days within which four of five of those that moved on did so, whatever their segment."""

    stage: str
    rank: int
    there: int
    amount: float
    usual: int | None


@dataclass(frozen=True)
class Queue:
    """All deals or all people that are in a stage now. ``here``: one row each with key, stage_rank, segment, entered_us, owner_id, amount, days,
    peers, sooner (how many of the peers moved on sooner), of_segment and is_stuck; ``unplaced``: open deals without a known stage change."""

    kind: str
    stages: tuple[Stage, ...]
    here: pd.DataFrame
    unplaced: int = 0

    @cached_property
    def stuck(self) -> pd.DataFrame:
        """What is stuck: deals by amount, people by the stage that is nearest to a deal, then whoever came last, who is easiest to win back."""
        found = self.here[self.here.is_stuck]
        if self.kind == DEAL:
            return found.sort_values(["amount", "days", "key"], ascending=[False, False, True])
        return found.sort_values(["stage_rank", "days", "key"], ascending=[False, True, True])

    @property
    def at_risk(self) -> float:
        """The amount of what is stuck."""
        return float(self.stuck.amount.sum())


# One row per record that is in a stage now, and one per stage, segment and number of days of those that moved on (key is null, ``movers`` says how many).
_COUNTED = """
select
    case when is_mover then null else key end as key, stage_rank, segment, days, sum(case when is_mover then 1 else 0 end) as movers,
    max(case when not is_mover then entered_us end) as entered_us, max(case when not is_mover then owner_id end) as owner_id,
    max(case when not is_mover then amount end) as amount
from judged
group by case when is_mover then null else key end, stage_rank, segment, days
"""
_OF_PEOPLE = f"""
{stages.STEPS},

judged as (
    select
        final.contact_id as key, final.stage_rank as stage_rank, coalesce(accounts.segment, '') as segment, final.entered_us as entered_us,
        final.owner_id as owner_id, (coalesce(final.next_us, ?) - final.entered_us) // {DAY_US} as days, final.next_rank is not null as is_mover,
        cast(null as double) as amount
    from final
    left join identity.contacts as people on final.contact_id = people.contact_id
    left join raw.accounts as accounts on people.account_id = accounts.account_id
    where final.stage_rank <= ?
        and (final.next_rank is null or (final.next_rank > final.stage_rank and final.next_rank <= ? and final.next_us - final.entered_us > ?))
)
{_COUNTED}"""
_OF_DEALS = f"""
with ranked as (
    select unnest(cast(? as varchar[])) as deal_stage, unnest(cast(? as integer[])) as stage_rank
),

changes as (
    select
        coalesce(deal_ids.deal_id, changes.deal_id) as deal_id, to_us(changes.entered_at) as entered_us, ranked.stage_rank as stage_rank
    from raw.deal_stage_changes as changes
    inner join ranked on changes.deal_stage = ranked.deal_stage
    left join identity.deal_ids as deal_ids on changes.deal_id = deal_ids.alias
    where changes.entered_at is not null and to_us(changes.entered_at) <= ?
),

preceded as (
    select
        deal_id, entered_us, stage_rank, lag(stage_rank) over (partition by deal_id order by entered_us, stage_rank) as previous_rank
    from changes
),

final as (
    select
        deal_id, entered_us, stage_rank, lead(stage_rank) over (partition by deal_id order by entered_us, stage_rank) as next_rank,
        lead(entered_us) over (partition by deal_id order by entered_us, stage_rank) as next_us
    from preceded
    where previous_rank is null or previous_rank <> stage_rank
),

-- A deal is open unless it was closed by now; a step on the day on which a deal was lost leads to its loss and is no move on.
judged as (
    select
        final.deal_id as key, final.stage_rank as stage_rank, coalesce(deals.segment, '') as segment, final.entered_us as entered_us,
        deals.owner_id as owner_id, (coalesce(final.next_us, ?) - final.entered_us) // {DAY_US} as days, final.next_rank is not null as is_mover,
        coalesce(cast(deals.amount as double), 0) as amount
    from final
    inner join marts.deals as deals on final.deal_id = deals.deal_id
    where case
        when final.next_rank is null then deals.closed_us is null or deals.closed_us > ?
        else final.next_rank > final.stage_rank and final.next_us - final.entered_us > ?
            and not (deals.status = 'lost' and deals.closed_us is not null and final.next_us > deals.closed_us - {DAY_US})
    end
)
{_COUNTED}"""


def of_deals(context: Context) -> Queue:
    """Open deals in their stages."""
    ds, now_us = context.ds, spans.now_us(context)
    order = stages.deal_order(ds)
    rows = ds.frame(_OF_DEALS, [list(order), list(order.values()), now_us, now_us, now_us, _grace_us(ds)])
    known, here = _compared(rows, {rank: stage for stage, rank in order.items()})
    still_open = ds.rows(
        "select count(*) from marts.deals where created_us <= ? and (closed_us is null or closed_us > ?)", [now_us, now_us]
    )[0][0]
    return Queue(DEAL, known, here, max(still_open - len(here), 0))


def of_people(context: Context) -> Queue:
    """People in their stages, before they stand for a deal."""
    ds, now_us = context.ds, spans.now_us(context)
    lifecycle = stages.lifecycle(ds)
    last = max((lifecycle.ranks[stage] for stage in lifecycle.of_people), default=0)
    ranks = lifecycle.ranks
    rows = ds.frame(_OF_PEOPLE, [list(ranks), list(ranks.values()), now_us, now_us, last, len(lifecycle.forward), _grace_us(ds)])
    return Queue(LEAD, *_compared(rows, {ranks[stage]: stage for stage in lifecycle.of_people}))


def _grace_us(ds: Dataset) -> int:
    return int(ds.settings.journeys.milestone_grace_minutes * 60 * spans.SECOND_US)


def _compared(rows: pd.DataFrame, names: dict[int, str]) -> tuple[tuple[Stage, ...], pd.DataFrame]:
    """Each record that is in a stage now beside those that moved on from it."""
    movers, here = rows[rows.key.isna()], rows[rows.key.notna()].copy()
    here = here[here.stage_rank.isin(list(names))]
    places, days, segments = (
        here.groupby(["stage_rank", "segment"]).indices,
        here.days.to_numpy(),
        movers.groupby(["stage_rank", "segment"]),
    )
    peers, sooner = np.zeros(len(here), int), np.zeros(len(here), int)
    of_segment = np.zeros(len(here), bool)
    by_stage = {rank: movers[movers.stage_rank == rank] for rank in names}
    own = {key: movers.iloc[rows] for key, rows in segments.indices.items()}
    for (rank, segment), among in places.items():
        beside = own.get((rank, segment), movers.iloc[:0])
        of_segment[among] = is_own = bool(beside.movers.sum() >= FEWEST_FOR_RATE)
        beside = beside if is_own else by_stage[rank]
        peers[among], sooner[among] = int(beside.movers.sum()), _sooner(beside, days[among])
    there = here.groupby("stage_rank").amount.agg(["size", "sum"])
    known = [
        Stage(names[int(rank)], int(rank), int(row["size"]), round(float(row["sum"]), 2), _usual(by_stage[rank]))
        for rank, row in there.iterrows()
    ]
    is_stuck = (peers >= FEWEST_FOR_RATE) & (sooner >= LONGER_THAN * peers - 1e-9)
    return tuple(known), here.assign(peers=peers, sooner=sooner, of_segment=of_segment, is_stuck=is_stuck)


def _sooner(moved: pd.DataFrame, days: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """How many moved on in fewer days than each of some records is there."""
    by_day = moved.groupby("days").movers.sum().sort_index()
    running = np.concatenate([[0], by_day.to_numpy().cumsum()])
    return running[np.searchsorted(by_day.index.to_numpy(), days, side="left")]


def _usual(moved: pd.DataFrame) -> int | None:
    """The days within which four of five moved on; None where too few did."""
    by_day = moved.groupby("days").movers.sum().sort_index()
    if by_day.sum() < FEWEST_FOR_RATE:
        return None
    reached = by_day.cumsum() >= LONGER_THAN * by_day.sum() - 1e-9
    return int(reached.index[reached.to_numpy()][0])


def last_touches(ds: Dataset, kind: str, keys: Iterable[str], now_us: int) -> dict[str, int]:
    """Deal or person → the moment of its last touch that is known by now."""
    table, column = ("journeys.deal_touches", "deal_id") if kind == DEAL else ("touches.touches", "contact_id")
    rows = ds.rows(
        f"""
        with wanted as (select unnest(cast(? as varchar[])) as key)

        select wanted.key, max(touches.occurred_us)
        from wanted
        inner join {table} as touches on wanted.key = touches.{column}
        where touches.occurred_us <= ?
        group by wanted.key""",
        [sorted(set(keys)), now_us],
    )
    return dict(rows)
