"""A linter for the SQL: it must run on DuckDB today and on other engines through sqlglot tomorrow, and read the same everywhere.

Each rule takes one parsed file and gives messages with file:line. Statements that Python composes from the models'
registry are held to the same rules. Every rule has a snippet that it must refuse, so that a rule cannot fall asleep.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.tokens import Token, TokenType

REPOSITORY = Path(__file__).resolve().parent.parent
SQL_FOLDER = REPOSITORY / "attribution" / "sql"
FILES = sorted(SQL_FOLDER.rglob("*.sql"))
LAYERS = ("raw", "config", "staging", "identity", "touches", "journeys", "credits", "marts", "checks")
ORDERED_FUNCTIONS = (
    exp.RowNumber, exp.Rank, exp.DenseRank, exp.FirstValue, exp.LastValue, exp.Lag, exp.Lead, exp.NthValue, exp.Ntile,
    exp.PercentRank, exp.CumeDist,
)  # fmt: skip
# Spellings that other engines lack or read differently, with what to write instead.
BANNED_WORDS = {
    r"\bdate_?diff\s*\(": "date_diff: subtract dates or microseconds",
    r"\bepoch(_us|_ms|_ns)?\s*\(": "epoch: the one shim is to_us()",
    r"\b(arg_?min|arg_?max|min_by|max_by)\s*\(": "arg_min / arg_max over nulls: rank with row_number() and take 1",
    r"\bgroup\s+by\s+all\b": "group by all: name the columns",
    r"\border\s+by\s+all\b": "order by all: name the columns",
    r"\basof\s+join\b": "asof join: rank with row_number() and take 1",
    r"\bset\s+variable\b|\bgetvariable\s*\(": "variables: choices arrive as config.* tables",
    r"\{\{|\{%": "templates: choices arrive as config.* tables",
    r"\bcurrent_(date|timestamp)\b|\bnow\s*\(|\btoday\s*\(|\brandom\s*\(": "the clock and chance: builds depend on data alone",
}


@dataclass
class File:
    """One .sql file as text, tokens and tree."""

    name: str
    text: str
    layer: int | None = None

    @cached_property
    def tokens(self) -> list[Token]:
        """The words of the statement."""
        return list(sqlglot.tokenize(self.text, read="duckdb"))

    @cached_property
    def trees(self) -> list[exp.Expression]:
        """The statements (sqlglot.errors.SqlglotError where one cannot be read)."""
        return [tree for tree in sqlglot.parse(self.text, read="duckdb") if tree is not None]

    def at(self, pattern: str, message: str) -> Iterator[str]:
        """Messages at every match of a pattern outside strings and comments."""
        for match in re.finditer(pattern, code_only(self.text), flags=re.I):
            yield f"{self.name}:{self.text.count(chr(10), 0, match.start()) + 1}: {message}"

    def line_of(self, node: exp.Expression) -> int:
        """The line of a node, as near as the parser knows it."""
        for part in node.walk():
            if "line" in part.meta:
                return int(part.meta["line"])
        return 1

    def says(self, node: exp.Expression, message: str) -> str:
        return f"{self.name}:{self.line_of(node)}: {message}: {node.sql('duckdb')[:90]}"

    def all(self, *kinds: type[exp.Expression]) -> Iterator[exp.Expression]:
        for tree in self.trees:
            yield from tree.find_all(*kinds)


def code_only(text: str) -> str:
    """The text with comments and strings blanked, at the same positions."""
    return re.sub(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", lambda match: re.sub(r"[^\n]", " ", match[0]), text, flags=re.S)


def parse(path: Path) -> File:
    """Read one file of attribution/sql."""
    folder = path.parent.name
    number = re.match(r"(\d+)_", folder)
    return File(str(path.relative_to(REPOSITORY)), path.read_text(encoding="utf-8"), int(number[1]) if number else None)


# --- the rules --------------------------------------------------------------------------------------------------------


def first_line_says_the_grain(file: File) -> Iterator[str]:
    if not re.match(r"-- One row per \S", file.text):
        yield f'{file.name}:1: the first line must say the grain: "-- One row per …"'


def ends_in_final(file: File) -> Iterator[str]:
    if not re.search(r"\n\nselect \* from final\n?$", file.text):
        yield f"{file.name}:{file.text.count(chr(10))}: the last statement must be `select * from final`, after a blank line"
    if len(file.trees) != 1:
        yield f"{file.name}:1: one statement per file, not {len(file.trees)}"


def no_star_but_the_last(file: File) -> Iterator[str]:
    stars = [star for star in file.all(exp.Star) if not isinstance(star.parent, (exp.Count, exp.Mul))]
    for star in stars:
        last = isinstance(star.parent, exp.Select) and star.parent in file.trees
        if star.args.get("except_") or star.args.get("except") or star.args.get("replace") or star.args.get("rename"):
            yield file.says(star, "no exclude, replace or rename: list the columns")
        elif not last:
            yield file.says(star.parent or star, "list the columns; `*` stands only in the last `select * from final`")
    yield from file.at(r"\bcolumns\s*\(", "columns(…): list the columns")


def no_qualify(file: File) -> Iterator[str]:
    for node in file.all(exp.Qualify):
        yield file.says(node, "qualify: put the rank into a CTE and filter it there")


def no_banned_word(file: File) -> Iterator[str]:
    for pattern, message in BANNED_WORDS.items():
        yield from file.at(pattern, message)


def no_ordered_list(file: File) -> Iterator[str]:
    for node in file.all(exp.AggFunc, exp.Anonymous):
        if any(isinstance(child, exp.Order) for child in node.args.values()) or isinstance(node.this, exp.Order):
            yield file.says(node, "an aggregate with order by: collect structs with the position first, then sort the list")


def no_filter_over_a_window(file: File) -> Iterator[str]:
    for node in file.all(exp.Window):
        if isinstance(node.this, exp.Filter):
            yield file.says(node, "filter over a window: use a case inside the aggregate")


def windows_have_a_total_order(file: File) -> Iterator[str]:
    """Ranks need an order that ends in something unique: an id, or the only column that tells rows of the partition apart."""
    for node in file.all(exp.Window):
        order = node.args.get("order")
        function = node.this.this if isinstance(node.this, exp.IgnoreNulls) else node.this
        if order is None:
            if isinstance(function, ORDERED_FUNCTIONS):
                yield file.says(node, "a window function that ranks needs an order")
            continue
        last = order.expressions[-1].this
        unique = isinstance(last, exp.Column) and re.search(
            r"(_id|_us|_on|_row|^alias|_pattern|_position|^url|^domain)$", last.name
        )
        if not unique:
            yield file.says(node, "a window needs a total order: end it with touch_id or another unique column")


def float_literals_have_an_exponent(file: File) -> Iterator[str]:
    for token in file.tokens:
        if token.token_type == TokenType.NUMBER and "." in token.text and "e" not in token.text.lower():
            yield f"{file.name}:{token.line}: {token.text} is a decimal here, a double elsewhere; write {token.text}e0"


def divisions_are_guarded(file: File) -> Iterator[str]:
    for node in file.all(exp.Div, exp.IntDiv, exp.Mod):
        divisor = node.expression.unnest()
        while isinstance(divisor, exp.Cast):
            divisor = divisor.this
        if isinstance(divisor, exp.Literal) and float(divisor.this) != 0:
            continue
        if not isinstance(divisor, exp.Nullif):
            yield file.says(node, "guard the division with nullif(…, 0)")


def aliases_are_words(file: File) -> Iterator[str]:
    for node in file.all(exp.TableAlias, exp.Alias, exp.CTE):
        if len(node.alias_or_name) == 1:
            yield file.says(node.parent or node, f"{node.alias_or_name!r} is no name")


def lower_case(file: File) -> Iterator[str]:
    for token in file.tokens:
        quoted = token.token_type in (TokenType.STRING, TokenType.IDENTIFIER, TokenType.NUMBER)
        word = file.text[token.start : token.end + 1]
        if not quoted and re.search(r"[A-Z]", word):
            yield f"{file.name}:{token.line}: {word}: SQL is lower-case"


def reads_only_lower_layers(file: File) -> Iterator[str]:
    """A file reads its own layer (tables made before it) and lower ones; ``checks`` may read all."""
    for table in file.all(exp.Table):
        schema = table.db
        if schema and schema not in LAYERS:
            yield file.says(table, f"schema {schema!r} is no layer")
        elif schema and file.layer is not None and LAYERS.index(schema) - 1 > file.layer:
            yield file.says(table, f"a file of layer {file.layer} reads {schema}, which is higher")


def groups_are_named(file: File) -> Iterator[str]:
    for node in file.all(exp.Group):
        if any(isinstance(part, exp.Literal) for part in node.expressions):
            yield file.says(node, "group by names, not by numbers")


RULES: tuple[Callable[[File], Iterator[str]], ...] = (
    first_line_says_the_grain,
    ends_in_final,
    no_star_but_the_last,
    no_qualify,
    no_banned_word,
    no_ordered_list,
    no_filter_over_a_window,
    windows_have_a_total_order,
    float_literals_have_an_exponent,
    divisions_are_guarded,
    aliases_are_words,
    lower_case,
    reads_only_lower_layers,
    groups_are_named,
)
ONLY_FILES = (first_line_says_the_grain,)  # a composed statement has no first line

VIOLATIONS = (
    (first_line_says_the_grain, "with final as (select 1 as number)\n\nselect * from final"),
    (ends_in_final, "-- One row per deal.\nselect deal_id from raw.deals"),
    (ends_in_final, "with final as (select 1 as number)\n\nselect * from final\n;\nselect 1;\n\nselect * from final\n"),
    (no_star_but_the_last, "with deals as (select * from raw.deals)\n\nselect * from final"),
    (no_star_but_the_last, "select * exclude (amount) from final"),
    (no_star_but_the_last, "select deals.* from final as deals"),
    (no_qualify, "select deal_id from raw.deals qualify row_number() over (order by deal_id) = 1"),
    (no_banned_word, "select date_diff('day', created_at, closed_at) as days from raw.deals"),
    (no_banned_word, "select epoch(closed_at) as closed from raw.deals"),
    (no_banned_word, "select epoch_us(closed_at) as closed from raw.deals"),
    (no_banned_word, "select arg_min(channel, occurred_at) as channel from raw.touches"),
    (no_banned_word, "select channel, count(*) as count_touches from raw.touches group by all"),
    (no_banned_word, "select deal_id from raw.deals asof join raw.fx_rates on deals.closed_on >= fx_rates.rate_on"),
    (no_banned_word, "select getvariable('half_life') as half_life"),
    (no_banned_word, "select * from {{ ref('deals') }}"),
    (no_banned_word, "select now() as moment"),
    (no_ordered_list, "select list(channel order by occurred_us) as path from touches.touches"),
    (
        no_filter_over_a_window,
        "select count(*) filter (where actor = 'sales') over (partition by deal_id) as calls from touches.touches",
    ),
    (windows_have_a_total_order, "select row_number() over (partition by deal_id) as position from touches.touches"),
    (
        windows_have_a_total_order,
        "select row_number() over (partition by deal_id order by channel) as position from touches.touches",
    ),
    (windows_have_a_total_order, "select lag(channel) over (partition by deal_id) as previous from touches.touches"),
    (float_literals_have_an_exponent, "select 0.3 as share"),
    (divisions_are_guarded, "select amount / touch_count as share from journeys.deals"),
    (aliases_are_words, "select d.deal_id as deal_id from raw.deals as d"),
    (aliases_are_words, "with a as (select 1 as number) select number from a"),
    (lower_case, "SELECT deal_id from raw.deals"),
    (reads_only_lower_layers, "select deal_id from credits.weights"),
    (reads_only_lower_layers, "select deal_id from somewhere.deals"),
    (groups_are_named, "select channel, count(*) as count_touches from raw.touches group by 1"),
)


def test_there_are_files() -> None:
    assert len(FILES) > 20


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_file_is_portable(path: Path) -> None:
    file = parse(path)
    try:
        messages = [message for rule in RULES for message in rule(file)]
    except sqlglot.errors.SqlglotError as error:  # pragma: no cover
        messages = [f"{file.name}: {error}"]
    assert not messages, "\n" + "\n".join(messages)


def composed_statements() -> list[File]:
    """The statements that are made from the registry of models, under the default settings and with a custom model."""
    from attribution.build import STAGES
    from attribution.config import Settings

    settings = Settings.model_validate(
        {"models": {"missing_share": "equal", "custom": {"own": {"lead_creation": 40, "middle": 60}}}}
    )
    return [
        File(f"{stage.schema}.{table.name} (composed)", table.compose(settings), stage.number)
        for stage in STAGES
        for table in stage.tables
        if table.compose is not None
    ]


def test_composed_statements_are_portable() -> None:
    messages = [message for file in composed_statements() for rule in RULES if rule not in ONLY_FILES for message in rule(file)]
    assert not messages, "\n" + "\n".join(messages)


@pytest.mark.parametrize(("rule", "snippet"), VIOLATIONS, ids=lambda value: value.__name__ if callable(value) else "")
def test_a_violation_is_refused(rule: Callable[[File], Iterator[str]], snippet: str) -> None:
    messages = list(rule(File("snippet.sql", snippet, 3)))
    assert messages
    assert all(re.match(r"snippet\.sql:\d+: ", message) for message in messages)


def test_every_rule_has_a_violation() -> None:
    assert {rule for rule, _ in VIOLATIONS} == set(RULES)


def test_comments_and_strings_are_no_violations() -> None:
    text = """-- One row per deal: not a QUALIFY, 0.3 or epoch(x).
with final as (
    select deal_id as deal_id, 'SELECT 0.5, now()' as words, 0.5e0 / nullif(amount, 0) as share
    from raw.deals
)

select * from final
"""
    assert not [message for rule in RULES for message in rule(File("good.sql", text, 1))]
