"""Lists of records for people: not longer than they can be read, and no two names alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from attribution import namesakes
from attribution.charts import formats
from attribution.meeting.block import Record

MOST = 2000  # behind a cell: a screen and a file for people, not the whole table


def with_rest(listed: Sequence[Record], whole: int) -> tuple[Record, ...]:
    """The records, and where there are more of them than listed a line that says how many."""
    rest = whole - len(listed)
    return (*listed, *([Record("…", f"{formats.count(rest)} more, not listed")] if rest > 0 else []))


def told_apart(listed: Iterable[Record]) -> tuple[Record, ...]:
    """Records of deals and leads: several of one company say which deal is meant, and namesakes which company, else their ids."""
    found = tuple(listed)
    hints = {record.key: (record.name, dict(record.fields)) for record in found}
    names = namesakes.told_apart(
        (key, name, (str(own.get("deal") or ""), str(own.get("company") or ""))) for key, (name, own) in hints.items()
    )
    return tuple(replace(record, name=names.get(record.key, record.name)) for record in found)
