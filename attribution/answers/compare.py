"""The answers of the page that compares models: what holds under every rule, what depends on it, which decisions would change.

Pure functions of plain facts, as everywhere in answers/; tests hold golden sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from attribution.answers.credit import nth, ordinal
from attribution.answers.words import ENOUGH_DEALS, named
from attribution.charts import formats
from attribution.charts.formats import counted, money, plain, share
from attribution.content.words import Word

SAME, DEPENDS, CLOSE = "same", "depends", "close"
WORDS: tuple[Word, ...] = (
    Word(
        "robust", "same under every rule",
        "the same place under all rules that are compared, and under the other lookbacks and join rules once they are computed",
    ),
    Word("contested", "depends on the rule", "the place changes, and two rules differ by more than the likely ranges of both"),
    Word("close", "too close to tell", "the place changes, but no two rules differ by more than the likely ranges of both"),
    Word(
        "interval", "likely range",
        "where 90 % of 1,000 draws of whole deals lie, as many won and as many lost as there are drawn anew each time, every rule computed again; "
        "under 10 deals nothing is ranked",
    ),
    Word("place_holds", "place holds", "in how many of the draws a value has the place that it has in the data"),
)  # fmt: skip
# What a badge says, and the sign before it: never colour alone.
BADGES = dict(zip((SAME, DEPENDS, CLOSE), (entry.label for entry in WORDS), strict=False))
# A place that holds in fewer draws is said to be unsure.
SURE = 0.95
SIGNS = {SAME: "=", DEPENDS: "≠", CLOSE: "≈"}


@dataclass(frozen=True)
class Standing:
    """One value under all rules: its best and worst place, its smallest and largest share and the rules that give them, and whether these differ by
    more than both likely ranges. ``kind``: SAME, DEPENDS or CLOSE; ``holds``: in which part of the draws it has its place by the rule under which
    that is least sure, ``holds_rule``."""

    label: str
    kind: str
    best: int
    worst: int
    low: float
    low_rule: str
    high: float
    high_rule: str
    amount_depends: bool = True
    holds: float = 1.0
    holds_rule: str = "the agreed rule"


@dataclass(frozen=True)
class Swap:
    """Two values that change places: shares of both under the rule ``here``, where the first leads, and ``there``."""

    first: str
    second: str
    here: str
    there: str
    shares_here: tuple[float, float]
    shares_there: tuple[float, float]


@dataclass(frozen=True)
class CompareFacts:
    """What the page's answer says. ``won``: won deals under the filters, ``deals``: those with a touch that counts; ``others``: values that are
    not shown; ``codes``: labels are words of ours; ``settings``: other lookbacks and join rules looked at; ``rules``: how many are compared;
    ``values``: how many are shown, ranked or not; ``amount``: what the deals are worth together."""

    many: str
    won: int
    deals: int
    rules: int
    standings: Sequence[Standing] = field(default_factory=tuple)
    swaps: Sequence[Swap] = field(default_factory=tuple)
    others: int = 0
    settings: int = 0
    codes: bool = True
    values: int = 0
    amount: float = 1.0


def title(many: str) -> str:
    """The question of the page."""
    return f"Which {plain(many)} hold up under every rule?"


def answer(facts: CompareFacts) -> str:
    """Which values keep their place, how many depend on the rule, and which two change places."""
    if not facts.won:
        return "No deal was won under these filters, so there is nothing to compare. Choose a longer period or clear a filter."
    if not facts.deals:
        return f"None of the {counted(facts.won, 'won deal')} has a touch that counts, so every rule says the same: nothing is credited."
    if facts.amount <= 0:
        worth = f"{'is' if facts.deals == 1 else 'are together'} worth {'less than ' if facts.amount else ''}nothing"
        return f"{counted(facts.deals, 'won deal')} with touches {worth}, so there are no shares to compare."
    if facts.deals < ENOUGH_DEALS:
        return f"{counted(facts.deals, 'won deal')} with touches: too few to rank {plain(facts.many)}, or to say what depends on the rule."
    if not facts.standings and facts.values:
        return f"No rule credits these {plain(facts.many)} in {ENOUGH_DEALS} deals or more: too few to rank them."
    if not facts.standings:
        return f"Nothing is recorded for {plain(facts.many)}, so there is nothing to compare."
    if len(facts.standings) == 1 and not facts.others:
        return f"All that can be credited goes to {_label(facts.standings[0].label, facts)}, whatever the rule."
    sentences = [_holding(facts), _depending(facts)]
    if facts.swaps:
        sentences.append(swap(facts.swaps[0], facts.codes))
    return " ".join(sentence for sentence in sentences if sentence)


def _holding(facts: CompareFacts) -> str:
    under = f"under all {facts.rules} rules" + (f" and {counted(facts.settings, 'other setting')}" if facts.settings else "")
    same = sorted((entry for entry in facts.standings if entry.kind == SAME), key=lambda entry: entry.best)
    if not same:
        which = f"of the {len(facts.standings)} largest {plain(facts.many)}" if facts.others else plain(_one_of(facts.many))
        return f"**{'None' if facts.others else 'No'} {which} keeps its place {under}.**"
    first = same[0]
    text = f"**{formats.capital(_label(first.label, facts))} is {ordinal(first.best)} {under}**, with {span(first.low, first.high)} of the credit"
    if first.holds < SURE:
        text += f" (but {_unsure(first)})"
    if len(same) == 1:
        return f"{text}."
    rest = ", ".join(f"{_label(entry.label, facts)} {ordinal(entry.best)}" for entry in same[1:3])
    more = f" and {len(same) - 3} more" if len(same) > 3 else ""
    return f"{text}; {rest}{more} as well."


def _depending(facts: CompareFacts) -> str:
    depends = sum(entry.kind == DEPENDS for entry in facts.standings)
    close = sum(entry.kind == CLOSE for entry in facts.standings)
    whole = f"{len(facts.standings)}{' largest' if facts.others else ''} {plain(facts.many)}"
    said = [
        f"All {whole} depend on the rule"
        if depends == len(facts.standings) > 1
        else f"{depends} of the {whole} {'depends' if depends == 1 else 'depend'} on the rule"
        if depends
        else "",
        f"{close} {'moves' if close == 1 else 'move'} by less than these deals can tell" if close else "",
    ]
    text = "; ".join(part for part in said if part)
    return f"{text}." if text else ""


def swap(entry: Swap, codes: bool = True) -> str:
    """Two values that change places, in a sentence."""
    facts = CompareFacts("", 0, 0, 0, codes=codes)
    first, second = _label(entry.first, facts), _label(entry.second, facts)
    return (
        f"By {entry.here} **{first} leads {second}** ({share(entry.shares_here[0])} against {share(entry.shares_here[1])}); "
        f"by {entry.there} it is the other way round ({share(entry.shares_there[0])} against {share(entry.shares_there[1])})."
    )


def reason(entry: Standing, rules: int, settings: int = 0) -> str:
    """Why a value has its badge, in words."""
    amounts = f"{share(entry.low)} by {entry.low_rule}, {share(entry.high)} by {entry.high_rule}"
    if entry.kind == SAME:
        under = f"under all {rules} rules" + (f" and {counted(settings, 'other setting')}" if settings else "")
        how_much = (
            "How much depends on the rule" if entry.amount_depends else "How much differs by less than these deals can tell"
        )
        sure = "" if entry.holds >= SURE else f" {formats.capital(_unsure(entry))}."
        return f"{nth(entry.best)} {under}. {how_much}: {amounts}.{sure}"
    if entry.kind == DEPENDS:
        return f"{places(entry)}. {amounts}: further apart than both likely ranges."
    return f"{places(entry)}, but {amounts} differ by less than their likely ranges."


def _unsure(entry: Standing) -> str:
    """How little is known of a place: the same under every rule, but by one of them only just."""
    return f"by {entry.holds_rule} its place holds in {share(entry.holds)} of the draws only"


def line(entry: Standing, rules: int, settings: int = 0, codes: bool = True) -> str:
    """A value with its badge and the reason, in a line."""
    facts = CompareFacts("", 0, 0, 0, codes=codes)
    return f"**{formats.capital(_label(entry.label, facts))}** {SIGNS[entry.kind]} {BADGES[entry.kind]}: {reason(entry, rules, settings)}"


def places(entry: Standing) -> str:
    """ "1st", or "2nd to 7th"."""
    return nth(entry.best) if entry.best == entry.worst else f"{nth(entry.best)} to {nth(entry.worst)}"


def span(low: float, high: float) -> str:
    """Two shares as a range: "2.3 % to 21 %"."""
    return share(low) if share(low) == share(high) else f"{share(low)} to {share(high)}"


def alt(many: str, standings: Sequence[Standing], rules: int) -> str:
    """The picture in words: the smallest and the largest share of each value."""
    listed = "; ".join(
        f"{formats.short(entry.label, 40)} {span(entry.low, entry.high)}, {BADGES.get(entry.kind, 'not ranked')}"
        for entry in standings
    )
    return f"Shares of credit of {many} under {rules} rules: {listed or 'nothing to show'}"


REFUSALS = {
    "few": "there are too few deals to say what holds under every rule",
    DEPENDS: "what it is credited with depends on the rule",
    CLOSE: "its place changes with the rule, and these deals cannot tell by how much",
    "no_spend": "no spend is recorded for it under these filters",
}
REFUSALS_OF_MANY = {
    "few": REFUSALS["few"],
    DEPENDS: "what they are credited with depends on the rule",
    CLOSE: "their places change with the rule, and these deals cannot tell by how much",
    "no_spend": "no spend is recorded for them under these filters",
}


MOST_REFUSED = 5  # names of one reason


def refused(labels: Sequence[str], why: str, codes: bool = True) -> str:
    """Why values cannot take part in a shift of spend, in one line for all of one reason."""
    names = [_label(label, CompareFacts("", 0, 0, 0, codes=codes)) for label in labels[:MOST_REFUSED]]
    more = [formats.counted(len(labels) - len(names), "more", "more")] if len(labels) > len(names) else []
    said = formats.capital(formats.listed([*names, *more]))
    return f"**{said}** cannot take part: {REFUSALS[why] if len(labels) == 1 else REFUSALS_OF_MANY[why]}."


@dataclass(frozen=True)
class ShiftFacts:
    """A shift of spend: from, to, how much, each one's credit per unit spent, the difference with its likely range, and whether rules agree on the sign."""

    source: str
    target: str
    amount: float
    per_from: float
    per_to: float
    change: float
    low: float
    high: float
    same_sign: int
    rules: int
    currency: str | None
    rule: str = "the agreed rule"
    codes: bool = True


