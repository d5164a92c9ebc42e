"""The answers of the page about buyers' questions: what is asked without a piece, what it is worth, and what to do about each question.

Pure functions of plain facts, as everywhere in answers/; tests hold golden sentences. ``next_step`` is plain text for table cells
and files; a page that writes it as Markdown escapes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from attribution.charts import formats
from attribution.charts.formats import SPACE, counted, money, plain, share


@dataclass(frozen=True)
class Waiting:
    """One question that is asked without a piece, as sentences need it. ``amount``: of the ``deals`` that are open and wait.

    ``title``: the piece to send or to finish; ``named``: how often it was named; ``stopgap``: what to send until the piece is finished.
    """

    text: str
    decision: str
    times: int
    deals: int
    amount: float
    title: str = ""
    named: int = 0
    is_made_for_it: bool = False
    status: str = ""
    due_on: date | None = None
    stopgap: str = ""


@dataclass(frozen=True)
class QuestionsFacts:
    """What the answer says. ``different``: after near-equal ones are one; ``amount``: of the open ``deals`` that wait, each once.

    ``ranked``: what waits, worth most first; ``when``: "in this period", empty for all time.
    """

    currency: str | None
    asked: int
    different: int
    waiting: int
    deals: int
    amount: float
    ranked: Sequence[Waiting] = ()
    when: str = ""
    today: date | None = None


def questions(facts: QuestionsFacts) -> str:
    """What do buyers ask that we have no answer for?"""
    when = f" {facts.when}" if facts.when else ""
    if not facts.asked:
        return f"No buyer's question is recorded{when} under these filters."
    head = f"Buyers asked **{counted(facts.asked, 'question')}**{when}"
    if not facts.waiting:
        return f"{head}. A piece is named for {'every one of them' if facts.asked > 1 else 'it'}: nothing to write."
    if facts.waiting == facts.asked:
        part = "none has a piece" if facts.asked > 1 else "it has no piece"
    else:
        part = f"{formats.count(facts.waiting)} ({share(facts.waiting / facts.asked)}) {_has(facts.waiting)} no piece"
    waits = (
        f", and **{money(facts.amount, facts.currency)}** of open deals {_wait(facts.deals)} for an answer ({counted(facts.deals, 'deal')})"
        if facts.deals
        else ", but no open deal waits for an answer"
    )
    return " ".join([f"{head}: **{part}**{waits}.", *_what_to_do(facts)])


def _what_to_do(facts: QuestionsFacts) -> list[str]:
    """What no piece answers, what is being made, what is there already: how many, and the one with most at stake."""
    heads = {
        "write": ("has no answer yet", "have no answer yet"),
        "send": ("has a piece already", "have a piece already"),
        "finish": ("waits for a piece that is being made", "wait for pieces that are being made"),
    }
    sentences: list[str] = []
    for decision, (one, many) in heads.items():
        found = [waiting for waiting in facts.ranked if waiting.decision == decision]
        if found and len(sentences) < 2:
            first = found[0]
            what = "question" if not sentences else "more"
            number = counted(len(found), what) if not sentences else f"{formats.count(len(found))}{SPACE}{what}"
            lead = plain(f"{next_step(first, facts.currency, facts.today, most=True)[:-1]} ({_at_stake(first, facts.currency)}).")
            sentences.append(f"**{number}** {one if len(found) == 1 else many}: {lead[:1].lower()}{lead[1:]}")
    return sentences


def next_step(waiting: Waiting, currency: str | None, today: date | None = None, most: bool = False) -> str:
    """What to do about one question, in a sentence: plain text. ``most``: it is the first of several, and is named."""
    text, title = f"“{formats.short(waiting.text, 80)}”", f"“{formats.short(waiting.title, 70)}”"
    if waiting.decision == "send":
        if most:
            return f"Send {title} to those who ask {text}."
        return f"Send {title}, {'made for this question' if waiting.is_made_for_it else f'named for it {_times(waiting.named)}'}."
    if waiting.decision == "finish":
        until = f" Until then send “{formats.short(waiting.stopgap, 70)}”." if waiting.stopgap and not most else ""
        return f"Finish {title} ({being_made(waiting.status, waiting.due_on, today)}).{until}"
    return f"Write {text if most else 'it'}{' first' if most else ': no piece answers it, and none is asked for'}."


def being_made(status: str, due_on: date | None, today: date | None) -> str:
    """Where a piece that is not published yet stands: "in production, 7 days late", "asked for, no date yet"."""
    head = "in production" if status == "in_production" else "asked for"
    if due_on is None:
        return f"{head}, no date yet"
    late = (today - due_on).days if today else 0
    return f"{head}, {formats.days(late)} late" if late > 0 else f"{head}, due {formats.day(due_on)}"


def unsent(number: int, deals: int, amount: float, currency: str | None) -> str:
    """One line: questions of open deals whose piece is there and was neither sent nor read."""
    if not number:
        return "Every piece that was named for a question of an open deal was sent or read there."
    have, was = ("has", "was") if number == 1 else ("have", "were")
    return (
        f"**{counted(number, 'question')}** of {counted(deals, 'open deal')} worth **{money(amount, currency)}** {have} a piece that {was} neither "
        f"sent nor read there, as far as it is recorded. Sending {'it' if number == 1 else 'them'} is the shortest way."
    )


def chain(steps: Sequence[tuple[str, int]]) -> str:
    """From the question to the deal, in words."""
    counts = dict(steps)
    asked, named, sent, read, won = (counts.get(name, 0) for name in ("asked", "named", "sent", "read", "won"))
    if not asked:
        return "No question is recorded here."
    if not named:
        return f"Of {counted(asked, 'question')} none has a piece named."
    text = f"Of {counted(asked, 'question')} **{formats.count(named)}** {_has(named)} a piece named; "
    if not sent:
        return f"{text}no sending of such a piece by sales is recorded in any of their deals."
    text += f"for **{formats.count(sent)}** it is recorded that sales sent it in that deal"
    if not read:
        return f"{text}; no reading of it is recorded."
    return f"{text}, for **{formats.count(read)}** that the buyer read it, and **{formats.count(won)}** of these deals {_was(won)} won."


def bars_alt(rows: Sequence[tuple[str, float, int]], currency: str | None) -> str:
    """The main picture in words."""
    return "Questions without a piece: " + ", ".join(
        f"{formats.short(text, 60)} asked {_times(times)}, {money(amount, currency)} of open deals"
        for text, amount, times in rows
    )


def chain_alt(steps: Sequence[tuple[str, int]]) -> str:
    """The funnel in words."""
    return "From the question to the deal: " + ", then ".join(
        f"{formats.count(number)} {label.lower()}" for label, number in steps
    )


def topics_alt(rows: Sequence[tuple[str, int, int]]) -> str:
    """Questions by topic in words."""
    return "Questions by topic: " + ", ".join(
        f"{label} {without} without a piece, {named} with one" for label, without, named in rows
    )


def _at_stake(waiting: Waiting, currency: str | None) -> str:
    asked = f"asked {_times(waiting.times)} without a piece"
    if not waiting.deals:
        return f"{asked}, no open deal waits"
    return f"{asked}, {counted(waiting.deals, 'open deal')} worth {money(waiting.amount, currency)} {_wait(waiting.deals)}"


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{formats.count(number)}{SPACE}times")


def _wait(deals: int) -> str:
    return "waits" if deals == 1 else "wait"


def _has(number: int) -> str:
    return "has" if number == 1 else "have"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
