"""Refresh: bring a copy of the version in service up to date by what has changed, instead of computing everything anew.

    origin      what a version was made from, and whether a refresh can start from it; else NotPossibleError says why not
    delivery    the files that changed → raw.* of the copy, and every changed row (before and after) in ``changed.*``
    rules       which rows of which table follow from which changed rows; deals: which deals
    recompute   the stages' own SQL over slices that hold only what those rows need; rows replaced in the copy

There is no second SQL for a figure: a slice has the names of the tables it is cut from, so the same statement runs over it.
Where anything is in doubt, the build computes everything; ``refresh`` only ever raises, it never guesses.
"""

from __future__ import annotations

from attribution.refresh.origin import NotPossibleError
from attribution.refresh.refreshing import Refreshed, refresh

__all__ = ["NotPossibleError", "Refreshed", "refresh"]
