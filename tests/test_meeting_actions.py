"""What a meeting looks at, and its blocks over what was written: actions of earlier meetings, and who does what by when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from attribution import config, settings_file
from attribution import store as stores
from attribution.errors import SettingsError
from attribution.filters import Filters
from attribution.meeting import actions, agenda, fit, funnel, measures, moves, plan, promised, promises, stuck
from attribution.meeting.block import Block, Context
from attribution.meeting.context import context, usual_day
from attribution.meeting.minutes import MINUTES
from attribution.store import Action, Decision, Dismissal, Pack, Store

BEFORE, DAY = date(2026, 11, 5), date(2026, 11, 20)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = stores.open(str(tmp_path / "store.sqlite"))
    yield opened
    opened.close()


def plain(words: str) -> str:
    return words.replace("\u00a0", " ")


def close(store: Store, meeting_id: int, version: str = "gone") -> None:
    store.meetings.close(Pack(meeting_id, {}, "", "", version, False, "Anna", datetime(2026, 11, 5, 12, tzinfo=UTC)))


# -- what a meeting looks at --------------------------------------------------------------------------------------------


def test_the_last_closed_meeting_comes_before_the_setting(sample: Any, store: Store) -> None:
    assert context(sample, None, DAY).last_on == BEFORE, "as last_meeting_on says"
    assert context(sample, store, BEFORE).last_on is None, "a meeting is not after itself"
    meeting = store.meetings.open(date(2026, 11, 12))
    assert context(sample, store, DAY).last_on == BEFORE, "an open one is none to compare with"
    close(store, meeting.meeting_id)
    here = context(sample, store, DAY)
    assert (here.last_on, here.before) == (date(2026, 11, 12), None)
    assert here.since == date(2026, 11, 12)


def test_the_data_that_the_last_meeting_saw_is_opened_where_it_is_kept(sample: Any, store: Store) -> None:
    close(store, store.meetings.open(BEFORE).meeting_id, sample.version)
    before = context(sample, store, DAY).before
    assert before is not None
    assert before.version == sample.version
    before.close()


def test_what_a_later_meeting_wrote_is_not_known_before_it(sample: Any, store: Store) -> None:
    later = store.meetings.open(date(2026, 12, 4))
    store.meetings.add(Action(later.meeting_id, "plan", "Later"))
    store.meetings.add(Decision(later.meeting_id, "plan", "Later"))
    here = context(sample, store, DAY)
    assert (here.actions, here.decisions) == ((), ())
    assert len(context(sample, store, later.held_on).actions) == 1


def test_dismissals_hold_until_their_day(sample: Any, store: Store) -> None:
    meeting = store.meetings.open(DAY)
    store.meetings.add(Dismissal(meeting.meeting_id, "stuck", "waits", about="D-1", until_on=date(2026, 12, 1)))
    assert [one.about for one in context(sample, store, DAY).dismissals] == ["D-1"]
    assert context(sample, store, date(2026, 12, 2)).dismissals == ()


def test_a_meeting_is_prepared_for_the_data_s_last_day_where_that_is_set(sample: Any, store: Store) -> None:
    assert usual_day(sample, now=datetime(2030, 1, 1, tzinfo=UTC)) == DAY
    meeting = store.meetings.open(date(2026, 11, 26))
    assert usual_day(sample, (meeting,)) == date(2026, 11, 26), "one that is open and near comes first"
    assert usual_day(sample, (replace(meeting, held_on=date(2026, 9, 1)),)) == DAY
    assert usual_day(sample, (replace(meeting, state="closed"),)) == DAY


def test_fresh_data_meets_today_and_old_data_on_its_last_day(open_rows: Any) -> None:
    deal = {"deal_id": "D1", "created_at": "2026-01-05", "closed_at": "2026-02-05", "status": "won", "amount": "1000"}
    ds = open_rows({"deals": [deal], "touches": []}, {"reporting": {"currency": "EUR"}})
    assert usual_day(ds, now=datetime(2026, 2, 9, 12, tzinfo=UTC)) == date(2026, 2, 9)
    assert usual_day(ds, now=datetime(2026, 6, 1, tzinfo=UTC)) == date(2026, 2, 5)


# -- the agenda and its minutes ---------------------------------------------------------------------------------------------


def test_the_agenda_takes_an_hour_in_the_order_of_its_minutes() -> None:
    assert [item.key for item in agenda.AGENDA] == list(MINUTES)
    assert sum(item.minutes for item in agenda.AGENDA) == 60


def test_minutes_are_settings_and_unknown_blocks_are_refused_with_a_near_name() -> None:
    settings = settings_file.with_overrides(config.Settings(), ["meeting.minutes.plan=12", "meeting.minutes.content=0"])
    shown = {item.key: item.minutes for item in agenda.shown(settings)}
    assert shown["plan"] == 12
    assert "content" not in shown
    with pytest.raises(SettingsError, match=r"'stuk' is no block of the meeting. Did you mean 'stuck'"):
        settings_file.with_overrides(config.Settings(), ["meeting.minutes.stuk=3"])
    with pytest.raises(SettingsError, match="minutes lie between 0"):
        settings_file.with_overrides(config.Settings(), ["meeting.minutes.plan=500"])


# -- figures that an action is to move -----------------------------------------------------------------------------------------


def test_figures_are_measured_over_ninety_days_as_the_other_pages_measure_them(sample: Any) -> None:
    found = moves.measured(Context(sample, DAY), [*moves.MOVABLE, "no such metric"])
    assert set(found) == set(moves.MOVABLE)
    assert [moves.in_words("renamed since", value, "EUR") for value in (0.42, 42.0, None)] == ["0.42", "42", "–"], (
        "a share is not 0"
    )
    rows = sample.rows(
        "select count(*) filter (where status = 'won'), count(*) filter (where status = 'lost'), sum(amount) filter (where status = 'won'), "
        "median(cycle_days) filter (where status = 'won') from marts.deals where closed_on between ? and ?",
        [date(2026, 8, 23), DAY],
    )
    won, lost, amount, cycle = rows[0]
    assert found["won_deals"].value == won
    assert found["win_rate"].value == pytest.approx(won / (won + lost))
    assert found["won_revenue"].value == pytest.approx(float(amount))
    assert found["cycle_days"].value == pytest.approx(float(cycle))
    assert (found["win_rate"].first, found["win_rate"].last) == (date(2026, 8, 23), DAY)
    assert found["open_deals"].value == sample.rows("select count(*) from marts.deals where status = 'open'")[0][0]
    assert found["open_deals"].days == "as of 20 Nov 2026"
    window = Filters(period="custom", date_from=date(2026, 8, 23), date_to=DAY)
    assert found["spend"].value == pytest.approx(sample.metric_rows(["spend"], filters=window)[0]["spend"])


def test_fewer_than_ten_deals_give_no_rate(open_rows: Any) -> None:
    deals = [
        {"deal_id": f"D{number}", "created_at": "2026-01-05", "closed_at": "2026-02-05", "status": "won", "amount": "1000"}
        for number in range(9)
    ]
    ds = open_rows({"deals": deals, "touches": []}, {"reporting": {"currency": "EUR", "as_of": "2026-02-10"}})
    found = moves.measured(Context(ds, date(2026, 2, 10)), ["win_rate", "mean_deal", "won_deals"])
    assert (found["win_rate"].value, found["mean_deal"].value, found["won_deals"].value) == (None, None, 9)


def test_the_meetings_own_figures_are_those_of_its_blocks(sample: Any) -> None:
    here = Context(sample, DAY, BEFORE)

    def said(block: Block, label: str) -> str:
        return plain(next(figure.value for figure in block.figures if figure.label == label))

    def brackets(words: str) -> str:
        return words.partition("(")[2].removesuffix(")")

    kept, stuck_, fit_ = promises.block(here), stuck.block(here), fit.block(here)
    expected = {
        "first_response": said(kept, "First response"),
        "answered_as_promised": brackets(said(kept, "Answered as promised")),
        "accepted": brackets(said(kept, "Accepted")),
        "leads_waiting": next(figure.note for figure in kept.figures if figure.label == "Accepted")
        .rpartition(", ")[2]
        .split()[0],
        "open_promises": said(kept, "Open promises"),
        "plan_coverage": said(plan.block(here), "Open deals ÷ still to win"),
        "value_at_risk": said(stuck_, "Value at risk"),
        "stuck_deals": said(stuck_, "Stuck deals"),
        "stuck_leads": said(stuck_, "Stuck leads"),
        "won_with_touches": said(fit_, "Won deals with touches"),
        "touches_matched": said(fit_, "Touches matched"),
    }
    assert set(expected) == {entry.name for entry in measures.MEASURES}
    rates = [plain(row[4].words).split(" of ")[0] for row in funnel.block(here).grids[0].rows]
    steps = [name for name in moves.offered(sample) if name.startswith(measures.MOVED_ON)]
    expected |= dict(zip(steps, rates, strict=False))
    assert [moves.label(name) for name in steps][-2:] == ["Share going on from sales-qualified lead", "Deals opened that are won"]
    found = moves.measured(here, [*expected, "moved_on:no such stage"])
    assert {name: plain(moves.in_words(name, found[name].value, "EUR")) for name in expected} == expected
    assert found["moved_on:no such stage"].value is None
    assert found["moved_on:lead"].days == "90 days to 27 Sep 2026", "of those who had their time"


def test_figures_that_the_data_cannot_tell_are_not_offered(open_rows: Any) -> None:
    ds = open_rows({"deals": [{"deal_id": "D1", "created_at": "2026-01-05", "status": "open", "amount": "1000"}], "touches": []},
                   {"reporting": {"currency": "EUR", "as_of": "2026-02-10"}})  # fmt: skip
    assert [name for name in moves.offered(ds) if name not in moves.MOVABLE] == ["won_with_touches", "moved_on:deal opened"]
    found = moves.measured(Context(ds, date(2026, 2, 10)), ["open_promises", "value_at_risk", "accepted"])
    assert [one.value for one in found.values()] == [None] * 3, "no table is not nobody"


@pytest.mark.parametrize(
    ("name", "then", "now", "said"),
    [
        ("first_response", 6.5, 4.0, ("−2.5 business hours", True)),
        ("plan_coverage", 3.0, 2.0, ("−1.00 ×", False)),
        ("win_rate", 0.40, 0.44, ("+4.0 pts", True)),
        ("lost_deals", 10, 14, ("+4", False)),
        ("won_revenue", 2_000_000, 1_500_000, ("−€500 k", False)),
        ("spend", 100, 200, ("+€100", None)),
        ("open_deals", 7, 7, ("the same", None)),
        ("win_rate", None, 0.4, ("", None)),
        ("no such metric", 1, 2, ("", None)),
    ],
)
def test_changes_in_words(name: str, then: float | None, now: float | None, said: tuple[str, bool | None]) -> None:
    words, is_better = moves.change_in_words(name, then, now, "EUR")
    assert (plain(words), is_better) == said


# -- block 3 ------------------------------------------------------------------------------------------------------------------


def test_before_the_first_meeting_the_block_says_what_will_stand_here(sample: Any, store: Store) -> None:
    assert "This is the first meeting that is kept here" in promised.block(context(sample, store, DAY)).missing
    store.meetings.open(BEFORE)
    assert "Earlier meetings wrote down no action" in promised.block(context(sample, store, DAY)).missing


def test_actions_of_earlier_meetings_done_or_not_with_their_figure_then_and_now(sample: Any, store: Store) -> None:
    meetings = store.meetings
    first, old = meetings.open(date(2026, 10, 22)), meetings.open(BEFORE)
    long_done = meetings.add(Action(first.meeting_id, "plan", "Done long ago"))
    meetings.set_done(long_done.entry_id, date(2026, 10, 30))
    meetings.add(
        Action(old.meeting_id, "changes", "Call Pine", owner="Mara", due_on=date(2026, 11, 12), metric="win_rate", metric_value=0.40, about="D-1",
               about_name="Pine & Co")
    )  # fmt: skip
    meetings.add(
        Action(
            old.meeting_id,
            "plan",
            "Write the page",
            owner="Jo",
            due_on=date(2026, 12, 1),
            metric="won_revenue",
            metric_value=2_000_000.0,
        )
    )
    done = meetings.add(Action(old.meeting_id, "plan", "Ask finance", owner="Jo"))
    meetings.set_done(done.entry_id, date(2026, 11, 18))
    close(store, old.meeting_id)
    today = meetings.open(DAY)
    meetings.add(Action(today.meeting_id, "plan", "Of today"))
    block = promised.block(context(sample, store, DAY))
    assert plain(block.answer) == "1 action was done since 5 Nov 2026; 1 is open with time left; 1 is open past its day."
    assert [(record.group, record.name, record.amount) for record in block.records] == [
        ("! Past its day", "Call Pine", "due 12 Nov"), ("→ Open", "Write the page", "due 1 Dec"), ("✓ Done", "Ask finance", "done 18 Nov"),
    ]  # fmt: skip
    assert [figure.value for figure in block.figures] == ["1", "1", "1", "2 of 4"]
    assert plain(block.records[0].detail) == "Mara · win rate 40 % then, 44 % now · about Pine & Co"
    grid = block.grids[0]
    assert [[plain(cell.words) for cell in row] for row in grid.rows] == [
        ["Call Pine", "Win rate", "40 %", "44 %", "↑ +4.1 pts"], ["Write the page", "Won revenue", "€2.00 M", "€2.35 M", "↑ +€352 k"],
    ]  # fmt: skip
    assert "Won revenue: Amounts of won deals." in dict(grid.help)["Figure"]
    assert block.notes == ("A metric that moved does not say that the action moved it.",)


# -- block 10 -----------------------------------------------------------------------------------------------------------------


def test_who_does_what_by_when_starts_with_what_nobody_will_do(sample: Any, store: Store) -> None:
    meetings = store.meetings
    assert actions.block(context(sample, store, DAY)).missing.startswith("Nothing was decided or agreed yet.")
    old, today = meetings.open(BEFORE), meetings.open(DAY)
    meetings.add(Action(old.meeting_id, "plan", "Still open", owner="Mara", due_on=date(2026, 11, 12)))
    meetings.add(Decision(today.meeting_id, "plan", "Q4 without them"), "Anna")
    meetings.add(Action(today.meeting_id, "plan", "No day", owner="Mara"))
    meetings.add(Action(today.meeting_id, "plan", "Soon", owner="Ada", due_on=date(2026, 11, 27)))
    done = meetings.add(Action(today.meeting_id, "plan", "Done at once", owner="Ada"))
    meetings.set_done(done.entry_id, DAY)
    block = actions.block(context(sample, store, DAY))
    assert plain(block.answer) == (
        "Today took 1 decision and 3 actions; 1 from earlier meetings is still open. 1 open action lacks an owner or a day: say who and by when "
        "before you close."
    )
    assert [(record.group, record.name, record.amount) for record in block.records] == [
        ("! Who, when?", "No day", "no day"), ("Ada", "Soon", "27 Nov"), ("Mara", "Still open", "! 12 Nov"),
    ]  # fmt: skip
    assert [figure.value for figure in block.figures] == ["1", "3", "3", "1", "27 Nov"]
    decided, by_owner = block.grids
    assert [[cell.words for cell in row] for row in decided.rows] == [["Q4 without them", "Anna"]]
    assert [[cell.words for cell in row][:3] for row in by_owner.rows] == [["Mara", "2", "1"], ["Ada", "1", "–"]]
