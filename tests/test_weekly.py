"""The weekly five: weeks and their names, its sentences word for word, and its numbers against plain Python over the source files."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from attribution.answers import weekly as answers
from attribution.answers.weekly import Reading, Source, Unread
from attribution.content.assets import assets
from attribution.content.weekly import latest_week, weekly
from attribution.content.weeks import week_dates, week_key, week_of, week_words
from attribution.errors import QueryError
from tests.app_page import NAUGHTY, THIN, thin

SAMPLE = Path(__file__).resolve().parent.parent / "sample_data"

# --- weeks --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("week", "starts", "first"),
    [
        ("2026-W46", "monday", date(2026, 11, 9)), ("2026-W46", "sunday", date(2026, 11, 8)), ("2026-W46", "saturday", date(2026, 11, 7)),
        ("2026-W53", "monday", date(2026, 12, 28)), ("2025-W01", "monday", date(2024, 12, 30)), ("2024-w09", "monday", date(2024, 2, 26)),
    ],
)  # fmt: skip
def test_a_week_by_its_name(week: str, starts: str, first: date) -> None:
    assert week_dates(week, starts) == (first, first + timedelta(days=6))
    assert week_key(first) == week.upper()
    assert all(week_of(first + timedelta(days=day), starts)[0] == first for day in range(7))


@pytest.mark.parametrize(
    "wrong", ["", "2026", "2026-W54", "2026-W00", "0000-W01", "9999-W53", "2026-11-09", "<script>", "２０２６-W46", "2025-W53"]
)
def test_what_is_no_week_is_refused_in_words(wrong: str) -> None:
    with pytest.raises(QueryError, match="Write it like 2026-W09"):
        week_dates(wrong)


def test_weeks_in_words() -> None:
    assert week_words(date(2026, 11, 9)) == "Week 46, 9 to 15 November 2026"
    assert week_words(date(2026, 10, 26)) == "Week 44, 26 October to 1 November 2026"
    assert week_words(date(2024, 12, 30)) == "Week 1, 30 December 2024 to 5 January 2025"


# --- the sentences ------------------------------------------------------------------------------------------------------


def test_headlines() -> None:
    assert (
        answers.headline([("The price page", True)], ["The calculator"])
        == "“The price page” leads again; “The calculator” waits to be found"
    )
    assert answers.headline([("The price page", False)], []) == "“The price page” leads"
    assert answers.headline([], ["The calculator"]) == "Nobody read our content this week"
    long = answers.headline([("x" * 200, False)], ["y" * 200])
    assert len(long) < 150
    assert long.count("…") == 2


def test_the_sentence() -> None:
    assert answers.sentence((27, 68), (30, 666), [136000.0, 23900.0], 13, "EUR").replace("\u00a0", " ") == (
        "The most-read pieces had 27 of 68 reads (40 %). Those that earn most and are read least had 30 of 666 reads (4.5 %) in 13 weeks, yet "
        "each is credited with €23.9 k to €136 k of the last 12 months’ won revenue."
    )
    assert answers.sentence((4806, 11240), (3, 9), [500.0], 13, None, "view").replace("\u00a0", " ").replace("\u202f", " ") == (
        "The most-read pieces had 4,806 of 11,240 views (43 %). Those that earn most and are read least had 3 of 9 views (33 %) in 13 weeks, yet "
        "it is credited with 500 of the last 12 months’ won revenue."
    )
    assert (
        answers.sentence((0, 0), (0, 0), [], 13, "EUR").replace("\u00a0", " ") == "No read of content was recorded in this week."
    )


@pytest.mark.parametrize(
    ("piece", "words"),
    [
        (Reading(1, 9, 1.0, [1, 1, 2, 1]), "First for the 3rd week running."),
        (Reading(1, 9, 1.0, [2, 1]), "Up from 2nd place."),
        (Reading(4, 9, 1.0, [3, 5, None, 1]), "Among the five for the 3rd week running."),
        (Reading(2, 9, 0.0, [None]), "Not read in the four weeks before."),
        (Reading(2, 9, 4.25, [None], unit="view"), "9 views instead of the usual 4.2."),
        (Reading(2, 9, 8.0, [None, 1]), "Not among the five a week ago."),
        (Reading(2, 9, 0.0, [], is_new=True, source=Source("Newsletter", 9, True)), "Published this week. All came through the campaign “Newsletter”."),
        (Reading(2, 9, 8.0, [None], source=Source("Organic search", 5, False), sent=3), "Not among the five a week ago. 5 of 9 came through Organic search."),
        (Reading(2, 9, 8.0, [None], source=Source("Organic search", 4, False), sent=3), "Not among the five a week ago. Sales sent it 3 times this week."),
        (Reading(5, 1, 8.0, [None], source=Source("Organic search", 1, False)), "Not among the five a week ago."),
    ],
)  # fmt: skip
def test_why_a_piece_is_read(piece: Reading, words: str) -> None:
    assert answers.why_read(piece).replace("\u00a0", " ") == words


@pytest.mark.parametrize(
    ("piece", "words"),
    [
        (Unread(1, 39, 52, 0, 13, is_to_revise=True, asked=9), "It is due to be revised."),
        (Unread(1, 39, 52, 3, 13, asked=2), "Buyers asked what it answers twice in 13 weeks."),
        (Unread(1, 39, 52, 0, 13, last_read_on=date(2026, 8, 3)), "Nobody has read it since 3 Aug 2026."),
        (Unread(1, 39, 52, 3, 13, sent=4), "Sales sends it by hand (4 times in 13 weeks); no campaign led to it."),
        (Unread(1, 39, 52, 3, 13), "No campaign led to it in 13 weeks."),
        (Unread(1, 39, 52, 3, 13, by_campaign=2, open_deals=1), "It takes part in 1 open deal."),
        (Unread(1, 39, 52, 3, 13, by_campaign=2), "2 readers came through campaigns in 13 weeks."),
    ],
)
def test_why_a_piece_waits(piece: Unread, words: str) -> None:
    assert answers.why_unread(piece).replace("\u00a0", " ") == f"1st of 52 by credit, 39th by reads. {words}"


def test_ordinals() -> None:
    assert [answers.ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 102, 111)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th",
    ]  # fmt: skip


# --- the numbers ----------------------------------------------------------------------------------------------------------


def rows(name: str) -> Iterator[dict[str, str]]:
    with (SAMPLE / f"{name}.csv").open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def bare(url: str) -> str:
    return url.split("://")[-1].split("?")[0].rstrip("/").removeprefix("www.")


def test_reads_are_those_of_the_source_file(sample: Any) -> None:
    """Plain Python over touches.csv: buyers' touches that name content, or whose address is content, by day."""
    zone = sample.settings.reporting.time_zone
    assert zone == "Europe/Berlin"
    shown = weekly(sample, "2026-W46")
    assert latest_week(sample) == shown.week == "2026-W46"
    assert (shown.first, shown.last) == (date(2026, 11, 9), date(2026, 11, 15))
    week, quarter = Counter(), Counter()
    known = {row["asset_id"] for row in rows("content_assets")}
    patterns = [(bare(row["url_pattern"]), row["asset_id"]) for row in rows("asset_urls")]
    patterns += [(bare(row["url"]), row["asset_id"]) for row in rows("content_assets") if row["url"]]
    for row in rows("touches"):
        asset = row["asset_id"] or next(
            (key for pattern, key in patterns if row["url"] and fnmatch(bare(row["url"]), pattern)), ""
        )
        if not asset or (row["actor"] or "buyer") != "buyer" or asset not in known:
            continue
        moment = datetime.fromisoformat(row["occurred_at"].replace("Z", "+00:00"))
        day = moment.astimezone(ZoneInfo(zone)).date() if moment.tzinfo else moment.date()
        if date(2026, 11, 9) <= day <= date(2026, 11, 15):
            week[asset] += 1
        if date(2026, 8, 17) <= day <= date(2026, 11, 15):
            quarter[asset] += 1
    titles = {row["asset_id"]: row["title"] for row in rows("content_assets")}
    best = sorted(week, key=lambda key: (-week[key], titles[key].lower()))[:5]
    assert [(piece.asset_id, piece.reads) for piece in shown.most] == [(key, week[key]) for key in best]
    assert shown.reads == sum(week.values())
    public = [row["asset_id"] for row in rows("content_assets") if row["status"] in ("published", "to_revise")]
    assert shown.threshold == int(median(quarter[key] for key in public))
    assert all(piece.reads == quarter[piece.asset_id] <= shown.threshold for piece in shown.hidden)
    credit = {entry.asset_id: entry.credit[sample.settings.reporting.model] for entry in assets(sample, shown.filters)}
    hidden = sorted((key for key in public if quarter[key] <= shown.threshold and key not in best), key=lambda key: -credit[key])[
        :5
    ]
    assert [piece.asset_id for piece in shown.hidden] == hidden


