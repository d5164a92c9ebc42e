"""What the oracle takes for facts: who a touch belongs to, what it was about, when things happened, and what a deal is worth.

Plain Python over canonical rows (dicts), written from the definitions alone; ``reference.py`` builds journeys and credits on it.
Values in rows: ``date`` is a date without a time, ``Minute`` a time without seconds, any other ``datetime`` exact; without
an offset they are in the settings' time zone. Missing is None.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]
Rows = Mapping[str, list[dict[str, Any]]]

FREE_MAIL = frozenset(
    (
        *(
            "gmail.com",
            "googlemail.com",
            "outlook.com",
            "hotmail.com",
            "live.com",
            "yahoo.com",
            "icloud.com",
            "me.com",
            "aol.com",
        ),
        *("gmx.de", "gmx.net", "web.de", "proton.me", "protonmail.com", "mail.com", "yandex.ru", "qq.com", "163.com"),
    )
)
ACTORS = ("buyer", "marketing", "sales", "partner", "service")
DEFAULTS: dict[str, dict[str, Any]] = {
    "reporting": {"currency": None, "fx_base": "EUR", "time_zone": "UTC", "as_of": None, "opened_by": "first"},
    "channels": {},
    "models": {
        "missing_share": "proportional",
        "time_decay": {"half_life_days": 30},
        "shapley": {"dimension": "channel"},
        "markov": {"dimension": "channel", "order": 1, "stale_days": 180},
        "custom": {},
    },
    "journeys": {
        "join_rule": "deal_else_account",
        "lookback_days": 540,
        "start": "lookback",
        "grain": "day",
        "actors": list(ACTORS),
        "exclude_channels": [],
        "exclude_kinds": ["email_open"],
        "direct_channels": ["direct"],
        "milestone_grace_minutes": 60,
    },
}
DAY = 86_400_000_000  # microseconds
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Minute(datetime):
    """A time written without seconds: it may be any moment of its minute."""


@dataclass(frozen=True)
class Moment:
    """A point in time as known: UTC microseconds of its start and of the end of its precision; the day if only that is known."""

    start: int
    end: int
    day: date | None = None


def merged_settings(settings: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the defaults with the given sections on top (dicts are merged, everything else replaces)."""

    def merge(base: Any, top: Any) -> Any:
        if isinstance(base, dict) and isinstance(top, Mapping):
            return {key: merge(base.get(key), top[key]) if key in top else base[key] for key in {**base, **top}}
        return top

    return merge(DEFAULTS, settings or {})


