"""From columns as they lie in a file to typed canonical rows: one SQL query per file, with the reason why a row cannot be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from attribution import db, schema
from attribution.connectors import dates, numbers, values
from attribution.connectors.plan import Block
from attribution.connectors.quoting import literal
from attribution.connectors.source import Source, SourceColumn
from attribution.connectors.values import Decisions

# Timestamps whose day or precision matters, and the further columns that say so (see ``_moment_columns``).
CLOSED = {"deals": "closed_at"}
CREATED = {"deals": "created_at", "contacts": "created_at"}
OCCURRED = {"touches": "occurred_at"}
_MOMENT_OF = {"closed_on": "closed_at", "created_on": "created_at", "created_until": "created_at", "occurred_on": "occurred_at"}
# Above so many rows, columns with few values among the first of them are looked at before they are cleaned.
_MANY_ROWS, _FIRST_ROWS, _FEW_VALUES = 200_000, 100_000, 1_000
DEFAULTS = {
    ("touches", "channel"): "'unknown'",
    ("touches", "actor"): "'buyer'",
    ("deals", "amount"): "cast(0 as decimal(18, 2))",
}


@dataclass
class Feed:
    """One file of one block: where its mapped columns lie. ``extra``: name → column; ``left_out`` counts rows that ``where`` refused, ``added``
    those that ``unnest`` made beyond the first of each row; ``tidy``: text columns that need no cleaning (see ``tidy_columns``)."""

    number: int
    block: Block
    source: Source
    relation: str
    columns: Mapping[str, SourceColumn]
    extra: Mapping[str, SourceColumn]
    left_out: int = 0
    added: int = 0
    tables: list[str] = field(default_factory=list)
    tidy: frozenset[str] = frozenset()

    @property
    def rows_in(self) -> int:
        """Return how many rows there are to account for: those of the file, and those added."""
        return self.source.rows_in + self.added

    def is_text(self, column: schema.Column) -> bool:
        """Return whether the column has to be read from text."""
        return not values.keeps_type(column.type, self.columns[column.name].type)


@dataclass(frozen=True)
class Problem:
    """A condition under which a row goes to quarantine: the column in question, SQL for its value, and the reason in words."""

    column: str | None
    condition: str
    value: str
    reason: str


def further_columns(table: schema.Table) -> dict[str, str]:
    """Return the columns (name → type) that the loader adds to the canonical ones."""
    added = {"closed_on": "DATE"} if table.name in CLOSED else {}
    if table.name in CREATED:
        added |= {"created_until": "TIMESTAMP", "created_on": "DATE"}
    if table.name in OCCURRED:
        added["occurred_on"] = "DATE"
    return added | {"source_file": "VARCHAR", "source_row": "BIGINT", "extra": "VARCHAR"}


def columns_of(table: schema.Table, feed: Feed) -> list[schema.Column]:
    """Return the canonical columns that the feed supplies, in the table's order."""
    return [column for column in table.columns if column.name in feed.columns]


def tidy_columns(connection: db.Connection, table: schema.Table, feed: Feed) -> frozenset[str]:
    """Return the text columns of few different values, none of which cleaning would change.

    To clean a few values is cheaper than to clean millions of rows. Whether they are few is judged by the first rows.
    """
    if feed.rows_in < _MANY_ROWS:
        return frozenset()
    texts = {
        column.name: feed.columns[column.name].identifier
        for column in columns_of(table, feed)
        if feed.is_text(column) and feed.columns[column.name].type == "VARCHAR"
    }
    if not texts:
        return frozenset()
    first = f"(select * from {feed.relation} limit {_FIRST_ROWS})"
    counts = connection.execute(
        f"select {', '.join(f'count(distinct {place})' for place in texts.values())} from {first}"
    ).fetchall()[0]
    few = [name for name, count in zip(texts, counts, strict=True) if count <= _FEW_VALUES]
    cleaned = values.present(values.stripped("value"))
    changed = [
        f"exists (select 1 from (select distinct {texts[name]} as value from {feed.relation}) where value is distinct from {cleaned})"
        for name in few
    ]
    found = connection.execute(f"select {', '.join(changed)}").fetchall()[0] if few else ()
    return frozenset(name for name, is_changed in zip(few, found, strict=True) if not is_changed)


