"""One deal, explained: every touch that reached it, what it earned under every model and why, down to the source file and row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from attribution.config import Settings
from attribution.errors import QueryError, near_name
from attribution.models import Model
from attribution.models.rules import words_for_shares
from attribution.query import UNATTRIBUTED
from attribution.rounding import floats_that_add_up

if TYPE_CHECKING:
    import pandas as pd

    from attribution.dataset import Dataset

WHY_NOT: dict[str, str] = {
    "excluded": "left out by the settings (channel, kind or actor)",
    "repeat": "a repeat on the same day",
    "after_end": "after the deal's end",
    "outside_lookback": "older than the lookback",
}

# One table each: planning a join takes longer than reading the few rows that are asked for.
_TOUCHES = """
select
    touch_id,
    touch_position as position,
    case
        when is_counted then null
        when is_excluded then 'excluded'
        when is_repeat then 'repeat'
        when is_after_end then 'after_end'
        else 'outside_lookback'
    end as reason,
    from_us(occurred_us) as occurred_at,
    person_kind,
    person_id,
    channel,
    kind,
    actor,
    campaign_id,
    asset_id,
    is_back_filled,
    source_file,
    source_row
from journeys.deal_touches
where deal_id = ?
order by occurred_us, touch_id
"""
_PEOPLE = "select contact_id, name, title from identity.contacts where contact_id in ({places})"

# What the ledger says of a touch that counts, before its weights.
_OF_JOURNEY = ("is_first", "is_lead_creation", "is_deal_creation", "is_last", "phase")

# The columns of Explanation.touches; the credits under all models follow.
_TYPES = {
    "touch_id": "str",
    "position": "Int64",
    "reason": "str",
    "occurred_at": "datetime64[us]",
    "person_kind": "str",
    "person_id": "str",
    "person_name": "str",
    "person_title": "str",
    "channel": "str",
    "kind": "str",
    "actor": "str",
    "campaign_id": "str",
    "campaign_name": "str",
    "asset_id": "str",
    "asset_title": "str",
    "is_first": "bool",
    "is_lead_creation": "bool",
    "is_deal_creation": "bool",
    "is_last": "bool",
    "phase": "str",
    "is_back_filled": "bool",
    "source_file": "str",
    "source_row": "int64",
    "weight": "float64",
    "credit": "float64",
}

_DEAL_COLUMNS = {
    "deal_id": "deals.deal_id",
    "name": "deals.name",
    "account_id": "deals.account_id",
    "account_name": "deals.account_name",
    "segment": "deals.segment",
    "industry": "deals.industry",
    "country": "deals.country",
    "owner_id": "deals.owner_id",
    "owner_name": "deals.owner_name",
    "partner_id": "deals.partner_id",
    "partner_name": "deals.partner_name",
    "pipeline": "deals.pipeline",
    "deal_type": "deals.deal_type",
    "deal_stage": "deals.deal_stage",
    "status": "deals.status",
    "created_at": "from_us(deals.created_us)",
    "closed_at": "from_us(deals.closed_us)",
    "created_on": "deals.created_on",
    "closed_on": "deals.closed_on",
    "cycle_days": "deals.cycle_days",
    "amount": "deals.amount",
    "original_amount": "deals.original_amount",
    "original_currency": "deals.original_currency",
    "exchange_rate": "deals.exchange_rate",
    "cost_of_delivery": "deals.cost_of_delivery",
    "loss_reason": "deals.loss_reason",
    "competitor": "deals.competitor",
    "touch_count": "deals.touch_count",
    "opened_by": "deals.opened_by",
    "opening_touch_id": "deals.opening_touch_id",
    "is_influenced": "deals.is_influenced",
    "is_sourced": "deals.is_sourced",
    "join_rule": "deals.join_rule",
    "end_at": "from_us(journey_deals.end_us)",
    "lead_created_at": "from_us(journey_deals.lead_created_us)",
    "deal_created_at": "from_us(journey_deals.deal_created_us)",
    "source_file": "deals.source_file",
    "source_row": "deals.source_row",
}
_DEAL = f"""
select {", ".join(f"{expression} as {name}" for name, expression in _DEAL_COLUMNS.items())}
from marts.deals as deals
inner join journeys.deals as journey_deals on deals.deal_id = journey_deals.deal_id
where deals.deal_id = ?
"""

_STAGES = """
select deal_stage as stage, entered_at, cast(amount as double) as amount, source_file, source_row
from raw.deal_stage_changes
where deal_id = ?
order by entered_at, deal_stage
"""

_WHOSE = {
    "deal": "the people on the deal and touches that name the deal",
    "primary": "the deal's primary contact",
    "account": "everybody at the deal's account, touches of the account without a person, and touches that name the deal",
}


@dataclass(frozen=True)
class Explanation:
    """One deal explained. ``touches``: one row per touch that reached the deal, in order; those that do not count have a reason
    instead of a position. ``unattributed``: what no touch earned under ``model``. All credits of one model add up to the amount."""

    deal: dict[str, Any]
    model: Model
    touches: pd.DataFrame
    unattributed: list[dict[str, Any]]
    stages: pd.DataFrame
    milestones: pd.DataFrame
    rule: str
    query: str
    reconciliation: pd.DataFrame


def explain_deal(dataset: Dataset, deal_id: str, model: Model) -> Explanation:
    """Explain one deal under one model (and show the credits of all). Raises QueryError for an unknown deal."""
    import pandas as pd

    deal = _deal(dataset, deal_id)
    amount = float(deal["amount"])
    touches = _touches(dataset, deal_id)
    columns = ", ".join((*_OF_JOURNEY, *(entry.column for entry in dataset.models)))
    ledger = {
        row[0]: row[1:] for row in dataset.rows(f"select touch_id, {columns} from marts.credits where deal_id = ?", [deal_id])
    }
    missing = {
        row[0]: (row[1], row[2])
        for row in dataset.rows("select model, share, reason from credits.unattributed where deal_id = ?", [deal_id])
    }
    credits = [ledger.get(touch_id) for touch_id in touches["touch_id"]]  # None for a touch that does not count
    for place, name in enumerate(_OF_JOURNEY):
        touches[name] = [row and row[place] for row in credits]
    names = [*((touch_id,) for touch_id in touches["touch_id"] if touch_id in ledger), (UNATTRIBUTED,)]
    unattributed: list[dict[str, Any]] = []
    for place, entry in enumerate(dataset.models, len(_OF_JOURNEY)):
        share, reason = missing.get(entry.name, (0.0, ""))
        weights = [row[place] for row in credits if row] + ([share] if share else [])
        cents = iter(floats_that_add_up([weight * amount for weight in weights], names, Decimal(str(amount))))
        touches[f"credit_{entry.name}"] = [next(cents) if row else None for row in credits]
        if share:
            unattributed.append({"model": entry.name, "share": share, "credit": next(cents), "reason": reason})
        if entry.name == model.name:
            touches["weight"], touches["credit"] = [row and row[place] for row in credits], touches[f"credit_{entry.name}"]
    chosen = [entry for entry in unattributed if entry["model"] == model.name]
    left = sum((Decimal(str(entry["credit"])) for entry in chosen), Decimal(0))
    rows = [
        ("deal", 1.0, amount),
        ("credited to touches", 1.0 - sum(entry["share"] for entry in chosen), float(Decimal(str(amount)) - left)),
        *((f"unattributed:{entry['reason']}", entry["share"], entry["credit"]) for entry in chosen),
    ]
    types = _types() | {f"credit_{entry.name}": _types()["credit"] for entry in dataset.models}
    return Explanation(
        deal=deal,
        model=model,
        touches=pd.DataFrame({name: pd.array(touches[name], dtype=kind) for name, kind in types.items()}),
        unattributed=unattributed,
        stages=dataset.frame(_STAGES, [deal_id]),
        milestones=_milestones(deal),
        rule=" ".join([rule_in_words(model, dataset.settings, deal["join_rule"]), *dataset.learned_words([model.name])]),
        query=deal_query(deal_id, model),
        reconciliation=pd.DataFrame(rows, columns=["step", "share", "revenue"]),
    )


@cache
def _types() -> dict[str, Any]:
    """The columns' types as pandas has them: finding a type by its name takes longer than filling a column."""
    import pandas as pd

    return {name: pd.api.types.pandas_dtype(kind) for name, kind in _TYPES.items()}


