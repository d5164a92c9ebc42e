"""Pictures of the meeting's blocks as rows of a table: a bar, a step or a dot per row beside its words, so that the picture is its own table.

Places are percent of the row's track, from the left. Zero, the goal and the connectors of steps are thin boxes as high as their row, so
that they reach through all rows; they need no SVG, stay sharp at any width and follow the colours of the sheet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from attribution.meeting.block import Bar, Picture, Tone

# The sheet's colour of each tone; "neutral" for bars without one.
COLOURS: dict[Tone, str] = {"good": "versus", "bad": "problems", "new": "cost", "moved": "best", "plain": "neutral"}
_END = 2.0  # percent left free at both ends, so that no mark is cut


_LABEL, _NOTE = 22, 27  # letters of a line of a row's name and of what stands under it, where the picture is narrow


@dataclass(frozen=True)
class Mark:
    """A line of a track: ``look`` is zero, goal, above (comes in from the row above) or below (goes out to the row below)."""

    x: float
    look: str


@dataclass(frozen=True)
class Row:
    """One row: its words, and where its marks lie. ``bar``: (from, width); ``whisker``: (from, width) of the likely range; ``dot``: its middle;
    ``height``: of the track, in rem, so that it is as high as the words beside it."""

    label: str
    note: str
    words: str
    colour: str
    lines: tuple[Mark, ...]
    height: float
    bar: tuple[float, float] | None = None
    whisker: tuple[float, float] | None = None
    dot: float | None = None
    is_total: bool = False


def rows(picture: Picture) -> list[Row]:
    """The picture's rows, all on one scale that holds zero, the goal and every range."""
    spans = _spans(picture)
    ends = [end for span in spans if span for end in span]
    ends += [value for bar in picture.bars for value in (bar.low, bar.high) if value is not None]
    low, high = min([0.0, *ends, *_goal(picture)]), max([0.0, *ends, *_goal(picture)])
    size = (high - low) or 1.0

    def x(value: float) -> float:
        return round(_END + (value - low) / size * (100 - 2 * _END), 2)

    found = []
    for place, (bar, span) in enumerate(zip(picture.bars, spans, strict=True)):
        is_total = picture.kind == "steps" and place == len(picture.bars) - 1
        left = min(x(span[0]), x(span[1])) if span else 0.0
        lines = [Mark(x(0.0), "zero"), *(Mark(x(goal), "goal") for goal in _goal(picture))]
        lines += [Mark(x(at), look) for look, at in _connectors(picture, spans, place)]
        found.append(
            Row(
                label=bar.label,
                note=bar.note,
                words=bar.words,
                colour=_colour(bar, picture, is_total),
                lines=tuple(lines),
                height=round(0.85 + 1.12 * max(1, math.ceil(len(bar.label) / _LABEL) + math.ceil(len(bar.note) / _NOTE)), 2),
                bar=(left, max(round(abs(x(span[1]) - x(span[0])), 2), 0.4)) if span and picture.kind != "ranges" else None,
                whisker=(x(bar.low), round(x(bar.high) - x(bar.low), 2))
                if bar.low is not None and bar.high is not None
                else None,
                dot=x(bar.value) if picture.kind == "ranges" and bar.value is not None else None,
                is_total=is_total,
            )
        )
    return found


def _colour(bar: Bar, picture: Picture, is_total: bool) -> str:
    if bar.value is None:
        return "neutral"
    if bar.tone != "plain":
        return COLOURS[bar.tone]
    return "ink" if is_total else "cost" if picture.kind == "ranges" else "neutral"


def _spans(picture: Picture) -> list[tuple[float, float] | None]:
    """From where to where each bar goes; steps begin where the one before ended, and the last one is their sum, from zero."""
    spans: list[tuple[float, float] | None] = []
    reached = 0.0
    for place, bar in enumerate(picture.bars):
        if bar.value is None:
            spans.append(None)
        elif picture.kind == "steps" and place < len(picture.bars) - 1:
            spans.append((reached, reached + bar.value))
            reached += bar.value
        else:
            spans.append((0.0, bar.value))
    return spans


def _goal(picture: Picture) -> list[float]:
    return [picture.goal] if picture.goal is not None else []


def _connectors(picture: Picture, spans: Sequence[tuple[float, float] | None], place: int) -> list[tuple[str, float]]:
    """Where the line from the step above comes in, and where one goes out to the step below."""
    if picture.kind != "steps":
        return []
    at = {number: span[1] for number, span in enumerate(spans) if span}
    came = [at[number] for number in range(place) if number in at]
    here = at.get(place, came[-1] if came else None)
    has_next = any(number in at for number in range(place + 1, len(spans)))
    return [*([("above", came[-1])] if came else []), *([("below", here)] if has_next and here is not None else [])]


def is_drawable(bars: Sequence[Bar]) -> bool:
    """Whether there is anything to draw."""
    return any(bar.value is not None for bar in bars)
