"""One person: who it is, every touch, stage and deal with the credit of the person's touches, and what leads to the person.

Credits are the cents that the deal's page shows (``Dataset.explain``): the same weights, rounded by the same largest remainder. A touch of
several people belongs to one of them (``touches.touches``); for the others it is linked, and credited to nobody a second time.

Reads identity.*, raw.lifecycle_changes, touches.*, journeys.deal_people, journeys.deal_touches, marts.deals and
marts.credits through ``Dataset``. The touches are found in one pass over the table, the rest in tables by person or by deal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from attribution.meeting.spans import to_us
from attribution.models import Model
from attribution.people.handed import Handed, handed
from attribution.people.identity import Alias, aliases_of
from attribution.query import UNATTRIBUTED
from attribution.rounding import exact, largest_remainder

if TYPE_CHECKING:
    from attribution.dataset import Dataset


@dataclass(frozen=True)
class Who:
    """What the contact's rows say. ``name``: None where none is known; ``created_us``: when the first of the person's rows was made."""

    contact_id: str
    name: str | None = None
    email: str | None = None
    title: str | None = None
    account_id: str | None = None
    company: str | None = None
    is_company_by_domain: bool = False
    segment: str | None = None
    industry: str | None = None
    country: str | None = None
    owner: str | None = None
    created_us: int | None = None
    told_source: str | None = None

    @property
    def label(self) -> str:
        """The name, else the address, else the id."""
        return self.name or self.email or self.contact_id


@dataclass(frozen=True)
class Touch:
    """One touch. ``is_linked``: it belongs to ``owner_id``, somebody else, and the person is linked to it."""

    touch_id: str
    occurred_us: int
    channel: str
    kind: str | None
    actor: str
    campaign: str | None
    asset: str | None
    is_by_visitor: bool
    is_back_filled: bool
    source_file: str | None
    source_row: int | None
    contact_id: str
    is_linked: bool


@dataclass(frozen=True)
class Reached:
    """What a touch is in the journey of a deal: ``reason`` why it does not count (empty where it does), its weight and its cents."""

    deal_id: str
    reason: str
    weight: float = 0.0
    credit: Decimal = Decimal(0)


@dataclass(frozen=True)
class Deal:
    """A deal with the person. ``role``: as named on it; ``is_named``: named on it; ``is_joined``: its journey takes all touches of the person."""

    deal_id: str
    name: str
    status: str
    stage: str | None
    amount: Decimal
    created_us: int | None
    closed_us: int | None
    owner: str | None
    role: str | None
    is_named: bool
    is_joined: bool
    source_file: str | None
    source_row: int | None


@dataclass(frozen=True)
class Stage:
    """A lifecycle stage that was entered."""

    stage: str
    entered_us: int
    owner_id: str | None
    reason: str | None
    source_file: str | None
    source_row: int | None


@dataclass(frozen=True)
class Person:
    """One person. ``reached``: touch → what it is in each deal; ``names``: the people of linked touches and other people by id."""

    who: Who
    touches: tuple[Touch, ...]
    reached: dict[str, tuple[Reached, ...]]
    deals: tuple[Deal, ...]
    stages: tuple[Stage, ...]
    handed: tuple[Handed, ...]
    aliases: tuple[Alias, ...]
    names: dict[str, str]

    @cached_property
    def parts(self) -> dict[str, Decimal]:
        """Deal → what the touches that are the person's own are credited with."""
        found: dict[str, Decimal] = {}
        for touch in self.touches:
            for entry in self.reached.get(touch.touch_id, ()):
                if not touch.is_linked and not entry.reason:
                    found[entry.deal_id] = found.get(entry.deal_id, Decimal(0)) + entry.credit
        return found

    @cached_property
    def counting(self) -> dict[str, int]:
        """Deal → touches of the person that count in its journey, linked ones among them."""
        found: dict[str, int] = {}
        for entries in self.reached.values():
            for entry in entries:
                if not entry.reason:
                    found[entry.deal_id] = found.get(entry.deal_id, 0) + 1
        return found


