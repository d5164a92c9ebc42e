"""The build: from a data folder to a verified database. STAGES is the table of contents; data goes down the list and never up.

A new version is written beside the one in service, verified, and then put into service by one atomic rename of CURRENT.
Whatever goes wrong before that, the old version keeps serving and the message says why.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from attribution import config_tables, connectors, cubes, db, settings_file
from attribution.config import Settings
from attribution.errors import ClosedLoopError, DatabaseError, DataError
from attribution.models import fitting, learned, weights
from attribution.paths.of_deals import Ask
from attribution.refresh import NotPossibleError, Refreshed, refresh
from attribution.refresh.origin import write_origin
from attribution.verify import verify

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Table:
    """One table of a stage: ``schema.name``, made by the .sql file of that name, or by SQL composed from the models' registry.

    A view costs nothing to keep; it is right where one later table reads every row of it. ``by_deal``: it has a deal_id, and the rows
    of a deal follow from this deal's rows in other such tables (and from small tables), so that a refresh computes only the deals that
    something has changed for. Every other table is computed whole where something that it reads has changed, unless refresh/rules.py
    knows better: that is always right. ``later``: a what-if makes it when a question first names one of these words. ``ids``: columns with
    millions of ids → db.ID or db.SEARCHED_ID. ``key``: the column by which single rows are asked for.
    """

    name: str
    compose: Callable[[Settings], str] | None = None
    is_view: bool = False
    by_deal: bool = False
    later: tuple[str, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True)
class Stage:
    """One layer: its schema and folder (``sql/<number>_<schema>``), what it does in words, and its tables in order.

    ``learn``: small tables of this layer that no SQL can make, from what stands by then: name → columns.
    """

    schema: str
    number: int
    does: str
    tables: tuple[Table, ...]
    learn: Callable[[Ask, Settings], Mapping[str, fitting.Columns]] | None = None

    @property
    def folder(self) -> Path:
        """Where the stage's .sql files are."""
        return Path(__file__).parent / "sql" / f"{self.number}_{self.schema}"

    def statement(self, table: Table, settings: Settings) -> str:
        """The SELECT that makes a table of this stage."""
        return table.compose(settings) if table.compose else (self.folder / f"{table.name}.sql").read_text(encoding="utf-8")


def cube_tables(schema: str, is_view: bool = False) -> tuple[Table, ...]:
    """The cubes of a schema, as tables or as views."""

    def composed(cube: cubes.Cube) -> Table:
        return Table(cube.name, lambda settings: cube.sql(settings.all_models(), is_view), is_view, by_deal=not is_view)

    return tuple(composed(cube) for cube in cubes.CUBES if cube.schema == schema)


def learned_tables(is_view: bool = False) -> tuple[Table, ...]:
    """What the weights of the learned models are divided by (small, so it is stored), and the views that have these weights: the ledger,
    and one for each cube."""

    asked = (cubes.LEDGER, "marts.journey_effects", *(cubes.learned_view(cube) for cube in cubes.CUBES if cube.columns))

    def composed(cube: cubes.Cube) -> Table:
        name = cubes.learned_view(cube)
        return Table(
            name.removeprefix(f"{cube.schema}."),
            lambda settings: learned.cube_sql(cube, settings.all_models(), settings.models.markov.dimension),
            is_view=True,
            later=(name,),
        )

    return (
        Table(
            "journey_effects",
            lambda settings: learned.journey_effects_sql(settings.all_models(), settings.models.markov.dimension),
            is_view,
            later=asked,
        ),
        Table(
            "credits",
            lambda settings: learned.ledger_sql(settings.all_models(), settings.models.markov.dimension),
            is_view=True,
            later=(cubes.LEDGER,),
        ),
        *(composed(cube) for cube in cubes.CUBES if cube.columns),
    )


