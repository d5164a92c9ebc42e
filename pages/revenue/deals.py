"""How was this deal won? One deal's journey, touch by touch, and the deals behind a number of another page."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from attribution.charts import deals, formats, journey, theme, touches
from attribution.errors import QueryError
from attribution.views import state
from attribution.views.deals import Explained
from attribution.views.path_deals import link_words as path_words
from pages.components import cards, data, downloads, notices, one, present, styled

STATUSES = {"won": "Won", "lost": "Lost", "open": "Open"}
WHOM = {"account": "of", "person": "with"}  # they are found by the search, and listed whatever the filters
TITLES = {"won": "How was this deal won?", "lost": "How was this deal lost?", "open": "How does this deal stand?"}
PEOPLE_SHOWN = 12
MODELS_SHOWN = ("first_touch", "last_touch", "linear", "time_decay")

ds, names, choice = st.session_state["view"]
currency = ds.settings.reporting.currency
palette = cards.colours()
caption = state.caption(ds, choice)
behind = state.behind_from(st.query_params.get("behind"))
asked = st.query_params.get("deal")
if "behind" in st.query_params and not behind:
    notices.link_notices(
        ["The link asks for the deals behind a number, and the number cannot be read from it; deals of any number are listed."]
    )
money = st.column_config.NumberColumn(format=formats.money_column(currency))


def _choose(deal_id: str) -> None:
    st.query_params["deal"] = deal_id


def _picked() -> None:
    _choose(st.session_state["deal_picker"])


def _status_changed() -> None:
    if "deal" in st.query_params:
        del st.query_params["deal"]


def _forget_number() -> None:
    for word in ("behind", "deal"):
        if word in st.query_params:
            del st.query_params[word]


def _row_clicked() -> None:
    if click := st.session_state["listed_row"]:
        _choose(str(listed["deal_id"].iloc[click.row]))


def explained() -> Explained | None:
    """The deal the link asks for, else the first of the list; None where there is none."""
    if asked:
        try:
            return data.explained(ds.version, asked, choice.model, ds)
        except QueryError:
            notices.no_such_deal(asked, "the first deal of the list")
    if not len(listed) or behind.get("step") == "quarantined":  # rows that could not be read have no journey
        return None
    return data.explained(ds.version, str(listed["deal_id"].iloc[0]), choice.model, ds)


def picker(current: str, label: str) -> None:
    """Title, and a box in which any listed deal is found by typing."""
    options = data.laid_out((*of_list, "options", current), lambda: deals.deal_options(listed, current, label, currency))
    place = list(options).index(current)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.title(TITLES[shown.status], anchor=False, width="stretch")
        st.session_state["deal_picker"] = current
        st.selectbox(
            "Deal", list(options), format_func=lambda deal_id: options.get(deal_id, str(deal_id)), key="deal_picker", label_visibility="collapsed",
            width=400, on_change=_picked,
        )  # fmt: skip
        for icon, step, tip in ((":material/chevron_left:", -1, "Previous deal"), (":material/chevron_right:", 1, "Next deal")):
            target = place + step
            st.button(
                "", icon=icon, key=f"step_{step}", help=tip, disabled=not 0 <= target < len(options), on_click=_choose,
                args=(list(options)[max(0, min(target, len(options) - 1))],),
            )  # fmt: skip


def way() -> None:
    """The journey as a picture."""
    frame = touches.until_end(shown.lanes, shown.milestones)
    later = len(shown.touches) - len(frame)
    size = f"{formats.counted(len(frame), 'touch', 'touches')}, {touches.people_words(frame)}"
    note = f"{size}{f' ({later} later ones are in the table)' if later else ''} · the number in a large dot is its share of the credit in %"
    explain = (
        "One lane per person, in the order of their first touch. Shape says who acted; a filled mark counts under the settings, a hollow one does not. "
        "Solid lines are the milestones to which rules give credit, dotted lines are stages of the deal. Click a mark to find it in the table."
    )
    with cards.card("The way to the deal", note, explain, "journey"):
        if frame.empty:
            st.markdown(
                ":gray[No touch is recorded for this deal. Touches reach a deal through its people (`deal_contacts`), its account, or its own id.]"
            )
            return
        with st.grid(1, min_column_width=journey.MIN_WIDTH, wrap=False):
            cards.picture(
                lambda: journey.journey(
                    frame, touches.marks(shown.milestones, shown.stages), names.slots, names.channel_labels, palette
                ),
                shown.alt,
                "journey",
                (ds.version, shown.deal_id, choice.model),
                "rerun",
            )


def earned() -> None:
    """What each touch earned under each rule, down to its source row."""
    heads, table = data.touch_table(ds.version, shown.deal_id, choice.model, MODELS_SHOWN, ds)
    note = f"the credits of each rule add up to {formats.exact(shown.amount, currency)}"
    with st.container(border=True, key="card_earned", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**What each touch earned** :gray[:small[{note}]]", width="stretch")
            downloads.download(
                table, f"Touches of {shown.name}", f"deal {shown.deal_id}; {caption}", "touches", dict.fromkeys(heads, money)
            )
        st.markdown(f":gray[The rule in words:] {formats.plain(shown.rule)}")
        if picked := cards.clicked("journey"):
            st.markdown(f":gray[:material/ads_click: Picked in the journey:] {shown.describe(str(picked[0]), currency)}")
        of = (ds.version, shown.deal_id, choice.model, "touches", palette.name)
        touch_table, chips = data.laid_out(of, lambda: _touch_table(heads, table))
        width = formats.money_width(shown.amount, currency)
        st.dataframe(
            touch_table, hide_index=True, placeholder=formats.DASH, row_height=32, height=styled.height(len(table), 14, 32),
            alt=f"Touches of {shown.name} with their credit under each rule, the total in the last row",
            column_config={
                "Date": st.column_config.DatetimeColumn(format="D MMM YYYY", width=88, pinned=True),
                "Who": st.column_config.TextColumn(width=128),
                "What happened": st.column_config.TextColumn(width=168),
                "Channel": chips,
                "Holds": st.column_config.MultiselectColumn(options=[words for _, words in touches.HOLDS], color=theme.tint(palette.accent, palette), width=92),
                **{head: st.column_config.NumberColumn(format=formats.money_column(currency), width=width) for head in heads},
                "Source": st.column_config.TextColumn(help="File and row in the data folder", width=180),
            },
        )  # fmt: skip
        with st.expander("Show query", icon=":material/code:"):
            st.caption("Runs as it is on the database file, and gives the same credits unrounded.")
            st.code(shown.query, language="sql")


def people() -> None:
    """A way to each person of the deal."""
    if not shown.people:
        return
    further = len(shown.people) - PEOPLE_SHOWN
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="people_of_deal"):
        st.markdown(":gray[:small[People]]", width="content")
        for contact_id, name in list(shown.people.items())[:PEOPLE_SHOWN]:
            label = f":small[{formats.plain(formats.short(name, 32))}]"
            st.page_link("pages/revenue/people.py", label=label, query_params={"person": contact_id}, width="content")
        if further > 0:
            st.markdown(f":gray[:small[and {formats.count(further)} more, in the table]]", width="content")


def _touch_table(heads: list[str], table: pd.DataFrame) -> tuple[Any, Any]:
    """The table of touches as the page shows it, and its chips."""
    chips = cards.with_chips(table, names, palette)
    return styled.tinted(chips.frame, heads, shown.amount, palette), chips.chips


def _list() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The deals of the list, as they are saved and as the page shows them."""
    file = deals.list_columns(listed)
    frame = one.with_amount_first(file)
    frame.insert(2, "Open", [["Open"] for _ in range(len(file))])
    return file, frame


