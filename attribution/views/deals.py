"""The deals page's views: one deal's journey with what each touch earned, and the deals behind a number of another page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from attribution.answers import deal as answers
from attribution.charts import deals as deals_words
from attribution.charts import formats, tables, touches
from attribution.dataset import Dataset
from attribution.meeting.persons import persons
from attribution.query import column_name
from attribution.views import path_deals
from attribution.views.state import Choice, agreed_word, models_shown, rule_label


@dataclass(frozen=True)
class Explained:
    """One deal as the deals page shows it."""

    deal_id: str
    name: str
    status: str
    amount: float
    label: str
    answer: str
    about: str
    alt: str
    rule: str
    query: str
    touches: pd.DataFrame
    lanes: pd.DataFrame
    stages: pd.DataFrame
    milestones: pd.DataFrame
    unattributed: list[dict[str, Any]]
    people: dict[str, str]

    def describe(self, touch_id: str, currency: str | None) -> str:
        """One touch in a line: when, who, what, what it earned, where it is in the files."""
        for row, lane in zip(self.touches.to_dict("records"), self.lanes.to_dict("records"), strict=True):
            if lane["touch_id"] == touch_id:
                credit = formats.exact(row["credit"], currency) if lane["counts"] else f"does not count: {lane['why']}"
                source = f"{row['source_file']}, row {row['source_row']}"
                text = f"{formats.day(row['occurred_at'])}, {lane['lane']}, {lane['what']}, {formats.words(lane['channel'])}: {credit} ({source})"
                return formats.plain(text)
        return ""


def explained(ds: Dataset, deal_id: str, model: str) -> Explained:
    """One deal's journey under a model, with its answer. Raises QueryError for an unknown deal."""
    found = ds.explain(deal_id, model)
    deal, currency = found.deal, ds.settings.reporting.currency
    name = str(deal["name"] or deal["account_name"] or deal_id)
    status = str(deal["status"])
    frame = touches.lanes(found.touches)
    counting = frame[frame["counts"]]
    end = deal["closed_at"] if status != "open" else ds.as_of
    first = frame.iloc[0] if len(frame) else None
    before_end = [moment for moment in frame["occurred_at"] if end is None or moment <= end]
    reasons = [str(entry["reason"]) for entry in found.unattributed if entry["model"] == model]
    facts = answers.DealFacts(
        name=name, status=status, amount=float(deal["amount"]), currency=currency, on=deal["closed_on"] or deal["closed_at"],
        opened_on=deal["created_on"] or deal["created_at"],
        days_since_first=(end - min(before_end)).days if before_end and end is not None else None,
        touches=len(frame), counted=len(counting),
        first=formats.plain(touches.first_words(first)) if first is not None else "",
        agreed=agreed_word(ds, model), rule=rule_label(ds, model), earners=touches.earners(frame),
        reason=tables.reason_label(reasons[0], ds.settings.journeys.lookback_days).lower() if reasons else "",
    )  # fmt: skip
    return Explained(
        deal_id=deal_id, name=name, status=status, amount=float(deal["amount"]), label=deals_words.deal_label(deal | {"deal_id": deal_id}, currency),
        answer=answers.deal(facts), about=deals_words.about(deal), alt=f"Journey of {name}: {formats.counted(len(frame), 'touch', 'touches')}, "
        f"{touches.people_words(frame)}, {len(counting)} count", rule=found.rule, query=found.query,
        touches=found.touches, lanes=frame, stages=found.stages, milestones=found.milestones, unattributed=found.unattributed,
        people=_people(ds, deal_id, found.touches),
    )  # fmt: skip


