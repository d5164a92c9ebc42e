"""Which files there are, what kind each is, and opening one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from attribution import db
from attribution.connectors.detect import toml_text
from attribution.connectors.json_lines import read_json_lines
from attribution.connectors.parquet import read_parquet
from attribution.connectors.plan import Block
from attribution.connectors.quoting import shown
from attribution.connectors.record import name_of
from attribution.connectors.sheets import read_sheet
from attribution.connectors.source import Source
from attribution.connectors.text_files import read_text_file
from attribution.errors import DataError, MappingError

# Ending → kind of file. Text formats may be packed (.gz).
TEXT_ENDINGS = {".csv": ",", ".tsv": "\t", ".txt": "", ".jsonl": "", ".ndjson": ""}
ENDINGS = (*TEXT_ENDINGS, ".parquet", ".xlsx")
# Files that may lie in a data folder and are no tables.
_OTHER_FILES = ("attribution.toml", "readme", "license", "licence", "changelog")
_OTHER_ENDINGS = (".md", ".py")
KINDS_IN_WORDS = "CSV, TSV, JSON lines (.jsonl, .ndjson), Parquet or XLSX; text formats may be packed as .gz"


def ending(path: Path) -> str:
    """Return the ending that tells the kind of file, without .gz; empty where it is none that can be read."""
    name = path.name.casefold()
    packed = name.endswith(".gz")
    name = name.removesuffix(".gz")
    found = next((known for known in ENDINGS if name.endswith(known)), "")
    return "" if packed and found not in TEXT_ENDINGS else found


def is_accompanying(path: Path) -> bool:
    """Return whether a file of this name may lie in a data folder without being data: settings, a readme, a licence."""
    return path.name.casefold().startswith(_OTHER_FILES) or path.suffix.casefold() in _OTHER_ENDINGS


def stem(path: Path) -> str:
    """Return the file's name without its endings."""
    name = path.name.removesuffix(".gz").removesuffix(".GZ")
    return name[: len(name) - len(ending(path))]


def check_folder(folder: Path) -> None:
    """Raise DataError where the folder is none."""
    if not folder.exists():
        raise DataError(f"{folder}: there is no such folder. Give the folder that holds deals.csv or mapping.toml: --data FOLDER")
    if not folder.is_dir():
        raise DataError(f"{folder}: this is a file, not a folder. Give the folder that holds it: --data {folder.parent}")


def list_files(folder: Path) -> list[Path]:
    """Return the visible files directly in the folder, by name."""
    try:
        return sorted(
            (path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")), key=lambda path: path.name
        )
    except OSError as error:
        raise DataError(f"{folder}: the folder cannot be read ({error.strerror}). Check your rights to it.") from error


def find_files(folder: Path, pattern: str, place: str) -> tuple[Path, ...]:
    """Return the files that a mapping's ``file`` means: the file of exactly this name, else those that match it as a pattern.

    Raises MappingError where there is none (listing what is there) or where it leads out of the data folder.
    """
    if not pattern or Path(pattern).is_absolute() or ".." in Path(pattern).parts or "\0" in pattern:
        raise MappingError(f"{place}: file = {pattern!r} must be a name inside the data folder (no '..', no absolute path).")
    exact = folder / pattern
    try:
        if exact.is_file():
            return (exact,)
        matches = sorted(
            (path for path in folder.glob(pattern) if path.is_file()), key=lambda path: path.relative_to(folder).as_posix()
        )
    except (OSError, ValueError, NotImplementedError):
        matches = []
    if not matches:
        there = [path.name for path in list_files(folder) if path.name != "mapping.toml"]
        words = ", ".join(shown(name) for name in there[:30]) or "no files"
        raise MappingError(f"{place}: no file is called or matches {pattern!r}. In the folder: {words}.")
    return tuple(matches)


def open_file(
    connection: db.Connection, folder: Path, path: Path, block: Block, expected: Collection[str], links: Path
) -> Source:
    """Open one file of a block. Raises DataError, AmbiguousInputError or MappingError (an option that its kind does not have)."""
    file = name_of(folder, path)
    kind = ending(path)
    add_line = how_to_add(block, file)
    options = block.options
    if kind in (".parquet", ".xlsx", ".jsonl", ".ndjson") and options.separator is not None:
        raise MappingError(f"{block.place}: {file} is no CSV file, so it has no separator. Take csv.separator out.")
    if kind == ".parquet":
        return read_parquet(connection, path, file, links)
    if kind == ".xlsx":
        return read_sheet(connection, path, file, options, expected, block.table, add_line)
    if kind in (".jsonl", ".ndjson"):
        return read_json_lines(connection, path, file, options, add_line)
    if not kind:
        raise DataError(f"{file}: the ending tells no kind of file that can be read: {KINDS_IN_WORDS}.")
    if kind == ".tsv" and options.separator is None:
        options = replace(options, separator="\t")
    return read_text_file(connection, path, file, options, expected, block.columns is not None, add_line)


def how_to_add(block: Block, file: str) -> str:
    """Return the words that come before a line to add to mapping.toml."""
    if block.from_mapping:
        return f"Add to {block.place}:"
    return (
        f"Write a mapping.toml beside it with one block per file ([[{block.table}]] and file = {toml_text(file)} for this one; the columns may be "
        f"left out where they have the canonical names), and in the block of {shown(file)}:"
    )