def text_relation(table: schema.Table, feed: Feed) -> str:
    """Return a subquery with ``source_row``, text columns as trimmed ``t_…`` (missing words NULL), typed ones as ``n_…``, and ``extra``.

    Each step is a subquery of its own: inside one expression DuckDB would compute the step before it several times over.
    """
    texts, typed = {}, {}
    for column in columns_of(table, feed):
        place = feed.columns[column.name]
        if feed.is_text(column):
            texts[f"t_{column.name}"] = values.as_text(place.identifier, place.type)
        else:
            typed[f"n_{column.name}"] = place.identifier
    further = {}
    for number, (name, place) in enumerate(feed.extra.items()):
        texts[f"e_{number}"] = values.as_text(place.identifier, place.type)
        further[name] = f"e_{number}"
    kept = "".join(f", {name}" for name in typed)
    read = "".join(f", {sql} as {name}" for name, sql in (typed | texts).items())
    tidy = {f"t_{name}" for name in feed.tidy}
    trimmed = "".join(f", {name if name in tidy else values.stripped(name)} as {name}" for name in texts)
    cleaned = "".join(f", {name if name in tidy else values.present(name)} as {name}" for name in texts)
    inner = f"select source_row{kept}{trimmed} from (select source_row{read} from {feed.relation})"
    extra = f"nullif({json_object(list(further.items()))}, '{{}}')" if further else "cast(null as varchar)"
    columns = "".join(f", {name}" for name in [*typed, *(name for name in texts if not name.startswith("e_"))])
    return f"(select source_row{columns}, {extra} as extra from (select source_row{kept}{cleaned} from ({inner})))"


def wall_relation(table: schema.Table, feed: Feed, decisions: Decisions) -> str:
    """Return ``text_relation`` with, for each time, ``w_…`` (wall clock), ``o_…`` (offset in minutes) and ``q_…`` (precision)."""
    times = [column for column in columns_of(table, feed) if column.type in values.TIME_KINDS]
    split = "".join(f", {dates.parts(f't_{column.name}')} as p_{column.name}" for column in times if feed.is_text(column))
    figures = "".join(
        f", {dates.numeric(f'p_{column.name}', decisions.date_order)} as f_{column.name}"
        for column in times
        if feed.is_text(column)
    )
    walls = []
    for column in times:
        name = column.name
        if feed.is_text(column):
            wall = dates.wall_clock(f"t_{name}", f"p_{name}", f"f_{name}")
            offset = dates.offset_minutes(f"t_{name}", f"p_{name}")
            exact = dates.precision(f"t_{name}", f"p_{name}")
        else:
            stored = feed.columns[name].type
            finite = f"case when isfinite(n_{name}) then n_{name} end"
            wall = f"timezone('UTC', {finite})" if "ZONE" in stored else f"cast({finite} as timestamp)"
            offset = f"case when n_{name} is not null then 0 end" if "ZONE" in stored else "cast(null as integer)"
            exact = "'day'" if stored == "DATE" else "'exact'"
        walls.append(f", {wall} as w_{name}, {offset} as o_{name}, {exact} as q_{name}")
    relation = f"(select *{''.join(walls)} from (select *{figures} from (select *{split} from {text_relation(table, feed)})))"
    moment = OCCURRED.get(table.name)
    if moment is None:
        return relation
    days = f"(select day as steady_day, ahead_us from steady_days({literal(decisions.time_zone)}))"
    return f"(select * from {relation} left join {days} on cast(w_{moment} as date) = steady_day)"


