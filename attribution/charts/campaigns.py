"""The pictures of the campaigns page: credit beside spend, what became of the deals touched, months of one campaign, and its funnel.

The first two draw the same rows in the same order at the same height, so that one reads across. Bars start at zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attribution.charts import formats, theme
from attribution.charts.credit import LEAST, ROW
from attribution.charts.formats import Unit
from attribution.charts.theme import Figure, Palette

MOST_ROWS = 12


@dataclass(frozen=True)
class Bar:
    """One campaign: credited ``amount``, ``spend`` (None where none is known), and the fate of the deals it touched.

    ``is_stopped``: it spent its money before the period, so that no ratio is written.
    """

    key: str
    label: str
    amount: float
    spend: float | None = None
    per_spend: float | None = None
    won: int = 0
    open: int = 0
    lost: int = 0
    is_young: bool = False
    is_stopped: bool = False


def unit_of(rows: Sequence[Bar], currency: str | None) -> Unit:
    """The unit in which amounts and spend are both written."""
    return formats.unit_for([value for row in rows for value in (row.amount, row.spend or 0.0)], currency)


def credit_and_spend(rows: Sequence[Bar], colours: Palette, unit: Unit) -> Figure:
    """A bar for what is credited, a line for what was spent, both in money: a bar past its line brought more than it cost.

    At the right the amount and the credit per unit spent. Clicking a bar gives [key].
    """
    places = list(range(len(rows)))
    largest = max([0.0, *(value for row in rows for value in (row.amount, row.spend or 0.0))]) or 1.0
    least = min([0.0, *(row.amount for row in rows)])
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": places,
        "x": [row.amount for row in rows],
        "marker": {"color": colours.accent, "line": {"width": 1, "color": colours.background}},
        "customdata": [[row.key, *_money_facts(row, unit)] for row in rows],
        "hovertemplate": "<b>%{customdata[1]}</b><br>credited %{customdata[2]}<br>spent %{customdata[3]}"
        "<br>per unit spent %{customdata[4]}<extra></extra>",
    }
    spent = [(place, row.spend) for place, row in enumerate(rows) if row.spend]
    marks = {
        "type": "scatter",
        "mode": "markers",
        "y": [place for place, _ in spent],
        "x": [spend for _, spend in spent],
        "marker": {"symbol": "line-ns", "size": 24, "line": {"width": 3, "color": colours.ink}},
        "customdata": [[rows[place].key, *_money_facts(rows[place], unit)] for place, _ in spent],
        "hovertemplate": "<b>%{customdata[1]}</b><br>spent %{customdata[3]}<br>credited %{customdata[2]}<extra></extra>",
        "cliponaxis": False,
    }
    labels = [
        {
            "x": max(row.amount, row.spend or 0.0, 0.0), "y": place, "xanchor": "left", "xshift": 8, "showarrow": False,
            "text": f"<b>{unit.label(row.amount)}</b>  {'spent earlier' if row.is_stopped else formats.ratio(row.per_spend) if row.spend else ''}",
            "font": {"size": 12, "color": colours.ink},
        }
        for place, row in enumerate(rows)
    ]  # fmt: skip
    return {
        "data": [theme.selectable(bars), theme.selectable(marks)],
        "layout": theme.layout(
            colours,
            height(rows),
            bargap=0.42,
            annotations=labels,
            margin={"r": 104, "t": 4, "b": 4},
            minreducedwidth=32,  # on a phone the bars give way, not the numbers behind them
            xaxis={"visible": False, "range": [least, largest]},
            yaxis=_names(rows, colours),
        ),
    }


def outcomes(rows: Sequence[Bar], colours: Palette) -> Figure:
    """Of the deals each campaign touched: won, still open, lost. What is open is hollow: it is not decided. Clicking gives [key]."""
    looks = {
        "won": {"color": colours.accent, "line": {"width": 1, "color": colours.background}},
        "still open": {"color": theme.tint(colours.accent, colours, 0.16), "line": {"width": 1, "color": colours.accent}},
        "lost": {"color": colours.step, "line": {"width": 1, "color": colours.background}},
    }
    values = {"won": [row.won for row in rows], "still open": [row.open for row in rows], "lost": [row.lost for row in rows]}
    largest = max([1, *(row.won + row.open + row.lost for row in rows)])
    inks = {"won": theme.text_on(colours.accent), "still open": colours.ink, "lost": theme.text_on(colours.step)}
    traces = [
        theme.selectable(
            {
                "type": "bar",
                "orientation": "h",
                "name": name,
                "y": list(range(len(rows))),
                "x": values[name],
                "text": [str(value) if value else "" for value in values[name]],
                "textposition": "inside",
                "insidetextanchor": "middle",
                "textangle": 0,
                "constraintext": "inside",
                "textfont": {"size": 11, "color": inks[name]},
                "marker": marker,
                "customdata": [[row.key, formats.chart_text(row.label, 60), row.won, row.open, row.lost] for row in rows],
                "hovertemplate": "<b>%{customdata[1]}</b><br>%{customdata[2]} won · %{customdata[3]} still open · %{customdata[4]} lost<extra></extra>",
            }
        )
        for name, marker in looks.items()
    ]
    labels = [
        {
            "x": row.won + row.open + row.lost, "y": place, "xanchor": "left", "xshift": 6, "showarrow": False,
            "text": _open_words(row), "font": {"size": 12, "color": colours.ink if row.is_young else colours.mute},
        }
        for place, row in enumerate(rows)
    ]  # fmt: skip
    return {
        "data": traces,
        "layout": theme.layout(
            colours,
            height(rows),
            bargap=0.42,
            barmode="stack",
            annotations=labels,
            margin={"r": 84, "t": 4, "b": 4},
            minreducedwidth=32,
            xaxis={"visible": False, "range": [0, largest]},
            yaxis=_names(rows, colours),
            uniformtext={"mode": "hide", "minsize": 10},  # a number that does not fit its part is left out: the hover has it
        ),
    }  # fmt: skip


def months(keys: Sequence[str], amounts: Sequence[float], inside: Sequence[bool], colours: Palette, unit: Unit) -> Figure:
    """Credited revenue by month (or quarter) of the close; ``inside`` the period that is set in the accent, others pale."""
    fills = [colours.accent if here else theme.tint(colours.accent, colours, 0.35) for here in inside]
    texts = [label if (label := unit.label(value)).strip("0.") else "" for value in amounts]
    bars = {
        "type": "bar",
        "x": list(range(len(keys))),
        "y": list(amounts),
        "text": texts,
        "textposition": "outside",
        "textangle": 0,
        "constraintext": "none",
        "cliponaxis": False,
        "textfont": {"size": 11, "color": colours.ink},
        "marker": {"color": fills, "line": {"width": 1, "color": colours.background}},
        "customdata": [
            [key, formats.month(key), formats.exact(value, unit.currency)] for key, value in zip(keys, amounts, strict=True)
        ],
        "hovertemplate": "<b>%{customdata[1]}</b><br>%{customdata[2]}<extra></extra>",
    }
    return {
        "data": [bars],
        "layout": theme.layout(
            colours,
            360,
            bargap=0.26,
            margin={"t": 24, "b": 36},
            xaxis={
                "tickvals": [place for place, _ in _ticks(keys)], "ticktext": [text for _, text in _ticks(keys)], "tickangle": 0,
                "tickfont": {"size": 11, "color": colours.mute}, "range": [-0.6, len(keys) - 0.4],
            },
            yaxis={"visible": False, "range": [min(0.0, *amounts, 0.0), max([*amounts, 0.0]) * 1.12 or 1.0]},
        ),
    }  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One step of a funnel: how many, and a word beside it."""

    label: str
    value: float
    note: str = ""


