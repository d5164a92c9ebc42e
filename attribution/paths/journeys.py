"""Journeys as numbers: what a path file or the ledger comes down to before any model looks at it.

One row is one path with how often it ended in a conversion, how often it was lost, and what its conversions were worth.
Values of the dimension (channels, campaigns, …) are codes into ``names``, which are in order of their text; the codes of
all paths stand one after the other, so that a million paths are a few flat arrays and no Python objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attribution.errors import QueryError

# numpy's own types say too little of what comes out of its functions, so these are words for readers.
Floats = NDArray[Any]
Codes = NDArray[Any]  # the smallest unsigned integers that hold the number of names
Indices = NDArray[Any]

# How many touches and paths are looked at in one go: what is computed on the way stays in the processor's cache.
_TOUCHES_AT_ONCE = 1 << 18
_PATHS_AT_ONCE = 1 << 15


@dataclass(frozen=True)
class Paths:
    """Paths with their outcomes.

    ``codes``: the values of all touches; path i is ``codes[starts[i]:starts[i + 1]]`` and is never empty. ``conversions``, ``lost``:
    how many journeys took the path and were won, and lost. ``value``: what the conversions are worth together; None where unknown.
    """

    names: tuple[str, ...]
    codes: Codes
    starts: Indices
    conversions: Floats
    lost: Floats
    value: Floats | None = None

    @classmethod
    def from_lists(
        cls,
        paths: Sequence[Sequence[str]],
        conversions: Sequence[float],
        lost: Sequence[float] | None = None,
        value: Sequence[float] | None = None,
    ) -> Paths:
        """Paths from lists of names. Raises QueryError for an empty path or a number that is negative or not finite."""
        names = tuple(sorted({name for path in paths for name in path}))
        known = {name: code for code, name in enumerate(names)}
        lengths = [len(path) for path in paths]
        if 0 in lengths:
            raise QueryError(f"path {lengths.index(0)}: it is empty. Leave out journeys without touches.")
        outcomes = [
            np.asarray(given if given is not None else np.zeros(len(paths)), float) for given in (conversions, lost, value)
        ]
        for word, numbers in zip(("conversions", "lost journeys", "value"), outcomes, strict=True):
            if len(numbers) != len(paths) or not np.isfinite(numbers).all() or (numbers < 0).any():
                raise QueryError(f"{word}: one number of 0 or more is needed for each of the {len(paths)} paths.")
        return cls(
            names,
            np.array([known[name] for path in paths for name in path], dtype=code_type(len(names))),
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            outcomes[0],
            outcomes[1],
            outcomes[2] if value is not None else None,
        )

    def __len__(self) -> int:
        return len(self.conversions)

    @cached_property
    def total_conversions(self) -> float:
        return float(self.conversions.sum())

    @cached_property
    def total_lost(self) -> float:
        return float(self.lost.sum())

    @cached_property
    def total_value(self) -> float | None:
        return None if self.value is None else float(self.value.sum())

    @property
    def journeys(self) -> Floats:
        """How many journeys took each path, whatever became of them."""
        return self.conversions + self.lost

    @cached_property
    def won(self) -> Paths:
        """Without the paths that were only lost, where those are many: they earn nothing under any rule."""
        rows = np.flatnonzero(self.conversions)
        return self.take(rows) if 2 * len(rows) < len(self) else self

    def pieces(self) -> Iterator[Paths]:
        """The same paths in pieces of bounded size (arrays are views, nothing is copied)."""
        first = 0
        while first < len(self):
            after = int(np.searchsorted(self.starts, self.starts[first] + _TOUCHES_AT_ONCE, side="right")) - 1
            after = min(max(after, first + 1), len(self))
            yield self._rows(first, after)
            first = after

    def _rows(self, first: int, after: int) -> Paths:
        begin, end = self.starts[first], self.starts[after]
        return Paths(
            self.names,
            self.codes[begin:end],
            self.starts[first : after + 1] - begin,
            self.conversions[first:after],
            self.lost[first:after],
            None if self.value is None else self.value[first:after],
        )

    def take(self, rows: Indices) -> Paths:
        """These paths only, in this order."""
        begins = self.starts[rows]
        lengths = self.starts[rows + 1] - begins
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        codes = np.empty(starts[-1], self.codes.dtype)
        for first in range(0, len(rows), _PATHS_AT_ONCE):
            here = slice(first, first + _PATHS_AT_ONCE)
            touches = np.repeat(begins[here] - starts[:-1][here], lengths[here])
            after = starts[first] + len(touches)
            codes[starts[first] : after] = self.codes[touches + np.arange(starts[first], after)]
        return Paths(
            self.names,
            codes,
            starts,
            self.conversions[rows],
            self.lost[rows],
            None if self.value is None else self.value[rows],
        )

    def merged(self) -> Paths:
        """Equal paths added up, in an order that depends on the paths alone: the same journeys in any order give the same bytes."""
        lengths = np.diff(self.starts)
        order, first_of_group = [], []
        for length in np.unique(lengths):
            rows = np.flatnonzero(lengths == length)
            # Big-endian codes side by side compare as bytes as the codes do one by one.
            block = self.codes[self.starts[rows][:, None] + np.arange(length)]
            block = np.ascontiguousarray(block.astype(block.dtype.newbyteorder(">")))
            keys = block.view(np.dtype((np.void, block.dtype.itemsize * int(length)))).ravel()
            _, groups = np.unique(keys, return_inverse=True)
            by_group = np.argsort(groups, kind="stable")
            order.append(rows[by_group])
            sorted_groups = groups[by_group]
            first_of_group.append(np.concatenate([[True], sorted_groups[1:] != sorted_groups[:-1]]))
        rows = np.concatenate(order)
        firsts = np.flatnonzero(np.concatenate(first_of_group))
        return replace(
            self.take(rows[firsts]),
            conversions=np.add.reduceat(self.conversions[rows], firsts),
            lost=np.add.reduceat(self.lost[rows], firsts),
            value=None if self.value is None else np.add.reduceat(self.value[rows], firsts),
        )


def code_type(count: int) -> type[np.unsignedinteger[Any]]:
    """The smallest unsigned integer for codes of ``count`` names."""
    return np.uint8 if count <= 1 << 8 else np.uint16 if count <= 1 << 16 else np.uint32
