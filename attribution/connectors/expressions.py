"""Run a mapping's ``sql`` and ``where`` on rows of its own file and nothing else.

An expression must parse as exactly one scalar expression without subquery, window or aggregate. It then runs in a separate DuckDB in
memory that has no file or network access, a locked configuration, and only one table: the block's rows, columns as text.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

from attribution import db
from attribution.connectors.plan import Block, Expression, Origin
from attribution.connectors.quoting import identifier, shown
from attribution.connectors.source import Source, SourceColumn
from attribution.connectors.values import as_text
from attribution.errors import MappingError, near_name

_ALLOWED = {
    "COLUMN_REF",
    "CONSTANT",
    "FUNCTION",
    "OPERATOR",
    "COMPARISON",
    "CONJUNCTION",
    "CASE",
    "CAST",
    "BETWEEN",
    "COLLATE",
    "LAMBDA",
    "TYPE",
}
_REFUSED = {"SUBQUERY": "a subquery", "WINDOW": "a window function", "STAR": "a star", "PARAMETER": "a parameter"}
# Their results change from run to run, and the same files must give the same figures.
_CHANGING = {
    "random",
    "uuid",
    "uuidv4",
    "uuidv7",
    "gen_random_uuid",
    "now",
    "today",
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
    "get_current_time",
    "get_current_timestamp",
    "transaction_timestamp",
    "nextval",
    "currval",
    "setseed",
    "getenv",
    "getvariable",
    "current_setting",
    "get_current_date",
}
_ROWS_PER_PAGE = 100_000
_ROW = "source row of the file"
_numbers = count(1)


@dataclass(frozen=True)
class Evaluated:
    """The relation with the expressions' results and the canonical columns in it.

    ``left_out`` counts rows that ``where`` refused or an ``unnest`` of nothing dropped; ``added`` those that ``unnest`` made of one row beyond the first.
    """

    relation: str
    columns: Mapping[str, SourceColumn]
    left_out: int
    added: int
    table: str


def parse(text: str, what: str) -> set[str]:
    """Return the names of columns (and lambda parameters) in an expression.

    Raises MappingError where it is not one scalar expression over the row. ``what`` says where it stands.
    """
    tree = _tree(text)
    if tree.get("error"):
        reason = tree.get("error_message", "it cannot be read")
        raise MappingError(f"{what}: {shown(text)} is no DuckDB expression ({reason}). Write one expression over the columns.")
    statements = tree["statements"]
    node = statements[0]["node"]
    alone = (
        len(statements) == 1
        and node["type"] == "SELECT_NODE"
        and len(node["select_list"]) == 1
        and not node["modifiers"]
        and not node["cte_map"]["map"]
        and node["from_table"]["type"] == "BASE_TABLE"
        and node["from_table"]["table_name"] == "source"
        and text.strip()
        and node["select_list"][0].get("function_name") != "row"
        and not any(node.get(part) for part in ("where_clause", "group_expressions", "group_sets", "having", "qualify", "sample"))
    )
    if not alone:
        raise MappingError(f"{what}: {shown(text)} must be one expression over the row, not a query or several statements.")
    names: set[str] = set()
    for entry in _nodes(node["select_list"]):
        kind = entry["class"]
        if kind not in _ALLOWED:
            raise MappingError(
                f"{what}: {shown(text)} holds {_REFUSED.get(kind, kind.lower())}; only expressions over the row's own columns are allowed."
            )
        name = str(entry.get("function_name", "")).lower()
        if name in _aggregates():
            raise MappingError(f"{what}: {shown(text)} uses {name}(), which adds up rows; an expression sees one row at a time.")
        if name in _CHANGING:
            raise MappingError(f"{what}: {shown(text)} uses {name}(), which gives another result at every run.")
        if kind == "COLUMN_REF":
            names.add(entry["column_names"][-1])
    return names


@lru_cache(maxsize=1000)
def _tree(text: str) -> dict[str, Any]:
    with db.connect() as parser:
        found = parser.execute("select json_serialize_sql(?)", [f"select (\n{text}\n) from source"]).fetchone()
    tree: dict[str, Any] = json.loads(found[0]) if found else {"error": True}
    return tree


@lru_cache(maxsize=1)
def _aggregates() -> frozenset[str]:
    query = "select function_name from duckdb_functions() group by function_name having bool_and(function_type = 'aggregate')"
    with db.connect() as connection:
        return frozenset(str(name) for (name,) in connection.execute(query).fetchall())


def _nodes(tree: object) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        if "class" in tree:
            yield tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)


def names_in(block: Block) -> set[str]:
    """Return all names that a block's expressions use (also checks them). Raises MappingError."""
    names = set(parse(block.where, f"{block.place}: where")) if block.where is not None else set()
    origins: dict[str, Origin] = dict(block.columns or {})
    origins |= {f"extra.{name}": origin for name, origin in block.extra.items()}
    for column, origin in origins.items():
        if isinstance(origin, Expression):
            names |= parse(origin.sql, f"{block.place}: {column}")
    return names


