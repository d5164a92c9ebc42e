"""The sample: the same bytes on every run, canonical columns, and every story and every kind of dirt that its README promises."""

from __future__ import annotations

import csv
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from attribution import db, schema
from attribution.errors import DataError
from attribution.sample import QUERIES, write_sample
from tests.sample_reading import FOLDER, Row, Sample, read

COST_ARTICLE, TRADE_SHOW, WEBINAR, SLOW_TEAM = "A-007", "CMP-037", "CMP-031", "Sales Benelux & France"
PUBLISHED = "2025-05-20"
PRESSED = ["2026-03", "2026-04", "2026-05", "2026-06", "2026-07", "2026-08"]
HOURLY_COST = Decimal(80)


@pytest.fixture(scope="module")
def sample() -> Sample:
    """Return the committed sample."""
    return Sample()


def share(part: int, whole: int) -> float:
    """Return part ÷ whole."""
    return part / whole


# The files


def test_generating_again_gives_the_committed_bytes(tmp_path: Path) -> None:
    """Run the generator as a user would and compare every file."""
    subprocess.run(
        [sys.executable, str(FOLDER / "generate.py"), str(tmp_path)],
        check=True,
        cwd=tmp_path,
        env={"PYTHONHASHSEED": "12", "TZ": "Asia/Tokyo"},
    )
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    committed = {path.name: path.read_bytes() for path in FOLDER.glob("*.csv")}
    assert sorted(made) == sorted(committed)
    assert [name for name in made if made[name] != committed[name]] == []


def test_size_stays_small() -> None:
    """Keep a clone quick: all files together at most six megabytes."""
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.suffix in (".csv", ".py", ".md", ".toml")) <= 6_000_000


def test_every_table_is_there_with_canonical_columns_only() -> None:
    """Walk the registry: each table has a file, each file only columns of its table, among them all required ones."""
    assert sorted(path.stem for path in FOLDER.glob("*.csv")) == sorted(schema.TABLE_NAMES)
    for table in schema.TABLES:
        with (FOLDER / f"{table.name}.csv").open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        assert set(header) <= {column.name for column in table.columns}, table.name
        assert set(table.required) <= set(header), table.name


def test_all_domains_are_invented(sample: Sample) -> None:
    """No real company: every domain ends in .example; free-mail addresses are ones that the provider does not allow."""
    assert all(row["domain"].endswith(".example") for row in sample.accounts.values())
    for contact in sample.contacts:
        local, _, host = contact["email"].partition("@")
        assert host.endswith(".example") or (host in ("gmail.com", "googlemail.com") and ("-" in local or "_" in local)), contact[
            "email"
        ]


# The volumes


def test_totals(sample: Sample) -> None:
    """Hold the totals that the README states."""
    assert Counter(deal["status"] for deal in sample.deals) == {"won": 190, "lost": 230, "open": 76}
    assert sample.total(sample.won) == Decimal("16336588.57")
    assert (len(sample.touches), len(sample.contacts), len(sample.accounts)) == (25_640, 3_268, 976)
    months = Counter(deal["closed_at"][:7] for deal in sample.won)
    assert len(months) == 24
    assert min(months.values()) >= 4


def test_segments_differ(sample: Sample) -> None:
    """Small deals take weeks, large ones up to a year."""
    cycles: dict[str, list[int]] = defaultdict(list)
    for deal in sample.won:
        cycles[deal["segment"]].append((date.fromisoformat(deal["closed_at"]) - date.fromisoformat(deal["created_at"][:10])).days)
    medians = {segment: statistics.median(days) for segment, days in cycles.items()}
    assert 20 <= medians["small business"] <= 45
    assert 50 <= medians["mid-market"] <= 100
    assert 110 <= medians["enterprise"] <= 200
    assert 300 <= max(cycles["enterprise"]) <= 366
    amounts = {
        segment: [sample.value(deal) for deal in sample.won if deal["segment"] == segment and deal["amount"]]
        for segment in cycles
    }
    assert max(amounts["small business"]) <= 15_000
    assert all(98_000 <= amount <= 410_000 for amount in amounts["enterprise"])


# The stories


