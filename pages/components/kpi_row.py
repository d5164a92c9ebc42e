"""The row of figures: value, change in words against another period, sparkline of full months. At most five."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd
import streamlit as st

from attribution.charts import formats
from attribution.metrics import Metric, metric
from attribution.views.overview import Figure
from pages.components import present


@dataclass(frozen=True)
class Change:
    """A change as a metric card shows it: text, arrow and colour (good or bad, never colour alone)."""

    text: str | None
    arrow: Literal["up", "down", "off", "auto"]
    colour: Literal["green", "red", "gray"]
    base: str


def value_words(entry: Metric, value: float | None, currency: str | None) -> str:
    """A metric's value as people read it."""
    return formats.figure(entry.format, value, currency)


def change_words(entry: Metric, figure: Figure, currency: str | None) -> Change:
    """The change against the other period: percent for amounts and counts, points for shares, days for days."""
    if figure.value is None or figure.before is None:
        return Change(None, "off", "gray", "")
    gap = figure.value - figure.before
    base = f"was {value_words(entry, figure.before, currency)}"
    if entry.format == "share":
        text, small = formats.points(gap), abs(gap) < 0.0005
    elif entry.format == "days":
        text, small = formats.days(abs(gap)), abs(gap) < 0.5
    elif figure.before == 0:
        return Change("new" if figure.value else None, "off", "gray", base)
    else:
        text, small = formats.share(abs(gap) / abs(figure.before)), abs(gap) / abs(figure.before) < 0.0005
    if text and figure.before and entry.format not in ("share", "days") and gap / abs(figure.before) >= 10:
        text = f"{gap / abs(figure.before) + 1:.0f}×"  # from next to nothing: a percentage of four digits says no more
    if small:
        return Change("same", "off", "gray", base)
    good = (gap > 0) == (entry.better == "up")
    colour: Literal["green", "red", "gray"] = "gray" if not entry.better else "green" if good else "red"
    return Change(text, "up" if gap > 0 else "down", colour, base)


def kpi_row(figures: list[Figure], currency: str | None) -> None:
    """Five cards on a laptop, two by two on a phone."""
    present.figures_drawn()
    with st.grid(len(figures), min_column_width=150, gap="small", key="figures"):
        for figure in figures:
            entry = metric(figure.name)
            change = change_words(entry, figure, currency)
            st.metric(
                entry.label,
                value_words(entry, figure.value, currency),
                change.text,
                delta_color=change.colour,
                delta_arrow=change.arrow,
                delta_description=change.base or None,
                help=entry.description,
                border=True,
                height="stretch",
                chart_data=list(figure.trend) if figure.trend and not present.is_on() else None,
                chart_type="line",
            )


def figures_table(figures: list[Figure], currency: str | None) -> pd.DataFrame:
    """Figures as rows: value, what it was, change in words with an arrow, last twelve full months."""
    rows = []
    for figure in figures:
        entry = metric(figure.name)
        change = change_words(entry, figure, currency)
        arrow = {"up": "↑ ", "down": "↓ "}.get(change.arrow, "")
        rows.append(
            (
                entry.label,
                value_words(entry, figure.value, currency),
                f"{arrow}{change.text}" if change.text else None,
                change.base or None,
                list(figure.trend),
            )
        )
    return pd.DataFrame(rows, columns=["Figure", "Now", "Change", "Before", "Trend"])
