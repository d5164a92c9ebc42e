"""What a connector hands to the loader: which files feed which canonical table, and how each column is made.

A connector turns a folder of its own kind into a ``Plan``; the loader carries out every plan in the same way, so no vendor's
words go further than the connector.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

Scalar = str | int | float | bool | date | datetime | time


@dataclass(frozen=True)
class Renamed:
    """A column of the file under another name."""

    column: str


@dataclass(frozen=True)
class Constant:
    """The same value in every row."""

    value: Scalar


@dataclass(frozen=True)
class Expression:
    """A DuckDB expression over the file's columns, read as text."""

    sql: str


Origin = Renamed | Constant | Expression


@dataclass(frozen=True)
class Options:
    """How a file is to be read. ``None`` means: find out, and say so. ``skip`` counts lines before the header."""

    separator: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    header: bool | None = None
    date_order: str | None = None
    skip: int = 0
    sheet: str | None = None


@dataclass(frozen=True)
class Block:
    """One feed of one table: files of one shape. ``columns=None``: the files carry the canonical names, further columns are extra.

    ``number`` counts the blocks of a table from 1; ``place`` is how messages call the block.
    """

    table: str
    number: int
    place: str
    files: tuple[Path, ...]
    columns: Mapping[str, Origin] | None = None
    extra: Mapping[str, Renamed | Expression] = field(default_factory=dict)
    where: str | None = None
    options: Options = Options()
    time_zone: str | None = None
    currency: str | None = None
    from_mapping: bool = False


@dataclass(frozen=True)
class Notice:
    """Something a person should know about what was read; ``rows`` counts the rows it is about."""

    severity: str
    table: str | None
    column: str | None
    message: str
    rows: int = 0


@dataclass(frozen=True)
class Plan:
    """Everything to load from one folder, block by block, and what the connector noticed on the way."""

    folder: Path
    connector: str
    blocks: tuple[Block, ...]
    notices: tuple[Notice, ...] = ()
