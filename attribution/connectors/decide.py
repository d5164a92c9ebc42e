"""Decide, for a whole block, what its dates and numbers mean; refuse where the values allow two readings."""

from __future__ import annotations

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


def decide(
    connection: db.Connection, table: schema.Table, block: Block, feeds: list[Feed], time_zone: str
) -> tuple[Decisions, dict[str, object]]:
    """Return the decisions for a block and what was detected (for the load report). Raises AmbiguousInputError."""
    order, order_seen = _date_order(connection, table, block, feeds)
    mark, mark_seen = _decimal_mark(connection, table, block, feeds)
    zone = block.time_zone or time_zone
    decisions = Decisions(order, mark, zone, block.currency)
    midnights = _only_midnights(connection, table, feeds, decisions)
    detected: dict[str, object] = {}
    if order_seen:
        detected["date_order"] = order
    if mark_seen:
        detected["decimal"] = mark
    if any(column.type == "timestamp" for feed in feeds for column in columns_of(table, feed)):
        detected["time_zone"] = zone
    if midnights:
        detected["dates_only"] = sorted(midnights)
    return Decisions(order, mark, zone, block.currency, midnights), detected


def _date_order(connection: db.Connection, table: schema.Table, block: Block, feeds: list[Feed]) -> tuple[str, bool]:
    evidence, seen, column_name = dates.OrderEvidence(), False, ""
    for feed in feeds:
        for column in columns_of(table, feed):
            if column.type in values.TIME_KINDS and feed.is_text(column):
                seen = True
                row = connection.execute(dates.order_evidence_query(f"t_{column.name}", text_relation(table, feed))).fetchone()
                found = dates.OrderEvidence(*row) if row else dates.OrderEvidence()
                evidence = evidence.plus(found)
                column_name = column_name or (column.name if found.day_first + found.month_first + found.either else "")
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


def _decimal_mark(connection: db.Connection, table: schema.Table, block: Block, feeds: list[Feed]) -> tuple[str, bool]:
    if block.options.decimal:
        return block.options.decimal, True
    evidence, column_name, typed = numbers.MarkEvidence(), "", False
    for feed in feeds:
        for column in columns_of(table, feed):
            if column.type in values.NUMBER_KINDS and feed.is_text(column):
                query = numbers.mark_evidence_query(f"t_{column.name}", text_relation(table, feed), column.type == "rate")
                row = connection.execute(query).fetchone()
                found = numbers.MarkEvidence(*row) if row else numbers.MarkEvidence()
                evidence = evidence.plus(found)
                column_name = column_name or (column.name if found.point + found.comma + found.either else "")
                typed = typed or (feed.source.dot_decimals and feed.source.kind != "parquet")
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


def _only_midnights(connection: db.Connection, table: schema.Table, feeds: list[Feed], decisions: Decisions) -> tuple[str, ...]:
    """Return the moments of the block that have values and whose every value is midnight as written: dates that a system padded."""
    moments = [columns[table.name] for columns in (CLOSED, CREATED, OCCURRED) if table.name in columns]
    found: dict[str, list[bool]] = {name: [] for name in moments}
    for feed in feeds:
        there = [name for name in moments if name in feed.columns]
        relation = wall_relation(table, feed, decisions)
        # The first rows settle it for nearly every file with times of day, so that ten million rows need not be looked at.
        for rows in (f"(select * from {relation} limit {_FIRST_ROWS})", relation):
            if there:
                asked = ", ".join(f"bool_and(cast(w_{name} as time) = time '00:00')" for name in there)
                answers = connection.execute(f"select {asked} from {rows}").fetchall()[0]
                last = rows == relation
                for name, only_midnights in list(zip(there, answers, strict=True)):
                    if only_midnights is False or (last and only_midnights is not None):
                        found[name].append(bool(only_midnights))
                        there.remove(name)
    return tuple(sorted(name for name, answers in found.items() if answers and all(answers)))
