"""What the learned models learn: ``credits.effects``, one row per value of their dimension, and ``credits.fits``, what each rests on.

Markov: how much of P(conversion) is lost without a value. Markov-Shapley: a value's fair part of it. Everything here has a defined result:
without a journey, or without a won one, there is nothing to learn and no value has an effect (touches then count the same); beyond
MOST_VALUES values, the rarest stand together as one; an order with too many states is lowered. ``credits.fits`` says so in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from attribution.config import Settings
from attribution.errors import QueryError
from attribution.filters import Filters
from attribution.models.counted import ENDED, PER_VALUE, Counted, per_value
from attribution.models.rules import MODELS
from attribution.paths import markov_shapley
from attribution.paths.journeys import Floats, Indices, Paths, code_type
from attribution.paths.markov import MOST_STATES, Chain, states
from attribution.paths.of_deals import Ask, DealPaths, read, read_filtered
from attribution.paths.rules import different_names

LEARNED: tuple[str, ...] = tuple(model.name for model in MODELS if model.is_learned)
# Values that stand for themselves. A chain of so many is solved in a tenth of a second, its Markov-Shapley in three.
MOST_VALUES = 500
# Markov-Shapley takes part after part out of a chain: above so many states of a higher order, it is asked of order 1.
MOST_STATES_OF_PARTS = 250

# Table → column → (type, values): what is written to the database.
Columns = Mapping[str, tuple[str, list[Any]]]


@dataclass(frozen=True)
class Learned:
    """On what a learned model rests: the journeys of closed deals and of open ones that have gone quiet. ``note``: what was not as asked."""

    dimension: str
    order: int
    journeys: int
    won: int
    lost: int
    gone_quiet: int
    conversion_rate: float | None
    note: str

    def in_words(self, filtered: bool = False) -> str:
        """On what it rests, in one line; ``filtered``: on the deals that filters select."""
        if not self.journeys:
            return self.note
        ended = [
            f"{self.won:,} won",
            f"{self.lost:,} lost",
            *([f"{self.gone_quiet:,} open but quiet"] if self.gone_quiet else []),
        ]
        if self.journeys == 1:
            which = f"the only {'filtered ' if filtered else ''}deal that has ended"
        else:
            which = f"{f'the {self.journeys:,} filtered' if filtered else f'all {self.journeys:,}'} deals that have ended"
        listed = f"{', '.join(ended[:-1])} and {ended[-1]}"
        return " ".join(part for part in (f"Counted from the paths of {which}: {listed}.", self.note) if part)


@dataclass(frozen=True)
class Fit:
    """What one model rests on. ``note``: what was not as asked, in words; empty where all was."""

    model: str
    order: int
    note: str


def fit(ask: Ask, settings: Settings) -> dict[str, Columns]:
    """The tables that a database keeps, from its journeys."""
    return tables(journeys(ask, settings), settings)


def journeys(ask: Ask, settings: Settings, filters: Filters | None = None) -> DealPaths:
    """The journeys of all deals, or of those that the filters (with their dates) select."""
    return read(ask, settings) if filters is None else read_filtered(ask, settings, filters)


def tables(found: DealPaths, settings: Settings) -> dict[str, Columns]:
    """``credits.effects``, ``credits.moves`` and ``credits.fits`` of these journeys."""
    ended = tuple(found.how_many(status) for status in ENDED.values())
    if _adds_up(found.paths.names, ended, settings):
        return _of_counted(Counted.of(found), settings)
    effects, fits = learn(found.paths, settings.models.markov.order)
    return _columns(found.paths.names, per_value(found.paths), [], effects, fits, ended, found.dimension)


def _adds_up(names: Sequence[str], ended: Sequence[int], settings: Settings) -> bool:
    """Whether there is something to learn, and all of it follows from what is counted per value and pair of values."""
    return settings.models.markov.order == 1 and ended[0] > 0 and len(names) <= MOST_VALUES


def _of_counted(counted: Counted, settings: Settings) -> dict[str, Columns]:
    chain = counted.chain()
    effects, fits = _solve(lambda _most: (chain, 1), 1, "", some_lost=sum(counted.ended) > counted.ended[0])
    moves = [
        (counted.names[one], counted.names[other], int(counted.moved[one, other]))
        for one, other in np.argwhere(counted.moved).tolist()
    ]
    return _columns(counted.names, counted.values, moves, effects, fits, counted.ended, settings.models.markov.dimension)


def _columns(
    names: Sequence[str],
    values: Floats,
    moves: Sequence[tuple[str, str, int]],
    effects: Mapping[str, Floats],
    fits: Sequence[Fit],
    ended: Sequence[int],
    dimension: str,
) -> dict[str, Columns]:
    counts, journeys = len(fits), sum(ended)
    return {
        "effects": {
            "value": ("varchar", list(names)),
            **{name: ("bigint", values[:, place].astype(int).tolist()) for place, name in enumerate(PER_VALUE)},
            **{name: ("double", effects[name].tolist()) for name in LEARNED},
        },
        "moves": {
            "value": ("varchar", [value for value, _, _ in moves]),
            "next_value": ("varchar", [value for _, value, _ in moves]),
            "times": ("bigint", [times for _, _, times in moves]),
        },
        "fits": {
            "model": ("varchar", [entry.model for entry in fits]),
            "dimension": ("varchar", [dimension] * counts),
            "chain_order": ("integer", [entry.order for entry in fits]),
            "journeys": ("bigint", [journeys] * counts),
            **{name: ("bigint", [number] * counts) for name, number in zip(ENDED, ended, strict=True)},
            "conversion_rate": ("double", [ended[0] / journeys if journeys else None] * counts),
            "note": ("varchar", [entry.note for entry in fits]),
        },
    }


def fit_again(ask: Ask, before: DealPaths, now: DealPaths, settings: Settings) -> dict[str, Columns] | None:
    """The same tables, from those that are stored and what some deals' journeys were and are; None where they do not say enough."""
    effects, moves, fits = (ask(f"select * from credits.{name}", ()) for name in ("effects", "moves", "fits"))
    if not len(moves["value"]):
        return None
    counted = Counted.stored(effects, moves, fits).exchanged(Counted.of(before), Counted.of(now))
    return _of_counted(counted, settings) if _adds_up(counted.names, counted.ended, settings) else None


