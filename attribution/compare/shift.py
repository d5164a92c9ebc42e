"""What moving spend from one value to another goes along with: both at their credited revenue per unit spent. Not a forecast.

Only between values whose place is the same under every rule and that have spend. The range comes from the same draws for both values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attribution.compare.comparison import Comparison
from attribution.compare.draws import INTERVAL
from attribution.compare.verdicts import Verdict


@dataclass(frozen=True)
class Shift:
    """``amount`` moved, each value's credited revenue per unit spent, and the difference that it makes with its likely range.

    ``same_sign``: under how many of ``models``, those that credit enough deals to rank anything, the difference has the same sign.
    """

    amount: float
    per_from: float
    per_to: float
    change: float
    low: float
    high: float
    same_sign: int
    models: int


def refusal(verdict: Verdict | None, spend: float | None) -> str:
    """Why a value cannot take part: its verdict's kind ("depends", "close"), "few", "no_spend"; empty where it can."""
    if verdict is None:
        return "few"
    if not verdict.is_robust:
        return verdict.kind
    return "" if spend and spend > 0 else "no_spend"


def shift(found: Comparison, model: str, source: str, target: str, spend: tuple[float, float], amount: float) -> Shift:
    """Move ``amount`` of spend from one value to another. ``spend``: what each has now (positive)."""
    place, here, there = found.models.index(model), found.values.index(source), found.values.index(target)
    each = found.credits.totals[:, [here, there]] / np.array(spend)
    by_model = amount * (each[:, 1] - each[:, 0])
    again = found.drawn[:, place][:, [here, there]] / np.array(spend)
    low, high = np.quantile(amount * (again[:, 1] - again[:, 0]), INTERVAL)
    change = float(by_model[place])
    ranked = by_model[found.is_ranked]  # a rule that credits next to nothing has no say
    same = int((np.sign(ranked) == np.sign(change)).sum())
    return Shift(amount, float(each[place, 0]), float(each[place, 1]), change, float(low), float(high), same, len(ranked))
