"""The one filter bar, drawn by app.py above every page. Its state is in the URL, so a link opens the same view.

A widget writes the words on its options into the address ("?period=Last quarter"); the codes of the command line
("?period=last_quarter", ids of campaigns) are understood too. What a link asks for and the data does not have becomes a
notice, never an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from attribution.charts import formats
from attribution.filters import FILTER_FIELDS, MISSING_LABEL, PERIODS, Filters, known_periods
from attribution.views import campaigns, compare, credit, explore, honesty, paths, people, state
from attribution.views.state import Choice, Names
from pages.components import explore_boxes, meeting_data, mine

MEETING, LINKED_MEETING = "since_last_meeting", "linked_meeting"
PERIOD_ORDER = (
    "last_12_months", "this_month", "last_month", "this_quarter", "last_quarter", "this_fiscal_year", "last_fiscal_year",
    "last_90_days", "since_last_meeting", "all", "custom",
)  # fmt: skip
COMPARE = {"year": "against the year before", "before": "against the period before", "none": "no comparison"}
BASES = {"closed": "by close date", "created": "by opening date", "touch": "by touch date"}
MORE = ("channel", "campaign", "industry", "country", "owner", "deal_type", "pipeline")
PLURALS = {"channel": "Channels", "campaign": "Campaigns", "segment": "Segments", "industry": "Industries", "country": "Countries",
           "owner": "Owners", "deal_type": "Deal types", "pipeline": "CRM pipelines"}  # fmt: skip
PAGE_WORDS = {
    "deals": ("deal", "behind"),
    "attribution": ("by", "measure", "against"),
    "campaigns": ("one", "against", "order", "over", "columns"),
    "compare": ("by", "rules", "deal"),
    "explore": ("show", "down", "across", "look", "sort", "top"),
    "glossary": ("word",),
    "people": ("person", "person_stage", "people_by"),
    "paths": ("ways_over", "repeats", "part", "ways_by"),
    "trust": ("judged", "tag", "journeys", "world"),
}  # what a page keeps in the address
PAGES_WITHOUT = ("meeting", "weekly", "spotlight", "sources", "health", "trust", "glossary")  # no filter changes them
LIST_WORDS = ("segment", *MORE)
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)  # years that data can have, with room for the year before


@dataclass(frozen=True)
class Bar:
    """What the bar gives to a page."""

    choice: Choice
    notices: tuple[str, ...]


def filter_bar(ds: Any, names: Names, page: str = "", wrap: bool = False) -> Bar:
    """Draw the bar and return what it holds. ``page``: the address of the page under it; ``wrap``: in several lines."""
    labels = _labels(ds, names)
    notices = _read_link(labels)
    with st.container(horizontal=True, wrap=wrap, vertical_alignment="center", gap="xsmall", key="filter_bar"):
        scale = 1.2 if wrap else 1.0  # present mode's type is larger
        period = _select("period", list(labels["period"]), labels["period"].get, width=int(178 * scale))
        if period == "custom":
            _dates(ds)
        compare = _select("compare", list(COMPARE), COMPARE.get, width=int(186 * scale))
        basis = _select("date_basis", list(BASES), BASES.get, width=int(138 * scale))
        model = _select("model", list(labels["model"]), labels["model"].get, width=int(214 * scale))
        segments = _multi("segment", labels["segment"], width=int(134 * scale))
        chosen = _more_filters(labels)
    lists = {"segment": segments, **chosen}
    first, last = (st.session_state.get("from"), st.session_state.get("to")) if period == "custom" else (None, None)
    if first and last and first > last:
        first, last = last, first
        notices.append("The dates were reversed; they were swapped.")
    fields = {
        entry.attribute: tuple("" if value == MISSING_LABEL else value for value in lists[entry.word]) for entry in FILTER_FIELDS
    }
    owned, said = mine.filters_of(page, ds, names)
    notices += said
    notices += [
        f"“Mine” is on, so the filter {word} is not used."
        for word, values in owned.items()
        if fields[word] and fields[word] != values
    ]
    meeting_on = _meeting_on(ds) if period == MEETING else None
    if period != MEETING:
        st.session_state.pop(LINKED_MEETING, None)
    filters = Filters(
        period=period, date_from=first, date_to=last, date_basis=basis, meeting_on=meeting_on, **{**fields, **owned}
    )  # fmt: skip
    choice = Choice(filters, compare, model, mine.owner())
    _active(lists, labels, names)
    return Bar(choice, tuple(notices))


def link_query(choice: Choice, version: str) -> dict[str, list[str]]:
    """Every parameter of a view, defaults included, and the version of the data it was made with."""
    query = {"period": [choice.filters.period], **choice.filters.to_query()}
    query |= {"date_basis": [choice.filters.date_basis], "compare": [choice.compare], "model": [choice.model], "data": [version]}
    if choice.mine:
        query["mine"] = [choice.mine]
    return query


def _labels(ds: Any, names: Names) -> dict[str, dict[str, str]]:
    """What each filter can hold: code → words, in the order people see."""
    has_setting = ds.settings.reporting.last_meeting_on is not None
    dated = known_periods(ds.settings, ds.as_of, _linked_meeting(ds) or (None if has_setting else meeting_data.last_meeting(ds)))
    periods = {name: formats.capital(PERIODS[name]) for name in PERIOD_ORDER if name in dated}
    house = ds.settings.reporting.model
    ordered = sorted(ds.settings.all_models(), key=lambda entry: entry.name != house)
    short = state.short_rules(ds.settings)
    models = {entry.name: short[entry.name] for entry in ordered}
    known: dict[str, dict[str, str]] = {"period": periods, "compare": COMPARE, "date_basis": BASES, "model": _distinct(models)}
    named = {"channel": names.channel_labels, "campaign": names.campaigns, "owner": names.owners}
    for word in LIST_WORDS:
        given = named.get(word, {})
        known[word] = _distinct({value: given.get(value) or formats.words(value) for value in names.values.get(word, ())})
    return known


def _distinct(labels: dict[str, str]) -> dict[str, str]:
    """The same labels, with the code behind those that occur twice: a label is what the address holds."""
    seen: dict[str, int] = {}
    for label in labels.values():
        seen[label] = seen.get(label, 0) + 1
    return {code: label if seen[label] == 1 else f"{label} ({code})" for code, label in labels.items()}


def address_in_words(ds: Any, names: Names, page: str) -> dict[str, list[str]] | None:
    """The address a visit begins with, with the words of the boxes instead of codes; None where it can stay as it is.

    A box understands no code in the address and removes it, so that a reload would forget the link. Dates that cannot be are
    taken out, with a notice.
    """
    if "link_read" in st.session_state or "address_said" in st.session_state:
        return None
    st.session_state["address_said"] = said = []
    labels = _labels(ds, names) | _page_labels(ds, page)
    address = {word: st.query_params.get_all(word) for word in st.query_params}
    words = {
        word: [labels[word].get(value, value) for value in values] if word in labels else values
        for word, values in address.items()
    }
    for word in ("from", "to"):
        if word in words and not _is_day(words[word][0]):
            said.append(
                f"The link has the date “{formats.short(words.pop(word)[0], 60)}”, which is not a date like 2026-03-31; it was left out."
            )
        elif word in words:
            words["period"] = [labels["period"]["custom"]]
    return words if words != address else None


def _meeting_on(ds: Any) -> date | None:
    """The meeting that "since the last meeting" counts from: the one that the link names, else the last one that was closed here, else (None)
    that of the settings."""
    return _linked_meeting(ds) or meeting_data.last_meeting(ds)


def _linked_meeting(ds: Any) -> date | None:
    """The meeting that a link names, so that it shows what its sender saw; None for a day that the data does not go beyond."""
    if "link_read" not in st.session_state and _is_day(linked := str(st.query_params.get("meeting_on") or "")):
        st.session_state[LINKED_MEETING] = date.fromisoformat(linked)
    found: date | None = st.session_state.get(LINKED_MEETING)
    return found if found and found < ds.as_of.date() else None


def _is_day(text: str) -> bool:
    """Whether a text is a day that the boxes of dates can show."""
    try:
        return FIRST_DAY <= date.fromisoformat(text) <= LAST_DAY
    except ValueError:
        return False


def _page_labels(ds: Any, page: str) -> dict[str, dict[str, str]]:
    """What the boxes of a page can hold: code → words."""
    models = {entry.name: entry.label for entry in ds.settings.all_models()}
    match page:
        case "attribution":
            return {
                "by": credit.dimensions(ds), "measure": credit.MEASURES, "against": models, "learned": credit.LEARNED_FROM
            }  # fmt: skip
        case "campaigns":
            return {"over": campaigns.MONEY, "order": campaigns.ORDERS, "against": models}
        case "compare":
            known = credit.dimensions(ds)
            return {"by": {name: known[name] for name in compare.BYS}, "rules": compare.RULES}
        case "people":
            return {"person_stage": people.stage_options(ds), "people_by": people.ORDERS}
        case "paths":
            return {"ways_over": paths.DIMENSIONS, "repeats": paths.REPEATS, "part": paths.PARTS, "ways_by": paths.ORDERS}
        case "trust":
            strengths = {word: label for word, (label, _) in honesty.STRENGTHS.items()}
            return {
                "judged": honesty.short_labels(ds.settings),
                "tag": strengths,
                "journeys": honesty.JOURNEYS,
                "world": honesty.SEEDS,
            }
        case "explore":
            return explore_boxes.asked_options(ds) | {"look": explore.LOOKS, "top": explore_boxes.TOPS}
        case _:
            return {}


def _read_link(labels: dict[str, dict[str, str]]) -> list[str]:
    """On a session's first run: understand codes in the address, and say what it asks for in vain."""
    if "link_read" in st.session_state:
        return list(st.session_state.link_read)
    notices: list[str] = []
    for word, known in labels.items():
        asked = st.query_params.get_all(word)
        found = [code for value in asked for code, label in known.items() if value in (code, label)]
        for value in asked:
            if value not in known and value not in known.values():
                notices.append(
                    f"The link asks for {word.replace('_', ' ')} “{formats.short(value, 60)}”, which is not in this data; it was left out."
                )
        if found:
            st.session_state[word] = found[:200] if word in LIST_WORDS else found[0]
    notices += st.session_state.get("address_said", [])
    st.session_state.link_read = tuple(notices)
    return notices


