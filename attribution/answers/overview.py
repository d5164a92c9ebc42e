"""What the overview answers: what was won, what earned it, what has changed, and its charts in words.

Pure functions of plain facts; tests hold golden sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from attribution.answers.words import ENOUGH_DEALS, JOINER, Credited, named, signed_share, under_rule
from attribution.charts import formats
from attribution.charts.formats import counted, money, share
from attribution.charts.revenue import BridgeStep, Part


@dataclass(frozen=True)
class OverviewFacts:
    """What the overview's answer says. Amounts in the reporting currency.

    ``won_before`` None: nothing to compare with. ``against``: "the year before". ``basis``: closed, created or touch.
    ``agreed`` and ``rule``: as words.under_rule takes them. ``won_in_all``: where filters select parts of deals
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
    ratio = f" ({signed_share((now - before) / abs(before))})" if before else ""
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
