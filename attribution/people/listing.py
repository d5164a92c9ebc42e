"""People under the filters: their touches, last touch, deals and stage now, counted by the database; one page of rows at a time.

Filters say who is listed: the period, channels and campaigns by the person's touches, whatever the date basis; segment, industry and country by
the person's company; the owner by the person's own; deal type and CRM pipeline by the deals that take the person's touches. Without a period,
a channel and a campaign everybody is listed, also those without a touch.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attribution.filters import Condition, Filters, one_of
from attribution.meeting.spans import to_us

if TYPE_CHECKING:
    from attribution.dataset import Dataset

PAGE = 50  # rows of a page
MOST_WORDS = 6
NO_STAGE = ""  # of people of whom no stage is known
ORDERS = {"last": "last touch", "touches": "most touches", "deals": "most deals", "stage": "furthest stage", "name": "name"}
_ORDERED = {
    "last": "last_us desc nulls last",
    "touches": "touch_count desc",
    "deals": "deal_count desc, won_count desc, last_us desc nulls last",
    "stage": "stage_rank desc, last_us desc nulls last",
    "name": "lower(name)",
}


@dataclass(frozen=True)
class Row:
    """One person of the list. ``last_us``: None without a touch."""

    contact_id: str
    name: str
    title: str | None
    company: str | None
    segment: str | None
    stage: str
    touches: int
    last_us: int | None
    deals: int
    won: int
    owner: str | None


@dataclass(frozen=True)
class Group:
    """The people of one stage under the filters: how many, their touches, how many are on deals and on won ones."""

    stage: str
    people: int
    touches: int
    on_deals: int
    on_won: int


@dataclass(frozen=True)
class Listed:
    """``groups``: everybody under the filters, by the stage they are in; ``matching``: how many have the stage and the words that are asked
    for, of whom ``rows`` are one page."""

    groups: tuple[Group, ...]
    matching: int
    rows: tuple[Row, ...]


# Touches under filters are counted anew; all of them are counted when the database is built.
_SOME_TOUCHES = """
own as (
    select touches.contact_id as contact_id, touches.occurred_us as occurred_us
    from touches.touches as touches
    where not touches.is_without_contact and {touched}
    union all
    select linked.contact_id as contact_id, touches.occurred_us as occurred_us
    from touches.linked_contacts as linked
    inner join touches.touches as touches on linked.touch_id = touches.touch_id and linked.contact_id <> touches.contact_id
    where {touched}
),

active as (
    select contact_id, count(*) as touch_count, max(occurred_us) as last_us from own group by contact_id
)"""
_ALL_TOUCHES = "active as (select contact_id, touch_count, last_us from touches.people)"
_LISTED = """
with {active},

on_deals as (
    select
        people.contact_id as contact_id, count(*) as deal_count, count(case when deals.status = 'won' then 1 end) as won_count
    from journeys.deal_people as people
    inner join marts.deals as deals on people.deal_id = deals.deal_id
    where {of_deals}
    group by people.contact_id
),

ranked as (
    select unnest(cast(? as varchar[])) as lifecycle_stage, unnest(cast(? as integer[])) as stage_rank
),

entered as (
    select
        coalesce(contact_ids.contact_id, changes.contact_id) as contact_id, to_us(changes.entered_at) as entered_us, ranked.stage_rank as stage_rank
    from raw.lifecycle_changes as changes
    inner join ranked on changes.lifecycle_stage = ranked.lifecycle_stage
    left join identity.contact_ids as contact_ids on changes.contact_id = contact_ids.alias
    where changes.entered_at is not null and to_us(changes.entered_at) <= ?
),

last_entered as (
    select contact_id, max(entered_us) as entered_us from entered group by contact_id
),

stages as (
    select entered.contact_id as contact_id, max(entered.stage_rank) as stage_rank
    from entered
    inner join last_entered on entered.contact_id = last_entered.contact_id and entered.entered_us = last_entered.entered_us
    group by entered.contact_id
),

everybody as materialized (
    select
        {person} as contact_id,
        {name} as name,
        coalesce(active.touch_count, 0) as touch_count,
        active.last_us as last_us,
        coalesce(on_deals.deal_count, 0) as deal_count,
        coalesce(on_deals.won_count, 0) as won_count,
        coalesce(stages.stage_rank, 0) as stage_rank,
        {found} as is_found
    from active
    {contacts}
    {companies}
    left join on_deals on {person} = on_deals.contact_id
    left join stages on {person} = stages.contact_id
    where {of_people}
),

asked as (
    select contact_id, name, touch_count, last_us, deal_count, won_count, stage_rank
    from everybody
    where is_found and (cast(? as integer) is null or stage_rank = ?)
),

page as (
    select contact_id, name, touch_count, last_us, deal_count, won_count, stage_rank
    from asked
    order by {order}, contact_id
    limit ? offset ?
)

select
    1 as part, stage_rank, count(*), sum(touch_count), count(case when deal_count > 0 then 1 end), count(case when won_count > 0 then 1 end), null, null, 0
from everybody
group by stage_rank
union all
select 2 as part, 0, count(*), 0, 0, 0, null, null, 0 from asked
union all
select
    3 as part, stage_rank, 0, touch_count, deal_count, won_count, contact_id, last_us, row_number() over (order by {order}, contact_id)
