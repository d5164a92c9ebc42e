"""The dirt that real exports have, put in on purpose; the README lists every kind."""

from __future__ import annotations

import dataclasses
from datetime import datetime, time, timedelta

from story.cases import Deal
from story.catalogue import ASSET, OLD_ADDRESSES
from story.clock import NOW, month_of, stamp
from story.companies import Contact, Registry
from story.dice import Dice
from story.leads import BOUGHT_TRAFFIC
from story.touches import Touch

Table = list[list[str]]


def soil_deals(deals: list[Deal]) -> None:
    """Take away companies (3 %) and amounts (4 %), and let three deals be entered after they were closed."""
    dice = Dice("dirty deals")
    plain = dice.shuffled([deal for deal in deals if not deal.stories])
    for deal in plain[:14]:
        deal.has_account = False
    blank = [deal for deal in plain[14:] if deal.status != "won"][:17] + [
        deal for deal in plain[14:] if deal.status == "won" and deal.account.segment == "small business"
    ][:2]
    for deal in blank:
        deal.has_amount = False
    for deal in [deal for deal in plain[14:] if deal.status == "lost" and deal.has_amount][:3]:
        assert deal.closed_on is not None
        deal.created_at = datetime.combine(deal.closed_on, time(9, 12)) + timedelta(days=dice.whole(1, 4))
        deal.stage_changes = [(deal.created_at, deal.stage)]


def second_address(contact: Contact, style: int) -> str:
    """Return another address of the same person at the same company."""
    first, last = contact.name.lower().split()
    domain = contact.account.domain if contact.account else "unknown.example"
    candidates = (f"{last}.{first}@{domain}", f"{first}.{last}@mail.{domain}", f"{first}@{domain}")
    return candidates[style] if candidates[style] != contact.email else candidates[0]


