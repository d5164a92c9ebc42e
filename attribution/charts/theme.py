"""Colours and Plotly defaults of every chart, in a light and a dark set. A channel has one colour everywhere, by its name.

Okabe–Ito, black turned slate, purple and yellow darkened for white. What could not be attributed has no colour: it is
hatched. Teams are no channels: they are tints of the accent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Figure = dict[str, Any]
FONT = "Inter Tabular, Inter, system-ui, sans-serif"
UNATTRIBUTED = "Unattributed"
OTHER = "Other"
MAX_COLOURS = 8


@dataclass(frozen=True)
class Palette:
    """The greys, accents and series colours of one theme."""

    name: str
    background: str
    ink: str
    mute: str
    grid: str
    rule: str
    step: str
    accent: str
    accent_text: str
    good: str
    bad: str
    other: str
    series: tuple[str, ...]
    teams: tuple[str, ...]


LIGHT = Palette(
    "light", background="#FFFFFF", ink="#12151C", mute="#646B7A", grid="#EDEFF3", rule="#C9CDD6", step="#B9BECB",
    accent="#5A55C9", accent_text="#5A55C9", good="#0B7A53", bad="#B3341F", other="#A3A9B5",
    series=("#0072B2", "#009E73", "#56B4E9", "#B5679A", "#E69F00", "#D55E00", "#CDB90F", "#3F4654"),
    teams=("#5A55C9", "#8E8ADB", "#BDBAEB", "#DEDDF5"),
)  # fmt: skip
DARK = Palette(
    "dark", background="#101217", ink="#E6E8EE", mute="#9AA1B0", grid="#20242D", rule="#414757", step="#565D6D",
    accent="#7F79E6", accent_text="#8F8AF0", good="#4FC79A", bad="#F08A75", other="#6C7484",
    series=("#3D9BDB", "#26B58A", "#8CCDF2", "#D692BB", "#F0B43C", "#EC8146", "#E8DA5A", "#C3C8D4"),
    teams=("#7F79E6", "#5F59C4", "#454188", "#312F59"),
)  # fmt: skip

# Slots of Palette.series that belong to well-known channels, however a company spells them. Cool hues for the biggest.
KNOWN_CHANNELS: tuple[tuple[str, ...], ...] = (
    ("organic_search", "organic", "seo", "search_organic", "natural_search"),
    ("webinars", "webinar"),
    ("paid_search", "ppc", "sem", "cpc", "search_paid", "google_ads"),
    ("email", "e_mail", "newsletter", "email_marketing"),
    ("events", "event", "trade_show", "trade_shows", "conference", "conferences", "offline"),
    ("partners", "partner", "referral", "referrals", "affiliate"),
    ("paid_social", "social_paid", "linkedin_ads", "social", "social_media"),
    ("direct", "direct_traffic", "none_direct"),
)
GREY_CHANNELS = ("other", "unknown")
OWN_CHANNELS = ("sales", "outbound", "sdr", "bdr", "sales_outreach", "sales_call", "sales_email")
OWN = -1  # the slot of what sales does itself: in the mute grey


def palette(theme: str | None) -> Palette:
    """The palette of Streamlit's theme type; light where it is not known yet."""
    return DARK if theme == "dark" else LIGHT


def channel_slots(channels: Sequence[str], own: Sequence[str] = ()) -> dict[str, int | None]:
    """Give each channel a slot of ``Palette.series`` (None = grey, "Other"; OWN = sales' own, also those named in ``own``).

    ``channels`` are all channels of the database, biggest first, never only those of a filter: so that a filter or a page
    cannot change a colour. Well-known names take their own slot; others take free slots in order until none is left.
    """
    slots: dict[str, int | None] = {}
    used: set[int] = set()
    for channel in channels:
        if channel in own or _code(channel) in OWN_CHANNELS:
            slots[channel] = OWN
            continue
        slot = _known_slot(channel)
        if slot is not None and slot not in used:
            slots[channel] = slot
            used.add(slot)
    free = [slot for slot in range(MAX_COLOURS) if slot not in used]
    for channel in channels:
        if channel not in slots:
            grey = _code(channel) in GREY_CHANNELS or not free
            slots[channel] = None if grey else free.pop(0)
    return slots


def channel_colour(channel: str, slots: Mapping[str, int | None], colours: Palette) -> str:
    """The colour of a channel in a theme; grey where it has no slot."""
    slot = slots.get(channel)
    return colours.other if slot is None else colours.mute if slot == OWN else colours.series[slot]


def channel_marker(channel: str, slots: Mapping[str, int | None], colours: Palette) -> dict[str, Any]:
    """The marker of a channel's bars: its colour; hatched for what is unattributed."""
    if channel == UNATTRIBUTED:
        return hatch(colours)
    colour = channel_colour(channel, slots, colours)
    return {"color": colour, "line": {"width": 1, "color": colours.background}}


def tint(colour: str, colours: Palette, part: float | None = None) -> str:
    """A colour mixed into the background, for chips and cells (20 % in light, 30 % in dark unless said otherwise)."""
    part = part if part is not None else 0.30 if colours.name == "dark" else 0.20
    fore, back = _rgb(colour), _rgb(colours.background)
    return "#" + "".join(f"{round(b + (f - b) * part):02X}" for f, b in zip(fore, back, strict=True))


def text_on(colour: str) -> str:
    """Black or white, whichever contrasts more with a fill."""
    luminance = _luminance(colour)
    return "#FFFFFF" if (1.05 / (luminance + 0.05)) > ((luminance + 0.05) / 0.05) else "#12151C"


def contrast(first: str, second: str) -> float:
    """The WCAG contrast of two colours (1 to 21)."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def hatch(colours: Palette) -> dict[str, Any]:
    """The marker of what could not be attributed: background, thin border, hatching."""
    return {
        "color": colours.background,
        "line": {"width": 1, "color": colours.step},
        "pattern": {"shape": "/", "size": 5, "solidity": 0.22, "fgcolor": colours.step, "bgcolor": colours.background},
    }


def layout(colours: Palette, height: int = 400, **changes: Any) -> dict[str, Any]:
    """The layout every figure starts from; keyword arguments are merged over it, one level deep."""
    base: dict[str, Any] = {
        "height": height,
        "margin": {"l": 0, "r": 4, "t": 8, "b": 0},
        "font": {"family": FONT, "size": 12, "color": colours.mute},
        "separators": ".,",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "bargap": 0.32,
        "barcornerradius": 2,
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "clickmode": "event+select",
        "hoverlabel": {
            "bgcolor": colours.background,
            "bordercolor": colours.rule,
            "font": {"family": FONT, "size": 12, "color": colours.ink},
            "align": "left",
        },
        "xaxis": {"showgrid": False, "zeroline": False, "fixedrange": True, "automargin": True},
        "yaxis": {"gridcolor": colours.grid, "zeroline": False, "fixedrange": True, "automargin": True},
    }
    for key, value in changes.items():
        base[key] = {**base[key], **value} if isinstance(value, dict) and isinstance(base.get(key), dict) else value
    return base


def selectable(trace: dict[str, Any]) -> dict[str, Any]:
    """A trace whose marks keep their look when one of them is clicked (a click opens a list, it does not select)."""
    return {**trace, "selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}}


def _known_slot(channel: str) -> int | None:
    code = _code(channel)
    return next((slot for slot, names in enumerate(KNOWN_CHANNELS) if code in names), None)


def _code(channel: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", str(channel).lower()).strip("_")


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    parts = [(part / 12.92) if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in _rgb(colour))]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
