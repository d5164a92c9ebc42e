"""Golden cases: small folders whose every credit a human has checked with a pencil (``why.md`` has the arithmetic).

Each case is built as a user would build it. ``expected.csv`` holds, per setting, deal and model, all touches that get
something; ``commands/*.args`` are command lines whose standard output must be ``*.csv``, byte for byte.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.ledger import UNATTRIBUTED, parse_settings, read_ledger
from tests.reference import Oracle
from tests.reference_facts import merged_settings, read_folder, with_setting

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path for path in GOLDEN.iterdir() if path.is_dir())
COMMANDS = sorted(GOLDEN.glob("*/commands/*.args"))


def expectations(case: Path) -> dict[str, dict[tuple[str, str], list[dict[str, str]]]]:
    """settings → (deal_id, model) → rows of expected.csv."""
    groups: dict[str, dict[tuple[str, str], list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    with (case / "expected.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            groups[row["settings"]][row["deal_id"], row["model"]].append(row)
    return groups


@pytest.fixture(scope="module")
def golden_dataset(open_folder: Any) -> Any:
    """A function: the Dataset of a case, built once."""
    known: dict[Path, Any] = {}

    def get(case: Path) -> Any:
        if case not in known:
            known[case] = open_folder(case / "data")
        return known[case]

    return get


def by_name(path: Path) -> str:
    return path.name if path.is_dir() else f"{path.parent.parent.name}/{path.stem}"


@pytest.mark.parametrize("case", CASES, ids=by_name)
def test_case(case: Path, golden_dataset: Any) -> None:
    built = golden_dataset(case)
    for settings, deals in expectations(case).items():
        dataset = built.with_settings(parse_settings(settings))
        weights, reasons = read_ledger(dataset)
        for (deal_id, model), rows in deals.items():
            where = f"{case.name}, deal {deal_id}, {model} {settings}"
            expected = {row["touch_id"]: float(Fraction(row["weight"])) for row in rows}
            assert weights.get((deal_id, model), {}) == pytest.approx(expected, abs=1e-9), where
            reason = next((row["reason"] for row in rows if row["touch_id"] == UNATTRIBUTED), None)
            assert reasons.get((deal_id, model)) == reason, where
            assert explained_credits(dataset, deal_id, model) == {row["touch_id"]: Decimal(row["credit"]) for row in rows}, where


def explained_credits(dataset: Any, deal_id: str, model: str) -> dict[str, Decimal]:
    """What the explanation of a deal shows per touch and as Unattributed, without zeros."""
    explanation = dataset.explain(deal_id, model)
    shown = {
        row.touch_id: Decimal(f"{row.credit:.2f}") for row in explanation.touches.itertuples() if row.weight and row.weight > 0
    }
    steps = explanation.reconciliation
    for row in steps[steps["step"].str.startswith("unattributed")].itertuples():
        shown[UNATTRIBUTED] = Decimal(f"{row.revenue:.2f}")
    assert sum(shown.values()) == Decimal(str(explanation.deal["amount"])), f"deal {deal_id}: credits do not add up to the amount"
    return shown


@pytest.mark.parametrize("case", CASES, ids=by_name)
def test_oracle_agrees_with_the_pencil(case: Path) -> None:
    rows, own_settings = read_folder(case / "data")
    for text, deals in expectations(case).items():
        settings = merged_settings(own_settings)
        for key, value in parse_settings(text).items():
            settings = with_setting(settings, key, value)
        oracle = Oracle(rows, settings)
        for (deal_id, model), expected in deals.items():
            split = oracle.split(deal_id, model)
            shares = {**split.weights, **({UNATTRIBUTED: split.unattributed} if split.unattributed else {})}
            where = f"{case.name}, deal {deal_id}, {model} {text}"
            pencil = {row["touch_id"]: float(Fraction(row["weight"])) for row in expected}
            assert {key: float(value) for key, value in shares.items()} == pytest.approx(pencil, abs=1e-9), where
            assert oracle.deal_table(deal_id, model) == {row["touch_id"]: Decimal(row["credit"]) for row in expected}, where
            assert split.reason == next((row["reason"] for row in expected if row["touch_id"] == UNATTRIBUTED), None), where


@pytest.mark.parametrize("path", COMMANDS, ids=by_name)
def test_command_line(path: Path, golden_dataset: Any) -> None:
    from attribution.__main__ import app

    dataset = golden_dataset(path.parent.parent)
    command, *options = path.read_text(encoding="utf-8").split()
    done = CliRunner().invoke(app, [command, "--db", str(dataset.path.parent), "--format", "csv", *options])
    assert done.exit_code == 0, done.output
    assert done.stdout == path.with_suffix(".csv").read_text(encoding="utf-8")


def test_a_process_of_its_own_says_the_same(golden_dataset: Any, run_process: Any) -> None:
    path = GOLDEN / "worked_example" / "commands" / "credit_linear.args"
    done = run_process(*path.read_text(encoding="utf-8").split(), "--db", golden_dataset(path.parent.parent).path.parent)
    assert done.stdout == path.with_suffix(".csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("question", ["--by channel,channel", "--measure revenue,revenue", "--by pipeline --measure pipeline"])
def test_one_name_twice_is_answered_or_refused_in_words(question: str, golden_dataset: Any, run_cli: Any) -> None:
    done = run_cli("credit", "--db", golden_dataset(GOLDEN / "bridge").path.parent, *question.split(), expect=None)
    assert "Traceback" not in done.stderr, done.stderr
    assert done.stdout if done.returncode == 0 else done.stderr.startswith("Error: ") or "Usage" in done.stderr


def test_every_case_is_complete() -> None:
    for case in CASES:
        assert len((case / "why.md").read_text(encoding="utf-8")) > 100, f"{case.name}: why.md has no arithmetic"
        for settings, deals in expectations(case).items():
            for (deal_id, model), rows in deals.items():
                total = sum(Fraction(row["weight"]) for row in rows)
                assert abs(total - 1) < Fraction(1, 10**9), (
                    f"{case.name}, deal {deal_id}, {model} {settings}: weights add to {float(total)}"
                )


def test_every_model_has_golden_rows() -> None:
    from attribution.models import MODELS

    covered = {model for case in CASES for deals in expectations(case).values() for _, model in deals}
    assert {model.name for model in MODELS} <= covered
