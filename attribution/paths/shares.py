"""Every model over paths by its name, and the bootstrap that says how far its shares can be trusted.

MODELS are the names in the order users see. ``credit`` gives conversions and value per name; ``bootstrap`` draws whole
journeys anew, won and lost apart, and gives 90 % intervals of every share and how often each rank holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attribution.errors import QueryError, UnknownNameError, unknown
from attribution.paths import markov_shapley
from attribution.paths.journeys import Floats, Paths
from attribution.paths.markov import Chain, Counts, channel_share, states
from attribution.paths.rules import RULES, credits_of, parts_of

DATA_DRIVEN: tuple[str, ...] = ("markov", "markov_shapley")
MODELS: tuple[str, ...] = (*(rule.name for rule in RULES), *DATA_DRIVEN)
_RULES = {rule.name: rule for rule in RULES}

FEWEST_CONVERSIONS = 10  # fewer deals: no ranking
INTERVAL = (0.05, 0.95)
# Orders of entry per draw above 15 values; the same for all draws and for what they are compared with.
_PERMUTATIONS_OF_A_DRAW = 20
# Shares kept until their intervals are known (800 MB).
_MOST_SHARES = 100_000_000
# Numbers in the chains that are drawn and solved together (32 MB each).
_NUMBERS_AT_ONCE = 1 << 22


@dataclass(frozen=True)
class Credit:
    """What a model gives each name. ``value`` is None where values are unknown; ``errors``: standard errors of ``share`` where sampled."""

    model: str
    names: tuple[str, ...]
    share: Floats
    conversions: Floats
    value: Floats | None
    errors: Floats | None = None


@dataclass(frozen=True)
class Intervals:
    """90 % intervals of a model's shares of conversions (and of value), and how often each name kept its rank.

    ``is_enough``: whether there are enough conversions to rank at all.
    """

    model: str
    draws: int
    low: Floats
    high: Floats
    value_low: Floats | None
    value_high: Floats | None
    rank_holds: Floats
    is_enough: bool


def check_model(model: str) -> str:
    """The name, if it is a model over paths. Raises UnknownNameError with the nearest name."""
    if model not in MODELS:
        raise UnknownNameError(unknown("model", model, MODELS))
    return model


def refuse_nothing_won(paths: Paths) -> None:
    """Raise QueryError where there is nothing to share."""
    if paths.total_conversions <= 0:
        raise QueryError(
            "There is no conversion in these journeys, so there is nothing to share. Check the column of conversions."
        )


def fit(paths: Paths, models: Sequence[str], order: int = 1) -> Chain | None:
    """The chain, where one of the models needs one."""
    return Chain.fit(paths, order) if set(models) & set(DATA_DRIVEN) else None


def credit(paths: Paths, model: str, chain: Chain | None = None, seed: int = 0) -> Credit:
    """What the model gives each name of the paths; conversions add up to the paths' conversions, value to their value.

    Data-driven models give the channel share, and value by the same shares. ``chain``: where it has been fitted before.
    Raises QueryError where nothing was won, or the chain has too many states.
    """
    check_model(model)
    if paths.total_conversions <= 0:
        raise QueryError(
            "There is no conversion in these journeys, so there is nothing to share. Check the column of conversions."
        )
    if model in _RULES:
        conversions, value = credits_of(_RULES[model], paths)
        return Credit(model, paths.names, conversions / paths.total_conversions, conversions, value)
    chain = chain if chain is not None else Chain.fit(paths)
    share, errors = _data_driven_share(chain, model, seed)
    value = None if paths.total_value is None else share * paths.total_value
    return Credit(model, paths.names, share, share * paths.total_conversions, value, errors)


def _data_driven_share(chain: Chain, model: str, seed: int, permutations: int | None = None) -> tuple[Floats, Floats | None]:
    if model == "markov":
        return channel_share(chain.effects), None
    game = markov_shapley.solve(chain, seed, permutations)
    total = game.parts.sum(-1, keepdims=True)
    return channel_share(game.parts), None if game.errors is None else game.errors / np.where(total > 0, total, 1)


def bootstrap(paths: Paths, models: Sequence[str], draws: int = 1_000, seed: int = 0, order: int = 1) -> dict[str, Intervals]:
    """Intervals of every model from ``draws`` draws of whole journeys with replacement, as many won and as many lost as there are.

    Counts that are not whole are rounded to draw from and scaled back. The order of the paths makes no difference. Raises QueryError
    as ``credit`` does.
    """
    for model in models:
        check_model(model)
    if draws * len(paths.names) * len(models) > _MOST_SHARES:
        raise QueryError(
            f"{draws:,} draws of {len(models)} models over {len(paths.names):,} different values do not fit into memory. "
            "Ask for one model, for fewer draws, or group rare values."
        )
    paths = paths.merged()
    points = {model: _point(paths, model, fit(paths, models, order), seed, draws) for model in models}
    sampler = _Sampler(paths, models, order)
    generator = np.random.default_rng(seed)
    found: dict[str, list[tuple[Floats, Floats | None]]] = {model: [] for model in models}
    left = draws
    while left:
        now = min(left, sampler.at_once)
        for model, shares in sampler.draw(generator, now, seed).items():
            found[model].append(shares)
        left -= now
    return {model: _intervals(model, found[model], points[model], paths, draws) for model in models}


def _point(paths: Paths, model: str, chain: Chain | None, seed: int, draws: int) -> tuple[Credit, Floats]:
    """(the credit; how much further it is than what the draws' own orders of entry say)."""
    given = credit(paths, model, chain, seed)
    if given.errors is None or chain is None:
        return given, np.zeros(len(paths.names))
    return given, given.share - _data_driven_share(chain, model, seed, _PERMUTATIONS_OF_A_DRAW)[0]


def _intervals(
    model: str,
    found: list[tuple[Floats, Floats | None]],
    point: tuple[Credit, Floats],
    paths: Paths,
    draws: int,
) -> Intervals:
    given, shift = point
    shares = np.clip(np.concatenate([share for share, _ in found]) + shift, 0, 1)
    low, high = np.quantile(shares, INTERVAL, axis=0)
    value_low = value_high = None
    if paths.value is not None:
        of_value = [value if value is not None else share + shift for share, value in found]
        value_low, value_high = np.quantile(np.clip(np.concatenate(of_value), 0, 1), INTERVAL, axis=0)
    holds = (_ranks(shares) == _ranks(given.share)).mean(0)
    return Intervals(
        model, draws, low, high, value_low, value_high, holds, is_enough=round(paths.total_conversions) >= FEWEST_CONVERSIONS
    )


def _ranks(shares: Floats) -> Floats:
    """0 for the largest share; equals in the order of the names. Noise of the last digits ranks nobody."""
    return np.argsort(np.argsort(-np.round(shares, 12), axis=-1, kind="stable"), axis=-1, kind="stable")


class _Sampler:
    """Draws weights for the paths and computes every model's shares from them.

    Rule credits and counts of moves are sums over paths, so a draw is one weighted count each; chains of many draws are
    solved together.
    """

    def __init__(self, paths: Paths, models: Sequence[str], order: int) -> None:
        self.paths = paths
        self.rules = [model for model in models if model in _RULES]
        self.data_driven = [model for model in models if model in DATA_DRIVEN]
        names = len(paths.names)
        parts = [parts_of(_RULES[model], paths) for model in self.rules]
        self.part_rows = np.concatenate([rows for rows, _, _ in parts]) if parts else np.zeros(0, np.int64)
        self.part_cells = (
            np.concatenate([index * names + columns for index, (_, columns, _) in enumerate(parts)])
            if parts
            else np.zeros(0, np.int64)
        )
        self.parts = np.concatenate([share for _, _, share in parts]) if parts else np.zeros(0)
        some = paths.conversions > 0
        value = np.zeros(len(paths)) if paths.value is None else paths.value
        self.value_of_one = np.divide(value, paths.conversions, out=np.zeros(len(paths)), where=some)
        numbers = len(paths)
        if self.data_driven:
            self.states = states(paths, order)
            total = len(self.states)
            visited = np.asarray(self.states.visited, np.int64)
            rows = np.repeat(np.arange(len(paths)), np.diff(paths.starts))
            inner = np.ones(len(visited), bool)
            inner[paths.starts[1:] - 1] = False
            pairs = np.flatnonzero(inner)
            self.move_rows = rows[pairs]
            self.move_cells = visited[pairs] * total + visited[pairs + 1]
            self.first, self.last = visited[paths.starts[:-1]], visited[paths.starts[1:] - 1]
            numbers += 3 * total * total
            if "markov_shapley" in self.data_driven and names <= markov_shapley.MOST_EXACT:
                numbers += 4 << names
        self.at_once = max(1, _NUMBERS_AT_ONCE // numbers)

    def draw(self, generator: np.random.Generator, draws: int, seed: int) -> dict[str, tuple[Floats, Floats | None]]:
        """Shares of conversions (draws, names) and of value (None: the same, or unknown) of every model."""
        won = _resampled(generator, self.paths.conversions, draws)
        lost = _resampled(generator, self.paths.lost, draws)
        result: dict[str, tuple[Floats, Floats | None]] = {}
        if self.rules:
            conversions = self._shares(won)
            value = self._shares(won * self.value_of_one) if self.paths.value is not None else None
            for index, model in enumerate(self.rules):
                result[model] = (conversions[:, index], None if value is None else value[:, index])
        if self.data_driven:
            chain = Chain.of(self.paths.names, self.states.sizes, self._counts(won, lost))
            for model in self.data_driven:
                result[model] = (_data_driven_share(chain, model, seed, _PERMUTATIONS_OF_A_DRAW)[0], None)
        return result

    def _shares(self, weights: Floats) -> Floats:
        shape = (len(self.rules), len(self.paths.names))
        cells = shape[0] * shape[1]
        rows = [np.bincount(self.part_cells, self.parts * one[self.part_rows], minlength=cells) for one in weights]
        return channel_share(np.stack(rows).reshape(-1, *shape))

    def _counts(self, won: Floats, lost: Floats) -> Counts:
        total = len(self.states)
        both = won + lost
        moved = np.stack([np.bincount(self.move_cells, one[self.move_rows], minlength=total * total) for one in both])
        started, converted, ended = (
            np.stack([np.bincount(where, one, minlength=total) for one in weights])
            for where, weights in ((self.first, both), (self.last, won), (self.last, lost))
        )
        return Counts(started, moved.reshape(-1, total, total), converted, ended)


def _resampled(generator: np.random.Generator, counts: Floats, draws: int) -> Floats:
    """(draws, paths): as many journeys as there are, drawn with replacement."""
    total = float(counts.sum())
    if total <= 0:
        return np.zeros((draws, len(counts)))
    journeys = max(round(total), 1)
    return generator.multinomial(journeys, counts / total, size=draws) * (total / journeys)
