"""What a version was made from (``config.origin``, ``raw.loaded_files``), and whether a later build can start from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attribution import db
from attribution.config import Settings
from attribution.config_tables import FORMAT
from attribution.connectors.record import LoadedFile

if TYPE_CHECKING:
    from attribution.build import Stage

# After so many refreshes everything is computed once: the file gets rid of its holes, and damage to a block would come to light.
MOST_REFRESHES = 100
# Settings that change no figure of a build.
_WITHOUT_FIGURES = ("database",)
_PROGRAM = ("build", "config", "config_tables", "cubes", "db", "free_mail", "schema", "verify")


class NotPossibleError(Exception):
    """A refresh cannot be made; the text says why, as it follows "Everything was computed: "."""


def program(settings: Settings, stages: Sequence[Stage]) -> str:
    """A hash of everything that computes: the statements of the stages under these settings, and the modules that load and run them."""
    folder = Path(__file__).parent.parent
    modules = [folder / f"{name}.py" for name in _PROGRAM]
    for name in ("connectors", "refresh", "models", "paths"):
        modules += sorted((folder / name).glob("*.py"))
    digest = hashlib.sha256()
    for stage in stages:
        for table in stage.tables:
            digest.update(f"{stage.schema}.{table.name} {table.is_view} {stage.statement(table, settings)}\0".encode())
    for path in modules:
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def write_origin(connection: db.Connection, settings: Settings, stages: Sequence[Stage], refreshes: int) -> None:
    """Write ``config.origin``: by which program and engine a version was computed, and how many refreshes ago everything was."""
    db.write_rows(
        connection,
        "config.origin",
        {"program": "varchar", "engine": "varchar", "refreshes": "integer"},
        [(program(settings, stages), db.ENGINE, refreshes)],
    )


def check_origin(
    connection: db.Connection, catalog: str, settings: Settings, stages: Sequence[Stage], data: Path
) -> tuple[Settings, int]:
    """Return the settings with the currency of that version, and its number of refreshes. Raises NotPossibleError where anything else differs."""
    folder, stored, number = connection.execute(f"select data_folder, settings, format from {catalog}.config.build").fetchall()[0]
    if number != FORMAT:
        raise NotPossibleError("the version in service was built by another release")
    before = Settings.model_validate_json(stored)
    if settings.reporting.currency is None:
        reporting = settings.reporting.model_copy(update={"currency": before.reporting.currency})
        settings = settings.model_copy(update={"reporting": reporting})
    differing = differences(json.loads(before.model_dump_json()), json.loads(settings.model_dump_json()))
    differing = [name for name in differing if name.split(".")[0] not in _WITHOUT_FIGURES]
    if differing:
        more = f" and {len(differing) - 3} more" if len(differing) > 3 else ""
        raise NotPossibleError(f"the settings changed ({', '.join(differing[:3])}{more})")
    if folder != str(data.resolve()):
        raise NotPossibleError("the version in service was built from another folder")
    computed_by, engine, refreshes = connection.execute(
        f"select program, engine, refreshes from {catalog}.config.origin"
    ).fetchall()[0]
    if engine != db.ENGINE:
        raise NotPossibleError(f"the version in service was built with DuckDB {engine}, this is {db.ENGINE}")
    if computed_by != program(settings, stages):
        raise NotPossibleError("the program changed")
    if refreshes >= MOST_REFRESHES:
        raise NotPossibleError(f"the last {refreshes} builds were refreshes")
    return settings, int(refreshes)


def differences(before: Any, after: Any, name: str = "") -> list[str]:
    """The dotted names of what differs between two documents."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return [] if before == after else [name]
    found = []
    for key in dict.fromkeys([*before, *after]):
        found += differences(before.get(key), after.get(key), f"{name}.{key}" if name else str(key))
    return found


def unchanged(before: Iterable[LoadedFile], now: Iterable[LoadedFile]) -> bool:
    """Whether the same files are read in the same way and order."""
    old, new = list(before), list(now)
    return len(old) == len(new) and all(
        one.same_content(other) and one.place == other.place for one, other in zip(old, new, strict=True)
    )