def rule_in_words(model: Model, settings: Settings, join_rule: str | None = None) -> str:
    """The rule of a model and of the journey in one short paragraph."""
    journeys = settings.journeys
    share = f"{model.summary}"
    if model.shares and len(model.shares) > 1:
        share += f" That is {words_for_shares(model.shares)}."
    policy = (
        {
            "proportional": "If a step is missing, the other shares are scaled up to 100 %.",
            "equal": "If a step is missing, its share is divided equally over the steps that are there.",
            "unattributed": "If a step is missing, its share stays Unattributed.",
        }[settings.models.missing_share_of(model.name)]
        if model.shares and len(model.shares) > 1
        else ""
    )
    half_life = f" Half-life: {settings.models.time_decay.half_life_days:g} days." if model.name == "time_decay" else ""
    back = f"at most {journeys.lookback_days:g} days before the end" if journeys.lookback_days else "however old"
    start = ", after the account's previous won deal" if journeys.start == "after_previous_win" else ""
    whose = _WHOSE[join_rule or ("account" if journeys.join_rule == "deal_else_account" else journeys.join_rule)]
    grain = " Repeats count once a day." if journeys.grain == "day" else ""
    actors = "" if len(set(journeys.actors)) == 5 else f" Only actions of {', '.join(journeys.actors)} count."
    left_out = [
        *(f"touches of the kind {kind.replace('_', ' ')}" for kind in journeys.exclude_kinds),
        *(f"the channel {channel.replace('_', ' ')}" for channel in journeys.exclude_channels),
    ]
    without = f" Left out: {', '.join(left_out)}." if left_out else ""
    sentences = f"{share} {policy}{half_life} Counted are touches of {whose}, {back}{start}.{grain}{actors}{without}"
    return " ".join(sentences.split())


