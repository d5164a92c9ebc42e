"""SQL of the models that are learned from all journeys at once: no weight of theirs is stored, only ``credits.effects``.

One changed deal changes the effects, and with them the weight of every touch. So the ledger stores what the effects are (fitting.py), and
the weights are views over it: each touch counts what its value counts, over what the journey's touches count together. Where that
is nothing, every touch counts the same. Questions about other models read the stored tables and do not pay for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from attribution.cubes import CUBES, STORED_LEDGER, Cube, source
from attribution.models.rules import Model
from attribution.models.weights import LEDGER_COLUMNS

# Column of the ledger by the name of the dimension that the models learn about. A touch without a value has the value "".
DIMENSION_COLUMNS: dict[str, str] = {
    "channel": "channel",
    "campaign": "campaign_id",
    "asset": "asset_id",
    "topic": "topic",
    "kind": "kind",
    "actor": "actor",
}


def learned(models: Sequence[Model]) -> list[Model]:
    """Those of the models that are learned."""
    return [model for model in models if model.is_learned]


def not_learned(models: Sequence[Model]) -> list[Model]:
    """The others, whose weights are stored."""
    return [model for model in models if not model.is_learned]


def journey_effects_sql(models: Sequence[Model], dimension: str) -> str:
    """SQL of ``marts.journey_effects``: one row per deal with a journey, what its touches count together under each learned model."""
    column = DIMENSION_COLUMNS[dimension]
    cube = next(cube for cube in CUBES if column in cube.columns)
    sums = ",\n        ".join(
        f"sum(counts.touches * coalesce(effects.{model.column}, 0.0e0)) as {model.column}" for model in learned(models)
    )
    return f"""
with final as (
    select
        counts.deal_id as deal_id,
        cast(sum(counts.touches) as double) as touches,
        {sums}
    from {cube.schema}.{cube.name} as counts
    left join credits.effects as effects on coalesce(counts.{column}, '') = effects.value
    group by counts.deal_id
)

select * from final
"""


def ledger_sql(models: Sequence[Model], dimension: str) -> str:
    """SQL of ``marts.credits``: the ledger, one row per deal × touch. A credit is its weight times the deal's amount."""
    stored = ",\n        ".join(
        f"ledger.{column} as {column}" for column in (*LEDGER_COLUMNS, *(model.column for model in not_learned(models)))
    )
    weights = ",\n        ".join(f"{_weight(model)} as {model.column}" for model in learned(models))
    return f"""
with final as (
    select
        {stored},
        {weights}
    from credits.weights as ledger
    left join credits.effects as effects on coalesce(ledger.{DIMENSION_COLUMNS[dimension]}, '') = effects.value
    left join marts.journey_effects as journeys on ledger.deal_id = journeys.deal_id
)

select * from final
"""


def cube_sql(cube: Cube, models: Sequence[Model], dimension: str) -> str:
    """SQL of a cube with the weights of the learned models, from the smallest table that counts its touches by the dimension."""
    column = DIMENSION_COLUMNS[dimension]
    counted = source(*(f"credits.{name}" for name in (*cube.columns, column)))
    touches = "1" if counted == STORED_LEDGER else "counts.touches"
    keys = ",\n        ".join(f"counts.{key} as {key}" for key in ("deal_id", *cube.columns))
    weights = ",\n        ".join(f"{touches} * ({_weight(model)}) as {model.column}" for model in learned(models))
    return f"""
with final as (
    select
        {keys},
        {touches} as touches,
        {weights}
    from {counted} as counts
    left join credits.effects as effects on coalesce(counts.{column}, '') = effects.value
    left join marts.journey_effects as journeys on counts.deal_id = journeys.deal_id
)

select * from final
"""


def _weight(model: Model) -> str:
    """SQL: the weight of one touch."""
    return (
        f"case when journeys.{model.column} > 0 then coalesce(effects.{model.column}, 0.0e0) / nullif(journeys.{model.column}, 0) "
        "else 1.0e0 / nullif(journeys.touches, 0) end"
    )
