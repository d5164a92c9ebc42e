"""One file: which tables it can feed, and which of its columns is which, judged by names first and by what the cells hold second."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from attribution import schema
from attribution.connectors.plan import Constant, Expression, Renamed
from attribution.connectors.quoting import identifier, literal
from attribution.onboarding import vocabulary
from attribution.onboarding.draft import Feed, Origin, StatusWords
from attribution.onboarding.looking import Column, Part
from attribution.onboarding.vocabulary import fold

ENOUGH = 0.42  # a table is suggested from this score on
_YES = "in ('true', 'yes', '1', 't', 'y')"
_STATUS_WORDS = 40  # a column with more different words is no status
_WORDY = ("url", "channel", "kind", "title", "industry", "country", "domain", "outcome", "direction", "utm_source", "utm_medium")
_LISTED_IDS = ("contact_id", "account_id", "deal_id", "owner_id")
# What makes a file this table rather than another, beyond the columns it must have: (column, weight).
_SIGNATURE = {
    "deals": ("deal_stage", "amount", "closed_at", "status"),
    "contacts": ("email", "title", "name", "created_at", "account_id"),
    "accounts": ("domain", "industry", "employees", "country", "name"),
    "touches": ("occurred_at", "channel", "kind", "contact_id", "url"),
    "campaigns": ("starts_on", "budget", "channel", "name"),
    "spend": ("spent_on", "amount", "campaign_id", "currency"),
    "deal_contacts": ("deal_id", "contact_id", "role"),
    "people": ("manager_id", "team", "name", "email"),
    "content_assets": ("title", "url", "published_on", "format"),
    "deal_stage_changes": ("deal_stage", "entered_at", "deal_id"),
    "lifecycle_changes": ("lifecycle_stage", "entered_at", "contact_id"),
}
# Columns that only one kind of file has: (folded names) → table.
_TELLING = {
    "deals": {"deal_stage", "stage_name", "opportunity_id", "is_won", "is_closed_won", "deal_name", "opportunity_name", "close_date"},
    "contacts": {"first_name", "last_name", "email", "lifecycle_stage", "job_title", "lead_id", "lead_source", "lead_status"},
    "accounts": {"company_domain_name", "number_of_employees", "industry", "website", "annual_revenue", "sector"},
    "touches": {
        "campaign_member_id", "has_responded", "activity_date", "call_outcome", "event_name", "user_pseudo_id", "utm_source", "touch_channel",
        "page_url", "page_location", "task_subtype", "meeting_outcome", "activity_type", "session_type", "visitor_id", "first_responded_date",
    },
    "spend": {"impressions", "impr", "clicks", "cost", "total_spent", "spend", "cost_micros"},
    "campaigns": {"budgeted_cost", "campaign_type", "start_date", "end_date"},
    "deal_contacts": {"role", "is_primary", "contact_role"},
    "people": {"manager", "manager_id", "regional_office"},
    "content_assets": {"content_type", "published", "publish_date", "author"},
}  # fmt: skip


@dataclass(frozen=True)
class Match:
    """How well a part feeds a table (0–1), and how."""

    table: str
    score: float
    feed: Feed


def matches(part: Part) -> tuple[Match, ...]:
    """Return the tables a part may feed, best first; those it cannot feed (a required column is not to be found) last and below ENOUGH."""
    found = [match(part, table) for table in vocabulary.tables()]
    return tuple(sorted(found, key=lambda entry: (-entry.score, schema.TABLE_NAMES.index(entry.table))))


def match(part: Part, table: str) -> Match:
    """Return how well a part feeds one table, with the best column for each of its columns."""
    feed = fill(part, table)
    folded = {fold(column.name) for column in part.columns}
    required = schema.table(table).required
    supplied = sum(name in feed.columns and not isinstance(feed.columns[name], Constant) for name in required) / len(required)
    signature = _SIGNATURE.get(table, required)
    signed = sum(isinstance(feed.columns.get(name), (Renamed, StatusWords)) for name in signature) / len(signature)
    telling = min(1.0, len(folded & _TELLING.get(table, set())) / 2)
    score = 0.3 * supplied + 0.2 * signed + 0.25 * telling + 0.35 * vocabulary.file_score(table, part.name)
    if feed.missing:
        score = min(score - 0.3, ENOUGH - 0.05)
    return Match(table, score, feed)


def fill(part: Part, table: str) -> Feed:
    """Return a feed with the best column of the part for each of the table's columns."""
    scores: list[tuple[float, str, Column]] = []
    for wanted in schema.table(table).columns:
        for column in part.columns:
            score = _fit(part, table, wanted, column)
            if score > 0.3:
                scores.append((score, wanted.name, column))
    scores.sort(key=lambda entry: -entry[0])
    columns: dict[str, Origin] = {}
    taken: dict[str, set[str]] = {}
    for _, name, column in scores:
        if name in columns or not _may_share(name, taken.get(column.name, set()), table):
            continue
        columns[name] = Renamed(column.name)
        taken.setdefault(column.name, set()).add(name)
    feed = Feed(part.file, part.sheet, table, columns, options=part.options)
    return _made(part, feed)


