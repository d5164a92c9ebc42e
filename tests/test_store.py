"""The store on both engines: drafts, saves that meet, the archive, and migrations from older and newer stores."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from attribution import store as stores
from attribution import versions
from attribution.errors import StoreError
from attribution.store import Draft, SaveRefused, Store, place, publishing
from attribution.store.engine import make_engine, reading
from attribution.store.merging import merged
from attribution.store.schema import MIGRATIONS, VERSION_TABLE
from attribution.store.tables import METADATA
from tests.issues import MONTH, issue
from tests.naughty_strings import NAUGHTY_STRINGS

NEXT = '''"""Further records: what a later release adds."""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "m9999", "{head}", None, None


def upgrade() -> None:
    """One more table, and one more column on a table that people have filled."""
    op.create_table("later_records", sa.Column("record_id", sa.Integer(), primary_key=True), sa.Column("notes", sa.JSON(), nullable=False))
    with op.batch_alter_table("spotlight_drafts") as table:
        table.add_column(sa.Column("is_final", sa.Boolean(), nullable=False, server_default=sa.false()))
'''


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = stores.open(store_url)
    yield opened
    opened.close()


# --- what is written comes back ---------------------------------------------------------------------------------------------


def test_a_draft_comes_back_as_it_was_saved(store: Store, store_url: str) -> None:
    empty = store.draft(MONTH)
    assert (empty.version, dict(empty.words), empty.deal_ids) == (0, {}, ())
    before = datetime.now(UTC)
    saved = store.save_draft(
        replace(empty, deal_ids=("D-7", "ä"), words={"headline": "One", "deals": [{"quotes": []}]}),
        by=" Anna\nB ",
    )
    again = stores.open(store_url).draft(MONTH)
    assert again == saved
    assert (again.version, again.deal_ids, again.saved_by) == (1, ("D-7", "ä"), "Anna B")
    assert again.words == {"headline": "One", "deals": [{"quotes": []}]}
    assert again.saved_at is not None
    assert before <= again.saved_at <= datetime.now(UTC)
    assert again.saved_at.utcoffset() is not None


def test_hostile_text_comes_back_as_text(store: Store) -> None:
    """Everything but NUL and halves of characters, which no database keeps."""
    draft = store.draft(MONTH)
    for text in [*NAUGHTY_STRINGS, "'); drop table spotlight_drafts; --", "<script>alert(1)</script>", "🏭" * 500]:
        draft = store.save_draft(replace(draft, words={"headline": text}), by=text)
        kept = text.replace("\x00", "").encode("utf-8", "replace").decode()
        assert store.draft(MONTH).words == {"headline": kept}
    assert store.save_draft(replace(draft, words={"headline": "a\x00b\ud800"})).words == {"headline": "ab?"}


def test_months_do_not_meet(store: Store) -> None:
    store.save_draft(Draft("2026-09", words={"headline": "September"}))
    store.save_draft(Draft(MONTH, words={"headline": "October"}))
    assert store.draft("2026-09").words == {"headline": "September"}
    assert store.draft("2026-09").version == 1


# --- two people ----------------------------------------------------------------------------------------------------------------


def test_a_save_over_a_newer_one_is_refused_and_both_texts_are_kept(store: Store) -> None:
    first = store.save_draft(Draft(MONTH, words={"headline": "first"}), "Anna")
    store.save_draft(replace(first, words={"headline": "Anna's"}), "Anna")
    with pytest.raises(SaveRefused) as refused:
        store.save_draft(replace(first, words={"headline": "Bo's"}), "Bo")
    assert str(refused.value) == (
        "Anna saved the spotlight of 2026-10 while you were writing. Yours was not saved over it: both texts are kept."
    )
    assert (refused.value.theirs.words, refused.value.mine.words) == ({"headline": "Anna's"}, {"headline": "Bo's"})
    assert store.draft(MONTH).words == {"headline": "Anna's"}
    assert [(save.draft.saved_by, save.draft.words["headline"], save.is_refused) for save in store.saves(MONTH)] == [
        ("Bo", "Bo's", True), ("Anna", "Anna's", False), ("Anna", "first", False),
    ]  # fmt: skip
    mine_after_all = store.save_draft(replace(refused.value.mine, version=refused.value.theirs.version), "Bo")
    assert (mine_after_all.version, mine_after_all.words) == (3, {"headline": "Bo's"})


def test_the_first_save_of_two_people_is_refused_as_well(store: Store) -> None:
    store.save_draft(Draft(MONTH, words={"headline": "Anna's"}), "Anna")
    with pytest.raises(SaveRefused):
        store.save_draft(Draft(MONTH, words={"headline": "Bo's"}), "Bo")
    assert store.save_draft(Draft(MONTH, words={"headline": "Anna's"}), "Bo").version == 1, "the same text is nobody's loss"


WRITER = """
import sys
from dataclasses import replace
from attribution import store as stores
from attribution.store import SaveRefused
url, who, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = stores.open(url)
sys.stdin.readline()
accepted = refused = 0
while accepted < count:
    draft = store.draft("2026-10")
    lines = [*draft.words.get("lines", []), f"{who}{accepted}"]
    try:
        store.save_draft(replace(draft, words={"lines": lines}), who)
        accepted += 1
    except SaveRefused:
        refused += 1
