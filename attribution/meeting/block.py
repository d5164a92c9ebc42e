"""What a block of the meeting is made of: plain words and numbers, so that the page, the file and the archive show the same.

A block is computed by one function, ``Context → Block``. Everything in a ``Block`` is text, a number, None or a tuple of
these, so it survives being written as JSON and read again years later. Texts are sober and name no culprit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from attribution.dataset import Dataset

# good and bad are never told by colour alone: the group's word and sign say it too.
Tone = Literal["good", "bad", "new", "moved", "plain"]

RATE_DAYS = 90  # two weeks are too few for rates
FEWEST_FOR_RATE = 10  # below this many records no percentage is given


@dataclass(frozen=True)
class Figure:
    """One of at most five figures: its name, the value in words, a second line, a definition on hover, and where it leads."""

    label: str
    value: str
    note: str = ""
    help: str = ""
    link: str = ""


@dataclass(frozen=True)
class Record:
    """One line of the list: ``group`` with its sign ("↑ Won"), name, amount in words, what to know about it, and where it leads.

    ``key`` is the record's id in the data (an action can be about it); ``fields`` are further columns of the CSV, (name, value).
    """

    group: str
    name: str
    amount: str = ""
    detail: str = ""
    link: str = ""
    tone: Tone = "plain"
    key: str = ""
    fields: tuple[tuple[str, str | float | int | None], ...] = ()


@dataclass(frozen=True)
class Bar:
    """One mark of a picture. ``value`` in the picture's unit, ``words`` its label; ``low`` and ``high`` a likely range."""

    label: str
    value: float | None
    words: str
    note: str = ""
    low: float | None = None
    high: float | None = None
    tone: Tone = "plain"
    link: str = ""


@dataclass(frozen=True)
class Picture:
    """One picture with one message. ``bars`` lie side by side from zero; ``steps`` add up from zero to the last one (changes only);
    ``ranges`` are dots with their likely range, ``goal`` a line across; ``most``: up to where the bars could reach (100 for shares of a whole), so that
    a small share is a short bar also where it is the largest. ``alt`` says the message."""

    title: str
    kind: Literal["bars", "steps", "ranges"]
    bars: tuple[Bar, ...]
    alt: str
    unit: str = ""
    goal: float | None = None
    goal_words: str = ""
    caption: str = ""
    most: float | None = None


@dataclass(frozen=True)
class Cell:
    """A cell of a table: what it says, and where it leads. ``behind``: the word with which its block lists the records it counts
    (``Item.behind``); empty where it counts none, or has a ``link``."""

    words: str
    link: str = ""
    tone: Tone = "plain"
    behind: str = ""


@dataclass(frozen=True)
class Grid:
    """A small table: columns (the first are names, the others right-aligned) and rows of cells; ``help``: definitions of columns."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    name_columns: int = 1
    help: tuple[tuple[str, str], ...] = ()
    caption: str = ""


@dataclass(frozen=True)
class Block:
    """A block as it is shown: the answer in one or two sentences, at most five figures, then records or tables, and a picture.

    ``marks``: why to be careful with it. ``missing``: where there is nothing to show, what would be here and how to supply it;
    then the other parts may be empty. ``records`` stand in the order of their groups.
    """

    answer: str
    figures: tuple[Figure, ...] = ()
    records_title: str = ""
    records: tuple[Record, ...] = ()
    picture: Picture | None = None
    grids: tuple[Grid, ...] = ()
    notes: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    missing: str = ""


@dataclass(frozen=True)
class Context:
    """What a block may look at. ``held_on``: the day of the meeting. ``last_on``: the day of the one before; None for the first ever.

    ``before``: the data as the last meeting saw them, where that version is still kept. ``actions`` and ``decisions``: what earlier
    meetings and this one wrote down (records of the store), the oldest first; ``meetings``: every meeting of the store, which says on
    which day an entry was written. ``dismissals``: stuck records that nobody wants to see on this day.
    """

    ds: Dataset
    held_on: date
    last_on: date | None = None
    before: Dataset | None = None
    actions: tuple[Any, ...] = field(default=())
    decisions: tuple[Any, ...] = field(default=())
    dismissals: tuple[Any, ...] = field(default=())
    meetings: tuple[Any, ...] = field(default=())

    @property
    def since(self) -> date:
        """The day after which things are new: the last meeting's, else one cadence ago."""
        return self.last_on or self.held_on - timedelta(days=self.ds.settings.meeting.cadence_days)