STAGES: tuple[Stage, ...] = (
    Stage(
        "staging",
        1,
        "Converting currencies and matching addresses to content",
        (
            Table("as_of"),
            Table("rates"),
            Table("all_deals"),
            Table("deals"),
            Table("all_spend"),
            Table("all_content_assets"),
            Table("content_assets"),
            Table("spend"),
            Table("finance_totals"),
            Table("quarantine"),
            Table("load_report"),
            Table("url_patterns"),
            Table("url_assets"),
            Table("touches", is_view=True),
        ),
    ),
    Stage(
        "identity",
        2,
        "Finding out who is who",
        (
            Table("merged_contacts"),
            Table("contact_ids"),
            Table("account_ids"),
            Table("deal_ids"),
            Table("domain_accounts"),
            Table("contacts", key="contact_id"),
            Table("visitor_contacts"),
            Table("deal_contacts"),
            Table("deal_accounts"),
        ),
    ),
    Stage(
        "touches",
        3,
        "Giving each touch to its person, company and deal",
        (
            Table("linked_contacts"),
            Table("touches", ids={"touch_id": db.ID, "contact_id": db.SEARCHED_ID, "visitor_id": db.ID}),
            Table("linked_deals", ids={"touch_id": db.ID}),
            Table("account_touches", ids={"touch_id": db.ID}),
            Table("people"),
            Table("reached_people"),
            Table("reached_accounts"),
        ),
    ),
    Stage(
        "journeys",
        4,
        "Ordering the journey of each deal",
        (
            Table("deal_people"),
            Table("deals", by_deal=True, key="deal_id"),
            Table("deal_touches", by_deal=True, ids={"touch_id": db.ID}),
            Table("summaries", by_deal=True),
            Table("value_counts", by_deal=True),
            Table("journey_touches", is_view=True),
            Table("gaps", by_deal=True),
        ),
    ),
    Stage(
        "credits",
        5,
        "Sharing each deal among its touches under every model",
        (
            Table(
                "weights",
                lambda settings: weights.weights_sql(settings.all_models(), settings.policies()),
                by_deal=True,
                ids={"touch_id": db.ID},
            ),
            *cube_tables("credits"),
            Table("unattributed", lambda settings: weights.unattributed_sql(settings.all_models()), by_deal=True),
        ),
        learn=fitting.fit,
    ),
    Stage(
        "marts",
        6,
        "Writing the ledger",
        (
            Table("openings", by_deal=True),
            Table("deals", by_deal=True, key="deal_id"),
            *cube_tables("marts"),
            *learned_tables(),
            Table("asset_uses", by_deal=True),
            Table("lead_touches"),
            Table("asset_reach"),
        ),
    ),
)


@dataclass(frozen=True)
class BuildResult:
    """What a build did, in a sentence too: the version in service now, where it is, and the deals that are gone at the source since the one before.

    ``refreshed``: it was made from the version before.
    """

    version: str
    path: Path
    gone_deals: int
    did: str = ""
    refreshed: bool = False


def to_standard_error(message: str) -> None:
    """The default progress: one line per step on standard error."""
    print(message, file=sys.stderr, flush=True)


def run_stages(
    connection: db.Connection, settings: Settings, stages: Sequence[Stage] = STAGES, progress: Progress | None = None
) -> None:
    """Make the tables of the stages in order. Tables of lower stages must be there."""
    for stage in stages:
        if progress:
            progress(f"{stage.does} …")
        for table in stage.tables:
            statement = stage.statement(table, settings)
            db.create_relation(connection, stage.schema, table.name, statement, table.is_view, table.ids, table.key)
        if stage.learn:
            for name, columns in stage.learn(db.asking(connection), settings).items():
                db.write_columns(connection, f"{stage.schema}.{name}", columns)


def build(
    data: Path,
    database: Path,
    config_file: Path | None = None,
    overrides: Sequence[str] = (),
    progress: Progress = to_standard_error,
    full: bool = False,
) -> BuildResult:
    """Build a new version of ``database`` from the folder ``data`` and put it into service.

    Where it can, it brings a copy of the version in service up to date by what has changed, and says so in ``did``; else, and with
    ``full``, it computes everything, and says why. Either way there is a new version, also where nothing has changed.
    Raises a ClosedLoopError that says where, what and what next; the version in service is then untouched.
    """
    if not data.is_dir():
        what = "is a file, not a folder" if data.exists() else "there is no such folder"
        raise DataError(f"{data}: {what}. Point --data at the folder that holds deals.csv and the other files.")
    settings = settings_file.read_settings(data, config_file, overrides)
    with db.building(database) as draft:
        done, gone, why = _refresh(draft, settings, data, progress) if not full else (None, 0, "it was asked for")
        if done:
            since = ", no file has changed" if done.same_files else ""
            did = f"Refreshed: {done.deals:,} of {done.all_deals:,} deals were recomputed{since}."
        else:
            did = f"Everything was computed: {why}." if why else "Everything was computed."
            gone = _compute_everything(draft, settings, data, progress)
        path = draft.put_into_service(settings.database.keep_versions)
    return BuildResult(draft.version, path, gone, did, done is not None)


