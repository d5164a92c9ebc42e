"""What the learned models of order 1 are learned from: how often journeys begin with, end at and occur with a value, and go from one to the next.

All of it adds up over deals. So a refresh takes away what the deals it recomputes counted before and adds what they count now, instead of
reading all journeys again; these are whole numbers, so the sums are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from attribution.paths.journeys import Floats, Paths
from attribution.paths.markov import Chain, Counts, States, count
from attribution.paths.of_deals import DealPaths
from attribution.paths.rules import different_names

# Columns of credits.effects, and of credits.fits, as they stand in ``values`` and ``ended``.
PER_VALUE = ("journeys", "begun", "won", "lost")
ENDED = {"won": "won", "lost": "lost", "gone_quiet": "open"}


def per_value(paths: Paths) -> Floats:
    """Per name, in how many journeys it occurs, how many begin with it, and how many end at it won and lost (names, 4)."""
    first, last, names = paths.codes[paths.starts[:-1]], paths.codes[paths.starts[1:] - 1], len(paths.names)
    ends = ((first, paths.journeys), (last, paths.conversions), (last, paths.lost))
    counts = [np.bincount(codes, times, minlength=names) for codes, times in ends]
    return np.stack([np.bincount(different_names(paths)[1], minlength=names), *counts], axis=1)


@dataclass(frozen=True)
class Counted:
    """``values``: see ``per_value``; ``moved``: how often from name to name (names, names); ``ended``: how many journeys were won, lost, and
    have gone quiet."""

    names: tuple[str, ...]
    values: Floats
    moved: Floats
    ended: tuple[int, ...]

    @classmethod
    def of(cls, found: DealPaths) -> Counted:
        """Count these journeys."""
        paths, names = found.paths, len(found.paths.names)
        moved = count(paths, States(1, paths.codes, np.arange(names), (1,) * names)).moved
        return cls(paths.names, per_value(paths), moved, tuple(found.how_many(status) for status in ENDED.values()))

    @classmethod
    def stored(cls, effects: Mapping[str, Any], moves: Mapping[str, Any], fits: Mapping[str, Any]) -> Counted:
        """From the columns of ``credits.effects``, ``credits.moves`` and ``credits.fits``."""
        names = tuple(str(value) for value in effects["value"])
        place = {name: number for number, name in enumerate(names)}
        moved = np.zeros((len(names), len(names)))
        moved[[place[str(value)] for value in moves["value"]], [place[str(value)] for value in moves["next_value"]]] = moves[
            "times"
        ]
        values = np.stack([np.asarray(effects[name], float) for name in PER_VALUE], axis=1)
        return cls(names, values, moved, tuple(int(fits[name][0]) for name in ENDED))

    def exchanged(self, before: Counted, now: Counted) -> Counted:
        """The same with what some journeys count now for what they counted before; names that no journey has any more are left out."""
        names = tuple(sorted({*self.names, *now.names}))
        place = {name: number for number, name in enumerate(names)}
        values, moved = np.zeros((len(names), len(PER_VALUE))), np.zeros((len(names), len(names)))
        for part, times in ((self, 1), (before, -1), (now, 1)):
            at = [place[name] for name in part.names]
            values[at] += times * part.values
            moved[np.ix_(at, at)] += times * part.moved
        kept = np.flatnonzero(values[:, 0])
        ended = tuple(a - b + c for a, b, c in zip(self.ended, before.ended, now.ended, strict=True))
        return Counted(tuple(names[number] for number in kept), values[kept], moved[np.ix_(kept, kept)], ended)

    def chain(self) -> Chain:
        """The chain that these journeys walk."""
        _, begun, won, lost = self.values.T
        return Chain.of(self.names, (1,) * len(self.names), Counts(begun, self.moved, won, lost))
