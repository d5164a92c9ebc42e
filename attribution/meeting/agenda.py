"""AGENDA: the blocks of the meeting in their order, each with its question, its minutes and what computes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from attribution.config import Settings
from attribution.meeting import actions, changes, content, deals, fit, funnel, plan, promised, promises, stuck
from attribution.meeting.block import Block, Context, Grid, Record
from attribution.meeting.minutes import MINUTES


@dataclass(frozen=True)
class Item:
    """One block of the agenda. ``minutes`` is what it takes unless ``[meeting.minutes]`` says otherwise; ``short`` names it on buttons.

    ``behind`` lists all the records that a cell of the block's tables counts, by the cell's word (``Cell.behind``): for a click.
    ``reads_store``: it shows what people wrote, so it is computed anew when anybody writes; the others only change with the data.
    ``beside``: two of its records, by their keys, side by side. ``puts_aside``: its records can be put
    aside until a day. ``leads_with``: what stands first where a block has records and tables.
    """

    key: str
    question: str
    short: str
    minutes: int
    compute: Callable[[Context], Block]
    behind: Callable[[Context, str], tuple[Record, ...]] | None = None
    reads_store: bool = False
    beside: Callable[[Context, str, str], Grid] | None = None
    puts_aside: bool = False
    leads_with: Literal["records", "grids"] = "records"


def _item(key: str, question: str, short: str, compute: Callable[[Context], Block], **more: Any) -> Item:
    return Item(key, question, short, MINUTES[key], compute, **more)


# In the order of the meeting: is the ground firm, where do we stand, what did we promise, what happened, why, and what we do about it.
AGENDA: tuple[Item, ...] = (
    _item("fit", "Are we fit to talk?", "Fit to talk?", fit.block),
    _item("plan", "Are we on plan?", "On plan?", plan.block),
    _item("promised", "Did we do what we said?", "Did we do it?", promised.block, reads_store=True),
    _item("changes", "What changed since the last meeting?", "What changed?", changes.block),
    _item(
        "funnel", "Where does the one funnel leak?", "Where does it leak?", funnel.block, behind=funnel.behind, leads_with="grids"
    ),
    _item("promises", "Do we keep our promises?", "Promises kept?", promises.block, behind=promises.behind),
    _item("stuck", "What is stuck?", "What is stuck?", stuck.block, behind=stuck.behind, reads_store=True, puts_aside=True),
    _item("deals", "What did we win and lose?", "Won and lost?", deals.block, beside=deals.side_by_side),
    _item("content", "What content next?", "What content?", content.block),
    _item("actions", "Who does what by when?", "Who does what?", actions.block, reads_store=True),
)


def minutes_of(item: Item, settings: Settings) -> int:
    """How long a block takes under some settings; 0: it is left out."""
    return settings.meeting.minutes.get(item.key, item.minutes)


def shown(settings: Settings) -> tuple[Item, ...]:
    """The blocks that the settings leave in, with their minutes."""
    return tuple(replace(item, minutes=minutes_of(item, settings)) for item in AGENDA if minutes_of(item, settings))
