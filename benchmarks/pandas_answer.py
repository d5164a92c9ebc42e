"""The five-model question as a competent user would write it in pandas, from the Parquet files. Usage: pandas_answer.py FOLDER OUT.csv

Shares each won deal among its touches under first_touch, last_touch, linear, u_shaped and time_decay; one row per model, channel and
month of close. The rules are those of the database's defaults: people on the deal, else everybody at the account; 540 days; repeats
of a day count once; opened mails do not count.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

ZONE = "Europe/Berlin"
LOOKBACK = pd.Timedelta(days=540)
GRACE = pd.Timedelta(minutes=60)
HALF_LIFE_DAYS = 30


def main(folder: Path, out: Path) -> None:
    """Read, resolve, join, weigh, sum."""
    contacts = pd.read_parquet(folder / "contacts.parquet", columns=["contact_id", "account_id", "created_at"])
    contacts["created_at"] = moments(contacts["created_at"])
    deals = won_deals(folder)
    named = pd.read_parquet(folder / "deal_contacts.parquet", columns=["deal_id", "contact_id"]).drop_duplicates()
    without = deals.loc[~deals["deal_id"].isin(named["deal_id"]), ["deal_id", "account_id"]]
    people = deal_people(deals, named, without, contacts)
    touches = resolved_touches(folder)
    journeys = joined(deals, people, without, touches)
    weighed = weights(journeys, people, contacts)
    amounts = weighed.merge(deals[["deal_id", "amount_eur", "month"]], on="deal_id")
    models = ["first_touch", "last_touch", "linear", "u_shaped", "time_decay"]
    for model in models:
        amounts[model] = amounts[model] * amounts["amount_eur"]
    sums = amounts.groupby(["channel", "month"], observed=True)[models].sum().reset_index()
    sums.melt(["channel", "month"], models, "model", "revenue").to_csv(out, index=False)


def moments(local: pd.Series) -> pd.Series:
    """Times without an offset are local times of the reporting zone: as UTC, so that a day is 24 hours all year."""
    return local.dt.tz_localize(ZONE).dt.tz_convert("UTC").dt.tz_localize(None)


def won_deals(folder: Path) -> pd.DataFrame:
    """Won deals with their amount in euro, rounded half up, at the rate of the day of close or the last one before."""
    columns = ["deal_id", "account_id", "closed_at", "status", "amount", "currency"]
    deals = pd.read_parquet(folder / "deals.parquet", columns=columns)
    deals = deals[deals["status"] == "won"].copy()
    deals["month"] = deals["closed_at"].dt.strftime("%Y-%m")
    deals["closed_on"] = deals["closed_at"].dt.normalize().astype("datetime64[us]")
    deals["closed_at"] = moments(deals["closed_at"])
    rates = pd.read_parquet(folder / "fx_rates.parquet")
    rates["rate_on"] = pd.to_datetime(rates["rate_on"]).astype("datetime64[us]")
    deals = pd.merge_asof(
        deals.sort_values("closed_on"), rates.sort_values("rate_on"), left_on="closed_on", right_on="rate_on", by="currency",
        tolerance=pd.Timedelta(days=7),
    )  # fmt: skip
    cents = deals["amount"].astype(float) * 100 / deals["units_per_base"].astype(float).fillna(1.0)
    deals["amount_eur"] = np.floor(cents + 0.5 + 1e-9) / 100
    return deals


def deal_people(deals: pd.DataFrame, named: pd.DataFrame, without: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Whose touches count: the contacts on the deal; where there are none, those of the account."""
    named = named[named["deal_id"].isin(deals["deal_id"])]
    others = without.merge(contacts[["contact_id", "account_id"]], on="account_id")[["deal_id", "contact_id"]]
    return pd.concat([named, others], ignore_index=True)


