"""Markov models in the ledger: the journeys they learn from, the effects they store, and the weights that follow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attribution.filters import Filters
from attribution.models import fitting
from attribution.models.fitting import LEARNED, Learned, learn, nothing, tables
from attribution.paths import markov_shapley
from attribution.paths.journeys import Paths
from attribution.paths.markov import Chain, path_share
from attribution.paths.of_deals import DealPaths, of_deals
from tests.app_page import text

PAGE = "pages/revenue/attribution.py"


def lists(found: DealPaths) -> dict[str, list[str]]:
    """Deal → the values of its touches in order."""
    names, starts = found.paths.names, found.paths.starts
    return {
        key: [names[code] for code in found.paths.codes[starts[place] : starts[place + 1]]]
        for place, key in enumerate(found.deal_ids)
    }


def test_journeys_of_deals_are_those_of_the_ledger(sample: Any) -> None:
    stale_us = sample.settings.models.markov.stale_days * 86_400_000_000
    as_of = sample.rows("select as_of_us from staging.as_of")[0][0]
    rows = sample.rows("select deal_id, channel, status, occurred_us, amount from marts.credits order by deal_id, touch_position")
    opened = dict(sample.rows("select deal_id, created_us from marts.deals"))
    moved = dict(sample.rows("select deal_id, max(to_us(entered_at)) from raw.deal_stage_changes group by deal_id"))
    expected: dict[str, list[str]] = {}
    last: dict[str, int] = {}
    for deal_id, channel, _, moment, _ in rows:
        expected.setdefault(deal_id, []).append(channel or "")
        last[deal_id] = max(moment, opened[deal_id], moved.get(deal_id) or 0, last.get(deal_id, 0))
    statuses = {row[0]: row[2] for row in rows}
    expected = {key: path for key, path in expected.items() if statuses[key] != "open" or last[key] < as_of - stale_us}
    found = of_deals(sample)
    assert lists(found) == expected
    assert list(found.deal_ids) == sorted(expected)
    assert found.statuses == tuple(statuses[key] for key in found.deal_ids)
    assert found.paths.total_conversions == found.how_many("won") > 100
    assert found.paths.total_lost == found.how_many("lost") + found.how_many("open")
    amounts = {row[0]: row[4] for row in rows}
    assert np.allclose(found.amounts, [float(amounts[key]) for key in found.deal_ids])


def test_journeys_of_deals_under_filters(sample: Any) -> None:
    whole = lists(of_deals(sample, dimension="campaign"))
    some = of_deals(sample, Filters(segments=("enterprise",), channels=("paid_search",)), dimension="campaign")
    wanted = {
        row[0]
        for row in sample.rows(
            "select distinct deal_id from marts.credits inner join marts.deals using (deal_id) "
            "where segment = 'enterprise' and channel = 'paid_search'"
        )
    }
    assert lists(some) == {key: path for key, path in whole.items() if key in wanted}
    assert 0 < len(some) < len(whole)
    nothing = of_deals(sample, Filters(segments=("",), industries=("",), countries=("",)))
    assert len(nothing) == 0


# -- what is learned ---------------------------------------------------------------------------------------------------------


def test_the_ledger_gives_the_path_share(sample: Any) -> None:
    """Weights of the views against the engine's own path share, deal by deal."""
    found = of_deals(sample)
    effects = Chain.fit(found.paths).effects
    stored = dict(sample.rows("select value, markov from credits.effects"))
    assert stored == pytest.approx(dict(zip(found.paths.names, effects.tolist(), strict=True)), abs=1e-12)
    weights = path_share(found.paths.codes, found.paths.starts, effects)
    rows = sample.rows("select deal_id, markov from marts.credits order by deal_id, touch_position")
    kept = set(found.deal_ids)
    assert [weight for deal_id, weight in rows if deal_id in kept] == pytest.approx(weights.tolist(), abs=1e-12)
    learned = sample.learned("markov")
    assert learned and learned.journeys == len(found) and learned.won + learned.lost + learned.gone_quiet == learned.journeys
    assert learned.conversion_rate == pytest.approx(float(Chain.fit(found.paths).conversion_rate))
    assert sample.learned("linear") is None


