"""The command line: ``python -m attribution COMMAND``. Results on standard output and nothing else; messages on standard error.

Exit code 0: done; 1: the data or the settings are wrong, with a message that says where, what and what next; 2: usage.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from attribution import output
from attribution.bridge import COLUMNS as BRIDGE_COLUMNS
from attribution.build import build as run_build
from attribution.checks import find_check, offending_rows, run_checks
from attribution.dataset import LOAD_REPORT, Dataset, open_dataset
from attribution.db import roll_back, versions
from attribution.errors import ClosedLoopError, DatabaseError, UnknownNameError
from attribution.filters import Filters
from attribution.metrics import MEASURES, METRICS
from attribution.models import MODELS
from attribution.paths.commands import app as paths_app
from attribution.query import DIMENSIONS, column_name
from attribution.reports.commands import app as report_app
from attribution.schema import TABLE_NAMES

if TYPE_CHECKING:
    import pandas as pd

Answer = TypeVar("Answer")

app = typer.Typer(
    name="attribution",
    help=__doc__,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(report_app, name="report")
app.add_typer(paths_app)


class Format(StrEnum):
    """How results are written."""

    table = "table"
    csv = "csv"
    json = "json"


class Fit(StrEnum):
    """From which deals the learned models learn."""

    all = "all"
    filtered = "filtered"


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
FromOption = Annotated[date | None, typer.Option("--from", metavar="DATE", parser=_date, help="First day, inclusive.")]
ToOption = Annotated[date | None, typer.Option("--to", metavar="DATE", parser=_date, help="Last day, inclusive.")]
BasisOption = Annotated[DateBasis, typer.Option("--date-basis", help="Which date the dates filter.")]
Channels = Annotated[list[str], typer.Option("--channel", help="Keep touches of this channel (repeatable).")]
Campaigns = Annotated[list[str], typer.Option("--campaign", help="Keep touches of this campaign (repeatable).")]
Segments = Annotated[list[str], typer.Option("--segment", help="Keep deals of this segment (repeatable).")]
Industries = Annotated[list[str], typer.Option("--industry", help="Keep deals of this industry (repeatable).")]
Countries = Annotated[list[str], typer.Option("--country", help="Keep deals of this country (repeatable).")]
Owners = Annotated[list[str], typer.Option("--owner", help="Keep deals of this owner (repeatable).")]
DealTypes = Annotated[list[str], typer.Option("--deal-type", help="Keep deals of this type (repeatable).")]
Pipelines = Annotated[list[str], typer.Option("--pipeline", help="Keep deals of this CRM pipeline (repeatable).")]

DEFAULT_DB = Path("build")
# What a build says about each file; the rest of the load report is on the page of data health.
_LOADED = "table_name, block, file, rows_in, left_out, loaded, duplicates, conflicting_duplicates, quarantined, short_rows"


def _show(frame: pd.DataFrame | output.Table, kind: Format | None) -> None:
    sys.stdout.write(output.render(frame, _kind(kind)))


def _kind(kind: Format | None) -> str:
    return kind.value if kind else ("table" if sys.stdout.isatty() else "csv")


def _open(db: Path, overrides: list[str] | None = None) -> Dataset:
    dataset = open_dataset(db, overrides or [])
    if dataset.notice:
        typer.echo(f"Warning: {dataset.notice}", err=True)
    return dataset


def _names(values: list[str]) -> list[str]:
    """``--by channel,month`` and ``--by channel --by month`` are the same."""
    return list(dict.fromkeys(name.strip() for value in values for name in value.split(",") if name.strip()))


def _filters(
    date_from: date | None,
    date_to: date | None,
    basis: DateBasis,
    channels: list[str],
    campaigns: list[str],
    segments: list[str],
    industries: list[str],
    countries: list[str],
    owners: list[str],
    deal_types: list[str],
    pipelines: list[str],
) -> Filters:
    if date_from and date_to and date_from > date_to:
        raise typer.BadParameter(f"--from {date_from} is after --to {date_to}. Swap them.")
    return Filters(
        date_from=date_from,
        date_to=date_to,
        date_basis=basis.value,
        channels=tuple(channels),
        campaigns=tuple(campaigns),
        segments=tuple(segments),
        industries=tuple(industries),
        countries=tuple(countries),
        owners=tuple(owners),
        deal_types=tuple(deal_types),
        pipelines=tuple(pipelines),
    )


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
    report = output.Table(*dataset.table(LOAD_REPORT.format(columns=_LOADED), [list(TABLE_NAMES)]))
    reasons = output.Table(
        *dataset.table(
            "select table_name, file, column_name, reason, count(*) as rows, min(line) as first_line, min(value) as example "
            "from staging.quarantine group by table_name, file, column_name, reason order by table_name, file, rows desc, reason"
        )
    )
    notices = output.Table(
        *dataset.table(
            "select severity, table_name, column_name, message, row_count from raw.notices order by severity, table_name, column_name"
        )
    )
    reconciliation = output.Table(BRIDGE_COLUMNS, dataset.bridge_steps())
    for name in (entry.name for entry in dataset.models if entry.is_learned):
        if (learned := dataset.learned(name)) and learned.note:
            typer.echo(f"{name}: {learned.note}", err=True)
    typer.echo(f"{result.did} Version {result.version} of {db} is in service.", err=True)
    if result.gone_deals:
        listing = f"check --db {db} --rows gone_deals"
        typer.echo(f"{result.gone_deals} deals of the version before are gone at the source; list them with: {listing}", err=True)
    if _kind(format_) == "json":
        import json

        document = {
            "version": result.version,
            "load": output.records(report),
            "quarantine": output.records(reasons),
            "notices": output.records(notices),
            "reconciliation": output.records(reconciliation),
        }
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        return
    sections = [
        ("Rows", report),
        ("Rows that could not be read", reasons),
        ("Notices", notices),
        ("From the CRM to credit", reconciliation),
    ]
    shown = [(title, frame) for title, frame in sections if len(frame)]
    for index, (title, frame) in enumerate(shown):
        if _kind(format_) == "table":
            sys.stdout.write(f"{title}\n")
        _show(frame, format_)
        if index < len(shown) - 1:
            sys.stdout.write("\n")


def _show_versions(db: Path, version: str, kind: Format | None) -> None:
    typer.echo(f"Version {version} of {db} is in service. The next build puts a newer one in its place.", err=True)
    rows = [(entry.name, "yes" if entry.in_service else "", "; ".join(entry.pinned_for)) for entry in versions(db)]
    _show(output.Table(["version", "in_service", "pinned_for"], rows), kind)


@app.command()
def credit(
    db: Database = DEFAULT_DB,
    model: ModelOption = None,
    by: Annotated[list[str], typer.Option("--by", help="Dimensions, separated by commas.")] = ["channel"],
    measure: Annotated[list[str], typer.Option("--measure", help=f"Measures, separated by commas: {', '.join(MEASURES)}.")] = [
        "revenue,deals"
    ],
    date_from: FromOption = None,
    date_to: ToOption = None,
    date_basis: BasisOption = DateBasis.closed,
    channel: Channels = [],
    campaign: Campaigns = [],
    segment: Segments = [],
    industry: Industries = [],
    country: Countries = [],
    owner: Owners = [],
    deal_type: DealTypes = [],
    pipeline: Pipelines = [],
    fit: Annotated[
        Fit, typer.Option("--fit", help="From which deals markov and markov_shapley learn: all, or those filtered.")
    ] = Fit.all,
    set_: SetOption = [],
    format_: FormatOption = None,
) -> None:
    """Who earned the revenue: measures by dimensions under a model ("all": every model)."""
    filters = _filters(date_from, date_to, date_basis, channel, campaign, segment, industry, country, owner, deal_type, pipeline)
    dataset = _open(db, set_)
    if fit is Fit.filtered:
        dataset = dataset.fitted(filters)
    measures = _names(measure)
    rows = dataset.credit_rows(model, _names(by), measures, filters)
    for line in dataset.learned_words(list(dict.fromkeys(row["model"] for row in rows))):
        typer.echo(line, err=True)
    columns = [*(column_name(name, measures) for name in _names(by)), "model", *measures]
    _show(output.Table(columns, [[row[name] for name in columns] for row in rows]), format_)


@app.command()
def explain(
    deal: Annotated[str, typer.Option("--deal", help="The deal's id.")],
    db: Database = DEFAULT_DB,
    model: ModelOption = None,
    set_: SetOption = [],
    format_: FormatOption = None,
) -> None:
    """One deal: every touch that reached it, its milestones, weight, credit, the rule in words, the source file and row, the query."""
    explanation = _open(db, set_).explain(deal, model)
    columns = [
        "position",
        "touch_id",
        "occurred_at",
        "person_id",
        "channel",
        "kind",
        "actor",
        "campaign_id",
        "asset_id",
        "milestones",
        "phase",
        "weight",
        "credit",
        "reason",
        "source_file",
        "source_row",
    ]
    touches = explanation.touches.copy()
    flags = {"is_first": "first", "is_lead_creation": "lead_creation", "is_deal_creation": "deal_creation", "is_last": "last"}
    touches["milestones"] = [" ".join(word for flag, word in flags.items() if row[flag]) for _, row in touches.iterrows()]
    rows = touches[columns].astype(object).to_dict("records")
    for entry in explanation.unattributed:
        if entry["model"] == explanation.model.name:
            rows.append(
                {"touch_id": "Unattributed", "weight": entry["share"], "credit": entry["credit"], "reason": entry["reason"]}
            )
    frame = output.Table(columns, [[row.get(name) for name in columns] for row in rows])
    if _kind(format_) == "csv":
        _show(frame, Format.csv)
        return
    summary: dict[str, Any] = {
        "deal": output.records(output.Table(list(explanation.deal), [list(explanation.deal.values())]))[0],
        "model": explanation.model.name,
        "rule": explanation.rule,
    }
    if _kind(format_) == "json":
        import json

        document = {
            **summary,
            "touches": output.records(frame),
            "stages": output.records(explanation.stages),
            "reconciliation": output.records(explanation.reconciliation),
            "query": explanation.query,
        }
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        return
    facts = output.Table(["deal", deal], [(name, output.cell(name, value)) for name, value in explanation.deal.items()])
    sys.stdout.write(output.render(facts, "table"))
    sys.stdout.write(f"\nThe rule: {explanation.rule}\n\n")
    sys.stdout.write(output.render(frame, "table") + "\n" + output.render(explanation.reconciliation, "table"))
    sys.stdout.write(f"\nThe query:\n{explanation.query}\n")


@app.command()
def reconcile(
    db: Database = DEFAULT_DB,
    model: ModelOption = None,
    date_from: FromOption = None,
    date_to: ToOption = None,
    date_basis: BasisOption = DateBasis.closed,
    channel: Channels = [],
    campaign: Campaigns = [],
    segment: Segments = [],
    industry: Industries = [],
    country: Countries = [],
    owner: Owners = [],
    deal_type: DealTypes = [],
    pipeline: Pipelines = [],
    set_: SetOption = [],
    format_: FormatOption = None,
) -> None:
    """The bridge from finance and the CRM's won total to what touches earned, to the cent."""
    filters = _filters(date_from, date_to, date_basis, channel, campaign, segment, industry, country, owner, deal_type, pipeline)
    _show(output.Table(BRIDGE_COLUMNS, _open(db, set_).bridge_steps(model, filters)), format_)


