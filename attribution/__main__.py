"""The command line: ``python -m attribution COMMAND``. Results on standard output and nothing else; messages on standard error.

Exit code 0: done; 1: the data or the settings are wrong, with a message that says where, what and what next; 2: usage.
"""

from __future__ import annotations

import sys

import typer

from attribution.commands import data, paths, questions, registries, reports
from attribution.errors import ClosedLoopError, UnknownNameError

app = typer.Typer(
    name="attribution",
    help=__doc__,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for commands in (data.app, questions.app, registries.app, paths.app):
    app.add_typer(commands)
app.add_typer(reports.app, name="report")


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
