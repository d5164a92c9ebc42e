"""Where the app gets its numbers: every cache is here, keyed by the version of the data, so that a new build is seen at once.

A page asks for one view (all it shows under the filters that are set) and lays it out; attribution/views makes it. Small
aggregates are cached, never the tables under them; the database itself is opened once per version and shared.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

import attribution
from attribution import versions
from attribution.charts import formats
from attribution.content import assets as content_assets
from attribution.content import exposure
from attribution.content import questions as content_questions
from attribution.content import recommend as content_recommend
from attribution.errors import QueryError
from attribution.filters import Filters
from attribution.onboarding import looking, serving
from attribution.search import Index
from attribution.views import campaigns as campaigns_view
from attribution.views import compare as compare_view
from attribution.views import compare_tables as compare_tables_view
from attribution.views import content as content_view
from attribution.views import credit as credit_view
from attribution.views import deals as deals_view
from attribution.views import explore as explore_view
from attribution.views import explore_shown, state
from attribution.views import glossary as glossary_view
from attribution.views import health as health_view
from attribution.views import honesty as honesty_view
from attribution.views import one_asset as one_asset_view
from attribution.views import one_campaign as one_campaign_view
from attribution.views import overview as overview_view
from attribution.views import paths as paths_view
from attribution.views import questions as questions_view
from attribution.views import sales_content as sales_content_view
from attribution.views import search as search_view
from attribution.views import topics as topics_view
from attribution.views import unused as unused_view
from attribution.views import what_if as what_if_view
from attribution.views.campaigns import Campaigns, Known
from attribution.views.compare import Compare
from attribution.views.compare import Question as Compared
from attribution.views.content import Content
from attribution.views.credit import Credit, Question
from attribution.views.deals import Explained
from attribution.views.explore import Explore
from attribution.views.explore_ways import Question as Pivoted
from attribution.views.health import Health
from attribution.views.honesty import Honesty
from attribution.views.one_asset import OneAsset
from attribution.views.one_campaign import OneCampaign
from attribution.views.overview import Overview
from attribution.views.paths import Journeys, PathsView
from attribution.views.paths import Question as PathsQuestion
from attribution.views.questions import Questions
from attribution.views.sales_content import SalesContent
from attribution.views.state import Choice, Names
from attribution.views.topics import TopicsView
from attribution.views.unused import UnusedContent
from attribution.views.what_if import Rule, WhatIf

if TYPE_CHECKING:  # what costs time to import is imported where it is used
    from attribution.honesty.trial import Trial
    from attribution.meeting.agenda import Item
    from attribution.meeting.block import Context, Record
    from attribution.meeting.pack import Part
    from attribution.spotlight.candidates import Candidate
    from attribution.spotlight.shown import Spotlight
    from attribution.store import Store
    from attribution.weekly import Weekly


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


@st.cache_data(max_entries=4, show_spinner=False)
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


@st.cache_data(max_entries=64, show_spinner=False)
def campaigns_of(version: str, owner: str, _ds: Any) -> tuple[str, ...]:
    """The campaigns that an owner is responsible for."""
    return state.campaigns_of(_ds, owner)


@st.cache_resource(max_entries=3, show_spinner=False)
def dataset(path: str, version: str) -> Any:
    """The database of one version. Raises DatabaseError where it is damaged."""
    return attribution.open(path)


@st.cache_data(max_entries=4, show_spinner=False)
def names(version: str, _ds: Any) -> Names:
    """Names, filter values and the colour of each channel: of all data, so that no filter changes them."""
    return state.names_of(_ds)


@st.cache_data(max_entries=128, show_spinner=False)
def overview(version: str, choice: Choice, _ds: Any, _names: Names) -> Overview:
    """The overview under a choice of filters."""
    return overview_view.overview(_ds, choice, _names)


@st.cache_data(max_entries=128, show_spinner=False)
def ranking(version: str, choice: Choice, by: str, _ds: Any, _names: Names) -> pd.DataFrame:
    """What earned most, by channel, campaign or asset."""
    return overview_view.ranking(_ds, choice, by, _names)


@st.cache_data(max_entries=128, show_spinner=False)
def credit(version: str, choice: Choice, question: Question, _ds: Any, _names: Names) -> Credit:
    """The attribution page under a choice of filters."""
    return credit_view.credit(_ds, choice, question, _names)


@st.cache_resource(max_entries=8, show_spinner=False)
def learned_from(version: str, filters: Filters, _ds: Any) -> Any:
    """The same data, learned rules counted from the filtered deals only."""
    return _ds.fitted(filters)


@st.cache_data(max_entries=64, show_spinner=False)
def monthly(version: str, choice: Choice, question: Question, months: tuple[str, ...], _ds: Any) -> dict[str, tuple[float, ...]]:
    """The months of each row of the attribution page."""
    return credit_view.monthly(_ds, choice, question, months)


@st.cache_resource(max_entries=4, show_spinner=False)
def known_campaigns(version: str, _ds: Any) -> Known:
    """The family of campaigns and what each did since its start: frozen, and the same for every choice of filters."""
    return campaigns_view.known(_ds)


@st.cache_data(max_entries=64, show_spinner=False)
def campaigns(version: str, choice: Choice, second: str, order: str, _ds: Any, _names: Names) -> Campaigns:
    """Every campaign under a choice of filters."""
    return campaigns_view.campaigns(_ds, choice, second, order, known_campaigns(version, _ds), _names)


@st.cache_data(max_entries=64, show_spinner=False)
def one_campaign(version: str, choice: Choice, second: str, campaign_id: str, _ds: Any, _names: Names) -> OneCampaign | None:
    """One campaign under a choice of filters; None where there is no such campaign."""
    everything = campaigns(version, choice, second, "credited", _ds, _names)
    return one_campaign_view.one_campaign(_ds, choice, second, known_campaigns(version, _ds), everything, campaign_id, _names)


@st.cache_resource(max_entries=4, show_spinner=False)
def known_content(version: str, _ds: Any) -> content_assets.Known:
    """Each piece of content with its reach and cost: the same for every choice of filters."""
    return content_assets.known(_ds)


@st.cache_data(max_entries=4, show_spinner=False)
def content_points(version: str, _ds: Any) -> tuple[dict[str, str], str]:
    """The points up to which won and lost deals can be compared (code → words), and the usual one."""
    return content_view.points(_ds), str(exposure.default_age(_ds))


@st.cache_resource(max_entries=16, show_spinner=False)
def content_since_publication(version: str, model: str, second: str, _ds: Any) -> dict[str, content_assets.Asset]:
    """Every piece by id, credited over all time under two rules."""
    return content_view.since_publication(_ds, model, second, known_content(version, _ds))


@st.cache_resource(max_entries=64, show_spinner=False)
def content(version: str, choice: Choice, second: str, order: str, point: str, _ds: Any) -> Content:
    """Every piece of content under a choice of filters."""
    words = content_points(version, _ds)[0][point]
    life = content_since_publication(version, choice.model, second, _ds)
    return content_view.content(_ds, choice, second, order, (point, words), known_content(version, _ds), life)


@st.cache_data(max_entries=64, show_spinner=False)
def one_asset(version: str, choice: Choice, second: str, point: str, asset_id: str, _ds: Any, _names: Names) -> OneAsset | None:
    """One piece of content under a choice of filters; None where there is no such piece."""
    everything = content(version, choice, second, "credited", point, _ds)
    life = content_since_publication(version, choice.model, second, _ds).get(asset_id)
    return one_asset_view.one_asset(_ds, choice, second, known_content(version, _ds), everything, life, asset_id, _names)


@st.cache_resource(max_entries=64, show_spinner=False)
def topics(version: str, choice: Choice, second: str, _ds: Any, _names: Names) -> TopicsView:
    """Topics by funnel stage and segment under a choice of filters."""
    return topics_view.view(_ds, choice, second, known_content(version, _ds), _names)


@st.cache_data(max_entries=4, show_spinner=False)
def has_questions(version: str, _ds: Any) -> bool:
    """Whether buyers' questions are in one version of the data."""
    return content_questions.has_questions(_ds)


