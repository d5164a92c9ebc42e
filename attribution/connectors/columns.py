"""Which column of a file becomes which canonical column, or a clear word about the one that is not there."""

from __future__ import annotations

from dataclasses import dataclass, field

from attribution import schema
from attribution.connectors.files import how_to_add
from attribution.connectors.plan import Block, Constant, Expression
from attribution.connectors.quoting import shown
from attribution.connectors.source import Source, SourceColumn, fold
from attribution.errors import AmbiguousInputError, DataError, MappingError, near_name


@dataclass
class Mapped:
    """Canonical columns taken from the file, made by constants, or by expressions (those of further columns as
    ``extra.name``); and further columns to keep (name → column)."""

    columns: dict[str, SourceColumn] = field(default_factory=dict)
    constants: dict[str, Constant] = field(default_factory=dict)
    expressions: dict[str, str] = field(default_factory=dict)
    extra: dict[str, SourceColumn] = field(default_factory=dict)


def map_columns(table: schema.Table, block: Block, source: Source) -> Mapped:
    """Find a block's columns in one of its files.

    Raises MappingError or DataError for a column that is not there (with the nearest name), AmbiguousInputError for one that is twice.
    """
    mapped = _as_they_are(table, block, source) if block.columns is None else _by_mapping(block, source)
    for name, origin in block.extra.items():
        if isinstance(origin, Expression):
            mapped.expressions[f"extra.{name}"] = origin.sql
        else:
            mapped.extra[name] = _find(block, source, origin.column, f"extra.{name}")
    return mapped


def _by_mapping(block: Block, source: Source) -> Mapped:
    mapped = Mapped()
    for name, origin in (block.columns or {}).items():
        if isinstance(origin, Constant):
            mapped.constants[name] = origin
        elif isinstance(origin, Expression):
            mapped.expressions[name] = origin.sql
        else:
            mapped.columns[name] = _find(block, source, origin.column, name)
    return mapped


def _find(block: Block, source: Source, wanted: str, place: str) -> SourceColumn:
    column = source.find(wanted)
    if column is not None:
        return column
    if source.find(f"{wanted} (1)") is not None:
        raise AmbiguousInputError(
            f'{source.file}: column {wanted!r} occurs more than once. Say which one is meant in {block.place}: {place} = "{wanted} (1)" or '
            f'{place} = "{wanted} (2)"'
        )
    raise MappingError(f"{block.place}: {place}: {source.file} has no column {wanted!r}.{_hint(wanted, source)}")


def _hint(wanted: str, source: Source) -> str:
    names = list(source.header) or [column.name for column in source.columns]
    near = near_name(wanted, names)
    listed = ", ".join(repr(shown(name, 60)) for name in names[:40])
    if source.detected.get("separator") and len(names) == 1 and any(mark in names[0] for mark in ",;\t|"):
        return f" Its header is the single column {shown(names[0], 120)!r}: the separator {source.detected['separator']!r} is probably wrong."
    return near + f" Its columns: {listed}."


def _as_they_are(table: schema.Table, block: Block, source: Source) -> Mapped:
    mapped = Mapped()
    canonical = {column.name for column in table.columns}
    for column in source.columns:
        name = fold(column.name)
        if name not in canonical:
            mapped.extra[column.name] = column
        elif name in mapped.columns:
            raise AmbiguousInputError(
                f"{source.file}: {mapped.columns[name].name!r} and {column.name!r} both mean {table.name}.{name}. Rename one; or say in mapping.toml, "
                f'under [{table.name}.columns]: {name} = "{mapped.columns[name].name}" or {name} = "{column.name}"'
            )
        else:
            mapped.columns[name] = column
    for column_name in canonical:
        twice = source.find(f"{column_name} (1)")
        if column_name not in mapped.columns and twice is not None and source.find(f"{column_name} (2)") is not None:
            raise AmbiguousInputError(
                f"{source.file}: column {column_name!r} occurs more than once. Remove one; or say in mapping.toml, under [{table.name}.columns]: "
                f'{column_name} = "{twice.name}" or {column_name} = "{column_name} (2)"'
            )
    for required in table.required:
        if required not in mapped.columns:
            error = MappingError if block.from_mapping else DataError
            raise error(
                f"{source.file}: required column {required!r} of {table.name} is missing.{_hint(required, source)} Rename the column, or map it: "
                f'{how_to_add(block, source.file)} [{table.name}.columns] {required} = "the file\'s column"'
            )
    return mapped
