"""A cube answers as the ledger does: every figure over every dimension, with and without filters on touches."""

from __future__ import annotations

from typing import Any

import pytest

from attribution import cubes
from attribution.errors import QueryError
from attribution.filters import Filters
from attribution.metrics import METRICS
from attribution.models import MODELS
from attribution.query import DIMENSIONS

FILTERS = (
    Filters(),
    Filters(period="last_12_months", date_basis="touch"),
    Filters(period="last_12_months", channels=("organic_search", "email"), segments=("enterprise",)),
)


def answers(dataset: Any, metric: str, model: str | None, by: list[str], filters: Filters) -> dict[str, float] | str:
    """Values of the dimensions → figure; or why there is none."""
    try:
        frame = dataset.metrics([metric], by, filters, model)
    except QueryError as error:
        return str(error)
    return {str(row[:-1]): float(row[-1]) for row in frame.itertuples(index=False)}


@pytest.mark.parametrize(
    "by", [*([entry.name] for entry in DIMENSIONS if entry.name != "touch"), ["channel", "asset"]], ids=" × ".join
)
def test_cubes_and_ledger_agree(sample: Any, by: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [(entry.name, None) for entry in METRICS if entry.source in ("credits", "journeys", "openings")]
    wanted += [("revenue", "markov"), ("pipeline", "markov_shapley")]
    by_cube = {(*asked, filters): answers(sample, *asked, by, filters) for asked in wanted for filters in FILTERS}
    monkeypatch.setattr(cubes, "CUBES", ())
    for (name, model, filters), found in by_cube.items():
        by_ledger = answers(sample, name, model, by, filters)
        assert found == (by_ledger if isinstance(by_ledger, str) else pytest.approx(by_ledger, rel=1e-9, abs=1e-6))


@pytest.mark.parametrize("by", [[], ["channel"], ["asset", "segment"], ["owner", "month"]])
@pytest.mark.parametrize("filters", FILTERS)
def test_all_models_at_once_agree_with_each_alone(sample: Any, by: list[str], filters: Filters) -> None:
    measures = ["revenue", "pipeline"]

    def answered(*models: str) -> dict[tuple[Any, ...], list[float]]:
        rows = [row for model in models for row in sample.credit_rows(model, by, measures, filters)]
        return {(*(row[word] for word in by), row["model"]): [row[word] for word in measures] for row in rows}

    alone = answered(*(model.name for model in sample.models))
    assert answered("all") == {key: pytest.approx(values, abs=0.011) for key, values in alone.items()}


def test_the_smallest_table_that_has_all_columns_answers() -> None:
    assert cubes.source("true") == "credits.totals"
    assert cubes.source("credits.channel in (?)", "deals.segment") == "marts.credits_by_campaign"
    assert cubes.source("credits.asset_id") == "marts.credits_by_asset"
    assert cubes.source("credits.channel", "credits.kind") == cubes.STORED_LEDGER
    assert cubes.source("credits.occurred_on >= ?") == cubes.STORED_LEDGER


def test_learned_models_are_answered_by_views() -> None:
    rule, learned = (next(model for model in MODELS if model.is_learned == wanted) for wanted in (False, True))
    assert cubes.source("credits.channel", models=[rule]) == "marts.credits_by_campaign"
    assert cubes.source("credits.channel", models=[learned]) == "marts.learned_by_campaign"
    assert cubes.source("true", models=[learned]) == "credits.totals"
    assert cubes.source("credits.occurred_on >= ?", models=[learned]) == cubes.LEDGER


def test_where_touches_are_counted_no_weight_is_asked() -> None:
    rule, learned = (next(model for model in MODELS if model.is_learned == wanted) for wanted in (False, True))
    both = ("credits.channel", "credits.asset_id")
    assert cubes.source(*both) == "marts.touches_by_asset"
    assert cubes.source(*both, models=[rule]) == cubes.STORED_LEDGER
    assert cubes.source(*both, models=[learned]) == "marts.learned_touches_by_asset"
