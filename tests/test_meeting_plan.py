"""The meeting's block about the plan: the forecast deal by deal in plain Python, targets, and quarters of the fiscal year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

import pytest

from attribution.filters import Filters
from attribution.meeting import changes, deals, plan
from attribution.meeting.block import Context
from attribution.meeting.forecast import forecast, shortest
from attribution.meeting.plan_facts import plan as plan_of
from attribution.meeting.quarters import quarter_of
from tests.meetings import SETTINGS, TODAY, day_of, deal_row, is_plain, local, small_world, target_row
from tests.sample_reading import Row, Sample, read

Q4, Q3 = (date(2026, 10, 1), date(2026, 12, 31)), (date(2026, 7, 1), date(2026, 9, 30))


def segments(reading: Sample) -> dict[str, str]:
    """Deal → segment: of its company, or of its primary contact's company."""
    aliases = {row["alias"]: row["target_id"] for row in read("identities") if row["alias_kind"] == "account"}
    contacts = {row["contact_id"]: row for row in reading.contacts}
    people = defaultdict(list)
    for row in read("deal_contacts"):
        people[row["deal_id"]].append((row["is_primary"] != "true", row["contact_id"]))
    found = {}
    for deal in reading.deals:
        account = aliases.get(deal["account_id"], deal["account_id"])
        if not account and people[deal["deal_id"]]:
            account = contacts.get(min(people[deal["deal_id"]])[1], {}).get("account_id", "")
        found[deal["deal_id"]] = reading.accounts.get(account, {}).get("segment", "")
    return found


def by_hand(reading: Sample, first: date, last: date, day: date) -> tuple[float, float, float]:
    """(won so far, expected, came after) of a quarter as seen at the end of a day: the plan's rule, deal by deal and without SQL."""
    segment_of = segments(reading)
    stages, changed = defaultdict(list), defaultdict(list)
    for row in read("deal_stage_changes"):
        stages[row["deal_id"]].append((row["entered_at"], row["deal_stage"]))
    for row in read("deal_changes"):
        changed[row["deal_id"], row["field"]].append((row["changed_at"], row["old_value"], row["new_value"]))

    def entered(deal: Row, until: date) -> dict[str, date]:
        """Stage → the first day in it, the latest entered last."""
        found: dict[str, date] = {}
        for moment, stage in sorted(stages[deal["deal_id"]]):
            if local(moment) <= until:
                found[stage] = found.pop(stage, local(moment))
        return found

    closed = [deal for deal in reading.deals if deal["status"] != "open" and (day_of(deal, "closed_at") or last) <= day]
    past = [(deal, entered(deal, day_of(deal, "closed_at") or day)) for deal in closed]

    def alike(stage: str, segment: str, only_won: bool) -> tuple[list[tuple[Row, date]], bool]:
        """The past deals to learn from (with the day from which they count), and whether the stage is known among them."""
        been = [(deal, seen[stage]) for deal, seen in past if stage in seen and (not only_won or deal["status"] == "won")]
        same = [entry for entry in been if segment_of[entry[0]["deal_id"]] == segment]
        if len(same) >= 10:
            return same, True
        if len(been) >= 10:
            return been, True
        return [(deal, day_of(deal, "created_at") or day) for deal, _ in past if not only_won or deal["status"] == "won"], False

    expected = 0.0
    for deal in reading.deals:
        created, ended = day_of(deal, "created_at"), day_of(deal, "closed_at")
        assert created is not None
        if created > day or (deal["status"] != "open" and ended is not None and ended <= day):
            continue
        seen = entered(deal, day)
        amount = float(reading.value(deal))
        if deal["status"] != "open" or day != TODAY:
            for moment, old, new in sorted(changed[deal["deal_id"], "amount"], reverse=True):
                amount = float(
                    reading.euros(old if local(moment) > day else new, deal["currency"], deal["closed_at"] or "2026-11-20")
                )
                if local(moment) <= day:
                    break
        due = deal["expected_close_on"] if deal["status"] == "open" else ""
        for moment, old, new in sorted(changed[deal["deal_id"], "expected_close_on"], reverse=True):
            due = old if local(moment) > day else new
            if local(moment) <= day:
                break
        if due and date.fromisoformat(due) > last:
            continue
        stage = list(seen)[-1] if seen else ""
        segment = segment_of[deal["deal_id"]]
        those, _ = alike(stage, segment, False)
        wins, by_stage = alike(stage, segment, True)
        so_far = (day - (seen[stage] if by_stage else created)).days
        took = [max(((day_of(won, "closed_at") or day) - since).days, 0) for won, since in wins]
        longer = [days for days in took if days > so_far]
        in_time = [days for days in longer if days <= so_far + (last - day).days]
        rate = sum(1 for other, _ in those if other["status"] == "won") / len(those)
        expected += amount * rate * (len(in_time) / len(longer) if longer else 0)
    won = [(deal, day_of(deal, "closed_at") or day) for deal in reading.won]
    return (
        float(sum(reading.value(deal) for deal, when in won if first <= when <= day)),
        expected,
        float(sum(reading.value(deal) for deal, when in won if day < when <= last)),
    )


