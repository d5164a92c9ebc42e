"""Paths: ways, steps, ends and what is lost without a channel against plain Python, and the deals behind each number."""

from __future__ import annotations

import random
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from attribution import Filters
from attribution.errors import QueryError
from attribution.paths import Chain, Paths, ways
from attribution.paths import effects as effects_of_paths
from attribution.paths.effects import effects
from attribution.views import path_deals, state
from attribution.views import paths as view
from attribution.views.paths import Question
from attribution.views.state import Choice
from tests.app_page import text

PAGE = "pages/revenue/paths.py"


# --- journeys in plain Python -----------------------------------------------------------------------------------------


def once(journey: list[str]) -> list[str]:
    return list(dict.fromkeys(journey))


def in_a_row(journey: list[str]) -> list[str]:
    return [name for place, name in enumerate(journey) if not place or journey[place - 1] != name]


REPEATS: dict[str, Callable[[list[str]], list[str]]] = {"once": once, "row": in_a_row, "every": list}
PARTS: dict[str, Callable[[list[str]], list[str]]] = {"whole": list, "first": lambda way: way[:3], "last": lambda way: way[-3:]}


@pytest.fixture(scope="module")
def journeys() -> tuple[list[list[str]], list[bool], Paths]:
    """Random journeys as lists, whether each was won, and the same as Paths."""
    dice = random.Random(7)
    lists = [[dice.choice("abcde") for _ in range(dice.randint(1, 7))] for _ in range(400)]
    won = [dice.random() < 0.4 for _ in lists]
    return lists, won, Paths.from_lists(lists, won, [not one for one in won], [3.0 * one for one in won])


def as_lists(paths: Paths) -> list[list[str]]:
    return [list(ways.way_of(paths, row)) for row in range(len(paths))]


def test_repeats_and_parts(journeys: tuple[list[list[str]], list[bool], Paths]) -> None:
    lists, _, paths = journeys
    for repeats, fold in REPEATS.items():
        for part, cut in PARTS.items():
            assert as_lists(view.shaped(paths, repeats, part)) == [cut(fold(journey)) for journey in lists], (repeats, part)
    left, rows = ways.without(paths, "b")
    assert as_lists(left) == [kept for journey in lists if (kept := [name for name in journey if name != "b"])]
    assert [lists[row] for row in rows] == [journey for journey in lists if set(journey) != {"b"}]
    assert ways.without(paths, "no such name")[0] is paths


def test_ways_steps_and_ends(journeys: tuple[list[list[str]], list[bool], Paths]) -> None:
    lists, won, paths = journeys
    found = ways.ways(paths)
    counted = Counter((tuple(journey), one) for journey, one in zip(lists, won, strict=True))
    assert len(found) == len({way for way, _ in counted})
    for place in range(len(found)):
        way = ways.way_of(paths, int(found.first_row[place]))
        assert (found.won[place], found.lost[place]) == (counted[way, True], counted[way, False])
        assert found.value[place] == 3.0 * counted[way, True]
        assert [row for row, journey in enumerate(lists) if tuple(journey) == way] == ways.rows_on(paths, way).tolist()
    table, names = ways.steps(paths), [*paths.names]
    for before in (*names, ways.START):
        for after in (*names, ways.WON, ways.LOST):
            if before == ways.START and after in (ways.WON, ways.LOST):
                continue
            made = [_steps(journey, one).count((before, after)) for journey, one in zip(lists, won, strict=True)]
            row = names.index(before) if before in names else len(names)
            column = names.index(after) if after in names else len(names) + (after == ways.LOST)
            assert table[row, column] == sum(made), (before, after)
            assert ways.rows_with_step(paths, before, after).tolist() == [place for place, count in enumerate(made) if count]
    for first in names:
        for last in names:
            rows = [place for place, journey in enumerate(lists) if won[place] and (journey[0], journey[-1]) == (first, last)]
            assert ways.ends(paths)[names.index(first), names.index(last)] == len(rows)
            assert ways.rows_between(paths, first, last).tolist() == rows
    assert ways.rows_touching(paths, "c").tolist() == [place for place, journey in enumerate(lists) if "c" in journey]
    for unknown in (
        ways.rows_on(paths, ("zz",)),
        ways.rows_on(paths, ()),
        ways.rows_with_step(paths, "zz", "a"),
        ways.rows_touching(paths, "zz"),
    ):
        assert not len(unknown)


