"""The hand-overs of one person: what was promised, when sales answered, in how many business hours, and what was decided.

The same first response and the same business hours as in the meeting's block about promises (attribution/meeting/handovers.py), for one
person, so that nobody else's rows are read. Reads raw.handoffs and what the meeting reads of promises and calendars.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from attribution.meeting.block import RATE_DAYS
from attribution.meeting.business_hours import BusinessHours, business_hours
from attribution.meeting.handovers import TOLERANCE, promised_on, promises
from attribution.meeting.persons import Colleague, colleagues
from attribution.meeting.spans import DAY_US, local_day, to_us

if TYPE_CHECKING:
    from attribution.dataset import Dataset

DECIDED = ("accepted", "rejected", "recycled")
_HANDED = """
select
    handoff_id, to_us(handed_at), from_owner_id, owner_id, score, attempts, lower(outcome), to_us(outcome_at), reason,
    case when to_us(first_response_at) <= ? then to_us(first_response_at) end, deal_id, source_file, source_row
from raw.handoffs
where list_contains(cast(? as varchar[]), contact_id) and handed_at is not null and to_us(handed_at) <= ?
order by 2, 1
"""


@dataclass(frozen=True)
class Handed:
    """One hand-over. ``hours``: business hours until the first response, until the data's end where there is none; ``promised``: hours.

    ``by_touch``: the response is a touch of sales, else it is as supplied. ``outcome``: one of DECIDED, else "waiting". ``has_hours``: False where
    the settings leave no business hour at all, so that nobody can be late.
    """

    handoff_id: str
    handed_us: int
    sender: str | None
    owner: str | None
    score: float | None
    attempts: int | None
    outcome: str
    outcome_us: int | None
    reason: str | None
    response_us: int | None
    by_touch: bool
    hours: float
    promised: float
    deal_id: str | None
    source_file: str | None
    source_row: int | None
    has_hours: bool = True

    @property
    def is_in_time(self) -> bool | None:
        """Whether the answer came, or can still come, within the promise; None where no day has business hours."""
        return self.hours <= self.promised + TOLERANCE if self.has_hours else None


def handed(ds: Dataset, ids: Sequence[str], sales_us: Sequence[int]) -> tuple[Handed, ...]:
    """The hand-overs of a person known by these ids, the oldest first. ``sales_us``: the moments at which sales touched the person."""
    now_us = to_us(ds.as_of)
    rows = ds.rows(_HANDED, [now_us, list(ids), now_us])
    if not rows:
        return ()
    known, staff = promises(ds), colleagues(ds)
    zones = {row[0]: staff[row[3]].time_zone if row[3] in staff else None for row in rows}
    calendars = {zone: _calendar(ds, zone) for zone in {None, *zones.values()}}
    has_hours = calendars[None].hours(now_us - RATE_DAYS * DAY_US, now_us) > 0
    found = []
    for place, row in enumerate(rows):
        handoff_id, handed_us, sender, owner_id, score, attempts, outcome, outcome_us, reason, supplied_us = row[:10]
        deal_id, source_file, source_row = row[10:]
        next_us = rows[place + 1][1] if place + 1 < len(rows) else now_us + 1
        touched_us = min((moment for moment in sales_us if handed_us <= moment < next_us and moment <= now_us), default=None)
        response_us = min((moment for moment in (supplied_us, touched_us) if moment is not None), default=None)
        until_us = max(handed_us, now_us if response_us is None else response_us)
        hours = calendars[zones[handoff_id]].hours(handed_us, until_us)
        is_decided = outcome in DECIDED and (outcome_us is None or outcome_us <= now_us)
        found.append(
            Handed(
                handoff_id, handed_us, _name(staff, sender), _name(staff, owner_id), score, attempts, outcome if is_decided else "waiting",
                outcome_us if is_decided else None, reason if is_decided else None, response_us, response_us is not None and response_us == touched_us,
                hours, promised_on(known, local_day(ds, handed_us)).hours, deal_id, source_file, source_row, has_hours,
            )
        )  # fmt: skip
    return tuple(found)


def _name(staff: dict[str, Colleague], owner_id: Any) -> str | None:
    return staff[owner_id].name if owner_id in staff else owner_id


def _calendar(ds: Dataset, zone: str | None) -> BusinessHours:
    """The business hours of a time zone; of the settings' where none is given or no zone has that name."""
    usual = ds.settings.reporting.time_zone
    try:
        return business_hours(ds.settings.meeting, zone or usual)
    except (KeyError, ValueError, OSError):
        return business_hours(ds.settings.meeting, usual)
