"""Small exports as other systems write them, for tests of what is recognised: HubSpot, Salesforce, ad platforms, a plain CRM.

Column names, quoting, dates and footers follow real exports; people and figures are invented. Each function writes files into a folder and
returns what a right reading of them gives; at the end what a visitor does with them first.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from attribution.onboarding import looking, uploads, work

DEALS = 24


@dataclass(frozen=True)
class Truth:
    """Deals won, lost and open, the sum won, and how many touches there are."""

    won: int
    lost: int
    open: int
    amount: float
    touches: int


def table(header: Sequence[str], rows: Sequence[Sequence[object]], quoting: int = csv.QUOTE_ALL, separator: str = ",") -> str:
    """A CSV text."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=quoting, delimiter=separator, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def _status(number: int) -> str:
    return ("won", "lost", "open")[number % 3]


def _truth(touches: int) -> Truth:
    won = [number for number in range(DEALS) if _status(number) == "won"]
    lost = [number for number in range(DEALS) if _status(number) == "lost"]
    return Truth(
        len(won), len(lost), DEALS - len(won) - len(lost), float(sum(1000 * (number + 1) + 0.5 for number in won)), touches
    )


def hubspot(folder: Path) -> Truth:
    """Contacts, companies, deals, calls and meetings as HubSpot exports them: labels, a byte order mark, ids joined by ';'."""
    contacts = [
        (2000 + n, f"Ann{n}", f"Lee{n}", f"ann{n}@firm{n % 6}.com", "CFO", 500 + n % 6, "Customer", f"2025-01-{n + 1:02} 09:15",
         ("Organic search", "Paid search", "Direct traffic")[n % 3], f"2025-01-{n + 1:02} 09:10", "Bo Ray")
        for n in range(24)
    ]  # fmt: skip
    companies = [(500 + n, f"Firm {n}", f"firm{n}.com", "Software", 50 + n, "Germany", "2024-12-01 10:00") for n in range(6)]
    stages = {"won": "Closed won", "lost": "Closed lost", "open": "Contract sent"}
    deals = [
        (900 + n, f"Deal {n}", "Sales Pipeline", stages[_status(n)], f"{1000 * (n + 1)}.5", "EUR", f"2025-06-{n + 1:02} 17:00", f"2025-03-{n + 1:02} 08:00",
         "Bo Ray", "New Business" if n % 2 else "Existing Business", str(_status(n) == "won").lower(), str(_status(n) != "open").lower(),
         "Price" if _status(n) == "lost" else "", f"{2000 + n};{2000 + (n + 1) % 24}" if n % 4 else str(2000 + n), 500 + n % 6)
        for n in range(DEALS)
    ]  # fmt: skip
    calls = [
        (
            100 + n,
            f"2025-04-{n % 28 + 1:02} 11:30",
            f"Call {n}\nwith notes",
            "Connected",
            300,
            2000 + n % 24,
            900 + n % DEALS,
            "Bo Ray",
        )
        for n in range(30)
    ]
    meetings = [
        (100 + n, f"2025-05-{n + 1:02} 14:00", f"Demo {n}", "Completed", f"{2000 + n}; {2001 + n}", "Bo Ray") for n in range(20)
    ]
    for name, header, rows in (
        ("contacts", "Record ID|First Name|Last Name|Email|Job Title|Associated Company IDs (Primary)|Lifecycle Stage|Create Date|Original Traffic Source"
         "|Time First Seen|Contact owner", contacts),
        ("companies", "Record ID|Company name|Company Domain Name|Industry|Number of Employees|Country/Region|Create Date", companies),
        ("deals", "Record ID|Deal Name|Pipeline|Deal Stage|Amount|Currency|Close Date|Create Date|Deal owner|Deal Type|Is Closed Won|Is Deal Closed?"
         "|Closed Lost Reason|Associated Contact IDs|Associated Company IDs (Primary)", deals),
        ("calls", "Record ID|Activity date|Call title|Call outcome|Call duration|Associated Contact IDs|Associated Deal IDs|Activity assigned to", calls),
        ("meetings", "Record ID|Meeting start time|Meeting name|Meeting outcome|Associated Contact IDs|Activity assigned to", meetings),
    ):  # fmt: skip
        path = folder / f"hubspot-crm-exports-all-{name}-2026-11-01.csv"
        path.write_text(table(header.split("|"), rows), encoding="utf-8-sig")
    return _truth(24 + 30 + 20)


