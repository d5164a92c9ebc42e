"""Path models the slow and obvious way, in fractions: what tests compare the fast ones with. Shares no code with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from math import factorial
from typing import Any

Row = tuple[tuple[str, ...], int, int]  # path, won, lost
Chain = dict[Any, dict[Any, Any]]  # state → next state or end → probability
WON, LOST, START = "(won)", "(lost)", ("(start)",)


def moves(rows: Sequence[Row], order: int) -> dict[Any, dict[Any, Fraction]]:
    """state → next state or end → probability. A state is the tuple of the last ``order`` names."""
    counts: dict[Any, dict[Any, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for path, won, lost in rows:
        if not won + lost:
            continue
        state: Any = START
        for index in range(len(path)):
            following = tuple(path[max(0, index + 1 - order) : index + 1])
            # A beginning is told apart from the same names later on.
            following = ("(start)",) * (order - len(following)) + following if len(following) < order else following
            counts[state][following] += won + lost
            state = following
        counts[state][WON] += won
        counts[state][LOST] += lost
    return {state: {after: n / sum(ends.values()) for after, n in ends.items() if n} for state, ends in counts.items()}


def chance(chain: dict[Any, dict[Any, Fraction]], gone: Sequence[str] = ()) -> Fraction:
    """P(conversion) when every state that ends in a name of ``gone`` is deleted and what led there is lost: Gaussian elimination."""
    states = [state for state in chain if state == START or state[-1] not in gone]
    place = {state: index for index, state in enumerate(states)}
    rows = []
    for state in states:
        row = [Fraction(0)] * (len(states) + 1)
        row[place[state]] += 1
        for after, probability in chain[state].items():
            if after in place:
                row[place[after]] -= probability
            elif after == WON:
                row[-1] += probability
        rows.append(row)
    for column in range(len(states)):
        pivot = next(index for index in range(column, len(states)) if rows[index][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [value / rows[column][column] for value in rows[column]]
        for index in range(len(states)):
            if index != column and rows[index][column]:
                factor = rows[index][column]
                rows[index] = [a - factor * b for a, b in zip(rows[index], rows[column], strict=True)]
    return rows[place[START]][-1]


def walked(chain: dict[Any, dict[Any, Fraction]], steps: int = 20_000) -> float:
    """P(conversion) by walking: how much has arrived after so many steps."""
    here: dict[Any, float] = {START: 1.0}
    arrived = 0.0
    for _ in range(steps):
        following: dict[Any, float] = defaultdict(float)
        for state, amount in here.items():
            for after, probability in chain[state].items():
                if after == WON:
                    arrived += amount * float(probability)
                elif after != LOST:
                    following[after] += amount * float(probability)
        here = following
        if sum(here.values()) < 1e-15:
            break
    return arrived


def names_of(rows: Sequence[Row]) -> list[str]:
    return sorted({name for path, _, _ in rows for name in path})


def effects(rows: Sequence[Row], order: int = 1, chain: Chain | None = None) -> dict[str, Fraction]:
    """``chain``: where its probabilities are given, as floats for speed, say."""
    chain = chain or moves(rows, order)
    whole = chance(chain)
    return {name: 1 - chance(chain, [name]) / whole for name in names_of(rows)}


def fair_parts(rows: Sequence[Row], order: int = 1, chain: Chain | None = None) -> dict[str, Fraction]:
    """The Shapley value by its definition: over every coalition."""
    chain, names = chain or moves(rows, order), names_of(rows)
    worth = {
        frozenset(inside): chance(chain, [name for name in names if name not in inside])
        for size in range(len(names) + 1)
        for inside in combinations(names, size)
    }
    parts = {}
    for name in names:
        parts[name] = sum(
            (
                Fraction(factorial(len(inside)) * factorial(len(names) - len(inside) - 1), factorial(len(names)))
                * (worth[inside | {name}] - worth[inside])
                for inside in worth
                if name not in inside
            ),
            Fraction(0),
        )
    return parts


def rule_credit(rows: Sequence[Row], model: str) -> dict[str, Fraction]:
    credit = dict.fromkeys(names_of(rows), Fraction(0))
    for path, won, _ in rows:
        count = len(path)
        if model == "first_touch":
            weights = [Fraction(index == 0) for index in range(count)]
        elif model == "last_touch":
            weights = [Fraction(index == count - 1) for index in range(count)]
        elif model == "linear":
            weights = [Fraction(1, count)] * count
        elif model == "shapley":
            weights = [Fraction(1, len(set(path)) * path.count(name)) for name in path]
        elif count <= 2:
            weights = [Fraction(1, count)] * count
        else:
            weights = [Fraction(2, 5), *[Fraction(1, 5 * (count - 2))] * (count - 2), Fraction(2, 5)]
        for name, weight in zip(path, weights, strict=True):
            credit[name] += weight * won
    return credit
