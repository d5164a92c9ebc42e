"""From models to the ledger: one wide statement for all weights, one policy for missing shares, one row per share left over.

Weights are scaled here and nowhere else, so every deal's weights plus its Unattributed share are 1 under every model.
Names of columns come from the models' registry only; values never enter the text of a statement.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    "phase",
    "days_before_end",
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


def weights_sql(models: Sequence[Model], policies: dict[str, str]) -> str:
    """SQL of ``credits.weights``: one row per deal × touch, one weight (0–1) per model.

    ``policies``: model name → proportional, equal or unattributed.
    """
    raw = ",\n        ".join(f"{model.raw_weight} as raw_{model.name}" for model in models)
    equal = [model for model in models if model.shares and policies[model.name] == "equal"]
    held = "".join(f",\n        {model.positions_held} as held_{model.name}" for model in equal)
    totals = ",\n        ".join(f"sum(raw_{model.name}) as total_{model.name}" for model in models)
    held_totals = "".join(f",\n        sum(held_{model.name}) as total_held_{model.name}" for model in equal)
    weights = ",\n        ".join(f"{_scaled(model, policies[model.name])} as {model.column}" for model in models)
    columns = ", ".join(f"journey_touches.{column} as {column}" for column in JOURNEY_COLUMNS)
    source = "journeys.journey_touches as journey_touches"
    if any("value_count" in model.raw_weight for model in models):
        source += """
    inner join journeys.value_counts as value_counts
        on journey_touches.deal_id = value_counts.deal_id and journey_touches.shapley_value = value_counts.shapley_value"""
    qualified = ", ".join(f"raw_weights.{column} as {column}" for column in JOURNEY_COLUMNS)
    return f"""
with raw_weights as (
    select
        {columns},
        {raw}{held}
    from {source}
),

totals as (
    select
        deal_id,
        {totals}{held_totals}
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


def _scaled(model: Model, policy: str) -> str:
    raw, total = f"raw_{model.name}", f"total_{model.name}"
    if not model.shares or policy == "proportional":
        return f"coalesce({raw} / nullif({total}, 0), 0.0e0)"
    if policy == "unattributed":
        return raw
    return f"{raw} + coalesce((1.0e0 - {total}) * held_{model.name} / nullif(total_held_{model.name}, 0), 0.0e0)"


def unattributed_sql(models: Sequence[Model]) -> str:
    """SQL of ``credits.unattributed``: one row per deal × model whose weights do not reach 1, with the share and its reason."""
    parts = "\n    union all\n".join(
        f"""    select
        gaps.deal_id as deal_id,
        '{model.name}' as model,
        1.0e0 - coalesce(totals.{model.column}, 0.0e0) as share,
        {_reason(model)} as reason
    from gaps
    left join totals on gaps.deal_id = totals.deal_id
    where 1.0e0 - coalesce(totals.{model.column}, 0.0e0) > {NOISE}"""
        for model in models
    )
    return f"""
with gaps as (
    select deal_id, has_touch, journey_reason, has_lead_creation, has_deal_creation from journeys.gaps
),

totals as (
    select deal_id, {", ".join(model.column for model in models)} from credits.totals
),

final as (
{parts}
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


def ledger_sql(models: Sequence[Model]) -> str:
    """SQL of ``marts.credits``: the ledger, one row per deal × touch. A credit is its weight times the deal's amount."""
    columns = ",\n        ".join([*JOURNEY_COLUMNS, *(model.column for model in models)])
    return f"""
with final as (
    select
        {columns}
    from credits.weights
)

select * from final
"""
