"""The product against the oracle: random worlds, built for real, under every model, policy, join rule, grain and lookback.

``reference.py`` says what must come out; every weight is compared to 1e-9 and every reason exactly. Worlds are seeded and
Hypothesis chooses the settings; a failure names the world, the settings, the deal, the model and both answers.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ledger import UNATTRIBUTED, read_ledger
from tests.reference import Oracle, rounded_table
from tests.reference_facts import ACTORS, half_up, with_setting
from tests.worlds import World

# Settings to choose from, one value per key at a time; the first is the default.
CHOICES: dict[str, tuple[Any, ...]] = {
    "journeys.join_rule": ("deal_else_account", "deal", "primary", "account"),
    "journeys.lookback_days": (540, 0, 30, 90, 1.5, 36500),
    "journeys.start": ("lookback", "after_previous_win"),
    "journeys.grain": ("day", "event"),
    "journeys.actors": (list(ACTORS), ["buyer"], ["marketing", "sales"], ["partner"]),
    "journeys.exclude_channels": ([], ["direct"], ["email", "organic"], ["nobody"]),
    "journeys.exclude_kinds": (["email_open"], [], ["page_view", "form"]),
    "journeys.direct_channels": (["direct"], ["direct", "organic", "unknown"], []),
    "journeys.milestone_grace_minutes": (60, 0, 1, 1440),
    "models.missing_share": ("proportional", "equal", "unattributed"),
    "models.w_shaped.missing_share": (None, "equal", "unattributed"),
    "models.custom.my_w.missing_share": (None, "proportional", "equal"),
    "models.time_decay.half_life_days": (30, 7, 0.02, 5000),
    "models.markov.dimension": ("channel", "campaign", "kind", "actor", "asset", "topic"),
    "models.markov.order": (1, 2),
    "models.markov.stale_days": (180, 5, 0.5),
    "models.shapley.dimension": ("channel", "campaign", "asset", "kind", "actor", "topic"),
    "reporting.opened_by": ("first", "deal_creation"),
}
OVERRIDES = st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in CHOICES.items()})
WORLDS = {  # name → arguments of World
    "crowded": {"seed": 1, "touches": 420},
    "sparse": {"seed": 2, "touches": 120},
    "days only": {"seed": 3, "touches": 200, "precision": "days"},
    "midnights only": {"seed": 4, "touches": 200, "precision": "midnights"},
    "three currencies": {"seed": 5, "touches": 150, "currencies": ("EUR", "USD", "BRL", "CHF")},
}
TOUCH_DIMENSIONS = ("channel", "campaign", "asset", "topic", "kind", "actor", "touch", "phase")
DEAL_DIMENSIONS = (
    "segment", "industry", "country", "owner", "partner", "pipeline", "deal_type", "deal", "month", "quarter", "opened_by"
)  # fmt: skip
MEASURES = (
    "revenue", "deals", "pipeline", "pipeline_deals", "influenced_revenue", "influenced_deals", "sourced_revenue"
)  # fmt: skip


@pytest.fixture(scope="module")
def built_world(open_rows: Any) -> Any:
    """A function: the world of that name and its Dataset, built once."""
    known: dict[str, tuple[World, Any]] = {}

    def get(name: str) -> tuple[World, Any]:
        if name not in known:
            world = World(**WORLDS[name])
            known[name] = world, open_rows(world.rows, world.settings)
        return known[name]

    return get


def under(world: World, dataset: Any, overrides: Mapping[str, Any]) -> tuple[Oracle, Any]:
    """Oracle and Dataset of a world with some settings changed."""
    chosen = {key: value for key, value in overrides.items() if value is not None}
    changed: dict[str, Any] = world.settings
    for key, value in chosen.items():
        changed = with_setting(changed, key, value)
    return Oracle(world.rows, changed), dataset.with_settings(chosen)


def differences(oracle: Oracle, dataset: Any) -> list[str]:
    """Every deal whose journey differs, and every deal × model whose weights or reasons do, in words."""
    found = []
    weights, reasons = read_ledger(dataset)
    journeys: dict[str, set[str]] = {}
    for deal_id, touch_id in dataset.rows("select deal_id, touch_id from marts.credits"):
        journeys.setdefault(deal_id, set()).add(touch_id)
    for deal_id in oracle.deals:
        touches = {touch["touch_id"] for touch in oracle.journey(deal_id).touches}
        if touches != journeys.get(deal_id, set()):
            only_here, only_there = touches - journeys.get(deal_id, set()), journeys.get(deal_id, set()) - touches
            found.append(
                f"journey of deal {deal_id}: only the oracle has {sorted(only_here)}, only the product {sorted(only_there)}"
            )
            continue
        for model in oracle.models:
            split = oracle.split(deal_id, model)
            expected = {key: float(value) for key, value in split.weights.items()}
            if split.unattributed:
                expected[UNATTRIBUTED] = float(split.unattributed)
            got = weights.get((deal_id, model), {})
            off = [key for key in {*expected, *got} if abs(expected.get(key, 0.0) - got.get(key, 0.0)) > 1e-9]
            if off:
                parts = [
                    f"{key}: oracle {expected.get(key, 0.0):.9f}, product {got.get(key, 0.0):.9f}" for key in sorted(off)[:4]
                ]
                found.append(f"deal {deal_id}, {model}: {', '.join(parts)}")
            if split.reason != reasons.get((deal_id, model)):
                found.append(f"deal {deal_id}, {model}: oracle says {split.reason}, product {reasons.get((deal_id, model))}")
    return found + [f"deal {deal_id} is not known to the oracle" for deal_id in journeys.keys() - oracle.deals.keys()]


def deal_differences(oracle: Oracle, dataset: Any) -> list[str]:
    """Amounts, accounts, openers and influence that differ."""
    found = []
    sql = "select deal_id, amount, account_id, opened_by, is_influenced, touch_count from marts.deals"
    rows = {row[0]: row[1:] for row in dataset.rows(sql)}
    if rows.keys() != oracle.deals.keys():
        found.append(f"deals only here: {rows.keys() ^ oracle.deals.keys()}")
    for deal_id in oracle.deals.keys() & rows.keys():
        expected = (
            oracle.amount(deal_id), oracle.account_of_deal(deal_id), oracle.opened_by(deal_id), oracle.is_influenced(deal_id),
            len(oracle.journey(deal_id).touches),
        )  # fmt: skip
        if rows[deal_id] != expected:
            found.append(f"deal {deal_id}: oracle {expected}, product {rows[deal_id]}")
    phases = {(row[0], row[1]): row[2] for row in dataset.rows("select deal_id, touch_id, phase from marts.credits")}
    for deal_id in oracle.deals:
        for touch in oracle.journey(deal_id).touches:
            phase = phases.get((deal_id, touch["touch_id"]))
            if phase != oracle.phase(deal_id, touch):
                found.append(f"deal {deal_id}, touch {touch['touch_id']}: oracle {oracle.phase(deal_id, touch)}, product {phase}")
    return found


def check(oracle: Oracle, dataset: Any, where: str) -> None:
    found = differences(oracle, dataset) + deal_differences(oracle, dataset)
    assert not found, f"{where}: {len(found)} differences\n" + "\n".join(found[:12])


@pytest.mark.parametrize("name", WORLDS)
def test_a_world(name: str, built_world: Any) -> None:
    world, dataset = built_world(name)
    check(Oracle(world.rows, world.settings), dataset, name)


@pytest.mark.parametrize("key", CHOICES)
def test_each_value_of_a_setting(key: str, built_world: Any) -> None:
    pick = random.Random(key)
    for value in CHOICES[key][1:]:
        name = pick.choice(sorted(WORLDS))
        oracle, dataset = under(*built_world(name), {key: value})
        check(oracle, dataset, f"{name}, {key} = {value}")


@given(name=st.sampled_from(sorted(WORLDS)), overrides=OVERRIDES)
@settings(max_examples=12)
def test_any_settings(built_world: Any, name: str, overrides: dict[str, Any]) -> None:
    oracle, dataset = under(*built_world(name), overrides)
    check(oracle, dataset, f"{name}, {overrides}")


@given(seed=st.integers(100, 10_000), deals=st.integers(4, 12), overrides=OVERRIDES)
@settings(max_examples=4)
def test_small_worlds(open_rows: Any, seed: int, deals: int, overrides: dict[str, Any]) -> None:
    world = World(seed, deals=deals, touches=deals * 4)
    oracle, dataset = under(world, open_rows(world.rows, world.settings), overrides)
    check(oracle, dataset, f"world {seed} of {deals} deals, {overrides}")


# --- tables -----------------------------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A cell of a DataFrame; missing is None."""
    return None if value is None or (isinstance(value, float) and pd.isna(value)) else value