def _steps(journey: list[str], won: bool) -> list[tuple[str | int, str | int]]:
    stops: list[str | int] = [ways.START, *journey, ways.WON if won else ways.LOST]
    return list(pairwise(stops))


def test_fifty_thousand_values_are_gathered() -> None:
    """The values that most journeys touch keep their names, whatever the number of their touches."""
    lists = [["big", f"one {number}"] for number in range(50_000)] + [["second"], ["loud"] * 50, ["second"]]
    paths = Paths.from_lists(lists, [1] * len(lists))
    found = ways.gathered(paths, 3, "the rest")
    assert found.names == ("big", "second", "the rest")
    assert found.codes.dtype == np.uint8
    assert as_lists(found)[0] == ["big", "the rest"] and as_lists(found)[-1] == ["second"]
    assert ways.gathered(found, 3, "more") is found


# --- what is lost without it ------------------------------------------------------------------------------------------


def test_removal_effects_are_those_of_the_chain_and_repeats_change_nothing(
    journeys: tuple[list[list[str]], list[bool], Paths],
) -> None:
    _, _, paths = journeys
    found = effects(paths)
    assert found.names == paths.names
    assert found.effects == pytest.approx(Chain.fit(paths).effects, abs=1e-12)
    assert effects(ways.folded(paths)).effects == pytest.approx(found.effects, abs=1e-9)
    assert effects(paths.take(np.arange(len(paths))[::-1])).low == pytest.approx(found.low, abs=1e-12), "order does not matter"


