"""Markov-Shapley: each value's fair part of P(conversion), where a coalition is the chain with all other values sent to null.

The game is v(S) = P(conversion) when only values in S lead anywhere. To let a value take part is to eliminate its states
from the chain (what flowed into them flows on to where they lead), so a coalition is its smaller coalition plus one step
of elimination: all 2^n cost about as much as six passes over n states, not 2^n solutions. Never negative; sums to P(conversion).
Up to 15 values exactly; above, by random orders of entry and their reverses, with the standard error that leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attribution.paths.journeys import Floats
from attribution.paths.markov import Chain

MOST_EXACT = 15
# Numbers held at once while coalitions are enumerated (256 MB).
_MOST_NUMBERS = 1 << 25


@dataclass(frozen=True)
class Game:
    """``parts``: (…, names), sums to P(conversion). ``errors``: their standard errors where sampled, None where exact."""

    parts: Floats
    errors: Floats | None = None
    permutations: int = 0


def solve(chain: Chain, seed: int = 0, permutations: int | None = None) -> Game:
    """The Shapley value of every name of the chain (leading axes: separate chains, the same orders of entry for all).

    ``permutations``: how many orders of entry to draw above MOST_EXACT values (an even number; default: 1,000 for up to 20 values, fewer
    for more).
    """
    system = _system(chain)
    if len(chain.names) <= MOST_EXACT:
        return Game(_exact(_coalitions(system, list(chain.sizes)), len(chain.names)))
    pairs = max((permutations or min(1_000, max(20, 20_000 // len(chain.names)))) // 2, 2)
    generator = np.random.default_rng(seed)
    total = np.zeros((*system.shape[:-2], len(chain.names)))
    squares = np.zeros_like(total)
    for _ in range(pairs):
        order = generator.permutation(len(chain.names))
        parts = (_entering(system, chain, order) + _entering(system, chain, order[::-1])) / 2
        total += parts
        squares += parts * parts
    mean = total / pairs
    variance = np.maximum(squares / pairs - mean * mean, 0) * pairs / (pairs - 1)
    return Game(mean, np.sqrt(variance / pairs), 2 * pairs)


def _system(chain: Chain) -> Floats:
    """Rows: start, then states; columns: states, then conversion."""
    rows = np.concatenate([chain.start[..., None, :], chain.moves], axis=-2)
    ends = np.concatenate([np.zeros((*chain.wins.shape[:-1], 1)), chain.wins], axis=-1)
    return np.concatenate([rows, ends[..., None]], axis=-1)


def _without(system: Floats, size: int) -> Floats:
    """The system without its first ``size`` states: what flows into them is lost."""
    return np.concatenate([system[..., :1, size:], system[..., size + 1 :, size:]], axis=-2)


def _eliminated(system: Floats, size: int) -> Floats:
    """The system in which what flows into the first ``size`` states flows on to where they lead."""
    inward = np.concatenate([system[..., :1, :size], system[..., size + 1 :, :size]], axis=-2)
    outward = system[..., 1 : size + 1, size:]
    among = system[..., 1 : size + 1, :size]
    onward = outward / (1 - among) if size == 1 else np.linalg.solve(np.eye(size) - among, outward)
    return _without(system, size) + inward @ onward


def _coalitions(system: Floats, sizes: Sequence[int]) -> Floats:
    """v of every coalition (…, 2^n); the first name is the highest bit."""
    if not sizes:
        return system[..., 0, :]
    size, others = sizes[0], sizes[1:]
    if size == 0:  # a name nobody touches changes nothing
        same = _coalitions(system, others)
        return np.concatenate([same, same], axis=-1)
    outside, inside = _without(system, size), _eliminated(system, size)
    if 2 * outside.size > _MOST_NUMBERS:
        return np.concatenate([_coalitions(outside, others), _coalitions(inside, others)], axis=-1)
    both = _coalitions(np.stack([outside, inside]), others)
    return np.concatenate([both[0], both[1]], axis=-1)


def _exact(values: Floats, count: int) -> Floats:
    """The Shapley value from v of every coalition."""
    members = np.zeros(1 << count, dtype=np.int64)
    for bit in range(count):
        members += (np.arange(1 << count) >> bit) & 1
    weights = np.ones(count)  # by the size of the coalition that is joined: size! (count − size − 1)! / count!
    for size in range(count):
        choices = 1.0
        for step in range(size):
            choices = choices * (count - 1 - step) / (step + 1)
        weights[size] = 1 / (count * choices)
    parts = []
    for name in range(count):
        joined = values.reshape(*values.shape[:-1], 1 << name, 2, -1)
        before = members.reshape(1 << name, 2, -1)[:, 0, :]
        parts.append(((joined[..., 1, :] - joined[..., 0, :]) * weights[before]).sum((-1, -2)))
    return np.maximum(np.stack(parts, axis=-1), 0)


def _entering(system: Floats, chain: Chain, order: np.ndarray) -> Floats:
    """What each name adds to P(conversion) when the names enter in this order (…, names)."""
    groups = chain.groups
    states = np.concatenate([np.arange(groups[name].start, groups[name].stop) for name in order])
    ordered = system[..., np.concatenate([[0], states + 1])[:, None], np.concatenate([states, [len(states)]])]
    after = _prefixes(ordered, [chain.sizes[name] for name in order])
    added = np.diff(after, axis=-1, prepend=0)
    parts = np.empty_like(added)
    parts[..., order] = np.maximum(added, 0)
    return parts


def _prefixes(system: Floats, sizes: Sequence[int]) -> Floats:
    """v after the first, the first two, … groups have entered (…, groups)."""
    if len(sizes) == 1:
        return _eliminated(system, sizes[0])[..., 0, :] if sizes[0] else system[..., 0, -1:]
    half = len(sizes) // 2
    size = sum(sizes[:half])
    columns = np.concatenate([np.arange(size), [system.shape[-1] - 1]])
    early = _prefixes(system[..., : size + 1, columns], sizes[:half])
    late = _prefixes(_eliminated(system, size) if size else system, sizes[half:])
    return np.concatenate([early, late], axis=-1)