@st.cache_resource(max_entries=64, show_spinner=False)
def questions(version: str, choice: Choice, _ds: Any, _names: Names) -> Questions:
    """Buyers' questions under a choice of filters."""
    return questions_view.view(_ds, choice, _names)


@st.cache_data(max_entries=4, show_spinner=False)
def has_content_plan(version: str, _ds: Any) -> bool:
    """Whether the plan of content is in one version of the data."""
    return unused_view.has_content(_ds)


@st.cache_resource(max_entries=64, show_spinner=False)
def unused(version: str, choice: Choice, _ds: Any, _names: Names) -> UnusedContent:
    """Unused content; the filters, but for their period, select the deals that count as bought."""
    return unused_view.view(_ds, choice, _names, known_content(version, _ds))


@st.cache_data(max_entries=4, show_spinner=False)
def has_sales_content(version: str, _ds: Any) -> bool:
    """Whether content, sendings or words about it are in one version of the data."""
    return sales_content_view.has_content(_ds)


@st.cache_resource(max_entries=64, show_spinner=False)
def sales_content(version: str, choice: Choice, _ds: Any, _names: Names) -> SalesContent:
    """Content in the hands of sales under a choice of filters."""
    return sales_content_view.view(_ds, choice, _names, known_content(version, _ds))


