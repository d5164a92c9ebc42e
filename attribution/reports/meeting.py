"""The meeting's pack as files: one self-contained HTML, a mail of its own, plain text, and CSV of its actions and of its records. PDF: pdf.py.

A block is a section, and a page in print; what does not fit on the page is counted, and the CSV of records has all of it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date

from attribution.charts import formats
from attribution.charts.formats import counted
from attribution.meeting import links
from attribution.meeting.pack import MeetingPack, Part, Todo
from attribution.reports import meeting_pages, meeting_pictures, paper
from attribution.reports.paper import Sheet
from attribution.reports.workbook import FORMULA_STARTS

KIND = "Revenue meeting"
STAMP, STAMP_WORDS = "Internal", "Names customers and colleagues. Not to be passed on outside the company."
MASKED_WORDS = (
    "Companies and people are numbers where the data knows their names; amounts are shown. Read the notes before you pass it on."
)
LARGEST = 295_000  # bytes of the HTML: some mail servers refuse what is much heavier with its PDF
ROWS = (30, 20, 12)  # records of a block on screen; fewer where the file would be heavier than LARGEST

# Marks in names that turn the direction of all that follows; right-to-left letters need none of them.
_TURNS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))


def html(pack: MeetingPack) -> str:
    """The file: HTML that holds all it needs, readable on a phone, in the dark and on paper. The same pack gives the same bytes."""
    made = ""
    for rows in ROWS:
        made = paper.render("meeting.html", **_values(pack, rows)).translate(_TURNS)
        if len(made.encode("utf-8")) < LARGEST:
            break
    return made


def mail(pack: MeetingPack) -> str:
    """The mail: answers, decisions and actions; tables and inline styles, under 100 kB. The file and the PDF are attached."""
    return paper.render("meeting_mail.html", **_values(pack, ROWS[-1])).translate(_TURNS)


def text(pack: MeetingPack) -> str:
    """Plain text for a chat: the answers, and who does what by when."""
    lines = [title(pack), "", sentence(pack)]
    for number, part in enumerate(pack.parts, 1):
        lines += ["", f"{number}. {part.question}", f"   {answer(part)}"]
        lines += [f"   Decided: {said.text}" for said in part.decisions]
        lines += [f"   – {todo_words(action)}" for action in part.actions]
    if pack.earlier:
        lines += ["", "Open from earlier meetings:", *(f"   – {todo_words(action)}" for action in pack.earlier)]
    lines += [
        "",
        *([f"In the app: {pack.app_url}/{_in_app(pack)}"] if pack.app_url else []),
        source(pack),
        f"{STAMP}: {stamp_words(pack)}",
    ]
    return "\n".join(("   " if line.startswith("   ") else "") + _one_line(line) for line in lines) + "\n"


def actions_csv(pack: MeetingPack) -> str:
    """This meeting's actions, then those of earlier ones that are open: one row each, safe to open in a spreadsheet."""
    head = ("action", "owner", "due_on", "metric", "value then", "about", "block", "meeting", "status", *_link_column(pack))
    rows = [
        (
            todo.text,
            todo.owner,
            _iso(todo.due_on),
            todo.metric,
            todo.metric_value,
            todo.about_name or todo.about,
            todo.block,
            _iso(todo.meeting_on or pack.held_on),
            todo.status(pack.held_on),
            *_linked(pack, todo.link),
        )
        for todo in (*pack.actions, *pack.earlier)
    ]
    return _csv([head, *rows])


def records_csv(pack: MeetingPack) -> str:
    """Every record of every block with all its columns, also those that the file only counts."""
    extra = list(dict.fromkeys(name for part in pack.parts if part.block for one in part.block.records for name, _ in one.fields))
    head = ("block", "group", "name", "amount", "detail", "id", *extra, *_link_column(pack))
    rows: list[tuple[object, ...]] = []
    for part in pack.parts:
        for one in part.block.records if part.block else ():
            given = dict(one.fields)
            rows.append(
                (
                    part.short,
                    one.group,
                    one.name,
                    one.amount,
                    one.detail,
                    one.key,
                    *(given.get(name) for name in extra),
                    *_linked(pack, one.link),
                )
            )
    return _csv([head, *rows])


# -- the words of the sheet --------------------------------------------------------------------------------------------------


def title(pack: MeetingPack) -> str:
    """What the file is called."""
    return f"{KIND} of {formats.day(pack.held_on)}"


