"""The canonical tables, once: columns, types, required, meaning. Every connector ends in exactly these tables.

Types and how they are stored in ``raw.*``:

    id, text    VARCHAR         ids are never lower-cased and keep leading zeros
    timestamp   TIMESTAMP       UTC
    date        DATE
    money       DECIMAL(18,2)   in the row's own currency
    rate        DECIMAL(20,10)  an exchange rate
    number      DOUBLE
    integer     BIGINT
    boolean     BOOLEAN
"""

from __future__ import annotations

from dataclasses import dataclass

STORAGE = {
    "id": "VARCHAR",
    "text": "VARCHAR",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "money": "DECIMAL(18,2)",
    "rate": "DECIMAL(20,10)",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
}

# Blank cells in the words of the systems that write them (compared trimmed, in any case, against the whole cell).
MISSING_WORDS = ("", "(not set)", "undefined", "null", "none", "nil", "select", "n/a")


@dataclass(frozen=True)
class Column:
    """One column of a canonical table. ``values`` closes the set of allowed values (any case, spaces as ``_``)."""

    name: str
    type: str
    meaning: str
    required: bool = False
    values: tuple[str, ...] = ()
    lowercase: bool = False


@dataclass(frozen=True)
class Table:
    """One canonical table. ``key`` columns identify a row (none: rows add up); ``at_least_one`` of its columns must be filled."""

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    at_least_one: tuple[str, ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that a file must have."""
        return tuple(column.name for column in self.columns if column.required)

    def column(self, name: str) -> Column:
        """Return the column of that name (KeyError where there is none)."""
        return next(column for column in self.columns if column.name == name)


def _table(name: str, row: str, *columns: Column, key: str = "", at_least_one: str = "") -> Table:
    return Table(name, row, columns, tuple(key.split()), tuple(at_least_one.split()))


def _id(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name, "id", meaning, required)


def _text(name: str, meaning: str, required: bool = False, values: str = "", lowercase: bool = False) -> Column:
    return Column(name, "text", meaning, required, tuple(values.split()), lowercase)


def _at(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name, "timestamp", meaning, required)


def _on(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name, "date", meaning, required)


def _money(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name, "money", meaning, required)


def _number(name: str, meaning: str, required: bool = False) -> Column:
    return Column(name, "number", meaning, required)


def _integer(name: str, meaning: str) -> Column:
    return Column(name, "integer", meaning)


def _flag(name: str, meaning: str) -> Column:
    return Column(name, "boolean", meaning)


_CURRENCY = _text("currency", "ISO 4217 code of the row's amounts")
_OWNER = _id("owner_id", "the employee responsible")

TABLES: tuple[Table, ...] = (
    _table(
        "accounts",
        "company",
        _id("account_id", "the company's id", True),
        _text("name", "company name"),
        _text("domain", "web and e-mail domain"),
        _text("industry", "industry"),
        _text("segment", "customer segment"),
        _integer("employees", "number of employees"),
        _text("country", "country"),
        _OWNER,
        _id("parent_account_id", "the company it belongs to"),
        key="account_id",
    ),
    _table(
        "contacts",
        "person",
        _id("contact_id", "the person's id", True),
        _id("account_id", "the company the person works for"),
        _text("email", "e-mail address", lowercase=True),
        _text("name", "name"),
        _text("title", "job title"),
        _text("persona", "role in buying"),
        _at("created_at", "when the CRM first knew the person (the lead's creation)"),
        _OWNER,
        _text("self_reported_source", "the person's own answer to how they heard of us"),
        _text("consent_status", "consent to be contacted"),
        key="contact_id",
    ),
    _table(
        "identities",
        "alias",
        _id("alias", "another id, address or domain", True),
        _text("alias_kind", "what the alias is", True, "visitor email merged domain account deal"),
        _id("target_id", "the contact (domain, account: the account; deal: the deal) it stands for", True),
        _at("identified_at", "when the alias became known"),
        key="alias alias_kind target_id",
    ),
    _table(
        "touches",
        "marketing or sales event",
        _id("touch_id", "the event's id", True),
        _at("occurred_at", "when it happened", True),
        _id("contact_id", "the person"),
        _id("visitor_id", "the anonymous visitor"),
        _id("account_id", "the company"),
        _id("deal_id", "the deal it names"),
        _text("channel", "marketing channel", True),
        _text("kind", "what happened (page_view, form, webinar, call …)", True),
        _text("actor", "who acted; missing means buyer", values="buyer marketing sales partner service"),
        _text("direction", "inbound or outbound"),
        _text("utm_source", "utm_source of the link", lowercase=True),
        _text("utm_medium", "utm_medium of the link", lowercase=True),
        _id("campaign_id", "the campaign"),
        _id("asset_id", "the content"),
        _text("url", "the page"),
        _number("minutes", "duration in minutes"),
        _OWNER,
        _text("outcome", "result of a call or meeting"),
        _text("note", "free text"),
        _id("caused_by_touch_id", "the touch that led to this one"),
        key="touch_id",
    ),
    _table(
        "touch_links",
        "further person, account or deal of one touch",
        _id("touch_id", "the touch", True),
        _id("contact_id", "a further person"),
        _id("account_id", "a further company"),
        _id("deal_id", "a further deal"),
        _text("role", "role of the person in the touch"),
        key="touch_id contact_id account_id deal_id",
        at_least_one="contact_id account_id deal_id",
    ),
    _table(
        "deals",
        "selling case",
        _id("deal_id", "the deal's id", True),
        _text("name", "deal name"),
        _id("account_id", "the company that buys"),
        _text("pipeline", "the CRM's pipeline"),
        _text("deal_type", "new, expansion or renewal"),
        _at("created_at", "when the deal was opened", True),
        _at("closed_at", "when it was won or lost"),
        _text("deal_stage", "the stage it is in"),
        _text("status", "open, won or lost", True, "open won lost"),
        _money("amount", "value; blank counts as 0"),
        _CURRENCY,
        _money("cost_of_delivery", "what it costs to deliver"),
        _OWNER,
        _id("partner_id", "the partner company"),
        _text("loss_reason", "why it was lost"),
        _text("competitor", "who else bid"),
        _text("self_reported_source", "the buyer's own answer to how they heard of us"),
        _text("owner_reported_source", "the salesperson's word on the source"),
        _on("expected_close_on", "expected close date"),
        _id("previous_deal_id", "the deal this one follows"),
        key="deal_id",
    ),
    _table(
        "deal_contacts",
        "person on a deal",
        _id("deal_id", "the deal", True),
        _id("contact_id", "the person", True),
        _text("role", "role on the deal"),
        _flag("is_primary", "the main contact"),
        key="deal_id contact_id",
    ),
    _table(
        "lifecycle_changes",
        "contact entering a lifecycle stage",
        _id("contact_id", "the person", True),
        _text("lifecycle_stage", "the stage entered", True),
        _at("entered_at", "when", True),
        _OWNER,
        _text("reason", "why"),
        key="contact_id lifecycle_stage entered_at",
    ),
    _table(
        "deal_stage_changes",
        "deal entering a stage",
        _id("deal_id", "the deal", True),
        _text("deal_stage", "the stage entered", True),
        _at("entered_at", "when", True),
        _money("amount", "the deal's amount at that time"),
        _OWNER,
        key="deal_id deal_stage entered_at",
    ),
    _table(
        "campaigns",
        "planned marketing effort",
        _id("campaign_id", "the campaign's id", True),
        _text("name", "campaign name", True),
        _text("channel", "its channel"),
        _on("starts_on", "first day"),
        _on("ends_on", "last day"),
        _money("budget", "budget"),
        _CURRENCY,
        _text("objective", "what it is for"),
        _OWNER,
        _id("parent_campaign_id", "the campaign it belongs to"),
        key="campaign_id",
    ),
    _table(
        "spend",
        "amount spent",
        _on("spent_on", "day", True),
        _id("campaign_id", "on which campaign"),
        _text("channel", "on which channel"),
        _id("asset_id", "on which content"),
        _money("amount", "amount", True),
        _CURRENCY,
        _text("spend_kind", "media, production, upkeep, event, people or tools"),
        at_least_one="campaign_id channel asset_id",
    ),
    _table(
        "content_assets",
        "thing people read or watch",
        _id("asset_id", "the asset's id", True),
        _text("title", "title", True),
        _text("url", "address"),
        _text("format", "article, video, calculator …"),
        _text("topic", "cost, problems, versus, reviews, best or other"),
        _text("funnel_stage", "top, middle or bottom"),
        _on("published_on", "publication day"),
        _text("status", "requested, in_production, published, to_revise or retired"),
        _on("due_on", "due day"),
        _id("owner_id", "the author"),
        _money("cost", "cost of production"),
        _CURRENCY,
        _id("requested_by", "who asked for it"),
        _text("buyer_question", "the buyer's question it answers"),
        _flag("is_sales_content", "made for sales to send"),
        key="asset_id",
    ),
    _table(
        "asset_urls",
        "address of an asset",
        _text("url_pattern", "address, its beginning up to a slash, or with * for any characters", True),
        _id("asset_id", "the asset", True),
        key="url_pattern",
    ),
    _table(
        "content_feedback",
        "salesperson's word on an asset",
        _id("asset_id", "the asset", True),
        _id("deal_id", "the deal it was used in"),
        _id("owner_id", "who says so", True),
        _at("given_at", "when", True),
        _integer("rating", "1 to 5"),
        _flag("was_used", "was it used"),
        _text("reason", "why"),
        _text("comment", "free text"),
    ),
    _table(
        "handoffs",
        "lead handed over",
        _id("handoff_id", "the hand-over's id", True),
        _id("contact_id", "the lead", True),
        _at("handed_at", "when", True),
        _id("from_owner_id", "who handed it over"),
        _OWNER,
        _number("score", "the lead's score then"),
        _id("campaign_id", "the campaign it came from"),
        _id("deal_id", "the deal it became"),
        _at("first_response_at", "sales' first response"),
        _integer("attempts", "attempts to reach the lead"),
        _text("outcome", "accepted, rejected, recycled or pending"),
        _at("outcome_at", "when that was decided"),
        _text("reason", "why"),
        key="handoff_id",
    ),
    _table(
        "activity_counts",
        "aggregate activity metric",
        _on("observed_on", "first day of the period", True),
        _text("metric", "sessions, visitors, page_views, email_opens …", True),
        _number("value", "the figure", True),
        _text("period", "day, week or month"),
        _text("aggregation", "sum, unique or rate; only sums are added up"),
        _text("channel", "channel"),
        _id("campaign_id", "campaign"),
        _id("asset_id", "asset"),
    ),
    _table(
        "targets",
        "what is aimed at",
        _text("team", "marketing, sales or shared", True),
        _text("metric", "the metric", True),
        _on("period_start_on", "first day of the period", True),
        _text("period", "month, quarter or year", True),
        _id("owner_id", "whose target"),
        _text("segment", "segment"),
        _number("target", "the figure aimed at", True),
        _money("bonus_amount", "bonus paid when met"),
        key="team metric period_start_on period owner_id segment",
    ),
    _table(
        "people",
        "employee",
        _id("owner_id", "the employee's id", True),
        _text("name", "name", True),
        _text("team", "team"),
        _text("email", "e-mail address", lowercase=True),
        _id("manager_id", "manager"),
        _text("time_zone", "time zone"),
        key="owner_id",
    ),
    _table(
        "partners",
        "partner company",
        _id("partner_id", "the partner's id", True),
        _text("name", "name", True),
        key="partner_id",
    ),
    _table(
        "fx_rates",
        "currency and day",
        _on("rate_on", "day", True),
        _text("currency", "ISO 4217 code", True),
        Column("units_per_base", "rate", "units of the currency for one unit of the base currency", True),
        key="rate_on currency",
    ),
    # Below: accepted, checked and kept from the start; their pages come later.
    _table(
        "deal_changes",
        "field of a deal changing",
        _id("deal_id", "the deal", True),
        _at("changed_at", "when", True),
        _text("field", "which field", True),
        _text("old_value", "value before"),
        _text("new_value", "value after"),
    ),
    _table(
        "revenue_events",
        "invoice, refund, renewal or churn",
        _id("event_id", "the event's id", True),
        _id("deal_id", "the deal"),
        _id("account_id", "the company"),
        _on("happened_on", "day", True),
        _text("kind", "invoice, refund, renewal, churn", True),
        _money("amount", "amount", True),
        _CURRENCY,
        _number("recurring_months", "months the amount recurs"),
        key="event_id",
    ),
    _table(
        "finance_totals",
        "period that finance has booked",
        _on("period_start_on", "first day of the period", True),
        _text("period", "month, quarter or year", True),
        _money("amount", "booked amount", True),
        _CURRENCY,
        key="period_start_on period",
    ),
    _table(
        "deal_lines",
        "product on a deal",
        _id("deal_id", "the deal", True),
        _id("line_id", "the line's id", True),
        _text("product", "product", True),
        _money("amount", "amount"),
        _money("recurring_amount", "recurring part"),
        key="deal_id line_id",
    ),
    _table(
        "deal_parties",
        "claim on a deal",
        _id("deal_id", "the deal", True),
        _text("party_kind", "owner, sdr or partner", True),
        _id("party_id", "who", True),
        _number("share", "share claimed (0–1)"),
        _on("registered_on", "since when"),
        key="deal_id party_kind party_id",
    ),
    _table(
        "definitions",
        "version of an agreed rule",
        _id("definition_id", "the rule's id", True),
        _text("kind", "sales_ready, sla, model or bonus", True),
        _text("version", "version", True),
        _on("valid_from", "first day it holds", True),
        _text("metric", "what it measures"),
        _number("threshold", "from which value on"),
        _text("scope", "for whom"),
        _text("agreed_by", "who agreed"),
        key="definition_id version",
    ),
    _table(
        "score_changes",
        "contact's score changing",
        _id("contact_id", "the person", True),
        _at("scored_at", "when", True),
        _number("score", "the score", True),
        _id("definition_id", "the rule it follows"),
        key="contact_id scored_at definition_id",
    ),
    _table(
        "questions",
        "buyer's question",
        _id("question_id", "the question's id", True),
        _at("asked_at", "when", True),
        _id("deal_id", "in which deal"),
        _id("contact_id", "who asked"),
        _id("asked_by", "who noted it"),
        _text("text", "the question", True),
        _text("topic", "topic"),
        _id("asset_id", "the asset that answers it"),
        key="question_id",
    ),
    _table(
        "deal_reviews",
        "one voice on a closed deal",
        _id("deal_id", "the deal", True),
        _text("voice", "buyer, owner or marketing", True),
        _text("reason_code", "reason"),
        _text("note", "free text"),
        _text("missing_asset", "content that was missing"),
        key="deal_id voice",
    ),
)

TABLE_NAMES: tuple[str, ...] = tuple(table.name for table in TABLES)

# A folder without these cannot be attributed at all. (touches may be missing: then every deal is Unattributed.)
REQUIRED_TABLES: tuple[str, ...] = ("deals",)


def table(name: str) -> Table:
    """Return the canonical table of that name (KeyError where there is none)."""
    return _BY_NAME[name]


_BY_NAME = {entry.name: entry for entry in TABLES}
