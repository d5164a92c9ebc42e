"""What each piece of content earned: numbers against plain Python over the sample's files and a small world, cost counted once, payback, exposure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from attribution import Filters
from attribution.content import one
from attribution.content.assets import Asset, assets, cost_of, known, months_between, whole_months
from attribution.content.exposure import Exposure, compared_deals, exposures, stages
from attribution.content.topics import BIG_FIVE, topics
from tests.sample_reading import Sample, read, span


@pytest.fixture(scope="module")
def found(sample: Any) -> dict[str, Asset]:
    """The sample's content over all time, under the agreed rule and linear."""
    return {entry.asset_id: entry for entry in assets(sample, models=("w_shaped", "linear"))}


def test_credit_is_that_of_the_ledger_to_the_cent(sample: Any, found: dict[str, Asset]) -> None:
    for filters in (Filters(), Filters(period="last_quarter"), Filters(segments=("enterprise",)), Filters(channels=("email",))):
        listed = {entry.asset_id: entry for entry in assets(sample, filters, ("w_shaped", "linear"))}
        for rule in ("w_shaped", "linear"):
            frame = sample.credit(rule, ["asset"], ["revenue", "deals", "pipeline"], filters)
            for row in frame.to_dict("records"):
                if row["asset"] in listed:
                    entry = listed[row["asset"]]
                    assert (entry.credit[rule], entry.credit_deals[rule], entry.credit_pipeline[rule]) == (
                        row["revenue"],
                        row["deals"],
                        row["pipeline"],
                    )
            credited = {row["asset"] for row in frame.to_dict("records") if row["revenue"]} - {None, "Unattributed"}
            assert {key for key, entry in listed.items() if entry.credit[rule]} == {
                key for key in credited if isinstance(key, str)
            }


def test_taking_part_is_the_registrys(sample: Any) -> None:
    for filters in (Filters(), Filters(period="last_quarter"), Filters(channels=("email",))):
        names = ["influenced_revenue", "influenced_deals", "influenced_pipeline"]
        rows = {row["asset"]: row for row in sample.metrics(names, ["asset"], filters).to_dict("records")}
        for entry in assets(sample, filters):
            row = rows.get(entry.asset_id, dict.fromkeys(names, 0))
            assert entry.influenced_revenue == pytest.approx(row["influenced_revenue"], abs=0.001)
            assert entry.won_deals == row["influenced_deals"]
            assert entry.influenced_pipeline == pytest.approx(row["influenced_pipeline"], abs=0.001)


def test_the_sample_tells_its_story(found: dict[str, Asset]) -> None:
    article = found["A-007"]
    assert (article.influenced_revenue, article.won_deals) == (2005039.35, 26)
    assert max(found.values(), key=lambda entry: entry.credit["linear"]) is article
    assert len([entry for entry in found.values() if entry.published_on]) == 54
    assert len([entry for entry in found.values() if entry.is_public]) == 52  # two are retired
    assert len([entry for entry in found.values() if entry.sent]) == 10


def test_production_known_twice_is_counted_once() -> None:
    amount = Decimal("1450.00")
    assert cost_of(amount, amount, Decimal("835.50")) == Decimal("2285.50")
    assert cost_of(amount, Decimal("1500.00"), None) == Decimal("1500.00")
    assert cost_of(amount, None, None) == amount
    assert cost_of(None, None, Decimal("20.00")) == Decimal("20.00")
    assert cost_of(None, None, None) is None


def test_the_samples_costs_count_production_once(found: dict[str, Asset]) -> None:
    assert found["A-007"].cost == Decimal("2285.50")
    assert found["A-019"].cost == Decimal("1310.00")
    assert found["A-060"].cost is None


def test_months_are_whole_and_end_on_their_day() -> None:
    assert months_between(date(2025, 1, 31), date(2025, 2, 28)) == 1
    assert months_between(date(2025, 1, 15), date(2025, 3, 15)) == 2
    assert months_between(date(2025, 1, 15), date(2025, 3, 16)) == 3
    assert months_between(date(2025, 1, 15), date(2024, 3, 16)) == 0
    assert [whole_months(date(2025, 5, 20), day) for day in (date(2026, 11, 19), date(2026, 11, 20), date(2025, 5, 1))] == [
        17,
        18,
        0,
    ]


# --- against plain Python over the sample's files -----------------------------------------------------------------------


