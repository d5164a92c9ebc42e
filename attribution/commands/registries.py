"""Commands that list what there is to ask for: models, metrics and dimensions, with definitions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import typer

from attribution.commands import output
from attribution.commands.options import DEFAULT_DB, Database, FormatOption, show
from attribution.dataset import Dataset, open_dataset
from attribution.errors import DatabaseError
from attribution.metrics import METRICS
from attribution.models import MODELS
from attribution.query import DIMENSIONS

Answer = TypeVar("Answer")

app = typer.Typer()


@app.command()
def models(db: Database = DEFAULT_DB, format_: FormatOption = None) -> None:
    """The attribution models, with definitions (and the custom models of the database, where there is one)."""
    entries = _or_default(db, lambda dataset: dataset.models, MODELS)
    show(
        output.Table(
            ["model", "label", "definition", "known_as"],
            [(entry.name, entry.label, entry.summary, entry.known_as) for entry in entries],
        ),
        format_,
    )


@app.command()
def metrics(db: Database = DEFAULT_DB, format_: FormatOption = None) -> None:
    """The metrics, with definitions."""
    rows = [(entry.name, entry.label, entry.format, entry.additive, entry.description) for entry in METRICS]
    show(output.Table(["metric", "label", "format", "additive", "definition"], rows), format_)


@app.command()
def dimensions(db: Database = DEFAULT_DB, format_: FormatOption = None) -> None:
    """The dimensions, with definitions (and further columns of deals that the database keeps)."""
    rows = [(entry.name, entry.label, entry.level, entry.description) for entry in DIMENSIONS]
    extra: tuple[str, ...] = _or_default(db, lambda dataset: dataset.extra_dimensions, ())
    rows += [(name, name, "deal", "further column of deals") for name in extra]
    show(output.Table(["dimension", "label", "level", "definition"], rows), format_)


def _or_default(db: Path, ask: Callable[[Dataset], Answer], default: Answer) -> Answer:
    try:
        return ask(open_dataset(db))
    except DatabaseError:
        return default