def funnel(steps: Sequence[Step], colours: Palette) -> Figure:
    """From touches to won deals, one bar each on its own scale of counts; what is won in the accent."""
    shades = (0.28, 0.45, 0.7, 1.0)
    largest = max([step.value for step in steps] + [1.0])
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(steps))),
        "x": [step.value for step in steps],
        "marker": {"color": [theme.tint(colours.accent, colours, shades[min(place, 3)]) for place in range(len(steps))]},
        "hoverinfo": "skip",
    }
    labels = [
        {
            "x": step.value, "y": place, "xanchor": "left", "xshift": 8, "showarrow": False, "align": "left",
            "text": f"<b>{formats.count(step.value)}</b>{f'  {step.note}' if step.note else ''}", "font": {"size": 13, "color": colours.ink},
        }
        for place, step in enumerate(steps)
    ]  # fmt: skip
    return {
        "data": [bars],
        "layout": theme.layout(
            colours,
            360,
            bargap=0.46,
            annotations=labels,
            margin={"r": 140, "t": 4, "b": 4},
            xaxis={"visible": False, "range": [0, largest]},
            yaxis={
                "tickvals": list(range(len(steps))), "ticktext": [step.label for step in steps], "showgrid": False,
                "range": [len(steps) - 0.5, -0.5], "tickfont": {"size": 13, "color": colours.ink}, "ticklabelstandoff": 10,
            },
        ),
    }  # fmt: skip


def height(rows: Sequence[Bar]) -> int:
    """The height of the first picture in pixels."""
    return max(ROW * max(len(rows), LEAST) + 12, 360)


def _open_words(row: Bar) -> str:
    total = row.won + row.open + row.lost
    if not total:
        return "no deal yet"
    return f"{formats.share(row.open / total)} open" if row.open else "all decided"


def _money_facts(row: Bar, unit: Unit) -> list[str]:
    spent = formats.exact(row.spend, unit.currency) if row.spend else "nothing recorded"
    return [formats.chart_text(row.label, 60), formats.exact(row.amount, unit.currency), spent, formats.ratio(row.per_spend)]


def _names(rows: Sequence[Bar], colours: Palette) -> dict[str, object]:
    spare = max(0, LEAST - len(rows)) / 2
    return {
        "tickvals": list(range(len(rows))), "ticktext": [formats.on_two_lines(row.label, 22) for row in rows], "showgrid": False,
        "range": [len(rows) - 0.5 + spare, -0.5 - spare], "tickfont": {"size": 12, "color": colours.ink}, "ticklabelstandoff": 10,
    }  # fmt: skip


def _ticks(keys: Sequence[str]) -> list[tuple[int, str]]:
    """At most about eight labels, the year under the first of each year: so that none is cut or turned on a phone."""
    every = max(1, -(-len(keys) // 8))
    ticks, year = [], ""
    for place in range(0, len(keys), every):
        short, _, this = formats.month(keys[place]).rpartition(" ")
        ticks.append((place, f"{short}<br>{this}" if this != year else short))
        year = this
    return ticks
