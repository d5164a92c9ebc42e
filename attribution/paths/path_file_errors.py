"""What is wrong with a path file, by line: the slow look that follows when a file cannot be read."""

from __future__ import annotations

import csv
import io
import math
import re
from pathlib import Path

import pyarrow as pa

from attribution.errors import DataError

_CHARACTERS_SHOWN = 60
# Larger numbers are slips, and their sums lose what is smaller.
LARGEST = 1e15


def refusal(file: Path, separator: str, path: str, numbers: list[str], value: str | None, otherwise: str) -> DataError:
    """The error for the first bad line, or with ``otherwise`` (what the fast reader said) where no line stands out."""
    line = 1
    try:
        with pa.input_stream(str(file), compression="detect") as stream:
            lines = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
            records = csv.reader(lines, delimiter=separator, strict=True)
            header = next(records)
            line = records.line_num + 1
            for record in records:
                if record and (problem := _problem(header, record, path, numbers, value)):
                    return DataError(f"{file}:{line}: {problem}")
                if records.line_num > line:
                    return DataError(
                        f"{file}:{line}: a quoted cell goes on over {records.line_num - line + 1} lines. Close the quote, or take the line break out."
                    )
                line = records.line_num + 1
    except UnicodeDecodeError:
        return DataError(f"{file}: line {line} or soon after is not UTF-8 text. Save the file as CSV UTF-8 and try again.")
    except csv.Error as error:
        return DataError(f"{file}:{line}: this is not CSV ({error}). Look for a quote that is not closed.")
    return DataError(f"{file}: cannot be read as a path file: {otherwise}.")


def _problem(header: list[str], record: list[str], path: str, numbers: list[str], value: str | None) -> str | None:
    if len(record) != len(header):
        return f"{len(record)} cells where the header has {len(header)}. A name with a separator in it must stand in quotes."
    cells = dict(zip(header, record, strict=True))
    steps = [step.strip() for step in cells[path].split(">")]
    if not cells[path].strip():
        return f"the path ({path}) is empty. Take journeys without touches out of the file."
    if "" in steps:
        return f"the path {_shown(cells[path])} has an empty step ({steps.index('') + 1} of {len(steps)}). Each > needs a name on both sides."
    read = {name: _number(cells[name]) for name in numbers}
    for name in numbers:
        number, text = read[name], cells[name].strip()
        if not text and (name != value or read[numbers[0]] != 0):
            return f"{name} is empty. Write 0 where there is none."
        if text and number is None:
            hint = " Decimals are written with a point." if re.fullmatch(r"[\d.]*,\d+", text) else ""
            return f"{name} is {_shown(text)}, which is no number.{hint}"
        if number is not None and number < 0:
            return f"{name} is {_shown(text)}; it must be 0 or more. Take corrections out of the file, or into the rows they correct."
        if number is not None and number > LARGEST:
            return (
                f"{name} is {_shown(text)}, more than {LARGEST:.0e}, which cannot be added up. Is it a number of another column?"
            )
    if value is not None and read[value] and read[numbers[0]] == 0:
        return f"{value} is {_shown(cells[value])} where {numbers[0]} is 0: a value needs a conversion."
    return None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _shown(text: str) -> str:
    """A cell in quotes, cut: it may be of any length."""
    short = " ".join(text.split())
    return repr(short if len(short) <= _CHARACTERS_SHOWN else short[:_CHARACTERS_SHOWN] + "…")
