"""Credit that moved although the amounts did not: earlier visits added, contacts re-assigned; by channel and Unattributed.

Compares what two versions credit under the agreed rule, over the won deals whose amount and period are the same in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from attribution.charts import formats
from attribution.charts.theme import UNATTRIBUTED
from attribution.filters import Filters

if TYPE_CHECKING:
    from attribution.dataset import Dataset
    from attribution.meeting.deal_states import States

LEAST = 0.005  # below half a cent nothing moved


@dataclass(frozen=True)
class CreditMoves:
    """How much credit lies elsewhere now, in how many deals, from where most went and where most came, and how their touches changed.

    ``rule_then``: the agreed rule of then, where it is another now; then nothing is compared.
    """

    amount: float = 0.0
    deals: int = 0
    source: str = ""
    target: str = ""
    more_touches: int = 0
    fewer_touches: int = 0
    rule_then: str = ""


def credit_moves(now: Dataset, before: Dataset, here: States, there: States, first: date, last: date) -> CreditMoves:
    """What moved between channels in the won deals of a period whose total is unchanged."""
    model = now.settings.reporting.model
    if before.settings.reporting.model != model:
        return CreditMoves(rule_then=before.settings.model(before.settings.reporting.model).label)
    same = {
        deal_id
        for deal_id, state in here.items()
        if state.was_won(first, last) and deal_id in there and there[deal_id].was_won(first, last) and there[deal_id].value == state.value
    }  # fmt: skip
    period = Filters(date_from=first, date_to=last)
    credits = [_by_channel(ds, period, model) for ds in (before, now)]
    moved: dict[str, float] = {}
    amount, changed = 0.0, []
    for deal_id in sorted(same):
        old, new = (found.get(deal_id, {}) for found in credits)
        differences = {channel: new.get(channel, 0.0) - old.get(channel, 0.0) for channel in {*old, *new}}
        gained = sum(difference for difference in differences.values() if difference > 0)
        if gained < LEAST:
            continue
        amount += gained
        changed.append(deal_id)
        for channel, difference in differences.items():
            moved[channel] = moved.get(channel, 0.0) + difference
    if not changed:
        return CreditMoves()
    labels = now.labels("channel")
    order = sorted(moved, key=lambda channel: (moved[channel], channel))
    touches = [_touches(ds, changed) for ds in (before, now)]
    growth = [touches[1].get(deal_id, 0) - touches[0].get(deal_id, 0) for deal_id in changed]
    return CreditMoves(
        amount, len(changed), _name(order[0], labels) if moved[order[0]] < 0 else "", _name(order[-1], labels) if moved[order[-1]] > 0 else "",
        sum(1 for more in growth if more > 0), sum(1 for more in growth if more < 0),
    )  # fmt: skip


def _by_channel(ds: Dataset, period: Filters, model: str) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for row in ds.metric_rows(["revenue"], ["deal", "channel"], period, model):
        found.setdefault(str(row["deal"]), {})[str(row["channel"] or "")] = float(row["revenue"] or 0.0)
    return found


def _touches(ds: Dataset, deal_ids: list[str]) -> dict[str, int]:
    sql = "select deal_id, touch_count from marts.deals where list_contains(cast(? as varchar[]), deal_id)"
    return {deal_id: int(count) for deal_id, count in ds.rows(sql, [deal_ids])}


def _name(channel: str, labels: Mapping[str, str]) -> str:
    return channel if channel == UNATTRIBUTED else labels.get(channel) or formats.words(channel)
