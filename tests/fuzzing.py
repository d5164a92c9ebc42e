"""Files that nobody would write on purpose: made by Hypothesis for test_fuzz.py and, many more of them, for benchmarks/fuzz.py."""

from __future__ import annotations

import csv
import functools
import gzip
import io
import json
import random
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from attribution import db, schema
from attribution.connectors import load
from attribution.errors import ClosedLoopError
from tests.loading import Loaded
from tests.naughty_strings import NAUGHTY_STRINGS

DEALS_CSV = (
    "deal_id,created_at,closed_at,status,amount,currency,name\n"
    "d1,2024-01-02,2024-02-03,won,100.50,EUR,Ærø\n"
    "d2,2024-01-03 10:30:00+02:00,,open,,,\n"
    "d3,2024-01-04,2024-02-05,lost,7,USD,\"a \"\"quoted\"\", name\"\n"
)  # fmt: skip
ENDINGS = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet", ".xlsx", ".csv.gz", ".tsv.gz", ".jsonl.gz")
TABLES = ("deals", "touches", "contacts", "identities", "spend", "fx_rates")

CELLS = st.one_of(
    st.sampled_from(
        ("", " ", "-", "NULL", "nan", "inf", "0", "1", "-7", "1.234", "1,5", "1.234,56", "1e400", "9" * 40, "€ 7", "(7)", "7 %")
    ),
    st.sampled_from(
        ("2024-01-01", "2024-02-30", "03/04/2018", "13/04/2018", "2024-01-01T10:00:00Z", "1709528767", "45321.5", "0000-00-00", "99999-01-01")
    ),
    st.sampled_from(("won", "Won", "open", "lost", "true", "nein", "d1", "buyer", "EUR", "eur", "EURO", "page_view", "visitor")),
    st.sampled_from(NAUGHTY_STRINGS),
    st.text(max_size=20),
)  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, list[str], list[list[str]]]:
    """(table, names of columns, rows): names are the table's own, in any order, with some missing and strangers between."""
    table = draw(st.sampled_from(TABLES))
    entry = schema.table(table) if hasattr(schema, "table") else next(known for known in schema.TABLES if known.name == table)
    names = [column.name for column in entry.columns]
    required = [column.name for column in entry.columns if column.required] if draw(st.integers(0, 4)) else []
    chosen = draw(st.lists(st.sampled_from(names), max_size=6, unique=True))
    strangers = draw(st.lists(st.text(min_size=1, max_size=8).filter(lambda name: name.strip() != ""), max_size=2))
    header = draw(st.permutations(list(dict.fromkeys([*required, *chosen, *strangers])) or ["deal_id"]))
    width = len(header)
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=8))
    return table, list(header), rows


def as_csv(header: list[str], rows: list[list[str]], separator: str, quoting: int, end: str, encoding: str) -> bytes:
    """The rows as a CSV file; what the encoding lacks becomes a question mark."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, quoting=quoting, lineterminator=end)
    writer.writerows([[cell.replace("\0", "") for cell in row] for row in [header, *rows]])
    return out.getvalue().encode(encoding, "replace")


@functools.cache
def good_file(ending: str) -> bytes:
    """Three deals in a kind of file."""
    records = list(csv.DictReader(io.StringIO(DEALS_CSV)))
    kind = ending.removesuffix(".gz")
    out = io.BytesIO()
    if kind == ".parquet":
        pq.write_table(pa.Table.from_pylist(records), out)
        content = out.getvalue()
    elif kind == ".xlsx":
        book = openpyxl.Workbook()
        for row in [list(records[0]), *(list(record.values()) for record in records)]:
            book.active.append(row)
        book.save(out)
        content = out.getvalue()
    elif kind in (".jsonl", ".ndjson"):
        content = "".join(json.dumps(record) + "\n" for record in records).encode()
    else:
        content = DEALS_CSV.replace(",", "\t" if kind == ".tsv" else ",").encode()
    return gzip.compress(content, mtime=0) if ending.endswith(".gz") else content


def damaged(content: bytes, seed: int) -> bytes:
    """A file with a few bytes changed, cut out or repeated: the same seed gives the same damage."""
    chance = random.Random(seed)
    body = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(body) + 1)
        match chance.randrange(5):
            case 0 if body:
                body[at % len(body)] = chance.randrange(256)
            case 1:
                del body[at : at + chance.randrange(1, 200)]
            case 2:
                body[at:at] = body[at : at + chance.randrange(1, 50)]
            case 3:
                body[at:at] = chance.randbytes(chance.randrange(1, 8))
            case _:
                del body[at:]
    return bytes(body)


def survives(folder: Path, files: dict[str, bytes]) -> Loaded | None:
    """Load a folder of exactly these files: None where it was refused in words, else what was loaded, every row accounted for.

    Any other exception passes through.
    """
    for path in folder.iterdir():
        path.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    sentences: list[str] = []
    connection = db.connect()
    try:
        load(folder, connection, "Europe/Berlin", sentences.append)
    except ClosedLoopError as error:
        connection.close()
        assert len(str(error)) > 20, "an error says where, what and what next"
        return None
    except BaseException:
        connection.close()
        raise
    loaded = Loaded(connection, sentences)
    loaded.check_accounts()
    return loaded
