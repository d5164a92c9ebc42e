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
_TEXTS_LOOKED_UP = 1_000


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
    gathering = _Gathering()
    try:
        for batch in _batches(file, layout):
            problem = gathering.add(
                batch.column(layout.path),
                batch.column(layout.conversions),
                batch.column(layout.value) if layout.value else None,
                batch.column(layout.lost) if layout.lost else None,
            )
            if problem:
                raise refusal(file, layout.separator, layout.path, layout.numbers, layout.value, problem)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise refusal(file, layout.separator, layout.path, layout.numbers, layout.value, str(error)) from error
    except OSError as error:
        raise DataError(f"{file}: cannot be read to its end ({error}). Is the file complete?") from error
    if not gathering.lengths:
        raise DataError(f"{file}: there is a header and no row below it. Export the file again.")
    return gathering.paths()


def from_arrow(
    path: pa.Array | pa.ChunkedArray,
    conversions: pa.Array | pa.ChunkedArray,
    value: pa.Array | pa.ChunkedArray | None = None,
    lost: pa.Array | pa.ChunkedArray | None = None,
) -> Paths:
    """The same from columns in memory (of a DataFrame, say). Raises DataError for anything that cannot be counted."""
    given = {"path": path, "conversions": conversions, "value": value, "lost": lost}
    table = pa.table({name: column for name, column in given.items() if column is not None})
    gathering = _Gathering()
    for batch in table.to_batches(max_chunksize=1 << 15):
        columns = [batch.column(name) if given[name] is not None else None for name in given]
        problem = gathering.add(*columns)
        if problem:
            raise DataError(f"Paths in memory: {problem}.")
    return gathering.paths()


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


@dataclass
class _Gathering:
    """Blocks of rows as they come; names are numbered as they are met and put in order at the end."""

    numbers: dict[str, int] = field(default_factory=dict)
    codes: list[Codes] = field(default_factory=list)
    lengths: list[Indices] = field(default_factory=list)
    conversions: list[Floats] = field(default_factory=list)
    value: list[Floats] = field(default_factory=list)
    lost: list[Floats] = field(default_factory=list)
    with_value: bool = False
    texts: pa.Array = field(default_factory=lambda: pa.array([], pa.large_string()))  # of touches, as they stand in the file
    code_of: Codes = field(default_factory=lambda: np.zeros(0, np.uint8))  # per text: its name's number
    is_last: Codes = field(default_factory=lambda: np.zeros(0, bool))  # per text: whether no separator follows

    def add(
        self,
        path: pa.Array,
        conversions: pa.Array,
        value: pa.Array | None,
        lost: pa.Array | None,
    ) -> str | None:
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
        self.lengths.append(np.diff(ends, prepend=-1))
        self.conversions.append(_array(conversions))
        self.lost.append(np.zeros(len(path)) if lost is None else _array(lost))
        if value is not None:
            self.with_value = True
            # A value left blank where nothing was converted says nothing that is not known.
            blank = np.isnan(worth := _array(value)) & (self.conversions[-1] == 0)
            self.value.append(np.where(blank, 0, worth) if blank.any() else worth)
            if (self.value[-1][self.conversions[-1] == 0] != 0).any():
                return "there is a value without a conversion"
        for column in (self.conversions, self.lost, self.value):
            # One comparison each finds negative numbers, NaN (a blank cell), infinity and what is too large to be added up.
            if column and len(path) and not (column[-1].min() >= 0 and column[-1].max() <= LARGEST):
                return "a number is missing, negative, not finite or too large"
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

    def paths(self) -> Paths:
        """All blocks as one, names in the order of their text."""
        names = sorted(self.numbers)
        place = np.empty(len(names), dtype=code_type(len(names)))
        place[[self.numbers[name] for name in names]] = np.arange(len(names))
        codes = [place[self.codes.pop(0)] for _ in range(len(self.codes))]
        starts = np.zeros(sum(map(len, self.lengths)) + 1, dtype=np.int64)
        np.cumsum(np.concatenate(self.lengths), out=starts[1:])
        return Paths(
            tuple(names),
            np.concatenate(codes),
            starts,
            np.concatenate(self.conversions),
            np.concatenate(self.lost),
            np.concatenate(self.value) if self.with_value else None,
        )


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


def _array(column: pa.Array) -> np.ndarray:
    """A column as numbers; a blank is NaN."""
    if pa.types.is_integer(column.type) and column.null_count == 0:
        return np.asarray(column.to_numpy(zero_copy_only=False))
    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False))
