"""Markov attribution, solved exactly: the chain that journeys walk, and what each value's removal would cost.

States are the last ``order`` values of the dimension; every won journey ends in conversion, every lost one in null, a value
after itself is a loop. With Q the moves between states and r those to conversion, N = (I - Q)⁻¹ counts expected visits and
p = N r is the chance to win from each state. To remove a value is to send whoever reaches it to null. How the start first
reaches a set A of states is N[start, A] N[A, A]⁻¹, so one inverse gives every removal, of any order; at order 1 it is
N[start, c] / N[c, c] · p[c] / p[start]. Sources: Anderl et al. 2016, IJRM 33(3); docs/how-attribution-works.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from attribution.errors import QueryError
from attribution.paths.journeys import Codes, Floats, Indices, Paths

ORDERS = (1, 2, 3)
# A dense inverse of this many states takes seconds and a few hundred megabytes.
MOST_STATES = 2_000


@dataclass(frozen=True)
class States:
    """The states that journeys visit. ``visited``: per touch, the state it leads to; ``value_of``: the name a state ends in.

    States are in the order of the name they end in, so those of one name lie side by side: ``sizes`` of them.
    """

    order: int
    visited: Indices | Codes
    value_of: Indices
    sizes: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.value_of)


def states(paths: Paths, order: int = 1) -> States:
    """The states of a chain of this order. Raises QueryError where there are more than MOST_STATES."""
    if order not in ORDERS:
        raise QueryError(f"order: {order} is not possible; it must be {', '.join(map(str, ORDERS))}. Try 1.")
    count = len(paths.names)
    if order == 1:
        _refuse_too_many(count, order, count)
        return States(1, paths.codes, np.arange(count), (1,) * count)
    # The value itself is the leading digit, those before it follow; `count` stands for "before the first touch".
    key = paths.codes.astype(np.int64)
    earlier = key
    for _ in range(1, order):
        earlier = np.concatenate([[count], earlier[:-1]])
        earlier[paths.starts[:-1]] = count
        key = key * (count + 1) + earlier
    found, visited = np.unique(key, return_inverse=True)
    _refuse_too_many(len(found), order, count)
    value_of = found // (count + 1) ** (order - 1)
    return States(order, visited, value_of, tuple(int(size) for size in np.bincount(value_of, minlength=count)))


def _refuse_too_many(found: int, order: int, names: int) -> None:
    if found > MOST_STATES:
        less = "group rare values (campaigns into channels, say)" + (" or lower the order" if order > 1 else "")
        raise QueryError(
            f"Markov of order {order} over {names:,} different values has {found:,} states; at most {MOST_STATES:,} are solved exactly. "
            f"Next: {less}; the rule models take any number."
        )


@dataclass(frozen=True)
class Counts:
    """How often journeys start in, move between and end from states. Leading axes, if any, are separate chains (bootstrap draws)."""

    started: Floats  # (…, states)
    moved: Floats  # (…, states, states)
    converted: Floats  # (…, states)
    lost: Floats  # (…, states)
    value: Floats | None = None  # (…, states): worth of the conversions from there


def count(paths: Paths, of: States) -> Counts:
    """Count what the journeys of ``paths`` do among their states."""
    total = len(of)
    started, converted, lost = np.zeros(total), np.zeros(total), np.zeros(total)
    value = None if paths.value is None else np.zeros(total)
    moved = np.zeros(total * total)
    done = touched = 0
    for piece in paths.pieces():
        visited = of.visited[touched : touched + len(piece.codes)]
        journeys = piece.journeys
        first, last = visited[piece.starts[:-1]], visited[piece.starts[1:] - 1]
        started += np.bincount(first, journeys, minlength=total)
        converted += np.bincount(last, piece.conversions, minlength=total)
        lost += np.bincount(last, piece.lost, minlength=total)
        if value is not None and piece.value is not None:
            value += np.bincount(last, piece.value, minlength=total)
        weights = np.repeat(journeys, np.diff(piece.starts))
        weights[piece.starts[1:] - 1] = 0
        pairs = visited.astype(np.int64) * total
        pairs[:-1] += visited[1:]
        counted = np.bincount(pairs, weights)
        moved[: len(counted)] += counted
        done += len(piece)
        touched += len(piece.codes)
    return Counts(started, moved.reshape(total, total), converted, lost, value)


@dataclass(frozen=True)
class Chain:
    """A chain with its probabilities; leading axes, if any, are separate chains.

    ``start``: chance to begin in a state; ``moves``: from state to state; ``wins``: from a state to conversion;
    ``worth``: value per visit of a state that was a journey's last (None where values are unknown).
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    start: Floats
    moves: Floats
    wins: Floats
    worth: Floats | None = None

    @classmethod
    def of(cls, names: tuple[str, ...], sizes: tuple[int, ...], counts: Counts) -> Chain:
        """The probabilities that counts say. A state nobody visits leads nowhere. Raises QueryError where no journey is counted."""
        visits = counts.moved.sum(-1) + counts.converted + counts.lost
        journeys = counts.started.sum(-1, keepdims=True)
        if not journeys.all():
            raise QueryError("Markov: there is no journey to learn from. Give journeys that were won or lost.")
        if counts.moved.ndim == 2:
            _refuse_endless(names, sizes, counts, visits)
        visits = np.where(visits > 0, visits, 1)
        return cls(
            names,
            sizes,
            counts.started / journeys,
            counts.moved / visits[..., None],
            counts.converted / visits,
            None if counts.value is None else counts.value / visits,
        )

    @classmethod
    def fit(cls, paths: Paths, order: int = 1) -> Chain:
        """The chain of these journeys. Raises QueryError for too many states and for no journeys."""
        of = states(paths, order)
        return cls.of(paths.names, of.sizes, count(paths, of))

    @property
    def groups(self) -> tuple[slice, ...]:
        """Where the states of each name lie."""
        ends = np.cumsum(self.sizes)
        return tuple(slice(int(end - size), int(end)) for end, size in zip(ends, self.sizes, strict=True))

    @cached_property
    def _visits(self) -> Floats:
        """N: expected visits of each state from each."""
        try:
            visits = np.linalg.inv(np.eye(self.moves.shape[-1]) - self.moves)
        except np.linalg.LinAlgError as error:
            raise QueryError(
                "Markov: the chain cannot be solved, for some journeys never end. Every journey needs an end."
            ) from error
        return visits

    def _reached(self) -> list[Floats]:
        """Per name, how the start first reaches its states: (…, states of the name)."""
        visits = self._visits
        from_start = (self.start[..., None, :] @ visits)[..., 0, :]
        if all(size == 1 for size in self.sizes):
            once = from_start / np.diagonal(visits, axis1=-2, axis2=-1)
            return [once[..., where] for where in self.groups]
        reached = []
        for where in self.groups:
            among = np.swapaxes(visits[..., where, where], -1, -2)
            reached.append(np.linalg.solve(among, from_start[..., where, None])[..., 0])
        return reached

    def _chance(self, ends: Floats) -> tuple[Floats, Floats]:
        """(from each state, from the start): the expected sum of ``ends`` over the visits to come."""
        from_state = (self._visits @ ends[..., None])[..., 0]
        return from_state, (self.start * from_state).sum(-1)

    @cached_property
    def conversion_rate(self) -> Floats:
        """P(conversion): conversions ÷ journeys."""
        return self._chance(self.wins)[1]

    @cached_property
    def effects(self) -> Floats:
        """Per name, the share of P(conversion) that is lost without it (…, names). They overlap: their sum is not 1."""
        return self._effects_of(self.wins)

    @cached_property
    def value_effects(self) -> Floats | None:
        """Per name, the share of the value per journey that is lost without it. None where values are unknown."""
        return None if self.worth is None else self._effects_of(self.worth)

    def _effects_of(self, ends: Floats) -> Floats:
        from_state, total = self._chance(ends)
        lost = [(reach * from_state[..., where]).sum(-1) for reach, where in zip(self._reached(), self.groups, strict=True)]
        some = total > 0
        effects = np.stack(lost, axis=-1) / np.where(some, total, 1)[..., None]
        return np.clip(effects, 0, 1)


