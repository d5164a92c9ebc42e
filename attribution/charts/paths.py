"""The pictures of the paths page: the most frequent ways, what is lost without a value, and how long won and lost journeys are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from attribution.charts import formats, theme
from attribution.charts.theme import Figure, Palette

WAY, BAR, LINE_HEIGHT = 30, 16, 16  # px of one way without its words, of its bar, and of a line of its words
LINE = 52  # characters of such a line, so that it fits a phone
ROW = 40  # px of one value
TALL = 300  # px of the picture of lengths
LONGEST = 92  # characters of a way, without arrows and dots on it
THICK = 12  # px of the line that holds half of the journeys
LEAST = 5  # rows that a picture has room for


@dataclass(frozen=True)
class WayBar:
    """One way: its values and their words, deals won and lost on it, its win rate (None: too few), what it won, days of its won deals."""

    names: tuple[str, ...]
    labels: tuple[str, ...]
    won: int
    lost: int
    rate: float | None
    value: float
    days: float | None


@dataclass(frozen=True)
class Effect:
    """What is lost without a value (a part of the won deals) with its likely range. ``name`` None: several values gathered."""

    name: str | None
    label: str
    effect: float
    low: float
    high: float


@dataclass(frozen=True)
class Spread:
    """How a number is spread among won and among lost journeys: 10 %, 25 %, the median, 75 %, 90 %; empty without any."""

    label: str
    unit: str
    won: tuple[float, ...]
    lost: tuple[float, ...]


def way_words(labels: Sequence[str]) -> str:
    """A way in words, its middle left out where it is long."""
    return " → ".join(_steps(labels, LONGEST))


def _steps(labels: Sequence[str], longest: int) -> list[str]:
    short = [formats.short(label, 26 if len(labels) > 1 else LINE - 2) for label in labels]
    if len(" → ".join(short)) <= longest:
        return short
    head, tail = 1, 1
    while head + tail < len(short) and len(" → ".join([*short[: head + 1], "…", *short[-tail:]])) <= longest:
        head, tail = (head + 1, tail) if head <= tail else (head, tail + 1)
    return [*short[:head], "…", *short[-tail:]]


def ways(rows: Sequence[WayBar], slots: Mapping[str, int | None] | None, colours: Palette) -> Figure:
    """A bar per way: its won deals filled, its lost deals hollow behind them; its words stand above. Clicking a bar gives [row, kind]."""
    longest = max((row.won + row.lost for row in rows), default=0) or 1
    words = [_dotted(row, slots, colours) for row in rows]
    ends = list(
        accumulate(WAY + LINE_HEIGHT * (text.count("<br>") + 1) for text in words)
    )  # px from the top: what the axis counts
    middles = [end - 7 - BAR / 2 for end in ends]
    height = max(ends[-1] if ends else 0, LEAST * (WAY + LINE_HEIGHT))
    annotations: list[dict[str, object]] = []
    for place, row in enumerate(rows):
        said = f"<b>{formats.count(row.won)}</b> won · {formats.count(row.lost)} lost" + (
            f" · {formats.share(row.rate)}" if row.rate is not None else ""
        )
        annotations += [
            {
                "xref": "paper", "x": 0, "y": middles[place] - BAR / 2, "xanchor": "left", "yanchor": "bottom", "showarrow": False, "align": "left",
                "text": words[place], "font": {"size": 12, "color": colours.ink},
            },
            {
                "x": row.won + row.lost, "y": middles[place], "xanchor": "left", "xshift": 6, "showarrow": False, "text": said,
                "font": {"size": 12, "color": colours.mute},
            },
        ]  # fmt: skip
    facts = [
        [str(place), "way", formats.chart_text(way_words(row.labels), 120), formats.count(row.won), formats.count(row.lost)]
        for place, row in enumerate(rows)
    ]
    beside = (
        round(6.6 * max((len(str(note["text"])) for note in annotations[1::2]), default=0)) - 32
    )  # px of the longest note, without its tags
    hover = "<b>%{customdata[2]}</b><br>%{customdata[3]} won, %{customdata[4]} lost<extra></extra>"
    shared = {
        "type": "bar",
        "orientation": "h",
        "y": middles,
        "width": BAR,
        "customdata": facts,
        "hovertemplate": hover,
    }
    won = {**shared, "x": [row.won for row in rows], "marker": {"color": colours.accent}}
    lost = {
        **shared, "x": [row.lost for row in rows], "base": [row.won for row in rows],
        "marker": {"color": theme.tint(colours.step, colours, 0.25), "line": {"width": 1, "color": colours.step}},
    }  # fmt: skip
    return {
        "data": [theme.selectable(won), theme.selectable(lost)],
        "layout": theme.layout(
            colours, height + 8, barmode="overlay", annotations=annotations, margin={"r": beside, "t": 4, "b": 4},
            xaxis={"visible": False, "range": [0, longest]},
            yaxis={"visible": False, "range": [height, 0]},
        ),
    }  # fmt: skip


def _dotted(row: WayBar, slots: Mapping[str, int | None] | None, colours: Palette) -> str:
    """The way's words on lines that fit a phone, each channel with a dot of its colour."""
    steps = _steps(row.labels, LONGEST)
    dotted = slots is not None and len(steps) == len(row.names)
    text, length = "", 0
    for place, step in enumerate(steps):
        colour = theme.channel_colour(row.names[place], slots, colours) if slots is not None and dotted else ""
        shown = (f'<span style="color:{colour}">●</span> ' if colour else "") + formats.chart_text(step, LINE)
        size = len(step) + (2 if colour else 0)
        is_next_line = bool(text) and length + 3 + size > LINE
        text += (" →<br>" if is_next_line else " → " if text else "") + shown
        length = size if is_next_line else length + size + (3 if length else 0)
    return text


