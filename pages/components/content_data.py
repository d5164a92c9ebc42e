"""The numbers of the content pages, kept as data.py says: pieces, topics, questions, what sales sends, weekly five, spotlight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attribution.content import assets as content_assets
from attribution.content import exposure
from attribution.content import questions as content_questions
from attribution.content import recommend as content_recommend
from attribution.views import content as content_view
from attribution.views import one_asset as one_asset_view
from attribution.views import questions as questions_view
from attribution.views import sales_content as sales_content_view
from attribution.views import topics as topics_view
from attribution.views import unused as unused_view
from attribution.views.content import Content
from attribution.views.one_asset import OneAsset
from attribution.views.questions import Questions
from attribution.views.sales_content import SalesContent
from attribution.views.state import Choice, Names
from attribution.views.topics import TopicsView
from attribution.views.unused import UnusedContent
from pages.components.keep import kept

if TYPE_CHECKING:  # what costs time to import is imported where it is used
    from attribution.content.weekly import Weekly
    from attribution.spotlight.candidates import Candidate
    from attribution.spotlight.shown import Spotlight


@kept(4)
def known_content(version: str, _ds: Any) -> content_assets.Known:
    """Each piece of content with its reach and cost: the same for every choice of filters."""
    return content_assets.known(_ds)


@kept(4)
def content_points(version: str, _ds: Any) -> tuple[dict[str, str], str]:
    """The points up to which won and lost deals can be compared (code → words), and the usual one."""
    return content_view.points(_ds), str(exposure.default_age(_ds))


@kept(16)
def content_since_publication(version: str, model: str, second: str, _ds: Any) -> dict[str, content_assets.Asset]:
    """Every piece by id, credited over all time under two rules."""
    return content_view.since_publication(_ds, model, second, known_content(version, _ds))


@kept(64)
def content(version: str, choice: Choice, second: str, order: str, point: str, _ds: Any) -> Content:
    """Every piece of content under a choice of filters."""
    words = content_points(version, _ds)[0][point]
    life = content_since_publication(version, choice.model, second, _ds)
    return content_view.content(_ds, choice, second, order, (point, words), known_content(version, _ds), life)


@kept(64)
def one_asset(version: str, choice: Choice, second: str, point: str, asset_id: str, _ds: Any, _names: Names) -> OneAsset | None:
    """One piece of content under a choice of filters; None where there is no such piece."""
    everything = content(version, choice, second, "credited", point, _ds)
    life = content_since_publication(version, choice.model, second, _ds).get(asset_id)
    return one_asset_view.one_asset(_ds, choice, second, known_content(version, _ds), everything, life, asset_id, _names)


@kept(64)
def topics(version: str, choice: Choice, second: str, _ds: Any, _names: Names) -> TopicsView:
    """Topics by funnel stage and segment under a choice of filters."""
    return topics_view.view(_ds, choice, second, known_content(version, _ds), _names)


@kept(4)
def has_questions(version: str, _ds: Any) -> bool:
    """Whether buyers' questions are in one version of the data."""
    return content_questions.has_questions(_ds)


@kept(64)
def questions(version: str, choice: Choice, _ds: Any, _names: Names) -> Questions:
    """Buyers' questions under a choice of filters."""
    return questions_view.view(_ds, choice, _names)


@kept(4)
def has_content_plan(version: str, _ds: Any) -> bool:
    """Whether the plan of content is in one version of the data."""
    return unused_view.has_content(_ds)


@kept(64)
def unused(version: str, choice: Choice, _ds: Any, _names: Names) -> UnusedContent:
    """Unused content; the filters, but for their period, select the deals that count as bought."""
    return unused_view.view(_ds, choice, _names, known_content(version, _ds))


@kept(4)
def has_sales_content(version: str, _ds: Any) -> bool:
    """Whether content, sendings or words about it are in one version of the data."""
    return sales_content_view.has_content(_ds)


@kept(64)
def sales_content(version: str, choice: Choice, _ds: Any, _names: Names) -> SalesContent:
    """Content in the hands of sales under a choice of filters."""
    return sales_content_view.view(_ds, choice, _names, known_content(version, _ds))


@kept(256)
def recommendation(version: str, deal_id: str, _ds: Any) -> content_recommend.Recommendation | None:
    """What to send next in a deal; None where there is no such deal."""
    return content_recommend.recommend(_ds, deal_id)


@kept(32)
def weekly(version: str, week: str | None, _ds: Any) -> Weekly:
    """The weekly five of a week, None for the last complete one with traffic. Raises QueryError for what is no week."""
    from attribution.content.weekly import weekly as made

    return made(_ds, week)


@kept(4)
def won_months(version: str, _ds: Any) -> tuple[str, ...]:
    """Every month with a won deal, the latest first."""
    from attribution.spotlight.candidates import months

    return months(_ds)


@kept(32)
def candidates(version: str, month: str, _ds: Any) -> tuple[Candidate, ...]:
    """The month's won deals, the best story first. Raises QueryError for what is no month."""
    from attribution.spotlight.candidates import candidates as found

    return found(_ds, month)


@kept(32)
def spotlight(version: str, month: str, deal_ids: tuple[str, ...], words: str, preset: str, _ds: Any) -> Spotlight:
    """A spotlight as its files show it; ``words``: what is written, as JSON. Raises QueryError for a deal not won in the month."""
    from attribution.spotlight.issue import spotlight as made
    from attribution.spotlight.words import Words

    return made(_ds, month, deal_ids, Words.model_validate_json(words), preset)


@kept(32)
def spotlight_files(_view: Spotlight, of: tuple[Any, ...]) -> tuple[str, str, str]:
    """(HTML, mail, text) of a spotlight. ``of``: all that it was made from."""
    from attribution.reports import spotlight as reports

    return reports.html(_view), reports.mail(_view), reports.text(_view)


@kept(32)
def weekly_files(version: str, week: str, _view: Weekly) -> tuple[str, str, str]:
    """(HTML, mail, text) of a weekly five."""
    from attribution.reports import weekly as reports

    return reports.html(_view), reports.mail(_view), reports.text(_view)
