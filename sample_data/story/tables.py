"""Turn the story's objects into rows of the canonical tables, in a fixed order and format."""

from __future__ import annotations

from datetime import datetime

from story import catalogue, ledger
from story.cases import Deal
from story.clock import NOW, stamp
from story.companies import Registry
from story.dice import Dice
from story.evidence import Row, money
from story.funnel import Funnel
from story.touches import Touch


def accounts(registry: Registry) -> list[Row]:
    """One row per company; some belong to another one, a few lack a segment or a country."""
    dice = Dice("account rows")
    rows = []
    large = [account for account in registry.accounts if account.segment == "enterprise"]
    for account in registry.accounts:
        parent = dice.pick(large).account_id if account.segment == "mid-market" and dice.chance(0.05) else ""
        rows.append(
            {
                "account_id": account.account_id,
                "name": account.name,
                "domain": account.domain,
                "industry": account.industry if dice.chance(0.96) else "",
                "segment": account.segment,
                "employees": str(account.employees) if dice.chance(0.93) else "",
                "country": account.country if dice.chance(0.985) else "",
                "owner_id": account.owner_id,
                "parent_account_id": parent,
            }
        )
    return rows


def contacts(registry: Registry) -> list[Row]:
    """One row per person the CRM still has."""
    return [
        {
            "contact_id": contact.contact_id,
            "account_id": contact.account.account_id if contact.account and contact.shows_account else "",
            "email": contact.email,
            "name": contact.name,
            "title": contact.title,
            "persona": contact.persona,
            "created_at": stamp(contact.created_at),
            "owner_id": contact.owner_id,
            "self_reported_source": contact.self_reported,
            "consent_status": contact.consent,
        }
        for contact in registry.contacts
        if not contact.is_merged
    ]


def number_touches(touches: list[Touch]) -> list[Touch]:
    """Put touches in the order of time, none later than as-of, and give them ids."""
    touches = [touch for touch in touches if touch.occurred_at <= NOW]
    order = sorted(range(len(touches)), key=lambda index: (touches[index].occurred_at, index))
    result = [touches[index] for index in order]
    for number, touch in enumerate(result, start=1):
        touch.touch_id = f"T-{number:06d}"
    return result


def touch_rows(touches: list[Touch]) -> tuple[list[Row], list[Row]]:
    """Rows of touches and of the further people in them."""
    kept = {id(touch) for touch in touches}
    rows: list[Row] = []
    links: list[Row] = []
    for touch in touches:
        rows.append(
            {
                "touch_id": touch.touch_id,
                "occurred_at": stamp(touch.occurred_at),
                "contact_id": touch.contact.contact_id if touch.contact else "",
                "visitor_id": touch.visitor_id,
                "account_id": touch.shown_account,
                "deal_id": touch.deal.deal_id if touch.deal else "",
                "channel": touch.channel,
                "kind": touch.kind,
                "actor": touch.actor,
                "direction": touch.direction,
                "utm_source": touch.utm_source,
                "utm_medium": touch.utm_medium,
                "campaign_id": touch.campaign_id,
                "asset_id": touch.asset_id,
                "url": touch.url,
                "minutes": str(touch.minutes) if touch.minutes else "",
                "owner_id": touch.owner_id,
                "outcome": touch.outcome,
                "note": touch.note,
                "caused_by_touch_id": touch.cause.touch_id if touch.cause is not None and id(touch.cause) in kept else "",
            }
        )
        for guest, role in touch.guests:
            links.append(
                {"touch_id": touch.touch_id, "contact_id": guest.contact_id, "account_id": "", "deal_id": "", "role": role}
            )
    return rows, links


