"""The tables of the revenue team's meetings. Change them together with a new file in migrations/versions; a test compares the two.

Every save of a note, a decision, an action or a dismissal is also a row of ``meeting_saves``, the refused ones too: nothing that was
written is lost, and the number of that table's rows tells whether anybody wrote since.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Float, ForeignKey, Integer, String, Table, Text

from attribution.store.tables import METADATA, Moment

KEY = 200  # letters of a key of a block, a record or a metric; ids of the data may be long


def _saved() -> list[Column[Any]]:
    """Who saved last, and how many saves there were."""
    return [
        Column("version", Integer, nullable=False),
        Column("saved_by", String(120), nullable=False),
        Column("saved_at", Moment, nullable=False),
    ]


def _written_down(name: str, *columns: Column[Any]) -> Table:
    """A table of entries that stand one by one: appended, changed, taken back (is_removed), never deleted."""
    return Table(
        name,
        METADATA,
        Column("entry_id", Integer, primary_key=True, autoincrement=True),
        Column("meeting_id", Integer, ForeignKey("meetings.meeting_id"), nullable=False, index=True),
        Column("block", String(KEY), nullable=False),
        Column("text", Text, nullable=False),
        *columns,
        Column("written_by", String(120), nullable=False),
        Column("written_at", Moment, nullable=False),
        Column("is_removed", Boolean, nullable=False),
        *_saved(),
    )


# One row per day on which there is a meeting. ``data_version``: of the data when it was opened, and when it was closed.
MEETINGS = Table(
    "meetings",
    METADATA,
    Column("meeting_id", Integer, primary_key=True, autoincrement=True),
    Column("held_on", Date, nullable=False, unique=True),
    Column("state", String(10), nullable=False),
    Column("opened_version", String(40), nullable=False),
    Column("opened_by", String(120), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_version", String(40), nullable=False),
    Column("closed_by", String(120), nullable=False),
    Column("closed_at", Moment, nullable=True),
)

# One row per meeting and block: the text that everybody writes into.
MEETING_NOTES = Table(
    "meeting_notes",
    METADATA,
    Column("meeting_id", Integer, ForeignKey("meetings.meeting_id"), primary_key=True),
    Column("block", String(KEY), primary_key=True),
    Column("text", Text, nullable=False),
    *_saved(),
)

MEETING_DECISIONS = _written_down("meeting_decisions")

# ``metric``: a key of the metrics registry, with what it was worth over which days when the action was written; ``about``: a record's id.
MEETING_ACTIONS = _written_down(
    "meeting_actions",
    Column("owner", String(KEY), nullable=False),
    Column("due_on", Date, nullable=True),
    Column("metric", String(KEY), nullable=False),
    Column("metric_definition", Text, nullable=False),
    Column("metric_value", Float, nullable=True),
    Column("metric_from", Date, nullable=True),
    Column("metric_to", Date, nullable=True),
    Column("about", String(KEY), nullable=False),
    Column("about_name", Text, nullable=False),
    Column("done_on", Date, nullable=True),
    Column("done_by", String(120), nullable=False),
)

# A stuck record that nobody wants to see until a day; ``text`` is the reason.
MEETING_DISMISSALS = _written_down(
    "meeting_dismissals",
    Column("about", String(KEY), nullable=False, index=True),
    Column("about_name", Text, nullable=False),
    Column("until_on", Date, nullable=False),
)

# One row per closed meeting: what it saw, frozen. Never changed.
MEETING_PACKS = Table(
    "meeting_packs",
    METADATA,
    Column("meeting_id", Integer, ForeignKey("meetings.meeting_id"), primary_key=True, autoincrement=False),
    Column("pack", JSON, nullable=False),
    Column("html", Text, nullable=False),
    Column("actions_csv", Text, nullable=False),
    Column("data_version", String(40), nullable=False),
    Column("is_pinned", Boolean, nullable=False),
    Column("closed_by", String(120), nullable=False),
    Column("closed_at", Moment, nullable=False),
)

# One row per save, the refused ones too (is_refused). ``entry_id``: 0 for notes, which stand once per meeting and block.
MEETING_SAVES = Table(
    "meeting_saves",
    METADATA,
    Column("save_id", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),
    Column("meeting_id", Integer, nullable=False, index=True),
    Column("block", String(KEY), nullable=False),
    Column("entry_id", Integer, nullable=False),
    Column("based_on", Integer, nullable=False),
    Column("is_refused", Boolean, nullable=False),
    Column("written", JSON, nullable=False),
    Column("saved_by", String(120), nullable=False),
    Column("saved_at", Moment, nullable=False),
)
