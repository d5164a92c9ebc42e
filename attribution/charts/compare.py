"""The picture of the page that compares models: a strip per value with a dot per rule, each with its likely range.

Rules stand below each other inside a strip, from those that credit the first contact to those that credit the last: an upright strip holds under
every rule, a slanted or scattered one depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from attribution.charts import formats, theme
from attribution.charts.theme import Figure, Palette

ROW = 52  # px a strip
LEAST = 4  # strips that a picture has room for
A_RULE = 3.2  # px that a rule needs in a strip
ROOM = 0.8  # part of a strip's height that its rules fill


@dataclass(frozen=True)
class Dot:
    """One value under one rule: its share of what the rule credits, with the likely range, in numbers and in words."""

    rule: str
    share: float
    low: float
    high: float
    credited: str
    is_chosen: bool = False


@dataclass(frozen=True)
class Strip:
    """One value under every rule. ``words``: its badge and its span, under its name."""

    key: str
    label: str
    words: str
    dots: tuple[Dot, ...]


def height(strips: Sequence[Strip]) -> int:
    """The height of the picture in pixels."""
    rules = max((len(strip.dots) for strip in strips), default=1)
    return round(max(ROW, A_RULE * rules / ROOM) * max(len(strips), LEAST)) + 34


def strips(rows: Sequence[Strip], slots: Mapping[str, int | None] | None, colours: Palette, ranges: bool = True) -> Figure:
    """A dot per rule and its likely range as a line; the chosen rule is large. ``slots``: colours where the rows are channels, else the accent.

    ``ranges``: whether there are any (too few deals have none). Clicking a dot gives [key].
    """
    small: dict[str, list[object]] = {"x": [], "y": [], "fill": [], "facts": []}
    large: dict[str, list[object]] = {"x": [], "y": [], "fill": [], "facts": []}
    lines, shapes = [], []
    highest = 0.0
    for place, row in enumerate(rows):
        colour = colours.accent if slots is None else theme.channel_colour(row.key, slots, colours)
        pale: dict[str, list[float | None]] = {"x": [], "y": []}
        if place:
            shapes.append(_rule_between(place - 0.5, colours))
        step = ROOM / max(len(row.dots), 1)
        for number, dot in enumerate(row.dots):
            y = place - ROOM / 2 + step * (number + 0.5)
            highest = max(highest, dot.high if ranges else dot.share, dot.share)
            if ranges and dot.is_chosen:
                lines.append(_whiskers([dot.low, dot.high], [y, y], colour, 3))
            elif ranges:
                pale["x"] += [dot.low, dot.high, None]
                pale["y"] += [y, y, None]
            into = large if dot.is_chosen else small
            into["x"].append(dot.share)
            into["y"].append(y)
            into["fill"].append(colour)
            into["facts"].append(_facts(row, dot, ranges))
        if pale["x"]:
            lines.insert(0, _whiskers(pale["x"], pale["y"], theme.tint(colour, colours, 0.45), 1.2))
    dots = [
        _dots(small, 5, 0, colours),
        _dots(large, 13, 2, colours),
    ]
    widest = min(1.0, highest * 1.04) or 1.0
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2) if widest / step <= 8)
    return {
        "data": [*lines, *(theme.selectable(trace) for trace in dots if trace["x"])],
        "layout": theme.layout(
            colours,
            height(rows),
            shapes=shapes,
            margin={"r": 14, "t": 4, "b": 26},
            xaxis={
                "range": [0, widest], **formats.share_ticks(widest, step), "showgrid": True, "gridcolor": colours.grid,
                "tickfont": {"size": 11, "color": colours.mute}, "automargin": False,
            },
            yaxis=_names(rows, colours),
        ),
    }  # fmt: skip


def _dots(of: Mapping[str, list[object]], size: int, edge: int, colours: Palette) -> dict[str, object]:
    return {
        "type": "scatter", "mode": "markers", "x": of["x"], "y": of["y"], "customdata": of["facts"], "cliponaxis": False,
        "marker": {"size": size, "color": of["fill"], "opacity": 1, "line": {"width": edge, "color": colours.ink if edge else colours.background}},
        "hovertemplate": "<b>%{customdata[1]}</b><br>%{customdata[2]}: %{customdata[3]}<br>%{customdata[4]}<extra></extra>",
    }  # fmt: skip


def _whiskers(x: Sequence[float | None], y: Sequence[float | None], colour: str, width: float) -> dict[str, object]:
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": {"width": width, "color": colour}, "hoverinfo": "skip"}


def _facts(row: Strip, dot: Dot, ranges: bool) -> list[str]:
    likely = f" · likely {formats.share(dot.low)} to {formats.share(dot.high)}" if ranges else ""
    return [
        row.key,
        formats.chart_text(row.label, 60),
        formats.chart_text(dot.rule, 60),
        f"{formats.share(dot.share)}{likely}",
        dot.credited,
    ]


def _names(rows: Sequence[Strip], colours: Palette) -> dict[str, object]:
    spare = max(0, LEAST - len(rows)) / 2
    labels = [
        f"{formats.chart_text(row.label, 22)}<br><span style='font-size:11px;color:{colours.mute}'>{formats.chart_text(row.words, 40)}</span>"
        for row in rows
    ]
    return {
        "tickvals": list(range(len(rows))), "ticktext": labels, "showgrid": False, "range": [len(rows) - 0.5 + spare, -0.5 - spare],
        "tickfont": {"size": 12, "color": colours.ink}, "ticklabelstandoff": 8,
    }  # fmt: skip


def _rule_between(y: float, colours: Palette) -> dict[str, object]:
    return {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "layer": "below", "line": {"width": 1, "color": colours.grid},
    }  # fmt: skip
