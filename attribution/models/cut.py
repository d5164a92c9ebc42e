"""SQL of the ledger under a shorter lookback: views over the ledger as built, whose journeys lose their beginnings.

``journeys.cuts`` says how many touches each journey loses. What is left is counted from 1 again, and the weights follow from the
columns of a row alone wherever a model's total is known without adding rows up (``Model.journey_total``); elsewhere a window
does it, which costs only the question that asks for that model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attribution.models.learned import DIMENSION_COLUMNS
from attribution.models.rules import Model
from attribution.models.weights import JOURNEY_COLUMNS, LEDGER_COLUMNS, scaled

# Columns of a row that are others than as built; ``journeys`` is the journey's summary.
_RENUMBERED: dict[str, str] = {
    "touch_position": "built.touch_position - journeys.cut",
    "is_first": "built.touch_position = journeys.cut + 1",
    **{
        column: f"journeys.{column}"
        for column in ("touch_count", "lead_creation_position", "deal_creation_position", "last_non_direct_position")
    },
}


def weights_sql(models: Sequence[Model], policies: Mapping[str, str], shapley_dimension: str) -> str:
    """SQL of ``credits.weights`` over ``credits.built_weights`` and ``journeys.summaries``; a view."""
    stored = [model for model in models if not model.is_learned]
    known = [
        *((f"total_{model.name}", model.journey_total) for model in stored if model.journey_total),
        *((f"total_held_{model.name}", model.positions_present) for model in stored if model.shares),
    ]
    of_journey = ",\n            ".join(f"{total} as {name}" for name, total in known)
    totals = ", ".join(f"journeys.{name} as {name}" for name, _ in known)
    columns = ",\n        ".join(f"{_RENUMBERED.get(column, f'built.{column}')} as {column}" for column in JOURNEY_COLUMNS)
    named, ledger = ", ".join([*JOURNEY_COLUMNS, *(name for name, _ in known)]), ", ".join(LEDGER_COLUMNS)
    value = f"coalesce({DIMENSION_COLUMNS[shapley_dimension]}, '')"
    raw = [
        *((f"raw_{model.name}", model.raw_weight) for model in stored),
        *((f"held_{model.name}", model.positions_held) for model in stored if model.shares),
    ]
    weighed = ",\n        ".join(f"{expression} as {name}" for name, expression in raw)
    added_up = "".join(
        f",\n        sum(raw_{model.name}) over (partition by deal_id) as total_{model.name}"
        for model in stored
        if not model.journey_total
    )
    weights = ",\n        ".join(f"{scaled(model, policies[model.name])} as {model.column}" for model in stored)
    return f"""
with kept as (
    select
        {columns},
        {totals},
        settings.half_life_days as half_life_days
    from credits.built_weights as built
    inner join (
        select
            deal_id, cut, touch_count, lead_creation_position, deal_creation_position, last_non_direct_position,
            {of_journey}
        from journeys.summaries
    ) as journeys on built.deal_id = journeys.deal_id
    cross join (select half_life_days from config.journeys) as settings
    where built.touch_position > journeys.cut
),

valued as (
    select
        {named},
        half_life_days,
        count(*) over (partition by deal_id, {value}) as value_touch_count
    from kept
),

counted as (
    select
        {named},
        half_life_days,
        value_touch_count,
        cast(round(sum(1.0e0 / nullif(value_touch_count, 0)) over (partition by deal_id)) as bigint) as value_count
    from valued
),

raw_weights as (
    select
        {ledger},
        {", ".join(name for name, _ in known)},
        {weighed}
    from counted
),

totals as (
    select
        {ledger},
        {", ".join(name for name, _ in (*known, *raw))}{added_up}
    from raw_weights
),

final as (
    select
        {ledger},
        {weights}
    from totals
)

select * from final
"""


def totals_sql(models: Sequence[Model], policies: Mapping[str, str]) -> str:
    """SQL of ``credits.totals`` over the summaries of the journeys: how much of each deal its touches share, without adding rows up."""
    shares = ",\n        ".join(f"{_shared(model, policies[model.name])} as {model.column}" for model in models)
    return f"""
with final as (
    select
        deal_id,
        touch_count as touches,
        {shares}
    from journeys.summaries
)

select * from final
"""


def _shared(model: Model, policy: str) -> str:
    """SQL: the part of a deal with a journey that the model gives to touches."""
    if not model.shares:
        return "1.0e0"
    if policy == "unattributed":
        return model.journey_total
    return f"case when {model.journey_total} > 0 then 1.0e0 else 0.0e0 end"