def test_likely_ranges_are_those_of_journeys_drawn_anew(
    journeys: tuple[list[list[str]], list[bool], Paths], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against a bootstrap written out: draw deals, won and lost apart, and fit a chain to each draw. In blocks and in one go."""
    lists, won, paths = journeys
    dice = np.random.default_rng(3)
    groups = [np.flatnonzero(np.array(won) == one) for one in (True, False)]
    drawn = []
    for _ in range(300):
        rows = np.concatenate([dice.choice(group, len(group)) for group in groups])
        drawn.append(Chain.fit(paths.take(rows)).effects)
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    for at_once in (1 << 23, 1 << 10):
        monkeypatch.setattr(effects_of_paths, "_NUMBERS_AT_ONCE", at_once)
        for most_drawn in (1_000, 10):  # drawn, and from the slopes
            found = effects(paths, most_drawn=most_drawn)
            assert np.abs(found.low - low).max() < 0.02 and np.abs(found.high - high).max() < 0.02
            assert (found.low <= found.effects).all() and (found.effects <= found.high).all()
            assert found.draws == (1_000 if most_drawn > 400 else 0)
    assert len(lists) == 400


def test_rare_values_have_ranges_too() -> None:
    """A value of two journeys among thousands: its slopes are of its own few visits."""
    lists = [["a", "b"], ["b"], ["a"], ["rare", "b"], ["rare"]]
    paths = Paths.from_lists(lists, [3_000, 2_000, 1_000, 1, 0], [2_000, 4_000, 3_000, 0, 1])
    drawn, slopes = effects(paths), effects(paths, most_drawn=1)
    assert slopes.low == pytest.approx(drawn.low, abs=0.002) and slopes.high == pytest.approx(drawn.high, abs=0.002)
    assert np.isfinite(slopes.low).all()


def test_edges_of_removal_effects() -> None:
    assert effects(Paths.from_lists([["a"]], [5])).effects == pytest.approx([1.0])
    only_won = effects(Paths.from_lists([["a", "b"], ["a"]], [2, 2]))
    assert only_won.effects == pytest.approx([1.0, 0.5])
    assert np.isfinite(only_won.low).all() and (only_won.low >= 0).all() and (only_won.high <= 1).all()
    with pytest.raises(QueryError, match="no conversion"):
        effects(Paths.from_lists([["a"]], [0], [3]))


# --- the view over the sample -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def deals(sample: Any) -> dict[str, dict[str, Any]]:
    """The sample's decided deals of the last 12 months from its ledger, touch by touch."""
    here = Filters(period="last_12_months").resolved(sample.settings, sample.as_of)
    rows = sample.rows(
        "select credits.deal_id, credits.channel, credits.campaign_id, credits.occurred_us, credits.touch_id, credits.days_before_end, deals.status, "
        "cast(deals.amount as double), deals.closed_on from marts.credits as credits inner join marts.deals as deals on credits.deal_id = deals.deal_id"
    )
    found: dict[str, dict[str, Any]] = {}
    for deal_id, channel, campaign, _, _, days, status, amount, closed in sorted(rows, key=lambda row: (row[0], row[3], row[4])):
        if status != "open" and here.date_from <= closed <= here.date_to:
            deal = found.setdefault(
                deal_id, {"won": status == "won", "amount": amount, "days": days, "channel": [], "campaign": []}
            )
            deal["channel"].append(channel or "")
            deal["campaign"] += [campaign] if campaign else []
    return found


@pytest.mark.parametrize("by", ["channel", "campaign"])
def test_the_view_is_what_the_ledger_says(sample: Any, names: state.Names, deals: dict[str, dict[str, Any]], by: str) -> None:
    choice = Choice(Filters(period="last_12_months"), "none", sample.settings.reporting.model)
    here = choice.filters.resolved(sample.settings, sample.as_of)
    known = view.journeys(sample, here, by)
    mine = {key: deal for key, deal in deals.items() if deal[by]}
    for repeats, part in (("once", "whole"), ("row", "first"), ("every", "last")):
        asked = Question(by, repeats, part)
        shown = view.paths(sample, choice, asked, known, names)
        went = {key: tuple(PARTS[part](REPEATS[repeats](deal[by]))) for key, deal in mine.items()}
        of_way: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for key, way in went.items():
            of_way[way].append(key)
        assert (shown.won, shown.lost) == (
            sum(deal["won"] for deal in mine.values()),
            sum(not deal["won"] for deal in mine.values()),
        )
        assert shown.different == len(of_way)
        tops = sorted(
            (-sum(mine[key]["won"] for key in keys), -sum(not mine[key]["won"] for key in keys)) for keys in of_way.values()
        )
        assert [(-row.won, -row.lost) for row in shown.every] == tops[: len(shown.every)]
        for row in shown.every:
            won = [mine[key] for key in of_way[row.names] if mine[key]["won"]]
            assert (row.won, row.lost) == (len(won), len(of_way[row.names]) - len(won))
            assert row.value == pytest.approx(sum(deal["amount"] for deal in won))
            assert row.days == (pytest.approx(statistics.median(deal["days"] for deal in won)) if won else None)
            assert row.rate == (row.won / (row.won + row.lost) if row.won + row.lost >= 10 else None)
        first = shown.every[0]
        link = path_deals.link(asked, way=list(first.names))
        assert set(path_deals.deals_behind(sample, here, link, known)["deal_id"]) == set(of_way[first.names])
        _check_steps(sample, here, shown, went, mine, asked, known)
        _check_ends(sample, here, shown, mine, by, asked, known)
    assert shown.spreads[0].won[2] == pytest.approx(statistics.median(len(deal[by]) for deal in mine.values() if deal["won"]))
    assert shown.spreads[1].lost[2] == pytest.approx(statistics.median(deal["days"] for deal in mine.values() if not deal["won"]))
    lists = [deal[by] for deal in mine.values()]
    exported = Paths.from_lists(lists, [deal["won"] for deal in mine.values()], [not deal["won"] for deal in mine.values()])
    expected = dict(zip(exported.names, Chain.fit(exported).effects, strict=True))
    for effect in shown.effects:
        assert effect.name is not None and effect.effect == pytest.approx(expected[effect.name], abs=1e-9)
        assert effect.low <= effect.effect <= effect.high


def _check_steps(
    sample: Any,
    here: Any,
    shown: view.PathsView,
    went: dict[str, tuple[str, ...]],
    deals: dict[str, Any],
    asked: Question,
    known: view.Journeys,
) -> None:
    assert shown.steps is not None
    of_end = {"start": ways.START, "won": ways.WON, "lost": ways.LOST}
    made = {key: _steps(list(way), deals[key]["won"]) for key, way in went.items()}
    made = {key: steps[asked.part == "last" : len(steps) - (asked.part == "first")] for key, steps in made.items()}
    left = Counter(before for steps in made.values() for before, _ in steps)
    count = Counter(step for steps in made.values() for step in steps)
    followed = 0
    for row, line in zip(shown.steps.rows, shown.steps.cells, strict=True):
        for column, value in zip(shown.steps.columns, line, strict=True):
            before, after = (of_end.get(mark.key) or shown.values[int(mark.key)] for mark in (row, column))
            if before is None or after is None:
                continue
            assert value == (pytest.approx(count[before, after] / left[before]) if count[before, after] else None)
            if value and followed < 12:
                followed += 1
                link = path_deals.link(asked, before=before, after=after)
                behind = set(path_deals.deals_behind(sample, here, link, known)["deal_id"])
                assert behind == {key for key, steps in made.items() if (before, after) in steps}
    if len({name for way in went.values() for name in way}) < view.MOST_VALUES:
        assert all(sum(value or 0 for value in line) == pytest.approx(1) for line in shown.steps.cells if any(line))


def _check_ends(
    sample: Any, here: Any, shown: view.PathsView, deals: dict[str, Any], by: str, asked: Question, known: view.Journeys
) -> None:
    assert shown.ends is not None and shown.ends.whole == shown.won
    (row, column, value) = next(
        (row, column, value) for row, line in zip(shown.ends.rows, shown.ends.cells, strict=True)
        for column, value in zip(shown.ends.columns, line, strict=True) if value and row.kind == column.kind == "value"
    )  # fmt: skip
    first, last = shown.ends_values[int(row.key)], shown.ends_values[int(column.key)]
    expected = {key for key, deal in deals.items() if deal["won"] and (deal[by][0], deal[by][-1]) == (first, last)}
    assert first is not None and last is not None and value == len(expected)
    assert (
        set(path_deals.deals_behind(sample, here, path_deals.link(asked, first=first, last=last), known)["deal_id"]) == expected
    )


def test_links_that_say_nothing(sample: Any) -> None:
    here = Filters().resolved(sample.settings, sample.as_of)
    for garbage in (
        "",
        "{",
        "[]",
        "7",
        '{"by":"x"}',
        '{"by":"channel","repeats":"once","part":"whole","way":["no such channel"]}',
    ):
        assert path_deals.deals_behind(sample, here, garbage).empty
        assert path_deals.link_words(garbage, {})
    assert path_deals.link_words(path_deals.link(Question(), way=["a", "b"]), {"channel": {"a": "Ads"}}) == "Ads → B"
    assert path_deals.link_words(path_deals.link(Question(), before=ways.START, after="a"), {}) == "start → A"
    assert path_deals.link_words(path_deals.link(Question(), first="a", last="b"), {}) == "from A to B"
    assert path_deals.link_words(path_deals.link(Question(), touching="a"), {}) == "with A"
    assert path_deals.link_words(path_deals.link(Question(part="first"), way=["a"]), {}) == "begins A"


def test_the_deals_page_lists_exactly_the_deals_behind_a_number(
    page: Callable[..., AppTest], sample_database: Path, deals: dict[str, dict[str, Any]]
) -> None:
    link = path_deals.link(Question(), before="organic_search", after="sales")
    expected = [key for key, deal in deals.items() if ("organic_search", "sales") in _steps(once(deal["channel"]), deal["won"])]
    test = page(sample_database).switch_page("pages/revenue/deals.py")
    test.query_params["behind"] = state.behind_words({"way": link})
    words = text(test.run())
    assert "Organic search → Sales" in words
    table = next(element.value for element in test.dataframe if "Id" in element.value)
    assert sorted(table["Id"]) == sorted(expected) and len(expected) > 5
    test.query_params["behind"] = state.behind_words({"way": "{"})
    assert "No deal here" in text(test.run())
