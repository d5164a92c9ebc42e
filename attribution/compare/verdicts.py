"""What holds under every rule and what depends on it: a verdict per value, and the pairs of values that change places.

same      the same place under every model (and every setting that was computed)
depends   two models differ by more than the likely ranges of both
close     its place changes, but by less than the deals at hand can tell
A value may have the same place and still get clearly different amounts: ``amount_depends`` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attribution.compare.comparison import Comparison
from attribution.compare.settings import Elsewhere
from attribution.paths.journeys import Floats

SAME, DEPENDS, CLOSE = "same", "depends", "close"
# In how many of the draws one value must lead another before we say that it does.
SURE = 0.95
# Models that need no explanation, and how large their lead must be beside the largest one's to stand for it.
FAMILIAR = ("first_touch", "last_touch", "linear")
ABOUT = 0.85


@dataclass(frozen=True)
class Verdict:
    """One value. Places are of all models (and settings); ``lowest`` and ``highest`` are the models with the smallest and the largest share.

    ``amount_depends``: whether two models differ by more than both ranges; ``in_settings``: under how many other settings places were looked at.
    """

    key: str
    kind: str
    best: int
    worst: int
    lowest: int
    highest: int
    amount_depends: bool
    in_settings: int = 0

    @property
    def is_robust(self) -> bool:
        """Whether its place is the same under every rule."""
        return self.kind == SAME


@dataclass(frozen=True)
class Reversal:
    """Two values that change places: under the model ``here`` the first leads, under ``there`` the second, both surely. Indices."""

    first: int
    second: int
    here: int
    there: int
    size: float


def verdicts(found: Comparison, elsewhere: Sequence[Elsewhere] = ()) -> tuple[Verdict, ...]:
    """One per value. ``elsewhere``: the same values under other settings. Empty with too few deals; models that credit too few are left out."""
    ranked = found.is_ranked
    if not found.is_enough or not len(ranked):
        return ()
    first = np.concatenate([found.first_place[ranked], *(entry.first_place[entry.is_ranked] for entry in elsewhere)])
    last = np.concatenate([found.last_place[ranked], *(entry.last_place[entry.is_ranked] for entry in elsewhere)])
    width = (found.high - found.low)[ranked]
    result = []
    for value, key in enumerate(found.values):
        share, wide = found.share[ranked, value], width[:, value]
        apart = np.abs(share[:, None] - share[None, :])
        clear = bool((apart > np.maximum(wide[:, None], wide[None, :])).any())
        same = bool(first[:, value].max() <= last[:, value].min())
        # Of equal shares each has all their places: the one that fits the others is meant.
        best = int(first[:, value].max()) if same else int(first[:, value].min())
        worst = best if same else int(first[:, value].max())
        kind = SAME if same else DEPENDS if clear else CLOSE
        result.append(
            Verdict(key, kind, best, worst, int(ranked[share.argmin()]), int(ranked[share.argmax()]), clear, len(elsewhere))
        )
    return tuple(result)


def reversals(found: Comparison) -> tuple[Reversal, ...]:
    """Pairs of values that surely change places between two models, those of which the smaller lead is largest first.

    Of models that show the change about as well, the most familiar one stands for it.
    """
    if not found.is_enough or len(found.models) < 2:
        return ()
    count = len(found.values)
    ranked = np.isin(np.arange(len(found.models)), found.is_ranked)
    again = found.drawn_share[..., :count]
    result = []
    for first in range(count):
        for second in range(first + 1, count):
            lead = np.where(ranked, found.share[:, first] - found.share[:, second], 0.0)
            ahead = (again[..., first] > again[..., second]).mean(0) >= SURE
            behind = (again[..., first] < again[..., second]).mean(0) >= SURE
            if not (ahead & (lead > 0)).any() or not (behind & (lead < 0)).any():
                continue
            here, there = _clearest(found, np.where(ahead, lead, 0.0)), _clearest(found, np.where(behind, -lead, 0.0))
            size = float(min(lead[here], -lead[there]))
            result.append(Reversal(first, second, here, there, size))
    return tuple(sorted(result, key=lambda entry: (-entry.size, entry.first, entry.second)))


def _clearest(found: Comparison, lead: Floats) -> int:
    """The model with the largest lead; one that everybody knows where its lead is nearly as large."""
    nearly = [place for place in range(len(lead)) if lead[place] >= ABOUT * lead.max()]
    known = [place for name in FAMILIAR for place in nearly if found.models[place] == name]
    return known[0] if known else int(lead.argmax())
