"""Open text files and find their encoding: byte order mark, UTF-16 without one, UTF-8, else Windows-1252 (which holds Latin-1)."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from pathlib import Path
from typing import IO

from attribution.errors import AmbiguousInputError, DataError, MappingError

_BLOCK = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_OTHER_FORMATS = (
    (b"PK\x03\x04", "an XLSX or ZIP file", "Give it the ending .xlsx."),
    (b"PAR1", "a Parquet file", "Give it the ending .parquet."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)", "Save it as .xlsx."),
    (b"%PDF", "a PDF", "Export the table as CSV."),
    (b"\x89PNG", "a picture", "Export the table as CSV."),
)
# Text holds hardly any control characters; more than this share of them, and the file is something else.
_CONTROL_CHARACTERS = bytes(set(range(32)) - set(b"\t\n\v\f\r"))
_MOST_CONTROL_CHARACTERS = 0.05
# One broken sequence per this many good ones is damage to single rows; more means the file mixes two encodings.
_GOOD_PER_BROKEN = 20


def _as_latin_1(error: UnicodeError) -> tuple[str, int]:
    """The five bytes that Windows-1252 leaves undefined are read as Latin-1 reads them."""
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("latin-1 bytes", _as_latin_1)


def open_binary(path: Path, file: str) -> IO[bytes]:
    """Open a file for reading, unpacked where its content is gzip. Raises DataError where it cannot be read."""
    try:
        stream = path.open("rb")
        magic = stream.read(2)
        stream.seek(0)
    except OSError as error:
        raise DataError(
            f"{file}: cannot be read ({error.strerror}). Check that it is a file and that you may read it."
        ) from error
    return gzip.open(stream, "rb") if magic == b"\x1f\x8b" else stream  # type: ignore[return-value]


def find_encoding(path: Path, file: str, add_line: str) -> str:
    """Return the encoding of a text file.

    ``add_line`` tells where the mapping's csv options go. Raises AmbiguousInputError where UTF-8 and other bytes are mixed, DataError
    where the file is of another format.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = broken = size = zeros_even = zeros_odd = 0
    try:
        with open_binary(path, file) as stream:
            is_gzip = isinstance(stream, gzip.GzipFile)
            first = stream.read(_BLOCK)
            for magic, words, advice in _OTHER_FORMATS:
                if first.startswith(magic):
                    raise DataError(f"{file}: this is {words}, not text. {advice}")
            for mark, name in _MARKS:
                if first.startswith(mark):
                    return name
            zeros_even, zeros_odd = first[0::2].count(0), first[1::2].count(0)
            block = first
            while block:
                size += len(block)
                if not (block.isascii() and not decoder.getstate()[0]):
                    text = decoder.decode(block)
                    broken += sum(1 for character in text if "\udc80" <= character <= "\udcff")
                    good += sum(1 for character in text if character > "\x7f" and not "\udc80" <= character <= "\udcff")
                block = stream.read(_BLOCK)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{file}: cannot be read to its end ({error}). The file is damaged; export it again.") from error
    broken += len(decoder.getstate()[0])
    half = max(1, min(size, _BLOCK) // 2)
    if zeros_odd > half * 0.4 and zeros_odd > 4 * zeros_even:
        return "utf-16-le"
    if zeros_even > half * 0.4 and zeros_even > 4 * zeros_odd:
        return "utf-16-be"
    controls = len(first) - len(first.translate(None, _CONTROL_CHARACTERS))
    if controls > _MOST_CONTROL_CHARACTERS * len(first):
        packed = file.casefold().endswith(".gz") and not is_gzip
        words = "the name ends in .gz, but this is not gzip, and not text either" if packed else "this is a binary file, not text"
        raise DataError(f"{file}: {words}. Export the table as CSV, TSV, JSON lines, Parquet or XLSX.")
    if not broken or good >= _GOOD_PER_BROKEN * broken:
        return "utf-8"
    if not good:
        return "cp1252"
    raise AmbiguousInputError(
        f"{file}: the encoding is not clear: {good:,} characters are valid UTF-8 and {broken:,} bytes are not. Read as UTF-8, the rows with "
        f"these bytes go to quarantine; read as Windows-1252 (Latin-1), the others show as 'Ã©' and the like. {add_line} "
        'csv = { encoding = "utf-8" } or csv = { encoding = "latin-1" }'
    )


def check_encoding(name: str, place: str) -> str:
    """Return the codec for an encoding named in a mapping (Latin-1 is read as Windows-1252, as browsers do). Raises MappingError."""
    try:
        canonical = codecs.lookup(name).name
        "a".encode(canonical)
    except (LookupError, ValueError, UnicodeError, TypeError) as error:
        known = "utf-8, utf-16, latin-1"
        raise MappingError(f"{place}: unknown encoding {name!r}. Known are {known} and the other encodings of Python.") from error
    return "cp1252" if canonical in ("iso8859-1", "ascii") else canonical


def open_text(path: Path, file: str, encoding: str) -> io.TextIOWrapper:
    """Open as text with line ends untouched; undecodable bytes become surrogates, so that their rows can be named."""
    if encoding == "cp1252":
        return io.TextIOWrapper(open_binary(path, file), encoding="cp1252", errors="latin-1 bytes", newline="")
    errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"
    return io.TextIOWrapper(open_binary(path, file), encoding=encoding, errors=errors, newline="")
