"""The pictures of the explore page: bars (one panel a figure), stacked bars, and lines over time; its heat table is in heat.py.

All take the same rows and columns as marks and plain numbers. Bars start at zero; a mark's customdata says which row and column it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from attribution.charts import formats, theme
from attribution.charts.formats import Unit
from attribution.charts.marks import SERIES, SO_FAR, Form, Grid, Mark, Panel, Slots, Values
from attribution.charts.theme import Figure, Palette

ROW = 30  # px a row
LEAST = 5  # rows that a picture has room for, so that few bars do not grow fat
NAMES = 34  # characters of a name beside a picture
TALL = 380  # px of a picture over time
LOW = 230  # px of each of several


def bars(
    rows: Sequence[Mark], panels: Sequence[Panel], slots: Slots | None, colours: Palette, same_scale: bool = False
) -> Figure:
    """Bars with their numbers, largest first as given; several figures stand in panels side by side, each with its own scale
    unless they are one figure (``same_scale``).

    What has no value is a number without a bar: it often outweighs all the others.
    """
    several = len(panels) > 1
    head = 26 if several else 0
    gap = 0.03
    width = (1 - gap * (len(panels) - 1)) / len(panels)
    traces, annotations, axes = [], [], {}
    for place, panel in enumerate(panels):
        suffix = "" if place == 0 else str(place + 1)
        left = place * (width + gap)
        unit, drawn = (
            panel_unit(rows, panel),
            [value or 0.0 for row, value in zip(rows, panel.values, strict=True) if row.kind != "none"],
        )
        spread = [value or 0.0 for other in panels for value in other.values] if same_scale else drawn
        low, high = min([0.0, *spread]), max([0.0, *spread]) or 1.0
        axes[f"xaxis{suffix}"] = {
            "visible": False, "fixedrange": True, "domain": [left, left + width], "anchor": "y",
            "range": [low - (0.2 * (high - low) if low < 0 and several else 0), high + (0.42 * (high - low) if several else 0.0)],
        }  # fmt: skip
        traces += _bar_traces(rows, panel, f"x{suffix}", slots, colours)
        for line, (row, value) in enumerate(zip(rows, panel.values, strict=True)):
            share = panel.shares[line] if panel.shares else None
            quiet = row.kind == "none" or (panel.pale and panel.pale[line])
            text = (
                formats.DASH
                if value is None
                else f"<b>{unit.label(value)}</b>" + (f"  {formats.share(share)}" if share is not None and not several else "")
            )
            annotations.append(
                {
                    "xref": f"x{suffix}", "x": max(value or 0.0, 0.0) if row.kind != "none" else 0, "y": line, "xanchor": "left", "xshift": 6,
                    "showarrow": False, "text": text, "font": {"size": 12, "color": colours.mute if quiet else colours.ink},
                }
            )  # fmt: skip
        if several:
            title = formats.chart_text(panel.head, max(14, 72 // len(panels)))
            annotations.append(
                {
                    "xref": "paper", "yref": "paper", "x": left, "y": 1, "xanchor": "left", "yanchor": "bottom", "yshift": 6, "showarrow": False,
                    "text": f"<b>{title}</b>  {unit.head}" if unit.head else f"<b>{title}</b>", "font": {"size": 12, "color": colours.ink},
                }
            )  # fmt: skip
    return {
        "data": traces,
        "layout": theme.layout(
            colours, ROW * max(len(rows), LEAST) + 12 + head, bargap=0.34, annotations=annotations,
            margin={"r": 8 if several else 104, "t": 4 + head, "b": 4}, yaxis=names_beside(rows, colours), **axes,
        ),
    }  # fmt: skip


def panel_unit(rows: Sequence[Mark], panel: Panel) -> Unit:
    """The scale of a panel's numbers, by the bars that are drawn."""
    return panel.form.unit([value for row, value in zip(rows, panel.values, strict=True) if row.kind != "none"] or panel.values)