def deals(found: list[Deal]) -> list[Row]:
    """One row per deal; the day of the close has no time, as most CRMs export it."""
    return [
        {
            "deal_id": deal.deal_id,
            "name": deal.name,
            "account_id": deal.account.account_id if deal.has_account else "",
            "pipeline": {"new": "New business", "expansion": "Existing customers", "renewal": "Existing customers"}[
                deal.deal_type
            ],
            "deal_type": deal.deal_type,
            "created_at": stamp(deal.created_at),
            "closed_at": deal.closed_on.isoformat() if deal.closed_on else "",
            "deal_stage": deal.stage,
            "status": deal.status,
            "amount": money(deal.amount_cents) if deal.has_amount else "",
            "currency": deal.currency,
            "cost_of_delivery": money(deal.cost_cents) if deal.has_amount else "",
            "owner_id": deal.owner_id,
            "partner_id": deal.partner_id,
            "loss_reason": deal.loss_reason,
            "competitor": deal.competitor,
            "self_reported_source": deal.self_reported,
            "owner_reported_source": deal.owner_reported,
            "expected_close_on": deal.expected_close_on.isoformat() if deal.expected_close_on else "",
            "previous_deal_id": deal.follows.deal_id if deal.follows else "",
        }
        for deal in found
    ]


def deal_stage_changes(found: list[Deal]) -> list[Row]:
    """One row per stage that a deal entered."""
    return [
        {
            "deal_id": deal.deal_id,
            "deal_stage": stage,
            "entered_at": stamp(moment),
            "amount": money(deal.amount_cents) if deal.has_amount else "",
            "owner_id": deal.owner_id,
        }
        for deal in found
        for moment, stage in deal.stage_changes
    ]


def lifecycle_changes(registry: Registry) -> list[Row]:
    """One row per lifecycle stage that a person entered."""
    rows = []
    for contact in registry.contacts:
        if contact.is_merged:
            continue
        seen: set[tuple[str, datetime]] = set()
        for moment, stage, owner, reason in [(contact.created_at, "lead", "", ""), *sorted(contact.stages)]:
            if (stage, moment) not in seen:
                seen.add((stage, moment))
                rows.append(
                    {
                        "contact_id": contact.contact_id,
                        "lifecycle_stage": stage,
                        "entered_at": stamp(moment),
                        "owner_id": owner,
                        "reason": reason,
                    }
                )
    return rows


def handoffs(funnel: Funnel, touches: list[Touch]) -> list[Row]:
    """One row per hand-over, with the campaign that the person came from."""
    campaigns: dict[int, list[tuple[datetime, str]]] = {}
    for touch in touches:
        if touch.person is not None and touch.campaign_id:
            campaigns.setdefault(id(touch.person), []).append((touch.occurred_at, touch.campaign_id))
    rows = []
    for number, entry in enumerate(funnel.handoffs, start=1):
        before = [campaign for moment, campaign in campaigns.get(id(entry.contact), []) if moment <= entry.handed_at]
        rows.append(
            {
                "handoff_id": f"H-{number:04d}",
                "contact_id": entry.contact.contact_id,
                "handed_at": stamp(entry.handed_at),
                "from_owner_id": entry.from_owner_id,
                "owner_id": entry.owner_id,
                "score": str(entry.score),
                "campaign_id": before[-1] if before else "",
                "deal_id": entry.deal.deal_id if entry.deal else "",
                "first_response_at": stamp(entry.first_response_at),
                "attempts": str(entry.attempts),
                "outcome": entry.outcome,
                "outcome_at": stamp(entry.outcome_at),
                "reason": entry.reason,
            }
        )
    return rows


def score_changes(funnel: Funnel) -> list[Row]:
    """One row per score."""
    rows = [
        {"contact_id": contact.contact_id, "scored_at": stamp(moment), "score": str(score), "definition_id": "sales-ready"}
        for contact, moment, score in funnel.scores
    ]
    rows.sort(key=lambda row: (row["contact_id"], row["scored_at"]))
    return rows


def campaigns() -> list[Row]:
    """One row per campaign."""
    return [
        {
            "campaign_id": entry.campaign_id,
            "name": entry.name,
            "channel": entry.channel,
            "starts_on": entry.starts.isoformat(),
            "ends_on": entry.ends.isoformat(),
            "budget": money(entry.budget * 100),
            "currency": entry.currency,
            "objective": entry.objective,
            "owner_id": entry.owner_id,
            "parent_campaign_id": entry.parent_id,
        }
        for entry in catalogue.CAMPAIGNS
    ]


