"""Two texts that grew from the same one: what only one side changed is taken from it; what both changed differently is a clash.

Texts are compared part by part, a part being a value that is no mapping: a headline, the quotes of one deal, the day of the ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from attribution.store.records import Draft

Path = tuple[str, ...]
_GONE = object()


@dataclass(frozen=True)
class Clash:
    """One part that both changed, with both texts (None: taken out)."""

    path: Path
    theirs: Any
    mine: Any


def merged(base: Draft, mine: Draft, theirs: Draft) -> tuple[Draft, tuple[Clash, ...]]:
    """Both texts in one over the version of ``theirs``, and where they clash; there ``mine`` stands in it."""
    parts, clashes = {}, []
    was, ours, others = _parts(base), _parts(mine), _parts(theirs)
    for path in dict.fromkeys((*others, *ours)):
        old, new, other = (side.get(path, _GONE) for side in (was, ours, others))
        parts[path] = other if new == old else new
        if new not in (old, other) and other != old:
            clashes.append(Clash(path, None if other is _GONE else other, None if new is _GONE else new))
    kept = {path: value for path, value in parts.items() if value is not _GONE}
    words: dict[str, Any] = {}
    for path, value in kept.items():
        if path[0] == "words":
            place = words
            for name in path[1:-1]:
                place = place.setdefault(name, {})
            place[path[-1]] = value
    both = replace(mine, version=theirs.version, deal_ids=tuple(kept[("deal_ids",)]), words=words)
    return both, tuple(clashes)


def _parts(draft: Draft) -> dict[Path, Any]:
    return {("deal_ids",): list(draft.deal_ids), **_leaves(("words",), draft.words)}


def _leaves(path: Path, value: Any) -> dict[Path, Any]:
    if not isinstance(value, Mapping):
        return {path: value}
    return {leaf: entry for name, below in value.items() for leaf, entry in _leaves((*path, str(name)), below).items()}
