"""The heat table of the explore page: rows by columns, each cell with its number, tinted by its size in one hue, and clickable."""

from __future__ import annotations

from attribution.charts import formats, theme
from attribution.charts.explore import NAMES, ROW, facts, names_beside
from attribution.charts.marks import SO_FAR, Grid, Mark
from attribution.charts.theme import Figure, Palette

MANY = 9  # columns from which on their names get less room
LETTER = 6.5  # px of a letter of a name
TOTAL = 0.46  # where the totals stand in the last column


def heat(grid: Grid, colours: Palette) -> Figure:
    """A table whose cells are tinted by their size, each with its number; totals beside and under it. Clicking a cell gives its row and column.

    Drawn with bars of equal length: Plotly's own heat maps cannot be clicked here. Summary rows and columns are not tinted: they would drown the rest.
    """
    compared = [
        value for row, line in zip(grid.rows, grid.cells, strict=True) for column, value in zip(grid.columns, line, strict=True)
        if value is not None and row.kind == column.kind == "value"
    ]  # fmt: skip
    high = max([0.0, *compared])
    places, bases, fills, texts, inks, facts_of = [], [], [], [], [], []
    for place, (row, line) in enumerate(zip(grid.rows, grid.cells, strict=True)):
        for column, (mark, value) in enumerate(zip(grid.columns, line, strict=True)):
            part = max(0.0, value or 0.0) / high if high > 0 and row.kind == mark.kind == "value" else 0.0
            fill = theme.tint(colours.accent, colours, 0.04 + 0.86 * part) if part else theme.tint(colours.step, colours, 0.12)
            places.append(place)
            bases.append(column)
            fills.append(fill)
            texts.append(_cell(value, grid))
            inks.append(_ink(fill, colours) if value else colours.mute)
            facts_of.append(facts(row, mark, grid.form, value))
    count, wide = len(grid.rows), len(grid.columns)
    totals = any(value is not None for value in grid.row_totals)
    under = any(value is not None for value in grid.column_totals)
    notes = [_note(wide + TOTAL, place, _cell(value, grid), colours) for place, value in enumerate(grid.row_totals) if totals]
    notes += [_note(place + 0.5, count, _cell(value, grid), colours) for place, value in enumerate(grid.column_totals) if under]
    notes += [_note(wide + TOTAL, count, _cell(grid.whole, grid), colours)] if grid.whole is not None and totals else []
    heads = _heads(grid)
    lines_of_head = max((head.count("<br>") + 1 for head in heads), default=1)
    shown = [*grid.rows, *([Mark("", "total", "Total")] if under else [])]
    cells = {
        "type": "bar", "orientation": "h", "y": places, "x": [1] * len(places), "base": bases, "width": 0.94,
        "marker": {"color": fills, "line": {"width": 2, "color": colours.background}}, "text": texts, "textposition": "inside", "insidetextanchor": "middle",
        "textangle": 0, "constraintext": "none", "textfont": {"size": 12, "color": inks}, "customdata": facts_of,
        "hovertemplate": "<b>%{customdata[4]}</b><br>%{customdata[5]}: %{customdata[6]}<extra></extra>",
    }  # fmt: skip
    ticks = [*range(wide), *([wide] if totals else [])]
    return {
        "data": [theme.selectable(cells)],
        "layout": theme.layout(
            colours, ROW * max(len(shown), 3) + 14 * lines_of_head + 26, barmode="overlay", bargap=0, barcornerradius=4, annotations=notes,
            margin={"t": 14 * lines_of_head + 12, "b": 4, "r": 4},
            xaxis={
                "side": "top", "range": [0, wide + (0.95 if totals else 0)], "tickvals": [place + (0.5 if place < wide else TOTAL) for place in ticks],
                "ticktext": [*heads, *(["<b>Total</b>"] if totals else [])], "tickangle": 0, "tickfont": {"size": 11, "color": colours.mute},
            },
            yaxis=names_beside(shown, colours, least=0),
        ),
    }  # fmt: skip


def heat_width(grid: Grid) -> int:
    """The width in px below which a heat table scrolls inside its card: its names stand side by side, and its numbers have room."""
    longest = max((len(line) for head in _heads(grid) for line in head.split("<br>")), default=0)
    names = max((len(row.label) for row in grid.rows), default=0)
    return round(LETTER * (min(names, NAMES) + 3) + max(60, LETTER * longest + 8) * (len(grid.columns) + 1))


def _cell(value: float | None, grid: Grid) -> str:
    return "" if value is None else grid.unit.label(value) if abs(value) >= 0.0005 else formats.DASH


def _note(x: float, y: float, text: str, colours: Palette) -> dict[str, object]:
    return {
        "x": x,
        "y": y,
        "xanchor": "center",
        "showarrow": False,
        "text": f"<b>{text}</b>",
        "font": {"size": 12, "color": colours.ink},
    }


def _ink(fill: str, colours: Palette) -> str:
    """The ink of a cell: the theme's own where it can be read, else pure black or white: between these two 4.5:1 is always reached."""
    if theme.contrast(fill, colours.ink) >= 4.5:
        return colours.ink
    return max(("#FFFFFF", "#000000"), key=lambda ink: theme.contrast(fill, ink))


def _heads(grid: Grid) -> list[str]:
    """The columns' names, each on at most two lines, no wider than the longest word needs; what has not ended says so in the second one."""
    words = [len(word) for mark in grid.columns for word in mark.label.removesuffix(SO_FAR).split()]
    length = min(13 if len(grid.columns) <= MANY else 9, max([9, *words]))
    return [
        f"{formats.chart_text(mark.label.removesuffix(SO_FAR), length)}<br>{SO_FAR.strip()}"
        if mark.label.endswith(SO_FAR)
        else "Un-<br>attributed"
        if mark.kind == "unattributed" and length < len(mark.label)
        else formats.on_two_lines(mark.label, length)
        for mark in grid.columns
    ]
