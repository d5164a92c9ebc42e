"""The spotlight that is being written: what the boxes hold, saved as it is written, and what happens when two people write.

The session remembers the draft its boxes were filled from. A save carries that version; where somebody saved in the meantime, what only one
side changed is taken from it, and what both changed is shown side by side until somebody chooses. Nothing that was typed is thrown away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from attribution.charts import formats
from attribution.errors import StoreError
from attribution.store import Draft, SaveRefused, Store
from attribution.store.merging import Clash, merged
from attribution.views import spotlight_form as form
from pages.components import writer

BASES, CLASH, WRONG, NEWS = "spotlight_bases", "spotlight_clash", "spotlight_wrong", "spotlight_news"
TRIES = 5  # saves of others that may fall between reading and saving


@dataclass(frozen=True)
class Writing:
    """One month's draft in this session. ``store``: None where it cannot be read; ``may_write``: whether boxes are open."""

    month: str
    base: Draft
    store: Store | None
    may_write: bool


def writing(month: str, store: Store | None) -> Writing:
    """The draft of a month, its boxes filled from the store where somebody else has saved since."""
    bases = st.session_state.setdefault(BASES, {})
    known: Draft | None = bases.get(month)
    try:
        draft = store.draft(month) if store else known or Draft(month)
    except StoreError as error:
        st.session_state.setdefault(WRONG, f"Not saved: {error}")
        draft = known or Draft(
            month
        )  # boxes stay open: what is in them is saved with the next change, once the store answers again
    clash = st.session_state.get(CLASH)
    if known is None or (
        draft.version != known.version and not (clash and clash[0] == month) and not st.session_state.get(WRONG)
    ):
        if known is not None and draft.saved_by:
            st.session_state[NEWS] = f"{draft.saved_by} changed this spotlight meanwhile; you see the newest."
        _forget_boxes(month)
        bases[month] = known = draft
    return Writing(month, known, store, bool(store and store.is_writable) and form.words_of(known) is not None)


def key(month: str, field: str) -> str:
    """The key of a box."""
    return f"spotlight|{month}|{field}"


def fill(month: str, fields: dict[str, Any]) -> None:
    """Give boxes what the draft holds, unless they hold something already."""
    for field, value in fields.items():
        st.session_state.setdefault(key(month, field), value)


def chosen(month: str, listed: Sequence[str]) -> tuple[str, ...]:
    """The deals whose boxes are ticked, in the order in which they are listed."""
    return tuple(deal_id for deal_id in listed if st.session_state.get(key(month, f"pick.{deal_id}")))


def save(month: str, listed: Sequence[str]) -> None:
    """Save what the boxes hold. What goes wrong is kept for the page to say; the boxes stay as they are."""
    store = _store()
    base: Draft = st.session_state[BASES][month]
    before = form.words_of(base)
    if store is None or before is None:
        return
    fields = {
        name.split("|", 2)[2]: value for name, value in st.session_state.items() if str(name).startswith(f"spotlight|{month}|")
    }
    try:
        words = form.from_fields(fields, before, listed)
    except ValueError as error:
        st.session_state[WRONG] = f"Not saved: {str(error).splitlines()[0]}"
        return
    mine = replace(base, deal_ids=chosen(month, listed), words=form.stored(words))
    _put(store, base, mine)


def _put(store: Store, base: Draft, mine: Draft) -> None:
    """Save, taking over what others changed elsewhere; a clash and an error are kept for the page."""
    st.session_state.pop(WRONG, None)
    bases, by = st.session_state[BASES], writer.by()
    try:
        for _ in range(TRIES):
            try:
                saved = store.save_draft(mine, by)
            except SaveRefused as refused:
                if refused.theirs.version == 0:  # the store was removed or restored meanwhile: what is here is all there is
                    base, mine = refused.theirs, replace(mine, version=0)
                    continue
                both, clashes = merged(base, mine, refused.theirs)
                if clashes:
                    st.session_state[CLASH] = (mine.month, both, refused.theirs, clashes)
                    return
                st.session_state[NEWS] = f"{refused.theirs.saved_by} changed other parts meanwhile; both are kept."
                base, mine = refused.theirs, both
            else:
                if not saved.says_the_same(bases[mine.month]) and st.session_state.get(NEWS):
                    _forget_boxes(mine.month)
                bases[mine.month] = saved
                return
        st.session_state[WRONG] = "Not saved: others keep saving at this moment. Try again."
    except StoreError as error:
        st.session_state[WRONG] = f"Not saved: {error}"


def keep(mine: bool) -> None:
    """Settle a clash: what I wrote over theirs, or theirs. Both stay among the saves."""
    month, both, theirs, _ = st.session_state.pop(CLASH)
    _forget_boxes(month)
    st.session_state[BASES][month] = theirs
    store = _store()
    if mine and store is not None:
        _put(store, theirs, both)


def clash(month: str) -> tuple[Draft, tuple[Clash, ...]] | None:
    """(their draft, the parts that both changed) where a save of this month waits for a choice."""
    waiting = st.session_state.get(CLASH)
    return (waiting[2], waiting[3]) if waiting and waiting[0] == month else None


def status(draft: Draft) -> str:
    """When it was saved by whom, in words."""
    if draft.saved_at is None:
        return "Nothing written yet: every change is saved as you go."
    return f"Saved {formats.day(draft.saved_at)}, {draft.saved_at:%H:%M} UTC by {draft.saved_by}."


def said(word: str) -> str:
    """What a save left to say; said once for news, until the next save for errors."""
    return str(st.session_state.pop(NEWS, "") if word == NEWS else st.session_state.get(word, ""))


def _store() -> Store | None:
    from pages.components import meeting_data

    try:
        return meeting_data.store()
    except StoreError as error:
        st.session_state[WRONG] = f"Not saved: {error}"
        return None


def _forget_boxes(month: str) -> None:
    """Let the boxes of a month be filled anew from the draft."""
    for name in [name for name in st.session_state if str(name).startswith(f"spotlight|{month}|")]:
        del st.session_state[name]
