"""Numbered marks: the device that ties a timeline, its quotes and its table together. Shape says how a piece came, colour its topic.

Circle: found by themselves. Diamond: sent by sales. Square: sent by marketing. Hollow with a number: sent, no opening recorded. Small and hollow: no content.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attribution.reports.paper import LIGHT, WHITE, escaped


@dataclass(frozen=True)
class Mark:
    """One mark: its middle, number, topic's colour, how it came, and what is said when the mouse rests on it."""

    x: float
    y: float
    number: int
    slot: str
    origin: str
    words: str = ""


def drawn(marks: Sequence[Mark], titles: bool) -> str:
    """All marks, grouped by colour, the numbers above the shapes."""
    parts = []
    for slot in dict.fromkeys(mark.slot for mark in marks):
        for is_open in (False, True):
            own = [mark for mark in marks if mark.slot == slot and mark.origin.endswith("_unopened") == is_open]
            if not own:
                continue
            shapes = "".join(_shape(mark, titles) for mark in own)
            numbers = "".join(f'<text x="{mark.x:g}" y="{mark.y + 3.8:g}">{mark.number}</text>' for mark in own)
            if is_open:
                look = f'class="o-{slot}" fill="{WHITE}" stroke="{LIGHT[slot]}" stroke-width="1.6"'
                ink = f'class="t-{slot}" fill="{LIGHT[slot]}"'
            else:
                look = f'class="s-{slot}" fill="{LIGHT[slot]}" stroke="{WHITE}" stroke-width="1.5"'
                ink = f'class="t-onmark" fill="{LIGHT["onmark"]}"'
            parts.append(f'<g {look}>{shapes}</g><g {ink} font-size="10.5" font-weight="600" text-anchor="middle">{numbers}</g>')
    return "".join(parts)


def shape(origin: str, x: float, y: float, size: float = 1.0) -> str:
    """The outline of an origin around a point, as an SVG element without its end."""
    kind = origin.split("_")[0]
    if kind == "sales":
        half = 12.6 * size
        return f'<path d="M{x:g} {y - half:g}l{half:g} {half:g} {-half:g} {half:g} {-half:g} {-half:g}z"'
    if kind in ("marketing", "others"):
        side = 18.4 * size
        return f'<rect x="{x - side / 2:g}" y="{y - side / 2:g}" width="{side:g}" height="{side:g}" rx="{2.5 * size:g}"'
    return f'<circle cx="{x:g}" cy="{y:g}" r="{10 * size:g}"'


def hollow(x: float, y: float) -> str:
    """A step without content."""
    return f'<circle class="o-lane" cx="{x:g}" cy="{y:g}" r="4" fill="{WHITE}" stroke="{LIGHT["mute"]}" stroke-width="1.2"/>'


def _shape(mark: Mark, titles: bool) -> str:
    outline = shape(mark.origin, mark.x, mark.y)
    if not titles or not mark.words:
        return f"{outline}/>"
    element = outline[1:].split(" ", 1)[0]
    return f"{outline}><title>{escaped(mark.words)}</title></{element}>"
