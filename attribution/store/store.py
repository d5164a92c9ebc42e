"""The store: drafts of the spotlight, every save of them, and the issues that were published.

Where nothing can be written (a folder without permission, a server for reading only) the store still reads; ``why_not`` says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select

from attribution.errors import StoreError
from attribution.store import saving
from attribution.store.engine import file_of, make_engine, may_write, place_words, reading, writing
from attribution.store.meetings import Meetings
from attribution.store.place import store_url
from attribution.store.records import Draft, Issue, Save, SaveRefused, clean, name_of, now
from attribution.store.schema import MIGRATIONS, migrate, up_to_date
from attribution.store.tables import SPOTLIGHT_DRAFTS, SPOTLIGHT_ISSUES, SPOTLIGHT_SAVES

_FILES = ("html", "mail", "plain")


class Store:
    """What people wrote. Safe to use from several threads and processes: every piece of work has its own connection."""

    def __init__(self, url: str, read_only: bool = False, migrations: Path = MIGRATIONS) -> None:
        """Open a store, made or brought up to date where that is allowed. Raises StoreError; ``url`` as place.store_url gives it."""
        self.url = url
        self.place = place_words(url)
        self._file = file_of(url)
        self._migrations = migrations
        self.why_not = _why_not(self._file, self.place, read_only)
        self._engine: Engine = make_engine(url, read_only=bool(self.why_not))
        self._made: tuple[int, int] | None = None
        self._is_current = False
        self._prepare()

    @property
    def is_writable(self) -> bool:
        """Whether anything can be saved; ``why_not`` says why not."""
        return not self.why_not

    @property
    def meetings(self) -> Meetings:
        """The revenue team's meetings: notes, decisions, actions, and what closed ones saw."""
        return Meetings(self)

    # -- the spotlight that is being written ---------------------------------------------------------------------------------

    def draft(self, month: str) -> Draft:
        """The draft of a month; an empty one of version 0 where nothing was saved yet."""
        with self.reading() as connection:
            return _draft(month, saving.get(connection, SPOTLIGHT_DRAFTS, {"month": month})) if connection else Draft(month)

    def save_draft(self, draft: Draft, by: str = "") -> Draft:
        """Save a draft over the version it holds, and return it with its new version.

        Raises SaveRefused, which holds both texts, where somebody saved in the meantime; the refused one is kept among the saves.
        Saving what is there already changes nothing.
        """
        mine = replace(
            draft, deal_ids=tuple(clean(draft.deal_ids)), words=clean(draft.words), saved_by=name_of(by), saved_at=now()
        )
        key = {"month": mine.month}
        written = {
            "deal_ids": list(mine.deal_ids), "words": dict(mine.words), "saved_by": mine.saved_by, "saved_at": mine.saved_at,
        }  # fmt: skip
        with self.writing() as connection:
            is_saved = saving.put(connection, SPOTLIGHT_DRAFTS, key, mine.version, written)
            theirs = _draft(mine.month, saving.get(connection, SPOTLIGHT_DRAFTS, key))
            if not is_saved and theirs.says_the_same(mine):
                return theirs
            connection.execute(insert(SPOTLIGHT_SAVES).values(**key, based_on=mine.version, is_refused=not is_saved, **written))
        if not is_saved:
            raise SaveRefused(theirs, mine)
        return theirs

    def saves(self, month: str, limit: int = 50) -> tuple[Save, ...]:
        """The last saves of a month, the newest first, the refused ones among them."""
        with self.reading() as connection:
            if connection is None:
                return ()
            found = connection.execute(
                select(SPOTLIGHT_SAVES)
                .where(SPOTLIGHT_SAVES.c.month == month)
                .order_by(SPOTLIGHT_SAVES.c.save_id.desc())
                .limit(limit)
            ).mappings()
            return tuple(
                Save(row["save_id"], row["based_on"], row["is_refused"], _draft(month, {**row, "version": row["based_on"]}))
                for row in found
            )

    # -- the archive -------------------------------------------------------------------------------------------------------

    def add_issue(self, issue: Issue) -> Issue:
        """Put a published spotlight into the archive (its id is given here). What is in the archive is never changed."""
        row = {
            "month": issue.month, "preset": issue.preset, "deal_ids": clean(issue.deal_ids), "words": clean(issue.words), "headline": clean(issue.headline),
            "html": clean(issue.html), "mail": clean(issue.mail), "plain": clean(issue.plain), "data_version": issue.data_version,
            "is_pinned": issue.is_pinned, "published_by": name_of(issue.published_by), "published_at": issue.published_at,
        }  # fmt: skip
        with self.writing() as connection:
            given = connection.execute(insert(SPOTLIGHT_ISSUES).values(**row)).inserted_primary_key
        assert given is not None
        return Issue(issue_id=given[0], **{**row, "deal_ids": tuple(row["deal_ids"])})

    def issues(self) -> tuple[Issue, ...]:
        """The published spotlights, the newest first, without their files."""
        columns = [column for column in SPOTLIGHT_ISSUES.c if column.name not in _FILES]
        with self.reading() as connection:
            if connection is None:
                return ()
            newest_first = (SPOTLIGHT_ISSUES.c.published_at.desc(), SPOTLIGHT_ISSUES.c.issue_id.desc())
            rows = connection.execute(select(*columns).order_by(*newest_first)).mappings()
            return tuple(_issue({**row, **dict.fromkeys(_FILES, "")}) for row in rows)

    def issue(self, issue_id: int) -> Issue | None:
        """A published spotlight with its files; None where there is none of that number."""
        with self.reading() as connection:
            if connection is None or not 0 < issue_id < 2**31:
                return None
            row = (
                connection.execute(select(SPOTLIGHT_ISSUES).where(SPOTLIGHT_ISSUES.c.issue_id == issue_id))
                .mappings()
                .one_or_none()
            )
            return None if row is None else _issue(dict(row))

    def remove_issue(self, issue_id: int) -> None:
        """Take an issue out of the archive for good: one that should never have gone out."""
        with self.writing() as connection:
            connection.execute(delete(SPOTLIGHT_ISSUES).where(SPOTLIGHT_ISSUES.c.issue_id == issue_id))

    def close(self) -> None:
        """Give connections free."""
        self._engine.dispose()

    # -- connections -------------------------------------------------------------------------------------------------------

    def _prepare(self, will_write: bool = False) -> bool:
        """Make or update the tables, unless this store was seen to be in order already; return whether there is a store.

        A file is made by the first save, not by looking: nobody should wonder where an empty one comes from.
        """
        stamp = _stamp(self._file)
        if self._is_current and stamp == self._made:
            return True
        if self._file is not None and stamp is None and not will_write:
            return False
        if (self._file is not None and stamp is None) or not up_to_date(self._engine, self._migrations):
            if self.why_not:
                raise StoreError(
                    f"{self.place}: the store is of an older Closed Loop and cannot be brought up to date: {self.why_not} Let the program write to it once."
                )
            migrate(self._engine, self._migrations)
        self._made, self._is_current = _stamp(self._file), True
        return True

    @contextmanager
    def reading(self) -> Iterator[Connection | None]:
        """A connection that reads; None where nothing was ever written."""
        if not self._prepare():
            yield None
            return
        with reading(self._engine) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes: all of it happens, or nothing. Raises StoreError that says why nothing can be saved."""
        if self.why_not:
            raise StoreError(f"Nothing was saved. {self.why_not}")
        self._prepare(will_write=True)
        with writing(self._engine) as connection:
            yield connection


def open_store(url: str | None = None, database: Path | str = "build", read_only: bool = False) -> Store:
    """The store that goes with a database: ``url`` (or a path), else CLOSED_LOOP_STORE, else a file beside the database.

    Raises StoreError where it is damaged, of a newer program, or does not answer. ``read_only``: nothing is written, not even tables.
    """
    return Store(store_url(database, url), read_only)


def _why_not(file: Path | None, place: str, read_only: bool) -> str:
    if read_only:
        return "This server is for reading only, so nothing can be saved from here."
    if file is None:
        return ""
    folder = next((parent for parent in file.parents if parent.exists()), file.parent)
    if (file.exists() and not may_write(file)) or not may_write(folder):
        return f"{place} cannot be written. Change the permissions of the file and its folder, or name another place with CLOSED_LOOP_STORE."
    return ""


def _stamp(file: Path | None) -> tuple[int, int] | None:
    """What tells a store's file from another one of the same name; None where there is none, or for a server."""
    if file is None:
        return None
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def _draft(month: str, row: Any) -> Draft:
    if row is None:
        return Draft(month)
    return Draft(month, row["version"], tuple(row["deal_ids"]), dict(row["words"]), row["saved_by"], row["saved_at"])


def _issue(row: dict[str, Any]) -> Issue:
    return Issue(**{**row, "deal_ids": tuple(row["deal_ids"]), "words": dict(row["words"])})
