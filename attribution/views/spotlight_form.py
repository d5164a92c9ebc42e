"""The spotlight page's form: what is written, as flat fields and back, the candidates as rows, and what clashes, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from attribution.charts import formats
from attribution.spotlight.candidates import BEST, Candidate
from attribution.spotlight.words import PICKS, Ask, DealWords, Quote, Words
from attribution.store import Draft
from attribution.store.merging import Clash

COVER = ("headline", "thanks")
ASK = ("question", "writes", "by_on", "cost", "first_reader")
SHOWN = 6  # candidates in sight; the rest is folded away
FOLDED = 20  # of the rest, those with a box of their own; any other is found by its name


@dataclass(frozen=True)
class Row:
    """A candidate as the page lists it."""

    deal_id: str
    name: str
    facts: str
    reasons: str


def row_of(entry: Candidate, currency: str | None) -> Row:
    """A candidate in words."""
    parts = [formats.money(float(entry.amount), currency)]
    if entry.days is not None:
        parts.append(formats.days(entry.days))
    return Row(entry.deal_id, entry.name, " · ".join(parts), "; ".join(entry.reasons))


def best(found: Sequence[Candidate]) -> tuple[str, ...]:
    """The deals that are told until somebody chooses: the best that used content."""
    return tuple(entry.deal_id for entry in found if entry.pieces)[:BEST] or tuple(entry.deal_id for entry in found[:1])


def words_of(draft: Draft) -> Words | None:
    """What a draft says; None where it was written by a program that knows more than this one."""
    try:
        return Words.model_validate(dict(draft.words))
    except ValidationError:
        return None


def stored(words: Words) -> dict[str, Any]:
    """What is kept of the words: only what somebody wrote."""
    kept: dict[str, Any] = words.model_dump(mode="json", exclude_defaults=True)
    return kept


def cover_fields(words: Words) -> dict[str, Any]:
    """The fields of the whole issue: name → value."""
    asked = {f"ask.{name}": getattr(words.ask, name) for name in ASK}
    return {**{name: getattr(words, name) for name in COVER}, **asked}


def deal_fields(words: Words, deal_id: str) -> dict[str, Any]:
    """The fields of one deal: its headline, three picks, and who said them when."""
    deal = words.of(deal_id)
    fields: dict[str, Any] = {f"{deal_id}.headline": deal.headline}
    for place in range(PICKS):
        quote = deal.quotes[place] if place < len(deal.quotes) else Quote()
        fields[f"{deal_id}.asset.{place}"] = quote.asset_id
        fields[f"{deal_id}.text.{place}"] = quote.text
    said = next((quote for quote in deal.quotes if quote.said_by or quote.said_on), Quote())
    return {**fields, f"{deal_id}.said_by": said.said_by, f"{deal_id}.said_on": said.said_on}


def from_fields(fields: Mapping[str, Any], before: Words, deal_ids: Collection[str]) -> Words:
    """The words that fields hold; a field that is not there keeps what was written before. Raises ValueError for what is too long."""
    ask = {name: fields.get(f"ask.{name}", getattr(before.ask, name)) for name in ASK}
    deals = {**before.deals}
    for deal_id in deal_ids:
        if f"{deal_id}.headline" in fields:
            deals[deal_id] = _deal(fields, deal_id)
    written = {name: fields.get(name, getattr(before, name)) for name in COVER}
    return Words(**written, ask=Ask(**ask), deals={key: deal for key, deal in deals.items() if deal != DealWords()})


def _deal(fields: Mapping[str, Any], deal_id: str) -> DealWords:
    said = {"said_by": fields.get(f"{deal_id}.said_by") or "", "said_on": fields.get(f"{deal_id}.said_on")}
    quotes = []
    for place in range(PICKS):
        asset_id, text = fields.get(f"{deal_id}.asset.{place}") or "", (fields.get(f"{deal_id}.text.{place}") or "").strip()
        if asset_id or text:
            quotes.append(Quote(asset_id=asset_id, text=text, **said))
    return DealWords(headline=fields.get(f"{deal_id}.headline") or "", quotes=tuple(quotes))


_PARTS = {
    "headline": "Headline", "thanks": "Thanks", "quotes": "Picks and quotes", "question": "The missing piece", "writes": "Who writes it", "by_on": "By when",
    "cost": "What it costs", "first_reader": "First reader", "deal_ids": "Deals",
}  # fmt: skip


def clash_rows(clashes: Sequence[Clash], names: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    """(what, theirs, mine) of each part that two people changed, in words. ``names``: deal id → name."""
    rows = []
    for clash in clashes:
        what = _PARTS.get(clash.path[-1], clash.path[-1])
        if "deals" in clash.path:
            deal_id = clash.path[clash.path.index("deals") + 1]
            what += f", {names.get(deal_id, deal_id)}"
        rows.append((what, _said(clash.theirs, names), _said(clash.mine, names)))
    return tuple(rows)


def _said(value: Any, names: Mapping[str, str]) -> str:
    if value in (None, "", []):
        return "(nothing)"
    if isinstance(value, list):
        return "; ".join(
            str(entry.get("text") or entry.get("asset_id", "")) if isinstance(entry, Mapping) else names.get(entry, str(entry))
            for entry in value
        )
    return str(value)
