"""The pictures of the pages about unused content, sales content and buyers' questions: ranked bars with their words, and parts of a count.

A bar in the accent calls for a decision, a pale one does not (or not yet). Bars start at zero; names stand on two lines where they are long.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from attribution.charts import formats, theme
from attribution.charts.formats import Unit
from attribution.charts.theme import Figure, Palette

ROW = 38  # px a row
LEAST = 5  # rows that a picture has room for, so that few bars do not grow fat
LINE = 24  # characters of a name's line
LABELS = 108  # px for the words behind a bar


@dataclass(frozen=True)
class Bar:
    """One row: its length, the number that stands behind it, and a word beside that. ``is_strong``: it calls for a decision."""

    key: str
    label: str
    value: float
    text: str
    note: str = ""
    is_strong: bool = True


def bars(rows: Sequence[Bar], colours: Palette, hover: Unit | None = None, longest: float = 0.0) -> Figure:
    """Bars with their words, in the order given. ``hover``: the unit of exact money on hover; ``longest``: of a picture on the same scale.

    Clicking a bar gives [key].
    """
    strong, pale = colours.accent, theme.tint(colours.accent, colours, 0.35)
    largest = max([longest, *(row.value for row in rows)]) or 1.0
    trace = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(rows))),
        "x": [row.value for row in rows],
        "marker": {
            "color": [strong if row.is_strong else pale for row in rows],
            "line": {"width": 1, "color": colours.background},
        },
        "customdata": [
            [row.key, formats.chart_text(row.label, 90), _exact(row, hover), formats.chart_text(row.note, 60)] for row in rows
        ],
        "hovertemplate": "<b>%{customdata[1]}</b><br>%{customdata[2]}<br>%{customdata[3]}<extra></extra>",
    }
    labels = [
        {
            "x": max(row.value, 0.0), "y": place, "xanchor": "left", "xshift": 8, "showarrow": False, "align": "left",
            "text": f"<b>{row.text}</b>  {formats.chart_text(row.note, 40)}".rstrip(), "font": {"size": 12, "color": colours.ink},
        }
        for place, row in enumerate(rows)
    ]  # fmt: skip
    return {
        "data": [theme.selectable(trace)],
        "layout": theme.layout(
            colours, height(len(rows)), bargap=0.42, annotations=labels, margin={"r": LABELS, "t": 4, "b": 4}, minreducedwidth=32,
            xaxis={"visible": False, "range": [0, largest]}, yaxis=_names([row.label for row in rows], colours),
        ),
    }  # fmt: skip


@dataclass(frozen=True)
class Split:
    """One row of parts of a count, in the order of their names."""

    key: str
    label: str
    parts: tuple[int, ...]
    text: str = ""


def split(rows: Sequence[Split], names: Sequence[str], colours: Palette) -> Figure:
    """Stacked counts: the first part in the accent, the second hollow, the third grey. Clicking a part gives [key]."""
    looks = (
        {"color": colours.accent, "line": {"width": 1, "color": colours.background}},
        {"color": theme.tint(colours.accent, colours, 0.16), "line": {"width": 1, "color": colours.accent}},
        {"color": colours.step, "line": {"width": 1, "color": colours.background}},
    )
    inks = (theme.text_on(colours.accent), colours.ink, theme.text_on(colours.step))
    largest = max([1, *(sum(row.parts) for row in rows)])
    traces = [
        theme.selectable(
            {
                "type": "bar", "orientation": "h", "name": name, "y": list(range(len(rows))), "x": [row.parts[part] for row in rows],
                "text": [str(row.parts[part] or "") for row in rows], "textposition": "inside", "insidetextanchor": "middle", "textangle": 0,
                "constraintext": "inside", "textfont": {"size": 11, "color": inks[part]}, "marker": looks[part],
                "customdata": [[row.key, formats.chart_text(row.label, 90), name, row.parts[part]] for row in rows],
                "hovertemplate": "<b>%{customdata[1]}</b><br>%{customdata[3]} %{customdata[2]}<extra></extra>",
            }
        )
        for part, name in enumerate(names)
    ]  # fmt: skip
    labels = [
        {
            "x": sum(row.parts), "y": place, "xanchor": "left", "xshift": 6, "showarrow": False, "text": formats.chart_text(row.text, 40),
            "font": {"size": 12, "color": colours.ink},
        }
        for place, row in enumerate(rows)
    ]  # fmt: skip
    return {
        "data": traces,
        "layout": theme.layout(
            colours, height(len(rows)), bargap=0.42, barmode="stack", annotations=labels, margin={"r": LABELS - 12, "t": 4, "b": 4}, minreducedwidth=32,
            xaxis={"visible": False, "range": [0, largest]}, yaxis=_names([row.label for row in rows], colours),
            uniformtext={"mode": "hide", "minsize": 10},  # a number that does not fit its part is left out: the hover has it
        ),
    }  # fmt: skip


def height(rows: int) -> int:
    """The height of a picture in pixels: two of them side by side stand row by row."""
    return max(ROW * max(rows, LEAST) + 12, 360)


def wrapped(label: str) -> str:
    """A name on at most two lines, escaped for Plotly."""
    lines = textwrap.wrap(formats.short(label, 2 * LINE - 2), LINE) or [""]
    return "<br>".join(formats.chart_text(line, LINE) for line in [*lines[:1], " ".join(lines[1:])] if line)


def _exact(row: Bar, hover: Unit | None) -> str:
    return formats.exact(row.value, hover.currency) if hover else row.text


def _names(labels: Sequence[str], colours: Palette) -> dict[str, object]:
    spare = max(0, LEAST - len(labels)) / 2
    return {
        "tickvals": list(range(len(labels))), "ticktext": [wrapped(label) for label in labels], "showgrid": False,
        "range": [len(labels) - 0.5 + spare, -0.5 - spare], "tickfont": {"size": 12, "color": colours.ink}, "ticklabelstandoff": 10,
    }  # fmt: skip