def _may_share(name: str, others: set[str], table: str) -> bool:
    """Whether a file's column may serve one more canonical column: a key that is also the name, a stage that is also the status."""
    pairs = (
        {"deal_stage", "status"},
        {"account_id", "name"},
        {"owner_id", "name"},
        {"campaign_id", "name"},
        {"contact_id", "email"},
        {"asset_id", "url"},
    )
    return not others or (len(others) == 1 and {name, *others} in pairs and table != "touches")


def _fit(part: Part, table: str, wanted: schema.Column, column: Column) -> float:
    """Return how well a file's column is a canonical one: its name, corrected by what the cells hold."""
    name = vocabulary.name_score(table, wanted.name, column.name)
    if not name:
        return 0.0
    if column.filled == 0:
        return name * 0.6
    if wanted.type in ("timestamp", "date"):
        return name if column.like_dates > 0.6 else 0.0
    if wanted.type == "money":
        return name if column.money > 0.6 and column.like_dates < 0.6 else 0.0
    if wanted.type in ("number", "integer", "rate"):
        return name if column.like_numbers > 0.8 and column.like_dates < 0.6 else 0.0
    if wanted.type == "boolean":
        return name if column.truths > 0.9 else 0.0
    if wanted.name == "status" and table == "deals":
        return _status_fit(name, column)
    if wanted.name == "currency":
        return name if all(len(value) == 3 for value in column.examples) else 0.0
    if wanted.name == "email":
        return name if column.emails > 0.5 or len(column.examples) < 3 else name * 0.4
    if column.like_dates > 0.9 and column.like_numbers < 0.5:
        return 0.0  # texts and ids are no dates
    if wanted.name in _WORDY and column.like_numbers > 0.9:
        return 0.0  # nor are channels and addresses numbers
    if table in ("accounts", "contacts", "deals", "campaigns", "people", "touches") and wanted.name == schema.table(table).key[0]:
        return name if part.is_key(column) else name * 0.75
    return name


def _status_fit(name: float, column: Column) -> float:
    words = [value for value, _ in column.values if value]
    if not words or column.distinct > _STATUS_WORDS:
        return 0.0
    kinds = {vocabulary.status_of(word) for word in words}
    if {"won"} & kinds or {"lost"} & kinds:
        return name
    return name * 0.8 if column.truths == 1.0 else name * 0.5


def status_words(column: Column) -> StatusWords:
    """Return the suggested status of each word of a column; words that say nothing are taken for stages of open deals."""
    words = []
    for value, _ in column.values:
        if column.truths == 1.0:
            status = "won" if value.casefold() in ("true", "yes", "1", "t", "y") else "open"
        else:
            status = vocabulary.status_of(value) or "open"
        words.append((value, status))
    if not any(value == "" for value, _ in words):
        return StatusWords(column.name, tuple(words))
    return StatusWords(column.name, tuple(sorted(words, key=lambda entry: entry[0] == "")))


def _made(part: Part, feed: Feed) -> Feed:
    """Add what is no plain column: status from words, names in two columns, ids joined by ';', constants, ids made from the row."""
    columns = dict(feed.columns)
    by_name = {fold(column.name): column for column in part.columns}
    if feed.table == "deals":
        status = _status(part, by_name, columns.get("status"))
        if status is not None:
            columns["status"] = status
    if feed.table in ("contacts", "people") and "name" not in columns and {"first_name", "last_name"} <= set(by_name):
        first, last = (identifier(by_name[name].name) for name in ("first_name", "last_name"))
        columns["name"] = Expression(f"trim(concat_ws(' ', {first}, {last}))")
    for name in _LISTED_IDS:
        origin = columns.get(name)
        column = part.column(origin.column) if isinstance(origin, Renamed) else None
        if column is not None and column.lists > 0.02:
            columns[name] = Expression(
                split(column.name, many=feed.table in ("deal_contacts", "touch_links") and name == "contact_id")
            )
    if feed.table in ("deals", "spend", "campaigns") and "currency" not in columns:
        held = [match for match in (_currency_in(column.name) for column in part.columns) if match]
        if held:
            columns["currency"] = Constant(held[0])
    where = feed.where
    if feed.table == "touches":
        columns = _touch(part, by_name, columns)
        if "has_responded" in by_name:  # Salesforce counts whoever is on a list as a member; only an answer is a touch
            where = f"lower({identifier(by_name['has_responded'].name)}) {_YES}"
    dated = columns.get("spent_on")
    day = part.column(dated.column) if isinstance(dated, Renamed) else None
    if day is not None and day.filled < part.rows:  # ad platforms write totals below, without a day
        where = f"coalesce({identifier(day.name)}, '') <> ''"
    return replace(feed, columns=columns, where=where)