def as_table(frame: pd.DataFrame, by: tuple[str, ...], measure: str) -> dict[tuple, Any]:
    """Dimension values → measure, without rows of nothing."""
    keys = [tuple(plain(value) for value in row) for row in frame[list(by)].itertuples(index=False)] if by else [()] * len(frame)
    assert len(set(keys)) == len(keys), f"a row twice in {by}"
    return {key: value for key, value in zip(keys, frame[measure], strict=True) if value is not None and abs(float(value)) > 1e-9}


@pytest.mark.parametrize(
    "by",
    [
        (),
        *((name,) for name in (*TOUCH_DIMENSIONS, *DEAL_DIMENSIONS)),
        ("segment", "channel"),
        ("month", "opened_by", "phase"),
        ("campaign", "topic"),
    ],
    ids=lambda by: ",".join(by) or "total",
)
def test_tables(by: tuple[str, ...], built_world: Any) -> None:
    for name, model in (("three currencies", "w_shaped"), ("sparse", "rest")):
        world, dataset = built_world(name)
        oracle = Oracle(world.rows, world.settings)
        measures = [measure for measure in MEASURES if measure not in by]  # pipeline is a dimension and a measure
        frame = dataset.credit(model=model, by=list(by), measures=measures)
        for measure in measures:
            exact = {key: value for key, value in oracle.credit(model, by, measure).items() if value}
            shown = as_table(frame, by, measure)
            tolerance = Fraction(1, 10**6) if measure.endswith("deals") else Fraction(1, 100) + Fraction(1, 10**6)
            off = [
                f"{key}: oracle {float(exact.get(key, 0)):.6f}, product {shown.get(key)}"
                for key in {*exact, *shown}
                if abs(exact.get(key, Fraction(0)) - Fraction(str(shown.get(key, 0)))) > tolerance
            ]
            assert not off, f"{name}, {model}, {measure} by {by}\n" + "\n".join(off)
            if measure in ("revenue", "pipeline", "sourced_revenue"):
                total = sum((Decimal(f"{value:.2f}") for value in shown.values()), Decimal(0))
                assert total == half_up(sum(exact.values(), Fraction(0))), (
                    f"{name}, {model}, {measure} by {by}: the rows do not add up"
                )
                assert {key: Decimal(f"{value:.2f}") for key, value in shown.items()} == {
                    key: value for key, value in rounded_table(exact).items() if value
                }, f"{name}, {model}, {measure} by {by}: rounded differently"