def _people(ds: Dataset, deal_id: str, touches_of: pd.DataFrame) -> dict[str, str]:
    """Id → name of the people whose touches reached the deal, in the order of the journey, then of those named on it without one."""
    named = ds.rows("select contact_id from identity.deal_contacts where deal_id = ? order by contact_id", [deal_id])
    acted = touches_of.loc[touches_of["person_kind"] == "contact", "person_id"]
    ids = list(dict.fromkeys([*map(str, acted), *(row[0] for row in named)]))
    found = persons(ds, ids)
    return {
        contact_id: f"{contact_id} ({touches.NO_NAME})" if found[contact_id].name == contact_id else found[contact_id].name
        for contact_id in ids
    }


def touch_table(ds: Dataset, found: Explained, model: str, others: tuple[str, ...]) -> tuple[list[str], pd.DataFrame]:
    """(heads of the rules, table): what each touch of a deal earned under the chosen rule and others."""
    models = models_shown(ds, model, others)
    lookback = ds.settings.journeys.lookback_days
    return [head for _, head in models], touches.touch_table(
        found.touches, found.lanes, models, found.unattributed, found.amount, lookback
    )


def of_whom(ds: Dataset, kind: str, identity: str) -> pd.DataFrame:
    """All deals of an account, or all that a person's touches count for: of all time and any outcome, whatever the filters."""
    if kind == "account":
        rows = ds.rows("select deal_id from marts.deals where account_id = ?", [identity])
    else:
        rows = ds.rows("select deal_id from journeys.deal_people where contact_id = ?", [identity])
    listed: pd.DataFrame = ds.deals()
    listed = listed[listed["deal_id"].isin([row[0] for row in rows])].copy()
    listed["ended"] = listed["status"]
    return listed.sort_values(["created_on", "deal_id"], ascending=[False, True]).reset_index(drop=True)


# Which deals a figure stands for, and by which measures they are found.
MEASURES = {"won": ["revenue"], "open": ["pipeline"], "lost": ["lost_deals"], "decided": ["won_deals", "lost_deals"]}


def behind(ds: Dataset, choice: Choice, what: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    """The deals behind one number: ``what`` are (dimension, value) pairs, ("step", a step of the bridge) or ("way", what was clicked
    on the paths page)."""
    here = choice.filters.resolved(ds.settings, ds.as_of)
    asked = dict(what)
    if whom := next((kind for kind in ("account", "person") if kind in asked), ""):
        return of_whom(ds, whom, asked[whom])
    if "way" in asked:
        return path_deals.deals_behind(ds, here, asked["way"])
    if "step" in asked:
        return ds.bridge_deals(asked["step"], choice.model, here)
    periods = asked.pop("period", None)
    status = asked.pop("status", "won")
    status = status if status in MEASURES else "won"
    measures, is_credited = MEASURES[status], status in ("won", "open")
    by = ["deal", *asked, *(["month"] if periods else [])]
    if is_credited:
        frame = ds.credit(model=choice.model, by=by, measures=measures, filters=here)
    else:
        heads = [*(column_name(name, measures) for name in by), *measures]
        frame = pd.DataFrame(ds.metric_rows(measures, by, here), columns=heads)
    for name, value in asked.items():
        column = frame[column_name(name, measures)].astype(object)
        frame = frame[column.where(column.notna(), "") == value]
    if periods:
        months = frame["month"].astype(str)
        frame = frame[(months == periods) | (months.map(lambda month: len(month) == 7 and tables.quarter(month)) == periods)]
    if not is_credited:  # each deal counts once, the largest first
        counted = frame.loc[frame[measures].sum(axis=1) > 0, "deal"]
        found: pd.DataFrame = ds.deals(filters=here)
        return found[found["deal_id"].isin(counted)].assign(ended=lambda deals: deals["status"]).reset_index(drop=True)
    credited = frame.groupby("deal")[measures[0]].sum()
    listed: pd.DataFrame = ds.deals(filters=here, status=status)
    listed = listed[listed["deal_id"].isin(credited.index)].copy()
    listed["credited"] = listed["deal_id"].map(credited).astype(float)
    return listed.sort_values("credited", ascending=False).reset_index(drop=True)