def deals_list() -> None:
    """All deals of the list, largest first: search, pick, download."""
    shown_list, frame = data.laid_out((*of_list, "list"), _list)
    with st.container(border=True, key="card_list", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            total = deals.total_amount(listed)
            title = f"Deals behind this number: {behind_words}" if behind else f"{STATUSES[status]} deals"
            title = f"All deals {WHOM[whom]} {behind_words}" if whom else title
            st.markdown(
                f"**{formats.plain(title)}** :gray[:small[{formats.counted(len(listed), 'deal')}, {formats.exact(total, currency)}]]",
                width="stretch",
            )
            under = f"all time, any outcome; data up to {formats.day(ds.as_of)}, version {ds.version}" if whom else caption
            downloads.download(shown_list, title, under, "list", dict.fromkeys(("Amount", "In this number"), money))
        st.dataframe(
            frame, hide_index=True, placeholder=formats.DASH, height=styled.height(len(frame), 12, 32), row_height=32, alt=f"{title}, largest first",
            column_config={
                "Deal": st.column_config.TextColumn(pinned=True, width=one.DEAL), "Account": st.column_config.TextColumn(width=150),
                "Owner": st.column_config.TextColumn(width=130),
                **dict.fromkeys(("Amount", "In this number"), money),
                "Opened": st.column_config.DateColumn(format="D MMM YYYY"),
                "Closed": st.column_config.DateColumn(format="D MMM YYYY"),
                "Open": st.column_config.ButtonColumn("", type="tertiary", key="listed_row", on_click=_row_clicked, width=64),
            },
        )  # fmt: skip


whom = next((kind for kind in ("account", "person") if kind in behind), "")
known = {**names.labels, whom: {behind[whom]: data.name_of(ds.version, whom, behind[whom], ds)}} if whom else names.labels
known |= {"way": {behind["way"]: path_words(behind["way"], names.labels)}} if "way" in behind else {}
behind_words = deals.behind_label(behind, known, ds.settings.journeys.lookback_days)
with present.tools_of_page("finder"):
    if behind:
        status, search = behind.get("status", "won"), ""
        listed = data.behind(ds.version, choice, tuple(behind.items()), ds)
        st.markdown(f":gray[:small[{'All deals ' + WHOM[whom] if whom else 'Deals behind'}]]", width="content")
        st.button(
            formats.plain(behind_words),
            icon=":material/close:",
            icon_position="right",
            key="forget",
            on_click=_forget_number,
            help="Show all deals again",
        )
    else:
        st.session_state.setdefault("deal_status", data.status_of(ds, asked) or "won")
        status = st.segmented_control(
            "Status", list(STATUSES), format_func=STATUSES.get, key="deal_status", label_visibility="collapsed", required=True, on_change=_status_changed,
            persist_state="session",
        )  # fmt: skip
        search = st.text_input(
            "Find a deal", type="search", placeholder="Find by deal, account or id", label_visibility="collapsed", key="deal_search", width=260,
            live="300ms", on_change=_status_changed,
        )  # fmt: skip
        search = search or ""
        listed = data.deals(ds.version, choice.filters, status, search, ds)

of_list = (ds.version, choice, status, search, tuple(behind.items()))  # all that the list depends on
shown = explained()
if shown is None and len(listed):
    st.title("Which rows could not be read?", anchor=False)
    st.markdown(state.rule_line(ds, choice.model))
    st.markdown("These won rows are in the CRM's total and in no figure. Mend them in the file, and build again.")
    deals_list()
elif shown is None:
    st.title("How was this deal won?", anchor=False)
    notices.designed_state(
        "No deal here",
        f"This page shows the journey of one deal. No deal is recorded {WHOM[whom]} {formats.plain(behind_words)}."
        if whom
        else f"This page shows the journey of one deal. No {status} deal matches {'' if behind else 'the search and '}the filters: "
        f"{formats.plain(state.filter_words(ds, choice))}.",
        ["Clear the search or a filter, or choose a longer period.", "Lost and open deals are a click away: Won, Lost, Open."],
    )
else:
    picker(shown.deal_id, shown.label)
    st.markdown(f"#### {shown.answer}")
    st.markdown(state.rule_line(ds, choice.model))
    if not present.is_on():
        st.markdown(f":gray[:small[{shown.about}]]")
        if shown.status == "open":
            st.page_link(
                "pages/content/sales_content.py",
                label=":small[What to send next]",
                icon=":material/outgoing_mail:",
                query_params={"deal": shown.deal_id},
            )
        people()
    notices.coverage(data.thin_ice_of_deal(ds.version, shown.deal_id, ds))
    way()
    present.main_message_ends()
    earned()
    deals_list()
