"""The pictures of the attribution page: bars of credit, and a dumbbell that sets the same rows against another rule or period.

Both take the same rows and draw them in the same order, at the same height, so that one reads across. Bars start at zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from attribution.charts import formats, theme
from attribution.charts.formats import Unit
from attribution.charts.theme import UNATTRIBUTED, Figure, Palette

ROW = 38  # px a row
LEAST = 5  # rows that a picture has room for, so that few bars do not grow fat
SMALL = 0.02  # a difference below this part of the largest amount is drawn quietly


@dataclass(frozen=True)
class Row:
    """One value of a dimension. ``kind``: value, other (the rest in one row), none (no value recorded), unattributed.

    ``other`` is the amount under the other rule or in the other period, None where there is nothing to compare with. ``slot`` is
    the channel's colour where the rows are channels.
    """

    key: str
    label: str
    amount: float
    kind: str = "value"
    share: float | None = None
    other: float | None = None
    deals: float | None = None
    took_part: float | None = None
    before: float | None = None
    spend: float | None = None
    per_spend: float | None = None
    months: tuple[float, ...] = field(default_factory=tuple)


def unit_of(measure: str, amounts: Sequence[float], currency: str | None) -> Unit:
    """The unit of a picture's numbers: money scaled, deals with one decimal (they are shared)."""
    return Unit(1.0, "", None, 1) if measure == "deals" else formats.unit_for(list(amounts), currency)


def height(rows: Sequence[Row]) -> int:
    """The height of both pictures in pixels."""
    return ROW * max(len(rows), LEAST) + 12


def bars(rows: Sequence[Row], slots: dict[str, int | None] | None, colours: Palette, unit: Unit) -> Figure:
    """One bar per row with its amount and share beside it. ``slots``: colours where the rows are channels, else the accent for all.

    What has no value (touches without a campaign) is a number without a bar: it often outweighs all campaigns. Clicking a bar gives [key, kind].
    """
    traces = []
    for hatched in (False, True):
        places = [place for place, row in enumerate(rows) if (row.kind == "unattributed") == hatched and row.kind != "none"]
        if not places:
            continue
        looks = [_marker(rows[place], slots, colours) for place in places]
        traces.append(
            theme.selectable(
                {
                    "type": "bar",
                    "orientation": "h",
                    "y": places,
                    "x": [rows[place].amount for place in places],
                    "marker": theme.hatch(colours)
                    if hatched
                    else {"color": [fill for fill, _ in looks], "line": {"width": 1, "color": [edge for _, edge in looks]}},
                    "customdata": [_facts(rows[place], unit) for place in places],
                    "hovertemplate": "<b>%{customdata[2]}</b><br>%{customdata[3]} · %{customdata[4]}<extra></extra>",
                }
            )
        )
    annotations = [
        {
            "x": max(row.amount, 0.0) if row.kind != "none" else 0, "y": place, "xanchor": "left", "xshift": 6, "showarrow": False,
            "text": f"<b>{unit.label(row.amount)}</b>  {formats.share(row.share)}",
            "font": {"size": 12, "color": colours.mute if row.kind == "none" else colours.ink},
        }
        for place, row in enumerate(rows)
    ]  # fmt: skip
    amounts = [0.0, *(row.amount for row in rows if row.kind != "none")]
    return {
        "data": traces,
        "layout": theme.layout(
            colours,
            height(rows),
            bargap=0.36,
            annotations=annotations,
            margin={
                "r": 92,
                "t": 4,
                "b": 4,
            },  # the numbers of the longest bar stand in the margin: as wide on a phone as on a wall
            xaxis={"visible": False, "range": [min(amounts), max(amounts) or 1.0]},
            yaxis=_names(rows, colours, 10),
        ),
    }


