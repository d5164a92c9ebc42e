"""Where the app gets its numbers: every cache, keyed by the version of the data, so that a new build is seen at once.

Those of the content pages are in content_data.py, those of the meeting and of what people write in meeting_data.py.

A page asks for one view (all it shows under the filters that are set) and lays it out; attribution/views makes it. Small
aggregates are cached, never the tables under them; the database itself is opened once per version and shared.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

import attribution
from attribution import versions
from attribution.charts import formats
from attribution.errors import QueryError
from attribution.filters import Filters
from attribution.onboarding import looking, serving
from attribution.search import Index
from attribution.views import campaigns as campaigns_view
from attribution.views import compare as compare_view
from attribution.views import compare_tables as compare_tables_view
from attribution.views import credit as credit_view
from attribution.views import deals as deals_view
from attribution.views import explore as explore_view
from attribution.views import explore_shown, state
from attribution.views import glossary as glossary_view
from attribution.views import health as health_view
from attribution.views import honesty as honesty_view
from attribution.views import one_campaign as one_campaign_view
from attribution.views import overview as overview_view
from attribution.views import paths as paths_view
from attribution.views import search as search_view
from attribution.views import what_if as what_if_view
from attribution.views.campaigns import Campaigns, Known
from attribution.views.compare import Compare
from attribution.views.compare import Question as Compared
from attribution.views.credit import Credit, Question
from attribution.views.deals import Explained
from attribution.views.explore import Explore
from attribution.views.explore_ways import Question as Pivoted
from attribution.views.health import Health
from attribution.views.honesty import Honesty
from attribution.views.one_campaign import OneCampaign
from attribution.views.overview import Overview
from attribution.views.paths import Journeys, PathsView
from attribution.views.paths import Question as PathsQuestion
from attribution.views.state import Choice, Names
from attribution.views.what_if import Rule, WhatIf
from pages.components.keep import kept

if TYPE_CHECKING:  # what costs time to import is imported where it is used
    from attribution.honesty.trial import Trial


def database_path() -> Path:
    """The database the app serves: CLOSED_LOOP_DB, else build/ beside app.py."""
    return Path(os.environ.get("CLOSED_LOOP_DB") or _repository() / "build")


def data_path() -> Path:
    """The data folder that a first run builds: CLOSED_LOOP_DATA, else sample_data/ beside app.py."""
    return Path(os.environ.get("CLOSED_LOOP_DATA") or _repository() / "sample_data")


def _repository() -> Path:
    return Path(__file__).resolve().parent.parent.parent


def version_in_service(path: Path) -> str:
    """What tells one version of the database from the next, without opening it; empty where there is none."""
    return versions.in_service(path)


@kept(4)
def glossary_terms(version: str, _ds: Any) -> tuple[glossary_view.Term, ...]:
    """Every word with its meaning, the rules of one version of the data among them."""
    return glossary_view.terms(_ds)


_VERSION = re.compile(r"\d{8}T\d{12}Z")


def version_path(database: Path, version: str) -> Path | None:
    """The file of a version that a link asks for; None where it is not kept, or where that is no name of a version."""
    if database.suffix == ".duckdb" or not _VERSION.fullmatch(version):
        return None
    path = database / f"data-{version}.duckdb"
    return path if path.is_file() else None


def built_words(version: str) -> str:
    """When a version was built, from its name: "12 Mar 2026, 10:02 UTC"; empty for another form of name."""
    try:
        moment = datetime.strptime(version, "%Y%m%dT%H%M%S%fZ")
    except ValueError:
        return ""
    return f"{formats.day(moment)}, {moment:%H:%M} UTC"


@kept(64)
def campaigns_of(version: str, owner: str, _ds: Any) -> tuple[str, ...]:
    """The campaigns that an owner is responsible for."""
    return state.campaigns_of(_ds, owner)


@kept(3)
def dataset(path: str, version: str) -> Any:
    """The database of one version. Raises DatabaseError where it is damaged."""
    opened = attribution.open(path)
    opened.remember(2000)  # about 15 MB: most hold a few dozen rows
    return opened


@kept(4)
def names(version: str, _ds: Any) -> Names:
    """Names, filter values and the colour of each channel: of all data, so that no filter changes them."""
    return state.names_of(_ds)


@kept(128)
def overview(version: str, choice: Choice, _ds: Any, _names: Names) -> Overview:
    """The overview under a choice of filters."""
    return overview_view.overview(_ds, choice, _names)


@kept(128)
def ranking(version: str, choice: Choice, by: str, _ds: Any, _names: Names) -> pd.DataFrame:
    """What earned most, by channel, campaign or asset."""
    return overview_view.ranking(_ds, choice, by, _names)


@kept(128)
def credit(version: str, choice: Choice, question: Question, _ds: Any, _names: Names) -> Credit:
    """The attribution page under a choice of filters."""
    return credit_view.credit(_ds, choice, question, _names)


@st.cache_resource(max_entries=8, show_spinner=False)
def learned_from(version: str, filters: Filters, _ds: Any) -> Any:
    """The same data, learned rules counted from the filtered deals only."""
    return _ds.fitted(filters)


@kept(64)
def monthly(version: str, choice: Choice, question: Question, months: tuple[str, ...], _ds: Any) -> dict[str, tuple[float, ...]]:
    """The months of each row of the attribution page."""
    return credit_view.monthly(_ds, choice, question, months)


@kept(4)
def known_campaigns(version: str, _ds: Any) -> Known:
    """The family of campaigns and what each did since its start: frozen, and the same for every choice of filters."""
    return campaigns_view.known(_ds)


@kept(64)
def campaigns(version: str, choice: Choice, second: str, order: str, _ds: Any, _names: Names) -> Campaigns:
    """Every campaign under a choice of filters."""
    return campaigns_view.campaigns(_ds, choice, second, order, known_campaigns(version, _ds), _names)


@kept(64)
def one_campaign(version: str, choice: Choice, second: str, campaign_id: str, _ds: Any, _names: Names) -> OneCampaign | None:
    """One campaign under a choice of filters; None where there is no such campaign."""
    everything = campaigns(version, choice, second, "credited", _ds, _names)
    return one_campaign_view.one_campaign(_ds, choice, second, known_campaigns(version, _ds), everything, campaign_id, _names)


@kept(128)
def explore(version: str, choice: Choice, question: Pivoted, _ds: Any, _names: Names) -> Explore:
    """The explore page under a choice of filters."""
    return explore_view.explore(_ds, choice, question, _names)


@kept(4)
def explore_file(version: str, choice: Choice, question: Pivoted, _ds: Any, _names: Names) -> tuple[pd.DataFrame, bool]:
    """Every combination of the explore page's question as a row, and whether there were too many."""
    return explore_shown.full_file(_ds, choice.filters.resolved(_ds.settings, _ds.as_of), choice.model, question, _names)


