"""Meetings in the store: what a team writes while it sits together, and what a closed meeting saw.

Notes are one text per block, saved over the version they were read at; lines that two people add at once are both kept. Decisions,
actions and dismissals are entries of their own, so that writing one never meets another. ``newest`` tells cheaply whether anybody wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Table, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from attribution.errors import StoreError
from attribution.store import saving
from attribution.store.meeting_records import (
    CLOSED,
    OPEN,
    Action,
    Decision,
    Dismissal,
    Entry,
    EntryRefused,
    Meeting,
    MeetingClosed,
    MeetingSave,
    Note,
    Pack,
    WrittenMeanwhile,
)
from attribution.store.meeting_tables import (
    MEETING_ACTIONS,
    MEETING_DECISIONS,
    MEETING_DISMISSALS,
    MEETING_NOTES,
    MEETING_PACKS,
    MEETING_SAVES,
    MEETINGS,
)
from attribution.store.merging import merged_lines
from attribution.store.records import clean, name_of, now

if TYPE_CHECKING:
    from attribution.store.store import Store

E = TypeVar("E", bound=Entry)
_TABLES: dict[type[Entry], Table] = {
    Decision: MEETING_DECISIONS,
    Action: MEETING_ACTIONS,
    Dismissal: MEETING_DISMISSALS,
}
_KIND = {Decision: "decision", Action: "action", Dismissal: "dismissal"}
_TRIES = 20  # saves of others that may fall between reading a note and saving it
_FREE = ("done_on", "done_by")  # what may be changed after its meeting was closed: whether an action is done


class Meetings:
    """The meetings of a store; ``store.meetings``. Safe to use from several threads and processes, as the store is."""

    def __init__(self, store: Store) -> None:
        """Over an opened store."""
        self._store = store

    # -- meetings -----------------------------------------------------------------------------------------------------------

    def newest(self) -> tuple[int, int]:
        """What changes whenever anybody saves anything about a meeting; one query of microseconds. (0, 0): nothing was ever written.

        Both the last number and how many there are: on a server a lower number may become visible after a higher one.
        """
        with self._store.reading() as connection:
            if connection is None:
                return 0, 0
            return _newest(connection)

    def all(self) -> tuple[Meeting, ...]:
        """Every meeting, the newest day first."""
        with self._store.reading() as connection:
            if connection is None:
                return ()
            return tuple(
                Meeting(**row) for row in connection.execute(select(MEETINGS).order_by(MEETINGS.c.held_on.desc())).mappings()
            )

    def one(self, meeting_id: int) -> Meeting | None:
        """A meeting; None where there is none of that number."""
        with self._store.reading() as connection:
            return None if connection is None or not 0 < meeting_id < 2**31 else _meeting(connection, meeting_id)

    def on(self, held_on: date) -> Meeting | None:
        """The meeting of a day; None where nothing was written for it yet."""
        return next((meeting for meeting in self.all() if meeting.held_on == held_on), None)

    def open(self, held_on: date, data_version: str = "", by: str = "") -> Meeting:
        """The meeting of a day, made where there is none: who comes second gets the first one's. It may be closed already."""
        row: dict[str, Any] = {
            "held_on": held_on, "state": OPEN, "opened_version": data_version, "opened_by": name_of(by), "opened_at": now(),
            "closed_version": "", "closed_by": "", "closed_at": None,
        }  # fmt: skip
        with self._store.writing() as connection:
            try:
                with connection.begin_nested():
                    made = connection.execute(insert(MEETINGS).values(**row)).inserted_primary_key
                assert made is not None
                meeting = _meeting(connection, made[0])
                assert meeting is not None
                _log(connection, "meeting", meeting.meeting_id, "", 0, 0, {"state": OPEN}, row["opened_by"])
                return meeting
            except IntegrityError:
                found = connection.execute(select(MEETINGS).where(MEETINGS.c.held_on == held_on)).mappings().one()
                return Meeting(**found)

    def close(self, pack: Pack, seen: tuple[int, int] | None = None) -> Meeting:
        """Close a meeting with its frozen pack, both or neither. Raises MeetingClosed where somebody was faster, and WrittenMeanwhile
        where somebody wrote since ``seen`` (what ``newest`` said before the pack was made), so that no late line is missing from it."""
        with self._store.writing() as connection:
            meeting = _meeting(connection, pack.meeting_id, for_update=True)
            if meeting is None:
                raise StoreError("There is no such meeting. Reload the page.")
            if not meeting.is_open:
                raise MeetingClosed(meeting)
            if seen is not None and _newest(connection) != seen:
                raise WrittenMeanwhile
            by = name_of(pack.closed_by)
            row = {
                **_shallow(pack),
                "pack": clean(pack.pack),
                "html": clean(pack.html),
                "actions_csv": clean(pack.actions_csv),
                "closed_by": by,
            }
            connection.execute(insert(MEETING_PACKS).values(**row))
            changes = {"state": CLOSED, "closed_version": pack.data_version, "closed_by": by, "closed_at": pack.closed_at}
            connection.execute(update(MEETINGS).where(MEETINGS.c.meeting_id == pack.meeting_id).values(**changes))
            _log(connection, "meeting", pack.meeting_id, "", 0, 0, {"state": CLOSED}, by)
            closed = _meeting(connection, pack.meeting_id)
            assert closed is not None
            return closed

    def pack(self, meeting_id: int) -> Pack | None:
        """What a closed meeting saw, as it was frozen; None where it is open or unknown."""
        with self._store.reading() as connection:
            if connection is None or not 0 < meeting_id < 2**31:
                return None
            row = (
                connection.execute(select(MEETING_PACKS).where(MEETING_PACKS.c.meeting_id == meeting_id)).mappings().one_or_none()
            )
            return None if row is None else Pack(**row)

    # -- notes: one text per block that several people write --------------------------------------------------------------------

    def notes(self, meeting_id: int) -> dict[str, Note]:
        """Block → its note, of the blocks that have one."""
        with self._store.reading() as connection:
            if connection is None:
                return {}
            rows = connection.execute(select(MEETING_NOTES).where(MEETING_NOTES.c.meeting_id == meeting_id)).mappings()
            return {row["block"]: Note(**row) for row in rows}

    def save_note(self, base: Note, text: str, by: str = "") -> tuple[Note, bool]:
        """Save a text that grew from ``base``; return what is there now, and whether somebody else's lines were merged into it.

        Lines that only one side changed are taken from it. Where both changed the same lines, both stand in the note, theirs first.
        The refused save is kept as well. Raises MeetingClosed after keeping it.
        """
        mine, by, merged = clean(text), name_of(by), False
        key: dict[str, Any] = {"meeting_id": base.meeting_id, "block": base.block}
        for _ in range(_TRIES):
            with self._store.writing() as connection:
                closed = _if_closed(connection, base.meeting_id)
                written = {"text": mine, "saved_by": by, "saved_at": now()}
                is_saved = closed is None and saving.put(connection, MEETING_NOTES, key, base.version, written)
                row = saving.get(connection, MEETING_NOTES, key)
                theirs = Note(**row) if row else Note(**key)
                if is_saved or theirs.text != mine:
                    _log(
                        connection,
                        "note",
                        base.meeting_id,
                        base.block,
                        0,
                        base.version,
                        {"text": mine},
                        by,
                        is_refused=not is_saved,
                    )
            if is_saved or (theirs.text == mine and closed is None):
                return theirs, merged
            if closed is not None:
                raise MeetingClosed(closed)
            mine, base, merged = merged_lines(base.text, mine, theirs.text), theirs, True
            if mine == theirs.text:
                return theirs, merged
        raise StoreError("Not saved: others keep saving at this moment. Try again.")

    # -- decisions, actions, dismissals: entries of their own ---------------------------------------------------------------------

    def decisions(self, meeting_id: int | None = None) -> tuple[Decision, ...]:
        """Decisions of one meeting or of all, the oldest first."""
        return self._entries(Decision, meeting_id)

    def actions(self, meeting_id: int | None = None) -> tuple[Action, ...]:
        """Actions of one meeting or of all, the oldest first."""
        return self._entries(Action, meeting_id)

    def dismissals(self, on: date | None = None) -> tuple[Dismissal, ...]:
        """Dismissals, the oldest first; with ``on`` those that still hold on that day."""
        return tuple(entry for entry in self._entries(Dismissal, None) if on is None or entry.until_on >= on)

    def add(self, entry: E, by: str = "") -> E:
        """Write an entry down; its id, moment and version are given here. Raises MeetingClosed (the text is kept among the saves)."""
        by, moment = name_of(by), now()
        ready = replace(entry, **clean(_texts(entry)), version=1, written_by=by, written_at=moment, saved_by=by, saved_at=moment)
        with self._store.writing() as connection:
            closed = _if_closed(connection, entry.meeting_id)
            if closed is None:
                values = {name: value for name, value in asdict(ready).items() if name != "entry_id"}
                given = connection.execute(insert(_TABLES[type(entry)]).values(**values)).inserted_primary_key
                assert given is not None
                ready = replace(ready, entry_id=given[0])
            self._log_entry(connection, ready, 0, closed is not None)
        if closed is not None:
            raise MeetingClosed(closed)
        return ready

    def change(self, entry: E, by: str = "") -> E:
        """Save a changed entry over the version it holds. Saving what is there already changes nothing.

        Raises EntryRefused, which holds both texts, where somebody changed it in the meantime; and MeetingClosed, unless only
        whether an action is done is changed. Both are kept among the saves.
        """
        table, by = _TABLES[type(entry)], name_of(by)
        mine = replace(entry, **clean(_texts(entry)), saved_by=by, saved_at=now())
        with self._store.writing() as connection:
            row = saving.get(connection, table, {"entry_id": entry.entry_id})
            if row is None:
                raise StoreError("This was not found in the store any more. Reload the page.")
            theirs = type(entry)(**row)
            changed = {name for name, value in _content(mine).items() if value != _content(theirs)[name]}
            if not changed:
                return theirs
            closed = None if changed <= set(_FREE) else _if_closed(connection, entry.meeting_id)
            values = {name: value for name, value in asdict(mine).items() if name not in ("entry_id", "version")}
            is_saved = closed is None and saving.put(connection, table, {"entry_id": entry.entry_id}, entry.version, values)
            self._log_entry(connection, mine, entry.version, not is_saved)
        if closed is not None:
            raise MeetingClosed(closed)
        if not is_saved:
            raise EntryRefused(theirs, mine)
        return replace(mine, version=entry.version + 1)

    def set_done(self, entry_id: int, done_on: date | None, by: str = "") -> Action:
        """Tick an action off, or open it again (None). The last one to say so is right: there is no text to lose."""
        for _ in range(_TRIES):
            action = self.action(entry_id)
            if action is None:
                raise StoreError("This action was not found in the store any more. Reload the page.")
            try:
                return self.change(replace(action, done_on=done_on, done_by=name_of(by) if done_on else ""), by)
            except EntryRefused:
                continue
        raise StoreError("Not saved: others keep saving at this moment. Try again.")

    def action(self, entry_id: int) -> Action | None:
        """One action; None where there is none of that number."""
        with self._store.reading() as connection:
            row = None if connection is None else saving.get(connection, MEETING_ACTIONS, {"entry_id": entry_id})
            return None if row is None else Action(**row)

    def saves(self, meeting_id: int, limit: int = 1000) -> tuple[MeetingSave, ...]:
        """The last saves of a meeting, the newest first, the refused ones among them."""
        with self._store.reading() as connection:
            if connection is None:
                return ()
            found = select(MEETING_SAVES).where(MEETING_SAVES.c.meeting_id == meeting_id)
            rows = connection.execute(found.order_by(MEETING_SAVES.c.save_id.desc()).limit(limit)).mappings()
            return tuple(MeetingSave(**row) for row in rows)

    def _entries(self, kind: type[E], meeting_id: int | None) -> tuple[E, ...]:
        """Entries that were not taken back, the oldest first."""
        table = _TABLES[kind]
        asked = select(table).where(table.c.is_removed.is_(False)).order_by(table.c.entry_id)
        if meeting_id is not None:
            asked = asked.where(table.c.meeting_id == meeting_id)
        with self._store.reading() as connection:
            return () if connection is None else tuple(kind(**row) for row in connection.execute(asked).mappings())

    def _log_entry(self, connection: Connection, entry: Entry, based_on: int, is_refused: bool) -> None:
        written = {name: value.isoformat() if isinstance(value, date) else value for name, value in _content(entry).items()}
        kind = _KIND[type(entry)]
        _log(
            connection,
            kind,
            entry.meeting_id,
            entry.block,
            entry.entry_id,
            based_on,
            written,
            entry.saved_by,
            is_refused=is_refused,
        )


