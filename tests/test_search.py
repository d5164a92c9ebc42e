"""Search: found by name, id, e-mail address and domain, whatever case and accents; hostile text finds nothing and breaks nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from attribution import db
from attribution.search import Hit, Index
from attribution.views.search import Group, fact, results
from pages.components.search import place
from tests.naughty_strings import NAUGHTY_STRINGS

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def small(open_rows: Callable[..., Any]) -> Any:
    """A few things with accents, quotes and a merged contact."""
    rows = {
        "accounts": [
            {"account_id": "A1", "name": "Ærø Smørrebrød A/S", "domain": "aero.example"},
            {"account_id": "A2", "name": "O'Neill & Söhne 100% GmbH", "domain": "oneill.example"},
            {"account_id": "A_3", "name": "Straße_3", "domain": "strasse.example"},
        ],
        "contacts": [
            {"contact_id": "C1", "name": "Zoë Ångström", "email": "zoe@aero.example", "account_id": "A1", "created_at": "2026-01-01"},
            {"contact_id": "C2", "name": "Łukasz Đorđević", "email": "lukasz@oneill.example", "account_id": "A2", "created_at": "2026-01-01"},
            {"contact_id": "C3", "email": "nameless@oneill.example", "account_id": "A2", "created_at": "2026-01-01"},
        ],
        "deals": [
            {"deal_id": "D1", "name": "Big one", "account_id": "A1", "created_at": "2026-01-10", "closed_at": "2026-02-01", "status": "won", "amount": "5000"},
            {"deal_id": "D2", "name": "Small big one", "account_id": "A1", "created_at": "2026-01-10", "status": "open", "amount": "9000"},
            {"deal_id": "D3", "account_id": "A2", "created_at": "2026-01-10", "closed_at": "2026-02-02", "status": "lost", "amount": "10"},
        ],
        "deal_contacts": [{"deal_id": "D1", "contact_id": "C1"}, {"deal_id": "D2", "contact_id": "C1"}],
        "campaigns": [{"campaign_id": "K1", "name": "Frühjahr 😀", "channel": "email", "starts_on": "2026-01-05"}],
        "content_assets": [{"asset_id": "P1", "title": "The cost of slow", "url": "https://x.example/cost", "format": "article"}],
    }  # fmt: skip
    return open_rows(rows)


def found(ds: Any, words: str) -> dict[str, list[str]]:
    return {kind: [hit.id for hit in hits] for kind, hits in Index(ds.path).find(words).items()}


@pytest.mark.parametrize(
    ("words", "kind", "ids"),
    [
        ("zoe angstrom", "person", ["C1"]), ("ÅNGSTRÖM", "person", ["C1"]), ("C1", "person", ["C1"]), ("zoe@AERO.example", "person", ["C1"]),
        ("lukasz dordevic", "person", ["C2"]), ("nameless", "person", ["C3"]), ("aero smorrebrod", "account", ["A1"]), ("strasse_3", "account", ["A_3"]),
        ("o'neill", "account", ["A2"]), ("100%", "account", ["A2"]), ("oneill.example", "account", ["A2"]), ("a_3", "account", ["A_3"]),
        ("big", "deal", ["D1", "D2"]), ("smorrebrod", "deal", ["D2", "D1"]), ("d3", "deal", ["D3"]), ("fruhjahr", "campaign", ["K1"]),
        ("😀", "campaign", ["K1"]),
        ("cost slow", "asset", ["P1"]), ("x.example/cost", "asset", ["P1"]),
    ],
)  # fmt: skip
def test_it_finds_by_name_id_address_and_domain(small: Any, words: str, kind: str, ids: list[str]) -> None:
    assert found(small, words)[kind] == ids


def test_wildcards_are_letters_and_nothing_is_found_by_nothing(small: Any) -> None:
    assert "account" in found(small, "_") and found(small, "_")["account"] == ["A_3"]
    assert found(small, "%")["account"] == ["A2"]
    for words in ("", "   ", "\x00", "\ud800", "zoe nobody", "' or 1=1 --"):
        assert found(small, words) == {}


def test_hostile_text_is_only_text(small: Any) -> None:
    index = Index(small.path)
    for words in (*NAUGHTY_STRINGS, "x" * 10_000, "zoe " * 5_000, '"; drop table deal; --', "\\", "$1", "?"):
        assert isinstance(index.find(words), dict)
    assert [hit.id for hit in index.find("zoe")["person"]] == ["C1"]


def test_facts_and_places(small: Any) -> None:
    groups = {group.kind: group for group in results(Index(small.path), "aero", "EUR")}
    assert groups["account"].lines[0].fact.replace("\u00a0", " ") == "aero.example · 2 deals"
    assert groups["person"].lines[0].fact.replace("\u00a0", " ") == "Ærø Smørrebrød A/S · 2 deals"
    assert not groups["deal"].has_more
    assert (
        fact(Hit("deal", "D1", "Big one", "won", 5000.0, date(2026, 2, 1)), "EUR").replace("\u00a0", " ")
        == "€5.00 k · won 1 Feb 2026"
    )
    assert fact(Hit("campaign", "K", "k", "email", None, None), "EUR") == "Email"
    assert place("deal", "D1") == ("pages/revenue/deals.py", {"deal": "D1"})
    assert place("person", "C1") == ("pages/revenue/people.py", {"person": "C1"})
    assert place("campaign", "K1")[1] == {"one": "K1"}


def test_a_name_and_the_best_of_many(small: Any, sample: Any) -> None:
    assert Index(small.path).name("account", "A1") == "Ærø Smørrebrød A/S"
    assert Index(small.path).name("account", "nobody") == "nobody"
    assert Index(small.path).name("no kind", "x") == "x"
    groups: tuple[Group, ...] = results(Index(sample.path), "a", "EUR")
    assert [len(group.lines) for group in groups] == [6] * 5
    assert all(group.has_more for group in groups)


def test_everybody_of_the_sample_is_found_by_her_id(sample: Any) -> None:
    """Against the rows themselves: a few of each kind, by id, first."""
    index = Index(sample.path)
    for kind, sql in (
        ("person", "select contact_id from identity.contacts order by contact_id limit 5"),
        ("account", "select account_id from identity.deal_accounts where account_id is not null order by account_id limit 5"),
        ("deal", "select deal_id from marts.deals order by deal_id limit 5"),
    ):
        for (identity,) in sample.rows(sql):
            assert index.find(identity)[kind][0].id == identity


def test_three_hundred_thousand_people_answer_quickly(tmp_path: Path) -> None:
    """A generous limit (the page's is 100 ms on an idle computer): a scan of the touches or letters folded anew would break it."""
    path = tmp_path / "big.duckdb"
    connection = db.connect(path)
    for schema in ("marts", "raw", "identity", "journeys"):
        connection.execute(f"create schema {schema}")
    for table in (
        "raw.accounts as select 'A' || i as account_id, 'Company ' || i as name, 'c-' || i || '.example' as domain from range(60000) t(i)",
        "identity.account_ids as select 'x' as alias, 'A1' as account_id",
        "identity.contacts as select 'C' || i as contact_id, "
        "'Zoë Ångström ' || i as name, 'p.' || i || '@c.example' as email, 'A' || (i % 60000) as account_id "
        "from range(300000) t(i)",
        "identity.contact_ids as select 'C1' as alias, 'C1' as contact_id, false as is_email",
        "journeys.deal_people as select 'D' || (i % 60000) as deal_id, 'C' || i as contact_id from range(240000) t(i)",
        "marts.deals as select 'D' || i as deal_id, 'Deal ' || i as name, 'Company ' || i as account_name, 'A' || i as account_id, 'won' as status, "
        "cast(i as decimal(18, 2)) as amount, date '2026-01-01' as closed_on from range(60000) t(i)",
        "raw.campaigns as select 'K1' as campaign_id, 'k' as name, '' as objective, 'email' as channel, date '2026-01-01' as starts_on",
        "raw.content_assets as select 'P1' as asset_id, 'p' as title, '' as url, 'article' as format, date '2026-01-01' as published_on",
    ):
        connection.execute(f"create table {table}")
    connection.close()
    index = Index(path)
    for words in ("angstrom", "angstrom 4711", "company", "nowhere"):
        index.find(words)
        begun = time.process_time()  # of this program alone, whatever else the machine does
        index.find(words)
        assert time.process_time() - begun < 0.5


def test_an_account_and_a_person_open_all_their_deals(
    sample: Any, sample_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the filters: deals of any outcome and time, as many as the rows say."""
    monkeypatch.setenv("CLOSED_LOOP_DB", str(sample_database))
    account, count = sample.rows(
        "select account_id, count(*) as n from marts.deals group by account_id order by n desc, account_id limit 1"
    )[0]
    for kind, identity, deals in (("account", account, count), ("person", "nobody", 0)):
        test = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=60)
        test.query_params["behind"] = f'{{"{kind}":"{identity}"}}'
        test.query_params["period"] = "this_month"
        test.switch_page("pages/revenue/deals.py").run()
        words = "\n".join(str(element.value) for element in (*test.markdown, *test.title))
        assert not test.exception
        if deals:
            name = Index(sample.path).name("account", account)
            assert f"All deals of {name}" in words.replace("\\", "") and f"{deals} deals" in words.replace("\u00a0", " ")
        else:
            assert "No deal is recorded with" in words