@st.cache_resource(max_entries=4, show_spinner=False)
def other_settings(version: str, overrides: tuple[tuple[str, Any], ...], _ds: Any, learned_from: Filters | None = None) -> Any:
    """The same data under other settings, recomputed in memory: few are kept, each holds its own journeys and credits.

    ``learned_from``: the deals from which ``_ds`` counts learned rules, where those are not all.
    """
    return _ds.with_settings(dict(overrides))


@kept(64)
def what_if(version: str, choice: Choice, question: Question, rule: Rule, _ds: Any, _names: Names) -> WhatIf:
    """What another rule would change. Takes as long as recomputing all journeys where the rule sets more than the model."""
    other = other_settings(version, rule.overrides(_ds.settings), _ds, choice.filters if question.learned_from != "all" else None)
    return what_if_view.what_if(_ds, other, choice, question, rule, _names)


@st.cache_resource(max_entries=16, show_spinner="Drawing the deals a thousand times")
def compared(version: str, choice: Choice, question: Compared, _ds: Any) -> Any:
    """Every value under every rule with its likely range: the slow part of the page that compares models."""
    return compare_view.find(_ds, choice, question)


@st.cache_resource(max_entries=128, show_spinner=False)
def compared_elsewhere(version: str, choice: Choice, question: Compared, setting: Any, _ds: Any) -> Any:
    """The same values under one other lookback or join rule; recomputes all journeys in memory, and keeps only the shares."""
    return compare_view.elsewhere(_ds, choice, compared(version, choice, question, _ds), setting)


