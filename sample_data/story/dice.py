"""Seeded chance that gives the same numbers on every machine: no libm, no float sums, one stream of numbers per topic."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from typing import TypeVar

SEED = 20261120

Thing = TypeVar("Thing")


class Dice:
    """One named stream of chance, so that a change in one topic does not reshuffle the others."""

    def __init__(self, topic: str) -> None:
        self._random = random.Random(SEED * 4294967296 + zlib.crc32(topic.encode("ascii")))

    def unit(self) -> float:
        """Return a number from 0 (inclusive) to 1 (exclusive)."""
        return self._random.random()

    def chance(self, probability: float) -> bool:
        """Return True with that probability."""
        return self.unit() < probability

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both inclusive."""
        return low + int(self.unit() * (high - low + 1))

    def pick(self, things: Sequence[Thing]) -> Thing:
        """Return one of the things, each as likely."""
        return things[int(self.unit() * len(things))]

    def weighted(self, choices: dict[Thing, float]) -> Thing:
        """Return one key, as likely as its weight."""
        total = 0.0
        for weight in choices.values():
            total += weight
        mark = self.unit() * total
        chosen = next(iter(choices))
        for thing, weight in choices.items():
            if weight <= 0:
                continue
            chosen = thing
            mark -= weight
            if mark < 0:
                break
        return chosen

    def bell(self) -> float:
        """Return a number that is roughly normal with mean 0 and deviation 1."""
        total = 0.0
        for _ in range(12):
            total += self.unit()
        return total - 6.0

    def skewed(self, median: float, spread: float, low: float, high: float) -> float:
        """Return a roughly log-normal number between low and high; spread is about the deviation of its logarithm."""
        factor = max(0.05, 1.0 + spread * self.bell() / 16.0)
        for _ in range(4):
            factor *= factor
        return min(high, max(low, median * factor))

    def shuffled(self, things: Sequence[Thing]) -> list[Thing]:
        """Return the things in another order."""
        result = list(things)
        for last in range(len(result) - 1, 0, -1):
            other = int(self.unit() * (last + 1))
            result[last], result[other] = result[other], result[last]
        return result

    def some(self, things: Sequence[Thing], count: int) -> list[Thing]:
        """Return that many different things."""
        return self.shuffled(things)[:count]

    def letters(self, count: int) -> str:
        """Return that many hexadecimal digits."""
        return "".join("0123456789abcdef"[self.whole(0, 15)] for _ in range(count))
