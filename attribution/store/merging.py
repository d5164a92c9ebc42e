"""Two texts that grew from the same one: what only one side changed is taken from it; what both changed differently is a clash.

Texts are compared part by part, a part being a value that is no mapping: a headline, the quotes of one deal, the day of the ask.
"""

from __future__ import annotations

import difflib
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


def merged_lines(base: str, mine: str, theirs: str) -> str:
    """Both texts in one, line by line: what only one side changed is taken from it; where both changed, theirs stands first, then mine."""
    was = base.splitlines()
    my_new, my_changes = _changes(was, mine.splitlines())
    their_new, their_changes = _changes(was, theirs.splitlines())
    lines: list[str] = []
    place = 0
    while place <= len(was):
        new = their_new.get(place, [])
        lines += [*new, *(line for line in my_new.get(place, []) if line not in new)]
        end = _end(place, [*my_changes, *their_changes])
        there = was[place:end]
        ours_now, theirs_now = (
            _as_changed(was, *side, place, end) for side in ((my_new, my_changes), (their_new, their_changes))
        )
        if ours_now in (theirs_now, there):
            lines += theirs_now
        elif theirs_now == there:
            lines += ours_now
        else:
            lines += [*theirs_now, *(line for line in ours_now if line not in theirs_now and line not in there)]
        place = end
    return "\n".join(lines)


Change = tuple[int, int, list[str]]  # first line, the line after the last one, the lines that stand there now


def _changes(was: list[str], now: list[str]) -> tuple[dict[int, list[str]], list[Change]]:
    """(place → lines written before it, what was changed or taken out) from one text to another."""
    codes = difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
    new = {i1: now[j1:j2] for tag, i1, i2, j1, j2 in codes if tag == "insert"}
    return new, [(i1, i2, now[j1:j2]) for tag, i1, i2, j1, j2 in codes if tag in ("replace", "delete")]


def _end(place: int, changes: list[Change]) -> int:
    """Where the stretch ends that begins here and that no change reaches across; one line where nothing changed."""
    end = place + 1
    while (reaches := max((last for first, last, _ in changes if place <= first < end), default=end)) > end:
        end = reaches
    return end


def _as_changed(was: list[str], new: dict[int, list[str]], changes: list[Change], start: int, end: int) -> list[str]:
    """One side's lines for a stretch; what it wrote before the stretch stands there already."""
    starts = {first: (last, instead) for first, last, instead in changes}
    lines, place = [], start
    while place < min(end, len(was)):
        if place > start:
            lines += new.get(place, [])
        last, instead = starts.get(place, (place + 1, was[place : place + 1]))
        lines += instead
        place = last
    return lines


def _parts(draft: Draft) -> dict[Path, Any]:
    return {("deal_ids",): list(draft.deal_ids), **_leaves(("words",), draft.words)}


def _leaves(path: Path, value: Any) -> dict[Path, Any]:
    if not isinstance(value, Mapping):
        return {path: value}
    return {leaf: entry for name, below in value.items() for leaf, entry in _leaves((*path, str(name)), below).items()}