@kept(64)
def compare(version: str, choice: Choice, question: Compared, settings: tuple[Any, ...], _ds: Any, _names: Names) -> Compare:
    """The page that compares models under a choice of filters; ``settings``: those that have been computed."""
    tried = [compared_elsewhere(version, choice, question, setting, _ds) for setting in settings]
    return compare_view.compare(_ds, choice, question, compared(version, choice, question, _ds), tried, _names)


@kept(64)
def compare_tables(version: str, choice: Choice, question: Compared, settings: tuple[Any, ...], _view: Compare) -> Any:
    """(a row per value and rule; a row per value, and its columns that hold shares) of the page that compares models. Not to be changed."""
    return compare_tables_view.every_dot(_view), *compare_tables_view.every_rule(_view)


@st.cache_resource(max_entries=2, show_spinner="Reading the names")
def search_index(version: str, _ds: Any) -> Index:
    """What can be found in one version of the data: made when somebody first searches."""
    return Index(_ds.path)


@kept(256)
def found(version: str, words: str, _ds: Any, _index: Index) -> tuple[search_view.Group, ...]:
    """What holds all the words, by kind."""
    return search_view.results(_index, words, _ds.settings.reporting.currency)


@kept(256)
def drawn(of: tuple[Any, ...], _make: Callable[[], dict[str, Any]]) -> Any:
    """A figure, made once per ``of``."""
    from pages.components.figures import Drawn  # with Plotly, which the first paint of a page without pictures does not need

    return Drawn(_make())


@kept(128)
def laid_out(of: tuple[Any, ...], _make: Callable[[], Any]) -> Any:
    """What a page makes of an answer to show it, a table with its chips and tints: made once per ``of``."""
    return _make()


@kept(64)
def deals(version: str, filters: Filters, status: str | None, search: str, _ds: Any) -> pd.DataFrame:
    """Deals under the filters, biggest first."""
    found: pd.DataFrame = _ds.deals(filters=filters.resolved(_ds.settings, _ds.as_of), status=status, search=search)
    return found


@kept(64)
def explained(version: str, deal_id: str, model: str, _ds: Any) -> Explained:
    """One deal's journey under a model, with its answer. Raises QueryError for an unknown deal."""
    return deals_view.explained(_ds, deal_id, model)


@kept(64)
def touch_table(version: str, deal_id: str, model: str, others: tuple[str, ...], _ds: Any) -> tuple[list[str], pd.DataFrame]:
    """(heads of the rules, table): what each touch of a deal earned under the chosen rule and others."""
    return deals_view.touch_table(_ds, explained(version, deal_id, model, _ds), model, others)


def name_of(version: str, kind: str, identity: str, ds: Any) -> str:
    """The name of an account or a person that a link asks for; its id where there is none."""
    return search_index(version, ds).name(kind, identity)


def status_of(ds: Any, deal_id: str | None) -> str | None:
    """The status of a deal that a link asks for; None where there is no such deal."""
    if not deal_id:
        return None
    try:
        return explained(ds.version, deal_id, ds.settings.reporting.model, ds).status
    except QueryError:
        return None


@kept(64)
def behind(version: str, choice: Choice, what: tuple[tuple[str, str], ...], _ds: Any) -> pd.DataFrame:
    """The deals behind one number: ``what`` are (dimension, value) pairs, or ("step", a step of the bridge)."""
    return deals_view.behind(_ds, choice, what)


@kept(4)
def health(version: str, _ds: Any) -> Health:
    """What is covered, checked, unread and missing in one version of the data."""
    return health_view.health(_ds)


@st.cache_resource(max_entries=8, show_spinner=False)
def journeys(version: str, filters: Filters, by: str, _ds: Any) -> Journeys:
    """The journeys that the filters select; the same whatever is asked of them."""
    return paths_view.journeys(_ds, filters, by)


@st.cache_resource(max_entries=64, show_spinner="Following the journeys")
def paths(version: str, choice: Choice, question: PathsQuestion, _ds: Any, _names: Names) -> PathsView:
    """The ways that journeys take under a choice of filters."""
    here = choice.filters.resolved(_ds.settings, _ds.as_of)
    return paths_view.paths(_ds, choice, question, journeys(version, here, question.by, _ds), _names)


@kept(4)
def won_deals(version: str, _ds: Any) -> int:
    """How many deals are won in one version of the data."""
    return honesty_view.won_deals(_ds)


