"""From models to the ledger: one wide statement for all weights, one policy for missing shares, one row per share left over.

Weights are scaled here and nowhere else, so every deal's weights plus its Unattributed share are 1 under every model.
Names of columns come from the models' registry only; values never enter the text of a statement.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from attribution.models.rules import Model

# A share below this is rounding noise of the float arithmetic, not a missing share.
NOISE = "1e-9"

JOURNEY_COLUMNS = (
    "deal_id",
    "touch_id",
    "occurred_us",
    "occurred_on",
    "touch_position",
    "touch_count",
    "is_first",
    "is_lead_creation",
    "is_deal_creation",
    "is_last",
    "lead_creation_position",
    "deal_creation_position",
    "last_non_direct_position",
    "phase",
    "days_before_end",
    "days_before_last",
    "person_kind",
    "person_id",
    "channel",
    "campaign_id",
    "asset_id",
    "topic",
    "kind",
    "actor",
    "status",
    "amount",
)


# What the ledger keeps of the Shapley dimension: with it and JOURNEY_COLUMNS any model can be computed from the ledger alone.
VALUE_COLUMNS = ("value_count", "value_touch_count")
LEDGER_COLUMNS = (*JOURNEY_COLUMNS, *VALUE_COLUMNS)


def weights_sql(models: Sequence[Model], policies: Mapping[str, str]) -> str:
    """SQL of ``credits.weights``: one row per deal × touch, one weight (0–1) per model.

    ``policies``: model name → proportional, equal or unattributed. Learned models have no column here.
    """
    models = [model for model in models if not model.is_learned]
    columns = ", ".join(f"journey_touches.{column} as {column}" for column in JOURNEY_COLUMNS)
    raw = ",\n        ".join(_raw(models, policies))
    qualified = ", ".join(f"raw_weights.{column} as {column}" for column in LEDGER_COLUMNS)
    weights = ",\n        ".join(f"{scaled(model, policies[model.name])} as {model.column}" for model in models)
    return f"""
with journey_values as (
    select deal_id, count(*) as value_count from journeys.value_counts group by deal_id
),

raw_weights as (
    select
        {columns},
        journey_values.value_count as value_count,
        value_counts.value_touch_count as value_touch_count,
        {raw}
    from journeys.journey_touches as journey_touches
    inner join journeys.value_counts as value_counts
        on journey_touches.deal_id = value_counts.deal_id and journey_touches.shapley_value = value_counts.shapley_value
    inner join journey_values on journey_touches.deal_id = journey_values.deal_id
),

totals as (
    select
        deal_id,
        {_sums(models, policies)}
    from raw_weights
    group by deal_id
),

final as (
    select
        {qualified},
        {weights}
    from raw_weights
    inner join totals on raw_weights.deal_id = totals.deal_id
)

select * from final
"""


def changed_weights_sql(models: Sequence[Model], policies: Mapping[str, str], changed: Collection[str]) -> str:
    """SQL of ``credits.weights`` over ``credits.built_weights``: the weights of models named in ``changed`` anew, the others as built.

    Meant for a view: the raw weights stand twice instead of once under a name, and no total is joined that a question does not
    need, so a question about one model computes only that model's.
    """
    models = [model for model in models if not model.is_learned]
    anew = [model for model in models if model.name in changed]
    columns = ", ".join(f"built.{column} as {column}" for column in LEDGER_COLUMNS)
    kept = "".join(f", built.{model.column} as {model.column}" for model in models if model.name not in changed)
    raw = "".join(f",\n        {text}" for text in _raw(anew, policies))
    rows = f"""(
    select {columns}{kept}{raw}
    from credits.built_weights as built
    cross join (select half_life_days from config.journeys) as settings
) as raw_weights"""
    listed = ", ".join(f"raw_weights.{column} as {column}" for column in LEDGER_COLUMNS)
    weights = ",\n        ".join(
        f"{scaled(model, policies[model.name]) if model.name in changed else f'raw_weights.{model.column}'} as {model.column}"
        for model in models
    )
    joined = f"""
    left join (
        select deal_id, {_sums(anew, policies)}
        from {rows}
        group by deal_id
    ) as totals on raw_weights.deal_id = totals.deal_id""" if anew else ""  # fmt: skip
    return f"""
with final as (
    select
        {listed},
        {weights}
    from {rows}{joined}
)

select * from final
"""


def _equal(models: Sequence[Model], policies: Mapping[str, str]) -> list[Model]:
    return [model for model in models if model.shares and policies[model.name] == "equal"]


def _raw(models: Sequence[Model], policies: Mapping[str, str]) -> list[str]:
    """SQL, one per column: raw weights, and the positions that a touch holds where missing shares are divided equally."""
    return [
        *(f"{model.raw_weight} as raw_{model.name}" for model in models),
        *(f"{model.positions_held} as held_{model.name}" for model in _equal(models, policies)),
    ]


def _sums(models: Sequence[Model], policies: Mapping[str, str]) -> str:
    return ",\n        ".join(
        [
            *(f"sum(raw_{model.name}) as total_{model.name}" for model in models),
            *(f"sum(held_{model.name}) as total_held_{model.name}" for model in _equal(models, policies)),
        ]
    )


def scaled(model: Model, policy: str) -> str:
    """SQL: the weight, from the raw one and the journey's totals, under the policy for missing shares."""
    raw, total = f"raw_{model.name}", f"total_{model.name}"
    if not model.shares or policy == "proportional":
        return f"coalesce({raw} / nullif({total}, 0), 0.0e0)"
    if policy == "unattributed":
        return raw
    return f"{raw} + coalesce((1.0e0 - {total}) * held_{model.name} / nullif(total_held_{model.name}, 0), 0.0e0)"


def unattributed_sql(models: Sequence[Model], built: Collection[str] = ()) -> str:
    """SQL of ``credits.unattributed``: one row per deal × model whose weights do not reach 1, with the share and its reason.

    ``built``: models whose rows are taken from ``credits.built_unattributed`` as they are.
    """
    parts = [
        f"""    select
        gaps.deal_id as deal_id,
        '{model.name}' as model,
        1.0e0 - coalesce(totals.{model.column}, 0.0e0) as share,
        {_reason(model)} as reason
    from gaps
    left join totals on gaps.deal_id = totals.deal_id
    where 1.0e0 - coalesce(totals.{model.column}, 0.0e0) > {NOISE}"""
        for model in models
        if model.name not in built
    ]
    if built:
        names = ", ".join(f"'{name}'" for name in built)
        parts.append(f"    select deal_id, model, share, reason from credits.built_unattributed where model in ({names})")
    rows = "\n    union all\n".join(parts)
    return f"""
with gaps as (
    select deal_id, has_touch, journey_reason, has_lead_creation, has_deal_creation from journeys.gaps
),

totals as (
    select deal_id, {", ".join(model.column for model in models)} from credits.totals
),

final as (
{rows}
)

select * from final
"""


def _reason(model: Model) -> str:
    """SQL: why this model leaves a share of a deal, in the order in which reasons take precedence."""
    branches = ["when gaps.journey_reason is not null then gaps.journey_reason"]
    for milestone in ("lead_creation", "deal_creation"):
        if milestone in model.shares:
            branches.append(f"when not gaps.has_{milestone} then 'no_touch_before_{milestone}'")
    return f"case {' '.join(branches)} else 'policy' end"