def test_the_forecast_is_that_of_plain_python_now_and_in_a_past_quarter(sample: Any, reading: Sample) -> None:
    made = forecast(sample, quarter_of(TODAY, 1), TODAY)
    won, expected, _ = by_hand(reading, *Q4, TODAY)
    assert made.now.won == pytest.approx(won, abs=0.001) and made.now.expected == pytest.approx(expected, abs=1)
    past = made.past[0]
    assert (past.quarter.name, past.day) == ("Q3 2026", date(2026, 8, 20)), "the same day of the quarter: the 51st"
    won, expected, came = by_hand(reading, *Q3, past.day)
    assert past.won == pytest.approx(won, abs=0.001) and past.came == pytest.approx(came, abs=0.001)
    assert past.expected == pytest.approx(expected, abs=1)


def test_a_past_quarter_is_judged_by_what_was_known_then(sample: Any) -> None:
    """Moving the meeting back gives the same outlook as the back-test of today's meeting does: nothing later is looked at."""
    now = forecast(sample, quarter_of(TODAY, 1), TODAY)
    then = forecast(sample, quarter_of(date(2026, 8, 20), 1), date(2026, 8, 20))
    assert then.now.expected == pytest.approx(now.past[0].expected) and then.now.won == now.past[0].won
    assert [outlook.expected for outlook in then.past] == pytest.approx([outlook.expected for outlook in now.past[1:]])


def test_the_range_is_that_of_past_quarters(sample: Any) -> None:
    made = forecast(sample, quarter_of(TODAY, 1), TODAY)
    assert len(made.past) == 7 and made.span is not None and made.likely is not None
    ratios = [(outlook.came or 0) / outlook.expected for outlook in made.past]
    assert made.span == (pytest.approx(min(ratios)), pytest.approx(max(ratios)))
    assert made.likely[0] == pytest.approx(made.now.won + made.now.expected * min(ratios))


