"""The spotlight for readers outside: no name, number or day leaks, names are found however they are written, amounts become bands."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from attribution.charts import formats
from attribution.reports import pdf
from attribution.reports import spotlight as files
from attribution.spotlight.candidates import candidates
from attribution.spotlight.issue import spotlight
from attribution.spotlight.masks import PRESETS, Writer, band, band_top, preset
from attribution.spotlight.names import KnownNames, known_names
from attribution.spotlight.words import Ask, DealWords, Quote, Words
from tests.html_reading import Tags, pdf_text, plain
from tests.sample_reading import read

MONTH = "2026-10"
MASKED = ("partner", "public")


def indiscreet(sample: Any) -> Words:
    """Words that name everybody: the companies, their people, ours, and the amounts, as people would type them."""
    deals = {}
    for candidate in candidates(sample, MONTH)[:3]:
        people = sample.rows(
            "select contacts.name, contacts.email from journeys.deal_people as people inner join identity.contacts as contacts "
            "on people.contact_id = contacts.contact_id where people.deal_id = ? order by contacts.name",
            [candidate.deal_id],
        )
        amount = f"{candidate.amount:,.2f} or {candidate.amount:.0f}"
        first = people[0][0].split()[0]
        deals[candidate.deal_id] = DealWords(
            headline=f"How {candidate.name} paid {amount}",
            quotes=(
                Quote(text=f"{people[0][0]} ({people[0][1]}) of {candidate.name.split()[0]} told Bas", said_by="Bas Hoogland", said_on=date(2026, 11, 2)),
                Quote(text=f"{first} signed; ask kaspar.wendt@pallwerk.example", said_by="Account executive"),
            ),
        )  # fmt: skip
    ask = Ask(question="Does Ruth Amsel-Keller know?", writes="Kaspar Wendt")
    return Words(headline="Tourelle Transports and friends", deals=deals, thanks="Kaspar Wendt, Ruth Amsel-Keller", ask=ask)


def known_to_the_data() -> tuple[set[str], set[str]]:
    """(companies and their addresses, persons and theirs) of the sample, by plain Python."""
    companies = {row[key] for row in read("accounts") for key in ("name", "domain")} | {row["name"] for row in read("partners")}
    persons = {row[key] for table in ("contacts", "people") for row in read(table) for key in ("name", "email")}
    for row in read("identities"):
        (persons if row["alias_kind"] == "email" else companies if row["alias_kind"] == "domain" else set()).add(row["alias"])
    return {name for name in companies if len(name) > 3}, {name for name in persons if len(name) > 3}


def found_in(text: str, names: set[str]) -> list[str]:
    folded = plain(text).casefold()
    there = (name for name in names if name.casefold() in folded)
    return sorted(name for name in there if re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", folded))


@pytest.mark.parametrize("asked", [entry.name for entry in PRESETS])
def test_no_name_leaks(sample: Any, asked: str) -> None:
    """In HTML, mail, text and PDF no person is named in any preset, and no company and no amount where they are masked."""
    words = indiscreet(sample) if asked in MASKED else Words()
    shown = spotlight(sample, MONTH, words=words, preset=asked)
    companies, persons = known_to_the_data()
    made = {
        "html": " ".join(Tags(files.html(shown)).texts),
        "mail": " ".join(Tags(files.mail(shown)).texts),
        "text": files.text(shown),
    }
    if asked == "partner" and pdf.is_available() is None:
        made["pdf"] = pdf_text(pdf.from_html(files.html(shown)))
    for kind, text in made.items():
        assert found_in(text, persons) == [], kind
        assert asked.casefold() in text.casefold(), f"the {kind} says which preset it is"
        if asked not in MASKED:
            assert found_in(text, companies)
            continue
        assert (
            found_in(text, companies | {"Tourelle", "Tourelle Transports", "Feuerbach", "Elmstead", "Kaspar", "Hoogland"}) == []
        ), kind
        ids = {row["asset_id"] for row in read("content_assets")} | {story.deal_id for story in shown.stories}
        assert found_in(text, ids) == [], f"{kind}: ids lead back to the company"
        for row in sample.rows(
            "select amount from marts.deals where status = 'won' and strftime(closed_on, '%Y-%m') = ? and amount >= 1000", [MONTH]
        ):
            for written in (f"{row[0]:,.2f}", f"{row[0]:,.0f}", f"{row[0]:.0f}", formats.money(float(row[0]), "EUR")):
                assert plain(written) not in plain(text), f"{kind}: {written}"


def test_masked_views_hold_no_number_and_no_day(sample: Any) -> None:
    shown = spotlight(sample, MONTH, preset="public")
    amounts = [bar.amount for bar in (*shown.topics, *shown.deals)] + [story.amount for story in shown.stories]
    amounts += [
        amount
        for story in shown.stories
        for piece in story.pieces
        for amount in (piece.cost, piece.credit, piece.second)
        if amount
    ]
    assert all(amount.value is None and not amount.cents for amount in amounts)
    assert all(bar.part % 10 == 0 and bar.inner % 10 == 0 for bar in shown.topics), "a picture tells no more than its label"
    days = [entry.words for story in shown.stories if story.timeline for entry in story.timeline.milestones]
    assert days
    assert all(re.fullmatch(r"day \d+", words) for words in days)
    ticks = [(tick.name, tick.short) for story in shown.stories if story.timeline for tick in story.timeline.ticks]
    assert ticks
    assert all(re.fullmatch(r"(month|year) \d+", name) and re.fullmatch(r"d\d+", short) for name, short in ticks), (
        "a month dates every mark"
    )
    assert shown.figures[2].points == ()
    assert shown.ask is None
    assert shown.missing == ()


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "no amount"), (99, "under €100"), (100, "€100 to €250"), (2499.99, "€1 k to €2.5 k"), (186000, "€100 k to €250 k"),
     (250000, "€250 k to €500 k"), (999999, "€500 k to €1 M"), (12_000_000, "€10 M to €25 M"), (-3000, "−€2.5 k to −€5 k")],
)  # fmt: skip
def test_bands(value: float, words: str) -> None:
    assert plain(band(value, "EUR")) == words
    assert band_top(value) > abs(value)


def test_names_are_taken_out_whole_and_in_any_case() -> None:
    known = KnownNames({"anna weber": "[person]", "anna": "[person]", "ardmore foods": "[company]"}, {186000: "€100 k to €250 k"})
    assert (
        known.replace("ANNA  Weber of Ardmore\u00a0Foods, annals, Anna, Anna")
        == "[person] of [company], annals, [person], [person]"
    )
    assert known.replace("It was 186,000.00, 186.000 or 1860001") == "It was €100 k to €250 k, €100 k to €250 k or 1860001"
    assert known.replace("Annas desk, ANNA_2026, 7anna; Ardmore Foods' and ardmore foods2") == (
        "[person] desk, [person]_2026, 7[person]; [company]' and [company]2"
    )
    assert known.replace("An\u200bna of Ard\u00admore Foods") == "[person] of [company]", "signs that nobody sees hide no name"
    assert (
        known.replace("a family emoji \U0001f468\u200d\U0001f469 stays whole")
        == "a family emoji \U0001f468\u200d\U0001f469 stays whole"
    )
    assert KnownNames().replace("Anna 5") == "Anna 5"
    assert KnownNames({"東京商事": "[company]"}).replace("私たちは東京商事と働く") == "私たちは[company]と働く", (
        "scripts without spaces"
    )


def test_names_are_found_among_all_that_the_data_knows(open_rows: Callable[..., Any]) -> None:
    rows = {
        "deals": [{"deal_id": "D1", "name": "One", "created_at": "2026-01-05", "closed_at": "2026-03-05", "status": "won", "amount": "1000"}],
        "accounts": [{"account_id": "A1", "name": "東京商事", "domain": "tokyo-shoji.example"}, {"account_id": "A2", "name": "O'Brien & Sons (Leeds)"}],
        "contacts": [{"contact_id": "C1", "name": "Zoë\u00a0 de  Wit", "email": "zoe.dewit@example.test"}, {"contact_id": "C2", "name": "Bo"}],
    }  # fmt: skip
    said = "私たちは東京商事と。 ZOË DE WIT (zoe.dewit@example.test) of o'brien & sons (leeds), see www.tokyo-shoji.example; Bo."
    known = known_names(open_rows(rows, {"reporting": {"currency": "EUR", "as_of": "2026-04-15"}}), [said], [], True)
    assert known.replace(said) == "私たちは[company]と。 [person] ([person]) of [company], see www.[company]; Bo."


def test_companies_of_deals_that_are_not_told_are_found_without_their_legal_form(open_rows: Callable[..., Any]) -> None:
    rows = {
        "deals": [{"deal_id": "D1", "created_at": "2026-01-05", "closed_at": "2026-03-05", "status": "won", "amount": "1000"}],
        "accounts": [
            {"account_id": "A1", "name": "Brightwell Foods Ltd."}, {"account_id": "A2", "name": "Sturmhof Cloud GmbH & Co. KG"},
            {"account_id": "A3", "name": "Best AG"},
        ],
    }  # fmt: skip
    said = "Case study: Brightwell Foods; best practice at Sturmhof Cloud, then brightwell foods ltd."
    ds = open_rows(rows, {"reporting": {"currency": "EUR", "as_of": "2026-04-15"}})
    known = known_names(ds, [said], [], True)
    assert known.replace(said).startswith("Case study: [company]; best practice at [company], then [company]"), (
        "one word may be any word"
    )
    assert known_names(ds, [said], [], False).replace(said) == said


def test_short_names_of_the_deals_that_are_told_are_found_where_they_are_written_as_names(open_rows: Callable[..., Any]) -> None:
    rows = {
        "deals": [
            {
                "deal_id": "D1",
                "account_id": "A1",
                "created_at": "2026-01-05",
                "closed_at": "2026-03-05",
                "status": "won",
                "amount": "1000",
            }
        ],
        "accounts": [{"account_id": "A1", "name": "SAX AG"}],
        "contacts": [{"contact_id": "C1", "name": "Ida Li", "account_id": "A1"}],
        "deal_contacts": [{"deal_id": "D1", "contact_id": "C1"}],
        "people": [{"owner_id": "U1", "name": "Bo Berg"}],
    }
    said = "Ida and Bo showed SAX what Li had read, validated; bo, li and sax are no names, IDA is, and so is Ida's."
    known = known_names(open_rows(rows, {"reporting": {"currency": "EUR", "as_of": "2026-04-15"}}), [said], ["D1"], True)
    assert known.replace(said) == (
        "[person] and [person] showed [company] what [person] had read, validated; bo, li and sax are no names, [person] is, and so is [person]'s."
    )


def test_amounts_are_written_as_the_preset_allows() -> None:
    inside, public = Writer(preset("inside"), "EUR"), Writer(preset("public"), "EUR")
    assert (inside.amount(Decimal("1234567.8")).whole, inside.amount(Decimal("1234567.8")).cents) == ("1,234,567", ".80")
    assert inside.full(Decimal("229500.00")) == "€229,500"
    assert plain(public.full(Decimal("229500.00"))) == "€100 k to €250 k"
    assert plain(public.credit(Decimal(500), Decimal(1000), 0.5).whole) == "50 %"
    assert public.role("Chief Person", "Champion", None) == "Champion"
    assert public.company({"deal_id": "D", "account_name": "Secret Ltd"}) == "A customer"
