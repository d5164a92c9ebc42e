"""What each won deal gives each value under every model: one array, of which shares are sums and draws are weighted sums.

Many values (50,000 campaigns) come down to those that lead under some model; the rest is kept as one, so that shares still add up.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from attribution.dataset import Dataset
from attribution.filters import ALL_TIME, Filters
from attribution.paths.journeys import Floats, Indices

MOST_VALUES = 12  # rows of a picture that can be told apart
UNKNOWN = "unknown"  # the channel of touches without one
OTHER, NONE = "\u0000other", "\u0000none"  # columns that stand for no single value; no value of any data begins so


@dataclass(frozen=True)
class Credits:
    """Won deals by what they give. ``given``: (deals, models, columns) in money, unrounded.

    ``columns``: the keys of the values shown, then OTHER and NONE where there are any. ``others``: how many values OTHER holds. Deals are in the
    order of their ids and have a touch that the filters select; what is unattributed is in no column. ``column_of``: each value of the data (None:
    touches without one) to its column. The channel "unknown" is no value: it stands for touches without one.
    """

    deal_ids: tuple[str, ...]
    amounts: Floats
    models: tuple[str, ...]
    columns: tuple[str, ...]
    given: Floats
    others: int = 0
    by: str = "channel"
    column_of: dict[str | None, int] = field(default_factory=dict, repr=False)

    @property
    def values(self) -> tuple[str, ...]:
        """The values that are ranked: the columns that stand for one value each."""
        return tuple(key for key in self.columns if key not in (OTHER, NONE))

    @property
    def deals(self) -> int:
        """How many won deals share anything."""
        return len(self.deal_ids)

    @property
    def worth(self) -> float:
        """What the deals are worth together. Where refunds leave nothing, there are no shares of it."""
        return float(self.amounts.sum())

    @property
    def of_one_column(self) -> int:
        """How many deals have all their touches in one column, so that all models agree on them."""
        return int(((self.given != 0).any(1).sum(-1) == 1).sum())

    @property
    def totals(self) -> Floats:
        """(models, columns): what each column is credited with."""
        total: Floats = self.given.sum(0)
        return total


def credits(ds: Dataset, by: str, filters: Filters = ALL_TIME, models: tuple[str, ...] = (), first: str = "") -> Credits:
    """The won deals that the filters select, by a dimension of the touch. ``models``: those compared (default: all).

    The MOST_VALUES values with the largest share under any model have a column each, in the order of the model ``first`` (default: the agreed one).
    """
    frame = ds.deal_weights(by, filters)
    value = frame["value"].mask(frame["value"] == UNKNOWN) if by == "channel" else frame["value"]
    names = models or tuple(model.name for model in ds.models)
    order = names.index(first) if first in names else 0
    deal_codes, deal_ids = pd.factorize(frame["deal_id"], sort=True)
    value_codes, keys = pd.factorize(value, sort=True)
    amounts = np.zeros(len(deal_ids))
    amounts[deal_codes] = frame["amount"].to_numpy(float)
    column = {model.name: model.column for model in ds.models}
    money = frame[[column[name] for name in names]].to_numpy(float) * frame["amount"].to_numpy(float)[:, None]
    shown = _largest(value_codes, money, len(keys), order)
    column_of, columns, others = _columns(value_codes, shown, [str(key) for key in keys])
    width = len(columns)
    given = np.zeros((len(deal_ids), len(names), width))
    cells = deal_codes * width + column_of
    for place in range(len(names)):
        given[:, place] = np.bincount(cells, money[:, place], minlength=len(deal_ids) * width).reshape(len(deal_ids), width)
    places = dict(zip(keys_of(frame["value"]), (int(column) for column in column_of), strict=True))
    return Credits(tuple(str(key) for key in deal_ids), amounts, names, columns, given, others, by, places)


def _largest(codes: Indices, money: Floats, count: int, order: int) -> list[int]:
    """The codes of the values with the largest share under any model, in the order of one model, ties by code (but for the noise of sums)."""
    if not count:
        return []
    known = codes >= 0
    totals = np.stack([np.bincount(codes[known], column[known], minlength=count) for column in money.T])
    whole = np.abs(money.sum(0))[:, None]
    share = np.divide(totals, whole, out=np.zeros_like(totals), where=whole > 0).round(12)
    chosen = np.argsort(-share.max(0), kind="stable")[:MOST_VALUES]
    return sorted((int(code) for code in chosen), key=lambda code: (-float(share[order, code]), code))


def _columns(codes: Indices, shown: list[int], keys: list[str]) -> tuple[Indices, tuple[str, ...], int]:
    """(per row, its column; the columns; how many values share OTHER)."""
    others = len(keys) - len(shown)
    columns = [keys[code] for code in shown]
    place = np.full(len(keys) + 1, len(columns), np.int64)  # the last entry is what code −1 (no value) finds
    place[shown] = np.arange(len(shown))
    if others:
        columns.append(OTHER)
    if (codes < 0).any():
        place[-1] = len(columns)
        columns.append(NONE)
    return place[codes], tuple(columns), others


def keys_of(values: pd.Series[str]) -> list[str | None]:
    """Values as keys: None where there is none."""
    return [value if isinstance(value, str) else None for value in values]
