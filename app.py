"""The app: menu, page frame and the shared filter bar. Start it with ``streamlit run app.py``.

This file is read twice. ``streamlit run`` imports it and finds the server, ``app``; for each visit the server runs it as the
script that draws the frame and then the page. Streamlit takes a folder named pages/ for its old multipage layout until
st.navigation has been called once, and would greet the first deep link with "Page not found"; the server calls it at start.
"""

from __future__ import annotations

import gc
import logging
from copy import copy
from typing import Any

import streamlit as st

from attribution import __version__ as VERSION
from attribution.charts import formats
from attribution.errors import ClosedLoopError
from attribution.views import state
from pages.components import data, filter_bar, meeting_links, mine, notices, older, present, reaching, search, turns


def menu() -> dict[str, list[Any]]:
    """The sections and their pages. Addresses come from the file names and stay."""
    return {
        "Revenue": [
            st.Page(
                "pages/revenue/overview.py", title="Overview", icon=":material/monitoring:", default=True,
                help="Won revenue, what moved, what earned it, and the bridge from the CRM to credit.",
            ),
            st.Page(
                "pages/revenue/attribution.py", title="Attribution", icon=":material/account_tree:",
                help="Which channels, campaigns, content or segments earned the revenue, and whether another rule would say so.",
            ),
            st.Page(
                "pages/revenue/paths.py", title="Paths", icon=":material/route:",
                help="The most frequent ways to won and lost deals, what follows on what, and what is lost without a step.",
            ),
            st.Page(
                "pages/revenue/campaigns.py", title="Campaigns", icon=":material/campaign:",
                help="What each campaign reached, cost and brought, who first met us there, and where it is too early to judge.",
            ),
            st.Page(
                "pages/revenue/compare.py", title="Compare models", icon=":material/compare_arrows:",
                help="Every channel or campaign under every rule with its likely range: what holds whatever the rule, and what depends on it.",
            ),
            st.Page(
                "pages/revenue/deals.py", title="Deals", icon=":material/handshake:",
                help="Any deal's journey: who did what when, and what each touch earned under each rule.",
            ),
            st.Page(
                "pages/revenue/people.py", title="People", icon=":material/person:",
                help="Who was active and who is on a deal; and one person: every touch, stage, hand-over and deal, and what leads to them.",
            ),
            st.Page(
                "pages/revenue/explore.py", title="Explore", icon=":material/pivot_table_chart:",
                help="Any figures by any one or two dimensions, as bars, lines, a heat table or a table.",
            ),
        ],
        "Content": [
            st.Page(
                "pages/content/content.py", title="Content", icon=":material/article:",
                help="What each piece of content cost, who read it, what it earned, and who used it among won and lost deals.",
            ),
            st.Page(
                "pages/content/topics.py", title="Topics", icon=":material/topic:",
                help="The five topics that buyers ask about, by funnel stage and segment: pieces, cost, credit, and what is missing.",
            ),
            st.Page(
                "pages/content/unused.py", title="Unused", icon=":material/inventory_2:",
                help="Content that nobody reads, nobody who bought has read, sales never sent, or is outdated: the cost sunk, and one decision each.",
            ),
            st.Page(
                "pages/content/sales_content.py", title="Sales content", icon=":material/outgoing_mail:",
                help="What sales asked for, what is being made, what it sent and what became of it, and the next piece for a deal.",
            ),
            st.Page(
                "pages/content/questions.py", title="Buyers' questions", icon=":material/contact_support:",
                help="What buyers ask, what has no answer, what it is worth, and what to write, finish or send.",
            ),
            st.Page(
                "pages/content/weekly.py", title="Weekly five", icon=":material/format_list_numbered:",
                help="The five best pieces of a week, and the five that earn most and are read least, as a file to pass on.",
            ),
            st.Page(
                "pages/content/spotlight.py", title="Spotlight", icon=":material/auto_stories:",
                help="Two or three won deals of a month with every piece of content on the way, as a file that anybody can open.",
            ),
        ],
        "Meeting": [
            st.Page(
                "pages/meeting/meeting.py", title="Meeting", icon=":material/groups:",
                help="The revenue team's meeting: an agenda of timed blocks over live data, with room for notes, decisions and actions.",
            ),
        ],
        "Data": [
            st.Page(
                "pages/data/sources.py", title="Use your own data", icon=":material/upload_file:",
                help="Three steps from your exports to these pages: choose files, match their columns, check and switch.",
            ),
            st.Page(
                "pages/data/health.py", title="Data health", icon=":material/fact_check:",
                help="What the numbers rest on: coverage, checks, rows that could not be read, what is missing.",
            ),
            st.Page(
                "pages/data/trust.py", title="Trust", icon=":material/balance:",
                help="Every credit rule in a generated world whose truth is known: how much credit each puts in the wrong place.",
            ),
            st.Page(
                "pages/data/glossary.py", title="Glossary", icon=":material/menu_book:",
                help="Every word of the pages and the files, with its one meaning.",
            ),
        ],
    }  # fmt: skip