def test_money_is_that_of_the_content_and_deals_pages(sample: Any) -> None:
    shown = weekly(sample)
    assert (shown.credit_from, shown.credit_to) == (date(2025, 11, 1), date(2026, 10, 31))
    table = sample.credit(by=["asset"], filters=shown.filters).set_index("asset")["revenue"]
    won = sample.frame(
        "select distinct used.asset_id, deals.deal_id, cast(deals.amount as double) as amount from marts.credits as used inner join marts.deals as deals "
        "on used.deal_id = deals.deal_id where deals.status = 'won' and deals.closed_on between ? and ? and used.asset_id is not null",
        [shown.credit_from, shown.credit_to],
    )
    for piece in (*shown.most, *shown.hidden):
        assert piece.credited == table[piece.asset_id]
        deals = won[won["asset_id"] == piece.asset_id]
        assert piece.won_deals == len(deals)
        assert piece.took_part == pytest.approx(deals["amount"].sum(), abs=0.005)
    assert [piece.credited for piece in shown.hidden] == sorted((piece.credited for piece in shown.hidden), reverse=True)


def test_page_views_by_day_count_instead_of_touches(open_rows: Callable[..., Any]) -> None:
    """Counted by day and by week they are the same views: the larger counts once. A piece without counts keeps its reads."""
    world = {
        "deals": [{"deal_id": "D1", "created_at": "2026-01-05", "closed_at": "2026-02-05", "status": "won", "amount": "1000"}],
        "touches": [
            {"touch_id": f"T{number}", "occurred_at": f"2026-03-0{day} 10:00:00", "deal_id": "D1", "channel": "email", "kind": kind, "actor": actor,
             "asset_id": asset}
            for number, (day, kind, actor, asset) in enumerate(
                [(2, "page_view", "", "A"), (3, "page_view", "buyer", "B"), (3, "page_view", "buyer", "B"), (4, "email_sent", "sales", "B"),
                 (4, "email_sent", "marketing", "C")]
            )
        ],
        "content_assets": [{"asset_id": name, "title": f"Piece {name}", "status": "published"} for name in "ABC"],
        "activity_counts": [
            {"observed_on": observed_on, "metric": "page_views", "value": value, "period": period, "aggregation": "sum", "asset_id": asset}
            for observed_on, value, period, asset in (
                ("2026-03-02", "20", "day", "A"), ("2026-03-03", "20", "day", "A"), ("2026-03-08", "20", "day", "A"),
                ("2026-03-02", "70", "week", "A"), ("2026-03-01", "9999", "month", "B"),
            )
        ],
    }  # fmt: skip
    ds = open_rows(world, {"reporting": {"currency": "EUR", "as_of": "2026-03-10"}})
    shown = weekly(ds)
    assert (shown.week, shown.unit) == ("2026-W10", "view")
    assert [(piece.asset_id, piece.reads, piece.unit) for piece in shown.most] == [("A", 70, "view"), ("B", 2, "read")]
    assert shown.most[1].why.endswith("All came through Email.")
    assert shown.hidden == ()


