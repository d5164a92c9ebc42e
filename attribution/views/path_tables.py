"""The table twins of the paths page's pictures."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from attribution.charts.marks import Grid
from attribution.charts.paths import Effect, Spread, WayBar


def way_table(rows: Sequence[WayBar], money: str) -> pd.DataFrame:
    """Ways in numbers. The win rate stands only where at least ten deals are decided."""
    return pd.DataFrame(
        {
            "Way": [" → ".join(row.labels) for row in rows],
            "Won": [row.won for row in rows],
            "Lost": [row.lost for row in rows],
            "Win rate": [None if row.rate is None else row.rate * 100 for row in rows],
            money: [row.value for row in rows],
            "Days, median": [row.days for row in rows],
            "Steps": [len(row.labels) for row in rows],
        }
    )


def grid_table(grid: Grid, head: str) -> pd.DataFrame:
    """A table of steps or ends in numbers."""
    heads: dict[str, list[object]] = {head: [row.label for row in grid.rows]}
    for place, column in enumerate(grid.columns):
        label = column.label if column.label not in heads else f"{column.label} ({place + 1})"
        heads[label] = [
            None if line[place] is None else (line[place] or 0) * (100 if grid.form.kind == "share" else 1) for line in grid.cells
        ]
    return pd.DataFrame(heads)


def effect_table(rows: Sequence[Effect], head: str) -> pd.DataFrame:
    """What is lost without each value, in percent of the won deals."""
    return pd.DataFrame(
        {
            head: [row.label for row in rows],
            "Lost without it": [row.effect * 100 for row in rows],
            "Likely from": [row.low * 100 for row in rows],
            "Likely to": [row.high * 100 for row in rows],
        }
    )


def spread_table(rows: Sequence[Spread]) -> pd.DataFrame:
    """Touches and days of won and lost journeys."""
    heads = ["10 % below", "25 % below", "Median", "75 % below", "90 % below"]
    listed = [
        (f"{row.label}, {word}", *numbers) for row in rows for word, numbers in (("won", row.won), ("lost", row.lost)) if numbers
    ]
    return pd.DataFrame(listed, columns=["", *heads])
