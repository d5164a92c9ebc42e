"""The three pieces that mattered: as somebody wrote them down for this spotlight, else from content_feedback, else what is known of the most credited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attribution.answers.spotlight import isolated
from attribution.charts import formats
from attribution.charts.formats import SPACE
from attribution.spotlight.facts import DealFacts
from attribution.spotlight.masks import Writer
from attribution.spotlight.shown import Pick, Piece
from attribution.spotlight.words import PICKS, DealWords

if TYPE_CHECKING:
    from attribution.dataset import Dataset

# What salespeople said about pieces in this deal; the owner's word first, then the best rated, then the latest.
_FEEDBACK = """
select
    feedback.asset_id, feedback.comment, feedback.rating, coalesce(feedback.owner_id = deals.owner_id, false),
    to_local_date(feedback.given_at, reporting.time_zone), people.team
from raw.content_feedback as feedback
cross join config.reporting as reporting
left join identity.deal_ids as deal_ids on feedback.deal_id = deal_ids.alias
inner join marts.deals as deals on coalesce(deal_ids.deal_id, feedback.deal_id) = deals.deal_id
left join raw.people as people on feedback.owner_id = people.owner_id
where deals.deal_id = ? and coalesce(feedback.was_used, true)
order by 4 desc, feedback.rating desc nulls last, feedback.given_at desc, feedback.asset_id, feedback.comment
"""
TEXT = 300  # characters of a comment that are shown


def picks_of(
    ds: Dataset, facts: DealFacts, pieces: tuple[Piece, ...], words: DealWords, writer: Writer
) -> tuple[str, str, tuple[Pick, ...], bool]:
    """(title, who said it, picks, whether anybody said anything)."""
    by_id = {piece.asset_id: piece for piece in pieces}
    if written := [quote for quote in words.quotes if quote.text or quote.asset_id in by_id]:
        picks = []
        for quote in written:
            piece = by_id.get(quote.asset_id)
            said = formats.day(quote.said_on) if quote.said_on and not writer.preset.is_masked else ""
            text = quote.text or (piece.title if piece else "")
            by = ", ".join(part for part in (quote.said_by, said) if part)
            picks.append(Pick(piece.number if piece else 0, piece.slot if piece else "other", text, by, bool(quote.text)))
        return "Three that mattered, in the rep’s words", "", tuple(picks), True
    said_about: dict[str, tuple[str, str]] = {}
    for asset_id, comment, rating, is_owner, given_on, team in ds.rows(_FEEDBACK, [facts.deal["deal_id"]]):
        if asset_id not in by_id or asset_id in said_about or not (comment or rating):
            continue
        who = "Owner of this deal" if is_owner else formats.words(team, "A colleague")
        when = "" if writer.preset.is_masked else f", {formats.day(given_on)}"
        text = (
            writer.said(comment, TEXT)
            if comment
            else f"Rated {rating} of 5: “{isolated(formats.short(by_id[asset_id].title, 80))}”"
        )
        said_about[asset_id] = (text, f"{who}{when}{f', rated{SPACE}{rating}{SPACE}of{SPACE}5' if comment and rating else ''}")
        if len(said_about) == PICKS:
            break
    if said_about:
        picks = [Pick(by_id[key].number, by_id[key].slot, *said) for key, said in said_about.items()]
        return _title(len(picks)), "from sales’ feedback", tuple(picks), True
    return (
        "Three that carry most of the credit" if len(pieces) > 2 else "What carries the credit",
        "",
        _most_credited(facts, pieces),
        False,
    )


def _title(count: int) -> str:
    return {1: "One that mattered", 2: "Two that mattered"}.get(count, "Three that mattered") + ", in sales’ words"


def _most_credited(facts: DealFacts, pieces: tuple[Piece, ...]) -> tuple[Pick, ...]:
    credit: dict[str, float] = {}
    for touch in facts.content:
        credit[str(touch.asset_id)] = credit.get(str(touch.asset_id), 0.0) + touch.weight
    best = sorted(pieces, key=lambda piece: (-credit[piece.asset_id], piece.number))[:PICKS]
    return tuple(
        Pick(piece.number, piece.slot, f"{isolated(formats.short(piece.title, 90))}: {piece.first_use}.", is_quote=False)
        for piece in best
    )
