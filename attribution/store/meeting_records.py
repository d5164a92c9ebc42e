"""What the store hands out about meetings: the meeting, its notes, decisions, actions and dismissals, and the frozen pack; all frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from attribution.errors import StoreError
from attribution.store.records import NOBODY

OPEN, CLOSED = "open", "closed"


@dataclass(frozen=True)
class Meeting:
    """A meeting of a day. ``closed_version`` and the moment of closing are empty while it is open."""

    meeting_id: int
    held_on: date
    state: Literal["open", "closed"]
    opened_version: str
    opened_by: str
    opened_at: datetime
    closed_version: str = ""
    closed_by: str = ""
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether anything can still be written into it."""
        return self.state == OPEN


@dataclass(frozen=True)
class Note:
    """The text of a block in a meeting. ``version`` counts its saves; 0: never saved."""

    meeting_id: int
    block: str
    text: str = ""
    version: int = 0
    saved_by: str = ""
    saved_at: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """What decisions, actions and dismissals have in common. ``entry_id`` and ``version`` are 0 until it is saved."""

    meeting_id: int
    block: str
    text: str
    entry_id: int = 0
    version: int = 0
    written_by: str = ""
    written_at: datetime | None = None
    is_removed: bool = False
    saved_by: str = ""
    saved_at: datetime | None = None


@dataclass(frozen=True)
class Decision(Entry):
    """Something that was decided."""


@dataclass(frozen=True)
class Action(Entry):
    """Who does what by when. ``metric`` is a key of the metrics registry, ``metric_value`` what it was from ``metric_from`` to
    ``metric_to`` when the action was written, ``about`` the id of the record it is about."""

    owner: str = ""
    due_on: date | None = None
    metric: str = ""
    metric_definition: str = ""
    metric_value: float | None = None
    metric_from: date | None = None
    metric_to: date | None = None
    about: str = ""
    about_name: str = ""
    done_on: date | None = None
    done_by: str = ""

    @property
    def is_done(self) -> bool:
        """Whether somebody ticked it off."""
        return self.done_on is not None

    def is_late(self, today: date) -> bool:
        """Whether it is still open after the day it was due."""
        return not self.is_done and self.due_on is not None and self.due_on < today


@dataclass(frozen=True)
class Dismissal(Entry):
    """A stuck record that is left out until a day; ``text`` says why."""

    about: str = ""
    about_name: str = ""
    until_on: date = date.max


@dataclass(frozen=True)
class Pack:
    """What a closed meeting saw: its blocks as JSON, the file, its actions as CSV, and the version of the data. Files are empty in listings."""

    meeting_id: int
    pack: Mapping[str, Any]
    html: str
    actions_csv: str
    data_version: str
    is_pinned: bool
    closed_by: str
    closed_at: datetime


@dataclass(frozen=True)
class MeetingSave:
    """One save of a note or an entry: what was written over which version, by whom, and whether it was refused."""

    save_id: int
    kind: str
    meeting_id: int
    block: str
    entry_id: int
    based_on: int
    is_refused: bool
    written: Mapping[str, Any] = field(default_factory=dict)
    saved_by: str = ""
    saved_at: datetime | None = None


class MeetingClosed(StoreError):
    """The meeting was closed meanwhile; what was written is kept among the saves."""

    def __init__(self, meeting: Meeting) -> None:
        """``meeting``: as it is now."""
        super().__init__(
            f"The meeting of {meeting.held_on:%Y-%m-%d} was closed by {meeting.closed_by or NOBODY}, so nothing can be added to it. "
            "Write it into the next meeting."
        )
        self.meeting = meeting


class EntryRefused(StoreError):
    """Somebody changed the same note or entry in the meantime. Both texts are here, and both are in the store."""

    def __init__(self, theirs: Any, mine: Any) -> None:
        """``theirs``: as it is now; ``mine``: what was not saved over it."""
        super().__init__(
            f"{theirs.saved_by or NOBODY} changed this while you were writing. Yours was not saved over it: both texts are kept."
        )
        self.theirs = theirs
        self.mine = mine


class WrittenMeanwhile(StoreError):
    """Somebody wrote into a meeting while its pack was being made: make it anew, with what they wrote."""

    def __init__(self) -> None:
        """In words for the case that others never stop writing."""
        super().__init__(
            "Not closed: others are still writing into this meeting. Wait until they have finished, then close it again."
        )
