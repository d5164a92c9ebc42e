"""Each model's error against the truth, by how many journeys it has seen, over several worlds of each size.

The error is the **misplaced credit**: the part of all credit that is with another channel than the truth says (half the sum of the
absolute differences of the shares): 0 is the truth, 1 is nothing right. What a model leaves unattributed is misplaced too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from attribution.config import Settings
from attribution.honesty.models import HOLD_OUT, credited, held_out, model_names
from attribution.honesty.world import CHANNELS, truth, won_with, world
from attribution.paths.journeys import Floats

# (journeys, worlds of that size): many small worlds, for chance differs more among them.
SIZES: tuple[tuple[int, int], ...] = ((100, 24), (300, 16), (1_000, 8), (3_000, 5), (10_000, 4))


@dataclass(frozen=True)
class Size:
    """What was found in all worlds of a size. ``shares``: model → (worlds, channels); ``errors``: model → one per world."""

    journeys: int
    won: float
    shares: Mapping[str, Floats]
    errors: Mapping[str, Floats]

    def error(self, model: str) -> float:
        """The mean error of a model."""
        return float(self.errors[model].mean())

    def share(self, model: str) -> Floats:
        """What a model credits each channel with, on average."""
        return self.shares[model].mean(0)


@dataclass(frozen=True)
class Trial:
    """``sizes``: from few journeys to many; ``models``: in the order users see, the hold-out not among them."""

    tag_along: float
    seed: int
    models: tuple[str, ...]
    truth: Floats
    sizes: tuple[Size, ...]


def trial(settings: Settings, tag_along: float = 0.5, seed: int = 1, sizes: tuple[tuple[int, int], ...] = SIZES) -> Trial:
    """Make the worlds and ask every model. Rule models follow the settings (half-life, own rules, what becomes of a missing share)."""
    right = truth()
    names = model_names(settings)
    plan = [(journeys, number) for journeys, worlds in sizes for number in range(worlds)]
    worlds = [world(journeys, tag_along, seed * 1_000 + number) for journeys, number in plan]
    found = credited(worlds, settings)
    found[HOLD_OUT] = np.array([held_out(one, seed * 1_000 + number) for one, (_, number) in zip(worlds, plan, strict=True)])
    listed = []
    for journeys, _ in sizes:
        rows = [place for place, (size, _) in enumerate(plan) if size == journeys]
        shares = {name: found[name][rows] for name in (*names, HOLD_OUT)}
        errors = {name: misplaced(given, right) for name, given in shares.items()}
        listed.append(Size(journeys, journeys * won_with(CHANNELS), shares, errors))
    return Trial(tag_along, seed, names, right, tuple(listed))


def misplaced(shares: Floats, right: Floats) -> Floats:
    """The part of the credit that is in the wrong place, for each row of shares."""
    return (np.abs(shares - right).sum(-1) + 1 - shares.sum(-1)) / 2
