"""A world of buyers in which it is known what each channel causes.

Every journey is a buyer who may buy. Some would buy anyway. Each channel that has an effect reaches a buyer by chance,
whatever the buyer is like; whoever it reaches is convinced by it with the channel's ``effect``, once, however often it repeats.
A deal is won when the buyer would buy anyway or any channel has convinced them. Channels without an effect tag along: they come
after the decision (direct visits, searches for the name, retargeting), late in every deal (sales mails), or they pick the
buyers who would buy anyway (ads to target accounts). ``tag_along`` (0 to 1) says how much of that there is.

**The truth** of a channel is what would be lost without it: won deals of this world minus won deals of the same world in which
the channel's touches do not exist, as a share of these losses summed over all channels. That is what a hold-out measures and
what a budget decision asks ("what if we stopped it?"). With a = reach · effect, a buyer stays unconvinced by channels S with
chance Π(1 − a) over S, so v(S) = 1 − P(not anyway) · Π(1 − a) exactly, for buyers are reached by each channel independently.
``truth`` is of the world, not of a sample: it does not move with the seed, with the number of journeys, or with ``tag_along``.

Losses overlap (whom two channels convinced, neither loses alone), so another defensible truth is the Shapley value of the same
game, ``fair_truth``: it divides all that channels cause, each overlap in equal parts. Here the two differ by less than a
percentage point in any channel (tested), so no verdict over a model depends on which is taken. What both leave out is what no
channel caused: ``won_anyway``. Every model shares out all won deals, those too.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np

from attribution.errors import QueryError
from attribution.paths.journeys import Floats, Indices

MOST_JOURNEYS = 100_000


@dataclass(frozen=True)
class Channel:
    """One channel of the world.

    With an effect: ``reach`` is the part of buyers it reaches, ``effect`` the part of those that it convinces, ``repeats`` the mean number of
    further touches. Without: ``always`` touches in any journey, ``late`` more after a deal is opened, ``after`` more once the
    buyer is decided, ``picks`` the part of buyers who would buy anyway that it reaches (all four grow with ``tag_along``).
    ``early``: the part of the journey in which it usually first comes, as the mean of a beta distribution.
    """

    name: str
    label: str
    kind: str
    reach: float = 0.0
    effect: float = 0.0
    repeats: float = 0.0
    early: float = 0.3
    always: float = 0.0
    late: float = 0.0
    after: float = 0.0
    picks: float = 0.0

    @property
    def convinces(self) -> float:
        """The part of all buyers that it would convince."""
        return self.reach * self.effect


CHANNELS: tuple[Channel, ...] = (
    Channel("webinars", "Webinars", "strong effect", reach=0.30, effect=0.20, repeats=0.3, early=0.4),
    Channel("events", "Events", "strong effect, few people", reach=0.18, effect=0.28, repeats=0.1, early=0.45),
    Channel("partners", "Partners", "strong effect, few people", reach=0.12, effect=0.25, repeats=0.2, early=0.35),
    Channel("organic_search", "Organic search", "some effect", reach=0.45, effect=0.09, repeats=0.5, early=0.12),
    Channel("paid_search", "Paid search", "weak effect", reach=0.35, effect=0.07, repeats=0.3, early=0.15),
    Channel("email", "Newsletter", "weak effect, many people", reach=0.45, effect=0.05, repeats=0.7, early=0.35),
    Channel("direct", "Direct visits", "no effect: follow the decision", always=0.9, after=2.0),
    Channel("branded_search", "Search for the name", "no effect: follows the decision", always=0.3, after=1.5),
    Channel("retargeting", "Retargeting", "no effect: follows the decision", always=0.8, after=1.5),
    Channel("sales_email", "Sales mails", "no effect: late in every deal", always=0.1, late=2.0, after=1.0),
    Channel("account_ads", "Ads to target accounts", "no effect: pick who buys anyway", always=0.2, picks=0.9),
)
NAMES: tuple[str, ...] = tuple(channel.name for channel in CHANNELS)
EFFECTIVE: tuple[Channel, ...] = tuple(channel for channel in CHANNELS if channel.effect)

# How willing buyers are before anything reaches them: (part of buyers, chance to buy anyway).
WILLING: tuple[tuple[float, float], ...] = ((0.70, 0.01), (0.20, 0.06), (0.10, 0.45))
# What is left of the touches without effect where nothing tags along: they are rare, and tell nothing of the outcome.
_BACKGROUND = 0.06
_LONGEST, _SHORTEST = 240.0, 30.0  # days from first touch to close


@dataclass(frozen=True)
class World:
    """Journeys of a world. Touches of journey i: ``codes[starts[i]:starts[i + 1]]`` (into NAMES), in the order of their ``days``.

    Days count from the journey's beginning. ``anyway`` and ``convinced`` (journeys × CHANNELS) are what nobody sees in real data.
    """

    codes: Indices
    days: Floats
    starts: Indices
    won: Indices
    lead_day: Floats
    deal_day: Floats
    close_day: Floats
    anyway: Indices
    convinced: Indices

    def __len__(self) -> int:
        return len(self.won)

    def won_without(self, hidden: Indices) -> Indices:
        """Which of the same buyers would have bought had these channels (a row per journey, or one for all) not reached them."""
        return self.anyway | (self.convinced & ~hidden).any(axis=1)


def world(journeys: int, tag_along: float = 0.5, seed: int = 0) -> World:
    """Make a world. The same arguments give the same world. Raises QueryError for a number that cannot be."""
    if not 1 <= journeys <= MOST_JOURNEYS:
        raise QueryError(f"journeys: {journeys:,} cannot be made; give 1 to {MOST_JOURNEYS:,}.")
    if not 0 <= tag_along <= 1:
        raise QueryError(f"tag_along: {tag_along!r} is no part of 1; give 0 (nothing tags along) to 1.")
    generator = np.random.default_rng([seed, journeys])
    chances = np.array([chance for _, chance in WILLING])
    chance = chances[generator.choice(len(WILLING), journeys, p=[part for part, _ in WILLING])]
    anyway = generator.random(journeys) < chance
    length = generator.uniform(_SHORTEST, _LONGEST, journeys)
    touches = _Touches()
    convinced = np.zeros((journeys, len(CHANNELS)), bool)
    decided = np.where(anyway, 0.0, np.inf)
    for code, channel in enumerate(CHANNELS):
        if channel.effect:
            reached = generator.random(journeys) < channel.reach
            convinced[:, code] = reached & (generator.random(journeys) < channel.effect)
            who = np.flatnonzero(reached)
            first = generator.beta(4 * channel.early, 4 * (1 - channel.early), len(who))
            touches.add(who, code, first)
            more = generator.poisson(channel.repeats, len(who))
            again = np.repeat(first, more)
            touches.add(np.repeat(who, more), code, again + (1 - again) * generator.random(len(again)))
            decided[who] = np.where(convinced[who, code], np.minimum(decided[who], first), decided[who])
    won = anyway | convinced.any(axis=1)
    opened = generator.uniform(0.35, 0.7, journeys)
    scale = _BACKGROUND + (1 - _BACKGROUND) * tag_along
    for code, channel in enumerate(CHANNELS):
        if channel.effect:
            continue
        picked = generator.random(journeys) < tag_along * channel.picks * chance / chances.max()
        for counts, since in (
            (generator.poisson(scale * channel.always, journeys), np.zeros(journeys)),
            (generator.poisson(tag_along * channel.late, journeys), opened),
            (generator.poisson(tag_along * channel.after, journeys) * won, np.where(won, decided, 0.0)),
            (picked * (1 + generator.poisson(1.0, journeys)), np.zeros(journeys)),
        ):
            who = np.repeat(np.arange(journeys), counts)
            touches.add(who, code, since[who] + (1 - since[who]) * generator.random(len(who)))
    # Whom nothing touched visits directly once: a deal without any touch is of no use to a model.
    touches.add(untouched := touches.untouched(journeys), NAMES.index("direct"), generator.random(len(untouched)))
    codes, days, starts = touches.in_order(length)
    first = days[starts[:-1]]
    lead = first + (opened * length - first).clip(0) * generator.random(journeys)
    deal = np.maximum(opened * length, lead)
    return World(codes, days, starts, won, _seconds(lead), _seconds(deal), _seconds(length), anyway, convinced)


class _Touches:
    """Touches as they come: whose, of which channel, after which part of the journey."""

    def __init__(self) -> None:
        self._rows: list[Indices] = []
        self._codes: list[Indices] = []
        self._parts: list[Floats] = []

    def add(self, who: Indices, code: int, parts: Floats) -> None:
        self._rows.append(who)
        self._codes.append(np.full(len(who), code, np.uint8))
        self._parts.append(parts)

    def untouched(self, journeys: int) -> Indices:
        return np.flatnonzero(np.bincount(np.concatenate(self._rows), minlength=journeys) == 0)

    def in_order(self, length: Floats) -> tuple[Indices, Floats, Indices]:
        """(codes, days, where each journey begins)."""
        rows, codes = np.concatenate(self._rows), np.concatenate(self._codes)
        days = _seconds(np.concatenate(self._parts) * length[rows])
        order = np.lexsort((codes, days, rows))
        return codes[order], days[order], np.searchsorted(rows[order], np.arange(len(length) + 1))


def _seconds(days: Floats) -> Floats:
    """Days to the whole second, as exports have them."""
    return np.floor(days * 86_400) / 86_400


def won_with(channels: tuple[Channel, ...]) -> float:
    """v: the part of all buyers who buy where only these channels exist, exactly."""
    unwilling = sum(part * (1 - chance) for part, chance in WILLING)
    for channel in channels:
        unwilling *= 1 - channel.convinces
    return 1 - unwilling


def won_anyway() -> float:
    """The part of the won deals that no channel caused."""
    return won_with(()) / won_with(CHANNELS)


def truth() -> Floats:
    """Per channel, what is lost without it, as a share of these losses: adds up to 1; exactly 0 without an effect."""
    whole = won_with(CHANNELS)
    lost = np.array(
        [whole - won_with(tuple(other for other in CHANNELS if other is not one)) if one.effect else 0.0 for one in CHANNELS]
    )
    return lost / lost.sum()


def fair_truth() -> Floats:
    """Per channel, its Shapley value in the causal game, as a share of all that channels cause."""
    count = len(EFFECTIVE)
    parts = {channel.name: 0.0 for channel in CHANNELS}
    for one in EFFECTIVE:
        others = [channel for channel in EFFECTIVE if channel is not one]
        for size in range(count):
            weight = factorial(size) * factorial(count - 1 - size) / factorial(count)
            for joined in combinations(others, size):
                parts[one.name] += weight * (won_with((*joined, one)) - won_with(joined))
    found = np.array([parts[name] for name in NAMES])
    return found / found.sum()
