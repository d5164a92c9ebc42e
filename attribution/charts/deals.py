"""Deals as people read them: in a picker, in a list, in a line, and what number they stand behind. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from attribution.charts import formats, tables

MOST_OPTIONS = 1000  # deals a picker holds; beyond them people search


def about(deal: dict[str, Any]) -> str:
    """What the CRM knows of a deal, in one quiet line."""
    fields = (
        ("", deal["account_name"]), ("", deal["segment"]), ("", deal["industry"]), ("", deal["country"]),
        ("owner ", deal["owner_name"] or deal["owner_id"]), ("partner ", deal["partner_name"]), ("deal type ", deal["deal_type"]),
        ("stage ", deal["deal_stage"]), ("opened by ", tables.TEAMS.get(str(deal["opened_by"]), deal["opened_by"]) if deal["opened_by"] != "unknown" else None),
        ("lost for: ", deal["loss_reason"]), ("lost to " if deal["status"] == "lost" else "against ", deal["competitor"]),
        ("", f"{deal['source_file']}, row {deal['source_row']}"),
    )  # fmt: skip
    return formats.plain(
        " · ".join(f"{head}{formats.words(str(value)) if not head else value}" for head, value in fields if value)
    )


def deal_label(deal: Mapping[Any, Any], currency: str | None) -> str:
    """A deal in a picker: name, amount, how and when it ended."""
    name = formats.short(deal["name"] or deal["account_name"] or deal["deal_id"], 24)
    day = deal.get("closed_on")
    end = f"{deal['status']} {formats.day(day)}" if day is not None and day == day and str(day) != "NaT" else deal["status"]
    return f"{name} · {formats.money(float(deal['amount']), currency)} · {end}"


def deal_options(listed: pd.DataFrame, current: str, label: str, currency: str | None) -> dict[str, str]:
    """Deal id → words for the picker: the largest deals of a list, and the current one wherever it is."""
    asked = [name for name in ("deal_id", "name", "account_name", "amount", "status", "closed_on") if name in listed]
    rows = listed[asked].head(MOST_OPTIONS).to_dict("records")
    options = {str(row["deal_id"]): deal_label({"status": "won", **row}, currency) for row in rows}
    return options if current in options else {current: label, **options}


def total_amount(listed: pd.DataFrame) -> float:
    """The whole amounts of a list of deals; 0 where it is empty."""
    return float(listed["amount"].sum()) if len(listed) else 0.0


def list_columns(listed: pd.DataFrame) -> pd.DataFrame:
    """A list of deals with the heads people read."""
    heads = {
        "name": "Deal",
        "account_name": "Account",
        "amount": "Amount",
        "credited": "In this number",
        "revenue": "In this number",
        "created_on": "Opened",
        "closed_on": "Closed",
        "ended": "Status",
        "deal_stage": "Stage",
        "segment": "Segment",
        "owner_name": "Owner",
        "touch_count": "Touches",
        "reason": "Reason",
        "source_file": "File",
        "source_row": "Row",
        "deal_id": "Id",
    }
    shown = listed[[name for name in heads if name in listed]].rename(columns=heads)
    for name in ("Status", "Stage", "Segment"):
        if name in shown:
            shown[name] = [formats.words(value, "") if isinstance(value, str) else None for value in shown[name]]
    shown["Deal"] = [
        name if isinstance(name, str) and name else str(identity)
        for name, identity in zip(shown["Deal"], shown["Id"], strict=True)
    ]
    if "Reason" not in shown:  # the source of a deal stands on its own page; of rows that could not be read only here
        shown = shown.drop(columns=[name for name in ("File", "Row") if name in shown])
    empty = [
        name
        for name in shown.columns
        if name not in ("Deal", "Amount", "Id") and all(value is None or value != value or value == "" for value in shown[name])
    ]
    return shown.drop(columns=empty)


STEPS = {
    "crm_won": "CRM won",
    "quarantined": "Rows we could not read",
    "filtered_out": "Outside the filters",
    "in_scope": "In scope",
    "with_touches": "With touches",
    "attributed": "Credited",
}


def behind_label(what: Mapping[str, str], names: Mapping[str, Mapping[str, str]], lookback_days: float) -> str:
    """What was clicked, in words: "Mar 2026 · Webinars". ``names``: dimension → code → words."""
    known = {"opened_by": tables.TEAMS, "phase": tables.PHASES, **names}
    words = []
    for dimension, value in what.items():
        if dimension == "step":
            words.append(STEPS.get(value) or tables.reason_label(value.partition(":")[2], lookback_days))
        elif dimension == "period":
            words.append(formats.month(value))
        elif dimension == "status":
            words.append("Won and lost deals" if value == "decided" else f"{formats.words(value)} deals")
        else:
            text = known.get(dimension, {}).get(value) or formats.words(value, f"No {dimension.replace('_', ' ')}")
            words.append(f"Opened by {text}" if dimension == "opened_by" else text)
    return " · ".join(words)
