"""Step 3 before anything changes: the folder that a build will read, and a dry run of the loader over it, in memory."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from attribution import config_tables, connectors, coverage, db, settings_file
from attribution.build import STAGES, run_stages
from attribution.config import Settings
from attribution.connectors import mapping
from attribution.coverage import TouchCoverage
from attribution.dataset import Dataset
from attribution.errors import DataError
from attribution.onboarding import uploads
from attribution.onboarding.draft import Draft, to_toml
from attribution.settings_file import SETTINGS_FILE

REASONS_SHOWN = 200
_STAGES_NEEDED = 3  # staging, identity and touches: what coverage is counted over


@dataclass(frozen=True)
class FileLine:
    """What became of the rows of one file in one table: rows_in = left_out + loaded + duplicates + quarantined."""

    table: str
    file: str
    rows_in: int
    left_out: int
    loaded: int
    duplicates: int
    quarantined: int


@dataclass(frozen=True)
class Unread:
    """Rows that could not be read for one reason: how many, and where the first one stands."""

    table: str
    file: str
    line: int
    column: str | None
    value: str | None
    reason: str
    rows: int


@dataclass(frozen=True)
class Check:
    """What a build of a folder would load. ``amount``: of won deals, in the reporting currency (None: amounts without one)."""

    lines: tuple[FileLine, ...]
    unread: tuple[Unread, ...]
    notices: tuple[str, ...]
    currency: str | None
    won: int
    lost: int
    open: int
    amount: float
    won_without_contacts: int
    touches: TouchCoverage


class _InMemory:
    """The dry run as far as ``coverage`` needs a dataset: rows of a query, and the settings."""

    def __init__(self, connection: db.Connection, settings: Settings) -> None:
        self.connection, self.settings = connection, settings

    def rows(self, query: str, parameters: list[object] | None = None) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, parameters or []).fetchall()


def prepare(source: Path, draft: Draft, database: Path, again: Path | None = None) -> Path:
    """Return a private folder with the mapping and links to the files it names, for a build; the source folder is not touched.

    Uploaded files lie in such a folder already; it gets the mapping. ``again``: the folder that was prepared for the same source before.
    Raises DataError.
    """
    if uploads.root(database).resolve() in source.resolve().parents:
        folder = source
    else:
        folder = again if again is not None and again.is_dir() else uploads.fresh_folder(database, source.name)
        for old in folder.iterdir():
            old.unlink()
        for name in sorted({feed.file for feed in draft.feeds} | {SETTINGS_FILE}):
            if (source / name).is_file():
                _link(source / name, folder / name)
    try:
        (folder / mapping.FILE_NAME).write_text(to_toml(draft), encoding="utf-8")
    except OSError as error:
        raise DataError(f"{folder}: the mapping cannot be written there ({error.strerror or error}).") from error
    return folder


def _link(origin: Path, target: Path) -> None:
    try:
        target.symlink_to(origin.resolve())
    except OSError:  # Windows without the right to make links
        shutil.copyfile(origin, target)


def check(folder: Path, overrides: tuple[str, ...] = (), progress: Callable[[str], None] = lambda _message: None) -> Check:
    """Load a data folder into memory, as a build would, and count. Raises a ClosedLoopError where a build would refuse."""
    settings = settings_file.read_settings(folder, None, overrides)
    connection = db.connect()
    try:
        db.create_schemas(connection)
        progress("Reading the files …")
        connectors.load(folder, connection, settings.reporting.time_zone, progress)
        settings = config_tables.with_currency(connection, settings)
        config_tables.write_settings(connection, settings, datetime.now(UTC).replace(tzinfo=None), "check", str(folder))
        run_stages(connection, settings, STAGES[:_STAGES_NEEDED], progress)
        progress("Counting what is covered …")
        return _counted(_InMemory(connection, settings))
    except db.Error as error:
        raise DataError(f"{folder.name}: the check stopped ({str(error).splitlines()[0]}). Nothing was changed.") from error
    finally:
        connection.close()


def _counted(dry: _InMemory) -> Check:
    lines = dry.rows(
        "select table_name, file, rows_in, left_out, loaded, duplicates, quarantined from staging.load_report order by table_name, block, file"
    )
    unread = dry.rows(
        "select table_name, file, min(line), arg_min(column_name, line), arg_min(value, line), reason, count(*) from staging.quarantine "
        f"group by table_name, file, reason order by count(*) desc, table_name, file, reason limit {REASONS_SHOWN}"
    )
    notices = dry.rows("select distinct message from raw.notices where severity = 'warning' order by message limit 50")
    deals = dry.rows(
        "select count(*) filter (where status = 'won'), count(*) filter (where status = 'lost'), count(*) filter (where status = 'open'), "
        "coalesce(sum(amount) filter (where status = 'won'), 0) from staging.deals"
    )[0]
    alone = dry.rows(
        "select count(*) from staging.deals as deals where deals.status = 'won' "
        "and not exists (select 1 from identity.deal_contacts as people where people.deal_id = deals.deal_id)"
    )[0][0]
    return Check(
        tuple(FileLine(*line) for line in lines),
        tuple(Unread(*entry) for entry in unread),
        tuple(message for (message,) in notices),
        dry.settings.reporting.currency,
        int(deals[0]),
        int(deals[1]),
        int(deals[2]),
        float(deals[3]),
        int(alone),
        coverage.all_touches(cast(Dataset, dry)),
    )