def dumbbell(
    rows: Sequence[Row], slots: dict[str, int | None] | None, colours: Palette, unit: Unit, words: tuple[str, str], same: str
) -> Figure:
    """Two dots and a line per row: hollow is the other rule (or period), filled is this one. ``words``: (this, the other).

    Where what is unattributed is the same in both, its row says so: ``same`` with the amount in place of "{}". Clicking a dot gives [key, kind].
    """
    shown = [
        (place, row, row.other)
        for place, row in enumerate(rows)
        if row.other is not None and row.kind != "none" and not _same_leftover(row)
    ]
    largest = max([abs(value) for _, row, other in shown for value in (row.amount, other)], default=0.0) or 1.0
    shapes, annotations, places, xs, fills, edges, facts = [], [], [], [], [], [], []
    for place, row, other in shown:
        colour = _dot(row, slots, colours)
        quiet = abs(row.amount - other) < SMALL * largest
        low, high = sorted((row.amount, other))
        shapes.append(_line(place, 0, 1, colours.grid, 1, "paper"))
        shapes.append(_line(place, low, high, colours.rule if quiet else theme.tint(colour, colours, 0.55), 2 if quiet else 4))
        for value, hollow in ((other, True), (row.amount, False)):
            places.append(place)
            xs.append(value)
            fills.append(colours.background if hollow else colour)
            edges.append(colour)
            facts.append([*_facts(row, unit)[:3], _exact(row.amount, unit), _exact(other, unit)])
            right = value == high if row.amount != other else not hollow
            annotations.append(
                {
                    "x": value, "y": place, "xanchor": "left" if right else "right", "xshift": 10 if right else -10, "showarrow": False,
                    "text": unit.label(value), "font": {"size": 12, "color": colours.mute if hollow else colours.ink},
                }
            )  # fmt: skip
    for place, row in enumerate(rows):
        if row.other is None or any(place == drawn for drawn, _, _ in shown):
            continue
        here, there = unit.label(row.amount), unit.label(row.other)
        text = same.replace("{}", here) if row.kind != "none" else f"{here}, not {there}" if here != there else here
        annotations.append(
            {
                "xref": "paper", "x": 0, "y": place, "xanchor": "left", "showarrow": False, "align": "left",
                "text": text, "font": {"size": 12, "color": colours.mute},
            }
        )  # fmt: skip
    this, another = (formats.chart_text(word, 60) for word in words)
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": xs,
        "y": places,
        "marker": {"size": 12, "color": fills, "line": {"width": 2, "color": edges}, "opacity": 1},
        "customdata": facts,
        "hovertemplate": f"<b>%{{customdata[2]}}</b><br>{this}: %{{customdata[3]}}<br>{another}: %{{customdata[4]}}<extra></extra>",
        "cliponaxis": False,
    }
    return {
        "data": [theme.selectable(dots)],
        "layout": theme.layout(
            colours,
            height(rows),
            annotations=annotations,
            shapes=shapes,
            margin={"r": 52, "t": 4, "b": 4},
            xaxis={"visible": False, "range": [min([0.0, *xs]), max([0.0, *xs]) or 1.0]},
            yaxis=_names(rows, colours, 46),  # the numbers left of the first dots stand between it and the names
        ),
    }


def _marker(row: Row, slots: dict[str, int | None] | None, colours: Palette) -> tuple[str, str]:
    """(fill, edge) of a bar."""
    if row.kind in ("other", "none"):
        return (colours.other, colours.background) if row.kind == "other" else (theme.tint(colours.step, colours, 0.55),) * 2
    if slots is None:
        return colours.accent, colours.background
    marker = theme.channel_marker(row.key, slots, colours)
    return marker["color"], marker["line"]["color"]


def _dot(row: Row, slots: dict[str, int | None] | None, colours: Palette) -> str:
    if row.kind == "value":
        return colours.accent if slots is None else theme.channel_colour(row.key, slots, colours)
    return colours.other


def _facts(row: Row, unit: Unit) -> list[str]:
    return [row.key, row.kind, formats.chart_text(row.label, 60), _exact(row.amount, unit), formats.share(row.share)]


def _exact(value: float, unit: Unit) -> str:
    """The whole amount, whatever unit the picture has."""
    return f"{unit.label(value)} deals" if unit.currency is None and unit.decimals == 1 else formats.exact(value, unit.currency)


def _same_leftover(row: Row) -> bool:
    return row.key == UNATTRIBUTED and row.other is not None and abs(row.amount - row.other) < 0.005


def _line(place: int, start: float, end: float, colour: str, width: int, reference: str = "x") -> dict[str, object]:
    return {
        "type": "line", "xref": reference, "x0": start, "x1": end, "y0": place, "y1": place,
        "line": {"width": width, "color": colour}, "layer": "below",
    }  # fmt: skip


def _names(rows: Sequence[Row], colours: Palette, standoff: int) -> dict[str, object]:
    spare = max(0, LEAST - len(rows)) / 2
    return {
        "tickvals": list(range(len(rows))), "ticktext": [formats.on_two_lines(row.label, 24) for row in rows], "showgrid": False,
        "range": [len(rows) - 0.5 + spare, -0.5 - spare], "tickfont": {"size": 12, "color": colours.ink}, "ticklabelstandoff": standoff,
    }  # fmt: skip
