"""What a search shows: hits by kind, each with its name, its id and one fact, and where it opens."""

from __future__ import annotations

from dataclasses import dataclass

from attribution.charts import formats
from attribution.search import KINDS, Hit, Index

HEADS = {"deal": "Deals", "account": "Accounts", "person": "People", "campaign": "Campaigns", "asset": "Content"}
SHOWN = 6


@dataclass(frozen=True)
class Found:
    """One line of the results."""

    kind: str
    id: str
    name: str
    fact: str


@dataclass(frozen=True)
class Group:
    """The results of one kind. ``has_more``: further ones were found and are not listed."""

    kind: str
    head: str
    lines: tuple[Found, ...]
    has_more: bool


def results(index: Index, words: str, currency: str | None) -> tuple[Group, ...]:
    """What holds all the words, by kind."""
    found = index.find(words, SHOWN)
    return tuple(
        Group(kind, HEADS[kind], tuple(_line(hit, currency) for hit in found[kind][:SHOWN]), len(found[kind]) > SHOWN)
        for kind in KINDS
        if kind in found
    )


def fact(hit: Hit, currency: str | None) -> str:
    """The one fact that tells a hit from its neighbours."""
    day = formats.day(hit.day) if hit.day is not None else ""
    if hit.kind == "deal":
        parts = [formats.money(hit.number, currency), f"{hit.word} {day}".strip()]
    elif hit.kind in ("account", "person"):
        parts = [hit.word, formats.counted(int(hit.number), "deal") if hit.number else "no deals"]
    else:
        parts = [formats.words(hit.word, ""), f"{'from' if hit.kind == 'campaign' else 'published'} {day}" if day else ""]
    return " · ".join(part for part in parts if part)


def _line(hit: Hit, currency: str | None) -> Found:
    return Found(hit.kind, hit.id, hit.name, fact(hit, currency))