def typed_query(table: schema.Table, feed: Feed, decisions: Decisions) -> tuple[str, list[Problem]]:
    """Return a query with the value of each column as ``v_…`` and ``problem`` (number of the first problem, NULL: none), and the problems."""
    supplied = columns_of(table, feed)
    typed = [
        f"{_value(column, feed, decisions)} as v_{column.name}" for column in supplied if column.type not in values.TIME_KINDS
    ]
    for column in supplied:
        if column.type == "timestamp":
            typed += [f"{sql} as {name}" for name, sql in _moment_columns(table, column.name, decisions).items()]
        elif column.type == "date":
            typed.append(f"{_day(column.name, decisions.time_zone)} as v_{column.name}")
    problems = _problems(table, supplied, feed, decisions)
    cases = " ".join(f"when {problem.condition} then {number}" for number, problem in enumerate(problems, 1))
    judged = f"case {cases} end" if problems else "cast(null as integer)"
    inner = f"select *{''.join(', ' + item for item in typed)} from {wall_relation(table, feed, decisions)}"
    return f"select *, cast({judged} as integer) as problem from ({inner})", problems


def loaded_columns(table: schema.Table, feed: Feed, decisions: Decisions) -> dict[str, str]:
    """Return SQL (over ``typed_query``) for every column of the raw table: the value, its default, or NULL."""
    result = {}
    for column in table.columns:
        storage = schema.STORAGE[column.type]
        value = f"v_{column.name}" if column.name in feed.columns else f"cast(null as {storage})"
        default = DEFAULTS.get((table.name, column.name))
        if column.name == "currency" and decisions.currency and not column.required:
            default = literal(decisions.currency)
        result[column.name] = f"coalesce({value}, {default})" if default else value
    for name, storage in further_columns(table).items():
        moment = _MOMENT_OF.get(name)
        result[name] = name if moment is None or moment in feed.columns else f"cast(null as {storage})"
    result["source_file"] = literal(feed.source.file)
    return result


def record_json(table: schema.Table, feed: Feed) -> str:
    """Return SQL (over ``typed_query``) for the row as JSON: canonical column → value as read, else the text as it stands; blanks left out."""
    pairs = []
    for column in columns_of(table, feed):
        raw = f"t_{column.name}" if feed.is_text(column) else f"cast(n_{column.name} as varchar)"
        pairs.append((column.name, f"coalesce(cast(v_{column.name} as varchar), {raw})"))
    return json_object(pairs)


def json_object(pairs: Sequence[tuple[str, str]]) -> str:
    """Return SQL for a JSON object of texts, without those that are NULL."""
    if not pairs:
        return "'{}'"
    entries = ", ".join(f"{{'k': {literal(name)}, 'v': {sql}}}" for name, sql in pairs)
    return f"cast(to_json(map_from_entries(list_filter([{entries}], lambda entry: entry.v is not null))) as varchar)"


def _value(column: schema.Column, feed: Feed, decisions: Decisions) -> str:
    if not feed.is_text(column):
        if column.type == "boolean":
            return f"n_{column.name}"
        return values.number_from(column, f"n_{column.name}", feed.columns[column.name].type)
    text = f"t_{column.name}"
    if column.type in values.NUMBER_KINDS:
        return values.number_value(column, text, decisions.decimal)
    return values.boolean_value(text) if column.type == "boolean" else values.text_value(column, text)


def _moment_columns(table: schema.Table, name: str, decisions: Decisions) -> dict[str, str]:
    """Return a timestamp's value in UTC and, for the moments that need it, its day and the end of its precision."""
    wall, offset, exact, zone = f"w_{name}", f"o_{name}", f"q_{name}", decisions.time_zone
    instant = f"case when {offset} is not null then {wall} - to_minutes({offset}) else {dates.to_utc(wall, zone)} end"
    is_day = f"({wall} is not null)" if name in decisions.midnights else f"({wall} is not null and {exact} = 'day')"
    start = dates.to_utc(f"date_trunc('day', {wall})", zone)
    next_day = dates.to_utc(f"(date_trunc('day', {wall}) + interval 1 day)", zone)
    end = f"({next_day} - interval 1 microsecond)"
    on = f"case when {is_day} then cast({wall} as date) end"
    if CLOSED.get(table.name) == name:
        return {f"v_{name}": f"case when {is_day} then {end} else {instant} end", "closed_on": on}
    if CREATED.get(table.name) == name:
        until = f"case when {is_day} then {end} when {exact} = 'minute' then {instant} + interval 59999999 microseconds else {instant} end"
        return {f"v_{name}": f"case when {is_day} then {start} else {instant} end", "created_until": until, "created_on": on}
    if OCCURRED.get(table.name) == name:
        steady = f"make_timestamp(epoch_us({wall}) - ahead_us)"
        instant = f"case when {offset} is null and steady_day is not null then {steady} else {instant} end"
        return {f"v_{name}": f"case when {is_day} then {start} else {instant} end", "occurred_on": on}
    return {f"v_{name}": instant}


