"""The answers of the page about people: who was active, and what one person did and what came of it. Pure; Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from attribution.answers.words import under_rule
from attribution.charts import formats
from attribution.charts.formats import count, counted, money, plain

DAYS_IN_MONTHS = 60  # from so many days on a span is told in months
MONTH = 365.25 / 12


@dataclass(frozen=True)
class ListFacts:
    """What the list's answer says. ``when``: the period in words, empty for all time; ``some_touches``: filters keep some touches only."""

    people: int
    touches: int
    on_deals: int
    on_won: int
    when: str = ""
    some_touches: bool = False


@dataclass(frozen=True)
class PersonFacts:
    """What one person's answer says. ``engaged``: touches of the person; ``ours``: those that we made; ``named_only``: deals on which the person
    is named and no touch counts. ``credited``: their part of the won deals under ``rule`` (``agreed``: as words.under_rule takes it)."""

    name: str
    engaged: int
    ours: int
    first_on: date | None
    last_on: date | None
    last_ours_on: date | None
    took_part: int
    named_only: int
    won: int
    won_amount: float
    credited: float
    currency: str | None
    agreed: str
    rule: str


def people(facts: ListFacts) -> str:
    """Who was active, and who is on a deal?"""
    when = f" in {facts.when}" if facts.when else ""
    if not facts.people:
        return f"Nobody had a touch{when} under these filters."
    touches = counted(facts.touches, "touch", "touches")
    if facts.when or facts.some_touches:
        such = "such a touch" if facts.some_touches else "a touch"
        lead = f"**{counted(facts.people, 'person', 'people')}** had {such}{when}, {touches} in all."
    else:
        are = "is" if facts.people == 1 else "are"
        lead = f"**{counted(facts.people, 'person', 'people')}** {are} known, with {touches}."
    if not facts.on_deals:
        return f"{lead} Nobody of them is on a deal."
    won = f", **{count(facts.on_won)}** on one that was won" if facts.on_won else ", none on one that was won"
    are = "is" if facts.on_deals == 1 else "are"
    return f"{lead} **{count(facts.on_deals)}** of them {are} on a deal{won}."


def person(facts: PersonFacts) -> str:
    """What did this person do, and what came of it?"""
    sentences = [f"{_engaged(facts)}; {_took_part(facts)}."]
    if facts.won:
        part = f"**{money(facts.credited, facts.currency)}**" if abs(facts.credited) >= 0.005 else "nothing"
        sentences.append(f"{under_rule(facts.agreed, facts.rule)} {part} of that is credited to their touches.")
    return " ".join(sentences)


def spanned(days: int) -> str:
    """How long something went on, in words: days below two months, whole months from there."""
    if days < 1:
        return "on one day"
    return f"over {formats.days(days)}" if days < DAYS_IN_MONTHS else f"over {counted(round(days / MONTH), 'month')}"


def picture_alt(name: str, touches: int, deals: int, stages: int) -> str:
    """The timeline in words."""
    return (
        f"{name}: {counted(touches, 'touch', 'touches')}, {counted(stages, 'stage')} entered, {counted(deals, 'deal')}, over time"
    )


def stages_alt(rows: list[tuple[str, int]]) -> str:
    """The picture of stages in words."""
    return "People by the stage they are in now: " + ", ".join(f"{label} {count(number)}" for label, number in rows)


def _engaged(facts: PersonFacts) -> str:
    name = plain(formats.short(facts.name, 60))
    if facts.engaged and facts.first_on and facts.last_on:
        last = formats.day(facts.last_on)
        if facts.engaged == 1:
            return f"{name} engaged **once**, on {last}"
        span = spanned((facts.last_on - facts.first_on).days)
        return f"{name} engaged **{count(facts.engaged)} times {span}**, last on {last}"
    if facts.ours:
        last = f", the last on {formats.day(facts.last_ours_on)}" if facts.last_ours_on else ""
        return f"Nothing is recorded that {name} did, only {counted(facts.ours, 'touch', 'touches')} of ours{last}"
    return f"No touch of {name} is recorded"


def _took_part(facts: PersonFacts) -> str:
    unused = "without a touch that counts"
    if not facts.took_part:
        return f"named on {counted(facts.named_only, 'deal')} {unused}" if facts.named_only else "took part in no deal"
    won = f", {count(facts.won)} won for **{money(facts.won_amount, facts.currency)}**" if facts.won else ", none won"
    further = f", and is named on {count(facts.named_only)} more {unused}" if facts.named_only else ""
    return f"took part in **{counted(facts.took_part, 'deal')}**{won}{further}"
