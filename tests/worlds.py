"""Seeded random worlds, messy on purpose, and the writer that makes a canonical folder of any rows.

A world has people who are merged, aliased, orphaned or on several deals, visitors who turn out to be two people, companies
found by domain, meetings with many guests, addresses of content, amounts in several currencies, and times that lie exactly
on the edges that matter: the close, the lookback, the creation of leads and deals and their hour of grace.
Values follow ``tests/reference_facts.py``. What the definitions leave open is left out: two accounts with one domain, two
contacts with one address, two identifications of one visitor in the same moment.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.reference_facts import Minute, Rows

__all__ = ["Rows", "World", "settings_toml", "toml_value", "write_folder"]

TODAY = datetime(2025, 6, 30, 12, tzinfo=UTC)
CHANNELS = ("organic", "paid_search", "paid_social", "direct", "email", "event", None)
KINDS = ("page_view", "email_open", "email_click", "form", "webinar", "call", "meeting")
ZONES = ("UTC", "America/Sao_Paulo", "Europe/Berlin", "Asia/Kolkata", "Pacific/Auckland")
PATTERNS = (  # no two of one length, so that "the longest wins" always has an answer
    ("site.test", "home"),
    ("https://www.site.test/guide/", "guide"),
    ("site.test/guide/price", "price"),
    ("site.test/blog/*", "blog"),
    ("site.test/b_og/20*/post.html", "post"),
)
URLS = (
    "https://site.test/",
    "http://www.site.test",
    "https://site.test/guide?x=1",
    "https://site.test/guide/",
    "site.test/guidebook",
    "https://site.test/guide/price/",
    "https://site.test/guide/prices",
    "https://site.test/blog/",
    "https://site.test/blog/2024/a",
    "https://site.test/b_og/2024/x/post.html",
    "https://site.test/blog/2024/post.html",
    "https://site.test/blog",
    "https://other.test/guide",
)


class World:
    """One random world: ``rows`` by table and the ``settings`` of its attribution.toml."""

    def __init__(
        self, seed: int, deals: int = 60, touches: int = 400, precision: str = "mixed", currencies: Sequence[str] = ("EUR",)
    ) -> None:
        self.random = random.Random(seed)
        self.precision = precision
        self.zone = self.random.choice(ZONES)
        self.settings: dict[str, Any] = {
            "reporting": {"time_zone": self.zone, "currency": "EUR", "as_of": TODAY + timedelta(days=20)},
            "channels": {"event": {"team": "sales"}, "email": {"team": "marketing"}},
            "models": {
                "custom": {
                    "my_w": {"first": 40, "lead_creation": 40, "middle": 20},
                    "ends": {"last": 50, "deal_creation": 50, "missing_share": "equal"},
                    "rest": {"middle": 70, "lead_creation": 30, "missing_share": "unattributed"},
                }
            },
        }
        self.accounts = [f"A{number}" for number in range(max(3, deals // 2))]
        self.contacts = [
            f"{prefix}{number}" for number in range(deals) for prefix in self.random.choice((("C",), ("00",), ("c",), ("é ",)))
        ]
        self.orphans = ["X1", "X2", "ghost@nowhere.test"]
        self.visitors = [f"V{number}" for number in range(deals // 4)]
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self._companies_and_people()
        self._deals(deals, currencies)
        self._content()
        self._touches(touches)

    # --- times --------------------------------------------------------------------------------------------------------

    def _near(self, days_before: int = 700, days_after: int = 10) -> datetime:
        """A moment in the time that matters."""
        start = TODAY - timedelta(days=days_before)
        return start + timedelta(seconds=self.random.randrange((days_before + days_after) * 86_400))

    def _written(self, moment: datetime, precise: bool = False) -> date | datetime:
        """A moment as some system would write it: exact with an offset, exact in local time, to the minute, or only the day."""
        local = moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        if self.precision == "days" and not precise:
            return local.date()
        if self.precision == "midnights" and not precise:
            return local.replace(hour=0, minute=0, second=0, microsecond=0)
        style = self.random.choice(("offset", "offset", "local", "zone", "minute", "day"))
        if precise or style == "offset" or not 4 <= local.hour < 22:  # no local times where clocks change
            return moment
        if style == "zone":
            return moment.astimezone(ZoneInfo("America/New_York"))
        if style == "local":
            return local
        return local.date() if style == "day" else Minute(local.year, local.month, local.day, local.hour, local.minute)

    # --- rows ---------------------------------------------------------------------------------------------------------

    def _companies_and_people(self) -> None:
        pick = self.random
        self.rows["accounts"] = [
            {
                "account_id": key,
                "name": f"Company {key}",
                "domain": pick.choice((f"{key}.test", f"{key}.test".lower(), None)),
                "segment": pick.choice(("small", "large", None)),
                "industry": pick.choice(("steel", "food")),
                "country": pick.choice(("BR", "DE")),
            }
            for key in self.accounts
        ]
        self.rows["accounts"].append({"account_id": "A-mail", "name": "Mail", "domain": "gmail.com", "segment": "mail"})
        self.rows["contacts"] = []
        for number, key in enumerate(self.contacts):
            account = pick.choice([*self.accounts, None, None])
            domain = pick.choice((f"{pick.choice(self.accounts).lower()}.test", "gmail.com", "alias.test", "unknown.test"))
            self.rows["contacts"].append(
                {
                    "contact_id": key,
                    "account_id": pick.choice((account, account, "old-" + account)) if account else None,
                    "email": pick.choice((None, f"Person{number}@{domain}", f"person{number}@{domain}")),
                    "name": f"Person {number}",
                    "created_at": pick.choice((None, *[self._written(self._near())] * 4)),
                }
            )
        aliases: list[dict[str, Any]] = [{"alias": "alias.test", "alias_kind": "domain", "target_id": self.accounts[0]}]
        aliases += [{"alias": f"old-{key}", "alias_kind": "account", "target_id": key} for key in self.accounts]
        aliases += [
            {"alias": f"second{number}@private.test", "alias_kind": "email", "target_id": key}
            for number, key in enumerate(self.contacts[:4])
        ]
        merged = pick.sample(self.contacts, len(self.contacts) // 3)
        rest = [key for key in self.contacts if key not in merged]
        for number, key in enumerate(merged):  # chains of any length, some through ids that no longer exist, some to one
            later = [*merged[number + 1 :][:2], pick.choice(rest), f"gone{number}"]
            target = pick.choice(later)
            aliases.append({"alias": key, "alias_kind": "merged", "target_id": target})
            if target.startswith("gone") and pick.random() < 0.8:
                aliases.append({"alias": target, "alias_kind": "merged", "target_id": pick.choice(rest)})
        for visitor in self.visitors:
            moments = sorted({self._near() for _ in range(pick.choice((0, 1, 1, 2, 3)))})
            people = pick.sample([*self.contacts, *self.orphans], len(moments))
            aliases += [
                {"alias": visitor, "alias_kind": "visitor", "target_id": person, "identified_at": moment}
                for moment, person in zip(moments, people, strict=True)
            ]
        self.rows["identities"] = aliases
        self.rows["people"] = [{"owner_id": f"O{number}", "name": f"Owner {number}"} for number in range(3)]

    def _anybody(self) -> str:
        """A contact as some system would name it: by id, by a merged id, by an address in any case, or by an id nobody knows."""
        style = self.random.random()
        addresses = [row["email"] for row in self.rows["contacts"] if row["email"]]
        if style < 0.08 and addresses:
            return self.random.choice((str.upper, str.lower, str))(self.random.choice(addresses))
        if style < 0.12:
            return f"Second{self.random.randrange(4)}@private.test"
        return self.random.choice(self.orphans) if style < 0.18 else self.random.choice(self.contacts)

    def _deals(self, count: int, currencies: Sequence[str]) -> None:
        pick = self.random
        self.rows["deals"], self.rows["deal_contacts"] = [], []
        for number in range(count):
            key = pick.choice(
                ("D", "d", "00", "Ö-"),
            ) + str(number)
            created = self._near(600)
            closed = created + timedelta(seconds=pick.randrange(-5 * 86_400, 200 * 86_400))
            status = pick.choice(("won", "won", "won", "lost", "open"))
            usual = Decimal(pick.randrange(10_000_000)) / 100
            has_close = status != "open" or pick.random() < 0.2
            account = pick.choice([*self.accounts, None, "old-A0", "A-unknown"])
            if number and pick.random() < 0.15:  # several deals with one account, some closed in the same moment
                account = self.rows["deals"][-1]["account_id"]
                if pick.random() < 0.5 and isinstance(before := self.rows["deals"][-1]["closed_at"], datetime) and before.tzinfo:
                    closed = before.astimezone(UTC)
            self.rows["deals"].append(
                {
                    "deal_id": key,
                    "name": f"Deal {number}",
                    "account_id": account,
                    "created_at": self._written(created),
                    "closed_at": self._written(closed) if has_close else None,
                    "status": status,
                    "amount": pick.choice(
                        (None, Decimal(0), Decimal("0.01"), Decimal(pick.randrange(-5000, 5_000_000)) / 100, usual, usual)
                    ),
                    "currency": pick.choice(currencies),
                    "owner_id": pick.choice(("O0", "O1", None)),
                    "partner_id": pick.choice(("P1", None)),
                    "pipeline": pick.choice(("main", None)),
                    "deal_type": pick.choice(("new", "renewal")),
                }
            )
            people = {self._anybody() for _ in range(pick.choice((0, 0, 1, 1, 2, 4)))}
            self.rows["deal_contacts"] += [
                {"deal_id": key, "contact_id": person, "is_primary": pick.choice((True, False, False, None))}
                for person in sorted(people)
            ]
        self.rows["identities"] += [
            {"alias": f"crm-{row['deal_id']}", "alias_kind": "deal", "target_id": row["deal_id"]}
            for row in self.rows["deals"][:5]
        ]
        days = [(TODAY - timedelta(days=back)).date() for back in range(-30, 800) if back % 7 not in (0, 1) or back % 5 == 0]
        self.rows["fx_rates"] = [
            {"rate_on": day, "currency": currency, "units_per_base": Decimal(pick.randrange(100_000, 60_000_000)) / 10_000_000}
            for currency in ("USD", "BRL")
            for day in days
            if currency == "USD" or not 200 < (TODAY.date() - day).days < 260
        ]

    def _content(self) -> None:
        topics = {"home": None, "guide": "best", "price": "cost", "blog": "best", "post": "problems", "own": "reviews"}
        self.rows["content_assets"] = [
            {"asset_id": key, "title": key.title(), "url": None, "topic": topic} for key, topic in topics.items()
        ]
        self.rows["content_assets"][1]["url"] = PATTERNS[1][0]
        self.rows["asset_urls"] = [{"url_pattern": pattern, "asset_id": asset} for pattern, asset in PATTERNS if asset != "guide"]

    def _edges(self) -> list[tuple[datetime, dict[str, Any]]]:
        """Moments on and beside every edge that decides whether a touch counts or holds a milestone, with whom that concerns."""
        zone, edges = ZoneInfo(self.zone), []
        people: dict[str, list[str]] = {}
        for row in self.rows["deal_contacts"]:
            people.setdefault(row["deal_id"], []).append(row["contact_id"])
        values: list[tuple[Any, int, dict[str, Any]]] = []
        for row in self.rows["deals"]:
            ways = [{"deal_id": row["deal_id"]}, *({"contact_id": person} for person in people.get(row["deal_id"], []))]
            ways += [{"account_id": row["account_id"]}] if row["account_id"] else []
            values += [(row["closed_at"], days, self.random.choice(ways)) for days in (0, 30, 90, 540)]
            values += [(row["created_at"], 0, way) for way in ways]
        values += [(row["created_at"], 0, {"contact_id": row["contact_id"]}) for row in self.rows["contacts"]]
        for value, days, way in values:
            if value is None:
                continue
            if isinstance(value, datetime):
                aware = (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
                moments = [aware + timedelta(minutes=minutes) for minutes in ((0, 60, 61) if days == 0 else (0,))]
            else:
                start = datetime(value.year, value.month, value.day, tzinfo=zone).astimezone(UTC)
                moments = [start, start + timedelta(days=1)]
            edges += [(datetime(*moment.timetuple()[:6], tzinfo=UTC) - timedelta(days=days), way) for moment in moments]
        return [(edge + timedelta(seconds=shift), way) for edge, way in edges for shift in (-1, 0, 0, 1)]

    def _touches(self, count: int) -> None:
        pick = self.random
        deal_ids = [row["deal_id"] for row in self.rows["deals"]]
        names = [*deal_ids, *(f"crm-{key}" for key in deal_ids[:5])]
        edges, ties = self._edges(), [self._near() for _ in range(10)]
        self.rows["touches"], self.rows["touch_links"] = [], []
        for number in range(count):
            edge, whom = pick.choice(edges)
            moment = pick.choice((self._near(), edge, edge, edge, pick.choice(ties)))
            if pick.random() < 0.1:
                moment += timedelta(milliseconds=pick.randrange(1000))
            row: dict[str, Any] = {
                "touch_id": pick.choice(("T", "t", "0", "Ü", "a,b ", 'q"')) + str(number),
                "occurred_at": self._written(moment, precise=self.precision != "mixed" or pick.random() < 0.8),
                "channel": pick.choice(CHANNELS),
                "kind": pick.choice(KINDS),
                "actor": pick.choice(("buyer", None, None, "marketing", "sales", "partner", "service")),
                "owner_id": f"O{number % 3}",
                "campaign_id": pick.choice(("spring", "autumn", None)),
                "asset_id": pick.choice((None, None, None, "own", "unknown-asset")),
                "url": pick.choice((*URLS, *[None] * len(URLS))),
            }
            ways = ("contact", "contact", "contact", "visitor", "visitor", "account", "deal", "links", "many")
            carries = "edge" if moment == edge and pick.random() < 0.7 else pick.choice(ways)
            if carries == "edge":
                row |= whom
            if carries in ("contact", "many"):
                row["contact_id"] = self._anybody()
            if carries in ("visitor", "many"):
                row["visitor_id"] = pick.choice(self.visitors)
            if carries in ("account", "many") or (carries == "visitor" and pick.random() < 0.5):
                row["account_id"] = pick.choice([*self.accounts, "old-A1", "A-unknown"])
            if carries in ("deal", "many"):
                row["deal_id"] = pick.choice(names)
            links = pick.choice((1, 2, 4)) if carries == "links" else pick.choice((0, 0, 0, 1, 3))
            self.rows["touch_links"] += [
                {
                    "touch_id": row["touch_id"],
                    **pick.choice(
                        (
                            {"contact_id": self._anybody()},
                            {"contact_id": self._anybody()},
                            {"account_id": pick.choice(self.accounts)},
                            {"deal_id": pick.choice(names)},
                        )
                    ),
                }
                for _ in range(links)
            ]
            self.rows["touches"].append(row)
            if pick.random() < 0.15:  # the same again some minutes later: what the grain is for
                again = timedelta(minutes=pick.choice((0, 5, 300)))
                self.rows["touches"].append({**row, "touch_id": f"{row['touch_id']}+", "occurred_at": moment + again})


# --- writing ----------------------------------------------------------------------------------------------------------


def _cell(value: Any) -> str:
    """A value as a cell of a canonical CSV."""
    if value is None:
        return ""
    if isinstance(value, Minute):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, datetime):
        return value.isoformat(sep="T" if value.tzinfo else " ").replace("+00:00", "Z")
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)


def write_folder(folder: Path, rows: Rows, settings: Mapping[str, Any] | None = None, shuffle: int | None = None) -> Path:
    """Write rows as one CSV per table (in an order of its own where ``shuffle`` is a seed) and settings as attribution.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in rows.items():
        columns = list(dict.fromkeys(key for row in table for key in row))
        table = list(table)
        if shuffle is not None:
            random.Random(shuffle).shuffle(table)
            random.Random(shuffle + 1).shuffle(columns)
        if columns:
            with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(columns)
                writer.writerows([_cell(row.get(column)) for column in columns] for row in table)
    if settings:
        (folder / "attribution.toml").write_text(settings_toml(settings), encoding="utf-8")
    return folder


def toml_value(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return "'" + value + "'"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    return value.isoformat() if isinstance(value, date) else str(value)


def settings_toml(settings: Mapping[str, Any], prefix: str = "") -> str:
    """Nested settings as the text of an attribution.toml."""
    plain = {key: value for key, value in settings.items() if not isinstance(value, Mapping) and value is not None}
    lines = [f"[{prefix}]"] if prefix and plain else []
    lines += [f"{key} = {toml_value(value)}" for key, value in plain.items()]
    for key, value in settings.items():
        if isinstance(value, Mapping):
            lines.append(settings_toml(value, f"{prefix}.{key}" if prefix else key))
    return "\n".join(lines) + "\n"
