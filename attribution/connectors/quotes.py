"""Records of a delimited text file with their exact line numbers, however broken the quotes.

Quotes are read strictly (RFC 4180). Where that fails, the record is tried with backslash escapes (``"a \\"b\\" c"``), then its one line
leniently; else this line alone is given up and reading goes on at the next, so an unclosed quote never swallows the rest of the file.
"""

from __future__ import annotations

import csv
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from attribution.errors import DataError

csv.field_size_limit(sys.maxsize)

# The longest record; e-mail bodies of 200 kB are real, 16 MB of text inside one pair of quotes is an unclosed quote.
LONGEST_RECORD = 16_000_000
MOST_RUNAWAYS = 100
UNCLOSED = "a quote is opened in this row and not closed properly, so the row cannot be told from the next"


@dataclass(frozen=True)
class Broken:
    """A line that could not be read as a record: its text."""

    text: str


class _Runaway(Exception):
    """A record has grown beyond any real one."""


class RecordReader:
    """Iterate over ``(line, fields)`` of a text stream; ``fields`` is a ``Broken`` for a line that had to be given up.

    ``width`` (0: unknown) is the number of fields expected; it helps to tell broken quotes from well-formed ones. ``repaired``
    counts records read with backslash or lenient quotes, ``zero_bytes`` the lines that NUL characters were removed from, ``characters`` what has been read.
    """

    def __init__(self, stream: Iterator[str], separator: str, file: str, width: int = 0) -> None:
        self.separator, self.file, self.width = separator, file, width
        self.repaired = self.zero_bytes = self.line = self.characters = 0
        self._stream = stream
        self._again: deque[str] = deque()
        self._pending: list[str] = []
        self._size = self._runaways = 0

    def __iter__(self) -> Iterator[tuple[int, list[str] | Broken]]:
        pending = self._pending
        while True:
            reader = csv.reader(self._lines(), delimiter=self.separator, strict=True)
            base, used = self.line, 0
            failed = False
            try:
                for fields in reader:
                    start, used = base + used + 1, reader.line_num
                    if len(fields) != self.width and self.width and fields and ('"' in pending[0]) and self._suspicious(fields):
                        self.line = start - 1
                        failed = True
                        break
                    pending.clear()
                    self._size = 0
                    self.line = base + used
                    if fields:
                        yield start, fields
            except csv.Error:
                self.line = base + used
                failed = True
            except _Runaway:
                self._runaways += 1
                if self._runaways > MOST_RUNAWAYS:
                    raise DataError(
                        f"{self.file}: too many quotes are opened and never closed. Export the file again with proper quotes."
                    ) from None
                self.line = base + used
                failed = True
            if not failed:
                return
            yield from self._recover()

    def _lines(self) -> Iterator[str]:
        while True:
            if self._again:
                line = self._again.popleft()
            else:
                line = next(self._stream, "")
                if not line:
                    return
                if "\0" in line:
                    line = line.replace("\0", "")
                    self.zero_bytes += 1
                    if not line:
                        line = "\n"
            self._pending.append(line)
            self._size += len(line)
            self.characters += len(line)
            if self._size > LONGEST_RECORD and len(self._pending) > 1:
                raise _Runaway
            yield line

    def _suspicious(self, fields: list[str]) -> bool:
        """A record of the wrong width over several lines, or with backslashed quotes, was probably cut at the wrong place."""
        return (
            (len(self._pending) > 1 and len(fields) > self.width)
            or any('\\"' in line for line in self._pending)
            or (len(self._pending) > 1 and self._line_alone() is not None)
        )

    def _line_alone(self) -> list[str] | None:
        """Return the first pending line read on its own, leniently, where this gives the expected number of fields."""
        line = self._pending[0]
        if self.width and line.count('"') % 2 == 0:
            fields = next(csv.reader([line], delimiter=self.separator), [])
            if len(fields) == self.width:
                return fields
        return None

    def _recover(self) -> Iterator[tuple[int, list[str] | Broken]]:
        """Read the record at the head of the pending lines in another way, or give its first line up; keep the lines after it."""
        pending, start = list(self._pending), self.line + 1
        self._pending.clear()
        self._size = 0
        if not pending:
            return
        fields, lines_used = self._with_backslashes(pending)
        pending += self._pending
        self._pending.clear()
        self._size = 0
        if fields is None:
            self._pending.append(pending[0])
            fields, lines_used = self._line_alone(), 1
            self._pending.clear()
        self._again.extendleft(reversed(pending[lines_used:]))
        self.line = start - 1 + lines_used
        if fields is None:
            yield start, Broken(pending[0].rstrip("\r\n"))
        else:
            self.repaired += 1
            yield start, fields

    def _with_backslashes(self, lines: list[str]) -> tuple[list[str] | None, int]:
        """Return the record that begins with these lines, read with backslash escapes, and its number of lines. Further lines read are pending."""
        if not any('\\"' in line for line in lines):
            return None, 1
        reader = csv.reader(chain(lines, self._lines()), delimiter=self.separator, strict=True, escapechar="\\", doublequote=True)
        try:
            fields = next(reader, [])
        except (csv.Error, _Runaway):
            return None, 1
        if self.width and len(fields) != self.width:
            return None, 1
        return fields, reader.line_num
