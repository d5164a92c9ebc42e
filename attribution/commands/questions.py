"""Commands that ask: who earned the revenue, why a deal's credit is what it is, and how it ties to the CRM."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from attribution.bridge import COLUMNS as BRIDGE_COLUMNS
from attribution.commands import output
from attribution.commands.options import (
    DEFAULT_DB,
    Database,
    Format,
    FormatOption,
    ModelOption,
    SetOption,
    kind_of,
    names,
    opened,
    show,
    show_document,
    with_filters,
)
from attribution.dataset import Dataset
from attribution.filters import ALL_TIME, Filters
from attribution.metrics import MEASURES
from attribution.query import column_name

app = typer.Typer()


class Fit(StrEnum):
    """From which deals the learned models learn."""

    all = "all"
    filtered = "filtered"


@app.command()
@with_filters
def credit(
    db: Database = DEFAULT_DB,
    model: ModelOption = None,
    by: Annotated[list[str], typer.Option("--by", help="Dimensions, separated by commas.")] = ["channel"],
    measure: Annotated[list[str], typer.Option("--measure", help=f"Measures, separated by commas: {', '.join(MEASURES)}.")] = [
        "revenue,deals"
    ],
    filters: Filters = ALL_TIME,
    fit: Annotated[
        Fit, typer.Option("--fit", help="From which deals markov and markov_shapley learn: all, or those filtered.")
    ] = Fit.all,
    set_: SetOption = [],
    format_: FormatOption = None,
) -> None:
    """Who earned the revenue: measures by dimensions under a model ("all": every model)."""
    dataset = opened(db, set_)
    if fit is Fit.filtered:
        dataset = dataset.fitted(filters)
    measures = names(measure)
    rows = dataset.credit_rows(model, names(by), measures, filters)
    asked = [entry.name for entry in dataset.models] if model == "all" else [model or dataset.settings.reporting.model]
    _say_what_it_rests_on(dataset, asked)
    columns = [*(column_name(name, measures) for name in names(by)), "model", *measures]
    show(
        output.Table(columns, [[row[name] for name in columns] for row in rows]),
        format_,
        f"No deal of this selection has anything to share ({', '.join(measures)}): choose a longer period, clear a filter, "
        "or ask for another measure (pipeline for open deals).",
    )


def _say_what_it_rests_on(dataset: Dataset, models: list[str]) -> None:
    for line in dataset.learned_words(models):
        typer.echo(line, err=True)


@app.command()
def explain(
    deal: Annotated[str, typer.Option("--deal", help="The deal's id.")],
    db: Database = DEFAULT_DB,
    model: ModelOption = None,
    set_: SetOption = [],
    format_: FormatOption = None,
) -> None:
    """One deal: every touch that reached it, its milestones, weight, credit, the rule in words, the source file and row, the query."""
    dataset = opened(db, set_)
    explanation = dataset.explain(deal, model)
    _say_what_it_rests_on(dataset, [explanation.model.name])
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
    if kind_of(format_) == "csv":
        show(frame, Format.csv)
        return
    summary: dict[str, Any] = {
        "deal": output.records(output.Table(list(explanation.deal), [list(explanation.deal.values())]))[0],
        "model": explanation.model.name,
        "rule": explanation.rule,
    }
    if kind_of(format_) == "json":
        document = {
            **summary,
            "touches": output.records(frame),
            "stages": output.records(explanation.stages),
            "reconciliation": output.records(explanation.reconciliation),
            "query": explanation.query,
        }
        show_document(document)
        return
    facts = output.Table(["deal", deal], [(name, output.cell(name, value)) for name, value in explanation.deal.items()])
    sys.stdout.write(output.render(facts, "table"))
    sys.stdout.write(f"\nThe rule: {explanation.rule}\n\n")
    sys.stdout.write(output.render(frame, "table") + "\n" + output.render(explanation.reconciliation, "table"))
    sys.stdout.write(f"\nThe query:\n{explanation.query}\n")


@app.command()
@with_filters
def reconcile(
    db: Database = DEFAULT_DB,
    model: ModelOption = None,
    filters: Filters = ALL_TIME,
    set_: SetOption = [],
    format_: FormatOption = None,
) -> None:
    """The bridge from finance and the CRM's won total to what touches earned, to the cent."""
    dataset = opened(db, set_)
    _say_what_it_rests_on(dataset, [model or dataset.settings.reporting.model])
    show(output.Table(BRIDGE_COLUMNS, dataset.bridge_steps(model, filters)), format_)
