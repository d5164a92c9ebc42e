"""The store of what people write: where it is, what may be wrong with it, and what it then still does."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from attribution import store as stores
from attribution.errors import ClosedLoopError, StoreError
from attribution.store import Draft, place
from attribution.store.engine import place_words
from tests.issues import MONTH, issue

# --- where it is ---------------------------------------------------------------------------------------------------------------------


def test_the_store_is_beside_the_database_and_survives_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(place.VARIABLE, raising=False)
    (tmp_path / "build").mkdir()
    stores.open(database=tmp_path / "build").save_draft(Draft(MONTH, words={"headline": "kept"}))
    shutil.rmtree(tmp_path / "build")
    assert (tmp_path / "build.store.sqlite").is_file()
    assert stores.open(database=tmp_path / "build").draft(MONTH).words == {"headline": "kept"}
    other = stores.open(database=tmp_path / "other.duckdb")
    assert other.draft(MONTH).version == 0, "each database has its own"
    assert not (tmp_path / "other.store.sqlite").exists(), "looking makes nothing"
    other.save_draft(Draft(MONTH))
    assert (tmp_path / "other.store.sqlite").is_file()


def test_the_store_is_where_the_variable_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for said in (str(tmp_path / "a b.sqlite"), f"sqlite:///{tmp_path}/a b.sqlite"):
        monkeypatch.setenv(place.VARIABLE, said)
        assert stores.open(database=tmp_path / "build").place == str(tmp_path / "a b.sqlite")
    monkeypatch.setenv(place.VARIABLE, "postgres://anna:secret@db.example:6432/loop")
    assert place.store_url() == "postgresql+psycopg://anna:secret@db.example:6432/loop"
    assert place_words(place.store_url()) == "Postgres db.example:6432/loop", "a password is never shown"


@pytest.mark.parametrize(
    "said", ["mysql://root@host/db", "http://x", "sqlite://", "duckdb:///build", "://", "postgresql://user:p@ss:word@h:port/db"]
)
def test_another_kind_of_address_is_refused_in_words(said: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=place.VARIABLE) as wrong:
        stores.open(said, tmp_path / "build")
    assert "ss:word" not in str(wrong.value)


# --- what may be wrong with it ----------------------------------------------------------------------------------------------------


def test_a_server_that_does_not_answer(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match=r"Postgres 127.0.0.1:9/loop: the server does not answer") as wrong:
        stores.open("postgresql://anna:secret@127.0.0.1:9/loop")
    assert "secret" not in str(wrong.value)


def test_a_server_without_that_database_or_user(postgres_server: str) -> None:
    with pytest.raises(StoreError, match=r"the server has no such database. Make it"):
        stores.open(f"{postgres_server}/nowhere")
    with pytest.raises(StoreError, match=r"the server refuses the user or the password"):
        stores.open(postgres_server.replace("tests@", "stranger:secret@") + "/postgres")


def test_without_the_driver_for_postgres(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(
        StoreError, match=r"the driver for Postgres is not installed. Install it: pip install 'psycopg\[binary\]'"
    ):
        stores.open("postgresql://anna:secret@127.0.0.1:9/loop")


@pytest.mark.parametrize("rest", ["text", "cut", "scribbled"])
def test_a_damaged_store_is_said_to_be_damaged(tmp_path: Path, rest: str) -> None:
    path = tmp_path / "store.sqlite"
    if rest == "text":
        path.write_text("not a database, but long enough to be taken for one " * 100)
    else:
        store = stores.open(str(path))
        for number in range(20):
            store.add_issue(issue(html=f"{number}" * 9000))
        store.close()
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] if rest == "cut" else whole[:4096] + b"\xff" * (len(whole) - 4096))
        for extra in ("-wal", "-shm"):
            path.with_name(path.name + extra).unlink(missing_ok=True)
    with pytest.raises(StoreError, match=r"the store is damaged. Put a copy from your backup in its place"):
        stores.open(str(path)).issues()


def test_a_locked_store_says_so_and_still_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "store.sqlite"
    draft = stores.open(str(path)).save_draft(Draft(MONTH, words={"headline": "kept"}))
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin immediate")
    try:
        store = stores.open(str(path))
        assert store.draft(MONTH) == draft
        with pytest.raises(
            StoreError, match=r"somebody else has been writing for more than 5 seconds. Nothing was saved; try again"
        ):
            store.save_draft(replace(draft, words={"headline": "mine"}))
    finally:
        holder.close()
    assert store.save_draft(replace(draft, words={"headline": "mine"})).version == 2


def test_a_store_that_was_removed_while_the_app_runs_is_made_anew(tmp_path: Path) -> None:
    store = stores.open(str(tmp_path / "store.sqlite"))
    store.save_draft(Draft(MONTH))
    for path in tmp_path.glob("store.sqlite*"):
        path.unlink()
    assert store.draft(MONTH).version == 0
    assert store.save_draft(Draft(MONTH, words={"headline": "anew"})).version == 1


def test_reading_only_makes_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    nothing = stores.open(str(path), read_only=True)
    assert (nothing.draft(MONTH).version, nothing.issues(), nothing.saves(MONTH), nothing.issue(1)) == (0, (), (), None)
    with pytest.raises(StoreError, match=r"Nothing was saved. This server is for reading only"):
        nothing.save_draft(Draft(MONTH))
    assert list(tmp_path.iterdir()) == []
    stores.open(str(path)).save_draft(Draft(MONTH, words={"headline": "there now"}))
    assert nothing.draft(MONTH).words == {"headline": "there now"}
    with pytest.raises(StoreError):
        nothing.add_issue(issue())


@pytest.fixture
def as_nobody() -> Iterator[Callable[[], None]]:
    """A function: from here on this process has no more rights than anybody; root may write everywhere."""

    def become() -> None:
        if os.geteuid() == 0:
            os.seteuid(65534)

    yield become
    if os.getuid() == 0:
        os.seteuid(0)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of folders as on Unix")
def test_a_folder_without_permission_still_reads_and_says_why_nothing_is_saved(as_nobody: Callable[[], None]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="closed-loop-store-"))
    try:
        path = folder / "store.sqlite"
        store = stores.open(str(path))
        draft = store.save_draft(Draft(MONTH, words={"headline": "kept"}))
        store.close()
        path.chmod(0o444)
        folder.chmod(0o555)
        as_nobody()
        reader = stores.open(str(path))
        assert reader.draft(MONTH) == draft
        assert not reader.is_writable
        with pytest.raises(StoreError, match=r"Nothing was saved. .*store.sqlite cannot be written. Change the permissions"):
            reader.save_draft(draft)
        empty = stores.open(str(folder / "other.sqlite"))
        assert empty.issues() == ()
        with pytest.raises(ClosedLoopError, match="cannot be written"):
            empty.save_draft(Draft(MONTH))
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
        folder.chmod(0o755)
        shutil.rmtree(folder)
