"""Which files were read, and what was found in them: ``raw.loaded_files``, by which a later build tells old files from new ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from attribution import db
from attribution.connectors.plan import Block, Notice, Plan
from attribution.errors import DataError


class JudgedDifferentlyError(Exception):
    """With the new files a block's dates or numbers mean something else than without them, so its old files must be read again."""


@dataclass(frozen=True)
class LoadedFile:
    """One file of one block. ``place`` numbers the files of a table in file order, from 1; ``block_words`` is how the block reads its files.

    ``found``: what was found in it, as JSON (``seen``, ``judged``, ``notices``); empty before it is read.
    """

    table: str
    block: int
    block_words: str
    file: str
    place: int
    bytes: int
    sha256: str
    found: str = ""

    def same_content(self, other: LoadedFile) -> bool:
        """Whether both are the same file, read in the same way."""
        return replace(self, place=0, found="") == replace(other, place=0, found="")

    def part(self, name: str) -> Any:
        """One part of what was found."""
        return json.loads(self.found)[name]

    def notices(self) -> list[Notice]:
        """What a person should know about this file."""
        return [Notice(*values) for values in self.part("notices")]


def name_of(folder: Path, path: Path) -> str:
    """Return how messages and reports call a file: its path inside the data folder."""
    return path.relative_to(folder).as_posix().encode("utf-8", "replace").decode("utf-8")


def planned_files(plan: Plan, tables: Collection[str]) -> tuple[LoadedFile, ...]:
    """Return the files of a plan with their size and hash, table by table in file order. Read it before the files are loaded.

    A file that changes while it is loaded then has another hash at the next build. Raises DataError where a file cannot be read.
    """
    hashes: dict[Path, tuple[int, str]] = {}
    found = []
    for table in tables:
        place = 0
        for block in (block for block in plan.blocks if block.table == table):
            for path in block.files:
                place += 1
                if path not in hashes:
                    hashes[path] = _fingerprint(plan.folder, path)
                size, digest = hashes[path]
                found.append(
                    LoadedFile(table, block.number, _words(block), name_of(plan.folder, path), place, size, digest),
                )
    return tuple(found)


def _words(block: Block) -> str:
    """Everything that decides how a file is read, but for the files themselves."""
    parts = (
        block.columns and dict(block.columns),
        dict(block.extra),
        block.where,
        block.options,
        block.time_zone,
        block.currency,
    )
    return repr((*parts, block.from_mapping))


def _fingerprint(folder: Path, path: Path) -> tuple[int, str]:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return file.tell(), digest
    except OSError as error:
        raise DataError(
            f"{name_of(folder, path)}: cannot be read ({error.strerror or error}). Check your rights to the file, and that it is still there."
        ) from error


def read_files(connection: db.Connection, catalog: str) -> tuple[LoadedFile, ...]:
    """Return the files that a database was made from, table by table in file order."""
    rows = connection.execute(
        f"select table_name, block, block_words, file, place, bytes, sha256, found from {catalog}.raw.loaded_files order by table_name, place"
    ).fetchall()
    return tuple(LoadedFile(*row) for row in rows)


def write_files(connection: db.Connection, files: Iterable[LoadedFile]) -> None:
    """Add files to ``raw.loaded_files``."""
    for file in files:
        connection.execute(
            "insert into raw.loaded_files values (?, ?, ?, ?, ?, ?, ?, ?)",
            [file.table, file.block, file.block_words, file.file, file.place, file.bytes, file.sha256, file.found],
        )


def found_document(seen: Mapping[str, Any], judged: Mapping[str, Any], notices: Iterable[Notice]) -> str:
    """Return what was found in a file, as JSON. ``judged``: what was decided for its whole block (see ``judged_alike``)."""
    listed = [[notice.severity, notice.table, notice.column, notice.message, notice.rows] for notice in notices]
    return json.dumps({"seen": seen, "judged": judged, "notices": listed}, ensure_ascii=False, sort_keys=True)


def judged_alike(file: LoadedFile, judged: Mapping[str, Any]) -> bool:
    """Whether a file was read under the same decisions as these."""
    return bool(file.part("judged") == json.loads(json.dumps(judged)))
