"""The spotlight page: choose, write, publish, reopen; two people at once; reading only; a store that is broken; addresses and texts that are hostile."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from attribution import store as stores
from attribution import versions
from attribution.reports import spotlight as files
from attribution.spotlight.candidates import candidates
from attribution.spotlight.issue import spotlight
from attribution.spotlight.words import Words
from attribution.store import Draft, Store
from attribution.views import spotlight_form as form
from pages.components import preview
from tests import app_page
from tests.app_page import NAUGHTY, THIN, thin
from tests.naughty_strings import NAUGHTY_STRINGS

PAGE = "pages/content/spotlight.py"
MONTH = "2026-10"
HOSTILE = "</script></style><img src=x onerror=alert(1)><svg/onload=alert(2)> ${7*7} {{7*7}} \u202e :red[x] $x$"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of each test's own; the server is this computer's alone."""
    monkeypatch.setenv("CLOSED_LOOP_STORE", str(tmp_path / "store.sqlite"))
    monkeypatch.setenv("CLOSED_LOOP_READ_ONLY", "0")
    return tmp_path / "store.sqlite"


@pytest.fixture
def store(place: Path) -> Store:
    """What is in the store, seen from outside of the app."""
    return stores.open(str(place))


def words(test: AppTest) -> str:
    """The words of the page as a reader sees them, without the marks that keep them from being markup."""
    return app_page.words(test).replace("\\", "")


def text(test: AppTest) -> str:
    """The same, of a page that has not failed."""
    app_page.text(test)
    return words(test)


def box(test: AppTest, field: str, kind: str = "text_input") -> Any:
    return next(entry for entry in getattr(test, kind) if entry.key == f"spotlight|{MONTH}|{field}")


def press(test: AppTest, key: str) -> AppTest:
    return next(entry for entry in test.button if entry.key == key).click().run()


def publish_is_closed(test: AppTest) -> bool:
    return bool(next(entry for entry in test.get("popover") if entry.proto.popover.label == "Publish").proto.popover.disabled)


def shown(test: AppTest) -> str:
    """The file inside the frame inside the frame."""
    framed = test.get("iframe")[0].proto.srcdoc
    assert "<iframe sandbox title=" in framed, "an empty sandbox: no script, no form, no way out"
    return html.unescape(framed.split('srcdoc="', 1)[1].rsplit('"></iframe>', 1)[0])


def best(sample: Any, count: int = 3) -> list[str]:
    return [entry.deal_id for entry in candidates(sample, MONTH)][:count]


# --- making one -----------------------------------------------------------------------------------------------------------


def test_the_page_shows_the_very_file(page: Callable[..., AppTest], sample_database: Path, sample: Any, place: Path) -> None:
    test = page(sample_database)
    said = text(test)
    assert "Which wins shall everybody see?" in said
    assert "Nothing written yet: every change is saved as you go." in said
    assert shown(test) == files.html(spotlight(sample, MONTH, best(sample)))
    assert [entry.label for entry in test.get("download_button")] == ["HTML", "PDF", "Mail", "Chat"]
    assert "largest deal of the month" in said
    ticked = [entry for entry in test.checkbox if entry.value]
    assert len(ticked) == 3
    assert all(entry.disabled for entry in test.checkbox if not entry.value), "three are the most that is read to the end"
    assert not place.exists(), "looking makes no store"


