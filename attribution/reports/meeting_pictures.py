"""Pictures of the meeting's blocks as rows of a table: a bar, a step or a dot per row beside its words, so that the picture is its own table.

Places are percent of the row's track, from the left. Zero, the goal and the connectors of steps are lines drawn as backgrounds of the
cells, which reach through all rows; they need no SVG, stay sharp at any width and follow the colours of the sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attribution.meeting.block import Bar, Picture, Tone

# The sheet's colour of each tone; "neutral" for bars without one.
COLOURS: dict[Tone, str] = {"good": "versus", "bad": "problems", "new": "cost", "moved": "best", "plain": "neutral"}
_END = 2.0  # percent left free at both ends, so that no mark is cut


@dataclass(frozen=True)
class Row:
    """One row: its words, and where its marks lie. ``bar``: (from, width); ``whisker``: (from, width) of the likely range; ``dot``: its middle;
    ``lines``: the cell's background."""

    label: str
    note: str
    words: str
    colour: str
    lines: str
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
        has_range = bar.low is not None and bar.high is not None
        found.append(
            Row(
                label=bar.label,
                note=bar.note,
                words=bar.words,
                colour="ink" if is_total and bar.tone == "plain" else COLOURS[bar.tone] if bar.tone != "plain" or picture.kind != "ranges" else "cost",
                lines=_lines(x(0.0), [x(goal) for goal in _goal(picture)], *_connectors(picture, spans, place, x)),
                bar=(left, max(round(abs(x(span[1]) - x(span[0])), 2), 0.4)) if span and picture.kind != "ranges" else None,
                whisker=(x(bar.low), round(x(bar.high) - x(bar.low), 2)) if has_range else None,  # type: ignore[arg-type]
                dot=x(bar.value) if picture.kind == "ranges" and bar.value is not None else None,
                is_total=is_total,
            )
        )  # fmt: skip
    return found


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


def _connectors(
    picture: Picture, spans: Sequence[tuple[float, float] | None], place: int, x: object
) -> tuple[float | None, float | None]:
    """(where a dotted line comes in from the row above, where one goes out to the row below) between steps."""
    if picture.kind != "steps":
        return None, None
    at = {number: span[1] for number, span in enumerate(spans) if span}
    came = [at[number] for number in range(place) if number in at]
    has_next = any(number in at for number in range(place + 1, len(spans)))
    assert callable(x)
    here = at.get(place, came[-1] if came else None)
    return (x(came[-1]) if came else None), (x(here) if has_next and here is not None else None)


def _lines(zero: float, goals: Sequence[float], above: float | None, below: float | None) -> str:
    """The background of a cell: thin lines at percents of its width."""
    layers = [_layer("--ink", goal, "0", "2px", "100%") for goal in goals]
    layers.append(_layer("--lane", zero, "0", "1px", "100%"))
    layers += [_layer("--mute", above, "0", "1px", "50%")] if above is not None else []
    layers += [_layer("--mute", below, "100%", "1px", "50%")] if below is not None else []
    return ",".join(layers)


def _layer(colour: str, x: float, y: str, width: str, height: str) -> str:
    return f"linear-gradient(var({colour}),var({colour})) {x:g}% {y}/{width} {height} no-repeat"


def is_drawable(bars: Sequence[Bar]) -> bool:
    """Whether there is anything to draw."""
    return any(bar.value is not None for bar in bars)
