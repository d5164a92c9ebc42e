"""The tables of one person: everything in order, their deals, and what leads to them; each row with its source."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import UTC, date, datetime, timedelta

import pandas as pd

from attribution.charts import formats, touches
from attribution.dataset import Dataset
from attribution.meeting import stages
from attribution.meeting.persons import colleagues
from attribution.people.handed import Handed
from attribution.people.identity import Alias
from attribution.people.one import Deal, Person, Stage, Touch

HOW = {"contact": "Contact", "address": "E-mail address", "merged": "Merged id", "email": "E-mail address", "visitor": "Visitor"}
KINDS = ("Contact", "Touch", "Stage", "Hand-over", "Deal")  # as they stand where two happened at once
EVENT_HEADS = ["Date", "Kind", "What happened", "Channel", "By", "Credited", "Counts", "Known by", "Deal", "Table", "Source"]
DEAL_HEADS = [
    "Deal", "Status", "Stage", "Amount", "Their part", "Share", "Touches that count", "How", "Opened", "Closed", "Owner", "Source",
]  # fmt: skip
ALIAS_HEADS = ["Id, address or visitor", "What it is", "Stands for", "Since", "Also leads to", "Table", "Source"]


def events(ds: Dataset, found: Person) -> pd.DataFrame:
    """Everything that is recorded of the person, the latest last, each with the table and row it comes from."""
    names, won = {deal.deal_id: deal.name for deal in found.deals}, {deal.deal_id for deal in found.deals if deal.status == "won"}
    staff = colleagues(ds)
    rows: list[tuple[int, int, dict[str, object]]] = []

    def add(at_us: int | None, kind: str, what: str, table: str, source: str, **more: object) -> None:
        if at_us is not None:
            cells = {"Date": moment(at_us), "Kind": kind, "What happened": what, "Table": table, "Source": source}
            rows.append((at_us, KINDS.index(kind), cells | more))

    record = next((alias for alias in found.aliases if alias.kind == "contact"), None)
    if record:
        add(found.who.created_us, "Contact", touches.MILESTONES["lead_created"], "contacts", source_of(record))
    for touch in found.touches:
        what = touches.what_happened(touch.kind, touch.asset, touch.campaign)
        add(touch.occurred_us, "Touch", what, "touches", source_of(touch), **_of_touch(found, touch, names, won))
    for stage in found.stages:
        what = f"Entered {stages.named(stage.stage)}{f': {stage.reason}' if stage.reason else ''}"
        by = staff[stage.owner_id].name if stage.owner_id in staff else stage.owner_id
        add(stage.entered_us, "Stage", what, "lifecycle_changes", source_of(stage), By=by)
    for handed in found.handed:
        deal_name = names.get(handed.deal_id or "", handed.deal_id)
        for at_us, what, by in _of_handed(handed):
            add(at_us, "Hand-over", what, "handoffs", source_of(handed), By=by, Deal=deal_name)
    for deal in found.deals:
        add(deal.created_us, "Deal", "Deal opened", "deals", source_of(deal), By=deal.owner, Deal=deal.name)
        if deal.status in ("won", "lost"):
            add(deal.closed_us, "Deal", f"Deal {deal.status}", "deals", source_of(deal), By=deal.owner, Deal=deal.name)
    rows.sort(key=lambda row: row[:2])
    return pd.DataFrame([row for _, _, row in rows], columns=EVENT_HEADS)


def _of_touch(found: Person, touch: Touch, names: Mapping[str, str], won: Set[str]) -> dict[str, object]:
    """What only touches have in the table: channel, who acted, what they earned and where."""
    counting = [entry for entry in found.reached.get(touch.touch_id, ()) if not entry.reason]
    earned = [entry.credit for entry in counting if entry.deal_id in won and not touch.is_linked]
    other = found.names.get(touch.contact_id, touch.contact_id)
    known = (
        f"linked; counted with {other}" if touch.is_linked
        else "earlier visit added" if touch.is_back_filled
        else "visitor" if touch.is_by_visitor
        else "contact"
    )  # fmt: skip
    return {
        "Channel": touch.channel or "unknown",
        "By": formats.words(touch.actor),
        "Credited": float(sum(earned)) if earned else None,
        "Counts": "yes" if counting else why_not(found, touch),
        "Deal": "; ".join(names.get(entry.deal_id, entry.deal_id) for entry in counting) or None,
        "Known by": known,
    }


def _of_handed(handed: Handed) -> list[tuple[int | None, str, str | None]]:
    """What happened in a hand-over: (when, what, by whom)."""
    score = f", score {handed.score:g}" if handed.score is not None else ""
    promised = f"promised: an answer in {_hours(handed.promised)}"
    found: list[tuple[int | None, str, str | None]] = []
    found.append((handed.handed_us, f"Handed over to {handed.owner or 'nobody named'}{score}; {promised}", handed.sender))
    if handed.response_us is not None:
        told = "a touch of sales" if handed.by_touch else "as supplied in first_response_at"
        kept = {True: "as promised", False: "later than promised", None: "no business hours are set"}[handed.is_in_time]
        found.append((handed.response_us, f"First response after {_hours(handed.hours)}, {kept} ({told})", handed.owner))
    if handed.outcome != "waiting":
        reason = f": {handed.reason}" if handed.reason else ""
        day = "" if handed.outcome_us is not None else " (day not given)"
        found.append((handed.outcome_us or handed.handed_us, f"{formats.words(handed.outcome)}{reason}{day}", handed.owner))
    return found


def _hours(hours: float) -> str:
    number = f"{hours:.1f}".removesuffix(".0")
    return f"{number}{formats.SPACE}business {'hour' if number == '1' else 'hours'}"


def deals(found: Person) -> pd.DataFrame:
    """Their deals, the newest first, with what the touches that are theirs are credited with."""
    return pd.DataFrame([_deal_row(deal, found) for deal in found.deals], columns=DEAL_HEADS)


def aliases(found: Person) -> pd.DataFrame:
    """Every id, address and visitor that stands for the person."""
    return pd.DataFrame([_alias_row(alias, found) for alias in found.aliases], columns=ALIAS_HEADS)


def _deal_row(deal: Deal, found: Person) -> tuple[object, ...]:
    part, counting = found.parts.get(deal.deal_id), found.counting.get(deal.deal_id, 0)
    how = (
        f"named on it{f' as {deal.role}' if deal.role else ''}" if deal.is_named
        else "through the company" if deal.is_joined
        else "a touch of theirs belongs to it"
    )  # fmt: skip
    share = float(part / deal.amount * 100) if part is not None and deal.amount else None
    return (
        deal.name, formats.words(deal.status), formats.words(deal.stage, "") or None, float(deal.amount), None if part is None else float(part), share,
        counting, how, _date(deal.created_us), _date(deal.closed_us), deal.owner, source_of(deal),
    )  # fmt: skip


def _alias_row(alias: Alias, found: Person) -> tuple[object, ...]:
    what = HOW[alias.kind]
    if alias.kind == "contact":
        what = "Contact" if alias.alias == found.who.contact_id else "Contact, merged"
        what += f", {alias.name}" if alias.name else ""
    others = [found.names.get(other, other) for other in (alias.leads_to, *alias.others) if other]
    return alias.alias, what, alias.target, _date(alias.at_us), ", ".join(others) or None, alias.table, source_of(alias)


def why_not(found: Person, touch: Touch) -> str:
    """Why a touch counts in no journey."""
    reasons = dict.fromkeys(entry.reason for entry in found.reached.get(touch.touch_id, ()) if entry.reason)
    return ", ".join(touches.WHY_NOT[reason] for reason in reasons) or "on no deal"


def source_of(entry: Alias | Deal | Handed | Stage | Touch) -> str:
    """The file and row that an entry comes from."""
    return f"{entry.source_file or ''}{f', row {entry.source_row}' if entry.source_row is not None else ''}"


def moment(at_us: int) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_us)).replace(tzinfo=None)


def _date(at_us: int | None) -> date | None:
    return None if at_us is None else moment(at_us).date()