def test_what_is_written_is_saved_as_you_go_and_stands_in_the_file(
    page: Callable[..., AppTest], sample_database: Path, store: Store, sample: Any
) -> None:
    test = page(sample_database)
    deal = best(sample)[0]
    next(entry for entry in test.text_input if entry.key == "writer_name").set_value("Anna Berg").run()
    box(test, "headline").set_value("They read the price first").run()
    box(test, f"{deal}.text.0").set_value("Nobody had asked for a second quote.").run()
    box(test, f"{deal}.asset.0", "selectbox").select_index(1).run()
    box(test, "ask.writes").set_value("Content lead").run()
    box(test, "thanks", "text_area").set_value("Thank you all.").run()
    said = text(test)
    draft = store.draft(MONTH)
    assert (draft.version, draft.saved_by) == (5, "Anna Berg")
    assert f"Saved {draft.saved_at:%-d}" in said
    assert "UTC by Anna Berg" in said
    kept = Words.model_validate(dict(draft.words))
    assert (kept.headline, kept.ask.writes, kept.thanks) == ("They read the price first", "Content lead", "Thank you all.")
    assert kept.of(deal).quotes[0].text == "Nobody had asked for a second quote."
    assert kept.of(deal).quotes[0].asset_id
    file = shown(test)
    for words_ in ("They read the price first", "Nobody had asked for a second quote.", "Content lead", "Thank you all."):
        assert words_ in file
    again = page(sample_database)
    assert box(again, "headline").value == "They read the price first"
    assert shown(again) == file


def test_other_deals_are_told_when_they_are_ticked(
    page: Callable[..., AppTest], sample_database: Path, store: Store, sample: Any
) -> None:
    first, second, third, fourth = best(sample, 4)
    test = page(sample_database)
    box(test, f"pick.{third}", "checkbox").uncheck().run()
    box(test, f"pick.{fourth}", "checkbox").check().run()
    assert store.draft(MONTH).deal_ids == (first, second, fourth)
    assert shown(test) == files.html(spotlight(sample, MONTH, (first, second, fourth)))


def test_deals_of_a_long_list_are_found_by_name(
    page: Callable[..., AppTest], sample_database: Path, store: Store, sample: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form, "FOLDED", 1)
    listed = best(sample, 99)
    test = page(sample_database)
    assert len([entry for entry in test.checkbox if "|pick." in entry.key]) == form.SHOWN + 1
    box(test, f"pick.{listed[2]}", "checkbox").uncheck().run()
    other = next(entry for entry in test.selectbox if entry.key == f"spotlight_other_{MONTH}")
    other.select(listed[-1]).run()
    assert store.draft(MONTH).deal_ids == (listed[0], listed[1], listed[-1])
    assert box(test, f"pick.{listed[-1]}", "checkbox").value
    assert shown(test) == files.html(spotlight(sample, MONTH, (listed[0], listed[1], listed[-1])))


@pytest.mark.parametrize("preset", ["partner", "public"])
def test_a_preset_masks_what_is_shown(page: Callable[..., AppTest], sample_database: Path, sample: Any, preset: str) -> None:
    test = page(sample_database, preset=preset)
    file = shown(test)
    assert file == files.html(spotlight(sample, MONTH, best(sample), Words(), preset))
    names = [entry.name for entry in candidates(sample, MONTH)]
    assert not [name for name in names if name in file]


def test_mail_chat_and_phone_can_be_looked_at(page: Callable[..., AppTest], sample_database: Path, sample: Any) -> None:
    made = spotlight(sample, MONTH, best(sample))
    test = page(sample_database)
    look = next(entry for entry in test.segmented_control if entry.key == "look_at")
    assert shown(look.set_value("Mail").run()) == files.mail(made)
    look = next(entry for entry in test.segmented_control if entry.key == "look_at")
    chat = look.set_value("Chat").run()
    assert files.text(made).strip() in [str(entry.value).strip() for entry in chat.code]


# --- publishing and the archive ---------------------------------------------------------------------------------------------


def published(test: AppTest, name: str = "Anna") -> AppTest:
    next(entry for entry in test.text_input if entry.key == "writer_name").set_value(name[:80]).run()
    return press(test, "publish_now")