@st.cache_data(max_entries=256, show_spinner=False)
def recommendation(version: str, deal_id: str, _ds: Any) -> content_recommend.Recommendation | None:
    """What to send next in a deal; None where there is no such deal."""
    return content_recommend.recommend(_ds, deal_id)


@st.cache_data(max_entries=128, show_spinner=False)
def explore(version: str, choice: Choice, question: Pivoted, _ds: Any, _names: Names) -> Explore:
    """The explore page under a choice of filters."""
    return explore_view.explore(_ds, choice, question, _names)


@st.cache_data(max_entries=4, show_spinner=False)
def explore_file(version: str, choice: Choice, question: Pivoted, _ds: Any, _names: Names) -> tuple[pd.DataFrame, bool]:
    """Every combination of the explore page's question as a row, and whether there were too many."""
    return explore_shown.full_file(_ds, choice.filters.resolved(_ds.settings, _ds.as_of), choice.model, question, _names)


@st.cache_resource(max_entries=4, show_spinner=False)
def other_settings(version: str, overrides: tuple[tuple[str, Any], ...], _ds: Any, learned_from: Filters | None = None) -> Any:
    """The same data under other settings, recomputed in memory: few are kept, each holds its own journeys and credits.

    ``learned_from``: the deals from which ``_ds`` counts learned rules, where those are not all.
    """
    return _ds.with_settings(dict(overrides))


@st.cache_data(max_entries=64, show_spinner=False)
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


@st.cache_resource(max_entries=64, show_spinner=False)
def compare(version: str, choice: Choice, question: Compared, settings: tuple[Any, ...], _ds: Any, _names: Names) -> Compare:
    """The page that compares models under a choice of filters; ``settings``: those that have been computed."""
    tried = [compared_elsewhere(version, choice, question, setting, _ds) for setting in settings]
    return compare_view.compare(_ds, choice, question, compared(version, choice, question, _ds), tried, _names)


@st.cache_resource(max_entries=64, show_spinner=False)
def compare_tables(version: str, choice: Choice, question: Compared, settings: tuple[Any, ...], _view: Compare) -> Any:
    """(a row per value and rule; a row per value, and its columns that hold shares) of the page that compares models. Not to be changed."""
    return compare_tables_view.every_dot(_view), *compare_tables_view.every_rule(_view)


@st.cache_resource(max_entries=2, show_spinner="Reading the names")
def search_index(version: str, _ds: Any) -> Index:
    """What can be found in one version of the data: made when somebody first searches."""
    return Index(_ds.path)


@st.cache_data(max_entries=256, show_spinner=False)
def found(version: str, words: str, _ds: Any, _index: Index) -> tuple[search_view.Group, ...]:
    """What holds all the words, by kind."""
    return search_view.results(_index, words, _ds.settings.reporting.currency)


@st.cache_resource(max_entries=256, show_spinner=False)
def drawn(of: tuple[Any, ...], _make: Callable[[], dict[str, Any]]) -> Any:
    """A figure, made once per ``of``."""
    from pages.components.figures import Drawn  # with Plotly, which the first paint of a page without pictures does not need

    return Drawn(_make())


