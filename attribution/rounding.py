"""The last step: from unrounded sums to cents (or millionths of a deal) that add up, by largest remainder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

CENT = Decimal("0.01")
MILLIONTH = Decimal("0.000001")
# Sums are taken at this many digits below the unit; what lies further down is noise of float addition.
_DIGITS_BELOW = 4
_TICKS = 10**_DIGITS_BELOW
# Up to here every whole number is a float.
_WHOLE_FLOATS = 2**53


def exact(value: float | Decimal | int, unit: Decimal = CENT) -> Decimal:
    """A sum of floats as a decimal with four digits below the unit: without the noise of float addition."""
    return value if isinstance(value, Decimal) else Decimal(repr(round(float(value), _digits(unit) + _DIGITS_BELOW)))


def half_up(value: float | Decimal | int, unit: Decimal = CENT) -> Decimal:
    """Rounded half-up (away from zero) to the unit."""
    return exact(value, unit).quantize(unit, ROUND_HALF_UP)


def largest_remainder(
    values: Sequence[float | Decimal], names: Sequence[tuple[str, ...]], total: Decimal | None = None, unit: Decimal = CENT
) -> list[Decimal]:
    """Round to units so that the rows add up to ``total`` (default: the rounded sum). Ties go by name.

    Every value moves by less than a unit, unless ``total`` is further from the sum than one unit per row.
    """
    return [units * unit for units in _in_units(values, names, total, unit)]


def floats_that_add_up(
    values: Sequence[float | Decimal], names: Sequence[tuple[str, ...]], total: Decimal | None = None, unit: Decimal = CENT
) -> list[float]:
    """``largest_remainder`` as floats."""
    whole = 10 ** _digits(unit)
    return [units / whole for units in _in_units(values, names, total, unit)]


def _in_units(
    values: Sequence[float | Decimal], names: Sequence[tuple[str, ...]], total: Decimal | None, unit: Decimal
) -> list[int]:
    """Whole units: they are plain numbers, which a table of many rows and models takes a tenth of the time to round."""
    if not values:
        return []
    target = half_up(math.fsum(float(value) for value in values), unit) if total is None else total
    scale = 10 ** (_digits(unit) + _DIGITS_BELOW)
    parts = [divmod(_without_noise(value, unit, scale), _TICKS) for value in values]
    rounded = [units for units, _ in parts]
    missing = int(target / unit) - sum(rounded)
    order = sorted(range(len(parts)), key=lambda index: (-parts[index][1], names[index]))
    step = 1 if missing >= 0 else -1
    if missing < 0:
        order.reverse()
    # One unit each in turn, as often as it takes: a total far from the sum gives everybody the same number of them first.
    rounds, further = divmod(abs(missing), len(order))
    for turn, index in enumerate(order):
        rounded[index] += step * (rounds + (turn < further))
    return rounded


def _without_noise(value: float | Decimal, unit: Decimal, scale: int) -> int:
    """The value in parts of 1 / scale."""
    if isinstance(value, Decimal) or abs(value) * scale >= _WHOLE_FLOATS:
        return round(exact(value, unit) * scale)
    return round(value * scale)


@cache
def _digits(unit: Decimal) -> int:
    """How many decimals the unit has."""
    exponent = unit.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
