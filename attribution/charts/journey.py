"""The picture of one deal's journey: time across, one lane per person, a dot per touch, lines for lead, deal, stages and close.

Shape says who acted, fill says whether the touch counts, colour is the channel, and the number in a large dot is its share
of the credit in percent. Labels of the lines are stacked from right to left, so that no line crosses a label; they stand in the
margin above the lanes, in pixels, so that they keep apart when the picture is made lower or narrower.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from attribution.charts import formats, theme
from attribution.charts.theme import Figure, Palette

LANE = 60  # px
PLOT_WIDTH = 960  # px: what the jitter reckons with
MIN_WIDTH = 1000  # px of the whole picture, what labels and legend reckon with; narrower screens scroll
LABEL_PITCH = 19  # px between two rows of milestone labels
LEGEND_ROW = 20  # px
LEFT = 164  # px for the names of people
MAX_LANES = 12
MAX_TOUCHES = 1200
BIG = 0.095  # a touch with this share of the credit or more shows it as a number
OFFSETS = (0, -13, 13, -21, 21, -26, 26)
SYMBOLS = {"buyer": "circle", "marketing": "diamond", "sales": "square", "partner": "triangle-up", "service": "hexagon"}
SIZES = {"buyer": 12, "marketing": 10, "sales": 9, "partner": 11, "service": 11}
ACTOR_WORDS = {
    "buyer": "done by the buyer", "marketing": "sent by marketing", "sales": "done by sales",
    "partner": "done by a partner", "service": "done by service",
}  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """A vertical line: a milestone (lead created, deal opened, won) or a stage."""

    at: datetime
    label: str
    is_milestone: bool


def journey(
    touches: pd.DataFrame,
    marks: Sequence[Mark],
    slots: Mapping[str, int | None],
    labels: Mapping[str, str],
    colours: Palette,
) -> Figure:
    """Draw a journey. ``touches``: touch_id, occurred_at, lane, lane_note, channel, actor, counts (bool), weight (0–1), what.

    Rows are drawn in lanes in the order of each lane's first touch. Clicking a dot gives [touch_id].
    """
    frame = touches.sort_values(["occurred_at", "touch_id"], kind="stable")
    if len(frame) > MAX_TOUCHES:
        frame = frame.nlargest(MAX_TOUCHES, "weight").sort_values(["occurred_at", "touch_id"], kind="stable")
    lanes, dots = lane_order(frame), frame.to_dict("records")
    of_lanes = _by_lane(dots, lanes)
    moments = [*(row["occurred_at"] for row in dots), *[mark.at for mark in marks]]
    start, end = min(moments), max(moments)
    length = max((end - start).total_seconds() / 86400, 1.0)
    start, end = start - timedelta(days=length * 0.025), end + timedelta(days=length * 0.025)
    whole_days = max(_days(start, end), 1e-6)
    pixels_per_day = PLOT_WIDTH / whole_days
    named = [(mark.at, _mark_text(mark)) for mark in marks]
    right = _room_right([(_text_width(text), _days(at, end) / whole_days) for at, text in named])
    narrow = MIN_WIDTH - LEFT - right
    rows = label_rows(named, narrow / whole_days)
    head = (max(rows, default=0) + 1) * LABEL_PITCH + 8 if marks else 12
    height_plot = LANE * max(len(lanes), 1)

    traces, lines = [], _lane_shapes(of_lanes, colours)
    shown_channels: dict[str, str] = {}
    places = _places(of_lanes, start, pixels_per_day)
    for row in dots:
        shown_channels.setdefault(row["channel"], theme.channel_colour(row["channel"], slots, colours))
    for (actor, counts), rows_of in _groups(dots):
        traces.append(_dots(rows_of, actor, counts, places, shown_channels, labels, colours))
    channel_labels = {channel: labels.get(channel) or formats.words(channel) for channel in shown_channels}
    channels, actors = _channel_legend(shown_channels, channel_labels, slots), _shape_legend(dots, colours)
    traces += channels + actors
    annotations = _lane_names(of_lanes, lanes, colours) + _mark_labels(marks, rows, colours)
    lines += _mark_lines(marks, rows, colours)
    legend = {
        "orientation": "h", "x": 0, "xanchor": "left", "yref": "container", "yanchor": "bottom", "traceorder": "normal",
        "font": {"size": 12, "color": colours.ink}, "itemclick": False, "itemdoubleclick": False,
    }  # fmt: skip
    above, below = (LEGEND_ROW * legend_rows([entry["name"] for entry in part], narrow) for part in (channels, actors))
    bottom = 58 + above + below
    total = 4 + head + height_plot + bottom
    return {
        "data": traces,
        "layout": theme.layout(
            colours, total, margin={"l": LEFT, "r": right, "t": 4 + head, "b": bottom},
            annotations=annotations, shapes=lines, showlegend=True, legend={**legend, "y": (below + 8) / total}, legend2={**legend, "y": 0},
            xaxis={
                "type": "date", "range": [start.isoformat(), end.isoformat()], "tickfont": {"size": 11, "color": colours.mute},
                "ticks": "outside", "tickcolor": colours.rule, "ticklen": 5, "tickangle": 0, **_ticks(length),
            },
            yaxis={"visible": False, "range": [height_plot, 0]},
        ),
    }  # fmt: skip


def lane_order(touches: pd.DataFrame) -> list[str]:
    """People in the order of their first touch; where there are too many, the rest share the last lane."""
    lanes = list(dict.fromkeys(touches["lane"]))
    return lanes if len(lanes) <= MAX_LANES else [*lanes[: MAX_LANES - 1], ""]


def label_rows(labels: Sequence[tuple[datetime, str]], pixels_per_day: float) -> list[int]:
    """The row of each milestone label (0 = nearest to the lanes), so that no label is crossed by a later line.

    From right to left: one row above the highest of the later labels that start within this label's width.
    """

    rows = [0] * len(labels)
    order = sorted(range(len(labels)), key=lambda index: labels[index][0])
    for place in range(len(order) - 1, -1, -1):
        at, text = labels[order[place]]
        reach = _text_width(text) / pixels_per_day
        later = [other for other in order[place + 1 :] if _days(at, labels[other][0]) < reach]
        rows[order[place]] = 1 + max((rows[other] for other in later), default=-1)
    return rows


def legend_rows(names: Sequence[str], width: float) -> int:
    """Rows that a legend takes in so many pixels: Plotly sets entries in columns as wide as the widest where one row is too short."""
    widths = [6.2 * len(name) + 44 for name in names]
    return 1 if sum(widths) <= width else math.ceil(len(widths) / max(1, int(width // max(widths))))


def _text_width(text: str) -> float:
    """px that a label of a line takes at most, with some air."""
    return 6.1 * len(text) + 8


def _room_right(labels: Sequence[tuple[float, float]]) -> float:
    """px beside the narrowest plot that its last labels need; ``labels`` are (width, part of the plot between its line and the end)."""
    return max([12, *((width - part * (MIN_WIDTH - LEFT)) / (1 - part) for width, part in labels)])


def _days(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 86400


def place_dots(points: Sequence[tuple[float, float, float]]) -> list[int]:
    """Vertical offsets (px) that keep the dots of one lane apart; ``points`` are (x px, diameter px, weight).

    Heavy dots are placed first and keep the line; the result depends on nothing but the points.
    """
    placed: list[tuple[float, float, float]] = []
    offsets = [0] * len(points)
    for index in sorted(range(len(points)), key=lambda place: (-points[place][2], points[place][0], place)):
        x, size, _ = points[index]
        for offset in OFFSETS:
            near = (other for other in placed if abs(other[0] - x) < 30)
            if all((ox - x) ** 2 + (oy - offset) ** 2 >= ((osize + size) / 2 + 1.5) ** 2 for ox, oy, osize in near):
                break
        else:
            offset = OFFSETS[index % len(OFFSETS)]
        offsets[index] = offset
        placed.append((x, offset, size))
    return offsets


def _by_lane(rows: list[dict[Any, Any]], lanes: list[str]) -> list[list[dict[Any, Any]]]:
    """The touches of each lane; who has none of her own is in the last."""
    number = {lane: place for place, lane in enumerate(lanes)}
    found: list[list[dict[Any, Any]]] = [[] for _ in lanes]
    for row in rows:
        found[number.get(row["lane"], -1)].append(row)
    return found


def _places(of_lanes: list[list[dict[Any, Any]]], start: datetime, pixels_per_day: float) -> dict[str, float]:
    """The y (px from the top of the lanes) of each touch."""
    places: dict[str, float] = {}
    for number, rows in enumerate(of_lanes):
        points = [
            ((row["occurred_at"] - start).total_seconds() / 86400 * pixels_per_day, _size(row), float(row["weight"] or 0))
            for row in rows
        ]
        for row, offset in zip(rows, place_dots(points), strict=True):
            places[row["touch_id"]] = LANE * (number + 0.5) + offset
    return places


def _size(row: Mapping[Any, Any]) -> float:
    return 26 if float(row["weight"] or 0) >= BIG else SIZES.get(str(row["actor"]), 12)


def _groups(rows: list[dict[Any, Any]]) -> list[tuple[tuple[str, bool], list[dict[Any, Any]]]]:
    """Touches by (actor, counts); light ones first, so that heavy dots lie on top."""
    groups: dict[tuple[str, bool], list[dict[Any, Any]]] = {}
    for row in sorted(rows, key=lambda row: float(row["weight"])):
        groups.setdefault((str(row["actor"]), bool(row["counts"])), []).append(row)
    return sorted(groups.items(), key=lambda item: (item[0][1], item[0][0]))


def _dots(
    rows: list[dict[Any, Any]], actor: str, counts: bool, places: Mapping[str, float], shown: Mapping[str, str],
    labels: Mapping[str, str], colours: Palette,
) -> dict[str, Any]:  # fmt: skip
    fills = [shown[row["channel"]] if counts else colours.background for row in rows]
    edges = [colours.background if counts else shown[row["channel"]] for row in rows]
    return theme.selectable(
        {
            "type": "scatter",
            "mode": "markers+text",
            "x": [row["occurred_at"].isoformat() for row in rows],
            "y": [places[row["touch_id"]] for row in rows],
            "text": [f"<b>{float(row['weight']) * 100:.0f}</b>" if float(row["weight"] or 0) >= BIG else "" for row in rows],
            "textfont": {"size": 11, "color": [theme.text_on(fill) for fill in fills]},
            "textposition": "middle center",
            "marker": {
                "symbol": SYMBOLS.get(actor, "circle"),
                "size": [_size(row) for row in rows],
                "color": fills,
                "opacity": 1,
                "line": {"width": 1 if counts else 1.4, "color": edges},
            },
            "customdata": [
                [
                    row["touch_id"],
                    formats.chart_text(row["what"], 60),
                    formats.chart_text(labels.get(row["channel"]) or formats.words(row["channel"]), 40),
                    formats.day(row["occurred_at"]),
                    formats.chart_text(row["lane"], 40),
                    f"{formats.share(float(row['weight'] or 0))} of the credit" if counts else formats.chart_text(row["why"], 60),
                ]
                for row in rows
            ],
            "hovertemplate": "<b>%{customdata[1]}</b><br>%{customdata[2]} · %{customdata[3]}<br>%{customdata[4]}<br>"
            "%{customdata[5]}<extra></extra>",
            "showlegend": False,
            "cliponaxis": False,
        }
    )


def _channel_legend(shown: Mapping[str, str], labels: Mapping[str, str], slots: Mapping[str, int | None]) -> list[dict[str, Any]]:
    order = sorted(shown, key=lambda channel: (slots.get(channel) is None, slots.get(channel) or 0, channel))
    return [
        {
            "type": "scatter", "mode": "markers", "x": [None], "y": [None], "name": formats.chart_text(labels[channel], 18),
            "marker": {"size": 9, "color": shown[channel]}, "legend": "legend", "hoverinfo": "skip",
        }
        for channel in order[:24]
    ]  # fmt: skip


def _shape_legend(rows: list[dict[Any, Any]], colours: Palette) -> list[dict[str, Any]]:
    entries = []
    found = {row["actor"] for row in rows}
    shown = [(actor, True) for actor in ACTOR_WORDS if actor in found]
    if not all(row["counts"] for row in rows):
        shown.append(("", False))
    for actor, counts in shown:
        words = ACTOR_WORDS[actor] if counts else "hollow: does not count"
        entries.append(
            {
                "type": "scatter", "mode": "markers", "x": [None], "y": [None], "legend": "legend2", "hoverinfo": "skip", "name": words,
                "marker": {
                    "symbol": SYMBOLS.get(actor, "circle"), "size": 10, "color": colours.mute if counts else colours.background,
                    "line": {"width": 1.4, "color": colours.mute},
                },
            }
        )  # fmt: skip
    return entries


def _lane_shapes(of_lanes: list[list[dict[Any, Any]]], colours: Palette) -> list[dict[str, Any]]:
    shapes: list[dict[str, Any]] = []
    for number, rows in enumerate(of_lanes):
        moments = [row["occurred_at"] for row in rows]
        middle = LANE * (number + 0.5)
        shapes.append(
            {
                "type": "line", "x0": min(moments).isoformat(), "x1": max(moments).isoformat(), "y0": middle, "y1": middle,
                "line": {"width": 1.2, "color": colours.rule}, "layer": "below",
            }
        )  # fmt: skip
        if number:
            shapes.append(
                {
                    "type": "line", "xref": "paper", "x0": -LEFT / PLOT_WIDTH, "x1": 1, "y0": LANE * number, "y1": LANE * number,
                    "line": {"width": 1, "color": colours.grid}, "layer": "below",
                }
            )  # fmt: skip
    return shapes


def _lane_names(of_lanes: list[list[dict[Any, Any]]], lanes: list[str], colours: Palette) -> list[dict[str, Any]]:
    names = []
    for number, (lane, rows) in enumerate(zip(lanes, of_lanes, strict=True)):
        people = len({row["lane"] for row in rows})
        title = formats.chart_text(lane, 21) if lane else f"{people} others"
        role = formats.chart_text(rows[0]["lane_note"] or "", 21) if lane else ""
        second = role or formats.counted(len(rows), "touch", "touches")
        names.append(
            {
                "xref": "paper", "x": 0, "xanchor": "right", "xshift": -14, "y": LANE * (number + 0.5), "showarrow": False,
                "align": "right", "text": f"<b>{title}</b><br><span style='color:{colours.mute}'>{second}</span>",
                "font": {"size": 12, "color": colours.ink},
            }
        )  # fmt: skip
    return names


def _mark_text(mark: Mark) -> str:
    return f"{formats.chart_text(mark.label, 28)} · {formats.day(mark.at, year=False)}"


def _mark_labels(marks: Sequence[Mark], rows: Sequence[int], colours: Palette) -> list[dict[str, Any]]:
    """Name and day in one line, to the right of each line's upper end."""
    labels = []
    for mark, row in zip(marks, rows, strict=True):
        name, _, day = _mark_text(mark).rpartition(" · ")
        labels.append(
            {
                "x": mark.at.isoformat(), "xanchor": "left", "xshift": 2, "yref": "paper", "y": 1, "yanchor": "bottom",
                "yshift": 4 + row * LABEL_PITCH, "borderpad": 0, "showarrow": False, "align": "left",
                "text": f"{f'<b>{name}</b>' if mark.is_milestone else name} <span style='color:{colours.mute}'>{day}</span>",
                "font": {"size": 12, "color": colours.accent_text if mark.is_milestone else colours.ink},
            }
        )  # fmt: skip
    return labels


def _mark_lines(marks: Sequence[Mark], rows: Sequence[int], colours: Palette) -> list[dict[str, Any]]:
    """Each line in two parts: down the lanes, and up to its label in pixels."""
    lines = []
    for mark, row in zip(marks, rows, strict=True):
        look = {
            "type": "line", "xref": "x", "x0": mark.at.isoformat(), "x1": mark.at.isoformat(), "yref": "paper", "layer": "below",
            "line": {"width": 1.4 if mark.is_milestone else 1, "color": colours.accent if mark.is_milestone else colours.rule,
                     "dash": "solid" if mark.is_milestone else "dot"},
        }  # fmt: skip
        lines.append({**look, "y0": 0, "y1": 1})
        lines.append({**look, "ysizemode": "pixel", "yanchor": 1, "y0": 0, "y1": (row + 1) * LABEL_PITCH})
    return lines


def _ticks(length_days: float) -> dict[str, Any]:
    if length_days <= 45:
        return {"dtick": 7 * 86400000, "tickformat": "%-d %b"}
    step = 1 if length_days <= 460 else 3 if length_days <= 1400 else 12
    return {"dtick": f"M{step}", "tickformat": "%b\n%Y", "ticklabelmode": "period" if step == 1 else "instant"}
