"""The meeting and the store of what people write, kept as data.py says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.components import data
from pages.components.keep import kept

if TYPE_CHECKING:  # what costs time to import is imported where it is used
    from attribution.meeting.agenda import Item
    from attribution.meeting.block import Context, Record
    from attribution.meeting.moves import Measured
    from attribution.meeting.pack import Part
    from attribution.store import Store


@kept(16)
def past_meeting(of: tuple[Any, ...], _stored: Any) -> Any:
    """A closed meeting as it was frozen: it never changes, so it is read once. ``of``: the store, the meeting and when it was closed."""
    from attribution.meeting import closing

    return closing.reopened(_stored)


@kept(4)
def masked_pack(of: tuple[Any, ...], _made: Any, _ds: Any) -> Any:
    """A closed meeting without the names of companies and people."""
    from attribution.meeting.masked import masked

    return masked(_made, _ds)


def last_meeting(ds: Any) -> date | None:
    """The day of the last closed meeting before the data's last day; None where there is none, or the store cannot be read."""
    from attribution.content import scope
    from attribution.errors import StoreError

    try:
        return _last_meeting(store().url, scope.today(ds))
    except StoreError:
        return None


@st.cache_data(max_entries=8, ttl=20, show_spinner=False)
def _last_meeting(of: str, before: date) -> date | None:
    from attribution.store.meetings import last_closed

    found = last_closed(store().meetings.all(), before)
    return found.held_on if found else None


def meeting_context(ds: Any, store: Store | None, held_on: date) -> Context:
    """What the meeting of a day looks at; the data of the last meeting is opened once and shared. Raises StoreError."""
    from attribution.meeting.context import context

    return context(ds, store, held_on, meeting_before)


def meeting_before(path: Path, version: str) -> Any:
    """The data of the version that a meeting saw, opened once; None where it is no longer kept."""
    from attribution.meeting.context import open_version

    return _opened(str(path), version, path.is_file(), open_version)


@kept(2)
def _opened(path: str, version: str, is_there: bool, _open: Callable[[Path, str], Any]) -> Any:
    return _open(Path(path), version)


def meeting_part(context: Context, item: Item, written: tuple[int, int]) -> Part:
    """One block of the meeting, computed; ``written``: what is newest in the store, for the blocks that show what people wrote."""
    of = (context.ds.version, context.before.version if context.before else "", context.held_on, context.last_on)
    return _meeting_part(of, item.key, item.minutes, written if item.reads_store else (0, 0), context, item)


@kept(128)
def _meeting_part(of: tuple[Any, ...], key: str, minutes: int, written: tuple[int, int], _context: Context, _item: Item) -> Part:
    from attribution.meeting import pack

    return pack.part(_context, _item, _meeting_marks(of, _context).get(key, ()))


@kept(8)
def _meeting_marks(of: tuple[Any, ...], _context: Context) -> Mapping[str, tuple[str, ...]]:
    from attribution.meeting import pack

    return pack.careful_with(_context)


def meeting_behind(context: Context, item: Item, word: str) -> tuple[Record, ...]:
    """The records that a cell of a block's tables counts."""
    of = (context.ds.version, context.before.version if context.before else "", context.held_on, context.last_on)
    return _meeting_behind(of, item.key, word, context, item)


@kept(32)
def _meeting_behind(of: tuple[Any, ...], key: str, word: str, _context: Context, _item: Item) -> tuple[Record, ...]:
    return _item.behind(_context, word) if _item.behind else ()


@kept(4)
def movable(version: str, _ds: Any) -> tuple[str, ...]:
    """The names of the figures that an action can be meant to move."""
    from attribution.meeting import moves

    return moves.offered(_ds)


def measured(context: Context, name: str) -> Measured | None:
    """One of them as it is now; None where nobody knows it (any more)."""
    put_aside = tuple(entry.entry_id for entry in context.dismissals)
    return _measured((context.ds.version, context.held_on, put_aside), name, context)


@kept(64)
def _measured(of: tuple[Any, ...], name: str, _context: Context) -> Measured | None:
    from attribution.meeting import moves

    return moves.measured(_context, [name]).get(name)


@kept(4)
def people_names(version: str, _ds: Any) -> tuple[str, ...]:
    """Everybody in the table of people, by name."""
    return tuple(sorted({name for name in _ds.labels("owner").values() if name}, key=str.casefold))


def store() -> Store:
    """The store of what people write. Raises StoreError where it cannot be read."""
    from attribution.store import store_url

    return _store(store_url(data.database_path()), bool(data.why_read_only()))


@kept(2)
def _store(url: str, read_only: bool) -> Store:
    from attribution.store import Store

    return Store(url, read_only)