print(accepted, refused)
"""


def test_writers_at_once_lose_nothing(store_url: str) -> None:
    """Four processes open an empty store at once and add lines to one text: every accepted line is in it, every refused one among the saves."""
    each, people = 8, "abcd"
    command = [sys.executable, "-c", WRITER, store_url]
    running = [
        subprocess.Popen(
            [*command, who, str(each)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for who in people
    ]
    said = [process.communicate("go\n", timeout=120) for process in running]
    assert [process.returncode for process in running] == [0] * len(people), said
    counted = [tuple(map(int, out.split())) for out, _ in said]
    store = stores.open(store_url)
    draft = store.draft(MONTH)
    assert sorted(draft.words["lines"]) == sorted(f"{who}{number}" for who in people for number in range(each))
    assert draft.version == each * len(people)
    saves = store.saves(MONTH, limit=10_000)
    assert sum(save.is_refused for save in saves) == sum(refused for _, refused in counted)
    assert sum(not save.is_refused for save in saves) == each * len(people)


# --- the archive ------------------------------------------------------------------------------------------------------------


def test_an_issue_stays_as_it_went_out(store: Store, store_url: str) -> None:
    first = store.add_issue(issue())
    second = store.add_issue(issue("Second edition", published_at=datetime(2026, 11, 3, tzinfo=UTC), is_pinned=False))
    assert first.issue_id != second.issue_id
    again = stores.open(store_url)
    assert again.issue(first.issue_id) == first == issue(issue_id=first.issue_id)
    assert [(entry.headline, entry.html) for entry in again.issues()] == [("Second edition", ""), ("They read the price", "")]
    again.remove_issue(second.issue_id)
    assert [entry.issue_id for entry in store.issues()] == [first.issue_id]
    for nothing in (second.issue_id, 0, -1, 2**40):
        assert store.issue(nothing) is None


def test_publishing_pins_the_data_and_withdrawing_gives_it_free(tmp_path: Path, sample_database: Path) -> None:
    database = tmp_path / "build"
    shutil.copytree(sample_database, database)
    version = versions.versions(database)[0].name
    store = stores.open(database=database)
    first = publishing.publish(store, database, issue(data_version=version, is_pinned=False))
    second = publishing.publish(store, database, issue(data_version=version, is_pinned=False))
    assert first.is_pinned
    assert first == store.issue(first.issue_id)
    pinned = versions.pins(database)[version]
    assert len(pinned) == 2
    assert pinned[0].startswith("spotlight 2026-10, published 20")
    publishing.withdraw(store, database, first)
    assert versions.pins(database)[version] == pinned[1:]
    assert store.issues() == (replace(second, html="", mail="", plain=""),)


def test_what_cannot_be_pinned_is_published_all_the_same_and_says_so(tmp_path: Path, sample_database: Path) -> None:
    single = tmp_path / "one.duckdb"
    single.write_bytes(b"")
    store = stores.open(database=single)
    assert not publishing.publish(store, single, issue()).is_pinned
    assert not publishing.publish(store, sample_database, issue(data_version="a version that is gone")).is_pinned
    assert [entry.is_pinned for entry in store.issues()] == [False, False]


def test_what_cannot_be_published_pins_nothing(tmp_path: Path, sample_database: Path) -> None:
    database = tmp_path / "build"
    shutil.copytree(sample_database, database)
    version = versions.versions(database)[0].name
    with pytest.raises(StoreError, match="for reading only"):
        publishing.publish(stores.open(database=database, read_only=True), database, issue(data_version=version))
    assert versions.pins(database) == {}


# --- migrations -----------------------------------------------------------------------------------------------------------------


def test_the_migrations_make_the_tables_of_the_program(store: Store) -> None:
    store.save_draft(Draft(MONTH))
    engine = make_engine(store.url)
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, METADATA) == []


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """The migrations of a later release: one more file."""
    folder = tmp_path / "migrations of a 100 % later release"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    head = max(path.stem.split("_")[0] for path in (folder / "versions").glob("m*.py"))
    (folder / "versions" / "m9999_later.py").write_text(NEXT.format(head=head))
    return folder


def test_an_older_store_is_brought_up_to_date_with_all_that_is_in_it(store: Store, later: Path) -> None:
    """The next release needs one more migration, and it is applied when the store is opened."""
    draft = store.save_draft(Draft(MONTH, words={"headline": "kept"}), "Anna")
    kept = store.add_issue(issue())
    newer = Store(store.url, migrations=later)
    assert newer.draft(MONTH) == draft
    assert newer.issue(kept.issue_id) == kept
    with reading(make_engine(store.url)) as connection:
        assert connection.exec_driver_sql("select count(*) from later_records").scalar() == 0
        assert not connection.exec_driver_sql("select is_final from spotlight_drafts").scalar()


def test_a_newer_store_is_refused_and_not_changed(store: Store, later: Path) -> None:
    store.save_draft(Draft(MONTH, words={"headline": "kept"}))
    newer = Store(store.url, migrations=later)
    with pytest.raises(
        StoreError, match=r"written by a newer Closed Loop .*'m9999'.* knows them up to 'm0002'\)\. Update the program"
    ):
        stores.open(store.url)
    assert newer.draft(MONTH).words == {"headline": "kept"}


def test_a_migration_that_fails_changes_nothing(store: Store, later: Path) -> None:
    store.save_draft(Draft(MONTH, words={"headline": "kept"}))
    broken = later / "versions" / "m9999_later.py"
    broken.write_text(broken.read_text() + "    op.execute('select nonsense from nowhere')\n")
    with pytest.raises(StoreError):
        Store(store.url, migrations=later)
    assert stores.open(store.url).draft(MONTH).words == {"headline": "kept"}
    with reading(make_engine(store.url)) as connection, pytest.raises(Exception, match="later_records"):
        connection.exec_driver_sql("select count(*) from later_records")


def test_somebody_elses_database_is_left_alone(store_url: str) -> None:
    with make_engine(store_url if "sqlite" in store_url else place.store_url(said=store_url)).begin() as connection:
        connection.exec_driver_sql("create table invoices (number integer)")
    with pytest.raises(StoreError, match=r"tables in it that are not Closed Loop's \(invoices\)"):
        stores.open(store_url)


# --- two texts in one -----------------------------------------------------------------------------------------------------------

BASE = Draft(MONTH, 4, ("D1",), {"headline": "h", "thanks": "t", "deals": {"D1": {"headline": "d", "quotes": [{"text": "q"}]}}})


def test_what_only_one_side_changed_is_taken_from_it() -> None:
    mine = replace(BASE, words={**BASE.words, "headline": "mine"}, deal_ids=("D1", "D2"))
    theirs = replace(
        BASE,
        version=5,
        saved_by="Anna",
        words={"headline": "h", "deals": {"D1": {"headline": "d", "quotes": []}, "D3": {"headline": "new"}}},
    )
    both, clashes = merged(BASE, mine, theirs)
    assert clashes == ()
    assert both.version == 5
    assert both.deal_ids == ("D1", "D2")
    assert both.words == {"headline": "mine", "deals": {"D1": {"headline": "d", "quotes": []}, "D3": {"headline": "new"}}}


def test_what_both_changed_differently_is_a_clash() -> None:
    mine = replace(BASE, words={"headline": "mine", "thanks": "same", "deals": {}})
    theirs = replace(
        BASE,
        version=5,
        words={
            **BASE.words,
            "headline": "theirs",
            "thanks": "same",
            "deals": {"D1": {"headline": "d2", "quotes": [{"text": "q"}]}},
        },
    )
    both, clashes = merged(BASE, mine, theirs)
    assert {(clash.path, clash.theirs, clash.mine) for clash in clashes} == {
        (("words", "headline"), "theirs", "mine"), (("words", "deals", "D1", "headline"), "d2", None),
    }  # fmt: skip
    assert both.words == {"headline": "mine", "thanks": "same"}
    assert merged(BASE, BASE, theirs)[0].words == theirs.words