def test_sunday_weeks(open_rows: Callable[..., Any]) -> None:
    touch = {
        "touch_id": "T1",
        "occurred_at": "2026-03-01 10:00:00",
        "deal_id": "D1",
        "channel": "email",
        "kind": "page_view",
        "asset_id": "A",
    }
    deal = {"deal_id": "D1", "created_at": "2026-01-05", "closed_at": "2026-04-05", "status": "won", "amount": "1000"}
    for starts, week in (("monday", "2026-W09"), ("sunday", "2026-W10"), ("saturday", "2026-W10")):
        ds = open_rows(
            {"deals": [deal], "touches": [touch]},
            {"reporting": {"currency": "EUR", "as_of": "2026-05-01", "week_starts": starts}},
        )
        assert latest_week(ds) == week
        assert [piece.reads for piece in weekly(ds).most] == [1]


def test_questions_are_asked_on_the_day_of_the_settings_time_zone(open_rows: Callable[..., Any]) -> None:
    """Sunday 23:30 UTC is Monday in Berlin: the next week's, and not of the 13 weeks."""
    deal = {"deal_id": "D1", "created_at": "2026-01-05", "closed_at": "2026-02-05", "status": "won", "amount": "1000"}
    touch = {"occurred_at": "2026-01-04 10:00:00", "deal_id": "D1", "channel": "email", "kind": "page_view"}
    world = {
        "deals": [deal],
        "touches": [touch | {"touch_id": "T1", "asset_id": "A"}]
        + [touch | {"touch_id": f"T{number}", "asset_id": "B", "occurred_at": "2026-03-10 10:00:00"} for number in range(2, 5)],
        "content_assets": [{"asset_id": name, "title": f"Piece {name}", "status": "published"} for name in "AB"],
        "questions": [
            {"question_id": f"Q{number}", "asked_at": asked_at, "deal_id": "D1", "text": "What does it cost?", "asset_id": "A"}
            for number, asked_at in enumerate(("2026-03-10T10:00:00Z", "2026-03-15T23:30:00Z"))
        ],
    }
    ds = open_rows(world, {"reporting": {"currency": "EUR", "as_of": "2026-03-20", "time_zone": "Europe/Berlin"}})
    assert "asked" not in weekly(ds, "2026-W11").hidden[0].why, "once is no pattern"
    assert "Buyers asked what it answers twice in 13 weeks." in weekly(ds, "2026-W12").hidden[0].why


