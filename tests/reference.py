"""A slow, obvious oracle: what docs and definitions say, in plain Python, without SQL, pandas or an import of ``attribution``.

It reads canonical rows (plain dicts) and settings (a plain dict with the sections of attribution.toml) and answers who
a touch belongs to, which touches make the journey of a deal, what every model gives to each of them, and what the
tables and the bridge must show. It is written from the definitions alone, so that a difference between it and the
product is a finding about one of the two, never a copied mistake.

Values in rows: ``date`` is a date without a time, ``Minute`` a time without seconds, any other ``datetime`` exact; without
an offset they are in the settings' time zone. Missing is None. Weights are exact fractions until the last step.
"""

from __future__ import annotations

import csv
import math
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
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
POSITIONS = ("first", "lead_creation", "deal_creation", "last")
NAMED = {  # percent of each position; "middle" is everything that holds none of the model's own named positions
    "first_touch": {"first": 100},
    "last_touch": {"last": 100},
    "lead_creation": {"lead_creation": 100},
    "deal_creation": {"deal_creation": 100},
    "position_based": {"first": 40, "middle": 20, "last": 40},
    "u_shaped": {"first": 40, "lead_creation": 40, "middle": 20},
    "w_shaped": {"first": 30, "lead_creation": 30, "deal_creation": 30, "middle": 10},
    "full_path": {"first": 22.5, "lead_creation": 22.5, "deal_creation": 22.5, "last": 22.5, "middle": 10},
    "j_shaped": {"first": 20, "middle": 20, "last": 60},
    "inverse_j": {"first": 60, "middle": 20, "last": 20},
}
MODELS = (*NAMED, "last_non_direct", "linear", "time_decay", "shapley")
ACTORS = ("buyer", "marketing", "sales", "partner", "service")
DEFAULTS: dict[str, dict[str, Any]] = {
    "reporting": {"currency": None, "fx_base": "EUR", "time_zone": "UTC", "as_of": None, "opened_by": "first"},
    "channels": {},
    "models": {
        "missing_share": "proportional",
        "time_decay": {"half_life_days": 30},
        "shapley": {"dimension": "channel"},
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


@dataclass
class Journey:
    """The touches of one deal in order, where it ends, its milestones, and what was left out on the way."""

    touches: list[Row]
    end: int
    lead_bound: int | None
    deal_bound: int
    milestones: dict[str, str | None]
    has_excluded: bool
    has_outside: bool


@dataclass
class Split:
    """What one model makes of one deal: weight per touch_id, the missing share and its reason (None where nothing is missing)."""

    weights: dict[str, Fraction] = field(default_factory=dict)
    unattributed: Fraction = Fraction(0)
    reason: str | None = None


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


def rounded_table(values: Mapping[Any, Fraction], total: Decimal | None = None) -> dict[Any, Decimal]:
    """Round a table to cents by largest remainder against its own rounded total (or the given one); ties by name."""
    cents = {key: value * 100 for key, value in values.items()}
    goal = half_up(sum(values.values(), Fraction(0))) if total is None else total
    floors = {key: value.numerator // value.denominator for key, value in cents.items()}
    missing = int(goal * 100) - sum(floors.values())
    by_remainder = sorted(cents, key=lambda key: (floors[key] - cents[key], name_of(key)))
    for key in by_remainder[:missing]:
        floors[key] += 1
    return {key: Decimal(value) / 100 for key, value in floors.items()}


def name_of(key: Any) -> tuple[str, ...]:
    """What a row of a table is sorted by: its values as text, a missing one first."""
    return tuple("" if part is None else str(part) for part in (key if isinstance(key, tuple) else (key,)))


def half_up(value: Fraction) -> Decimal:
    """Round to the cent, half away from zero."""
    sign = -1 if value < 0 else 1
    cents = (abs(value) * 200 + 1) // 2
    return Decimal(sign * int(cents)) / 100


class Oracle:
    """Answers for one set of rows under one set of settings."""

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
        self._journeys: dict[str, Journey] = {}

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

    # --- journeys -------------------------------------------------------------------------------------------------

    def joined(self, deal_id: str) -> tuple[list[Row], set[str]]:
        """The touches and the people that the join rule selects for a deal."""
        rule = self.settings["journeys"]["join_rule"]
        own = set(self.deal_contacts(deal_id))
        if rule == "deal_else_account":
            rule = "deal" if own else "account"
        if rule == "primary":
            primary = self.primary_contact(deal_id)
            people = {primary} if primary else set()
            return [touch for touch in self.touches if touch["people"] & people], people
        if rule == "deal":
            return [touch for touch in self.touches if touch["people"] & own or deal_id in touch["deals"]], own
        account = self.account_of_deal(deal_id)
        people = set(own)
        if account:
            people |= {person for person in self.people if self.account_of_contact(person) == account}
        return [
            touch
            for touch in self.touches
            if touch["people"] & people or deal_id in touch["deals"] or (account and account in touch["accounts"])
        ], people

    def end_of(self, deal_id: str) -> Moment:
        """Where the journey of a deal ends."""
        deal = self.deals[deal_id]
        if deal["status"] == "open":
            return Moment(self.as_of, self.as_of)
        closed = self.column_moment("deals", deal, "closed_at")
        assert closed is not None
        return Moment(closed.end, closed.end, closed.day) if closed.day else Moment(closed.start, closed.start)

    def previous_win(self, deal_id: str) -> int | None:
        """The end of the last won deal of the same account that ended before this one."""
        account, end = self.account_of_deal(deal_id), self.end_of(deal_id).end
        ends = [
            self.end_of(key).end
            for key, row in self.deals.items()
            if key != deal_id and row["status"] == "won" and account and self.account_of_deal(key) == account
        ]
        return max((value for value in ends if value < end), default=None)

    def in_lookback(self, touch: Row, end: Moment) -> bool:
        """Say whether a touch is late enough."""
        days = self.settings["journeys"]["lookback_days"]
        if days == 0:
            return True
        if end.day is not None:
            return self.day_of(touch["us"]) >= end.day - timedelta(days=math.ceil(days))
        return touch["us"] >= end.end - int(days * DAY)

    def journey(self, deal_id: str) -> Journey:
        """Join, actors and exclusions, grain, then end and lookback."""
        if deal_id in self._journeys:
            return self._journeys[deal_id]
        rules = self.settings["journeys"]
        touches, people = self.joined(deal_id)
        end = self.end_of(deal_id)
        won_before = self.previous_win(deal_id) if rules["start"] == "after_previous_win" else None

        def late_enough(touch: Row) -> bool:
            return self.in_lookback(touch, end) and (won_before is None or touch["us"] > won_before)

        def is_excluded(touch: Row) -> bool:
            return (
                touch["actor"] not in rules["actors"]
                or touch["channel"] in rules["exclude_channels"]
                or touch["kind"] in rules["exclude_kinds"]
            )

        excluded = [touch for touch in touches if is_excluded(touch)]
        kept = sorted((touch for touch in touches if not is_excluded(touch)), key=lambda touch: (touch["us"], touch["touch_id"]))
        if rules["grain"] == "day":
            firsts: dict[Any, Row] = {}
            for touch in kept:
                same = tuple(touch.get(name) for name in ("person", "channel", "campaign_id", "asset_id", "kind"))
                firsts.setdefault((same, self.day_of(touch["us"])), touch)
            kept = list(firsts.values())
        in_time = [touch for touch in kept if touch["us"] <= end.end]
        counted = [touch for touch in in_time if late_enough(touch)]
        created = [self.group_created[person] for person in people if person in self.group_created]
        earliest = min(created, key=lambda moment: (moment.start, moment.end), default=None)
        lead_bound = self.with_grace(earliest) if earliest else None
        deal_created = self.column_moment("deals", self.deals[deal_id], "created_at")
        assert deal_created is not None
        deal_bound = self.with_grace(deal_created)

        def last_until(bound: int | None) -> str | None:
            return next((touch["touch_id"] for touch in reversed(counted) if bound is not None and touch["us"] <= bound), None)

        self._journeys[deal_id] = Journey(
            touches=counted,
            end=end.end,
            lead_bound=lead_bound,
            deal_bound=deal_bound,
            milestones={
                "first": counted[0]["touch_id"] if counted else None,
                "lead_creation": last_until(lead_bound),
                "deal_creation": last_until(deal_bound),
                "last": counted[-1]["touch_id"] if counted else None,
            },
            has_excluded=any(touch["us"] <= end.end and late_enough(touch) for touch in excluded),
            has_outside=len(in_time) > len(counted),
        )
        return self._journeys[deal_id]

    def phase(self, deal_id: str, touch: Row) -> str:
        """Before the lead existed, before the deal was opened, or after."""
        journey = self.journey(deal_id)
        if journey.lead_bound is not None and touch["us"] <= journey.lead_bound:
            return "before lead"
        return "before deal" if touch["us"] <= journey.deal_bound else "after deal opened"

    # --- models ---------------------------------------------------------------------------------------------------

    @property
    def models(self) -> tuple[str, ...]:
        """All models: the built-in ones and the custom ones of the settings."""
        return (*MODELS, *self.settings["models"]["custom"])

    def shares(self, model: str) -> dict[str, Fraction]:
        """Percentages of a model by position as fractions of 1, without those it gives nothing."""
        given = NAMED.get(model) or self.settings["models"]["custom"][model]
        places = (*POSITIONS, "middle")
        return {name: Fraction(str(given[name])) / 100 for name in places if given.get(name)}

    def policy(self, model: str) -> str:
        """What happens to a share without a touch."""
        models = self.settings["models"]
        own: dict[str, Any] = models["custom"].get(model) or models.get(model) or {}
        return own.get("missing_share") or models["missing_share"]

    def split(self, deal_id: str, model: str) -> Split:
        """Weights of one deal under one model, which with the missing share sum to exactly 1."""
        journey = self.journey(deal_id)
        weights = self.raw_split(journey, model)
        result = Split({key: value for key, value in weights.items() if value})
        result.unattributed = 1 - sum(result.weights.values(), Fraction(0))
        if result.unattributed:
            result.reason = self.reason(journey, model)
        return result

    def raw_split(self, journey: Journey, model: str) -> dict[str, Fraction]:
        """Weights after the missing-share policy."""
        touches = journey.touches
        if not touches:
            return {}
        ids = [touch["touch_id"] for touch in touches]
        if model == "linear":
            return {key: Fraction(1, len(ids)) for key in ids}
        if model == "last_non_direct":
            direct = self.settings["journeys"]["direct_channels"]
            others = [touch["touch_id"] for touch in touches if touch["channel"] not in direct]
            return {(others or ids)[-1]: Fraction(1)}
        if model == "time_decay":
            half_life = self.settings["models"]["time_decay"]["half_life_days"]
            latest = touches[-1]["us"]  # only ratios matter: days before the last touch avoid 0 / 0 in very long journeys
            raw = {touch["touch_id"]: Fraction(2.0 ** (-(latest - touch["us"]) / DAY / half_life)) for touch in touches}
            return {key: value / sum(raw.values()) for key, value in raw.items()}
        if model == "shapley":
            dimension = self.settings["models"]["shapley"]["dimension"]
            groups: dict[Any, list[str]] = defaultdict(list)
            for touch in touches:
                groups[self.touch_value(touch, dimension)].append(touch["touch_id"])
            return {key: Fraction(1, len(groups) * len(group)) for group in groups.values() for key in group}
        return self.position_split(journey, model)

    def position_split(self, journey: Journey, model: str) -> dict[str, Fraction]:
        """Weights of a model of named positions."""
        shares = self.shares(model)
        holders: dict[str, list[str]] = {
            place: [key] if (key := journey.milestones[place]) else [] for place in shares if place != "middle"
        }
        taken = {key for keys in holders.values() for key in keys}
        if "middle" in shares:
            holders["middle"] = [touch["touch_id"] for touch in journey.touches if touch["touch_id"] not in taken]
        present = {place: shares[place] for place, keys in holders.items() if keys}
        missing = 1 - sum(present.values(), Fraction(0))
        if not present:
            return {}
        if self.policy(model) == "proportional":
            present = {place: share / (1 - missing) for place, share in present.items()}
        elif self.policy(model) == "equal":
            present = {place: share + missing / len(present) for place, share in present.items()}
        weights: dict[str, Fraction] = defaultdict(Fraction)
        for place, share in present.items():
            for key in holders[place]:
                weights[key] += share / len(holders[place])
        return weights

    def reason(self, journey: Journey, model: str) -> str:
        """Why a share is missing: the first that holds."""
        shares = self.shares(model) if model in NAMED or model in self.settings["models"]["custom"] else {}
        if journey.has_excluded:
            return "excluded"
        if journey.has_outside:
            return "outside_lookback"
        if not journey.touches:
            return "no_touch"
        if "lead_creation" in shares and not journey.milestones["lead_creation"]:
            return "no_touch_before_lead_creation"
        if "deal_creation" in shares and not journey.milestones["deal_creation"]:
            return "no_touch_before_deal_creation"
        return "policy"

    # --- money, dimensions, tables --------------------------------------------------------------------------------

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

    def team(self, touch: Row) -> str:
        """Whose a touch is."""
        if touch["actor"] != "buyer":
            return touch["actor"]
        return self.settings["channels"].get(touch["channel"], {}).get("team", "marketing")

    def opener(self, deal_id: str) -> Row | None:
        """The touch that opened the deal."""
        place = self.settings["reporting"]["opened_by"]
        key = self.journey(deal_id).milestones[place]
        return self.by_id[key] if key else None

    def opened_by(self, deal_id: str) -> str:
        """The team of the touch that opened the deal."""
        opener = self.opener(deal_id)
        return self.team(opener) if opener else "unknown"

    def is_influenced(self, deal_id: str) -> bool:
        """Any touch of a marketing or buyer actor."""
        return any(touch["actor"] in ("marketing", "buyer") for touch in self.journey(deal_id).touches)

    def touch_value(self, touch: Row, dimension: str, deal_id: str | None = None) -> str | None:
        """The value of a dimension of the touch."""
        if dimension == "phase":
            assert deal_id is not None
            return self.phase(deal_id, touch)
        if dimension == "topic":
            return self.assets.get(touch["asset_id"] or "", {}).get("topic")
        return touch.get({"campaign": "campaign_id", "asset": "asset_id", "touch": "touch_id"}.get(dimension, dimension))

    def closed_on(self, deal_id: str) -> date | None:
        """The local day of the close."""
        if self.deals[deal_id]["status"] == "open":
            return None
        end = self.end_of(deal_id)
        return end.day or self.day_of(end.end)

    def created_on(self, deal_id: str) -> date:
        """The local day of the creation."""
        created = self.column_moment("deals", self.deals[deal_id], "created_at")
        assert created is not None
        return created.day or self.day_of(created.start)

    def deal_value(self, deal_id: str, dimension: str) -> str | None:
        """The value of a dimension of the deal."""
        deal = self.deals[deal_id]
        if dimension in ("segment", "industry", "country"):
            return self.accounts.get(self.account_of_deal(deal_id) or "", {}).get(dimension)
        if dimension in ("month", "quarter"):
            day = self.closed_on(deal_id)
            if day is None:
                return None
            return f"{day:%Y-%m}" if dimension == "month" else f"{day.year}-Q{(day.month + 2) // 3}"
        if dimension == "opened_by":
            return self.opened_by(deal_id)
        return deal.get({"deal": "deal_id", "owner": "owner_id", "partner": "partner_id"}.get(dimension, dimension))

    def credit(
        self,
        model: str,
        by: Iterable[str],
        measure: str = "revenue",
        deals: Iterable[str] | None = None,
        keep: Callable[[Row], bool] | None = None,
    ) -> dict[tuple, Fraction]:
        """One measure by dimensions, unrounded; ``deals`` are those that the filters select.

        ``keep`` are filters that select credits (channel, campaign, the date basis touch): they leave Unattributed out, and whole
        deals count where a kept touch is in the journey, or opened the deal.

        Measures: revenue, deals, pipeline, pipeline_deals, influenced_revenue, influenced_deals, sourced_revenue.
        """
        by = tuple(by)
        touch_dimensions = {"channel", "campaign", "asset", "topic", "kind", "actor", "touch", "phase"} & set(by)
        status = "open" if measure.startswith("pipeline") else "won"
        table: dict[tuple, Fraction] = defaultdict(Fraction)
        for deal_id, deal in self.deals.items():
            if deal["status"] != status or (deals is not None and deal_id not in set(deals)):
                continue

            def key_of(touch: Row | None, deal_id: str = deal_id) -> tuple:
                return tuple(
                    self.deal_value(deal_id, name)
                    if name not in touch_dimensions
                    else "Unattributed"
                    if touch is None
                    else self.touch_value(touch, name, deal_id)
                    for name in by
                )

            whole = Fraction(1) if measure.endswith("deals") else Fraction(self.amount(deal_id) or 0)
            journey = self.journey(deal_id)
            if measure.startswith("influenced"):
                counted = touch_dimensions or keep is not None or self.is_influenced(deal_id)
                for key in {key_of(touch) for touch in journey.touches if keep is None or keep(touch)} if counted else ():
                    table[key] += whole
            elif measure.startswith("sourced"):
                opener = self.opener(deal_id)
                if opener and self.team(opener) == "marketing" and (keep is None or keep(opener)):
                    table[key_of(opener)] += whole
            else:
                split = self.split(deal_id, model)
                for touch_id, weight in split.weights.items():
                    if keep is None or keep(self.by_id[touch_id]):
                        table[key_of(self.by_id[touch_id])] += weight * whole
                if split.unattributed and keep is None:
                    table[key_of(None)] += split.unattributed * whole
        return dict(table)

    def reconcile(self, model: str, deals: Iterable[str] | None = None) -> dict[str, tuple[Fraction, Fraction]]:
        """The bridge: step → (deals, revenue), unrounded; ``deals`` are those that pass the filters."""
        won = [key for key, row in self.all_deals.items() if row["status"] == "won"]
        scope = [key for key in won if key in self.deals and (deals is None or key in set(deals))]

        def total(keys: Iterable[str], share: Callable[[str], Fraction] = lambda _: Fraction(1)) -> tuple[Fraction, Fraction]:
            parts = [(share(key), share(key) * Fraction(self.amount(key) or 0)) for key in keys]
            return sum((part[0] for part in parts), Fraction(0)), sum((part[1] for part in parts), Fraction(0))

        splits = {key: self.split(key, model) for key in scope}
        bridge = {
            "crm_won": total(won),
            "quarantined": total(key for key in won if key not in self.deals),
            "filtered_out": total(key for key in won if key in self.deals and key not in scope),
            "in_scope": total(scope),
            "with_touches": total(key for key in scope if self.journey(key).touches),
            "attributed": total(scope, lambda key: 1 - splits[key].unattributed),
        }
        for reason in sorted({split.reason for split in splits.values() if split.reason}):
            bridge[f"unattributed:{reason}"] = total(
                (key for key in scope if splits[key].reason == reason), lambda key: splits[key].unattributed
            )
        return bridge

    def deal_table(self, deal_id: str, model: str) -> dict[str, Decimal]:
        """Credits of one deal by touch (and Unattributed), rounded against the deal's amount."""
        split = self.split(deal_id, model)
        parts: dict[str, Fraction] = dict(split.weights)
        if split.unattributed:
            parts["Unattributed"] = split.unattributed
        amount = self.amount(deal_id)
        assert amount is not None
        return rounded_table({key: weight * Fraction(amount) for key, weight in parts.items()}, amount)


def at_midnight(value: date | datetime) -> bool:
    """A date, or a time of day of exactly zero."""
    return not isinstance(value, datetime) or (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)


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
