"""A database that answers: what ``attribution.open`` returns. The command line, the app and notebooks ask the same methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attribution import bridge, cubes, db, query, settings_file
from attribution.credit import credit_rows
from attribution.errors import DatabaseError, SettingsError
from attribution.explain import Explanation, explain_deal
from attribution.filters import ALL_TIME, Filters, check_values
from attribution.models import Model
from attribution.models.learned import learned, not_learned
from attribution.namesakes import labels_of
from attribution.opened import Opened
from attribution.schema import TABLE_NAMES

# Importing is most of what a single question takes: pandas, numpy and all that builds are loaded by what needs them.
if TYPE_CHECKING:
    import pandas as pd

    from attribution.models.fitting import Learned

# Settings that decide how files are read or money is converted: they can only change in a build.
BUILD_ONLY = ("reporting.time_zone", "reporting.currency", "reporting.fx_base", "reporting.as_of", "database.")

# In the order of the tables' registry.
LOAD_REPORT = "select {columns} from staging.load_report order by list_position(cast(? as varchar[]), table_name), block, file"


class Dataset(Opened):
    """One version of a database: what it answers. Safe to use from several threads."""

    def with_settings(self, overrides: Mapping[str, Any] | Sequence[str]) -> Dataset:
        """The same data under other settings (a what-if): ``{"journeys.lookback_days": 90}`` or ``["journeys.lookback_days=90"]``.

        Recomputes journeys and credits in memory and leaves the database untouched. Raises SettingsError for settings that only a
        build can change.
        """
        if isinstance(overrides, Mapping):
            overrides = [f"{key}={_toml(value)}" for key, value in overrides.items()]
        if not overrides:
            return self
        for override in overrides:
            if override.strip().startswith(BUILD_ONLY):
                raise SettingsError(
                    f"--set {override}: this setting takes effect when the files are read, so it can only change in a build: "
                    f"python -m attribution build --set {override}"
                )
        return self._same_version(Dataset(self.path, settings_file.with_overrides(self.settings, overrides), self.learned_from))

    def fitted(self, filters: Filters) -> Dataset:
        """The same data, with the learned models (markov, markov_shapley) learned from the deals that the filters select, not from all.

        Nothing else changes. ``learned`` says on how many journeys they then rest.
        """
        return self._same_version(Dataset(self.path, self.settings, self.resolve(filters)))

    def _same_version(self, other: Dataset) -> Dataset:
        other.notice = self.notice
        if other.version != self.version:
            other.close()
            raise DatabaseError(
                f"{self.path}: a new version took its place a moment ago. Ask again, and it answers from the new one."
            )
        return other

    @cached_property
    def as_of(self) -> datetime:
        """The moment up to which the data is known, in UTC."""
        moment: datetime = self.rows("select from_us(as_of_us) from staging.as_of")[0][0]
        return moment

    @property
    def models(self) -> tuple[Model, ...]:
        """The models of this dataset: built-in, then custom."""
        return self.settings.all_models()

    def learned(self, model: str) -> Learned | None:
        """On what a learned model rests; None for any other model."""
        return self._learned[model] if self.settings.model(model).is_learned else None

    @cached_property
    def _learned(self) -> dict[str, Learned]:
        from attribution.models.fitting import Learned

        columns = "dimension, chain_order, journeys, won, lost, gone_quiet, conversion_rate, note"
        return {model: Learned(*fit) for model, *fit in self.rows(f"select model, {columns} from credits.fits")}

    def learned_words(self, models: Sequence[str]) -> list[str]:
        """On what the learned ones of these models rest, each line once."""
        found = [self.learned(model) for model in models]
        return list(dict.fromkeys(entry.in_words(self.learned_from is not None) for entry in found if entry))

    @cached_property
    def _labels(self) -> dict[str, dict[str, str]]:
        """What ids are called, by dimension: found once, as a version does not change."""
        return {}

    @cached_property
    def extra_dimensions(self) -> tuple[str, ...]:
        """Further columns of deals that were kept; ``deal_…`` before a name that a dimension has already."""
        rows = self.rows(
            "select distinct unnest(json_keys(extra)) as name from marts.deals where extra is not null order by name"
        )
        taken = {entry.name for entry in query.DIMENSIONS}
        return tuple(f"deal_{row[0]}" if row[0] in taken else row[0] for row in rows)

    @cached_property
    def known_values(self) -> dict[str, tuple[str, ...]]:
        """Filter word → the values that the data has."""
        columns = {
            "channel": "select distinct channel from touches.touches",
            "campaign": "select campaign_id from raw.campaigns union select campaign_id from touches.touches",
            "segment": "select distinct segment from marts.deals",
            "industry": "select distinct industry from marts.deals",
            "country": "select distinct country from marts.deals",
            "owner": "select distinct owner_id from marts.deals",
            "deal_type": "select distinct deal_type from marts.deals",
            "pipeline": "select distinct pipeline from marts.deals",
        }
        return {word: tuple(sorted(row[0] for row in self.rows(sql) if row[0] is not None)) for word, sql in columns.items()}

    def labels(self, dimension: str) -> dict[str, str]:
        """Id or code → name on screen, for dimensions that hold ids (campaign, asset, owner, partner, deal), channels, kinds and topics."""
        if dimension == "deal":
            return dict(self.rows("select deal_id, coalesce(name, deal_id) from marts.deals"))
        if dimension in ("campaign", "asset", "owner", "partner"):
            if dimension not in self._labels:
                self._labels[dimension] = labels_of(self, dimension)
            return dict(self._labels[dimension])
        named = {"channel": self.settings.channels, "kind": self.settings.kinds, "topic": self.settings.topics}.get(dimension, {})
        return {name: entry.label for name, entry in named.items() if entry.label}  # type: ignore[attr-defined]

    def resolve(self, filters: Filters) -> Filters:
        """Filters with the dates of their period, checked against the data. QueryError for a value that the data does not have."""
        check_values(filters, lambda: self.known_values)
        return filters.resolved(self.settings, self.as_of)

    def metrics(
        self,
        names: Sequence[str],
        by: Sequence[str] = (),
        filters: Filters = ALL_TIME,
        model: str | None = None,
    ) -> pd.DataFrame:
        """Metrics of the registry, unrounded: one row per value of the dimensions. Columns ``[*by, *names]``.

        Where a dimension of the touch is asked, its row "Unattributed" holds what no touch earned.
        """
        question = self._ordered(names, by, filters, model)
        frame = self.frame(question.sql, question.parameters)
        return frame[[*(query.column_name(name, names) for name in by), *names]]

    def metric_rows(
        self, names: Sequence[str], by: Sequence[str] = (), filters: Filters = ALL_TIME, model: str | None = None
    ) -> list[dict[str, Any]]:
        """``metrics`` as plain rows; figures as floats, None where there is nothing to divide by."""
        question = self._ordered(names, by, filters, model)
        keys, count = [query.column_name(name, names) for name in by], len(by)
        found = []
        for row in self.rows(question.sql, question.parameters):
            values = (None if value is None else float(value) for value in row[count + 1 :])
            found.append({**dict(zip(keys, row[:count], strict=True)), **dict(zip(names, values, strict=True))})
        return found

    def _ordered(self, names: Sequence[str], by: Sequence[str], filters: Filters, model: str | None) -> query.Query:
        question = self.question(names, by, filters, model)
        # By the dimensions, then by is_unattributed: a channel may be called "Unattributed" as well.
        order = ", ".join(f"{place} nulls last" for place in range(1, len(by) + 2))
        return query.Query(f"{question.sql}\norder by {order}", question.parameters)

    def question(
        self, names: Sequence[str], by: Sequence[str], filters: Filters = ALL_TIME, model: str | None = None
    ) -> query.Query:
        """The SQL and parameters with which ``metrics`` answers: what "Show query" shows."""
        chosen = self.settings.model(model or self.settings.reporting.model)
        return query.metrics_query(names, by, self.resolve(filters), chosen, self.extra_dimensions)

    def credit(
        self,
        model: str | None = None,
        by: Sequence[str] = ("channel",),
        measures: Sequence[str] = ("revenue", "deals"),
        filters: Filters = ALL_TIME,
    ) -> pd.DataFrame:
        """Measures by dimensions under a model ("all": every model). Columns ``[*by, model, *measures]``, sorted by them.

        Money is rounded to cents and deals to 6 decimals by largest remainder, so rows add up to their rounded total.
        """
        import pandas as pd

        rows = self.credit_rows(model, by, measures, filters)
        words = [*(query.column_name(name, measures) for name in by), "model"]
        texts = {key: pd.Series([row[key] for row in rows], dtype="str") for key in words}
        return pd.DataFrame({**texts, **{key: pd.Series([row[key] for row in rows], dtype="float64") for key in measures}})

    def credit_rows(
        self,
        model: str | None = None,
        by: Sequence[str] = ("channel",),
        measures: Sequence[str] = ("revenue", "deals"),
        filters: Filters = ALL_TIME,
    ) -> list[dict[str, Any]]:
        """``credit`` as plain rows: what a page wants, which asks a dozen small questions and would spend its time on making frames."""
        return credit_rows(self, model, by, measures, filters)

    def deal_weights(self, by: str, filters: Filters = ALL_TIME) -> pd.DataFrame:
        """What each won deal gives each value of a dimension of the touch under every model: what bootstraps draw from.

        Columns ``deal_id, value`` (None: touches without one), ``amount`` and one weight (0–1) per model, named ``Model.column``. A deal and value have
        one row for the learned models, and one for all others: the rows add up. Their order is arbitrary.
        """
        import pandas as pd

        resolved, found = self.resolve(filters), []
        for some in (not_learned(self.models), learned(self.models)):  # as elsewhere, the learned ones are asked apart
            question = query.weights_query(by, resolved, some, self.extra_dimensions)
            found.append(self.frame(question.sql, question.parameters))
        return pd.concat(found, ignore_index=True).fillna({model.column: 0.0 for model in self.models})

    def deal_touches(self, by: str, beside: str, filters: Filters = ALL_TIME) -> pd.DataFrame:
        """How many counted touches of each won deal lie on a pair of values: ``deal_id, value, other, touches``."""
        question = query.touches_query(by, beside, self.resolve(filters), self.extra_dimensions)
        return self.frame(question.sql, question.parameters)

    def reconcile(self, model: str | None = None, filters: Filters = ALL_TIME) -> pd.DataFrame:
        """The bridge from finance and the CRM to what touches earned: columns ``step, deals, revenue``. Each step a positive quantity."""
        import pandas as pd

        return pd.DataFrame(self.bridge_steps(model, filters), columns=list(bridge.COLUMNS))

    def bridge_steps(self, model: str | None = None, filters: Filters = ALL_TIME) -> list[tuple[str, float | None, float]]:
        """``reconcile`` as plain rows."""
        return bridge.reconcile(self, self.settings.model(model or self.settings.reporting.model), self.resolve(filters))

    @cached_property
    def won_in_quarantine(self) -> tuple[int, Decimal]:
        """Won rows that could not be read: how many, and their amount."""
        return bridge.won_in_quarantine(self)

    def bridge_deals(self, step: str, model: str | None = None, filters: Filters = ALL_TIME) -> pd.DataFrame:
        """The deals behind one step of the bridge, with the amount that each brings to it."""
        return bridge.deals_of_step(
            self, step, self.settings.model(model or self.settings.reporting.model), self.resolve(filters)
        )

    def deals(self, filters: Filters = ALL_TIME, status: str | None = None, search: str = "") -> pd.DataFrame:
        """Deals that the filters select, largest first. ``status``: open, won, lost or None for all; ``search``: part of a name or id."""
        resolved = self.resolve(filters)
        where = query.deal_condition(resolved)
        sql = (
            "select deal_id, name, account_id, account_name, segment, industry, country, owner_id, owner_name, partner_id, partner_name, "
            "pipeline, deal_type, deal_stage, status, from_us(created_us) as created_at, from_us(closed_us) as closed_at, created_on, closed_on, "
            "strftime(closed_on, '%Y-%m') as month, cycle_days, cast(amount as double) as amount, cast(cost_of_delivery as double) as cost_of_delivery, "
            "original_currency, touch_count, opened_by, is_influenced, is_sourced, loss_reason, competitor, expected_close_on, source_file, source_row "
            f"from marts.deals as deals where {where.sql}"
        )
        parameters: list[Any] = list(where.parameters)
        if resolved.select_credits:
            credits = resolved.where_credits()
            sql += f" and exists (select 1 from {cubes.source(credits.sql)} as credits where credits.deal_id = deals.deal_id and {credits.sql})"
            parameters += credits.parameters
        if status:
            sql += " and status = ?"
            parameters.append(status)
        if search.strip():
            sql += " and (contains(lower(coalesce(name, '')), ?) or contains(lower(coalesce(account_name, '')), ?) or contains(lower(deal_id), ?))"
            parameters += [search.strip().lower()] * 3
        return self.frame(sql + " order by amount desc, deal_id", parameters)

    def explain(self, deal_id: str, model: str | None = None) -> Explanation:
        """One deal: every touch that reached it, what it earned and why, down to the source row. QueryError for an unknown deal."""
        return explain_deal(self, deal_id, self.settings.model(model or self.settings.reporting.model))

    def load_report(self) -> pd.DataFrame:
        """One row per block and file: rows in = left out + loaded + duplicates + quarantined."""
        return self.frame(LOAD_REPORT.format(columns="*"), [list(TABLE_NAMES)])

    def quarantine(self) -> pd.DataFrame:
        """Rows that could not be read: file, line, column, value, reason."""
        return self.frame(
            "select table_name, file, line, column_name, value, reason, record from staging.quarantine order by table_name, file, line"
        )

    def checks(self) -> pd.DataFrame:
        """The data-quality report: columns ``check, severity, rows, what, next``."""
        from attribution.checks import run_checks

        return run_checks(self)


def open_dataset(database: Path | str = "build", overrides: Sequence[str] = ()) -> Dataset:
    """Open the version of a database that is in service; where it is damaged, the last good one, with a ``notice`` that says so.

    Raises DatabaseError where there is none.
    """
    first_error: DatabaseError | None = None
    for path in db.readable_paths(Path(database)):
        try:
            dataset = Dataset(path)
        except DatabaseError as error:
            if not path.exists():  # removed by a build that ended in this moment
                return open_dataset(database, overrides)
            first_error = first_error or error
            continue
        wrong = str(first_error or db.lost_pointer(Path(database)))
        if wrong:
            dataset.notice = f"{wrong} Until then the last good version ({dataset.version}) is shown."
        return dataset.with_settings(overrides)
    raise first_error or DatabaseError(f"{database}: there is no database here yet. Build it: python -m attribution build")


def _toml(value: Any) -> str:
    """A Python value as TOML text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
