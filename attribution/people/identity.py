"""What leads to one person: contact records, merged ids, addresses and visitors, each with its row, so that a wrong merge is seen.

Reads raw.contacts, raw.identities, identity.contact_ids and identity.visitor_contacts through ``Dataset``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attribution.dataset import Dataset


@dataclass(frozen=True)
class Alias:
    """Something that leads to the person. ``kind``: contact, address, or an ``alias_kind`` of identities. ``leads_to``: the person it leads to,
    where that is somebody else; ``others``: further people that the same visitor was at other times."""

    alias: str
    kind: str
    table: str
    target: str | None = None
    at_us: int | None = None
    name: str | None = None
    leads_to: str | None = None
    others: tuple[str, ...] = ()
    source_file: str | None = None
    source_row: int | None = None


_RECORDS = """
select contact_id, email, name, to_us(coalesce(created_at, cast(created_on as timestamp))), source_file, source_row
from raw.contacts
where list_contains(cast(? as varchar[]), contact_id)
order by case when contact_id = ? then 0 else 1 end, contact_id
"""
_ALIASES = """
select identities.alias, identities.alias_kind, identities.target_id, to_us(identities.identified_at), identities.source_file, identities.source_row
from raw.identities as identities
where identities.alias_kind in ('visitor', 'email', 'merged')
    and (
        list_contains(cast(? as varchar[]), identities.target_id)
        or identities.alias_kind = 'merged' and list_contains(cast(? as varchar[]), identities.alias)
    )
order by identities.alias_kind, identities.alias, identities.identified_at, identities.source_file, identities.source_row
"""
_VISITORS = "select visitor_id, contact_id from identity.visitor_contacts where list_contains(cast(? as varchar[]), visitor_id)"


def aliases_of(ds: Dataset, contact_id: str, ids: Sequence[str]) -> tuple[Alias, ...]:
    """Contact records, addresses, merged ids and visitors, each with its row; an address or visitor that leads elsewhere says where to."""
    records = ds.rows(_RECORDS, [list(ids), contact_id])
    told = ds.rows(_ALIASES, [list(ids), list(ids)])
    visitors = [alias for alias, kind, *_ in told if kind == "visitor"]
    addresses = sorted(
        {record[1] for record in records if record[1]} | {alias.lower() for alias, kind, *_ in told if kind == "email"}
    )
    tied: dict[str, set[str]] = {}
    for visitor_id, other in ds.rows(_VISITORS, [visitors]) if visitors else []:
        tied.setdefault(visitor_id, set()).add(other)
    leads = dict(
        ds.rows(
            "select alias, contact_id from identity.contact_ids where list_contains(cast(? as varchar[]), alias)", [addresses]
        )
        if addresses
        else []
    )
    found = []
    for record_id, email, name, created_us, *source in records:
        found.append(Alias(record_id, "contact", "contacts", None, created_us, name, None, (), *source))
        if email:
            elsewhere = leads.get(email, contact_id)
            found.append(
                Alias(
                    email,
                    "address",
                    "contacts",
                    record_id,
                    created_us,
                    None,
                    elsewhere if elsewhere != contact_id else None,
                    (),
                    *source,
                )
            )
    for alias, kind, target, at_us, *source in told:
        people = tied.get(alias, set()) if kind == "visitor" else set()
        elsewhere = leads.get(alias.lower(), contact_id) if kind == "email" else contact_id
        others = tuple(sorted(people - {contact_id}))
        leads_to = elsewhere if elsewhere != contact_id else None
        found.append(Alias(alias, kind, "identities", target, at_us, None, leads_to, others, *source))
    return tuple(found)
