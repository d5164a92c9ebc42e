"""The boxes in which a decision, an action, or a record that is put aside is written, changed and taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import streamlit as st

from attribution.charts import formats
from attribution.errors import StoreError
from attribution.meeting import moves
from attribution.store import Action, Decision, Dismissal, EntryRefused
from pages.components import meeting_data, writer
from pages.components.meeting_desk import STAMP, WRONG, Desk, ensure

NO_FIGURE = ""


def new_action(desk: Desk) -> Action:
    """An empty action, due at the next meeting."""
    return Action(0, desk.block, "", due_on=desk.held_on + timedelta(days=desk.ds.settings.meeting.cadence_days))


def new_dismissal(desk: Desk) -> Dismissal:
    """A record of the block, put aside for two meetings."""
    first = next(record for record in desk.records if record.key)
    until = desk.held_on + timedelta(days=2 * desk.ds.settings.meeting.cadence_days)
    return Dismissal(0, desk.block, "", about=first.key, about_name=first.name, until_on=until)


def open_form(desk: Desk, entry: Decision | Action | Dismissal) -> None:
    """Open the form over an entry, its boxes filled from it."""
    st.session_state[desk.key("form")] = entry
    st.session_state[desk.key("text")] = entry.text
    if isinstance(entry, Action):
        st.session_state[desk.key("owner")] = entry.owner or None
        st.session_state[desk.key("due")] = entry.due_on
        st.session_state[desk.key("metric")] = entry.metric
        st.session_state[desk.key("about")] = entry.about
    if isinstance(entry, Dismissal):
        st.session_state[desk.key("until")] = entry.until_on
        st.session_state[desk.key("aside")] = entry.about


_ASKS = {
    Decision: ("What was decided?", "Expected revenue is shown without slipped deals"),
    Action: ("What is to be done?", "Call Pine & Co again in February"),
    Dismissal: ("Why can it wait?", "The board meets only in January"),
}


def form(desk: Desk, entry: Decision | Action | Dismissal) -> None:
    """The boxes of a decision, an action, or a record that is put aside."""
    question, example = _ASKS[type(entry)]
    with st.container(gap="xsmall", key="meeting_form"):
        if isinstance(entry, Dismissal):
            names = _names(desk)
            st.selectbox("Put aside", list(names), key=desk.key("aside"), format_func=lambda one: names.get(one, str(one)))
            st.date_input("Until", key=desk.key("until"), format="YYYY-MM-DD")
        st.text_area(question, key=desk.key("text"), height=72, max_chars=2000, placeholder=f"For example: {example}")
        if isinstance(entry, Action):
            _action_boxes(desk, entry)
        with st.container(horizontal=True, gap="small"):
            st.button("Save", type="primary", key=desk.key("save"), on_click=_save, args=(desk,), wrap=False)
            st.button("Cancel", type="tertiary", key=desk.key("cancel"), on_click=_close, args=(desk,), wrap=False)
            if entry.entry_id:
                st.button("Take back", type="tertiary", key=desk.key("remove"), on_click=_save, args=(desk, True), wrap=False)


def _action_boxes(desk: Desk, entry: Action) -> None:
    people = meeting_data.people_names(desk.ds.version, desk.ds)
    owner = st.session_state.get(desk.key("owner"))
    options = list(dict.fromkeys([*people, *([owner] if owner else [])]))
    st.selectbox(
        "Who",
        options,
        index=None,
        key=desk.key("owner"),
        accept_new_options=True,
        placeholder="Who: a name",
        label_visibility="collapsed",
    )
    st.date_input("By when", value=None, key=desk.key("due"), format="YYYY-MM-DD")
    offered = meeting_data.movable(desk.ds.version, desk.ds)
    currency = desk.ds.settings.reporting.currency
    name = st.session_state.get(desk.key("metric")) or NO_FIGURE
    known = list(dict.fromkeys([NO_FIGURE, *offered, name]))
    definition = moves.entry_of(name)
    st.selectbox(
        "Which figure is it to move", known, key=desk.key("metric"), label_visibility="collapsed",
        format_func=lambda one: f"To move: {moves.label(one)}" if one else "Which figure is it to move?",
    )  # fmt: skip
    if now := meeting_data.measured(desk.context, name):
        st.markdown(
            f":gray[:small[Now {formats.plain(moves.in_words(name, now.value, currency))}, {now.days}.]]",
            help=definition.description if definition else None,
        )
    names = _names(desk)
    if entry.about:
        names.setdefault(entry.about, entry.about_name)
    if names:
        st.selectbox(
            "About", ["", *names], key=desk.key("about"), label_visibility="collapsed",
            format_func=lambda one: f"About {names.get(one, one)}" if one else "About which record?",
        )  # fmt: skip


def _names(desk: Desk) -> dict[str, str]:
    """The block's records by key."""
    return {record.key: record.name for record in desk.records if record.key}


def _close(desk: Desk) -> None:
    st.session_state.pop(desk.key("form"), None)


def _save(desk: Desk, remove: bool = False) -> None:
    """Write the form's entry down; where somebody changed it meanwhile, both are shown and the form stays open over theirs."""
    entry = st.session_state.get(desk.key("form"))
    text = str(st.session_state.get(desk.key("text")) or "").strip()
    if entry is None or desk.store is None:
        return
    if not text and not remove:
        st.session_state[WRONG] = "Write what it is first."
        return
    mine = replace(entry, text=text or entry.text, is_removed=remove)
    if isinstance(mine, Action):
        mine = _with_boxes(desk, mine)
    if isinstance(mine, Dismissal):
        about = str(st.session_state.get(desk.key("aside")) or mine.about)
        until = st.session_state.get(desk.key("until")) or mine.until_on
        mine = replace(mine, about=about, about_name=_names(desk).get(about, mine.about_name), until_on=until)
    try:
        if entry.entry_id:
            desk.store.meetings.change(mine, writer.by())
        else:
            desk.store.meetings.add(replace(mine, meeting_id=ensure(desk).meeting_id), writer.by())
    except EntryRefused as refused:
        st.session_state[desk.key("form")] = refused.theirs
        st.session_state[WRONG] = (
            f"{refused.theirs.saved_by} changed this meanwhile to “{formats.short(refused.theirs.text, 80)}”. Yours is in the boxes: "
            "save it over theirs, or cancel."
        )
        return
    except StoreError as error:
        st.session_state[WRONG] = f"Not saved: {error}"
        return
    _close(desk)
    if desk.reads_store:  # the block shows what was written
        st.session_state[STAMP] = None


def _with_boxes(desk: Desk, action: Action) -> Action:
    """An action with what its boxes hold; the figure's value is that of the moment at which it was chosen."""
    metric = str(st.session_state.get(desk.key("metric")) or "")
    about = str(st.session_state.get(desk.key("about")) or "")
    names = _names(desk)
    changed = replace(
        action,
        owner=str(st.session_state.get(desk.key("owner")) or ""),
        due_on=st.session_state.get(desk.key("due")),
        about=about,
        about_name=names.get(about, action.about_name if about == action.about else ""),
    )
    if metric == action.metric:
        return changed
    now, entry = meeting_data.measured(desk.context, metric), moves.entry_of(metric)
    return replace(
        changed, metric=metric, metric_definition=entry.description if entry else "", metric_value=now.value if now else None,
        metric_from=now.first if now else None, metric_to=now.last if now else None,
    )  # fmt: skip