def _select(word: str, options: Sequence[str], words: Callable[[str], str | None], width: int) -> str:
    return str(
        st.selectbox(
            formats.words(word), options, format_func=lambda code: words(code) or str(code), key=word, bind="query-params",
            label_visibility="collapsed", width=width,
        )
    )  # fmt: skip


def _multi(word: str, labels: dict[str, str], width: int | None = None) -> list[str]:
    if not labels:
        return []
    return list(
        st.multiselect(
            PLURALS[word], list(labels), format_func=lambda code: labels.get(code, str(code)), key=word, bind="query-params",
            placeholder=f"All {PLURALS[word][0].lower() + PLURALS[word][1:] if word != 'pipeline' else PLURALS[word]}",
            label_visibility="collapsed" if width else "visible", width=width or "stretch",
        )
    )  # fmt: skip


def _dates(ds: Any) -> None:
    """Two days. Their defaults are the boxes' own: what a program writes into a box is not kept in the address."""
    today = ds.as_of.date()
    for word, first in (("from", today.replace(month=1, day=1)), ("to", today)):
        st.date_input(
            formats.words(word), first, FIRST_DAY, LAST_DAY, key=word, bind="query-params", label_visibility="collapsed", width=120,
            format="YYYY-MM-DD",
        )  # fmt: skip


