"""What each piece of content earned: numbers against plain Python over the sample's files and a small world, cost counted once, payback, exposure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from attribution import Filters
from attribution.content.assets import Asset, assets, cost_of, months_between
from attribution.content.exposure import Exposure, compared_deals, exposures, stages


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