def test_the_plan_stands_against_the_shared_goal(this_meeting: Context, reading: Sample, sample: Any) -> None:
    made = plan_of(this_meeting)
    overview = sample.metric_rows(["won_revenue", "won_deals", "open_amount"], [], Filters(period="this_quarter"))[0]
    assert (made.forecast.now.won, made.forecast.now.won_deals) == (pytest.approx(overview["won_revenue"]), overview["won_deals"])
    assert made.open_amount == pytest.approx(sample.metric_rows(["open_amount"])[0]["open_amount"])
    assert made.goal is not None and made.goal.amount == 2_750_000
    assert made.gap == pytest.approx(2_750_000 - made.total) and made.coverage == pytest.approx(
        made.open_amount / (2_750_000 - made.forecast.now.won)
    )
    cycle = [
        max(((day_of(deal, "closed_at") or TODAY) - (day_of(deal, "created_at") or TODAY)).days, 0)
        for deal in reading.won
        if (day_of(deal, "closed_at") or TODAY) > TODAY - timedelta(days=365)
    ]
    assert sorted(made.days) == sorted(cycle)
    assert made.last_day(0.5) == date(2026, 12, 31) - timedelta(days=-int(-median(cycle) // 1))
    assert made.last_day(0.2) == date(2026, 12, 31) - timedelta(days=shortest(cycle, 0.2))


def test_targets_stand_beside_what_was_reached(this_meeting: Context, reading: Sample) -> None:
    found = {
        (target.team, target.metric, target.period, target.owner_id, target.segment): target
        for target in plan_of(this_meeting).targets
    }
    handed = [row for row in read("handoffs") if local(row["handed_at"]) >= date(2026, 11, 1)]
    leads: dict[str, date] = {}
    for row in sorted(read("lifecycle_changes"), key=lambda row: row["entered_at"]):
        if row["lifecycle_stage"] == "lead":
            leads.setdefault(row["contact_id"], local(row["entered_at"]))
    visitors = next(row for row in read("activity_counts") if row["metric"] == "visitors" and row["observed_on"] == "2026-11-01")
    assert found["marketing", "handoffs", "month", None, None].reached == len(handed)
    assert found["marketing", "leads", "month", None, None].reached == len(
        [on for on in leads.values() if on >= date(2026, 11, 1)]
    )
    assert found["marketing", "visitors", "month", None, None].reached == float(visitors["value"])
    assert found["marketing", "visitors", "month", None, None].gone == pytest.approx(20 / 30)
    for owner in ("U-11", "U-14"):
        theirs = [deal for deal in reading.won if deal["owner_id"] == owner and (day_of(deal, "closed_at") or Q4[0]) >= Q4[0]]
        assert found["sales", "won_revenue", "quarter", owner, None].reached == pytest.approx(float(reading.total(theirs)))
    assert len([target for target in found.values() if target.team == "sales"]) == 10


def test_the_plan_in_words(this_meeting: Context) -> None:
    made = plan.block(this_meeting)
    assert made.answer.replace("\xa0", " ").startswith(
        "Q4 has €1.37 M won and €1.28 M expected from 76 open deals, together €2.64 M (likely "
    )
    assert "short of the goal of €2.75 M" in made.answer.replace("\xa0", " ")
    assert len(made.figures) == 5 and not made.missing and made.picture is not None and made.picture.goal == 2_750_000
    assert [grid.title for grid in made.grids][:2] == ["Shared goals", "Targets by team"]
    assert all(record.link.startswith("deals?deal=") and record.key for record in made.records)
    assert is_plain(made)
    beyond = plan.block(replace(this_meeting, held_on=date(2030, 5, 1)))
    assert (
        beyond.answer.startswith("Q2 2030 begins")
        and "cannot be told yet" in beyond.answer
        and beyond.missing
        and not beyond.figures
    )


def test_a_goal_may_be_given_by_month_or_segment_and_count_deals(open_rows: Callable[..., Any]) -> None:
    rows = small_world(later=True)
    rows["deals"] = [row for row in rows["deals"] if row["deal_id"] not in ("D13", "D14", "D15", "D16")]
    rows["targets"] = [
        *(target_row("won_revenue", f"2025-0{month}-01", "month", 1000) for month in (4, 5, 6)),
        *(target_row("won_deals", "2025-04-01", "quarter", 3, segment=segment) for segment in ("small", "large")),
    ]
    ds = open_rows(rows, SETTINGS)
    held = Context(ds, date(2025, 6, 29), date(2025, 6, 15))
    assert plan_of(held).goal == plan.Goal(3000.0, "months")
    held = replace(held, ds=ds.with_settings({"meeting.goal_metric": "won_deals"}))
    of_deals = plan_of(held)
    assert of_deals.goal == plan.Goal(6.0, "segments") and of_deals.forecast.now.won == 2
    assert "has 2\xa0deals won" in plan.block(held).answer
    # Stages nobody has recorded, too few closed deals: said, and nothing is expected.
    assert of_deals.forecast.now.expected == 0 and "too few have closed" in plan.block(held).answer


def test_open_deals_without_amounts_are_not_worth_nothing(open_rows: Callable[..., Any]) -> None:
    rows = {
        "deals": [deal_row("D1", "open", 0), deal_row("D2", "won", 500, "2025-06-20"), deal_row("D3", "lost", 0, "2025-06-21")],
        "targets": [target_row("won_revenue", "2025-04-01", "quarter", 0)],
    }
    context = Context(
        open_rows(rows, {"reporting": {**SETTINGS["reporting"], "as_of": datetime(2025, 6, 25, 12, tzinfo=UTC)}}),
        date(2025, 6, 25),
    )
    assert plan.block(context).answer == (
        "Q2 has €500 won; 1\u00a0deal is open, none with an amount. No shared goal is set for Q2 2025."
    ), "a target of 0 is none"
    told, closed = changes.block(context), deals.block(context)
    assert "one deal is open, none with an amount." in told.answer
    assert told.picture is None, "what nobody knows is not drawn"
    for block, label in ((told, "Open deals"), (told, "Lost"), (closed, "Lost")):
        assert [(one.value, one.note) for one in block.figures if one.label == label] == [
            ("–", "1\u00a0deal, none with an amount")
        ]
    assert "one deal was won (€500) and one lost;" in closed.answer
    assert [one.value for one in told.figures if one.label.startswith("Slipped")] == ["–"], "moved dates are not recorded"


def test_quarters_follow_the_fiscal_year() -> None:
    assert [quarter_of(date(2026, month, 15), 1).name for month in (1, 4, 9, 12)] == ["Q1 2026", "Q2 2026", "Q3 2026", "Q4 2026"]
    february = quarter_of(date(2026, 1, 31), 2)
    assert (february.first, february.last, february.name) == (date(2025, 11, 1), date(2026, 1, 31), "Q4 2025/26")
    assert quarter_of(date(2026, 2, 1), 2).name == "Q1 2026/27"
