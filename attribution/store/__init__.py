"""What people write in the app, in a store of its own: never in the analytics file, which any build may replace.

    place.py       which store: CLOSED_LOOP_STORE (a file or a Postgres URL), else a file beside the database folder
    engine.py      connections: SQLite with a write-ahead log, or Postgres; what went wrong, in words
    schema.py      applies the migrations at open, one process at a time; refuses a store that is newer than the program
    migrations/    one file per change of the tables; the first makes them
    tables.py      the tables as they are now
    saving.py      a save over somebody's newer save is refused and kept beside it
    merging.py     two texts that grew from one: what only one side changed is taken from it, the rest is a clash
    store.py       Store: drafts of the spotlight and the issues that were published
    meetings.py    Meetings (store.meetings): notes, decisions, actions, dismissals, and what closed meetings saw
    meeting_tables.py, meeting_records.py   their tables, and what is handed out
    publishing.py  an issue enters the archive, and its version of the data is pinned

``attribution.store.open()`` returns a Store; it raises StoreError where there is none to be had.
"""

from __future__ import annotations

from attribution.store.meeting_records import (
    Action,
    Decision,
    Dismissal,
    EntryRefused,
    Meeting,
    MeetingClosed,
    MeetingSave,
    Note,
    Pack,
)
from attribution.store.meetings import Meetings
from attribution.store.place import store_url
from attribution.store.records import Draft, Issue, Save, SaveRefused
from attribution.store.store import Store, open_store
from attribution.store.store import open_store as open

__all__ = [
    "Action", "Decision", "Dismissal", "Draft", "EntryRefused", "Issue", "Meeting", "MeetingClosed", "MeetingSave", "Meetings", "Note", "Pack",
    "Save", "SaveRefused", "Store", "open", "open_store", "store_url",
]  # fmt: skip