BUYER_QUESTIONS = {
    "A-007": "What does it cost?",
    "A-005": "Excel with macros works, why change?",
    "A-006": "What goes wrong in most implementations?",
    "A-008": "How are you different from Closewise?",
    "A-009": "Ledgerline says they are faster, true?",
    "A-022": "What would we save per month-end?",
    "A-030": "Where is the data hosted?",
    "A-031": "How long until the first close works?",
    "A-055": "Why is it dearer than a spreadsheet add-on?",
    "A-056": "How long until the first close works?",
    "A-057": "Why not just use our ERP's closing cockpit?",
    "A-058": "Who in our industry uses it?",
    "A-059": "How much does the price go up after year one?",
    "A-060": "What does it not do?",
    "A-033": "What will the works council say?",
}


def content_assets() -> list[Row]:
    """One row per piece of content."""
    dice = Dice("asset rows")
    due = {"A-054": "2026-12-11", "A-055": "2026-12-04", "A-056": "2026-11-13", "A-057": "2027-01-22"}
    rows = []
    for asset in catalogue.ASSETS:
        asked = asset.asset_id in BUYER_QUESTIONS
        cost = ledger.content_cost(asset.asset_id) if asset.published else 0
        rows.append(
            {
                "asset_id": asset.asset_id,
                "title": asset.title,
                "url": asset.url,
                "format": asset.format,
                "topic": asset.topic,
                "funnel_stage": asset.stage,
                "published_on": asset.published.isoformat() if asset.published else "",
                "status": asset.status,
                "due_on": due.get(asset.asset_id, ""),
                "owner_id": dice.pick(catalogue.MARKETERS),
                "cost": f"{cost}.00" if cost else "",
                "currency": "EUR" if cost else "",
                "requested_by": dice.pick(("U-11", "U-13", "U-15", "U-17", "U-19"))
                if asked and asset.asset_id not in ("A-005",)
                else "",
                "buyer_question": BUYER_QUESTIONS.get(asset.asset_id, ""),
                "is_sales_content": "true" if asset.in_sales_kit or asset.asset_id in due or not asset.published else "false",
            }
        )
    return rows


def asset_urls() -> list[Row]:
    """Old and foreign addresses of content."""
    return [{"url_pattern": pattern, "asset_id": asset_id} for pattern, asset_id in sorted(catalogue.OLD_ADDRESSES)]


def people() -> list[Row]:
    """One row per employee."""
    zones = {
        "Sales Nordics": "Europe/Stockholm",
        "Sales UK & Ireland": "Europe/London",
        "Sales Benelux & France": "Europe/Amsterdam",
    }
    return [
        {
            "owner_id": person.owner_id,
            "name": person.name,
            "team": person.team,
            "email": person.name.lower().replace(" ", ".") + "@pallwerk.example",
            "manager_id": person.manager_id,
            "time_zone": zones.get(person.team, "Europe/Berlin"),
        }
        for person in catalogue.PEOPLE
    ]


def definitions() -> list[Row]:
    """The rules that the teams agreed, with their versions."""
    rows = [
        ("sales-ready", "sales_ready", "1", "2024-09-01", "score", "50", "all", "marketing"),
        ("sales-ready", "sales_ready", "2", "2026-09-01", "score", "65", "all", "the revenue team"),
        ("follow-up", "sla", "1", "2025-01-01", "first_response_hours", "8", "business hours", "the revenue team"),
        ("acceptance", "sla", "1", "2026-09-01", "acceptance_rate", "0.7", "per month", "the revenue team"),
        ("house-model", "model", "1", "2024-12-01", "last_touch", "", "all", "marketing"),
        ("house-model", "model", "2", "2026-03-12", "w_shaped", "", "all", "the revenue team"),
        ("marketing-bonus", "bonus", "1", "2026-03-01", "handoffs", "100", "per month", "management"),
    ]
    keys = ("definition_id", "kind", "version", "valid_from", "metric", "threshold", "scope", "agreed_by")
    return [dict(zip(keys, row, strict=True)) for row in rows]


def partners() -> list[Row]:
    """One row per partner company."""
    return [{"partner_id": partner_id, "name": name} for partner_id, name in catalogue.PARTNERS]
