"""What Markov and Markov-Shapley give in each draw: the chain is learned anew from the journeys drawn, and shares every won deal anew.

Journeys fall into three groups: won deals that the filters select (their credit is compared), other won deals, and all that were not won; each
is drawn as often as it is large. Sums over journeys are products of matrices, and chains of many draws are solved together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

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
    """About how many products it takes to learn a chain in every draw, without making any of it."""
    paths = journeys.of.paths
    names, touches = len(paths.names), max(len(paths.codes), 1)
    cells = min((names + 1) ** 2 if journeys.order == 1 else touches, touches)
    solved = names**3 * (1 if names <= markov_shapley.MOST_EXACT else _PERMUTATIONS_OF_A_DRAW)
    return float(draws) * (len(journeys.of) * cells + solved)


def drawn(credits: Credits, journeys: Journeys, models: Sequence[str], draws: int, seed: int) -> dict[str, Floats]:
    """(draws, columns) in money under each of the models, which are markov or markov_shapley."""
    effects = _effects(journeys, models, draws, seed)
    return {model: _shared(credits, journeys, effects[model], seed) for model in models}


def _effects(journeys: Journeys, models: Sequence[str], draws: int, seed: int) -> dict[str, Floats]:
    """(draws, names): what each value is worth in the chain of each draw."""
    paths = journeys.of.paths
    of = states(paths, journeys.order)
    cells = _cells(paths, of)
    known, cells.columns = np.unique(cells.columns, return_inverse=True)
    cells.width = len(known)
    counted = np.zeros((draws, len(known)))
    for group, rows in enumerate(journeys.groups()):
        counted += Draws(len(rows), draws, seed, group).sums_of(cells.blocks_of(rows), len(known))
    found: dict[str, list[Floats]] = {model: [] for model in models}
    at_once = max(1, _NUMBERS_AT_ONCE // (3 * len(of) ** 2 + (4 << min(len(paths.names), markov_shapley.MOST_EXACT))))
    for start in range(0, draws, at_once):
        chain = Chain.of(paths.names, of.sizes, _counts(counted[start : start + at_once], known, len(of)))
        for model in models:
            game = chain.effects if model == "markov" else markov_shapley.solve(chain, seed, _PERMUTATIONS_OF_A_DRAW).parts
            found[model].append(game)
    return {model: np.concatenate(parts) for model, parts in found.items()}


@dataclass
class _Triples:
    """Counts of rows × columns, only those that are not zero, in the order of the rows; made dense a block of rows at a time."""

    rows: Indices
    columns: Indices
    counts: Floats
    height: int
    width: int

    @classmethod
    def counted(cls, keys: Iterable[tuple[int, Indices]], height: int, width: int) -> _Triples:
        """From pieces: (first row, one key row × width + column per occurrence, rows counted from the first)."""
        rows, columns, counts = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0)]
        for first, piece in keys:
            known, times = np.unique(piece, return_counts=True)
            row, column = np.divmod(known, width)
            rows.append(row + first)
            columns.append(column)
            counts.append(times.astype(float))
        return cls(np.concatenate(rows), np.concatenate(columns), np.concatenate(counts), height, width)

    @cached_property
    def starts(self) -> Indices:
        """Where each row begins."""
        return np.searchsorted(self.rows, np.arange(self.height + 1))

    def blocks_of(self, chosen: Indices) -> Callable[[int, int], Floats]:
        """A function: (start, stop) of the chosen rows → (rows, columns)."""

        def block(start: int, stop: int) -> Floats:
            rows = chosen[start:stop]
            lengths = self.starts[rows + 1] - self.starts[rows]
            begins = np.cumsum(lengths) - lengths
            places = np.arange(lengths.sum()) + np.repeat(self.starts[rows] - begins, lengths)
            cells = np.repeat(np.arange(len(rows)) * self.width, lengths) + self.columns[places]
            return np.bincount(cells, self.counts[places], minlength=len(rows) * self.width).reshape(len(rows), self.width)

        return block


def _cells(paths: Paths, of: States) -> _Triples:
    """What each journey adds to a chain's counts: its moves, then where it starts, where it is won, where it is lost."""
    count = len(of)
    width = count * count + 3 * count

    def keys() -> Iterator[tuple[int, Indices]]:
        done = touched = 0
        for piece in paths.pieces():
            visited = np.asarray(of.visited[touched : touched + len(piece.codes)], np.int64)
            every = np.arange(len(piece)) * width
            inner = np.ones(len(visited), bool)
            inner[piece.starts[1:] - 1] = False
            pairs = np.flatnonzero(inner)
            moves = np.repeat(every, np.diff(piece.starts))[pairs] + visited[pairs] * count + visited[pairs + 1]
            ends = np.where(piece.conversions > 0, count * count + count, count * count + 2 * count)
            started = every + count * count + visited[piece.starts[:-1]]
            yield done, np.concatenate([moves, started, every + ends + visited[piece.starts[1:] - 1]])
            done += len(piece)
            touched += len(piece.codes)

    return _Triples.counted(keys(), len(paths), width)


def _visits(paths: Paths) -> _Triples:
    """How often each journey touches each name."""
    width = len(paths.names)

    def keys() -> Iterator[tuple[int, Indices]]:
        done = 0
        for piece in paths.pieces():
            yield done, np.repeat(np.arange(len(piece)) * width, np.diff(piece.starts)) + piece.codes
            done += len(piece)

    return _Triples.counted(keys(), len(paths), width)


def _counts(sums: Floats, known: Indices, count: int) -> Counts:
    """The counts of many draws, from the sums of their journeys' cells."""
    flat = np.zeros((len(sums), count * count + 3 * count))
    flat[:, known] = sums
    moved, started, won, lost = np.split(flat, [count * count, count * count + count, count * count + 2 * count], axis=1)
    return Counts(started, moved.reshape(-1, count, count), won, lost)


def _shared(credits: Credits, journeys: Journeys, effects: Floats, seed: int) -> Floats:
    """(draws, columns): the compared deals of each draw, each divided over its touches by its values' effects in that draw."""
    touched = journeys.touched
    draws, names = effects.shape
    pairs, pair_of = np.unique(touched.columns * names + touched.codes, return_inverse=True)
    order = np.argsort(touched.rows, kind="stable")
    in_pair = _Triples(touched.rows[order], pair_of[order], touched.touches[order], credits.deals, len(pairs)).blocks_of(
        np.arange(credits.deals)
    )
    in_journey = _visits(journeys.of.paths).blocks_of(journeys.places)
    given, equally = np.zeros((draws, len(pairs))), np.zeros((draws, len(pairs)))
    sampler = Draws(credits.deals, draws, seed, 0)
    for where, counted in sampler.counts():
        for start, stop in sampler.blocks(len(pairs)):
            amounts = counted[:, start:stop] * credits.amounts[start:stop]
            visits, here = in_journey(start, stop), in_pair(start, stop)
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