def test_an_article_on_cost_helped_to_win_two_million(sample: Sample) -> None:
    """Sum the won deals of the eighteen months since it came out in whose journey it is; its equal share is the largest of all content."""
    deals = sample.won_with("asset", COST_ARTICLE)
    assert all(deal["closed_at"] >= PUBLISHED for deal in deals)
    assert (len(deals), sample.total(deals)) == (26, Decimal("2005039.35"))
    linear: Counter[str] = Counter()
    for deal in sample.won:
        journey = sample.journeys[deal["deal_id"]]
        for touch in journey:
            linear[touch["asset"]] += int(sample.value(deal)) / len(journey)
    del linear[""]
    (first, most), (_, second) = linear.most_common(2)
    assert first == COST_ARTICLE
    assert most > 1.3 * second


def test_most_content_is_never_used_by_sales(sample: Sample) -> None:
    """Count the published pieces that no salesperson ever sent."""
    published = {row["asset_id"] for row in read("content_assets") if row["published_on"]}
    sent = {touch["asset"] for touch in sample.touches.values() if touch["actor"] == "sales"} - {""}
    assert (len(published), len(sent)) == (54, 10)


def test_a_trade_show_brought_two_hundred_names_and_two_won_deals(sample: Sample) -> None:
    """Count the people at the stand, and the won deals with such a touch."""
    names = {sample.persons[touch["touch_id"]] for touch in sample.touches.values() if touch["campaign_id"] == TRADE_SHOW}
    assert len(names) == 200
    assert len(sample.won_with("campaign_id", TRADE_SHOW)) == 2


def test_a_webinar_is_never_first_and_often_last(sample: Sample) -> None:
    """First touch gives the question-and-answer webinar nothing, last touch a lot."""
    journeys = [(sample.value(deal), sample.journeys[deal["deal_id"]]) for deal in sample.won if sample.journeys[deal["deal_id"]]]
    assert [amount for amount, journey in journeys if journey[0]["campaign_id"] == WEBINAR] == []
    last = [amount for amount, journey in journeys if journey[-1]["campaign_id"] == WEBINAR]
    assert (len(last), sum(last)) == (13, Decimal("1596930.22"))


def test_one_month_has_bought_traffic(sample: Sample) -> None:
    """April 2026 against March: half as many sessions more, three in ten leads fewer."""
    sessions: Counter[str] = Counter()
    for row in read("activity_counts"):
        if row["metric"] == "sessions":
            sessions[row["observed_on"][:7]] += int(row["value"])
    leads = Counter(contact["created_at"][:7] for contact in sample.contacts)
    assert sessions["2026-04"] / sessions["2026-03"] == pytest.approx(1.5, abs=0.005)
    assert leads["2026-04"] / leads["2026-03"] == pytest.approx(0.7, abs=0.01)


def test_six_months_hand_over_exactly_a_hundred_leads_and_half_are_accepted() -> None:
    """Count hand-overs and acceptances by month; half of the hundred come in the month's last days."""
    rows = [row for row in read("handoffs") if row["handed_at"][:7] in PRESSED]
    assert Counter(row["handed_at"][:7] for row in rows) == dict.fromkeys(PRESSED, 100)
    for month, accepted in Counter(row["handed_at"][:7] for row in rows if row["outcome"] == "accepted").items():
        assert 46 <= accepted <= 54, month
    others = Counter(row["handed_at"][:7] for row in read("handoffs") if row["handed_at"][:7] not in PRESSED)
    assert max(others.values()) < 75
    before = [row["outcome"] for row in read("handoffs") if row["handed_at"] < "2026-03"]
    assert share(before.count("accepted"), len(before)) > 0.7
    assert share(sum(row["handed_at"][8:10] >= "25" for row in rows), len(rows)) > 0.6
    assert {
        row["target"] for row in read("targets") if row["metric"] == "handoffs" and row["period_start_on"][:7] in PRESSED
    } == {"100"}


def test_rejected_leads_were_won_a_year_later(sample: Sample) -> None:
    """Find hand-overs that were rejected and, handed over again, became a won deal eleven to fourteen months after."""
    won = {deal["deal_id"]: deal["closed_at"] for deal in sample.won}
    rejected = {row["contact_id"]: row["outcome_at"][:10] for row in read("handoffs") if row["outcome"] == "rejected"}
    later = [
        (rejected[row["contact_id"]], won[row["deal_id"]])
        for row in read("handoffs")
        if row["deal_id"] in won and row["contact_id"] in rejected
    ]
    assert len(later) == 9
    for before, after in later:
        assert 330 <= (date.fromisoformat(after) - date.fromisoformat(before)).days <= 425


