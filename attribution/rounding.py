"""The last step: from unrounded sums to cents that add up (largest remainder)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def exact(value: float | Decimal | int) -> Decimal:
    """A sum of floats as a decimal, without the noise of float addition (a millionth of a unit)."""
    return value if isinstance(value, Decimal) else Decimal(repr(round(float(value), 6)))


def half_up(value: float | Decimal | int) -> Decimal:
    """Rounded half-up (away from zero) to the cent."""
    return exact(value).quantize(CENT, ROUND_HALF_UP)


def largest_remainder(
    values: Sequence[float | Decimal], names: Sequence[tuple[str, ...]], total: Decimal | None = None
) -> list[Decimal]:
    """Round to cents so that the rows add up to ``total`` (default: the rounded sum of the values). Ties go by name.

    Every value moves by less than a cent, unless ``total`` is further from the sum than one cent per row.
    """
    decimals = [exact(value) for value in values]
    target = half_up(math.fsum(float(value) for value in values)) if total is None else total
    floors = [value.quantize(CENT, ROUND_FLOOR) for value in decimals]
    missing = int((target - sum(floors, Decimal(0))) / CENT)
    if not decimals:
        return []
    order = sorted(range(len(decimals)), key=lambda index: (floors[index] - decimals[index], names[index]))
    step, missing = (CENT, missing) if missing >= 0 else (-CENT, -missing)
    if step < 0:
        order.reverse()
    for turn in range(missing):
        floors[order[turn % len(order)]] += step
    return floors
