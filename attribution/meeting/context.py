"""What the blocks of one meeting may look at: the data, the meeting before it, the data as that one saw them, and what was written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from attribution.content import scope
from attribution.dataset import Dataset
from attribution.errors import ClosedLoopError
from attribution.meeting.block import Context
from attribution.store.meetings import last_closed
from attribution.versions import is_version_file, version_file

if TYPE_CHECKING:
    from attribution.store import Meeting, Store

# Data this fresh is that of a running business, and its meeting is today; older data (a sample, an archive) meets on its own last day.
FRESH_DAYS = 7
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)  # quarters and years around them are days of the calendar as well


def day_of(text: str) -> date:
    """The day that a link or a command names ("2026-03-31"). Raises ValueError where it is none on which a meeting can be."""
    day = date.fromisoformat(text)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"{day} is not between {FIRST_DAY} and {LAST_DAY}")
    return day


def usual_day(ds: Dataset, meetings: Sequence[Meeting] = (), now: datetime | None = None) -> date:
    """The day for which a meeting is prepared where nobody says another: that of the newest open one that is not older than a cadence,
    else today, else, where the data ended more than a week ago, the data's last day."""
    last = scope.today(ds)
    if ds.settings.reporting.as_of is not None:  # who sets the data's last day looks at that day
        now = ds.as_of.replace(tzinfo=UTC)
    today = (now or datetime.now(UTC)).astimezone(ZoneInfo(ds.settings.reporting.time_zone)).date()
    day = today if last <= today <= last + timedelta(days=FRESH_DAYS) else last
    waiting = [meeting.held_on for meeting in meetings if meeting.is_open]
    recent = [one for one in waiting if abs((day - one).days) < ds.settings.meeting.cadence_days]
    return max(recent, default=day)


def context(
    ds: Dataset, store: Store | None, held_on: date, opened: Callable[[Path, str], Dataset | None] | None = None
) -> Context:
    """What the meeting of a day looks at. ``store``: None where there is none. ``opened`` gives the data of a version, from its file.

    The meeting before is the last closed one before that day, else ``last_meeting_on`` of the settings. Raises StoreError.
    """
    meetings = store.meetings.all() if store else ()
    before = last_closed(meetings, held_on)
    last_on = before.held_on if before else ds.settings.reporting.last_meeting_on
    if last_on is not None and last_on >= held_on:
        last_on = None
    days = {meeting.meeting_id: meeting.held_on for meeting in meetings}
    return Context(
        ds=ds,
        held_on=held_on,
        last_on=last_on,
        before=(opened or open_version)(version_file(ds.path.parent, before.closed_version), before.closed_version)
        if before and before.closed_version and is_version_file(ds.path)
        else None,
        actions=_until(store.meetings.actions() if store else (), days, held_on),
        decisions=_until(store.meetings.decisions() if store else (), days, held_on),
        dismissals=store.meetings.dismissals(held_on) if store else (),
        meetings=meetings,
    )


def open_version(path: Path, version: str) -> Dataset | None:
    """The data of a version; None where it is no longer kept, or was laid out by another release."""
    if not version or not path.is_file():
        return None
    try:
        return Dataset(path)
    except ClosedLoopError:
        return None


def _until(entries: Sequence[Any], days: dict[int, date], held_on: date) -> tuple[Any, ...]:
    """Entries of meetings up to a day: what a later meeting wrote is not known on it."""
    return tuple(entry for entry in entries if days.get(entry.meeting_id, held_on) <= held_on)
