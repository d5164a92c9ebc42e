"""``python -m attribution report …``: the files that go out, for scripts and cron."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

from attribution.commands import output
from attribution.commands.options import DEFAULT_DB, Database, FormatOption, opened, show
from attribution.errors import DataError, StoreError
from attribution.reports import pdf
from attribution.spotlight.words import Words

if TYPE_CHECKING:
    from attribution.store import Store

app = typer.Typer(no_args_is_help=True, help="Files that go out: HTML, PDF, mail or text, and what they would hold.")


class Kind(StrEnum):
    """What is written: the file, its PDF, the mail, plain text for a chat, or (of a meeting) its actions as CSV."""

    html = "html"
    pdf = "pdf"
    mail = "mail"
    text = "text"
    csv = "csv"


class Paper(StrEnum):
    """What a PDF is printed on."""

    a4 = "A4"
    letter = "letter"


Out = Annotated[
    Path | None, typer.Option("--out", help="File to write: .html, .pdf or .txt. Without it the contents are listed.")
]
KindOption = Annotated[
    Kind | None, typer.Option("--as", help="html, pdf, mail or text (csv: actions of a meeting); default: by the file's ending.")
]
PaperOption = Annotated[Paper, typer.Option("--paper", help="Paper of a PDF.")]
Preset = Annotated[str, typer.Option("--preset", help="inside (companies shown), partner or public (bands).")]

ENDINGS = {".html": Kind.html, ".htm": Kind.html, ".pdf": Kind.pdf, ".txt": Kind.text}
ENDINGS_OF_MEETING = {**ENDINGS, ".csv": Kind.csv}


@app.command("spotlight")
def spotlight_command(
    month: Annotated[
        str | None, typer.Option("--month", metavar="YYYY-MM", help="Default: the last complete month with a won deal.")
    ] = None,
    deal: Annotated[
        list[str] | None, typer.Option("--deal", help="A deal to tell (repeatable); default: the three best candidates.")
    ] = None,
    preset: Preset = "inside",
    words: Annotated[Path | None, typer.Option("--words", help="JSON with headlines, quotes, closing ask and thanks.")] = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="Tell the deals and use the words that were written in the app.")
    ] = False,
    out: Out = None,
    as_: KindOption = None,
    paper: PaperOption = Paper.a4,
    db: Database = DEFAULT_DB,
    format_: FormatOption = None,
) -> None:
    """The month's won deals with every piece of content on the way, as a file anyone can open. Without --out: the candidates, best first."""
    from attribution.reports import spotlight as files
    from attribution.spotlight import candidates as listed
    from attribution.spotlight.issue import spotlight

    kind = kind_of(out, as_)
    dataset = opened(db)
    asked = month or listed.latest_month(dataset)
    if draft and words:
        raise typer.BadParameter("--words and --draft: the words come from the file or from the app. Leave one out.")
    said, told = read_draft(db, asked) if draft else (read_words(words), ())
    deals = tuple(deal or ()) or told
    if out is None and as_ is None:
        found = listed.candidates(dataset, asked)
        chosen = {story.deal_id for story in spotlight(dataset, asked, deals, said, preset).stories}
        rows = [
            (
                asked,
                entry.deal_id,
                entry.name,
                entry.amount,
                entry.pieces,
                entry.people,
                entry.days,
                entry.deal_id in chosen,
                "; ".join(entry.reasons),
            )
            for entry in found
        ]
        columns = ["month", "deal", "name", "amount", "pieces", "people", "days", "is_chosen", "reasons"]
        show(output.Table(columns, rows), format_)
        return
    made = spotlight(dataset, asked, deals, said, preset)
    makers = {Kind.html: files.html, Kind.mail: files.mail, Kind.text: files.text}
    content = written(out, kind, lambda which: makers[which](made), paper)
    if content is not None:
        line = (asked, made.preset, kind.value, str(out), ", ".join(story.deal_id for story in made.stories), content)
        show(output.Table(["month", "preset", "kind", "file", "deals_told", "bytes"], [line]), format_)


@app.command("weekly")
def weekly_command(
    week: Annotated[
        str | None, typer.Option("--week", metavar="YYYY-Www", help="Default: the last complete week with traffic.")
    ] = None,
    out: Out = None,
    as_: KindOption = None,
    paper: PaperOption = Paper.a4,
    db: Database = DEFAULT_DB,
    format_: FormatOption = None,
) -> None:
    """The five best pieces of a week by traffic, and the five that earn most and are read least. Without --out: both lists."""
    from attribution.content.weekly import table, weekly
    from attribution.reports import weekly as files

    kind = kind_of(out, as_)
    made = weekly(opened(db), week)
    if out is None and as_ is None:
        show(table(made), format_)
        return
    makers = {Kind.html: files.html, Kind.mail: files.mail, Kind.text: files.text}
    content = written(out, kind, lambda which: makers[which](made), paper)
    if content is not None:
        show(
            output.Table(["week", "kind", "file", "bytes"], [(made.week, kind.value, str(out), content)]),
            format_,
        )


