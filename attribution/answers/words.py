"""The words that the answers of several pages share: how a rule is named, what counts, channels and lists inside a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attribution.charts import formats
from attribution.charts.formats import plain, share

JOINER = "\u2060"  # keeps a sign on the line of its number
ENOUGH_DEALS = 10  # below this nothing is ranked or called a rise


@dataclass(frozen=True)
class Credited:
    """One channel and what it is credited with; ``other``: under the second rule; ``before``: in the other period."""

    label: str
    amount: float
    other: float | None = None
    before: float | None = None


def under_rule(agreed: str, rule: str) -> str:
    """How a sentence names the rule it holds under. ``agreed``: "agreed", or "house" where nobody agreed on one; "not agreed" and "not house" for
    another ``rule``."""
    own = agreed.removeprefix("not ")
    return f"Under the {own} rule" if own == agreed else f"Under {plain(rule)}, which is not the {own} rule,"


def same_by(rule: str, compared: Sequence[Credited]) -> str:
    """A sentence where another rule changes no amount; empty where it does. ``compared``: what has an amount under it, at least one."""
    is_same = all(abs(entry.amount - (entry.other or 0.0)) < 0.005 for entry in compared)
    return f"By {named(rule)} every amount is the same." if is_same else ""


def signed_share(ratio: float) -> str:
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
    whose = "everyone's" if set(actors) >= set(everyone) else formats.listed([names.get(actor, actor) for actor in actors])
    back = f"{formats.days(lookback_days)} back" if lookback_days else "however long ago"
    return f"{whose} actions count, {back}"
