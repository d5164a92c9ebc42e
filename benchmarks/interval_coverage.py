"""How often the likely range holds the truth: worlds with a known share, drawn again and again. ``python -m benchmarks.interval_coverage``.

Journeys walk a fixed chain over six channels; what a deal is worth does not depend on its journey. The true share of a channel under a model is its
share among 150,000 journeys. A range of 90 % that is right holds it in 90 % of the worlds; with few deals bootstrap ranges are known to be narrow.
"""

from __future__ import annotations

import sys

import numpy as np

from attribution.compare.comparison import compare
from attribution.compare.credits import Credits
from attribution.compare.data_driven import Journeys, Touched
from attribution.paths.journeys import Paths
from attribution.paths.markov import Chain, path_share
from attribution.paths.of_deals import DealPaths

CHANNELS = 6
MODELS = ("first_touch", "last_touch", "linear", "markov")
NAMES = tuple(f"channel {number}" for number in range(CHANNELS))


def journeys(random: np.random.Generator, won: int, lost: int) -> DealPaths:
    """Journeys of a chain in which every channel leads on to any other, some more often to winning than others."""
    start = np.array([0.30, 0.25, 0.20, 0.12, 0.08, 0.05])
    moves = np.random.default_rng(11).dirichlet(np.ones(CHANNELS), CHANNELS)
    onward, wins = 0.75, np.array([0.10, 0.25, 0.35, 0.15, 0.45, 0.30])
    kept: list[tuple[list[int], bool]] = []
    missing = {True: won, False: lost}
    while any(missing.values()):
        here, path = int(random.choice(CHANNELS, p=start)), []
        path.append(here)
        while random.random() < onward:
            here = int(random.choice(CHANNELS, p=moves[here]))
            path.append(here)
        is_won = bool(random.random() < wins[here])
        if missing[is_won]:
            missing[is_won] -= 1
            kept.append((path, is_won))
    kept.sort(key=lambda entry: not entry[1])
    lengths = [len(path) for path, _ in kept]
    outcome = np.array([float(is_won) for _, is_won in kept])
    amounts = np.exp(random.normal(10, 0.8, len(kept)))
    codes = np.array([code for path, _ in kept for code in path], np.uint8)
    paths = Paths(NAMES, codes, np.concatenate([[0], np.cumsum(lengths)]), outcome, 1 - outcome, outcome * amounts)
    return DealPaths(
        paths, tuple(map(str, range(len(kept)))), tuple("won" if won else "lost" for won in outcome), amounts, "channel"
    )


def credits_of(found: DealPaths) -> Credits:
    """What the won deals give each channel under each model."""
    paths, won = found.paths, found.how_many("won")
    effects = Chain.fit(paths).effects
    given = np.zeros((won, len(MODELS), CHANNELS))
    for deal in range(won):
        codes = paths.codes[paths.starts[deal] : paths.starts[deal + 1]]
        given[deal, 0, codes[0]] = given[deal, 1, codes[-1]] = 1
        given[deal, 2] = np.bincount(codes, minlength=CHANNELS) / len(codes)
        given[deal, 3] = np.bincount(codes, path_share(codes, np.array([0, len(codes)]), effects), minlength=CHANNELS)
    return Credits(found.deal_ids[:won], found.amounts[:won], MODELS, NAMES, given * found.amounts[:won, None, None])


def learned_from(found: DealPaths) -> Journeys:
    """The journeys as the comparison takes them."""
    won = found.how_many("won")
    codes = found.paths.codes[: found.paths.starts[won]].astype(np.int64)
    rows = np.repeat(np.arange(won), np.diff(found.paths.starts)[:won])
    cells, touches = np.unique(rows * CHANNELS + codes, return_counts=True)
    return Journeys(found, np.arange(won), Touched(cells // CHANNELS, cells % CHANNELS, cells % CHANNELS, touches.astype(float)))


def main(worlds: int = 300, draws: int = 300) -> None:
    """Print a table: model × number of won deals, in percent of the worlds."""
    large = credits_of(journeys(np.random.default_rng(1), 60_000, 90_000))
    truth = large.totals / large.totals.sum(1, keepdims=True)
    print(f"{'won deals':>10} " + " ".join(f"{model:>12}" for model in MODELS))
    for won in (20, 50, 100, 300):
        held = np.zeros((len(MODELS), CHANNELS))
        for world in range(worlds):
            found = journeys(np.random.default_rng([2, won, world]), won, round(won * 1.5))
            ranges = compare(credits_of(found), learned_from(found), draws, seed=world)
            held += (ranges.low <= truth) & (truth <= ranges.high)
        print(f"{won:>10} " + " ".join(f"{100 * part:>10.1f} %" for part in held.mean(1) / worlds), flush=True)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