@st.cache_resource(max_entries=32, show_spinner="Making worlds, and asking every model")
def honesty_trial(version: str, strength: str, seed: int, _ds: Any) -> Trial:
    """Every model's error in generated worlds."""
    from attribution.honesty.trial import trial

    return trial(_ds.settings, honesty_view.STRENGTHS[strength][1], seed)


@st.cache_resource(max_entries=64, show_spinner=False)
def honesty(version: str, judged: str, strength: str, journeys: int, seed: int, won: int, _ds: Any) -> Honesty:
    """How far models can be trusted, one of them under the glass."""
    return honesty_view.honesty(_ds.settings, honesty_trial(version, strength, seed, _ds), judged, journeys, won)


@kept(32)
def offenders(version: str, check: str, _ds: Any) -> pd.DataFrame:
    """The first rows that a check found."""
    return health_view.offenders(_ds, check)


@kept(32)
def unread_rows(version: str, table: str, _ds: Any) -> pd.DataFrame:
    """The first rows that could not be read, of one table or of all."""
    return health_view.unread_table(_ds, table)


@kept(128)
def thin_ice(version: str, filters: Filters, _ds: Any) -> tuple[str, ...]:
    """Where figures under some filters rest on poor coverage."""
    return health_view.thin_ice(_ds, filters)


@kept(8)
def has_touches(version: str, _ds: Any) -> bool:
    """Whether the data has any touch."""
    return health_view.has_touches(_ds)


@kept(64)
def thin_ice_of_deal(version: str, deal_id: str, _ds: Any) -> tuple[str, ...]:
    """Where one deal's journey rests on poor coverage."""
    return health_view.thin_ice_of_deal(_ds, deal_id)


@kept(8)
def is_sample(folder: str) -> bool:
    """Whether a database was built from the generated sample that comes with the repository."""
    return Path(folder).resolve() == (_repository() / "sample_data").resolve()


def serves_sample() -> bool:
    """Whether what is shown now is the sample."""
    now = kept_now()
    return now is not None and is_sample(now.data_folder)


def why_read_only() -> str:
    """Why visitors of this server may not bring their own data; empty where they may.

    The page reads folders of the server and changes what everybody sees: unless it is said, only for a server that this computer alone reaches.
    """
    said = os.environ.get("CLOSED_LOOP_READ_ONLY", "").strip().lower()
    if said in ("1", "true", "yes", "on"):
        return "It was started with `CLOSED_LOOP_READ_ONLY=1`, so its data cannot be changed from here."
    if said in ("0", "false", "no", "off") or st.get_option("server.address") in ("localhost", "127.0.0.1", "::1"):
        return ""
    return (
        "Other computers can reach this server, so its data cannot be changed from here. Where a sign-in stands in front of it, "
        "`CLOSED_LOOP_READ_ONLY=0` opens this page."
    )


def looked_at(path: Path, options: looking.Options) -> tuple[looking.Part, ...]:
    """What one file holds; looked at once as long as it does not change."""
    stat = path.stat()
    return _looked_at(str(path), (stat.st_mtime_ns, stat.st_size), options)


@st.cache_data(max_entries=200, show_spinner=False)
def _looked_at(path: str, stamp: tuple[int, int], options: looking.Options) -> tuple[looking.Part, ...]:
    return looking.look_at(Path(path), options)


def kept_versions() -> tuple[serving.Kept, ...]:
    """The versions that can be shown, newest first; read anew when one comes, goes, is served or is pinned."""
    database = database_path()
    return _kept_versions(
        str(database), tuple((entry.name, entry.in_service, entry.pinned_for) for entry in versions.versions(database))
    )


@st.cache_data(max_entries=8, show_spinner=False)
def _kept_versions(database: str, stamp: tuple[tuple[Any, ...], ...]) -> tuple[serving.Kept, ...]:
    return serving.kept(Path(database))


def kept_now() -> serving.Kept | None:
    """The version in service."""
    return next((entry for entry in kept_versions() if entry.is_served), None)


_BUILDING = threading.Lock()


def build_first(progress: Callable[[str], None]) -> None:
    """Build the data folder into the database; a second visitor waits for the first one's build. Raises ClosedLoopError."""
    from attribution.build import build

    with _BUILDING:
        if not version_in_service(database_path()):
            build(data_path(), database_path(), progress=progress)
