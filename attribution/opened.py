"""One version of a database, open: its settings, and a way to ask it statements. What it can be asked in words: dataset.py."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attribution import db, settings_file
from attribution.config import Settings
from attribution.config_tables import FORMAT
from attribution.errors import DatabaseError
from attribution.filters import Filters

# Importing is most of what a single question takes: pandas, numpy and all that builds are loaded by what needs them.
if TYPE_CHECKING:
    import pandas as pd

    from attribution.recomputed import Recomputed

MOST_ROWS_REMEMBERED = 500
MOST_STATEMENTS_REMEMBERED = 1500


class Opened:
    """One version of a database, read-only. Safe to use from several threads: every statement has its own cursor."""

    def __init__(self, path: Path, settings: Settings | None = None, learned_from: Filters | None = None) -> None:
        """Open the file of one version; with ``settings`` that differ from the build's, recompute journeys and credits in memory.

        ``learned_from``: the deals from which the learned models learn, where those are not all.
        """
        self.path = path
        self.learned_from = learned_from
        self.notice = ""
        try:
            self._lease = db.lease(path)
        except FileNotFoundError as error:
            raise db.gone(path) from error
        self._is_attached = settings is not None or not db.is_version_file(path)
        self._is_base = self._is_attached and settings is None
        self._connection = db.open_as(path, "base") if self._is_attached else db.connect(path, read_only=True)
        try:
            row = self._build_row("base." if self._is_attached else "")
        except DatabaseError:
            self._connection.close()
            raise
        self.version: str = row[0]
        self.built_at: datetime = row[1]
        self.data_folder: str = row[2]
        self.built_settings: Settings = settings_file.settings_from_json(row[3])
        self.settings: Settings = settings or self.built_settings
        self._recomputed: Recomputed | None = None
        self._most_answers, self._lock = 0, threading.Lock()
        self._answers: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
        self._statements: dict[str, db.Statement] = {}
        if settings is not None:
            from attribution.recomputed import Recomputed

            self._recomputed = Recomputed(self._connection, self)
        # Packing columns for a sort pays for itself over millions of rows; a page asks about far fewer, and planning it is half the time.
        self._connection.execute("set disabled_optimizers = 'compressed_materialization'")

    def _build_row(self, prefix: str) -> tuple[Any, ...]:
        try:
            row = self._connection.execute(
                f"select version, built_at, data_folder, settings from {prefix}config.build"
            ).fetchone()
        except db.Error as error:
            raise db.damaged(self.path) from error
        if row is None:
            raise db.damaged(self.path)
        try:
            is_readable = self._connection.execute(f"select format from {prefix}config.build").fetchone() == (FORMAT,)
        except db.Error:
            is_readable = False  # from before databases said which layout they have
        if not is_readable:
            raise DatabaseError(
                f"{self.path}: this database was built by another version of Closed Loop, which laid its tables out differently. "
                f"Build it again: python -m attribution build --data {row[2]} --db {self.path.parent if self.path.parent.name else self.path}"
            )
        return row

    def close(self) -> None:
        """Release the file."""
        self._connection.close()
        self._lease.close()

    def remember(self, answers: int) -> None:
        """From now on keep that many small answers: who asks the same again (pages share questions) gets the rows at once."""
        self._most_answers = answers

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one of our own statements and return its rows."""
        if not self._most_answers:
            return self._asked(sql, parameters).fetchall()
        key = (sql, repr(parameters))
        found = self._answers.get(key)
        if found is None:
            found = self._asked(sql, parameters).fetchall()
            if len(found) <= MOST_ROWS_REMEMBERED:
                with self._lock:
                    self._answers[key] = found
                    if len(self._answers) > self._most_answers:
                        del self._answers[next(iter(self._answers))]
        return list(found)

    def table(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Run one of our own statements and return the names of its columns, and its rows."""
        result = self._asked(sql, parameters)
        return [column[0] for column in result.description or ()], result.fetchall()

    def frame(self, sql: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """Run one of our own statements and return it as a DataFrame."""
        return self._asked(sql, parameters).df()

    def arrays(self, sql: str, parameters: Sequence[Any] = ()) -> dict[str, Any]:
        """Run one of our own statements and return one numpy array per column."""
        return self._asked(sql, parameters).fetchnumpy()

    def _asked(self, sql: str, parameters: Sequence[Any]) -> db.Connection:
        if self._recomputed:
            self._recomputed.make_what_is_asked(sql)
        cursor = self._cursor()
        return cursor.execute(self._parsed(cursor, sql), list(parameters))

    def _parsed(self, cursor: db.Connection, sql: str) -> db.Statement:
        """The statement of a text, parsed once: that is a quarter of what a small question takes."""
        found = self._statements.get(sql)
        if found is None:
            found = cursor.extract_statements(sql)[0]
            with self._lock:
                self._statements[sql] = found
                if len(self._statements) > MOST_STATEMENTS_REMEMBERED:
                    del self._statements[next(iter(self._statements))]
        return found

    def _cursor(self) -> db.Connection:
        cursor = self._connection.cursor()
        if self._is_base:
            cursor.execute("use base")
        return cursor
