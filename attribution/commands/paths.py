"""``python -m attribution paths``: path files without a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attribution.commands.options import FormatOption, show
from attribution.paths import markov, order, shares
from attribution.paths.journeys import Paths

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer()

MODEL_HELP = f"{', '.join(shares.MODELS)}, or all."


def _order(text: str) -> int | None:
    """None: to be chosen."""
    if text == "auto":
        return None
    if text.isdigit() and int(text) in markov.ORDERS:
        return int(text)
    raise typer.BadParameter(f"{text!r} is neither 1, 2, 3 nor auto.")


@app.command()
def paths(
    path_file: Annotated[Path, typer.Option("--file", help="CSV (; or , between columns), one path per row: a > b > c.")],
    model: Annotated[str, typer.Option("--model", help=MODEL_HELP)],
    order_: Annotated[
        str,
        typer.Option(
            "--order", metavar="1|2|3|auto", help="How many values Markov remembers; auto: chosen by held-out likelihood."
        ),
    ] = "1",
    bootstrap: Annotated[
        int, typer.Option("--bootstrap", min=0, help="Draws for 90 % intervals of conversions: columns low, high. 1000 is usual.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same numbers.")] = 7,
    path: Annotated[str, typer.Option("--path", help="The column of paths.")] = "path",
    conversions: Annotated[str, typer.Option("--conversions", help="The column of conversions.")] = "conversions",
    value: Annotated[
        str | None, typer.Option("--value", help="The column of values; default: value, where there is one.")
    ] = None,
    nulls: Annotated[
        str | None, typer.Option("--nulls", help="The column of lost journeys; default: nulls, where there is one.")
    ] = None,
    effects: Annotated[
        bool, typer.Option("--effects", help="Print the removal effects behind Markov instead: effect, value_effect.")
    ] = False,
    db: Annotated[Path | None, typer.Option("--db", help="Not read: path files need no database.", hidden=True)] = None,
    format_: FormatOption = None,
) -> None:
    """Credit from a path file: conversions and value per channel under a model ("all": every model)."""
    chosen = _order(order_)
    models = shares.MODELS if model == "all" else (shares.check_model(model),)
    from attribution.paths import file  # reads with pyarrow, which no other command needs

    read = file.read(path_file, file.Columns(path, conversions, value, nulls))
    _say_what_it_rests_on(read, models, path_file)
    shares.refuse_nothing_won(read)
    needs_chain = effects or bool(set(models) & set(shares.DATA_DRIVEN))
    if chosen is None:
        choice = order.choose(read, seed) if needs_chain else order.Choice(1, {})
        for each, likelihood in choice.likelihoods.items():
            typer.echo(f"Order {each}: log-likelihood of a journey not seen {likelihood:.6f}", err=True)
        chosen = choice.order
    chain = markov.Chain.fit(read, chosen) if needs_chain else None
    if chain is not None:
        total = f"{float(chain.effects.sum()):.10g}"
        typer.echo(
            f"Markov of order {chosen}: P(conversion) {float(chain.conversion_rate):.10g}; the removal effects add up to {total}.",
            err=True,
        )
    frame = _effects(chain) if effects and chain is not None else _credits(read, models, chain, chosen, bootstrap, seed)
    show(frame, format_)


def _say_what_it_rests_on(read: Paths, models: tuple[str, ...], path_file: Path) -> None:
    """Notices on standard error: what makes the answer less than it looks."""
    won, lost = read.total_conversions, read.total_lost
    typer.echo(
        f"{path_file}: {len(read):,} rows, {won:,.10g} conversions, {lost:,.10g} lost journeys, {len(read.names):,} values.",
        err=True,
    )
    neither = int((read.journeys == 0).sum())
    if neither:
        typer.echo(
            f"Notice: {neither:,} rows have neither a conversion nor a lost journey and count for nothing. "
            "If they were lost, say how often in a column of lost journeys (--nulls).",
            err=True,
        )
    if won and not lost and set(models) & set(shares.DATA_DRIVEN):
        typer.echo(
            "Notice: there is no lost journey, so P(conversion) is 1 and Markov only tells how many journeys a value is part of. "
            "Name the column of lost journeys: --nulls.",
            err=True,
        )
    if 0 < round(won) < shares.FEWEST_CONVERSIONS:
        typer.echo(
            f"Notice: only {won:.10g} conversions: too few to rank anything (at least {shares.FEWEST_CONVERSIONS}).", err=True
        )


def _credits(
    read: Paths, models: tuple[str, ...], chain: markov.Chain | None, chosen: int, draws: int, seed: int
) -> pd.DataFrame:
    import pandas as pd

    intervals = shares.bootstrap(read, models, draws, seed, chosen) if draws else {}
    frames = []
    for model in models:
        given = shares.credit(read, model, chain, seed)
        columns = {"channel": given.names, "model": model, "conversions": given.conversions, "value": given.value}
        if given.errors is not None:
            largest = float(given.errors.max()) * read.total_conversions
            typer.echo(f"{model}: sampled; the largest standard error is {largest:.3g} conversions.", err=True)
        if draws:
            columns["low"] = intervals[model].low * read.total_conversions
            columns["high"] = intervals[model].high * read.total_conversions
        frames.append(pd.DataFrame(columns))
    return _ten_digits(pd.concat(frames).sort_values(["channel", "model"], kind="stable"))


def _effects(chain: markov.Chain) -> pd.DataFrame:
    import pandas as pd

    return _ten_digits(pd.DataFrame({"channel": chain.names, "effect": chain.effects, "value_effect": chain.value_effects}))


def _ten_digits(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers with 10 significant digits; what is unknown stays an empty cell."""
    for name in frame.columns.difference(["channel", "model"]):
        frame[name] = [None if number is None else float(f"{number:.10g}") for number in frame[name]]
    return frame