def paths_of(*journeys: tuple[str, int]) -> Paths:
    """Journeys written as "ab" with 1 for won, 0 for lost."""
    return Paths.from_lists([list(path) for path, _ in journeys], [won for _, won in journeys], [1 - won for _, won in journeys])


@pytest.mark.parametrize(
    ("journeys", "expected", "note"),
    [
        ([], [], "won or lost yet, so there is nothing to learn from"),
        ([("ab", 0), ("b", 0)], [0, 0], "won yet, so there is nothing to learn from"),
        ([("ab", 1), ("b", 1)], [0.5, 1], "only counts who takes part"),
        ([("a", 1)], [1], "only counts who takes part"),
        ([("a", 1), ("a", 0)], [1], ""),
        ([("ab", 1), ("c", 0)], [1, 1, 0], ""),  # nobody reaches a win through c
    ],
)
def test_whatever_there_is_to_learn_from_gives_a_result(journeys: list[Any], expected: list[float], note: str) -> None:
    effects, fits = learn(paths_of(*journeys))
    assert effects["markov"] == pytest.approx(expected)
    assert all(np.isfinite(effects[name]).all() for name in LEARNED)
    assert all(note in fit.note if note else not fit.note for fit in fits)


def test_too_many_values_and_too_many_states_are_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "MOST_VALUES", 60)
    monkeypatch.setattr(fitting, "MOST_STATES_OF_PARTS", 100)
    count = 300
    journeys = [[f"v{number:05d}", "often", f"v{number // 2:05d}"] for number in range(count)]
    won = [float(number % 2) for number in range(count)]
    paths = Paths.from_lists(journeys, won, [1 - one for one in won])
    effects, fits = learn(paths, order=2)
    assert "often" in paths.names and effects["markov"][paths.names.index("often")] == pytest.approx(1)
    assert "the other 242 count as one" in fits[0].note and "looks one touch back" in fits[1].note
    assert all(np.isfinite(effects[name]).all() and len(effects[name]) == len(paths.names) for name in LEARNED)
    assert np.ptp(effects["markov"][-200:]) == 0, "the rarest stand together"
    many = Paths.from_lists([[f"v{number}", f"v{number + 1}"] for number in range(50_000)], [1.0] * 50_000)
    effects, fits = learn(many)
    assert len(effects["markov_shapley"]) == 50_001 and "the other 49,942 count as one" in fits[0].note


