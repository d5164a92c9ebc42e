"""Comparing models: draws against a plain loop and the binomial, what Markov learns in a draw, verdicts, and a shift of spend."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attribution import Filters
from attribution.answers.compare import CLOSE, DEPENDS, SAME
from attribution.compare import comparison, data_driven, shift, verdicts
from attribution.compare.comparison import Comparison, compare
from attribution.compare.credits import NONE, OTHER, Credits, credits
from attribution.compare.data_driven import journeys_of
from attribution.compare.draws import Draws
from attribution.compare.settings import settings_to_try, under
from attribution.paths.markov import Chain
from attribution.paths.of_deals import of_deals
from attribution.views import compare as view
from attribution.views import state
from attribution.views.compare import Question
from attribution.views.state import Choice
from tests.app_page import said

YEAR = Filters(period="last_12_months")
CHOICE = Choice(YEAR, "none", "w_shaped")


def given(shares: Any, models: tuple[str, ...] = ("first_touch", "last_touch"), amounts: Any = None) -> Credits:
    """Credits of deals × models × values, in parts of each deal."""
    parts = np.asarray(shares, float)
    amounts = np.ones(len(parts)) if amounts is None else np.asarray(amounts, float)
    ids = tuple(f"D{number:03}" for number in range(len(parts)))
    return Credits(ids, amounts, models, tuple("abcdefgh"[: parts.shape[2]]), parts * amounts[:, None, None])


# --- draws ------------------------------------------------------------------------------------------------------------


def test_intervals_are_those_of_a_plain_loop_over_the_same_draws() -> None:
    random = np.random.default_rng(7)
    found = given(random.dirichlet([1, 1, 1], (17, 2)), amounts=random.integers(1, 9, 17) * 1000.0)
    ranges = compare(found, draws=200, seed=3)
    shares: list[list[list[float]]] = []
    for number in range(200):
        money = [[0.0] * 3 for _ in range(2)]
        for deal in Draws(17, 200, seed=3).drawn(number):
            for model in range(2):
                for value in range(3):
                    money[model][value] += float(found.given[deal, model, value])
        shares.append([[part / sum(row) for part in row] for row in money])
    for model in range(2):
        for value in range(3):
            ordered = sorted(draw[model][value] for draw in shares)
            assert ranges.low[model, value] == pytest.approx(quantile(ordered, 0.05), abs=1e-12)
            assert ranges.high[model, value] == pytest.approx(quantile(ordered, 0.95), abs=1e-12)
            place = 1 + sum(other > ranges.share[model, value] + 1e-9 for other in ranges.share[model])
            again = [1 + sum(other > draw[model][value] + 1e-9 for other in draw[model]) for draw in shares]
            assert ranges.holds[model, value] == pytest.approx(again.count(place) / 200)


def quantile(ordered: list[float], part: float) -> float:
    """Linear between the two nearest."""
    position = part * (len(ordered) - 1)
    low = math.floor(position)
    return ordered[low] + (position - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


def test_a_share_of_whole_equal_deals_has_the_range_of_the_binomial() -> None:
    count, of_a = 80, 24
    found = compare(given([[[1, 0]] if number < of_a else [[0, 1]] for number in range(count)], ("linear",)), draws=4_000)
    chance = of_a / count
    added, low, high = 0.0, 0, 0
    for successes in range(count + 1):
        added += math.comb(count, successes) * chance**successes * (1 - chance) ** (count - successes)
        low, high = (successes + 1 if added < 0.05 else low), (successes + 1 if added < 0.95 else high)
    assert found.low[0, 0] == pytest.approx(low / count, abs=1 / count)
    assert found.high[0, 0] == pytest.approx(high / count, abs=1 / count)


def test_draws_do_not_depend_on_how_many_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from attribution.compare import draws as module

    rows = np.random.default_rng(1).random((40, 3))
    at_once = Draws(40, 30, seed=5).sums(rows)
    monkeypatch.setattr(module, "_COUNTS_AT_ONCE", 100)
    monkeypatch.setattr(module, "_CELLS_AT_ONCE", 200)
    assert Draws(40, 30, seed=5).sums(rows) == pytest.approx(at_once)
    assert not np.array_equal(Draws(40, 30, seed=5, group=1).drawn(0), Draws(40, 30, seed=5).drawn(0))
    assert Draws(0, 3).sums(np.zeros((0, 2))).tolist() == [[0, 0]] * 3


# --- credits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", view.BYS)
@pytest.mark.parametrize(
    "filters", [YEAR, Filters(channels=("email", "webinars")), Filters(date_basis="touch", period="last_12_months")], ids=str
)
def test_what_is_compared_is_the_credit_to_the_cent(sample: Any, by: str, filters: Filters) -> None:
    here = filters.resolved(sample.settings, sample.as_of)
    found = credits(sample, by, here)
    asked = sample.credit("all", [by], ["revenue"], here)
    for model, totals in zip(found.models, found.totals, strict=True):
        rows = asked[(asked["model"] == model) & (asked[by] != "Unattributed")]
        amounts = {
            ("" if key != key or key is None else key): value for key, value in zip(rows[by], rows["revenue"], strict=True)
        }
        for key, total in zip(found.columns, totals, strict=True):
            if key not in (OTHER, NONE):
                assert total == pytest.approx(amounts.get(key, 0.0), abs=0.01)
        assert totals.sum() == pytest.approx(rows["revenue"].sum(), abs=0.01 * (1 + len(rows)))


@dataclass(frozen=True)
class Stand:
    """As much of a dataset as credits ask."""

    frame: pd.DataFrame
    models: tuple[Any, ...]

    def deal_weights(self, by: str, filters: Filters) -> pd.DataFrame:
        """The frame."""
        return self.frame


def test_50_000_campaigns_come_down_to_the_largest(sample: Any) -> None:
    count = 50_000
    models = tuple(model for model in sample.models if model.name in ("first_touch", "last_touch"))
    frame = pd.DataFrame(
        {
            "deal_id": [f"D{number // 10:06}" for number in range(count)], "value": [f"C{number:06}" for number in range(count)],
            "amount": [float(1 + number // 10) for number in range(count)], "first_touch": [float(number % 10 == 0) for number in range(count)],
            "last_touch": [float(number % 10 == 9) for number in range(count)],
        }
    )  # fmt: skip
    frame.loc[3, "value"] = None
    found = credits(Stand(frame, models), "campaign")  # type: ignore[arg-type]
    assert len(found.values) == 12
    assert found.columns[-2:] == (OTHER, NONE)
    assert found.others == count - 12 - 1
    assert set(found.values) == {f"C{number:06}" for number in range(count - 60, count) if number % 10 in (0, 9)}
    assert found.totals.sum(1) == pytest.approx([sum(range(1, count // 10 + 1))] * 2)


def test_own_models_may_be_called_as_the_columns_beside_them(sample: Any) -> None:
    own = sample.with_settings({f"models.custom.{name}.last": 100 for name in ("amount", "deal_id", "value")})
    try:
        found = credits(own, "channel", YEAR.resolved(own.settings, own.as_of))
    finally:
        own.close()
    total = dict(zip(found.models, found.totals.tolist(), strict=True))
    assert total["amount"] == total["deal_id"] == total["value"] == pytest.approx(total["last_touch"])


def test_the_unknown_channel_is_no_value(sample: Any) -> None:
    found = credits(sample, "channel", YEAR.resolved(sample.settings, sample.as_of))
    assert "unknown" not in found.values
    assert found.columns[-1] == NONE


# --- what the data says -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["channel", "campaign"])
def test_what_markov_gives_in_a_draw_is_a_chain_learned_from_the_journeys_drawn(sample: Any, by: str) -> None:
    here = YEAR.resolved(sample.settings, sample.as_of)
    models = ("markov", "markov_shapley")
    found = credits(sample, by, here, models)
    journeys = journeys_of(sample, found, here)
    drawn = data_driven.drawn(found, journeys, models, 4, seed=2)
    every = of_deals(sample)
    column = {"channel": "channel", "campaign": "campaign_id"}[by]
    touches = sample.rows(f"select deal_id, channel, {column} from marts.credits where status = 'won'")

    def shared(chain: Chain, times: dict[str, int]) -> list[float]:
        worth = dict(zip(chain.names, chain.effects, strict=True))
        result = [0.0] * len(found.columns)
        of_deal: dict[str, list[tuple[str, str | None]]] = {}
        for deal, channel, value in touches:
            of_deal.setdefault(deal, []).append((channel, value))
        for deal, amount in zip(found.deal_ids, found.amounts, strict=True):
            whole = sum(worth[channel] for channel, _ in of_deal[deal])
            for channel, value in of_deal[deal]:
                result[found.column_of[value]] += times.get(deal, 0) * amount * worth[channel] / whole
        return result

    # Everything once is what the ledger says.
    once = shared(Chain.fit(every.paths), dict.fromkeys(found.deal_ids, 1))
    assert once == pytest.approx(found.totals[0], rel=1e-9)
    groups = journeys.groups()
    assert sum(map(len, groups)) == len(every)
    for number in range(4):
        rows = np.concatenate([group[Draws(len(group), 4, 2, index).drawn(number)] for index, group in enumerate(groups)])
        compared = Draws(found.deals, 4, 2).drawn(number)
        times = {found.deal_ids[row]: int(count) for row, count in enumerate(np.bincount(compared, minlength=found.deals))}
        chain = Chain.fit(every.paths.take(rows))
        assert drawn["markov"][number] == pytest.approx(shared(chain, times), rel=1e-6, abs=1e-3)
        assert drawn["markov_shapley"][number].sum() == pytest.approx(float(found.amounts[compared].sum()))


def test_where_learning_takes_too_long_the_weights_are_taken_as_given(sample: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    here = YEAR.resolved(sample.settings, sample.as_of)
    found = credits(sample, "channel", here, ("linear", "markov"))
    journeys = journeys_of(sample, found, here)
    assert compare(found, journeys, draws=20).held == ()
    monkeypatch.setattr(data_driven, "MOST_WORK", 0.0)
    held = compare(found, journeys, draws=20)
    assert held.held == ("markov",)
    assert held.drawn == pytest.approx(Draws(found.deals, 20).sums(found.given))


# --- verdicts ---------------------------------------------------------------------------------------------------------


def of_shares(share: Any, width: float, models: tuple[str, ...] = ("first_touch", "last_touch"), deals: int = 40) -> Comparison:
    """A comparison with these shares, ranges of a width, and draws that all say the same."""
    share = np.asarray(share, float)
    base = given(np.repeat(share[None], deals, axis=0), models)
    first, last = comparison.places(share)
    return Comparison(
        base, share, share - width / 2, share + width / 2, np.repeat(share[None], 20, axis=0), first, last, np.ones_like(share)
    )


def test_a_value_holds_depends_or_is_too_close_to_tell() -> None:
    found = verdicts.verdicts(of_shares([[0.5, 0.3, 0.12, 0.08], [0.6, 0.1, 0.2, 0.1]], width=0.05))
    assert [(entry.key, entry.kind, entry.best, entry.worst, entry.amount_depends) for entry in found] == [
        ("a", SAME, 1, 1, True),
        ("b", DEPENDS, 2, 3, True),
        ("c", DEPENDS, 2, 3, True),
        ("d", SAME, 4, 4, False),  # by last contact it shares third and fourth place with b
    ]
    wide = verdicts.verdicts(of_shares([[0.5, 0.3, 0.2], [0.4, 0.2, 0.4]], width=0.5))
    assert [entry.kind for entry in wide] == [SAME, CLOSE, CLOSE]
    assert verdicts.verdicts(of_shares([[0.5, 0.5], [0.1, 0.9]], 0.01, deals=9)) == ()


def test_equal_shares_have_the_same_places() -> None:
    first, last = comparison.places(np.array([0.4, 0.3, 0.3, 0.0, 0.0]))
    assert first.tolist() == [1, 2, 2, 4, 4]
    assert last.tolist() == [1, 3, 3, 5, 5]


def test_places_under_other_settings_count_as_well(sample: Any) -> None:
    here = YEAR.resolved(sample.settings, sample.as_of)
    found = compare(credits(sample, "channel", here), draws=50)
    tries = settings_to_try(sample.settings)
    assert [entry.days or entry.join_rule for entry in tries] == [30, 90, 180, "deal", "primary", "account"]
    short = under(sample, tries[1], here, found.credits)
    other = sample.with_settings({"journeys.lookback_days": 90})
    asked = other.credit("w_shaped", ["channel"], ["revenue"], here).set_index("channel")["revenue"].drop("Unattributed")
    place = found.models.index("w_shaped")
    for key, share in zip(found.values, short.share[place], strict=True):
        assert share == pytest.approx(float(asked.get(key, 0.0)) / float(asked.sum()), abs=1e-6)
    other.close()
    alone, both = verdicts.verdicts(found), verdicts.verdicts(found, [short])
    assert {entry.key for entry in both if entry.is_robust} <= {entry.key for entry in alone if entry.is_robust}
    assert all(entry.best <= before.best and entry.worst >= before.worst for before, entry in zip(alone, both, strict=True))


def test_two_values_change_places() -> None:
    found = of_shares([[0.5, 0.3, 0.2], [0.45, 0.15, 0.4], [0.44, 0.16, 0.4]], 0.02, ("first_touch", "j_shaped", "last_touch"))
    (entry,) = verdicts.reversals(found)
    assert (found.values[entry.first], found.values[entry.second]) == ("b", "c")
    # Last contact is known to everybody, and its lead is nearly as large.
    assert (found.models[entry.here], found.models[entry.there]) == ("first_touch", "last_touch")
    assert entry.size == pytest.approx(0.1)
    unsure = replace(found, drawn=np.random.default_rng(1).random(found.drawn.shape))
    assert verdicts.reversals(unsure) == ()


def test_a_place_is_as_sure_as_under_the_rule_that_is_least_sure(sample: Any) -> None:
    found = view.find(sample, CHOICE, Question())
    shown = view.compare(sample, CHOICE, Question(), found, (), state.names_of(sample))
    place, standing = next((place, entry) for place, entry in enumerate(shown.standings) if entry.kind == SAME)
    by_rule = dict(zip(found.models, found.holds[:, place], strict=True))
    assert standing.holds == min(by_rule.values()) < 0.95 < by_rule["w_shaped"]
    assert standing.holds_rule in shown.answer


def test_where_rules_have_nothing_to_disagree_about_it_is_said(open_rows: Callable[..., Any]) -> None:
    numbers = range(12)
    deals = [
        {"deal_id": f"D{n}", "created_at": "2026-01-05", "closed_at": "2026-02-05", "status": "won", "amount": "50"}
        for n in numbers
    ]
    touches = [
        {"touch_id": f"T{n}{m}", "occurred_at": f"2026-01-0{m} 10:00:00", "deal_id": f"D{n}", "channel": channel, "kind": "click"}
        for n in numbers
        for m, channel in ((1, "email" if n % 2 else "direct"), (2, "email" if n % 4 else "direct"))
    ]
    ds = open_rows({"deals": deals, "touches": touches}, {"reporting": {"as_of": "2026-03-01"}})
    choice = Choice(Filters(), "none", "linear")
    shown = view.compare(ds, choice, Question(), view.find(ds, choice, Question()), (), state.names_of(ds))
    assert shown.found.credits.of_one_column == 9
    assert "75 % of these won deals meet one channel only: on those, rules have nothing to disagree about." in map(
        said, shown.notes
    )
    assert shown.rests_on == ds.learned_words(["markov"])[0]


def test_deals_worth_nothing_have_no_shares(open_rows: Callable[..., Any]) -> None:
    deals = [
        {
            "deal_id": f"D{number}",
            "created_at": "2026-01-05",
            "closed_at": "2026-02-05",
            "status": "won",
            "amount": str(50 - 10 * number),
        }
        for number in range(12)
    ]
    touches = [
        {
            "touch_id": f"T{number}",
            "occurred_at": "2026-01-01 10:00:00",
            "deal_id": f"D{number}",
            "channel": "email",
            "kind": "click",
        }
        for number in range(12)
    ]
    ds = open_rows({"deals": deals, "touches": touches}, {"reporting": {"as_of": "2026-03-01"}})
    choice = Choice(Filters(), "none", "linear")
    found = view.find(ds, choice, Question())
    shown = view.compare(ds, choice, Question(), found, (), state.names_of(ds))
    assert found.credits.worth == -60
    assert (found.is_enough, found.is_ranked.size, shown.strips, shown.standings) == (False, 0, (), ())
    assert (
        said(shown.answer) == "12 won deals with touches are together worth less than nothing, so there are no shares to compare."
    )


# --- shift ------------------------------------------------------------------------------------------------------------


def test_a_shift_is_the_difference_of_credit_per_unit_spent() -> None:
    found = compare(given(np.repeat([[[0.6, 0.3, 0.1], [0.5, 0.4, 0.1]]], 30, axis=0), amounts=[1000.0] * 30), draws=50)
    moved = shift.shift(found, "first_touch", "a", "b", (9_000.0, 1_000.0), 500.0)
    assert (moved.per_from, moved.per_to) == pytest.approx((2.0, 9.0))
    assert moved.change == pytest.approx(500 * 7)
    assert moved.low == moved.high == pytest.approx(moved.change)  # all deals are alike
    assert (moved.same_sign, moved.models) == (2, 2)
    same, depends = (verdicts.Verdict("a", kind, 1, 1, 0, 1, False) for kind in (SAME, DEPENDS))
    assert [shift.refusal(*entry) for entry in ((same, 5.0), (same, None), (depends, 5.0), (None, 5.0))] == [
        "",
        "no_spend",
        "depends",
        "few",
    ]