def script() -> None:
    """One visit: frame, filter bar, page, footer."""
    st.set_page_config(page_title="Closed Loop", page_icon="static/icon.png", layout="wide", initial_sidebar_state=210)
    dark = st.context.theme.type == "dark"
    made = data.laid_out(("menu",), menu)
    pages = {section: [copy(page) for page in entries] for section, entries in made.items()}  # a page runs once
    presenting = present.is_on()
    if not presenting:
        st.logo("static/logo-dark.svg" if dark else "static/logo-light.svg", icon_image="static/icon.png", size="medium")
    page = st.navigation(pages, position="hidden" if presenting else "sidebar", expanded=True)
    ds = current = _dataset()
    if ds is None:
        if page.url_path == "sources":
            page.run()
        return
    ds, said = older.dataset(current)
    try:
        _frame(ds, current, page, [entry for section in pages.values() for entry in section], said)
    except ClosedLoopError as error:
        notices.designed_state("This question could not be answered", str(error), ["Clear a filter, or choose another period."])
    if not presenting:
        _footer(ds)
    reaching.wide_pictures()


def _frame(ds: Any, current: Any, page: Any, pages: list[Any], said: list[str]) -> None:
    """The tools above every page, the filters, and the page."""
    names = data.names(ds.version, ds)
    if (address := filter_bar.address_in_words(ds, names, page.url_path)) is not None:
        st.switch_page(page, query_params=address)
    said += mine.read_link(names)
    turn_to = None
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="tools"):
        meeting_links.back(page.url_path)
        if present.is_on():
            words_slot = st.container()
            own = page.url_path in present.OWN_ARROWS
            label, icon = ("Meeting", ":material/event:") if own else ("Filters", ":material/tune:")
            filters_slot = st.popover(label, icon=icon, type="tertiary", key="present_filters")
            st.session_state["present_words_slot"] = words_slot
            st.session_state["present_filters_slot"] = filters_slot
            turn_to = present.controls(pages, page)
        else:
            if ds.data_folder and data.is_sample(ds.data_folder):
                st.markdown(":gray[:small[Sample data (generated).]]", width="content")
                with st.popover("Use your own", type="tertiary"):
                    notices.use_your_own()
            with st.container(horizontal=True, wrap=True, gap="small", horizontal_alignment="right", vertical_alignment="center"):
                unused_slot = st.container(width="content")
                search.search_button(ds)
                mine.chooser(names)
                link_slot = st.container(width="content")
                present.button()
    notices.last_good_version(ds.notice)
    older.banner(ds, current)
    if present.is_on() and page.url_path in present.OWN_ARROWS:
        with filters_slot, st.expander("Filters of the other pages"):
            bar = filter_bar.filter_bar(ds, names, page.url_path, wrap=True)
    elif present.is_on():
        with filters_slot:
            bar = filter_bar.filter_bar(ds, names, page.url_path, wrap=True)
        with words_slot:
            present.words(state.filter_words(ds, bar.choice))
    else:
        bar = _bar(ds, names, page.url_path, unused_slot)
        with link_slot:
            filter_bar.copy_link(bar.choice, ds.version)
    notices.top()
    notices.link_notices([*said, *bar.notices])
    st.session_state["view"] = (ds, names, bar.choice)
    if turn_to is not None:
        st.switch_page(turn_to, query_params={"present": "1"})
    page.run()


