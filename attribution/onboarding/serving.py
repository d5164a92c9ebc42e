"""Build and switch, and the way back: which versions of the database are kept, and which of them is served.

The version served before a switch is pinned (``BEFORE``), so that it stays however many builds the settings keep; it is given free when
another one takes that place.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from attribution import db
from attribution.build import STAGES, BuildResult
from attribution.build import build as run_build
from attribution.errors import ClosedLoopError, DatabaseError
from attribution.onboarding import uploads

BEFORE = "the data before the last switch"


@dataclass(frozen=True)
class Kept:
    """One kept version: when it was built and from what, how much was won in it, and whether it was served before the last switch."""

    name: str
    built_at: datetime
    data_folder: str
    won: int
    amount: float
    currency: str | None
    is_served: bool
    is_before: bool


def build(folder: Path, database: Path, overrides: tuple[str, ...], progress: Callable[[str], None]) -> BuildResult:
    """Build a folder, verify, switch, and clear away uploads that no kept version needs. Raises a ClosedLoopError; nothing has changed then."""
    served = _served(database)
    held = _hold(database, served)
    try:
        result = run_build(folder, database, None, overrides, progress)
    except BaseException:
        if held:
            _release(database, served)
        raise
    _only(database, served)
    uploads.clear_away(database, [version.data_folder for version in kept(database)])
    return result


def switch(database: Path, name: str) -> None:
    """Serve another kept version; the one served until now is kept as the way back. Raises DatabaseError, and nothing has changed then."""
    served = _served(database)
    db.roll_back(database, name)
    if served != name:
        _hold(database, served)
        _only(database, served)


def kept(database: Path) -> tuple[Kept, ...]:
    """The versions that can be served, newest first; left out are damaged ones, and those of another release with other tables."""
    found = (_described(version) for version in db.versions(database))
    return tuple(version for version in found if version is not None)


def before(database: Path) -> Kept | None:
    """The version that was served before the last switch; else the newest one older than the one in service. None where there is none."""
    there = kept(database)
    served = next((version.name for version in there if version.is_served), "")
    marked = [version for version in there if version.is_before and not version.is_served]
    older = [version for version in there if version.name < served]
    return next(iter(marked or older), None)


def keeps_versions(database: Path) -> bool:
    """Whether there is a way back at all: a database of a single file has none."""
    return not db.is_single_file(database)


def _served(database: Path) -> str:
    return next((version.name for version in db.versions(database) if version.in_service), "")


def _hold(database: Path, name: str) -> bool:
    """Pin a version as the way back; return whether it was not pinned for that yet."""
    if not name or BEFORE in db.pins(database).get(name, []):
        return False
    db.pin(database, name, BEFORE)
    return True


def _release(database: Path, name: str) -> None:
    with suppress(ClosedLoopError):
        db.unpin(database, name, BEFORE)


def _only(database: Path, name: str) -> None:
    """Let no other version than this one be pinned as the way back."""
    if not name:
        return
    for other, reasons in db.pins(database).items():
        if other != name and BEFORE in reasons:
            _release(database, other)


def _described(version: db.Version) -> Kept | None:
    try:
        connection = db.connect(version.path, read_only=True)
    except (DatabaseError, OSError):
        return None
    try:
        there = set(connection.execute("select table_schema, table_name from information_schema.tables").fetchall())
        if not {(stage.schema, table.name) for stage in STAGES for table in stage.tables} <= there:
            return None
        built_at, folder = connection.execute("select built_at, data_folder from config.build").fetchall()[0]
        won, amount = connection.execute(
            "select count(*), coalesce(sum(amount), 0) from staging.deals where status = 'won'"
        ).fetchall()[0]
        currency = connection.execute("select currency from config.reporting").fetchall()[0][0]
    except (db.Error, IndexError):
        return None
    finally:
        connection.close()
    is_before = BEFORE in version.pinned_for
    return Kept(version.name, built_at, str(folder), int(won), float(amount), currency, version.in_service, is_before)
