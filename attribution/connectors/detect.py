"""Find out the separator and the header of a delimited file, or refuse with the two readings and the line to add."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from attribution.connectors.quoting import shown
from attribution.connectors.source import fold
from attribution.errors import AmbiguousInputError

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_SAMPLE_RECORDS = 100
# A title, an account name, a date of export, a blank row: reports have a few rows above their header, not more.
MOST_TITLE_ROWS = 12
_DATA_CELL = re.compile(
    r"[+-]?[\d.,]*\d[\d.,]*%?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?|[^@\s]+@[^@\s]+\.\w+|https?://.*|true|false", re.IGNORECASE
)


@dataclass(frozen=True)
class _Reading:
    separator: str
    found: int
    consistent: float
    width: int


def find_separator(sample: str, complete: bool, expected: Collection[str], file: str, add_line: str) -> str:
    """Return the separator that a sample of the file's text was written with.

    The one under which the first row holds most of the expected names wins; failing that, the one that gives the most rows of the
    header's width. Raises AmbiguousInputError where two do equally well.
    """
    readings = [_read(sample, complete, separator, expected) for separator in SEPARATORS]
    best = max(readings, key=_merit)
    rivals = [reading for reading in readings if _merit(reading) == _merit(best) and reading.separator != best.separator]
    if best.width > 1 and rivals:
        both = [best, rivals[0]]
        words = " and ".join(f"{SEPARATORS[reading.separator]} ({reading.width} columns)" for reading in both)
        lines = " or ".join(f"csv = {{ separator = {toml_text(reading.separator)} }}" for reading in both)
        raise AmbiguousInputError(f"{file}: the separator can be {words}. {add_line} {lines}")
    return best.separator


def toml_text(text: str) -> str:
    """Return the text as a TOML string."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '\\"':
        return "\\" + character
    if character == "\t":
        return "\\t"
    if character.isprintable():
        return character
    return f"\\u{ord(character):04X}" if ord(character) < 0x10000 else f"\\U{ord(character):08X}"


def count_expected(header: Iterable[str], expected: Collection[str]) -> int:
    """Return how many cells of a row are expected column names."""
    wanted = {fold(name) for name in expected}
    return sum(1 for name in header if fold(name) in wanted)


def check_title(rows: Sequence[tuple[int, str]], expected: Collection[str], file: str, add_line: str) -> None:
    """Raise AmbiguousInputError where the first row holds no expected name and one of the next rows holds two or more: a title above the header.

    ``rows`` are (rows above it, its text), fields parted by any of SEPARATORS.
    """
    found = [
        max((count_expected(fields, expected) for mark in SEPARATORS for fields in csv.reader([text], delimiter=mark)), default=0)
        for text in (" ".join(text.splitlines()) for _, text in rows)
    ]
    header = next((index for index, number in enumerate(found) if number > 1), 0)
    if header and not any(found[:header]):
        skip, text = rows[header]
        raise AmbiguousInputError(
            f"{file}: row 1 looks like a title, not a header ({shown(rows[0][1].strip(), 80)!r}); the header seems to be row {skip + 1} "
            f"({shown(text.strip(), 80)!r}). Take the rows above it out, or skip them. {add_line} csv = {{ skip = {skip} }}"
        )


def check_header(first_row: Sequence[str], expected: Collection[str], file: str, add_line: str) -> None:
    """Raise AmbiguousInputError where the first row can as well be data: none of the names that are looked for, but values."""
    if count_expected(first_row, expected):
        return
    if any(_DATA_CELL.fullmatch(cell.strip()) for cell in first_row):
        cells = shown(", ".join(repr(cell) for cell in first_row[:5]), 160)
        raise AmbiguousInputError(
            f"{file}: the first row ({cells}) holds none of the expected column names and looks like data. Either the file has no header, or "
            f"its header has unusual names. {add_line} csv = {{ header = false }} (the columns are then called column 1, column 2 …) "
            "or csv = { header = true }"
        )


def _merit(reading: _Reading) -> tuple[int, float, int]:
    return reading.found, (reading.consistent if reading.width > 1 else 0.0), 0


def _read(sample: str, complete: bool, separator: str, expected: Collection[str]) -> _Reading:
    records: list[list[str]] = []
    reader = csv.reader(sample.splitlines(keepends=True), delimiter=separator)
    for fields in reader:
        if fields:
            records.append(fields)
        if len(records) > _SAMPLE_RECORDS:
            break
    else:
        if not complete and len(records) > 1:
            records.pop()
    if not records:
        return _Reading(separator, 0, 0.0, 0)
    width = len(records[0])
    same = sum(1 for fields in records if len(fields) == width) / len(records)
    return _Reading(separator, count_expected(records[0], expected), same, width)
