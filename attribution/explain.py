"""One deal, explained: every touch that reached it, what it earned under every model and why, down to the source file and row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attribution.config import Settings
from attribution.errors import QueryError, near_name
from attribution.models import Model
from attribution.models.rules import words_for_shares
from attribution.query import UNATTRIBUTED
from attribution.rounding import exact, largest_remainder

if TYPE_CHECKING:
    import pandas as pd

    from attribution.dataset import Dataset

WHY_NOT: dict[str, str] = {
    "excluded": "left out by the settings (channel, kind or actor)",
    "repeat": "a repeat on the same day",
    "after_end": "after the deal's end",
    "outside_lookback": "older than the lookback",
}

_TOUCHES = """
select
    deal_touches.touch_id as touch_id,
    deal_touches.touch_position as position,
    case
        when deal_touches.is_counted then null
        when deal_touches.is_excluded then 'excluded'
        when deal_touches.is_repeat then 'repeat'
        when deal_touches.is_after_end then 'after_end'
        else 'outside_lookback'
    end as reason,
    from_us(deal_touches.occurred_us) as occurred_at,
    deal_touches.person_kind as person_kind,
    deal_touches.person_id as person_id,
    cast(null as varchar) as person_name,
    cast(null as varchar) as person_title,
    deal_touches.channel as channel,
    deal_touches.kind as kind,
    deal_touches.actor as actor,
    deal_touches.campaign_id as campaign_id,
    campaigns.name as campaign_name,
    deal_touches.asset_id as asset_id,
    assets.title as asset_title,
    coalesce(deal_touches.touch_position = 1, false) as is_first,
    coalesce(deal_touches.touch_position = summaries.lead_creation_position, false) as is_lead_creation,
    coalesce(deal_touches.touch_position = summaries.deal_creation_position, false) as is_deal_creation,
    coalesce(deal_touches.touch_position = summaries.touch_count, false) as is_last,
    case
        when not deal_touches.is_counted then null
        when deal_touches.is_before_lead then 'before lead'
        when deal_touches.is_before_deal then 'before deal'
        else 'after deal opened'
    end as phase,
    deal_touches.is_back_filled as is_back_filled,
    deal_touches.source_file as source_file,
    deal_touches.source_row as source_row
from journeys.deal_touches as deal_touches
left join journeys.summaries as summaries on deal_touches.deal_id = summaries.deal_id
left join raw.campaigns as campaigns on deal_touches.campaign_id = campaigns.campaign_id
left join raw.content_assets as assets on deal_touches.asset_id = assets.asset_id
where deal_touches.deal_id = ?
order by deal_touches.occurred_us, deal_touches.touch_id
"""

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

# Asked for by their ids: a join would read the names of everybody.
_PEOPLE = "select contact_id, name, title from identity.contacts where contact_id in ({places})"

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

    found = dataset.rows(_DEAL, [deal_id])
    if not found:
        known = [row[0] for row in dataset.rows("select deal_id from marts.deals order by amount desc limit 5000")]
        raise QueryError(
            f"deal {deal_id!r}: there is no such deal in the data.{near_name(deal_id, known) or ' List them with: credit --by deal.'}"
        )
    deal = {key: _plain(value) for key, value in zip(_DEAL_COLUMNS, found[0], strict=True)}
    amount = Decimal(str(deal["amount"]))
    touches = dataset.frame(_TOUCHES, [deal_id])
    people = _people(dataset, touches)
    for place, column in enumerate(("person_name", "person_title")):
        names = [
            people[key][place] if key in people else None
            for key in zip(touches["person_kind"], touches["person_id"], strict=True)
        ]
        touches[column] = pd.Series(names, dtype="str")
    columns = ", ".join(entry.column for entry in dataset.models)
    weights = {
        row[0]: row[1:] for row in dataset.rows(f"select touch_id, {columns} from marts.credits where deal_id = ?", [deal_id])
    }
    missing = {
        row[0]: (row[1], row[2])
        for row in dataset.rows("select model, share, reason from credits.unattributed where deal_id = ?", [deal_id])
    }
    new_columns: dict[str, list[float | None]] = {}
    chosen_columns: dict[str, list[float | None]] = {}
    unattributed: list[dict[str, Any]] = []
    touch_ids = list(touches["touch_id"])
    for index, entry in enumerate(dataset.models):
        counted = [(touch_id, weights[touch_id][index]) for touch_id in touch_ids if touch_id in weights]
        share, reason = missing.get(entry.name, (0.0, ""))
        parts = [*counted, *([("", share)] if share else [])]
        cents = largest_remainder(
            [exact(weight * float(amount)) for _, weight in parts],
            [(touch_id or UNATTRIBUTED,) for touch_id, _ in parts],
            amount,
        )
        credit = {touch_id: float(cent) for (touch_id, _), cent in zip(parts, cents, strict=True)}
        new_columns[f"credit_{entry.name}"] = [credit.get(touch_id) for touch_id in touch_ids]
        if share:
            unattributed.append({"model": entry.name, "share": share, "credit": credit[""], "reason": reason})
        if entry.name == model.name:
            own = dict(counted)
            chosen_columns = {
                "weight": [own.get(touch_id) for touch_id in touch_ids],
                "credit": new_columns[f"credit_{entry.name}"],
            }
    touches = pd.concat([touches, pd.DataFrame({**chosen_columns, **new_columns}, index=touches.index)], axis=1)
    chosen = [entry for entry in unattributed if entry["model"] == model.name]
    rows = [
        ("deal", 1.0, float(amount)),
        (
            "credited to touches",
            1.0 - sum(entry["share"] for entry in chosen),
            float(amount - sum((Decimal(str(entry["credit"])) for entry in chosen), Decimal(0))),
        ),
    ]
    rows += [(f"unattributed:{entry['reason']}", entry["share"], entry["credit"]) for entry in chosen]
    return Explanation(
        deal=deal,
        model=model,
        touches=touches,
        unattributed=unattributed,
        stages=dataset.frame(_STAGES, [deal_id]),
        milestones=_milestones(deal),
        rule=" ".join([rule_in_words(model, dataset.settings, deal["join_rule"]), *dataset.learned_words([model.name])]),
        query=deal_query(deal_id, model),
        reconciliation=pd.DataFrame(rows, columns=["step", "share", "revenue"]),
    )


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


def _people(dataset: Dataset, touches: pd.DataFrame) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    """(kind, id) → name and title of the contacts among the people of these touches."""
    ids = sorted(set(touches.loc[touches["person_kind"] == "contact", "person_id"]))
    if not ids:
        return {}
    rows = dataset.rows(_PEOPLE.format(places=", ".join("?" * len(ids))), ids)
    return {("contact", row[0]): (row[1], row[2]) for row in rows}


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