def resolved_touches(folder: Path) -> pd.DataFrame:
    """Touches without duplicates and opened mails, with the contact that a visitor proved to be."""
    columns = [
        "touch_id",
        "occurred_at",
        "contact_id",
        "visitor_id",
        "account_id",
        "deal_id",
        "channel",
        "kind",
        "campaign_id",
        "asset_id",
    ]
    touches = pd.read_parquet(folder / "touches.parquet", columns=columns)
    touches = touches.drop_duplicates("touch_id", keep="last")
    touches = touches[touches["kind"] != "email_open"].copy()
    touches["day"] = touches["occurred_at"].dt.normalize()
    touches["occurred_at"] = moments(touches["occurred_at"])
    identities = pd.read_parquet(folder / "identities.parquet")
    visitors = identities[identities["alias_kind"] == "visitor"].drop_duplicates("alias").set_index("alias")["target_id"]
    touches["contact_id"] = touches["contact_id"].fillna(touches["visitor_id"].map(visitors))
    return touches


def joined(deals: pd.DataFrame, people: pd.DataFrame, without: pd.DataFrame, touches: pd.DataFrame) -> pd.DataFrame:
    """One row per won deal and touch that counts for it."""
    by_person = people.merge(touches[["contact_id", "touch_id"]].dropna(), on="contact_id")[["deal_id", "touch_id"]]
    by_deal = touches.loc[touches["deal_id"].isin(deals["deal_id"]), ["deal_id", "touch_id"]]
    anonymous = touches.loc[touches["contact_id"].isna() & touches["account_id"].notna(), ["account_id", "touch_id"]]
    by_account = without.merge(anonymous, on="account_id")[["deal_id", "touch_id"]]
    reached = pd.concat([by_person, by_deal, by_account]).drop_duplicates()
    rows = reached.merge(touches.drop(columns="deal_id"), on="touch_id").merge(deals[["deal_id", "closed_at"]], on="deal_id")
    rows = rows[rows["occurred_at"] <= rows["closed_at"]]
    rows["person"] = rows["contact_id"].fillna(rows["visitor_id"]).fillna(rows["account_id"])
    rows = rows.sort_values(["deal_id", "occurred_at", "touch_id"])
    rows = rows.drop_duplicates(["deal_id", "person", "channel", "campaign_id", "asset_id", "kind", "day"])
    return rows[rows["occurred_at"] >= rows["closed_at"] - LOOKBACK]


def weights(rows: pd.DataFrame, people: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """The share of each touch under the five models."""
    rows = rows.copy()
    group = rows.groupby("deal_id", sort=False)
    rows["position"] = group.cumcount() + 1
    rows["count"] = group["touch_id"].transform("size")
    lead = people.merge(contacts[["contact_id", "created_at"]], on="contact_id").groupby("deal_id")["created_at"].min()
    before_lead = rows["occurred_at"] <= rows["deal_id"].map(lead) + GRACE
    rows["lead"] = rows["deal_id"].map(rows[before_lead].groupby("deal_id")["position"].max())
    first, is_lead = rows["position"] == 1, rows["position"] == rows["lead"]
    rows["first_touch"] = first.astype(float)
    rows["last_touch"] = (rows["position"] == rows["count"]).astype(float)
    rows["linear"] = 1 / rows["count"]
    named = 1 + (rows["lead"].notna() & (rows["lead"] != 1)).astype(int)
    middle = np.where(first | is_lead, 0.0, 0.2 / (rows["count"] - named).replace(0, np.nan))
    rows["u_shaped"] = 0.4 * first + 0.4 * is_lead + np.nan_to_num(middle)
    days_before_last = (group["occurred_at"].transform("max") - rows["occurred_at"]).dt.total_seconds() / 86_400
    rows["time_decay"] = 2.0 ** (-days_before_last / HALF_LIFE_DAYS)
    for model in ("u_shaped", "time_decay"):
        rows[model] = rows[model] / rows.groupby("deal_id")[model].transform("sum")
    return rows[["deal_id", "channel", "first_touch", "last_touch", "linear", "u_shaped", "time_decay"]]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
