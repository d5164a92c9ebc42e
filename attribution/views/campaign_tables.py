"""The tables of the campaigns page: every campaign in numbers, in two groups of columns, down to the total."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from attribution.campaigns import Life
from attribution.charts import formats, tables
from attribution.charts.campaigns import Step
from attribution.views.campaigns import Entry
from attribution.views.one_campaign import LISTED as LISTED

Column = tuple[str, Callable[[Entry], object]]

# Money follows the filters; what was reached is since each campaign's start. ``second`` is the head of the other rule's column.
GROUPS = {"money": "Money", "reach": "Reach", "all": "All"}

# What a file of the table says of itself: whoever adds up a column outside of the page does not see which rows include others.
SUMS = (
    "A parent includes the campaigns below it (marked ↳), so adding up a column gives more than there is; the last rows count each campaign "
    "once, and Total is the CRM's total in scope"
)


def table(
    entries: Sequence[Entry], ends: Sequence[Entry], second: str, group: str, spend_known: bool, against: str
) -> pd.DataFrame:
    """Campaigns in numbers, those below another with an arrow before their name, then ``ends``. ``group``: one of GROUPS."""
    columns: list[Column] = [("Campaign", _name)]
    if group in ("money", "all"):
        columns += _money(second, spend_known, against)
    columns.insert(2, ("Channel", lambda entry: entry.campaign.channel if entry.campaign else None))
    if group in ("reach", "all"):
        columns += REACH
    if group == "all":
        columns += PLAN
    rows = [*entries, *(entry for entry in ends if group != "reach")]
    return tables.written(columns, rows)


def as_file(frame: pd.DataFrame, channels: Mapping[str, str]) -> pd.DataFrame:
    """The table as people read it in a file: channels by their labels, where the page shows them as chips."""
    labels = [channels.get(key) or formats.words(key) if isinstance(key, str) else None for key in frame["Channel"]]
    return frame.assign(Channel=labels)


def _money(second: str, spend_known: bool, against: str) -> list[Column]:
    columns: list[Column] = [("Credited", lambda entry: entry.revenue), (second, lambda entry: entry.other)]
    if spend_known:
        columns += [
            ("Spend", lambda entry: entry.spend),
            ("Per unit spent", lambda entry: entry.roas),
            ("ROI", lambda entry: tables.percent(entry.roi)),
            ("Cost per won deal", lambda entry: entry.cost_per_deal),
            ("Spent before", lambda entry: entry.spent_before or None),
        ]
    columns += [
        ("Credited deals", lambda entry: entry.deals),
        ("Took part in", lambda entry: entry.took_deals),
        ("Took part in, amount", lambda entry: entry.took_part),
        ("Open deals", lambda entry: entry.pipeline),
    ]
    return [*columns, ("Change", lambda entry: tables.growth(entry.revenue, entry.before))] if against else columns


def _since_start(value: Callable[[Life], object]) -> Callable[[Entry], object]:
    """A figure of one campaign's life; empty for a row that sums up others, since people and deals of several cannot be added up."""
    return lambda entry: value(entry.life) if entry.kind == "campaign" else None


REACH: list[Column] = [
    ("Started", lambda entry: tables.day(entry.started)),
    ("Age", lambda entry: entry.age_days),
    ("Touches", _since_start(lambda life: life.touches)),
    ("People", _since_start(lambda life: life.people)),
    ("Companies", _since_start(lambda life: life.companies)),
    ("First met us here", _since_start(lambda life: life.first_met)),
    ("Deals opened", _since_start(lambda life: life.opened)),
    ("Deals touched", _since_start(lambda life: life.deals)),
    ("Won", _since_start(lambda life: life.won)),
    ("Lost", _since_start(lambda life: life.lost)),
    ("Still open", _since_start(lambda life: life.open)),
    ("Share open", _since_start(lambda life: tables.percent(life.open_share))),
    ("Spent in all", _since_start(lambda life: life.spend or None)),
    ("Too early to judge?", lambda entry: " ".join(entry.too_early) or None),
]

PLAN: list[Column] = [
    ("Ends", lambda entry: tables.day(entry.campaign.ends_on) if entry.campaign else None),
    ("Objective", lambda entry: entry.campaign.objective if entry.campaign else None),
    ("Owner", lambda entry: entry.campaign.owner if entry.campaign else None),
    ("Part of", lambda entry: entry.campaign.parent or None if entry.campaign else None),
    ("Id", lambda entry: entry.key or None),
]


def matching(entries: Sequence[Entry], search: str) -> list[Entry]:
    """The campaigns with these words in their name, id, channel or objective; all of them without words."""
    return tables.matching(entries, _words, search)


def _words(entry: Entry) -> tuple[str | None, ...]:
    campaign = entry.campaign
    return entry.label, entry.key, *((campaign.channel, campaign.objective, campaign.owner) if campaign else ())


def deals(frame: pd.DataFrame, second: str) -> pd.DataFrame:
    """The deals that a campaign touched, as people read them."""
    shown = frame.drop(columns=["deal_id", "Share"]).rename(columns={"Open credit": "Credited, open", "Second rule": second})
    shown["Status"] = [formats.words(status) for status in frame["Status"]]
    shown["Opened by it"] = ["yes" if opened else "" for opened in frame["Opened by it"]]
    return shown


def people(frame: pd.DataFrame, kinds: Mapping[str, str]) -> pd.DataFrame:
    """The people who first met us at a campaign, as people read them."""
    return frame.drop(columns="contact_id").assign(
        **{"What happened": [kinds.get(kind) or formats.words(kind) for kind in frame["What happened"]]}
    )


def by_period(keys: Sequence[str], amounts: Sequence[float]) -> pd.DataFrame:
    """Credited revenue by month or quarter, with its total."""
    rows = [*((formats.month(key), amount) for key, amount in zip(keys, amounts, strict=True)), ("Total", round(sum(amounts), 2))]
    return pd.DataFrame(rows, columns=["Period", "Credited"])


def steps(listed: Sequence[Step]) -> pd.DataFrame:
    """The funnel in numbers."""
    return pd.DataFrame([(step.label, int(step.value), step.note) for step in listed], columns=["Step", "Number", "Note"])


def _name(entry: Entry) -> str:
    below = f" (with {entry.below} below it)" if entry.below else ""
    depth = entry.campaign.depth if entry.campaign else 0
    return f"{'    ' * max(0, depth - 1)}{'↳ ' if depth else ''}{entry.label}{below}"