def salesforce(folder: Path) -> Truth:
    """Objects as the Data Loader writes them: API names, ids of 18 characters, UTC times, plain numbers."""

    def sf_id(prefix: str, number: int) -> str:
        return f"{prefix}8d00000{number:05}AbcQAZ"[:18]

    def day(month: int, number: int) -> str:
        return f"2025-{month:02}-{number % 28 + 1:02}T08:30:00.000Z"

    stages = {"won": "Closed Won", "lost": "Closed Lost", "open": "Negotiation/Review"}
    opportunities = [
        (sf_id("006", n), sf_id("001", n % 6), f"Opp {n}", stages[_status(n)], f"{1000 * (n + 1)}.5", "USD", f"2025-07-{n % 28 + 1:02}", day(4, n),
         str(_status(n) != "open").lower(), str(_status(n) == "won").lower(), "New Customer", "Web", sf_id("701", n % 3), sf_id("005", n % 2))
        for n in range(DEALS)
    ]  # fmt: skip
    accounts = [
        (sf_id("001", n), f"Firm {n}", f"https://firm{n}.com", "Banking", 100 + n, "France", "", sf_id("005", 0))
        for n in range(6)
    ]
    contacts = [
        (sf_id("003", n), sf_id("001", n % 6), f"ann{n}@firm{n % 6}.com", f"Ann Lee {n}", "CTO", "Web", day(1, n), "false")
        for n in range(24)
    ]
    roles = [(sf_id("00K", n), sf_id("006", n), sf_id("003", n), "Decision Maker", "true", day(4, n)) for n in range(DEALS)]
    campaigns = [
        (sf_id("701", n), f"Campaign {n}", "", "Webinar", "Completed", "2025-01-01", "2025-03-31", "5000", "4500", "true")
        for n in range(3)
    ]
    members = [
        (
            sf_id("00v", n),
            sf_id("701", n % 3),
            "",
            sf_id("003", n % 24),
            "Attended",
            "true",
            f"2025-02-{n % 28 + 1:02}",
            day(2, n),
        )
        for n in range(40)
    ]
    tasks = [
        (sf_id("00T", n), sf_id("003", n % 24), sf_id("006", n % DEALS), sf_id("001", n % 6), f"Call {n}", "Call", "Call", "Completed",
         f"2025-05-{n % 28 + 1:02}", day(5, n), sf_id("005", 0))
        for n in range(30)
    ]  # fmt: skip
    for name, header, rows in (
        ("Opportunity", "Id,AccountId,Name,StageName,Amount,CurrencyIsoCode,CloseDate,CreatedDate,IsClosed,IsWon,Type,LeadSource,CampaignId,"
         "OwnerId", opportunities),
        ("Account", "Id,Name,Website,Industry,NumberOfEmployees,BillingCountry,ParentId,OwnerId", accounts),
        ("Contact", "Id,AccountId,Email,Name,Title,LeadSource,CreatedDate,HasOptedOutOfEmail", contacts),
        ("OpportunityContactRole", "Id,OpportunityId,ContactId,Role,IsPrimary,CreatedDate", roles),
        ("Campaign", "Id,Name,ParentId,Type,Status,StartDate,EndDate,BudgetedCost,ActualCost,IsActive", campaigns),
        ("CampaignMember", "Id,CampaignId,LeadId,ContactId,Status,HasResponded,FirstRespondedDate,CreatedDate", members),
        ("Task", "Id,WhoId,WhatId,AccountId,Subject,Type,TaskSubtype,Status,ActivityDate,CreatedDate,OwnerId", tasks),
    ):  # fmt: skip
        (folder / f"{name}.csv").write_text(table(header.split(","), rows), encoding="utf-8")
    return _truth(40 + 30)


