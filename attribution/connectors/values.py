"""SQL for the value of one canonical column, from text or from the file's own type, and the reason where there is none."""

from __future__ import annotations

from dataclasses import dataclass

from attribution.connectors import dates, numbers
from attribution.connectors.quoting import literal
from attribution.schema import MISSING_WORDS, STORAGE, Column

NUMERIC_TYPES = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
    "FLOAT",
    "DOUBLE",
)
TIME_TYPES = ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE")
NUMBER_KINDS = ("money", "rate", "number", "integer")
TIME_KINDS = ("timestamp", "date")
TRUE_WORDS, FALSE_WORDS = ("true", "t", "yes", "y", "1", "1.0", "x"), ("false", "f", "no", "n", "0", "0.0")
# Whitespace at the ends of cells: also non-breaking and zero-width blanks and byte order marks.
_BLANKS = " \t\r\n\v\f\u00a0\u2007\u202f\u200b\ufeff\u3000"
_LONGEST_MISSING_WORD = max(len(word) for word in MISSING_WORDS)
# The first letters of the words for a missing value: most ids begin with another one, and are told apart by it.
_FIRST_LETTERS = ", ".join(
    str(code)
    for code in sorted({ord(letter) if letter else -1 for word in MISSING_WORDS for letter in (word[:1], word[:1].upper())})
)


@dataclass(frozen=True)
class Decisions:
    """What a block's values were found to mean: order of day and month, decimal mark, zone of times without offset; which
    columns hold midnights only and so are dates."""

    date_order: str = "ymd"
    decimal: str = "."
    time_zone: str = "UTC"
    currency: str | None = None
    midnights: tuple[str, ...] = ()


def keeps_type(kind: str, stored: str) -> bool:
    """Return whether a column of the file's own type can be used for a canonical type without passing through text."""
    if kind in TIME_KINDS:
        return stored in TIME_TYPES
    if kind in NUMBER_KINDS:
        return stored in NUMERIC_TYPES or stored.startswith("DECIMAL")
    return kind == "boolean" and stored == "BOOLEAN"


def as_text(expression: str, stored: str) -> str:
    """Return SQL for a value as text; whole numbers without ``.0`` (ids that were saved as floating point)."""
    if stored == "VARCHAR":
        return expression
    if stored in ("FLOAT", "DOUBLE"):
        whole = f"{expression} = trunc({expression}) and abs({expression}) < 1e15"
        return f"case when {whole} then cast(cast({expression} as bigint) as varchar) else cast({expression} as varchar) end"
    return f"cast({expression} as varchar)"


def stripped(text: str) -> str:
    """Return SQL for a text without blanks at its ends. The usual case, printable ASCII ends, is told apart cheaply."""
    ends = " and ".join(f"not suffix({text}, {blank})" for blank in ("' '", "chr(9)", "chr(10)", "chr(13)", "chr(11)", "chr(12)"))
    usual = f"ord({text}) between 33 and 126 and strlen({text}) = length({text}) and {ends}"
    return f"case when {usual} then {text} else trim({text}, {literal(_BLANKS)}) end"


def present(text: str) -> str:
    """Return SQL for a stripped text, NULL where it is blank or a word for a missing value."""
    words = ", ".join(literal(word) for word in MISSING_WORDS)
    return (
        f"case when strlen({text}) <= {_LONGEST_MISSING_WORD} and ord({text}) in ({_FIRST_LETTERS}) and lower({text}) in ({words}) "
        f"then null else {text} end"
    )


def text_value(column: Column, text: str) -> str:
    """Return SQL for a text or id; enumerated values in their canonical spelling, NULL where the word is not one of them."""
    if column.values:
        word = f"regexp_replace(lower({text}), '[\\s\\-_]+', '_', 'g')"
        listed = ", ".join(literal(value) for value in column.values)
        # The rewritten word is named once: DuckDB computes an expression that occurs twice for every row, whatever the branch.
        return f"case when {text} in ({listed}) then {text} else list_extract([{listed}], list_position([{listed}], {word})) end"
    if column.name == "currency":
        return f"upper({text})"
    return f"lower({text})" if column.lowercase else text


def number_value(column: Column, text: str, decimal: str) -> str:
    """Return SQL for a number from text in the given notation; NULL where it is none or too large for its type."""
    if column.type == "rate":
        plain = f"case when contains({text}, ',') then {numbers.plain(text, decimal)} else {numbers.plain(text, '.')} end"
    else:
        plain = numbers.plain(text, decimal)
    return number_from(column, plain, "VARCHAR")


def number_from(column: Column, value: str, stored: str) -> str:
    """Return SQL that turns a plain number into the column's type (money rounded half up to the cent); NULL where it does not fit."""
    storage = STORAGE[column.type]
    if column.type == "number":
        return f"case when isfinite(try_cast({value} as double)) then try_cast({value} as double) end"
    if column.type == "integer":
        if stored in NUMERIC_TYPES and stored not in ("FLOAT", "DOUBLE"):
            return f"try_cast({value} as bigint)"
        exact = f"try_cast({_through_text(value, stored)} as decimal(38, 6))"
        return f"case when {exact} = trunc({exact}) then try_cast({exact} as bigint) end"
    return f"try_cast({_through_text(value, stored)} as {storage})"


def _through_text(value: str, stored: str) -> str:
    """Floating point goes through its shortest text, so that 1.005 rounds as it is written."""
    return f"cast({value} as varchar)" if stored in ("FLOAT", "DOUBLE") else value


def boolean_value(text: str) -> str:
    """Return SQL for a yes or no; NULL where the word is neither."""
    yes, no = (", ".join(literal(word) for word in words) for words in (TRUE_WORDS, FALSE_WORDS))
    return f"case when lower({text}) in ({yes}) then true when lower({text}) in ({no}) then false end"


TWO_DIGIT_YEAR = "the year has two digits; export four-digit years, or map the column with { sql = \"strptime(…, '%d-%b-%y')\" } (or the order it has)"
LETTERS = "is not an amount: it holds a currency sign or letters; map the column with { sql = \"replace(…, '€', '')\" }"
IMPLAUSIBLE_YEAR = (
    "the year is not plausible (before 1900 or after 2200); correct it, or leave the cell blank where no date is known"
)


def reason(column: Column, decisions: Decisions) -> str:
    """Return why a value of this column could not be read, in words."""
    order = dates.ORDERS[decisions.date_order]
    if column.values:
        return f'is not one of {", ".join(column.values)}; map it in mapping.toml with {{ sql = "case … end" }}'
    return {
        "timestamp": f"is not a date and time that exists (dates are read as {order})",
        "date": f"is not a date that exists (dates are read as {order})",
        "money": f"is not an amount (digits with a decimal {numbers.MARKS[decisions.decimal]}), or is too large",
        "rate": f"is not an exchange rate (decimal {numbers.MARKS[decisions.decimal]}), or is too large",
        "number": f"is not a number (decimal {numbers.MARKS[decisions.decimal]}), or is too large",
        "integer": "is not a whole number, or is too large",
        "boolean": "is neither yes nor no",
    }.get(column.type, "cannot be read")