def stacked(grid: Grid, slots: Slots | None, colours: Palette, upright: bool) -> Figure:
    """Bars whose parts are the columns, their total beside them; ``upright`` for rows that are times. Clicking a part gives its row and column."""
    tops = [sum(max(value or 0.0, 0.0) for value in line) for line in grid.cells]
    lows = [sum(min(value or 0.0, 0.0) for value in line) for line in grid.cells]
    places = list(range(len(grid.rows)))
    traces: list[dict[str, object]] = []
    for column, mark in enumerate(grid.columns):
        values = [line[column] or 0.0 for line in grid.cells]
        traces.append(
            theme.selectable(
                {
                    "type": "bar", "name": formats.chart_text(mark.label, 20), "orientation": "v" if upright else "h",
                    "x": places if upright else values, "y": values if upright else places,
                    "marker": _series_marker(mark, column, slots, colours),
                    "customdata": [facts(row, mark, grid.form, value) for row, value in zip(grid.rows, values, strict=True)],
                    "hovertemplate": "<b>%{customdata[4]}</b><br>%{customdata[5]}: %{customdata[6]}<extra></extra>",
                }
            )
        )  # fmt: skip
    unit = grid.unit
    labels = [
        {
            "x": place if upright else tops[place], "y": tops[place] if upright else place, "showarrow": False,
            "xanchor": "center" if upright else "left", "yanchor": "bottom" if upright else "middle", "xshift": 0 if upright else 6,
            "yshift": 2 if upright else 0, "text": f"<b>{unit.label(tops[place] + lows[place])}</b>" if tops[place] or lows[place] else "",
            "font": {"size": 12 if len(places) <= 20 else 10, "color": colours.ink},
        }
        for place in places
    ]  # fmt: skip
    low, high = min([0.0, *lows]) * 1.1, (max([0.0, *tops]) or 1.0)
    legend_rows = (len(grid.columns) + 4) // 5
    height = TALL if upright else ROW * max(len(places), LEAST) + 40 + 20 * legend_rows
    spare = max(0.0, (6 - len(places)) / 2) if upright else 0.0
    time = {
        "tickvals": places, "ticktext": _ticks([row.label for row in grid.rows]), "tickangle": 0, "tickfont": {"size": 11, "color": colours.mute},
        "ticklabeloverflow": "allow", "range": [-0.5 - spare, len(places) - 0.5 + spare],
    }  # fmt: skip
    return {
        "data": traces,
        "layout": theme.layout(
            colours, height, barmode="relative", bargap=0.26 if upright else 0.34, annotations=labels, showlegend=True,
            legend=_legend(colours, -0.135 if upright else -14 / (height - 20 * legend_rows)),
            margin={"r": 4 if upright else 56, "t": 8, "b": 0},
            xaxis=time if upright else {"visible": False, "range": [low, high]},
            yaxis={"visible": False, "range": [low, high * 1.1]} if upright else names_beside(grid.rows, colours),
        ),
    }  # fmt: skip


def columns(grid: Grid, colours: Palette) -> Figure:
    """Upright bars over time with one figure each."""
    alone = Grid(
        grid.rows,
        (Mark("", "alone", ""),),
        tuple((value,) for value in grid.row_totals),
        grid.form,
        unit=grid.form.unit(grid.row_totals),
    )
    figure = stacked(alone, None, colours, True)
    figure["layout"]["showlegend"] = False
    return figure