def sentence(pack: MeetingPack) -> str:
    """What the meeting was: its blocks and what was written, or that it is still to come."""
    if not pack.parts:
        return "No block is on the agenda: every one has 0 minutes in the settings ([meeting.minutes])."
    size = f"{counted(len(pack.parts), 'question')}, {counted(pack.minutes, 'minute')}"
    before = f" The last meeting was on {formats.day(pack.last_on)}." if pack.last_on else " It is the first meeting."
    agreed = f"{counted(len(pack.decisions), 'decision')}, {counted(len(pack.actions), 'action')}"
    if pack.closed_at:
        return f"{size}, {agreed}.{before}"
    if pack.decisions or pack.actions:
        return f"{size}. So far {agreed}; the meeting is not closed.{before}"
    return f"{size}. Made ahead of the meeting: nothing in it is agreed yet.{before}"


def source(pack: MeetingPack) -> str:
    """Where the numbers come from."""
    closed = (
        f" Closed {formats.day(date.fromisoformat(pack.closed_at[:10]))}, {pack.closed_at[11:16]} UTC by {pack.closed_by}."
        if pack.closed_at
        else ""
    )
    return (
        f"Closed Loop, {title(pack)}. Data up to {formats.day(pack.data_up_to)}, version {pack.data_version}. Credit rule: {pack.rule}. "
        f"All figures match the pages of that version; a credit does not say that a piece caused a deal.{closed}"
    )


def sheet(pack: MeetingPack) -> Sheet:
    """What stands on every sheet."""
    footer = f"{title(pack)}. {STAMP}: {stamp_words(pack)}"
    return Sheet(title(pack), KIND, formats.day(pack.held_on), STAMP, stamp_words(pack), footer, source(pack))


def stamp_words(pack: MeetingPack) -> str:
    """Who may read it."""
    return MASKED_WORDS if pack.is_masked else STAMP_WORDS


def answer(part: Part) -> str:
    """The block's answer in one line; what is missing, or why it could not be computed, where there is none."""
    return part.problem or (part.block.answer or part.block.missing if part.block else "")


def todo_words(todo: Todo) -> str:
    """An action in one line: what, who, by when, which metric it is to move and what that was."""
    return "; ".join(one for one in (todo.text, todo_facts(todo)) if one)


def todo_facts(todo: Todo) -> str:
    """Who, by when, and what it is to move."""
    moves = f"moves {todo.metric}{f' ({todo.metric_then} then)' if todo.metric_then else ''}" if todo.metric else ""
    about = f"about {todo.about_name or todo.about}" if todo.about_name or todo.about else ""
    due = f"by {formats.day(todo.due_on)}" if todo.due_on else ""
    return ", ".join(one for one in (formats.short(todo.owner, 60), due, formats.short(about, 90), moves) if one)


# -- parts of the templates --------------------------------------------------------------------------------------------------


def _values(pack: MeetingPack, rows: int) -> dict[str, object]:
    return {
        "p": pack,
        "sheet": sheet(pack),
        "title": title(pack),
        "sentence": sentence(pack),
        "answer": answer,
        "facts": todo_facts,
        "in_app": _in_app(pack),
        "page": lambda part: meeting_pages.page(part, rows),
        "picture": meeting_pictures.rows,
        "written": _written,
        "many": formats.count,
        "denser": meeting_pages.DENSER,
        "colour": lambda tone: meeting_pictures.COLOURS[tone],
        "status": lambda todo: todo.status(pack.held_on),
        "has_written": bool(pack.decisions or pack.actions or pack.earlier),
    }


def _written(text_: str) -> list[str]:
    """A note line by line, without marks that turn the direction of writing."""
    return [line for line in (formats.short(one, 2000) for one in text_.splitlines()) if line]


# -- links to the app ----------------------------------------------------------------------------------------------------------


def _in_app(pack: MeetingPack) -> str:
    return links.page("meeting", {"date": pack.held_on.isoformat()})


def _link_column(pack: MeetingPack) -> tuple[str, ...]:
    return ("link",) if pack.app_url else ()


def _linked(pack: MeetingPack, link: str) -> tuple[str, ...]:
    """A column of a CSV: where it is in the app; no column where the app's address is not known."""
    return (f"{pack.app_url}/{link}" if link else "",) if pack.app_url else ()


# -- CSV ---------------------------------------------------------------------------------------------------------------------


def _csv(rows: Sequence[Sequence[object]]) -> str:
    """Rows as CSV; text that a spreadsheet would calculate gets an apostrophe before it."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return made.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if not isinstance(value, str):
        return str(value)
    cleaned = paper.clean(value)
    return f"'{cleaned}" if cleaned.lstrip(" ").startswith(FORMULA_STARTS) else cleaned


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _one_line(words: str) -> str:
    return formats.short(paper.clean(words), 100_000)
