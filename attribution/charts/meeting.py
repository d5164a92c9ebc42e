"""The pictures of the meeting's blocks: bars from zero, changes that add up, and likely ranges, each with its words beside it.

A mark's tone is never told by colour alone: its words carry sign and unit, and the block's list says the group.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import pandas as pd

from attribution.charts import formats, theme
from attribution.charts.theme import Figure, Palette
from attribution.meeting.block import Bar, Picture

MOVED = {"light": "#B45F06", "dark": "#E9A860"}
LINE = 22  # characters of a label's line
LETTER, BOLD = 6.6, 7.3  # px of a letter of a name; of the bold words at a bar's end
WIDTH = 90  # px that bars have at least between their names and their words, on a laptop with the menu open
LEAST, MOST = 120, 300  # px of a picture
AXIS, LINE_HEIGHT = 30, 15  # px of what stands above or below the rows; of a line of a name
ROW, NOTE = 30, 14  # px of a row with its name, and of each further line


def picture(shown: Picture, colours: Palette) -> Figure:
    """A picture as a Plotly figure. Clicking a mark gives [its link]."""
    bars = shown.bars
    match shown.kind:
        case "steps":
            return _steps(shown, bars, colours)
        case "ranges":
            return _ranges(shown, bars, colours)
        case _:
            return _bars(shown, bars, colours)


def table(shown: Picture) -> pd.DataFrame:
    """The picture's twin: each mark in words, with its range and its note where there are any."""
    rows = [
        (
            bar.label, bar.words, f"{formats.count(bar.low)} – {formats.count(bar.high)}" if bar.low is not None and bar.high is not None else "", bar.note
        )
        for bar in shown.bars
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["", "Value", "Likely range", "Note"]).rename(columns={"": shown.title})
    return frame.drop(columns=[name for name in ("Likely range", "Note") if not any(frame[name])])


def tone_colour(tone: str, colours: Palette, plain: str) -> str:
    """The colour of a tone."""
    return {"good": colours.good, "bad": colours.bad, "new": colours.accent, "moved": MOVED[colours.name]}.get(tone, plain)


def _bars(shown: Picture, bars: Sequence[Bar], colours: Palette) -> Figure:
    """Side by side from zero; grey where another bar has a colour, else in the accent."""
    plain = colours.step if any(bar.tone != "plain" for bar in bars) else colours.accent
    values = [bar.value or 0.0 for bar in bars]
    trace = _trace(bars, values, [0.0] * len(bars), [tone_colour(bar.tone, colours, plain) for bar in bars], colours)
    # As lines of their own: error bars would put a cap of no length on every bar without a range.
    whiskers = [
        {
            "type": "scatter", "mode": "lines+markers", "x": [bar.low, bar.high], "y": [place, place], "customdata": [_said(bar)] * 2,
            "line": {"width": 1.4, "color": colours.ink}, "hoverinfo": "skip",
            "marker": {"symbol": "line-ns-open", "size": 9, "color": colours.ink, "line": {"width": 1.4, "color": colours.ink}},
        }
        for place, bar in enumerate(bars)
        if bar.low is not None and bar.high is not None
    ]  # fmt: skip
    reach = [max(value, bar.high or value, 0.0) for bar, value in zip(bars, values, strict=True)]
    low, high = min([0.0, *values]), max([*reach, shown.goal or 0.0, shown.most or 0.0]) or 1.0
    words = [_words(bar, place, edge, colours) for place, (bar, edge) in enumerate(zip(bars, reach, strict=True))]
    room = _room(bars, reach, low, high)
    if shown.goal is not None:  # the line of the goal must not run through them
        words = [{**said, "bgcolor": colours.background} for said in words]
    return _figure(shown, bars, [trace, *whiskers], words, [low, high], room, colours)


