"""Names and values inside composed SQL. File and column names may hold any character, so nothing is pasted in unquoted."""

from __future__ import annotations


def identifier(name: str) -> str:
    """Return the name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return the text as an SQL string literal (DuckDB knows no backslash escapes in these)."""
    return "'" + text.replace("'", "''") + "'"


def shown(text: str, length: int = 80) -> str:
    """Return the text on one line and cut, as messages quote it."""
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= length else one_line[: length - 1] + "…"
