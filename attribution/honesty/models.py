"""Every model over the journeys of generated worlds, each by the code that fills a ledger.

Rule models are asked with the ledger's own statement (``models/weights.py``) in a database in memory, so whatever is in the
registry runs, own rules and their policies among them. Markov and Markov-Shapley are fitted on won and lost journeys and give
the path share. A hold-out is no model: it keeps channels from some buyers, drawn by lot, and counts who still buys.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from attribution import db
from attribution.config import Settings
from attribution.honesty.world import NAMES, World
from attribution.models import weights
from attribution.models.rules import Model
from attribution.paths import markov, markov_shapley
from attribution.paths.journeys import Floats, Indices, Paths
from attribution.paths.shares import DATA_DRIVEN

HOLD_OUT = "hold_out"


def model_names(settings: Settings) -> tuple[str, ...]:
    """The models that are asked, in the order users see: the registry's, own ones among them, and Markov."""
    return tuple(dict.fromkeys([*(model.name for model in settings.all_models()), *DATA_DRIVEN]))


def credited(worlds: Sequence[World], settings: Settings) -> dict[str, Floats]:
    """Model → what it credits each channel with in each world (worlds, channels), as shares of the won deals.

    What a model leaves unattributed is in no channel, so a row may add up to less than 1. A world without a won deal has zeros.
    """
    found = _rules(worlds, [model for model in settings.all_models() if model.name not in DATA_DRIVEN], settings)
    found |= _data_driven(worlds)
    return {name: found[name] for name in model_names(settings)}


def held_out(one: World, seed: int = 0) -> Floats:
    """What a hold-out finds, as shares: each channel is kept from half of all buyers, each half drawn by lot by itself.

    A channel's loss is the part of buyers who buy with it minus the part who buy without; what chance makes negative counts as 0.
    """
    hidden = np.random.default_rng([seed, len(one), 1]).random(one.convinced.shape) < 0.5
    won = one.won_without(hidden)
    with_it = (won[:, None] & ~hidden).sum(0) / np.maximum((~hidden).sum(0), 1)
    without = (won[:, None] & hidden).sum(0) / np.maximum(hidden.sum(0), 1)
    return markov.channel_share(np.maximum(with_it - without, 0))


def _data_driven(worlds: Sequence[World]) -> dict[str, Floats]:
    rows: dict[str, list[Floats]] = {name: [] for name in DATA_DRIVEN}
    for one in worlds:
        won = one.won.astype(float)
        paths = Paths(NAMES, one.codes, one.starts, won, 1 - won)
        if not won.any():
            for listed in rows.values():
                listed.append(np.zeros(len(NAMES)))
            continue
        chain = markov.Chain.fit(paths)
        for name, effects in zip(DATA_DRIVEN, (chain.effects, markov_shapley.solve(chain).parts), strict=True):
            rows[name].append(markov.path_credit(paths, effects, won) / won.sum())
    return {name: np.array(listed) for name, listed in rows.items()}


def _rules(worlds: Sequence[World], rules: Sequence[Model], settings: Settings) -> dict[str, Floats]:
    """All worlds in one question, won journeys only: a lost deal has nothing to share."""
    firsts = np.concatenate([[0], np.cumsum([int(one.won.sum()) for one in worlds])])
    tables = [_journeys(one, number, int(firsts[number]), settings) for number, one in enumerate(worlds)]
    connection = db.connect()
    try:
        db.create_schemas(connection)
        connection.register("given", pa.concat_tables(tables))
        missing = ", ".join(f"null as {name}" for name in weights.JOURNEY_COLUMNS if name not in tables[0].column_names)
        connection.execute(f"create view journeys.journey_touches as select *, {missing} from given")
        connection.execute(
            "create table journeys.value_counts as select deal_id, shapley_value, count(*) as value_touch_count from given group by all"
        )
        sums = ", ".join(f"sum({model.column}) as {model.column}" for model in rules)
        found = connection.execute(
            f"select occurred_us as world, kind as code, {sums} from ({weights.weights_sql(rules, settings.policies())}) group by all"
        ).fetchnumpy()
    finally:
        connection.close()
    deals = np.maximum(np.diff(firsts), 1)[:, None]
    shares = {}
    for model in rules:
        cells = np.zeros((len(worlds), len(NAMES)))
        cells[np.asarray(found["world"], np.int64), np.asarray(found["code"], np.int64)] = found[model.column]
        shares[model.name] = cells / deals
    return shares


def _journeys(one: World, number: int, first_deal: int, settings: Settings) -> pa.Table:
    """The touches of a world's won deals with all that a model may read of them. ``occurred_us`` holds the world, ``kind`` the channel."""
    lengths = np.diff(one.starts)
    touches = np.flatnonzero(np.repeat(one.won, lengths))
    rows = np.repeat(np.arange(len(one)), lengths)[touches]
    days, codes = one.days[touches], one.codes[touches]
    position = touches - one.starts[rows] + 1
    grace = settings.journeys.milestone_grace_minutes / 1_440
    direct = np.array([name in settings.journeys.direct_channels for name in NAMES])

    def last_position(holds: Indices) -> Indices:
        """Per journey, the last position that holds something; 0: none."""
        found = np.zeros(len(one), np.int64)
        np.maximum.at(found, rows, np.where(holds, position, 0))
        return found[rows]

    lead, deal = last_position(days <= (one.lead_day + grace)[rows]), last_position(days <= (one.deal_day + grace)[rows])
    not_direct = last_position(~direct[codes])
    count = lengths[rows]
    deals = np.cumsum(one.won) - 1 + first_deal
    return pa.table(
        {
            "deal_id": deals[rows],
            "touch_id": touches,
            "occurred_us": np.full(len(touches), number),
            "touch_position": position,
            "touch_count": count,
            "lead_creation_position": pa.array(lead, mask=lead == 0),
            "deal_creation_position": pa.array(deal, mask=deal == 0),
            "last_non_direct_position": np.where(not_direct == 0, count, not_direct),
            "days_before_last": one.days[one.starts[1:] - 1][rows] - days,
            "half_life_days": np.full(len(touches), settings.models.time_decay.half_life_days),
            "kind": codes.astype(np.int64),
            "shapley_value": codes.astype(np.int64),
        }
    )