@st.cache_data(max_entries=64, show_spinner=False)
def deals(version: str, filters: Filters, status: str | None, search: str, _ds: Any) -> pd.DataFrame:
    """Deals under the filters, biggest first."""
    found: pd.DataFrame = _ds.deals(filters=filters.resolved(_ds.settings, _ds.as_of), status=status, search=search)
    return found


@st.cache_data(max_entries=64, show_spinner=False)
def explained(version: str, deal_id: str, model: str, _ds: Any) -> Explained:
    """One deal's journey under a model, with its answer. Raises QueryError for an unknown deal."""
    return deals_view.explained(_ds, deal_id, model)


@st.cache_data(max_entries=64, show_spinner=False)
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


@st.cache_data(max_entries=64, show_spinner=False)
def behind(version: str, choice: Choice, what: tuple[tuple[str, str], ...], _ds: Any) -> pd.DataFrame:
    """The deals behind one number: ``what`` are (dimension, value) pairs, or ("step", a step of the bridge)."""
    return deals_view.behind(_ds, choice, what)


@st.cache_data(max_entries=4, show_spinner=False)
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


@st.cache_data(max_entries=4, show_spinner=False)
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


@st.cache_data(max_entries=32, show_spinner=False)
def offenders(version: str, check: str, _ds: Any) -> pd.DataFrame:
    """The first rows that a check found."""
    return health_view.offenders(_ds, check)


@st.cache_data(max_entries=32, show_spinner=False)
def unread_rows(version: str, table: str, _ds: Any) -> pd.DataFrame:
    """The first rows that could not be read, of one table or of all."""
    return health_view.unread_table(_ds, table)


@st.cache_data(max_entries=128, show_spinner=False)
def thin_ice(version: str, filters: Filters, _ds: Any) -> tuple[str, ...]:
    """Where figures under some filters rest on poor coverage."""
    return health_view.thin_ice(_ds, filters)


@st.cache_data(max_entries=64, show_spinner=False)
def thin_ice_of_deal(version: str, deal_id: str, _ds: Any) -> tuple[str, ...]:
    """Where one deal's journey rests on poor coverage."""
    return health_view.thin_ice_of_deal(_ds, deal_id)


@st.cache_data(max_entries=32, show_spinner=False)
def weekly(version: str, week: str | None, _ds: Any) -> Weekly:
    """The weekly five of a week, None for the last complete one with traffic. Raises QueryError for what is no week."""
    from attribution.weekly import weekly as made

    return made(_ds, week)


@st.cache_data(max_entries=4, show_spinner=False)
def won_months(version: str, _ds: Any) -> tuple[str, ...]:
    """Every month with a won deal, the latest first."""
    from attribution.spotlight.candidates import months

    return months(_ds)


@st.cache_data(max_entries=32, show_spinner=False)
def candidates(version: str, month: str, _ds: Any) -> tuple[Candidate, ...]:
    """The month's won deals, the best story first. Raises QueryError for what is no month."""
    from attribution.spotlight.candidates import candidates as found

    return found(_ds, month)


@st.cache_data(max_entries=32, show_spinner=False)
def spotlight(version: str, month: str, deal_ids: tuple[str, ...], words: str, preset: str, _ds: Any) -> Spotlight:
    """A spotlight as its files show it; ``words``: what is written, as JSON. Raises QueryError for a deal not won in the month."""
    from attribution.spotlight.issue import spotlight as made
    from attribution.spotlight.words import Words

    return made(_ds, month, deal_ids, Words.model_validate_json(words), preset)


@st.cache_data(max_entries=32, show_spinner=False)
def spotlight_files(_view: Spotlight, of: tuple[Any, ...]) -> tuple[str, str, str]:
    """(HTML, mail, text) of a spotlight. ``of``: all that it was made from."""
    from attribution.reports import spotlight as reports

    return reports.html(_view), reports.mail(_view), reports.text(_view)


