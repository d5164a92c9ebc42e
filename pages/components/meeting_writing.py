"""Notes, decisions and actions of one block while several people write: what everybody sees within seconds, and nobody loses.

The note is saved while it is written (meeting_note.js); lines of two people come together in the store. Decisions and actions are entries
of their own. A watch asks every few seconds whether anybody wrote, and only then draws this part anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import streamlit as st

from attribution.charts import formats
from attribution.errors import StoreError
from attribution.meeting import moves
from attribution.meeting.block import Record
from attribution.store import Action, Decision, Dismissal, EntryRefused, Meeting, Note, Store
from pages.components import data, meeting_parts

NAME = "writer_name"  # as on Spotlight: who said it there is known here
WRONG, NEWS, STAMP = "meeting_wrong", "meeting_news", "meeting_stamp"
READING = "meeting_reading"  # a list is open at the side
EVERY = 3  # seconds between two questions whether anybody wrote
NO_FIGURE = ""


@dataclass(frozen=True)
class Desk:
    """Where it is written: the block of a meeting. ``meeting``: None until the first line is written; ``records``: what it may be about."""

    ds: Any
    store: Store | None
    meeting: Meeting | None
    held_on: date
    block: str
    records: tuple[Record, ...]
    reads_store: bool
    puts_aside: bool = False

    @property
    def may_write(self) -> bool:
        """Whether the boxes are open."""
        return bool(self.store and self.store.is_writable and (self.meeting is None or self.meeting.is_open))

    def key(self, word: str) -> str:
        """The key of a box of this block."""
        return f"meeting|{self.held_on}|{self.block}|{word}"


def by() -> str:
    """Who writes, as she says."""
    return str(st.session_state.get(NAME) or "")


@st.fragment(run_every=EVERY)
def watch(desk: Desk) -> None:
    """Ask the store whether anybody wrote since this page was drawn, and draw it anew then; not under somebody who reads a list at the side."""
    if desk.store is None or st.session_state.get(READING):
        return
    try:
        is_news = desk.store.meetings.newest() != st.session_state.get(STAMP)
    except StoreError:
        return  # the next save says what is wrong
    if is_news:
        st.rerun()


@st.fragment
def panel(desk: Desk) -> None:
    """Notes, decisions and actions of the block."""
    store, meeting = desk.store, _meeting(desk)
    notes: Mapping[str, Note] = {}
    decisions: Sequence[Decision] = ()
    actions: Sequence[Action] = ()
    try:
        if store is not None:
            st.session_state[STAMP] = store.meetings.newest()
            if meeting is not None:
                notes = store.meetings.notes(meeting.meeting_id)
                decisions = [one for one in store.meetings.decisions(meeting.meeting_id) if one.block == desk.block]
                actions = [one for one in store.meetings.actions(meeting.meeting_id) if one.block == desk.block]
    except StoreError as error:
        st.session_state.setdefault(WRONG, str(error))
    with st.container(gap="xsmall"):
        st.markdown("**Notes, decisions, actions**")
        _said(desk)
        form = st.session_state.get(desk.key("form")) if desk.may_write else None
        if form:
            _form(desk, form)
            return
        _note(desk, notes.get(desk.block))
    with st.container(gap="xxsmall"):
        st.markdown(f":gray[:small[{'Decided' if decisions else 'Decided: nothing yet'}]]")
        for decision in decisions:
            _decision(desk, decision)
    with st.container(gap="xxsmall"):
        st.markdown(f":gray[:small[{'Actions' if actions else 'Actions: none yet. Who does what by when?'}]]")
        for action in actions:
            _action(desk, action)
    if not desk.may_write:
        return
    form = st.session_state.get(desk.key("form"))
    if form:
        _form(desk, form)
        return
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Add decision", key=desk.key("add_decision"), on_click=_open, args=(desk, Decision(0, desk.block, "")), wrap=False
        )
        st.button("Add action", key=desk.key("add_action"), on_click=_open, args=(desk, _new_action(desk)), wrap=False)
        if desk.puts_aside and any(record.key for record in desk.records):
            st.button(
                "Put aside", key=desk.key("put_aside"), on_click=_open, args=(desk, _new_dismissal(desk)), wrap=False, type="tertiary",
                help="A record that nobody needs to see until a day, with the reason",
            )  # fmt: skip


def _said(desk: Desk) -> None:
    """What became of the last save, or why nothing can be saved."""
    if wrong := st.session_state.pop(WRONG, ""):
        st.markdown(f":red[:material/error:] :small[{formats.plain(wrong)}]")
    elif desk.store is None:
        st.markdown(":orange[:material/lock:] :gray[:small[What people write cannot be read, so nothing can be saved.]]")
    elif desk.store.why_not:
        st.markdown(f":orange[:material/lock:] :gray[:small[{formats.plain(desk.store.why_not)}]]")
    elif news := st.session_state.pop(NEWS, ""):
        st.markdown(f":gray[:small[:material/merge: {formats.plain(news)}]]")


# -- the note --------------------------------------------------------------------------------------------------------------


def _note(desk: Desk, note: Note | None) -> None:
    key = desk.key("note")
    ack, failed = st.session_state.get(f"{key}|ack", (0, False))
    here = note or Note(0, desk.block)
    meeting_parts.note(
        here.text, here.version, ack, failed, not desk.may_write, "Notes of this block",
        "What was said. Saved as you write; others see it within seconds." if desk.may_write else "Nothing was noted.",
        key, lambda: _drafted(desk),
    )  # fmt: skip
    if here.saved_by and here.text:
        st.markdown(f":gray[:small[Last written by {formats.plain(here.saved_by)}, {here.saved_at:%H:%M} UTC]]")


def _drafted(desk: Desk) -> None:
    """Save what the note holds. What goes wrong is said; the box keeps its text."""
    key = desk.key("note")
    draft = (st.session_state.get(key) or {}).get("draft")
    if draft and desk.store:
        save_draft(desk, dict(draft))


def save_draft(desk: Desk, draft: Mapping[str, Any]) -> None:
    """One save of the note: ``text`` grew from ``base``, which was ``version``; ``number`` counts this box's saves."""
    failed = False
    try:
        meeting = ensure(desk)
        base = Note(meeting.meeting_id, desk.block, str(draft["base"]), int(draft["version"]))
        assert desk.store is not None
        _, merged = desk.store.meetings.save_note(base, str(draft["text"]), by())
        if merged:
            st.session_state[NEWS] = "Somebody else wrote here as well; both are kept."
    except StoreError as error:
        st.session_state[WRONG], failed = f"Not saved: {error}", True
    st.session_state[f"{desk.key('note')}|ack"] = (int(draft["number"]), failed)


