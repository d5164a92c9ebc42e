"""Other settings on the same data: the quick ways give what computing everything anew gives."""

from __future__ import annotations

from typing import Any

import pytest

from attribution import what_if
from attribution.build import STAGES
from attribution.filters import Filters
from attribution.what_if import recomputation

CHANGES: dict[str, dict[str, Any]] = {
    "half-life": {"models.time_decay.half_life_days": 7},
    "missing share": {"models.missing_share": "unattributed"},
    "own model": {"models.custom.ends": "{ first = 50, last = 50 }"},
    "Shapley by campaign": {"models.shapley.dimension": "campaign"},
    "shorter lookback": {"journeys.lookback_days": 60},
    "tiny lookback": {"journeys.lookback_days": 0.5},
    "both": {"journeys.lookback_days": 90, "models.time_decay.half_life_days": 3},
}


def everything(dataset: Any) -> dict[str, list[tuple[Any, ...]]]:
    """All numbers of a dataset that settings can change, in a fixed order."""
    models = ", ".join(entry.column for entry in dataset.models)
    found = {
        "ledger": dataset.rows(f"select deal_id, touch_id, touch_position, phase, {models} from marts.credits order by all"),
        "left over": dataset.rows("select deal_id, model, share, reason from credits.unattributed order by deal_id, model"),
        "deals": dataset.rows(
            "select deal_id, touch_count, opened_by, is_influenced, is_sourced from marts.deals order by deal_id"
        ),
        "by channel": dataset.rows(
            f"select deal_id, channel, campaign_id, touches, {models} from marts.credits_by_campaign order by all"
        ),
    }
    deal = found["deals"][0][0]
    found["explained"] = [
        tuple(row)
        for row in dataset.explain(deal).touches[["touch_id", "position", "reason"]].astype(object).fillna("").to_numpy()
    ]
    found["bridge"] = [tuple(row) for row in dataset.reconcile(filters=Filters()).fillna(0).to_numpy()]
    return found


@pytest.mark.parametrize("change", CHANGES)
def test_the_quick_way_gives_what_everything_anew_gives(sample: Any, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = everything(sample.with_settings(_as_overrides(CHANGES[change])))
    thorough = what_if.Recomputation(
        ("raw", "staging", "identity", "touches", "checks"), (), tuple(stage for stage in STAGES if stage.number >= 4)
    )
    monkeypatch.setattr("attribution.dataset.recomputation", lambda _built, _wanted: thorough)
    slow = everything(sample.with_settings(_as_overrides(CHANGES[change])))
    for name, rows in slow.items():
        assert len(quick[name]) == len(rows), name
        assert [_words(row) for row in quick[name]] == [_words(row) for row in rows], name
        apart = (
            abs(mine - theirs)
            for here, there in zip(quick[name], rows, strict=True)
            for mine, theirs in zip(_numbers(here), _numbers(there), strict=True)
        )
        assert max(apart, default=0) < 1e-9, name


def test_journeys_are_computed_anew_only_where_they_change(sample: Any) -> None:
    def computed(**journeys: Any) -> set[str]:
        wanted = sample.settings.model_copy(update={"journeys": sample.settings.journeys.model_copy(update=journeys)})
        return {
            f"{stage.schema}.{table.name}"
            for stage in recomputation(sample.settings, wanted).stages
            for table in stage.tables
            if not table.is_view
        }

    assert computed(lookback_days=90) == {"journeys.summaries", "journeys.gaps", "marts.openings", "marts.deals"}
    assert "journeys.deal_touches" in computed(lookback_days=5000)
    assert "journeys.deal_touches" in computed(join_rule="account")
    same = recomputation(sample.settings, sample.settings)
    assert all(table.is_view for stage in same.stages for table in stage.tables)


def _numbers(row: tuple[Any, ...]) -> list[float]:
    return [cell for cell in row if isinstance(cell, float)]


def _words(row: tuple[Any, ...]) -> list[Any]:
    return [cell for cell in row if not isinstance(cell, float)]


def _as_overrides(changes: dict[str, Any]) -> list[str]:
    return [f"{key}={value}" for key, value in changes.items()]