def nothing(settings: Settings) -> dict[str, Columns]:
    """The same tables without a row: what a question finds that does not ask for a learned model."""
    listed = tables(DealPaths(Paths.from_lists([], []), (), (), np.zeros(0), settings.models.markov.dimension), settings)
    return {name: {column: (kind, []) for column, (kind, _) in columns.items()} for name, columns in listed.items()}


def learn(paths: Paths, order: int = 1) -> tuple[dict[str, Floats], tuple[Fit, ...]]:
    """Model → effect of every name of the paths; and what each model rests on."""
    nothing = _nothing_to_learn(paths)
    if nothing:
        return {name: np.zeros(len(paths.names)) for name in LEARNED}, tuple(Fit(name, order, nothing) for name in LEARNED)
    kept, group_of, rare = _without_rare(paths)

    def chain_of(most: int) -> tuple[Chain, int]:
        used = _possible(kept, order, most)
        return Chain.fit(kept, used), used

    effects, fits = _solve(chain_of, order, rare, some_lost=paths.total_lost > 0)
    return {name: found[group_of] for name, found in effects.items()}, fits


def _solve(
    chain_of: Callable[[int], tuple[Chain, int]], order: int, rare: str, some_lost: bool
) -> tuple[dict[str, Floats], tuple[Fit, ...]]:
    """Solve each model; ``chain_of``: the most states that it takes → chain, and its order."""
    found: dict[str, Floats] = {}
    fits = []
    for name, solve, most in (("markov", _removal, MOST_STATES), ("markov_shapley", _parts, MOST_STATES_OF_PARTS)):
        chain, used = chain_of(most)
        found[name], sampled = solve(chain)
        notes = [note for note in (rare, sampled) if note]
        if not some_lost:
            notes.append("No deal with a touch has been lost, so it only counts who takes part.")
        if used < order:
            notes.append(f"Order {order} has too many states to be solved, so it looks {_back(used)} back.")
        fits.append(Fit(name, used, " ".join(notes)))
    return found, tuple(fits)


def _nothing_to_learn(paths: Paths) -> str:
    if paths.total_conversions:
        return ""
    what = "won" if len(paths) else "won or lost"
    return f"No deal with a touch has been {what} yet, so there is nothing to learn from: all touches of a deal count the same."


def _removal(chain: Chain) -> tuple[Floats, str]:
    return np.asarray(chain.effects), ""


def _parts(chain: Chain) -> tuple[Floats, str]:
    """(the parts; how well they are known, in words, where there are too many values for all their combinations)."""
    game = markov_shapley.solve(chain)
    parts = np.asarray(game.parts)
    if game.errors is None:
        return parts, ""
    points = 100 * float(np.max(game.errors)) / float(parts.sum())
    return parts, (
        f"With {len(parts):,} values it is estimated from {game.permutations:,} random orders, "
        f"which leaves a share uncertain by up to {points:.2f} points (standard error)."
    )


def _possible(paths: Paths, order: int, most: int) -> int:
    """The highest order up to the one asked for that can be solved."""
    for lower in range(order, 1, -1):
        try:
            if len(states(paths, lower)) <= most:
                return lower
        except QueryError:
            continue
    return 1


def _back(order: int) -> str:
    return "one touch" if order == 1 else f"{order} touches"


def _journeys_with(paths: Paths) -> Indices:
    """In how many journeys each name occurs."""
    return np.bincount(different_names(paths)[1], minlength=len(paths.names))


def _without_rare(paths: Paths) -> tuple[Paths, Indices, str]:
    """(the paths with the rarest names as one; per name, which of theirs it is; that in words)."""
    names = len(paths.names)
    if names <= MOST_VALUES:
        return paths, np.arange(names), ""
    often = np.argsort(-_journeys_with(paths), kind="stable")[: MOST_VALUES - 1]
    group_of = np.full(names, MOST_VALUES - 1)
    group_of[np.sort(often)] = np.arange(MOST_VALUES - 1)
    listed = (*(paths.names[place] for place in np.sort(often)), "")
    kept = replace(paths, names=listed, codes=group_of.astype(code_type(MOST_VALUES))[paths.codes])
    rare = names - MOST_VALUES + 1
    return (
        kept,
        group_of,
        f"The {MOST_VALUES - 1} values with the most journeys stand for themselves; the other {rare:,} count as one.",
    )
