"""One deal as a story: its pieces with what they cost and earned, who met them first, and the sentences around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from attribution.answers import spotlight as answers
from attribution.charts import formats, tables
from attribution.charts.formats import SPACE, counted
from attribution.content.assets import Asset
from attribution.content.exposure import Exposure
from attribution.content.exposure import of as exposure_of
from attribution.spotlight import shown
from attribution.spotlight.drawn import origin_of, slot_of, timeline_of
from attribution.spotlight.effort import effort_of, effort_words
from attribution.spotlight.facts import UNNAMED, DealFacts, Touch, facts_of
from attribution.spotlight.masks import Writer
from attribution.spotlight.picks import picks_of
from attribution.spotlight.words import DealWords

if TYPE_CHECKING:
    from attribution.dataset import Dataset

NOTHING = Decimal("0.00")
NO_EXPOSURE = "No deal was lost that this could be compared with."


@dataclass(frozen=True)
class Around:
    """What stories share. ``assets``: by id, of all time; ``took_part``: amounts of won deals in twelve months; ``age``: of the exposures, in days."""

    assets: Mapping[str, Asset]
    took_part: Mapping[str, float]
    exposures: Mapping[str, Exposure]
    age: int
    topics: Mapping[str, str]


def story_of(ds: Dataset, deal_id: str, words: DealWords, around: Around, writer: Writer) -> shown.Story:
    """The story of one won deal."""
    facts = facts_of(ds, deal_id, writer)
    pieces = tuple(_piece(number, asset_id, facts, around, writer) for number, asset_id in enumerate(facts.pieces, 1))
    name = writer.company(facts.deal)
    summary = answers.story_summary(writer.full(facts.amount), len(pieces), facts.people, facts.days)
    computed = f"{answers.isolated(writer.said(name, 60))}: {summary}"
    title, by, picks, is_said = picks_of(ds, facts, pieces, words, writer)
    cost, missing = _cost(facts, around, writer), []
    if pieces and not is_said:
        missing.append(
            "Nobody has said which pieces mattered: write three lines for this deal, or supply the table content_feedback."
        )
    if not facts.stages:
        missing.append("The table deal_stage_changes has no row for this deal, so its stages and where it waited are not shown.")
    if not pieces:
        missing.append(
            "No touch of this deal names content: asset_id in touches, or addresses in asset_urls, would tie readings to pieces."
        )
    return shown.Story(
        deal_id=deal_id, name=name, headline=words.headline or computed, computed=computed, summary=summary,
        sentence=answers.story_sentence(_sentence_facts(facts, writer)), amount=writer.amount(facts.amount), pieces=pieces,
        rows=_rows(facts, around, writer), people=facts.people, days=facts.days, timeline=timeline_of(facts, writer),
        picks=picks if pieces else (), picks_title=title, picks_by=by, cost=cost,
        effort=effort_words(effort_of(ds, facts), facts, writer), unseen=_unseen(ds, facts, writer),
        exposure_note=_exposure_note(pieces, around), missing=tuple(missing) if not writer.preset.is_masked else (),
    )  # fmt: skip


def _piece(number: int, asset_id: str, facts: DealFacts, around: Around, writer: Writer) -> shown.Piece:
    uses = [touch for touch in facts.content if touch.asset_id == asset_id]
    asset = around.assets.get(asset_id)
    topic = facts.topics.get(asset_id)
    sent = sum(touch.actor == "sales" for touch in uses)
    exposure = exposure_of(around.exposures, asset_id)
    return shown.Piece(
        number=number, asset_id=asset_id, title=formats.short(uses[0].title, 160),
        topic=writer.said(around.topics.get(topic or "") or formats.words(topic, "No topic"), 24), slot=slot_of(topic),
        first_use=_first_use(uses, sent, facts, writer), uses=len(uses), sent=sent,
        cost=writer.amount(asset.cost) if asset and asset.cost is not None else None,
        credit=_credit([touch.credit for touch in uses], sum(touch.weight for touch in uses), facts, writer),
        second=_credit([touch.second for touch in uses], sum(touch.second_weight for touch in uses), facts, writer),
        took_part=writer.amount(around.took_part[asset_id]) if asset_id in around.took_part else None,
        exposure=_exposure(exposure),
    )  # fmt: skip


def _credit(cents: list[Decimal], weight: float, facts: DealFacts, writer: Writer) -> shown.Amount:
    return writer.credit(sum(cents, NOTHING), facts.amount, weight)


def _exposure(found: Exposure) -> shown.Exposure | None:
    if found.won_share is None or found.lost_share is None:
        return None
    return shown.Exposure(
        found.won_with, found.won_all, found.lost_with, found.lost_all, found.won_share, found.lost_share,
        found.lift, found.low, found.high, found.enough, found.no_difference,
    )  # fmt: skip


def _first_use(uses: list[Touch], sent: int, facts: DealFacts, writer: Writer) -> str:
    """Who met it first, when, before what, and how: in the words of the table below the timeline."""
    first = uses[0]
    how = {"found": "found by", "sales": "sent by sales to", "marketing": "sent by marketing to", "others": "passed on to"}[
        origin_of(first)
    ]
    words = f"{how} {_inside_a_sentence(facts, first.lane)}, day {facts.number(first.at)}, {facts.before(first.at)}"
    later_sent = sent - (first.actor == "sales")
    people = len({touch.lane for touch in uses})
    more = [counted(len(uses), "use")] if len(uses) > 1 else []
    more += [f"{people} people"] if people > 1 else []
    more += [f"{'later ' if first.actor != 'sales' else 'then '}sent by sales"] if later_sent else []
    return words + (f"; {', '.join(more)}" if more else "")


def _inside_a_sentence(facts: DealFacts, lane: str) -> str:
    """A role as it is written; those without a name in lower case."""
    role = facts.roles[lane]
    return role[:1].lower() + role[1:] if lane in UNNAMED else role


def _rows(facts: DealFacts, around: Around, writer: Writer) -> tuple[shown.Row, ...]:
    """Below the pieces: steps without content, what no touch earned, and the deal, to the cent."""
    rows = []
    others = [touch for touch in facts.touches if not touch.asset_id]
    if others:
        rows.append(
            shown.Row(
                f"Not content: {counted(len(others), 'other step')}",
                _credit([touch.credit for touch in others], sum(touch.weight for touch in others), facts, writer),
                _credit([touch.second for touch in others], sum(touch.second_weight for touch in others), facts, writer),
            )
        )
    for reason, first, second in facts.unattributed:
        rows.append(
            shown.Row(
                f"Credited to nothing: {tables.reason_label(reason).lower()}",
                writer.credit(first, facts.amount, 0.0),
                writer.credit(second, facts.amount, 0.0),
            )
        )
    costs = [asset.cost for key in facts.pieces if (asset := around.assets.get(key)) and asset.cost is not None]
    cost = writer.amount(sum(costs, NOTHING)) if costs else None
    whole = writer.credit(facts.amount, facts.amount, 1.0)
    return (*rows, shown.Row("The deal", whole, whole, cost, is_total=True))


def _sentence_facts(facts: DealFacts, writer: Writer) -> answers.StoryFacts:
    content = facts.content
    if not content:
        return answers.StoryFacts(0, 0, 0)
    first = content[0]
    arrivals = {touch.lane: touch for touch in reversed(content) if touch.lane not in UNNAMED}
    last = max(arrivals.values(), key=lambda touch: touch.at) if len(arrivals) > 1 else None
    return answers.StoryFacts(
        uses=len(content),
        by_sales=sum(touch.actor == "sales" for touch in content),
        by_marketing=sum(touch.actor == "marketing" for touch in content),
        first=(
            _inside_a_sentence(facts, first.lane),
            first.title,
            writer.day(first.at.date(), facts.number(first.at)).split(", ")[-1],
        ),
        first_before=facts.before(first.at),
        last=(facts.roles[last.lane], f"day {facts.number(last.at)}") if last is not None and last.lane != first.lane else None,
    )


def _cost(facts: DealFacts, around: Around, writer: Writer) -> str:
    known = [asset for key in facts.pieces if (asset := around.assets.get(key)) and asset.cost is not None]
    total = sum((asset.cost for asset in known if asset.cost is not None), NOTHING)
    part = sum(
        (asset.cost / max(asset.won_deals + asset.lost_deals + asset.open_deals, 1) for asset in known if asset.cost is not None),
        NOTHING,
    )
    return answers.cost_sentence(len(facts.pieces), len(known), writer.money(total), writer.money(part))


def _unseen(ds: Dataset, facts: DealFacts, writer: Writer) -> str:
    visitors = sum(touch.lane in UNNAMED for touch in facts.content)
    since = "" if writer.preset.is_masked or not facts.touches else formats.day(facts.start)
    return answers.unseen_sentence(
        facts.silent_people, facts.people_on_deal, visitors, since,
        facts.uncounted.get("outside_lookback", 0), facts.uncounted.get("excluded", 0),
    )  # fmt: skip


def _exposure_note(pieces: tuple[shown.Piece, ...], around: Around) -> str:
    known = next((piece.exposure for piece in pieces if piece.exposure), None)
    if known is None:
        return NO_EXPOSURE
    return (
        f"share of {known.won_all}{SPACE}won and of {known.lost_all}{SPACE}lost deals that had used it before they were {formats.days(around.age)} old, "
        "and the lift between them; lines and brackets: likely range (90 %). No proof of a cause: good deals may simply read more."
    )
