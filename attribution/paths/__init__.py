"""Attribution over paths: rule models, Markov and Markov-Shapley with intervals, from a path file or from the ledger's journeys.

    journeys.py        Paths: journeys as flat arrays; equal paths added up
    of_deals.py        the journeys of a database, one row per deal
    file.py            a path file → Paths; path_file_errors.py says which line cannot be read, and why
    rules.py           RULES: first touch, last touch, linear, position-based, Shapley's closed form
    markov.py          Chain: removal effects of order 1 to 3, exactly; channel share and path share
    order.py           which order the data carries, by held-out likelihood
    markov_shapley.py  every value's fair part of P(conversion)
    shares.py          MODELS by name, and the bootstrap
    ways.py            what journeys have in common: equal ways, steps, first and last values, and the rows behind each
    effects.py         removal effects with their likely ranges
    commands.py        python -m attribution paths

For a ledger: ``Paths.from_lists`` or its fields → ``Chain.fit(paths, order).effects`` (or ``markov_shapley.solve(chain).parts``) →
``path_share(codes, starts, effects)``: one weight per touch, adding up to 1 in each journey.
"""

from __future__ import annotations

from attribution.paths.journeys import Paths
from attribution.paths.markov import Chain, channel_share, path_share
from attribution.paths.shares import MODELS, bootstrap, credit

__all__ = ["MODELS", "Chain", "Paths", "bootstrap", "channel_share", "credit", "path_share"]
