"""Fuzz every loader for long. Usage: fuzz.py [EXAMPLES per kind] [SEED]

Each file must be refused in words or be accounted for row by row, within ten seconds; anything else is a failure and is printed.
"""

from __future__ import annotations

import csv
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from random import Random

from measure import REPOSITORY, print_table

sys.path.insert(0, str(REPOSITORY))

from tests import fuzzing
from tests.naughty_strings import NAUGHTY_STRINGS

LONGEST = 10.0
CELLS = (
    "", " ", "NULL", "0", "-7", "1.234", "1,5", "1e400", "2024-01-01", "2024-02-30", "03/04/2018", "13/04/2018", "1709528767", "won", "open",
    "d1", "EUR", "buyer", "email", *NAUGHTY_STRINGS,
)  # fmt: skip
STARTS = (b"", b"PAR1", b"PK\x03\x04", b"\x1f\x8b\x08", b"\xff\xfe", b"\xef\xbb\xbf", b"{", b'"', b"deal_id,created_at,status\n")


def damaged_files(ending: str, chance: Random) -> dict[str, bytes]:
    """A good file with a few bytes changed."""
    return {f"deals{ending}": fuzzing.damaged(fuzzing.good_file(ending), chance.getrandbits(32))}


def random_bytes(ending: str, chance: Random) -> dict[str, bytes]:
    """Bytes by chance after the first bytes of some kind of file."""
    content = chance.choice(STARTS) + chance.randbytes(chance.randrange(600))
    return {"deals.csv": fuzzing.good_file(".csv"), f"touches{ending}": content}


def random_tables(_ending: str, chance: Random) -> dict[str, bytes]:
    """A table of odd cells as CSV in any dialect."""
    columns = [
        "deal_id",
        "created_at",
        "status",
        *chance.sample(["closed_at", "amount", "currency", "name", "owner_id", "é", "x" * 300], 3),
    ]
    chance.shuffle(columns)
    rows = [[chance.choice(CELLS) for _ in columns] for _ in range(chance.randrange(30))]
    separator, quoting = chance.choice(",;\t|"), chance.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
    encoding = chance.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
    return {"deals.csv": fuzzing.as_csv(columns, rows, separator, quoting, chance.choice(["\n", "\r\n"]), encoding)}


def kinds() -> Iterator[tuple[str, str]]:
    """What is made, and under which ending."""
    for ending in fuzzing.ENDINGS:
        yield "damaged file", ending
    for ending in fuzzing.ENDINGS:
        yield "random bytes", ending
    yield "random table", ".csv"


MAKERS = {"damaged file": damaged_files, "random bytes": random_bytes, "random table": random_tables}


def main(examples: int, seed: int) -> int:
    """Print a row per kind; return how many files failed."""
    rows: list[list[object]] = []
    failures = 0
    with tempfile.TemporaryDirectory(prefix="closed-loop-benchmark-") as temporary:
        for kind, ending in kinds():
            chance = Random(f"{seed} {kind} {ending}")
            refused, loaded_files, quarantined, wrong, slowest = 0, 0, 0, 0, 0.0
            for number in range(examples):
                files = MAKERS[kind](ending, chance)
                start = time.perf_counter()
                try:
                    loaded = fuzzing.survives(Path(temporary), files)
                except Exception:
                    wrong += 1
                    print(f"{kind} {ending}, number {number}: {traceback.format_exc(limit=-4)}", file=sys.stderr)
                else:
                    refused += loaded is None
                    if loaded:
                        loaded_files += 1
                        quarantined += loaded.one("select count(*) from raw.quarantine")
                        loaded.connection.close()
                slowest = max(slowest, time.perf_counter() - start)
            wrong += slowest > LONGEST
            failures += wrong
            rows.append([kind, ending, examples, refused, loaded_files, quarantined, slowest, wrong])
    print_table(["made", "ending", "files", "refused", "loaded", "rows in quarantine", "slowest s", "failures"], rows)
    return failures


if __name__ == "__main__":
    numbers = [int(argument.replace("_", "")) for argument in sys.argv[1:]]
    sys.exit(1 if main(*(numbers + [200, 2026][len(numbers) :])) else 0)
