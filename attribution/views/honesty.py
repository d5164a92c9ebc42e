"""The page on how far models can be trusted: every model's error in a generated world, and one model beside that world's truth.

No number of the company is in it but one: how many deals it has won, which says what size of world is like its own data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log

import pandas as pd

from attribution.answers import honesty as answers
from attribution.charts.honesty import Line, Pair
from attribution.config import Settings
from attribution.dataset import Dataset
from attribution.honesty.models import HOLD_OUT, model_names
from attribution.honesty.trial import SIZES, Size, Trial
from attribution.honesty.world import CHANNELS, won_anyway, won_with
from attribution.views import state

# How much tags along, by its word in a link: (words on the screen, part of what there can be).
STRENGTHS: dict[str, tuple[str, float]] = {
    "none": ("Nothing tags along", 0.0),
    "little": ("A little tags along", 0.25),
    "much": ("Much tags along", 0.5),
    "most": ("Nearly all tags along", 1.0),
}
JOURNEYS: dict[str, str] = {str(journeys): f"{journeys:,} journeys" for journeys, _ in SIZES}
SEEDS: dict[str, str] = {str(seed): f"World {seed}" for seed in range(1, 6)}
_NOT_IN_THE_REGISTRY = {"markov": "Lost without it (Markov)", "markov_shapley": "Fair part of what is lost (Markov-Shapley)"}
HOLD_OUT_LABEL = "Hold-out test"
# 90 % of what chance alone does lies within this many standard deviations.
_LIKELY = 1.645


@dataclass(frozen=True)
class Honesty:
    """All that the page shows. ``lines``: by model, in the order users see, the hold-out last; ``pairs``: by channel, the truth's order;
    ``own``: journeys of a world with as many won deals as the company has (None without any)."""

    answer: str
    lines: tuple[Line, ...]
    pairs: tuple[Pair, ...]
    figures: tuple[tuple[str, str, str, str], ...]
    budget: tuple[str, ...]
    own: float | None
    won: int
    won_rate: float
    judged: str
    size: int
    error: float
    lines_alt: str
    pairs_alt: str


def labels(settings: Settings) -> dict[str, str]:
    """Model → words, in the order users see."""
    known = {model.name: model.label for model in settings.all_models()}
    return {name: known.get(name) or _NOT_IN_THE_REGISTRY[name] for name in model_names(settings)}


def short_labels(settings: Settings) -> dict[str, str]:
    """The same for boxes and tables, where a rule's shares have to do."""
    short = state.short_rules(settings)
    return {name: short.get(name, label) for name, label in labels(settings).items()}


def won_deals(ds: Dataset) -> int:
    """The one number of the company on this page."""
    return int(ds.metric_rows(["won_deals"])[0]["won_deals"] or 0)


def nearest(won: int) -> str:
    """The number of journeys, of those that can be chosen, with a number of won deals most like this one."""
    journeys = max(won, 1) / won_with(CHANNELS)
    return min(JOURNEYS, key=lambda word: abs(log(float(word)) - log(journeys)))