def _refresh(draft: db.Draft, settings: Settings, data: Path, progress: Progress) -> tuple[Refreshed | None, int, str]:
    """Return what a refresh did and how many deals are gone; or nothing and why everything has to be computed (empty: there was nothing before)."""
    if draft.previous is None:
        return None, 0, ""
    try:
        done, gone = refresh(draft, settings, STAGES, data, _gone_deals(draft, data), progress)
        return done, gone, ""
    except NotPossibleError as error:
        why = str(error)
    # Whatever went wrong on the short way, the long way does not depend on it; it will say so itself where the data are at fault.
    except Exception as error:
        why = f"a refresh stopped ({(str(error) or type(error).__name__).splitlines()[0]})"
    draft.discard()
    progress(f"Everything is computed: {why}.")
    return None, 0, why


def _compute_everything(draft: db.Draft, settings: Settings, data: Path, progress: Progress) -> int:
    """Fill the draft from the data folder alone; return how many deals are gone at the source."""
    connection = db.connect(draft.path)
    try:
        # Rows of a table have no order of their own here, and keeping one costs a fifth of the time.
        connection.execute("set preserve_insertion_order = false")
        # Cleaning texts asks of millions of them whether they are in a short list, which is quicker looked through than joined.
        connection.execute("set disabled_optimizers = 'in_clause'")
        connection.execute(f"set memory_limit = {db.quoted(settings.database.memory_limit)}")
        db.create_schemas(connection)
        progress(f"Reading {data} …")
        connectors.load(data, connection, settings.reporting.time_zone, progress)
        settings = config_tables.with_currency(connection, settings)
        config_tables.write_settings(
            connection, settings, built_at=draft.built_at, version=draft.version, data=str(data.resolve())
        )
        write_origin(connection, settings, STAGES, refreshes=0)
        run_stages(connection, settings, progress=progress)
        gone = _gone_deals(draft, data)(connection)
        progress("Checking that everything adds up …")
        verify(connection, settings)
        connection.execute("checkpoint")
        return gone
    except db.Error as error:
        limit = settings.database.memory_limit
        what_next = (
            f"These files need more memory than database.memory_limit = {limit!r} allows: give it more, such as --set database.memory_limit=8GB."
            if "Out of Memory" in str(error)
            else "Check that the disk has room and that the folder can be written, then build again."
        )
        raise DatabaseError(
            f"{draft.database}: the build stopped ({str(error).splitlines()[0]}). The version in service is unchanged. {what_next}"
        ) from error
    finally:
        connection.close()


def _gone_deals(draft: db.Draft, data: Path) -> Callable[[db.Connection], int]:
    return lambda connection: _compare_with_previous(connection, draft.previous, str(data.resolve()))


def _compare_with_previous(connection: db.Connection, previous: Path | None, data: str) -> int:
    """Keep the deals that the version before had from the same folder and that are gone now: ``checks.gone_deals``."""
    connection.execute(
        "create or replace table checks.gone_deals (deal_id varchar, name varchar, status varchar, amount decimal(18, 2))"
    )
    if previous is None:
        return 0
    try:
        with db.attached(connection, previous, "previous"):
            same = connection.execute("select count(*) from previous.config.build where data_folder = ?", [data]).fetchone()
            if same and same[0]:
                connection.execute(
                    "insert into checks.gone_deals select deal_id, name, status, amount from previous.staging.all_deals as before_deals "
                    "where not exists (select 1 from staging.all_deals as deals where deals.deal_id = before_deals.deal_id) order by deal_id"
                )
    except (db.Error, ClosedLoopError):
        # The version before cannot be read (damaged, or of an older format): there is nothing to compare with.
        return 0
    row = connection.execute("select count(*) from checks.gone_deals").fetchone()
    return row[0] if row else 0
