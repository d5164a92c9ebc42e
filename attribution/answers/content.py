"""The answers of the content page: which content earns its cost, what one piece has earned, and who used it among won and lost deals.

Pure functions of plain facts, as everywhere in answers/; tests hold golden sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from attribution.answers.words import ENOUGH_DEALS, Credited, named, same_by, under_rule
from attribution.charts import formats
from attribution.charts.formats import counted, money, plain, share

NO_PROOF = "No proof of a cause: those who buy may simply read more."


@dataclass(frozen=True)
class ContentFacts:
    """What the answer about all content says. ``ranked``: largest first; ``total``: all that was won in scope; ``credited``: to content.

    ``costed``: pieces whose cost is known, credited or old enough to judge; ``earned``: those whose credit since they were there reaches it;
    ``half_paid``: months within which half of these did, each touch counting the same; ``costs``: of all pieces.
    """

    currency: str | None
    total: float
    credited: float
    deals: int
    ranked: Sequence[Credited] = field(default_factory=tuple)
    costed: int = 0
    earned: int = 0
    half_paid: int | None = None
    costs: float | None = None
    share_before: float | None = None
    against: str = ""
    agreed: str = "agreed"
    rule: str = ""
    second: str = ""
    parts: bool = False


def content(facts: ContentFacts) -> str:
    """Which content earns its cost?"""
    earns = _earns(facts)
    if facts.total < 0.005:
        return " ".join(
            part for part in ("Nothing was won under these filters, so no content is credited with anything.", earns) if part
        )
    ranked = [entry for entry in facts.ranked if entry.amount > 0.005]
    whole = f"{money(facts.total, facts.currency)} {'credited' if facts.parts else 'won'}"
    if not ranked:
        return " ".join(part for part in (f"None of the {whole} is credited to content.", earns) if part)
    first = ranked[0]
    if facts.deals < ENOUGH_DEALS:
        return (
            f"{counted(facts.deals, 'deal')}: too few to compare content. {under_rule(facts.agreed, facts.rule)} "
            f"{money(facts.credited, facts.currency)} of {whole} is credited to content, {money(first.amount, facts.currency)} of it to {name(first.label)}."
        )
    then = f"; {facts.against} {share(facts.share_before)}" if facts.share_before is not None and facts.against else ""
    text = (
        f"{under_rule(facts.agreed, facts.rule)} **{money(facts.credited, facts.currency)} of {whole}** ({share(facts.credited / facts.total)}{then}) is "
        f"credited to content, most to {name(first.label)}: **{money(first.amount, facts.currency)}**."
    )
    return " ".join(part for part in (text, earns, _by_the_other(ranked[0], facts)) if part)


def _earns(facts: ContentFacts) -> str:
    if not facts.costed:
        return ""
    if facts.earned == facts.costed:
        have = f"All {counted(facts.costed, 'piece')}" if facts.costed > 1 else "The one piece"
        text = f"{have} with a known cost {'have' if facts.costed > 1 else 'has'} earned it since publication"
    else:
        text = f"**{formats.count(facts.earned)} of {counted(facts.costed, 'piece')}** with a known cost have earned it since publication"
    if facts.half_paid is not None and facts.earned > 1:
        text += f", half of them within {counted(facts.half_paid, 'month')}"
    return f"{text}."


def _by_the_other(first: Credited, facts: ContentFacts) -> str:
    compared = [entry for entry in facts.ranked if entry.other is not None]
    if not facts.second or not compared:
        return ""
    if same := same_by(facts.second, compared):
        return same
    leader = max(compared, key=lambda entry: entry.other or 0.0)
    amount = f"**{money(leader.other or 0.0, facts.currency)}**"
    if leader.label == first.label:
        return f"By {named(facts.second)} it leads too, with {amount}."
    return f"By {named(facts.second)} {name(leader.label)} would lead with {amount}."


@dataclass(frozen=True)
class PieceFacts:
    """What the answer about one piece says. ``credited`` to ``took_amount`` follow the filters; ``in_all`` and ``cost`` are since publication.

    ``won_in_all``, ``amount_in_all``: won deals with one of its touches, all time. ``age_months``: whole months since publication;
    ``payback``: those until its linear credit reached its cost.
    """

    label: str
    currency: str | None
    total: float
    credited: float
    other: float
    took_part: int
    took_amount: float
    touched: int
    published_on: date | None = None
    age_months: int = 0
    in_all: float = 0.0
    won_in_all: int = 0
    amount_in_all: float = 0.0
    cost: float | None = None
    payback: int | None = None
    readers: int = 0
    is_whole_life: bool = False
    agreed: str = "agreed"
    rule: str = ""
    second: str = ""
    status: str = ""


def piece(facts: PieceFacts) -> str:
    """What has this piece earned?"""
    if facts.status in ("requested", "in_production") and not facts.touched and not facts.readers:
        cost = f" It has cost {money(facts.cost, facts.currency)} so far." if facts.cost else ""
        return f"{name(facts.label)} is {'asked for' if facts.status == 'requested' else 'in production'}: nobody can have read it yet.{cost}"
    sentences = [_since(facts)] if not facts.is_whole_life or facts.credited < 0.005 else []
    rule = under_rule(facts.agreed, facts.rule)
    if facts.credited >= 0.005:
        part = f" ({_small(facts.credited / facts.total)})" if facts.total else ""
        since = (_age(facts) and f" {_age(facts)}") if facts.is_whole_life else " under these filters"
        sentences.insert(
            0,
            f"{rule} it has earned **{money(facts.credited, facts.currency)} of {money(facts.total, facts.currency)} won**{part}{since}: "
            f"its share of {counted(facts.took_part, 'won deal')} worth **{money(facts.took_amount, facts.currency)}**.",
        )
        if facts.second:
            other = f"**{money(facts.other, facts.currency)}**" if facts.other >= 0.005 else "nothing"
            sentences.append(f"By {named(facts.second)} it would be {other}.")
    sentences.append(_cost(facts))
    return " ".join(sentence for sentence in sentences if sentence)


def _age(facts: PieceFacts) -> str:
    return f"in {counted(facts.age_months, 'month')}" if facts.published_on and facts.age_months > 0 else ""


def _since(facts: PieceFacts) -> str:
    since = f"Since it was published on {formats.day(facts.published_on)}" if facts.published_on else "In all"
    if not facts.touched:
        return f"{since} no deal has met it." if facts.readers else f"{since} nobody is known to have read it."
    if not facts.won_in_all:
        return f"{since} it took part in {counted(facts.touched, 'deal')}, none of them won."
    months = (
        f"In the {counted(facts.age_months, 'month')} since it was published"
        if facts.published_on and facts.age_months > 0
        else since
    )
    credit = (
        f"is credited with **{money(facts.in_all, facts.currency)}** of it"
        if facts.in_all >= 0.005
        else "is credited with none of it"
    )
    return f"{months} it took part in {counted(facts.won_in_all, 'won deal')} worth **{money(facts.amount_in_all, facts.currency)}** and {credit}."


def _cost(facts: PieceFacts) -> str:
    if not facts.cost:
        return "What it cost is not known." if facts.cost is None else ""
    cost = f"It cost {money(facts.cost, facts.currency)}"
    if facts.payback is not None:
        when = f"within {counted(facts.payback, 'month')}" if facts.payback else "at once"
        return f"{cost} and had paid for itself {when}, each touch of a deal counting the same."
    return f"{cost} and has not paid for itself yet, each touch of a deal counting the same."


def exposed(
    won_with: int, won_all: int, lost_with: int, lost_all: int, lift: float | None, low: float | None, high: float | None, enough: bool, point: str
) -> str:  # fmt: skip
    """One piece among won and lost deals at one point, in a sentence. ``point``: "30 days after it was opened"."""
    deals = (
        f"Of the deals that got to that point ({plain(point)}), {formats.count(won_with)} of {formats.count(won_all)} won ones"
    )
    text = f"{deals} and {formats.count(lost_with)} of {formats.count(lost_all)} lost ones had used it"
    if not enough:
        return f"{text}: too few to compare."
    if low is None or high is None:
        return f"{text}."
    ratio = f"{formats.ratio(lift)} times as often" if lift is not None else "only those that were won"
    between = f"likely {formats.ratio(low)} to {formats.ratio(high)} times"
    if low <= 1 <= high:
        return f"{text}: {ratio}, {between}, so there may be no difference."
    return f"{text}: {ratio}, {between}. {NO_PROOF}"


def chance_line(compared: int, differing: int) -> str:
    """How many of many comparisons stand out by chance alone, at 90 %."""
    if compared < 2:
        return ""
    by_chance = round(compared * 0.1)
    stand = f"{counted(differing, 'piece')} {'stands' if differing == 1 else 'stand'} out"
    return f"{stand} of {formats.count(compared)} compared; about {formats.count(by_chance)} would by chance alone."


def scatter_alt(dots: Sequence[tuple[str, float, float]], currency: str | None) -> str:
    """Cost against credit in words."""
    earned = len([dot for dot in dots if dot[2] >= dot[1]])
    best = max(dots, key=lambda dot: dot[2], default=None)
    most = (
        f"; most credit: {best[0]}, {money(best[2], currency)} for {money(best[1], currency)}" if best and best[2] > 0.005 else ""
    )
    return f"Cost and credit of {counted(len(dots), 'piece')} of content: {earned} earned their cost{most}"


def dumbbell_alt(rows: Sequence[tuple[str, float, float | None]], currency: str | None) -> str:
    """Content under two rules in words."""
    return "Credited under two rules: " + ", ".join(
        f"{label} {money(amount, currency)}{f' and {money(other, currency)}' if other is not None else ''}"
        for label, amount, other in rows
    )


def lifts_alt(rows: Sequence[tuple[str, float | None, bool]]) -> str:
    """How many times as often won deals used each, in words."""
    return "Used by won deals against lost ones: " + ", ".join(
        f"{label} {f'{formats.ratio(lift)} times' if lift is not None else 'only by won deals'}{'' if differs else ' (may be no difference)'}"
        for label, lift, differs in rows
    )


def earned_alt(label: str, names: Sequence[tuple[str, float]], currency: str | None) -> str:
    """Credit added up since publication, in words."""
    return f"{label}: earned so far " + ", ".join(f"{money(amount, currency)} ({rule})" for rule, amount in names)


def rules_alt(label: str, rows: Sequence[tuple[str, float]], currency: str | None) -> str:
    """Credit under every rule in words: the least and the most."""
    least, most = min(rows, key=lambda row: row[1]), max(rows, key=lambda row: row[1])
    return f"{label}: from {money(least[1], currency)} ({least[0]}) to {money(most[1], currency)} ({most[0]})"


def _small(part: float) -> str:
    return share(part) if part >= 0.0005 else f"less than {share(0.001)}"


def name(label: str) -> str:
    """A title inside a sentence."""
    return f"“{plain(formats.short(label, 60))}”"
