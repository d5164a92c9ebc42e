"""AGENDA: the blocks of the meeting in their order, each with its question, its minutes and what computes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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


AGENDA: tuple[Item, ...] = ()