# --- when there is little ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", THIN)
def test_thin_data_says_what_to_supply(open_rows: Callable[..., Any], how: str) -> None:
    shown = weekly(thin(open_rows, how))
    assert (shown.most, shown.hidden) == ((), ())
    assert shown.headline == "Nobody read our content this week"
    assert shown.missing[0].startswith("No touch names a piece of content, and the table content_assets is not there.")


def test_an_empty_week_and_one_to_come(sample: Any) -> None:
    early, late = weekly(sample, "2019-W01"), weekly(sample, "2031-W01")
    assert early.most == () == late.most
    assert early.missing[0].startswith("No buyer's touch of content and no page view was recorded in this week.")
    assert late.missing[0].startswith("This week is not complete in the data yet")
    json.dumps([piece.why for piece in (*early.hidden, *late.hidden)])


def test_hostile_titles_stay_text(open_rows: Callable[..., Any]) -> None:
    deal = {"deal_id": "D1", "created_at": "2026-01-05", "closed_at": "2026-02-05", "status": "won", "amount": "1000"}
    touch = {
        "touch_id": "T1",
        "occurred_at": "2026-01-06 10:00:00",
        "deal_id": "D1",
        "channel": NAUGHTY,
        "kind": "x",
        "asset_id": NAUGHTY,
        "campaign_id": NAUGHTY,
    }
    world = {
        "deals": [deal],
        "touches": [touch, touch | {"touch_id": "T2"}],
        "content_assets": [{"asset_id": NAUGHTY, "title": NAUGHTY, "topic": NAUGHTY}],
    }
    shown = weekly(open_rows(world, {"reporting": {"currency": "EUR", "as_of": "2026-03-01"}}))
    assert shown.most[0].title == NAUGHTY
    assert shown.most[0].topic == NAUGHTY
    assert NAUGHTY[:20] in shown.headline