def duplicate_contacts(registry: Registry, deals: list[Deal], touches: list[Touch]) -> None:
    """Make a second record of 3 % of the people; two thirds of them were merged later and live on only as an alias."""
    dice = Dice("duplicates")
    told = {id(deal.account) for deal in deals if deal.stories}
    plain = [contact for contact in registry.contacts if contact.account is not None and id(contact.account) not in told]
    by_person: dict[int, list[Touch]] = {}
    for touch in touches:
        if touch.contact is not None:
            by_person.setdefault(id(touch.contact), []).append(touch)
    for contact in dice.some(plain, len(registry.contacts) * 3 // 100):
        created = contact.created_at + timedelta(days=dice.whole(2, 120), minutes=dice.whole(0, 900))
        if created > NOW or month_of(created.date()) in (BOUGHT_TRAFFIC, datetime(2026, 3, 1).date()):
            continue
        twin = dataclasses.replace(
            contact,
            created_at=created,
            email=second_address(contact, dice.whole(0, 2)),
            name=dice.pick((contact.name, contact.name.upper(), " ".join(reversed(contact.name.split())))),
            stages=[],
            used_devices=set(),
            duplicate_of=contact,
            is_merged=dice.chance(0.66),
            title="" if dice.chance(0.5) else contact.title,
            self_reported="",
        )
        registry.contacts.append(twin)
        for touch in by_person.get(id(contact), []):
            if touch.occurred_at > created and dice.chance(0.6):
                touch.contact = twin


def aliases(registry: Registry, deals: list[Deal], touches: list[Touch]) -> list[dict[str, str]]:
    """Write what else people, companies and deals were called."""
    dice = Dice("aliases")
    told = {id(deal.account) for deal in deals if deal.stories}
    rows: list[dict[str, str]] = []

    def alias(name: str, kind: str, target: str, known: datetime | None) -> None:
        rows.append({"alias": name, "alias_kind": kind, "target_id": target, "identified_at": stamp(known)})

    shared = 0
    for contact in registry.contacts:
        if contact.duplicate_of is not None:
            if contact.is_merged:
                alias(
                    contact.contact_id,
                    "merged",
                    contact.duplicate_of.contact_id,
                    min(NOW, contact.created_at + timedelta(days=dice.whole(1, 60))),
                )
            continue
        if contact.devices[0] in contact.used_devices and (id(contact.account) in told or dice.chance(0.84)):
            alias(contact.devices[0], "visitor", contact.contact_id, contact.created_at + timedelta(seconds=dice.whole(1, 8)))
            mates = contact.account.group if contact.account else []
            if shared < 14 and len(mates) > 2 and id(contact.account) not in told and dice.chance(0.02):
                shared += 1
                alias(
                    contact.devices[0],
                    "visitor",
                    mates[-1].contact_id,
                    max(contact.created_at, mates[-1].created_at) + timedelta(days=3),
                )
        if dice.chance(0.013):
            alias(
                f"{contact.name.split()[0].lower()}{contact.contact_id[-3:]}@private-mail.example",
                "email",
                contact.contact_id,
                contact.created_at + timedelta(days=9),
            )
    for account in registry.accounts:
        if account.second_domain:
            alias(account.second_domain, "domain", account.account_id, None)
    for number, account in enumerate(
        dice.some([entry for entry in registry.accounts if id(entry) not in told and len(entry.group) > 1], 8)
    ):
        alias(f"AC-{5001 + number}", "account", account.account_id, None)
    for number, deal in enumerate(dice.some([deal for deal in deals if not deal.stories], 3)):
        alias(f"D-{7001 + number}", "deal", deal.deal_id, None)
    rows.sort(key=lambda row: (row["alias_kind"], row["alias"], row["target_id"]))
    return rows


def soil_rows(tables: dict[str, Table]) -> None:
    """Spoil single rows of the finished tables (each starts with its header)."""
    dice = Dice("dirty rows")
    column = {name: {title: index for index, title in enumerate(table[0])} for name, table in tables.items()}
    touches, at = tables["touches"], column["touches"]

    def some_touches(count: int, **wanted: str) -> list[list[str]]:
        fitting = [
            row
            for row in touches[1:]
            if all(row[at[name]] == value for name, value in wanted.items())
            and not row[at["campaign_id"]]
            and not row[at["asset_id"]]
        ]
        return dice.some(fitting, count)

    # Somebody still writes the old id of a company or a deal that was merged.
    for alias, kind, target, _ in tables["identities"][1:]:
        if kind in ("account", "deal"):
            table, name = ("contacts", "account_id") if kind == "account" else ("touches", "deal_id")
            place = column[table][name]
            old = next((row for row in tables[table][1:] if row[place] == target), None)
            if old is not None:
                old[place] = alias
    emails = {row[0]: row[column["contacts"]["email"]] for row in tables["contacts"][1:]}
    for row in dice.some(
        [row for row in touches[1:] if row[at["contact_id"]] in emails and row[at["kind"]] == "email_reply"], 24
    ):
        row[at["contact_id"]] = emails[row[at["contact_id"]]]
    for number, row in enumerate(some_touches(16, kind="call", actor="sales")):
        row[at["contact_id"]] = f"CT-{91001 + number}"
    for row in some_touches(9, kind="page_view", channel="organic_search"):
        row[at["campaign_id"]] = "CMP-777"
    for row in some_touches(150, kind="page_view"):
        row[at["channel"]] = dice.pick(("", "", "(not set)"))
    for row in some_touches(400, actor="buyer"):
        row[at["actor"]] = ""
    # Rows that end in quarantine: each for another reason.
    victims = some_touches(5, kind="page_view", channel="direct")
    victims[0][at["occurred_at"]] = "2025-13-45T10:00:00Z"
    victims[1][at["occurred_at"]] = ""
    victims[2][at["occurred_at"]] = "yesterday"
    victims[3].append("CT-00000; exported twice")
    for name in ("contact_id", "visitor_id", "account_id", "deal_id"):
        victims[4][at[name]] = ""
    # The same event exported twice, and one of them corrected in between.
    for row in dice.some(touches[1:], 18):
        if len(row) == len(touches[0]) and row[at["occurred_at"]].startswith("20"):
            touches.insert(touches.index(row) + dice.whole(1, 40), list(row))
    changed = list(some_touches(1, kind="call", outcome="no answer")[0])
    changed[at["outcome"]] = "connected"
    touches.append(changed)
    tables["deals"].append(
        [
            {
                "deal_id": "D-8001",
                "name": "Probe – Close Core, 4 users",
                "account_id": tables["accounts"][41][0],
                "pipeline": "New business",
                "deal_type": "new",
                "created_at": "2026-05-11T08:40:12Z",
                "deal_stage": "closed won",
                "status": "won",
                "amount": "8400.00",
                "currency": "EUR",
                "owner_id": "U-11",
            }.get(name, "")
            for name in tables["deals"][0]
        ]
    )
    tables["deals"].append(
        [
            {
                "deal_id": "D-8002",
                "name": "Probe – Group Close",
                "account_id": tables["accounts"][77][0],
                "pipeline": "New business",
                "deal_type": "new",
                "created_at": "2026-09-14T13:05:40Z",
                "deal_stage": "discovery",
                "status": "open",
                "amount": "to be agreed",
                "currency": "EUR",
                "owner_id": "U-12",
            }.get(name, "")
            for name in tables["deals"][0]
        ]
    )
    for row in dice.some(tables["contacts"][1:], 3):
        while row and row[-1] == "":
            row.pop()
        if len(row) == len(tables["contacts"][0]):
            row.pop()
    spend = tables["spend"]
    spend.insert(200, ["2025-08-29", "CMP-041", "", "", "see invoice", "EUR", "event"])
    assert len(spend[0]) == len(spend[200])
    # One visit in six to these pieces comes by an old address, which only asset_urls knows.
    current = {asset_id: ASSET[asset_id].url for _, asset_id in OLD_ADDRESSES}
    for row in touches[1:]:
        for asset_id, url in current.items():
            if row[at["url"]] == url and not row[at["asset_id"]] and len(row) == len(touches[0]) and dice.chance(0.17):
                old = dice.pick([pattern for pattern, target in OLD_ADDRESSES if target == asset_id])
                row[at["url"]] = old.replace("*", dice.pick(("close-benchmark", "summary", "download")))
    # A campaign renamed while it ran: the export holds both names, the newer one last.
    campaigns = tables["campaigns"]
    renamed = list(next(row for row in campaigns if row[0] == "CMP-012"))
    renamed[1] = "Five-day close challenge"
    campaigns.append(renamed)
    pairs = tables["deal_contacts"]
    pairs.insert(120, [pairs[120][0], "CT-91090", "", "false"])
    tables["handoffs"].append(
        [
            {
                "handoff_id": "H-9001",
                "contact_id": "CT-91091",
                "handed_at": "2025-07-08T09:00:00Z",
                "owner_id": "U-12",
                "score": "55",
                "outcome": "rejected",
                "outcome_at": "2025-07-10T09:00:00Z",
                "reason": "contact deleted",
            }.get(name, "")
            for name in tables["handoffs"][0]
        ]
    )