def effects(rows: Sequence[Effect], slots: Mapping[str, int | None] | None, colours: Palette) -> Figure:
    """A bar per value for what is lost without it, the thin line its likely range. Clicking a bar gives [row]."""
    places = list(range(len(rows)))
    bars = {
        "type": "bar", "orientation": "h", "y": places, "x": [row.effect for row in rows],
        "marker": {"color": [_fill(row, slots, colours) for row in rows]},
        "customdata": [
            [str(place), formats.chart_text(row.label, 60), formats.share(row.effect), formats.share(row.low), formats.share(row.high)]
            for place, row in enumerate(rows)
        ],
        "hovertemplate": "<b>%{customdata[1]}</b><br>lost without it: %{customdata[2]} of won deals<br>likely range: %{customdata[3]} to %{customdata[4]}"
        "<extra></extra>",
    }  # fmt: skip
    largest = max((row.high for row in rows), default=1.0) or 1.0
    annotations = [
        {
            "x": max(row.high, row.effect), "y": place, "xanchor": "left", "xshift": 8, "showarrow": False,
            "text": f"<b>{formats.share(row.effect)}</b>", "font": {"size": 12, "color": colours.ink},
        }
        for place, row in enumerate(rows)
    ]  # fmt: skip
    # Each range has a light edge, so that it is seen on a dark bar too.
    shapes = [
        {"type": "line", "x0": row.low, "x1": row.high, "y0": place, "y1": place, "line": {"width": width, "color": colour}}
        for place, row in enumerate(rows)
        for width, colour in ((5, colours.background), (2, colours.ink))
    ]
    spare = max(0, LEAST - len(rows)) / 2
    return {
        "data": [theme.selectable(bars)],
        "layout": theme.layout(
            colours, ROW * max(len(rows), LEAST) + 12, bargap=0.4, annotations=annotations, shapes=shapes, margin={"r": 52, "t": 4, "b": 4},
            xaxis={"visible": False, "range": [0, largest]},
            yaxis={
                "tickvals": places, "ticktext": [formats.on_two_lines(row.label, 20) for row in rows], "showgrid": False,
                "range": [len(rows) - 0.5 + spare, -0.5 - spare], "tickfont": {"size": 12, "color": colours.ink}, "ticklabelstandoff": 10,
            },
        ),
    }  # fmt: skip


