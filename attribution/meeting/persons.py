"""Who a person is, in words: name, company, segment. Asked for the few people that a list names, never for all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attribution.meeting import links

if TYPE_CHECKING:
    from attribution.dataset import Dataset


@dataclass(frozen=True)
class Person:
    """One person. ``name`` is the id where no name is known."""

    contact_id: str
    name: str
    company: str | None = None
    segment: str | None = None

    @property
    def link(self) -> str:
        """Where the person opens."""
        return links.person(self.contact_id)


def persons(ds: Dataset, ids: Iterable[str]) -> dict[str, Person]:
    """Id → person, for every id asked for, also those that the table contacts lacks."""
    rows = ds.rows(
        """
        with wanted as (
            select unnest(cast(? as varchar[])) as contact_id
        )

        select wanted.contact_id, coalesce(people.name, people.email, wanted.contact_id), accounts.name, accounts.segment
        from wanted
        left join identity.contacts as people on wanted.contact_id = people.contact_id
        left join raw.accounts as accounts on people.account_id = accounts.account_id""",
        [sorted(set(ids))],
    )
    return {row[0]: Person(*row) for row in rows}


@dataclass(frozen=True)
class Colleague:
    """One employee of the table people. ``name`` is the id where no name is known."""

    owner_id: str
    name: str
    team: str | None = None
    time_zone: str | None = None


def colleagues(ds: Dataset) -> dict[str, Colleague]:
    """Owner → employee, of the table people."""
    rows = ds.rows("select owner_id, coalesce(name, owner_id), team, time_zone from raw.people where owner_id is not null")
    return {row[0]: Colleague(*row) for row in rows}
