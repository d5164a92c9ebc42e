"""The answers of the attribution page: which channels earned the revenue, what another rule says, and what would change under it.

Pure functions of plain facts, as everywhere in answers/; tests hold golden sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from attribution.answers.words import ENOUGH_DEALS, Credited, named, same_by, under_rule
from attribution.charts import formats
from attribution.charts.formats import counted, money, plain, share


@dataclass(frozen=True)
class CreditFacts:
    """What the attribution page's answer says. ``ranked``: largest first, without Unattributed; ``second``: the other rule in words, empty
    where none can differ; ``codes``: the labels are words of ours (else names, written as they are); ``of_touch``: a deal is shared
    among several; ``parts``: filters select parts of deals."""

    currency: str | None
    measure: str
    many: str
    total: float
    deals: int
    ranked: Sequence[Credited] = field(default_factory=tuple)
    unattributed: float = 0.0
    total_before: float | None = None
    against: str = ""
    agreed: str = "agreed"
    rule: str = ""
    second: str = ""
    codes: bool = True
    of_touch: bool = True
    parts: bool = False


MEASURE_WORDS = {"revenue": "won", "deals": "won", "pipeline": "in open deals"}


def credit_title(many: str, measure: str, of_touch: bool) -> str:
    """The question of the attribution page."""
    who = "Whose actions" if many == "sides" else f"Which {plain(many)}"
    what = {"revenue": "the revenue", "deals": "the won deals", "pipeline": "the open deals"}[measure]
    verb = "stand behind" if measure == "pipeline" else "earned" if of_touch else "brought"
    return f"{who} {verb} {what}?"


def credit(facts: CreditFacts) -> str:
    """Which channels (campaigns, segments, …) earned the revenue?"""
    ranked = [entry for entry in facts.ranked if entry.amount > 0]
    if not facts.deals and not ranked:
        none = "No deal is open" if facts.measure == "pipeline" else "No deal was won"
        return f"{none} under these filters, so there is nothing to share. Choose a longer period or clear a filter."
    whole = f"{_amount(facts.total, facts)} {'credited' if facts.parts else MEASURE_WORDS[facts.measure]}"
    if not ranked:
        return f"None of the {whole} can be credited to {plain(facts.many)}: nothing is recorded for them."
    first = ranked[0]
    if facts.deals < ENOUGH_DEALS:
        return (
            f"{counted(facts.deals, 'deal')}: too few to compare {plain(facts.many)}. "
            f"{under_rule(facts.agreed, facts.rule)} {_bare(first.amount, facts)} of {whole} is credited to {_entry(first, facts)}."
        )
    if facts.parts and len(ranked) == 1:
        other = (
            f" By {named(facts.second)} it would be **{_amount(first.other, facts)}**."
            if facts.second and first.other is not None
            else ""
        )
        rule = under_rule(facts.agreed, facts.rule)
        return f"{rule} {_entry(first, facts)} is credited with **{_amount(first.amount, facts)}**: the filters leave nothing else to compare it with.{other}"
    shared = facts.of_touch or facts.parts
    lead = f"{under_rule(facts.agreed, facts.rule)} " if shared else ""
    text = f"{lead}**{_bare(first.amount, facts)} of {whole}** {'is credited to' if shared else 'comes from'} {_entry(first, facts)} ({_shares(first, facts)})"
    if len(ranked) > 1:
        second = ranked[1]
        text += f", {_bare(second.amount, facts)} {'to' if shared else 'from'} {_entry(second, facts)} ({_part(second.amount, facts.total)})"
    return f"{text}. {_by_the_other(ranked, facts)}".strip()


def _by_the_other(ranked: Sequence[Credited], facts: CreditFacts) -> str:
    """What the second rule says: who would lead, and where the two differ most."""
    compared = [entry for entry in facts.ranked if entry.other is not None]
    if not facts.second or not compared:
        return (
            f"{formats.capital(plain(facts.many))} belong to whole deals: no rule changes this."
            if not facts.of_touch and not facts.parts
            else ""
        )
    if same := same_by(facts.second, compared):
        return same
    leader = max(compared, key=lambda entry: entry.other or 0.0)
    furthest = max(compared, key=lambda entry: abs(entry.amount - (entry.other or 0.0)))
    rule = named(facts.second)
    if leader is ranked[0]:
        if furthest is leader or abs(furthest.amount - (furthest.other or 0.0)) < 0.01 * abs(facts.total):
            return f"By {rule} it leads too, with **{_amount(leader.other or 0.0, facts)}**."
        said = f"By {rule} it leads too"
    else:
        said = f"By {rule} {_entry(leader, facts)} would lead with **{_amount(leader.other or 0.0, facts)}**"
        if furthest is leader:
            return f"{said}, not {_amount(leader.amount, facts)}."
    return (
        f"{said}; the two differ most on {_entry(furthest, facts)}: {_amount(furthest.amount, facts)} here, "
        f"{_amount(furthest.other or 0.0, facts)} there."
    )


def credit_note(total: float, measure: str, currency: str | None, parts: bool) -> str:
    """What the last row of the table is."""
    if parts:
        return "the last row is what the filters select, credited in all"
    return {
        "revenue": "the last row is the CRM's won total in scope, to the cent",
        "deals": "the last row is the number of won deals in scope",
        "pipeline": "the last row is the amount of the open deals in scope, to the cent",
    }[measure]


def _amount(value: float, facts: CreditFacts) -> str:
    if facts.measure != "deals":
        return money(value, facts.currency)
    whole = abs(value - round(value)) < 0.05
    return counted(value, "deal") if whole else f"{value:.1f}{formats.SPACE}deals"


def _bare(value: float, facts: CreditFacts) -> str:
    """An amount before "of 109 deals": without the noun."""
    return money(value, facts.currency) if facts.measure != "deals" else _amount(value, facts).partition(formats.SPACE)[0]


def _entry(entry: Credited, facts: CreditFacts) -> str:
    return named(entry.label) if facts.codes else plain(formats.short(entry.label, 60))


def _part(amount: float, total: float) -> str:
    return share(amount / total) if total > 0 else formats.DASH


def _shares(entry: Credited, facts: CreditFacts) -> str:
    now = _part(entry.amount, facts.total)
    if entry.before is None or not facts.total_before or not facts.against:
        return now
    return f"{now}; {facts.against} {_part(entry.before, facts.total_before)}"


@dataclass(frozen=True)
class Moved:
    """One value and what another rule would change: amounts and places (1 = first)."""

    label: str
    amount: float
    then: float
    place: int
    place_then: int


def what_if(facts: CreditFacts, ranked: Sequence[Moved], moved: float, unattributed_then: float) -> str:
    """What would change under another rule, in one line. ``ranked``: by place now; ``moved``: what would be credited elsewhere."""
    if not facts.deals:
        return "There is nothing to share under these filters."
    if moved < 0.005:
        why = (
            f"{plain(facts.many)} belong to whole deals"
            if not facts.of_touch and not facts.parts
            else "every amount stays where it is"
        )
        return f"Nothing would change: {why}."
    if not ranked:
        return f"{_amount(moved, facts)} of {_amount(facts.total, facts)} would go elsewhere."
    first = ranked[0]
    leader = min(ranked, key=lambda entry: entry.place_then)
    name = formats.capital(_entry(Credited(leader.label, 0.0), facts))
    if facts.deals < ENOUGH_DEALS:
        sentences = [f"{counted(facts.deals, 'deal')}: too few to compare {plain(facts.many)}."]
    elif leader is first:
        sentences = [f"**{name} would still lead.**"]
    else:
        sentences = [f"**{name} would lead**; {_entry(Credited(first.label, 0.0), facts)} would be {ordinal(first.place_then)}."]
    sentences.append(
        f"{_amount(moved, facts)} of {_amount(facts.total, facts)} ({_part(moved, facts.total)}) would go elsewhere."
    )
    left = unattributed_then - facts.unattributed
    if abs(left) >= 0.005:
        sentences.append(f"{_amount(abs(left), facts)} {'more' if left > 0 else 'less'} would be unattributed.")
    return " ".join(sentences)


ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def ordinal(place: int) -> str:
    """A place in words: "third", "14th"."""
    return ORDINALS[place] if place < len(ORDINALS) else nth(place)


def nth(place: int) -> str:
    """A place in digits: "3rd"."""
    return f"{place}{'th' if 10 <= place % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(place % 10, 'th')}"


def credit_alt(many: str, rows: Sequence[tuple[str, float | None]]) -> str:
    """The bars in words: names and shares."""
    return f"Credit by {many}: " + ", ".join(f"{label} {share(part)}" for label, part in rows)


def compared_alt(many: str, words: tuple[str, str], rows: Sequence[tuple[str, float, float | None]]) -> str:
    """The dumbbell in words: where the two are furthest apart."""
    known = [(label, now, other) for label, now, other in rows if other is not None]
    if not known:
        return f"Nothing to compare among {many}"
    label, now, other = max(known, key=lambda row: abs(row[1] - row[2]))
    return f"{many} by {words[0]} and by {words[1]}: furthest apart is {label}, {now:,.0f} against {other:,.0f}"
