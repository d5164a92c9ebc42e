"""The connector for any export: mapping.toml says how files become the canonical tables.

    time_zone = "America/Sao_Paulo"       # of timestamps without an offset
    currency = "BRL"                      # of amounts without a currency
    [[deals]]
    file = "closed_deals.csv"             # an exact name, else a glob
    csv = { separator = ";", decimal = ",", encoding = "utf-8", header = true, date_order = "dmy", skip = 2 }
    sheet = "Won"                         # of an XLSX workbook
    where = "stage <> 'Test'"             # a DuckDB condition over the file's columns
    [deals.columns]                       # left out: the file has the canonical names
    deal_id = "mql_id"                    # a column, renamed
    status = { value = "won" }            # a constant
    amount = { sql = "replace(price, 'R$', '')" }
    [deals.extra]
    product = "product_line"              # a further column to keep as a dimension; { sql = "…" } works here too

Only what is mapped is loaded.
"""

from __future__ import annotations

import re
import tomllib
import zoneinfo
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from attribution import schema
from attribution.config import HERE_ONLY
from attribution.connectors.encoding import check_encoding
from attribution.connectors.expressions import names_in
from attribution.connectors.files import KINDS_IN_WORDS, check_folder, ending, find_files, is_accompanying, list_files
from attribution.connectors.plan import Block, Constant, Expression, Notice, Options, Origin, Plan, Renamed
from attribution.connectors.quoting import shown
from attribution.errors import MappingError, near_name, unknown

FILE_NAME = "mapping.toml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class CsvOptions(_Strict):
    """How a text file is written; what is left out is detected. ``skip``: lines before the header."""

    separator: str | None = None
    decimal: Literal[".", ","] | None = None
    encoding: str | None = None
    header: bool | None = None
    date_order: Literal["ymd", "mdy", "dmy"] | None = None
    skip: Annotated[int, Field(ge=0)] = 0

    @field_validator("separator")
    @classmethod
    def _one_character(cls, separator: str | None) -> str | None:
        if separator is not None and (len(separator) != 1 or separator in '"\r\n\0'):
            raise ValueError('must be one character, such as "," or ";" or "\\t"')
        return separator


class ConstantValue(_Strict):
    """A constant of a column."""

    value: str | bool | int | float | datetime | date | time


class SqlValue(_Strict):
    """An expression over the file's columns."""

    sql: str


class TableBlock(_Strict):
    """One ``[[table]]`` block."""

    file: str
    csv: CsvOptions = CsvOptions()
    sheet: str | None = None
    where: str | None = None
    columns: dict[str, str | ConstantValue | SqlValue] | None = None
    extra: dict[str, str | SqlValue] = {}
    time_zone: str | None = None
    currency: str | None = None

    @model_validator(mode="after")
    def _no_blank_names(self) -> TableBlock:
        if self.columns is not None and not self.columns:
            raise ValueError("columns is empty; name the columns, or leave [columns] out where the file has the canonical names")
        return self


def recognises(folder: Path) -> bool:
    """Return whether the folder has a mapping.toml."""
    return (folder / FILE_NAME).is_file()


def read(folder: Path) -> Plan:
    """Turn a folder with a mapping.toml into a plan. Raises MappingError with the place, the reason and a near name."""
    check_folder(folder)
    contents = _parse(folder / FILE_NAME)
    time_zone, currency = (_text_setting(contents, name) for name in ("time_zone", "currency"))
    _check_time_zone(time_zone, FILE_NAME)
    _check_currency(currency, FILE_NAME)
    blocks: list[Block] = []
    known = ("time_zone", "currency", *schema.TABLE_NAMES)
    for name, entries in contents.items():
        if name in ("time_zone", "currency"):
            continue
        if name not in schema.TABLE_NAMES:
            raise MappingError(unknown("table or setting", name, known, FILE_NAME))
        for number, entry in enumerate(entries if isinstance(entries, list) else [entries], 1):
            blocks.append(_block(folder, name, number, entry, time_zone, currency))
    for required in schema.REQUIRED_TABLES:
        if not any(block.table == required for block in blocks):
            raise MappingError(
                f"{FILE_NAME}: no [[{required}]] block. Without {required} there is nothing to attribute; add one with its file and columns."
            )
    return Plan(folder, "mapping", tuple(blocks), _unused(folder, blocks))


