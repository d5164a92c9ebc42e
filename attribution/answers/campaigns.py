"""The answers of the campaigns page: what campaigns brought, what one of them brought, and where it is too early to judge.

Pure functions of plain facts, as everywhere in answers/; tests hold golden sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from attribution.answers.words import ENOUGH_DEALS, Credited, named, same_by, under_rule
from attribution.charts import formats
from attribution.charts.formats import SPACE, counted, money, plain, share

# From this part on what is still open could turn a campaign's result around: then it is no result yet.
MANY_OPEN = 1 / 3


@dataclass(frozen=True)
class CampaignsFacts:
    """What the answer about all campaigns says. ``ranked``: largest first; ``total``: all that was won in scope; ``credited``: to ``campaigns`` of them.

    ``before``: credited in the other period as a share, None where there is nothing to compare with. ``second``: the other rule in words,
    empty where it is the same. ``parts``: filters select parts of deals, so ``total`` is what these are credited with.
    """

    currency: str | None
    total: float
    credited: float
    deals: int
    campaigns: int
    ranked: Sequence[Credited] = field(default_factory=tuple)
    spend: float | None = None
    share_before: float | None = None
    against: str = ""
    agreed: str = "agreed"
    rule: str = ""
    second: str = ""
    parts: bool = False


def campaigns(facts: CampaignsFacts) -> str:
    """What did our campaigns bring?"""
    ranked = [entry for entry in facts.ranked if entry.amount > 0.005]
    spent = _spent(facts.spend, facts.credited, facts.currency)
    if not facts.deals:
        return f"No deal was won under these filters, so nothing is credited to campaigns.{_cost(facts.spend, facts.currency)}"
    whole = f"{money(facts.total, facts.currency)} {'credited' if facts.parts else 'won'}"
    if not ranked:
        return f"None of the {whole} is credited to a campaign.{_cost(facts.spend, facts.currency)}"
    first = ranked[0]
    if facts.deals < ENOUGH_DEALS:
        return (
            f"{counted(facts.deals, 'deal')}: too few to compare campaigns. {under_rule(facts.agreed, facts.rule)} "
            f"{money(facts.credited, facts.currency)} of {whole} is credited to campaigns, "
            f"{money(first.amount, facts.currency)} of it to {_name(first.label)}."
        )
    part = share(facts.credited / facts.total) if facts.total else formats.DASH
    then = f"; {facts.against} {share(facts.share_before)}" if facts.share_before is not None and facts.against else ""
    text = (
        f"{under_rule(facts.agreed, facts.rule)} **{money(facts.credited, facts.currency)} of {whole}** ({part}{then}) is credited to "
        f"{counted(facts.campaigns, 'campaign')}"
    )
    if len(ranked) > 1:
        text += f", most to {_name(first.label)}: **{money(first.amount, facts.currency)}**"
    else:
        text += f", {_name(first.label)}"
    return " ".join(part for part in (f"{text}.", spent, _by_the_other(ranked, facts)) if part)


def _by_the_other(ranked: Sequence[Credited], facts: CampaignsFacts) -> str:
    compared = [entry for entry in facts.ranked if entry.other is not None]
    if not facts.second or not compared:
        return ""
    if same := same_by(facts.second, compared):
        return same
    leader = max(compared, key=lambda entry: entry.other or 0.0)
    amount = f"**{money(leader.other or 0.0, facts.currency)}**"
    if leader.label == ranked[0].label:
        return f"By {named(facts.second)} it leads too, with {amount}."
    return f"By {named(facts.second)} {_name(leader.label)} would lead with {amount}."


@dataclass(frozen=True)
class OneFacts:
    """What the answer about one campaign says. Amounts ``in_all`` are since its start, the others under the filters.

    ``below``: how many campaigns below it are counted in. ``took_part``: won deals in scope with one of its touches. ``open_touched``: still open.
    """

    name: str
    currency: str | None
    total: float
    credited: float
    other: float = 0.0
    deals: float = 0.0
    took_part: int = 0
    below: int = 0
    touched: int = 0
    open_touched: int = 0
    started: date | None = None
    in_all: float = 0.0
    spend_in_all: float | None = None
    agreed: str = "agreed"
    rule: str = ""
    second: str = ""
    is_whole_life: bool = False


def one_campaign(facts: OneFacts) -> str:
    """What did this campaign bring?"""
    who = _name(facts.name) + (f" (with {counted(facts.below, 'campaign')} below it)" if facts.below else "")
    since = f"since it started on {formats.day(facts.started)}" if facts.started else "in all"
    if not facts.touched:
        return f"No deal has met {who} so far.{_cost(facts.spend_in_all, facts.currency, since)}"
    rule = under_rule(facts.agreed, facts.rule)
    if facts.credited < 0.005:
        lead = f"{rule} nothing won under these filters is credited to {who}"
        if facts.took_part:
            lead += f", though it took part in {counted(facts.took_part, 'won deal')}"
        sentences = [f"{lead}."]
    else:
        part = f" ({_small(facts.credited / facts.total)})" if facts.total else ""
        shared = _shared(facts.deals)
        sentences = [
            f"{rule} **{money(facts.credited, facts.currency)} of {money(facts.total, facts.currency)} won**{part} is credited to {who}: "
            f"its share of the {counted(facts.took_part, 'won deal')} it took part in comes to {shared}."
        ]
    if facts.second:
        other = f"**{money(facts.other, facts.currency)}**" if facts.other >= 0.005 else "nothing"
        sentences.append(f"By {named(facts.second)} it would be {other}.")
    if facts.spend_in_all:
        earned = "" if facts.is_whole_life else f" and is credited with {money(facts.in_all, facts.currency)}"
        ratio = money(facts.in_all / facts.spend_in_all, facts.currency)
        sentences.append(
            f"It cost {money(facts.spend_in_all, facts.currency)} {since}{earned}: {ratio} per{SPACE}{_unit(facts.currency)}{SPACE}spent."
        )
    return " ".join(sentences)


def too_early(
    name_it: str, started: date | None, today: date, cycle_days: float | None, touched: int, still_open: int
) -> tuple[str, ...]:
    """Why a campaign cannot be judged yet; nothing where it can. ``cycle_days``: median days from a won deal's opening to its close."""
    if started is not None and started > today:
        return (f"{name_it} starts on {formats.day(started)}.".strip(),)
    reasons = []
    age = (today - started).days if started else None
    if age is not None and cycle_days and age < cycle_days:
        reasons.append(
            f"{name_it} is {formats.days(age)} old, and half of the won deals took {formats.days(cycle_days)} or more from opening to close."
        )
    if touched and still_open / touched >= MANY_OPEN:
        them = "the only deal" if touched == 1 else f"the {formats.count(touched)} deals"
        head = (
            f"{them} it touched is still open"
            if touched == 1
            else f"{formats.count(still_open)} of {them} it touched {_is_are(still_open)} still open"
        )
        reasons.append(f"{formats.capital(head)}, so its credit can still grow.")
    return tuple(reason.strip() for reason in reasons)


