"""Whether two databases hold the same: every table, row by row, floats to 1e-9; only what names the build itself may differ."""

from __future__ import annotations

from pathlib import Path

from attribution import db

TOLERANCE = 1e-9
# Which version it is and when it was built.
_OF_THE_BUILD = {
    "config.build": ("version", "built_at"),
    "config.reporting": ("built_us",),
    "config.origin": ("refreshes",),
}


def differences(one: Path, other: Path) -> list[str]:
    """What differs between two version files, one message per table with an example; empty where all is the same."""
    connection = db.connect()
    try:
        with db.attached(connection, one, "one"), db.attached(connection, other, "other"):
            tables = {name: _tables(connection, name) for name in ("one", "other")}
            found = [f"{name} is only in one of them" for name in sorted(set(tables["one"]) ^ set(tables["other"]))]
            found += [
                f"the index {name} is only in one of them"
                for name in sorted(_indexes(connection, "one") ^ _indexes(connection, "other"))
            ]
            for name in sorted(set(tables["one"]) & set(tables["other"])):
                if tables["one"][name] != tables["other"][name]:
                    found.append(f"{name}: the columns differ: {tables['one'][name]} and {tables['other'][name]}")
                else:
                    found += _rows_differ(connection, name, tables["one"][name])
            return found
    finally:
        connection.close()


def _tables(connection: db.Connection, catalog: str) -> dict[str, dict[str, str]]:
    rows = connection.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() "
        "where database_name = ? and not internal order by schema_name, table_name, column_index",
        [catalog],
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    listed = connection.execute("select schema_name || '.' || view_name from duckdb_views() where database_name = ?", [catalog])
    views = {name for (name,) in listed.fetchall()}
    return {name: columns for name, columns in found.items() if name not in views}


def _indexes(connection: db.Connection, catalog: str) -> set[str]:
    rows = connection.execute("select schema_name || '.' || index_name from duckdb_indexes() where database_name = ?", [catalog])
    return {name for (name,) in rows.fetchall()}


def _rows_differ(connection: db.Connection, name: str, columns: dict[str, str]) -> list[str]:
    names = [column for column in columns if column not in _OF_THE_BUILD.get(name, ())]
    floats = [column for column in names if columns[column] in ("DOUBLE", "FLOAT")]
    exact = [column for column in names if column not in floats]
    listed = ", ".join(f'"{column}"' for column in [*exact, *floats])
    # Rounded: rows that are alike but for the noise of sums must not change places for it.
    order = ", ".join(
        [*(f'"{column}" nulls first' for column in exact), *(f'round("{column}", 7) nulls first' for column in floats)]
    )
    if not floats:
        query = f"select count(*), cast(sum(hash({listed})) as varchar) from {{}}.{name}"
        if _one(connection, query.format("one")) == _one(connection, query.format("other")):
            return []
        apart = f"select * from (select {listed} from {{}}.{name} except all select {listed} from {{}}.{name}) limit 3"
    else:
        # Sorted by all that is exact, the rows of both stand side by side.
        numbered = f"select *, row_number() over (order by {order}) as number from (select {listed} from {{}}.{name})"
        off = " or ".join(
            [f'one."{column}" is distinct from other."{column}"' for column in exact]
            + [
                f'(one."{column}" is null) <> (other."{column}" is null) or abs(one."{column}" - other."{column}") '
                f'> {TOLERANCE} * greatest(1, abs(one."{column}"))'
                for column in floats
            ]
        )
        apart = (
            f"select * from ({numbered.format('one')}) as one full join ({numbered.format('other')}) as other on one.number = other.number "
            f"where one.number is null or other.number is null or {off} limit 3"
        )
        rows = connection.execute(apart).fetchall()
        return [f"{name}: {row}" for row in rows]
    only = [
        (catalog, connection.execute(apart.format(catalog, rest)).fetchall())
        for catalog, rest in (("one", "other"), ("other", "one"))
    ]
    return [f"{name}: only in the {'first' if catalog == 'one' else 'second'}: {rows}" for catalog, rows in only if rows] or [
        f"{name}: differs"
    ]


def _one(connection: db.Connection, query: str) -> tuple[object, ...]:
    row = connection.execute(query).fetchone()
    return tuple(row or ())