@st.cache_data(max_entries=32, show_spinner=False)
def weekly_files(version: str, week: str, _view: Weekly) -> tuple[str, str, str]:
    """(HTML, mail, text) of a weekly five."""
    from attribution.reports import weekly as reports

    return reports.html(_view), reports.mail(_view), reports.text(_view)


@st.cache_resource(max_entries=16, show_spinner=False)
def past_meeting(of: tuple[Any, ...], _stored: Any) -> Any:
    """A closed meeting as it was frozen: it never changes, so it is read once. ``of``: the store, the meeting and when it was closed."""
    from attribution.meeting import closing

    return closing.reopened(_stored)


def last_meeting(ds: Any) -> date | None:
    """The day of the last closed meeting before the data's last day; None where there is none, or the store cannot be read."""
    from attribution.content import scope
    from attribution.errors import StoreError

    try:
        return _last_meeting(store().url, scope.today(ds))
    except StoreError:
        return None


@st.cache_data(max_entries=8, ttl=20, show_spinner=False)
def _last_meeting(of: str, before: date) -> date | None:
    from attribution.store.meetings import last_closed

    found = last_closed(store().meetings.all(), before)
    return found.held_on if found else None


def meeting_context(ds: Any, store: Store | None, held_on: date) -> Context:
    """What the meeting of a day looks at; the data of the last meeting is opened once and shared. Raises StoreError."""
    from attribution.meeting.context import context

    return context(ds, store, held_on, meeting_before)


def meeting_before(path: Path, version: str) -> Any:
    """The data of the version that a meeting saw, opened once; None where it is no longer kept."""
    from attribution.meeting.context import open_version

    return _kept(str(path), version, path.is_file(), open_version)


@st.cache_resource(max_entries=2, show_spinner=False)
def _kept(path: str, version: str, is_there: bool, _open: Callable[[Path, str], Any]) -> Any:
    return _open(Path(path), version)


def meeting_part(context: Context, item: Item, written: tuple[int, int]) -> Part:
    """One block of the meeting, computed; ``written``: what is newest in the store, for the blocks that show what people wrote."""
    of = (context.ds.version, context.before.version if context.before else "", context.held_on, context.last_on)
    return _meeting_part(of, item.key, item.minutes, written if item.reads_store else (0, 0), context, item)


@st.cache_resource(max_entries=128, show_spinner=False)
def _meeting_part(of: tuple[Any, ...], key: str, minutes: int, written: tuple[int, int], _context: Context, _item: Item) -> Part:
    from attribution.meeting import pack

    return pack.part(_context, _item, _meeting_marks(of, _context).get(key, ()))


@st.cache_resource(max_entries=8, show_spinner=False)
def _meeting_marks(of: tuple[Any, ...], _context: Context) -> Mapping[str, tuple[str, ...]]:
    from attribution.meeting import pack

    return pack.careful_with(_context)


def meeting_behind(context: Context, item: Item, word: str) -> tuple[Record, ...]:
    """The records that a cell of a block's tables counts."""
    of = (context.ds.version, context.before.version if context.before else "", context.held_on, context.last_on)
    return _meeting_behind(of, item.key, word, context, item)


@st.cache_resource(max_entries=32, show_spinner=False)
def _meeting_behind(of: tuple[Any, ...], key: str, word: str, _context: Context, _item: Item) -> tuple[Record, ...]:
    return _item.behind(_context, word) if _item.behind else ()


@st.cache_data(max_entries=4, show_spinner=False)
def movable(version: str, _ds: Any) -> dict[str, Any]:
    """The figures that an action can be meant to move, as they are now."""
    from attribution.meeting import moves

    return moves.measured(_ds, moves.MOVABLE)


@st.cache_data(max_entries=4, show_spinner=False)
def people_names(version: str, _ds: Any) -> tuple[str, ...]:
    """Everybody in the table of people, by name."""
    return tuple(sorted({name for name in _ds.labels("owner").values() if name}, key=str.casefold))


def store() -> Store:
    """The store of what people write. Raises StoreError where it cannot be read."""
    from attribution.store import store_url

    return _store(store_url(database_path()), bool(why_read_only()))


@st.cache_resource(max_entries=2, show_spinner=False)
def _store(url: str, read_only: bool) -> Store:
    from attribution.store import Store

    return Store(url, read_only)


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