def _steps(shown: Picture, bars: Sequence[Bar], colours: Palette) -> Figure:
    """Changes that add up, from zero; the last one is their sum. Never the totals they changed: they would hide the change."""
    starts, values, total = [], [], 0.0
    for place, bar in enumerate(bars):
        is_sum = place == len(bars) - 1 and len(bars) > 1
        starts.append(0.0 if is_sum else total)
        values.append(bar.value or 0.0)
        total += 0.0 if is_sum else bar.value or 0.0
    fills = [tone_colour(bar.tone, colours, colours.mute) for bar in bars]
    ends = [start + value for start, value in zip(starts, values, strict=True)]
    low, high = min(0.0, *starts, *ends), max(0.0, *starts, *ends)
    span = (high - low) or 1.0
    words = []
    outside = []
    for place, (bar, start, value) in enumerate(zip(bars, starts, values, strict=True)):
        if abs(value) / span * WIDTH >= min(len(bar.words), 40) * BOLD + 8:
            words.append(_words(bar, place, start + value / 2, colours, inside=theme.text_on(fills[place])))
        else:
            edge = max(start, start + value)
            outside.append((edge, bar))
            words.append(_words(bar, place, edge, colours, ink=fills[place]))
    joins = [
        {
            "type": "line", "x0": ends[place], "x1": ends[place], "y0": place + 0.18, "y1": place + 0.82,
            "line": {"width": 1, "dash": "dot", "color": colours.mute},
        }
        for place in range(len(bars) - 1)
    ]  # fmt: skip
    zero = {"type": "line", "x0": 0, "x1": 0, "yref": "paper", "y0": 0, "y1": 1, "line": {"width": 1.5, "color": colours.ink}}
    room = _room([bar for _, bar in outside], [edge for edge, _ in outside], low, high)
    figure = _figure(
        shown,
        bars,
        [_trace(bars, values, starts, fills, colours)],
        words,
        [low - 0.02 * span, high + 0.02 * span],
        room,
        colours,
    )
    figure["layout"]["shapes"] = [*joins, zero]
    return figure


def _ranges(shown: Picture, bars: Sequence[Bar], colours: Palette) -> Figure:
    """Dots with their likely range, from zero."""
    plain = colours.accent
    dots: dict[str, Any] = {
        "type": "scatter", "mode": "markers", "x": [bar.value for bar in bars], "y": list(range(len(bars))),
        "marker": {
            "size": 12, "color": [tone_colour(bar.tone, colours, plain) for bar in bars], "line": {"width": 1.5, "color": colours.background},
        },
        "customdata": [_said(bar) for bar in bars], "hovertemplate": HOVER, "cliponaxis": False,
    }  # fmt: skip
    lines = [
        {
            "type": "line", "x0": bar.low, "x1": bar.high, "y0": place, "y1": place, "layer": "below",
            "line": {"width": 5, "color": theme.tint(tone_colour(bar.tone, colours, plain), colours, 0.4)},
        }
        for place, bar in enumerate(bars)
        if bar.low is not None and bar.high is not None
    ]  # fmt: skip
    known = [value for bar in bars for value in (bar.value, bar.low, bar.high) if value is not None]
    reach = [max([value for value in (bar.value, bar.high) if value is not None] or [0.0]) for bar in bars]
    low, high = min([0.0, *known]), max([*known, shown.goal or 0.0, 0.0]) or 1.0
    words = [_words(bar, place, edge, colours) for place, (bar, edge) in enumerate(zip(bars, reach, strict=True))]
    figure = _figure(
        shown, bars, [theme.selectable(dots)], words, [low, high], _room(bars, reach, low, high), colours, above=True
    )
    figure["layout"]["shapes"] = [*lines, *figure["layout"].get("shapes", [])]
    return figure


HOVER = "<b>%{customdata[1]}</b><br>%{customdata[2]}<br>%{customdata[3]}<extra></extra>"


def _trace(
    bars: Sequence[Bar], values: Sequence[float], starts: Sequence[float], fills: Sequence[str], colours: Palette
) -> dict[str, Any]:
    return theme.selectable(
        {
            "type": "bar", "orientation": "h", "x": list(values), "base": list(starts), "y": list(range(len(bars))),
            "marker": {"color": list(fills), "line": {"width": 1, "color": colours.background}},
            "customdata": [_said(bar) for bar in bars], "hovertemplate": HOVER,
        }
    )  # fmt: skip


def _said(bar: Bar) -> list[str]:
    return [bar.link, formats.chart_text(bar.label, 80), formats.chart_text(bar.words, 80), formats.chart_text(bar.note, 120)]


