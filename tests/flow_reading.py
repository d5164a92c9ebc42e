"""The sample's files as a funnel: who moved from stage to stage when, in plain Python. The fixture comes through conftest.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import pytest

from tests.sample_reading import Row, Sample, read

BERLIN = ZoneInfo("Europe/Berlin")
FORWARD = ("inquiry", "lead", "marketing_qualified", "sales_accepted", "sales_qualified", "opportunity", "customer")
OUT = ("recycled", "disqualified", "churned")
STAGES = (*FORWARD, *OUT, "won_back")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def end_of(day: date) -> datetime:
    """The first moment that is no longer that day in Berlin."""
    return datetime.combine(day + DAY, time(), BERLIN).astimezone(UTC)


class Flow(Sample):
    """The sample's files, with who is who."""

    @cached_property
    def ids(self) -> dict[str, str]:
        """A contact's other ids → the person; deals' and companies' other ids → the deal, the company."""
        return {
            row["alias"]: row["target_id"] for row in read("identities") if row["alias_kind"] in ("merged", "deal", "account")
        }

    def one(self, identity: str) -> str:
        while identity in self.ids:
            identity = self.ids[identity]
        return identity

    @cached_property
    def named(self) -> dict[str, Row]:
        """Deal → its row, for all deals that could be read."""
        return {row["deal_id"]: row for row in self.deals}

    @cached_property
    def changes(self) -> dict[str, list[tuple[datetime, int, str]]]:
        """Person → (when, rank, stage), in order."""
        found: dict[str, list[tuple[datetime, int, str]]] = defaultdict(list)
        for row in read("lifecycle_changes"):
            found[self.one(row["contact_id"])].append(
                (moment(row["entered_at"]), STAGES.index(row["lifecycle_stage"]), row["lifecycle_stage"])
            )
        return {person: sorted(listed) for person, listed in found.items()}

    def steps(self, before: datetime) -> Iterator[tuple[str, str, datetime, str | None, str | None, datetime | None]]:
        """(person, stage, entered, stage before, next stage, when) up to a moment; a stage twice in a row is one."""
        for person, listed in self.changes.items():
            kept: list[tuple[datetime, str]] = []
            for entered, _, stage in listed:
                if entered < before and (not kept or kept[-1][1] != stage):
                    kept.append((entered, stage))
            for place, (entered, stage) in enumerate(kept):
                following = kept[place + 1] if place + 1 < len(kept) else (None, None)
                yield person, stage, entered, kept[place - 1][1] if place else None, following[1], following[0]

    @cached_property
    def segment_of(self) -> dict[str, str]:
        """Person → the segment of his company, by its id or the domain of his address."""
        domains = {row["domain"]: account for account, row in self.accounts.items() if row["domain"]}
        domains |= {row["alias"]: row["target_id"] for row in read("identities") if row["alias_kind"] == "domain"}
        rows = defaultdict(list)
        for contact in self.contacts:
            rows[self.one(contact["contact_id"])].append(contact)
        found = {}
        for person, listed in rows.items():
            listed.sort(key=lambda row: (row["contact_id"] != person, row["contact_id"]))
            account = next((row["account_id"] for row in listed if row["account_id"]), "")
            email = next((row["email"] for row in listed if row["email"]), "")
            found[person] = self.accounts.get(self.one(account) or domains.get(email.partition("@")[2], ""), {}).get(
                "segment", ""
            )
        return found

    def closed(self, deal: Row, last: date) -> bool:
        return bool(deal["closed_at"]) and date.fromisoformat(deal["closed_at"][:10]) <= last


@pytest.fixture(scope="session")
def flow() -> Flow:
    """The sample's files."""
    return Flow()


def windows(last: date) -> tuple[tuple[date, date], tuple[date, date]]:
    return (last - 89 * DAY, last), (last - 179 * DAY, last - 90 * DAY)


def lies_in(when: datetime | date | None, days: tuple[date, date]) -> bool:
    if isinstance(when, datetime):
        when = when.astimezone(BERLIN).date()
    return when is not None and days[0] <= when <= days[1]