def with_setting(settings: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Return settings with one dotted key replaced, as ``--set`` does."""
    head, _, rest = key.partition(".")
    return {**settings, head: with_setting(settings.get(head) or {}, rest, value) if rest else value}


def normalised_url(url: str) -> str:
    """Drop scheme, ``www.``, query and trailing slash."""
    without_query = re.sub(r"[?#].*$", "", url.strip(), flags=re.S)
    return re.sub(r"^www\.", "", re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://", "", without_query)).rstrip("/")


def url_matches(pattern: str, url: str) -> bool:
    """Say whether a normalised pattern covers a normalised url."""
    if "*" in pattern:
        return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), url, flags=re.S) is not None
    return url == pattern or ("/" in pattern and url.startswith(pattern + "/"))


def half_up(value: Fraction) -> Decimal:
    """Round to the cent, half away from zero."""
    sign = -1 if value < 0 else 1
    cents = (abs(value) * 200 + 1) // 2
    return Decimal(sign * int(cents)) / 100


def at_midnight(value: date | datetime) -> bool:
    """A date, or a time of day of exactly zero."""
    return not isinstance(value, datetime) or (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)


class Facts:
    """Time, people, content and money of one set of rows under one set of settings."""

    def __init__(self, rows: Rows, settings: Mapping[str, Any] | None = None) -> None:
        self.settings = merged_settings(settings)
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list, {name: list(table) for name, table in rows.items()})
        self.zone = ZoneInfo(self.settings["reporting"]["time_zone"])
        self.all_midnight = {
            (table, column): all(at_midnight(row[column]) for row in self.rows[table] if row.get(column) is not None)
            for table, column in (("deals", "closed_at"), ("deals", "created_at"), ("contacts", "created_at"))
        }
        self.all_deals = {row["deal_id"]: row for row in self.rows["deals"]}
        self.deals = {key: row for key, row in self.all_deals.items() if not self.is_quarantined(row)}
        self.contacts = {row["contact_id"]: row for row in self.rows["contacts"]}
        self.accounts = {row["account_id"]: row for row in self.rows["accounts"]}
        self.assets = {row["asset_id"]: row for row in self.rows["content_assets"]}
        self.aliases: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for row in self.rows["identities"]:
            key = row["alias"].lower() if row["alias_kind"] in ("email", "domain") else row["alias"]
            self.aliases[row["alias_kind"]][key].append(row)
        self.links: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows["touch_links"]:
            self.links[row["touch_id"]].append(row)
        self.touches = [self.enriched(row) for row in self.rows["touches"]]
        self.by_id = {touch["touch_id"]: touch for touch in self.touches}

    # --- time -----------------------------------------------------------------------------------------------------

    def us(self, moment: datetime) -> int:
        """UTC microseconds; without an offset the moment is in the settings' time zone."""
        aware = moment if moment.tzinfo else moment.replace(tzinfo=self.zone)
        return (aware.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)

    def day_of(self, us: int) -> date:
        """The local day of a moment."""
        return (EPOCH + timedelta(microseconds=us)).astimezone(self.zone).date()

    def moment(self, value: date | datetime, midnight_is_day: bool = False) -> Moment:
        """Read a value with its precision."""
        if midnight_is_day and isinstance(value, datetime):
            value = value.date()
        if not isinstance(value, datetime):
            start = self.us(datetime(value.year, value.month, value.day))
            after = value + timedelta(days=1)
            return Moment(start, self.us(datetime(after.year, after.month, after.day)) - 1, value)
        start = self.us(value)
        return Moment(start, start + 60_000_000 - 1 if isinstance(value, Minute) else start)

    def column_moment(self, table: str, row: Row, column: str) -> Moment | None:
        """Read closed_at or created_at, where a column of nothing but midnights holds days."""
        value = row.get(column)
        return None if value is None else self.moment(value, self.all_midnight[table, column])

    def with_grace(self, moment: Moment) -> int:
        """The last microsecond that still counts as at or before a creation."""
        grace = 0 if moment.day else int(self.settings["journeys"]["milestone_grace_minutes"] * 60_000_000)
        return moment.end + grace

    @cached_property
    def as_of(self) -> int:
        """The moment up to which the data goes."""
        given = self.settings["reporting"]["as_of"]
        if given is not None:
            return self.moment(given).end if not isinstance(given, datetime) else self.us(given)
        found = [self.moment(touch["occurred_at"]).start for touch in self.rows["touches"]]
        for row in self.rows["deals"]:
            found += [self.column_moment("deals", row, "created_at").start]  # type: ignore[union-attr]
            closed = self.column_moment("deals", row, "closed_at")
            found += [closed.end if closed.day else closed.start] if closed else []
        changes = (("deal_stage_changes", "entered_at"), ("lifecycle_changes", "entered_at"), ("handoffs", "handed_at"))
        for table, column in changes:
            found += [self.moment(row[column]).start for row in self.rows[table]]
        now = (datetime.now(UTC) - EPOCH) // timedelta(microseconds=1)
        return max(value for value in found if value <= now)

    # --- who ------------------------------------------------------------------------------------------------------

    def contact(self, contact_id: str | None) -> str | None:
        """Follow merged aliases to the end; an unknown id is then tried as an e-mail address; else it stays (an orphan)."""
        seen: set[str] = set()
        while contact_id is not None and contact_id not in seen:
            seen.add(contact_id)
            if contact_id in self.aliases["merged"]:
                contact_id = self.aliases["merged"][contact_id][0]["target_id"]
            elif contact_id not in self.contacts:
                contact_id = self.contact_of_email(contact_id.lower()) or contact_id
        return contact_id

    def contact_of_email(self, email: str) -> str | None:
        """The contact with that address (the smallest id of several), else of that alias."""
        owners = sorted(key for key, row in self.contacts.items() if (row.get("email") or "").lower() == email)
        aliased = sorted(row["target_id"] for row in self.aliases["email"].get(email, []))
        return (owners or aliased or [None])[0]

    def contact_of_visitor(self, visitor_id: str, occurred_us: int) -> str | None:
        """The contact identified last at or before the touch, else the first one ever identified."""
        known = [
            (self.moment(row["identified_at"]).start if row.get("identified_at") else -(10**18), row["target_id"])
            for row in self.aliases["visitor"].get(visitor_id, [])
        ]
        before = [entry for entry in known if entry[0] <= occurred_us]
        chosen = max(before) if before else min(known) if known else None
        return self.contact(chosen[1]) if chosen else None

    def account(self, account_id: str | None) -> str | None:
        """An account's other id stands for the account."""
        found = self.aliases["account"].get(account_id or "")
        return found[0]["target_id"] if found else account_id

    def deal_id(self, deal_id: str | None) -> str | None:
        """A deal's other id stands for the deal."""
        found = self.aliases["deal"].get(deal_id or "")
        return found[0]["target_id"] if found else deal_id

    @cached_property
    def people(self) -> dict[str, dict[str, Any]]:
        """One record per person: the surviving contact's, with what it leaves blank from the contacts merged into it, by id."""
        groups: dict[str, list[Row]] = defaultdict(list)
        for key, row in sorted(self.contacts.items()):
            groups[self.contact(key) or key].append(row)
        return {
            person: {
                name: next(
                    (row[name] for row in sorted(rows, key=lambda row: row["contact_id"] != person) if row.get(name)), None
                )
                for name in ("account_id", "email")
            }
            for person, rows in groups.items()
        }

    def account_of_contact(self, person: str | None) -> str | None:
        """The person's account, else the one of the e-mail domain; a free-mail domain is nobody's."""
        row = self.people.get(person or "", {})
        if row.get("account_id"):
            return self.account(row["account_id"])
        domain = (row.get("email") or "").lower().rpartition("@")[2]
        if not domain or domain in FREE_MAIL:
            return None
        owners = sorted(key for key, entry in self.accounts.items() if (entry.get("domain") or "").lower() == domain)
        aliased = sorted(entry["target_id"] for entry in self.aliases["domain"].get(domain, []))
        return self.account((owners or aliased or [None])[0])

    @cached_property
    def group_created(self) -> dict[str, Moment]:
        """Per person, the earliest creation among the contacts merged into it."""
        created: dict[str, Moment] = {}
        for row in self.rows["contacts"]:
            moment = self.column_moment("contacts", row, "created_at")
            person = self.contact(row["contact_id"])
            if moment is not None and person is not None:
                best = created.get(person)
                if best is None or (moment.start, moment.end) < (best.start, best.end):
                    created[person] = moment
        return created

    def deal_contacts(self, deal_id: str) -> dict[str, bool]:
        """The people on a deal → whether one of their rows is marked primary."""
        people: dict[str, bool] = {}
        for row in self.rows["deal_contacts"]:
            if self.deal_id(row["deal_id"]) == deal_id:
                person = self.contact(row["contact_id"])
                assert person is not None
                people[person] = people.get(person, False) or bool(row.get("is_primary"))
        return people

    def primary_contact(self, deal_id: str) -> str | None:
        """The person marked primary, else the first by contact_id."""
        people = self.deal_contacts(deal_id)
        return min((person for person, primary in people.items() if primary), default=min(people, default=None))

    def account_of_deal(self, deal_id: str) -> str | None:
        """The deal's account, else that of its primary contact, else of its first contact by contact_id that has one."""
        own = self.deals[deal_id].get("account_id")
        if own:
            return self.account(own)
        people = sorted(self.deal_contacts(deal_id).items(), key=lambda entry: (not entry[1], entry[0]))
        return next((found for person, _ in people if (found := self.account_of_contact(person))), None)

    # --- what -----------------------------------------------------------------------------------------------------

    def asset_of_url(self, url: str | None) -> str | None:
        """The asset of the longest pattern that covers the url."""
        if not url:
            return None
        patterns = [(normalised_url(row["url_pattern"]), row["asset_id"]) for row in self.rows["asset_urls"]]
        patterns += [(normalised_url(row["url"]), row["asset_id"]) for row in self.rows["content_assets"] if row.get("url")]
        address = normalised_url(url)
        found = [(pattern, asset) for pattern, asset in patterns if url_matches(pattern, address)]
        return max(found, key=lambda entry: len(entry[0]))[1] if found else None

    def enriched(self, row: Row) -> dict[str, Any]:
        """A touch with its moment, its person and every way by which it reaches a deal."""
        value = row["occurred_at"]
        us = self.moment(value).start
        own = self.contact(row["contact_id"]) if row.get("contact_id") else None
        if own is None and row.get("visitor_id"):
            own = self.contact_of_visitor(row["visitor_id"], us)
        links = self.links[row["touch_id"]]
        linked = sorted({person for link in links if link.get("contact_id") and (person := self.contact(link["contact_id"]))})
        # The account counts only where no person does: a person's own account knows better.
        carried = [row.get("account_id"), *(link.get("account_id") for link in links)]
        accounts = {self.account(key) for key in carried if key} if own is None and not linked else set()
        deals = {self.deal_id(link["deal_id"]) for link in links if link.get("deal_id")} | {self.deal_id(row.get("deal_id"))}
        identity = (
            ("contact", own or next(iter(linked), None)),
            ("visitor", row.get("visitor_id")),
            ("account", self.account(row.get("account_id"))),
            ("deal", self.deal_id(row.get("deal_id"))),
        )
        return {
            **row,
            "us": us,
            "people": {*linked, *([own] if own else [])},
            "accounts": accounts,
            "deals": deals - {None},
            "person": next((entry for entry in identity if entry[1]), None),
            "channel": row.get("channel") or "unknown",
            "actor": row.get("actor") or "buyer",
            "asset_id": row.get("asset_id") or self.asset_of_url(row.get("url")),
        }

    # --- money --------------------------------------------------------------------------------------------------------

    @cached_property
    def currency(self) -> str | None:
        """The reporting currency: as set, else the deals' only one."""
        used = {row["currency"].upper() for row in self.rows["deals"] if row.get("currency")}
        return self.settings["reporting"]["currency"] or (used.pop() if len(used) == 1 else None)

    def units(self, currency: str, day: date) -> Fraction | None:
        """Units per base of that day or the last at most 7 days earlier."""
        if currency == self.settings["reporting"]["fx_base"]:
            return Fraction(1)
        known = {row["rate_on"]: row["units_per_base"] for row in self.rows["fx_rates"] if row["currency"].upper() == currency}
        rate = next((known[at] for back in range(8) if (at := day - timedelta(days=back)) in known), None)
        return None if rate is None else Fraction(str(rate))

    def amount(self, deal_id: str) -> Decimal | None:
        """A deal's amount in the reporting currency (None: no rate)."""
        deal = self.all_deals[deal_id]
        amount, currency = Fraction(str(deal.get("amount") or 0)), (deal.get("currency") or self.currency or "").upper()
        if not self.currency or currency == self.currency:
            return half_up(amount)
        closed = None if deal["status"] == "open" else self.column_moment("deals", deal, "closed_at")
        day = self.day_of(self.as_of) if closed is None else closed.day or self.day_of(closed.start)
        own, into = self.units(currency, day), self.units(self.currency, day)
        return None if own is None or into is None else half_up(amount / own * into)

    def is_quarantined(self, deal: Row) -> bool:
        """Won or lost without a close, or an amount without a rate."""
        return (deal["status"] != "open" and deal.get("closed_at") is None) or self.amount(deal["deal_id"]) is None


# --- reading canonical folders ----------------------------------------------------------------------------------------


def read_value(column: str, text: str) -> Any:
    """Read a cell of a canonical CSV as the oracle's kind of value."""
    if text == "":
        return None
    if column.endswith("_at"):
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
        value = datetime.fromisoformat(text)
        exact = re.fullmatch(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(Z|[+-]\d\d:\d\d)?", text) is None
        return value if exact else Minute.fromisoformat(text)
    if column.endswith("_on"):
        return date.fromisoformat(text)
    if column in ("amount", "units_per_base", "cost", "budget"):
        return Decimal(text)
    if column == "is_primary":
        return text.lower() in ("true", "1", "yes", "t", "y")
    return text


def read_folder(folder: Path) -> tuple[dict[str, list[dict[str, Any]]], dict[str, Any]]:
    """Read a canonical folder of CSVs: rows by table, and the settings of its attribution.toml (if any)."""
    rows = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            rows[path.stem] = [{key: read_value(key, value) for key, value in row.items()} for row in csv.DictReader(file)]
    toml = folder / "attribution.toml"
    return rows, tomllib.loads(toml.read_text(encoding="utf-8")) if toml.exists() else {}
