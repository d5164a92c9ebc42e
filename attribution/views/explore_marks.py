"""The rows and columns of the explore page by name: ids as names, times in order without gaps, the one that has not ended marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

from attribution.charts import formats
from attribution.charts.marks import SO_FAR, Mark
from attribution.dataset import Dataset
from attribution.pivot import OTHER, TIMES, Member
from attribution.views.explore_ways import words_for
from attribution.views.state import Names

MOST_ROWS = 60


def filled(members: Sequence[Member], by: str, sort: str) -> tuple[Member, ...]:
    """Times in order with those in which nothing happened; other dimensions as they are."""
    values = [member for member in members if member.kind == "value"]
    if by not in TIMES or sort or not values:
        return tuple(members)
    keys = [member.key for member in values]
    every = [Member(key) for key in _between(min(keys), max(keys), by)]
    if len(every) > 2 * MOST_ROWS:
        return tuple(members)
    first = [OTHER] if OTHER in members else []
    return (*first, *every, *(member for member in members if member.kind in ("none", "unattributed")))


def _between(first: str, last: str, by: str) -> list[str]:
    size = 12 if by == "month" else 4
    start, end = (int(key[:4]) * size + int(key[5:].lstrip("Q")) - 1 for key in (first, last))
    return [
        f"{place // size:04d}-{place % size + 1:02d}" if by == "month" else f"{place // size:04d}-Q{place % size + 1}"
        for place in range(start, end + 1)
    ]


def marks(ds: Dataset, names: Names, by: str, members: Sequence[Member], others: int) -> list[Mark]:
    """Members with their names on screen."""
    if not by:
        return []
    one, many = words_for(ds, by)
    labels = ds.labels("deal") if by == "deal" else names.labels.get(by, {})
    found = []
    for member in members:
        if member.kind == "other":
            label = f"Earlier {many}" if by in TIMES else f"{formats.count(others)} other {many if others != 1 else one}"
        elif member.kind == "none":
            label = f"No {one}"
        elif member.kind == "unattributed":
            label = member.key
        else:
            label = labels.get(member.key) or formats.words(member.key)
            label = f"{formats.month(member.key)}{SO_FAR if member.key == running(ds, by) else ''}" if by in TIMES else label
        found.append(Mark(member.key, member.kind, label))
    said = Counter(mark.label for mark in found)
    return [
        replace(mark, label=f"{mark.label} ({mark.key})") if said[mark.label] > 1 and mark.kind == "value" else mark
        for mark in found
    ]


def running(ds: Dataset, by: str) -> str:
    """The month or quarter that has not ended; empty on the last day of one."""
    today = ds.as_of.replace(tzinfo=UTC).astimezone(ZoneInfo(ds.settings.reporting.time_zone)).date()
    tomorrow = today + timedelta(days=1)
    if by == "month":
        return f"{today:%Y-%m}" if tomorrow.month == today.month else ""
    return f"{today:%Y}-Q{(today.month - 1) // 3 + 1}" if tomorrow.day > 1 or tomorrow.month % 3 != 1 else ""
