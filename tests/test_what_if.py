"""Other settings on the same data: the quick ways give what a build under those settings gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from attribution.filters import Filters
from attribution.what_if import EVERYTHING, recomputation
from tests.worlds import World, write_folder

CHANGES: dict[str, list[str]] = {
    "half-life": ["models.time_decay.half_life_days=7"],
    "missing share": ["models.missing_share=unattributed"],
    "missing share, one model": ["models.w_shaped.missing_share=equal"],
    "own model": ["models.custom.ends={ first = 50, last = 50 }"],
    "another own model": ["models.custom.new={ lead_creation = 60, last = 40, missing_share = 'unattributed' }"],
    "Shapley by campaign": ["models.shapley.dimension=campaign"],
    "two touches back": ["models.markov.order=2"],
    "learned about kinds, quiet sooner": ["models.markov.dimension=kind", "models.markov.stale_days=20"],
    "learned and half-life": ["models.markov.dimension=campaign", "models.time_decay.half_life_days=7"],
    "shorter lookback": ["journeys.lookback_days=60"],
    "tiny lookback": ["journeys.lookback_days=0.5"],
    "both": ["journeys.lookback_days=90", "models.time_decay.half_life_days=3"],
    "longer lookback": ["journeys.lookback_days=5000"],
    "shorter lookback, nothing shared out": ["journeys.lookback_days=20", "models.missing_share=unattributed"],
    "shorter lookback, shared out equally": ["journeys.lookback_days=40", "models.missing_share=equal"],
    "whole company": ["journeys.join_rule=account"],
}
SEEDS = (3, 8)  # each change is tried on one of two worlds


@pytest.fixture(scope="module", params=SEEDS)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, open_folder: Callable[..., Any]
) -> Iterator[Any]:
    """A random world's folder, and the same as a dataset."""
    folder = tmp_path_factory.mktemp("world")
    made = World(request.param, deals=120, touches=800)
    write_folder(folder, made.rows, made.settings)
    yield folder, open_folder(folder)


def everything(dataset: Any) -> dict[str, list[tuple[Any, ...]]]:
    """All that settings can change, in a fixed order."""
    models = ", ".join(entry.column for entry in dataset.models)
    sums = ", ".join(f"sum({entry.column})" for entry in dataset.models if not entry.is_learned)
    deals = dataset.rows("select deal_id, touch_count, opened_by, is_influenced, is_sourced from marts.deals order by deal_id")
    explained = dataset.explain(max(deals, key=lambda row: row[1])[0])
    return {
        "ledger": dataset.rows(
            f"select deal_id, touch_id, touch_position, phase, {models} from marts.credits order by deal_id, touch_id"
        ),
        "left over": dataset.rows("select deal_id, model, share, reason from credits.unattributed order by deal_id, model"),
        "deals": deals,
        "by channel": dataset.rows(
            f"select deal_id, channel, campaign_id, sum(touches), {sums} from marts.credits_by_campaign group by all order by all"
        ),
        "by content": dataset.rows(
            "select deal_id, asset_id, channel, sum(touches), sum(markov), sum(markov_shapley) from marts.learned_touches_by_asset "
            "group by all order by all"
        ),
        "explained": list(
            explained.touches[["touch_id", "position", "reason", "weight"]].astype(object).fillna("").itertuples(index=False)
        ),
        "bridge": list(dataset.reconcile(filters=Filters()).fillna(0).itertuples(index=False)),
    }


@pytest.mark.parametrize(
    ("world", "change"), [(SEEDS[number % 2], change) for number, change in enumerate(CHANGES)], indirect=["world"]
)
def test_a_what_if_gives_what_a_build_gives(world: Any, change: str, open_folder: Callable[..., Any]) -> None:
    folder, dataset = world
    tried = everything(dataset.with_settings(CHANGES[change]))
    for name, rows in everything(open_folder(folder, CHANGES[change])).items():
        assert [_words(row) for row in tried[name]] == [_words(row) for row in rows], name
        gaps = [
            abs(mine - theirs)
            for here, there in zip(tried[name], rows, strict=True)
            for mine, theirs in zip(_numbers(here), _numbers(there), strict=True)
        ]
        assert max(gaps, default=0) < 1e-9, name


def test_only_what_changes_is_computed(sample: Any) -> None:
    def computed(**journeys: Any) -> set[str]:
        wanted = sample.settings.model_copy(update={"journeys": sample.settings.journeys.model_copy(update=journeys)})
        stages = recomputation(sample.settings, wanted).stages
        return {f"{stage.schema}.{table.name}" for stage in stages for table in stage.tables if not table.is_view}

    assert computed() == set()
    assert computed(lookback_days=90) == {"journeys.cuts", "marts.openings"}
    assert "journeys.deal_touches" in computed(lookback_days=5000)
    longer = sample.settings.journeys.model_copy(update={"join_rule": "account"})
    assert recomputation(sample.settings, sample.settings.model_copy(update={"journeys": longer})) is EVERYTHING


def _numbers(row: tuple[Any, ...]) -> list[float]:
    return [cell for cell in row if isinstance(cell, float)]


def _words(row: tuple[Any, ...]) -> list[Any]:
    return [cell for cell in row if not isinstance(cell, float)]
