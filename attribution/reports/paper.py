"""The sheet that all files share: the Jinja environment (everything is escaped), the style, the colours and what stands on every sheet.

A file is one HTML text without script and without anything to fetch. Templates extend paper.html and use macros.html; both styles and
templates are package data. Titles and comments come from users: they are escaped, control characters are dropped, and each stands in its
own direction of writing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from attribution.charts import formats

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

SLOTS = ("cost", "problems", "versus", "reviews", "best", "other")
SLOT_WORDS = {"cost": "Cost", "problems": "Problems", "versus": "Versus", "reviews": "Reviews", "best": "Best", "other": "Other"}

# Okabe–Ito, darkened for light paper and lightened for dark; text at least 5.2 : 1 on its paper.
LIGHT = {
    "cost": "#0069A6", "problems": "#B84300", "versus": "#00745A", "reviews": "#A63D7C", "best": "#8A6100", "other": "#5F666D",
    "ink": "#1B1D1F", "mute": "#585E65", "rule": "#D9D6CE", "lane": "#BDB9AF", "tint": "#F3F1EB", "paper": "#FCFBF8",
    "link": "#0B5C8C", "neutral": "#B9B5AB", "rest": "#D9D6CE", "onmark": "#FFFFFF", "stamp": "#B84300",
}  # fmt: skip
DARK = {
    "cost": "#5BB8EE", "problems": "#FF9A5C", "versus": "#3DCBA0", "reviews": "#EBA3CB", "best": "#F0C84B", "other": "#B4BAC0",
    "ink": "#ECE9E2", "mute": "#A9AFB6", "rule": "#343A40", "lane": "#59616A", "tint": "#20252A", "paper": "#15181B",
    "link": "#7CC4F0", "neutral": "#59616A", "rest": "#343A40", "onmark": "#15181B", "stamp": "#FF9A5C",
}  # fmt: skip

WHITE = "#FFFFFF"  # paper in print: inside SVG an attribute, on screens a class says otherwise

SANS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif'
SERIF = '"Iowan Old Style",Charter,"Sitka Text",Cambria,"Noto Serif","Liberation Serif",serif'

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True)
class Sheet:
    """What stands on every sheet: kind ("Content ROI spotlight"), period, stamp (who may read it) and where the numbers come from.

    ``footer`` runs at the foot of every printed page; ``source`` closes the file: data date, version, rule, preset.
    """

    title: str
    kind: str
    period: str
    stamp: str
    stamp_words: str
    footer: str
    source: str


@cache
def environment() -> Environment:
    """The Jinja environment of all files: HTML is escaped, an unknown name is an error, plain text has no control characters."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("attribution.reports", "templates"),
        autoescape=lambda name: name is None or not name.endswith(".txt"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )
    made.globals.update(LIGHT=LIGHT, DARK=DARK, SLOTS=SLOTS, SLOT_WORDS=SLOT_WORDS, SANS=SANS, SERIF=SERIF)
    made.filters.update(day=formats.day, short=formats.short, css=_css)
    return made


def render(template: str, **values: Any) -> str:
    """A template filled in; the same values give the same text. Lines that layout left empty are dropped."""
    text = environment().get_template(template).render(**values)
    return (
        "\n".join(line.strip() if template.endswith(".html") else line.rstrip() for line in text.splitlines() if line.strip())
        + "\n"
    )


def clean(text: str) -> str:
    """Text without characters that no HTML may hold."""
    return _CONTROL.sub("", text)


def markup(text: str) -> Markup:
    """HTML that was made here of escaped parts."""
    from markupsafe import Markup

    return Markup(text)


def escaped(text: str) -> str:
    """A user's text inside HTML or SVG."""
    from markupsafe import escape

    return str(escape(clean(text)))


def _finalized(value: Any) -> Any:
    """Every value on its way into a template: None is nothing, text is cleaned, what is HTML already stays."""
    if value is None:
        return ""
    return clean(value) if type(value) is str else value


def _css(text: str) -> Markup:
    """Text inside a CSS string: only what cannot end it."""
    return markup(re.sub(r'[\\"<>\n\r\f]', " ", clean(text)))
