"""Bring ``raw.*`` of the copy up to date: unchanged files are left, new ones added to their table, others compared row by row.

Every row that is gone or new is in ``changed.raw_<table>`` afterwards, with ``is_new`` telling which. The load report, the
quarantine and the notices are then what a build of everything would have written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from attribution import db, schema
from attribution.connectors.keys import content_columns, key_columns
from attribution.connectors.loading import create_raw_table, finish, load_files, scratch_folder, table_notices
from attribution.connectors.plan import Plan
from attribution.connectors.quoting import identifier
from attribution.connectors.record import JudgedDifferentlyError, LoadedFile, read_files, write_files
from attribution.connectors.report import REPORTS, Line, create_tables, read_lines, write_lines, write_notices
from attribution.refresh.origin import NotPossibleError, unchanged

# A table whose files were rewritten is read whole and compared row by row; beyond this size computing everything costs no more.
MOST_BYTES_COMPARED = 32 << 20

Progress = Callable[[str], None]


def bring_up_to_date(
    connection: db.Connection, plan: Plan, planned: Sequence[LoadedFile], time_zone: str, progress: Progress
) -> dict[str, int]:
    """Return the number of changed rows of each raw table. ``connection`` is in memory; the copy is attached as ``built``.

    Raises NotPossibleError where everything has to be read anew.
    """
    before = read_files(connection, "built")
    lines_before = read_lines(connection, "built")
    changes: dict[str, int] = {}
    with scratch_folder(connection) as links:
        for table in schema.TABLES:
            old = [file for file in before if file.table == table.name]
            new = [file for file in planned if file.table == table.name]
            lines = [line for line in lines_before if line.table == table.name]
            if unchanged(old, new):
                for line in _in_file_order(lines, new):
                    progress(line.sentence())
                changes[f"raw.{table.name}"] = 0
                continue
            _refuse_doubt(old, new)
            create_tables(connection)
            if _only_added(old, new):
                try:
                    changes[f"raw.{table.name}"] = _add(connection, plan, table, old, new, lines, time_zone, links, progress)
                    continue
                except JudgedDifferentlyError:
                    create_tables(connection)
            changes[f"raw.{table.name}"] = _replace(connection, plan, table, new, time_zone, links, progress)
    _write_plan_notices(connection, plan, progress)
    return changes


def _refuse_doubt(old: Sequence[LoadedFile], new: Sequence[LoadedFile]) -> None:
    still = {(file.block, file.file) for file in new}
    gone = next((file for file in old if (file.block, file.file) not in still), None)
    if gone:
        raise NotPossibleError(f"{gone.file} is not read any more")
    words = {file.block: file.block_words for file in old}
    other = next((file for file in new if words.get(file.block, file.block_words) != file.block_words), None)
    if other:
        raise NotPossibleError(f"{other.file} is read in another way (mapping.toml changed)")


def _only_added(old: Sequence[LoadedFile], new: Sequence[LoadedFile]) -> bool:
    """Whether every old file is still there as it was, in the same order, and no file feeds the table twice."""
    names = [file.file for file in new]
    known = {(file.block, file.file): file for file in old}
    kept = [file for file in new if (file.block, file.file) in known]
    return (
        bool(old)
        and len(set(names)) == len(names)
        and [(file.block, file.file) for file in old] == [(file.block, file.file) for file in kept]
        and all(file.same_content(known[(file.block, file.file)]) for file in kept)
    )


def _in_file_order(lines: Sequence[Line], files: Sequence[LoadedFile]) -> list[Line]:
    places = {(file.block, file.file): file.place for file in files}
    for line in lines:
        line.place = places[(line.block, line.file)]
    return sorted(lines, key=lambda line: line.place)


# -- files added ---------------------------------------------------------------------------------------------------------


def _add(
    connection: db.Connection,
    plan: Plan,
    table: schema.Table,
    old: Sequence[LoadedFile],
    new: Sequence[LoadedFile],
    lines_before: Sequence[Line],
    time_zone: str,
    links: Path,
    progress: Progress,
) -> int:
    """Read the added files of a table only, and let their rows take the place of older ones with the same key."""
    known = {(file.block, file.file): file for file in old}
    create_raw_table(connection, table, with_feed=True)
    added = load_files(connection, plan, table, new, known, time_zone, links)
    lines = _in_file_order([*lines_before, *added], new)
    name, columns = f"raw.{identifier(table.name)}", _columns(connection, table)
    connection.execute(
        f"create or replace table changed.raw_{table.name} as select {columns}, true as is_new from {name} limit 0"
    )
    superseded: dict[str, int] = {}
    if table.key:
        superseded = _supersede(connection, table, new, columns)
    else:
        connection.execute(f"insert into changed.raw_{table.name} select {columns}, true from {name}")
    connection.execute(f"insert into built.{name} ({columns}) select {columns} from changed.raw_{table.name} where is_new")
    loaded = dict(
        connection.execute(
            f"select source_file, count(*) from changed.raw_{table.name} where is_new group by source_file"
        ).fetchall()
    )
    counted = connection.execute(
        "select file, count(*), count(*) filter (where is_conflicting) from built.raw.superseded_rows where table_name = ? group by file",
        [table.name],
    ).fetchall()
    duplicates = {file: (int(rows), int(conflicting)) for file, rows, conflicting in counted}
    for line in lines:
        line.loaded += int(loaded.get(line.file, 0)) - superseded.get(line.file, 0)
        line.duplicates, line.conflicting_duplicates = duplicates.get(line.file, (0, 0))
        progress(line.sentence())
    found = {(file.block, file.file): file.found for file in read_files(connection, "memory")}
    files = [
        LoadedFile(
            file.table, file.block, file.block_words, file.file, file.place, file.bytes, file.sha256,
            known[(file.block, file.file)].found if (file.block, file.file) in known else found[(file.block, file.file)],
        )
        for file in new
    ]  # fmt: skip
    for report in ("load_report", "loaded_files", "notices"):
        connection.execute(f"delete from built.raw.{report} where table_name = ?", [table.name])
    connection.execute("insert into built.raw.quarantine select * from raw.quarantine where table_name = ?", [table.name])
    with db.within(connection, "built"):
        write_lines(connection, lines)
        write_files(connection, files)
        write_notices(connection, [notice for file in files for notice in file.notices()])
        write_notices(connection, table_notices(connection, table, lines, name))
    _drop(connection, table)
    return _count(connection, table)


def _supersede(connection: db.Connection, table: schema.Table, new: Sequence[LoadedFile], columns: str) -> dict[str, int]:
    """Rank old and new rows of the same key, as keys.remove_duplicates does; return how many old rows of each file gave way."""
    name, key, content = f"raw.{identifier(table.name)}", key_columns(table), content_columns(table)
    db.write_rows(connection, "slices.places", {"file": "varchar", "place": "integer"}, [(file.file, file.place) for file in new])
    # One key column that is always filled is found by its value, which is cheaper than by the hash of a whole key.
    single = len(table.key) == 1 and table.column(table.key[0]).required
    matching = f"{key} in (select {key} from {name})" if single else f"hash({key}) in (select hash({key}) from {name})"
    connection.execute(
        f"create or replace table slices.older as select rowid as number, {columns} from built.{name} where {matching}"
    )
    connection.execute(f"""
        create or replace table slices.ranked as
        with candidates as (
            select number, false as is_new, places.place as feed, source_file, source_row, {key}, hash({content}) as content_hash
            from slices.older inner join slices.places on source_file = places.file
            union all
            select rowid as number, true as is_new, feed, source_file, source_row, {key}, hash({content}) as content_hash from {name}
        )
        select number, is_new, source_file, hash({key}) as key_hash, content_hash,
            row_number() over newest_first as position,
            first_value(content_hash) over newest_first as kept_hash
        from candidates
        window newest_first as (partition by {key} order by feed desc, source_row desc, number desc)
    """)
    connection.execute(
        """
        update built.raw.superseded_rows as superseded set is_conflicting = superseded.content_hash <> ranked.kept_hash
        from slices.ranked as ranked
        where superseded.table_name = ? and ranked.position = 1 and superseded.key_hash = ranked.key_hash
        """,
        [table.name],
    )
    connection.execute(
        "insert into built.raw.superseded_rows select ?, source_file, key_hash, content_hash, content_hash <> kept_hash "
        "from slices.ranked where position > 1",
        [table.name],
    )
    gone = "select number from slices.ranked where not is_new and position > 1"
    connection.execute(
        f"insert into changed.raw_{table.name} select {columns}, false from slices.older where number in ({gone}) "
        f"union all select {columns}, true from {name} where rowid in (select number from slices.ranked where is_new and position = 1)"
    )
    connection.execute(f"delete from built.{name} where rowid in ({gone})")
    counted = connection.execute(
        "select source_file, count(*) from slices.ranked where not is_new and position > 1 group by source_file"
    ).fetchall()
    return {file: int(rows) for file, rows in counted}


# -- files rewritten -----------------------------------------------------------------------------------------------------


def _replace(
    connection: db.Connection,
    plan: Plan,
    table: schema.Table,
    new: Sequence[LoadedFile],
    time_zone: str,
    links: Path,
    progress: Progress,
) -> int:
    """Read all files of a table, compare its rows with those that were, and let them take their place."""
    if sum(file.bytes for file in new) > MOST_BYTES_COMPARED:
        raise NotPossibleError(f"the files of {table.name} changed otherwise than by new ones, and are too large to compare")
    name, columns = f"raw.{identifier(table.name)}", _columns(connection, table)
    create_raw_table(connection, table, with_feed=True)
    finish(connection, table, load_files(connection, plan, table, new, {}, time_zone, links), progress)
    now, before = f"select {columns} from {name}", f"select {columns} from built.{name}"
    connection.execute(f"""
        create or replace table changed.raw_{table.name} as
        select {columns}, true as is_new from ({now} except all {before})
        union all
        select {columns}, false as is_new from ({before} except all {now})
    """)
    rows = _count(connection, table)
    if rows:
        connection.execute(f"create or replace table built.{name} as {now}")
    for report in REPORTS:
        connection.execute(f"delete from built.raw.{report} where table_name = ?", [table.name])
        connection.execute(f"insert into built.raw.{report} select * from raw.{report} where table_name = ?", [table.name])
    _drop(connection, table)
    return rows


def _columns(connection: db.Connection, table: schema.Table) -> str:
    rows = connection.execute(f"describe built.raw.{identifier(table.name)}").fetchall()
    return ", ".join(identifier(row[0]) for row in rows)


def _count(connection: db.Connection, table: schema.Table) -> int:
    row = connection.execute(f"select count(*) from changed.raw_{table.name}").fetchone()
    return int(row[0]) if row else 0


def _drop(connection: db.Connection, table: schema.Table) -> None:
    """Leave nothing under a name that the stages read: it will show the copy's table."""
    for name in (table.name, *REPORTS):
        connection.execute(f"drop table if exists raw.{identifier(name)}")


def _write_plan_notices(connection: db.Connection, plan: Plan, progress: Progress) -> None:
    connection.execute("delete from built.raw.notices where table_name is null")
    with db.within(connection, "built"):
        write_notices(connection, plan.notices)
    for notice in plan.notices:
        progress(notice.message)
