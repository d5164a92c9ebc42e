"""Shares, likely ranges and places of every value under every model. The range is where 90 % of the draws lie."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from attribution.answers.words import ENOUGH_DEALS
from attribution.compare import data_driven
from attribution.compare.credits import Credits
from attribution.compare.data_driven import Journeys
from attribution.compare.draws import DRAWS, INTERVAL, Draws
from attribution.paths.journeys import Floats, Indices
from attribution.paths.shares import DATA_DRIVEN

# Shares this close are equal: what differs less is the noise of sums.
EQUAL = 1e-9


@dataclass(frozen=True)
class Comparison:
    """Every column of ``credits`` under every model, (models, columns); the values of ``credits`` are its first columns.

    ``share``: of what the model credits to touches in all. ``low`` and ``high``: its likely range. ``drawn``: credit in money of each draw (draws,
    models, columns). ``first`` and ``last`` place: of each value among the values, (models, values); they differ where shares are equal.
    ``holds``: in which part of the draws a value has its place. ``held``: models whose effects are taken as given, for learning them anew would
    take too long. ``journeys``: how many won and other journeys the data-driven models learn from; None without such a model.
    """

    credits: Credits
    share: Floats
    low: Floats
    high: Floats
    drawn: Floats = field(repr=False)
    first_place: Indices = field(repr=False)
    last_place: Indices = field(repr=False)
    holds: Floats = field(repr=False)
    held: tuple[str, ...] = ()
    journeys: tuple[int, int] | None = None

    @property
    def models(self) -> tuple[str, ...]:
        """The models compared."""
        return self.credits.models

    @property
    def values(self) -> tuple[str, ...]:
        """The values ranked."""
        return self.credits.values

    @property
    def is_enough(self) -> bool:
        """Whether there are enough deals to rank anything, and they are worth something."""
        return self.credits.deals >= ENOUGH_DEALS and self.credits.worth > 0

    @property
    def is_ranked(self) -> Indices:
        """Which models credit the values in enough deals to rank them: a rule of one milestone may leave most deals unattributed, or those with refunds."""
        enough = (self.credits.given[..., : len(self.values)] != 0).any(-1).sum(0) >= ENOUGH_DEALS
        return np.flatnonzero(enough & (self.credits.totals.sum(-1) > 0))

    @property
    def drawn_share(self) -> Floats:
        """(draws, models, columns): shares in each draw."""
        return shares(self.drawn)


def compare(credits: Credits, journeys: Journeys | None = None, draws: int = DRAWS, seed: int = 0) -> Comparison:
    """Shares with their ranges from ``draws`` draws of whole deals. ``journeys``: what data-driven models learn from, where there are any."""
    drawn = Draws(credits.deals, draws, seed).sums(credits.given)
    learned = [model for model in credits.models if model in DATA_DRIVEN]
    held: tuple[str, ...] = tuple(learned)
    if journeys is not None and learned and credits.deals and data_driven.work(journeys, draws) <= data_driven.MOST_WORK:
        for model, money in data_driven.drawn(credits, journeys, learned, draws, seed).items():
            drawn[:, credits.models.index(model)] = money
        held = ()
    share, count = shares(credits.totals), len(credits.values)
    again = shares(drawn)
    low, high = np.quantile(again, INTERVAL, axis=0)
    first, last = places(share[:, :count])
    holds = (places(again[..., :count])[0] == first).mean(0)
    won = 0 if journeys is None else journeys.of.how_many("won")
    return Comparison(
        credits, share, low, high, drawn, first, last, holds, held, None if journeys is None else (won, len(journeys.of) - won)
    )


def shares(money: Floats) -> Floats:
    """Money as shares of what each model credits in all; zero where that is nothing."""
    whole = money.sum(-1, keepdims=True)
    return np.divide(money, whole, out=np.zeros_like(money, dtype=float), where=whole > 0)


def places(share: Floats) -> tuple[Indices, Indices]:
    """(first, last) place of each share along the last axis, 1 = largest; equal shares have the same places."""
    others = share[..., None, :]
    larger = (others > share[..., :, None] + EQUAL).sum(-1)
    as_large = (others >= share[..., :, None] - EQUAL).sum(-1)
    return larger + 1, as_large