def test_small_orders_are_won_at_a_loss(sample: Sample) -> None:
    """Delivery and the hours of sales cost more than small business pays; not so elsewhere."""
    margin: dict[str, Decimal] = defaultdict(Decimal)
    for deal in sample.won:
        minutes = sum(int(touch["minutes"] or 0) for touch in sample.journeys[deal["deal_id"]] if touch["actor"] == "sales")
        cost = sample.euros(deal["cost_of_delivery"], deal["currency"], deal["closed_at"])
        margin[deal["segment"]] += sample.value(deal) - cost - HOURLY_COST * minutes / 60
    assert margin["small business"] < -15_000
    assert margin["mid-market"] > 1_000_000
    assert margin["enterprise"] > 7_000_000


def test_partner_and_salesperson_claim_the_same_deals(sample: Sample) -> None:
    """On eight deals both claim the whole, and both have touches on the account."""
    claims: dict[str, dict[str, str]] = defaultdict(dict)
    for row in read("deal_parties"):
        claims[row["deal_id"]][row["party_kind"]] = row["share"]
    contested = [deal for deal, shares in claims.items() if shares.get("owner") == shares.get("partner") == "1.0"]
    assert len(contested) == 8
    partners = {deal["deal_id"]: deal["partner_id"] for deal in sample.deals}
    for deal in contested:
        assert partners[deal]
        assert {"sales", "partner"} <= {touch["actor"] for touch in sample.journeys[deal]}, deal


def test_one_team_answers_late() -> None:
    """Compare the median hours to the first answer."""
    team = {row["owner_id"]: row["team"] for row in read("people")}
    hours: dict[str, list[float]] = defaultdict(list)
    for row in read("handoffs"):
        if row["first_response_at"]:
            waited = datetime.fromisoformat(row["first_response_at"]) - datetime.fromisoformat(row["handed_at"])
            assert waited.total_seconds() >= 0
            hours[team[row["owner_id"]]].append(waited.total_seconds() / 3600)
    medians = {name: statistics.median(values) for name, values in hours.items()}
    assert medians.pop(SLOW_TEAM) > 96
    assert max(medians.values()) < 24


def test_open_deals_have_touches_of_a_year_ago(sample: Sample) -> None:
    """Some deals are open although their journey began more than a year before as-of; on some nothing has happened for months."""
    journeys = [sample.journeys[deal["deal_id"]] for deal in sample.deals if deal["status"] == "open"]
    assert sum(bool(journey) and journey[0]["occurred_at"] < "2025-11-20" for journey in journeys) == 26
    assert sum(bool(journey) and journey[-1]["occurred_at"] < "2026-08-20" for journey in journeys) >= 4


def test_finance_differs_by_one_cancelled_order_and_two_late_bookings(sample: Sample) -> None:
    """Finance lacks the refunded order and has the order whose date of closing the CRM lost; by month, two deals are booked later."""
    booked = {row["period_start_on"][:7]: Decimal(row["amount"]) for row in read("finance_totals")}
    refunded = {row["deal_id"]: -Decimal(row["amount"]) for row in read("revenue_events") if row["kind"] == "refund"}
    undated = Decimal("8400.00")
    assert len(refunded) == 1
    assert sum(booked.values()) == sample.total(sample.won) + undated - sum(refunded.values())
    signed: dict[str, Decimal] = defaultdict(Decimal)
    for deal in sample.won:
        if deal["deal_id"] not in refunded:
            signed[deal["closed_at"][:7]] += sample.value(deal)
    signed["2026-06"] += undated
    assert {month: booked[month] - signed[month] for month in booked if booked[month] != signed[month]} == {
        "2026-06": Decimal(-158_100),
        "2026-07": Decimal(158_100),
    }


# The dirt


