"""What Markov and Markov-Shapley give in each draw: the chain is learned anew from the journeys drawn, and shares every won deal anew.

Journeys fall into three groups: won deals that the filters select (their credit is compared), other won deals, and all that were not won; each
is drawn as often as it is large. Sums over journeys are products of matrices, and chains of many draws are solved together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attribution.compare.credits import Credits, keys_of
from attribution.compare.draws import Draws
from attribution.dataset import Dataset
from attribution.filters import Filters
from attribution.paths import markov_shapley
from attribution.paths.journeys import Floats, Indices, Paths
from attribution.paths.markov import Chain, Counts, States, states
from attribution.paths.of_deals import DealPaths, of_deals

# Products up to which chains are learned anew (about ten seconds of one core).
MOST_WORK = 3e10
# Numbers in the chains that are solved together (32 MB each).
_NUMBERS_AT_ONCE = 1 << 22
_PERMUTATIONS_OF_A_DRAW = 20


@dataclass(frozen=True)
class Touched:
    """How many touches of a deal (row of Credits) lie in one of its columns and on one value of the chain. All three of the same length."""

    rows: Indices
    columns: Indices
    codes: Indices
    touches: Floats


@dataclass(frozen=True)
class Journeys:
    """The journeys that chains are learned from, and where the compared deals are among them. ``touched``: what of them is compared."""

    of: DealPaths
    places: Indices  # row of Credits → row of the paths
    touched: Touched
    order: int = 1

    def groups(self) -> tuple[Indices, Indices, Indices]:
        """Rows of the paths: compared, won but not compared, not won."""
        compared = np.zeros(len(self.of), bool)
        compared[self.places] = True
        won = self.of.paths.conversions > 0
        return self.places, np.flatnonzero(won & ~compared), np.flatnonzero(~won)


def journeys_of(ds: Dataset, credits: Credits, filters: Filters) -> Journeys:
    """The journeys of all deals, and what of them the credits compare. The chain's values are those of ``[models.markov] dimension``."""
    found = of_deals(ds)
    place = {deal: row for row, deal in enumerate(found.deal_ids)}
    row_of = {deal: row for row, deal in enumerate(credits.deal_ids)}
    code_of = {name: code for code, name in enumerate(found.paths.names)}
    frame = ds.deal_touches(credits.by, found.dimension, filters)
    touched = Touched(
        np.array([row_of[deal] for deal in frame["deal_id"]], np.int64),
        np.array([credits.column_of[value] for value in keys_of(frame["value"])], np.int64),
        np.array([code_of[name] for name in frame["other"].fillna("")], np.int64),
        frame["touches"].to_numpy(float),
    )
    places = np.array([place[deal] for deal in credits.deal_ids], np.int64)
    return Journeys(found, places, touched, ds.settings.models.markov.order)


def work(journeys: Journeys, draws: int) -> float:
    """How many products it takes to learn a chain in every draw."""
    cells = len(_Cells.of(journeys.of.paths, states(journeys.of.paths, journeys.order)).known)
    solved = len(journeys.of.paths.names) ** 3 * (
        1 if len(journeys.of.paths.names) <= markov_shapley.MOST_EXACT else _PERMUTATIONS_OF_A_DRAW
    )
    return float(draws) * (len(journeys.of) * cells + solved)


def drawn(credits: Credits, journeys: Journeys, models: Sequence[str], draws: int, seed: int) -> dict[str, Floats]:
    """(draws, columns) in money under each of the models, which are markov or markov_shapley."""
    effects = _effects(journeys, models, draws, seed)
    return {model: _shared(credits, journeys, effects[model], seed) for model in models}


