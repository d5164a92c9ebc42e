"""The same values when other journeys count: other lookbacks and join rules, each computed in memory. Nothing is saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from attribution.answers.words import ENOUGH_DEALS
from attribution.compare.comparison import places, shares
from attribution.compare.credits import Credits
from attribution.config import Settings
from attribution.dataset import Dataset
from attribution.filters import Filters
from attribution.paths.journeys import Floats, Indices

LOOKBACKS = (30.0, 90.0, 180.0)  # days
JOIN_RULES = ("deal", "primary", "account", "deal_else_account")


@dataclass(frozen=True)
class Setting:
    """One way to count journeys: a lookback (``days``; 0: no limit) or a join rule, and what it sets. Empty overrides: as agreed."""

    days: float | None
    join_rule: str | None
    overrides: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Elsewhere:
    """The values of a comparison under one setting: (models, values). ``deals``: in how many won deals each model credits any of them."""

    setting: Setting
    share: Floats
    first_place: Indices
    last_place: Indices
    deals: Indices

    @property
    def is_ranked(self) -> Indices:
        """Which models credit enough deals to rank anything: of a short lookback, some have next to none."""
        return np.flatnonzero(self.deals >= ENOUGH_DEALS)


def settings_to_try(settings: Settings) -> tuple[Setting, ...]:
    """Shorter lookbacks from the shortest on, then the other join rules: what differs from the settings in force."""
    journeys = settings.journeys
    shorter = [days for days in LOOKBACKS if not journeys.lookback_days or days < journeys.lookback_days]
    back = tuple(Setting(days, None, (("journeys.lookback_days", days),)) for days in shorter)
    joins = tuple(Setting(None, rule, (("journeys.join_rule", rule),)) for rule in JOIN_RULES if rule != journeys.join_rule)
    return (*back, *joins)


def under(ds: Dataset, setting: Setting, filters: Filters, credits: Credits) -> Elsewhere:
    """The values of ``credits`` under a setting. ``filters`` have their dates resolved."""
    other = ds.with_settings(dict(setting.overrides))
    try:
        frame = other.deal_weights(credits.by, filters)
    finally:
        if other is not ds:
            other.close()
    place = {key: row for row, key in enumerate(credits.values)}
    codes = np.array([place.get(value, len(place)) for value in frame["value"]], np.int64)
    amount = frame["amount"].to_numpy(float)
    column = {model.name: model.column for model in ds.models}
    weights = [frame[column[name]].to_numpy(float) for name in credits.models]
    money = np.stack([np.bincount(codes, weight * amount, minlength=len(place) + 1) for weight in weights])
    share = shares(money)[:, : len(place)]
    first, last = places(share)
    deal = pd.factorize(frame["deal_id"])[0]
    valued = codes < len(place)
    deals = [len(np.unique(deal[valued & (weight > 0)])) for weight in weights]
    return Elsewhere(setting, share, first, last, np.array(deals))