def _words(bar: Bar, place: int, edge: float, colours: Palette, inside: str = "", ink: str = "") -> dict[str, Any]:
    """What stands at a mark: inside it, or behind its end."""
    return {
        "x": edge, "y": place, "showarrow": False, "align": "left", "text": f"<b>{formats.chart_text(bar.words, 40)}</b>",
        "xanchor": "center" if inside else "left", "xshift": 0 if inside else 9, "font": {"size": 12, "color": inside or ink or colours.ink},
    }  # fmt: skip


def _room(bars: Sequence[Bar], edges: Sequence[float], low: float, high: float) -> int:
    """Pixels to the right of the marks, so that no words are cut however narrow the picture is."""
    span = (high - low) or 1.0
    needed = (min(len(bar.words), 40) * BOLD + 14 - (high - edge) / span * WIDTH for bar, edge in zip(bars, edges, strict=True))
    return round(max(needed, default=0.0))


def _figure(
    shown: Picture,
    bars: Sequence[Bar],
    traces: list[dict[str, Any]],
    words: list[dict[str, Any]],
    reach: list[float],
    room: int,
    colours: Palette,
    above: bool = False,
) -> Figure:
    """The figure around the marks. ``above``: names stand above their marks and not beside them, so that small differences have the whole width."""
    names = [_label(bar, colours, int((MOST - AXIS) / LINE_HEIGHT / max(len(bars), 1)) - above) for bar in bars]
    gutter = 14 + (0 if above else round(LETTER * max([0, *(longest for _, longest, _ in names)])))
    labels = [
        {
            "xref": "paper", "x": 0, "xanchor": "left", "xshift": -gutter, "y": place, "showarrow": False, "align": "left", "text": name,
            "yanchor": "bottom" if above else "middle", "yshift": 7 if above else 0, "font": {"size": 12, "color": colours.ink},
        }
        for place, (name, *_) in enumerate(names)
    ]  # fmt: skip
    row = ROW + NOTE * (max([1, *(lines for *_, lines in names)]) - 1 + above)
    top = 0.75 if above else 0.5  # of a row, over its mark
    layout = theme.layout(
        colours, max(LEAST, min(MOST, row * len(bars) + AXIS)), bargap=0.55, annotations=[*labels, *words],
        margin={"l": gutter, "r": max(room, 8), "t": 6, "b": 2},
        xaxis={"visible": False, "range": reach},
        yaxis={"range": [len(bars) - top, -top], "showgrid": False, "showticklabels": False, "ticks": "", "automargin": False},
    )  # fmt: skip
    if shown.goal is not None and shown.kind != "steps":
        layout["shapes"] = [
            {
                "type": "line", "x0": shown.goal, "x1": shown.goal, "yref": "paper", "y0": 0, "y1": 1,
                "line": {"width": 1.5, "dash": "dash", "color": colours.ink},
            }
        ]  # fmt: skip
        layout["margin"] = {**layout["margin"], "t": 26}
        layout["annotations"] = [
            *layout["annotations"],
            {
                "x": shown.goal, "y": 1, "yref": "paper", "yshift": 12, "showarrow": False, "font": {"size": 12, "color": colours.ink},
                "text": formats.chart_text(shown.goal_words or "goal", 48), "xanchor": "right" if shown.goal > (reach[0] + reach[1]) / 2 else "left",
            },
        ]  # fmt: skip
    return {"data": traces, "layout": layout}


def _label(bar: Bar, colours: Palette, most: int) -> tuple[str, int, int]:
    """(a mark's name on one or two lines with its note in grey under it, the letters of its longest line, its lines).

    ``most``: lines that have room beside each other name; the note gives way first.
    """
    lines = textwrap.wrap(formats.short(bar.label, 2 * LINE), LINE, max_lines=2, placeholder="…") or [""]
    room = min(2 if len(lines) == 1 else 1, max(most - len(lines), 0))
    notes = textwrap.wrap(formats.short(bar.note, 26 * room), 26)[:room] if bar.note and room else []
    name = "<br>".join(f"<b>{formats.chart_text(line, LINE)}</b>" for line in lines)
    small = "<br>".join(formats.chart_text(line, 26) for line in notes)
    said = f'{name}<br><span style="font-size:11px;color:{colours.mute}">{small}</span>' if small else name
    return said, max([*(len(line) for line in lines), *(round(0.9 * len(line)) for line in notes)]), len(lines) + len(notes)
