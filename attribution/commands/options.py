"""What several commands share: options with their help, how a database is opened, and how a result is written."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from attribution.commands import output
from attribution.dataset import Dataset, open_dataset
from attribution.filters import Filters

if TYPE_CHECKING:
    import pandas as pd


class Format(StrEnum):
    """How results are written."""

    table = "table"
    csv = "csv"
    json = "json"


class DateBasis(StrEnum):
    """Which date the dates filter."""

    closed = "closed"
    created = "created"
    touch = "touch"


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a date. Write it like 2026-03-31.") from error


Database = Annotated[Path, typer.Option("--db", help="Database folder, or a single file ending in .duckdb.")]
FormatOption = Annotated[Format | None, typer.Option("--format", help="table on a terminal, csv otherwise.")]
SetOption = Annotated[list[str], typer.Option("--set", metavar="KEY=VALUE", help="Override a setting; the value is TOML.")]
ModelOption = Annotated[str | None, typer.Option("--model", help="Attribution model; default: the agreed one.")]

DEFAULT_DB = Path("build")


def _filters(
    date_from: Annotated[date | None, typer.Option("--from", metavar="DATE", parser=_date, help="First day, inclusive.")] = None,
    date_to: Annotated[date | None, typer.Option("--to", metavar="DATE", parser=_date, help="Last day, inclusive.")] = None,
    date_basis: Annotated[DateBasis, typer.Option("--date-basis", help="Which date the dates filter.")] = DateBasis.closed,
    channel: Annotated[list[str], typer.Option("--channel", help="Keep touches of this channel (repeatable).")] = [],
    campaign: Annotated[list[str], typer.Option("--campaign", help="Keep touches of this campaign (repeatable).")] = [],
    segment: Annotated[list[str], typer.Option("--segment", help="Keep deals of this segment (repeatable).")] = [],
    industry: Annotated[list[str], typer.Option("--industry", help="Keep deals of this industry (repeatable).")] = [],
    country: Annotated[list[str], typer.Option("--country", help="Keep deals of this country (repeatable).")] = [],
    owner: Annotated[list[str], typer.Option("--owner", help="Keep deals of this owner (repeatable).")] = [],
    deal_type: Annotated[list[str], typer.Option("--deal-type", help="Keep deals of this type (repeatable).")] = [],
    pipeline: Annotated[list[str], typer.Option("--pipeline", help="Keep deals of this CRM pipeline (repeatable).")] = [],
) -> Filters:
    if date_from and date_to and date_from > date_to:
        raise typer.BadParameter(f"--from {date_from} is after --to {date_to}. Swap them.")
    return Filters(
        date_from=date_from,
        date_to=date_to,
        date_basis=date_basis.value,
        channels=tuple(channel),
        campaigns=tuple(campaign),
        segments=tuple(segment),
        industries=tuple(industry),
        countries=tuple(country),
        owners=tuple(owner),
        deal_types=tuple(deal_type),
        pipelines=tuple(pipeline),
    )


def with_filters(command: Callable[..., None]) -> Callable[..., None]:
    """The command with one option per filter in the place of its parameter ``filters``, which it gets as ``Filters``."""
    own = inspect.signature(command, eval_str=True)
    options = inspect.signature(_filters, eval_str=True).parameters

    def with_options(**given: Any) -> None:
        chosen = {name: given.pop(name) for name in options}
        command(**given, filters=_filters(**chosen))

    parameters = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for name, mine in own.parameters.items()
        for parameter in (options.values() if name == "filters" else [mine])
    ]
    with_options.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    with_options.__name__, with_options.__doc__ = command.__name__, command.__doc__
    return with_options


def opened(db: Path, overrides: list[str] | None = None) -> Dataset:
    """The database as commands see it: a damaged version is said on standard error."""
    dataset = open_dataset(db, overrides or [])
    if dataset.notice:
        typer.echo(f"Warning: {dataset.notice}", err=True)
    return dataset


def names(values: list[str]) -> list[str]:
    """``--by channel,month`` and ``--by channel --by month`` are the same."""
    return list(dict.fromkeys(name.strip() for value in values for name in value.split(",") if name.strip()))


def kind_of(kind: Format | None) -> str:
    """What was asked for; without it, what suits where it goes."""
    return kind.value if kind else ("table" if sys.stdout.isatty() else "csv")


def show(frame: pd.DataFrame | output.Table, kind: Format | None, if_empty: str = "There is nothing to list.") -> None:
    """Write a result to standard output; of one without a row, say so on standard error."""
    if not len(frame):
        typer.echo(if_empty, err=True)
    sys.stdout.write(output.render(frame, kind_of(kind)))


def show_document(document: dict[str, Any]) -> None:
    """Write a result of several parts to standard output, as JSON."""
    import json

    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