def _bar(ds: Any, names: Any, page: str, unused_slot: Any) -> filter_bar.Bar:
    """The filter bar above the page; out of the way, and as it was set, where no filter changes the page."""
    if page not in filter_bar.PAGES_WITHOUT:
        return filter_bar.filter_bar(ds, names, page)
    with unused_slot, st.popover("Filters", icon=":material/tune:", type="tertiary", key="unused_filters"):
        st.caption("No filter changes this page. The other pages keep yours:")
        return filter_bar.filter_bar(ds, names, page, wrap=True)


def _dataset() -> Any:
    """The database in service; built on a first run; None after showing what is wrong and what to do."""
    path = data.database_path()
    version = data.version_in_service(path)
    if not version:
        if not _first_build():
            return None
        version = data.version_in_service(path)
    try:
        return data.dataset(str(path), version)
    except ClosedLoopError as error:
        notices.designed_state(
            "The database cannot be read",
            str(error),
            ["Build it anew; the source files are not touched.", "Reload this page."],
            f"python -m attribution build --data {data.data_path()} --db {path} --full",
            icon=":material/database:",
        )
        return None


def _first_build() -> bool:
    """Build the data folder with its steps in sight. Only one visitor builds; others wait for it."""
    folder = data.data_path()
    if not folder.is_dir():
        notices.designed_state(
            "No data yet",
            f"There is no database in `{data.database_path()}` and no data folder `{folder}` to build one from.",
            [
                "Choose a folder or upload your exports on the page *Use your own data*.",
                "Or start the app with a folder of them.",
            ],
            "CLOSED_LOOP_DATA=my_folder streamlit run app.py",
            icon=":material/database:",
        )
        st.page_link("pages/data/sources.py", label="Use your own data", icon=":material/upload_file:")
        return False
    place = st.empty()
    with place.status(f"Building the database from {folder.name}", expanded=True) as status:
        try:
            data.build_first(notices.build_progress())
        except ClosedLoopError as error:
            status.update(label="The data could not be built", state="error")
            notices.designed_state(
                "The data could not be built",
                str(error),
                ["Mend what the message names.", "Reload this page."],
                icon=":material/build:",
            )
            return False
    place.empty()
    return True


def _footer(ds: Any) -> None:
    """What the numbers stand on, in the menu and (for phones) under the page."""
    reaches, built = state.footer_words(ds)
    with st.sidebar:
        st.caption(f"{reaches}  \n{built}")
    st.caption(
        f"{reaches} · {built} · version {formats.plain(ds.version)} · days are cut in {ds.settings.reporting.time_zone} · Closed Loop {VERSION}"
    )


def on_error(error: Exception) -> bool:
    """What people see when the program itself fails: words and a way on; the details go to the log."""
    logging.getLogger("closed_loop").exception("The page failed", exc_info=error)
    notices.designed_state(
        "This page failed",
        "Something went wrong inside the program, not in your data. The rest of the app keeps working.",
        ["Reload the page, or clear the filters.", "If it stays, send the last lines of the server's log to whoever runs it."],
        icon=":material/error:",
    )
    return True


if __name__ == "__main__":
    with turns.turn():
        script()
else:
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)
    st.navigation(menu())
    gc.collect()
    gc.freeze()  # what is imported by now lives as long as the server: leave it out of every later collection
    app = st.App(__file__, on_script_error=on_error)
