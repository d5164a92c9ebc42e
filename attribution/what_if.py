"""The least that must be computed to see the same data under other settings.

Three cases, from quick to thorough:

    models only          journeys stay as built; weights and credits are views, computed as far as a question asks for them
    a shorter lookback   the beginning of each journey is cut off; the rest follows as views
    anything else        journeys, credits and marts are computed anew, in memory
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from attribution.build import STAGES, Stage, Table
from attribution.config import Settings

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


@dataclass(frozen=True)
class Recomputation:
    """What to make in memory. ``mirrored``: schemas shown as built; ``kept``: tables of other schemas shown as built, under a name;
    ``stages``: what is computed."""

    mirrored: tuple[str, ...]
    kept: tuple[tuple[str, str], ...]
    stages: tuple[Stage, ...]


def recomputation(built: Settings, wanted: Settings) -> Recomputation:
    """The least that turns a version built under some settings into the same data under others."""
    lower = ("raw", "staging", "identity", "touches", "checks")
    changed = {key for key in _changed(built.model_dump(), wanted.model_dump()) if key not in _WORDS_ONLY}
    others = {key for key in changed if not key.startswith("models.")}
    if not others:
        kept = [
            f"journeys.{table.name}"
            for table in _stage("journeys").tables
            if table.name not in ("journey_touches", "value_counts")
        ]
        kept += ["marts.deals", "marts.openings"]
        stages = (
            _views("journeys", ("value_counts", "journey_touches")),
            _views("credits"),
            _views("marts", skip=("deals", "openings")),
        )
        return Recomputation(lower, tuple((name, name) for name in kept), stages)
    if others == {_LOOKBACK} and _is_shorter(wanted.journeys.lookback_days, built.journeys.lookback_days):
        kept_as = (
            ("journeys.deal_people", "journeys.deal_people"),
            ("journeys.deals", "journeys.built_deals"),
            ("journeys.deal_touches", "journeys.built_deal_touches"),
        )
        cut = Stage("journeys", 4, "", (_view_of("deals"), _view_of("deal_touches")))
        # One row per deal is quickly made and asked for again and again; a row per touch is computed where a question needs it.
        journeys = _views("journeys", skip=("deal_people", "deals", "deal_touches"), tables=("summaries", "gaps"))
        return Recomputation(lower, kept_as, (cut, journeys, _views("credits"), _views("marts", tables=("openings", "deals"))))
    return Recomputation(lower, (), tuple(stage for stage in STAGES if stage.number >= 4))


def _stage(schema: str) -> Stage:
    return next(stage for stage in STAGES if stage.schema == schema)


def _views(schema: str, only: tuple[str, ...] = (), skip: tuple[str, ...] = (), tables: tuple[str, ...] = ()) -> Stage:
    """A stage of the build with its tables as views, but for those named in ``tables``."""
    stage = _stage(schema)
    chosen = [table for table in stage.tables if table.name not in skip and (not only or table.name in only)]
    return replace(stage, tables=tuple(replace(table, is_view=table.name not in tables) for table in chosen))


def _view_of(name: str) -> Table:
    return Table(name, lambda _settings: (_SQL / f"{name}.sql").read_text(encoding="utf-8"), is_view=True)


def _is_shorter(days: float, built_days: float) -> bool:
    """Whether a lookback (0: no limit) cuts off more than the one that was built."""
    return days > 0 and (built_days == 0 or days < built_days)


def _changed(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """The dotted names of settings that differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {*before, *after}:
            yield from _changed(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))
    elif before != after:
        yield path
