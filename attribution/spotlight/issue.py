"""A spotlight, computed: ``spotlight(ds, month, deal_ids, words, preset)`` gives one frozen view, already masked, that every file is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from attribution.answers import spotlight as answers
from attribution.charts import formats
from attribution.charts.formats import counted, share
from attribution.content.assets import Asset, assets, took_part
from attribution.content.exposure import default_age, exposures
from attribution.errors import QueryError, near_name
from attribution.filters import Filters
from attribution.namesakes import told_apart
from attribution.periods import add_months
from attribution.spotlight import masks, names
from attribution.spotlight.asks import ask_of
from attribution.spotlight.candidates import BEST, Candidate, candidates, month_dates, month_name, months
from attribution.spotlight.masks import Writer
from attribution.spotlight.month import MonthFacts, Topic, month_facts
from attribution.spotlight.names import KnownNames
from attribution.spotlight.shown import Bar, Figure, Spotlight, Story
from attribution.spotlight.story import Around, story_of
from attribution.spotlight.words import Words

if TYPE_CHECKING:
    from attribution.dataset import Dataset

MOST_STORIES = 5
MOST_DEALS = 12  # rows of the list of won deals; the rest is one row
NO_WORDS = Words()
# Fields of the view that hold our own words or ids, never a name.
OWN_WORDS = (
    "month",
    "month_name",
    "preset",
    "stamp",
    "stamp_words",
    "data_version",
    "currency",
    "deal_id",
    "asset_id",
    "slot",
    "origin",
)


def spotlight(
    ds: Dataset, month: str, deal_ids: Sequence[str] = (), words: Words = NO_WORDS, preset: str = "inside"
) -> Spotlight:
    """The spotlight of a month ("2026-10") on some of its won deals (default: the three best candidates that used content).

    Raises QueryError for a month that is none, a preset that is none, and a deal that was not won in that month.
    """
    first, last = month_dates(month)
    reporting = ds.settings.reporting
    asked = masks.preset(preset)
    chosen = _chosen(candidates(ds, month), deal_ids, month)
    writer, words = _writer(ds, asked, chosen, words, (first, last))
    facts = month_facts(ds, first, last)
    listed = {asset.asset_id: asset for asset in assets(ds)}
    stories = _stories(ds, chosen, words, listed, last, writer)
    cover = _cover(facts, month, months(ds), writer, f"the {reporting.rule_word} rule")
    computed = answers.cover_headline(cover)
    today = ds.as_of.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(reporting.time_zone)).date()
    before = month_name(facts.months[-2]).split()[0]
    model, second = ds.settings.model(reporting.model), ds.settings.model(reporting.second_model)
    view = Spotlight(
        month=month, month_name=month_name(month), preset=writer.preset.name, stamp=writer.preset.label, stamp_words=writer.preset.stamp,
        headline=words.headline or computed, computed_headline=computed, sentence=answers.cover_sentence(cover),
        figures=_figures(facts, before, writer), topics_title=_topics_title(facts, month, writer), topics=_topic_bars(facts, writer),
        deals_title=_deals_title(facts), deals=_deal_bars(facts, {story.deal_id for story in stories}, writer), stories=stories,
        ask=ask_of(ds, words.ask, listed, today, writer) if stories else None, thanks=_thanks(ds, stories, listed, words, writer),
        rule=_rule(ds, model.label), rule_head=_rule_head(ds), second_head=second.label if len(second.label) < 22 else "Second rule",
        meanings=_meanings(ds, writer), data_up_to=today, data_version=ds.version, currency=reporting.currency,
        missing=_missing(facts, stories, listed) if not writer.preset.is_masked else (),
    )  # fmt: skip
    return _without_names(ds, view, words, writer)


def _chosen(found: Sequence[Candidate], deal_ids: Sequence[str], month: str) -> tuple[str, ...]:
    """The deals to tell: those asked for, else the best. QueryError where one was not won in the month."""
    if not deal_ids:
        with_content = [entry.deal_id for entry in found if entry.pieces]
        return tuple(with_content[:BEST] or [entry.deal_id for entry in found[:1]])
    known = [entry.deal_id for entry in found]
    for deal_id in deal_ids:
        if deal_id not in known:
            hint = near_name(deal_id, known) or (f" Won then: {', '.join(known[:MOST_DEALS])}." if known else " No deal was.")
            raise QueryError(f"deal {deal_id!r}: it was not won in {month_name(month)}.{hint}")
    if len(set(deal_ids)) > MOST_STORIES:
        raise QueryError(
            f"{len(set(deal_ids))} deals: a spotlight tells at most {MOST_STORIES}; two or three are read to the end."
        )
    return tuple(dict.fromkeys(deal_ids))


def _stories(
    ds: Dataset, chosen: Sequence[str], words: Words, listed: Mapping[str, Asset], last: date, writer: Writer
) -> tuple[Story, ...]:
    if not chosen:
        return ()
    year = ds.resolve(Filters(date_from=add_months(last.replace(day=1), -11), date_to=last))
    closed = Filters(date_to=last)
    age = default_age(ds, closed)
    around = Around(
        listed,
        {key: values[3] for key, values in took_part(ds, year).items()},
        exposures(ds, closed, age),
        age,
        ds.labels("topic"),
    )
    return tuple(story_of(ds, deal_id, words.of(deal_id), around, writer) for deal_id in chosen)


# -- the cover -------------------------------------------------------------------------------------------------------------


def _cover(facts: MonthFacts, month: str, others: Sequence[str], writer: Writer, rule: str) -> answers.CoverFacts:
    deals, used, _ = facts.took_part(month)
    best = next((topic for topic in facts.topics if topic.is_content and topic.slot != "other" and topic.amount > 0), None)
    return answers.CoverFacts(
        month=month_name(month).split()[0], before=month_name(facts.months[-2]).split()[0], deals=deals, with_content=used,
        won=writer.money(facts.amount), credited=writer.money(facts.content),
        credited_share=float(facts.content / facts.amount) if facts.amount else None, before_share=facts.share_before,
        top_topic=best.label if best else "", top_amount=writer.money(best.amount) if best else "", top_title=writer.said(facts.top_piece[0]),
        top_deals=facts.top_piece[1], is_masked=writer.preset.is_masked, other_month=month_name(others[0]) if others else "", rule=rule,
    )  # fmt: skip


def _figures(facts: MonthFacts, before: str, writer: Writer) -> tuple[Figure, ...]:
    deals, used, amount = facts.took_part(facts.months[-1])
    deals_before, used_before, amount_before = facts.took_part(facts.months[-2])
    earlier = f"; {before} {used_before} of {deals_before}, {writer.money(amount_before)}" if deals_before else ""
    took = [float(facts.took_part(month)[2]) for month in facts.months]
    found = []
    for label, values in (("Page views of content", facts.views), ("Leads from content", facts.leads)):
        note = answers.change_words(values[-1], values[-2], before) if any(values) else "none recorded"
        found.append(Figure(label, formats.count(values[-1]), note, tuple(map(float, values)) if any(values) else ()))
    found.append(
        Figure(
            "Won, content took part",
            writer.money(amount),
            f"{used} of {counted(deals, 'deal')}{earlier}",
            () if writer.preset.is_masked or not any(took) else tuple(took),
        )
    )
    return tuple(found)


def _topics_title(facts: MonthFacts, month: str, writer: Writer) -> str:
    whose = f"{month_name(month).split()[0]}’s"
    return (
        f"What {whose} revenue is credited to"
        if writer.preset.is_masked
        else f"What {whose} {writer.amount(facts.amount).text} is credited to"
    )


def _topic_bars(facts: MonthFacts, writer: Writer) -> tuple[Bar, ...]:
    """Topics, then what is no content, in shares of all that was won; masked, the bar is as long as its share says."""
    whole = float(facts.amount)
    longest = max((abs(float(topic.amount)) for topic in facts.topics), default=0.0)
    bars = []
    is_apart = True
    for topic in facts.topics:
        part = float(topic.amount) / whole if whole else 0.0
        length = max(float(topic.amount), 0.0) / longest if longest else 0.0
        bars.append(
            Bar(
                topic.label, _topic_amount(topic, part, writer), share(part), round(length * (100 if writer.preset.is_masked else 1000))
                * (10 if writer.preset.is_masked else 1), topic.slot if topic.is_content else "neutral", is_apart=not topic.is_content and is_apart,
            )
        )  # fmt: skip
        is_apart = is_apart and topic.is_content
    return tuple(bars)


def _topic_amount(topic: Topic, part: float, writer: Writer) -> masks.Amount:
    return writer.amount(topic.amount)


def _deals_title(facts: MonthFacts) -> str:
    won = len(facts.won)
    whom = "The one deal won" if won == 1 else f"The {formats.count(won)} deals won"
    return f"{whom}, and how much of {'it' if won == 1 else 'each'} is credited to content"


def _deal_bars(facts: MonthFacts, told: set[str], writer: Writer) -> tuple[Bar, ...]:
    """Won deals, largest first, those that are told in bold; what is beyond the list is one row."""
    masked = writer.preset.is_masked
    listed = facts.won if len(facts.won) <= MOST_DEALS + 1 else facts.won[:MOST_DEALS]

    def size(amount: float) -> float:
        return 0.0 if amount <= 0 else masks.band_top(amount) if masked else amount

    longest = max((size(float(deal.amount)) for deal in listed), default=0.0)
    companies = {deal.deal_id: writer.company(asdict(deal)) for deal in listed}
    # Several of one company have their own names behind it; where no company may be named, nothing may tell them apart.
    if not masked:
        companies |= told_apart((deal.deal_id, companies[deal.deal_id], (deal.name or "",)) for deal in listed)
    bars = []
    for deal in listed:
        bars.append(
            Bar(
                writer.said(companies[deal.deal_id], 60), writer.amount(deal.amount), share(deal.weight) if deal.has_content else "none",
                round(1000 * size(float(deal.amount)) / longest) if longest else 0, "cost" if deal.has_content else "neutral",
                round(min(max(deal.weight, 0.0), 1.0) * (100 if masked else 1000)) * (10 if masked else 1) if deal.has_content else 0,
                deal.deal_id in told,
            )
        )  # fmt: skip
    if rest := facts.won[len(listed) :]:
        amount = sum((deal.amount for deal in rest), facts.amount * 0)
        weight = sum(float(deal.amount) * deal.weight for deal in rest) / float(amount) if amount else 0.0
        bars.append(Bar(f"{counted(len(rest), 'more deal')}", writer.amount(amount), share(weight), 0, is_apart=True))
    return tuple(bars)


# -- the end ---------------------------------------------------------------------------------------------------------------


def _thanks(ds: Dataset, stories: Sequence[Story], listed: Mapping[str, Asset], words: Words, writer: Writer) -> tuple[str, ...]:
    """What somebody wrote, then the teams whose pieces were used. Persons are roles, so authors are thanked by team."""
    teams = dict(ds.rows("select owner_id, coalesce(team, '') from raw.people"))
    pieces: dict[str, dict[str, str]] = {}
    authors: dict[str, set[str]] = {}
    for story in stories:
        for piece in story.pieces:
            asset = listed.get(piece.asset_id)
            if asset is None or asset.owner_id is None or writer.preset.is_public:
                continue
            team = formats.words(teams.get(asset.owner_id, ""), "Others")
            pieces.setdefault(team, {})[piece.asset_id] = piece.title
            authors.setdefault(team, set()).add(asset.owner_id)
    found = [words.thanks] if words.thanks else []
    for team, titles in sorted(pieces.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        used = list(titles.values())
        more = f" and {len(used) - 1} more" if len(used) > 1 else ""
        found.append(
            f"{answers.isolated(writer.said(team, 60))}, {counted(len(authors[team]), 'author')}, for {counted(len(used), 'piece')}: "
            f"“{answers.in_short(used[0])}”{more}"
        )
    return tuple(found)


def _rule_head(ds: Dataset) -> str:
    return f"{ds.settings.reporting.rule_word.capitalize()} rule"


def _rule(ds: Dataset, label: str) -> str:
    reporting = ds.settings.reporting
    on = f" {formats.day(reporting.agreed_on)}" if reporting.agreed_on else ""
    by = f" by {reporting.agreed_by}" if reporting.agreed_by else ""
    return f"Credit rule: {label}{f', agreed{on}{by}' if on or by else ''}."


def _meanings(ds: Dataset, writer: Writer) -> tuple[tuple[str, str], ...]:
    reporting = ds.settings.reporting
    model, second = ds.settings.model(reporting.model), ds.settings.model(reporting.second_model)
    whole = "shares add up to 100 %" if writer.preset.is_masked else "all parts add up to the amount, to the cent"
    listed = [
        ("Credited to", f"the deal’s amount shared out over its recorded steps; {whole}."),
        (_rule_head(ds), model.summary),
        (second.label if len(second.label) < 22 else "Second rule", second.summary),
        ("Took part in*", "the full amounts of the deals won in twelve months that used the piece. One deal counts for many pieces, so do not add them up."),
        ("Use", "a recorded step with a piece of content; repeats count once a day."),
        ("Sent by sales", "a salesperson’s message with the piece. Filled where the buyer opened it, hollow where no opening is recorded."),
        ("Lift", "share of won deals that used a piece ÷ share of lost deals that did. Buyers who mean to buy read more, so this is no proof of a cause."),
    ]  # fmt: skip
    if writer.preset.is_masked:
        listed.append(("Bands", "amounts are given as from–to; credits as shares of the deal."))
    return tuple(listed)


def _missing(facts: MonthFacts, stories: Sequence[Story], listed: Mapping[str, Asset]) -> tuple[str, ...]:
    """What is not supplied, each with what would supply it."""
    found = []
    if not listed:
        found.append("No content is known: supply the tables content_assets and asset_urls, and asset_id in touches.")
    elif stories and not any(asset.cost is not None for asset in listed.values()):
        found.append("No cost of content is known: supply content_assets.cost, or rows of spend with an asset_id.")
    if stories and not any(facts.leads):
        found.append("No lead can be traced to content: that needs contacts.created_at and touches with an asset_id before it.")
    pieces = [piece for story in stories for piece in story.pieces]
    if pieces and not any(piece.exposure for piece in pieces):
        found.append(
            "There are no lost deals to compare with: deals with the status lost and a close date would show what they used."
        )
    return tuple(found)


def _writer(
    ds: Dataset, asked: masks.Preset, chosen: Sequence[str], words: Words, dates: tuple[date, date]
) -> tuple[Writer, Words]:
    """The writer that knows which names may not be said, and the words without them. Inside, who writes may name whom they like."""
    known = names.known_names(ds, [*names.texts_of(ds, *dates), *names.spoken(words)], chosen, asked.is_masked, with_ids=True)
    writer = Writer(asked, ds.settings.reporting.currency, known)
    if not asked.is_masked:
        return writer, words
    known = KnownNames(known.names, names.amounts_of(ds, *dates, writer.money))
    return Writer(asked, writer.currency, known), names.cleaned_words(words, known.replace)


def _without_names(ds: Dataset, view: Spotlight, words: Words, writer: Writer) -> Spotlight:
    """A last look over the finished view, for names in what was put together later."""
    known = names.known_names(ds, names.strings_of(view), [story.deal_id for story in view.stories], writer.preset.is_masked)
    written = frozenset() if writer.preset.is_masked else frozenset(names.spoken(words))
    return names.without_names(view, known.replace_names, written, OWN_WORDS)
