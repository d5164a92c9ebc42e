"""What the page "Use your own data" shows: sentences and tables, from what was looked at, drafted and checked."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from attribution import schema
from attribution.charts import formats
from attribution.onboarding.checking import Check
from attribution.onboarding.draft import Feed
from attribution.onboarding.looking import Column, Look, Part
from attribution.onboarding.serving import Kept
from attribution.onboarding.vocabulary import fold, status_of
from attribution.onboarding.work import Work

# Columns that a table's form begins with, beside the required and the matched ones: without them pages have little to say.
_WORTH_A_BOX = {
    "deals": ("account_id", "closed_at", "deal_stage", "amount", "owner_id"),
    "touches": ("contact_id", "visitor_id", "campaign_id"),
    "contacts": ("account_id", "email", "created_at"),
    "accounts": ("name", "domain", "industry", "segment", "country"),
    "spend": ("campaign_id", "channel"),
    "campaigns": ("channel", "starts_on"),
}
_TRUTHS = ("true", "false", "yes", "no", "1", "0", "t", "f", "y", "n")
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}


def served(now: Kept | None, sample: bool) -> str:
    """What is served now, in one sentence."""
    if now is None:
        return "Nothing is shown yet. Your own data takes three steps."
    name = "The sample" if sample else f"**{formats.plain(folder_name(now.data_folder))}**"
    won = f"{formats.counted(now.won, 'won deal')}, {formats.money(now.amount, now.currency)}"
    own = "Your own" if sample else "Other"
    return f"{name} is shown now: {won}. {own} data takes three steps, and what is shown stays one click away."


def folder_name(folder: str) -> str:
    """What a data folder is called: uploads by their moment, others by their name."""
    path = Path(folder)
    if path.parent.name != "uploads":
        return path.name or folder
    moment, _, name = path.name.partition("-")
    return name or f"upload of {moment_of(moment)}"


def moment_of(name: str) -> str:
    """A folder or version named by its moment, in words: "22 Nov 2026 09:30 UTC"."""
    moment = pd.to_datetime(name[:15], format="%Y%m%dT%H%M%S", errors="coerce")
    return name if pd.isna(moment) else f"{formats.day(moment)} {moment:%H:%M} UTC"


def kept_line(version: Kept) -> str:
    """One kept version in a line."""
    return (
        f"**{formats.plain(folder_name(version.data_folder))}** · {formats.counted(version.won, 'won deal')}, "
        f"{formats.money(version.amount, version.currency)} :gray[· built {moment_of(version.name)}]"
    )


def found_sentence(work: Work) -> str:
    """What was found, in one or two sentences."""
    look = work.look
    if look is None:
        return ""
    files = len({part.file for part in look.parts})
    rows = sum(part.rows for part in look.parts)
    more = "" if all(part.is_whole for part in look.parts) else "more than "
    head = f"**{formats.counted(files, 'file')}** with {more}{formats.counted(rows, 'row')} in **{formats.plain(folder_name(str(look.folder)))}**."
    if not work.maps:
        what = "a `mapping.toml` that says which column is what" if look.kind == "mapped" else "files named after our tables"
        return f"{head} The folder has {what}: there is nothing to match."
    used = len({feed.part for feed in work.draft.feeds})
    return f"{head} **{formats.count(used)} of {formats.count(len(look.parts))}** are used, with {formats.counted(_matched(work), 'column')} matched."


def _matched(work: Work) -> int:
    return sum(len(feed.columns) for feed in work.draft.feeds)


def files_table(work: Work) -> pd.DataFrame:
    """One row per file: what it is used for, or why not, and how it was read."""
    look = work.look
    rows: list[tuple[object, ...]] = []
    for part in look.parts if look else ():
        tables = [formats.words(feed.table) for feed in work.draft.feeds_of(part.name)] if work.maps else []
        rows.append(
            (
                part.name,
                part.rows if part.problem is None else None,
                len(part.columns),
                ", ".join(tables),
                why(work, part),
                how_read(part),
            )
        )
    rows += [(name, None, None, "", "not a kind of file that can be read", "") for name in (look.others if look else ())]
    return pd.DataFrame(rows, columns=["File", "Rows", "Columns", "Used as", "Note", "How it was read"])


def why(work: Work, part: Part) -> str:
    """Why a part is left out, or what is wrong with it; empty where it is used and well."""
    if part.problem is not None:
        return part.problem
    if work.maps and not work.draft.feeds_of(part.name):
        return f"Left out: {work.reasons.get(part.name, 'not chosen')}"
    notes = [f"{formats.counted(part.rejected, 'row')} cannot be read"] if part.rejected else []
    return " · ".join([*notes, *([] if part.is_whole else ["only the beginning was looked at"])])


def how_read(part: Part) -> str:
    """Encoding, separator and the like, in words."""
    found = part.detected
    words = []
    if "separator" in found:
        words.append(_SEPARATORS.get(str(found["separator"]), str(found["separator"])))
    if "encoding" in found:
        words.append(str(found["encoding"]).replace("cp1252", "Windows-1252").replace("utf-8-sig", "utf-8"))
    if part.options.skip:
        words.append(f"{formats.counted(part.options.skip, 'line')} above the header")
    if "sheet" in found:
        words.append(f"sheet {found['sheet']}")
    orders = {_order(column) for column in part.columns if column.like_dates > 0.6} - {""}
    marks = {_mark(column) for column in part.columns} - {""}
    return " · ".join([*words, *sorted(orders), *sorted(marks)])


def _order(column: Column) -> str:
    seen = column.order
    if seen.day_first and not seen.month_first:
        return "day first"
    if seen.month_first and not seen.day_first:
        return "month first"
    return "day or month first?" if seen.either and seen.dotted != seen.either else ""


def _mark(column: Column) -> str:
    seen = column.mark
    return "decimal comma" if seen.comma and not seen.point else "decimal point" if seen.point and not seen.comma else ""


def preview(part: Part) -> pd.DataFrame:
    """The first rows of a part, as text."""
    return pd.DataFrame(list(part.preview), columns=[column.name for column in part.columns])


def part_label(work: Work, part: Part) -> str:
    """The head of a part's box."""
    feeds = work.draft.feeds_of(part.name)
    name = f"**{formats.plain(formats.short(part.name, 60))}**"
    if part.problem is not None:
        return f"{name} :red[cannot be read]"
    if not feeds:
        return f"{name} :gray[left out: {formats.plain(work.reasons.get(part.name, 'not chosen'))}]"
    used = ", ".join(formats.words(feed.table).lower() for feed in feeds)
    return f"{name} → {used} :gray[· {formats.counted(part.rows, 'row')}]"