def test_dirt_is_there_in_the_promised_shares(sample: Sample) -> None:
    """Check the shares of formats and gaps against the ranges that the README states."""
    deals, touches, contacts = sample.deals, list(sample.touches.values()), sample.contacts
    aliases = Counter(row["alias_kind"] for row in read("identities"))
    tagged = [
        touch
        for touch in touches
        if touch["channel"] in ("paid_search", "paid_social") and touch["kind"] in ("page_view", "ad_click")
    ]
    known = (
        {contact["contact_id"] for contact in contacts} | set(read_aliases("merged")) | {contact["email"] for contact in contacts}
    )
    closed = {deal["deal_id"]: deal["closed_at"] for deal in deals if deal["closed_at"]}
    free_mail = sum(contact["email"].endswith(("gmail.com", "googlemail.com")) for contact in contacts)
    figures = {
        "deals in another currency": (share(sum(deal["currency"] != "EUR" for deal in deals), len(deals)), 0.13, 0.17),
        "deals without company": (share(sum(not deal["account_id"] for deal in deals), len(deals)), 0.02, 0.04),
        "deals without amount": (share(sum(not deal["amount"] for deal in deals), len(deals)), 0.03, 0.05),
        "deals closed before created": (
            share(sum(closed.get(deal["deal_id"], "9") < deal["created_at"][:10] for deal in deals), len(deals)),
            0.004,
            0.01,
        ),
        "deals without people": (
            share(len(deals) - len({row["deal_id"] for row in read("deal_contacts")}), len(deals)),
            0.22,
            0.36,
        ),
        "people at free-mail providers": (share(free_mail, len(contacts)), 0.1, 0.15),
        "duplicate people": (
            share(aliases["merged"] + len(contacts) - len({contact["name"].casefold() for contact in contacts}), len(contacts)),
            0.02,
            1.0,
        ),
        "merged people": (share(aliases["merged"], len(contacts)), 0.01, 0.03),
        "companies with two domains": (share(aliases["domain"], len(sample.accounts)), 0.03, 0.07),
        "touches without a person": (share(sum(not touch["contact_id"] for touch in touches), len(touches)), 0.2, 0.35),
        "tagged touches with broken UTM": (
            share(sum(touch["utm_source"] not in ("google", "bing", "linkedin") for touch in tagged), len(tagged)),
            0.07,
            0.12,
        ),
        "touches without channel": (
            share(sum(touch["channel"] in ("", "(not set)") for touch in touches), len(touches)),
            0.003,
            0.01,
        ),
        "orphan people": (
            share(sum(bool(touch["contact_id"]) and touch["contact_id"] not in known for touch in touches), len(touches)),
            0.0003,
            0.002,
        ),
        "closed deals with touches after the close": (share(len(touched_after_close(sample, closed)), len(closed)), 0.25, 0.6),
    }
    assert {name: value for name, (value, low, high) in figures.items() if not low <= value <= high} == {}


def read_aliases(kind: str) -> list[str]:
    """Return the aliases of that kind."""
    return [row["alias"] for row in read("identities") if row["alias_kind"] == kind]


def touched_after_close(sample: Sample, closed: dict[str, str]) -> set[str]:
    """Return the closed deals one of whose people has a touch after the close."""
    on_deal = {row["contact_id"]: row["deal_id"] for row in read("deal_contacts")}
    found = set()
    for touch in sample.touches.values():
        deal = on_deal.get(sample.persons[touch["touch_id"]], "")
        if deal in closed and touch["occurred_at"][:10] > closed[deal]:
            found.add(deal)
    return found


def test_single_spoilt_rows_are_there() -> None:
    """Find the robot, the renamed campaign, the repeated rows and each row that must end in quarantine."""
    touches = read("touches")
    assert max(Counter(touch["visitor_id"] for touch in touches if touch["visitor_id"]).values()) > 500
    assert Counter(row["campaign_id"] for row in read("campaigns"))["CMP-012"] == 2
    repeated = [touch_id for touch_id, count in Counter(touch["touch_id"] for touch in touches).items() if count > 1]
    assert 15 <= len(repeated) <= 25
    unreadable = [
        touch["occurred_at"] for touch in touches if not touch["occurred_at"].startswith("20") or "-13-" in touch["occurred_at"]
    ]
    assert sorted(unreadable) == ["", "2025-13-45T10:00:00Z", "yesterday"]
    assert sum(None in touch for touch in touches) == 1
    assert [deal["deal_id"] for deal in read("deals") if deal["status"] == "won" and not deal["closed_at"]] == ["D-8001"]
    assert [deal["deal_id"] for deal in read("deals") if deal["amount"] == "to be agreed"] == ["D-8002"]


# Parquet of any size