def _unused(folder: Path, blocks: list[Block]) -> tuple[Notice, ...]:
    """Return a notice for each data file in the folder that no block names."""
    used = {path.name for block in blocks for path in block.files if path.parent == folder}
    return tuple(
        Notice("info", None, None, f"{shown(path.name)}: not named in {FILE_NAME}, so it was not loaded")
        for path in list_files(folder)
        if ending(path) and path.name not in used and not is_accompanying(path)
    )


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{FILE_NAME}: {error}. It must be valid TOML (https://toml.io).") from error
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(f"{FILE_NAME}: cannot be read ({error}). Save it as UTF-8 text.") from error


def _text_setting(contents: dict[str, Any], name: str) -> str | None:
    value = contents.get(name)
    if value is not None and (not isinstance(value, str) or not value.strip()):
        example = "EUR" if name == "currency" else "Europe/Berlin"
        raise MappingError(f'{FILE_NAME}: {name} is {value!r}; it must be a text, such as {name} = "{example}"')
    return value.strip() if isinstance(value, str) else None


def _check_time_zone(name: str | None, place: str) -> None:
    if name is None:
        return  # the list of all zones is read from six hundred files
    zones = zoneinfo.available_timezones() - set(HERE_ONLY)
    if name not in zones:
        hint = near_name(name, sorted(zones)) or ' Write it like "Europe/Berlin" or "UTC".'
        raise MappingError(f"{place}: unknown time zone {name!r}.{hint}")


def _check_currency(code: str | None, place: str) -> None:
    """Raise MappingError for a currency that is not written as its three letters."""
    if code is not None and not re.fullmatch("[A-Za-z]{3}", code.strip()):
        raise MappingError(f'{place}: currency is {code!r}; it must be the three letters of a currency, such as currency = "EUR"')


def _block(folder: Path, name: str, number: int, entry: object, time_zone: str | None, currency: str | None) -> Block:
    place = f"{FILE_NAME} [[{name}]] no. {number}"
    if not isinstance(entry, dict):
        raise MappingError(f'{place}: must be a block: [[{name}]] on a line of its own, then file = "…"')
    try:
        model = TableBlock.model_validate(entry)
    except ValidationError as error:
        raise MappingError(_words(place, error)) from error
    place = f"{place} ({model.file})"
    table = schema.table(name)
    columns: dict[str, Origin] | None = None
    if model.columns is not None:
        columns = {}
        names = [column.name for column in table.columns]
        for column, origin in model.columns.items():
            if column not in names:
                raise MappingError(unknown("column", column, names, place) + " A further column to keep goes under extra.")
            columns[column] = _origin(origin)
            if column == "currency" and isinstance(origin, ConstantValue):
                _check_currency(str(origin.value), place)
        missing = [column for column in table.required if column not in columns]
        if missing:
            raise MappingError(
                f'{place}: required column {missing[0]!r} is not mapped. Add under [{name}.columns]: {missing[0]} = "the file\'s column"'
            )
    for column in model.extra:
        if column in [known.name for known in table.columns]:
            raise MappingError(f"{place}: extra.{column} is a column of {name}; put it under [{name}.columns].")
    _check_time_zone(model.time_zone, place)
    _check_currency(model.currency, place)
    if model.csv.encoding:
        check_encoding(model.csv.encoding, place)
    block = Block(
        table=name,
        number=number,
        place=place,
        files=find_files(folder, model.file, place),
        columns=columns,
        extra={
            column: Expression(origin.sql) if isinstance(origin, SqlValue) else Renamed(origin)
            for column, origin in model.extra.items()
        },
        where=model.where,
        options=Options(**model.csv.model_dump(), sheet=model.sheet),
        time_zone=model.time_zone or time_zone,
        currency=(model.currency or currency or "").strip().upper() or None,
        from_mapping=True,
    )
    names_in(block)
    return block


def _origin(value: str | ConstantValue | SqlValue) -> Origin:
    if isinstance(value, str):
        return Renamed(value)
    return Constant(value.value) if isinstance(value, ConstantValue) else Expression(value.sql)


def _words(place: str, error: ValidationError) -> str:
    """Return the first finding of a validation in our words."""
    finding = min(error.errors(), key=lambda entry: entry["type"] != "extra_forbidden")
    path = [str(part) for part in finding["loc"]]
    where = ".".join(part for part in path if part not in ("ConstantValue", "SqlValue", "str"))
    if path[0] == "extra" and len(path) > 1:
        return f'{place}: {".".join(path[:2])}: give a column name or {{ sql = "…" }}.'
    if finding["type"] == "extra_forbidden":
        if path[0] == "columns":
            return f'{place}: {".".join(path[:2])}: give a column name, {{ value = … }} or {{ sql = "…" }}; {path[-1]!r} is not known there.'
        known = CsvOptions.model_fields if path[0] == "csv" else TableBlock.model_fields
        return unknown("key", where, [f"csv.{name}" for name in known] if path[0] == "csv" else list(known), place)
    if finding["type"] == "missing" and path == ["file"]:
        return f'{place}: file is missing. Add file = "name.csv" ({KINDS_IN_WORDS}).'
    if path[0] == "columns" and len(path) > 1:
        return f'{place}: {".".join(path[:2])}: give a column name, {{ value = … }} or {{ sql = "…" }}.'
    message = finding["msg"].removeprefix("Value error, ")
    return f"{place}: {where or 'the block'}: {message[:1].lower()}{message[1:]} (it is {str(finding.get('input'))[:80]!r})."