_RESOLVED = "select contact_id from identity.contact_ids where alias = ? or alias = lower(?) order by is_email, alias limit 1"
_WHO = """
select
    people.name, people.email, people.title, people.account_id, accounts.name, people.is_account_by_domain, accounts.segment, accounts.industry,
    accounts.country, coalesce(owners.name, people.owner_id), people.created_us, people.self_reported_source
from identity.contacts as people
left join raw.accounts as accounts on people.account_id = accounts.account_id
left join raw.people as owners on people.owner_id = owners.owner_id
where people.contact_id = ?
"""
_TOUCHES = """
select
    touches.touch_id, touches.occurred_us, touches.channel, touches.kind, touches.actor, touches.campaign_id, touches.asset_id,
    touches.is_identified_by_visitor, touches.is_back_filled, touches.source_file, touches.source_row, touches.contact_id, {is_linked}
from touches.touches as touches
where {whose}
order by touches.occurred_us, touches.touch_id
"""
_DEALS = """
with named as (
    select deal_id, role from identity.deal_contacts where contact_id = ?
),

joined as (
    select deal_id from journeys.deal_people where contact_id = ?
),

reached as (
    select distinct deal_id from journeys.deal_touches where person_kind = 'contact' and person_id = ?
),

theirs as (
    select deal_id from named
    union
    select deal_id from joined
    union
    select deal_id from reached
)

select
    deals.deal_id, coalesce(deals.name, deals.account_name, deals.deal_id), deals.status, deals.deal_stage, deals.amount, deals.created_us,
    deals.closed_us, coalesce(deals.owner_name, deals.owner_id), named.role, named.deal_id is not null, joined.deal_id is not null,
    deals.source_file, deals.source_row
from theirs
inner join marts.deals as deals on theirs.deal_id = deals.deal_id
left join named on theirs.deal_id = named.deal_id
left join joined on theirs.deal_id = joined.deal_id
order by deals.created_us desc nulls last, deals.deal_id
"""
_REACHED = """
select
    touch_id, deal_id,
    case
        when is_counted then ''
        when is_excluded then 'excluded'
        when is_repeat then 'repeat'
        when is_after_end then 'after_end'
        else 'outside_lookback'
    end
from journeys.deal_touches
where list_contains(cast(? as varchar[]), deal_id) and (person_kind = 'contact' and person_id = ? or list_contains(cast(? as varchar[]), touch_id))
"""
_STAGES = """
select lifecycle_stage, to_us(entered_at), owner_id, reason, source_file, source_row
from raw.lifecycle_changes
where list_contains(cast(? as varchar[]), contact_id) and entered_at is not null and to_us(entered_at) <= ?
"""


def person(ds: Dataset, asked: str, model: Model) -> Person | None:
    """The person whom an id, a merged id or an e-mail address stands for, under a model; None where the data names nobody so."""
    row, contact_id = ds.rows(_WHO, [asked]), asked
    if not row and (resolved := ds.rows(_RESOLVED, [asked, asked])):
        contact_id = resolved[0][0]
        row = ds.rows(_WHO, [contact_id])
    who = Who(contact_id, *row[0]) if row else Who(contact_id)
    ids = [
        contact_id,
        *(alias for (alias,) in ds.rows("select alias from identity.contact_ids where contact_id = ?", [contact_id])),
    ]
    touches = _touches(ds, contact_id)
    deals = tuple(Deal(*entry) for entry in ds.rows(_DEALS, [contact_id] * 3))
    now_us = to_us(ds.as_of)
    order = {stage: place for place, stage in enumerate(ds.settings.stages.lifecycle)}
    entered = [Stage(*entry) for entry in ds.rows(_STAGES, [ids, now_us])]
    stages = tuple(sorted(entered, key=lambda entry: (entry.entered_us, order.get(entry.stage, -1), entry.stage)))
    handovers = handed(ds, ids, [touch.occurred_us for touch in touches if touch.actor == "sales"])
    if not (row or len(ids) > 1 or touches or deals or stages or handovers):
        return None
    aliases = aliases_of(ds, contact_id, ids)
    strangers = {touch.contact_id for touch in touches if touch.is_linked} | {
        other for alias in aliases for other in (alias.leads_to, *alias.others) if other
    }
    return Person(
        who, touches, _reached(ds, contact_id, touches, deals, model), deals, stages, handovers, aliases, names_of(ds, strangers)
    )


