"""Decide, for a whole block, what its dates and numbers mean; refuse where the values allow two readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from attribution import db, schema
from attribution.connectors import dates, numbers, values
from attribution.connectors.files import how_to_add
from attribution.connectors.plan import Block
from attribution.connectors.rows import CLOSED, CREATED, OCCURRED, Feed, columns_of, text_relation, wall_relation
from attribution.connectors.values import Decisions
from attribution.errors import AmbiguousInputError

# Beyond this share, values that contradict the majority are a second notation and no typing errors.
_TINY_SHARE = 0.01
_FIRST_ROWS = 2000


@dataclass(frozen=True)
class Seen:
    """What the values of one file say about its block's dates and numbers; kept with the file, so that a later file joins the same judgement.

    ``order_column`` and ``mark_column`` name the first column with evidence. ``midnights``: moment → whether its every value is midnight.
    """

    order: dates.OrderEvidence
    order_seen: bool
    order_column: str
    mark: numbers.MarkEvidence
    mark_column: str
    typed: bool
    has_timestamp: bool
    midnights: Mapping[str, bool] = field(default_factory=dict)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Seen:
        """Read what ``dataclasses.asdict`` has written."""
        read = dict(document)
        return cls(**{**read, "order": dates.OrderEvidence(**read["order"]), "mark": numbers.MarkEvidence(**read["mark"])})


@dataclass(frozen=True)
class Judgement:
    """The decisions for a block, what was detected (for the load report), and what each file showed, in the order of the files."""

    decisions: Decisions
    detected: dict[str, object]
    seen: tuple[Seen, ...]


def decide(
    connection: db.Connection, table: schema.Table, block: Block, files: Sequence[Feed | Seen], time_zone: str
) -> Judgement:
    """Judge a block by its files: those to be read now (Feed) and those that were read before (Seen). Raises AmbiguousInputError."""
    feeds = [file for file in files if isinstance(file, Feed)]
    looked = [file if isinstance(file, Seen) else _look(connection, table, block, file) for file in files]
    order, order_seen = _date_order(table, block, feeds, looked)
    mark, mark_seen = _decimal_mark(table, block, feeds, looked)
    zone = block.time_zone or time_zone
    decisions = Decisions(order, mark, zone, block.currency)
    seen = tuple(
        replace(evidence, midnights=_midnights(connection, table, file, decisions)) if isinstance(file, Feed) else evidence
        for file, evidence in zip(files, looked, strict=True)
    )
    midnights = _only_midnights(table, seen)
    detected: dict[str, object] = {}
    if order_seen:
        detected["date_order"] = order
    if mark_seen:
        detected["decimal"] = mark
    if any(evidence.has_timestamp for evidence in seen):
        detected["time_zone"] = zone
    if midnights:
        detected["dates_only"] = sorted(midnights)
    return Judgement(Decisions(order, mark, zone, block.currency, midnights), detected, seen)


def _look(connection: db.Connection, table: schema.Table, block: Block, feed: Feed) -> Seen:
    """What a file's texts say about the order of day and month, and about the decimal mark."""
    order, order_seen, order_column = dates.OrderEvidence(), False, ""
    mark, mark_column, typed = numbers.MarkEvidence(), "", False
    for column in columns_of(table, feed):
        if not feed.is_text(column):
            continue
        if column.type in values.TIME_KINDS:
            order_seen = True
            row = connection.execute(dates.order_evidence_query(f"t_{column.name}", text_relation(table, feed))).fetchone()
            dated = dates.OrderEvidence(*row) if row else dates.OrderEvidence()
            order = order.plus(dated)
            order_column = order_column or (column.name if dated.day_first + dated.month_first + dated.either else "")
        elif column.type in values.NUMBER_KINDS and block.options.decimal is None:
            query = numbers.mark_evidence_query(f"t_{column.name}", text_relation(table, feed), column.type == "rate")
            row = connection.execute(query).fetchone()
            marked = numbers.MarkEvidence(*row) if row else numbers.MarkEvidence()
            mark = mark.plus(marked)
            mark_column = mark_column or (column.name if marked.point + marked.comma + marked.either else "")
            typed = typed or (feed.source.dot_decimals and feed.source.kind != "parquet")
    has_timestamp = any(column.type == "timestamp" for column in columns_of(table, feed))
    return Seen(order, order_seen, order_column, mark, mark_column, typed, has_timestamp)


