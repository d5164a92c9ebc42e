"""Small SVG beside numbers: a sparkline, a legend's mark, and shares of won and lost deals with their likely range. The text beside them says the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from attribution.reports.marks import shape
from attribution.reports.paper import LIGHT, WHITE, markup
from attribution.spotlight.shown import Exposure, Piece

if TYPE_CHECKING:
    from markupsafe import Markup

Z90 = 1.6448536269514722  # the normal quantile of a two-sided 90 % interval
SPARK = (150, 36)
SHARES = (120, 26)


def spark(points: Sequence[float]) -> Markup:
    """A line of the last months, from zero, the last one marked."""
    if len(points) < 2:
        return markup("")
    width, height = SPARK
    top = max(max(points), 1e-9)
    step = (width - 10) / (len(points) - 1)
    places = [
        (round(2 + index * step, 1), round(height - 6 - max(value, 0.0) / top * (height - 14), 1))
        for index, value in enumerate(points)
    ]
    line = "L".join(f"{x:g} {y:g}" for x, y in places)
    x, y = places[-1]
    return markup(
        f'<svg class="spark" viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true" xmlns="http://www.w3.org/2000/svg">'
        f'<path class="l-rule" d="M0 {height - 1}H{width}" stroke="{LIGHT["rule"]}"/>'
        f'<path class="l-mute" d="M{line}" fill="none" stroke="{LIGHT["mute"]}" stroke-width="1.5"/>'
        f'<circle class="s-cost" cx="{x:g}" cy="{y:g}" r="3.5" fill="{LIGHT["cost"]}"/></svg>'
    )


def legend_mark(origin: str, slot: str = "other") -> Markup:
    """A small mark of a legend, in the colour of a topic or in grey."""
    is_open = origin.endswith("_unopened") or origin == "none"
    look = (
        f'class="o-lane" fill="{WHITE}" stroke="{LIGHT["mute"]}" stroke-width="1.3"'
        if is_open
        else f'class="s-{slot}" fill="{LIGHT[slot]}"'
    )
    size = 0.36 if origin == "none" else 0.5
    return markup(
        f'<svg class="key" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true" xmlns="http://www.w3.org/2000/svg">'
        f"{shape('found' if origin == 'none' else origin, 7, 7, size)} {look}/></svg>"
    )


def wilson(used: int, of: int) -> tuple[float, float]:
    """The likely range (90 %) of a share. Source: Wilson 1927, J Am Stat Assoc 22."""
    if not of:
        return 0.0, 1.0
    share, square = used / of, Z90 * Z90
    middle = (share + square / (2 * of)) / (1 + square / of)
    spread = Z90 / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(middle - spread, 0.0), min(middle + spread, 1.0)


def shares_top(pieces: Sequence[Piece]) -> float:
    """The end of the scale of a table of shares: a round number above every range."""
    highest = max(
        (
            wilson(used, of)[1]
            for piece in pieces
            if piece.exposure
            for used, of in (
                (piece.exposure.won_with, piece.exposure.won_all),
                (piece.exposure.lost_with, piece.exposure.lost_all),
            )
        ),
        default=1.0,
    )
    return next(top for top in (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0) if highest <= top or top == 1.0)


def shares(exposure: Exposure, top: float) -> Markup:
    """Won (filled) above lost (hollow) on one scale from 0 to ``top``, each with its likely range."""
    width, height = SHARES

    def x(value: float) -> float:
        return round(5 + min(value / top, 1.0) * (width - 10), 1)

    parts = [
        f'<path class="l-rule" d="M{x(0):g} 0V{height}M{x(top / 2):g} 0V{height}M{x(top):g} 0V{height}" stroke="{LIGHT["rule"]}"/>'
    ]
    for used, of, y, is_won in (
        (exposure.won_with, exposure.won_all, 8, True),
        (exposure.lost_with, exposure.lost_all, 19, False),
    ):
        low, high = wilson(used, of)
        colour = "cost" if is_won else "mute"
        look = (
            f'class="s-cost" fill="{LIGHT["cost"]}"'
            if is_won
            else f'class="o-lane" fill="{WHITE}" stroke="{LIGHT["mute"]}" stroke-width="1.4"'
        )
        parts.append(f'<path class="l-{colour}" d="M{x(low):g} {y}H{x(high):g}" stroke="{LIGHT[colour]}" stroke-width="1.4"/>')
        parts.append(f'<circle {look} cx="{x(used / of if of else 0):g}" cy="{y}" r="3.8"/>')
    return markup(
        f'<svg class="shares" viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )
