"""What ids are called on screen and in files: the names that people gave them, and for namesakes what tells them apart in brackets.

Two campaigns that are both called "Newsletter" become "Newsletter (Email)" and "Newsletter (Paid social)"; where the channel is the same,
"Newsletter (Mar 2026)" and "Newsletter (Apr 2026)"; then both together, else their ids. Of long names the word stands first ("Email: Always on, …"): at
their end a narrow table or picture would cut it. A name without a namesake stays as it was written.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from attribution.charts import formats

if TYPE_CHECKING:
    from attribution.dataset import Dataset

LONGEST = 36  # characters of a label that a narrow table shows whole
# Dimension → id, name, a code and a day that tell namesakes apart.
_SOURCES = {
    "campaign": "select campaign_id, name, channel, starts_on from raw.campaigns where campaign_id is not null",
    "asset": "select asset_id, title, format, published_on from raw.content_assets where asset_id is not null",
    "owner": "select owner_id, name, null, null from raw.people where owner_id is not null",
    "partner": "select partner_id, name, null, null from raw.partners where partner_id is not null",
}


def labels_of(ds: Dataset, dimension: str) -> dict[str, str]:
    """Id → name, for the dimensions that hold ids of campaigns, content, people and partners."""
    channels = ds.settings.channels
    named = []
    for identity, name, code, day in ds.rows(_SOURCES[dimension]):
        entry = channels.get(code) if dimension == "campaign" else None
        word = (entry.label if entry else None) or formats.words(code, "")
        named.append((identity, name, (word, f"{formats.MONTHS[day.month - 1]} {day.year}" if day else "")))
    return told_apart(named)


def told_apart(named: Iterable[tuple[str, str | None, Sequence[str]]]) -> dict[str, str]:
    """Id → name, from (id, name, hints): namesakes get the first hint that all of them have and that differs, else all hints, else the id.

    Names that differ in case or in spaces alone are namesakes as well. Ids without a name are left out.
    """
    groups: dict[str, list[tuple[str, str, Sequence[str]]]] = defaultdict(list)
    for identity, name, hints in named:
        if name:
            groups[" ".join(name.split()).casefold()].append((identity, name, hints))
    return {identity: label for group in groups.values() for identity, label in _of_namesakes(group, groups)}


def _of_namesakes(group: Sequence[tuple[str, str, Sequence[str]]], taken: Iterable[str]) -> list[tuple[str, str]]:
    if len(group) == 1:
        return [(group[0][0], group[0][1])]
    tries = [
        *zip(*(hints for *_, hints in group), strict=True),
        [", ".join(filter(None, reversed(hints))) for *_, hints in group],
    ]
    for words in tries:
        found = _labelled([name for _, name, _ in group], words)
        if all(words) and max(Counter(words).values()) == 1 and not {label.casefold() for label in found} & set(taken):
            return [(identity, label) for (identity, *_), label in zip(group, found, strict=True)]
    ids = [identity for identity, *_ in group]
    return list(zip(ids, _labelled([name for _, name, _ in group], ids), strict=True))


def _labelled(names: Sequence[str], words: Sequence[str]) -> list[str]:
    """Namesakes, each with its word: behind the names, or before them where one would be too long."""
    found = [f"{name} ({word})" for name, word in zip(names, words, strict=True)]
    is_short = max(map(len, found)) <= LONGEST
    return found if is_short else [f"{word}: {name}" for name, word in zip(names, words, strict=True)]