def _day(name: str, zone: str) -> str:
    """A date is the day as written; where it carries a time of day and an offset, the local day of that moment."""
    wall, offset = f"w_{name}", f"o_{name}"
    local = dates.to_wall(f"({wall} - to_minutes({offset}))", zone)
    return f"case when {offset} is not null and cast({wall} as time) <> time '00:00' then cast({local} as date) else cast({wall} as date) end"


def _problems(table: schema.Table, supplied: list[schema.Column], feed: Feed, decisions: Decisions) -> list[Problem]:
    problems = []
    for column in supplied:
        raw = f"t_{column.name}" if feed.is_text(column) else f"n_{column.name}"
        shown = f"cast({raw} as varchar)"
        if column.required and (table.name, column.name) not in DEFAULTS:
            problems.append(Problem(column.name, f"{raw} is null", "''", f"{column.name} is required and is blank"))
        if column.type in values.TIME_KINDS:
            wall = f"w_{column.name}"
            if feed.is_text(column):
                two_digits = f"({wall} is null or {dates.implausible(wall)}) and {dates.has_two_digit_year(raw)}"
                problems.append(Problem(column.name, two_digits, shown, values.TWO_DIGIT_YEAR))
            problems.append(Problem(column.name, dates.implausible(wall), shown, values.IMPLAUSIBLE_YEAR))
        if column.type == "money" and feed.is_text(column):
            problems.append(
                Problem(column.name, f"v_{column.name} is null and {numbers.has_letters(raw)}", shown, values.LETTERS)
            )
        if column.type not in ("id", "text") or column.values:
            problems.append(
                Problem(column.name, f"{raw} is not null and v_{column.name} is null", shown, values.reason(column, decisions))
            )
        if column.name == "units_per_base":
            words = "units_per_base must be more than 0: it says how many units of the currency one unit of the base currency is"
            problems.append(Problem(column.name, f"v_{column.name} <= 0", shown, words))
    if table.at_least_one:
        there = [f"v_{name} is null" for name in table.at_least_one if name in feed.columns]
        words = ", ".join(table.at_least_one)
        problems.append(Problem(None, " and ".join(there) or "true", "''", f"none of {words} is filled; at least one is needed"))
    if table.name == "deals":
        unclosed = "v_closed_at is null" if "closed_at" in feed.columns else "true"
        problems.append(
            Problem(
                "closed_at", f"v_status in ('won', 'lost') and {unclosed}", "''", "the deal is won or lost but has no closed_at"
            )
        )
    return problems


def rounded_condition(table: schema.Table, feed: Feed, column: schema.Column, decisions: Decisions) -> str | None:
    """Return SQL (over ``typed_query``) that tells whether an amount lost digits beyond the cent; None where it cannot have."""
    if column.type != "money" or column.name not in feed.columns:
        return None
    stored = feed.columns[column.name].type
    if feed.is_text(column):
        plain = f"try_cast({numbers.plain(f't_{column.name}', decisions.decimal)} as decimal(38, 10))"
        return f"(strlen(t_{column.name}) > 4 and {plain} <> v_{column.name})"
    if stored in ("FLOAT", "DOUBLE") or stored.startswith("DECIMAL"):
        return f"try_cast(cast(n_{column.name} as varchar) as decimal(38, 10)) <> v_{column.name}"
    return None
