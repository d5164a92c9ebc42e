"""The sentences of the weekly five: headline, what the two lists add up to, and why each piece is on its list. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from attribution.charts import formats
from attribution.charts.formats import counted, money, share

TITLE = 56  # characters of a title in the headline
OFTEN = 2  # times as many reads as usual


@dataclass(frozen=True)
class Source:
    """Where most reads of a piece came from: a campaign or a channel by name, and how many."""

    name: str
    reads: int
    is_campaign: bool


@dataclass(frozen=True)
class Reading:
    """What is known about one piece in the week. ``usual``: reads a week in the four weeks before; ``places``: its place in each week before, newest first."""

    place: int
    reads: int
    usual: float
    places: Sequence[int | None]
    is_new: bool = False
    source: Source | None = None
    sent: int = 0
    unit: str = "read"


@dataclass(frozen=True)
class Unread:
    """What is known about a piece that earns much and is read little, over the last ``weeks`` weeks."""

    credit_place: int
    read_place: int
    pieces: int
    reads: int
    weeks: int
    sent: int = 0
    by_campaign: int = 0
    asked: int = 0
    open_deals: int = 0
    last_read_on: date | None = None
    is_to_revise: bool = False


def headline(most: Sequence[tuple[str, bool]], hidden: Sequence[str]) -> str:
    """``most``: titles of the most read with whether they led a week ago; ``hidden``: titles of those that earn most and are read least."""
    if not most:
        return "Nobody read our content this week"
    title, again = most[0]
    leads = f"“{formats.short(title, TITLE)}” leads{' again' if again else ''}"
    return f"{leads}; “{formats.short(hidden[0], TITLE)}” waits to be found" if hidden else leads


def sentence(
    five: tuple[int, int], hidden: tuple[int, int], credits: Sequence[float], weeks: int, currency: str | None, unit: str = "read"
) -> str:
    """``five`` and ``hidden``: reads of the list and of all content (the week; the last ``weeks`` weeks); ``credits`` of the hidden ones."""
    said = f"The most-read pieces had {_of(five, unit)}." if five[1] else f"No {unit} of content was recorded in this week."
    if not credits:
        return said
    low, high = min(credits), max(credits)
    span = (
        money(high, currency)
        if money(low, currency) == money(high, currency)
        else f"{money(low, currency)} to {money(high, currency)}"
    )
    return (
        f"{said} Those that earn most and are read least had {_of(hidden, unit)} in {weeks} weeks, yet "
        f"{'it is' if len(credits) == 1 else 'each is'} credited with {span} of the last 12 months’ won revenue."
    )


def _of(parts: tuple[int, int], unit: str) -> str:
    part, whole = parts
    return f"{formats.count(part)} of {counted(whole, unit)}" + (f" ({share(part / whole)})" if whole else "")


def why_read(piece: Reading) -> str:
    """Why a piece is among the most read: what changed, and where its readers came from."""
    return " ".join(part for part in (_changed(piece), _came_from(piece)) if part)


def _changed(piece: Reading) -> str:
    streak = 0
    for place in piece.places:
        if place is None or (piece.place == 1 and place != 1):
            break
        streak += 1
    if piece.is_new:
        return "Published this week."
    if piece.place == 1 and streak:
        return f"First for the {ordinal(streak + 1)} week running."
    before = piece.places[0] if piece.places else None
    if before is not None and before > piece.place:
        return f"Up from {ordinal(before)} place."
    if streak:
        return f"Among the five for the {ordinal(streak + 1)} week running."
    if not piece.usual:
        return "Not read in the four weeks before."
    if piece.reads >= OFTEN * piece.usual:
        return f"{counted(piece.reads, piece.unit)} instead of the usual {_usual(piece.usual)}."
    return "Not among the five a week ago."


def _came_from(piece: Reading) -> str:
    source = piece.source
    if source is not None and 2 * source.reads >= piece.reads and piece.reads > 1:
        many = "All" if source.reads == piece.reads else f"{formats.count(source.reads)} of {formats.count(piece.reads)}"
        name = formats.short(source.name, 60)
        return f"{many} came {f'through the campaign “{name}”' if source.is_campaign else f'through {name}'}."
    if piece.sent:
        return f"Sales sent it {times(piece.sent)} this week."
    return ""


def why_unread(piece: Unread) -> str:
    """Why a piece is among those that earn most and are read least: the contrast, and what may explain it or help."""
    contrast = f"{ordinal(piece.credit_place)} of {formats.count(piece.pieces)} by credit, {ordinal(piece.read_place)} by reads."
    return f"{contrast} {_explained(piece)}".strip()


def _explained(piece: Unread) -> str:
    within = f"in {piece.weeks} weeks"
    if piece.is_to_revise:
        return "It is due to be revised."
    if piece.asked > 1:
        return f"Buyers asked what it answers {times(piece.asked)} {within}."
    if not piece.reads and piece.last_read_on is not None and not piece.sent:
        return f"Nobody has read it since {formats.day(piece.last_read_on)}."
    if piece.sent and not piece.by_campaign:
        return f"Sales sends it by hand ({times(piece.sent)} {within}); no campaign led to it."
    if not piece.by_campaign:
        return f"No campaign led to it {within}."
    if piece.open_deals:
        return f"It takes part in {counted(piece.open_deals, 'open deal')}."
    return f"{counted(piece.by_campaign, 'reader')} came through campaigns {within}."


def _usual(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value == round(value) else f"{value:.1f}"


def times(number: int) -> str:
    """ "once", "twice", "3 times"."""
    return {1: "once", 2: "twice"}.get(number, f"{formats.count(number)} times")


def ordinal(number: int) -> str:
    """ "1st", "22nd", "113th"."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{formats.count(number)}{ending}"
