"""What journeys have in common: equal ways, steps from value to value, first and last values. Arrays in, arrays out.

All of it keeps the row of each journey, so that whoever asks gets back to exactly the deals behind a number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from attribution.paths.journeys import Floats, Indices, Paths, code_type

START, WON, LOST = -1, -2, -3  # what stands before the first touch and after the last of a journey


def folded(paths: Paths) -> Paths:
    """The same journeys with repeats in a row counted once: a > a > b becomes a > b."""
    kept = np.ones(len(paths.codes), bool)
    kept[1:] = paths.codes[1:] != paths.codes[:-1]
    kept[paths.starts[:-1]] = True
    return replace(paths, codes=paths.codes[kept], starts=np.concatenate([[0], np.cumsum(kept)])[paths.starts])


def first_meetings(paths: Paths) -> Paths:
    """The same journeys with each value only where it first came: a > b > a > c becomes a > b > c."""
    rows = np.repeat(np.arange(len(paths)), np.diff(paths.starts))
    _, firsts = np.unique(rows * len(paths.names) + paths.codes.astype(np.int64), return_index=True)
    kept = np.zeros(len(paths.codes), bool)
    kept[firsts] = True
    return replace(paths, codes=paths.codes[kept], starts=np.concatenate([[0], np.cumsum(kept)])[paths.starts])


def without(paths: Paths, name: str) -> tuple[Paths, Indices]:
    """(the journeys without the touches of a value, the rows of those that have other touches)."""
    rows = np.arange(len(paths))
    if name not in paths.names:
        return paths, rows
    kept = paths.codes != paths.names.index(name)
    starts = np.concatenate([[0], np.cumsum(kept)])[paths.starts]
    rows = np.flatnonzero(np.diff(starts))
    place = paths.names.index(name)
    codes = paths.codes[kept].astype(np.int64)
    names = (*paths.names[:place], *paths.names[place + 1 :])
    return Paths(
        names,
        (codes - (codes > place)).astype(code_type(len(names))),
        np.concatenate([starts[rows], starts[-1:]]),
        paths.conversions[rows],
        paths.lost[rows],
        None if paths.value is None else paths.value[rows],
    ), rows


def cut(paths: Paths, touches: int, at_the_end: bool = False) -> Paths:
    """The first (or last) so many touches of each journey."""
    lengths = np.diff(paths.starts)
    place = np.arange(len(paths.codes)) - np.repeat(paths.starts[:-1], lengths)
    kept = place >= np.repeat(lengths - touches, lengths) if at_the_end else place < touches
    return replace(paths, codes=paths.codes[kept], starts=np.concatenate([[0], np.cumsum(kept)])[paths.starts])


def gathered(paths: Paths, most: int, other: str) -> Paths:
    """The values that most journeys touch keep their names (equals in the order of the names), the rest become ``other``, the last name."""
    if len(paths.names) <= most:
        return paths
    rows = np.repeat(np.arange(len(paths)), np.diff(paths.starts))
    pairs = np.unique(rows * len(paths.names) + paths.codes.astype(np.int64))
    journeys = np.bincount(pairs % len(paths.names), minlength=len(paths.names))
    kept = np.sort(np.argsort(-journeys, kind="stable")[: most - 1])
    new = np.full(len(paths.names), most - 1)
    new[kept] = np.arange(len(kept))
    names = (*(paths.names[place] for place in kept), other)
    return replace(paths, names=names, codes=new[paths.codes].astype(code_type(len(names))))


@dataclass(frozen=True)
class Ways:
    """``group``: per journey, which way it took; ``first_row``: per way, the first journey that took it; ``won``, ``lost``: journeys of each
    way; ``value``: what its won ones are worth together."""

    group: Indices
    first_row: Indices
    won: Floats
    lost: Floats
    value: Floats

    def __len__(self) -> int:
        return len(self.first_row)


def ways(paths: Paths) -> Ways:
    """Equal journeys as one way each; ways in the order of their length, then of their values."""
    lengths = np.diff(paths.starts)
    group = np.zeros(len(paths), np.int64)
    firsts: list[Indices] = []
    found = 0
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        block = paths.codes[paths.starts[rows][:, None] + np.arange(length)]
        block = np.ascontiguousarray(block.astype(block.dtype.newbyteorder(">")))
        keys = block.view(np.dtype((np.void, block.dtype.itemsize * int(length)))).ravel()
        _, first, which = np.unique(keys, return_index=True, return_inverse=True)
        group[rows] = found + which
        firsts.append(rows[first])
        found += len(first)
    value = np.zeros(len(paths)) if paths.value is None else paths.value
    won, lost, worth = (np.bincount(group, of, minlength=found) for of in (paths.conversions, paths.lost, value))
    return Ways(group, np.concatenate(firsts) if firsts else np.zeros(0, np.int64), won, lost, worth)


def way_of(paths: Paths, row: int) -> tuple[str, ...]:
    """The names along one journey."""
    return tuple(paths.names[code] for code in paths.codes[paths.starts[row] : paths.starts[row + 1]])


def rows_on(paths: Paths, way: tuple[str, ...]) -> Indices:
    """The journeys that took exactly this way."""
    known = {name: code for code, name in enumerate(paths.names)}
    if not way or any(name not in known for name in way):
        return np.zeros(0, np.int64)
    rows = np.flatnonzero(np.diff(paths.starts) == len(way))
    same = (paths.codes[paths.starts[rows][:, None] + np.arange(len(way))] == [known[name] for name in way]).all(axis=1)
    return rows[same]


def steps(paths: Paths) -> Floats:
    """How often journeys go from one value straight to another: (names + 1, names + 2).

    The last row is the start; the last two columns are won and lost.
    """
    size = len(paths.names)
    both = paths.journeys
    table = np.zeros((size + 1, size + 2))
    codes = paths.codes.astype(np.int64)
    rows = np.repeat(np.arange(len(paths)), np.diff(paths.starts))
    inner = np.ones(len(codes), bool)
    inner[paths.starts[1:] - 1] = False
    where = np.flatnonzero(inner)
    moved = np.bincount(codes[where] * size + codes[where + 1], both[rows[where]], minlength=size * size)
    table[:size, :size] = moved.reshape(size, size)
    first, last = codes[paths.starts[:-1]], codes[paths.starts[1:] - 1]
    table[size, :size] = np.bincount(first, both, minlength=size)
    table[:size, size] = np.bincount(last, paths.conversions, minlength=size)
    table[:size, size + 1] = np.bincount(last, paths.lost, minlength=size)
    return table


def rows_with_step(paths: Paths, before: str | int, after: str | int) -> Indices:
    """The journeys that go from one value straight to another; ``START``, ``WON`` and ``LOST`` stand for the ends."""
    known: dict[str | int, int] = {name: code for code, name in enumerate(paths.names)}
    first, last = paths.codes[paths.starts[:-1]], paths.codes[paths.starts[1:] - 1]
    if before == START:
        return np.flatnonzero(first == known.get(after, -1))
    if after in (WON, LOST):
        return np.flatnonzero((last == known.get(before, -1)) & ((paths.conversions > 0) == (after == WON)))
    if before not in known or after not in known:
        return np.zeros(0, np.int64)
    met = np.flatnonzero((paths.codes[:-1] == known[before]) & (paths.codes[1:] == known[after]))
    met = np.setdiff1d(met, paths.starts[1:] - 1)  # the last touch of a journey does not lead into the next journey
    return np.unique(np.searchsorted(paths.starts, met, side="right") - 1)


def ends(paths: Paths) -> Floats:
    """How many won journeys begin with a value (row) and end with another (column)."""
    size = len(paths.names)
    first, last = paths.codes[paths.starts[:-1]].astype(np.int64), paths.codes[paths.starts[1:] - 1]
    return np.bincount(first * size + last, paths.conversions, minlength=size * size).reshape(size, size)


def rows_between(paths: Paths, first: str, last: str) -> Indices:
    """The won journeys that begin with one value and end with another."""
    known = {name: code for code, name in enumerate(paths.names)}
    begins = paths.codes[paths.starts[:-1]] == known.get(first, -1)
    return np.flatnonzero(begins & (paths.codes[paths.starts[1:] - 1] == known.get(last, -1)) & (paths.conversions > 0))


def rows_touching(paths: Paths, name: str) -> Indices:
    """The journeys that touch a value."""
    if name not in paths.names:
        return np.zeros(0, np.int64)
    return np.unique(np.searchsorted(paths.starts, np.flatnonzero(paths.codes == paths.names.index(name)), side="right") - 1)
