"""The pictures of the revenue section: months by channel, the bridge from the CRM to credit, shares of one total, movers.

Each function takes plain rows and returns a Plotly figure as a dict; none of them knows a database. Bars start at zero.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from attribution.charts import formats, theme
from attribution.charts.theme import OTHER, UNATTRIBUTED, Figure, Palette

HEIGHT = 380  # px of the two main pictures
ENTRY = 18  # letters of a name in a legend: two columns of them fit a phone


@dataclass(frozen=True)
class Part:
    """One part of a total: what it is called in the data, on screen, and its amount."""

    key: str
    label: str
    amount: float
    deals: float | None = None


@dataclass(frozen=True)
class BridgeStep:
    """One bar of the bridge. ``kind``: total, minus, unattributed, result, or compare (beside the way down, not part of it).

    Amounts of minus steps are positive.
    """

    step: str
    label: str
    kind: str
    amount: float
    deals: float | None = None


def months(
    credits: pd.DataFrame,
    periods: Sequence[str],
    slots: Mapping[str, int | None],
    labels: Mapping[str, str],
    colours: Palette,
    currency: str | None,
    running: str | None = None,
) -> Figure:
    """Stacked bars: credited revenue per month (or quarter) and channel, what is unattributed on top, totals above.

    ``credits`` has period, channel and revenue; ``periods`` are all keys of the axis in order, empty ones included;
    ``running`` is the period that has not ended and is marked "so far". Clicking a bar gives [period, channel].
    """
    stack = _stack(credits, slots)
    totals = {period: sum(column.get(period, 0.0) for column in stack.values()) for period in periods}
    tops = {period: sum(max(column.get(period, 0.0), 0.0) for column in stack.values()) for period in periods}
    unit = formats.unit_for(list(totals.values()), currency)
    traces = []
    for channel, column in stack.items():
        label = _channel_label(channel, labels)
        values = [column.get(period, 0.0) for period in periods]
        traces.append(
            theme.selectable(
                {
                    "type": "bar",
                    "name": formats.chart_text(label, ENTRY),
                    "x": list(range(len(periods))),
                    "y": values,
                    "marker": theme.channel_marker(channel, slots, colours),
                    "customdata": [
                        [period, channel, formats.exact(value, currency), _part_of(value, totals[period]), formats.month(period)]
                        for period, value in zip(periods, values, strict=True)
                    ],
                    "hovertemplate": f"<b>{formats.chart_text(label, 60)}</b><br>%{{customdata[4]}}<br>"
                    "%{customdata[2]} · %{customdata[3]}<extra></extra>",
                }
            )
        )
    top = max(tops.values(), default=0.0)
    low = min((sum(min(column.get(period, 0.0), 0.0) for column in stack.values()) for period in periods), default=0.0)
    traces.append(
        {
            "type": "scatter",
            "mode": "text",
            "x": list(range(len(periods))),
            "y": [tops[period] for period in periods],
            "text": [unit.label(totals[period]) if totals[period] else "" for period in periods],
            "textposition": "top center",
            "textfont": {"size": 12, "color": colours.ink},
            "hoverinfo": "skip",
            "showlegend": False,
            "cliponaxis": False,
        }
    )
    pad = max(0.0, (6 - len(periods)) / 2)
    entry = max(98, round(6.6 * max(len(str(trace.get("name", ""))) for trace in traces)))
    return {
        "data": traces,
        "layout": theme.layout(
            colours,
            HEIGHT,
            barmode="relative",
            bargap=0.26,
            showlegend=True,
            legend={
                "orientation": "h", "x": 0, "y": -0.135, "yanchor": "top", "entrywidth": entry, "entrywidthmode": "pixels",
                "traceorder": "normal", "font": {"size": 12, "color": colours.ink}, "itemclick": False, "itemdoubleclick": False,
            },
            xaxis={
                "tickvals": list(range(len(periods))), "ticktext": _period_ticks(periods, running), "tickangle": 0,
                "tickfont": {"size": 11, "color": colours.mute}, "ticklabeloverflow": "allow", "range": [-0.5 - pad, len(periods) - 0.5 + pad],
            },
            yaxis={"visible": False, "range": [low * 1.1, (top or 1) * 1.1]},
        ),
    }  # fmt: skip


def bridge(steps: Sequence[BridgeStep], colours: Palette, currency: str | None) -> Figure:
    """A horizontal waterfall from what the CRM (or finance) calls won to what is credited. Clicking a bar gives [step]."""
    unit = formats.unit_for([step.amount for step in steps], currency)
    level, bases, widths = 0.0, [], []
    for step in steps:
        if step.kind in ("total", "result", "compare"):
            level = level if step.kind == "compare" else step.amount
            bases.append(0.0)
        else:
            level -= step.amount
            bases.append(level)
        widths.append(step.amount)
    largest = max((base + width for base, width in zip(bases, widths, strict=True)), default=0.0) or 1.0
    pale = theme.tint(colours.step, colours, 0.55)
    fills = {"total": colours.step, "minus": pale, "compare": pale, "result": colours.accent}
    traces = []
    for kind in ("total", "minus", "compare", "unattributed", "result"):
        rows = [index for index, step in enumerate(steps) if step.kind == kind]
        if not rows:
            continue
        traces.append(
            theme.selectable(
                {
                    "type": "bar",
                    "orientation": "h",
                    "y": rows,
                    "x": [widths[row] for row in rows],
                    "base": [bases[row] for row in rows],
                    "marker": theme.hatch(colours) if kind == "unattributed" else {"color": fills[kind]},
                    "customdata": [
                        [
                            steps[row].step,
                            formats.exact(steps[row].amount, currency),
                            _deals_words(steps[row].deals),
                            formats.chart_text(steps[row].label, 60),
                        ]
                        for row in rows
                    ],
                    "hovertemplate": "<b>%{customdata[3]}</b><br>%{customdata[1]}%{customdata[2]}<extra></extra>",
                }
            )
        )
    annotations = [
        {
            "x": max(bases[row] + widths[row], bases[row]), "y": row, "xanchor": "left", "xshift": 4, "showarrow": False,
            "text": _step_words(step, unit),
            "font": {"size": 12, "color": colours.ink if step.kind in ("total", "result") else colours.mute},
        }
        for row, step in enumerate(steps)
    ]  # fmt: skip
    shapes = [
        {
            "type": "line", "x0": x, "x1": x, "y0": row + 0.33, "y1": following - 0.33,
            "line": {"width": 1, "color": colours.rule}, "layer": "below",
        }
        for row, following, x in _connectors(steps, bases, widths)
    ]  # fmt: skip
    return {
        "data": traces,
        "layout": theme.layout(
            colours,
            HEIGHT,
            bargap=0.34,
            annotations=annotations,
            shapes=shapes,
            margin={"r": 52, "t": 4, "b": 4},  # the numbers stand in the margin: as wide on a phone as on a wall
            xaxis={"visible": False, "range": [min([0.0, *bases]), largest]},
            yaxis={
                "tickvals": list(range(len(steps))), "ticktext": [formats.chart_text(step.label, 24) for step in steps],
                "range": [len(steps) - 0.5, -0.5], "showgrid": False, "tickfont": {"size": 12, "color": colours.ink},
                "ticklabelstandoff": 8,
            },
        ),
    }  # fmt: skip


def shares(parts: Sequence[Part], colours: Palette, currency: str | None, hatched: Sequence[str] = ()) -> Figure:
    """One bar of 100 %: each part with its share inside and its name and money in the legend. Clicking gives [key]."""
    total = sum(part.amount for part in parts)
    tints = iter([*colours.teams, *[colours.other] * len(parts)])
    traces = []
    for part in parts:
        ratio = part.amount / total if total else 0.0
        empty = part.key in hatched
        colour = colours.background if empty else next(tints)
        text = formats.share(ratio) if ratio >= 0.075 else ""
        traces.append(
            theme.selectable(
                {
                    "type": "bar",
                    "orientation": "h",
                    "name": f"{formats.chart_text(part.label, 22)}  {formats.money(part.amount, currency)}",
                    "y": [0],
                    "x": [ratio],
                    "marker": theme.hatch(colours)
                    if empty
                    else {"color": colour, "line": {"width": 1.5, "color": colours.background}},
                    "text": [f"<b>{text}</b>" if text else ""],
                    "textposition": "inside",
                    "insidetextanchor": "middle",
                    "textangle": 0,
                    "textfont": {"size": 12, "color": colours.ink if empty else theme.text_on(colour)},
                    "constraintext": "none",
                    "customdata": [[part.key, formats.exact(part.amount, currency), formats.share(ratio)]],
                    "hovertemplate": f"<b>{formats.chart_text(part.label, 60)}</b><br>"
                    "%{customdata[1]} · %{customdata[2]}<extra></extra>",
                }
            )
        )
    return {
        "data": traces,
        "layout": theme.layout(
            colours,
            130,
            barmode="stack",
            bargap=0,
            showlegend=True,
            margin={"t": 2, "r": 0},
            legend={
                "orientation": "h", "x": 0, "y": 0.54, "yanchor": "top", "traceorder": "normal", "maxheight": 0.95,
                "font": {"size": 12, "color": colours.ink}, "itemclick": False, "itemdoubleclick": False,
            },
            xaxis={"visible": False, "range": [0, 1]},
            yaxis={"visible": False, "range": [-0.5, 0.5], "domain": [0.62, 1.0]},
        ),
    }  # fmt: skip


def movers(
    changes: Sequence[tuple[Part, float]], slots: Mapping[str, int | None], colours: Palette, currency: str | None
) -> Figure:
    """Bars left and right of zero: what gained and lost most against the other period. Pairs of (part now, amount before)."""
    gains = [part.amount - before for part, before in changes]
    unit = formats.unit_for(gains, currency)
    traces = []
    for hatched in (False, True):
        rows = [row for row, (part, _) in enumerate(changes) if (part.key == UNATTRIBUTED) == hatched]
        markers = [theme.channel_marker(changes[row][0].key, slots, colours) for row in rows]
        edges = {"width": 1, "color": [marker["line"]["color"] for marker in markers]}
        traces.append(
            theme.selectable(
                {
                    "type": "bar",
                    "orientation": "h",
                    "y": rows,
                    "x": [gains[row] for row in rows],
                    "marker": theme.hatch(colours)
                    if hatched
                    else {"color": [marker["color"] for marker in markers], "line": edges},
                    "customdata": [
                        [
                            changes[row][0].key,
                            formats.exact(changes[row][0].amount, currency),
                            formats.exact(changes[row][1], currency),
                            formats.chart_text(changes[row][0].label, 60),
                        ]
                        for row in rows
                    ],
                    "hovertemplate": "<b>%{customdata[3]}</b><br>now %{customdata[1]}<br>before %{customdata[2]}<extra></extra>",
                }
            )
        )
    annotations = [
        {
            "xref": "paper", "x": 1, "y": row, "xanchor": "left", "xshift": 10, "showarrow": False, "align": "left",
            "text": f"<b>{'+' if gain > 0 else ''}{unit.label(gain)}</b>  {_growth(part.amount, before)}",
            "font": {"size": 12, "color": colours.ink},
        }
        for row, ((part, before), gain) in enumerate(zip(changes, gains, strict=True))
    ]  # fmt: skip
    lowest, highest = min([0.0, *gains]), max([0.0, *gains])
    return {
        "data": [trace for trace in traces if trace["x"]],
        "layout": theme.layout(
            colours,
            max(120, 34 * len(changes) + 16),
            annotations=annotations,
            shapes=[
                {"type": "line", "x0": 0, "x1": 0, "yref": "paper", "y0": 0, "y1": 1, "line": {"width": 1, "color": colours.rule}}
            ],
            margin={"r": 116},  # the numbers stand in one column, in the margin
            xaxis={"visible": False, "range": [lowest, highest if highest > lowest else lowest + 1.0]},
            yaxis={
                "tickvals": list(range(len(changes))), "ticktext": [formats.chart_text(part.label, 22) for part, _ in changes],
                "range": [len(changes) - 0.5, -0.5], "showgrid": False, "tickfont": {"size": 12, "color": colours.ink},
                "ticklabelstandoff": 8,
            },
        ),
    }  # fmt: skip


def _stack(credits: pd.DataFrame, slots: Mapping[str, int | None]) -> dict[str, dict[str, float]]:
    """Amounts per series and period: coloured channels by size, then Other, then what is unattributed."""
    amounts: dict[str, dict[str, float]] = {}
    for row in credits[["period", "channel", "revenue"]].itertuples(index=False):
        own = row.channel == UNATTRIBUTED or slots.get(row.channel) is not None
        series = amounts.setdefault(row.channel if own else OTHER, {})
        series[row.period] = series.get(row.period, 0.0) + float(row.revenue or 0)
    size = {name: sum(column.values()) for name, column in amounts.items()}
    last = {OTHER: 2, UNATTRIBUTED: 3}
    order = sorted(amounts, key=lambda name: (last.get(name, 1 if slots.get(name) == theme.OWN else 0), -size[name], name))
    return {name: amounts[name] for name in order}


def _channel_label(channel: str, labels: Mapping[str, str]) -> str:
    return labels.get(channel) or formats.words(channel)


def _step_words(step: BridgeStep, unit: formats.Unit) -> str:
    """The number beside a bar: bold where the way down stops, with a minus where something is taken away."""
    if step.kind in ("total", "result"):
        return f"<b>{unit.label(step.amount)}</b>"
    return unit.label(step.amount if step.kind == "compare" else -step.amount)


def _deals_words(deals: float | None) -> str:
    """Deals of a step: shared deals keep a decimal; finance books no deals."""
    if deals is None:
        return ""
    whole = abs(deals - round(deals)) < 0.05
    return f" · {formats.counted(deals, 'deal') if whole else f'{deals:.1f}{formats.SPACE}deals'}"


def _part_of(value: float, total: float) -> str:
    return formats.share(value / total) if total else formats.DASH


def _growth(now: float, before: float) -> str:
    if not before:
        return "new" if now else ""
    ratio = (now - before) / abs(before)
    if ratio >= 10:  # from next to nothing: a percentage of four digits says no more
        return f"↑ {ratio + 1:.0f}×"
    return f"{'↑' if ratio > 0 else '↓' if ratio < 0 else ''} {formats.share(abs(ratio))}"


def _period_ticks(periods: Sequence[str], running: str | None) -> list[str]:
    """Month names, with the year under the first of each year; thinned where they would collide."""
    step = 1 if len(periods) <= 13 else 2 if len(periods) <= 26 else 4
    ticks, year_shown = [], ""
    for index, period in enumerate(periods):
        text = formats.month(period)
        name, _, year = text.rpartition(" ")
        if index % step:
            ticks.append("")
            continue
        second = year if year != year_shown else ""
        year_shown = year
        if period == running:
            second = f"{second}<br>so far" if second else "so far"
        ticks.append(f"{name}<br>{second}" if second else name)
    return ticks


def _connectors(steps: Sequence[BridgeStep], bases: Sequence[float], widths: Sequence[float]) -> list[tuple[int, int, float]]:
    """Where one bar hands over to the next: (row, next row, x) of each thin vertical line. Bars to compare with are passed by."""
    rows = [row for row, step in enumerate(steps) if step.kind != "compare"]
    ends = {row: bases[row] + widths[row] if steps[row].kind in ("total", "result") else bases[row] for row in rows}
    return [(row, following, ends[row]) for row, following in itertools.pairwise(rows)]