def content(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every file, in the file's order."""
    connection = db.connect()
    return {
        table: connection.execute("select * from read_parquet(?)", [str(folder / f"{table}.parquet")]).fetchall()
        for table in QUERIES
    }


def rows(folder: Path, table: str) -> list[Row]:
    """Return the rows of a file by column name."""
    cursor = db.connect().execute("select * from read_parquet(?)", [str(folder / f"{table}.parquet")])
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_generated_counts_and_shares(tmp_path: Path) -> None:
    """Hold the proportions: contacts, deals, copies, anonymous touches and those that identities give back."""
    counts = write_sample(20_000, tmp_path)
    assert {table: len(found) for table, found in content(tmp_path).items()} == counts
    assert (counts["touches"], counts["contacts"], counts["deals"]) == (20_000, 600, 140)
    touches = rows(tmp_path, "touches")
    assert len({touch["touch_id"] for touch in touches}) == len({tuple(touch.values()) for touch in touches}) == 19_000
    anonymous = [touch for touch in touches if not touch["contact_id"]]
    aliases = {row["alias"] for row in rows(tmp_path, "identities")}
    assert share(len(anonymous), len(touches)) == pytest.approx(0.6, abs=0.02)
    assert share(sum(touch["visitor_id"] in aliases for touch in anonymous), len(anonymous)) == pytest.approx(1 / 3, abs=0.02)
    status = Counter(deal["status"] for deal in rows(tmp_path, "deals"))
    assert status == {"won": 60, "lost": 60, "open": 20}
    assert len({touch["channel"] for touch in touches}) == 10


def test_generated_columns_are_canonical(tmp_path: Path) -> None:
    """Write only columns of the canonical tables, and all required ones."""
    write_sample(100, tmp_path)
    for name in QUERIES:
        table = schema.table(name)
        names = set(rows(tmp_path, name)[0]) if rows(tmp_path, name) else set(table.required)
        assert names <= {column.name for column in table.columns}
        assert set(table.required) <= names


def test_generated_journeys_make_sense(tmp_path: Path) -> None:
    """Nobody is known before the CRM knows them; deals end after they begin; touches lie before and after the deal began."""
    write_sample(20_000, tmp_path)
    contacts = {row["contact_id"]: row for row in rows(tmp_path, "contacts")}
    deals = rows(tmp_path, "deals")
    by_account = {deal["account_id"]: deal for deal in deals}
    assert all(deal["closed_at"] is None or deal["created_at"] < deal["closed_at"] for deal in deals)
    assert {row["contact_id"] for row in rows(tmp_path, "deal_contacts")} <= set(contacts)
    before = after = 0
    for touch in rows(tmp_path, "touches"):
        if touch["contact_id"]:
            contact = contacts[touch["contact_id"]]
            assert touch["occurred_at"] >= contact["created_at"]
            deal = by_account.get(contact["account_id"])
            if deal:
                before += touch["occurred_at"] < deal["created_at"]
                after += touch["occurred_at"] >= deal["created_at"]
    assert min(before, after) > 1_000


def test_the_same_seed_gives_the_same_rows(tmp_path: Path) -> None:
    """Write twice with one seed and once with another."""
    for name, seed in (("first", 3), ("again", 3), ("other", 4)):
        write_sample(3_000, tmp_path / name, seed)
    assert content(tmp_path / "first") == content(tmp_path / "again")
    assert content(tmp_path / "first")["touches"] != content(tmp_path / "other")["touches"]
    write_sample(3_000, tmp_path / "other", 3)
    assert content(tmp_path / "first") == content(tmp_path / "other")


@pytest.mark.parametrize("touches", [1, 7, 100])
def test_tiny_samples_work(tmp_path: Path, touches: int) -> None:
    """Write as many touches as asked for, however few, and always a deal."""
    counts = write_sample(touches, tmp_path)
    assert counts["touches"] == touches
    assert counts["deals"] >= 1


def test_bad_arguments_say_what_to_do(tmp_path: Path) -> None:
    """Refuse no touches, a seed below zero, a file for a folder, and a folder with other files in it."""
    with pytest.raises(DataError, match="--touches is 0; it must be from 1"):
        write_sample(0, tmp_path)
    with pytest.raises(DataError, match="--seed is -1"):
        write_sample(100, tmp_path, seed=-1)
    (tmp_path / "deals.csv").write_text("deal_id\n")
    with pytest.raises(DataError, match="holds other files"):
        write_sample(100, tmp_path)
    with pytest.raises(DataError, match="is a file"):
        write_sample(100, tmp_path / "deals.csv")
    with pytest.raises(DataError, match="cannot be made or read"):
        write_sample(100, tmp_path / "deals.csv" / "below")
