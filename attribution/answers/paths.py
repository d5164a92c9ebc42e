"""The sentences of the paths page. Pure functions of plain facts; tests hold golden sentences. What paths say is no cause, and they say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attribution.answers.words import ENOUGH_DEALS
from attribution.charts import formats
from attribution.charts.formats import count, counted, days, plain, share

FEW_ALIKE = 6  # ways that at least two deals took: with fewer there is hardly a picture


@dataclass(frozen=True)
class Facts:
    """What the page says.

    ``one``: what a step is ("channel"); ``part``: whole, first or last; ``won``, ``lost``: journeys, ``quiet`` of the lost ones being open without
    activity; ``different``: ways of the won ones; ``first``: (its words, won deals, lost deals) of the most frequent;
    ``begins``, ``ends``: the value that most won journeys begin and end with, and how many; ``spreads``: quantiles of touches and of days (won, lost);
    ``left_out``: won deals in scope that have no such journey; ``alike``: ways in the picture, taken by at least two deals.
    """

    one: str
    part: str
    won: int
    lost: int
    quiet: int = 0
    different: int = 0
    first: tuple[tuple[str, ...], int, int] | None = None
    begins: tuple[str, int] | None = None
    ends: tuple[str, int] | None = None
    spreads: Sequence[tuple[Sequence[float], Sequence[float]]] = ()
    order: str = "won"
    left_out: int = 0
    stale_days: float = 180
    alike: int = 10


def answer(facts: Facts) -> str:
    """Which ways lead to a won deal?"""
    if not facts.won:
        return "No won deal has a journey under these filters" + (
            f"; {counted(facts.lost, 'lost deal')} {'has' if facts.lost == 1 else 'have'} one." if facts.lost else "."
        )
    sentences = []
    if facts.won < ENOUGH_DEALS:
        sentences.append(f"{counted(facts.won, 'won deal')}: too few to rank ways.")
    else:
        sentences.append(_ways(facts))
    if facts.begins and facts.ends and facts.won >= ENOUGH_DEALS:
        begins, ends = facts.begins, facts.ends
        sentences.append(
            f"The most frequent beginning is {_named(begins[0], facts)} ({count(begins[1])} of {count(facts.won)}), "
            f"the most frequent end {_named(ends[0], facts)} ({count(ends[1])})."
        )
    sentences += _lengths(facts)
    return " ".join(sentences)


def _ways(facts: Facts) -> str:
    went = {"whole": "went", "first": "began in", "last": "ended in"}[facts.part]
    text = f"**{counted(facts.won, 'won deal')}** {went} {'one way' if facts.different == 1 else f'{count(facts.different)} different ways'}"
    if facts.first is None or facts.different == 1:
        return f"{text}."
    words, won, lost = facts.first
    if facts.order == "won" and won == 1:
        return f"{text}, no two of them the same."
    way = " → ".join(plain(formats.short(word, 40)) for word in (words if len(words) <= 6 else (*words[:3], "…", *words[-2:])))
    if facts.order == "lost":
        return f"{text}; the way that lost most often, **{way}**, has {count(lost)} lost and {counted(won, 'won deal')}."
    alone = " alone" if len(words) == 1 and facts.part == "whole" else ""
    return f"{text}; the most frequent, **{way}**{alone}, was taken by {count(won)} ({share(won / facts.won)})."


def _lengths(facts: Facts) -> list[str]:
    if len(facts.spreads) < 2:
        return []
    (touches_won, touches_lost), (days_won, days_lost) = facts.spreads[:2]
    if not touches_won or not days_won:
        return []
    text = f"A won journey has {counted(touches_won[2], 'touch', 'touches')} in {days(days_won[2])}"
    if touches_lost and days_lost:
        text += f", a lost one {count(touches_lost[2])} in {days(days_lost[2])}"
    return [f"{text} (medians)."]


def notes(facts: Facts) -> tuple[str, ...]:
    """Where the page stands on thin ice."""
    found = []
    if facts.won and not facts.lost:
        found.append(
            "No lost deal has a journey under these filters: what is lost without a value then only says how many won deals touch it, and no way has "
            "a win rate."
        )
    if 0 < facts.won < ENOUGH_DEALS:
        found.append(f"Fewer than {ENOUGH_DEALS} won deals: ways stand in the order of their names, and nothing is ranked.")
    if facts.part == "whole" and facts.won >= ENOUGH_DEALS and facts.alike < FEW_ALIKE and 2 * facts.different > facts.won:
        found.append("Hardly two deals go the same whole way: the first or the last three steps, in the box above, say more.")
    return tuple(found)


def rests_on(facts: Facts) -> str:
    """What the figures rest on, in one line."""
    lost = counted(facts.lost, "lost one")
    text = f"{counted(facts.won, 'won journey')} and {lost}"
    if facts.quiet:
        text += f" ({count(facts.quiet)} of them open without activity for {days(facts.stale_days)})"
    if facts.left_out:
        what = "any touch" if facts.one in ("channel", "kind of touch") else f"any {facts.one}"
        text += f"; {counted(facts.left_out, 'won deal')} without {what} {'is' if facts.left_out == 1 else 'are'} left out"
    return text


def ways_alt(rows: Sequence[tuple[str, int, int]]) -> str:
    """What the picture of ways says."""
    return "Most frequent ways: " + "; ".join(f"{words}: {count(won)} won, {count(lost)} lost" for words, won, lost in rows[:3])


def effects_alt(rows: Sequence[tuple[str, float, float, float]]) -> str:
    """What the picture of removal effects says."""
    return "Lost without it, as paths count it: " + ", ".join(
        f"{label} {share(effect)} (likely {share(low)} to {share(high)})" for label, effect, low, high in rows[:4]
    )


def steps_alt(rows: Sequence[tuple[str, str, float]]) -> str:
    """What the table of steps says."""
    return "What follows on what: " + ", ".join(f"{before} to {after} {share(part)}" for before, after, part in rows[:4])


def ends_alt(rows: Sequence[tuple[str, str, float]]) -> str:
    """What the table of ends says."""
    return "Won deals by first and last step: " + ", ".join(
        f"{first} to {last} {count(deals)}" for first, last, deals in rows[:4]
    )


def spreads_alt(facts: Sequence[tuple[str, Sequence[float], Sequence[float]]]) -> str:
    """What the picture of lengths says."""
    return "Won and lost journeys, medians: " + "; ".join(
        f"{label} {count(won[2]) if won else formats.DASH} won, {count(lost[2]) if lost else formats.DASH} lost"
        for label, won, lost in facts
    )


def _named(label: str, facts: Facts) -> str:
    """A value inside a sentence: our words in small letters, names that people gave as they are written."""
    ours = facts.one in ("channel", "kind of touch") and not label[1:2].isupper()
    return plain(formats.short(label[:1].lower() + label[1:] if ours else label, 60))