def young_line(young: int, many_open: int, cycle_days: float | None) -> str:
    """One line above the pictures: how many campaigns are no failures yet, and why."""
    parts = []
    if young and cycle_days:
        parts.append(
            f"{counted(young, 'campaign')} {_is_are(young)} younger than {formats.days(cycle_days)}, and half of the won deals took that long or longer"
        )
    if many_open:
        have, their = ("has", "its") if many_open == 1 else ("have", "their")
        parts.append(f"{counted(many_open, 'campaign')} {have} a third or more of {their} touched deals still open")
    return f"Too early to judge: {'; '.join(parts)}." if parts else ""


def earlier_line(stopped: int, amount: float, currency: str | None) -> str:
    """Where most of the money was spent before the period: what was credited per unit spent then looks better than it was."""
    if not stopped:
        return ""
    has, their, they_bring = ("has", "its", "it brings") if stopped == 1 else ("have", "their", "they bring")
    return (
        f"{counted(stopped, 'campaign')} that {has} stopped spent most of {their} money ({money(amount, currency)}) before this period: "
        f"what {they_bring} per{SPACE}{_unit(currency)}{SPACE}spent can only be told since {their} start."
    )


def earlier_one(currency: str | None) -> str:
    """The same of one campaign by itself."""
    return (
        f"It spent most of its money before this period and has stopped: what it brings per{SPACE}{_unit(currency)}{SPACE}spent can only be told "
        "since its start."
    )


def bars_alt(rows: Sequence[tuple[str, float, float | None]], currency: str | None) -> str:
    """The main picture in words."""
    return "Credited revenue and spend: " + ", ".join(
        f"{label} {money(amount, currency)}{f' for {money(spend, currency)}' if spend else ''}" for label, amount, spend in rows
    )


def outcomes_alt(rows: Sequence[tuple[str, int, int, int]]) -> str:
    """What became of the touched deals, in words."""
    return "Deals touched: " + ", ".join(
        f"{label} {won} won, {still_open} open, {lost} lost" for label, won, still_open, lost in rows
    )


def months_alt(name: str, months: Sequence[tuple[str, float]], currency: str | None) -> str:
    """Credit by month in words: the best month."""
    earned = [entry for entry in months if entry[1] > 0.005]
    if not earned:
        return f"{name}: no credited revenue in any month"
    best = max(earned, key=lambda entry: entry[1])
    return f"{name}: credited revenue in {counted(len(earned), 'month')}, most in {formats.month(best[0])}: {money(best[1], currency)}"


def funnel_alt(steps: Sequence[tuple[str, float]]) -> str:
    """From touches to won deals in words."""
    return ", then ".join(f"{formats.count(value)} {label.lower()}" for label, value in steps)


def _spent(spend: float | None, credited: float, currency: str | None) -> str:
    if not spend:
        return ""
    return f"Campaigns cost {money(spend, currency)}: {money(credited / spend, currency)} is credited per{SPACE}{_unit(currency)}{SPACE}spent."


def _cost(spend: float | None, currency: str | None, when: str = "") -> str:
    return f" {'It' if when else 'They'} cost {money(spend, currency)}{f' {when}' if when else ''}." if spend else ""


def _small(part: float) -> str:
    """A share that is not nothing is not written as 0.0 %."""
    return share(part) if part >= 0.0005 else f"less than {share(0.001)}"


def _shared(deals: float) -> str:
    if deals < 0.05:
        return f"less than 0.1{SPACE}deals"
    return f"{deals:.1f}{SPACE}deals" if deals < ENOUGH_DEALS else counted(deals, "deal")


def _unit(currency: str | None) -> str:
    return formats.symbol(currency) or "unit"


def _name(label: str) -> str:
    return plain(formats.short(label, 60))


def _is_are(count: float) -> str:
    return "is" if count == 1 else "are"
