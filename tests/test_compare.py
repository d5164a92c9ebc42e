"""The page that compares models: draws against a plain loop and the binomial, what Markov learns in a draw, verdicts, sentences, the page in every state."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from attribution import Filters
from attribution.answers import compare as answers
from attribution.answers.compare import CLOSE, DEPENDS, SAME, CompareFacts, ShiftFacts, Standing, Swap
from attribution.charts import compare as charts
from attribution.charts.compare import Dot, Strip
from attribution.charts.theme import DARK, LIGHT
from attribution.compare import comparison, data_driven, shift, verdicts
from attribution.compare.comparison import Comparison, compare
from attribution.compare.credits import NONE, OTHER, Credits, credits
from attribution.compare.data_driven import journeys_of
from attribution.compare.draws import Draws
from attribution.compare.settings import settings_to_try, under
from attribution.paths.markov import Chain
from attribution.paths.of_deals import of_deals
from attribution.views import compare as view
from attribution.views import compare_shift, compare_tables, state
from attribution.views.compare import Question
from attribution.views.state import Choice
from tests.app_page import NAUGHTY, said, text, thin

PAGE = "pages/revenue/compare.py"
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


# --- sentences --------------------------------------------------------------------------------------------------------

STANDINGS = (
    Standing("Sales", SAME, 1, 1, 0.17, "equal shares", 0.71, "last contact"),
    Standing("Webinars", DEPENDS, 2, 10, 0.004, "first contact", 0.14, "last contact"),
    Standing("LinkedIn ads", CLOSE, 5, 7, 0.02, "last contact", 0.05, "the agreed rule", amount_depends=False),
)
SWAP = Swap("Paid search", "Webinars", "first contact", "last contact", (0.12, 0.018), (0.043, 0.14))
FULL = CompareFacts("channels", won=109, deals=107, rules=16, standings=STANDINGS, swaps=(SWAP,))
REVERSED = "By first contact **paid search leads webinars** (12 % against 1.8 %); by last contact it is the other way round (4.3 % against 14 %)."
DEPENDING = "1 of the 3 channels depends on the rule; 1 moves by less than these deals can tell."
ANSWERS = {
    "one holds": (FULL, f"**Sales is first under all 16 rules**, with 17 % to 71 % of the credit. {DEPENDING} {REVERSED}"),
    "one holds, but not for sure": (
        replace(FULL, standings=(replace(STANDINGS[0], holds=0.57, holds_rule="first contact"), STANDINGS[1]), swaps=()),
        "**Sales is first under all 16 rules**, with 17 % to 71 % of the credit (but by first contact its place holds in 57 % of the draws only). "
        "1 of the 2 channels depends on the rule.",
    ),
    "two hold, and settings": (
        replace(FULL, standings=(replace(STANDINGS[1], kind=SAME, best=2, worst=2), STANDINGS[0]), swaps=(), settings=6),
        "**Sales is first under all 16 rules and 6 other settings**, with 17 % to 71 % of the credit; webinars second as well.",
    ),
    "none holds": (
        replace(FULL, standings=STANDINGS[1:2], others=40, many="campaigns"),
        f"**None of the 1 largest campaigns keeps its place under all 16 rules.** 1 of the 1 largest campaigns depends on the rule. {REVERSED}",
    ),
    "all depend": (
        replace(FULL, standings=(STANDINGS[1], STANDINGS[1]), swaps=(), many="categories"),
        "**No category keeps its place under all 16 rules.** All 2 categories depend on the rule.",
    ),
    "one value": (replace(FULL, standings=STANDINGS[1:2]), "All that can be credited goes to webinars, whatever the rule."),
    "few deals": (
        replace(FULL, deals=4), "4 won deals with touches: too few to rank channels, or to say what depends on the rule."
    ),
    "worth nothing": (
        replace(FULL, amount=0.0), "107 won deals with touches are together worth nothing, so there are no shares to compare."
    ),
    "refunds": (
        replace(FULL, deals=1, amount=-5.0), "1 won deal with touches is worth less than nothing, so there are no shares to compare."
    ),
    "no touches": (
        replace(FULL, deals=0, won=2), "None of the 2 won deals has a touch that counts, so every rule says the same: nothing is credited."
    ),
    "nothing won": (
        replace(FULL, deals=0, won=0),
        "No deal was won under these filters, so there is nothing to compare. Choose a longer period or clear a filter.",
    ),
    "a few deals each": (
        replace(FULL, standings=(), values=12), "No rule credits these channels in 10 deals or more: too few to rank them."
    ),
    "nothing recorded": (replace(FULL, standings=()), "Nothing is recorded for channels, so there is nothing to compare."),
}  # fmt: skip


@pytest.mark.parametrize("case", ANSWERS)
def test_answer(case: str) -> None:
    facts, sentence = ANSWERS[case]
    assert said(answers.answer(facts)) == sentence


def test_badges_say_their_reason() -> None:
    assert said(answers.reason(STANDINGS[0], 16)) == (
        "1st under all 16 rules. How much depends on the rule: 17 % by equal shares, 71 % by last contact."
    )
    assert said(answers.reason(replace(STANDINGS[0], holds=0.57, holds_rule="first contact"), 16)).endswith(
        "71 % by last contact. By first contact its place holds in 57 % of the draws only."
    )
    assert said(answers.reason(STANDINGS[1], 16)) == (
        "2nd to 10th. 0.4 % by first contact, 14 % by last contact: further apart than both likely ranges."
    )
    assert said(answers.reason(STANDINGS[2], 16)) == (
        "5th to 7th, but 2.0 % by last contact, 5.0 % by the agreed rule differ by less than their likely ranges."
    )
    assert said(answers.line(STANDINGS[2], 16)).startswith("**LinkedIn ads** ≈ too close to tell: 5th to 7th, but 2.0 %")
    assert said(answers.title("pieces of content")) == "Which pieces of content hold up under every rule?"


def test_a_shift_is_no_forecast() -> None:
    facts = ShiftFacts("Paid search", "Email", 5_000, 3.04, 31.9, 144_300, 80_000, 210_000, 16, 16, "EUR")
    assert said(answers.shift(facts)) == (
        "€5.00 k spent on email instead of paid search goes along with **+€144 k** of credited revenue (likely range +€80.0 k to +€210 k): "
        "by the agreed rule email is credited with 31.9 per € spent, paid search with 3.04."
    )
    assert answers.shift(replace(facts, low=-5.0)).endswith("these deals do not tell the two apart.")
    assert answers.shift(replace(facts, same_sign=14)).endswith("2 of 16 rules say the opposite.")
    assert (
        said(answers.refused("Webinars", DEPENDS))
        == "**Webinars** cannot take part: what it is credited with depends on the rule."
    )


def test_one_deal_in_a_sentence() -> None:
    assert said(answers.deal_spread("Acme", 3, 16, 12_000, ("Demo", 0, 6_000), "EUR")) == (
        "**Acme**, €12.0 k: 3 touches under 16 rules. Furthest apart: Demo, €0 to €6.00 k."
    )
    assert "no touch counts" in answers.deal_spread("Acme", 0, 16, 12_000, None, "EUR")
    assert "every rule gives it all" in answers.deal_spread("Acme", 1, 16, 12_000, ("Demo", 1, 1), "EUR")


def test_names_cannot_become_markup() -> None:
    facts = replace(
        FULL, codes=False, standings=(replace(STANDINGS[0], label=NAUGHTY), STANDINGS[1]), swaps=(replace(SWAP, first=NAUGHTY),)
    )
    for sentence in (
        answers.answer(facts),
        answers.refused(NAUGHTY, CLOSE, False),
        answers.deal_spread(NAUGHTY, 2, 3, 1.0, (NAUGHTY, 0, 1), None),
    ):
        assert ":red[" not in sentence.replace("\\:red", "")
        assert "<b" not in sentence.replace("\\<b", "")


# --- the picture ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("slots", [{"a": 1}, None], ids=["channels", "others"])
def test_a_strip_has_a_dot_and_a_range_per_rule(palette: Any, slots: Any) -> None:
    dots = (
        Dot("First contact", 0.2, 0.1, 0.3, "€1"),
        Dot("Agreed", 0.4, 0.3, 0.5, "€2", is_chosen=True),
        Dot(NAUGHTY, 0.1, 0.0, 0.2, "€3"),
    )
    rows = [Strip("a", "Email", "= same under every rule", dots), Strip(NAUGHTY, NAUGHTY, NAUGHTY, dots[:1])]
    figure = charts.strips(rows, slots, palette)
    go.Figure(figure)  # Plotly refuses what it does not know
    lines = [trace for trace in figure["data"] if trace["mode"] == "lines"]
    small, large = (trace for trace in figure["data"] if trace["mode"] == "markers")
    assert sum(trace["x"].count(None) or 1 for trace in lines) == 4
    assert small["x"] == [0.2, 0.1, 0.2]
    assert large["x"] == [0.4]
    assert small["y"][0] < large["y"][0] < small["y"][1]  # rules below each other
    assert large["customdata"][0][3].replace("\u00a0", " ") == "40 % · likely 30 % to 50 %"
    shown = str(figure["layout"]["yaxis"]["ticktext"]) + str(small["customdata"][-1][1:])
    assert "<b onmouseover" not in shown
    assert "same under every rule" in shown  # never colour alone
    bare = charts.strips(rows, slots, palette, ranges=False)
    assert all(trace["mode"] == "markers" for trace in bare["data"])
    go.Figure(charts.strips([], slots, palette))


def test_rules_stand_from_the_first_contact_to_the_last(sample: Any) -> None:
    order = [model.name for model in view.models_of(sample.settings, "all")]
    assert order[0] == "first_touch"
    assert order.index("inverse_j") < order.index("linear") < order.index("j_shaped") < order.index("last_touch")
    assert order[-2:] == ["markov", "markov_shapley"]
    shared = {model.name for model in view.models_of(sample.settings, "shared")}
    assert set(order) - shared == {"first_touch", "last_touch", "last_non_direct", "lead_creation", "deal_creation"}


# --- the view ---------------------------------------------------------------------------------------------------------


def test_the_view_of_the_sample(sample: Any, names: state.Names) -> None:
    question = Question()
    found = view.find(sample, CHOICE, question)
    seen = view.compare(sample, CHOICE, question, found, (), names)
    assert (found.share.sum(1)) == pytest.approx(np.ones(len(found.models)))
    assert ((found.low <= found.share + 0.05) & (found.share <= found.high + 0.05)).all()
    assert found.held == ()
    assert len(seen.strips) == len(seen.standings) == len(found.values)
    twin = compare_tables.every_dot(seen)
    assert len(twin) == len(found.models) * len(found.credits.columns)
    whole = sample.metrics(["attributed_revenue"], filters=YEAR, model="linear").iloc[0, 0]
    assert twin.loc[twin["Rule"] == seen.models["linear"], "Credited"].sum() == pytest.approx(float(whole), abs=0.1)
    wide, heads = compare_tables.every_rule(seen)
    assert len(heads) == len(seen.models)
    assert set(wide["Badge"]) <= {f"{answers.SIGNS[kind]} {words}" for kind, words in answers.BADGES.items()}
    assert compare_shift.words(seen, "webinars", "sales", 10.0, "w_shaped", "the agreed rule", "EUR").startswith(
        "**Webinars** cannot take part"
    )
    segment = replace(CHOICE, filters=replace(YEAR, segments=("enterprise",)))
    assert "cannot be filtered by segment" in view.compare(sample, segment, question, found, (), names).spend_words


def test_the_spread_of_a_deal_is_what_explain_says(sample: Any) -> None:
    from attribution.views.deals import explained

    deal = str(sample.deals(YEAR, "won")["deal_id"].iloc[0])
    models = {model.name: model.label for model in sample.models}
    shown = explained(sample, deal, "w_shaped")
    found = compare_tables.spread(shown, models, "w_shaped")
    touches = shown.touches[shown.touches["position"].notna()]
    assert found.counted == len(touches)
    columns = touches[[f"credit_{name}" for name in models]].astype(float).fillna(0.0)
    assert found.table["Lowest"].tolist() == pytest.approx(columns.min(axis=1).tolist())
    assert found.table["Highest"].tolist() == pytest.approx(columns.max(axis=1).tolist())
    assert found.table["Agreed rule"].sum() == pytest.approx(float(columns["credit_w_shaped"].sum()))


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_and_its_other_settings(page: Callable[..., AppTest], sample_database: Path) -> None:
    test = page(sample_database)
    shown = text(test)
    assert test.title[0].value == "Which channels hold up under every rule?"
    assert "under all 16 rules" in shown
    assert "it is the other way round" in shown
    assert "no cause" in shown
    test.button(key="compute_settings").click().run()
    assert "and 6 other settings" in said(text(test))
    test.selectbox(key="rules").set_value("shared").run()
    assert "under all 11 rules" in text(test)


@pytest.mark.parametrize(
    "query",
    [
        {"by": "kind", "period": "all"}, {"channel": "email", "model": "first_touch", "rules": "shared"},
        {"segment": "enterprise", "by": "campaign", "date_basis": "touch", "deal": "D-0001"}, {"present": "1"},
    ],
)  # fmt: skip
def test_every_choice_works(page: Callable[..., AppTest], sample_database: Path, query: dict[str, str]) -> None:
    shown = text(page(sample_database, **query))
    assert ("not recorded by kind" in shown) == (query.get("by") == "kind")
    assert ("not among those compared here" in shown) == (query.get("rules") == "shared")


def test_garbage_in_a_link_gives_the_default_and_notices(page: Callable[..., AppTest], sample_database: Path) -> None:
    test = page(sample_database, by="<script>alert(1)</script>", rules="💥" * 200, deal="'; drop table marts.deals; --")
    shown = text(test)
    assert shown.count(":material/link_off:") == 3
    assert test.title[0].value == "Which channels hold up under every rule?"


def test_filters_that_leave_nothing(page: Callable[..., AppTest], sample_database: Path) -> None:
    shown = text(page(sample_database, **{"period": "custom", "from": "1990-01-01", "to": "1990-02-01"}))
    assert "Nothing to compare here" in shown
    assert "No deal was won under these filters" in shown


@pytest.mark.parametrize("rows", ["only lost", "one deal", "no touches"])
def test_thin_data_gives_designed_states(page: Callable[..., AppTest], open_rows: Callable[..., Any], rows: str) -> None:
    shown = text(page(thin(open_rows, rows).path.parent, period="all"))
    assert ("too few to rank" in shown) == (rows == "one deal")
    assert ("Nothing to compare here" in shown) == (rows != "one deal")


def test_one_channel_no_lost_deal_and_an_own_rule(page: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    deals = [
        {"deal_id": f"D{n}", "created_at": "2026-01-05", "closed_at": "2026-02-05", "status": "won", "amount": "1000"}
        for n in range(12)
    ]
    touches = [
        {"touch_id": f"T{n}", "occurred_at": "2026-01-01 10:00:00", "deal_id": f"D{n}", "channel": "email", "kind": "click"}
        for n in range(12)
    ]
    settings = {
        "reporting": {"currency": "EUR", "as_of": "2026-03-01"},
        "models": {"custom": {"linear_too": {"first": 50, "last": 50}}},
    }
    shown = said(text(page(open_rows({"deals": deals, "touches": touches}, settings).path.parent, period="all")))
    assert "All that can be credited goes to email, whatever the rule." in shown
    assert "No deal was lost" in shown


def test_spend_that_could_move_is_a_correlation_with_its_range(
    page: Callable[..., AppTest], open_rows: Callable[..., Any]
) -> None:
    """40 deals of 1,000 met paid search only (20,000 spent), 20 paid social only (5,000): 2 and 4 a unit spent, whatever the rule."""
    met = ["paid_search"] * 40 + ["paid_social"] * 20 + ["paid_search", "paid_social"] * 15
    deals = [
        {"deal_id": f"D{place:02}", "created_at": "2026-01-05", "closed_at": "2026-03-05", "status": "won" if place < 60 else "lost", "amount": "1000"}
        for place in range(len(met))
    ]  # fmt: skip
    touches = [
        {"touch_id": f"T{place}", "occurred_at": "2026-01-06 10:00:00", "deal_id": f"D{place:02}", "channel": channel, "kind": "click"}
        for place, channel in enumerate(met)
    ]  # fmt: skip
    spend = [{"spent_on": "2026-01-10", "channel": name, "amount": amount} for name, amount in (("paid_search", "20000"), ("paid_social", "5000"))]  # fmt: skip
    world = {"deals": deals, "touches": touches, "spend": spend}
    ds = open_rows(world, {"reporting": {"currency": "EUR", "as_of": "2026-06-01"}})
    everything = replace(CHOICE, filters=Filters())
    found = view.find(ds, everything, Question())
    moved = shift.shift(found, "linear", "paid_search", "paid_social", (20_000.0, 5_000.0), 1_000.0)
    assert (moved.per_from, moved.per_to, moved.change) == pytest.approx((2.0, 4.0, 2_000.0))
    # Of 60 deals drawn, n met paid search: 12 - n / 4 a unit, n with a standard deviation of 3.65.
    assert (moved.low, moved.high) == pytest.approx((500, 3_500), abs=300)
    assert moved.same_sign == moved.models == 14, (
        "no deal had a lead or an opening before its touch, so those two rules have no say"
    )
    words = said(text(page(ds.path, period="all")))
    for sentence in (
        "+€4.00 k** of credited revenue (likely range +€1.00 k to +€7.00 k)",
        "credited with 4.00 per €",
        "correlation",
        "no cause",
    ):
        assert sentence in words, sentence
