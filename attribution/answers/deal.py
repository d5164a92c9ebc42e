"""What the page of one deal answers: what was done before it closed, and what gets the credit.

Pure functions of plain facts; tests hold golden sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from attribution.answers.words import under_rule
from attribution.charts import formats
from attribution.charts.formats import counted, plain, share


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
    names = formats.listed([f"**{plain(formats.short(what, 60))}**" for what, _ in heavy])
    return f"{rule} {names} {verb} {share(total)} of it."
