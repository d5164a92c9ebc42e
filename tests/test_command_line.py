"""The command line as scripts see it: standard output, exit codes, and the same bytes every time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from attribution.__main__ import app
from attribution.metrics import MEASURES, metric
from attribution.query import DIMENSIONS


def ask(*arguments: object) -> list[dict[str, str]]:
    """Run a command in this process and read its CSV."""
    done = CliRunner().invoke(app, [str(argument) for argument in arguments] + ["--format", "csv"])
    assert done.exit_code == 0, done.output
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_results_go_to_standard_output_and_nothing_else_does(tmp_path: Path, run_process: Callable[..., Any]) -> None:
    done = run_process("build", "--data", "tests/golden/bridge/data", "--db", tmp_path / "build", "--format", "json")
    document = json.loads(done.stdout)
    assert set(document) == {"version", "load", "quarantine", "notices", "reconciliation"}
    assert all(
        row["rows_in"] == row["left_out"] + row["loaded"] + row["duplicates"] + row["quarantined"] for row in document["load"]
    )
    assert "Reading tests/golden/bridge/data" in done.stderr
    steps = {row["step"]: row["revenue"] for row in document["reconciliation"]}
    assert (
        run_process("credit", "--db", tmp_path / "build", "--by", "").stdout.splitlines()[1].split(",")[1]
        == f"{steps['in_scope']:.2f}"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["credit", "--by", "chanel"], 2, "Did you mean 'channel'?"),
        (["credit", "--model", "w_shape"], 2, "Did you mean 'w_shaped'?"),
        (["credit", "--measure", "revenu"], 2, "unknown measure"),
        (["credit", "--from", "2026-13-01"], 2, "not a date"),
        (["credit", "--from", "2026-03-01", "--to", "2026-01-01"], 2, "Swap them"),
        (["credit", "--format", "xml"], 2, "xml"),
        (["credit", "--segment", "enterprse"], 1, "Did you mean 'enterprise'?"),
        (["credit", "--by", "segment", "--measure", "spend"], 1, "Spend is not known by segment"),
        (["credit", "--measure", "roas", "--segment", "enterprise"], 1, "Spend cannot be filtered by segment"),
        (["credit", "--set", "journeys.lookback=3"], 1, "Did you mean 'lookback_days'?"),
        (["explain", "--deal", "D-00001"], 1, "Did you mean 'D-0001'?"),
        (["reconcile", "--channel", "events"], 1, "whole deals"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_a_wrong_question_says_what_next(
    arguments: list[str], code: int, words: str, sample_database: Path, run_cli: Callable[..., Any]
) -> None:
    done = run_cli(*arguments, *(["--db", sample_database] if arguments != ["nonsense"] else []), expect=code)
    assert words in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_a_missing_folder_is_named(tmp_path: Path, run_cli: Callable[..., Any]) -> None:
    done = run_cli("build", "--data", tmp_path / "nowhere", "--db", tmp_path / "build", expect=1)
    assert "there is no such folder" in done.stderr
    assert not (tmp_path / "build").exists()


@pytest.mark.parametrize("measure", [name for name in MEASURES if metric(name).additive])
def test_additive_measures_add_up_over_every_dimension(measure: str, sample_database: Path) -> None:
    whole = Decimal(ask("credit", "--db", sample_database, "--by", "", "--measure", measure)[0][measure])
    for dimension in DIMENSIONS:
        if dimension.name in ("touch", "deal") or (measure == "spend" and not dimension.spend):
            continue
        rows = ask("credit", "--db", sample_database, "--by", dimension.name, "--measure", measure)
        difference = abs(sum(Decimal(row[measure]) for row in rows) - whole)
        assert difference <= (Decimal("0.0001") if "deals" in measure else 0), dimension.name


def test_rows_are_sorted_by_dimensions_then_model(sample_database: Path) -> None:
    rows = ask("credit", "--db", sample_database, "--by", "channel,month", "--model", "all")
    keys = [(row["channel"], row["month"], row["model"]) for row in rows]
    assert keys == sorted(keys)
    assert list(rows[0]) == ["channel", "month", "model", "revenue", "deals"]


def test_a_deal_explains_its_amount_to_the_cent(sample_database: Path) -> None:
    for row in ask("credit", "--db", sample_database, "--by", "deal", "--measure", "revenue")[::40]:
        touches = ask("explain", "--db", sample_database, "--deal", row["deal"])
        assert sum(Decimal(touch["credit"]) for touch in touches if touch["credit"]) == Decimal(row["revenue"])
        assert all(touch["source_file"] and touch["source_row"] for touch in touches if touch["touch_id"] != "Unattributed")


def test_the_source_row_is_the_line_in_the_file(sample_database: Path) -> None:
    lines = Path("sample_data/touches.csv").read_text(encoding="utf-8").splitlines()
    for touch in ask("explain", "--db", sample_database, "--deal", "D-0001"):
        if touch["touch_id"] != "Unattributed":
            assert lines[int(touch["source_row"]) - 1].startswith(touch["touch_id"] + ",")


def test_the_shown_query_gives_the_shown_credits(sample: Any) -> None:
    explanation = sample.explain("D-0001", "time_decay")
    rows = sample.rows(explanation.query)
    assert sum(row[7] for row in rows) == pytest.approx(float(explanation.deal["amount"]), abs=1e-6)
    shown = {row[1]: row[7] for row in rows}
    for _, touch in explanation.touches[explanation.touches["position"].notna()].iterrows():
        assert shown[touch["touch_id"]] == pytest.approx(touch["credit"], abs=0.01)


@pytest.mark.parametrize("command", ["models", "metrics", "dimensions"])
def test_registries_answer_without_a_database(command: str, tmp_path: Path) -> None:
    assert len(ask(command, "--db", tmp_path / "nowhere")) >= 14


def test_a_check_lists_its_rows(sample_database: Path, run_cli: Callable[..., Any]) -> None:
    counts = {row["check"]: int(row["rows"]) for row in ask("check", "--db", sample_database)}
    for name in ("quarantined_deals", "won_without_touches", "unknown_channel"):
        assert len(ask("check", "--db", sample_database, "--rows", name)) == counts[name] > 0
    assert (
        "Did you mean 'unknown_channel'?"
        in run_cli("check", "--db", sample_database, "--rows", "unknwn_channel", expect=2).stderr
    )


@pytest.mark.parametrize("name", ["order", "channel", "touch_id", "select", "amount", "weight"])
def test_an_own_model_may_have_any_name(name: str, sample_database: Path) -> None:
    own = ["--db", sample_database, "--set", f"models.custom.{name}.last=100", "--model"]
    plain = ask("credit", "--db", sample_database, "--model", "last_touch")
    assert [row["revenue"] for row in ask("credit", *own, name)] == [row["revenue"] for row in plain]
    assert ask("explain", *own, name, "--deal", "D-0001")


def test_the_basis_touch_leaves_unattributed_out(sample_database: Path) -> None:
    assert "Unattributed" in {row["channel"] for row in ask("credit", "--db", sample_database)}
    assert "Unattributed" not in {row["channel"] for row in ask("credit", "--db", sample_database, "--date-basis", "touch")}


def test_strict_check_fails_on_errors_only(sample_database: Path, run_cli: Callable[..., Any]) -> None:
    assert run_cli("check", "--db", sample_database).stdout.startswith("check,severity,rows,what,next")
    assert "quarantined_deals" in run_cli("check", "--db", sample_database, "--strict", expect=1).stderr


def test_sample_writes_what_build_reads(tmp_path: Path, run_cli: Callable[..., Any]) -> None:
    run_cli("sample", "--touches", 2000, "--out", tmp_path / "data")
    run_cli("build", "--data", tmp_path / "data", "--db", tmp_path / "build")
    assert float(ask("credit", "--db", tmp_path / "build", "--by", "")[0]["revenue"]) > 0
    assert "Error" in run_cli("sample", "--touches", 0, "--out", tmp_path / "other", expect=1).stderr
