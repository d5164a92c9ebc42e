"""Largest remainder: cents that add up, and no value moved by a cent or more."""

from __future__ import annotations

import math
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from attribution.rounding import floats_that_add_up, half_up, largest_remainder

CENT = Decimal("0.01")
amounts = st.lists(st.decimals(min_value=0, max_value=10_000_000, places=5), min_size=1, max_size=40)


@given(amounts)
def test_rows_add_up_to_their_rounded_total(values: list[Decimal]) -> None:
    rounded = largest_remainder(values, [(str(index),) for index in range(len(values))])
    assert sum(rounded) == half_up(sum(values, Decimal(0)))


@given(amounts)
def test_no_value_moves_by_a_cent(values: list[Decimal]) -> None:
    rounded = largest_remainder(values, [(str(index),) for index in range(len(values))])
    assert all(abs(after - before) < CENT for before, after in zip(values, rounded, strict=True))


def test_ties_go_by_name() -> None:
    third = Decimal(100) / 3
    assert largest_remainder([third, third, third], [("c",), ("a",), ("b",)]) == [
        Decimal("33.33"),
        Decimal("33.34"),
        Decimal("33.33"),
    ]


def test_nothing_stays_nothing() -> None:
    assert largest_remainder([0.0, 0.0], [("a",), ("b",)]) == [Decimal("0.00"), Decimal("0.00")]
    assert largest_remainder([], []) == []


def test_half_a_cent_goes_up_away_from_zero() -> None:
    assert half_up(Decimal("1.005")) == Decimal("1.01")
    assert half_up(Decimal("-1.005")) == Decimal("-1.01")


def test_noise_of_float_addition_decides_nothing() -> None:
    assert half_up(0.1 + 0.2 - 0.295) == half_up(0.005)


@given(amounts, st.integers(min_value=-200, max_value=200))
def test_a_total_that_is_off_is_dealt_out_unit_by_unit(values: list[Decimal], off: int) -> None:
    names = [(str(index),) for index in range(len(values))]
    total = half_up(sum(values, Decimal(0))) + off * CENT
    rounded = largest_remainder(values, names, total)
    assert sum(rounded) == total
    fewest = abs(off) // len(values) - 1
    assert all(fewest * CENT <= abs(after - before) for before, after in zip(values, rounded, strict=True))


def test_a_total_far_from_the_sum_takes_no_longer() -> None:
    rounded = largest_remainder([0.001, 0.002, 0.003], [("a",), ("b",), ("c",)], Decimal("1000000000000.01"))
    assert rounded == [Decimal("333333333333.33"), Decimal("333333333333.34"), Decimal("333333333333.34")]


@given(st.lists(st.floats(min_value=-1e13, max_value=1e13), min_size=1, max_size=20))
def test_floats_are_the_same_cents(values: list[float]) -> None:
    """Also for amounts of which a float does not know every ten-thousandth of a cent."""
    names = [(str(index),) for index in range(len(values))]
    cents = largest_remainder(values, names)
    assert [Decimal(repr(value)) for value in floats_that_add_up(values, names)] == cents
    assert sum(cents) == half_up(math.fsum(values))