def names_of(ds: Dataset, ids: set[str]) -> dict[str, str]:
    """Id → name, for the few people that a page names."""
    if not ids:
        return {}
    rows = ds.rows(
        "select contact_id, coalesce(name, email, contact_id) from identity.contacts where list_contains(cast(? as varchar[]), contact_id)",
        [sorted(ids)],
    )
    return {one: one for one in ids} | dict(rows)


def is_visitor(ds: Dataset, visitor_id: str) -> tuple[bool, str | None]:
    """(whether a touch names this visitor, the person the visitor is): what a link to nobody may have meant."""
    tied = ds.rows(
        "select contact_id from identity.visitor_contacts where visitor_id = ? order by from_us desc limit 1", [visitor_id]
    )
    if tied:
        return True, tied[0][0]
    return bool(ds.rows("select 1 from touches.touches where visitor_id = ? limit 1", [visitor_id])), None


def _touches(ds: Dataset, contact_id: str) -> tuple[Touch, ...]:
    campaigns, assets = ds.labels("campaign"), ds.labels("asset")

    def read(whose: str, is_linked: str, key: object) -> list[Touch]:
        rows = ds.rows(_TOUCHES.format(whose=whose, is_linked=is_linked), [key])
        return [Touch(*(*row[:5], campaigns.get(row[5]), assets.get(row[6]), *row[7:])) for row in rows]

    own = read("touches.contact_id = ?", "false", contact_id)
    linked = [row[0] for row in ds.rows("select touch_id from touches.linked_contacts where contact_id = ?", [contact_id])]
    mine = {touch.touch_id for touch in own}
    elsewhere = sorted(set(linked) - mine)
    if elsewhere:
        own += read("list_contains(cast(? as varchar[]), touches.touch_id)", "true", elsewhere)
    return tuple(sorted(own, key=lambda touch: (touch.occurred_us, touch.touch_id)))


def _reached(
    ds: Dataset, contact_id: str, touches: Sequence[Touch], deals: Sequence[Deal], model: Model
) -> dict[str, tuple[Reached, ...]]:
    """Touch → what it is in each of the deals."""
    linked = [touch.touch_id for touch in touches if touch.is_linked]
    rows = ds.rows(_REACHED, [[deal.deal_id for deal in deals], contact_id, linked]) if deals and touches else []
    counting = {deal_id for _, deal_id, reason in rows if not reason}
    credits = _credits(ds, [deal for deal in deals if deal.deal_id in counting], model)
    found: dict[str, list[Reached]] = {}
    for touch_id, deal_id, reason in sorted(rows):
        weight, cents = credits.get((deal_id, touch_id), (0.0, Decimal(0)))
        found.setdefault(touch_id, []).append(Reached(deal_id, reason, weight, cents))
    return {touch_id: tuple(entries) for touch_id, entries in found.items()}


def _credits(ds: Dataset, deals: Sequence[Deal], model: Model) -> dict[tuple[str, str], tuple[float, Decimal]]:
    """(deal, touch) → weight and cents: every deal's amount split over its touches and what is unattributed, as on the deal's page."""
    if not deals:
        return {}
    ids = [deal.deal_id for deal in deals]
    weights: dict[str, list[tuple[str, float]]] = {}
    for deal_id, touch_id, weight in ds.rows(
        f"select deal_id, touch_id, {model.column} from marts.credits where list_contains(cast(? as varchar[]), deal_id)", [ids]
    ):
        weights.setdefault(deal_id, []).append((touch_id, weight))
    missing = dict(
        ds.rows(
            "select deal_id, share from credits.unattributed where model = ? and list_contains(cast(? as varchar[]), deal_id)",
            [model.name, ids],
        )
    )
    found: dict[tuple[str, str], tuple[float, Decimal]] = {}
    for deal in deals:
        share = missing.get(deal.deal_id, 0.0)
        parts = [*weights.get(deal.deal_id, ()), *([("", share)] if share else [])]
        amount = Decimal(str(deal.amount))
        cents = largest_remainder(
            [exact(weight * float(amount)) for _, weight in parts], [(touch_id or UNATTRIBUTED,) for touch_id, _ in parts], amount
        )
        found |= {(deal.deal_id, touch_id): (weight, cent) for (touch_id, weight), cent in zip(parts, cents, strict=True)}
    return found
