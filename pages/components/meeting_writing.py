"""Notes, decisions and actions of one block while several people write: what everybody sees within seconds, and nobody loses.

The note is saved while it is written (meeting_note.js); lines of two people come together in the store. Decisions and actions are entries
of their own. A watch asks every few seconds whether anybody wrote, and only then draws this part anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from attribution.charts import formats
from attribution.errors import StoreError
from attribution.meeting import moves
from attribution.store import Action, Decision, Note
from pages.components import meeting_parts, writer
from pages.components.meeting_desk import NEWS, READING, STAMP, WRONG, Desk, ensure, meeting_of
from pages.components.meeting_form import form, new_action, new_dismissal, open_form

EVERY = 3  # seconds between two questions whether anybody wrote


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
    store, meeting = desk.store, meeting_of(desk)
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
        entry = st.session_state.get(desk.key("form")) if desk.may_write else None
        if entry:
            form(desk, entry)
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
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Add decision", key=desk.key("add_decision"), on_click=open_form, args=(desk, Decision(0, desk.block, "")), wrap=False
        )
        st.button("Add action", key=desk.key("add_action"), on_click=open_form, args=(desk, new_action(desk)), wrap=False)
        if desk.puts_aside and any(record.key for record in desk.records):
            st.button(
                "Put aside", key=desk.key("put_aside"), on_click=open_form, args=(desk, new_dismissal(desk)), wrap=False, type="tertiary",
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
        _, merged = desk.store.meetings.save_note(base, str(draft["text"]), writer.by())
        if merged:
            st.session_state[NEWS] = "Somebody else wrote here as well; both are kept."
    except StoreError as error:
        st.session_state[WRONG], failed = f"Not saved: {error}", True
    st.session_state[f"{desk.key('note')}|ack"] = (int(draft["number"]), failed)


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
            "", icon=":material/edit:", type="tertiary", key=desk.key(f"edit_{type(entry).__name__}_{entry.entry_id}"), on_click=open_form, args=(desk, entry),
            help="Change or take back",
        )  # fmt: skip


def _tick(desk: Desk, entry_id: int) -> None:
    assert desk.store is not None
    done = bool(st.session_state.get(desk.key(f"done_{entry_id}")))
    try:
        desk.store.meetings.set_done(entry_id, desk.held_on if done else None, writer.by())
    except StoreError as error:
        st.session_state[WRONG] = f"Not saved: {error}"