@app.command()
def models(db: Database = DEFAULT_DB, format_: FormatOption = None) -> None:
    """The attribution models, with definitions (and the custom models of the database, where there is one)."""
    entries = _or_default(db, lambda dataset: dataset.models, MODELS)
    _show(
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
    _show(output.Table(["metric", "label", "format", "additive", "definition"], rows), format_)


@app.command()
def dimensions(db: Database = DEFAULT_DB, format_: FormatOption = None) -> None:
    """The dimensions, with definitions (and further columns of deals that the database keeps)."""
    rows = [(entry.name, entry.label, entry.level, entry.description) for entry in DIMENSIONS]
    extra: tuple[str, ...] = _or_default(db, lambda dataset: dataset.extra_dimensions, ())
    rows += [(name, name, "deal", "further column of deals") for name in extra]
    _show(output.Table(["dimension", "label", "level", "definition"], rows), format_)


@app.command()
def check(
    db: Database = DEFAULT_DB,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 if a check of severity error finds rows.")] = False,
    rows: Annotated[str | None, typer.Option("--rows", metavar="CHECK", help="List the rows that one check finds.")] = None,
    format_: FormatOption = None,
) -> None:
    """The data-quality report: what is wrong with the data, and what to do about it."""
    dataset = _open(db)
    if rows is not None:
        _show(offending_rows(dataset, find_check(rows), limit=None), format_)
        return
    report = run_checks(dataset)
    _show(report, format_)
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
    _show(output.Table(["table", "rows"], list(counts.items())), format_)


def _or_default(db: Path, ask: Callable[[Dataset], Answer], default: Answer) -> Answer:
    try:
        return ask(open_dataset(db))
    except DatabaseError:
        return default


def main() -> None:
    """Run a command; expected errors become a message on standard error and the exit code."""
    try:
        app()
    except UnknownNameError as error:
        typer.echo(f"Error: {error}", err=True)
        sys.exit(2)
    except ClosedLoopError as error:
        typer.echo(f"Error: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
