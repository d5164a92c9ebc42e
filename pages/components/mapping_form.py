"""Step 2 of "Use your own data" as a form: per file the tables it feeds, per column of these a box with what it holds."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import streamlit as st

from attribution.charts import formats
from attribution.onboarding import work as working
from attribution.onboarding.draft import STATUSES, Constant, Expression, Feed, StatusWords
from attribution.onboarding.looking import Options, Part
from attribution.onboarding.vocabulary import tables
from attribution.onboarding.work import Work
from attribution.schema import TABLE_NAMES, Column
from attribution.views import sources

CURRENCIES = ("EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CAD", "AUD", "BRL", "INR", "JPY")
ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Paris",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Sao_Paulo",
)
SEPARATORS = {"": "as detected", ",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
ENCODINGS = {"": "as detected", "utf-8": "UTF-8", "latin-1": "Latin-1 (Windows)", "utf-16": "UTF-16"}
HEADERS = {"": "as detected", "yes": "has column names", "no": "has none"}
ORDERS = ("dmy", "mdy")
MARKS = (".", ",")
LONG_LIST = 60  # words of a status that are shown in a form

Read = Callable[[], Work]
Write = Callable[[Work], None]


def common(read: Read, write: Write) -> None:
    """What holds for all files: currency and time zone where a file does not say, and what has to be asked."""
    work = read()
    with st.container(border=True, key="card_common", gap="small"):
        st.markdown("**For all files** :gray[:small[where a file does not say it itself]]")
        with st.grid(3, min_column_width=220, gap="small", key="common"):
            known = [work.draft.currency] if work.draft.currency and work.draft.currency not in CURRENCIES else []
            st.selectbox(
                "Amounts are in", ["", *known, *CURRENCIES], format_func=lambda code: code or "not known (bare amounts)",
                index=["", *known, *CURRENCIES].index(work.draft.currency or ""), key=f"currency_{work.generation}", accept_new_options=True,
                on_change=lambda: _set_currency(read, write), help="Three letters, such as EUR. A column of its own in a file goes first.",
            )  # fmt: skip
            zones = _zones()
            st.selectbox(
                "Times are in", zones, index=zones.index(work.draft.time_zone or "UTC"), key=f"zone_{work.generation}",
                on_change=lambda: _set_zone(read, write), help="The time zone of times that carry none, as your CRM shows them.",
            )  # fmt: skip
            if len(found := _currencies(work)) > 1:
                st.selectbox(
                    "Report in", ["", *found], format_func=lambda code: code or "choose", index=["", *found].index(work.report_in or ""),
                    key=f"report_{work.generation}", on_change=lambda: _set_report(read, write),
                    help="Your deals have several currencies. Converting needs a table of exchange rates (fx_rates) among the files.",
                )  # fmt: skip
        _asked(read, write, "date_order", "Which comes first in", ORDERS, "day or month?")
        _asked(read, write, "decimal", "What is the decimal mark in", MARKS, "point or comma?")


@lru_cache(maxsize=1)
def _zones() -> list[str]:
    """Every time zone, the usual ones first; listing them reads a folder of the system."""
    return list(dict.fromkeys([*ZONES, *sorted(zoneinfo.available_timezones())]))


def _asked(read: Read, write: Write, option: str, label: str, answers: tuple[str, ...], short: str) -> None:
    """A question that nothing in a file answers; what was answered stays in sight."""
    work = read()
    open_ones = dict(work.ambiguous(option))
    answered = {feed.file: getattr(feed.options, option) for feed in work.draft.feeds if getattr(feed.options, option) in answers}
    for file in dict.fromkeys([*open_ones, *answered]):
        example = f" {formats.plain(open_ones[file])}" if open_ones.get(file) else ""
        key = f"{option}_{work.generation}_{file}"
        st.radio(
            f"{label} {formats.plain(file)}: {short}{example}", answers, horizontal=True,
            format_func=lambda value, file=file: sources.read_as(option, value, open_ones.get(file, "")),
            index=answers.index(answered[file]) if file in answered else None, key=key,
            on_change=lambda file=file, key=key: write(read().changed(read().draft.with_options(file, **{option: st.session_state[key]}))),
        )  # fmt: skip


def _currencies(work: Work) -> list[str]:
    found: set[str] = {work.draft.currency} if work.draft.currency else set()
    for feed in work.draft.feeds:
        part = work.part(feed.part)
        name = working.column_in(working.choice_of(feed.columns.get("currency"))) if feed.table == "deals" else ""
        column = part.column(name) if part is not None and name else None
        found |= {value.upper() for value, _ in column.values if len(value) == 3} if column is not None else set()
    return sorted(found)


def _set_currency(read: Read, write: Write) -> None:
    work = read()
    code = str(st.session_state[f"currency_{work.generation}"] or "").strip().upper()
    if not code or (len(code) == 3 and code.isascii() and code.isalpha()):
        write(work.changed(replace(work.draft, currency=code or None)))


def _set_zone(read: Read, write: Write) -> None:
    work = read()
    write(work.changed(replace(work.draft, time_zone=st.session_state[f"zone_{work.generation}"])))


def _set_report(read: Read, write: Write) -> None:
    work = read()
    write(replace(work, report_in=st.session_state[f"report_{work.generation}"] or None, checked=None, refused=None))


def part(read: Read, write: Write, which: Part, reread: Callable[[str, Options], None]) -> None:
    """One file: what it is, its columns, its first rows, how it is written. Only an open box is filled."""
    work = read()
    key = f"{work.generation}_{which.name}"
    needs = which.problem is not None or any(feed.missing or feed.table == "deals" for feed in work.draft.feeds_of(which.name))
    icon = ":material/error:" if which.problem else ":material/check:" if work.draft.feeds_of(which.name) else ":material/remove:"
    box = st.expander(sources.part_label(work, which), expanded=needs, icon=icon, key=f"part_{key}", on_change="rerun")
    if not box.open:
        return
    with box:
        if which.problem is not None:
            st.markdown(formats.plain(which.problem))
            _how_written(which, key, reread)
            return
        names = [*tables(), *(name for name in TABLE_NAMES if name not in tables())]
        st.multiselect(
            "What is in this file?", names, default=[feed.table for feed in work.draft.feeds_of(which.name)], format_func=sources.table_label,
            key=f"tables_{key}", placeholder="Left out. Choose what it holds to use it.",
            on_change=lambda: write(working.tables_chosen(read(), which, list(st.session_state[f"tables_{key}"]))),
        )  # fmt: skip
        for feed in work.draft.feeds_of(which.name):
            _feed(read, write, which, feed, key)
        st.markdown(f"**The first rows** :gray[:small[{formats.plain(sources.how_read(which))}]]")
        st.dataframe(
            sources.preview(which), hide_index=True, row_height=30, height="content", alt=f"The first rows of {which.name}", placeholder="",
            key=f"preview_{key}",
        )  # fmt: skip
        _how_written(which, key, reread)


def _feed(read: Read, write: Write, which: Part, feed: Feed, key: str) -> None:
    """The boxes of one table."""
    with st.container(border=True, gap="small", key=f"feed_{feed.table}_{key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{formats.words(feed.table)}** :gray[:small[which column is what]]", width="stretch")
            everything = st.toggle("All columns", key=f"all_{feed.table}_{key}")
        with st.grid("auto", min_column_width=290, gap="small", key=f"boxes_{feed.table}_{key}"):
            for column in sources.boxes(feed, everything):
                with st.container(gap="xxsmall", key=f"box_{feed.table}_{column.name}_{key}"):
                    _box(read, write, which, feed, column, key)
        status = feed.columns.get("status")
        if isinstance(status, StatusWords) and feed.table == "deals":
            _status_words(read, write, which, feed, status, key)
        if feed.table == "deals":
            kept = sources.further(which, feed)
            st.multiselect(
                "Further columns to keep, for grouping deals by them", list(kept), default=list(feed.extra), format_func=lambda name: kept[name],
                key=f"extra_{key}", placeholder="None",
                on_change=lambda: _keep(read, write, which, {name: kept[name] for name in st.session_state[f"extra_{key}"]}),
            )  # fmt: skip


def _box(read: Read, write: Write, which: Part, feed: Feed, column: Column, key: str) -> None:
    """One column: where it comes from, and a few of its values."""
    origin = feed.columns.get(column.name)
    place = f"{feed.table}_{column.name}_{key}"
    options = working.choices(which)
    choice = working.choice_of(origin)

    def changed() -> None:
        new = working.chosen(which, feed.table, column.name, st.session_state[f"choice_{place}"], origin)
        write(read().changed(read().draft.with_column(which.name, feed.table, column.name, new)))

    st.selectbox(
        formats.plain(sources.box_label(column)), options, index=options.index(choice) if choice in options else 0, key=f"choice_{place}",
        format_func=_choice_words, on_change=changed,
    )  # fmt: skip
    if isinstance(origin, Constant):
        st.text_input(
            f"Value of {formats.words(column.name)} in every row", str(origin.value), key=f"constant_{place}", max_chars=200, label_visibility="collapsed",
            on_change=lambda: _type(read, write, which, feed.table, column.name, Constant(st.session_state[f"constant_{place}"].strip())),
        )  # fmt: skip
    elif isinstance(origin, Expression):
        st.text_input(
            f"Formula of {formats.words(column.name)}", origin.sql, key=f"formula_{place}", max_chars=4000, label_visibility="collapsed",
            help='A formula over the file\'s columns, as in a mapping.toml: replace("Price", \'R$\', \'\').',
            on_change=lambda: _type(read, write, which, feed.table, column.name, Expression(st.session_state[f"formula_{place}"])),
        )  # fmt: skip
    elif shown := sources.examples(which, working.column_in(choice), column.required and not isinstance(origin, StatusWords)):
        st.caption(formats.plain(shown))
    elif column.required:
        st.caption(":red[Needed: choose a column, one value, or a formula.]")


def _choice_words(choice: str) -> str:
    words = {working.NOTHING: "not in this file", working.CONSTANT: "One value for all rows …", working.FORMULA: "A formula …"}
    return words.get(choice) or working.column_in(choice)


def _type(read: Read, write: Write, which: Part, table: str, column: str, origin: Constant | Expression) -> None:
    write(read().changed(read().draft.with_column(which.name, table, column, origin)))


def _keep(read: Read, write: Write, which: Part, extra: dict[str, str]) -> None:
    feed = read().draft.feed(which.name, "deals")
    if feed is not None:
        write(read().changed(read().draft.with_feed(replace(feed, extra=extra))))


def _status_words(read: Read, write: Write, which: Part, feed: Feed, status: StatusWords, key: str) -> None:
    """Each word of the status column with what it means."""
    column = which.column(status.column)
    counts = dict(column.values) if column is not None else {}
    st.markdown(
        "**What the words mean** :gray[:small[a word that is not listed is not guessed: its rows are reported as not read]]"
    )
    with st.grid("auto", min_column_width=190, gap="small", key=f"words_{key}"):
        for place, (word, meaning) in enumerate(status.words[:LONG_LIST]):
            st.selectbox(
                sources.status_label(word, counts.get(word, 0)),
                list(STATUSES), index=list(STATUSES).index(meaning), key=f"word_{place}_{key}",
                on_change=lambda place=place, word=word: _mean(read, write, which, status, place, word, st.session_state[f"word_{place}_{key}"]),
            )  # fmt: skip


def _mean(read: Read, write: Write, which: Part, status: StatusWords, place: int, word: str, meaning: str) -> None:
    words = tuple((word, meaning) if number == place else entry for number, entry in enumerate(status.words))
    write(read().changed(read().draft.with_column(which.name, "deals", "status", StatusWords(status.column, words))))


def _how_written(which: Part, key: str, reread: Callable[[str, Options], None]) -> None:
    """How the file is written, where detection needs help."""
    options = which.options
    with st.popover("How this file is written", icon=":material/tune:"), st.form(f"written_{key}", border=False):
        separator = st.selectbox(
            "Separator",
            list(SEPARATORS),
            index=list(SEPARATORS).index(options.separator or ""),
            format_func=SEPARATORS.__getitem__,
        )
        encoding = st.selectbox(
            "Encoding", list(ENCODINGS), index=list(ENCODINGS).index(options.encoding or ""), format_func=ENCODINGS.__getitem__
        )
        now = "" if options.header is None else "yes" if options.header else "no"
        header = st.selectbox("First row", list(HEADERS), index=list(HEADERS).index(now), format_func=HEADERS.__getitem__)
        skip = st.number_input("Lines above the column names", 0, 100, options.skip)
        if st.form_submit_button("Read it again"):
            new = Options(separator or None, None, encoding or None, None if not header else header == "yes", None, int(skip))
            reread(which.file, new)
