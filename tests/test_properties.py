"""What must hold for any data: nothing is lost, nothing is counted twice, and nothing depends on order, place or time of day."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ledger import UNATTRIBUTED, assert_same, read_ledger
from tests.reference import rounded_table
from tests.reference_facts import half_up
from tests.worlds import World, write_folder


@pytest.fixture(scope="module")
def world() -> World:
    return World(seed=7, deals=40, touches=250, currencies=("EUR", "USD"))


@pytest.fixture(scope="module")
def dataset(world: World, open_rows: Callable[..., Any]) -> Any:
    return open_rows(world.rows, world.settings)


def journeys_of(dataset: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for deal_id, touch_id in dataset.rows("select deal_id, touch_id from marts.credits"):
        found.setdefault(deal_id, set()).add(touch_id)
    return found


def everything(dataset: Any) -> tuple[Any, ...]:
    """Ledger, deals and tables, to be compared as a whole."""
    deals = dataset.rows(
        "select deal_id, amount, account_id, segment, opened_by, is_influenced, touch_count from marts.deals order by deal_id"
    )
    tables = [
        dataset.credit(model=model, by=by, measures=["revenue", "deals", "influenced_revenue"]).to_csv(index=False)
        for model, by in (("all", ["channel"]), ("w_shaped", ["segment", "phase"]), ("rest", ["month"]))
    ]
    return *read_ledger(dataset), deals, tables, dataset.reconcile().to_csv(index=False)


def test_weights_and_what_is_missing_make_one(dataset: Any) -> None:
    for policy in ("proportional", "equal", "unattributed"):
        weights, reasons = read_ledger(dataset.with_settings({"models.missing_share": policy}))
        deals = [row[0] for row in dataset.rows("select deal_id from marts.deals")]
        for deal_id in deals:
            for model in dataset.models:
                parts = weights[deal_id, model.name]
                assert sum(parts.values()) == pytest.approx(1, abs=1e-9), f"deal {deal_id}, {model.name}, {policy}"
                assert all(0 < part <= 1 + 1e-9 for part in parts.values())
                assert (UNATTRIBUTED in parts) == ((deal_id, model.name) in reasons)


def test_credits_of_a_deal_add_up_to_its_amount_to_the_cent(dataset: Any) -> None:
    for deal_id, amount in dataset.rows("select deal_id, amount from marts.deals order by deal_id limit 12"):
        explanation = dataset.explain(deal_id)
        for model in dataset.models:
            shown = [Decimal(f"{value:.2f}") for value in explanation.touches[f"credit_{model.name}"].dropna()]
            left = [Decimal(f"{row['credit']:.2f}") for row in explanation.unattributed if row["model"] == model.name]
            assert sum([*shown, *left], Decimal(0)) == amount, f"deal {deal_id}, {model.name}"


def test_order_of_rows_and_columns_changes_nothing(world: World, dataset: Any, open_folder: Any, tmp_path: Path) -> None:
    expected = everything(dataset)
    write_folder(tmp_path, world.rows, world.settings, shuffle=1)
    assert_same(everything(open_folder(tmp_path)), expected)


def test_what_the_definitions_leave_open_is_decided_the_same_in_any_order(world: World, open_folder: Any, tmp_path: Path) -> None:
    """Circles of merges, two companies with one domain, two people with one address, a visitor identified twice at once …"""
    contacts = [row["contact_id"] for row in world.rows["contacts"]]
    moment = datetime(2025, 1, 1, tzinfo=UTC)

    def alias(kind: str, name: str, target: str, at: datetime | None = None) -> dict[str, Any]:
        return {"alias": name, "alias_kind": kind, "target_id": target, "identified_at": at}

    circle = contacts[:3]
    rows = {
        **world.rows,
        "accounts": [
            {**row, "domain": "shared.test" if number < 3 else row["domain"]} for number, row in enumerate(world.rows["accounts"])
        ],
        "contacts": [
            {**row, "account_id": None, "email": f"{'same' if number < 9 else number}@shared.test"} if number < 12 else row
            for number, row in enumerate(world.rows["contacts"])
        ],
        "identities": [
            *(row for row in world.rows["identities"] if row["alias"] not in circle),
            *(alias("merged", one, other) for one, other in zip(circle, [*circle[1:], circle[0]], strict=True)),
            *(alias("merged", "twice", key) for key in contacts[10:14]),
            alias("merged", "itself", "itself"),
            *(alias("visitor", "V0", key, moment) for key in contacts[5:9]),
            *(alias("visitor", "V1", key) for key in contacts[5:9]),
            *(alias("email", "same@shared.test", key) for key in contacts[20:23]),
            *(alias("domain", "shared.test", row["account_id"]) for row in world.rows["accounts"][3:5]),
            *(alias("account", "A0", key) for key in ("A1", "A2")),
            alias("account", "A1", "A0"),
            *(alias("deal", "crm-many", row["deal_id"]) for row in world.rows["deals"][:3]),
        ],
        "asset_urls": [
            *world.rows["asset_urls"],
            *(
                {"url_pattern": pattern, "asset_id": asset}
                for pattern, asset in (("site.test/g*", "own"), ("site.test/*g", "blog"))
            ),
            *(
                {"url_pattern": f"{scheme}site.test/blog", "asset_id": asset}
                for scheme, asset in (("http://", "own"), ("https://www.", "guide"))
            ),
        ],
        "touches": [
            {**row, "contact_id": {0: "same@shared.test", 1: "twice", 2: "itself"}.get(number % 9, row.get("contact_id"))}
            for number, row in enumerate(world.rows["touches"])
        ],
    }
    seen = []
    for seed in (1, 2):
        write_folder(tmp_path / str(seed), rows, world.settings, shuffle=seed)
        seen.append(everything(open_folder(tmp_path / str(seed))))
    assert_same(seen[0], seen[1])


def test_the_same_folder_gives_the_same_numbers_wherever_the_machine_stands(world: World, tmp_path: Path) -> None:
    """Two processes, each with a time zone of its own from its start, build and ask."""
    folder = write_folder(tmp_path / "data", world.rows, world.settings)
    program = (
        "import attribution, sys; from attribution.build import build; build(Path(sys.argv[1]), Path(sys.argv[2])); "
        "print(attribution.open(sys.argv[2]).credit('all', ['channel', 'month']).to_csv())"
    )
    outputs = set()
    for zone in ("UTC", "Asia/Tokyo"):
        command = [sys.executable, "-c", f"from pathlib import Path; {program}", str(folder), str(tmp_path / zone[:3])]
        environment = {**os.environ, "TZ": zone, "LC_ALL": "C"}
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, cwd=Path(__file__).parent.parent, timeout=120
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("\n") > 20
        outputs.add(done.stdout)
    assert len(outputs) == 1


def test_what_is_set_later_gives_what_a_build_with_it_gives(world: World, dataset: Any, open_rows: Any) -> None:
    overrides = {
        "journeys.lookback_days": 60,
        "journeys.join_rule": "account",
        "models.missing_share": "equal",
        "journeys.grain": "event",
    }
    built = open_rows(world.rows, world.settings, [f"{key}={value}" for key, value in overrides.items()])
    later = dataset.with_settings(overrides)
    assert_same(everything(built), everything(later))
    assert everything(later) != everything(dataset), "the settings do something"
    assert_same(everything(later.with_settings({})), everything(later))


def test_a_touch_after_the_end_gets_nothing(world: World, dataset: Any, open_rows: Any) -> None:
    expected = read_ledger(dataset)
    ends = dict(dataset.rows("select deal_id, from_us(end_us) from journeys.deals"))
    pick = random.Random(1)
    late = [
        {
            "touch_id": f"late-{deal_id}-{number}",
            "deal_id": deal_id,
            "occurred_at": end.replace(tzinfo=UTC) + after,
            "channel": channel,
            "kind": "call",
        }
        for deal_id, end in ends.items()
        for number, after in enumerate((timedelta(microseconds=1), timedelta(days=1)))
        for channel in pick.sample(("organic", "late channel"), 1)
    ]
    rows = {**world.rows, "touches": [*world.rows["touches"], *late]}
    assert_same(read_ledger(open_rows(rows, world.settings)), expected)


def test_a_wider_lookback_loses_no_touch(dataset: Any) -> None:
    for start in ("lookback", "after_previous_win"):
        narrower: dict[str, set[str]] = {}
        for days in (1, 30, 89.5, 365, 0):
            journeys = journeys_of(dataset.with_settings({"journeys.lookback_days": days, "journeys.start": start}))
            lost = {deal_id: touches - journeys.get(deal_id, set()) for deal_id, touches in narrower.items()}
            assert not any(lost.values()), f"{days} days: {lost}"
            narrower = journeys


def test_parts_sum_to_the_whole_of_additive_metrics(dataset: Any) -> None:
    from attribution.errors import ClosedLoopError
    from attribution.metrics import METRICS
    from attribution.query import DIMENSIONS

    checked = set()
    for metric in METRICS:
        if not metric.additive:
            continue
        whole = float(dataset.metrics([metric.name])[metric.name].iloc[0])
        for dimension in DIMENSIONS:
            if dimension.name == metric.name:
                continue
            try:
                parts = dataset.metrics([metric.name], [dimension.name])
            except ClosedLoopError:
                continue  # a metric of whole deals has no rows by a dimension of the touch
            assert float(parts[metric.name].sum()) == pytest.approx(whole, rel=1e-9, abs=1e-6), (
                f"{metric.name} by {dimension.name}"
            )
            checked.add(metric.name)
    assert {"revenue", "deals", "pipeline", "sourced_revenue"} <= checked


def test_a_deal_counts_once_however_many_contacts_join_it(world: World, dataset: Any, open_rows: Any) -> None:
    """Every person on every deal, linked to every touch twice over: more touches per deal, but no deal and no cent more."""
    people = [row["contact_id"] for row in world.rows["contacts"]][:6]
    rows = {
        **world.rows,
        "deal_contacts": [
            {"deal_id": deal["deal_id"], "contact_id": person} for deal in world.rows["deals"] for person in people
        ],
        "touch_links": [
            {"touch_id": touch["touch_id"], "contact_id": person, "role": role}
            for touch in world.rows["touches"]
            for person in people
            for role in ("guest", "host")
        ],
    }
    crowded = open_rows(rows, world.settings)
    weights, _ = read_ledger(crowded)  # refuses a touch that stands twice in a deal
    assert sum(len(parts) for parts in weights.values()) > sum(len(parts) for parts in read_ledger(dataset)[0].values())
    for by in ([], ["channel"], ["actor"]):
        before, after = (
            data.credit(model="linear", by=by, measures=["revenue", "deals", "pipeline", "pipeline_deals"]).sum(numeric_only=True)
            for data in (dataset, crowded)
        )
        assert after.to_dict() == pytest.approx(before.to_dict(), abs=1e-4)
    won = dict(zip(*crowded.reconcile()[["step", "revenue"]].to_numpy().T, strict=True))
    assert won["in_scope"] == pytest.approx(
        won["attributed"] + sum(value for step, value in won.items() if step.startswith("unattributed"))
    )


def test_nothing_at_all_is_no_error(open_rows: Any) -> None:
    """A deal without touches, people or accounts; and a folder in which nothing was won."""
    moment = datetime(2026, 1, 1, 12, tzinfo=UTC)
    for status in ("won", "open", "lost"):
        deal = {
            "deal_id": "D1",
            "created_at": moment,
            "closed_at": moment + timedelta(days=1),
            "status": status,
            "amount": 100,
            "currency": "EUR",
        }
        dataset = open_rows({"deals": [deal]})
        weights, reasons = read_ledger(dataset)
        assert set(reasons.values()) == {"no_touch"}
        assert all(parts == {UNATTRIBUTED: 1} for parts in weights.values())
        won = dataset.reconcile().set_index("step").loc["in_scope", "revenue"]
        assert won == (100 if status == "won" else 0)
        assert float(dataset.credit()["revenue"].sum()) == won


AMOUNTS = st.fractions(min_value=-1000, max_value=100_000, max_denominator=700)


@given(values=st.dictionaries(st.text("abcdefg", min_size=1, max_size=3), AMOUNTS, max_size=12))
@settings(max_examples=200)
def test_rounding_adds_up_and_moves_nothing_by_a_cent(values: dict[str, Fraction]) -> None:
    from attribution.rounding import largest_remainder

    names = list(values)
    cents = largest_remainder([float(values[name]) for name in names], [(name,) for name in names])
    assert sum(cents, Decimal(0)) == half_up(Fraction(repr(round(float(sum(values.values())), 6)))) if values else cents == []
    for name, cent in zip(names, cents, strict=True):
        assert abs(Fraction(cent) - values[name]) < Fraction(1, 100) + Fraction(1, 10**6)
    if all((value * 100).denominator < 50 for value in values.values()):  # far from ties that floats cannot tell
        assert dict(zip(names, cents, strict=True)) == rounded_table(values)
