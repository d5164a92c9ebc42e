"""Removal effects with their likely ranges: what the paths say is lost without a value, and how far that can be trusted.

The range is a bootstrap of whole journeys, as many won and as many lost as there are. What a draw counts is the sum of what
its journeys count, so all draws are one product of two tables, and their chains are solved together. With many different
paths, where such sums are normal to the eye, the range comes from the slopes of the effects instead (the infinitesimal
jackknife): how much each journey moves them, squared and added up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attribution.paths.journeys import Floats, Paths
from attribution.paths.markov import Chain, Counts, count, states
from attribution.paths.shares import INTERVAL, refuse_nothing_won

DRAWS = 1_000
# More different paths than these are not drawn.
MOST_DRAWN = 5_000
_LIKELY = 1.6448536269514722  # standard errors that hold 90 %
# Numbers of one table of draws or of counts held at once (64 MB).
_NUMBERS_AT_ONCE = 1 << 23


@dataclass(frozen=True)
class Effects:
    """Per name, the part of the won journeys that is lost without it, and the 90 % interval of that part. ``draws``: 0 where none were made."""

    names: tuple[str, ...]
    effects: Floats
    low: Floats
    high: Floats
    draws: int


def effects(paths: Paths, draws: int = DRAWS, seed: int = 0, most_drawn: int = MOST_DRAWN) -> Effects:
    """Removal effects of order 1. The same journeys in any order give the same answer. Raises QueryError where nothing was won."""
    refuse_nothing_won(paths)
    paths = paths.merged()
    found = Chain.fit(paths).effects
    if len(paths) > most_drawn:
        error = _LIKELY * _standard_errors(paths)
        return Effects(paths.names, found, np.maximum(found - error, 0), np.minimum(found + error, 1), 0)
    low, high = np.quantile(_drawn(paths, draws, seed), INTERVAL, axis=0)
    return Effects(paths.names, found, low, high, draws)


def _drawn(paths: Paths, draws: int, seed: int) -> Floats:
    """(draws, names): the effects in each draw."""
    generator = np.random.default_rng(seed)
    size, conversions, lost = len(paths.names), paths.conversions, paths.lost
    moves = np.zeros((draws, size * size + size))  # between names, then the starts
    won_ends, lost_ends = np.zeros((draws, size)), np.zeros((draws, size))
    taken = [
        generator.multinomial(round(of.sum()), of / of.sum(), size=draws).astype(float)
        if of.sum()
        else np.zeros((draws, len(paths)))
        for of in (conversions, lost)
    ]
    step = max(1, _NUMBERS_AT_ONCE // (size * size + 2 * size))
    for first in range(0, len(paths), step):
        rows = np.arange(first, min(first + step, len(paths)))
        moved, began, ended = _counted(paths.take(rows))
        won, gone = (of[:, rows] for of in taken)
        moves += (won + gone) @ np.concatenate([moved, began], axis=1)
        won_ends += won @ ended
        lost_ends += gone @ ended
    began, moved = moves[:, size * size :], moves[:, : size * size].reshape(draws, size, size)
    return Chain.of(paths.names, (1,) * size, Counts(began, moved, won_ends, lost_ends)).effects


def _standard_errors(paths: Paths) -> Floats:
    """Per name, the standard error of its effect, won and lost journeys apart: what each journey's counts add along the slopes."""
    size = len(paths.names)
    counts = count(paths, states(paths))
    cells = np.concatenate([counts.moved.ravel(), counts.started, counts.converted, counts.lost])
    slopes = np.zeros((len(cells), size))
    some = np.flatnonzero(cells)
    # A nudge is small beside what it is divided by: the visits of its state, or all journeys.
    visits = counts.moved.sum(1) + counts.converted + counts.lost
    nudge = 1e-4 * np.concatenate([np.repeat(visits, size), np.full(size, paths.journeys.sum()), visits, visits])
    at_once = max(1, _NUMBERS_AT_ONCE // (4 * size * size))
    for first in range(0, len(some), at_once):
        which = some[first : first + at_once]
        ends = []
        for sign in (1, -1):
            nudged = np.repeat(cells[None, :], len(which), axis=0)
            nudged[np.arange(len(which)), which] += sign * nudge[which]
            moved, rest = nudged[:, : size * size].reshape(-1, size, size), nudged[:, size * size :]
            parts = Counts(rest[:, :size], moved, rest[:, size : 2 * size], rest[:, 2 * size :])
            ends.append(Chain.of(paths.names, (1,) * size, parts).effects)
        slopes[which] = (ends[0] - ends[1]) / (2 * nudge[which, None])
    codes = paths.codes.astype(np.int64)
    rows = np.repeat(np.arange(len(paths)), np.diff(paths.starts))
    inner = np.ones(len(codes), bool)
    inner[paths.starts[1:] - 1] = False
    where = np.flatnonzero(inner)
    moved_cells, first_touch, last_touch = (
        codes[where] * size + codes[where + 1],
        codes[paths.starts[:-1]],
        codes[paths.starts[1:] - 1],
    )
    variance = np.zeros(size)
    for name in range(size):
        slope = slopes[:, name]
        along = np.bincount(rows[where], slope[moved_cells], minlength=len(paths)) + slope[size * size + first_touch]
        for of, end in ((paths.conversions, size * size + size), (paths.lost, size * size + 2 * size)):
            if of.sum() > 0:
                each = along + slope[end + last_touch]
                variance[name] += of @ each**2 - (of @ each) ** 2 / of.sum()
    return np.sqrt(np.maximum(variance, 0))


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