@pytest.mark.parametrize("model", ["w_shaped", "lead_creation", "rest", "linear"])
def test_bridge(model: str, built_world: Any) -> None:
    for name in WORLDS:
        world, dataset = built_world(name)
        oracle = Oracle(world.rows, world.settings)
        expected = oracle.reconcile(model)
        shown = {row.step: (row.deals, Decimal(f"{row.revenue:.2f}")) for row in dataset.reconcile(model).itertuples()}
        # The money of a quarantined deal is not known in the reporting currency; its count is.
        assert shown.pop("crm_won")[0] == pytest.approx(float(expected.pop("crm_won")[0]))
        assert shown.pop("quarantined")[0] == pytest.approx(float(expected.pop("quarantined")[0]))
        assert shown.keys() == expected.keys(), name
        for step, (deals, revenue) in expected.items():
            assert shown[step][0] == pytest.approx(float(deals), abs=1e-6), f"{name}, {model}, {step}"
            assert abs(shown[step][1] - half_up(revenue)) <= Decimal("0.01"), f"{name}, {model}, {step}"
        parts = [revenue for step, (_, revenue) in shown.items() if step.startswith(("attributed", "unattributed"))]
        assert sum(parts, Decimal(0)) == shown["in_scope"][1], f"{name}, {model}: the bridge does not add up"
        for row in dataset.reconcile(model).itertuples():
            if row.step in ("crm_won", "quarantined", "filtered_out", "in_scope", "with_touches"):
                listed = dataset.bridge_deals(row.step, model)
                assert len(listed) == row.deals, f"{name}: the list behind {row.step} has other deals than its step"
                assert float(listed["revenue"].sum()) == pytest.approx(row.revenue, abs=0.01)


