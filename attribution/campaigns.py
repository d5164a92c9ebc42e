"""Campaigns as a family: who is whose parent, and what each (with those below it) reached since it started.

Reads raw.campaigns, touches.touches, touches.people, touches.reached_people, touches.reached_accounts, marts.credits_by_campaign, marts.deals
and staging.spend through ``Dataset.rows``. Touches, spend, first meetings and opened deals are added up over a family; people, companies
and deals are counted once, however many of its campaigns met them. Nothing here depends on filters, so it is read once per version of the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attribution.dataset import Dataset

# Levels below which a campaign counts as a child of the level above: nobody reads a deeper tree, and hostile files have thousands.
LEVELS = 8


@dataclass(frozen=True)
class Campaign:
    """One campaign as planned. ``parent``: the id above it, "" at the top; ``path``: the ids from the top down to itself."""

    campaign_id: str
    name: str
    channel: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    objective: str | None = None
    owner: str | None = None
    is_planned: bool = True
    parent: str = ""
    path: tuple[str, ...] = ()

    @property
    def depth(self) -> int:
        """0 at the top."""
        return len(self.path) - 1


@dataclass(frozen=True)
class Life:
    """What a campaign and those below it did since the start, whatever the filters. Money in the reporting currency."""

    touches: int = 0
    people: int = 0
    companies: int = 0
    won: int = 0
    lost: int = 0
    open: int = 0
    first_met: int = 0
    opened: int = 0
    spend: float = 0.0
    first_on: date | None = None

    @property
    def deals(self) -> int:
        """Deals in whose journey one of its touches counts."""
        return self.won + self.lost + self.open

    @property
    def open_share(self) -> float | None:
        """The part of its deals that is still open; None without deals."""
        return self.open / self.deals if self.deals else None


@dataclass(frozen=True)
class Family:
    """All campaigns by id. ``circles``: ids whose parents lead back to themselves; ``strangers``: parents that are no campaigns."""

    campaigns: Mapping[str, Campaign]
    below: Mapping[str, tuple[str, ...]]
    circles: tuple[str, ...]
    strangers: tuple[str, ...]
    has_table: bool

    def members(self, campaign_id: str) -> tuple[str, ...]:
        """A campaign and all below it."""
        return self.below.get(campaign_id, (campaign_id,))

    @property
    def parents(self) -> tuple[str, ...]:
        """Campaigns with others below them."""
        return tuple(campaign_id for campaign_id, members in self.below.items() if len(members) > 1)

    def pairs(self, of: Iterable[str] | None = None) -> tuple[list[str], list[str]]:
        """Two lists of the same length: an id, and each member of its family. ``of``: of these ids only."""
        listed = [(top, member) for top in (self.below if of is None else of) for member in self.members(top)]
        return [top for top, _ in listed], [member for _, member in listed]


def family(ds: Dataset) -> Family:
    """Every campaign that the plan, a touch or an amount spent names."""
    planned = ds.rows(
        "select campaigns.campaign_id, campaigns.name, campaigns.channel, campaigns.starts_on, campaigns.ends_on, campaigns.objective, "
        "coalesce(people.name, campaigns.owner_id), campaigns.parent_campaign_id "
        "from raw.campaigns as campaigns left join raw.people as people on campaigns.owner_id = people.owner_id "
        "where campaigns.campaign_id is not null order by campaigns.campaign_id"
    )
    found = {row[0]: Campaign(row[0], row[1] or row[0], *row[2:7]) for row in planned}
    parents = {row[0]: row[7] for row in planned if row[7]}
    named = ds.rows(
        "select campaign_id from touches.touches where campaign_id is not null "
        "union select campaign_id from staging.spend where campaign_id is not null order by campaign_id"
    )
    for (campaign_id,) in named:
        found.setdefault(campaign_id, Campaign(campaign_id, campaign_id, is_planned=False))
    return related(found, parents, has_table=bool(planned))


def related(found: Mapping[str, Campaign], parents: Mapping[str, str], has_table: bool = True) -> Family:
    """The same campaigns with their paths. Parents that are unknown or lead in a circle are left out, and listed."""
    strangers = tuple(sorted({parent for parent in parents.values() if parent not in found}))
    above = {child: parent for child, parent in parents.items() if parent in found and child in found}
    circles = _in_circles(above)
    above = {child: parent for child, parent in above.items() if child not in circles}
    paths: dict[str, tuple[str, ...]] = {}
    for start in sorted(found):
        chain = [start]
        while chain[-1] not in paths and chain[-1] in above:
            chain.append(above[chain[-1]])
        for member in reversed(chain):
            if member not in paths:
                paths[member] = (*paths[above[member]][: LEVELS - 1], member) if member in above else (member,)
    campaigns = {
        key: replace(entry, path=paths[key], parent=paths[key][-2] if paths[key][1:] else "") for key, entry in found.items()
    }
    below: dict[str, list[str]] = {key: [] for key in found}
    for key, path in paths.items():
        for above_it in path:
            below[above_it].append(key)
    return Family(
        campaigns, {key: tuple(sorted(listed)) for key, listed in below.items()}, tuple(sorted(circles)), strangers, has_table
    )


def _in_circles(above: Mapping[str, str]) -> set[str]:
    """The ids that are their own ancestors. Each id is walked once, whatever the data holds."""
    circles: set[str] = set()
    done: set[str] = set()
    for start in above:
        walk: dict[str, int] = {}
        here: str | None = start
        while here is not None and here not in walk and here not in done:
            walk[here] = len(walk)
            here = above.get(here)
        if here is not None and here in walk:
            circles |= {member for member, place in walk.items() if place >= walk[here]}
        done.update(walk)
    return circles


MEMBERS = "members as (select unnest(cast(? as varchar[])) as top_id, unnest(cast(? as varchar[])) as campaign_id)"

# Added up over a family: each touch, amount, person's first touch and deal's opening touch belongs to one campaign.
ADDED = """
    with parts as (
        select campaign_id, count(*) as touches, 0 as first_met, 0 as opened, 0 as spend, min(occurred_on) as first_on
        from touches.touches where campaign_id is not null group by campaign_id
        union all
        select first_campaign_id, 0, count(*), 0, 0, null
        from touches.people where first_campaign_id is not null group by first_campaign_id
        union all
        select campaign_id, 0, 0, count(*), 0, null
        from marts.openings where campaign_id is not null group by campaign_id
        union all
        select campaign_id, 0, 0, 0, cast(sum(amount) as double), min(spent_on)
        from staging.spend where campaign_id is not null group by campaign_id
    )

    select campaign_id, cast(sum(touches) as bigint), cast(sum(first_met) as bigint), cast(sum(opened) as bigint), sum(spend), min(first_on)
    from parts group by campaign_id"""

# Each person and company once per campaign.
PEOPLE, COMPANIES = ("touches.reached_people", "contact_id"), ("touches.reached_accounts", "account_id")

OF_FAMILIES = f"""
    with {MEMBERS}
    select members.top_id, count(distinct reached.{{key}})
    from {{table}} as reached inner join members on reached.campaign_id = members.campaign_id
    group by members.top_id"""

DEALS = f"""
    with {MEMBERS},

    touched as (
        select distinct members.top_id as top_id, journeys.deal_id as deal_id
        from marts.credits_by_campaign as journeys
        inner join members on journeys.campaign_id = members.campaign_id
    )

    select touched.top_id, deals.status, count(*)
    from touched inner join marts.deals as deals on touched.deal_id = deals.deal_id
    group by touched.top_id, deals.status"""


def lives(ds: Dataset, relations: Family) -> dict[str, Life]:
    """Id → what the campaign and those below it did since the start."""
    added = {row[0]: row[1:] for row in ds.rows(ADDED)}
    people, companies = _reached(ds, relations, PEOPLE), _reached(ds, relations, COMPANIES)
    deals: dict[str, dict[str, int]] = {}
    for top, status, count in ds.rows(DEALS, relations.pairs()):
        deals.setdefault(top, {})[status] = count
    found = {}
    for campaign_id in relations.campaigns:
        parts = [added[member] for member in relations.members(campaign_id) if member in added]
        touched = deals.get(campaign_id, {})
        found[campaign_id] = Life(
            touches=sum(part[0] for part in parts), people=people.get(campaign_id, 0), companies=companies.get(campaign_id, 0),
            won=touched.get("won", 0), lost=touched.get("lost", 0), open=touched.get("open", 0), first_met=sum(part[1] for part in parts),
            opened=sum(part[2] for part in parts), spend=sum(part[3] for part in parts),
            first_on=min((part[4] for part in parts if part[4]), default=None),
        )  # fmt: skip
    return found


def _reached(ds: Dataset, relations: Family, everybody: tuple[str, str]) -> dict[str, int]:
    """Id → how many the campaign and those below it reached, each once."""
    table, key = everybody
    counts = dict(ds.rows(f"select campaign_id, count(*) from {table} where campaign_id is not null group by campaign_id"))
    if relations.parents:  # a campaign alone needs nobody counted once among several
        counts |= dict(ds.rows(OF_FAMILIES.format(table=table, key=key), relations.pairs(relations.parents)))
    return counts


def start_of(campaign: Campaign, life: Life) -> date | None:
    """The day it started: as planned, else the day of its first touch or first amount spent."""
    return campaign.starts_on or life.first_on