def split(column: str, many: bool) -> str:
    """Ids joined by ';': a row for each where the table has one row per id, else the first."""
    parted = f"string_split({identifier(column)}, ';')"
    return f"unnest(list_transform({parted}, lambda part: trim(part)))" if many else f"trim({parted}[1])"


def _currency_in(name: str) -> str | None:
    """The currency that stands in a column's name, as in ``Amount spent (USD)``."""
    code = name.strip()[-4:-1] if name.strip().endswith(")") else ""
    return code if len(code) == 3 and code.isupper() and name.strip()[-5:-4] == "(" else None


def _status(part: Part, by_name: dict[str, Column], found: Origin | None) -> Origin | None:
    """Two columns of yes and no (is won, is closed) say it most surely; else the words of one column."""
    won = next(
        (by_name[name] for name in ("is_won", "is_closed_won", "won") if name in by_name and by_name[name].truths == 1.0), None
    )
    closed = next(
        (by_name[name] for name in ("is_closed", "is_deal_closed", "closed") if name in by_name and by_name[name].truths == 1.0),
        None,
    )
    if won is not None and closed is not None:
        return Expression(
            f"case when lower({identifier(won.name)}) {_YES} then 'won' when lower({identifier(closed.name)}) {_YES} then 'lost' else 'open' end"
        )
    column = part.column(found.column) if isinstance(found, Renamed) else None
    return status_words(column) if column is not None else None


def _touch(part: Part, by_name: dict[str, Column], columns: dict[str, Origin]) -> dict[str, Origin]:
    """What an export of activities says between the lines: who acted, through which channel, which deal a task is about."""
    folded = fold(part.name)
    by_sales = (
        any(word in folded for word in ("call", "meeting", "task", "sales_activit", "engagement")) or "task_subtype" in by_name
    )
    if "who_id" in by_name and "contact_id" not in columns:
        columns["contact_id"] = Renamed(by_name["who_id"].name)
    if "contact_id" in by_name and "lead_id" in by_name:
        contact, lead = (identifier(by_name[name].name) for name in ("contact_id", "lead_id"))
        columns["contact_id"] = Expression(f"coalesce(nullif(trim({contact}), ''), {lead})")
    if {"first_responded_date", "created_date"} <= set(by_name):
        responded, created = (identifier(by_name[name].name) for name in ("first_responded_date", "created_date"))
        columns["occurred_at"] = Expression(f"coalesce(nullif(trim({responded}), ''), {created})")
    if "what_id" in by_name:
        what = identifier(by_name["what_id"].name)
        columns["deal_id"] = Expression(f"case when left({what}, 3) = '006' then {what} end")
    if by_sales:
        columns.setdefault("channel", Constant("sales"))
        columns.setdefault("actor", Constant("sales"))
    columns.setdefault("channel", Constant("campaign" if "has_responded" in by_name else "unknown"))
    columns.setdefault("kind", Constant(_kind(folded)))
    if "touch_id" not in columns and part.columns:
        columns["touch_id"] = Expression(made_id(part))
    return columns


def _kind(folded: str) -> str:
    words = {
        "call": "call",
        "meeting": "meeting",
        "task": "task",
        "session": "visit",
        "visit": "visit",
        "form": "form",
        "email": "email",
        "webinar": "webinar",
    }
    return next((kind for word, kind in words.items() if word in folded), "touch")


def made_id(part: Part) -> str:
    """An id made from the row's cells, for files without one: rows that are the same in every cell count once."""
    listed = ", ".join(identifier(column.name) for column in part.columns[:24])
    return f"md5(concat_ws('|', {literal(told(part.name))}, {listed}))"


def told(file: str) -> str:
    """What a file's name says besides its date and number, so that next month's export gets the same ids: ``all_calls``."""
    words = re.sub(r"[\d_]+$", "", fold(file.split(".")[0]).removeprefix("hubspot_crm_exports_"))
    return words or fold(file.split(".")[0])