def test_a_value_for_every_touch_builds(open_rows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dimension with a value for every touch: the build goes through, weights add up, and what was grouped is said."""
    monkeypatch.setattr(fitting, "MOST_VALUES", 50)
    rows = {
        "deals": [
            {
                "deal_id": f"D{n}",
                "created_at": "2026-01-02",
                "closed_at": "2026-01-20",
                "status": "won" if n % 2 else "lost",
                "amount": 100,
            }
            for n in range(40)
        ],
        "touches": [
            {
                "touch_id": f"T{n}",
                "occurred_at": f"2026-01-{3 + n % 15:02d}",
                "deal_id": f"D{n % 40}",
                "channel": "web",
                "kind": "page_view",
                "campaign_id": f"C{n}",
            }
            for n in range(2_000)
        ],
    }
    dataset = open_rows(rows, {"models": {"markov": {"dimension": "campaign"}}, "journeys": {"exclude_kinds": []}})
    assert dataset.rows("select count(*), count(distinct markov) <= 50 from credits.effects") == [(2_000, True)]
    learned = dataset.learned("markov")
    assert learned and "the other 1,951 count as one" in learned.note
    off = dataset.rows(
        "select count(*) from (select deal_id, sum(markov) as one, sum(markov_shapley) as other from marts.credits group by deal_id) as sums "
        "where abs(one - 1) > 1e-9 or abs(other - 1) > 1e-9"
    )
    assert off == [(0,)]


# -- from filtered deals -----------------------------------------------------------------------------------------------------


def test_learned_from_filtered_deals(sample: Any) -> None:
    filters = Filters(segments=("enterprise",))
    fitted = sample.fitted(filters)
    own = of_deals(sample, filters)
    assert fitted.learned("markov").journeys == len(own) < sample.learned("markov").journeys
    effects = dict(fitted.rows("select value, markov from credits.effects"))
    assert effects == pytest.approx(dict(zip(own.paths.names, Chain.fit(own.paths).effects.tolist(), strict=True)), abs=1e-12)
    assert fitted.credit("markov")["revenue"].sum() == pytest.approx(sample.credit("markov")["revenue"].sum())
    assert not fitted.credit("markov").equals(sample.credit("markov"))
    assert fitted.credit("linear").equals(sample.credit("linear"))
    nobody = sample.fitted(Filters(segments=("",), industries=("",)))
    assert nobody.credit("markov")["revenue"].tolist() == pytest.approx(nobody.credit("linear")["revenue"].tolist(), abs=0.02), (
        "nothing to learn from: all touches count the same"
    )
    assert "nothing to learn from" in nobody.learned_words(["markov"])[0]


def test_a_what_if_learns_only_when_asked(sample: Any) -> None:
    other = sample.with_settings({"models.markov.dimension": "kind"})
    other.credit("linear")
    assert other.rows("select count(*) from credits.totals")[0][0] > 0
    assert other._recomputed.learns_later
    other.credit("markov")
    assert not other._recomputed.learns_later
    assert other.learned("markov").dimension == "kind"


def test_what_it_rests_on_in_words() -> None:
    words = Learned("channel", 1, 1_441, 700, 740, 1, 0.5, "").in_words()
    assert words == "Counted from the paths of all 1,441 deals that have ended: 700 won, 740 lost and 1 open but quiet."
    assert Learned("channel", 1, 3, 1, 2, 0, 0.5, "So.").in_words(True) == (
        "Counted from the paths of the 3 filtered deals that have ended: 1 won and 2 lost. So."
    )
    assert Learned("channel", 1, 1, 1, 0, 0, 1.0, "").in_words() == (
        "Counted from the paths of the only deal that has ended: 1 won and 0 lost."
    )
    assert Learned("channel", 1, 0, 0, 0, 0, None, "Nothing.").in_words() == "Nothing."


def test_fair_parts_that_are_sampled_say_how_uncertain_they_are(sample: Any) -> None:
    found = of_deals(sample, dimension="campaign").paths
    _, (removal, parts) = fitting.learn(found)
    game = markov_shapley.solve(Chain.fit(found))
    assert game.errors is not None
    points = 100 * game.errors.max() / game.parts.sum()
    assert f"estimated from {game.permutations:,} random orders" in parts.note and f"up to {points:.2f} points" in parts.note
    assert not removal.note and not any(fit.note for fit in fitting.learn(of_deals(sample).paths)[1]), "exact"


def test_tables_without_a_row_have_the_same_columns(sample: Any) -> None:
    empty, full = nothing(sample.settings), tables(of_deals(sample), sample.settings)
    assert {name: list(columns) for name, columns in empty.items()} == {name: list(columns) for name, columns in full.items()}
    assert not any(values for columns in empty.values() for _, values in columns.values())


# -- the command line and the page ---------------------------------------------------------------------------------------------


def test_the_command_line_says_on_what_it_rests(sample_database: Path, run_cli: Any) -> None:
    asked = ("credit", "--db", sample_database, "--model", "markov", "--segment", "enterprise")
    whole, filtered = run_cli(*asked), run_cli(*asked, "--fit", "filtered")
    assert "Counted from the paths of all" in whole.stderr and "filtered deals that have ended" in filtered.stderr
    assert whole.stdout.startswith("channel,model,revenue,deals") and whole.stdout != filtered.stdout
    assert not run_cli("credit", "--db", sample_database, "--model", "linear").stderr
    nothing = run_cli(*asked, "--to", "1990-01-01")
    assert nothing.stdout == "channel,model,revenue,deals\n" and "has anything to share" in nothing.stderr, (
        "a header alone says nothing"
    )
    assert "Counted from" in nothing.stderr


def test_the_page_says_on_what_it_rests_and_counts_from_the_filtered_deals(page: Any, sample_database: Path, sample: Any) -> None:
    at = page(sample_database, model="markov", period="all", segment="enterprise")
    assert sample.learned_words(["markov"])[0] in text(at)
    at = page(sample_database, model="markov", period="all", segment="enterprise", learned="filtered")
    assert sample.fitted(Filters(segments=("enterprise",))).learned_words(["markov"])[0] in text(at)
    beside = text(page(sample_database, against="markov_shapley"))
    assert "Beside it: **Fair part of winning" in beside
