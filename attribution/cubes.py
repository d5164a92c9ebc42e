"""Cubes: the ledger summed per deal and a few columns of its touches, so that a page asks a tenth of the rows or fewer.

A cube keeps every deal apart, so any filter on deals and any figure per deal stays exact, and whether a value took part in a
deal is whether there is a row. Which table answers a question follows from the columns that the question names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from attribution.models.rules import Model


@dataclass(frozen=True)
class Cube:
    """One cube: ``schema.name`` and the columns of the touch that it keeps. One row per deal and combination of their values."""

    schema: str
    name: str
    columns: tuple[str, ...]

    def sql(self, models: Sequence[Model], is_view: bool = False) -> str:
        """SQL of the cube: its columns, the deal's id, the number of touches and the sum of the weights under each model.

        ``is_view``: a question sums anyway, so rows of single touches stand in for the sums (but for the one row per deal).
        """
        if is_view and self.columns:
            columns = ", ".join(("deal_id", *self.columns, "1 as touches", *(model.column for model in models)))
            return f"\nwith final as (\n    select {columns} from credits.weights\n)\n\nselect * from final\n"
        keys = ", ".join(("deal_id", *self.columns))
        sums = ",\n        ".join(f"sum({model.column}) as {model.column}" for model in models)
        return f"""
with final as (
    select
        {keys},
        count(*) as touches,
        {sums}
    from credits.weights
    group by {keys}
)

select * from final
"""


# The fewest rows first: the first cube that has all columns asked for answers.
CUBES: tuple[Cube, ...] = (
    Cube("credits", "totals", ()),
    Cube("marts", "credits_by_kind", ("kind", "actor", "phase")),
    Cube("marts", "credits_by_campaign", ("channel", "campaign_id")),
    Cube("marts", "credits_by_asset", ("asset_id", "topic")),
)
LEDGER = "marts.credits"

_COLUMN = re.compile(r"\bcredits\.(\w+)")


def source(*expressions: str) -> str:
    """The table that answers SQL expressions over ``credits``: the first cube that has all their columns, else the ledger."""
    asked = {name for text in expressions for name in _COLUMN.findall(text)} - {"deal_id"}
    return next((f"{cube.schema}.{cube.name}" for cube in CUBES if asked <= set(cube.columns)), LEDGER)