def _effects(journeys: Journeys, models: Sequence[str], draws: int, seed: int) -> dict[str, Floats]:
    """(draws, names): what each value is worth in the chain of each draw."""
    paths = journeys.of.paths
    of = states(paths, journeys.order)
    cells = _Cells.of(paths, of)
    counted = np.zeros((draws, len(cells.known)))
    for group, rows in enumerate(journeys.groups()):
        counted += Draws(len(rows), draws, seed, group).sums_of(cells.block(rows), len(cells.known))
    found: dict[str, list[Floats]] = {model: [] for model in models}
    at_once = max(1, _NUMBERS_AT_ONCE // (3 * len(of) ** 2 + (4 << min(len(paths.names), markov_shapley.MOST_EXACT))))
    for start in range(0, draws, at_once):
        chain = Chain.of(paths.names, of.sizes, cells.counts(counted[start : start + at_once]))
        for model in models:
            found[model].append(
                chain.effects if model == "markov" else markov_shapley.solve(chain, seed, _PERMUTATIONS_OF_A_DRAW).parts
            )
    return {model: np.concatenate(parts) for model, parts in found.items()}


@dataclass(frozen=True)
class _Cells:
    """What a journey adds to a chain's counts: cells of one row of numbers, only those that occur. ``rows`` are in the order of the journeys."""

    rows: Indices
    cells: Indices
    known: Indices
    starts: Indices
    states: int

    @classmethod
    def of(cls, paths: Paths, of: States) -> _Cells:
        """Moves first, then where journeys start, where they are won and where they are lost."""
        count = len(of)
        visited = np.asarray(of.visited, np.int64)
        inner = np.ones(len(visited), bool)
        inner[paths.starts[1:] - 1] = False
        pairs = np.flatnonzero(inner)
        every = np.arange(len(paths))
        ended = np.where(paths.conversions > 0, count * count + count, count * count + 2 * count)
        rows = np.concatenate([np.repeat(every, np.diff(paths.starts))[pairs], every, every])
        cells = np.concatenate(
            [
                visited[pairs] * count + visited[pairs + 1],
                count * count + visited[paths.starts[:-1]],
                ended + visited[paths.starts[1:] - 1],
            ]
        )
        order = np.argsort(rows, kind="stable")
        known, cells = np.unique(cells[order], return_inverse=True)
        starts = np.searchsorted(rows[order], np.arange(len(paths) + 1))
        return cls(rows[order], cells, known, starts, count)

    def block(self, chosen: Indices):  # type: ignore[no-untyped-def]
        """A function: (start, stop) of some journeys → their cells, (journeys, cells)."""

        def block(start: int, stop: int) -> Floats:
            rows = chosen[start:stop]
            lengths = self.starts[rows + 1] - self.starts[rows]
            begins = np.cumsum(lengths) - lengths
            places = np.arange(lengths.sum()) + np.repeat(self.starts[rows] - begins, lengths)
            local = np.repeat(np.arange(len(rows)), lengths) * len(self.known) + self.cells[places]
            return np.bincount(local, minlength=len(rows) * len(self.known)).reshape(len(rows), -1).astype(float)

        return block

    def counts(self, sums: Floats) -> Counts:
        """The counts of many draws, from the sums of their journeys' cells."""
        count = self.states
        flat = np.zeros((len(sums), count * count + 3 * count))
        flat[:, self.known] = sums
        moved, started, won, lost = np.split(flat, [count * count, count * count + count, count * count + 2 * count], axis=1)
        return Counts(started, moved.reshape(-1, count, count), won, lost)


def _shared(credits: Credits, journeys: Journeys, effects: Floats, seed: int) -> Floats:
    """(draws, columns): the compared deals of each draw, each divided over its touches by its values' effects in that draw."""
    paths, touched = journeys.of.paths, journeys.touched
    draws, names = effects.shape
    pairs, pair_of = np.unique(touched.columns * names + touched.codes, return_inverse=True)
    in_journey = _Dense.of(journeys.places, paths)
    in_pair = _Dense(touched.rows, pair_of, touched.touches, credits.deals, len(pairs))
    given, equally = np.zeros((draws, len(pairs))), np.zeros((draws, len(pairs)))
    sampler = Draws(credits.deals, draws, seed, 0)
    for where, counted in sampler.counts():
        for start, stop in sampler.blocks(len(pairs)):
            amounts = counted[:, start:stop] * credits.amounts[start:stop]
            visits, here = in_journey.block(start, stop), in_pair.block(start, stop)
            weight = effects[where] @ visits.T
            some = weight > 0
            given[where] += np.divide(amounts, weight, out=np.zeros_like(amounts), where=some) @ here
            if not some.all():  # no value of these journeys has an effect in this draw: as everywhere, they are divided equally
                equally[where] += np.where(some, 0.0, amounts / np.maximum(visits.sum(1), 1)) @ here
    columns, codes = np.divmod(pairs, names)
    result = np.zeros((draws, len(credits.columns)))
    by_pair = given * effects[:, codes] + equally
    for column in range(len(credits.columns)):
        result[:, column] = by_pair[:, columns == column].sum(1)
    return result


class _Dense:
    """Counts of rows × columns that are kept as triples and made dense a block of rows at a time."""

    def __init__(self, rows: Indices, columns: Indices, counts: Floats, height: int, width: int) -> None:
        order = np.argsort(rows, kind="stable")
        self.rows, self.columns, self.counts, self.width = rows[order], columns[order], counts[order], width
        self.starts = np.searchsorted(self.rows, np.arange(height + 1))

    @classmethod
    def of(cls, places: Indices, paths: Paths) -> _Dense:
        """How often each of some journeys touches each name."""
        lengths = (paths.starts[1:] - paths.starts[:-1])[places]
        begins = np.cumsum(lengths) - lengths
        touches = np.arange(lengths.sum()) + np.repeat(paths.starts[places] - begins, lengths)
        rows = np.repeat(np.arange(len(places)), lengths)
        return cls(rows, paths.codes[touches].astype(np.int64), np.ones(len(rows)), len(places), len(paths.names))

    def block(self, start: int, stop: int) -> Floats:
        """(rows, columns) of some rows."""
        part = slice(self.starts[start], self.starts[stop])
        cells = (self.rows[part] - start) * self.width + self.columns[part]
        return np.bincount(cells, self.counts[part], minlength=(stop - start) * self.width).reshape(stop - start, -1)