def test_publishing_freezes_the_file_and_keeps_its_data(page: Callable[..., AppTest], pinnable: Path, store: Store) -> None:
    test = page(pinnable)
    file = shown(test)
    said = text(published(test))
    assert "The spotlight of October 2026, as it went out" in said
    assert "by Anna. **Inside**." in said
    assert shown(test) == file
    (issue,) = store.issues()
    whole = store.issue(issue.issue_id)
    assert whole is not None
    assert (whole.html, whole.published_by, whole.is_pinned) == (file, "Anna", True)
    assert versions.pins(pinnable)[whole.data_version] == [
        f"spotlight 2026-10, published {whole.published_at:%Y-%m-%d %H:%M:%S.%f} UTC"
    ]
    test = page(pinnable)
    said = text(test)
    assert "October 2026" in said
    assert "by Anna, 3" in said
    press(test, f"open_issue_{issue.issue_id}")
    assert shown(test) == file
    press(test, "all_issues")
    assert "Which wins shall everybody see?" in text(test)


def test_an_issue_is_reopened_as_it_was_after_the_data_changed(
    page: Callable[..., AppTest], pinnable: Path, store: Store, open_rows: Callable[..., Any]
) -> None:
    """Another pinnable, even without that deal: the archive shows the very file."""
    published(page(pinnable))
    (issue,) = store.issues()
    file = store.issue(issue.issue_id).html  # type: ignore[union-attr]
    other = thin(open_rows, "only open")
    test = page(other.path.parent, issue=str(issue.issue_id))
    said = text(test)
    assert shown(test) == file
    assert "is no longer kept. The file is complete without it." in said


def test_an_issue_can_be_withdrawn(page: Callable[..., AppTest], pinnable: Path, store: Store) -> None:
    test = published(page(pinnable))
    press(test, "withdraw")
    assert "Which wins shall everybody see?" in text(test)
    assert store.issues() == ()
    assert not any(versions.pins(pinnable).values())


