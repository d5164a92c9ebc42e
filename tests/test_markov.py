"""Markov and Markov-Shapley against fractions, against each other, and where the mathematics has an edge."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.errors import QueryError
from attribution.paths import markov_shapley, order, shares
from attribution.paths.journeys import Paths
from attribution.paths.markov import Chain, Counts, channel_share, path_credit, path_share
from attribution.paths.rules import RULES
from tests import path_oracle
from tests.path_oracle import Row

ROWS = st.lists(
    st.tuples(st.lists(st.sampled_from("abcd"), min_size=1, max_size=6).map(tuple), st.integers(0, 4), st.integers(0, 4)),
    min_size=1,
    max_size=8,
).filter(lambda rows: sum(won for _, won, _ in rows) > 0)
ORDERS = st.integers(1, 3)


def paths_of(rows: list[Row], value: list[float] | None = None) -> Paths:
    return Paths.from_lists([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows], value)


def many(names: int, rows: int = 400, seed: int = 3) -> Paths:
    """Random journeys over so many names."""
    generator = np.random.default_rng(seed)
    paths = [[f"v{code:05}" for code in generator.integers(0, names, generator.integers(1, 8))] for _ in range(rows)]
    won = generator.integers(0, 3, rows)
    return Paths.from_lists(paths, won, generator.integers(0, 5, rows), won * 100.0)


# --- against the oracle -----------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(ROWS, ORDERS)
def test_removal_effects_are_what_deleting_the_state_and_solving_again_gives(rows: list[Row], order: int) -> None:
    chain = Chain.fit(paths_of(rows), order)
    expected = path_oracle.effects(rows, order)
    assert dict(zip(chain.names, chain.effects, strict=True)) == pytest.approx(
        {k: float(v) for k, v in expected.items()}, abs=1e-9
    )


@settings(max_examples=60, deadline=None)
@given(ROWS, ORDERS)
def test_the_chance_to_convert_is_conversions_by_journeys(rows: list[Row], order: int) -> None:
    paths = paths_of(rows)
    won, lost = sum(row[1] for row in rows), sum(row[2] for row in rows)
    assert float(Chain.fit(paths, order).conversion_rate) == pytest.approx(won / (won + lost), abs=1e-12)
    assert path_oracle.walked(path_oracle.moves(rows, order)) == pytest.approx(won / (won + lost), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(ROWS, ORDERS)
def test_markov_shapley_is_the_shapley_value_of_its_game(rows: list[Row], order: int) -> None:
    chain = Chain.fit(paths_of(rows), order)
    game = markov_shapley.solve(chain)
    expected = path_oracle.fair_parts(rows, order)
    assert dict(zip(chain.names, game.parts, strict=True)) == pytest.approx({k: float(v) for k, v in expected.items()}, abs=1e-9)
    assert game.errors is None
    assert game.parts.min() >= 0
    assert game.parts.sum() == pytest.approx(float(chain.conversion_rate), abs=1e-12)


@pytest.mark.parametrize("model", [rule.name for rule in RULES])
@settings(max_examples=60, deadline=None)
@given(rows=ROWS)
def test_rules_divide_each_path_as_their_words_say(model: str, rows: list[Row]) -> None:
    given_ = shares.credit(paths_of(rows), model)
    expected = path_oracle.rule_credit(rows, model)
    assert dict(zip(given_.names, given_.conversions, strict=True)) == pytest.approx(
        {k: float(v) for k, v in expected.items()}, abs=1e-9
    )


# --- properties -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", shares.MODELS)
@settings(max_examples=25, deadline=None)
@given(rows=ROWS, data=st.data())
def test_sums_order_of_rows_splitting_of_rows_and_new_names_change_nothing(
    model: str, rows: list[Row], data: st.DataObject
) -> None:
    value = [row[1] * 12.5 for row in rows]
    plain = shares.credit(paths_of(rows, value), model)
    assert plain.value is not None
    assert plain.share.sum() == pytest.approx(1)
    assert plain.conversions.sum() == pytest.approx(sum(row[1] for row in rows))
    assert plain.value.sum() == pytest.approx(sum(value))

    shuffled = data.draw(st.permutations(rows))
    again = shares.credit(paths_of(shuffled, [row[1] * 12.5 for row in shuffled]), model)
    assert again.conversions == pytest.approx(plain.conversions)

    single = [(path, int(won), int(not won)) for path, wins, losses in rows for won in [True] * wins + [False] * losses]
    apart = shares.credit(paths_of([*single, *((row[0], 0, 0) for row in rows)]), model)
    assert apart.conversions == pytest.approx(plain.conversions), "rows with the same path add up"

    backwards = str.maketrans("abcd", "zyxw")
    renamed = shares.credit(paths_of([(tuple(name.translate(backwards) for name in row[0]), *row[1:]) for row in rows]), model)
    assert renamed.names == tuple(sorted(name.translate(backwards) for name in plain.names))
    assert renamed.conversions[::-1] == pytest.approx(plain.conversions)


def test_merged_paths_are_the_same_whatever_the_order_of_the_rows() -> None:
    paths = many(7, 2_000)
    shuffled = paths.take(np.random.default_rng(1).permutation(len(paths)))
    first, second = paths.merged(), shuffled.merged()
    assert len(first) < len(paths)
    for name in ("codes", "starts", "conversions", "lost", "value"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name
    assert len(first.merged()) == len(first)


def test_pieces_are_the_whole() -> None:
    paths = many(5, 120_000)
    pieces = list(paths.pieces())
    assert len(pieces) > 1
    assert np.array_equal(np.concatenate([piece.codes for piece in pieces]), paths.codes)
    assert sum(len(piece) for piece in pieces) == len(paths)
    whole = Paths(paths.names, paths.codes, paths.starts, paths.conversions, paths.lost)
    merged = whole.merged()
    for model in shares.MODELS:
        assert shares.credit(whole, model).conversions == pytest.approx(shares.credit(merged, model).conversions)


def test_value_effects_use_the_value_of_what_was_won_from_there() -> None:
    """Won from a: 100 each; from b: 10. Without a 2 × 100 of 220 are lost, and 2 of 4 conversions."""
    chain = Chain.fit(paths_of([(("a",), 2, 1), (("b",), 2, 1)], [200, 20]))
    assert chain.effects == pytest.approx([0.5, 0.5])
    assert chain.value_effects == pytest.approx([200 / 220, 20 / 220])
    assert Chain.fit(paths_of([(("a",), 2, 1)])).value_effects is None


# --- path share -------------------------------------------------------------------------------------------------------


def test_path_share_divides_each_journey_by_effects() -> None:
    starts = np.array([0, 3, 4, 6])
    weights = path_share(np.array([0, 1, 0, 2, 1, 2]), starts, np.array([0.2, 0.4, 0.0]))
    assert weights == pytest.approx([0.25, 0.5, 0.25, 1.0, 1.0, 0.0]), (
        "a journey of which nothing has an effect is divided equally"
    )


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_path_share_adds_up_in_every_journey(rows: list[Row]) -> None:
    paths = paths_of(rows)
    effects = Chain.fit(paths).effects
    sums = np.add.reduceat(path_share(paths.codes, paths.starts, effects), paths.starts[:-1])
    assert sums == pytest.approx(np.ones(len(paths)))
    assert path_credit(paths, effects, paths.conversions).sum() == pytest.approx(paths.total_conversions)


# --- edges ------------------------------------------------------------------------------------------------------------


def test_no_lost_journey_gives_the_share_of_journeys_a_value_is_part_of() -> None:
    chain = Chain.fit(paths_of([(("a", "b"), 3, 0), (("b",), 1, 0)]))
    assert float(chain.conversion_rate) == 1
    assert chain.effects == pytest.approx([0.75, 1.0])


def test_a_value_that_nobody_touched_has_no_effect_and_breaks_nothing() -> None:
    rows: list[Row] = [(("a",), 1, 1), (("b", "c"), 0, 0)]
    for model in shares.MODELS:
        assert shares.credit(paths_of(rows), model).conversions == pytest.approx([1, 0, 0])


def test_journeys_that_never_end_are_refused_by_name() -> None:
    moved = np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    counts = Counts(np.array([1.0, 0.0, 0.0]), moved, np.array([0.0, 0.0, 1.0]), np.zeros(3))
    Chain.of(("a", "b", "c"), (1, 1, 1), counts)
    closed = Counts(
        np.array([1.0, 0.0, 1.0]), moved * np.array([[1], [1], [0]]) * np.array([1, 1, 0]), np.array([0.0, 0.0, 1.0]), np.zeros(3)
    )
    with pytest.raises(QueryError, match=r"'a', 'b' never end.*won or lost"):
        Chain.of(("a", "b", "c"), (1, 1, 1), closed)


def test_nothing_won_nothing_at_all_and_unknown_orders_are_refused() -> None:
    with pytest.raises(QueryError, match="no conversion"):
        shares.credit(paths_of([(("a",), 0, 3)]), "markov")
    with pytest.raises(QueryError, match="no journey"):
        Chain.fit(paths_of([(("a",), 0, 0)]))
    with pytest.raises(QueryError, match="order: 4"):
        Chain.fit(paths_of([(("a",), 1, 0)]), 4)
    with pytest.raises(QueryError, match="path 1: it is empty"):
        Paths.from_lists([["a"], []], [1, 1])
    with pytest.raises(QueryError, match="lost journeys: one number of 0 or more"):
        Paths.from_lists([["a"]], [1], [-1])


def test_more_states_than_can_be_solved_are_refused_in_words() -> None:
    paths = many(3_000, 8_000)
    with pytest.raises(QueryError, match=r"3,000 states; at most 2,000.*group rare values"):
        Chain.fit(paths)
    assert shares.credit(paths, "linear").conversions.sum() == pytest.approx(paths.total_conversions)
    assert shares.credit(paths, "shapley").conversions.sum() == pytest.approx(paths.total_conversions)


def test_two_hundred_values_agree_with_removing_each() -> None:
    chain = Chain.fit(many(200, 3_000))
    for index in (0, 57, 199):
        keep = np.delete(np.arange(200), index)
        chances = np.linalg.solve(np.eye(199) - chain.moves[np.ix_(keep, keep)], chain.wins[keep])
        without = float(chain.start[keep] @ chances)
        assert chain.effects[index] == pytest.approx(1 - without / float(chain.conversion_rate), abs=1e-9)


# --- above fifteen values ---------------------------------------------------------------------------------------------


def test_sampled_shapley_is_within_its_error_of_the_exact_one(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = Chain.fit(many(14, 600))
    exact = markov_shapley.solve(chain).parts
    monkeypatch.setattr(markov_shapley, "MOST_EXACT", 3)
    sampled = markov_shapley.solve(chain, seed=5, permutations=400)
    assert sampled.errors is not None and sampled.permutations == 400
    assert sampled.parts.sum() == pytest.approx(float(chain.conversion_rate), abs=1e-12), "each order of entry adds up"
    assert (np.abs(sampled.parts - exact) < 5 * sampled.errors + 1e-9).all()
    assert np.array_equal(sampled.parts, markov_shapley.solve(chain, seed=5, permutations=400).parts)


def test_the_standard_error_is_the_spread_of_other_seeds() -> None:
    games = [markov_shapley.solve(Chain.fit(many(16, 300)), seed, permutations=20) for seed in range(40)]
    spread = np.std([game.parts for game in games], axis=0, ddof=1)
    said = np.mean([game.errors for game in games if game.errors is not None], axis=0)
    assert np.sqrt((spread**2).sum() / (said**2).sum()) == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize("order_", [1, 2])
def test_coalitions_split_when_they_do_not_fit_give_the_same(monkeypatch: pytest.MonkeyPatch, order_: int) -> None:
    chain = Chain.fit(many(6), order_)
    whole = markov_shapley.solve(chain).parts
    monkeypatch.setattr(markov_shapley, "_MOST_NUMBERS", 10)
    assert markov_shapley.solve(chain).parts == pytest.approx(whole)


# --- order ------------------------------------------------------------------------------------------------------------


def test_the_order_is_the_one_that_made_the_journeys() -> None:
    """After "a, b" always c and lost, after "c, b" always won: one value back tells nothing, two tell all."""
    second: list[Row] = [(("a", "b", "c"), 0, 200), (("c", "b"), 200, 0), (("b", "b", "a"), 100, 100)]
    assert order.choose(paths_of(second)).order >= 2
    generator = np.random.default_rng(4)
    forgetful = [["abc"[code] for code in generator.integers(0, 3, generator.geometric(0.4))] for _ in range(2_000)]
    won = generator.integers(0, 2, 2_000)
    choice = order.choose(Paths.from_lists(forgetful, won, 1 - won))
    assert choice.order == 1
    assert set(choice.likelihoods) == {1, 2, 3}
    assert choice == order.choose(Paths.from_lists(forgetful[::-1], won[::-1], 1 - won[::-1])), (
        "seeded, and deaf to the order of rows"
    )


def test_one_journey_tells_no_order() -> None:
    with pytest.raises(QueryError, match="fewer than two"):
        order.choose(paths_of([(("a",), 1, 0)]))


def test_shares_of_nothing_are_zero_not_nan() -> None:
    assert np.array_equal(channel_share(np.array([[0.0, 0.0], [1.0, 3.0]])), [[0, 0], [0.25, 0.75]])