def deal_query(deal_id: str, model: Model) -> str:
    """SQL that anybody can run on the database file to get the same credits (unrounded)."""
    literal = "'" + deal_id.replace("'", "''") + "'"
    return (
        "select touch_position, touch_id, channel, campaign_id, asset_id, phase,\n"
        f"       {model.column} as weight, {model.column} * amount as credit\n"
        "from marts.credits\n"
        f"where deal_id = {literal}\n"
        "union all\n"
        "select null, 'Unattributed: ' || reason, null, null, null, null, share, share * deals.amount\n"
        "from credits.unattributed inner join marts.deals as deals using (deal_id)\n"
        f"where deal_id = {literal} and model = '{model.name}'\n"
        "order by touch_position"
    )


def _deal(dataset: Dataset, deal_id: str) -> dict[str, Any]:
    """The facts about the deal itself."""
    found = dataset.rows(_DEAL, [deal_id])
    if not found:
        known = [row[0] for row in dataset.rows("select deal_id from marts.deals order by amount desc limit 5000")]
        raise QueryError(
            f"deal {deal_id!r}: there is no such deal in the data.{near_name(deal_id, known) or ' List them with: credit --by deal.'}"
        )
    return {key: _plain(value) for key, value in zip(_DEAL_COLUMNS, found[0], strict=True)}


def _touches(dataset: Dataset, deal_id: str) -> dict[str, list[Any]]:
    """The touches that reached the deal, in order: column → values, with the names that their ids stand for."""
    columns, rows = dataset.table(_TOUCHES, [deal_id])
    touches = {name: [row[place] for row in rows] for place, name in enumerate(columns)}
    people = [key if kind == "contact" else None for kind, key in zip(touches["person_kind"], touches["person_id"], strict=True)]
    wanted = sorted({key for key in people if key is not None})
    found = (
        {key: said for key, *said in dataset.rows(_PEOPLE.format(places=", ".join("?" * len(wanted))), wanted)} if wanted else {}
    )
    for place, name in enumerate(("person_name", "person_title")):
        touches[name] = [found[key][place] if key in found else None for key in people]
    for name, dimension in (("campaign_name", "campaign"), ("asset_title", "asset")):
        labels = dataset.labels(dimension)
        touches[name] = [labels.get(key) for key in touches[f"{dimension}_id"]]
    return touches


def _milestones(deal: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    rows = [
        ("lead_created", deal["lead_created_at"]),
        ("deal_created", deal["deal_created_at"]),
        (deal["status"], deal["closed_at"] if deal["status"] != "open" else None),
        ("as_of", deal["end_at"] if deal["status"] == "open" else None),
    ]
    return pd.DataFrame([row for row in rows if row[1] is not None], columns=["milestone", "occurred_at"])


def _plain(value: Any) -> Any:
    """A value of the deal as pages and commands take it: amounts as floats, moments and days as pandas has them in a column."""
    import pandas as pd

    if isinstance(value, Decimal):
        return float(value)
    return pd.Timestamp(value) if isinstance(value, date) else value