def honesty(settings: Settings, found: Trial, judged: str, journeys: int, won: int) -> Honesty:
    """The page over a trial. ``judged``: the model whose credit stands beside the truth; ``won``: the company's won deals."""
    words, short, agreed = labels(settings), short_labels(settings), settings.reporting.model
    size = next(entry for entry in found.sizes if entry.journeys == journeys)
    lines = tuple(
        Line(
            name, words.get(name, HOLD_OUT_LABEL), tuple(entry.error(name) for entry in found.sizes),
            tuple((float(entry.errors[name].min()), float(entry.errors[name].max())) for entry in found.sizes),
            kind="hold_out" if name == HOLD_OUT else "judged" if name == judged else "agreed" if name == agreed else "other",
            short=f"{settings.reporting.rule_word.capitalize()} rule" if name == agreed else short.get(name, ""),
        )
        for name in (*found.models, HOLD_OUT)
    )  # fmt: skip
    pairs = _pairs(found, size, judged)
    facts = answers.Facts(
        judged=words[judged], agreed=settings.reporting.rule_word if judged == agreed else "", journeys=journeys, most_journeys=found.sizes[-1].journeys,
        fewest_journeys=found.sizes[0].journeys, error=size.error(judged), error_with_most=found.sizes[-1].error(judged),
        error_with_fewest=found.sizes[0].error(judged), ranked=_ranked(found, size, words),
        hold_out=(found.sizes[0].error(HOLD_OUT), found.sizes[-1].error(HOLD_OUT)), won_anyway=won_anyway(),
        without_effect=tuple(pair.label for pair in pairs if not pair.truth),
        to_without_effect=sum(pair.credited for pair in pairs if not pair.truth), channels=len(CHANNELS),
        flattered=max(pairs, key=lambda pair: pair.credited - pair.truth), short_changed=min(pairs, key=lambda pair: pair.credited - pair.truth),
        won=won, world_won=size.won, by_chance=_by_chance(size, judged), nothing_tags_along=not found.tag_along,
    )  # fmt: skip
    narrow = replace(facts, judged=short[judged], ranked=_ranked(found, size, short))
    return Honesty(
        answer=answers.answer(facts), lines=lines, pairs=pairs, figures=answers.figures(narrow), budget=answers.budget(facts),
        own=won / won_with(CHANNELS) if won else None, won=won, won_rate=won_with(CHANNELS), judged=judged, size=journeys, error=size.error(judged),
        lines_alt=answers.lines_alt(facts), pairs_alt=answers.pairs_alt(facts),
    )  # fmt: skip


def _ranked(found: Trial, size: Size, words: dict[str, str]) -> tuple[tuple[str, float], ...]:
    """(model in words, error), the least wrong first."""
    return tuple(sorted(((words[name], size.error(name)) for name in found.models), key=lambda entry: entry[1]))


def _pairs(found: Trial, size: Size, judged: str) -> tuple[Pair, ...]:
    """Channels with an effect by their true share, then those without by what they are credited with."""
    shares = size.share(judged)
    pairs = [
        Pair(channel.name, channel.label, channel.kind, float(right), float(given))
        for channel, right, given in zip(CHANNELS, found.truth, shares, strict=True)
    ]
    return tuple(sorted(pairs, key=lambda pair: (not pair.truth, -pair.truth, -pair.credited)))


def _by_chance(size: Size, model: str) -> float:
    """How far the share that moves most lies apart between worlds of this size, by chance alone: half of its likely range."""
    return float(size.shares[model].std(0, ddof=1).max() * _LIKELY)


def error_table(view: Honesty, sizes: Sequence[int], names: Mapping[str, str]) -> pd.DataFrame:
    """Every model's misplaced credit by number of journeys, in percent, the least wrong at the chosen size first. ``names``: of the models."""
    place = list(sizes).index(view.size)
    listed = sorted(view.lines, key=lambda line: (line.kind == "hold_out", line.errors[place]))
    heads: dict[str, list[object]] = {"Model": [names.get(line.name, line.label) for line in listed]}
    for number, journeys in enumerate(sizes):
        heads[JOURNEYS[str(journeys)]] = [line.errors[number] * 100 for line in listed]
    return pd.DataFrame(heads)


def pair_table(view: Honesty) -> pd.DataFrame:
    """Truth and credit of each channel in percent."""
    return pd.DataFrame(
        {
            "Channel": [pair.label for pair in view.pairs],
            "What it does here": [pair.kind for pair in view.pairs],
            "Truth": [pair.truth * 100 for pair in view.pairs],
            "Credited": [pair.credited * 100 for pair in view.pairs],
            "Difference": [(pair.credited - pair.truth) * 100 for pair in view.pairs],
        }
    )
