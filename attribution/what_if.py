"""The least that must be computed to see the same data under other settings.

Four cases, from quick to thorough:

    learned models       everything stays as built; what the learned models know is learned anew when a question needs it
    other weights        the ledger stays as built; the weights of the models that change are a view over it, computed as far as
                         a question asks for them
    a shorter lookback   how much of the beginning of each journey is cut off is counted; the rest is views over the ledger again
    anything else        journeys, credits and marts are computed anew, in memory
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from attribution.build import STAGES, Stage, Table, cube_tables, learned_tables
from attribution.config import Settings
from attribution.models import cut, weights

_SQL = Path(__file__).parent / "sql" / "what_if"
# Settings that no number rests on.
_WORDS_ONLY = (
    "reporting.model",
    "reporting.second_model",
    "reporting.agreed_by",
    "reporting.agreed_on",
    "reporting.last_meeting_on",
)
_LOOKBACK = "journeys.lookback_days"
_SHAPLEY_DIMENSION = "models.shapley.dimension"
_OF_LEARNED = "models.markov."
_LEARNED = (("credits.effects", "credits.effects"), ("credits.fits", "credits.fits"))
# Marts about people and content, which no lookback and no weight changes.
_NOT_OF_JOURNEYS = ("marts.lead_touches", "marts.asset_reach")


@dataclass(frozen=True)
class Recomputation:
    """What to make in memory. ``kept``: tables shown as built, (name, name here), beside all those of the lower layers; ``stages``: what
    is computed; what they learn can wait until a question needs it."""

    kept: tuple[tuple[str, str], ...]
    stages: tuple[Stage, ...]


# The layers below journeys: no setting that can be tried out changes them.
LOWER = ("raw", "staging", "identity", "touches", "checks")
EVERYTHING = Recomputation((), tuple(stage for stage in STAGES if stage.number >= 4))


def recomputation(built: Settings, wanted: Settings, learns: bool = False) -> Recomputation:
    """The least that turns a version built under some settings into the same data under others.

    ``learns``: the learned models learn anew, whatever the settings.
    """
    changed = {key for key in _changed(built.model_dump(), wanted.model_dump()) if key not in _WORDS_ONLY}
    others = {key for key in changed if not key.startswith("models.") or key == _SHAPLEY_DIMENSION}
    if not others:
        return _other_weights(built, wanted, learns or any(key.startswith(_OF_LEARNED) for key in changed))
    if others <= {_LOOKBACK, _SHAPLEY_DIMENSION} and _is_within(wanted.journeys.lookback_days, built.journeys.lookback_days):
        return _shorter(wanted)
    return EVERYTHING


def _shorter(wanted: Settings) -> Recomputation:
    """Journeys lose their beginnings: how much of each is counted once, all else is a view over the ledger as built."""
    policies, dimension = wanted.policies(), wanted.models.shapley.dimension
    openings = next(table for table in _stage("marts").tables if table.name == "openings")
    uses = next(table for table in _stage("marts").tables if table.name == "asset_uses")
    of_learned = learned_tables(is_view=True)
    asked = of_learned[0].later
    return Recomputation(
        (
            ("journeys.deal_people", "journeys.deal_people"),
            *((f"journeys.{name}", f"journeys.built_{name}") for name in ("deals", "deal_touches", "summaries", "gaps")),
            ("credits.weights", "credits.built_weights"),
            ("marts.deals", "marts.built_deals"),
            *((name, name) for name in _NOT_OF_JOURNEYS),
        ),
        (
            replace(
                _stage("journeys"),
                tables=(_view_of("deals"), _view_of("deal_touches"), _of("cuts"), _view_of("summaries"), _view_of("gaps")),
            ),
            replace(
                _stage("credits"),
                tables=(
                    Table("weights", lambda settings: cut.weights_sql(settings.all_models(), policies, dimension), is_view=True),
                    Table("totals", lambda settings: cut.totals_sql(settings.all_models(), policies), is_view=True),
                    Table("unattributed", lambda settings: weights.unattributed_sql(settings.all_models()), is_view=True),
                ),
            ),
            replace(
                _stage("marts"),
                tables=(
                    replace(openings, later=("opened_by", "is_sourced", "opening_touch_id", "marts.openings")),
                    replace(_view_of("marts_deals"), name="deals"),
                    # A view over views over the ledger takes as long to make as a small question, so each waits until it is asked.
                    *(replace(cube, later=(f"marts.{cube.name}", *asked)) for cube in cube_tables("marts", is_view=True)),
                    *of_learned,
                    replace(uses, is_view=True, later=("marts.asset_uses",)),
                ),
            ),
        ),
    )


def _other_weights(built: Settings, wanted: Settings, learns: bool) -> Recomputation:
    """Only weights change: views over the ledger as built."""
    before, policies_before, policies = {model.name: model for model in built.all_models()}, built.policies(), wanted.policies()
    decay = built.models.time_decay.half_life_days != wanted.models.time_decay.half_life_days
    anew = [
        model.name
        for model in wanted.all_models()
        if (model.name == "time_decay" and decay)
        or before.get(model.name) != model
        or policies_before[model.name] != policies[model.name]
    ]
    views = replace(_stage("journeys"), tables=tuple(table for table in _stage("journeys").tables if table.is_view))
    learn = _stage("credits").learn if learns else None
    if not anew:
        made_anew = {table.name for table in learned_tables()}
        stored = [
            (f"{stage.schema}.{table.name}",) * 2
            for stage in STAGES[3:]
            for table in stage.tables
            if not table.is_view and table.name not in made_anew
        ]
        return Recomputation(
            (*stored, *(() if learns else _LEARNED)),
            (
                views,
                replace(_stage("credits"), tables=(), learn=learn),
                replace(_stage("marts"), tables=learned_tables(is_view=True)),
            ),
        )
    # Where a model is not made of named positions, every journey gets all of its weight, whatever its parameters.
    left_over = [
        model.name for model in wanted.all_models() if model.name not in anew or (model.name in before and not model.shares)
    ]
    kept = [f"journeys.{table.name}" for table in _stage("journeys").tables if not table.is_view] + [
        "marts.deals",
        "marts.openings",
        "marts.asset_uses",
        *_NOT_OF_JOURNEYS,
    ]
    credits = (
        Table("weights", lambda settings: weights.changed_weights_sql(settings.all_models(), policies, anew), is_view=True),
        *cube_tables("credits", is_view=True),
        Table("unattributed", lambda settings: weights.unattributed_sql(settings.all_models(), left_over), is_view=True),
    )
    marts = (*cube_tables("marts", is_view=True), *learned_tables(is_view=True))
    return Recomputation(
        (
            *((name, name) for name in kept),
            ("credits.weights", "credits.built_weights"),
            ("credits.unattributed", "credits.built_unattributed"),
            *(() if learns else _LEARNED),
        ),
        (
            views,
            replace(_stage("credits"), tables=credits, learn=learn),
            replace(_stage("marts"), tables=marts),
        ),
    )


def _stage(schema: str) -> Stage:
    return next(stage for stage in STAGES if stage.schema == schema)


def _of(name: str) -> Table:
    return Table(name, lambda _settings: (_SQL / f"{name}.sql").read_text(encoding="utf-8"))


def _view_of(name: str) -> Table:
    return replace(_of(name), is_view=True)


def _is_within(days: float, built_days: float) -> bool:
    """Whether a lookback (0: no limit) reaches no further back than the one that was built."""
    return days == built_days or (days > 0 and (built_days == 0 or days < built_days))


def _changed(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """The dotted names of settings that differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {*before, *after}:
            yield from _changed(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))
    elif before != after:
        yield path
