"""The spotlight's numbers against the ledger and plain Python over the sample's files; candidates, words, designed states, golden sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from pydantic import ValidationError

from attribution import Filters
from attribution.answers import spotlight as answers
from attribution.content.assets import assets
from attribution.errors import QueryError
from attribution.spotlight.candidates import candidates, latest_month, month_name, months
from attribution.spotlight.effort import longest_stage, silence_of
from attribution.spotlight.facts import facts_of, is_meeting
from attribution.spotlight.issue import spotlight
from attribution.spotlight.masks import Writer, preset
from attribution.spotlight.shown import Spotlight
from attribution.spotlight.words import Ask, DealWords, Quote, Words
from tests.sample_reading import Sample, read

MONTH = "2026-10"


@pytest.fixture(scope="module")
def shown(sample: Any) -> Spotlight:
    """The sample's latest spotlight."""
    found: Spotlight = spotlight(sample, MONTH)
    return found


def said(text: str) -> str:
    """A sentence with ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def cents(amount: Any) -> Decimal:
    """An exact amount of the view, as a number again."""
    return Decimal((amount.whole + amount.cents).replace(",", "").replace("−", "-"))


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_credits_are_those_of_the_deals_page(sample: Any, shown: Spotlight) -> None:
    reporting = sample.settings.reporting
    for story in shown.stories:
        touches = sample.explain(story.deal_id).touches
        counted = touches[touches["reason"].isna()]
        for model, which in ((reporting.model, "credit"), (reporting.second_model, "second")):
            by_asset = counted.groupby("asset_id")[f"credit_{model}"].sum()
            assert {piece.asset_id: float(cents(getattr(piece, which))) for piece in story.pieces} == pytest.approx(
                dict(by_asset)
            )
            parts = [cents(getattr(entry, which)) for entry in (*story.pieces, *(row for row in story.rows if not row.is_total))]
            assert sum(parts) == cents(getattr(story.rows[-1], which)) == cents(story.amount), "to the cent"


def test_the_months_revenue_by_topic_is_that_of_credit(sample: Any, shown: Spotlight) -> None:
    frame = sample.credit(
        by=["topic"], measures=["revenue"], filters=Filters(date_from=date(2026, 10, 1), date_to=date(2026, 10, 31))
    )
    expected = {row["topic"]: Decimal(repr(row["revenue"])) for row in frame.to_dict("records") if isinstance(row["topic"], str)}
    bars = {bar.slot: cents(bar.amount) for bar in shown.topics if bar.slot != "neutral"}
    assert bars == {topic: amount.quantize(Decimal("0.01")) for topic, amount in expected.items() if topic in bars}
    assert sum(cents(bar.amount) for bar in shown.topics) == sum(cents(bar.amount) for bar in shown.deals)


def test_won_deals_took_part_and_cost_by_plain_python(reading: Sample, sample: Any, shown: Spotlight) -> None:
    won = [deal for deal in reading.won if deal["closed_at"].startswith(MONTH)]
    assert sorted(cents(bar.amount) for bar in shown.deals) == sorted(reading.value(deal) for deal in won)
    used = [deal for deal in won if any(touch["asset"] for touch in reading.journeys[deal["deal_id"]])]
    assert said(shown.figures[2].note).startswith(f"{len(used)} of {len(won)} deals")
    year = [deal for deal in reading.won if "2025-11" <= deal["closed_at"][:7] <= MONTH]
    costs = {asset.asset_id: asset.cost for asset in assets(sample)}
    for story in shown.stories:
        for piece in story.pieces:
            took = [deal for deal in year if any(touch["asset"] == piece.asset_id for touch in reading.journeys[deal["deal_id"]])]
            assert piece.took_part is not None
            assert cents(piece.took_part) == reading.total(took)
            assert (piece.cost and cents(piece.cost)) == costs[piece.asset_id]


def test_pieces_people_and_days_by_plain_python(reading: Sample, shown: Spotlight) -> None:
    for story in shown.stories:
        journey = reading.journeys[story.deal_id]
        content = [touch for touch in journey if touch["asset"]]
        assert [piece.asset_id for piece in story.pieces] == list(dict.fromkeys(touch["asset"] for touch in content))
        people = {reading.persons[touch["touch_id"]] for touch in content} - {""}
        assert story.people == len(people)


def test_traffic_and_leads_by_plain_python(shown: Spotlight) -> None:
    views: dict[str, float] = defaultdict(float)
    for row in read("activity_counts"):
        if row["metric"] == "page_views" and row["asset_id"]:
            views[row["observed_on"][:7]] += float(row["value"])
    assert shown.figures[0].points == tuple(views[month] for month in _months_before(MONTH))
    assert said(shown.figures[0].value) == f"{views[MONTH]:,.0f}"


def _months_before(month: str) -> list[str]:
    last = int(month[:4]) * 12 + int(month[5:]) - 1
    return [f"{index // 12}-{index % 12 + 1:02}" for index in range(last - 12, last + 1)]


def test_stages_and_silence_by_plain_python(reading: Sample, sample: Any, shown: Spotlight) -> None:
    inside = Writer(preset("inside"), "EUR")
    for story in shown.stories:
        facts = facts_of(sample, story.deal_id, inside)
        changes = sorted(
            (row["entered_at"], row["deal_stage"]) for row in read("deal_stage_changes") if row["deal_id"] == story.deal_id
        )
        stays: dict[str, float] = defaultdict(float)
        moments = [datetime.fromisoformat(entered.replace("Z", "+00:00")) for entered, _ in changes]
        for (_, stage), entered, left in zip(changes, moments, moments[1:], strict=False):
            stays[stage] += (left - entered).total_seconds() / 86400
        longest = max(stays, key=lambda stage: stays[stage])
        found = longest_stage(facts)
        assert found is not None
        assert found[0] == longest
        assert abs(found[1] - stays[longest]) < 1
        silence = silence_of(facts)
        days = sorted({touch.at.date() for touch in facts.touches} | {facts.end.date()})
        gap = max(later - earlier for earlier, later in pairwise(days)).days
        assert silence is not None
        assert (silence[1].date() - silence[0].date()).days == gap


def test_what_a_meeting_is() -> None:
    assert is_meeting("call", "sales")
    assert is_meeting("on_site_visit", "partner")
    assert not is_meeting("event_visit", "buyer"), "a buyer's visit to a fair is no meeting of ours"
    assert not is_meeting("recall_notice", "sales"), "whole words"


# --- candidates -------------------------------------------------------------------------------------------------------


def test_the_latest_month_is_complete_and_has_a_won_deal(sample: Any) -> None:
    assert latest_month(sample) == MONTH, "November runs until its end"
    assert months(sample)[0] == "2026-11"
    assert month_name(MONTH) == "October 2026"


def test_candidates_are_ranked_with_reasons(sample: Any) -> None:
    found = candidates(sample, MONTH)
    assert len(found) == 10
    assert [entry.score for entry in found] == sorted((entry.score for entry in found), reverse=True)
    assert found[0].reasons[0] == "largest deal of the month"
    assert found[-1].pieces == 0
    assert "nothing to tell" in found[-1].reasons[-1]
    told = candidates(sample, MONTH, told=[found[0].deal_id])
    assert told[0].deal_id != found[0].deal_id
    assert next(entry for entry in told if entry.deal_id == found[0].deal_id).reasons[-1] == "told before"
    days = {entry.deal_id: entry.days for entry in found}
    assert all(days[story.deal_id] == story.days for story in spotlight(sample, MONTH).stories)


@pytest.mark.parametrize("month", ["2026-13", "October", "2026", "2026-1", "0000-01", ""])
def test_a_month_that_is_none(sample: Any, month: str) -> None:
    with pytest.raises(QueryError, match="Write it like 2026-03"):
        spotlight(sample, month)


def test_deals_of_other_months_and_too_many_are_refused(sample: Any) -> None:
    with pytest.raises(QueryError, match="not won in October 2026"):
        spotlight(sample, MONTH, ["D-0001"])
    with pytest.raises(QueryError, match="at most 5"):
        spotlight(sample, MONTH, [entry.deal_id for entry in candidates(sample, MONTH)[:6]])
    with pytest.raises(QueryError, match="Did you mean 'partner'"):
        spotlight(sample, MONTH, preset="partners")


# --- words ------------------------------------------------------------------------------------------------------------


def test_words_make_a_round_trip_and_know_their_limits() -> None:
    words = Words(
        headline=" They read the price first ",
        deals={
            "D-1": DealWords(
                headline="Six at one table", quotes=(Quote(asset_id="A-1", text="It helped", said_on=date(2026, 11, 2)),)
            )
        },
        ask=Ask(question="What does it cost to move?", by_on=""),
        thanks="All of you",
    )
    assert words.headline == "They read the price first"
    assert words.ask.by_on is None
    assert Words.model_validate_json(words.model_dump_json()) == words
    assert words.of("D-2") == DealWords()
    for wrong in ({"headline": "x" * 161}, {"deals": {"D": {"quotes": [{}] * 4}}}, {"title": "no such field"}):
        with pytest.raises(ValidationError):
            Words.model_validate(wrong)


def test_words_stand_where_they_were_written(sample: Any) -> None:
    deal = candidates(sample, MONTH)[0].deal_id
    piece = spotlight(sample, MONTH, [deal]).stories[0].pieces[1]
    words = Words(
        headline="They read the price before they spoke to us",
        deals={
            deal: DealWords(
                headline="Finance came last",
                quotes=(Quote(asset_id=piece.asset_id, text="Sent it twice", said_by="Account executive"),),
            )
        },
        ask=Ask(question="What does moving cost?", writes="Content lead", by_on=date(2026, 12, 4)),
        thanks="Thank you, Kaspar Wendt",
    )
    found = spotlight(sample, MONTH, [deal], words)
    story = found.stories[0]
    assert (found.headline, story.headline) == ("They read the price before they spoke to us", "Finance came last")
    assert found.computed_headline != found.headline
    assert story.computed.startswith(story.name)
    assert [(pick.number, pick.text, pick.by) for pick in story.picks] == [(piece.number, "Sent it twice", "Account executive")]
    assert found.ask is not None
    assert not found.ask.is_proposed
    assert ("By", "4 Dec 2026") in found.ask.rows
    assert found.thanks[0] == "Thank you, Kaspar Wendt", "inside, who writes may name whom they like"


# --- designed states --------------------------------------------------------------------------------------------------

SETTINGS = {"reporting": {"currency": "EUR", "as_of": "2026-04-15"}}
DEAL = {
    "deal_id": "D1",
    "name": "First",
    "created_at": "2026-01-05",
    "closed_at": "2026-03-05",
    "status": "won",
    "amount": "1000",
}
READ = {
    "touch_id": "T1",
    "occurred_at": "2026-01-10 10:00:00",
    "deal_id": "D1",
    "channel": "organic",
    "kind": "page_view",
    "asset_id": "A1",
}
CALL = {
    "touch_id": "T2",
    "occurred_at": "2026-01-20 10:00:00",
    "deal_id": "D1",
    "channel": "sales",
    "kind": "call",
    "actor": "sales",
}
ASSET = {"asset_id": "A1", "title": "Prices", "topic": "cost", "cost": "500"}


def test_a_month_without_won_deals(open_rows: Callable[..., Any]) -> None:
    found = spotlight(open_rows({"deals": [DEAL], "touches": [READ], "content_assets": [ASSET]}, SETTINGS), "2026-02")
    assert found.stories == ()
    assert found.deals == ()
    assert found.headline == "No deal was won in February"
    assert "The latest month with a won deal is March 2026." in found.sentence
    assert found.ask is None


def test_a_deal_without_content_says_what_would_tie_readings(open_rows: Callable[..., Any]) -> None:
    found = spotlight(open_rows({"deals": [DEAL], "touches": [{**CALL}]}, SETTINGS), "2026-03")
    story = found.stories[0]
    assert story.timeline is None
    assert story.pieces == ()
    assert "asset_urls" in " ".join(story.missing)
    assert story.cost == "No content was used, so none was paid for."
    assert cents(story.rows[-1].credit) == Decimal(1000)
    assert any("content_assets" in words for words in found.missing)


def test_content_without_cost_feedback_stages_and_lost_deals(open_rows: Callable[..., Any]) -> None:
    rows = {"deals": [DEAL], "touches": [READ, CALL], "content_assets": [{**ASSET, "cost": ""}]}
    found = spotlight(open_rows(rows, SETTINGS), "2026-03")
    story = found.stories[0]
    assert story.pieces[0].cost is None
    assert "No cost of these pieces is recorded" in story.cost
    assert story.picks[0].is_quote is False
    assert story.picks_title == "What carries the credit"
    assert "content_feedback" in story.missing[0]
    assert "deal_stage_changes" in story.missing[1]
    assert "No stage changes are recorded" in story.effort
    assert story.exposure_note == "No deal was lost that this could be compared with."
    assert found.missing[0].startswith("No cost of content is known")
    assert found.missing[-1].startswith("There are no lost deals to compare with")
    assert said(story.sentence) == "First came somebody on the deal, with “Prices” on day 0, before the deal was won."


def test_a_deal_without_touches_and_amount(open_rows: Callable[..., Any]) -> None:
    found = spotlight(open_rows({"deals": [{**DEAL, "amount": ""}], "touches": []}, SETTINGS), "2026-03")
    assert found.stories[0].days == 59
    assert cents(found.stories[0].amount) == 0
    assert found.sentence == "Content took no part in the one deal won in March."


def test_feedback_is_the_reps_pick(open_rows: Callable[..., Any]) -> None:
    feedback = [
        {
            "asset_id": "A1",
            "deal_id": "D1",
            "owner_id": "O1",
            "given_at": "2026-03-06 09:00:00",
            "rating": "4",
            "comment": "Saved <us> a week",
        },
        {
            "asset_id": "A9",
            "deal_id": "D1",
            "owner_id": "O1",
            "given_at": "2026-03-07 09:00:00",
            "rating": "5",
            "comment": "Not used here",
        },
    ]
    rows = {"deals": [{**DEAL, "owner_id": "O1"}], "touches": [READ], "content_assets": [ASSET], "content_feedback": feedback}
    story = spotlight(open_rows(rows, SETTINGS), "2026-03").stories[0]
    assert [(pick.number, pick.text) for pick in story.picks] == [(1, "Saved <us> a week")]
    assert said(story.picks[0].by) == "Owner of this deal, 6 Mar 2026, rated 4 of 5"


def test_a_question_nobody_answers_is_proposed(open_rows: Callable[..., Any]) -> None:
    rows = {
        "deals": [DEAL, {**DEAL, "deal_id": "D2", "status": "open", "closed_at": "", "amount": "7000"}],
        "touches": [READ],
        "content_assets": [{**ASSET, "owner_id": "O1", "status": "published"}],
        "people": [{"owner_id": "O1", "name": "Jo", "team": "Marketing"}, {"owner_id": "O2", "name": "Al", "team": "Sales North"}],
        "questions": [
            {"question_id": "Q1", "asked_at": "2026-04-01 09:00:00", "deal_id": "D2", "asked_by": "O2", "text": "What is the notice period?", "topic": "cost"}
        ],
    }  # fmt: skip
    found = spotlight(open_rows(rows, SETTINGS), "2026-03").ask
    assert found is not None
    assert found.is_proposed
    assert found.question == "What is the notice period?"
    assert said(found.why) == "Asked once without an answer to send, in 1 open deal worth €7.00 k. Nothing published answers it."
    assert [(name, said(words)) for name, words in found.rows] == [
        ("Writes it", "Marketing, who wrote 1 piece on cost"),
        ("By", "8 May 2026"),
        ("Cost", "about €500, the mean of 1 on cost"),
        ("First reader", "Sales North, who were asked last"),
    ]


# --- sentences --------------------------------------------------------------------------------------------------------

COVER = answers.CoverFacts(
    month="October", before="September", deals=12, with_content=9, won="€1.61 M", credited="€0.87 M", credited_share=0.54,
    before_share=0.49, top_topic="Cost", top_amount="€0.31 M", top_title="What does it cost? All prices", top_deals=7,
)  # fmt: skip


def test_golden_cover() -> None:
    assert said(answers.cover_headline(COVER)) == "“What does it cost? All prices” was used in 7 of the 12 deals won in October"
    assert said(answers.cover_sentence(COVER)) == (
        "Content took part in 9 of the 12 deals won in October. Under the agreed rule it is credited with €0.87 M of €1.61 M "
        "(54 %; September 49 %), pages on cost with the most: €0.31 M."
    )
    masked = answers.CoverFacts(**{**COVER.__dict__, "is_masked": True})
    assert said(answers.cover_sentence(masked)) == (
        "Content took part in 9 of the 12 deals won in October. Under the agreed rule it is credited with 54 % of what was won "
        "(September 49 %), pages on cost with the most."
    )


def test_golden_story() -> None:
    facts = answers.StoryFacts(
        17, 2, 3, ("IT architect", "What does it cost?", "day 11"), "before the deal was opened", ("purchasing", "day 96")
    )
    assert said(answers.story_sentence(facts)) == (
        "First came IT architect, with “What does it cost?” on day 11, before the deal was opened. Last came purchasing, on day 96. "
        "Of 17 uses, 12 were their own doing, 2 sent by sales and 3 by marketing."
    )
    assert said(answers.story_summary("€186,000", 14, 4, 203)) == "€186,000, 14 pieces, 4 people, 203 days"
    assert said(answers.story_summary("€5", 0, 0, 1)) == "€5, no content, 1 day"


def test_golden_cost_and_unseen() -> None:
    assert said(answers.cost_sentence(14, 12, "€49.8 k", "€943")) == (
        "The 14 pieces cost €49.8 k (2 of them without a recorded cost). Shared out over every deal that used them, this deal’s part is €943."
    )
    assert said(answers.unseen_sentence(2, 6, 3, "19 Mar 2026", 1, 0)) == (
        "2 of the 6 people on the deal left no trace. 3 uses could not be given to a person. Nothing is known before 19 Mar 2026. "
        "1 touch is too old to count. What was printed, forwarded or said is not recorded."
    )


def test_names_from_right_to_left_are_kept_apart() -> None:
    assert answers.isolated("Prices") == "Prices"
    assert answers.isolated("שלום 5") == "\u2068שלום 5\u2069"
    assert (
        answers.in_short("What does month-end close software cost? All prices, and what drives them")
        == "What does month-end close software cost?"
    )
