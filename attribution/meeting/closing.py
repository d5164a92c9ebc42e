"""A meeting is closed: its blocks are computed once more, frozen with all that was written, and its version of the data is pinned.

All of it happens, or nothing. What others write while the blocks are computed is in the pack: the store refuses a pack that lacks a
line, and it is put together anew. Where a version cannot be pinned (a database of a single file has none, a folder may be read-only),
the meeting is closed all the same, and says so. The versions of the newest closed meetings are kept, those of older ones released.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from attribution.content import scope
from attribution.dataset import Dataset
from attribution.errors import ClosedLoopError, DatabaseError
from attribution.meeting import agenda, frozen, pack
from attribution.meeting.agenda import Item
from attribution.meeting.block import Context
from attribution.meeting.context import context as looked_at
from attribution.meeting.context import usual_day
from attribution.meeting.pack import MeetingPack, Part
from attribution.reports import meeting as files
from attribution.store.meeting_records import Meeting, MeetingClosed, Pack, WrittenMeanwhile
from attribution.store.meetings import last_closed
from attribution.store.records import name_of
from attribution.versions import is_version_file, pin, pins, unpin

if TYPE_CHECKING:
    from attribution.store import Store

_TRIES = 5  # entries of others that may fall between reading what was written and closing
Opened = Callable[[Path, str], Dataset | None]


@dataclass(frozen=True)
class Closed:
    """A closed meeting: its record, what it saw, and whether its version of the data is kept."""

    meeting: Meeting
    pack: MeetingPack
    is_pinned: bool


def pack_of(ds: Dataset, store: Store | None, held_on: date | None = None) -> MeetingPack:
    """The pack of a day: as it was where that meeting is closed, else as it would be now. ``held_on``: None for the next meeting.

    Raises StoreError; ``store`` is None where there is none.
    """
    meetings = store.meetings.all() if store else ()
    day = held_on or next_day(ds, meetings)
    there = next((meeting for meeting in meetings if meeting.held_on == day and not meeting.is_open), None)
    stored = store.meetings.pack(there.meeting_id) if store and there else None
    return reopened(stored) if stored else ahead(ds, store, day)


def next_day(ds: Dataset, meetings: Sequence[Meeting] = ()) -> date:
    """The day of the next meeting: a cadence after the last closed one (or after ``last_meeting_on``), unless the data is already beyond
    that; then, and where there was no meeting yet, the day for which the page prepares one."""
    before = last_closed(meetings, date.max)
    last = before.held_on if before else ds.settings.reporting.last_meeting_on
    if last is not None and any(meeting.is_open and meeting.held_on > last for meeting in meetings):
        return usual_day(ds, meetings)
    planned = last + timedelta(days=ds.settings.meeting.cadence_days) if last else None
    return planned if planned and planned >= scope.today(ds) else usual_day(ds, meetings)


def ahead(
    ds: Dataset, store: Store | None, held_on: date, opened: Opened | None = None, items: Sequence[Item] | None = None
) -> MeetingPack:
    """The pack of a meeting as it would be now, with what was written so far. ``store``: None where there is none. Raises StoreError."""
    context = looked_at(ds, store, held_on, opened)
    return _with_words(store, context, pack.parts(context, items))


def close(
    store: Store, ds: Dataset, meeting: Meeting, by: str = "", opened: Opened | None = None, items: Sequence[Item] | None = None
) -> Closed:
    """Close a meeting over the data that ``ds`` shows. Raises MeetingClosed where somebody was faster, or another StoreError; nothing
    has happened then."""
    there = store.meetings.one(meeting.meeting_id)
    if there is not None and not there.is_open:
        raise MeetingClosed(there)
    listed = tuple(agenda.shown(ds.settings) if items is None else items)
    context = looked_at(ds, store, meeting.held_on, opened)
    shown = {entry.key: entry for entry in pack.parts(context, listed)}
    moment = datetime.now(UTC)
    why = _reason(meeting.held_on, moment)
    database = ds.path.parent
    is_pinned = _pinned(ds, why)
    try:
        for tried in range(_TRIES):
            seen = store.meetings.newest()
            if tried or any(item.reads_store for item in listed):
                context = looked_at(ds, store, meeting.held_on, opened)
                careful = pack.careful_with(context)
                shown |= {item.key: pack.part(context, item, careful.get(item.key, ())) for item in listed if item.reads_store}
            made = pack.closed(_with_words(store, context, [shown[item.key] for item in listed]), name_of(by), moment)
            with suppress(WrittenMeanwhile):
                closed = store.meetings.close(_stored(made, meeting.meeting_id, is_pinned, moment), seen)
                break
        else:
            raise WrittenMeanwhile
    except BaseException:
        if is_pinned:
            with suppress(ClosedLoopError):
                unpin(database, ds.version, why)
        raise
    with suppress(ClosedLoopError):  # the meeting is closed; the next one that is closed releases them
        _release_older(store, ds)
    return Closed(closed, made, is_pinned)


def reopened(stored: Pack) -> MeetingPack:
    """What a closed meeting saw. Raises FrozenError where it cannot be read."""
    return frozen.thaw(stored.pack, MeetingPack)


def _with_words(store: Store | None, context: Context, shown: Sequence[Part]) -> MeetingPack:
    """The blocks with what was written under them so far."""
    own = next((entry for entry in context.meetings if entry.held_on == context.held_on), None)
    notes = store.meetings.notes(own.meeting_id) if store and own else {}
    return pack.made(context, shown, notes, own.meeting_id if own else 0)


def _stored(made: MeetingPack, meeting_id: int, is_pinned: bool, moment: datetime) -> Pack:
    return Pack(
        meeting_id=meeting_id, pack=frozen.freeze(made), html=files.html(made), actions_csv=files.actions_csv(made), data_version=made.data_version,
        is_pinned=is_pinned, closed_by=made.closed_by, closed_at=moment,
    )  # fmt: skip


def _reason(held_on: date, closed_at: datetime) -> str:
    """What a version of the data is pinned for, for people who look at pins.json."""
    return f"meeting of {held_on:%Y-%m-%d}, closed {closed_at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"


def _release_older(store: Store, ds: Dataset) -> None:
    """Give up the versions of all but the newest closed meetings of this store (``[meeting] keep_versions``); what they saw stays frozen.

    Only a meeting's own reason is given up: what a spotlight or another store quotes stays. Raises StoreError or DatabaseError.
    """
    if not is_version_file(ds.path):
        return
    ended = [entry for entry in store.meetings.all() if not entry.is_open and entry.closed_at is not None]
    newest_first = sorted(ended, key=lambda entry: entry.held_on, reverse=True)
    older = newest_first[ds.settings.meeting.keep_versions :]
    reasons = {_reason(entry.held_on, entry.closed_at) for entry in older if entry.closed_at is not None}
    for version, held in pins(ds.path.parent).items():
        for why in reasons.intersection(held):
            unpin(ds.path.parent, version, why)


def _pinned(ds: Dataset, why: str) -> bool:
    """Pin the version of the data; whether that could be done."""
    if not is_version_file(ds.path):
        return False
    try:
        pin(ds.path.parent, ds.version, why)
    except DatabaseError:
        return False
    return True
