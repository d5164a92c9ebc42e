"""Closed Loop: which touches earned each won deal, under any attribution model, down to the cent and the source row.

connectors   files of any shape          → raw.*        (canonical tables: schema.py)
build        STAGES, in order            → staging → identity → touches → journeys → credits → marts (sql/)
models       how a deal is shared        → one weight column per model in the ledger marts.credits
query        metrics × dimensions × filters → one SQL statement (metrics.py, filters.py, query.py)
dataset      what open() returns: credit, metrics, reconcile, explain, deals, checks
charts, reports, the app in pages/ and the command line in __main__.py only ask a dataset

>>> import attribution
>>> attribution.open("build").credit(model="w_shaped", by=["channel"])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attribution.dataset import Dataset, open_dataset
from attribution.errors import ClosedLoopError
from attribution.explain import Explanation
from attribution.filters import Filters

if TYPE_CHECKING:
    from attribution.build import BuildResult

open = open_dataset

__version__ = "0.1.0"

__all__ = ["BuildResult", "ClosedLoopError", "Dataset", "Explanation", "Filters", "__version__", "open"]


def __getattr__(name: str) -> Any:
    """``BuildResult`` without loading, for every question, all that builds."""
    if name == "BuildResult":
        from attribution.build import BuildResult

        return BuildResult
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
