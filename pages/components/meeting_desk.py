"""Where it is written in a meeting: the block, its meeting and store, and what the session keeps about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from attribution.errors import StoreError
from attribution.meeting.block import Context, Record
from attribution.store import Meeting, Store
from pages.components import writer

WRONG, NEWS, STAMP = "meeting_wrong", "meeting_news", "meeting_stamp"
READING = "meeting_reading"  # a list is open at the side


@dataclass(frozen=True)
class Desk:
    """Where it is written: the block of a meeting. ``meeting``: None until the first line is written; ``records``: what it may be about."""

    context: Context
    store: Store | None
    meeting: Meeting | None
    block: str
    records: tuple[Record, ...]
    reads_store: bool
    puts_aside: bool = False

    @property
    def ds(self) -> Any:
        """The data."""
        return self.context.ds

    @property
    def held_on(self) -> date:
        """The day of the meeting."""
        return self.context.held_on

    @property
    def may_write(self) -> bool:
        """Whether the boxes are open."""
        return bool(self.store and self.store.is_writable and (self.meeting is None or self.meeting.is_open))

    def key(self, word: str) -> str:
        """The key of a box of this block."""
        return f"meeting|{self.held_on}|{self.block}|{word}"


def ensure(desk: Desk) -> Meeting:
    """The meeting, made with the first line that is written into it. Raises StoreError."""
    assert desk.store is not None
    return meeting_of(desk) or desk.store.meetings.open(desk.held_on, desk.ds.version, writer.by())


def meeting_of(desk: Desk) -> Meeting | None:
    """The meeting as it was when the page was drawn, else the one that somebody made meanwhile."""
    if desk.meeting is not None or desk.store is None:
        return desk.meeting
    try:
        return desk.store.meetings.on(desk.held_on)
    except StoreError:
        return None
