"""A refresh of 1 % changed deals against computing everything, and whether both give the same database.

Usage: refresh.py [--touches N] [--rounds N] [--moving] [--data FOLDER] [--work FOLDER]

Each round changes one deal in a hundred and delivers that as further files: new amounts, touches of now and of long ago,
contacts who moved to another of these companies, visitors who proved to be somebody. ``--moving``: as-of is not set, and each
round has a touch newer than all, so that as-of moves and every open deal is touched. ``--data``: a folder that ``sample`` has written.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import duckdb
from measure import REPOSITORY, Measured, print_table, run

sys.path.insert(0, str(REPOSITORY))
from tests.same_tables import differences

KEEP_ONE = ("--set", "database.keep_versions=1")
# :round picks the hundredth; every statement writes one further file.
CHANGES = {
    "deals": "select * replace (cast(amount + 1000 + {round} as decimal(18, 2)) as amount) from deals semi join chosen using (deal_id)",
    "touches": """
        select * replace (
            'R{round}-' || touch_id as touch_id,
            occurred_at - to_days(case when hash(touch_id) % 2 = 0 then 0 else 200 end) + interval 3 minute as occurred_at
        )
        from touches semi join people using (contact_id) where hash(touch_id) % 8 = {round}
    """,
    "contacts": """
        select contacts.* replace (chosen.account_id as account_id)
        from contacts inner join chosen on hash(contacts.contact_id) % (select count(*) from chosen) = chosen.number
        where contacts.contact_id in (select contact_id from people) and hash(contacts.contact_id) % 20 = {round}
    """,
    "identities": """
        select 'w' || row_number() over (order by contact_id) + {round} * 1000 as alias, 'visitor' as alias_kind, contact_id as target_id,
            timestamp '2025-01-01' as identified_at
        from people where hash(contact_id) % 20 = {round}
    """,
}


# As-of follows the newest touch.
NEWEST = """
    union all
    (
        select * replace ('N{round}' as touch_id, (select max(occurred_at) from touches) + to_days({round} + 1) as occurred_at)
        from touches order by occurred_at desc limit 1
    )
"""


def change(data: Path, number: int, moving: bool) -> None:
    """Write the further files of one round."""
    connection = duckdb.connect()
    for table in CHANGES:
        connection.execute(f"create view {table} as select * from read_parquet('{data / f'{table}.parquet'}')")
    connection.execute(f"create view deal_contacts as select * from read_parquet('{data / 'deal_contacts.parquet'}')")
    connection.execute(f"""
        create table chosen as select deal_id, account_id, row_number() over (order by deal_id) - 1 as number
        from deals where hash(deal_id) % 100 = {number}
    """)
    connection.execute("""
        create table people as select distinct contacts.contact_id from contacts
        left join deal_contacts on contacts.contact_id = deal_contacts.contact_id
        where deal_contacts.deal_id in (select deal_id from chosen)
    """)
    changes = {**CHANGES, "touches": CHANGES["touches"] + NEWEST} if moving else CHANGES
    for table, query in changes.items():
        connection.execute(f"copy ({query.format(round=number)}) to '{data / f'{table}-{number:03}.parquet'}' (format parquet)")
    connection.close()


def prepare(origin: Path, data: Path, moving: bool) -> None:
    """Lay the generated files into a folder with a mapping that takes further ones."""
    data.mkdir()
    blocks = []
    for path in sorted(origin.glob("*.parquet")):
        try:
            os.link(path, data / path.name)
        except OSError:
            shutil.copyfile(path, data / path.name)
        blocks.append(
            f'[[{path.stem}]]\nfile = "{path.stem}*.parquet"\n'
            if path.stem in CHANGES
            else f'[[{path.stem}]]\nfile = "{path.name}"\n'
        )
    (data / "mapping.toml").write_text("".join(blocks), encoding="utf-8")
    settings = (origin / "attribution.toml").read_text(encoding="utf-8")
    if moving:
        settings = re.sub(r"(?m)^as_of.*\n", "", settings)
    (data / "attribution.toml").write_text(settings, encoding="utf-8")


def row(name: str, measured: Measured, full: Measured | None) -> list[object]:
    """One line of the table."""
    did = next((line for line in measured.messages.splitlines() if line.startswith(("Refreshed", "Everything was"))), "")
    times = [f"{full.cpu / measured.cpu:.1f}", f"{full.wall / measured.wall:.1f}"] if full else ["", ""]
    return [name, measured.wall, measured.cpu, measured.peak_mb, *times, did.split(" Version")[0]]


def main() -> None:
    """Print a row per build, and what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--touches", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--moving", action="store_true")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--work", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="closed-loop-benchmark-", dir=asked.work) as folder:
        origin, data, database = asked.data or Path(folder) / "sample", Path(folder) / "data", Path(folder) / "build"
        if not asked.data:
            run("sample", "--touches", str(asked.touches), "--out", origin)
        prepare(origin, data, asked.moving)
        first = run("build", "--data", data, "--db", database, *KEEP_ONE)
        refreshes = []
        for number in range(asked.rounds):
            change(data, number, asked.moving)
            refreshes.append(run("build", "--data", data, "--db", database, *KEEP_ONE))
        full = run("build", "--data", data, "--db", Path(folder) / "full", *KEEP_ONE)
        rows = [row("the first build", first, None)]
        rows += [row(f"refresh {number}", measured, full) for number, measured in enumerate(refreshes, 1)]
        rows.append(row("everything again", full, None))
        print_table(["build", "wall s", "CPU s", "peak MB", "CPU times cheaper", "wall times faster", "what it did"], rows)
        versions = [next(place.glob("data-*.duckdb")) for place in (database, Path(folder) / "full")]
        print(
            f"\n{versions[0].stat().st_size / 1e6:,.0f} MB after the refreshes, {versions[1].stat().st_size / 1e6:,.0f} MB computed at once."
        )
        found = differences(*versions)
        print("\n".join(["They differ:", *found]) if found else "Every table is the same, row by row, to 1e-9.")


if __name__ == "__main__":
    main()
