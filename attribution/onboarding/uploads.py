"""Files from outside: hostile until checked. Names become safe ones, contents are measured before anything reads them, and all of it
lies in a private folder of its own beside the database, named by the moment; old ones are cleared away.

A file is refused where its ending is none that the loader reads, where it is too large, packed or unpacked, and where a workbook declares
entities (which can grow without end). Nothing is ever unpacked to disk.
"""

from __future__ import annotations

import re
import shutil
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pyarrow.parquet as pq

from attribution import db
from attribution.connectors import mapping
from attribution.connectors.files import KINDS_IN_WORDS, ending
from attribution.connectors.quoting import shown
from attribution.errors import DataError

MEGABYTE = 1024 * 1024
MOST_MEGABYTES = 200  # of one file, as it arrives; .streamlit/config.toml says the same to the browser
MOST_FILES = 40
MOST_TOGETHER = 500 * MEGABYTE  # of all files of one upload, as they arrive
MOST_UNPACKED = 2048 * MEGABYTE  # of one file, unpacked
MOST_PARQUET_CELLS = 2_000_000_000  # rows × columns: run-length coding makes billions of rows of a few bytes
KEPT = 5  # newest folders kept, besides those that a kept version of the database was built from
UPLOAD_TYPES = ("csv", "tsv", "txt", "jsonl", "ndjson", "parquet", "xlsx", "gz", "toml")

_FOLDER = re.compile(r"\d{8}T\d{12}Z(-[\w.-]{1,60})?", re.ASCII)
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST_NAME = 100
_BLOCK = MEGABYTE
_RATIO = 250  # a workbook that grows more than this is no table


def root(database: Path) -> Path:
    """Return the folder of all uploads of a database: inside its folder, or beside its file."""
    return (database.parent if db.is_single_file(database) else database) / "uploads"