def ensure(desk: Desk) -> Meeting:
    """The meeting, made with the first line that is written into it. Raises StoreError."""
    assert desk.store is not None
    return _meeting(desk) or desk.store.meetings.open(desk.held_on, desk.ds.version, by())


def _meeting(desk: Desk) -> Meeting | None:
    if desk.meeting is not None or desk.store is None:
        return desk.meeting
    try:
        return desk.store.meetings.on(desk.held_on)
    except StoreError:
        return None


# -- decisions and actions ------------------------------------------------------------------------------------------------


def _decision(desk: Desk, decision: Decision) -> None:
    with st.container(horizontal=True, wrap=False, gap="xsmall", vertical_alignment="top"):
        st.markdown(formats.plain(decision.text), width="stretch")
        _edit(desk, decision)


def _action(desk: Desk, action: Action) -> None:
    with st.container(horizontal=True, wrap=False, gap="xsmall", vertical_alignment="top"):
        key = desk.key(f"done_{action.entry_id}")
        st.session_state[key] = action.is_done
        st.checkbox(
            formats.short(action.text, 60), key=key, on_change=_tick, args=(desk, action.entry_id), disabled=not (desk.store and desk.store.is_writable),
            label_visibility="collapsed",
        )  # fmt: skip
        facts = [action.owner or "no owner yet", formats.day(action.due_on, year=False) if action.due_on else "no day"]
        if action.metric:
            then = moves.in_words(action.metric, action.metric_value, desk.ds.settings.reporting.currency)
            facts.append(f"moves {moves.label(action.metric).lower()} ({then})")
        if action.about_name:
            facts.append(action.about_name)
        words = formats.plain(action.text)
        st.markdown(
            f"{f'~~{words}~~' if action.is_done else words}  \n:gray[:small[{formats.plain(' · '.join(facts))}]]", width="stretch"
        )
        _edit(desk, action)


def _edit(desk: Desk, entry: Decision | Action) -> None:
    if desk.may_write:
        st.button(
            "", icon=":material/edit:", type="tertiary", key=desk.key(f"edit_{type(entry).__name__}_{entry.entry_id}"), on_click=_open, args=(desk, entry),
            help="Change or take back",
        )  # fmt: skip


def _tick(desk: Desk, entry_id: int) -> None:
    assert desk.store is not None
    done = bool(st.session_state.get(desk.key(f"done_{entry_id}")))
    try:
        desk.store.meetings.set_done(entry_id, desk.held_on if done else None, by())
    except StoreError as error:
        st.session_state[WRONG] = f"Not saved: {error}"


def _new_action(desk: Desk) -> Action:
    return Action(0, desk.block, "", due_on=desk.held_on + timedelta(days=desk.ds.settings.meeting.cadence_days))


def _new_dismissal(desk: Desk) -> Dismissal:
    first = next(record for record in desk.records if record.key)
    until = desk.held_on + timedelta(days=2 * desk.ds.settings.meeting.cadence_days)
    return Dismissal(0, desk.block, "", about=first.key, about_name=first.name, until_on=until)


def _open(desk: Desk, entry: Decision | Action | Dismissal) -> None:
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


def _form(desk: Desk, entry: Decision | Action | Dismissal) -> None:
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
    people = data.people_names(desk.ds.version, desk.ds)
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
    measured = data.movable(desk.ds.version, desk.ds)
    currency = desk.ds.settings.reporting.currency
    name = st.session_state.get(desk.key("metric")) or NO_FIGURE
    known = list(dict.fromkeys([NO_FIGURE, *measured, name]))
    definition = moves.entry_of(name)
    st.selectbox(
        "Which figure is it to move", known, key=desk.key("metric"), label_visibility="collapsed",
        format_func=lambda one: f"To move: {moves.label(one)}" if one else "Which figure is it to move?",
    )  # fmt: skip
    if now := measured.get(name):
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
            desk.store.meetings.change(mine, by())
        else:
            desk.store.meetings.add(replace(mine, meeting_id=ensure(desk).meeting_id), by())
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
    now, entry = data.movable(desk.ds.version, desk.ds).get(metric), moves.entry_of(metric)
    return replace(
        changed, metric=metric, metric_definition=entry.description if entry else "", metric_value=now.value if now else None,
        metric_from=now.first if now else None, metric_to=now.last if now else None,
    )  # fmt: skip
