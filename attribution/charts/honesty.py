"""The pictures of the page on how far models can be trusted: error by number of journeys, and truth beside credit per channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

from attribution.charts import formats, theme
from attribution.charts.theme import Figure, Palette

TALL = 400  # px of the picture of errors
NAMES = 124  # px for the names at the ends of its lines
ROW = 32  # px a channel
APART = 0.092  # the part of the height that a name on its two lines needs


@dataclass(frozen=True)
class Line:
    """One model's mean error at each size, with its (least, most) over the worlds of that size. ``kind``: judged, agreed, other, hold_out."""

    name: str
    label: str
    errors: tuple[float, ...]
    ranges: tuple[tuple[float, float], ...]
    kind: str
    short: str = ""


@dataclass(frozen=True)
class Pair:
    """One channel: its true share and what a model credits it with. ``kind``: what it does in this world, in words."""

    name: str
    label: str
    kind: str
    truth: float
    credited: float


def errors(
    lines: Sequence[Line], journeys: Sequence[int], won: Sequence[float], own: float | None, own_words: str, colours: Palette
) -> Figure:
    """A line per model over the number of journeys: the judged one strong, with its range over worlds, the hold-out dashed, the others
    quiet. The upright line is where the company's own data stand. Clicking a dot gives [model]."""
    places = [log10(count) for count in journeys]
    top = max(error for line in lines for error in line.errors) * 1.06
    drawn = sorted(lines, key=lambda line: ("other", "agreed", "hold_out", "judged").index(line.kind))
    judged = next((line for line in lines if line.kind == "judged"), None)
    traces = []
    if judged:
        traces.append(
            {
                "type": "scatter", "mode": "lines", "x": [*places, *reversed(places)], "hoverinfo": "skip", "line": {"width": 0},
                "y": [high for _, high in judged.ranges] + [low for low, _ in reversed(judged.ranges)], "fill": "toself",
                "fillcolor": theme.tint(colours.accent, colours, 0.12),
            }
        )  # fmt: skip
    for line in drawn:
        colour, width = _look(line, colours)
        traces.append(
            theme.selectable(
                {
                    "type": "scatter", "mode": "lines+markers", "x": places, "y": list(line.errors), "cliponaxis": False,
                    "line": {"width": width, "color": colour, "dash": "dash" if line.kind == "hold_out" else "solid"},
                    "marker": {"size": 8 if line.kind != "other" else 5, "color": colour, "opacity": 1},
                    "customdata": [
                        [line.name, formats.chart_text(line.label, 70), formats.share(error), formats.share(low), formats.share(high), formats.count(count)]
                        for error, (low, high), count in zip(line.errors, line.ranges, journeys, strict=True)
                    ],
                    "hovertemplate": "<b>%{customdata[1]}</b><br>%{customdata[5]} journeys: %{customdata[2]} in the wrong place"
                    "<br>single worlds: %{customdata[3]} to %{customdata[4]}<extra></extra>",
                }
            )
        )  # fmt: skip
    shapes, annotations = [], _end_names(lines, places[-1], top, colours)
    if own is not None:
        at = min(max(log10(own), places[0]), places[-1])
        dotted = {"width": 1, "dash": "dot", "color": colours.mute}
        shapes.append({"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "layer": "below", "line": dotted})
        right = at > places[-1] - 0.5
        annotations.append(
            {
                "x": at, "y": 0, "yref": "y", "yanchor": "bottom", "xanchor": "right" if right else "left", "xshift": -5 if right else 5, "showarrow": False,
                "text": formats.chart_text(own_words, 50), "font": {"size": 12, "color": colours.mute},
            }
        )  # fmt: skip
    return {
        "data": traces,
        "layout": theme.layout(
            colours, TALL, shapes=shapes, annotations=annotations, margin={"r": NAMES, "t": 10, "b": 4, "l": 4},
            xaxis={
                "range": [places[0] - 0.06, places[-1] + 0.04], "tickvals": places, "tickangle": 0, "tickfont": {"size": 11, "color": colours.mute},
                "ticktext": [
                    f"{formats.count(count)}<br>{formats.count(deals)}{'' if place else ' won'}"
                    for place, (count, deals) in enumerate(zip(journeys, won, strict=True))
                ],
            },
            yaxis={"range": [0, top], **formats.share_ticks(top, 0.2), "tickfont": {"size": 11, "color": colours.mute}},
        ),
    }  # fmt: skip


def _look(line: Line, colours: Palette) -> tuple[str, float]:
    """(colour, width) of a line."""
    return {
        "judged": (colours.accent, 3.5), "agreed": (theme.tint(colours.accent, colours, 0.6), 2.0), "hold_out": (colours.good, 2.5)
    }.get(line.kind, (colours.rule, 1.2))  # fmt: skip


def _end_names(lines: Sequence[Line], last: float, top: float, colours: Palette) -> list[dict[str, object]]:
    """Names at the ends of the lines that matter: the judged, the agreed, the hold-out, the least and the most wrong; pushed apart."""
    models = [line for line in lines if line.kind != "hold_out"]
    ends = {min(models, key=lambda line: line.errors[-1]).name, max(models, key=lambda line: line.errors[-1]).name}
    named = sorted((line for line in lines if line.kind != "other" or line.name in ends), key=lambda line: line.errors[-1])
    heights: list[float] = []
    for line in named:
        wanted = line.errors[-1] / top
        heights.append(max(wanted, heights[-1] + APART) if heights else wanted)
    over = max(0.0, heights[-1] - 1) if heights else 0.0
    return [
        {
            "x": last, "y": (height - over) * top, "xanchor": "left", "xshift": 10, "showarrow": False, "align": "left",
            "text": f"<b>{formats.share(line.errors[-1])}</b><br>{formats.chart_text(line.short or line.label, 17)}",
            "font": {"size": 12, "color": colours.mute if line.kind == "other" else colours.good if line.kind == "hold_out" else colours.accent_text},
        }
        for line, height in zip(named, heights, strict=True)
    ]  # fmt: skip


def truth_and_credit(pairs: Sequence[Pair], model: str, colours: Palette) -> Figure:
    """Two dots per channel: hollow is the truth, filled what the model credits. The number at the right is the difference in points."""
    most = max(max(pair.truth, pair.credited) for pair in pairs)
    shapes: list[dict[str, object]] = []
    annotations: list[dict[str, object]] = []
    xs, ys, fills, edges, facts = [], [], [], [], []
    first_without = next((place for place, pair in enumerate(pairs) if not pair.truth), len(pairs))
    for place, pair in enumerate(pairs):
        off = pair.credited - pair.truth
        colour = colours.accent if pair.truth else colours.series[5]
        shapes.append(_line(place, 0, most * 1.06, colours.grid, 1))
        shapes.append(_line(place, pair.truth, pair.credited, theme.tint(colour, colours, 0.5), 4))
        for value, hollow in ((pair.truth, True), (pair.credited, False)):
            xs.append(value)
            ys.append(place)
            fills.append(colours.background if hollow else colour)
            edges.append(colour)
            facts.append(
                [
                    pair.name,
                    formats.chart_text(pair.label, 40),
                    pair.kind,
                    formats.share(pair.truth),
                    formats.share(pair.credited),
                ]
            )
        sign = "+" if off >= 0 else formats.MINUS
        annotations.append(
            {
                "xref": "paper", "x": 1, "y": place, "xanchor": "right", "xshift": 62, "showarrow": False, "text": f"<b>{sign}{formats.points(off)}</b>",
                "font": {"size": 12, "color": colours.ink},
            }
        )  # fmt: skip
    if 0 < first_without < len(pairs):
        between, dotted = first_without - 0.5, {"width": 1, "dash": "dot", "color": colours.rule}
        shapes.append({"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": between, "y1": between, "line": dotted})
    dots = {
        "type": "scatter", "mode": "markers", "x": xs, "y": ys, "cliponaxis": False, "customdata": facts,
        "marker": {"size": 11, "color": fills, "line": {"width": 2, "color": edges}, "opacity": 1},
        "hovertemplate": f"<b>%{{customdata[1]}}</b>, %{{customdata[2]}}<br>truth: %{{customdata[3]}}<br>{formats.chart_text(model, 50)}: "
        "%{customdata[4]}<extra></extra>",
    }  # fmt: skip
    return {
        "data": [theme.selectable(dots)],
        "layout": theme.layout(
            colours, max(ROW * len(pairs) + 44, TALL), shapes=shapes, annotations=annotations, margin={"r": 66, "t": 6, "b": 4, "l": 4},
            xaxis={
                "range": [-0.012, most * 1.1], **formats.share_ticks(most * 1.05, 0.1),
                "tickfont": {"size": 11, "color": colours.mute},
            },
            yaxis={
                "tickvals": list(range(len(pairs))), "ticktext": [formats.chart_text(pair.label, 24) for pair in pairs], "showgrid": False,
                "range": [len(pairs) - 0.5, -0.5], "tickfont": {"size": 12, "color": colours.ink}, "ticklabelstandoff": 10,
            },
        ),
    }  # fmt: skip


def _line(place: int, start: float, end: float, colour: str, width: int) -> dict[str, object]:
    return {
        "type": "line",
        "x0": start,
        "x1": end,
        "y0": place,
        "y1": place,
        "line": {"width": width, "color": colour},
        "layer": "below",
    }
