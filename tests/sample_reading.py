"""Read the committed sample with nothing but csv: the journeys behind its stories, worked out without the product's code."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

FOLDER = Path(__file__).resolve().parent.parent / "sample_data"
AS_OF = "2026-11-20"
LOOKBACK_DAYS = 540
Row = dict[str, str]


def read(table: str, folder: Path = FOLDER) -> list[Row]:
    """Return the rows of a file as text; short rows get blanks, cells beyond the header are under None."""
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [{key: value or "" for key, value in row.items()} for row in csv.DictReader(file)]


def readable(moment: str) -> bool:
    """Tell whether a timestamp is one."""
    try:
        datetime.fromisoformat(moment)
    except ValueError:
        return False
    return True


def span(closed_at: str) -> tuple[str, str]:
    """Return the first and the last moment of a journey: whole days in Berlin of a closed deal, 540 times 24 hours of an open one."""
    last = datetime.combine(
        date.fromisoformat(closed_at or AS_OF), time(23, 59, 59), tzinfo=ZoneInfo("Europe/Berlin")
    ).astimezone(UTC)
    first = last - timedelta(days=LOOKBACK_DAYS)
    if closed_at:
        day = date.fromisoformat(closed_at) - timedelta(days=LOOKBACK_DAYS)
        first = datetime.combine(day, time(), tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    return f"{first:%Y-%m-%dT%H:%M:%SZ}", f"{last:%Y-%m-%dT%H:%M:%SZ}"


def address(url: str) -> str:
    """Return an address without scheme, www., query and closing slash."""
    return url.split("?")[0].split("//")[-1].removeprefix("www.").rstrip("/")


class Sample:
    """The sample as lists of rows, and what follows from them."""

    def __init__(self) -> None:
        self.accounts = {row["account_id"]: row for row in read("accounts")}
        self.contacts = read("contacts")
        self.rates = {(row["rate_on"], row["currency"]): Decimal(row["units_per_base"]) for row in read("fx_rates")}
        self.deals = [row for row in read("deals") if row["deal_id"] not in ("D-8001", "D-8002")]
        for row in self.deals:
            row["segment"] = self.accounts.get(row["account_id"], {}).get("segment", "")
        self.won = [row for row in self.deals if row["status"] == "won"]
        assets = {address(row["url"]): row["asset_id"] for row in read("content_assets") if row["url"]}
        patterns = [(address(row["url_pattern"]), row["asset_id"]) for row in read("asset_urls")]
        self.touches = {row["touch_id"]: row for row in read("touches") if None not in row and readable(row["occurred_at"])}
        for row in self.touches.values():
            where = address(row["url"])
            old = [
                asset
                for pattern, asset in patterns
                if where == pattern or (pattern.endswith("*") and where.startswith(pattern[:-1]))
            ]
            row["asset"] = row["asset_id"] or assets.get(where, "") or (old[0] if old else "")

    def euros(self, amount: str, currency: str, day: str) -> Decimal:
        """Convert at the day's rate or the last one before it, to the cent."""
        value, when = Decimal(amount or 0), date.fromisoformat(day)
        if currency != "EUR":
            while (when.isoformat(), currency) not in self.rates:
                when -= timedelta(days=1)
            value /= self.rates[when.isoformat(), currency]
        return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)

    def value(self, deal: Row) -> Decimal:
        """Return a deal's amount in euros."""
        return self.euros(deal["amount"], deal["currency"], deal["closed_at"] or AS_OF)

    @cached_property
    def persons(self) -> dict[str, str]:
        """Return touch → contact: as written, else as a merged id or an e-mail address, else the visitor's."""
        merged: dict[str, str] = {}
        visitors: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for row in read("identities"):
            if row["alias_kind"] == "merged":
                merged[row["alias"]] = row["target_id"]
            elif row["alias_kind"] == "visitor":
                visitors[row["alias"]].append((row["identified_at"], row["target_id"]))
        emails = {row["email"]: row["contact_id"] for row in self.contacts}
        result = {}
        for touch in self.touches.values():
            person = merged.get(touch["contact_id"], touch["contact_id"])
            person = emails.get(person, person)
            if not person and touch["visitor_id"] in visitors:
                ties = sorted(visitors[touch["visitor_id"]])
                earlier = [tie for tie in ties if tie[0] <= touch["occurred_at"]]
                person = (earlier[-1] if earlier else ties[0])[1]
            result[touch["touch_id"]] = person
        return result

    @cached_property
    def journeys(self) -> dict[str, list[Row]]:
        """Return deal → its touches in order: those of its contacts, of the account's people where it has none, and those that name it."""
        by_person: dict[str, list[Row]] = defaultdict(list)
        by_deal: dict[str, list[Row]] = defaultdict(list)
        by_account: dict[str, list[Row]] = defaultdict(list)
        for touch in self.touches.values():
            if touch["kind"] == "email_open":
                continue
            person = self.persons[touch["touch_id"]]
            by_person[person].append(touch)
            by_deal[touch["deal_id"]].append(touch)
            if not person:
                by_account[touch["account_id"]].append(touch)
        for link in read("touch_links"):
            by_person[link["contact_id"]].append(self.touches[link["touch_id"]])
        on_deal: dict[str, list[str]] = defaultdict(list)
        for row in read("deal_contacts"):
            on_deal[row["deal_id"]].append(row["contact_id"])
        aliases = {row["alias"]: row["target_id"] for row in read("identities") if row["alias_kind"] in ("account", "deal")}
        for alias, target in aliases.items():
            by_deal[target] += by_deal[alias]
        of_account: dict[str, list[str]] = defaultdict(list)
        domains = {row["domain"]: account for account, row in self.accounts.items()}
        domains |= {row["alias"]: row["target_id"] for row in read("identities") if row["alias_kind"] == "domain"}
        for contact in self.contacts:
            account = contact["account_id"] or domains.get(contact["email"].partition("@")[2], "")
            of_account[aliases.get(account, account)].append(contact["contact_id"])
        result = {}
        for deal in self.deals:
            people, account = on_deal[deal["deal_id"]], deal["account_id"]
            found = list(by_deal[deal["deal_id"]])
            if not people and account:
                people = of_account[account]
                found += by_account[account]
            for person in people:
                found += by_person[person]
            start, end = span(deal["closed_at"])
            unique = {touch["touch_id"]: touch for touch in found if start <= touch["occurred_at"] <= end}
            result[deal["deal_id"]] = sorted(unique.values(), key=lambda touch: (touch["occurred_at"], touch["touch_id"]))
        return result

    def won_with(self, column: str, value: str) -> list[Row]:
        """Return the won deals with such a touch in their journey."""
        return [deal for deal in self.won if any(touch[column] == value for touch in self.journeys[deal["deal_id"]])]

    def total(self, deals: list[Row]) -> Decimal:
        """Return the deals' amounts in euros, added up."""
        return sum((self.value(deal) for deal in deals), Decimal(0))