def in_order(work: Work) -> tuple[Part, ...]:
    """The parts as they are shown: deals, what cannot be read, what else is used, and at the end what is left out."""

    def place(part: Part) -> tuple[int, str]:
        feeds = [feed.table for feed in work.draft.feeds_of(part.name)]
        if part.problem is not None:
            return 1, part.name
        return (0 if "deals" in feeds else 2 if feeds else 3), part.name

    return tuple(sorted(work.look.parts if work.look else (), key=place))


def boxes(feed: Feed, everything: bool) -> tuple[schema.Column, ...]:
    """The canonical columns to show a box for: required, matched and important ones, or all."""
    wanted = {*feed.columns, *_WORTH_A_BOX.get(feed.table, ())}
    return tuple(column for column in schema.table(feed.table).columns if everything or column.required or column.name in wanted)


def box_label(column: schema.Column) -> str:
    """A box's label: what the column is, and whether it has to be filled."""
    return f"{formats.words(column.name)} · {column.meaning}{' (needed)' if column.required else ''}"


def examples(part: Part, name: str, required: bool = False) -> str:
    """A few values of a column, for beside its box; where it is needed, what becomes of the rows without one."""
    column = part.column(name)
    if column is None:
        return ""
    if not column.filled:
        return "empty in every row"
    shown = " · ".join(formats.short(value, 28) for value in column.examples)
    empty = part.rows - column.filled
    without = (
        f"{formats.counted(empty, 'row')} without it would not be read" if required else f"{formats.counted(empty, 'row')} empty"
    )
    return shown + (f" · {without}" if empty else "")


def read_as(option: str, answer: str, example: str) -> str:
    """What an example means under one answer: "day first (3 Apr 2018)", "decimal comma (1.234)"."""
    if option == "decimal":
        name = "decimal point" if answer == "." else "decimal comma"
        other = "," if answer == "." else "."
        number = example.replace(other, "").replace(answer, ".")
        return f"{name} ({number})" if example else name
    name = "day first" if answer == "dmy" else "month first"
    parts = re.split(r"[-/. T]", example)[:3]
    if len(parts) < 3 or not all(part.isdigit() for part in parts):
        return name
    day, month = (int(parts[0]), int(parts[1])) if answer == "dmy" else (int(parts[1]), int(parts[0]))
    return f"{name} ({formats.day(pd.Timestamp(int(parts[2]), month, day))})"