def test_the_store_may_be_a_postgres_server(
    page: Callable[..., AppTest],
    pinnable: Path,
    store_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On each engine: written, published and reopened through the page."""
    monkeypatch.setenv("CLOSED_LOOP_STORE", store_url)
    test = page(pinnable)
    box(test, "headline").set_value("They read the price first").run()
    assert "as it went out" in text(published(test))
    again = page(pinnable, issue="1")
    assert "They read the price first" in shown(again)
    assert stores.open(store_url).draft(MONTH).words == {"headline": "They read the price first"}


def test_the_command_line_uses_what_was_written_in_the_app(
    run_cli: Callable[..., Any], sample_database: Path, store: Store, sample: Any
) -> None:
    first, _, third = best(sample)
    asked = ("report", "spotlight", "--month", MONTH, "--db", sample_database)
    assert f"nothing was written for {MONTH}" in run_cli(*asked, "--draft", expect=1).stderr
    store.save_draft(Draft(MONTH, 0, (third, first), {"headline": "They read the price first"}))
    made = spotlight(sample, MONTH, (third, first), Words(headline="They read the price first"))
    assert run_cli(*asked, "--draft", "--as", "html").stdout == files.html(made)
    run_cli(*asked, "--draft", "--words", "words.json", expect=2)


# --- two people -------------------------------------------------------------------------------------------------------------


def test_what_somebody_else_wrote_elsewhere_is_taken_over(
    page: Callable[..., AppTest], sample_database: Path, store: Store
) -> None:
    test = page(sample_database)
    box(test, "headline").set_value("Mine").run()
    theirs = store.save_draft(Draft(MONTH, 1, (), {**store.draft(MONTH).words, "thanks": "Bo's thanks"}), "Bo")
    assert theirs.version == 2
    box(test, "ask.writes").set_value("Me").run()
    said = text(test)
    assert "Bo changed other parts meanwhile; both are kept." in said
    kept = Words.model_validate(dict(store.draft(MONTH).words))
    assert (kept.headline, kept.thanks, kept.ask.writes) == ("Mine", "Bo's thanks", "Me")
    assert box(test, "thanks", "text_area").value == "Bo's thanks"


@pytest.mark.parametrize("mine", [True, False])
def test_the_same_part_is_shown_side_by_side_until_somebody_chooses(
    page: Callable[..., AppTest], sample_database: Path, store: Store, mine: bool
) -> None:
    test = page(sample_database)
    box(test, "headline").set_value("The first").run()
    store.save_draft(Draft(MONTH, 1, store.draft(MONTH).deal_ids, {"headline": "Bo's"}), "Bo")
    box(test, "headline").set_value("Mine").run()
    said = text(test)
    assert "Bo wrote the same part while you did." in said
    assert "Not saved yet: Bo wrote the same part. Choose below." in said
    assert "Headline, by Bo" in said
    assert "Headline, by you" in said
    assert publish_is_closed(test)
    assert store.draft(MONTH).words["headline"] == "Bo's"
    press(test, "keep_mine" if mine else "keep_theirs")
    assert "wrote the same part" not in text(test)
    wanted = "Mine" if mine else "Bo's"
    assert store.draft(MONTH).words["headline"] == wanted
    assert box(test, "headline").value == wanted
    assert {save.draft.words["headline"] for save in store.saves(MONTH)} == {"The first", "Bo's", "Mine"}, "nothing was lost"


def test_a_page_that_is_drawn_again_shows_what_somebody_else_saved(
    page: Callable[..., AppTest], sample_database: Path, store: Store
) -> None:
    test = page(sample_database)
    box(test, "headline").set_value("Mine").run()
    store.save_draft(Draft(MONTH, 1, (), {"headline": "Bo's later one"}), "Bo")
    test.run()
    assert box(test, "headline").value == "Bo's later one"
    assert "Bo changed this spotlight meanwhile; you see the newest." in text(test)


# --- when it may not or cannot be written -----------------------------------------------------------------------------------------


def test_reading_only_forbids_writing(
    page: Callable[..., AppTest], pinnable: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(page(pinnable))
    before = store.saves(MONTH)
    monkeypatch.setenv("CLOSED_LOOP_READ_ONLY", "1")
    test = page(pinnable)
    said = text(test)
    assert "This server is for reading only" in said
    assert all(entry.disabled for entry in test.text_input if str(entry.key).startswith("spotlight|"))
    assert all(entry.disabled for entry in test.checkbox)
    assert publish_is_closed(test)
    press(test, f"open_issue_{store.issues()[0].issue_id}")
    assert "as it went out" in text(test)
    assert "withdraw" not in [entry.key for entry in test.button]
    assert store.saves(MONTH) == before


def test_a_damaged_store_leaves_the_figures(
    page: Callable[..., AppTest], sample_database: Path, place: Path, sample: Any
) -> None:
    place.write_text("this is no database " * 500)
    test = page(sample_database)
    assert not test.exception
    assert "the store is damaged. Put a copy from your backup in its place" in "\n".join(
        str(entry.value) for entry in test.warning
    )
    assert shown(test) == files.html(spotlight(sample, MONTH, best(sample)))
    assert publish_is_closed(test)


def test_a_store_that_breaks_while_somebody_writes_keeps_the_text_in_the_box(
    page: Callable[..., AppTest], sample_database: Path, place: Path, store: Store
) -> None:
    test = page(sample_database)
    box(test, "headline").set_value("First").run()
    for extra in ("", "-wal", "-shm"):
        place.with_name(place.name + extra).unlink(missing_ok=True)
    place.mkdir()
    box(test, "headline").set_value("Second").run()
    said = words(test)
    assert not test.exception
    assert "Not saved:" in said
    assert box(test, "headline").value == "Second"
    place.rmdir()
    box(test, "ask.writes").set_value("Me").run()
    assert "Not saved:" not in text(test)
    assert stores.open(str(place)).draft(MONTH).words["headline"] == "Second"


def test_words_of_a_newer_program_are_left_alone(page: Callable[..., AppTest], sample_database: Path, store: Store) -> None:
    draft = store.save_draft(Draft(MONTH, words={"headline": "x", "a_later_field": {"y": 1}}), "Bo")
    test = page(sample_database)
    assert not test.exception
    assert "was written with a newer Closed Loop" in "\n".join(str(entry.value) for entry in test.warning)
    assert box(test, "headline").disabled
    assert store.draft(MONTH) == draft


# --- little data, hostile data, hostile addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", THIN)
def test_thin_data(page: Callable[..., AppTest], open_rows: Callable[..., Any], how: str) -> None:
    ds = thin(open_rows, how)
    said = text(page(ds.path.parent))
    if how in ("only lost", "only open"):
        assert "No deal was won in" in said
        assert "Choose another month above." in said
    else:
        assert "1  Choose two or three deals" in said


def test_a_month_without_a_won_deal(page: Callable[..., AppTest], sample_database: Path) -> None:
    said = text(page(sample_database, month="2019-01"))
    assert "The link asks for month" in said
    assert "which is not known; the default is shown." in said


@pytest.mark.parametrize("address", [
    {"month": "<script>"}, {"month": "2026-99"}, {"preset": "💥"}, {"issue": "99"}, {"issue": "-1"}, {"issue": "1 or 1=1"}, {"issue": "９"},
    {"issue": "9" * 50},
])  # fmt: skip
def test_garbage_in_the_address(page: Callable[..., AppTest], sample_database: Path, address: dict[str, str]) -> None:
    said = text(page(sample_database, **address))
    assert "The link asks for" in said
    assert "Which wins shall everybody see?" in said


@pytest.mark.parametrize("said", [NAUGHTY, HOSTILE, *NAUGHTY_STRINGS[8:12]])
def test_hostile_words_stay_words(page: Callable[..., AppTest], pinnable: Path, store: Store, sample: Any, said: str) -> None:
    deal = best(sample)[0]
    said = said[:120]
    told = {deal: {"headline": said, "quotes": [{"text": said, "said_by": said}]}}
    written = {"headline": said, "thanks": said, "ask": {"question": said, "writes": said}, "deals": told}
    store.save_draft(Draft(MONTH, words=json.loads(json.dumps(written))), by=said)
    test = page(pinnable)
    text(test)
    for file in (shown(test), shown(published(test, said))):
        for tag in ("<script", "<img", "<b onmouse", "onerror=alert(1)>", "<svg/onload", "<iframe"):
            assert tag not in file.lower()


def test_the_frame_lets_nothing_out() -> None:
    framed = preview.framed('<p title="a&quot;b">"><script>alert(1)</script></iframe>', 'x"><script>')
    assert framed.count("<iframe") == 1
    assert "<script" not in framed
    assert "default-src 'none'" in framed


# --- the form -------------------------------------------------------------------------------------------------------------------


def test_fields_hold_all_words() -> None:
    said = {
        "headline": "h", "thanks": "t", "ask": {"question": "q", "writes": "w", "by_on": "2026-11-27", "cost": "c", "first_reader": "f"},
        "deals": {"D:1": {"headline": "d", "quotes": [{"asset_id": "A", "text": "one", "said_by": "rep", "said_on": "2026-11-02"},
                                                      {"text": "two", "said_by": "rep", "said_on": "2026-11-02"}]},
                  "gone": {"headline": "kept"}},
    }  # fmt: skip
    before = Words.model_validate(said)
    fields = {**form.cover_fields(before), **form.deal_fields(before, "D:1")}
    assert form.from_fields(fields, Words(deals={"gone": before.of("gone")}), ["D:1"]) == before
    assert form.from_fields({}, before, ["D:1"]) == before
    assert form.stored(form.from_fields(dict.fromkeys(fields, ""), Words(), ["D:1"])) == {}
