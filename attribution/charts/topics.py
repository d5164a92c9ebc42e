"""The picture of the topics page that no other page has: what was published by quarter, on the five topics and on others."""

from __future__ import annotations

from collections.abc import Sequence

from attribution.charts import formats, theme
from attribution.charts.theme import Figure, Palette

HEIGHT = 300


def made(
    rows: Sequence[tuple[str, float, float]], colours: Palette, words: tuple[str, str], currency: str | None = None
) -> Figure:
    """Stacked bars by quarter: the five topics in the accent, others grey; over each the share of the five in %. ``rows``: (quarter, five, others)."""
    places = list(range(len(rows)))
    amounts = ([five for _, five, _ in rows], [others for _, _, others in rows])
    totals = [five + others for _, five, others in rows]
    traces = [
        {
            "type": "bar", "name": name, "x": places, "y": amounts[place],
            "marker": {"color": fill, "line": {"width": 1, "color": colours.background}},
            "customdata": [[formats.month(row[0]), formats.count(amount)] for row, amount in zip(rows, amounts[place], strict=True)],
            "hovertemplate": f"{name}<br>%{{customdata[0]}}: %{{customdata[1]}}<extra></extra>",
        }
        for place, (name, fill) in enumerate(zip(words, (colours.accent, colours.step), strict=True))
    ]  # fmt: skip
    notes = [
        {
            "x": place, "y": total, "yanchor": "bottom", "yshift": 2, "showarrow": False, "text": f"{rows[place][1] / total * 100:.0f}" if total else "",
            "font": {"size": 11, "color": colours.ink},
        }
        for place, total in enumerate(totals)
    ]  # fmt: skip
    ticks, year = [], ""
    for quarter, _, _ in rows:
        short, _, this = formats.month(quarter).rpartition(" ")
        ticks.append(f"{short}<br>{this}" if this != year else short)
        year = this
    return {
        "data": [theme.selectable(trace) for trace in traces],
        "layout": theme.layout(
            colours, HEIGHT, barmode="stack", bargap=0.3, annotations=notes, margin={"t": 22, "b": 62}, showlegend=True,
            legend={"orientation": "h", "x": 0, "y": -0.24, "font": {"size": 12, "color": colours.ink}, "itemclick": False, "itemdoubleclick": False},
            xaxis={
                "tickvals": places, "ticktext": ticks, "tickangle": 0, "tickfont": {"size": 11, "color": colours.mute}, "range": [-0.6, len(rows) - 0.4],
            },
            yaxis={"visible": False, "range": [0, max([*totals, 1.0]) * 1.1]},
        ),
    }  # fmt: skip
