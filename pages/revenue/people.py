"""Who was active, and who is on a deal? People under the filters, and one person with everything that is recorded of them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from attribution.charts import formats, used
from attribution.people.listing import ORDERS, PAGE
from attribution.people.words import DEFINITIONS
from attribution.views import state
from attribution.views.choices import EVERY
from pages.components import boxes, cards, data, downloads, notices, one, one_person, people_data, present, styled

ds, names, choice = st.session_state["view"]
if "open_deal" in st.session_state:
    st.switch_page("pages/revenue/deals.py", query_params={"deal": st.session_state.pop("open_deal")})

TITLE = "Who was active, and who is on a deal?"
COUNT = st.column_config.NumberColumn(format="%,d")
WHO_IS_LISTED = (
    "**Period, channels and campaigns** keep people with such a touch, and count these touches only, by the day of the touch. **Segment, industry and "
    "country** are the company's, **owner** is the person's own; **deal type and CRM pipeline** keep people of such deals. For all time everybody is listed, "
    "also people without a touch. Stage and deals are as they stand now, whatever the period."
)


def _all_people() -> None:
    if "person" in st.query_params:
        del st.query_params["person"]


def _choose(row: int) -> None:
    st.query_params["person"] = view.ids[row]


def _first_page() -> None:
    st.session_state["people_page"] = 0


def _turn(step: int) -> None:
    st.session_state["people_page"] = view.page + step


def _stage_clicked() -> None:
    if point := cards.clicked("stages"):
        st.session_state["person_stage"] = str(point[0])
        _first_page()


def figures() -> None:
    """How many people, touches, people on deals and on won ones."""
    present.figures_drawn()
    listed = [
        ("People", view.people, "People with such a touch in the period; for all time everybody who is known."),
        ("Touches", view.touches, DEFINITIONS["person_touches"]),
        ("On deals", view.on_deals, f"People on {DEFINITIONS['person_deals'][:1].lower()}{DEFINITIONS['person_deals'][1:]}"),
        ("On won deals", view.on_won, "Of these, people on a deal that was won, whenever."),
    ]  # fmt: skip
    with st.grid(len(listed), min_column_width=150, gap="small", key="figures"):
        for label, value, words in listed:
            st.metric(label, formats.count(value), help=words, border=True, height="stretch")


def stages_now() -> None:
    """A bar a stage; a click lists its people."""
    if not view.bars:
        st.markdown(
            ":gray[:small[No lifecycle stage is known: `lifecycle_changes` with `contact_id`, `lifecycle_stage` and `entered_at` shows where people stand.]]"
        )
        return
    explain = f"{DEFINITIONS['person_stage']} Click a bar to list its people below.\n\n{WHO_IS_LISTED}"
    with cards.card(
        "Where they stand now", "people by lifecycle stage · right: of them on deals", explain, "stages", view.stages, caption
    ):
        cards.picture(
            lambda: used.bars(view.bars, cards.colours(), longest=1.12 * max(bar.value for bar in view.bars)),
            view.alt,
            "stages",
            (ds.version, choice, stage),
            _stage_clicked,
        )


def table() -> None:
    """One page of people."""
    first = view.page * PAGE + 1
    last = view.page * PAGE + len(view.ids)
    size = (
        f"{formats.count(first)}–{formats.count(last)} of {formats.count(view.matching)}, {ORDERS[order]} first"
        if view.ids
        else "nobody"
    )
    size = size.replace("name first", "by name")
    with st.container(border=True, key="card_people", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**People** :gray[:small[{size}]]", width="stretch")
            st.button(
                "",
                icon=":material/chevron_left:",
                key="people_back",
                help="Previous page",
                disabled=not view.page,
                on_click=_turn,
                args=(-1,),
            )
            st.button(
                "",
                icon=":material/chevron_right:",
                key="people_on",
                help="Next page",
                disabled=view.page + 1 >= view.pages,
                on_click=_turn,
                args=(1,),
            )
            downloads.download(view.table, "People", f"{caption}; page {view.page + 1} of {view.pages}", "people")
            if st.button("", icon=":material/help:", type="tertiary", help="Explain", key="explain_people"):
                cards.explanation("People", WHO_IS_LISTED, caption, None)
        if not view.ids:
            st.markdown(f":gray[{empty_words()}]")
            return
        columns = {
            "Person": st.column_config.TextColumn(pinned=True, width=140), "Won": COUNT,
            **dict.fromkeys(("Title", "Company"), st.column_config.TextColumn(width=139)), "Owner": st.column_config.TextColumn(width=100),
            "Last touch": st.column_config.DateColumn(format="D MMM YYYY", help=DEFINITIONS["last_touch"]),
            "Touches": st.column_config.NumberColumn(format="%,d", help=DEFINITIONS["person_touches"]),
            "On deals": st.column_config.NumberColumn(format="%,d", help=DEFINITIONS["person_deals"]),
            "Stage now": st.column_config.TextColumn(help=DEFINITIONS["person_stage"]),
        }  # fmt: skip
        frame, columns = one.with_button(view.table, columns, "person_row", _choose)
        st.dataframe(
            frame, hide_index=True, placeholder=formats.DASH, row_height=32, height=styled.height(len(frame), 15, 32), alt=f"People, {ORDERS[order]} first",
            column_config=columns,
        )  # fmt: skip


def empty_words() -> str:
    """Why nobody is listed, and what to do."""
    if words:
        said = formats.plain(formats.short(words, 60))
        return f"Nobody under these filters has “{said}” in name, address, id or company. Find (Ctrl K) looks through everybody."
    return "Nobody under these filters is in this stage."


asked = st.query_params.get("person")
if asked:
    with present.tools_of_page("question"):
        st.button("All people", icon=":material/arrow_back:", type="tertiary", key="all_people", on_click=_all_people)
    person = people_data.one_person(ds.version, asked, choice.model, ds)
    said, known = ("", None) if person else people_data.visitor_words(ds.version, asked, ds)
    if known:
        person = people_data.one_person(ds.version, known, choice.model, ds)
    if person is None:
        one_person.unknown(asked, said)
    else:
        one_person.page(ds, choice, names, person, (said,) if said else ())
    st.stop()

options = people_data.stage_options(ds.version, ds)
with present.tools_of_page("question"):
    st.markdown(":gray[:small[In stage]]", width="content")
    stage = boxes.box("person_stage", "Stage", options, EVERY, 210)
    st.markdown(":gray[:small[by]]", width="content")
    order = boxes.box("people_by", "Order", ORDERS, "last", 150)
    words = st.text_input(
        "Find a person", type="search", placeholder="Find by name, address, id or company", label_visibility="collapsed", key="people_search", width=270,
        live="300ms", on_change=_first_page,
    ) or ""  # fmt: skip

caption = state.caption(ds, choice)
asked_for = (ds.version, choice, stage, order, words)
if st.session_state.get("people_asked") != asked_for:  # another question, or other data, begins on its first page
    st.session_state["people_asked"] = asked_for
    _first_page()
view = people_data.people(ds.version, choice, order, stage, words, st.session_state["people_page"], ds)
st.title(TITLE, anchor=False)
st.markdown(f"#### {view.answer}")
st.markdown(state.rule_line(ds, choice.model))
if view.people:
    figures()
    stages_now()
    present.main_message_ends()
    table()
elif not data.has_touches(ds.version, ds):
    notices.no_touches(
        "This page lists the people behind touches and deals, and shows each with everything that is recorded.", ds.data_folder
    )
else:
    notices.designed_state(
        "Nobody here",
        "This page lists the people behind touches and deals, and shows each with everything that is recorded. "
        f"Nobody is left under these filters: {formats.plain(state.filter_words(ds, choice))}.",
        [
            "Clear a filter above, or choose a longer period.",
            "People come from `contacts.csv` (`contact_id`, `name`, `email`, `account_id`) and from `contact_id` in `touches.csv`.",
        ],
        f"python -m attribution build --data {Path(ds.data_folder).name or 'my_folder'}",
        icon=":material/person:",
    )
