"""The meeting's block about what changed: the sample's files in plain Python, and a restatement whose causes add up on random worlds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.filters import Filters
from attribution.meeting import changes, deals, plan
from attribution.meeting.block import Context
from attribution.meeting.careful import marks
from attribution.meeting.changes_found import changes as find_changes
from attribution.meeting.changes_found import open_steps
from attribution.meeting.deal_states import State
from attribution.meeting.restatement import CAUSES, periods, restated, restatement
from tests.meetings import LAST_MEETING, SETTINGS, TODAY, day_of, deal_row, is_plain, local, small_world
from tests.sample_reading import Sample, read


def test_changes_since_the_last_meeting_are_those_of_the_files(this_meeting: Context, reading: Sample, sample: Any) -> None:
    made = find_changes(this_meeting)
    for status in ("won", "lost"):
        those = [
            deal
            for deal in reading.deals
            if deal["status"] == status and (day_of(deal, "closed_at") or LAST_MEETING) > LAST_MEETING
        ]
        assert {event.state.deal_id for event in made.of(status)} == {deal["deal_id"] for deal in those}
        assert made.sum(status) == reading.total(those)
    opened = [deal for deal in reading.deals if (day_of(deal, "created_at") or LAST_MEETING) > LAST_MEETING]
    assert {event.state.deal_id for event in made.of("opened")} == {deal["deal_id"] for deal in opened}
    is_open = {deal["deal_id"]: deal for deal in reading.deals if deal["status"] == "open"}
    later, amounts = {}, {}
    for row in read("deal_changes"):
        if row["deal_id"] in is_open and local(row["changed_at"]) > LAST_MEETING and is_open[row["deal_id"]] not in opened:
            (later if row["field"] == "expected_close_on" else amounts if row["field"] == "amount" else {}).setdefault(
                row["deal_id"], row["old_value"]
            )
    later = {key: old for key, old in later.items() if is_open[key]["expected_close_on"] > old}
    slipped = {key for key, old in later.items() if old <= "2026-12-31" < is_open[key]["expected_close_on"]}
    assert {event.state.deal_id for event in made.of("slipped")} == slipped
    assert {event.state.deal_id for event in made.of("later")} == set(later) - slipped
    grown = {key for key, old in amounts.items() if Decimal(is_open[key]["amount"]) > Decimal(old)}
    assert {event.state.deal_id for event in made.of("grown")} == grown
    assert {event.state.deal_id for event in made.of("shrunk")} == set(amounts) - grown
    overview = sample.metric_rows(
        ["won_revenue", "won_deals", "lost_deals"], [], Filters(date_from=LAST_MEETING + timedelta(days=1), date_to=TODAY)
    )[0]
    assert float(made.sum("won")) == pytest.approx(overview["won_revenue"])
    assert (len(made.of("won")), len(made.of("lost"))) == (overview["won_deals"], overview["lost_deals"])
    assert float(made.open_now) == pytest.approx(sample.metric_rows(["open_amount"])[0]["open_amount"])
    assert sum(made.open_steps.values()) == made.open_now - made.open_then


def test_changes_in_words(this_meeting: Context) -> None:
    made = changes.block(this_meeting)
    assert made.answer.replace("\xa0", " ") == (
        "Since 5 Nov six deals were won (€367,418), six lost (€240,452) and 11 opened (€503,730); open deals are €9.40 M, down €167,811. "
        "One deal worth €185,460 slipped out of Q4. No recorded change touches a past quarter."
    )
    assert "not kept" in made.notes[-1], "what cannot be known without the pinned data is said"
    assert made.picture is not None and made.picture.kind == "steps"
    assert sum(bar.value or 0 for bar in made.picture.bars[:-1]) == pytest.approx(made.picture.bars[-1].value)
    groups = [record.group for record in made.records]
    assert groups == sorted(groups, key=groups.index) and groups[0] == "↑ Won" and len(groups) == len(made.records)
    assert is_plain(made)


def test_the_restatement_names_every_cause(corrected: Context) -> None:
    made = find_changes(corrected)
    q1 = next(one for one in made.periods if one.name == "Q1 2025")
    assert (q1.then, q1.now) == (Decimal("94803.75"), Decimal("71720.50"))
    assert {cause: amount for cause, amount, _ in q1.by_cause()} == {
        "cancelled": Decimal("-30000"), "corrected": Decimal("-10000.25"), "late": Decimal("28000"), "moved": Decimal("-7000"), "gone": Decimal("-3000"),
        "added": Decimal("450"), "rate": Decimal("-200"), "reopened": Decimal("-2000"), "won after all": Decimal("900"), "merged": Decimal("-333"),
        "currency": Decimal("100"),
    }  # fmt: skip
    year = next(one for one in made.periods if one.name == "2025 so far")
    assert "moved" not in {part.cause for part in year.parts}, "a date that moved within the year moves none of it"
    now = corrected.ds.metric_rows(["won_revenue"], [], Filters(date_from=date(2025, 1, 1), date_to=date(2025, 3, 31)))[0][
        "won_revenue"
    ]
    assert float(q1.now) == pytest.approx(now)
    kinds = {kind: [event.state.deal_id for event in events] for kind, events in made.events.items() if events}
    assert kinds == {
        "won": ["D8"], "opened": ["D12"], "slipped": ["D7"], "grown": ["D7"], "dated back": ["D3", "D14"],
        "cancelled": ["D1"], "added": ["D11"], "gone": ["D5", "D10"], "corrected": ["D2", "D15"], "re-dated": ["D4"], "reopened": ["D13"], "merged": ["D17"],
    }  # fmt: skip
    assert sum(made.open_steps.values()) == made.open_now - made.open_then == Decimal("-33300")


def test_the_restatement_in_words(corrected: Context) -> None:
    made = changes.block(corrected)
    assert "Q1 2025 was €94.8\xa0k on 15 Jun and is now €71.7\xa0k." in made.answer
    assert made.picture is not None and made.picture.title == "Why Q1 2025 is not the number you saw"
    assert [bar.label for bar in made.picture.bars] == [*CAUSES.values(), "Together"]
    assert made.picture.bars[-1].words == "−€23,083.25" and made.picture.bars[0].words == "−€30,000"
    assert any(note.startswith("Total unchanged: ") and "channels" in note for note in made.notes), made.notes
    assert not any("not kept" in note for note in made.notes), "the data of the last meeting is there"
    assert is_plain(made)


def test_open_deals_that_lost_their_exchange_rate_are_named(open_rows: Callable[..., Any]) -> None:
    rows = {
        "deals": [deal_row("D1", "open", 1_000), deal_row("D2", "open", 500, currency="GBP")],
        "fx_rates": [{"rate_on": "2025-06-13", "currency": "GBP", "units_per_base": 0.8}],
    }
    seen = {"reporting": {**SETTINGS["reporting"], "as_of": datetime(2025, 6, 15, 12, tzinfo=UTC)}}
    now, then = open_rows(rows, SETTINGS), open_rows(rows, seen)
    context = Context(now, date(2025, 6, 30), date(2025, 6, 15), then)
    made = find_changes(context)
    assert (made.open_then, made.open_now) == (Decimal("1625"), Decimal("1000"))
    assert made.open_steps == {"no exchange rate": Decimal("-625")}
    assert [(one.group, one.amount, one.detail) for one in changes.block(context).records] == [
        ("! No rate", "−625", "GBP: no exchange rate, not counted now")
    ]
    assert "1\u00a0open deal is not counted: no exchange rate (fx_rates.csv)." in marks(context)["changes"]


def test_a_meeting_on_a_day_before_the_end_of_the_data_says_whose_open_deals_it_shows(corrected: Context) -> None:
    said = marks(Context(corrected.ds, date(2025, 6, 20), date(2025, 6, 15), corrected.before))["changes"]
    assert "Open deals are those of 30 Jun 2025, 10\u00a0days after the meeting." in said


def test_without_the_version_of_the_last_meeting_recorded_changes_tell(open_rows: Callable[..., Any]) -> None:
    rows = small_world(later=True)
    rows["deals"] = [row for row in rows["deals"] if row["deal_id"] in ("D1", "D2", "D6", "D7")]
    rows["deals"][1]["amount"] = 40_000
    rows["deal_changes"] = [
        {"deal_id": "D1", "changed_at": "2025-06-20T10:00:00Z", "field": "status", "old_value": "won", "new_value": "lost"},
        {"deal_id": "D2", "changed_at": "2025-06-21T10:00:00Z", "field": "amount", "old_value": "50000", "new_value": "40000"},
        {"deal_id": "D7", "changed_at": "2025-03-01T10:00:00Z", "field": "expected_close_on", "old_value": "2025-04-20", "new_value": "2025-06-20"},
        {"deal_id": "D7", "changed_at": "2025-06-22T10:00:00Z", "field": "expected_close_on", "old_value": "2025-06-20", "new_value": "2025-07-20"},
    ]  # fmt: skip
    made = changes.block(Context(open_rows(rows, SETTINGS), date(2025, 6, 30), date(2025, 6, 15)))
    assert "Q1 2025 was €81.0\xa0k on 15 Jun and is now €41.0\xa0k." in made.answer
    assert made.picture is not None and [bar.note for bar in made.picture.bars[:2]] == ["Alba, 20 Jun", "Alba, 21 Jun"]
    assert "20 Jun → 20 Jul, second time" in [record.detail for record in made.records]
    assert "not kept" in made.notes[-1]


def test_without_recorded_changes_the_block_says_what_to_supply(corrected: Context) -> None:
    first_ever = Context(corrected.ds, date(2025, 6, 30))
    made = changes.block(first_ever)
    assert made.answer.startswith("Since 16 Jun one deal was won (€12,000) and one opened (€800)")
    assert "deal_changes.csv" in made.notes[-1]
    plain = plan.block(first_ever)
    assert plain.answer.startswith("Q2 ended with €19.0\xa0k won."), "on its last day a quarter has ended"
    assert "team shared" in plain.notes[0] and "No shared goal is set for Q2 2025." in plain.answer and not plain.missing


def test_nothing_at_all_is_said_as_well(open_rows: Callable[..., Any]) -> None:
    ds = open_rows({"deals": [deal_row("D1", "lost", 5, "2023-01-10", created_at="2023-01-01")]}, SETTINGS)
    empty = Context(ds, date(2025, 6, 30))
    for block in (plan.block(empty), changes.block(empty), deals.block(empty)):
        assert block.missing.startswith("Here stand") and block.answer.endswith(".")


STATUSES = st.sampled_from(["won", "won", "lost", "open"])
CENTS = st.integers(-10_000, 10_000_000).map(lambda cents: Decimal(cents) / 100)


@st.composite
def states(draw: st.DrawFn, deal_id: str) -> State | None:
    """A deal in one of the two versions, or none."""
    if draw(st.integers(0, 5)) == 0:
        return None
    status, original = draw(STATUSES), draw(CENTS)
    rate = draw(st.sampled_from([Decimal(1), Decimal("0.87654321"), Decimal("1.25")]))
    closed = None if status == "open" else date(2025, 1, 1) + timedelta(days=draw(st.integers(-120, 250)))
    amount = None if draw(st.integers(0, 12)) == 0 else (original * rate).quantize(Decimal("0.01"))
    return State(
        deal_id, deal_id, status, amount, original, draw(st.sampled_from(["EUR", "USD"])), rate, date(2024, 6, 1), closed
    )


@st.composite
def two_versions(draw: st.DrawFn) -> tuple[dict[str, State], dict[str, State]]:
    """The same deals before and after: many unchanged, the others anything."""
    before, after = {}, {}
    for number in range(draw(st.integers(0, 14))):
        deal_id = f"D{number}"
        old = draw(states(deal_id))
        new = old if draw(st.booleans()) else draw(states(deal_id))
        if old is not None and new is not None and new is not old and draw(st.booleans()):
            new = replace(old, original=new.original, amount=(new.original * (old.rate or 1)).quantize(Decimal("0.01")))
        before |= {deal_id: old} if old else {}
        after |= {deal_id: new} if new else {}
    return before, after


@given(two_versions())
def test_causes_add_up_to_the_difference_to_the_cent(versions: tuple[dict[str, State], dict[str, State]]) -> None:
    before, after = versions
    for one in restated(before, after, date(2025, 8, 14), 1):
        won = [sum((s.amount for s in side.values() if s.status == "won" and s.amount is not None and s.closed_on and one.first <= s.closed_on <= one.last),
                   Decimal(0)) for side in (before, after)]  # fmt: skip
        assert [one.then, one.now] == won
        assert sum((part.amount for part in one.parts), Decimal(0)) == won[1] - won[0]
        assert sum((amount for _, amount, _ in one.by_cause()), Decimal(0)) == one.difference
    same = restatement(after, after, "same", date(2024, 1, 1), date(2026, 1, 1))
    assert not same.parts and same.difference == 0
    steps = open_steps(before, after, date(2025, 8, 14))
    totals = [
        sum((s.amount for s in side.values() if s.status == "open" and s.amount is not None), Decimal(0))
        for side in (before, after)
    ]
    assert sum(steps.values(), Decimal(0)) == totals[1] - totals[0]


CHANGES: dict[str, Any] = {
    "cancelled": {"status": "lost"},
    "reopened": {"status": "open", "closed_on": None},
    "corrected": {"original": Decimal(70), "amount": Decimal(140)},
    "moved": {"closed_on": date(2025, 4, 2)},
    "currency": {"currency": "USD", "rate": Decimal(1), "amount": Decimal(100)},
    "rate": {"rate": Decimal(3), "amount": Decimal(300)},
}


@given(st.lists(st.sampled_from([*CHANGES, "gone", "merged", "added", "late", "won after all", "no rate"]), max_size=12))
def test_every_change_of_a_won_deal_has_its_own_cause(kinds: list[str]) -> None:
    before, after, first, last = {}, {}, date(2025, 1, 1), date(2025, 3, 31)
    merged = {f"D{place}" for place, kind in enumerate(kinds) if kind == "merged"}
    for place, kind in enumerate(kinds):
        won = State(f"D{place}", "", "won", Decimal(200), Decimal(100), "EUR", Decimal(2), date(2024, 6, 1), date(2025, 2, 1))
        then = {"late": replace(won, status="open", closed_on=None), "won after all": replace(won, status="lost")}.get(kind, won)
        now = replace(won, amount=None, rate=None) if kind == "no rate" else replace(won, **CHANGES.get(kind, {}))
        before |= {won.deal_id: then} if kind != "added" else {}
        after |= {won.deal_id: now} if kind not in ("gone", "merged") else {}
    made = restatement(before, after, "Q1 2025", first, last, True, merged)
    told = [(int(part.deal_id[1:]), part.cause) for part in made.parts]
    assert sorted(told) == [(place, kind.replace("no rate", "rate")) for place, kind in enumerate(kinds)]
    assert sum((part.amount for part in made.parts), Decimal(0)) == made.now - made.then


def test_the_periods_of_a_restatement() -> None:
    assert [one[0] for one in periods(date(2026, 11, 5), 1)] == [
        "Q4 2026 so far",
        "Q3 2026",
        "Q2 2026",
        "Q1 2026",
        "Q4 2025",
        "2026 so far",
    ]
    assert [one[0] for one in periods(date(2026, 3, 31), 1)] == ["Q1 2026", "Q4 2025", "Q3 2025", "Q2 2025"]
    assert periods(date(2026, 2, 10), 1)[0] == ("Q1 2026 so far", date(2026, 1, 1), date(2026, 2, 10), False)
