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
    """One cube: ``schema.name`` and the columns of the touch that it keeps. One row per deal and combination of their values.

    ``has_weights``: it sums the weights of the models that are stored; else it counts touches only.
    """

    schema: str
    name: str
    columns: tuple[str, ...]
    has_weights: bool = True

    def sql(self, models: Sequence[Model], is_view: bool = False) -> str:
        """SQL of the cube: its columns, the deal's id, the number of touches and the sum of the weights under each model that is stored.

        ``is_view``: a question sums anyway, so rows of single touches stand in for the sums (but for the one row per deal).
        """
        stored = [model.column for model in models if not model.is_learned and self.has_weights]
        if is_view and self.columns:
            columns = ", ".join(("deal_id", *self.columns, "1 as touches", *stored))
            return f"\nwith final as (\n    select {columns} from credits.weights\n)\n\nselect * from final\n"
        keys = ", ".join(("deal_id", *self.columns))
        sums = "".join(f",\n        sum({column}) as {column}" for column in stored)
        if not self.columns:  # a learned model shares out all of a deal that has a touch
            sums += "".join(f",\n        1.0e0 as {model.column}" for model in models if model.is_learned)
        return f"""
with final as (
    select
        {keys},
        count(*) as touches{sums}
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
    # What learned models give content follows from the channels of its touches.
    Cube("marts", "touches_by_asset", ("channel", "asset_id", "topic"), has_weights=False),
)
# The ledger with all models; the table in which all but the learned ones are stored.
LEDGER, STORED_LEDGER = "marts.credits", "credits.weights"

_COLUMN = re.compile(r"\bcredits\.(\w+)")


def learned_view(cube: Cube) -> str:
    """The view that has the weights of the learned models; of the totals they are stored."""
    return f"{cube.schema}.learned_{cube.name.removeprefix('credits_')}" if cube.columns else f"{cube.schema}.{cube.name}"


def source(*expressions: str, models: Sequence[Model] = ()) -> str:
    """The table that answers SQL expressions over ``credits``, asked for these models' weights (all of them learned, or none): the first
    cube that has all that is asked, else the ledger."""
    asked = {name for text in expressions for name in _COLUMN.findall(text)} - {"deal_id"}
    is_learned = any(model.is_learned for model in models)
    needs_weights = bool(models) and not is_learned
    cube = next((cube for cube in CUBES if asked <= set(cube.columns) and cube.has_weights >= needs_weights), None)
    if is_learned:
        return learned_view(cube) if cube else LEDGER
    return f"{cube.schema}.{cube.name}" if cube else STORED_LEDGER
