"""Settings as ``config.*`` tables: the form in which .sql files read every choice, and one document for later commands."""

from __future__ import annotations

from datetime import UTC, datetime

from attribution import db
from attribution.config import Settings
from attribution.errors import SettingsError
from attribution.free_mail import FREE_MAIL_DOMAINS


def with_currency(connection: db.Connection, settings: Settings) -> Settings:
    """The settings with the reporting currency filled in: the deals' own where there is only one. SettingsError where there are more."""
    if settings.reporting.currency:
        return settings
    rows = connection.execute("select distinct upper(currency) from raw.deals where currency is not null order by 1").fetchall()
    found = [row[0] for row in rows]
    if len(found) > 1:
        raise SettingsError(
            f"attribution.toml: [reporting] currency is not set, and deals have amounts in {', '.join(found)}. "
            f"Say in which currency to report, for example: --set reporting.currency={'EUR' if 'EUR' in found else found[0]}."
        )
    reporting = settings.reporting.model_copy(update={"currency": found[0] if found else None})
    return settings.model_copy(update={"reporting": reporting})


# The layout of a database: raise it when tables or columns that questions read change, so that an older file says "build again"
# instead of failing at a question.
FORMAT = 5


def write_settings(connection: db.Connection, settings: Settings, built_at: datetime, version: str, data: str) -> None:
    """Write the settings as ``config.*`` tables, the form in which .sql files read them, and as one document for later commands."""
    reporting, journeys = settings.reporting, settings.journeys
    as_of = settings.as_of_end()
    db.write_rows(
        connection,
        "config.build",
        {"version": "varchar", "built_at": "timestamp", "data_folder": "varchar", "settings": "varchar", "format": "integer"},
        [(version, built_at, data, settings.model_dump_json(), FORMAT)],
    )
    db.write_rows(
        connection,
        "config.reporting",
        {
            "currency": "varchar",
            "fx_base": "varchar",
            "time_zone": "varchar",
            "as_of_us": "bigint",
            "built_us": "bigint",
            "opened_by_rule": "varchar",
        },
        [
            (
                reporting.currency,
                reporting.fx_base,
                reporting.time_zone,
                _microseconds(as_of),
                _microseconds(built_at),
                reporting.opened_by,
            )
        ],
    )
    db.write_rows(
        connection,
        "config.journeys",
        {
            "join_rule": "varchar",
            "lookback_days": "double",
            "lookback_us": "bigint",
            "start_rule": "varchar",
            "grain": "varchar",
            "grace_us": "bigint",
            "shapley_dimension": "varchar",
            "half_life_days": "double",
        },
        [
            (
                journeys.join_rule,
                journeys.lookback_days,
                round(journeys.lookback_days * 86_400_000_000),
                journeys.start,
                journeys.grain,
                round(journeys.milestone_grace_minutes * 60_000_000),
                settings.models.shapley.dimension,
                settings.models.time_decay.half_life_days,
            )
        ],
    )
    for table, column, values in (
        ("actors", "actor", journeys.actors),
        ("excluded_channels", "channel", journeys.exclude_channels),
        ("excluded_kinds", "kind", journeys.exclude_kinds),
        ("direct_channels", "channel", journeys.direct_channels),
        ("free_mail_domains", "domain", FREE_MAIL_DOMAINS),
    ):
        db.write_rows(connection, f"config.{table}", {column: "varchar"}, [(value,) for value in sorted(set(values))])
    db.write_rows(
        connection,
        "config.channel_teams",
        {"channel": "varchar", "team": "varchar"},
        [(name, channel.team) for name, channel in settings.channels.items()],
    )


def _microseconds(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    delta = moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return delta.days * 86_400_000_000 + delta.seconds * 1_000_000 + delta.microseconds
