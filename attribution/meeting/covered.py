"""What one version of the data covers, as the page Data health counts it: for the first block, and for actions that are to move it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attribution import coverage
from attribution.coverage import TouchCoverage, Unread, WonDeals

if TYPE_CHECKING:
    from attribution.dataset import Dataset

SIGNS = {"error": "✕", "warning": "!"}


@dataclass(frozen=True)
class Covered:
    """What one version of the data covers, of everything that was loaded. ``failed``: check → rows it found (errors and warnings)."""

    won: WonDeals
    unread: Unread
    touches: TouchCoverage
    failed: Mapping[str, int]

    @property
    def share_with_touches(self) -> float | None:
        """The part of the won deals that has a touch."""
        return coverage.share_of(self.won.deals - self.won.without_touches, self.won.deals)


def covered(ds: Dataset) -> Covered:
    """What a version of the data covers."""
    report = ds.checks()
    failed = {
        str(name): int(rows)
        for name, severity, rows in zip(report["check"], report["severity"], report["rows"], strict=True)
        if rows and severity in SIGNS
    }
    return Covered(coverage.won_deals(ds), coverage.unread_won_deals(ds), coverage.all_touches(ds), failed)