def salesforce_report(folder: Path) -> Truth:
    """A report of opportunities: labels, Latin-1, US dates, a footer after the rows."""
    stages = {"won": "Closed Won", "lost": "Closed Lost", "open": "Prospecting"}
    rows = [
        (f"0068d00000{n:05}", f"Müller {n}", f"Opp {n}", stages[_status(n)], f"{1000 * (n + 1)}.50", f"7/{n % 28 + 1}/2025", f"4/{n % 28 + 1}/2025", "Jörg")
        for n in range(DEALS)
    ]  # fmt: skip
    header = (
        "Opportunity ID",
        "Account Name",
        "Opportunity Name",
        "Stage",
        "Amount",
        "Close Date",
        "Created Date",
        "Opportunity Owner",
    )
    footer = '\n\n"Opportunities this year"\n"Copyright © 2000-2026 salesforce.com, inc. All rights reserved."\n"Grand Totals (24 records)"\n'
    (folder / "report1700000000000.csv").write_bytes((table(header, rows) + footer).encode("latin-1"))
    return _truth(0)


def plain_crm(folder: Path) -> Truth:
    """A CRM that names companies and people by name, beside the same deals once more with US dates, packed."""
    words = {"won": "Won", "lost": "Lost", "open": "Engaging"}

    def rows(us: bool) -> list[tuple[object, ...]]:
        return [
            (f"O{n:04}", f"Agent {n % 3}", f"Product {n % 2}", f"Firm {n % 6}", words[_status(n)], f"4/{n + 1}/2025" if us else f"2025-04-{n + 1:02}",
             "" if _status(n) == "open" else f"7/{n + 1}/2025" if us else f"2025-07-{n + 1:02}", "" if _status(n) == "open" else 1000 * (n + 1) + 0.5)
            for n in range(DEALS)
        ]  # fmt: skip

    header = ("opportunity_id", "sales_agent", "product", "account", "deal_stage", "engage_date", "close_date", "close_value")
    (folder / "sales_pipeline.csv").write_text(table(header, rows(False), csv.QUOTE_MINIMAL))
    (folder / "variant_us_dates.csv.gz").write_bytes(gzip.compress(table(header, rows(True), csv.QUOTE_MINIMAL).encode()))
    accounts = [(f"Firm {n}", "retail", 1990 + n, 100 + n, "Germany") for n in range(6)]
    (folder / "accounts.csv").write_text(
        table(("account", "sector", "year_established", "employees", "office_location"), accounts, csv.QUOTE_MINIMAL)
    )
    teams = [(f"Agent {n}", "Dana Boss", "East") for n in range(3)]
    (folder / "sales_teams.csv").write_text(table(("sales_agent", "manager", "regional_office"), teams, csv.QUOTE_MINIMAL))
    (folder / "data_dictionary.csv").write_text("Table,Field,Description\naccounts,account,Company name\n")
    return _truth(0)


