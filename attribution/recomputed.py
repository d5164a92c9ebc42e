"""A version under other settings: what they change is made in memory beside it, and what can wait is made when a question needs it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from attribution import db
from attribution.build import Stage, run_stages
from attribution.config import Settings
from attribution.config_tables import write_settings
from attribution.models import fitting
from attribution.what_if import LOWER, recomputation

if TYPE_CHECKING:
    from attribution.opened import Opened

# What only a question about learned models reads (or about everything, like the ledger with all models).
_ASKS_FOR_LEARNED = re.compile(r"\b(marts\.(credits|learned_\w+|journey_effects)|credits\.(effects|fits))\b")


class Recomputed:
    """The tables in memory of a dataset whose version is attached as ``base``. Safe to use from several threads."""

    def __init__(self, connection: db.Connection, dataset: Opened) -> None:
        """Show what stays, make what changes, and note what can wait."""
        self._connection = connection
        self._settings, self._learned_from = dataset.settings, dataset.learned_from
        self._one_at_a_time = threading.Lock()
        self._put_off: list[tuple[re.Pattern[str], tuple[str, str, str, bool]]] = []
        db.create_schemas(connection)
        wanted = recomputation(dataset.built_settings, self._settings, self._learned_from is not None)
        for schema in LOWER:
            db.mirror(connection, "base", schema)
        for name, shown_as in wanted.kept:
            db.mirror_table(connection, "base", name, shown_as)
        write_settings(connection, self._settings, dataset.built_at, dataset.version, dataset.data_folder)
        self.learns_later = any(stage.learn for stage in wanted.stages)
        if self.learns_later:
            for name, columns in fitting.nothing(self._settings).items():
                db.write_columns(connection, f"credits.{name}", columns)
        stages = [replace(stage, learn=None) for stage in wanted.stages]
        run_stages(connection, self._settings, [self._without_what_can_wait(stage) for stage in stages])

    def make_what_is_asked(self, sql: str) -> None:
        """Fill the tables that were put off and that a statement reads."""
        if self.learns_later and _ASKS_FOR_LEARNED.search(sql):
            self._learn()
        if self._put_off:
            with self._one_at_a_time:
                for entry in [entry for entry in self._put_off if entry[0].search(sql)]:
                    db.create_relation(self._connection.cursor(), *entry[1])
                    self._put_off.remove(entry)

    def _without_what_can_wait(self, stage: Stage) -> Stage:
        """The stage as it is made now; a table that waits and that others name is there, empty."""
        tables = []
        for table in stage.tables:
            if not table.later:
                tables.append(table)
                continue
            statement = stage.statement(table, self._settings)
            words = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in table.later))
            self._put_off.append((words, (stage.schema, table.name, statement, table.is_view)))
            if not table.is_view:
                tables.append(replace(table, compose=_emptied(f"base.{stage.schema}.{table.name}")))
        return replace(stage, tables=tuple(tables))

    def _learn(self) -> None:
        with self._one_at_a_time:
            if not self.learns_later:
                return
            found = fitting.journeys(db.asking(self._connection.cursor()), self._settings, self._learned_from)
            for name, columns in fitting.tables(found, self._settings).items():
                db.write_columns(self._connection.cursor(), f"credits.{name}", columns)
            self.learns_later = False


def _emptied(built: str) -> Callable[[Settings], str]:
    return lambda _settings: f"select * from {built} limit 0"
