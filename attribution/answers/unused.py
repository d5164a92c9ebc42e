"""The answers of the page about unused content: what is sunk in it, and what to do with each piece.

Pure functions of plain facts, as everywhere in answers/; tests hold golden sentences. ``next_step`` is plain text for table cells and files; a
page that writes it as Markdown escapes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from attribution.charts import formats
from attribution.charts.formats import SPACE, counted, money, plain
from attribution.content.unused import Unused, young_days

# What the answer tells, and how: the decisions that move money or people. Waiting and leaving are no news.
TOLD = {
    "retire": "to retire", "revise": "to revise", "change": "to change or retire", "give": "to give to sales", "show": "to show to more buyers",
}  # fmt: skip


@dataclass(frozen=True)
class Group:
    """Pieces with one decision. ``first``: the title of the most expensive one."""

    decision: str
    pieces: int
    cost: float
    first: str


@dataclass(frozen=True)
class UnusedFacts:
    """What the answer says. ``pieces`` of ``public`` ones ask for a decision; ``cost`` of ``whole`` went into them, each counted once. ``calm``: further
    ones that are listed and may wait or stay as they are, and what went into those."""

    currency: str | None
    public: int
    pieces: int
    cost: float
    whole: float
    groups: Sequence[Group] = ()
    calm: int = 0
    calm_cost: float = 0.0


def unused(facts: UnusedFacts) -> str:
    """Which content is not used, and what to do with it?"""
    if not facts.public:
        return "No published content is recorded."
    if not facts.pieces and facts.calm:
        return f"None of {counted(facts.public, 'published piece')} calls for a decision now: {_calm(facts)}."
    if not facts.pieces:
        return f"All {counted(facts.public, 'published piece')} are read, were read by somebody who bought, are sent by sales, and are up to date."
    are, they = ("is", "it") if facts.pieces == 1 else ("are", "they")
    head = f"**{formats.count(facts.pieces)} of {counted(facts.public, 'published piece')}** {are} not used as {they} could be"
    if facts.cost:
        part = f" of {money(facts.whole, facts.currency)}" if facts.whole > facts.cost + 0.005 else ""
        head += f"; **{money(facts.cost, facts.currency)}**{part} went into {'it' if facts.pieces == 1 else 'them'}"
    told = sorted(
        (group for group in facts.groups if group.decision in TOLD and group.pieces),
        key=lambda group: (-group.cost, -group.pieces),
    )[:3]
    parts = []
    for group in told:
        cost = f" ({money(group.cost, facts.currency)})" if group.cost else ""
        parts.append(
            f"**{formats.count(group.pieces)} {TOLD[group.decision]}**{cost}, first “{plain(formats.short(group.first, 60))}”"
        )
    return f"{head}. {'; '.join(parts)}.{f' {formats.capital(_calm(facts))}.' if facts.calm else ''}"


def _calm(facts: UnusedFacts) -> str:
    more = f"{formats.count(facts.calm)} more" if facts.pieces else formats.count(facts.calm)
    cost = f" ({money(facts.calm_cost, facts.currency)})" if facts.calm_cost else ""
    return f"{more}{cost} {'is too young to judge or may stay as it is' if facts.calm == 1 else 'are too young to judge or may stay as they are'}"


def next_step(piece: Unused, currency: str | None, today: date, cycle_days: float | None, topic: str = "") -> str:
    """What to do with one piece, in a sentence: plain text. ``topic``: on screen."""
    asset, reading = piece.asset, piece.reading
    age = formats.days(asset.age_days) if asset.age_days is not None else "an unknown time"
    won = f"{counted(reading.won, 'won deal')} worth {money(reading.won_amount, currency)}"
    match piece.decision:
        case "wait":
            until = today + timedelta(days=round(young_days(cycle_days)) - (asset.age_days or 0))
            text = f"Wait until {formats.day(until)}: it is {age} old, too young to judge."
        case "retire" if not asset.buyer_touches:
            text = f"Retire it, or link to it where buyers look: nobody has read it in {age}."
        case "retire":
            last = f"last read on {formats.day(asset.last_read_on)}, " if asset.last_read_on else ""
            read = f"{won} read it" if reading.won else f"no won deal read it ({counted(reading.lost, 'lost one')} did)"
            text = f"Retire it: {_old(piece)}, {last}{read}."
        case "revise":
            due = f" by {formats.day(asset.due_on)}" if asset.status == "to_revise" and asset.due_on else ""
            use = (
                f"buyers still read it: {won} did"
                if reading.won
                else f"sales sent it in {counted(reading.sent_won, 'won deal')}, where no reading is recorded"
            )
            text = f"Revise it{due}: {_old(piece)}, and {use}."
        case "change":
            text = f"Change or retire it: none of the {formats.count(reading.closed)} closed deals whose buyers read it was won."
        case "give":
            text = f"Give it to sales: buyers in {won} found it by themselves, sales never sent it.{_begin_with(piece, topic, currency)}"
        case "leave" if not reading.won:
            sent = counted(reading.sent_won, "won deal")
            text = f"Leave it as it is: sales sent it in {sent}; that nobody read it there may only mean that nobody logged it."
        case "leave":
            text = f"Leave it as it is: it is made to be found, and {counted(asset.readers, 'person', 'people')} read it; sales need not send it."
        case _ if asset.funnel_stage == "top" and reading.won:
            text = f"Show it to more buyers, or retire it: {counted(asset.readers, 'person', 'people')} read it in {age}."
        case _:
            met = (
                f"only {counted(reading.closed, 'closed deal')} {'has' if reading.closed == 1 else 'have'}"
                if reading.closed
                else "no closed deal has"
            )
            text = f"Show it to more buyers: {met} met it, too few to judge."
    return text + _sales_says(piece)


def _old(piece: Unused) -> str:
    age = f"it is {formats.days(piece.asset.age_days)} old" if piece.asset.age_days is not None else "it is outdated"
    return "it is marked for revision" if piece.asset.status == "to_revise" else age


def _begin_with(piece: Unused, topic: str, currency: str | None) -> str:
    """The open deals that wait for a piece on its topic; nothing without any."""
    deals, amount = piece.waiting
    if not deals or not topic:
        return ""
    who = f"the {formats.count(deals)} open deals" if deals > 1 else "the open deal"
    return f" Begin with {who} ({money(amount, currency)}) that asked about “{formats.short(topic, 30)}”."


def _sales_says(piece: Unused) -> str:
    """Why salespeople did not use it, in their words; nothing for pieces whose decision it does not touch."""
    if piece.said is None or not piece.said.reasons or piece.decision in ("wait", "leave"):
        return ""
    reason, times = piece.said.reasons[0]
    return f" Sales says “{formats.short(reason, 60)}”{f' ({formats.count(times)}{SPACE}times)' if times > 1 else ''}."


def without_cost(pieces: int) -> str:
    """One line: pieces of which no cost is known."""
    if not pieces:
        return ""
    return (
        f"Of {counted(pieces, 'piece')} no cost is known, so {'it counts' if pieces == 1 else 'they count'} as nothing: add `cost` to `content_assets`, "
        "or `asset_id` to `spend`."
    )


def decisions_alt(rows: Sequence[tuple[str, int, float]], currency: str | None) -> str:
    """The main picture in words."""
    return "What to do with unused content: " + ", ".join(
        f"{label.lower()} {counted(pieces, 'piece')}, {money(cost, currency)}" for label, pieces, cost in rows
    )