def lines(
    times: Sequence[Mark], series: Sequence[Panel], slots: Slots | None, colours: Palette, unit: Unit, height: int = TALL
) -> Figure:
    """Lines over time: one for each series, with a legend; a single one has its numbers. Clicking a dot gives its time and series."""
    places = list(range(len(times)))
    alone = len(series) == 1
    traces = []
    for place, panel in enumerate(series):
        mark = panel.column or Mark("", "value", panel.head)
        colour = colours.accent if alone and mark.key not in (slots or {}) else _series_colour(mark, place, slots, colours)
        dashed = mark.kind != "value"
        traces.append(
            theme.selectable(
                {
                    "type": "scatter", "mode": "lines+markers+text" if alone and len(times) <= 16 else "lines+markers",
                    "name": formats.chart_text(mark.label, 20), "x": places, "y": list(panel.values), "connectgaps": False,
                    "line": {"width": 2, "color": colour, "dash": "dot" if dashed else "solid"},
                    "marker": {"size": 7, "color": colour, "line": {"width": 1, "color": colours.background}, "opacity": 1},
                    "text": [f"<b>{unit.label(value)}</b>" if value is not None else "" for value in panel.values], "textposition": _beside(panel.values),
                    "textfont": {"size": 12, "color": colours.ink}, "cliponaxis": False,
                    "customdata": [facts(time, mark, panel.form, value) for time, value in zip(times, panel.values, strict=True)],
                    "hovertemplate": "<b>%{customdata[5]}</b><br>%{customdata[4]}: %{customdata[6]}<extra></extra>",
                }
            )
        )  # fmt: skip
    known = [value for panel in series for value in panel.values if value is not None]
    low, high = min([0.0, *known]), max([0.0, *known]) or 1.0
    return {
        "data": traces,
        "layout": theme.layout(
            colours, height, showlegend=not alone, legend=_legend(colours, -0.135), margin={"r": 16, "l": 4, "t": 22, "b": 0},
            xaxis={
                "tickvals": places, "ticktext": _ticks([time.label for time in times]), "tickangle": 0, "ticklabeloverflow": "allow",
                "tickfont": {"size": 11, "color": colours.mute}, "range": [-0.4, max(len(places) - 0.6, 0.4)],
            },
            yaxis={
                "range": [low * 1.08, high * 1.08], "nticks": 5, "tickvals": _grid_values(low, high),
                "ticktext": [_short_number(value, unit) for value in _grid_values(low, high)], "tickfont": {"size": 11, "color": colours.mute},
            },
        ),
    }  # fmt: skip


def _bar_traces(rows: Sequence[Mark], panel: Panel, axis: str, slots: Slots | None, colours: Palette) -> list[dict[str, object]]:
    traces = []
    for hatched in (False, True):
        places = [place for place, row in enumerate(rows) if (row.kind == "unattributed") == hatched and row.kind != "none"]
        if not places:
            continue
        looks = [_bar_marker(rows[place], bool(panel.pale) and panel.pale[place], slots, colours) for place in places]
        traces.append(
            theme.selectable(
                {
                    "type": "bar", "orientation": "h", "xaxis": axis, "yaxis": "y", "y": places, "x": [panel.values[place] or 0.0 for place in places],
                    "marker": theme.hatch(colours) if hatched
                    else {"color": [fill for fill, _ in looks], "line": {"width": 1, "color": [edge for _, edge in looks]}},
                    "customdata": [facts(rows[place], panel.column, panel.form, panel.values[place], panel.head) for place in places],
                    "hovertemplate": "<b>%{customdata[4]}</b><br>%{customdata[5]}: %{customdata[6]}<extra></extra>",
                }
            )
        )  # fmt: skip
    return traces


def _bar_marker(row: Mark, pale: bool, slots: Slots | None, colours: Palette) -> tuple[str, str]:
    if row.kind == "other":
        return colours.other, colours.background
    if slots is None:
        return (theme.tint(colours.accent, colours, 0.35) if pale else colours.accent), colours.background
    marker = theme.channel_marker(row.key, slots, colours)
    return marker["color"], marker["line"]["color"]


def _series_marker(mark: Mark, place: int, slots: Slots | None, colours: Palette) -> dict[str, object]:
    if mark.kind == "unattributed":
        return theme.hatch(colours)
    if mark.kind == "value" and slots is not None:
        return theme.channel_marker(mark.key, slots, colours)
    return {"color": _series_colour(mark, place, slots, colours), "line": {"width": 1, "color": colours.background}}