from page
order by part, 9
"""
# Contacts and their companies are joined only where something about them is asked: the names of everybody cost as much as all the counting.
_CONTACTS = "{how} join identity.contacts as contacts on active.contact_id = contacts.contact_id"
_COMPANIES = "left join raw.accounts as accounts on contacts.account_id = accounts.account_id"
_NAMED = """
select
    contacts.contact_id, coalesce(contacts.name, contacts.email, contacts.contact_id), contacts.title, accounts.name, accounts.segment,
    coalesce(owners.name, contacts.owner_id)
from identity.contacts as contacts
left join raw.accounts as accounts on contacts.account_id = accounts.account_id
left join raw.people as owners on contacts.owner_id = owners.owner_id
where list_contains(cast(? as varchar[]), contacts.contact_id)
"""


def people(
    ds: Dataset, filters: Filters, order: str = "last", stage: str | None = None, words: str = "", page: int = 0
) -> Listed:
    """People under resolved filters. ``stage``: only those in it now (NO_STAGE: none is known); ``words``: each is in name, address, id or
    company, whatever the case and the accents."""
    touched = filters.where_touches()
    ranks = _ranks(ds)
    of_people, of_deals = _of_people(filters), _of_deals(filters)
    if of_deals.sql != "true":
        of_people = of_people & Condition("on_deals.contact_id is not null")
    found = _found(words)
    rank = None if stage is None else ranks.get(stage, 0)
    is_everybody = touched.sql == "true"
    has_companies = "accounts." in found.sql + of_people.sql
    has_contacts = is_everybody or order == "name" or found.sql != "true" or of_people.sql != "true"
    sql = _LISTED.format(
        active=_ALL_TOUCHES if is_everybody else _SOME_TOUCHES.format(touched=touched.sql),
        of_deals=of_deals.sql, found=found.sql, of_people=of_people.sql, order=_ORDERED[order],
        contacts=_CONTACTS.format(how="full" if is_everybody else "left") if has_contacts else "",
        companies=_COMPANIES if has_companies else "",
        person="coalesce(active.contact_id, contacts.contact_id)" if is_everybody else "active.contact_id",
        name="coalesce(contacts.name, contacts.email, contacts.contact_id, active.contact_id)" if order == "name" else "null",
    )  # fmt: skip
    parameters = [
        *touched.parameters, *touched.parameters, *of_deals.parameters, list(ranks), list(ranks.values()), to_us(ds.as_of), *found.parameters,
        *of_people.parameters, rank, rank, PAGE, page * PAGE,
    ]  # fmt: skip
    stages = {number: name for name, number in ranks.items()}
    parts: dict[int, list[tuple[Any, ...]]] = {1: [], 2: [], 3: []}
    for part, *row in ds.rows(sql, parameters):
        parts[part].append(tuple(row))
    named = {row[0]: row[1:] for row in ds.rows(_NAMED, [[row[5] for row in parts[3]]])} if parts[3] else {}
    return Listed(
        tuple(Group(stages.get(rank, NO_STAGE), *map(int, counts[:4])) for rank, *counts in parts[1]),
        int(parts[2][0][1]),
        tuple(
            _row(contact_id, stages.get(rank, NO_STAGE), int(touches), last_us, int(deals), int(won), named.get(contact_id))
            for rank, _, touches, deals, won, contact_id, last_us, _ in parts[3]
        ),
    )


def known_stages(ds: Dataset) -> tuple[str, ...]:
    """The stages that somebody entered, in the order of the settings, those they do not know at the end."""
    order = {stage: place for place, stage in enumerate(ds.settings.stages.lifecycle)}
    rows = ds.rows(
        "select distinct lifecycle_stage from raw.lifecycle_changes where lifecycle_stage is not null order by lifecycle_stage"
    )
    return tuple(sorted((row[0] for row in rows), key=lambda stage: (order.get(stage, len(order)), stage)))


def _ranks(ds: Dataset) -> dict[str, int]:
    """Stage → its place from 1 on; one that the settings do not know is below all, so that it never passes for a far one."""
    order = {stage: place for place, stage in enumerate(ds.settings.stages.lifecycle, 1)}
    unknown = [stage for stage in known_stages(ds) if stage not in order]
    return order | {stage: -place for place, stage in enumerate(unknown, 1)}


def _row(
    contact_id: str, stage: str, touches: int, last_us: int | None, deals: int, won: int, named: tuple[Any, ...] | None
) -> Row:
    name, title, company, segment, owner = named or (contact_id, None, None, None, None)
    return Row(contact_id, name, title, company, segment, stage, touches, last_us, deals, won, owner)


def _of_people(filters: Filters) -> Condition:
    condition = Condition("true")
    for column, values in (
        ("accounts.segment", filters.segments), ("accounts.industry", filters.industries), ("accounts.country", filters.countries),
        ("contacts.owner_id", filters.owners),
    ):  # fmt: skip
        condition = condition & one_of(column, values)
    return condition


def _of_deals(filters: Filters) -> Condition:
    return one_of("deals.deal_type", filters.deal_types) & one_of("deals.pipeline", filters.pipelines)


def _found(words: str) -> Condition:
    folded = "".join(letter for letter in unicodedata.normalize("NFKD", words.lower()) if not unicodedata.combining(letter))
    condition = Condition("true")
    for part in folded.replace("\x00", " ").encode("utf-8", "ignore").decode("utf-8").split()[:MOST_WORDS]:
        held = "contains(strip_accents(lower(concat_ws(' ', contacts.name, contacts.email, contacts.contact_id, active.contact_id, accounts.name))), ?)"
        condition = condition & Condition(held, (part,))
    return condition
