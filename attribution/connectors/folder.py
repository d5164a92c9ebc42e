"""The connector for folders whose files are named after the canonical tables: touches.csv, deals.parquet, people.xlsx …"""

from __future__ import annotations

from pathlib import Path

from attribution import schema
from attribution.connectors.files import KINDS_IN_WORDS, check_folder, ending, is_accompanying, list_files, stem
from attribution.connectors.plan import Block, Notice, Plan
from attribution.connectors.quoting import shown
from attribution.errors import AmbiguousInputError, DataError, near_name


def recognises(folder: Path) -> bool:
    """Return whether the folder can be read without a mapping (always: it is the last resort, with its own messages)."""
    return True


def read(folder: Path) -> Plan:
    """Turn a folder of canonically named files into a plan.

    Raises DataError for a folder that is none, is empty or lacks ``deals``; AmbiguousInputError where two files feed one table.
    """
    check_folder(folder)
    files = list_files(folder)
    if not files:
        raise DataError(
            f"{folder}: the folder is empty. Put deals.csv and touches.csv there ({KINDS_IN_WORDS}), or a mapping.toml beside an export."
        )
    found: dict[str, Path] = {}
    notices = []
    for path in files:
        table = stem(path).casefold()
        if ending(path) and table in schema.TABLE_NAMES:
            if table in found:
                raise AmbiguousInputError(
                    f"{folder}: {found[table].name} and {path.name} both feed {table}. Take one away; or, where both count, write a mapping.toml "
                    f'with a block for each: [[{table}]] and file = "{found[table].name}", [[{table}]] and file = "{path.name}"'
                )
            found[table] = path
        elif not is_accompanying(path):
            hint = near_name(table.replace("-", "_").replace(" ", "_"), schema.TABLE_NAMES)
            reason = "not a table" if ending(path) else f"not a file that can be read ({KINDS_IN_WORDS})"
            notices.append(Notice("info", None, None, f"{shown(path.name)}: {reason}, so it was not loaded.{hint}"))
    for required in schema.REQUIRED_TABLES:
        if required not in found:
            there = ", ".join(shown(path.name) for path in files[:30])
            near = next(
                (f" Did you mean {path.name!r} to be {required}?" for path in files if near_name(stem(path), [required])), ""
            )
            raise DataError(
                f"{folder}: no {required} file ({required}.csv, {required}.parquet …). In the folder: {there}.{near} Name the file {required}.csv, or "
                "write a mapping.toml that says which file feeds which table."
            )
    blocks = tuple(Block(table, 1, found[table].name, (found[table],)) for table in schema.TABLE_NAMES if table in found)
    return Plan(folder, "folder", blocks, tuple(notices))
