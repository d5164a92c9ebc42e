"""How long a list behind a cell may get: a screen and a file for people, not the whole table. What is left out is counted in its last line."""

from __future__ import annotations

from collections.abc import Sequence

from attribution.charts import formats
from attribution.meeting.block import Record

MOST = 2000


def with_rest(listed: Sequence[Record], whole: int) -> tuple[Record, ...]:
    """The records, and where there are more of them than listed a line that says how many."""
    rest = whole - len(listed)
    return (*listed, *([Record("…", f"{formats.count(rest)} more, not listed")] if rest > 0 else []))