def status_label(word: str, count: int) -> str:
    """A word of the status column, how many rows have it, and whether nobody knows what it means."""
    name = formats.plain(formats.short(word, 40)) if word else "an empty cell"
    doubt = "" if not word or status_of(word) or word.casefold() in _TRUTHS else " :orange[· please look]"
    return f"{name} · {formats.counted(count, 'row')}{doubt}"


def further(part: Part, feed: Feed) -> dict[str, str]:
    """Columns that can be kept as further dimensions: name → column."""
    canonical = {column.name for column in schema.table(feed.table).columns}
    found: dict[str, str] = {}
    for column in part.columns:
        name = fold(column.name)[:60] or "further"
        name = f"{name}_in_export" if name in canonical else name
        found.setdefault(name, column.name)
    return {**found, **feed.extra}


def table_label(name: str) -> str:
    """A table in words: "Deals (one row per selling case)"."""
    return f"{formats.words(name)} (one row per {schema.table(name).row})"


# -- the check ------------------------------------------------------------------------------------------------------------


def check_sentence(check: Check) -> str:
    """What a build would give, in one or two sentences."""
    if not check.won:
        others = f"{formats.count(check.lost)} lost, {formats.count(check.open)} open"
        return f"No won deal would be loaded ({others}): look at how their status is read."
    won = f"**{formats.counted(check.won, 'won deal')}** worth **{formats.money(check.amount, check.currency)}** would be loaded"
    if not check.touches.touches:
        return f"{won}, and no touch: without touches nothing can be credited."
    matched = formats.share(1 - (check.touches.share_of_nobody or 0))
    return (
        f"{won}, and {formats.counted(check.touches.touches, 'touch', 'touches')}; {matched} of them belong to somebody we know."
    )


def check_cards(check: Check) -> tuple[tuple[str, str, str], ...]:
    """(label, value, note) of the check's figures."""
    unread = sum(line.quarantined for line in check.lines)
    rows = sum(line.rows_in for line in check.lines)
    decided = f"{formats.count(check.lost)} lost · {formats.count(check.open)} open"
    nobody = formats.share(check.touches.share_of_nobody)
    people = formats.count(check.won_without_contacts)
    return (
        ("Won deals", formats.count(check.won), decided),
        (
            "Won revenue",
            formats.money(check.amount, check.currency),
            "to the cent " + formats.exact(check.amount, check.currency),
        ),
        ("Touches", formats.count(check.touches.touches), f"{nobody} match nobody"),
        ("Won deals without people", people, "their company's touches count"),
        ("Rows we could not read", formats.count(unread), f"of {formats.count(rows)}"),
    )


def lines_table(check: Check) -> pd.DataFrame:
    """What became of every file's rows; the total last."""
    rows = [
        (formats.words(line.table), line.file, line.rows_in, line.left_out, line.loaded, line.duplicates, line.quarantined)
        for line in check.lines
    ]
    frame = pd.DataFrame(rows, columns=["Table", "File", "Rows in", "Left out", "Loaded", "Duplicates", "Not read"])
    total = {name: int(frame[name].sum()) for name in frame.columns[2:]}
    return pd.concat([frame, pd.DataFrame([{"Table": "Total", "File": "", **total}])], ignore_index=True)


def unread_table(check: Check) -> pd.DataFrame:
    """Why rows could not be read, commonest first, with where the first one stands."""
    rows = [
        (
            entry.rows,
            f"{entry.file}:{entry.line}",
            formats.words(entry.column) if entry.column else "",
            entry.value or "",
            entry.reason,
        )
        for entry in check.unread
    ]
    return pd.DataFrame(rows, columns=["Rows", "First at", "Column", "Value", "Why"])


def nothing_to_map(look: Look) -> str:
    """Why there is nothing to match, and what can be done all the same."""
    if look.kind == "mapped":
        return "This folder's own mapping.toml is used as it is. The check shows what it makes of the files."
    return "These files are named after our tables and have the columns those need. They are read as they are; further columns are kept."
