"""The answers of the page about sales content: what is being made, what was sent and what became of it, and what to send next in a deal.

Pure functions of plain facts, as everywhere in answers/; tests hold golden sentences. ``why``, ``liked`` and ``alike_words`` are plain text: a page
that writes them as Markdown escapes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from attribution.charts import formats
from attribution.charts.formats import SPACE, counted, money, plain
from attribution.content.recommend import CHANCE, ENOUGH_ALIKE, Alike, Pick, Recommendation, by_chance


@dataclass(frozen=True)
class Late:
    """A piece that is not there yet: by how many days it is late (0: it is not), and what waits for it."""

    title: str
    days: int = 0
    author: str = ""
    asked_by: str = ""
    waiting: int = 0
    deals: int = 0
    amount: float = 0.0


@dataclass(frozen=True)
class SalesFacts:
    """What the answer says. ``pieces`` of ``public`` ones were sent, ``sent`` times in ``deals`` = won + lost + open.

    ``late``: most days first; ``requested``: what waits for most first; ``when``: "in this period", empty for all time.
    """

    currency: str | None
    public: int
    pieces: int
    sent: int
    won: int
    lost: int
    open: int
    making: int = 0
    late: Sequence[Late] = ()
    requested: Sequence[Late] = ()
    when: str = ""


def sales_content(facts: SalesFacts) -> str:
    """What did sales send, and what should it send next?"""
    when = f" {facts.when}" if facts.when else ""
    if facts.sent:
        deals = facts.won + facts.lost + facts.open
        fates = [(facts.won, "won"), (facts.lost, "lost"), (facts.open, "still open")]
        became = ", ".join(f"{formats.count(number)} {word}" for number, word in fates if number)
        sentences = [
            f"Sales sent **{formats.count(facts.pieces)} of {counted(facts.public, 'published piece')}**{when}, {_times(facts.sent)} in "
            f"{counted(deals, 'deal')}: {became}."
        ]
    else:
        sentences = [f"No sending of a piece by sales is recorded{when} in the deals that the filters select."]
    sentences += _made(facts)
    return " ".join(sentences)


def _made(facts: SalesFacts) -> list[str]:
    """What is in production and late, and what is asked for, with the first thing to do about each."""
    sentences = []
    if facts.late:
        first = facts.late[0]
        head = f"**{formats.count(len(facts.late))} of {formats.count(facts.making)} pieces in production {_is(len(facts.late))} late**"
        if facts.making == 1:
            head = "**The piece in production is late**"
        who = f"ask {plain(first.author)} for" if first.author else "chase"
        sentences.append(f"{head}: {who} {_title(first.title)} ({formats.days(first.days)}).")
    elif facts.making:
        sentences.append(f"{counted(facts.making, 'piece')} {_is(facts.making)} in production, none of them late.")
    if facts.requested:
        first, number = facts.requested[0], len(facts.requested)
        head = f"{counted(number, 'piece')} {_is(number)} asked for and not begun"
        if number == 1:
            sentences.append(f"{head}: {_title(first.title)}{_stake(first, facts.currency)}.")
        else:
            sentences.append(f"{head}: begin with {_title(first.title)}{_stake(first, facts.currency)}.")
    return sentences


def _stake(piece: Late, currency: str | None) -> str:
    if piece.deals:
        return f", for which {counted(piece.deals, 'open deal')} worth **{money(piece.amount, currency)}** {_wait(piece.deals)}"
    return f", asked {_times(piece.waiting)} by buyers without an answer" if piece.waiting else ""


def being_made(late_days: int | None, due_on: date | None) -> str:
    """When a piece is due: "7 days late", "due 4 Dec 2026", "no date yet"."""
    if due_on is None:
        return "no date yet"
    return f"{formats.days(late_days)} late" if late_days and late_days > 0 else f"due {formats.day(due_on)}"


def waits(waiting: int, deals: int, amount: float, currency: str | None) -> str:
    """What waits for a piece that is not there yet: plain text; empty where nobody asked."""
    if not waiting:
        return ""
    asked = f"Asked {_times(waiting)} without an answer"
    return (
        f"{asked}; {counted(deals, 'open deal')} worth {money(amount, currency)} {_wait(deals)}."
        if deals
        else f"{asked}; no open deal waits."
    )


def recommendation(found: Recommendation, currency: str | None) -> str:
    """What to send next in a deal, in one or two sentences."""
    name = plain(formats.short(found.deal, 70))
    if found.status != "open":
        return f"{name} was {found.status} on {formats.day(found.closed_on)}: there is nothing left to send. Choose an open deal."
    place = f" ({money(found.amount, currency)}{f', {plain(formats.words(found.stage)).lower()}' if found.stage else ''})"
    if found.picks:
        first = found.picks[0]
        text = f"Send **{_title(first.title)}** next in {name}{place}."
    else:
        text = f"Nothing can be recommended for {name}{place}."
    if not found.alike.is_enough:
        text += f" {plain(refused(found.tried))}"
    elif not found.picks:
        text += (
            f" No piece that is new to its people answers a question of theirs, or was used more often by the {plain(alike_words(found.alike))} than "
            "by those that were lost."
        )
    if found.open_questions:
        asked = f"“{plain(formats.short(found.open_questions[0], 80))}”"
        more = len(found.open_questions) - 1
        others = f" and {counted(more, 'more question')}" if more else ""
        text += f" No piece answers {asked}{others}: ask for one."
    return text


def refused(tried: Sequence[Alike]) -> str:
    """Why nothing is learned from deals like it: plain text."""
    parts: list[str] = []
    for alike in tried:
        where = f"in {alike.segment}" if alike.segment else "in any segment"
        stage = f" that came to “{formats.words(alike.stage).lower()}”" if alike.stage else ""
        parts.append(
            f"{counted(alike.won, 'deal')}{stage} {_was(alike.won)} won {where}"
            if not parts
            else f"{formats.count(alike.won)} {where}"
        )
    listed = f"Only {' and '.join(parts)}" if parts else "No deal was won"
    return f"{listed}: too few to learn from, {ENOUGH_ALIKE} are needed."


def alike_words(alike: Alike) -> str:
    """Won deals like one, in words: "62 won enterprise deals that came to “proposal”": plain text."""
    segment = f" {alike.segment}" if alike.segment else ""
    stage = f" that came to “{formats.words(alike.stage).lower()}”" if alike.stage else ""
    return f"{formats.count(alike.won)} won{segment} {'deal' if alike.won == 1 else 'deals'}{stage}"


def basis(found: Recommendation) -> str:
    """What the recommendation rests on: plain text; empty where nothing is learned."""
    alike = found.alike
    if not alike.is_enough:
        return ""
    wider = ""
    if len(found.tried) > 1:
        narrow = found.tried[0]
        wider = f" Deals of any segment, because only {formats.count(narrow.won)} {_was(narrow.won)} won in {narrow.segment}."
    used = f" {counted(found.used, 'piece')} that its people have used already {_is(found.used)} left out." if found.used else ""
    since = " from that stage on" if alike.stage else " since they were opened"
    learned = f"Learned from {alike_words(alike)}, and {formats.count(alike.lost)} lost ones: what they used{since}."
    return f"{learned}{wider}{used} What won deals used need not be why they were won."


def why(pick: Pick, alike: Alike) -> tuple[str, ...]:
    """Why to send a piece, reason by reason: plain text."""
    reasons = []
    if answer := pick.answers:
        on = f" on {formats.day(answer.asked_on)}" if answer.asked_on else ""
        asked = f"“{formats.short(answer.text, 90)}”"
        if answer.how == "named":
            reasons.append(f"Named as the answer to {asked}, asked here{on}, but neither sent nor read in this deal.")
        elif answer.how == "made":
            reasons.append(f"Made for {asked}, asked here{on} and not answered.")
        else:
            reasons.append(f"Named {_times(answer.times)} elsewhere as the answer to {asked}, asked here{on} and not answered.")
    if alike.is_enough:
        reasons.append(used_by(pick, alike))
    if pick.rating and pick.rating.average is not None:
        reasons.append(f"Sales rates it {pick.rating.average:.1f} of 5 ({counted(pick.rating.ratings, 'rating')}).")
    return tuple(reasons)


def used_by(pick: Pick, alike: Alike) -> str:
    """How many deals like it used a piece, won and lost, and whether that may be chance: plain text."""
    used = f"Used by {formats.count(pick.won_with)} of {formats.count(alike.won)} won deals like this"
    used += f" and {formats.count(pick.lost_with)} of {formats.count(alike.lost)} lost ones"
    if not pick.won_with and not pick.lost_with:
        return f"{used}: it is new to deals like this."
    gap = pick.won_with * alike.lost > pick.lost_with * alike.won
    if not gap:
        return f"{used}: no more often by those that were won."
    chance = by_chance(pick.won_with, alike.won, pick.lost_with, alike.lost)
    return f"{used}{', which may be chance' if chance > CHANCE else ''}."


def fates_alt(rows: Sequence[tuple[str, int, int, int]]) -> str:
    """What became of the deals, in words."""
    return "Deals in which sales sent it: " + ", ".join(
        f"{formats.short(title, 60)} {won} won, {still_open} open, {lost} lost" for title, won, still_open, lost in rows
    )


def stages_alt(rows: Sequence[tuple[str, str, int]]) -> str:
    """Before which step each piece was sent most, in words."""
    return "Sent before which step: " + ", ".join(
        f"{formats.short(title, 60)} most before {step.lower()} ({number})" for title, step, number in rows
    )


def said(pieces: int, ratings: int, average: float | None, extremes: Sequence[tuple[str, float]]) -> str:
    """What sales says about content, in a sentence. ``extremes``: (title, average) of the best and the worst piece with enough ratings."""
    if not ratings or average is None:
        return "Nobody in sales has rated a piece here."
    text = f"Sales gave {counted(ratings, 'rating')} of {counted(pieces, 'piece')}: **{average:.1f} of 5** on average"
    if len(extremes) == 2 and extremes[0][1] > extremes[1][1]:
        (best, high), (worst, low) = extremes
        text += f", best for {_title(best)} ({high:.1f}), worst for {_title(worst)} ({low:.1f})"
    return f"{text}."


def _title(title: str) -> str:
    return f"“{plain(formats.short(title, 70))}”"


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{formats.count(number)}{SPACE}times")


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _wait(deals: int) -> str:
    return "waits" if deals == 1 else "wait"
