"""Parts of SVG that all drawings share. Colours are attributes, because WeasyPrint reads no CSS inside SVG; classes override them on screens only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attribution.reports.paper import LIGHT, SANS, escaped, markup

if TYPE_CHECKING:
    from markupsafe import Markup


def drawing(width: float, height: float, body: str, key: str, name: str, words: str, look: str) -> Markup:
    head = (
        f'<svg class="{look}" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img" '
        f'aria-labelledby="{key}-{look}-t {key}-{look}-d" font-family="{escaped(SANS)}" xmlns="http://www.w3.org/2000/svg">'
        f'<title id="{key}-{look}-t">{escaped(name)}</title><desc id="{key}-{look}-d">{escaped(words)}</desc>'
    )
    return markup(f"{head}{body}</svg>")


def text(x: float, y: float, words: str, colour: str, size: float, anchor: str = "", weight: int = 0) -> str:
    where = f' text-anchor="{anchor}"' if anchor else ""
    bold = f' font-weight="{weight}"' if weight else ""
    return f'<text class="t-{colour}" x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{LIGHT[colour]}"{where}{bold}>{escaped(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float, more: str = "") -> str:
    return f'<path class="l-{colour}" d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke="{LIGHT[colour]}" stroke-width="{width:g}" fill="none"{more}/>'
