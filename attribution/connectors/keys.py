"""Remove rows whose key occurs more than once: the last in file order wins. Missing parts of a key count as equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from attribution import db, schema
from attribution.connectors.quoting import identifier, literal


@dataclass(frozen=True)
class Duplicates:
    """How many rows of a feed gave way to a later one, and how many of these differed from it."""

    rows: int
    conflicting: int


def content_columns(table: schema.Table) -> str:
    """The columns in which two rows of a table can differ."""
    return ", ".join([*(identifier(column.name) for column in table.columns), "extra"])


def key_columns(table: schema.Table) -> str:
    """The columns of a table's key."""
    return ", ".join(identifier(column) for column in table.key)


def remove_duplicates(connection: db.Connection, table: schema.Table, files: Mapping[int, str]) -> dict[int, Duplicates]:
    """Delete duplicate rows of ``raw.<table>`` and return their number by feed. ``files``: feed → name of the file.

    What is deleted stays known by its hash (``raw.superseded_rows``): a later file may supersede the row that won.
    Only rows whose hashed key occurs twice are ranked, so that ten million distinct keys cost one pass over the key.
    """
    if not table.key:
        return {}
    name = f"raw.{identifier(table.name)}"
    key, content = key_columns(table), content_columns(table)
    connection.execute(
        f"create or replace temp table repeated_keys as select hash({key}) as key_hash from {name} group by hash({key}) having count(*) > 1"
    )
    found = connection.execute("select count(*) from repeated_keys").fetchone()
    if not found or not found[0]:
        connection.execute("drop table repeated_keys")
        return {}
    connection.execute(f"""
        create or replace temp table superseded_rows as
        with suspects as (
            select rowid as row_number_in_table, feed, source_row, {key}, row({content}) as content,
                hash({content}) as content_hash
            from {name}
            where hash({key}) in (select key_hash from repeated_keys)
        ),
        ranked as (
            select row_number_in_table, feed, content, content_hash, hash({key}) as key_hash,
                row_number() over newest_first as position,
                first_value(content) over newest_first as kept_content
            from suspects
            window newest_first as (partition by {key} order by feed desc, source_row desc, row_number_in_table desc)
        )
        select row_number_in_table, feed, key_hash, content_hash, content is distinct from kept_content as is_conflicting from ranked where position > 1
    """)
    counted = connection.execute(
        "select feed, count(*), count(*) filter (where is_conflicting) from superseded_rows group by feed order by feed"
    ).fetchall()
    named = " ".join(f"when {int(feed)} then {literal(file)}" for feed, file in files.items())
    connection.execute(
        f"insert into raw.superseded_rows select ?, case feed {named} end, key_hash, content_hash, is_conflicting from superseded_rows",
        [table.name],
    )
    connection.execute(f"delete from {name} where rowid in (select row_number_in_table from superseded_rows)")
    connection.execute("drop table repeated_keys")
    connection.execute("drop table superseded_rows")
    return {int(feed): Duplicates(int(rows), int(conflicting)) for feed, rows, conflicting in counted}
