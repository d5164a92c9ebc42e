"""Path files: CSV with one path per row (``a > b > c``), how often it converted, what that was worth, how often it did not.

The file is read block by block (pyarrow, one core) into Paths; text is kept for the different names only. Whatever is wrong
stops the reading: a second, slow look then finds the first bad line and says what is wrong with it (``path_file_errors.py``).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.csv as arrow_csv

from attribution.errors import DataError, near_name
from attribution.paths.journeys import Codes, Floats, Indices, Paths, code_type
from attribution.paths.path_file_errors import LARGEST, refusal

SEPARATOR = ">"
_SEPARATORS = (",", ";", "\t")
_BYTES_AT_ONCE = 1 << 20
_ROWS_AT_ONCE = 1 << 15
_TEXTS_LOOKED_UP = 1_000
_KEPT = (32 << 20) - (8 << 10)


@dataclass(frozen=True)
class Columns:
    """What the columns are called. ``value`` and ``lost`` may be missing from a file unless they were asked for by name."""

    path: str = "path"
    conversions: str = "conversions"
    value: str | None = None
    lost: str | None = None


@dataclass(frozen=True)
class _Layout:
    separator: str
    path: str
    conversions: str
    value: str | None
    lost: str | None

    @property
    def numbers(self) -> list[str]:
        return [name for name in (self.conversions, self.value, self.lost) if name is not None]


def read(file: Path, columns: Columns | None = None) -> Paths:
    """Read a path file. Raises DataError with file, line and what to do, for anything that cannot be counted."""
    layout = _layout(file, columns or Columns())
    _keep_freed_memory()
    touches, numbers = _Touches(), {name: list[Floats]() for name in layout.numbers}
    try:
        for batch in _batches(file, layout):
            problem = touches.add(batch.column(layout.path))
            if problem:
                raise refusal(file, layout.separator, layout.path, layout.numbers, layout.value, problem)
            for name, blocks in numbers.items():
                blocks.append(_array(batch.column(name)))
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise refusal(file, layout.separator, layout.path, layout.numbers, layout.value, str(error)) from error
    except OSError as error:
        raise DataError(f"{file}: cannot be read to its end ({error}). Is the file complete?") from error
    if not touches.codes:
        raise DataError(f"{file}: there is a header and no row below it. Export the file again.")
    conversions, lost, value = (
        None if name is None else _whole(numbers.pop(name)) for name in (layout.conversions, layout.lost, layout.value)
    )
    found = _outcomes(conversions, lost, value)
    if isinstance(found, str):
        raise refusal(file, layout.separator, layout.path, layout.numbers, layout.value, found)
    return touches.paths(*found)


def from_arrow(
    path: pa.Array | pa.ChunkedArray,
    conversions: pa.Array | pa.ChunkedArray,
    value: pa.Array | pa.ChunkedArray | None = None,
    lost: pa.Array | pa.ChunkedArray | None = None,
) -> Paths:
    """The same from columns in memory (of a DataFrame, say). Raises DataError for anything that cannot be counted."""
    given = {"path": path, "conversions": conversions, "lost": lost, "value": value}
    table = pa.table({name: column for name, column in given.items() if column is not None})
    _keep_freed_memory()
    touches = _Touches()
    for batch in table.select(["path"]).to_batches(max_chunksize=_ROWS_AT_ONCE):
        if problem := touches.add(batch.column("path")):
            raise DataError(f"Paths in memory: {problem}.")
    won, gone, worth = (
        None if given[name] is None else _whole([_array(block) for block in table.column(name).chunks])
        for name in ("conversions", "lost", "value")
    )
    found = _outcomes(won, gone, worth)
    if isinstance(found, str):
        raise DataError(f"Paths in memory: {found}.")
    return touches.paths(*found)


def _layout(file: Path, columns: Columns) -> _Layout:
    """Separator and columns, from the first line. Raises DataError where a column is missing, with the nearest name."""
    if not file.exists():
        raise DataError(f"{file}: there is no such file. Check the name after --file.")
    if file.is_dir():
        raise DataError(f"{file}: this is a folder. Name the CSV file in it.")
    try:
        with pa.input_stream(str(file), compression="detect") as stream:
            first = stream.read(1 << 20).split(b"\n", 1)[0].rstrip(b"\r")
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error}). Check the rights, and that the file is complete.") from error
    if not first.strip():
        raise DataError(f"{file}:1: the first line is empty; it must name the columns, for example path,conversions,value,nulls.")
    try:
        text = first.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{file}:1: this is not UTF-8 text. Save the file as CSV UTF-8 and try again.") from error
    names, separator = max(
        ((next(csv.reader([text], delimiter=mark)), mark) for mark in _SEPARATORS), key=lambda candidate: len(candidate[0])
    )
    twice = {name for name in names if names.count(name) > 1}
    wanted = {"path": columns.path, "conversions": columns.conversions, "value": columns.value, "nulls": columns.lost}
    for option, name in wanted.items():
        if name is not None and name not in names:
            near = near_name(name, names) or f" It has: {', '.join(names[:20])}."
            raise DataError(
                f"{file}:1: there is no column {name!r} (--{option}).{near} Name the column to read: --{option} NAME. "
                "Columns are separated by commas or semicolons."
            )
        if name in twice:
            raise DataError(f"{file}:1: two columns are called {name!r}. Rename one of them.")
    value = columns.value or ("value" if "value" in names and "value" not in twice else None)
    lost = columns.lost or ("nulls" if "nulls" in names and "nulls" not in twice else None)
    used = [columns.path, columns.conversions, *(name for name in (value, lost) if name)]
    for name in used:
        if used.count(name) > 1:
            raise DataError(f"{file}:1: the column {name!r} is used for two things. Each option needs its own column.")
    return _Layout(separator, columns.path, columns.conversions, value, lost)


def _batches(file: Path, layout: _Layout) -> Iterator[pa.RecordBatch]:
    kinds = {layout.path: pa.string(), **{name: pa.float64() for name in layout.numbers}}
    with arrow_csv.open_csv(
        pa.input_stream(str(file), compression="detect"),
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=_BYTES_AT_ONCE),
        parse_options=arrow_csv.ParseOptions(delimiter=layout.separator),
        convert_options=arrow_csv.ConvertOptions(
            column_types=kinds, include_columns=list(kinds), null_values=[""], strings_can_be_null=False
        ),
    ) as reader:
        yield from reader


def _keep_freed_memory() -> None:
    """Make glibc reuse the memory of one block for the next, instead of giving it back to the system and asking for it again each time.

    It keeps what is smaller than the largest array freed so far, up to 32 MB. Elsewhere this does nothing.
    """
    np.empty(_KEPT, np.uint8)


def _outcomes(
    conversions: Floats | None, lost: Floats | None, value: Floats | None
) -> tuple[Floats, Floats, Floats | None] | str:
    """(conversions, lost, value), or a few words on what is wrong with them."""
    assert conversions is not None  # a file without that column is refused before
    lost = np.zeros(len(conversions)) if lost is None else lost
    if value is not None:
        of_nothing = conversions == 0
        # A value left blank where nothing was converted says nothing that is not known.
        if (blank := np.isnan(value) & of_nothing).any():
            value = np.where(blank, 0, value)
        if (value[of_nothing] != 0).any():
            return "there is a value without a conversion"
    for column in (conversions, lost, value):
        # One comparison each finds negative numbers, NaN (a blank cell), infinity and what is too large to be added up.
        if column is not None and len(column) and not (column.min() >= 0 and column.max() <= LARGEST):
            return "a number is missing, negative, not finite or too large"
    return conversions, lost, value


@dataclass
class _Touches:
    """The touches of blocks of paths as they come; names are numbered as they are met and put in order at the end."""

    numbers: dict[str, int] = field(default_factory=dict)
    codes: list[Codes] = field(default_factory=list)
    ends: list[Indices] = field(default_factory=list)  # per path, how many touches there are up to its last
    touched: int = 0
    # The texts of touches, as they stand in the file (pa.array would import pandas).
    texts: pa.Array = field(default_factory=lambda: pa.nulls(0, pa.large_string()))
    code_of: Codes = field(default_factory=lambda: np.zeros(0, np.uint8))  # per text: its name's number
    is_last: Codes = field(default_factory=lambda: np.zeros(0, bool))  # per text: whether no separator follows

    def add(self, path: pa.Array) -> str | None:
        """Take in a block; a few words on what is wrong with it, if something is."""
        touches = _touches(path)
        if touches is None:
            return "a path is empty or has an empty step"
        found = self._recognised(touches)
        if found is None:
            return "a path has an empty step, or a name goes over several lines"
        ends = np.flatnonzero(self.is_last.take(found))
        if len(ends) != len(path):
            return "a path is empty or ends with a separator"
        self.codes.append(self.code_of.take(found))
        self.ends.append(ends + (self.touched + 1))
        self.touched += len(found)
        return None

    def _recognised(self, touches: pa.Array) -> Indices | None:
        """Per touch, which of the known texts it is; new ones are learned. None where a text is no name."""
        # To look up in a short list is faster than to collect the different texts of every block anew.
        places = compute.index_in(touches, value_set=self.texts) if len(self.texts) <= _TEXTS_LOOKED_UP else None
        if places is not None and not places.null_count:
            return _array(places)
        encoded = touches.dictionary_encode()
        self.texts = encoded.dictionary if places is None else compute.unique(pa.concat_arrays([self.texts, encoded.dictionary]))
        texts = self.texts.to_pylist()
        names = [text.rstrip(SEPARATOR).strip() for text in texts]
        if any(not name or "\n" in name or "\r" in name for name in names):
            return None
        numbers = [self.numbers.setdefault(name, len(self.numbers)) for name in names]
        self.code_of = np.array(numbers).astype(code_type(len(self.numbers)))
        self.is_last = np.array([not text.endswith(SEPARATOR) for text in texts])
        return _array(encoded.indices if places is None else compute.index_in(touches, value_set=self.texts))

    def paths(self, conversions: Floats, lost: Floats, value: Floats | None) -> Paths:
        """All blocks as one, names in the order of their text."""
        names = sorted(self.numbers)
        place = np.empty(len(names), dtype=code_type(len(names)))
        place[[self.numbers[name] for name in names]] = np.arange(len(names))
        codes = [place.take(self.codes.pop(0)) for _ in range(len(self.codes))]
        starts = np.concatenate([[0], *self.ends])
        return Paths(tuple(names), np.concatenate(codes), starts, conversions, lost, value)


def _touches(path: pa.Array) -> pa.Array | None:
    """The text of every touch, each with the separator behind it. None where a row is blank.

    The touches are cut out by new offsets into the same bytes: nothing is copied, which is half of the time.
    """
    if path.null_count or not len(path):
        return None
    text = path if pa.types.is_large_string(path.type) else path.cast(pa.large_string())
    _, offsets, data = text.buffers()
    rows = np.frombuffer(offsets, dtype=np.int64)[text.offset : text.offset + len(text) + 1]
    begins = np.zeros(rows[-1] - rows[0] + 1, dtype=bool)
    if data is not None:
        np.equal(np.frombuffer(data, dtype=np.uint8)[rows[0] : rows[-1]], ord(SEPARATOR), out=begins[1:])
    begins[rows - rows[0]] = True
    cuts = np.flatnonzero(begins) + rows[0]
    return pa.LargeStringArray.from_buffers(len(cuts) - 1, pa.py_buffer(cuts), data)


def _whole(blocks: list[Floats]) -> Floats:
    """Blocks as one array; a single one as it lies in memory."""
    return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)


def _array(column: pa.Array) -> np.ndarray:
    """A column as numbers, where it can be as it lies in memory; a blank is NaN."""
    if column.null_count or not pa.types.is_integer(column.type):
        column = column.cast(pa.float64())
    if column.null_count:
        column = compute.fill_null(column, np.nan)
    return np.from_dlpack(column)  # to_numpy would import pandas, and so does fill_null
