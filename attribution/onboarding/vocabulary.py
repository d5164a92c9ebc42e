"""What other systems call our tables, columns and words: names in exports of HubSpot, Salesforce, GA4, ad platforms and plain CRMs.

Names are compared folded (``fold``): lower case, words joined by ``_``, without marks such as ``property_`` or ``__c``. Earlier names of an entry
are surer than later ones.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SYNONYMS: dict[str, dict[str, str]] = {
    "accounts": {
        "account_id": "account_id company_id record_id id organization_id organisation_id customer_id account company account_name company_name",
        "name": "name company_name account_name company account organization organisation customer_name",
        "domain": "domain company_domain_name website website_url web_site email_domain",
        "industry": "industry sector vertical branche",
        "segment": "segment customer_segment size_segment tier account_tier company_size employee_band",
        "employees": "employees number_of_employees numberofemployees employee_count headcount",
        "country": "country country_region billing_country location office_location country_code region billing_state_province",
        "owner_id": "owner_id company_owner account_owner owner hubspot_owner_id",
        "parent_account_id": "parent_account_id parent_id parent_company parent_account subsidiary_of parent_company_id",
    },
    "contacts": {
        "contact_id": "contact_id record_id id lead_id person_id vid contact_lead_id prospect_id email",
        "account_id": "account_id company_id associated_company_ids_primary associated_company_ids associated_company_id associated_company "
        "account company_name account_name company",
        "email": "email email_address e_mail work_email property_email mail",
        "name": "name full_name contact_name person_name lead_name",
        "title": "title job_title jobtitle position",
        "persona": "persona buyer_role buying_role role_function hs_persona",
        "created_at": "created_at create_date created_date createdate created created_on lead_created_at date_created creation_date first_contact_date",
        "owner_id": "owner_id contact_owner lead_owner owner hubspot_owner_id owner_rep_id rep_id",
        "self_reported_source": "self_reported_source how_did_you_hear_about_us how_did_you_hear how_did_you_find_us",
        "consent_status": "consent_status has_opted_out_of_email unsubscribed_from_all_email marketing_contact_status consent",
    },
    "deals": {
        "deal_id": "deal_id opportunity_id record_id id opp_id opportunityid deal_record_id mql_id order_id case_id",
        "name": "name deal_name opportunity_name dealname title",
        "account_id": "account_id company_id associated_company_ids_primary associated_company_ids associated_company_id account_name account "
        "associated_company_primary associated_company company company_name customer customer_name organization organisation",
        "pipeline": "pipeline deal_pipeline pipeline_name deal_pipeline_id record_type",
        "deal_type": "deal_type type opportunity_type dealtype",
        "created_at": "created_at create_date created_date createdate created created_on date_created creation_date opened_at open_date engage_date "
        "first_contact_date opened start_date",
        "closed_at": "closed_at close_date closed_date closedate closed closed_on won_date date_closed closing_date",
        "deal_stage": "deal_stage stage stage_name dealstage deal_pipeline_stage_id opportunity_stage pipeline_stage",
        "status": "status deal_status is_won is_closed_won close_outcome outcome deal_stage stage stage_name dealstage opportunity_stage "
        "forecast_category result won_lost",
        "amount": "amount deal_amount deal_value value close_value opportunity_amount revenue acv tcv arr total_amount contract_value price "
        "estimated_acv expected_revenue annual_contract_value",
        "currency": "currency currency_iso_code amount_currency deal_currency_code currency_code deal_currency",
        "owner_id": "owner_id deal_owner opportunity_owner owner hubspot_owner_id sales_agent sales_rep rep_id salesperson account_executive",
        "partner_id": "partner_id partner",
        "loss_reason": "loss_reason closed_lost_reason lost_reason reason_lost close_reason",
        "competitor": "competitor main_competitor competitors",
        "self_reported_source": "self_reported_source how_did_you_hear_about_us",
        "owner_reported_source": "owner_reported_source lead_source source deal_source",
        "expected_close_on": "expected_close_on expected_close_date",
        "previous_deal_id": "previous_deal_id previous_opportunity_id",
        "cost_of_delivery": "cost_of_delivery delivery_cost",
    },
    "deal_contacts": {
        "deal_id": "deal_id opportunity_id record_id id",
        "contact_id": "contact_id associated_contact_ids associated_contact_id lead_id primary_contact_id primary_contact contact person_id "
        "contact_lead_id converted_contact_id",
        "role": "role contact_role deal_role buying_role",
        "is_primary": "is_primary primary is_primary_contact",
    },
    "touches": {
        "touch_id": "touch_id event_id activity_id engagement_id session_id visit_id interaction_id record_id id conversion_id submission_id "
        "campaign_member_id task_id message_id",
        "occurred_at": "occurred_at timestamp event_timestamp activity_date event_date touch_timestamp touch_date first_responded_date "
        "time_first_seen date_time datetime date session_timestamp activity_timestamp start_date_time activity_date_time completed_date_time "
        "submitted_at submission_time sent_at visited_at meeting_start_time call_date send_date conversion_date created_at created_date create_date time",
        "contact_id": "contact_id associated_contact_ids associated_contact_id lead_id who_id person_id user_id contact_lead_id "
        "email_address email recipient record_id",
        "visitor_id": "visitor_id user_pseudo_id anonymous_id client_id cookie_id anonymousid device_id",
        "account_id": "account_id company_id associated_company_ids associated_company_id",
        "deal_id": "deal_id associated_deal_ids associated_deal_id opportunity_id what_id",
        "channel": "channel touch_channel marketing_channel original_traffic_source original_source source_medium session_source_medium "
        "latest_traffic_source default_channel_group session_default_channel_group channel_grouping lead_source source campaign_type utm_source",
        "kind": "kind touch_type event_type activity_type event_name engagement_type interaction_type session_type type task_subtype status form_name "
        "member_status event",
        "actor": "actor",
        "direction": "direction touch_direction call_direction email_direction call_type",
        "utm_source": "utm_source utmsource",
        "utm_medium": "utm_medium utmmedium",
        "campaign_id": "campaign_id utm_campaign campaign session_campaign campaign_name utmcampaign original_traffic_source_drill_down_1",
        "asset_id": "asset_id content_id page_id",
        "url": "url page_url page_location landing_page page landing_page_query_string page_path first_page_seen",
        "minutes": "minutes duration_minutes duration_in_minutes",
        "owner_id": "owner_id activity_assigned_to assigned_to rep_id owner activity_owner assigned assigned_to_id",
        "outcome": "outcome call_outcome meeting_outcome activity_outcome call_disposition result",
        "note": "note subject notes meeting_name call_title email_subject comments",
    },
    "campaigns": {
        "campaign_id": "campaign_id id record_id campaign_name campaign",
        "name": "name campaign_name campaign",
        "channel": "channel type campaign_type platform",
        "starts_on": "starts_on start_date start starts campaign_start_date",
        "ends_on": "ends_on end_date end ends campaign_end_date",
        "budget": "budget budgeted_cost planned_budget campaign_budget",
        "currency": "currency currency_iso_code currency_code",
        "objective": "objective goal purpose campaign_objective",
        "owner_id": "owner_id campaign_owner owner",
        "parent_campaign_id": "parent_campaign_id parent_id parent_campaign",
    },
    "spend": {
        "spent_on": "spent_on day date start_date_in_utc reporting_starts start_date month",
        "campaign_id": "campaign_id campaign campaign_name utm_campaign",
        "channel": "channel platform network source source_medium",
        "amount": "amount cost spend total_spent amount_spent total_cost media_cost cost_in_local_currency actual_cost",
        "currency": "currency currency_code",
        "spend_kind": "spend_kind cost_type",
    },
    "content_assets": {
        "asset_id": "asset_id content_id id page_id slug url",
        "title": "title page_title name content_title headline",
        "url": "url page_url link address",
        "format": "format content_type type",
        "topic": "topic category",
        "funnel_stage": "funnel_stage stage",
        "published_on": "published_on publish_date published_at published date_published",
        "status": "status state",
        "owner_id": "owner_id author writer",
        "cost": "cost production_cost",
    },
    "people": {
        "owner_id": "owner_id user_id id owner sales_agent sales_rep rep_id full_name name email",
        "name": "name full_name owner_name user_name sales_agent sales_rep",
        "team": "team team_name department regional_office region",
        "email": "email user_email",
        "manager_id": "manager_id manager",
        "time_zone": "time_zone timezone",
    },
    "deal_stage_changes": {
        "deal_id": "deal_id opportunity_id",
        "deal_stage": "deal_stage to_stage stage_name new_stage stage value",
        "entered_at": "entered_at created_date last_modified changed_at timestamp date_entered edit_date",
        "amount": "amount",
        "owner_id": "owner_id",
    },
    "lifecycle_changes": {
        "contact_id": "contact_id record_id lead_id",
        "lifecycle_stage": "lifecycle_stage lifecyclestage new_stage to_stage",
        "entered_at": "entered_at changed_at timestamp became_a_lead_date",
    },
    "touch_links": {
        "touch_id": "touch_id engagement_id activity_id event_id",
        "contact_id": "contact_id relation_id",
        "deal_id": "deal_id opportunity_id",
        "account_id": "account_id company_id",
    },
    "targets": {
        "team": "team",
        "metric": "metric measure",
        "period_start_on": "period_start_on month quarter period_start",
        "period": "period",
        "target": "target goal quota",
    },
    "fx_rates": {
        "rate_on": "rate_on date",
        "currency": "currency currency_code",
        "units_per_base": "units_per_base rate exchange_rate",
    },
}

# Words in a file's name → the table it probably feeds. A longer phrase is surer than a shorter one.
_FILE_WORDS: dict[str, str] = {
    "deal_contacts": "deal_contact opportunity_contact contact_role deal_people",
    "deal_stage_changes": "opportunity_history deal_stage_history stage_history deal_history",
    "lifecycle_changes": "lifecycle",
    "touches": "touch campaign_member activit engagement event session visit meeting call task form submission interaction email_click web_log page_view",
    "deals": "deal opportunit pipeline opps closed_won",
    "contacts": "contact lead people person prospect",
    "accounts": "account compan organi",
    "campaigns": "campaign program",
    "spend": "spend cost ads_report google_ads linkedin_ads meta_ads facebook_ads campaign_performance ad_spend budget_actuals",
    "content_assets": "content asset page blog article",
    "people": "owner user sales_team rep employee staff team",
    "fx_rates": "fx exchange currency_rate",
    "targets": "target quota",
}

# Prefixes that say whose column it is and nothing else.
_ENTITY = (
    "deal",
    "opportunity",
    "lead",
    "contact",
    "account",
    "company",
    "touch",
    "activity",
    "event",
    "session",
    "campaign",
    "engagement",
)

_WON = {
    "won",
    "closedwon",
    "gewonnen",
    "ganado",
    "ganada",
    "gagne",
    "gagnee",
    "vinto",
    "vinta",
    "ganha",
    "ganho",
    "win",
    "signed",
}
_LOST = {
    "lost", "closedlost", "verloren", "perdido", "perdida", "perdu", "perdue", "perso", "persa", "dead", "disqualified", "abandoned", "declined",
    "cancelled", "canceled", "rejected", "omitted", "loss",
}  # fmt: skip
_OPEN = {
    "open", "new", "qualification", "qualified", "prospecting", "prospect", "engaging", "proposal", "negotiation", "discovery", "demo", "pipeline",
    "evaluation", "review", "contract", "quote", "scheduled", "presentation", "perception", "analysis", "value", "proposition", "decision", "commit",
    "best", "case", "appointment", "in", "progress", "active", "pending", "sent", "makers", "bought", "offen", "abierto",
}  # fmt: skip


@lru_cache(maxsize=20_000)
def fold(name: str) -> str:
    """Return a column's name as names are compared: ``IsWon``, ``Is Won?`` and ``property_is_won`` are all ``is_won``."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip().removesuffix("__c"))
    text = re.sub(r"[^0-9a-z]+", "_", text.casefold()).strip("_")
    for prefix in ("property_hs_", "property_", "hs_"):
        text = text.removeprefix(prefix)
    return text


