"""The stages over slices: each table's own statement runs in memory over the rows that are needed, and its rows replace those in the copy.

A slice has the name of the table that it is cut from (a view in memory, over the copy or over a part of it), so a statement
cannot tell it from the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from attribution import db
from attribution.config import Settings
from attribution.models import fitting
from attribution.paths.of_deals import read_of_weights
from attribution.refresh.deals import AFFECTED_DEALS, DEAL_SLICES, SEEN_IN_AFFECTED_DEALS
from attribution.refresh.origin import NotPossibleError
from attribution.refresh.rules import RULES, WHOLE_ONLY_IF

if TYPE_CHECKING:
    from attribution.build import Stage

# Beyond this share a refresh costs as much as computing everything; small databases need not care.
LARGEST_SHARE, SMALL_DEALS, SMALL_TOUCHES = 0.25, 1_000, 100_000
# Whole tables whose changed rows the rules look at; of later ones it is enough to know that they may have changed.
_COMPARED = ("staging", "identity")
# What paths/of_deals.py reads.
_LEARNED_FROM = ("credits.weights", "credits.totals", "staging.deals", "staging.as_of", "raw.deal_stage_changes")
_AS_IT_IS = "select * from fresh."
_CHANGED = re.compile(r"\bchanged\.(\w+)")
_NAMES = re.compile(r"\b([a-z]+)\.([a-z_]\w*)")


class Recomputation:
    """One pass over the stages. ``changes``: table → number of its changed rows; at least the raw tables must be in it."""

    def __init__(self, connection: db.Connection, settings: Settings, stages: Sequence[Stage], changes: dict[str, int]) -> None:
        """Take the connection and the changes of ``raw.*``, whose rows are in ``changed.*``.

        The connection is in memory, with the copy attached as ``built`` and the version that it was copied from as ``before``.
        """
        self._connection = connection
        self._settings = settings
        self._stages = stages
        self.changes = changes
        self._tables = {f"{stage.schema}.{table.name}": (stage, table) for stage in stages for table in stage.tables}
        self._columns_of: dict[str, list[str]] = {}
        for table, column in connection.execute(
            "select schema_name || '.' || table_name, column_name from duckdb_columns() where database_name = 'built' and not internal "
            "and (schema_name, table_name) in (select (schema_name, table_name) from duckdb_tables() where database_name = 'built') "
            "order by schema_name, table_name, column_index"
        ).fetchall():
            self._columns_of.setdefault(table, []).append(f'"{column}"')
        self._known = set(self._columns_of)
        self._wholly_changed: set[str] = set()
        self._shown_whole: set[str] = set()
        self.deals = 0
        self.all_deals = 0

    def run(self) -> None:
        """Bring every table of the stages up to date. Raises NotPossibleError where too much of the data is touched."""
        for stage in self._stages:
            for table in stage.tables:
                name = f"{stage.schema}.{table.name}"
                if table.is_view:
                    self._show_view(name)
                elif table.by_deal:
                    self._by_deal(name)
                elif name in RULES and not any(self.changes.get(other) for other in RULES[name].whole_after):
                    self._by_key(name)
                else:
                    self._whole(name)
            if stage.learn:
                self._learn(stage)
        self._be_there("touches_touches")
        self._connection.execute("""
            create or replace table slices.gone_touches as
            select touch_id from changed.touches_touches group by touch_id having not bool_or(is_new)
        """)

    def new_rows(self) -> dict[str, str]:
        """Table by deal → table in memory with its rows of the recomputed deals; not those that were computed whole."""
        by_deal = [name for name in self._tables if self._is_by_deal(name) and name not in self._wholly_changed]
        if not self.deals:  # nothing was computed
            for name in by_deal:
                self._connection.execute(
                    f"create or replace table memory.fresh.{_place(name)} as select * from built.{name} limit 0"
                )
        return {name: f"memory.fresh.{_place(name)}" for name in by_deal}

    def _learn(self, stage: Stage) -> None:
        """What no SQL can make: a changed deal changes all of it."""
        if stage.learn and any(self.changes.get(name) for name in _LEARNED_FROM):
            found = self._learn_again()
            if found is None:
                self._show_whole(_LEARNED_FROM)
                found = stage.learn(db.asking(self._connection), self._settings)
            for name, columns in found.items():
                db.write_columns(self._connection, f"built.{stage.schema}.{name}", columns)
                self.changes[f"{stage.schema}.{name}"] = 1

    def _learn_again(self) -> Mapping[str, fitting.Columns] | None:
        """From what the affected deals were and are; None where other deals count in another way too."""
        if self._wholly_changed or any(self.changes.get(name) for name in ("staging.as_of", "raw.deal_stage_changes")):
            return None
        ask, columns = db.asking(self._connection), {"credits.weights": ", ".join(read_of_weights(self._settings))}
        of_deals = [name for name in _LEARNED_FROM if name != "staging.as_of"]
        before = {name: _of_deals(name, "before", columns.get(name, "*")) for name in of_deals}
        now = {name: f"{_AS_IT_IS}{_place(name)}" if self._is_by_deal(name) else _of_deals(name) for name in of_deals}
        self._cut(_LEARNED_FROM, before)
        were = fitting.journeys(ask, self._settings)
        self._cut(_LEARNED_FROM, now)
        are = fitting.journeys(ask, self._settings)
        with db.within(self._connection, "built"):
            return fitting.fit_again(ask, were, are, self._settings)

    # -- one table -------------------------------------------------------------------------------------------------------

    def _whole(self, name: str) -> None:
        """Compute a table anew where something that it reads has changed."""
        inputs = self._inputs(name)
        stage, table = self._tables[name]
        if not self._is_due(name, inputs):
            self.changes[name] = 0
            return
        self._show_whole(inputs)
        place = _place(name)
        self._connection.execute(f"create or replace table fresh.{place} as\n{stage.statement(table, self._settings)}")
        self.changes[name] = self._compare(name, f"select * from built.{name}") if stage.schema in _COMPARED else 1
        if self.changes[name]:
            with db.within(self._connection, "built"):
                db.create_relation(
                    self._connection,
                    stage.schema,
                    table.name,
                    f"select * from memory.fresh.{place}",
                    ids=table.ids,
                    key=table.key,
                )
        self._drop(f"fresh.{place}")

    def _is_due(self, name: str, inputs: Iterable[str]) -> bool:
        if name == "staging.as_of":  # where the settings do not name it, it depends on the moment of the build too
            return self._settings.as_of_end() is None
        if name in WHOLE_ONLY_IF:
            found = self._found(WHOLE_ONLY_IF[name])
            return any(self._connection.execute(f"{query} limit 1").fetchone() for query in found)
        return any(self.changes.get(other) for other in inputs)

    def _by_key(self, name: str) -> None:
        """Compute the rows of the keys that a rule finds, and replace those that differ."""
        rule, place = RULES[name], _place(name)
        for step, found in rule.first.items():
            self._unite(step, found)
        queries = self._found(rule.affected)
        rows = " union ".join(f"select {rule.key} from ({query})" for query in queries)
        self._connection.execute(
            f"create or replace table affected.{place} as select {rule.key} from ({rows}) where {rule.key} is not null"
            if queries
            else f"create or replace table affected.{place} as select {rule.key} from built.{name} limit 0"
        )
        if not self._count(f"affected.{place}"):
            self._connection.execute(f"create or replace table fresh.{place} as select * from built.{name} limit 0")
            self.changes[name] = 0
            return
        self._refuse_too_much(name, place)
        stage, table = self._tables[name]
        self._cut(self._inputs(name), rule.slices)
        keys = f"select {rule.key} from affected.{place}"
        self._connection.execute(
            f"create or replace table fresh.{place} as select * from (\n{stage.statement(table, self._settings)}\n) where {rule.key} in ({keys})"
        )
        if rule.not_before:
            for changed in _CHANGED.findall(rule.not_before):
                self._be_there(changed)
            keys += f" where {rule.key} not in ({rule.not_before})"
        had = f"{rule.had} and " if rule.had else ""
        columns = ", ".join(self._columns(name))
        old = ", ".join(rule.old) or columns
        self._connection.execute(
            f"create or replace table slices.old_{place} as select rowid as number, {old} from built.{name} where {had}{rule.key} in ({keys})"
        )
        if rule.old:
            self._connection.execute(f"""
                create or replace table changed.{place} as
                select {old}, true as is_new from fresh.{place} union all select {old}, false as is_new from slices.old_{place}
            """)
            self.changes[name] = self._count(f"changed.{place}")
        else:
            self.changes[name] = self._compare(name, f"select {columns} from slices.old_{place}")
        if self.changes[name]:
            differing = f"select {rule.key} from changed.{place}"
            self._connection.execute(
                f"delete from built.{name} where rowid in (select number from slices.old_{place} where {rule.key} in ({differing}))"
            )
            self._connection.execute(
                f"insert into built.{name} ({columns}) select {columns} from fresh.{place} where {rule.key} in ({differing})"
            )
        self._drop(f"slices.old_{place}")

    def _by_deal(self, name: str) -> None:
        """Compute the rows of the affected deals and replace them; all rows where it reads something that no list of deals accounts for."""
        if not self.all_deals:
            self._find_deals()
        inputs = self._inputs(name)
        strange = [
            other
            for other in inputs
            if self.changes.get(other) and not self._is_by_deal(other) and other not in SEEN_IN_AFFECTED_DEALS
        ]
        if strange or any(other in self._wholly_changed for other in inputs):
            self._whole(name)
            self._wholly_changed.add(name)
            return
        self.changes[name] = self.deals
        if not self.deals:
            return
        stage, table = self._tables[name]
        place = _place(name)
        slices = {
            other: f"{_AS_IT_IS}{_place(other)}" if self._is_by_deal(other) else _of_deals(other)
            for other in inputs
            if self._is_by_deal(other) or (other in RULES and RULES[other].key == "deal_id")
        }
        self._cut(inputs, {**slices, **DEAL_SLICES.get(name, {})})
        deals = "select deal_id from affected.deals"
        self._connection.execute(
            f"create or replace table fresh.{place} as select * from (\n{stage.statement(table, self._settings)}\n) where deal_id in ({deals})"
        )
        columns = ", ".join(self._columns(name))
        self._connection.execute(f"delete from built.{name} where deal_id in ({deals})")
        self._connection.execute(f"insert into built.{name} ({columns}) select {columns} from fresh.{place}")

    def _find_deals(self) -> None:
        queries = self._found(AFFECTED_DEALS)
        rows = " union ".join(f"select deal_id from ({query})" for query in queries)
        empty = "select deal_id from built.staging.deals limit 0"
        self._connection.execute(
            f"create or replace table affected.deals as select deal_id from ({rows or empty}) where deal_id is not null"
        )
        self.deals, self.all_deals = self._count("affected.deals"), max(self._count("built.staging.deals"), 1)
        if self.deals > max(SMALL_DEALS, LARGEST_SHARE * self.all_deals):
            raise NotPossibleError(f"{self.deals:,} of {self.all_deals:,} deals are touched by what changed")

    def _refuse_too_much(self, name: str, place: str) -> None:
        if name == "touches.touches":
            found, everything = self._count(f"affected.{place}"), self._count(f"built.{name}")
            if found > max(SMALL_TOUCHES, LARGEST_SHARE * everything):
                raise NotPossibleError(f"{found:,} of {everything:,} touches are touched by what changed")

    # -- what a statement reads ------------------------------------------------------------------------------------------

    def _inputs(self, name: str) -> list[str]:
        """The tables that a table reads, itself or through views; views come before the tables that they read."""
        stage, table = self._tables[name]
        text = re.sub(r"--[^\n]*", "", stage.statement(table, self._settings))
        found: dict[str, None] = {}
        for schema, other in _NAMES.findall(text):
            read = f"{schema}.{other}"
            if read in self._tables and self._tables[read][1].is_view and read != name:
                found.update(dict.fromkeys(self._inputs(read)))
            elif read in self._known and read != name:
                found[read] = None
        return list(found)

    def _is_by_deal(self, name: str) -> bool:
        return name in self._tables and self._tables[name][1].by_deal

    def _cut(self, inputs: Iterable[str], slices: Mapping[str, str]) -> None:
        """Show the slices under the names of their tables, the rest whole."""
        self._show_whole(other for other in inputs if other not in slices)
        for other, query in slices.items():
            for place in _CHANGED.findall(query):
                self._be_there(place)
            if query.startswith(_AS_IT_IS):
                self._connection.execute(f"create or replace view {other} as {query}")
                self._shown_whole.discard(other)
                continue
            self._connection.execute(f"create or replace table slices.{_place(other)} as {query}")
            if "." in other:
                self._connection.execute(f"create or replace view {other} as select * from slices.{_place(other)}")
                self._shown_whole.discard(other)

    def _unite(self, step: str, queries: Sequence[str]) -> None:
        """Make a step towards the keys of a rule; where none of its queries can find anything, without a row."""
        for place in _CHANGED.findall(queries[0]):
            self._be_there(place)
        found = self._found(queries)
        rows = " union ".join(found) if found else f"select * from ({queries[0]}) limit 0"
        self._connection.execute(f"create or replace table slices.{step} as {rows}")

    def _show_whole(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._shown_whole:
                self._connection.execute(f"create or replace view {name} as select * from built.{name}")
                self._shown_whole.add(name)

    def _be_there(self, place: str) -> None:
        """A table of ``changed`` without a row, where nothing has changed."""
        self._connection.execute(
            f"create table if not exists changed.{place} as select *, true as is_new from built.{place.replace('_', '.', 1)} limit 0"
        )

    def _show_view(self, name: str) -> None:
        self._show_whole(self._inputs(name))
        stage, table = self._tables[name]
        self._connection.execute(f"create or replace view {name} as\n{stage.statement(table, self._settings)}")

    # -- what has changed ------------------------------------------------------------------------------------------------

    def _found(self, queries: Iterable[str]) -> list[str]:
        """The queries that can find something: whose every table of ``changed`` has rows."""
        return [
            query for query in queries if all(self.changes.get(place.replace("_", ".", 1)) for place in _CHANGED.findall(query))
        ]

    def _compare(self, name: str, before: str) -> int:
        """Write the rows in which a table differs from what it was to ``changed``; return their number."""
        place, columns = _place(name), ", ".join(self._columns(name))
        now = f"select {columns} from fresh.{place}"
        self._connection.execute(f"""
            create or replace table changed.{place} as
            select {columns}, true as is_new from ({now} except all {before})
            union all
            select {columns}, false as is_new from ({before} except all {now})
        """)
        return self._count(f"changed.{place}")

    def _columns(self, name: str) -> list[str]:
        return self._columns_of[name]

    def _count(self, name: str) -> int:
        row = self._connection.execute(f"select count(*) from {name}").fetchone()
        return int(row[0]) if row else 0

    def _drop(self, name: str) -> None:
        self._connection.execute(f"drop table if exists {name}")


def _place(name: str) -> str:
    """The name of a table in the schemas ``changed``, ``affected``, ``fresh`` and ``slices``."""
    return name.replace(".", "_", 1)


def _of_deals(name: str, catalog: str = "built", columns: str = "*") -> str:
    return f"select {columns} from {catalog}.{name} where deal_id in (select deal_id from affected.deals)"