def selections(world: World, oracle: Oracle) -> dict[str, tuple[dict[str, Any], set[str], Any]]:
    """Filters in words → (arguments of Filters, the deals they select, which touches they keep)."""
    first, last = date(2024, 9, 15), date(2025, 2, 10)
    account_of = {key: oracle.accounts.get(oracle.account_of_deal(key) or "", {}) for key in oracle.deals}
    dates = {"date_from": first, "date_to": last}

    def in_dates(day: date | None) -> bool:
        return day is not None and first <= day <= last

    def touched(touch: Any) -> bool:
        return in_dates(oracle.day_of(touch["us"]))

    everything = set(oracle.deals)
    return {
        "closed": (dates, {key for key in everything if in_dates(oracle.closed_on(key))}, None),
        "closed from": (
            {"date_from": first},
            {key for key in everything if (day := oracle.closed_on(key)) and day >= first},
            None,
        ),
        "created": ({**dates, "date_basis": "created"}, {key for key in everything if in_dates(oracle.created_on(key))}, None),
        "touched": ({**dates, "date_basis": "touch"}, everything, touched),
        "two channels": (
            {"channels": ("organic", "unknown")},
            everything,
            lambda touch: touch["channel"] in ("organic", "unknown"),
        ),
        "campaign and touch dates": (
            {**dates, "date_basis": "touch", "campaigns": ("spring",)},
            everything,
            lambda touch: touched(touch) and touch.get("campaign_id") == "spring",
        ),
        "segment and country": (
            {"segments": ("small",), "countries": ("BR",)},
            {key for key, account in account_of.items() if account.get("segment") == "small" and account.get("country") == "BR"},
            None,
        ),
        "owner and type": (
            {"owners": ("O0", "O1"), "deal_types": ("renewal",), "pipelines": ("main",)},
            {
                key
                for key, row in oracle.deals.items()
                if row["owner_id"] in ("O0", "O1") and row["deal_type"] == "renewal" and row["pipeline"] == "main"
            },
            None,
        ),
    }


@pytest.mark.parametrize("by", [(), ("channel",), ("segment", "phase"), ("deal",)], ids=lambda by: ",".join(by) or "total")
def test_filters(by: tuple[str, ...], built_world: Any) -> None:
    from attribution.filters import Filters

    world, dataset = built_world("crowded")
    oracle = Oracle(world.rows, world.settings)
    for words, (arguments, deals, keep) in selections(world, oracle).items():
        assert len(deals) > 0
        won = {key for key in deals if oracle.deals[key]["status"] == "won"}
        frame = dataset.credit(
            model="rest",
            by=list(by),
            measures=["revenue", "deals", "influenced_revenue", "sourced_revenue"],
            filters=Filters(**arguments),
        )
        for measure in ("revenue", "deals", "influenced_revenue", "sourced_revenue"):
            exact = {key: value for key, value in oracle.credit("rest", by, measure, won, keep).items() if value}
            shown = as_table(frame, by, measure)
            off = [
                f"{key}: oracle {float(exact.get(key, 0)):.4f}, product {shown.get(key)}"
                for key in {*exact, *shown}
                if abs(exact.get(key, Fraction(0)) - Fraction(str(shown.get(key, 0)))) > Fraction(1, 100) + Fraction(1, 10**6)
            ]
            assert not off, f"{words}: {measure} by {by}\n" + "\n".join(off[:8])
        if keep is None:
            bridge = {row.step: row.deals for row in dataset.reconcile("rest", Filters(**arguments)).itertuples()}
            assert bridge == pytest.approx(
                {step: float(value[0]) for step, value in oracle.reconcile("rest", won).items()}, abs=1e-6
            ), words