def names_of(table: str, column: str) -> tuple[str, ...]:
    """Return what a column of a table is called elsewhere, surest first; its own name always among them."""
    listed = _SYNONYMS.get(table, {}).get(column, "").split()
    return tuple(dict.fromkeys([*listed, column]))


@lru_cache(maxsize=20_000)
def name_score(table: str, column: str, name: str) -> float:
    """Return how much a file's column of that name sounds like a canonical one: 0 (not at all) to 1 (the same)."""
    folded = fold(name)
    names = names_of(table, column)
    if folded == column:
        return 1.0
    if folded in names:
        return 0.98 - 0.4 * names.index(folded) / max(10, len(names))
    for entity in _ENTITY:
        rest = folded.removeprefix(f"{entity}_")
        if rest != folded and rest in names[:8]:
            return 0.8 - 0.2 * names.index(rest) / 8
    words = set(folded.split("_"))
    for place, known in enumerate(names[:8]):
        parts = set(known.split("_"))
        if (
            len(known) > 2
            and parts <= words
            and (len(parts) > 1 or (len(words) <= 3 and known not in ("id", "name", "type", "date")))
        ):
            return 0.55 - 0.1 * place / 8
    return 0.0


@lru_cache(maxsize=1)
def known_names() -> frozenset[str]:
    """Return every name that some column goes by, also with blanks for ``_``: what a header is recognised by."""
    names = {name for table, columns in _SYNONYMS.items() for column in columns for name in names_of(table, column)}
    wide = {
        "clicks",
        "impressions",
        "impr",
        "conversions",
        "sessions",
        "first_name",
        "last_name",
        "lifecycle_stage",
        "is_closed",
        "hs_object_id",
    }
    return frozenset(names | wide | {name.replace("_", "") for name in names | wide})


def file_score(table: str, file: str) -> float:
    """Return how much a file's name sounds like a table: 0 to 1."""
    folded = "_" + fold(file.removesuffix(".gz").rsplit(".", 1)[0].removeprefix("hubspot-crm-exports-")) + "_"
    if folded.strip("_") == table:
        return 1.0
    found = [len(word) for word in _FILE_WORDS.get(table, "").split() if f"_{word}" in folded]
    return min(0.9, 0.45 + 0.03 * max(found)) if found else 0.0


def tables() -> tuple[str, ...]:
    """Return the tables that can be recognised."""
    return tuple(_SYNONYMS)


def status_of(value: str) -> str | None:
    """Return whether a word in an export means won, lost or open; None where it says neither."""
    words = [word for word in re.split(r"[^a-zäöüßéèáóí]+", value.casefold().replace("é", "e")) if word]
    joined = "".join(words)
    if any(word in _LOST for word in words) or joined.endswith("lost"):
        return "lost"
    if any(word in _WON for word in words) or joined.endswith("won"):
        return "won"
    if words and any(word in _OPEN for word in words):
        return "open"
    return None