def fresh_folder(database: Path, name: str = "") -> Path:
    """Make and return a new private folder for one upload, or for links to a folder of that name. Raises DataError where it cannot be made."""
    told = re.sub(r"[^A-Za-z0-9_]+", "-", name).strip("-")[:60]
    try:
        folder = root(database) / (datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ") + (f"-{told}" if told else ""))
        folder.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise DataError(
            f"{root(database)}: files cannot be put there ({error.strerror or error}). Change the rights to the database's folder."
        ) from error
    return folder


def safe_name(name: str, taken: Iterable[str] = ()) -> str:
    """Return a file name that is a plain name in any folder of any system, as near to the given one as that allows.

    Raises DataError where the ending is none that can be read.
    """
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    text = re.split(r"[/\\]", text)[-1]
    text = re.sub(r"[^\w.()+ -]+", "_", text)
    text = re.sub(r"\s+", " ", text).rstrip(" ._-")
    kind = ending(Path(text))
    if text.casefold() == mapping.FILE_NAME:
        return mapping.FILE_NAME
    packed = text[-3:] if text.casefold().endswith(".gz") else ""
    if not kind:
        raise DataError(f"{shown(name, 80)}: the ending tells no kind of file that can be read: {KINDS_IN_WORDS}.")
    stem = text[: len(text) - len(kind) - len(packed)].strip(" ._-") or "file"
    if _RESERVED.fullmatch(stem):
        stem = f"file_{stem}"
    tail = kind + packed.casefold()
    stem = stem[: _LONGEST_NAME - len(tail)].rstrip(" ._-")
    known = {other.casefold() for other in taken}
    number, candidate = 1, stem + tail
    while candidate.casefold() in known:
        number += 1
        candidate = f"{stem}-{number}{tail}"
    return candidate


def receive(folder: Path, files: Iterable[tuple[str, IO[bytes]]]) -> list[str]:
    """Write uploaded files into a private folder under safe names and check them; return the names.

    Raises DataError for the first file that is refused; the folder is then removed with everything in it.
    """
    written: list[str] = []
    together = 0
    try:
        for name, stream in files:
            if len(written) >= MOST_FILES:
                raise DataError(f"More than {MOST_FILES} files at once. Upload fewer, or put them in a folder on the server.")
            target = folder / safe_name(name, written)
            if target.exists():
                raise DataError(f"{shown(name)}: there are two files of this name. Upload one of them.")
            together += _write(target, stream, shown(name), MOST_TOGETHER - together)
            check(target)
            written.append(target.name)
        if not any(name != mapping.FILE_NAME for name in written):
            raise DataError("No file with data was uploaded: a mapping alone says how to read files that are not there.")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return written


def _write(target: Path, stream: IO[bytes], name: str, room: int) -> int:
    size = 0
    with target.open("xb") as out:
        while block := stream.read(_BLOCK):
            size += len(block)
            if size > MOST_MEGABYTES * MEGABYTE:
                raise DataError(
                    f"{name}: is larger than {MOST_MEGABYTES} MB. Put it in a folder on the server and choose that folder."
                )
            if size > room:
                raise DataError(
                    f"The files together are larger than {MOST_TOGETHER // MEGABYTE} MB. Put them in a folder on the server."
                )
            out.write(block)
    target.chmod(0o600)
    return size


def check(path: Path) -> None:
    """Raise DataError where a file would grow beyond all bounds when it is read."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if start[:2] == b"\x1f\x8b":
        _check_packed(path)
    elif ending(path) == ".xlsx" and start == b"PK\x03\x04":
        _check_workbook(path)
    elif ending(path) == ".parquet" and start == b"PAR1":
        _check_parquet(path)


def _check_packed(path: Path) -> None:
    """Unpack into nothing, counting, whatever the name says: the loader unpacks by content too."""
    unpacker = zlib.decompressobj(wbits=31)
    size = 0
    try:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                while block:
                    size += len(unpacker.decompress(block, _BLOCK))
                    block = unpacker.unconsumed_tail
                    if unpacker.eof:
                        block = unpacker.unused_data.lstrip(b"\0")
                        unpacker = zlib.decompressobj(wbits=31)
                    if size > MOST_UNPACKED:
                        raise DataError(f"{path.name}: is larger than {MOST_UNPACKED // MEGABYTE:,} MB unpacked. {_TOO_LARGE}")
    except zlib.error as error:
        raise DataError(f"{path.name}: is damaged and cannot be unpacked ({error}). Export it again.") from error


_TOO_LARGE = "Export a shorter period, or put it in a folder on the server."


def _check_workbook(path: Path) -> None:
    """A workbook's parts say how large they are and are never read beyond that; entities are refused, since they multiply."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            packed = max(1, path.stat().st_size)
            if size > MOST_UNPACKED or (size > 50 * MEGABYTE and size / packed > _RATIO):
                raise DataError(
                    f"{path.name}: is larger than a workbook of its kind can be, unpacked ({size // MEGABYTE:,} MB). {_TOO_LARGE}"
                )
            for entry in archive.infolist():
                if entry.filename.casefold().endswith((".xml", ".rels")):
                    with archive.open(entry) as part:
                        if b"<!DOCTYPE" in part.read(4096).upper():
                            raise DataError(
                                f"{path.name}: declares a document type, which no spreadsheet does. Save it again as .xlsx."
                            )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError, OSError) as error:
        raise DataError(
            f"{path.name}: cannot be opened as an XLSX workbook ({shown(str(error))}). Save it again as .xlsx."
        ) from error


def _check_parquet(path: Path) -> None:
    try:
        described = pq.ParquetFile(path).metadata
        cells = described.num_rows * max(1, described.num_columns)
        size = sum(described.row_group(number).total_byte_size for number in range(described.num_row_groups))
    except (OSError, ValueError, MemoryError) as error:
        raise DataError(f"{path.name}: cannot be read as Parquet ({shown(str(error))}). Export it again.") from error
    if cells > MOST_PARQUET_CELLS or size > MOST_UNPACKED:
        raise DataError(f"{path.name}: holds {described.num_rows:,} rows, more than can be uploaded. {_TOO_LARGE}")


def clear_away(database: Path, used: Iterable[str] = (), keep: int = KEPT) -> list[str]:
    """Remove upload folders but the newest few and those that are used (paths that kept versions were built from); return the names removed."""
    place = root(database)
    if not place.is_dir() or place.is_symlink():
        return []
    ours = sorted(
        (path for path in place.iterdir() if _FOLDER.fullmatch(path.name) and path.is_dir() and not path.is_symlink()),
        reverse=True,
    )
    needed = {Path(path).resolve() for path in used}
    removed = []
    for path in ours[keep:]:
        if path.resolve() not in needed:
            shutil.rmtree(path, ignore_errors=True)
            removed.append(path.name)
    return removed
