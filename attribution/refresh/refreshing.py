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
from attribution.refresh.origin import NotPossibleError, check_origin, unchanged
from attribution.refresh.recompute import Recomputation
from attribution.verify import verify

if TYPE_CHECKING:
    from attribution.build import Stage

# Row groups of deleted and of few rows are merged so often; in between they cost a little room.
TIDIED_EVERY = 10
_SCHEMAS = ("changed", "affected", "fresh", "slices")

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: ``deals`` of ``all_deals`` recomputed; ``same_files``: no file was another one than at the build before."""

    deals: int
    all_deals: int
    same_files: bool


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
        # Some six hundred statements, most of a few milliseconds: dividing them between threads costs more than it saves.
        connection.execute("set threads = 1")
        # One checkpoint at the end: each costs a second of a large file.
        connection.execute("set checkpoint_threshold = '1TB'")
        # Loading a few rows is mostly planning how to clean them, and half of that would be making joins of short lists.
        connection.execute("set disabled_optimizers = 'in_clause'")
        connection.execute(f"set memory_limit = {db.quoted(settings.database.memory_limit)}")
        connection.execute(f"set temp_directory = {db.quoted(f'{draft.path}.tmp')}")
        for name in (*db.SCHEMAS, *_SCHEMAS):
            connection.execute(f"create schema if not exists {name}")
        with db.attached(connection, draft.previous, "built"):
            filled, refreshes = check_origin(connection, "built", settings, stages, data)
            before = read_files(connection, "built")
        # A checkpoint that tidies writes whole row groups anew for the few rows that came: half a second at ten million touches.
        if (refreshes + 1) % TIDIED_EVERY:
            connection.execute("set max_vacuum_tasks = 0")
        same_files = unchanged(before, sorted(planned, key=lambda file: (file.table, file.place)))
        progress(f"Copying the version in service, {draft.previous.name} …")
        db.copy_version(draft.previous, draft.path)
        if same_files:
            # Who builds once more what has not changed may do so because the version is damaged: a copy would be, too.
            db.read_all(draft.path)
        with db.attached(connection, draft.path, "built", writable=True):
            progress(f"Reading what changed in {data} …")
            changes = bring_up_to_date(connection, plan, planned, settings.reporting.time_zone, progress)
            _refuse_other_currency(connection, settings, filled)
            _write_settings(connection, draft, filled, data)
            progress("Computing what follows from it …")
            # The reports changed with the files, whatever their rows did.
            work = Recomputation(connection, filled, stages, {**changes, "raw.load_report": 1, "raw.quarantine": 1})
            with db.attached(connection, draft.previous, "before"):
                work.run()
            with db.within(connection, "built"):
                gone = compare(connection)
                progress(f"Checking that everything adds up ({work.deals:,} of {work.all_deals:,} deals were recomputed) …")
                verify(connection, filled, work.new_rows(), "memory.slices.gone_touches")
            connection.execute("checkpoint built")
        return Refreshed(work.deals, work.all_deals, same_files), gone
    finally:
        connection.close()


def _refuse_other_currency(connection: db.Connection, settings: Settings, filled: Settings) -> None:
    with db.within(connection, "built"):
        if config_tables.with_currency(connection, settings).reporting.currency != filled.reporting.currency:
            raise NotPossibleError("the deals have another currency now")


def _write_settings(connection: db.Connection, draft: db.Draft, settings: Settings, data: Path) -> None:
    with db.within(connection, "built"):
        config_tables.write_settings(
            connection, settings, built_at=draft.built_at, version=draft.version, data=str(data.resolve())
        )
        # Program and engine are what they were, or this would be no refresh.
        connection.execute("update config.origin set refreshes = refreshes + 1")
