"""Every figure, once: METRICS. Pages, exports, the command line and tests read the same entry.

A metric's ``source`` says which rows it is counted over:

    credits    the ledger and what is left over: weights and credits under a model; additive over every dimension
    journeys   whole deals, once per value that took part in their journey; never added up over dimensions of the touch
    openings   whole deals, at the touch that opened them
    deals      whole deals; dimensions of the deal only
    spend      what was spent; dimensions channel, campaign, asset, topic, month, quarter
    ratio      one metric divided by another: computed from the totals, never from ratios
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from attribution.errors import UnknownNameError, unknown

Source = Literal["credits", "journeys", "openings", "deals", "spend", "ratio"]
Format = Literal["money", "count", "deals", "share", "days", "ratio"]


@dataclass(frozen=True)
class Metric:
    """One figure. ``numerator`` and ``denominator`` are SQL over the rows of ``source``, or names of metrics where it is a ratio.

    ``statuses``: the deals it is about. ``additive``: rows may be summed. ``better``: whether a rise is good ("up", "down", or "" where it is neither).
    """

    name: str
    label: str
    source: Source
    numerator: str
    description: str
    denominator: str = ""
    format: Format = "money"
    additive: bool = True
    better: Literal["up", "down", ""] = "up"
    statuses: tuple[str, ...] = ("won",)


METRICS: tuple[Metric, ...] = (
    Metric(
        "revenue",
        "Credited revenue",
        "credits",
        "sum(case when status = 'won' then weight * amount else 0 end)",
        "Amounts of won deals, shared among the touches of their journeys under a model.",
    ),
    Metric(
        "deals",
        "Credited deals",
        "credits",
        "sum(case when status = 'won' then weight else 0 end)",
        "Won deals, shared in the same way: one deal is 1 in all.",
        format="deals",
    ),
    Metric(
        "pipeline",
        "Credited pipeline",
        "credits",
        "sum(case when status = 'open' then weight * amount else 0 end)",
        "Amounts of open deals, shared among their touches so far. Provisional: later touches move it.",
        statuses=("open",),
    ),
    Metric(
        "pipeline_deals",
        "Credited open deals",
        "credits",
        "sum(case when status = 'open' then weight else 0 end)",
        "Open deals, shared in the same way. Provisional.",
        format="deals",
        statuses=("open",),
    ),
    Metric(
        "influenced_revenue",
        "Took part in",
        "journeys",
        "sum(case when status = 'won' then amount else 0 end)",
        "Whole amounts of won deals in whose journey it took part; without a dimension of the touch: deals with any touch of a "
        "buyer or of marketing. Cannot be added up: most deals meet several.",
        additive=False,
    ),
    Metric(
        "influenced_deals",
        "Took part in, deals",
        "journeys",
        "count(case when status = 'won' then 1 end)",
        "Won deals in whose journey it took part. Cannot be added up.",
        format="count",
        additive=False,
    ),
    Metric(
        "influenced_pipeline",
        "Took part in, open",
        "journeys",
        "sum(case when status = 'open' then amount else 0 end)",
        "Whole amounts of open deals in whose journey it took part. Cannot be added up.",
        additive=False,
        statuses=("open",),
    ),
    Metric(
        "sourced_revenue",
        "Opened by marketing",
        "openings",
        "sum(case when status = 'won' and is_sourced then amount else 0 end)",
        "Whole amounts of won deals that marketing opened; by a dimension of the touch: at the touch that opened them.",
    ),
    Metric(
        "spend",
        "Spend",
        "spend",
        "sum(amount)",
        "What was spent, by its own day, converted at that day's rate.",
        better="",
    ),
    Metric(
        "roi",
        "Return on investment",
        "ratio",
        "revenue",
        "(Credited revenue − spend) ÷ spend, of the totals.",
        denominator="spend",
        format="ratio",
        additive=False,
    ),
    Metric(
        "roas",
        "Revenue per unit spent",
        "ratio",
        "revenue",
        "Credited revenue ÷ spend, of the totals.",
        denominator="spend",
        format="ratio",
        additive=False,
    ),
    Metric(
        "cost_per_deal",
        "Cost per won deal",
        "ratio",
        "spend",
        "Spend ÷ credited won deals, of the totals. Empty where nothing was spent: that is unknown cost, not none.",
        denominator="deals",
        additive=False,
        better="down",
    ),
    Metric(
        "won_revenue", "Won revenue", "deals", "sum(case when status = 'won' then amount else 0 end)", "Amounts of won deals."
    ),
    Metric("won_deals", "Deals won", "deals", "count(case when status = 'won' then 1 end)", "Won deals.", format="count"),
    Metric(
        "lost_deals",
        "Deals lost",
        "deals",
        "count(case when status = 'lost' then 1 end)",
        "Lost deals.",
        format="count",
        better="down",
        statuses=("lost",),
    ),
    Metric(
        "win_rate",
        "Win rate",
        "deals",
        "count(case when status = 'won' then 1 end)",
        "Deals won ÷ (won + lost), by the date they closed; on the date basis created: of the deals opened then (a cohort).",
        denominator="count(case when status <> 'open' then 1 end)",
        format="share",
        additive=False,
        statuses=("won", "lost"),
    ),
    Metric(
        "mean_deal",
        "Mean deal",
        "deals",
        "sum(case when status = 'won' then amount else 0 end)",
        "Won revenue ÷ deals won.",
        denominator="count(case when status = 'won' then 1 end)",
        additive=False,
    ),
    Metric(
        "cycle_days",
        "Median days to win",
        "deals",
        "median(case when status = 'won' then cycle_days end)",
        "Median days from the day a won deal was opened to the day it closed.",
        format="days",
        additive=False,
        better="down",
    ),
    Metric(
        "open_deals",
        "Open deals",
        "deals",
        "count(case when status = 'open' then 1 end)",
        "Open deals as of the data.",
        format="count",
        statuses=("open",),
    ),
    Metric(
        "open_amount",
        "Open deals, amount",
        "deals",
        "sum(case when status = 'open' then amount else 0 end)",
        "Amounts of open deals as of the data (the pipeline).",
        statuses=("open",),
    ),
    Metric(
        "sourced_share",
        "Share opened by marketing",
        "deals",
        "sum(case when status = 'won' and is_sourced then amount else 0 end)",
        "Share of won revenue whose deals marketing opened.",
        denominator="sum(case when status = 'won' then amount else 0 end)",
        format="share",
        additive=False,
        better="",
    ),
    Metric(
        "influenced_share",
        "Marketing or buyers took part",
        "deals",
        "sum(case when status = 'won' and is_influenced then amount else 0 end)",
        "Share of won revenue with any touch of a buyer or of marketing in the journey.",
        denominator="sum(case when status = 'won' then amount else 0 end)",
        format="share",
        additive=False,
    ),
    Metric(
        "attributed_share",
        "Credited to a touch",
        "ratio",
        "attributed_revenue",
        "Share of won revenue that the model credits to touches.",
        denominator="won_revenue",
        format="share",
        additive=False,
    ),
    Metric(
        "attributed_revenue",
        "Credited to touches",
        "credits",
        "sum(case when status = 'won' and not is_leftover then weight * amount else 0 end)",
        "Won revenue that the model credits to touches: all but Unattributed.",
    ),
)

MEASURES: tuple[str, ...] = (
    "revenue",
    "deals",
    "influenced_revenue",
    "influenced_deals",
    "pipeline",
    "pipeline_deals",
    "sourced_revenue",
    "spend",
    "roi",
    "roas",
)


def metric(name: str) -> Metric:
    """The metric of that name; UnknownNameError with a near name otherwise."""
    if name not in _BY_NAME:
        raise UnknownNameError(unknown("metric", name, _BY_NAME))
    return _BY_NAME[name]


_BY_NAME = {entry.name: entry for entry in METRICS}
