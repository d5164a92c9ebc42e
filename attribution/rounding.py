"""The last step: from unrounded sums to cents (or millionths of a deal) that add up, by largest remainder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import cache

CENT = Decimal("0.01")
MILLIONTH = Decimal("0.000001")


def exact(value: float | Decimal | int, unit: Decimal = CENT) -> Decimal:
    """A sum of floats as a decimal with four digits below the unit: without the noise of float addition."""
    return value if isinstance(value, Decimal) else Decimal(repr(round(float(value), _digits(unit) + 4)))


def half_up(value: float | Decimal | int, unit: Decimal = CENT) -> Decimal:
    """Rounded half-up (away from zero) to the unit."""
    return exact(value, unit).quantize(unit, ROUND_HALF_UP)


def largest_remainder(
    values: Sequence[float | Decimal], names: Sequence[tuple[str, ...]], total: Decimal | None = None, unit: Decimal = CENT
) -> list[Decimal]:
    """Round to units so that the rows add up to ``total`` (default: the rounded sum). Ties go by name.

    Every value moves by less than a unit, unless ``total`` is further from the sum than one unit per row.
    """
    if not values:
        return []
    decimals = [exact(value, unit) for value in values]
    target = half_up(math.fsum(float(value) for value in values), unit) if total is None else total
    rounded = [value.quantize(unit, ROUND_FLOOR) for value in decimals]
    missing = int((target - sum(rounded, Decimal(0))) / unit)
    order = sorted(range(len(decimals)), key=lambda index: (rounded[index] - decimals[index], names[index]))
    step = unit if missing >= 0 else -unit
    if missing < 0:
        order.reverse()
    # One unit each in turn, as often as it takes: a total far from the sum gives everybody the same number of them first.
    rounds, further = divmod(abs(missing), len(order))
    for turn, index in enumerate(order):
        rounded[index] += step * (rounds + (turn < further))
    return rounded


@cache
def _digits(unit: Decimal) -> int:
    """How many decimals the unit has."""
    exponent = unit.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
