"""Rule models over paths: each conversion divided over the touches of its own path, added up per name.

RULES has one entry per rule in the order users see. A rule is made of shares: to the first touch, to the last, equally to
every touch, equally to every different name. Definitions are those of the ledger's models (docs/how-attribution-works.md):
two touches and position-based is 50/50, one touch gets everything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from attribution.paths.journeys import Floats, Indices, Paths

# Up to this many names, which names are in a path is a row of a table; above, a sorted list of pairs.
_NAMES_IN_A_TABLE = 256


@dataclass(frozen=True)
class Rule:
    """``shares``: of paths of these lengths, what goes to the first touch, to the last, and to each touch (the ends too).
    None: equal parts for the different names of a path."""

    name: str
    shares: Callable[[Floats], tuple[Floats | float, Floats | float, Floats | float]] | None


def _position_based(lengths: Floats) -> tuple[Floats | float, Floats | float, Floats | float]:
    """40 % first, 40 % last, 20 % between. Without a middle the ends share everything."""
    each = np.where(lengths > 2, 0.2 / np.maximum(lengths - 2, 1), 0.0)
    end = np.where(lengths > 2, 0.4, 0.5) - each
    return end, end, each


RULES: tuple[Rule, ...] = (
    Rule("first_touch", lambda lengths: (1.0, 0.0, 0.0)),
    Rule("last_touch", lambda lengths: (0.0, 1.0, 0.0)),
    Rule("linear", lambda lengths: (0.0, 0.0, 1 / lengths)),
    Rule("position_based", _position_based),
    Rule("shapley", None),
)


def credits_of(rule: Rule, paths: Paths) -> tuple[Floats, Floats | None]:
    """What the rule gives each name: (of the conversions, of the value). Value is None where it is unknown."""
    names = len(paths.names)
    conversions, value = np.zeros(names), np.zeros(names)
    for piece in paths.won.pieces():
        lengths = np.diff(piece.starts)
        for amount, credit in ((piece.conversions, conversions), (piece.value, value)):
            if amount is None:
                continue
            if rule.shares is None:
                _, whose, parts, rows = different_names(piece)
                credit += np.bincount(whose, parts * amount[rows], minlength=names)
                continue
            first, last, each = rule.shares(lengths.astype(float))
            for codes, share in ((piece.codes[piece.starts[:-1]], first), (piece.codes[piece.starts[1:] - 1], last)):
                if np.any(share):
                    credit += np.bincount(codes, share * amount, minlength=names)
            if np.any(each):
                credit += np.bincount(piece.codes, np.repeat(each * amount, lengths), minlength=names)
    return conversions, None if paths.value is None else value


def parts_of(rule: Rule, paths: Paths) -> tuple[Indices, Indices, Floats]:
    """(path, name, part): who gets which part of a conversion of each path. Parts of a path add up to 1."""
    if rule.shares is None:
        _, names, parts, rows = different_names(paths)
        return rows, names, parts
    lengths = np.diff(paths.starts)
    everyone = np.arange(len(paths))
    first, last, each = (np.broadcast_to(share, lengths.shape) for share in rule.shares(lengths.astype(float)))
    rows = np.concatenate([everyone, everyone, np.repeat(everyone, lengths)])
    names = np.concatenate([paths.codes[paths.starts[:-1]], paths.codes[paths.starts[1:] - 1], paths.codes]).astype(np.int64)
    parts = np.concatenate([first, last, np.repeat(each, lengths)])
    some = parts != 0
    return rows[some], names[some], parts[some]


def different_names(paths: Paths) -> tuple[Indices, Indices, Floats, Indices]:
    """(how many different names each path has; then per path and different name: the name, its equal part, the path)."""
    lengths = np.diff(paths.starts)
    rows = np.repeat(np.arange(len(paths)), lengths)
    if len(paths.names) <= _NAMES_IN_A_TABLE:
        present = np.zeros((len(paths), len(paths.names)), dtype=bool)
        present.reshape(-1)[rows * len(paths.names) + paths.codes] = True
        rows, names = np.nonzero(present)
    else:
        pairs = np.unique(rows * len(paths.names) + paths.codes.astype(np.int64))
        rows, names = np.divmod(pairs, len(paths.names))
    counts = np.bincount(rows, minlength=len(paths))
    return counts, names, 1 / counts[rows], rows
