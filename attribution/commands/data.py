"""Commands about the data: build the database from a folder, check it, generate a folder of any size."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from attribution.bridge import COLUMNS as BRIDGE_COLUMNS
from attribution.build import build as run_build
from attribution.checks import find_check, offending_rows, run_checks
from attribution.commands import output
from attribution.commands.options import (
    DEFAULT_DB,
    Database,
    Format,
    FormatOption,
    SetOption,
    kind_of,
    opened,
    show,
    show_document,
)
from attribution.dataset import LOAD_REPORT, Dataset
from attribution.db import roll_back, versions
from attribution.schema import TABLE_NAMES

app = typer.Typer()

# What a build says about each file; the rest of the load report is on the page of data health.
_LOADED = "table_name, block, file, rows_in, left_out, loaded, duplicates, conflicting_duplicates, quarantined, short_rows"


@app.command()
def build(
    db: Database = DEFAULT_DB,
    data: Annotated[Path, typer.Option("--data", help="Data folder.")] = Path("sample_data"),
    config: Annotated[
        Path | None, typer.Option("--config", help="Settings file instead of the folder's attribution.toml.")
    ] = None,
    set_: SetOption = [],
    full: Annotated[
        bool, typer.Option("--full", help="Compute everything, even where a refresh of what changed would do.")
    ] = False,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Return to VERSION, or to the one before; builds nothing.")
    ] = False,
    version: Annotated[str | None, typer.Argument(help="Only with --rollback.", metavar="[VERSION]")] = None,
    format_: FormatOption = None,
) -> None:
    """Load a data folder, compute and verify what has changed (or everything), put the new version into service; or return to an earlier one."""
    if rollback:
        _show_versions(db, roll_back(db, version).name, format_)
        return
    if version is not None:
        raise typer.BadParameter(f"build takes no argument {version!r}. To return to a version: build --rollback {version}")
    result = run_build(data, db, config, set_, full=full)
    dataset = Dataset(result.path)
    sections = _sections(dataset)
    for name in (entry.name for entry in dataset.models if entry.is_learned):
        if (learned := dataset.learned(name)) and learned.note:
            typer.echo(f"{name}: {learned.note}", err=True)
    typer.echo(f"{result.did} Version {result.version} of {db} is in service.", err=True)
    if result.gone_deals:
        listing = f"check --db {db} --rows gone_deals"
        typer.echo(f"{result.gone_deals} deals of the version before are gone at the source; list them with: {listing}", err=True)
    if kind_of(format_) == "json":
        show_document({"version": result.version, **{key: output.records(table) for key, _, table in sections}})
        return
    shown = [(title, table) for _, title, table in sections if len(table)]
    for index, (title, table) in enumerate(shown):
        if kind_of(format_) == "table":
            sys.stdout.write(f"{title}\n")
        show(table, format_)
        if index < len(shown) - 1:
            sys.stdout.write("\n")


def _sections(dataset: Dataset) -> list[tuple[str, str, output.Table]]:
    """What a build says of what it loaded: (key of the document, title on screen, rows)."""
    quarantine = (
        "select table_name, file, column_name, reason, count(*) as rows, min(line) as first_line, min(value) as example "
        "from staging.quarantine group by table_name, file, column_name, reason order by table_name, file, rows desc, reason"
    )
    notices = (
        "select severity, table_name, column_name, message, row_count from raw.notices order by severity, table_name, column_name"
    )
    return [
        ("load", "Rows", output.Table(*dataset.table(LOAD_REPORT.format(columns=_LOADED), [list(TABLE_NAMES)]))),
        ("quarantine", "Rows that could not be read", output.Table(*dataset.table(quarantine))),
        ("notices", "Notices", output.Table(*dataset.table(notices))),
        ("reconciliation", "From the CRM to credit", output.Table(BRIDGE_COLUMNS, dataset.bridge_steps())),
    ]


def _show_versions(db: Path, version: str, kind: Format | None) -> None:
    typer.echo(f"Version {version} of {db} is in service. The next build puts a newer one in its place.", err=True)
    rows = [(entry.name, "yes" if entry.in_service else "", "; ".join(entry.pinned_for)) for entry in versions(db)]
    show(output.Table(["version", "in_service", "pinned_for"], rows), kind)


@app.command()
def check(
    db: Database = DEFAULT_DB,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 if a check of severity error finds rows.")] = False,
    rows: Annotated[str | None, typer.Option("--rows", metavar="CHECK", help="List the rows that one check finds.")] = None,
    format_: FormatOption = None,
) -> None:
    """The data-quality report: what is wrong with the data, and what to do about it."""
    dataset = opened(db)
    if rows is not None:
        show(offending_rows(dataset, find_check(rows), limit=None), format_)
        return
    report = run_checks(dataset)
    show(report, format_)
    failed = report[(report["severity"] == "error") & (report["rows"] > 0)]
    if strict and len(failed):
        typer.echo(f"{len(failed)} checks of severity error found rows: {', '.join(failed['check'])}.", err=True)
        raise typer.Exit(1)


@app.command()
def sample(
    touches: Annotated[int, typer.Option("--touches", help="How many touches.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write to.")],
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same data.")] = 7,
    db: Database = DEFAULT_DB,
    format_: FormatOption = None,
) -> None:
    """Generate data of any size as Parquet, with its own settings and rates."""
    from attribution.sample import write_sample

    counts = write_sample(touches, out, seed)
    show(output.Table(["table", "rows"], list(counts.items())), format_)
