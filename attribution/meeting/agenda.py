"""AGENDA: the blocks of the meeting in their order, each with its question, its minutes and what computes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from attribution.config import Settings
from attribution.meeting.block import Block, Context, Record


@dataclass(frozen=True)
class Item:
    """One block of the agenda. ``minutes`` is what it takes unless ``[meeting.minutes]`` says otherwise; ``short`` names it on buttons.

    ``behind`` lists all the records that a cell of the block's tables counts, by the cell's word (``Cell.behind``): for a click.
    """

    key: str
    question: str
    short: str
    minutes: int
    compute: Callable[[Context], Block]
    behind: Callable[[Context, str], tuple[Record, ...]] | None = None


# In the order of the meeting: is the ground firm, where do we stand, what did we promise, what happened, why, and what we do about it.
AGENDA: tuple[Item, ...] = ()


def minutes_of(item: Item, settings: Settings) -> int:
    """How long a block takes under some settings; 0: it is left out."""
    return settings.meeting.minutes.get(item.key, item.minutes)


def shown(settings: Settings) -> tuple[Item, ...]:
    """The blocks that the settings leave in, with their minutes."""
    return tuple(replace(item, minutes=minutes_of(item, settings)) for item in AGENDA if minutes_of(item, settings))
