"""The pictures of one piece of content: what it has earned since it was there, and how much that depends on the rule."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from attribution.charts import formats, theme
from attribution.charts.formats import Unit
from attribution.charts.theme import Figure, Palette


@dataclass(frozen=True)
class Curve:
    """What a piece had earned by each day, under one rule."""

    name: str
    days: tuple[date, ...]
    amounts: tuple[float, ...]


def height(rules: int) -> int:
    """The height of the two pictures that stand side by side: what it earned, and the bars of so many rules."""
    return max(30 * rules + 12, 380)


def earned(
    curves: Sequence[Curve],
    cost: float | None,
    paid_back_on: date | None,
    since: date | None,
    today: date,
    colours: Palette,
    unit: Unit,
    high: int = 380,
) -> Figure:
    """Credit added up since publication, a step for each won deal; the first rule strong, the others quiet; the cost as a line."""
    looks = [(colours.accent, 3, "solid"), (colours.mute, 1.5, "solid"), (colours.step, 1.5, "dot")]
    highest = max([amount for curve in curves for amount in curve.amounts] + [cost or 0.0]) or 1.0
    traces, notes, ends = [], [], []
    for place, curve in enumerate(curves):
        colour, width, dash = looks[min(place, 2)]
        traces.append(
            {
                "type": "scatter", "mode": "lines", "x": [day.isoformat() for day in curve.days], "y": list(curve.amounts),
                "name": formats.chart_text(curve.name, 60), "line": {"color": colour, "width": width, "dash": dash, "shape": "hv"},
                **({"fill": "tozeroy", "fillcolor": theme.tint(colour, colours, 0.10)} if not place else {}),
                "customdata": [[formats.day(day), formats.exact(amount, unit.currency)] for day, amount in zip(curve.days, curve.amounts, strict=True)],
                "hovertemplate": f"{formats.chart_text(curve.name, 60)}<br>%{{customdata[0]}}: %{{customdata[1]}}<extra></extra>",
            }
        )  # fmt: skip
        if curve.amounts:
            ends.append((curve.amounts[-1], colours.ink if not place else colours.mute))
    for amount, colour in _apart(ends, 0.06 * highest):
        notes.append(
            {
                "xref": "paper", "x": 1, "xanchor": "left", "xshift": 6, "y": amount[0], "showarrow": False, "text": f"<b>{unit.label(amount[1])}</b>",
                "font": {"size": 12, "color": colour},
            }
        )  # fmt: skip
    shapes: list[dict[str, object]] = []
    if cost:
        shapes.append(
            {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": cost, "y1": cost, "line": {"width": 1.5, "dash": "dash", "color": colours.ink}}
        )  # fmt: skip
        notes.append(
            {
                "xref": "paper", "x": 0, "xanchor": "left", "y": cost, "yanchor": "bottom", "showarrow": False,
                "text": f"cost {formats.money(cost, unit.currency)}", "font": {"size": 12, "color": colours.ink},
            }
        )  # fmt: skip
    if paid_back_on:
        shapes.append(
            {
                "type": "line", "yref": "paper", "y0": 0, "y1": 0.9, "x0": paid_back_on.isoformat(), "x1": paid_back_on.isoformat(),
                "line": {"width": 1, "dash": "dot", "color": colours.good},
            }
        )  # fmt: skip
        late = since is not None and (paid_back_on - since).days > 0.6 * max((today - since).days, 1)
        notes.append(
            {
                "x": paid_back_on.isoformat(), "yref": "paper", "y": 0.93, "xanchor": "right" if late else "left", "xshift": -4 if late else 4,
                "showarrow": False, "text": "paid back", "font": {"size": 12, "color": colours.good},
            }
        )  # fmt: skip
    first = min([day for curve in curves for day in curve.days[:1]], default=today)
    return {
        "data": traces,
        "layout": theme.layout(
            colours, high, shapes=shapes, annotations=notes, margin={"l": 4, "r": 62, "t": 8, "b": 58}, hovermode="closest",
            showlegend=len(curves) > 1,
            legend={
                "orientation": "h", "x": 0, "y": -0.16, "font": {"size": 12, "color": colours.ink}, "itemclick": False, "itemdoubleclick": False,
            },
            xaxis={
                "type": "date", "range": [first.isoformat(), today.isoformat()], "tickfont": {"size": 11, "color": colours.mute}, "tickangle": 0,
                "nticks": 7, "tickformat": "%b\n%Y",
            },
            yaxis={"range": [0, highest * 1.08], "visible": False},
        ),
    }  # fmt: skip


def _apart(ends: Sequence[tuple[float, str]], least: float) -> list[tuple[tuple[float, float], str]]:
    """(place, amount) of labels at the right edge, pushed apart upwards where they would touch."""
    placed: list[tuple[tuple[float, float], str]] = []
    last = -math.inf
    for amount, colour in sorted(ends):
        place = max(amount, last + least)
        placed.append(((place, amount), colour))
        last = place
    return placed


@dataclass(frozen=True)
class Part:
    """One bar: its name and amount; ``strong``: the rule that is set."""

    key: str
    label: str
    amount: float
    strong: bool = False


def rules(parts: Sequence[Part], colours: Palette, unit: Unit) -> Figure:
    """One bar for each rule: how much the credit depends on it. The rule that is set in the accent."""
    bars = {
        "type": "bar", "orientation": "h", "y": list(range(len(parts))), "x": [part.amount for part in parts],
        "marker": {"color": [colours.accent if part.strong else theme.tint(colours.accent, colours, 0.35) for part in parts]},
        "customdata": [[part.key, formats.chart_text(part.label, 60), formats.exact(part.amount, unit.currency)] for part in parts],
        "hovertemplate": "<b>%{customdata[1]}</b><br>%{customdata[2]}<extra></extra>",
    }  # fmt: skip
    notes = [
        {
            "x": max(part.amount, 0.0), "y": place, "xanchor": "left", "xshift": 6, "showarrow": False,
            "text": f"<b>{unit.label(part.amount)}</b>" if part.strong else unit.label(part.amount), "font": {"size": 12, "color": colours.ink},
        }
        for place, part in enumerate(parts)
    ]  # fmt: skip
    largest = max([part.amount for part in parts] + [0.0]) or 1.0
    return {
        "data": [theme.selectable(bars)],
        "layout": theme.layout(
            colours, height(len(parts)), bargap=0.34, annotations=notes, margin={"r": 56, "t": 4, "b": 4}, minreducedwidth=32,
            xaxis={"visible": False, "range": [min([0.0, *(part.amount for part in parts)]), largest]},
            yaxis={
                "tickvals": list(range(len(parts))), "ticktext": [formats.on_two_lines(part.label, 31) for part in parts], "showgrid": False,
                "range": [len(parts) - 0.5, -0.5], "tickfont": {"size": 12, "color": colours.ink}, "ticklabelstandoff": 8,
            },
        ),
    }  # fmt: skip
