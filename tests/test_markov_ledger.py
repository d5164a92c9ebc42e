"""Markov models in the ledger: the journeys they learn from, the effects they store, and the weights that follow."""

from __future__ import annotations

from typing import Any

import numpy as np

from attribution.filters import Filters
from attribution.paths.of_deals import DealPaths, of_deals


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
