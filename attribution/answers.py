"""The first line of every page: the answer to its question, computed, in one or two sentences of Markdown.

Pure functions of plain facts; tests hold golden sentences. An answer names the rule and claims no cause, and where there
is too little to compare it says so instead of ranking. Names come from users and are escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from attribution.charts import formats
from attribution.charts.formats import counted, money, plain, share
from attribution.charts.revenue import BridgeStep, Part

JOINER = "\u2060"  # keeps a sign on the line of its number
ENOUGH_DEALS = 10  # below this nothing is ranked or called a rise


@dataclass(frozen=True)
class Credited:
    """One channel and what it is credited with; ``other``: under the second rule; ``before``: in the other period."""

    label: str
    amount: float
    other: float | None = None
    before: float | None = None


@dataclass(frozen=True)
class OverviewFacts:
    """What the overview's answer says. Amounts in the reporting currency.

    ``won_before`` None: nothing to compare with. ``against``: "the year before". ``basis``: closed, created or touch.
    ``agreed``: the rule that is set is the agreed one; else ``rule`` names it. ``won_in_all``: where filters select parts of deals
    (channels, campaigns, touch dates), ``won`` is what these parts are credited with, and this the whole amount of their deals.
    """

    currency: str | None
    won: float
    deals: int
    won_before: float | None = None
    deals_before: int | None = None
    against: str = ""
    basis: str = "closed"
    agreed: bool = True
    rule: str = ""
    channels: Sequence[Credited] = field(default_factory=tuple)
    unattributed: float = 0.0
    won_in_all: float | None = None
    lost: int = 0
    opened: int = 0


def overview(facts: OverviewFacts) -> str:
    """How is revenue doing, and what earned it?"""
    if facts.deals == 0:
        return _nothing_won(facts)
    sentences = [_won(facts)]
    if facts.deals < ENOUGH_DEALS:
        sentences.append(f"{counted(facts.deals, 'deal')}: too few to rank channels.")
        best = next((channel for channel in facts.channels if channel.amount > 0), None)
        if best:
            sentences.append(f"{_rule(facts)} {_named(best.label)} is credited with {money(best.amount, facts.currency)} of it.")
    else:
        sentences += _earned(facts)
    if facts.unattributed > 0.005 and facts.won_in_all is None:
        part = share(facts.unattributed / facts.won) if facts.won else formats.DASH
        sentences.append(f"**{money(facts.unattributed, facts.currency)} ({part})** could not be credited to any touch.")
    return " ".join(sentences)


def change(now: float, before: float | None, currency: str | None, against: str) -> str:
    """A change with its base: "+€0.31 M (+34 %) against Q1"; empty where there is nothing to compare with."""
    if before is None:
        return ""
    if round(now - before, 2) == 0:
        return f"as much as {against}"
    gain = money(now - before, currency, sign=True).replace("+", f"+{JOINER}")
    ratio = f" ({_signed_share((now - before) / abs(before))})" if before else ""
    return f"**{gain}{ratio}** against {against}"


def _won(facts: OverviewFacts) -> str:
    amount = f"**{money(facts.won, facts.currency)}**"
    deals = counted(facts.deals, "deal")
    if facts.won_in_all is not None:
        what = "Touches in this period are" if facts.basis == "touch" else "What is selected above is"
        lead = f"{what} credited with {amount} of {money(facts.won_in_all, facts.currency)} won in {deals}"
    elif facts.basis == "created":
        lead = f"Of the deals opened in this period, {deals} {'is' if facts.deals == 1 else 'are'} won so far, worth {amount}"
    else:
        lead = f"Won revenue is {amount} in {deals}"
    few = facts.deals < ENOUGH_DEALS or (facts.deals_before is not None and facts.deals_before < ENOUGH_DEALS)
    if facts.won_before is None:
        return lead + "."
    if facts.deals_before == 0:
        return f"{lead}; {facts.against} had none."
    if few:
        return f"{lead}; {facts.against} had {money(facts.won_before, facts.currency)} in {counted(facts.deals_before or 0, 'deal')}."
    return f"{lead}, {change(facts.won, facts.won_before, facts.currency, facts.against)}."


def _earned(facts: OverviewFacts) -> list[str]:
    ranked = [channel for channel in facts.channels if channel.amount > 0]
    if not ranked:
        return []
    first = ranked[0]
    text = (
        f"{_rule(facts)} {_named(first.label)} is credited with most, **{money(first.amount, facts.currency)} "
        f"({share(first.amount / facts.won) if facts.won else formats.DASH})**"
    )
    if len(ranked) > 1:
        second = ranked[1]
        part = share(second.amount / facts.won) if facts.won else formats.DASH
        text += f", then {_named(second.label)} with {money(second.amount, facts.currency)} ({part})"
    return [text + "."]


def _nothing_won(facts: OverviewFacts) -> str:
    if facts.basis == "created":
        text = "None of the deals opened in this period is won so far"
    elif facts.won_in_all is not None:
        text = "Nothing selected above is credited with won revenue"
    else:
        text = "No deal was won in this period"
    others = [
        counted(facts.lost, "deal") + " lost" if facts.lost else "",
        counted(facts.opened, "deal") + " open" if facts.opened else "",
    ]
    others = [other for other in others if other]
    return f"{text}{': ' + ', '.join(others) if others else ''}. Choose a longer period or clear a filter to see more."


def _rule(facts: OverviewFacts | CreditFacts) -> str:
    return "Under the agreed rule" if facts.agreed else f"Under {plain(facts.rule)}, which is not the agreed rule,"


@dataclass(frozen=True)
class DealFacts:
    """What the answer about one deal says. ``first``: its first touch in words (already escaped); ``earners``: (what, weight) of
    the touches with most credit, heaviest first; ``reason``: why nothing counts, where that is so."""

    name: str
    status: str
    amount: float
    currency: str | None
    on: object = None
    opened_on: object = None
    days_since_first: int | None = None
    touches: int = 0
    counted: int = 0
    first: str = ""
    agreed: bool = True
    rule: str = ""
    earners: Sequence[tuple[str, float]] = field(default_factory=tuple)
    unattributed: float = 0.0
    reason: str = ""


def deal(facts: DealFacts) -> str:
    """How was this deal won (or lost, or: how does it stand)?"""
    name = f"**{plain(facts.name)}**"
    amount = f"**{formats.exact(facts.amount, facts.currency)}**"
    if facts.status == "won":
        lead = f"{name} was won for {amount} on {formats.day(facts.on)}"
    elif facts.status == "lost":
        lead = f"{name}, worth {amount}, was lost on {formats.day(facts.on)}"
    else:
        lead = f"{name} is open, worth {amount}, since {formats.day(facts.opened_on)}"
    if not facts.touches:
        return f"{lead}. No touch is recorded for it, so nothing can be credited."
    first = f": {facts.first}" if facts.first else ""
    if facts.status == "open":
        ago = f", the first {formats.days(facts.days_since_first)} ago{first}" if facts.days_since_first is not None else ""
        lead += f": {counted(facts.touches, 'touch', 'touches')} so far{ago}."
    else:
        days = formats.days(facts.days_since_first) if facts.days_since_first is not None else ""
        if facts.touches == 1:
            lead += f", {days} after its only touch{first}." if days else f", after its only touch{first}."
        else:
            lead += f", {days + ' and ' if days else ''}{counted(facts.touches, 'touch', 'touches')} after the first{first}."
    return f"{lead} {_deal_credit(facts)}".strip()


def _deal_credit(facts: DealFacts) -> str:
    rule = "Under the agreed rule" if facts.agreed else f"Under {plain(facts.rule)}, which is not the agreed rule,"
    verb = {"won": "earned", "lost": "would have earned", "open": "would earn"}[facts.status]
    if not facts.counted:
        return (
            f"None of them counts ({facts.reason}), so the whole amount is unattributed."
            if facts.reason
            else "None of them counts."
        )
    heavy = [(what, weight) for what, weight in facts.earners if weight >= 0.0995][:3]
    if not heavy:
        return f"{rule} no single touch {verb} a tenth of it."
    total = sum(weight for _, weight in heavy)
    names = _listed([f"**{plain(formats.short(what, 60))}**" for what, _ in heavy])
    return f"{rule} {names} {verb} {share(total)} of it."


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


def _signed_share(ratio: float) -> str:
    text = share(ratio)
    return text if text.startswith(formats.MINUS) or ratio <= 0 else f"+{text}"


def _named(label: str) -> str:
    """A channel inside a sentence: "organic search", but "LinkedIn ads" as written."""
    text = label
    if len(text) > 1 and text[0].isupper() and text[1:] == text[1:].lower():
        text = text[0].lower() + text[1:]
    return plain(formats.short(text, 60))


def rule_line(
    shares: Sequence[tuple[str, float]], label: str, agreed: bool, agreed_by: str | None, agreed_on: object, whose: str
) -> str:
    """The line under the answer: which rule holds, who agreed on it, and what it counts.

    ``shares``: (position, share 0–1) of position models, else empty and the ``label`` stands alone.
    """
    words = rule_words(shares, label)
    if agreed:
        by = f" by {plain(agreed_by)}" if agreed_by else ""
        on = f" {formats.day(agreed_on)}" if agreed_on else ""
        status = f" — agreed{on}{by}" if by or on else " — the house rule"
    else:
        status = " :orange-badge[not the agreed rule]"
    return f"Credit rule: **{plain(words)}**{status} · {whose}"


POSITION_WORDS = {
    "first": "first contact", "lead_creation": "lead", "deal_creation": "deal opened", "last": "last contact", "middle": "the rest",
}  # fmt: skip


def rule_words(shares: Sequence[tuple[str, float]], label: str) -> str:
    """A rule by its shares: "30 first contact · 30 lead · 30 deal opened · 10 the rest"."""
    if not shares:
        return label
    if len(shares) == 1:
        return f"all to the {POSITION_WORDS[shares[0][0]]}" if shares[0][0] != "middle" else "all the same"
    return " · ".join(f"{part * 100:g} {POSITION_WORDS[position]}" for position, part in shares)


def rule_short(shares: Sequence[tuple[str, float]], name: str, label: str) -> str:
    """A rule for a narrow box: "30·30·30·10 W shaped" (without a ``name`` the shares alone); a rule without several shares by its label."""
    return f"{'·'.join(f'{part * 100:g}' for _, part in shares)} {formats.words(name, '')}".strip() if len(shares) > 1 else label


def what_counts(lookback_days: float, actors: Sequence[str]) -> str:
    """Whose actions count and how far back, in words."""
    everyone = ("buyer", "marketing", "sales", "partner", "service")
    names = {"buyer": "buyers'", "marketing": "marketing's", "sales": "sales'", "partner": "partners'", "service": "service's"}
    whose = "everyone's" if set(actors) >= set(everyone) else _listed([names.get(actor, actor) for actor in actors])
    back = f"{formats.days(lookback_days)} back" if lookback_days else "however long ago"
    return f"{whose} actions count, {back}"


def months_alt(periods: Sequence[str], totals: Sequence[float], currency: str | None) -> str:
    """The months' message for people who cannot see the chart."""
    if not totals:
        return "No won revenue"
    best = max(range(len(totals)), key=lambda index: totals[index])
    return (
        f"Won revenue from {formats.month(periods[0])} to {formats.month(periods[-1])}, {money(sum(totals), currency)} in all, "
        f"highest in {formats.month(periods[best])} with {money(totals[best], currency)}"
    )


