"""The ledger of a Dataset as plain dicts, read in one place, for tests that compare it with pencil and oracle."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

# (deal_id, model) → touch_id → weight; what no touch gets stands under UNATTRIBUTED.
Weights = dict[tuple[str, str], dict[str, float]]
UNATTRIBUTED = "Unattributed"


def read_ledger(dataset: Any) -> tuple[Weights, dict[tuple[str, str], str]]:
    """All weights that are not 0, and the reason of every missing share."""
    names = [model.name for model in dataset.models]
    columns = ", ".join(model.column for model in dataset.models)
    weights: Weights = {}
    for deal_id, touch_id, *values in dataset.rows(f"select deal_id, touch_id, {columns} from marts.credits"):
        for name, value in zip(names, values, strict=True):
            if value != 0:
                row = weights.setdefault((deal_id, name), {})
                assert touch_id not in row, f"touch {touch_id} stands twice in deal {deal_id}"
                row[touch_id] = value
    reasons = {}
    for deal_id, name, share, reason in dataset.rows("select deal_id, model, share, reason from credits.unattributed"):
        assert (deal_id, name) not in reasons, f"deal {deal_id} has two reasons under {name}"
        weights.setdefault((deal_id, name), {})[UNATTRIBUTED] = share
        reasons[deal_id, name] = reason
    return weights, reasons


def assert_same(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    """Two answers that begin with the weights of ``read_ledger``: those to 1e-9 (threads add floats in any order), the rest exactly."""
    (mine, *my_rest), (theirs, *their_rest) = one, other
    off = [key for key in {*mine, *theirs} if mine.get(key, {}) != pytest.approx(theirs.get(key, {}), abs=1e-9)]
    assert not off, [(key, mine.get(key), theirs.get(key)) for key in sorted(off)[:4]]
    assert my_rest == their_rest


def parse_settings(text: str) -> dict[str, Any]:
    """``a.b=1;c.d='x'`` as dotted keys and values."""
    pairs = (part.partition("=") for part in text.split(";") if part)
    return {key: tomllib.loads(f"value = {value}")["value"] for key, _, value in pairs}