_STAMPS = ("entry_id", "meeting_id", "version", "written_by", "written_at", "saved_by", "saved_at")


def _content(entry: Entry) -> dict[str, Any]:
    """What somebody wrote, without who and when."""
    return {name: value for name, value in asdict(entry).items() if name not in _STAMPS}


def _texts(entry: Entry) -> dict[str, str]:
    return {name: value for name, value in _content(entry).items() if isinstance(value, str)}


def _shallow(pack: Pack) -> dict[str, Any]:
    return {name: getattr(pack, name) for name in pack.__dataclass_fields__}


def _newest(connection: Connection) -> tuple[int, int]:
    last, count = connection.execute(select(func.max(MEETING_SAVES.c.save_id), func.count()).select_from(MEETING_SAVES)).one()
    return last or 0, count


def _meeting(connection: Connection, meeting_id: int, for_update: bool = False) -> Meeting | None:
    asked = select(MEETINGS).where(MEETINGS.c.meeting_id == meeting_id)
    row = connection.execute(asked.with_for_update() if for_update else asked).mappings().one_or_none()
    return None if row is None else Meeting(**row)


def _if_closed(connection: Connection, meeting_id: int) -> Meeting | None:
    """The meeting where it is closed, else None; nobody can close it before this transaction ends. Raises StoreError for an unknown one."""
    asked = select(MEETINGS).where(MEETINGS.c.meeting_id == meeting_id).with_for_update(read=True)
    row = connection.execute(asked).mappings().one_or_none()
    if row is None:
        raise StoreError("There is no such meeting in the store any more. Reload the page.")
    meeting = Meeting(**row)
    return None if meeting.is_open else meeting


def _log(
    connection: Connection, kind: str, meeting_id: int, block: str, entry_id: int, based_on: int, written: dict[str, Any], by: str,
    is_refused: bool = False,
) -> None:  # fmt: skip
    connection.execute(
        insert(MEETING_SAVES).values(
            kind=kind, meeting_id=meeting_id, block=block, entry_id=entry_id, based_on=based_on, is_refused=is_refused,
            written=written, saved_by=by, saved_at=now(),
        )
    )  # fmt: skip


def last_closed(meetings: Sequence[Meeting], before: date) -> Meeting | None:
    """The last closed meeting before a day; None for the first ever."""
    return max(
        (meeting for meeting in meetings if not meeting.is_open and meeting.held_on < before),
        key=lambda meeting: meeting.held_on,
        default=None,
    )