def bridge_note(steps: Sequence[BridgeStep], currency: str | None) -> str:
    """What is unattributed, for the head of the bridge: "€2.09 M (11 %) unattributed"; empty where all is credited."""
    scope = next((step.amount for step in steps if step.step == "in_scope"), 0.0)
    left = sum(step.amount for step in steps if step.kind == "unattributed")
    return f"{money(left, currency)} ({share(left / scope)}) unattributed" if scope and abs(left) >= 0.005 else ""


def bridge_alt(steps: Sequence[BridgeStep], currency: str | None) -> str:
    """The bridge's message: what was won, what is credited, what is not."""
    amounts = {step.step: step.amount for step in steps}
    left = sum(step.amount for step in steps if step.kind == "unattributed")
    return (
        f"Of {money(amounts.get('crm_won'), currency)} won in the CRM, {money(amounts.get('in_scope'), currency)} are in scope, "
        f"{money(amounts.get('attributed'), currency)} credited and {money(left, currency)} unattributed"
    )


def shares_alt(what: str, parts: Sequence[Part]) -> str:
    """The parts of a total in words."""
    total = sum(part.amount for part in parts)
    return f"{what}: " + ", ".join(f"{part.label} {share(part.amount / total) if total else formats.DASH}" for part in parts)


def moved_alt(changes: Sequence[tuple[Part, float]], currency: str | None, against: str) -> str:
    """What moved most in words."""
    part, before = max(changes, key=lambda pair: abs(pair[0].amount - pair[1]))
    return f"Most moved {part.label}: {money(part.amount - before, currency, sign=True)} against {against}"


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
    agreed: bool = True
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
            f"{counted(facts.deals, 'deal')}: too few to compare {plain(facts.many)}. {_rule(facts)} {_bare(first.amount, facts)} of {whole} "
            f"is credited to {_entry(first, facts)}."
        )
    shared = facts.of_touch or facts.parts
    lead = f"{_rule(facts)} " if shared else ""
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
            f"{_capital(plain(facts.many))} belong to whole deals: no rule changes this."
            if not facts.of_touch and not facts.parts
            else ""
        )
    leader = max(compared, key=lambda entry: entry.other or 0.0)
    furthest = max(compared, key=lambda entry: abs(entry.amount - (entry.other or 0.0)))
    rule = _named(facts.second)
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
    return _named(entry.label) if facts.codes else plain(formats.short(entry.label, 60))


def _part(amount: float, total: float) -> str:
    return share(amount / total) if total else formats.DASH


def _shares(entry: Credited, facts: CreditFacts) -> str:
    now = _part(entry.amount, facts.total)
    if entry.before is None or not facts.total_before or not facts.against:
        return now
    return f"{now}; {facts.against} {_part(entry.before, facts.total_before)}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


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
    name = _capital(_entry(Credited(leader.label, 0.0), facts))
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