def _refuse_endless(names: tuple[str, ...], sizes: tuple[int, ...], counts: Counts, visits: Floats) -> None:
    """Raise QueryError where some state is visited and no end can be reached from it: the system would be singular."""
    ends = (counts.converted + counts.lost > 0) | (visits == 0)
    leads = counts.moved > 0
    while (more := ~ends & (leads @ ends)).any():
        ends |= more
    if not ends.all():
        of_state = np.repeat(np.arange(len(names)), sizes)
        stuck = [repr(names[index]) for index in np.unique(of_state[~ends])[:5]]
        raise QueryError(
            f"Markov: journeys that reach {', '.join(stuck)} never end, so the chain cannot be solved. Every journey needs an end: won or lost."
        )


def channel_share(effects: Floats) -> Floats:
    """Removal effects as shares that add up to 1 (the classic table). All zero where no effect is left to divide."""
    total = effects.sum(-1, keepdims=True)
    return np.divide(effects, total, out=np.zeros_like(effects), where=total > 0)


def path_share(codes: Codes, starts: Indices, effects: Floats) -> Floats:
    """One weight per touch, adding up to 1 in each journey: touches weighted by their value's removal effect.

    ``codes``: per touch, which entry of ``effects`` its value is; journey i is ``codes[starts[i]:starts[i + 1]]``, never empty.
    A journey of which no value has an effect (possible only outside the journeys the chain was fitted on) is divided equally.
    """
    weights = np.asarray(effects, float)[codes]
    lengths = np.diff(starts)
    totals = np.repeat(np.add.reduceat(weights, starts[:-1]), lengths)
    return np.where(totals > 0, weights / np.where(totals > 0, totals, 1), np.repeat(1 / lengths, lengths))


def path_credit(paths: Paths, effects: Floats, amounts: Floats) -> Floats:
    """Per name, what its touches get of ``amounts`` (one per path) by path share."""
    credit = np.zeros(len(paths.names))
    done = 0
    for piece in paths.pieces():
        here = np.repeat(amounts[done : done + len(piece)], np.diff(piece.starts))
        credit += np.bincount(piece.codes, path_share(piece.codes, piece.starts, effects) * here, minlength=len(credit))
        done += len(piece)
    return credit
