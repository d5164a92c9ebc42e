"""One person by themselves: figures, the way in one picture, everything in order, deals with their part of the credit, and what leads to them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from attribution.charts import formats, journey
from attribution.people.words import DEFINITIONS
from attribution.views import state
from attribution.views.one_person import LISTED, OnePerson
from attribution.views.state import Choice, Names
from pages.components import cards, downloads, notices, one, present, styled

NOBODY = "What did this person do, and what came of it?"


def page(ds: Any, choice: Choice, names: Names, person: OnePerson, notes: tuple[str, ...]) -> None:
    """The page of one person. ``notes``: what a link asked for."""
    st.title(person.title, anchor=False)
    st.markdown(f"#### {person.answer}")
    present.answer_drawn(person.answer)
    st.markdown(state.rule_line(ds, choice.model))
    if not present.is_on():
        st.markdown(f":gray[:small[{person.about}]]")
    notices.thin_ice([*notes, *person.notes])
    _figures(ds, person)
    _way(ds, choice, names, person)
    present.main_message_ends()
    caption = f"one person, all time; credit rule {state.rule_label(ds, choice.model)}; data up to {formats.day(ds.as_of)}, version {ds.version}"
    _deals(ds, person, caption)
    _events(ds, names, person, caption)
    _leads_here(person, caption)


def unknown(asked: str, words: str) -> None:
    """The page of an id that nobody has. ``words``: that it is a visitor, where it is one."""
    st.title(NOBODY, anchor=False)
    notices.designed_state(
        "A visitor without a name" if words else "Nobody here with this id",
        words or f"No contact, merged id or e-mail address of this data is “{formats.plain(formats.short(asked, 60))}”, and no touch names it.",
        ["Add `identities.csv` with the visitor as `alias`, `visitor` as `alias_kind` and the contact as `target_id`, then build again."]
        if words
        else ["Look for a name with Find (Ctrl K).", "Choose somebody from the list: All people."],
        icon=":material/person_off:",
    )  # fmt: skip


def _figures(ds: Any, person: OnePerson) -> None:
    present.figures_drawn()
    currency = ds.settings.reporting.currency
    listed = [
        ("Engaged", formats.counted(person.engaged, "time"), DEFINITIONS["engaged"]),
        ("Touches", formats.count(person.touches), DEFINITIONS["person_touches"]),
        ("Took part in", formats.counted(person.took_part, "deal"), DEFINITIONS["took_part_in_deals"]),
        (
            "Won",
            formats.money(person.won_amount, currency),
            f"Whole amounts of the won deals among them. {DEFINITIONS['took_part_in_deals']}",
        ),
        ("Credited", formats.money(person.credited, currency), f"Of won deals. {DEFINITIONS['person_credit']}"),
    ]
    with st.grid(len(listed), min_column_width=150, gap="small", key="figures"):
        for label, value, words in listed:
            st.metric(label, value, help=words, border=True, height="stretch")


def _way(ds: Any, choice: Choice, names: Names, person: OnePerson) -> None:
    """Touches by who acted, with stages, hand-overs and deals as lines."""
    size = formats.counted(person.touches, "touch", "touches")
    drawn = f", {formats.count(journey.MAX_TOUCHES)} of them drawn" if person.touches > journey.MAX_TOUCHES else ""
    left = (
        f" · {formats.counted(person.left, 'earlier stage or hand-over', 'earlier stages and hand-overs')} only in the table"
        if person.left
        else ""
    )
    note = f"{size}{drawn} · the number in a large dot is its share of a deal's credit in %{left}"
    explain = (
        "One lane by who acted; *Earlier visits added* are visits from before we knew the name, which `identities` gave to this person. A filled "
        "mark counts in the journey of a deal, a hollow one in none. Solid lines: when the person became known, and their deals; dotted lines: "
        "lifecycle stages and hand-overs. What falls on one day shares a line. Everything stands in the table below, each with its source."
    )
    with cards.card("The way so far", note, explain, "way"):
        if person.lanes.empty:
            st.markdown(
                ":gray[No touch of this person is recorded. Touches reach a person through `contact_id`, a visitor named in `identities`, or `touch_links`.]"
            )
            return
        with st.grid(1, min_column_width=journey.MIN_WIDTH, wrap=False):
            cards.picture(
                lambda: journey.journey(person.lanes, person.marks, names.slots, names.channel_labels, cards.colours()), person.alt, "way",
                (ds.version, person.contact_id, choice.model), "rerun",
            )  # fmt: skip


def _deals(ds: Any, person: OnePerson, caption: str) -> None:
    """Their deals, with a way to each."""
    currency = ds.settings.reporting.currency
    money = st.column_config.NumberColumn(format=formats.money_column(currency))
    credited = (
        f" · of the won ones {formats.plain(formats.exact(person.credited, currency))} is credited to their touches"
        if person.won_amount
        else ""
    )

    def opened(row: int) -> None:
        st.session_state["open_deal"] = person.deal_ids[row]

    one.listed(
        "deals", "Deals", f"{formats.counted(len(person.deals), 'deal')}{credited}",
        f"Deals of {person.name}", caption, person.deals, "On no deal: not named on one, and no deal takes their touches.", "Deals, the newest first",
        {
            "Deal": st.column_config.TextColumn(pinned=True, width=one.DEAL), "Amount": money,
            "Their part": st.column_config.NumberColumn(format=formats.money_column(currency), help=DEFINITIONS["person_credit"]),
            "Share": st.column_config.NumberColumn(format="%.1f %%", help="Their part ÷ the amount of the deal"),
            "Touches that count": st.column_config.NumberColumn(format="%,d", help="Touches of theirs that count in the deal's journey"),
            "How": st.column_config.TextColumn(help=DEFINITIONS["person_deals"]),
            **dict.fromkeys(("Opened", "Closed"), one.DAYS),
        },
        opened=opened,
    )  # fmt: skip


def _events(ds: Any, names: Names, person: OnePerson, caption: str) -> None:
    """Everything that is recorded, in order, each with the table and row it comes from."""
    events = person.events
    latest = f", the latest {formats.count(LISTED)} shown" if len(events) > LISTED else ""
    with st.container(border=True, key="card_events", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(
                f"**Everything in order** :gray[:small[{formats.counted(len(events), 'entry', 'entries')}{latest}]]",
                width="stretch",
            )
            currency = ds.settings.reporting.currency
            money = st.column_config.NumberColumn(
                format=formats.money_column(currency),
                width=formats.money_width(person.credited, currency),
                help="Of won deals, to the cent",
            )
            downloads.download(events, f"Everything about {person.name}", caption, "events", {"Credited": money})
        if events.empty:
            st.markdown(":gray[Nothing is recorded of this person but the id.]")
            return
        if person.counting:
            st.markdown(f":gray[:small[{formats.plain(person.counting)}]]")
        if picked := cards.clicked("way"):
            st.markdown(f":gray[:material/ads_click: Picked in the picture:] {person.describe(str(picked[0]))}")
        chips = cards.with_chips(events.tail(LISTED), names, cards.colours())
        st.dataframe(
            chips.frame, hide_index=True, placeholder=formats.DASH, row_height=32, height=styled.height(len(chips.frame), 14, 32),
            alt=f"Everything that is recorded of {person.name}, the oldest first",
            column_config={
                "Date": st.column_config.DatetimeColumn(format="D MMM YYYY", width=88, pinned=True), "Kind": st.column_config.TextColumn(width=76),
                "What happened": st.column_config.TextColumn(width=270), "Channel": {**chips.chips, "width": 118}, "Credited": money,
                "Counts": st.column_config.TextColumn(width=150, help="Whether a touch counts in the journey of a deal, else why not"),
                "Known by": st.column_config.TextColumn(width=130, help=DEFINITIONS["how_known"]),
                "Deal": st.column_config.TextColumn(width=220), "Source": st.column_config.TextColumn(help="File and row in the data folder", width=180),
            },
        )  # fmt: skip


def _leads_here(person: OnePerson, caption: str) -> None:
    """Every id, address and visitor that stands for this person."""
    one.listed(
        "leads_here", "What leads to this person", f"{formats.counted(len(person.aliases), 'id, address or visitor', 'ids, addresses and visitors')}",
        f"What leads to {person.name}", caption, person.aliases, "Only touches name this id; contacts and identities have no row for it.",
        "Ids, addresses and visitors that stand for this person",
        {
            "Id, address or visitor": st.column_config.TextColumn(pinned=True, width=240, help=DEFINITIONS["leads_here"]), "Since": one.DAYS,
            "Also leads to": st.column_config.TextColumn(help="Somebody else whom the same visitor was at another time, or to whom the address leads"),
        },
    )  # fmt: skip
