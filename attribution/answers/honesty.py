"""The sentences of the page on how far models can be trusted. Pure functions of plain facts; tests hold golden sentences."""

from __future__ import annotations

from dataclasses import dataclass

from attribution.charts import formats
from attribution.charts.formats import count, counted, plain, points, share
from attribution.charts.honesty import Pair

FEW = 0.02  # errors that are nearer than this to each other are the same, in words


@dataclass(frozen=True)
class Facts:
    """``judged``: the model under the glass in words (``agreed``: "agreed" or "house" where it is that of the settings, else empty); ``error``: the
    part of its credit in the wrong place at ``journeys``; ``ranked``: (model, error), the least wrong first; ``hold_out``: its error with the fewest
    and with the most journeys; ``won``: the company's won deals; ``by_chance``: how far a channel's share moves between worlds of the size."""

    judged: str
    agreed: str
    journeys: int
    fewest_journeys: int
    most_journeys: int
    error: float
    error_with_fewest: float
    error_with_most: float
    ranked: tuple[tuple[str, float], ...]
    hold_out: tuple[float, float]
    won_anyway: float
    without_effect: tuple[str, ...]
    to_without_effect: float
    channels: int
    flattered: Pair
    short_changed: Pair
    won: int
    world_won: float
    by_chance: float
    nothing_tags_along: bool = False


def answer(facts: Facts) -> str:
    """How far can a model be trusted?"""
    best, worst = facts.ranked[0], facts.ranked[-1]
    first, last = (share(error) for error in facts.hold_out)
    most = f"with {count(facts.most_journeys)} journeys"
    if facts.journeys == facts.most_journeys:
        so = f", {most}."
    elif abs(facts.error - facts.error_with_most) < FEW:
        so = f"; {most} instead of {count(facts.journeys)} it is still {share(facts.error_with_most)}: this is bias, not chance."
    else:
        so = f"; {most} instead of {count(facts.journeys)} it is {share(facts.error_with_most)}."
    if facts.judged == best[0]:
        ranks = f"it is the least wrong of all here, {_named(worst[0])} the most ({share(worst[1])})"
    elif facts.judged == worst[0]:
        ranks = f"it is the most wrong of all here, {_named(best[0])} the least ({share(best[1])})"
    else:
        ranks = (
            f"the least wrong here is {_named(best[0])} ({share(best[1])}), the most wrong {_named(worst[0])} ({share(worst[1])})"
        )
    return (
        f"In a made-up world whose truth is known, {_rule(facts)} puts **{share(facts.error)}** of the credit on the wrong channels{so} "
        f"No model finds what causes a deal: {ranks}. **A hold-out test does**: {first} off with {count(facts.fewest_journeys)} journeys, {last} {most}."
    )


def figures(facts: Facts) -> tuple[tuple[str, str, str, str], ...]:
    """(label, value, note, meaning) of the row of figures."""
    best, worst = facts.ranked[0], facts.ranked[-1]
    return (
        (
            "In the wrong place",
            share(facts.error),
            _short(facts, facts.judged),
            "The part of all credit that is with another channel than the truth says: half the sum of the differences. 0 % is the truth.",
        ),
        ("Least wrong model", share(best[1]), _short(facts, best[0]), f"{plain(best[0])}: least credit in the wrong place in this world."),
        ("Most wrong model", share(worst[1]), _short(facts, worst[0]), f"{plain(worst[0])}: most credit in the wrong place in this world."),
        (
            "Credit without cause",
            share(facts.to_without_effect),
            f"{len(facts.without_effect)} of {facts.channels} channels",
            "What the chosen model credits to the channels that cause nothing in this world. The truth is 0 %.",
        ),
        (
            "Won anyway",
            share(facts.won_anyway),
            "shared out all the same",
            "Won deals of this world that would have been won without any touch at all. Every model shares them out too.",
        ),
    )  # fmt: skip


def budget(facts: Facts) -> tuple[str, ...]:
    """What this means for the next talk about the budget."""
    flattered, short = facts.flattered, facts.short_changed
    without_effect = formats.capital(formats.listed([plain(name[:1].lower() + name[1:]) for name in facts.without_effect]))
    points_of = [
        f"**Credit says who was there, not what would be lost.** {formats.capital(_rule(facts))} flatters {_named(flattered.label)} most "
        f"({share(flattered.credited)} instead of {_truly(flattered.truth)}) and short-changes {_named(short.label)} most ({share(short.credited)} "
        f"instead of {_truly(short.truth)}).",
        f"**Be careful with what comes after the decision.** {without_effect} cause nothing here and get "
        f"{share(facts.to_without_effect)} of the credit. "
        "Where your data have channels like these, their credit is the least trustworthy."
        + (" Even where nothing tags along they get some, for they stand on the way." if facts.nothing_tags_along else ""),
        "**More data does not mend a model.** "
        f"From {count(facts.fewest_journeys)} to {count(facts.most_journeys)} journeys {_rule(facts)} goes from {share(facts.error_with_fewest)} to "
        f"{share(facts.error_with_most)} in the wrong place, "
        f"a hold-out test from {share(facts.hold_out[0])} to {share(facts.hold_out[1])}. "
        "Which model is least wrong is an accident of this world: in another one it is another.",
        "**Let models ask and experiments answer.** Before money is moved: keep one channel from half of a region, a segment or a list, drawn by lot, "
        "for one sales cycle, "
        "and compare how many buy. That is the only figure that says what would be lost.",
    ]  # fmt: skip
    if facts.won:
        points_of.append(
            f"**Where your data stand.** They have {counted(facts.won, 'won deal')}; this world has {count(facts.world_won)} with "
            f"{count(facts.journeys)} journeys. At this size chance alone moves a "
            f"channel's share under {_rule(facts)} by up to ±{points(facts.by_chance)}: smaller differences mean nothing, with whatever model."
        )  # fmt: skip
    else:
        points_of.append("**Where your data stand.** They have no won deal yet, so nothing can be credited.")
    return tuple(points_of)


def own_words(won: int) -> str:
    """What stands at the upright line."""
    return f"your data: {count(won)} won"


def lines_alt(facts: Facts) -> str:
    """What the picture of errors says."""
    return (
        f"Credit in the wrong place by number of journeys: {facts.judged} {share(facts.error_with_fewest)} with {count(facts.fewest_journeys)}, "
        f"{share(facts.error_with_most)} with "
        f"{count(facts.most_journeys)}; a hold-out test {share(facts.hold_out[0])} and {share(facts.hold_out[1])}"
    )  # fmt: skip


def pairs_alt(facts: Facts) -> str:
    """What the picture of channels says."""
    return (
        f"Truth and credit of each channel under {facts.judged}: {facts.flattered.label} gets {share(facts.flattered.credited)} instead of "
        f"{share(facts.flattered.truth)}, "
        f"{facts.short_changed.label} {share(facts.short_changed.credited)} instead of {share(facts.short_changed.truth)}"
    )  # fmt: skip


def _truly(value: float) -> str:
    return share(value) if value else "nothing"


def _rule(facts: Facts) -> str:
    return f"the {facts.agreed} rule" if facts.agreed else f"“{plain(facts.judged)}”"


def _short(facts: Facts, model: str) -> str:
    """A model in the line under a figure, which is narrow."""
    return f"{facts.agreed} rule" if facts.agreed and model == facts.judged else formats.short(model, 28)


def _named(label: str) -> str:
    return f"“{plain(label)}”" if any(sign in label for sign in "·(,:") else plain(label[:1].lower() + label[1:])