def _series_colour(mark: Mark, place: int, slots: Slots | None, colours: Palette) -> str:
    if mark.kind == "alone":
        return colours.accent
    if mark.kind == "other":
        return colours.other
    if mark.kind in ("none", "unattributed"):
        return colours.step
    if slots is not None:
        return theme.channel_colour(mark.key, slots, colours)
    return colours.series[place % SERIES]


def facts(row: Mark, column: Mark | None, form: Form, value: float | None, head: str = "") -> list[str]:
    """A mark's customdata: key and kind of its row and its column, then words for its hover."""
    return [
        row.key, row.kind, column.key if column else "", column.kind if column else "", formats.chart_text(row.label, 80),
        formats.chart_text(column.label if column else head, 60), form.exact(value),
    ]  # fmt: skip


def names_beside(rows: Sequence[Mark], colours: Palette, least: int = LEAST) -> dict[str, object]:
    """The axis with the names of the rows."""
    spare = max(0, least - len(rows)) / 2
    names = [formats.chart_text(row.label, NAMES) for row in rows]
    return {
        "tickvals": list(range(len(rows))), "ticktext": [f"<b>{name}</b>" if row.kind == "total" else name for row, name in zip(rows, names, strict=True)],
        "showgrid": False, "range": [len(rows) - 0.5 + spare, -0.5 - spare], "tickfont": {"size": 12, "color": colours.ink}, "ticklabelstandoff": 10,
    }  # fmt: skip


def _legend(colours: Palette, y: float) -> dict[str, object]:
    return {
        "orientation": "h", "x": 0, "y": y, "yanchor": "top", "entrywidth": 132, "entrywidthmode": "pixels", "traceorder": "normal",
        "font": {"size": 12, "color": colours.ink}, "itemclick": False, "itemdoubleclick": False,
    }  # fmt: skip


def _ticks(labels: Sequence[str]) -> list[str]:
    """Times under a picture: the year once, in a second line; every second or third where there are many; what has not ended says so."""
    step = 1 if len(labels) <= 16 else 2 if len(labels) <= 30 else 3
    texts, year = [], ""
    for place, label in enumerate(labels):
        period = label.removesuffix(SO_FAR)
        name, _, now = period.rpartition(" ")
        if not name or not now.isdigit():
            texts.append(formats.chart_text(label, 12))
            continue
        if (len(labels) - 1 - place) % step:  # the last one always has its name
            texts.append("")
            continue
        lines_of_it = [name, *([now] if now != year else []), *(["so far"] if period != label else [])]
        texts.append("<br>".join(lines_of_it))
        year = now
    return texts


def _beside(values: Values) -> list[str]:
    """Where the number of each dot stands clear of its line: under the low ones, at the open side of a slope."""
    places = []
    for place, value in enumerate(values):
        before = values[place - 1] if place else None
        after = values[place + 1] if place + 1 < len(values) else None
        now = value or 0.0
        rising = before is not None and before < now
        falling = after is not None and after < now
        climbs = after is not None and after > now
        sinks = before is not None and before > now
        if sinks and climbs:
            places.append("bottom center")
        elif rising and climbs:
            places.append("top left")
        elif sinks and falling:
            places.append("top right")
        else:
            places.append("top center")
    return places


def _grid_values(low: float, high: float) -> list[float]:
    """Four or five round values from zero up."""
    span = (high - min(low, 0.0)) or 1.0
    rough = span / 4
    size = (
        10.0 ** (len(str(int(rough))) - 1) if rough >= 1 else 10.0 ** -next((n for n in range(1, 12) if rough * 10**n >= 1), 12)
    )
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough)
    first = int(low // step) if low < 0 else 0
    return [step * place for place in range(first, int(high // step) + 1)]


def _short_number(value: float, unit: Unit) -> str:
    text = unit.label(value)
    return text.rstrip("0").rstrip(".") if "." in text else text
