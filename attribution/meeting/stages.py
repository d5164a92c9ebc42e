"""The stages of people and of deals, and the steps from one to the next.

A step is a stage that was entered, with the stage before and after it; the same stage twice in a row is entered once. People *move on* when
their next stage is a later one of ``[stages] lifecycle``; they *leave* to a stage of LEFT; they *come back* from there, or as won back; they
*move back* when their next stage is an earlier one.

Reads raw.lifecycle_changes, raw.deal_stage_changes, identity.contact_ids, identity.deal_ids and marts.deals through ``Dataset``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attribution.charts import formats

if TYPE_CHECKING:
    import pandas as pd

    from attribution.dataset import Dataset

LEFT = ("recycled", "disqualified", "churned")
WON_BACK = "won_back"
# From here on a person stands for a deal, and deals are counted instead.
DEALS_FROM = ("opportunity", "customer")
SIDE = 1000  # ranks of stages that are no step forward begin here

_NAMES = {
    "marketing_qualified": "Marketing-qualified lead",
    "sales_accepted": "Sales-accepted lead",
    "sales_qualified": "Sales-qualified lead",
    "won_back": "Won back",
}


def name(stage: str) -> str:
    """A stage in words."""
    return _NAMES.get(stage) or formats.words(stage)


def named(stage: str) -> str:
    """A stage within a sentence."""
    words = name(stage)
    return words[:1].lower() + words[1:] if words != stage else words


def many(stage: str) -> str:
    """The people of a stage within a sentence: "sales-qualified leads", "people in demo booked"."""
    words = named(stage)
    return f"{words[:-1]}ies" if words == "inquiry" else f"{words}s" if words.endswith("lead") else f"people in {words}"


@dataclass(frozen=True)
class Lifecycle:
    """The stages of the settings: those that lead forward, in their order, and the rest."""

    forward: tuple[str, ...]
    side: tuple[str, ...]

    @property
    def of_people(self) -> tuple[str, ...]:
        """Stages forward in which people are counted: before they stand for a deal."""
        return tuple(stage for stage in self.forward if stage not in DEALS_FROM)

    @property
    def ranks(self) -> dict[str, int]:
        """Stage → its place: forward stages from 1, the rest from SIDE."""
        return {
            **{stage: place for place, stage in enumerate(self.forward, 1)},
            **{stage: SIDE + place for place, stage in enumerate(self.side)},
        }


def lifecycle(ds: Dataset) -> Lifecycle:
    """The stages as the settings order them."""
    known = ds.settings.stages.lifecycle
    side = (*LEFT, WON_BACK)
    return Lifecycle(tuple(stage for stage in known if stage not in side), tuple(stage for stage in known if stage in side))


STEPS = """
with ranked as (
    select unnest(cast(? as varchar[])) as lifecycle_stage, unnest(cast(? as integer[])) as stage_rank
),

changes as (
    select
        coalesce(contact_ids.contact_id, changes.contact_id) as contact_id, to_us(changes.entered_at) as entered_us,
        ranked.stage_rank as stage_rank, changes.owner_id as owner_id, changes.reason as reason
    from raw.lifecycle_changes as changes
    inner join ranked on changes.lifecycle_stage = ranked.lifecycle_stage
    left join identity.contact_ids as contact_ids on changes.contact_id = contact_ids.alias
    where changes.entered_at is not null and to_us(changes.entered_at) <= ?
),

preceded as (
    select
        contact_id, entered_us, stage_rank, owner_id, reason,
        lag(stage_rank) over (partition by contact_id order by entered_us, stage_rank) as previous_rank
    from changes
),

final as (
    select
        contact_id, entered_us, stage_rank, previous_rank, owner_id, reason,
        lead(stage_rank) over (partition by contact_id order by entered_us, stage_rank) as next_rank,
        lead(entered_us) over (partition by contact_id order by entered_us, stage_rank) as next_us
    from preceded
    where previous_rank is null or previous_rank <> stage_rank
)
"""


def steps(ds: Dataset, now_us: int, condition: str = "true", parameters: tuple[Any, ...] = ()) -> pd.DataFrame:
    """The steps of people up to a moment that meet a condition: contact_id, owner_id, reason, stage_rank, entered_us, previous_rank, next_rank
    (0 where there is none) and next_us (-1)."""
    ranks = lifecycle(ds).ranks
    return ds.frame(
        f"{STEPS} select contact_id, owner_id, reason, stage_rank, entered_us, coalesce(previous_rank, 0) as previous_rank, "
        f"coalesce(next_rank, 0) as next_rank, coalesce(next_us, -1) as next_us from final where {condition}",
        [list(ranks), list(ranks.values()), now_us, *parameters],
    )


def unknown(ds: Dataset) -> dict[str, int]:
    """Lifecycle stages of the data that the settings do not know → how many changes name them."""
    known = list(lifecycle(ds).ranks)
    rows = ds.rows(
        "select lifecycle_stage, count(*) from raw.lifecycle_changes where not list_contains(cast(? as varchar[]), lifecycle_stage) "
        "group by lifecycle_stage order by count(*) desc, lifecycle_stage",
        [known],
    )
    return dict(rows)


def deal_order(ds: Dataset) -> dict[str, int]:
    """Deal stage → its place: as ``[stages] deal`` orders them, the others by where they come in deals on average."""
    rows = ds.rows(
        """
        with numbered as (
            select
                deal_stage, row_number() over (partition by deal_id order by to_us(entered_at), deal_stage) as place,
                count(*) over (partition by deal_id) as places
            from raw.deal_stage_changes
            where entered_at is not null
        )

        select deal_stage, sum(place), sum(places) from numbered group by deal_stage"""
    )
    told = {stage: place for place, stage in enumerate(ds.settings.stages.deal)}
    rest = sorted((place / places, stage) for stage, place, places in rows if stage not in told)
    return {stage: place for place, stage in enumerate((*told, *(stage for _, stage in rest)), 1)}
