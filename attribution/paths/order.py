"""Which order of the Markov chain the data carries, by the likelihood of journeys that it has not seen.

Journeys are dealt at random into folds; for each fold, a chain learns from the others and is asked how likely it finds the
moves and ends of the fold. A move never seen after these values is as likely as one order lower says (one journey's worth
of belief in it), down to all outcomes alike: without that, one new move would rule an order out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attribution.errors import QueryError
from attribution.paths import markov
from attribution.paths.journeys import Floats, Indices, Paths

FOLDS = 5
# A gain in log-likelihood below this part of it is not worth another value to remember.
_WORTH = 0.001


@dataclass(frozen=True)
class Choice:
    """``likelihoods``: order → mean log-likelihood of a held-out journey (nearer to 0 is better).

    ``order``: the lowest whose distance from the best is within its standard error, or a thousandth.
    """

    order: int
    likelihoods: dict[int, float]


def choose(paths: Paths, seed: int = 0, orders: tuple[int, ...] = markov.ORDERS) -> Choice:
    """Try the orders that have no more states than can be solved. Raises QueryError where even the first has more, or fewer than two journeys."""
    paths = paths.merged()
    won, lost = np.rint(paths.conversions).astype(np.int64), np.rint(paths.lost).astype(np.int64)
    if int(won.sum() + lost.sum()) < 2:
        raise QueryError("order: it cannot be chosen from fewer than two journeys. Name one: --order 1.")
    generator = np.random.default_rng(seed)
    parts = np.full(FOLDS, 1 / FOLDS)
    won_in, lost_in = generator.multinomial(won, parts), generator.multinomial(lost, parts)
    contexts: list[tuple[Indices, int]] = [_numbered(np.zeros(len(paths.codes) + len(paths), np.int64))]
    outcomes, rows = _outcomes(paths)
    dealt = np.stack([won_in, lost_in]).astype(float)
    found: dict[int, Floats] = {}
    for order in orders:
        try:
            markov.states(paths, order)
        except QueryError:
            if not found:
                raise
            break
        contexts.append(_numbered(_contexts(paths, order)))
        found[order] = _held_out(paths, contexts, outcomes, rows, won_in, lost_in)
    means = {order: float(np.average(likely, weights=dealt)) for order, likely in found.items()}
    best = max(means, key=lambda order: means[order])
    as_good = (order for order in found if _lead(found[best], found[order], dealt) <= _WORTH * abs(means[best]))
    return Choice(next(as_good), means)


def _lead(best: Floats, other: Floats, weights: Floats) -> float:
    """How much better a journey's log-likelihood is on average, less one standard error."""
    gain = best - other
    mean = np.average(gain, weights=weights)
    return float(mean - np.sqrt(np.average((gain - mean) ** 2, weights=weights) / weights.sum()))


def _outcomes(paths: Paths) -> tuple[Indices, Indices]:
    """Per step (every touch, then the end of its path): the value that comes (−1: the end), and the path."""
    lengths = np.diff(paths.starts)
    rows = np.repeat(np.arange(len(paths)), lengths + 1)
    outcomes = np.full(len(rows), -1, np.int64)
    outcomes[np.arange(len(paths.codes)) + np.repeat(np.arange(len(paths)), lengths)] = paths.codes
    return outcomes, rows


def _contexts(paths: Paths, order: int) -> Indices:
    """Per step, a number for the last ``order`` values before it."""
    outcomes, rows = _outcomes(paths)
    base = len(paths.names) + 1
    firsts = np.concatenate([[0], np.flatnonzero(np.diff(rows)) + 1])
    before = np.where(outcomes < 0, base - 1, outcomes)
    key = np.zeros(len(outcomes), np.int64)
    for _ in range(order):
        before = np.concatenate([[base - 1], before[:-1]])
        before[firsts] = base - 1
        key = key * base + before
    return key


def _numbered(keys: Indices) -> tuple[Indices, int]:
    found, numbers = np.unique(keys, return_inverse=True)
    return numbers, len(found)


def _held_out(
    paths: Paths,
    contexts: list[tuple[Indices, int]],
    outcomes: Indices,
    rows: Indices,
    won_in: Indices,
    lost_in: Indices,
) -> Floats:
    """(outcome: won or lost; path; fold): log-likelihood of a journey under the chain fitted without the fold; ``contexts`` go from order 0
    to the one asked for."""
    width = len(paths.names) + 2
    ends = outcomes < 0
    found = []
    for fold in range(won_in.shape[1]):
        learned = (won_in.sum(1) - won_in[:, fold]).astype(float), (lost_in.sum(1) - lost_in[:, fold]).astype(float)
        likely: tuple[Floats, Floats] = (np.full(len(rows), 1 / width), np.full(len(rows), 1 / width))
        for context, how_many in contexts:
            seen = np.bincount(context, (learned[0] + learned[1])[rows], minlength=how_many)[context]
            likely = (
                (_seen_together(context, outcomes, ends, learned, rows, 0, width) + likely[0]) / (seen + 1),
                (_seen_together(context, outcomes, ends, learned, rows, 1, width) + likely[1]) / (seen + 1),
            )
        found.append([np.bincount(rows, np.log(step), minlength=len(paths)) for step in likely])
    return np.moveaxis(np.array(found), 0, -1)


def _seen_together(
    context: Indices, outcomes: Indices, ends: Indices, learned: tuple[Floats, Floats], rows: Indices, outcome: int, width: int
) -> Floats:
    """Per step, how often what comes next came after these values; at the end of a path it is conversion (0) or null (1)."""
    key, pairs = np.unique(context * width + np.where(ends, width - 1, outcomes), return_inverse=True)
    both = (learned[0] + learned[1])[rows]
    return np.bincount(pairs, np.where(ends, learned[outcome][rows], both), minlength=len(key))[pairs]