@app.command("meeting")
def meeting_command(
    on: Annotated[
        str | None,
        typer.Option("--date", metavar="YYYY-MM-DD", help="Day of the meeting. Default: the next one, a cadence after the last."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="File to write: .html, .pdf, .txt, or .csv for the actions. Without it the answers are listed."
        ),
    ] = None,
    without_names: Annotated[
        bool, typer.Option("--masked", help="Companies and people as numbers, for those who need the figures only.")
    ] = False,
    as_: KindOption = None,
    paper: PaperOption = Paper.a4,
    db: Database = DEFAULT_DB,
    format_: FormatOption = None,
) -> None:
    """The revenue team's meeting as a pack: every block with its answer, records and picture, and what was written. A closed one as it was."""
    from attribution.meeting import closing
    from attribution.meeting.masked import masked
    from attribution.reports import address
    from attribution.reports import meeting as files

    kind = kind_of(out, as_, ENDINGS_OF_MEETING)
    day = read_day(on)
    dataset = opened(db)
    made = closing.pack_of(dataset, reachable_store(db), day)
    made = masked(made, dataset) if without_names else made
    for part in made.parts:
        if part.problem:
            typer.echo(f"Warning: {part.question} {part.problem}", err=True)
    if out is None and as_ is None:
        rows = [
            (
                made.held_on,
                part.key,
                part.question,
                part.minutes,
                files.answer(part),
                len(part.block.records) if part.block else 0,
            )
            for part in made.parts
        ]
        columns = ["meeting_on", "block", "question", "minutes", "answer", "records"]
        show(output.Table(columns, rows), format_)
        return
    makers = {Kind.html: files.html, Kind.mail: files.mail, Kind.text: files.text, Kind.csv: files.actions_csv}
    content = written(out, kind, lambda which: makers[which](made), paper)
    if content is not None:
        if not without_names and (advice := address.advice()):
            typer.echo(f"Note: {advice}", err=True)
        line = (made.held_on, kind.value, str(out), len(made.parts), len(made.actions), content)
        columns = ["meeting_on", "kind", "file", "blocks", "actions", "bytes"]
        show(output.Table(columns, [line]), format_)


def kind_of(out: Path | None, kind: Kind | None, endings: Mapping[str, Kind] = ENDINGS) -> Kind:
    """What is to be written: as asked, else by the file's ending. Says so before anything is computed where a PDF cannot be made."""
    found = kind or (endings.get(out.suffix.lower()) if out else Kind.html)
    if found is None:
        raise typer.BadParameter(
            f"--out {out}: its ending must be {', '.join(endings)}, or say what it is: --as {'|'.join(_kinds(endings))}."
        )
    if found not in _kinds(endings):
        raise typer.BadParameter(f"--as {found.value}: this report is made as {', '.join(_kinds(endings))}.")
    if found is Kind.pdf and out is None:
        raise typer.BadParameter("--as pdf needs --out FILE.pdf.")
    if found is Kind.pdf and (missing := pdf.is_available()):
        raise pdf.PdfError(missing)
    return found


def _kinds(endings: Mapping[str, Kind]) -> tuple[Kind, ...]:
    return tuple(dict.fromkeys((Kind.html, Kind.pdf, Kind.mail, Kind.text, *endings.values())))


def read_day(said: str | None) -> date | None:
    """A day from the command line; None where none was said."""
    from attribution.meeting.context import day_of

    if said is None:
        return None
    try:
        return day_of(said)
    except ValueError as error:
        raise typer.BadParameter(f"--date {said[:40]!r}: it is no day for a meeting. Write it like 2026-11-19.") from error


def reachable_store(db: Path) -> Store | None:
    """The store of what people wrote; None, with a warning, where it cannot be read: a pack without notes is better than none."""
    from attribution.store import open_store

    try:
        store = open_store(database=db)
        store.meetings.newest()
        return store
    except StoreError as error:
        typer.echo(f"Warning: {error} The pack is made without what was written.", err=True)
        return None


def written(out: Path | None, kind: Kind, make: Callable[[Kind], str], paper: Paper = Paper.a4) -> int | None:
    """Write the file and return its size in bytes; without ``out`` the text goes to standard output (None)."""
    content = pdf.from_html(make(Kind.html), paper.value) if kind is Kind.pdf else make(kind).encode("utf-8")
    if out is None:
        sys.stdout.write(content.decode("utf-8"))
        return None
    try:
        out.write_bytes(content)
    except OSError as error:
        raise DataError(
            f"--out {out}: it cannot be written ({error.strerror or error}). Choose a folder that exists and is yours."
        ) from error
    typer.echo(f"{out}: written, {len(content):,} bytes.", err=True)
    return len(content)


def read_words(path: Path | None) -> Words:
    """The words that a person wrote, from a JSON file; none without one. DataError says what is wrong and where."""
    if path is None:
        return Words()
    try:
        return Words.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"--words {path}: it cannot be read ({error.strerror or error}).") from error
    except (ValidationError, ValueError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": str(error)}
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise DataError(
            f"--words {path}: {where}: {first['msg']}. Write it like "
            '{"headline": "…", "deals": {"D-1": {"headline": "…", "quotes": [{"asset_id": "A-1", "text": "…"}]}}}.'
        ) from error


def read_draft(db: Path, month: str) -> tuple[Words, tuple[str, ...]]:
    """The words and the deals that were written in the app for a month. DataError where there are none."""
    from attribution.store import open_store

    store = open_store(database=db)
    kept = store.draft(month)
    if not kept.version:
        raise DataError(
            f"--draft: nothing was written for {month} in {store.place}. Write it on the page Spotlight, or leave --draft out."
        )
    try:
        return Words.model_validate(dict(kept.words)), kept.deal_ids
    except ValidationError as error:
        raise DataError(
            f"--draft: what was written for {month} in {store.place} is of a newer Closed Loop. Update the program."
        ) from error
