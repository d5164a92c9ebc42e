"""AGENDA: the blocks of the meeting in their order, each with its question, its minutes and what computes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from attribution.config import Settings
from attribution.meeting import actions, fit, promised
from attribution.meeting.block import Block, Context, Record
from attribution.meeting.minutes import MINUTES


@dataclass(frozen=True)
class Item:
    """One block of the agenda. ``minutes`` is what it takes unless ``[meeting.minutes]`` says otherwise; ``short`` names it on buttons.

    ``behind`` lists all the records that a cell of the block's tables counts, by the cell's word (``Cell.behind``): for a click.
    ``reads_store``: it shows what people wrote, so it is computed anew when anybody writes; the others only change with the data.
    """

    key: str
    question: str
    short: str
    minutes: int
    compute: Callable[[Context], Block]
    behind: Callable[[Context, str], tuple[Record, ...]] | None = None
    reads_store: bool = False


def _item(
    key: str,
    question: str,
    short: str,
    compute: Callable[[Context], Block],
    behind: Callable[[Context, str], tuple[Record, ...]] | None = None,
    reads_store: bool = False,
) -> Item:
    return Item(key, question, short, MINUTES[key], compute, behind, reads_store)


# In the order of the meeting: is the ground firm, where do we stand, what did we promise, what happened, why, and what we do about it.
AGENDA: tuple[Item, ...] = (
    _item("fit", "Are we fit to talk?", "Fit to talk?", fit.block),
    _item("promised", "Did we do what we said?", "Did we do it?", promised.block, reads_store=True),
    _item("actions", "Who does what by when?", "Who does what?", actions.block, reads_store=True),
)


def minutes_of(item: Item, settings: Settings) -> int:
    """How long a block takes under some settings; 0: it is left out."""
    return settings.meeting.minutes.get(item.key, item.minutes)


def shown(settings: Settings) -> tuple[Item, ...]:
    """The blocks that the settings leave in, with their minutes."""
    return tuple(replace(item, minutes=minutes_of(item, settings)) for item in AGENDA if minutes_of(item, settings))
