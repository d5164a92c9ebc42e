"""Whole deals drawn anew: how often each deal is in each draw. Groups (won, lost) are drawn apart, as many as there are.

A draw depends on the seed, its number, its group and the group's size alone: not on the others, nor on how many are made at once.
So draws need not be kept, and a model that reads only won deals sees the same ones as a model that reads all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from attribution.paths.journeys import Floats, Indices

DRAWS = 1_000
INTERVAL = (0.05, 0.95)
# Counts held at once, a byte each, and cells of the block of numbers that they are multiplied with.
_COUNTS_AT_ONCE = 1 << 27
_CELLS_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Draws:
    """``count`` draws of a group of ``size`` deals with replacement. ``group`` tells groups of one data set apart (0 won, 1 lost, …)."""

    size: int
    count: int = DRAWS
    seed: int = 0
    group: int = 0

    def drawn(self, number: int) -> Indices:
        """The deals of one draw, by their rows."""
        if not self.size:
            return np.zeros(0, np.int64)
        return np.random.default_rng([self.seed, self.group, number]).integers(0, self.size, self.size)

    def counts(self) -> Iterator[tuple[slice, np.ndarray]]:
        """(which draws, how often each deal is in them): (draws, deals) small whole numbers, as many draws at once as fit."""
        at_once = max(1, min(self.count, _COUNTS_AT_ONCE // max(self.size, 1)))
        for first in range(0, self.count, at_once):
            numbers = range(first, min(first + at_once, self.count))
            counted = np.empty((len(numbers), self.size), np.uint8)
            for row, number in enumerate(numbers):
                counted[row] = np.minimum(np.bincount(self.drawn(number), minlength=self.size), 255)
            yield slice(first, numbers.stop), counted

    def sums(self, rows: Floats) -> Floats:
        """(draws, …): the sum over the deals of each draw of ``rows`` (deals, …)."""
        width = int(np.prod(rows.shape[1:]))
        flat = rows.reshape(self.size, width)
        return self.sums_of(lambda start, stop: flat[start:stop], width).reshape(self.count, *rows.shape[1:])

    def sums_of(self, block: Callable[[int, int], Floats], width: int) -> Floats:
        """(draws, width): the same for rows that are made a block at a time, ``block(start, stop)``: (deals, width)."""
        result = np.zeros((self.count, width))
        for where, counted in self.counts():
            for start, stop in self.blocks(width):
                result[where] += counted[:, start:stop].astype(float) @ block(start, stop)
        return result

    def blocks(self, width: int) -> Iterator[tuple[int, int]]:
        """(start, stop) of blocks of deals, so short that a block times the draws, or times ``width``, stays small."""
        step = max(1, _CELLS_AT_ONCE // max(width, self.count, 1))
        for start in range(0, self.size, step):
            yield start, min(start + step, self.size)