def leads_crm(folder: Path) -> Truth:
    """A CRM whose touches and deals name leads, with contacts that nothing names, and touches in three files."""
    leads = [
        (f"lead_{n:03}", f"cnt_{n + 500:03}", f"acct_{n % 6}", f"2025-01-{n + 1:02}", "inbound", f"rep_{n % 2}")
        for n in range(24)
    ]
    contacts = [(f"cnt_{n + 500:03}", f"acct_{n % 6}", "CTO", "2024-01-01") for n in range(40)]
    outcome = {"won": "closed_won", "lost": "closed_lost", "open": ""}
    deals = [
        (f"opp_{n:03}", f"lead_{n:03}", f"2025-04-{n + 1:02}", "negotiation", 1000 * (n + 1) + 0.5, outcome[_status(n)],
         f"2025-07-{n + 1:02}" if outcome[_status(n)] else "")
        for n in range(DEALS)
    ]  # fmt: skip
    touches = [
        (f"touch_{n:03}", f"lead_{n % 24:03}", f"2025-02-{n % 28 + 1:02}", "email", ("webinar", "search")[n % 2], "inbound", "")
        for n in range(60)
    ]
    activities = [
        (f"act_{n:03}", f"lead_{n % 24:03}", "rep_1", f"2025-05-{n % 28 + 1:02}", "call", "connected") for n in range(40)
    ]
    sessions = [(f"sess_{n:03}", f"lead_{n % 24:03}", f"2025-03-{n % 28 + 1:02}", "pricing_page", 3) for n in range(30)]
    customers = [(f"cust_{n:03}", f"opp_{n:03}", f"acct_{n % 6}", "2025-08-01") for n in range(0, DEALS, 3)]
    for name, header, rows in (
        ("leads", "lead_id,contact_id,account_id,lead_created_at,lead_source,owner_rep_id", leads),
        ("contacts", "contact_id,account_id,job_title,created_at", contacts),
        ("opportunities", "opportunity_id,lead_id,created_at,stage,estimated_acv,close_outcome,closed_at", deals),
        ("touches", "touch_id,lead_id,touch_timestamp,touch_type,touch_channel,touch_direction,campaign_id", touches),
        ("sales_activities", "activity_id,lead_id,rep_id,activity_timestamp,activity_type,activity_outcome", activities),
        ("sessions", "session_id,lead_id,session_timestamp,session_type,page_views", sessions),
        ("customers", "customer_id,opportunity_id,account_id,customer_start_at", customers),
        (
            "accounts",
            "account_id,company_name,industry,region",
            [(f"acct_{n}", f"Company {n}", "retail", "US") for n in range(6)],
        ),
    ):
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress(table(header.split(","), rows, csv.QUOTE_MINIMAL).encode()))
    return _truth(60 + 40 + 30)


def ads(folder: Path) -> float:
    """Costs of Google Ads (two lines above the header, totals below) and Meta (the currency in the header); return their sum."""
    google = [("Enabled", "Brand", 111, f"2025-05-{n + 1:02}", "EUR", f"1,{n:03}.50", 10, 2) for n in range(20)]
    text = table(("Campaign status", "Campaign", "Campaign ID", "Day", "Currency code", "Cost", "Impr.", "Clicks"), google)
    total = '"Total: Account","","","","EUR","20,190.00","200","40"\n'
    (folder / "google_ads.csv").write_text('Campaign report\n"May 1, 2025 - May 20, 2025"\n' + text + total, encoding="utf-8")
    meta = [(f"2025-05-{n + 1:02}", f"2025-05-{n + 1:02}", "Prospecting", f"{100 + n}.25", 1000, 12) for n in range(10)]
    header = ("Reporting starts", "Reporting ends", "Campaign name", "Amount spent (USD)", "Impressions", "Link clicks")
    (folder / "meta_ads.csv").write_text(table(header, meta), encoding="utf-8-sig")
    return sum(1000 + n + 0.5 for n in range(20)) + sum(100 + n + 0.25 for n in range(10))


TWO_DEALS = "deal_id,created_at,closed_at,status,amount\nd1,2025-01-02,2025-02-03,won,10\nd2,2025-01-05,,open,20\n"


def looked(folder: Path) -> work.Work:
    """A visitor's work after looking at a folder."""
    return work.begin(work.Work(), work.look_with(folder, {}, looking.look_at))


def quietly(_message: str) -> None:
    """Progress that nobody reads."""


def received(tmp_path: Path, *files: tuple[str, bytes]) -> tuple[Path, list[str]]:
    folder = uploads.fresh_folder(tmp_path / "build")
    return folder, uploads.receive(folder, [(name, io.BytesIO(content)) for name, content in files])
