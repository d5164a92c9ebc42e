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
    ``agreed``: "agreed" or "house" where the rule that is set is the pages' own; empty: ``rule`` names it. ``won_in_all``: where filters select parts of deals
    (channels, campaigns, touch dates), ``won`` is what these parts are credited with, and this the whole amount of their deals.
    """

    currency: str | None
    won: float
    deals: int
    won_before: float | None = None
    deals_before: int | None = None
    against: str = ""
    basis: str = "closed"
    agreed: str = "agreed"
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
            sentences.append(
                f"{under_rule(facts.agreed, facts.rule)} {named(best.label)} is credited with {money(best.amount, facts.currency)} of it."
            )
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
        f"{under_rule(facts.agreed, facts.rule)} {named(first.label)} is credited with most, **{money(first.amount, facts.currency)} "
        f"({share(first.amount / facts.won) if facts.won else formats.DASH})**"
    )
    if len(ranked) > 1:
        second = ranked[1]
        part = share(second.amount / facts.won) if facts.won else formats.DASH
        text += f", then {named(second.label)} with {money(second.amount, facts.currency)} ({part})"
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


def under_rule(agreed: str, rule: str) -> str:
    """How a sentence names the rule it holds under. ``agreed``: "agreed", "house" (nobody agreed on it), or empty for another rule."""
    return f"Under the {agreed} rule" if agreed else f"Under {plain(rule)}, which is not the agreed rule,"


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
    agreed: str = "agreed"
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
    seen = counted(facts.touches, "touch", "touches")
    if 0 < facts.counted < facts.touches:
        seen += f" ({facts.counted} count)"
    if facts.status == "open":
        ago = f", the first {formats.days(facts.days_since_first)} ago{first}" if facts.days_since_first is not None else ""
        lead += f": {seen} so far{ago}."
    else:
        days = formats.days(facts.days_since_first) if facts.days_since_first is not None else ""
        if facts.touches == 1:
            lead += f", {days} after its only touch{first}." if days else f", after its only touch{first}."
        else:
            lead += f", {days + ' and ' if days else ''}{seen} after the first{first}."
    return f"{lead} {_deal_credit(facts)}".strip()


def _deal_credit(facts: DealFacts) -> str:
    rule = under_rule(facts.agreed, facts.rule)
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


def named(label: str) -> str:
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
    by = f" by {plain(agreed_by)}" if agreed_by else ""
    on = f" {formats.day(agreed_on)}" if agreed_on else ""
    if agreed:
        status = f" — agreed{on}{by}" if by or on else " — the house rule: nobody is named who agreed on it"
    else:
        status = f" :orange-badge[not the {'agreed' if by or on else 'house'} rule]"
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