def moment(text: str) -> datetime:
    """A time of the files."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def people_by_asset(reading: Sample) -> dict[str, set[str]]:
    """Content → people with a touch of it, linked people among them."""
    found: dict[str, set[str]] = defaultdict(set)
    for touch in reading.touches.values():
        if touch["asset"] and reading.persons[touch["touch_id"]]:
            found[touch["asset"]].add(reading.persons[touch["touch_id"]])
    for link in read("touch_links"):
        touch = reading.touches.get(link["touch_id"])
        if touch and touch["asset"] and link["contact_id"]:
            found[touch["asset"]].add(link["contact_id"])
    return found


def test_reach_is_what_plain_python_finds(reading: Sample, found: dict[str, Asset]) -> None:
    readers = people_by_asset(reading)
    views: dict[str, int] = defaultdict(int)
    for row in read("activity_counts"):
        if row["metric"] == "page_views" and row["asset_id"]:
            views[row["asset_id"]] += int(row["value"])
    touches = Counter(touch["asset"] for touch in reading.touches.values() if touch["asset"])
    sent = Counter(touch["asset"] for touch in reading.touches.values() if touch["asset"] and touch["actor"] == "sales")
    for key, entry in found.items():
        assert entry.readers == len(readers[key]), key
        assert entry.views == (views[key] or touches[key]), key
        assert (entry.touches, entry.sent) == (touches[key], sent[key]), key


def test_leads_are_people_whose_last_touch_before_they_were_known_used_it(reading: Sample, found: dict[str, Asset]) -> None:
    merged = {row["alias"]: row["target_id"] for row in read("identities") if row["alias_kind"] == "merged"}
    created: dict[str, datetime] = {}
    for row in reading.contacts:
        person = merged.get(row["contact_id"], row["contact_id"])
        if row["created_at"]:
            created[person] = min(created.get(person, moment(row["created_at"])), moment(row["created_at"]))
    theirs: dict[str, list[tuple[datetime, str, str]]] = defaultdict(list)

    def add(person: str, touch: dict[str, str]) -> None:
        if (
            person in created
            and touch["kind"] != "email_open"
            and moment(touch["occurred_at"]) <= created[person] + timedelta(minutes=60)
        ):
            theirs[person].append((moment(touch["occurred_at"]), touch["touch_id"], touch["asset"]))

    for touch in reading.touches.values():
        add(reading.persons[touch["touch_id"]], touch)
    for link in read("touch_links"):
        if link["touch_id"] in reading.touches:
            add(link["contact_id"], reading.touches[link["touch_id"]])
    leads = Counter(max(listed)[2] for listed in theirs.values())
    assert sum(entry.leads for entry in found.values()) > 50
    assert {key: entry.leads for key, entry in found.items()} == {key: leads[key] for key in found}


@pytest.mark.parametrize("point", [0, 30, 90, "proposal"])
def test_exposure_is_what_plain_python_finds(reading: Sample, sample: Any, point: int | str) -> None:
    entered = {
        row["deal_id"]: moment(row["entered_at"])
        for row in sorted(read("deal_stage_changes"), key=lambda row: row["entered_at"], reverse=True)
        if row["deal_stage"] == point
    }
    expected: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    reached = [0, 0]
    for deal in reading.deals:
        if deal["status"] == "open":
            continue
        until = entered.get(deal["deal_id"]) if isinstance(point, str) else moment(deal["created_at"]) + timedelta(days=point)
        if until is None or until > moment(span(deal["closed_at"])[1]):
            continue
        place = 0 if deal["status"] == "won" else 1
        reached[place] += 1
        for asset in {
            touch["asset"]
            for touch in reading.journeys[deal["deal_id"]]
            if touch["asset"] and moment(touch["occurred_at"]) < until
        }:
            expected[asset][place] += 1
    given = {"before_stage": point} if isinstance(point, str) else {"before_days": point}
    assert compared_deals(sample, **given) == tuple(reached)  # type: ignore[arg-type]
    shown = exposures(sample, **given)  # type: ignore[arg-type]
    assert {key: (entry.won_with, entry.lost_with) for key, entry in shown.items()} == {
        key: tuple(counts) for key, counts in expected.items()
    }
    assert {(entry.won_all, entry.lost_all) for entry in shown.values()} == {tuple(reached)}


def test_payback_is_the_month_in_which_linear_credit_reaches_the_cost(reading: Sample, found: dict[str, Asset]) -> None:
    earned: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for deal in reading.won:
        repeats = set()
        for touch in reading.journeys[deal["deal_id"]]:
            day = moment(touch["occurred_at"]).astimezone(ZoneInfo("Europe/Berlin")).date()
            who = reading.persons[touch["touch_id"]] or touch["visitor_id"] or touch["account_id"] or touch["deal_id"]
            repeats.add((who, touch["channel"], touch["campaign_id"], touch["asset"], touch["kind"], day))
        for key, number in Counter(repeat[3] for repeat in repeats if repeat[3]).items():
            earned[key].append((deal["closed_at"], reading.value(deal) * number / len(repeats)))
    paid = 0
    for key, entry in found.items():
        total, on = Decimal(0), None
        for day, amount in sorted(earned[key]):
            total += amount
            if on is None and entry.cost and total >= entry.cost:
                on = date.fromisoformat(day)
        assert float(total) == pytest.approx(entry.credit["linear"], rel=2e-2, abs=60), key
        if on is None:
            assert entry.payback_months is None, key
        else:
            paid += 1
            assert entry.published_on is not None
            assert entry.payback_months == months_between(entry.published_on, on), key
    assert paid > 20


def test_every_rule_in_one_pass_is_every_rule(sample: Any) -> None:
    for filters in (Filters(), Filters(period="last_quarter"), Filters(channels=("email",))):
        every = one.every_rule(sample, filters)
        for model in sample.models:
            frame = sample.credit(model.name, ["asset"], ["revenue"], filters)
            asked = {
                (row["asset"] if isinstance(row["asset"], str) else ""): row["revenue"]
                for row in frame.to_dict("records")
                if row["revenue"]
            }
            assert {key: round(value, 2) for key, value in every[model.name].items() if value} == asked, model.name


def test_one_piece_at_every_point_is_what_all_pieces_are(sample: Any) -> None:
    ages, by_stage = one.at_every_point(sample, Filters(), "A-007")
    for age, entry in ages.items():
        assert exposures(sample, before_days=age).get("A-007", Exposure(0, entry.won_all, 0, entry.lost_all)) == entry
    for stage in stages(sample):
        assert exposures(sample, before_stage=stage)["A-007"] == by_stage[stage]


def test_deals_of_one_piece_add_up(sample: Any, found: dict[str, Asset]) -> None:
    entry = found["A-007"]
    totals = {rule: (entry.credit[rule], entry.credit_pipeline[rule]) for rule in ("w_shaped", "linear")}
    frame = one.deals_of(sample, "A-007", "w_shaped", "linear", totals)
    assert len(frame) == entry.won_deals + entry.lost_deals + entry.open_deals
    assert round(frame["Credited"].sum(), 2) == entry.credit["w_shaped"]
    assert round(frame["Second rule"].sum(), 2) == entry.credit["linear"]
    assert round(frame["Credited, open"].sum(), 2) == entry.credit_pipeline["w_shaped"]
    won = frame[frame["Status"] == "won"]
    assert round(won["Amount"].sum(), 2) == entry.influenced_revenue
    uses = one.first_uses(sample, "A-007")
    assert sum(use.won for use in uses) == entry.won_deals
    assert len(one.people_of(sample, "A-007")) == entry.readers
    assert int((one.people_of(sample, "A-007")["Made a lead"]).sum()) == entry.leads
    days = one.earned_by_day(sample, "A-007", ["linear"])
    assert days[-1][1][0] == pytest.approx(entry.credit["linear"], abs=0.01)


# --- topics -----------------------------------------------------------------------------------------------------------


def test_topics_add_up_to_content(sample: Any) -> None:
    filters = Filters(period="last_12_months")
    shown = topics(sample, filters, "w_shaped", "first_touch", known(sample))
    pieces = assets(sample, filters, ("w_shaped", "first_touch"))
    whole = shown.sums()
    assert whole.revenue == pytest.approx(sum(piece.credit["w_shaped"] for piece in pieces), abs=0.005)
    assert whole.pieces == len([piece for piece in pieces if piece.is_public]) == 52
    assert whole.revenue == pytest.approx(shown.sums(True).revenue + shown.sums(False).revenue, abs=0.005)
    assert sum(cell.revenue for cell in shown.cells) == pytest.approx(
        whole.revenue, abs=0.3
    )  # each cut is rounded against its own total
    assert sum(cell.cost for cell in shown.cells) == pytest.approx(whole.cost, abs=0.005)
    life = sum(piece.credit["w_shaped"] for piece in assets(sample, models=("w_shaped",)))
    assert whole.earned == pytest.approx(life, abs=0.005)
    assert sum(cell.earned for cell in shown.cells) == pytest.approx(life, abs=0.3)
    assert whole.per_cost == pytest.approx(whole.earned / whole.cost)
    planned = {row["asset_id"]: row for row in read("content_assets")}
    on_five = [row for row in planned.values() if row["topic"] in BIG_FIVE and row["status"] in ("published", "to_revise")]
    assert shown.sums(True).pieces == len(on_five)
    asked = [row for row in read("questions") if row["topic"] == "cost"]
    demand = shown.demand["cost"]
    assert (demand.questions, demand.unanswered) == (len(asked), len([row for row in asked if not row["asset_id"]]))
    made = Counter(
        f"{row['published_on'][:4]}-Q{(int(row['published_on'][5:7]) + 2) // 3}"
        for row in planned.values()
        if row["published_on"]
    )
    assert {entry.quarter: entry.on_five + entry.others for entry in shown.made if entry.on_five + entry.others} == dict(made)


# --- exposure ---------------------------------------------------------------------------------------------------------

AS_OF = "2026-06-30"


def small_world() -> dict[str, list[dict[str, str]]]:
    """Twelve won and twelve lost deals of 100 days. G is read early in nine won and three lost deals, L on day 60 of every won deal."""
    deals, touches = [], []
    for index in range(24):
        won = index < 12
        deal = f"D{index:02}"
        deals.append(
            {
                "deal_id": deal,
                "created_at": "2026-01-01 00:00:00",
                "closed_at": "2026-04-11 00:00:00",
                "status": "won" if won else "lost",
                "amount": "1000",
            }
        )
        if index < 9 or 12 <= index < 15:
            touches.append({"deal_id": deal, "occurred_at": "2026-01-05 10:00:00", "asset_id": "G"})
        if won:
            touches.append({"deal_id": deal, "occurred_at": "2026-03-02 10:00:00", "asset_id": "L"})
    for index, touch in enumerate(touches):
        touch.update({"touch_id": f"T{index:02}", "channel": "email", "kind": "click"})
    changes = [
        {"deal_id": f"D{index:02}", "deal_stage": "proposal", "entered_at": "2026-02-01 00:00:00"}
        for index in range(24)
        if index != 23
    ]
    return {"deals": deals, "touches": touches, "deal_stage_changes": changes}


@pytest.fixture(scope="module")
def small(open_rows: Callable[..., Any]) -> Any:
    """The small world as a dataset."""
    return open_rows(small_world(), {"reporting": {"currency": "EUR", "as_of": AS_OF}})


def test_a_use_counts_up_to_the_point_only(small: Any) -> None:
    early = exposures(small, before_days=30)
    assert early == {"G": Exposure(9, 12, 3, 12)}
    assert exposures(small, before_days=90)["L"] == Exposure(12, 12, 0, 12)
    assert exposures(small, before_days=0) == {}


def test_deals_that_ended_sooner_are_not_compared(small: Any) -> None:
    assert compared_deals(small, before_days=90) == (12, 12)
    assert compared_deals(small, before_days=120) == (0, 0)
    assert exposures(small, before_days=120) == {}


def test_before_a_stage_compares_the_deals_that_entered_it(small: Any) -> None:
    assert stages(small) == ("proposal",)
    assert exposures(small, before_stage="proposal") == {"G": Exposure(9, 12, 3, 11)}
    assert exposures(small, before_stage="nothing") == {}


def test_lift_and_its_interval() -> None:
    entry = Exposure(9, 12, 3, 12)
    assert entry.lift == pytest.approx(3.0)
    # log 3 ± 1.6449 × sqrt(1/9 − 1/12 + 1/3 − 1/12) = 1.0986 ± 0.8671
    assert entry.low == pytest.approx(1.2606, abs=5e-4)
    assert entry.high == pytest.approx(7.1395, abs=5e-3)
    assert entry.enough
    assert not entry.no_difference
    zero = Exposure(12, 12, 0, 12)
    assert zero.lift is None
    assert zero.low is not None and zero.low > 1 and zero.high is not None
    assert Exposure(12, 12, 12, 12).no_difference
    assert Exposure(0, 12, 0, 12).interval is None
    assert not Exposure(5, 9, 5, 30).enough


def test_a_return_is_of_the_whole_life(sample: Any, found: dict[str, Asset]) -> None:
    entry = found["A-007"]
    assert entry.cost is not None
    assert entry.roi == pytest.approx((entry.credit["w_shaped"] - float(entry.cost)) / float(entry.cost))
    for filters in (Filters(period="last_quarter"), Filters(segments=("enterprise",)), Filters(channels=("email",))):
        assert {part.roi for part in assets(sample, filters)} == {None}


@pytest.mark.parametrize(
    "override", [{"models.time_decay.half_life_days": 7}, {"journeys.lookback_days": 60}, {"journeys.actors": ["buyer"]}]
)
def test_a_what_if_reaches_content(sample: Any, override: dict[str, Any]) -> None:
    other = sample.with_settings(override)
    listed = {entry.asset_id: entry for entry in assets(other, models=("time_decay",))}
    frame = other.credit("time_decay", ["asset"], ["revenue"])
    asked = {row["asset"]: row["revenue"] for row in frame.to_dict("records") if row["asset"] in listed}
    assert {key: entry.credit["time_decay"] for key, entry in listed.items() if key in asked} == asked
    names = ["influenced_deals"]
    took = {row["asset"]: row["influenced_deals"] for row in other.metrics(names, ["asset"]).to_dict("records")}
    assert all(entry.won_deals == took.get(key, 0) for key, entry in listed.items())
    if "journeys.actors" in override:
        assert sum(entry.sent for entry in listed.values()) == 167  # what was sent stays sent
        assert sum(entry.leads for entry in listed.values()) > 0
