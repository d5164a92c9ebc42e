"""The pictures of the content page: cost against credit, and who used it among won and among lost deals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from attribution.charts import formats, theme
from attribution.charts.theme import Figure, Palette

HEIGHT = 420
ROW = 36
LEAST = 5
LEAST_WIDTH = 470  # px below which a picture scrolls inside its card
MOST_LABELS = 6
# Where the labels of dots may stand, in the size of the picture on a desktop.
PLOT = (520.0, 350.0)
LETTER, LINE = 6.2, 15.0


@dataclass(frozen=True)
class Dot:
    """One piece: its cost and what it has been credited with since it was there. ``is_young``: too young to judge."""

    key: str
    label: str
    cost: float
    amount: float
    is_young: bool = False

    @property
    def has_earned(self) -> bool:
        """Whether its credit reaches its cost."""
        return self.amount >= self.cost


def cost_and_credit(dots: Sequence[Dot], colours: Palette, currency: str | None, height: int = HEIGHT) -> Figure:
    """A dot per piece, cost across and credit up, both in powers of ten: above the line it has earned its cost. Clicking a dot gives [key].

    A piece credited with nothing stands on the bottom line. Filled: earned its cost; hollow: has not; grey and hollow: too young to judge.
    """
    costs = [dot.cost for dot in dots]
    earned = [dot.amount for dot in dots if dot.amount >= 1]
    low_x, high_x = math.floor(math.log10(min(costs)) * 2) / 2 - 0.1, math.ceil(math.log10(max(costs)) * 2) / 2 + 0.1
    low_y = math.floor(min(math.log10(min([*earned, *costs])), low_x)) - 0.0
    high_y = math.log10(max([*earned, *costs])) + 0.35
    floor = low_y - 0.55
    looks = [_dot_look(dot, colours) for dot in dots]
    xs = [math.log10(dot.cost) for dot in dots]
    ys = [math.log10(dot.amount) if dot.amount >= 1 else floor for dot in dots]
    marks = {
        "type": "scatter", "mode": "markers", "x": xs, "y": ys, "cliponaxis": False,
        "marker": {"size": 11, "color": [fill for fill, _ in looks], "line": {"width": 2, "color": [edge for _, edge in looks]}, "opacity": 0.92},
        "customdata": [
            [dot.key, formats.chart_text(dot.label, 60), formats.exact(dot.cost, currency), formats.exact(dot.amount, currency), _times(dot)] for dot in dots
        ],
        "hovertemplate": "<b>%{customdata[1]}</b><br>cost %{customdata[2]}<br>credited %{customdata[3]}<br>%{customdata[4]}<extra></extra>",
    }  # fmt: skip
    shapes = [
        {
            "type": "line", "x0": max(low_x, low_y), "y0": max(low_x, low_y), "x1": min(high_x, high_y), "y1": min(high_x, high_y),
            "line": {"width": 1.5, "color": colours.rule}, "layer": "below",
        },
        {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": floor, "y1": floor, "line": {"width": 1, "color": colours.grid}, "layer": "below"},
    ]  # fmt: skip
    notes = [
        {
            "x": min(high_x, high_y) - 0.02, "y": min(high_x, high_y) - 0.1, "xanchor": "right", "yanchor": "top", "showarrow": False,
            "text": "credit = cost", "font": {"size": 11, "color": colours.mute},
        },
        *_labels(dots, xs, ys, (low_x, high_x), (floor - 0.25, high_y), colours),
    ]  # fmt: skip
    powers = range(math.ceil(low_y), math.floor(high_y) + 1)
    across = list(range(math.ceil(low_x), math.floor(high_x) + 1))
    halves = [place + math.log10(half) for place in range(math.floor(low_x), math.ceil(high_x)) for half in (2, 5)]
    across_all = across if len(across) >= 3 else sorted({*across, *(place for place in halves if low_x <= place <= high_x)})
    return {
        "data": [theme.selectable(marks)],
        "layout": theme.layout(
            colours, height, shapes=shapes, annotations=notes, margin={"l": 4, "r": 12, "t": 8, "b": 44},
            xaxis={
                "range": [low_x, high_x], "tickvals": across_all, "ticktext": [_tick(10.0**place, currency) for place in across_all], "tickangle": 0,
                "tickfont": {"size": 11, "color": colours.mute}, "title": {"text": "cost so far", "font": {"size": 12, "color": colours.mute}, "standoff": 8},
            },
            yaxis={
                "range": [floor - 0.25, high_y], "tickvals": [floor, *powers],
                "ticktext": ["nothing", *(_tick(10.0**place, currency) for place in powers)],
                "tickfont": {"size": 11, "color": colours.mute},
            },
        ),
    }  # fmt: skip


def _tick(value: float, currency: str | None) -> str:
    """A round amount on a scale: €500, €10 k."""
    scale, suffix = next(entry for entry in formats.SCALES if value >= entry[0] * 0.9995 or entry[0] == 1.0)
    return f"{formats.symbol(currency)}{value / scale:.0f}{formats.SPACE + suffix if suffix else ''}"


def _dot_look(dot: Dot, colours: Palette) -> tuple[str, str]:
    """(fill, edge)."""
    if dot.has_earned:
        return colours.accent, colours.background
    return colours.background, colours.other if dot.is_young else colours.ink


def _times(dot: Dot) -> str:
    if dot.amount < 0.005:
        return "too young to judge" if dot.is_young else "nothing so far"
    return f"{formats.ratio(dot.amount / dot.cost)} times its cost"


def _labels(
    dots: Sequence[Dot], xs: Sequence[float], ys: Sequence[float], across: tuple[float, float], up: tuple[float, float], colours: Palette
) -> list[dict[str, object]]:  # fmt: skip
    """Names of the largest credits and of the dearest pieces that have not earned their cost, where they find room."""
    scale_x, scale_y = PLOT[0] / (across[1] - across[0]), PLOT[1] / (up[1] - up[0])
    at = [((x - across[0]) * scale_x, (y - up[0]) * scale_y) for x, y in zip(xs, ys, strict=True)]
    best = sorted(range(len(dots)), key=lambda place: -dots[place].amount)
    worst = sorted(
        (place for place in best if not dots[place].has_earned and not dots[place].is_young), key=lambda place: -dots[place].cost
    )
    taken = [(x - 7, y - 7, x + 7, y + 7) for x, y in at]
    notes: list[dict[str, object]] = []
    for place in dict.fromkeys([*worst[:2], *best]):
        if len(notes) >= MOST_LABELS or (not dots[place].amount and place not in worst[:2]):
            break
        text = formats.short(dots[place].label, 30)
        x, y = at[place]
        wide = LETTER * len(text)
        for anchor, left, up_by in (
            ("left", x + 9, 0),
            ("right", x - 9 - wide, 0),
            ("center", x - wide / 2, 15),
            ("center", x - wide / 2, -15),
        ):
            box = (left, y + up_by - LINE / 2, left + wide, y + up_by + LINE / 2)
            if left < 0 or left + wide > PLOT[0] or any(_meet(box, other) for other in taken):
                continue
            taken.append(box)
            notes.append(
                {
                    "x": xs[place], "y": ys[place], "xanchor": anchor, "xshift": {"left": 9, "right": -9}.get(anchor, 0), "yshift": up_by,
                    "showarrow": False, "text": formats.chart_text(dots[place].label, 30), "font": {"size": 11, "color": colours.ink},
                }
            )  # fmt: skip
            break
    return notes


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@dataclass(frozen=True)
class Lift:
    """One piece (or one point of a deal) among won and lost deals: shares of each that had used it, their ratio and its likely range.

    ``middle`` stands for the ratio where no lost deal used it (``lift`` None). ``differs``: the range does not hold 1.
    """

    key: str
    label: str
    won_share: float
    lost_share: float
    lift: float | None
    low: float
    high: float
    differs: bool

    @property
    def middle(self) -> float:
        """Where its dot stands."""
        return self.lift if self.lift else math.sqrt(self.low * self.high)


def lifts(rows: Sequence[Lift], colours: Palette) -> Figure:
    """How many times as often won deals used each: a dot with its likely range, on a scale where half and double are as far from 1.

    In the accent where the range leaves 1 out, grey where it does not. At the right both shares. Clicking a dot gives [key].
    """
    ends = [math.log2(row.middle) for row in rows]
    low, high = max(min([-1.0, *ends]) - 0.7, -4.0), min(max([1.0, *ends]) + 0.9, 5.0)
    shapes: list[dict[str, object]] = [
        {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": 0, "x1": 0, "line": {"width": 1.5, "color": colours.rule}, "layer": "below"}
    ]  # fmt: skip
    for place, row in enumerate(rows):
        shapes.append(
            {
                "type": "line", "x0": max(math.log2(row.low), low), "x1": min(math.log2(row.high), high), "y0": place, "y1": place, "layer": "below",
                "line": {"width": 2.5, "color": theme.tint(colours.accent, colours, 0.55) if row.differs else colours.rule},
            }
        )  # fmt: skip
    dots = {
        "type": "scatter", "mode": "markers", "x": [min(max(end, low), high) for end in ends], "y": list(range(len(rows))), "cliponaxis": False,
        "marker": {
            "size": 12, "color": [colours.accent if row.differs else colours.background for row in rows],
            "line": {"width": 2, "color": [colours.accent if row.differs else colours.other for row in rows]},
        },
        "customdata": [[row.key, formats.chart_text(row.label, 60), *_lift_words(row)] for row in rows],
        "hovertemplate": "<b>%{customdata[1]}</b><br>%{customdata[2]}<br>%{customdata[3]}<extra></extra>",
    }  # fmt: skip
    notes = [
        {
            "xref": "paper", "x": 1, "y": place, "xanchor": "left", "xshift": 10, "showarrow": False, "align": "left",
            "text": f"<b>{_times_word(row)}</b>  {formats.share(row.won_share)} · {formats.share(row.lost_share)}",
            "font": {"size": 12, "color": colours.ink if row.differs else colours.mute},
        }
        for place, row in enumerate(rows)
    ]  # fmt: skip
    ticks = list(range(math.ceil(low), math.floor(high) + 1))
    spare = max(0, LEAST - len(rows)) / 2
    return {
        "data": [theme.selectable(dots)],
        "layout": theme.layout(
            colours, ROW * max(len(rows), LEAST) + 44, shapes=shapes, annotations=notes, margin={"r": 142, "t": 4, "b": 30}, minreducedwidth=32,
            xaxis={
                "range": [low, high], "tickvals": ticks, "ticktext": [_power(place) for place in ticks], "tickangle": 0,
                "tickfont": {"size": 11, "color": colours.mute}, "showgrid": True, "gridcolor": colours.grid,
            },
            yaxis={
                "tickvals": list(range(len(rows))), "ticktext": [formats.on_two_lines(row.label, 24) for row in rows], "showgrid": False,
                "range": [len(rows) - 0.5 + spare, -0.5 - spare], "tickfont": {"size": 12, "color": colours.ink}, "ticklabelstandoff": 10,
            },
        ),
    }  # fmt: skip


def _power(place: int) -> str:
    return f"×{2**place}" if place >= 0 else {-1: "×½", -2: "×¼"}.get(place, f"×1/{2**-place}")


def _times_word(row: Lift) -> str:
    return f"×{formats.ratio(row.lift)}" if row.lift is not None else "only won"


def _lift_words(row: Lift) -> list[str]:
    range_words = f"likely {formats.ratio(row.low)} to {formats.ratio(row.high)} times"
    return [f"{formats.share(row.won_share)} of won, {formats.share(row.lost_share)} of lost deals", range_words]