def shift(facts: ShiftFacts) -> str:
    """What a shift of spend goes along with. Said as what it is: a comparison of what was credited, no forecast."""
    words = CompareFacts("", 0, 0, 0, codes=facts.codes)
    source, target = _label(facts.source, words), _label(facts.target, words)
    unit = formats.symbol(facts.currency) or "unit"
    sign = money(facts.change, facts.currency, sign=True)
    likely = f"likely range {money(facts.low, facts.currency, sign=True)} to {money(facts.high, facts.currency, sign=True)}"
    text = (
        f"{money(facts.amount, facts.currency)} spent on {target} instead of {source} goes along with **{sign}** of credited revenue "
        f"({likely}): by {facts.rule} {target} is credited with {formats.ratio(facts.per_to)} per {unit} spent, {source} with {formats.ratio(facts.per_from)}."
    )
    if facts.low <= 0 <= facts.high:
        text += " The range holds zero: these deals do not tell the two apart."
    elif facts.same_sign < facts.rules:
        text += f" {facts.rules - facts.same_sign} of {facts.rules} rules say the opposite."
    return text


def deal_spread(
    name: str, touches: int, rules: int, amount: float, widest: tuple[str, float, float] | None, currency: str | None
) -> str:
    """How much one deal's touches depend on the rule. ``widest``: (what, lowest credit, highest credit)."""
    lead = f"**{plain(formats.short(name, 60))}**, {money(amount, currency)}"
    if not touches or widest is None:
        return f"{lead}: no touch counts, so there is nothing that a rule could move."
    what, low, high = widest
    if touches == 1:
        return f"{lead}: one touch counts, so every rule gives it all that it gives."
    return (
        f"{lead}: {counted(touches, 'touch', 'touches')} under {rules} rules. Furthest apart: {plain(formats.short(what, 60))}, "
        f"{money(low, currency)} to {money(high, currency)}."
    )


def _one_of(many: str) -> str:
    """ "channels" → "channel"; "pieces of content" → "piece of content"."""
    first, _, rest = many.partition(" of ")
    one = f"{first[:-3]}y" if first.endswith("ies") else first.removesuffix("s")
    return f"{one} of {rest.removesuffix('s') if first == 'kinds' else rest}" if rest else one


def _label(label: str, facts: CompareFacts) -> str:
    return named(label) if facts.codes else plain(formats.short(label, 60))