def _fill(row: Effect, slots: Mapping[str, int | None] | None, colours: Palette) -> str:
    if row.name is None:
        return colours.other
    return colours.accent if slots is None else theme.channel_colour(row.name, slots, colours)


def spreads(rows: Sequence[Spread], colours: Palette) -> Figure:
    """Won over lost, one panel a number: the thin line holds eight of ten journeys, the thick one half of them, the dot is the median."""
    shapes: list[dict[str, object]] = []
    annotations: list[dict[str, object]] = []
    traces, axes = [], {}
    width = 1 / max(len(rows), 1)
    for panel, row in enumerate(rows):
        suffix = "" if panel == 0 else str(panel + 1)
        most = max((numbers[4] for numbers in (row.won, row.lost) if numbers), default=1.0) or 1.0
        left = panel * width
        axes[f"xaxis{suffix}"] = {
            "domain": [left + (0.07 if panel == 0 else 0.05), left + width - 0.04], "range": [0, most * 1.04], "fixedrange": True, "showgrid": False,
            "zeroline": False, "rangemode": "tozero", "nticks": 5, "tickfont": {"size": 11, "color": colours.mute}, "anchor": "y",
        }  # fmt: skip
        annotations.append(
            {
                "xref": "paper", "yref": "paper", "x": left + (0.07 if panel == 0 else 0.05), "y": 1, "xanchor": "left", "yanchor": "bottom", "yshift": 4,
                "showarrow": False, "text": f"<b>{row.label}</b>", "font": {"size": 12, "color": colours.ink},
            }
        )  # fmt: skip
        for place, (numbers, colour) in enumerate(((row.won, colours.accent), (row.lost, colours.step))):
            if not numbers:
                continue
            for low, high, thick in ((numbers[0], numbers[4], 2), (numbers[1], numbers[3], THICK)):
                line = {"width": thick, "color": theme.tint(colour, colours, 0.55) if thick == THICK else colour}
                shapes.append(
                    {
                        "type": "line",
                        "xref": f"x{suffix}",
                        "x0": low,
                        "x1": high,
                        "y0": place,
                        "y1": place,
                        "line": line,
                        "layer": "below",
                    }
                )
            words = formats.days(numbers[2]) if row.unit == "days" else formats.count(numbers[2])
            annotations.append(
                {
                    "xref": f"x{suffix}", "x": numbers[2], "y": place, "yshift": 20, "showarrow": False, "text": f"<b>{words}</b>",
                    "font": {"size": 12, "color": colours.ink},
                }
            )  # fmt: skip
            traces.append(
                {
                    "type": "scatter", "mode": "markers", "xaxis": f"x{suffix}", "yaxis": "y", "x": [numbers[2]], "y": [place], "cliponaxis": False,
                    "marker": {"size": 11, "color": colour, "line": {"width": 2, "color": colours.background}},
                    "customdata": [[words, *map(formats.count, numbers)]],
                    "hovertemplate": "<b>Median %{customdata[0]}</b><br>half of them: %{customdata[2]} to %{customdata[4]}<br>"
                    "eight of ten: %{customdata[1]} to %{customdata[5]}<extra></extra>",
                }
            )  # fmt: skip
    return {
        "data": traces,
        "layout": theme.layout(
            colours, TALL, shapes=shapes, annotations=annotations, margin={"t": 30, "b": 4, "r": 4, "l": 4},
            yaxis={"tickvals": [0, 1], "ticktext": ["Won", "Lost"], "range": [1.5, -0.6], "showgrid": False, "tickfont": {"size": 12, "color": colours.ink}},
            **axes,
        ),
    }  # fmt: skip
