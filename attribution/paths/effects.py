"""Removal effects with their likely ranges: what the paths say is lost without a value, and how far that can be trusted.

The range is a bootstrap of whole journeys, as many won and as many lost as there are. What a draw counts is the sum of what
its journeys count, so all draws are one product of two tables, and their chains are solved together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attribution.paths.journeys import Floats, Paths
from attribution.paths.markov import Chain, Counts
from attribution.paths.shares import INTERVAL, refuse_nothing_won

DRAWS = 1_000
_FEWEST_DRAWS = 200
# Numbers of one table of draws or of counts held at once (64 MB).
_NUMBERS_AT_ONCE = 1 << 23


@dataclass(frozen=True)
class Effects:
    """Per name, the part of the won journeys that is lost without it, and the 90 % interval of that part."""

    names: tuple[str, ...]
    effects: Floats
    low: Floats
    high: Floats
    draws: int


def effects(paths: Paths, draws: int | None = None, seed: int = 0) -> Effects:
    """Removal effects of order 1. The same journeys in any order give the same answer.

    ``draws``: 1,000 unless said otherwise; fewer above 20,000 different paths, where ranges are narrow. Raises QueryError where nothing
    was won.
    """
    refuse_nothing_won(paths)
    paths = paths.merged()
    draws = draws or int(min(DRAWS, max(_FEWEST_DRAWS, DRAWS * 20_000 // len(paths))))
    generator = np.random.default_rng(seed)
    size = len(paths.names)
    moves = np.zeros((draws, size * size + size))  # between names, then the starts
    won_ends, lost_ends = np.zeros((draws, size)), np.zeros((draws, size))
    # Drawn path by path: how many of the journeys go to each block of paths, then how they fall among its paths.
    left = [np.full(draws, max(round(of.sum()), 0)) for of in (paths.conversions, paths.lost)]
    rest = [float(of.sum()) for of in (paths.conversions, paths.lost)]
    step = max(1, _NUMBERS_AT_ONCE // max(draws, size * size + 2 * size))
    for first in range(0, len(paths), step):
        rows = np.arange(first, min(first + step, len(paths)))
        block = paths.take(rows)
        moved, began, ended = _counted(block)
        drawn = []
        for kind, of in enumerate((block.conversions, block.lost)):
            here = float(of.sum())
            if rest[kind] <= 0 or here <= 0:
                drawn.append(np.zeros((draws, len(rows))))
                continue
            taken = generator.binomial(left[kind], min(here / rest[kind], 1.0))
            left[kind], rest[kind] = left[kind] - taken, rest[kind] - here
            drawn.append(generator.multinomial(taken, of / here).astype(float))
        won, lost = drawn
        moves += (won + lost) @ np.concatenate([moved, began], axis=1)
        won_ends += won @ ended
        lost_ends += lost @ ended
    began, moved = moves[:, size * size :], moves[:, : size * size].reshape(draws, size, size)
    chains = Chain.of(paths.names, (1,) * size, Counts(began, moved, won_ends, lost_ends))
    low, high = np.quantile(chains.effects, INTERVAL, axis=0)
    return Effects(paths.names, Chain.fit(paths).effects, low, high, draws)


def _counted(paths: Paths) -> tuple[Floats, Floats, Floats]:
    """(moves, starts, ends) of each path: (paths, names²), (paths, names), (paths, names)."""
    size, count = len(paths.names), len(paths)
    codes = paths.codes.astype(np.int64)
    rows = np.repeat(np.arange(count), np.diff(paths.starts))
    inner = np.ones(len(codes), bool)
    inner[paths.starts[1:] - 1] = False
    where = np.flatnonzero(inner)
    cells = rows[where] * size * size + codes[where] * size + codes[where + 1]
    moved = np.bincount(cells, minlength=count * size * size).reshape(count, size * size).astype(float)
    began, ended = np.zeros((count, size)), np.zeros((count, size))
    began[np.arange(count), codes[paths.starts[:-1]]] = 1
    ended[np.arange(count), codes[paths.starts[1:] - 1]] = 1
    return moved, began, ended