def evaluate(
    connection: db.Connection, block: Block, source: Source, columns: Mapping[str, SourceColumn], expressions: Mapping[str, str]
) -> Evaluated:
    """Compute the expressions of a block over one file, leave rows out by its ``where``, and return the result as a temporary table.

    ``columns`` (name → column of the file) pass through with their own type. Raises MappingError that names block, column and expression.
    """
    import pyarrow.compute as pc  # only mappings with expressions need it

    used = _used_columns(block, source, expressions)
    name = f"evaluated_{next(_numbers)}"
    carried = {column: f"carried {index}" for index, column in enumerate(columns)}
    inputs = [f"source_row as {identifier(_ROW)}"]
    inputs += [f"{columns[column].identifier} as {identifier(carried[column])}" for column in columns]
    inputs += [f"{as_text(column.identifier, column.type)} as {identifier(column.name)}" for column in used]
    outputs = {_ROW: identifier(_ROW)} | {carried[column]: identifier(carried[column]) for column in columns}
    results = {column: f"result {index}" for index, column in enumerate(expressions)}
    outputs |= {results[column]: f"(\n{sql}\n)" for column, sql in expressions.items()}
    left_out = added = 0
    types: dict[str, str] = {}
    bounds = connection.execute(
        f"select coalesce(min(source_row), 1), coalesce(max(source_row), 0) from {source.relation}"
    ).fetchall()[0]
    with _sandbox() as sandbox:
        start = int(bounds[0])
        while True:
            page: Any = connection.sql(
                f"select {', '.join(inputs)} from {source.relation} "
                f"where source_row >= {start} and source_row < {start + _ROWS_PER_PAGE} order by source_row"
            ).to_arrow_table()
            sandbox.register("source", page)
            chosen = f" where (\n{block.where}\n)" if block.where is not None else ""
            query = f"select {', '.join(f'{sql} as {identifier(alias)}' for alias, sql in outputs.items())} from source{chosen}"
            try:
                result: Any = sandbox.sql(query).to_arrow_table()
                if not types:
                    described = sandbox.execute(f"describe {query}").fetchall()
                    types = {str(row[0]): str(row[1]) for row in described}
            except db.Error as error:
                raise _culprit(sandbox, block, source, expressions, error) from error
            kept = pc.count_distinct(result[_ROW]).as_py()
            left_out += len(page) - kept
            added += len(result) - kept
            connection.register("incoming_rows", result)
            if start == int(bounds[0]):
                connection.execute(f"create or replace temp table {name} as select * from incoming_rows")
            else:
                connection.execute(f"insert into {name} select * from incoming_rows")
            connection.unregister("incoming_rows")
            sandbox.unregister("source")
            start += _ROWS_PER_PAGE
            if start > int(bounds[1]):
                break
    placed = {
        column: SourceColumn(columns[column].name, identifier(carried[column]), columns[column].type) for column in columns
    } | {column: SourceColumn(column, identifier(results[column]), types[results[column]]) for column in expressions}
    table = f"temp.main.{name}"
    return Evaluated(f"(select {identifier(_ROW)} as source_row, * from {table})", placed, left_out, added, table)


def _used_columns(block: Block, source: Source, expressions: Mapping[str, str]) -> list[SourceColumn]:
    places = {f"{block.place}: {column}": sql for column, sql in expressions.items()}
    if block.where is not None:
        places[f"{block.place}: where"] = block.where
    used: dict[str, SourceColumn] = {}
    for what, sql in places.items():
        for name in sorted(parse(sql, what)):
            column = source.find(name)
            if column is not None:
                used[column.identifier] = column
            elif name.lower() in _CHANGING:
                raise MappingError(f"{what}: {shown(sql)} uses {name}, which gives another result at every run.")
    return list(used.values())


def _sandbox() -> db.Connection:
    sandbox = db.connect()
    for setting in (
        "memory_limit = '2GB'",
        "temp_directory = ''",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        sandbox.execute(f"set {setting}")
    return sandbox


def _culprit(
    sandbox: db.Connection, block: Block, source: Source, expressions: Mapping[str, str], error: db.Error
) -> MappingError:
    """Return the error of the expression that fails when run alone."""
    names = list(source.header) or [column.name for column in source.columns]
    if block.where is not None:
        try:
            sandbox.execute(f"select count(*) from source where (\n{block.where}\n)").fetchall()
        except db.Error as alone:
            return _failed(f"{block.place}: where", block.where, source.file, alone, names)
    for column, sql in expressions.items():
        try:
            sandbox.execute(f"select (\n{sql}\n) from source").fetchall()
        except db.Error as alone:
            return _failed(f"{block.place}: {column}", sql, source.file, alone, names)
    return _failed(block.place, "its expressions", source.file, error, names)


def _failed(what: str, sql: str, file: str, error: db.Error, names: Collection[str]) -> MappingError:
    first = str(error).splitlines()[0]
    unknown = first.split('"')[1] if "Referenced column" in first and first.count('"') >= 2 else ""
    hint = near_name(unknown, names) if unknown else ""
    if not hint and unknown:
        hint = f" Columns of {file}: {', '.join(shown(name, 40) for name in list(names)[:40])}."
    if "Conversion" in first:
        hint = " Use try_cast(… as …) where some values are no such thing; those rows then get an empty cell."
    return MappingError(f"{what}: {shown(sql, 160)} fails on {file}: {shown(first, 300)}.{hint}")