def _more_filters(labels: dict[str, dict[str, str]]) -> dict[str, list[str]]:
    count = sum(len(st.session_state.get(word) or []) for word in MORE)
    with st.popover(f"More filters · {count}" if count else "More filters", icon=":material/tune:", key="more_filters"):
        chosen = {word: _multi(word, labels[word]) for word in MORE}
        missing = [PLURALS[word].lower() for word in MORE if not labels[word]]
        if missing:
            st.caption(f"This data has no {' or '.join(missing)}.")
    return chosen


def copy_link(choice: Choice, version: str) -> None:
    """The button with the link to exactly this view."""
    with st.popover("Copy link", icon=":material/link:", type="tertiary", key="copy_link"):
        address = (st.context.url or "").split("?")[0]
        address = address if address.count("/") > 2 else f"{address}/"
        query = link_query(choice, version)
        for word in PAGE_WORDS.get(address.rpartition("/")[2], ()):
            if found := st.query_params.get_all(word) or _held(word):
                query[word] = found
        st.caption("Opens exactly this view. Copy it with the button at its right.")
        st.code(f"{address}?{urlencode(query, doseq=True)}", language=None, wrap_lines=True)


def _held(word: str) -> list[str]:
    """What a page's own box holds, where its address does not say it (defaults, and links with the command line's words)."""
    held = st.session_state.get(word)
    return [str(value) for value in (held if isinstance(held, list) else [held])] if held else []


def _active(lists: dict[str, list[str]], labels: dict[str, dict[str, str]], names: Names) -> None:
    """Mine and the list filters that are set, in words; a click clears one."""
    entries = [(word, value) for word, values in lists.items() for value in values]
    me = mine.owner()
    if not entries and not me:
        return
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="active_filters"):
        st.markdown(":gray[:small[Only]]", width="content")
        if me:
            st.button(
                f"Mine: {formats.plain(formats.short(names.owners.get(me, me), 40))}", icon=":material/close:", icon_position="right",
                key="clear_mine", on_click=mine.forget, help="Show everybody's again",
            )  # fmt: skip
        for word, value in entries[:12]:
            text = formats.plain(formats.short(labels[word].get(value, value), 40))
            st.button(
                f"{formats.words(word)}: {text}", icon=":material/close:", icon_position="right", key=f"clear_{word}_{value}",
                on_click=_clear, args=(word, value), help="Clear this filter",
            )  # fmt: skip
        if len(entries) > 12:
            st.markdown(f":gray[:small[and {len(entries) - 12} more]]", width="content")
        if len(entries) > 1:
            st.button("Clear all", type="tertiary", key="clear_all", on_click=_clear_all)


def _clear(word: str, value: str) -> None:
    st.session_state[word] = [kept for kept in st.session_state.get(word, []) if kept != value]


def _clear_all() -> None:
    for word in LIST_WORDS:
        if st.session_state.get(word):
            st.session_state[word] = []