def _date_order(table: schema.Table, block: Block, feeds: Sequence[Feed], looked: Sequence[Seen]) -> tuple[str, bool]:
    evidence, seen, column_name = dates.OrderEvidence(), False, ""
    for found in looked:
        evidence = evidence.plus(found.order)
        seen = seen or found.order_seen
        column_name = column_name or found.order_column
    if block.options.date_order:
        return block.options.date_order, True
    if not evidence.day_first + evidence.month_first + evidence.either:
        return "ymd", seen
    more, fewer = max(evidence.day_first, evidence.month_first), min(evidence.day_first, evidence.month_first)
    if more and fewer <= _TINY_SHARE * (more + fewer):
        return ("dmy" if evidence.day_first > evidence.month_first else "mdy"), True
    if not more and evidence.dotted == evidence.either:
        return "dmy", True
    file = ", ".join(feed.source.file for feed in feeds[:3])
    lines = f'{how_to_add(block, feeds[0].source.file)} csv = {{ date_order = "dmy" }} or csv = {{ date_order = "mdy" }}'
    if more:
        raise AmbiguousInputError(
            f"{file}: {table.name}.{column_name}: the dates contradict each other: {evidence.day_first:,} can only be day/month "
            f"({evidence.day_first_example}), {evidence.month_first:,} only month/day ({evidence.month_first_example}). Correct the file, or say "
            f"which is right; the others go to quarantine. {lines}"
        )
    example = evidence.either_example or ""
    first, second = _both_readings(example)
    raise AmbiguousInputError(
        f"{file}: {table.name}.{column_name}: the dates can be read in two ways and no row decides: {example!r} is {first} as day/month/year or "
        f"{second} as month/day/year ({evidence.either:,} such values). {lines}"
    )


def _both_readings(example: str) -> tuple[str, str]:
    months = (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    )
    day, month, year = example.replace("/", "-").replace(".", "-").split("-", 2)
    return f"{int(day)} {months[int(month) - 1]} {year[:4]}", f"{int(month)} {months[int(day) - 1]} {year[:4]}"


def _decimal_mark(table: schema.Table, block: Block, feeds: Sequence[Feed], looked: Sequence[Seen]) -> tuple[str, bool]:
    if block.options.decimal:
        return block.options.decimal, True
    evidence, column_name, typed = numbers.MarkEvidence(), "", False
    for found in looked:
        evidence = evidence.plus(found.mark)
        column_name = column_name or found.mark_column
        typed = typed or found.typed
    more, fewer = max(evidence.point, evidence.comma), min(evidence.point, evidence.comma)
    if more and fewer <= _TINY_SHARE * (more + fewer):
        return ("." if evidence.point > evidence.comma else ","), True
    if not more and (not evidence.either or typed):
        return ".", bool(evidence.either)
    file = ", ".join(feed.source.file for feed in feeds[:3])
    lines = f'{how_to_add(block, feeds[0].source.file)} csv = {{ decimal = "." }} or csv = {{ decimal = "," }}'
    if more:
        raise AmbiguousInputError(
            f"{file}: {table.name}.{column_name}: the numbers contradict each other: {evidence.point:,} can only have a decimal point "
            f"({evidence.point_example}), {evidence.comma:,} only a decimal comma ({evidence.comma_example}). Correct the file, or say which is "
            f"right; the others go to quarantine. {lines}"
        )
    example = evidence.either_example or ""
    whole, fraction = example.replace(",", ".").split(".")
    with_point = f"{whole}.{fraction}" if "." in example else f"{whole}{fraction}"
    with_comma = f"{whole}{fraction}" if "." in example else f"{whole}.{fraction}"
    raise AmbiguousInputError(
        f"{file}: {table.name}.{column_name}: the numbers can be read in two ways and no row decides: {example!r} is {with_point} with a decimal point "
        f"or {with_comma} with a decimal comma ({evidence.either:,} such values). {lines}"
    )


def _midnights(connection: db.Connection, table: schema.Table, feed: Feed, decisions: Decisions) -> dict[str, bool]:
    """For each moment of a file that has values: whether its every value is midnight as written, a date that a system padded."""
    there = [name for name in _moments(table) if name in feed.columns]
    found: dict[str, bool] = {}
    # Of other columns nothing is asked: planning how to clean them takes longer than to ask a small file.
    relation = wall_relation(table, replace(feed, columns={name: feed.columns[name] for name in there}, extra={}), decisions)
    # The first rows settle it for nearly every file with times of day, so that ten million rows need not be looked at.
    for rows in (f"(select * from {relation} limit {_FIRST_ROWS})", relation):
        if there:
            asked = ", ".join(f"bool_and(cast(w_{name} as time) = time '00:00')" for name in there)
            answers = connection.execute(f"select {asked} from {rows}").fetchall()[0]
            last = rows == relation
            for name, only_midnights in list(zip(there, answers, strict=True)):
                if only_midnights is False or (last and only_midnights is not None):
                    found[name] = bool(only_midnights)
                    there.remove(name)
    return found


def _only_midnights(table: schema.Table, seen: Sequence[Seen]) -> tuple[str, ...]:
    """Return the moments of the block that have values and whose every value, in every file, is midnight."""
    answers = {name: [file.midnights[name] for file in seen if name in file.midnights] for name in _moments(table)}
    return tuple(sorted(name for name, of_files in answers.items() if of_files and all(of_files)))


def _moments(table: schema.Table) -> list[str]:
    return [columns[table.name] for columns in (CLOSED, CREATED, OCCURRED) if table.name in columns]
