"""A refresh from beginning to end: copy the version in service, deliver what changed, recompute, verify."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from attribution import config_tables, connectors, db, schema
from attribution.config import Settings
from attribution.connectors.record import planned_files, read_files
from attribution.refresh.delivery import bring_up_to_date
from attribution.refresh.origin import NotPossibleError, check_origin, unchanged, write_origin
from attribution.refresh.recompute import Recomputation
from attribution.verify import verify

if TYPE_CHECKING:
    from attribution.build import Stage

_SCHEMAS = ("changed", "affected", "fresh", "slices")

# A moment that was still to come at the last build moves as-of once it has passed.
_FUTURE = """
select 1
from built.config.reporting as reporting
where reporting.as_of_us is null and reporting.built_us < (
    select max(moment_us)
    from (
        select max(to_us(occurred_at)) as moment_us from built.raw.touches
        union all select max(greatest(to_us(created_at), to_us(closed_at))) as moment_us from built.raw.deals
        union all select max(to_us(entered_at)) as moment_us from built.raw.deal_stage_changes
        union all select max(to_us(entered_at)) as moment_us from built.raw.lifecycle_changes
        union all select max(to_us(handed_at)) as moment_us from built.raw.handoffs
    ) as moments
)
"""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: ``deals`` of ``all_deals`` recomputed; ``version``: the one that stays in service, where nothing has changed."""

    deals: int = 0
    all_deals: int = 0
    version: str = ""


def refresh(
    draft: db.Draft,
    settings: Settings,
    stages: Sequence[Stage],
    data: Path,
    compare: Callable[[db.Connection], int],
    progress: Progress,
) -> tuple[Refreshed, int]:
    """Make the draft from a copy of the version before it. Return what was done, and what ``compare`` found.

    Raises NotPossibleError, or whatever went wrong; the draft is then to be thrown away, and everything computed anew.
    """
    if draft.previous is None:
        raise NotPossibleError("there is no version to start from")
    if db.lost_pointer(draft.database):
        raise NotPossibleError(f"{db.CURRENT} did not name a version")
    plan = connectors.read(data)
    planned = planned_files(plan, schema.TABLE_NAMES)
    connection = db.connect()
    try:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"set memory_limit = {db.quoted(settings.database.memory_limit)}")
        connection.execute(f"set temp_directory = {db.quoted(f'{draft.path}.tmp')}")
        for name in (*db.SCHEMAS, *_SCHEMAS):
            connection.execute(f"create schema if not exists {name}")
        with db.attached(connection, draft.previous, "built"):
            filled, refreshes = check_origin(connection, "built", settings, stages, data)
            before = read_files(connection, "built")
            stays = unchanged(before, sorted(planned, key=lambda file: (file.table, file.place))) and _stays(connection, filled)
        if stays:
            db.read_all(draft.previous)
            return Refreshed(version=stays), 0
        progress(f"Copying the version in service, {draft.previous.name} …")
        db.copy_version(draft.previous, draft.path)
        with db.attached(connection, draft.path, "built", writable=True):
            progress(f"Reading what changed in {data} …")
            changes = bring_up_to_date(connection, plan, planned, settings.reporting.time_zone, progress)
            _refuse_other_currency(connection, settings, filled)
            _write_settings(connection, draft, filled, stages, data, refreshes + 1)
            progress("Computing what follows from it …")
            # The reports changed with the files, whatever their rows did.
            work = Recomputation(connection, filled, stages, {**changes, "raw.load_report": 1, "raw.quarantine": 1})
            work.run()
            with db.within(connection, "built"):
                gone = compare(connection)
                progress(f"Checking that everything adds up ({work.deals:,} of {work.all_deals:,} deals were recomputed) …")
                verify(connection, filled, "memory.affected.deals", "memory.slices.gone_touches")
            connection.execute("checkpoint built")
        return Refreshed(work.deals, work.all_deals), gone
    finally:
        connection.close()


def _stays(connection: db.Connection, settings: Settings) -> str:
    """The version in service, where it would come out of a build unchanged; empty where only its files are the same."""
    version, stored = connection.execute("select version, settings from built.config.build").fetchall()[0]
    return str(version) if stored == settings.model_dump_json() and not connection.execute(_FUTURE).fetchone() else ""


def _refuse_other_currency(connection: db.Connection, settings: Settings, filled: Settings) -> None:
    with db.within(connection, "built"):
        if config_tables.with_currency(connection, settings).reporting.currency != filled.reporting.currency:
            raise NotPossibleError("the deals have another currency now")


def _write_settings(
    connection: db.Connection, draft: db.Draft, settings: Settings, stages: Sequence[Stage], data: Path, refreshes: int
) -> None:
    with db.within(connection, "built"):
        config_tables.write_settings(
            connection, settings, built_at=draft.built_at, version=draft.version, data=str(data.resolve())
        )
        write_origin(connection, settings, stages, refreshes)
