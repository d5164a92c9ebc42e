"""The answers of the explore page: its title made from the choices, and the first thing to know about any figure by any dimension.

Pure functions of plain facts, as everywhere in answers/; tests hold golden sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from attribution.answers.words import ENOUGH_DEALS, named, under_rule
from attribution.charts import formats
from attribution.charts.formats import counted, plain, share
from attribution.charts.marks import Form


@dataclass(frozen=True)
class Entry:
    """One value and its figure; ``before``: in the other period; ``deals``: how many deals a rate stands on."""

    label: str
    value: float
    before: float | None = None
    deals: float | None = None


@dataclass(frozen=True)
class ExploreFacts:
    """What the explore page's answer says about its first figure.

    ``kind``: sum (may be added up), rate (a ratio or a median), part (deals that several took part in). ``ranked``: values, largest first, or
    times in order; ``cell``: (row, column, value), the largest; ``deals``: in scope, for figures that share deals; ``running``: the time that has
    not ended; ``codes``: labels of the rows are words of ours (else names, written as they are);
    ``codes_across``: those of the columns.
    """

    what: str
    form: Form
    one: str
    many: str
    kind: str
    total: float | None
    ranked: Sequence[Entry] = field(default_factory=tuple)
    cell: tuple[str, str, float] | None = None
    deals: int | None = None
    by_rule: bool = False
    agreed: str = "agreed"
    rule: str = ""
    against: str = ""
    times: bool = False
    running: str = ""
    codes: bool = True
    codes_across: bool = True


def title(labels: Sequence[str], dimensions: Sequence[str]) -> str:
    """The question, from the choices: "Credited revenue by channel and quarter"."""
    shown = [labels[0], *(inner(label) for label in labels[1:])]
    figures = formats.listed(shown) if len(shown) <= 3 else f"{shown[0]} and {len(shown) - 1} more figures"
    return plain(f"{figures} by {formats.listed([inner(name) for name in dimensions])}")


def inner(label: str) -> str:
    """A label inside a sentence: "CRM pipeline" stays, "Channel" becomes "channel"."""
    return label[0].lower() + label[1:] if label[1:2].islower() else label


def answer(facts: ExploreFacts) -> str:
    """The first thing to know about a figure by a dimension."""
    if not facts.ranked:
        return _nothing(facts)
    if facts.kind == "rate":
        return _rates(facts)
    return _amounts(facts)


def _nothing(facts: ExploreFacts) -> str:
    """Why there is nothing to compare."""
    if not facts.total:
        return f"There is no {plain(facts.what)} under these filters. Choose a longer period or clear a filter."
    if facts.kind == "rate":
        return f"No {plain(facts.one)} is recorded for these deals; overall {plain(facts.what)} is **{facts.form.words(facts.total)}**."
    return f"No {plain(facts.one)} is recorded for any of the {facts.form.words(facts.total)} {plain(facts.what)}."


def _amounts(facts: ExploreFacts) -> str:
    """Of figures with a size: who has most, its part, the largest cell, what changed most."""
    lead = f"{under_rule(facts.agreed, facts.rule)} " if facts.by_rule else ""
    ranked = sorted(facts.ranked, key=lambda entry: -entry.value)
    first, name = ranked[0], _name(ranked[0].label, facts)
    few = facts.deals is not None and facts.deals < ENOUGH_DEALS
    if len(ranked) == 1:
        text = f"{lead}{name} is the only {plain(facts.one)} with {plain(facts.what)}: {_of_whole(first.value, facts)}"
    elif facts.kind == "part":
        text = f"{name} took part in the most: **{_whole_deals(first.value, facts)}**"
    elif facts.times:
        text = f"{lead}{name} is the highest {plain(facts.one)} of {plain(facts.what)}: {_of_whole(first.value, facts)}"
    else:
        text = f"{lead}{name} has the most {plain(facts.what)}: {_of_whole(first.value, facts)}"
    if few:
        return f"{counted(facts.deals or 0, 'deal')}: too few to compare {plain(facts.many)}. {formats.capital(text)}."
    if len(ranked) > 1 and not facts.times:
        text += f", then {_name(ranked[1].label, facts)} with {_with_share(ranked[1].value, facts)}"
    sentences = [f"{text}.", *(_latest(facts) if facts.times else [])]
    if facts.kind == "part":
        sentences.append(f"These cannot be added up: most deals meet several {plain(facts.many)}.")
    if facts.cell:
        row, column, value = facts.cell
        pair = f"{_name(row, facts)} × {named(column) if facts.codes_across else plain(formats.short(column, 60))}"
        sentences.append(f"The largest single cell is {pair} with {_with_share(value, facts)}.")
    return formats.capital(" ".join([*sentences, *_moved(facts)]))


def _rates(facts: ExploreFacts) -> str:
    """Of ratios and medians: highest, lowest, overall; who stands on too few deals is left out."""
    enough = [entry for entry in facts.ranked if entry.deals is None or entry.deals >= ENOUGH_DEALS]
    left_out = len(facts.ranked) - len(enough)
    overall = f"; overall {facts.form.words(facts.total)}" if facts.total is not None else ""
    if not enough:
        return f"No {plain(facts.one)} has {ENOUGH_DEALS} deals or more: too few to compare {plain(facts.what)}{overall}."
    lead = f"{under_rule(facts.agreed, facts.rule)} " if facts.by_rule else ""
    high, low = max(enough, key=lambda entry: entry.value), min(enough, key=lambda entry: entry.value)
    if len(enough) == 1:
        text = f"{lead}{plain(facts.what)} of {_name(high.label, facts)} is **{facts.form.words(high.value)}**{overall}."
    elif facts.form.words(high.value) == facts.form.words(low.value):
        text = f"{lead}{plain(facts.what)} is **{facts.form.words(high.value)}** for every {plain(facts.one)}."
    else:
        text = (
            f"{lead}{plain(facts.what)} goes from **{facts.form.words(low.value)}** ({_name(low.label, facts)}) to "
            f"**{facts.form.words(high.value)}** ({_name(high.label, facts)}){overall}."
        )
    sentences = [text, *(_latest(facts) if facts.times else [])]
    if left_out:
        who = formats.capital(counted(left_out, facts.one, facts.many))
        sentences.append(
            f"{who} with fewer than {ENOUGH_DEALS} deals {'is' if left_out == 1 else 'are'} left out of this comparison."
        )
    return formats.capital(" ".join([*sentences, *_moved(facts, enough)]))


def _latest(facts: ExploreFacts) -> list[str]:
    """The last time that has ended, against the one before it."""
    ended = [entry for entry in facts.ranked if entry.label != facts.running]
    if len(ended) < 2:
        return []
    now, then = ended[-1], ended[-2]
    return [
        f"The last full one, {plain(now.label)}, has {facts.form.words(now.value)}{_growth(now.value, then.value, facts, f'against {plain(then.label)}')}."
    ]


def _moved(facts: ExploreFacts, among: Sequence[Entry] | None = None) -> list[str]:
    """What changed most against the other period."""
    known = [entry for entry in (facts.ranked if among is None else among) if entry.before is not None]
    if not facts.against or not known or facts.times:
        return []
    most = max(known, key=lambda entry: abs(entry.value - (entry.before or 0.0)))
    if facts.form.words(most.value) == facts.form.words(most.before):
        return [f"Nothing changed against {plain(facts.against)}."]
    return [
        f"Against {plain(facts.against)}, {_name(most.label, facts)} changed most: {facts.form.words(most.value)}, was {facts.form.words(most.before)}."
    ]


def _growth(now: float, then: float, facts: ExploreFacts, words: str) -> str:
    if facts.form.kind == "share":
        gap = now - then
        return (
            f", {formats.points(gap)} {'more' if gap > 0 else 'less'} than {words.removeprefix('against ')}"
            if abs(gap) >= 0.0005
            else f", as {words.removeprefix('against ')}"
        )
    if not then:
        return ""
    part = (now - then) / abs(then)
    if abs(part) < 0.0005 or abs(part) >= 10:
        return ""
    return f" ({'+' if part > 0 else formats.MINUS}{share(abs(part))} {words})"


def _of_whole(value: float, facts: ExploreFacts) -> str:
    if facts.kind != "sum" or not facts.total:
        return f"**{facts.form.words(value)}**"
    return f"**{facts.form.words(value)} of {facts.form.words(facts.total)}** ({share(value / facts.total)})"


def _whole_deals(value: float, facts: ExploreFacts) -> str:
    return counted(value, "deal") if facts.form.kind == "count" else facts.form.words(value)


def _with_share(value: float, facts: ExploreFacts) -> str:
    part = f" ({share(value / facts.total)})" if facts.kind == "sum" and facts.total else ""
    return f"{facts.form.words(value)}{part}"


def _name(label: str, facts: ExploreFacts) -> str:
    return named(label) if facts.codes else plain(formats.short(label, 60))


def alt(heading: str, rows: Sequence[tuple[str, str]]) -> str:
    """A picture in words: its question and its first rows."""
    shown = ", ".join(f"{label} {words}" for label, words in rows[:8])
    return f"{heading}: {shown}" if rows else heading
