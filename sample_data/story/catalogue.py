"""What the fictional company has: employees, partners, content and campaigns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

SITE = "https://pallwerk.example"
COST_ARTICLE = "A-007"
QA_WEBINAR_CAMPAIGN = "CMP-031"
QA_WEBINAR_ASSET = "A-046"
TRADE_SHOW = "CMP-037"
TRADE_SHOW_DAYS = (date(2025, 9, 16), date(2025, 9, 17), date(2025, 9, 18))
NURTURE = "CMP-024"
SLOW_TEAM = "Sales Benelux & France"


@dataclass(frozen=True)
class Person:
    """An employee."""

    owner_id: str
    name: str
    team: str
    manager_id: str


PEOPLE = (
    Person("U-01", "Ruth Amsel-Keller", "Management", ""),
    Person("U-02", "Carsten Vogelsang", "Marketing", "U-01"),
    Person("U-03", "Mirjam Oltmanns", "Marketing", "U-02"),
    Person("U-04", "Devrim Aksu", "Marketing", "U-02"),
    Person("U-05", "Lioba Hentschel", "Marketing", "U-02"),
    Person("U-06", "Kaspar Wendt", "Marketing", "U-02"),
    Person("U-07", "Inga Sundermann", "Sales development", "U-10"),
    Person("U-08", "Jakob Reuling", "Sales development", "U-10"),
    Person("U-09", "Paulina Wrobel", "Sales development", "U-10"),
    Person("U-10", "Holger Brinkmeyer", "Sales DACH", "U-01"),
    Person("U-11", "Sibel Kaya", "Sales DACH", "U-10"),
    Person("U-12", "Arne Petersen", "Sales DACH", "U-10"),
    Person("U-13", "Franziska Lohmeier", "Sales DACH", "U-10"),
    Person("U-14", "Dominik Strasser", "Sales DACH", "U-10"),
    Person("U-15", "Tilda Norgren", "Sales Nordics", "U-10"),
    Person("U-16", "Mads Overgaard", "Sales Nordics", "U-15"),
    Person("U-17", "Fiona Brathwaite", "Sales UK & Ireland", "U-10"),
    Person("U-18", "Owen Tregarth", "Sales UK & Ireland", "U-17"),
    Person("U-19", "Bas Hoogland", "Sales Benelux & France", "U-10"),
    Person("U-20", "Margaux Tessier", "Sales Benelux & France", "U-19"),
    Person("U-21", "Joachim Ebeling", "Customer success", "U-01"),
)
MARKETERS = ("U-03", "U-04", "U-05", "U-06")
DEVELOPERS = ("U-07", "U-08", "U-09")
SELLERS = {
    "DACH": ("U-11", "U-12", "U-13", "U-14"),
    "Nordics": ("U-15", "U-16"),
    "UK & Ireland": ("U-17", "U-18"),
    "Benelux & France": ("U-19", "U-20"),
}
PARTNERS = (
    ("PT-01", "Kontora Steuerberatung"),
    ("PT-02", "Brueggen & Thal Consulting"),
    ("PT-03", "Nordlys ERP Partners"),
    ("PT-04", "Meridian Finance Systems"),
    ("PT-05", "Cabinet Sorelle"),
    ("PT-06", "Haverlock Advisory"),
    ("PT-07", "Alpenblick IT"),
    ("PT-08", "Delta Vijf"),
    ("PT-09", "Closing Circle Network"),
)


@dataclass(frozen=True)
class Asset:
    """A piece of content; ``pull`` is how often buyers come across it compared with others."""

    asset_id: str
    title: str
    slug: str
    format: str
    topic: str
    stage: str
    published: date | None
    pull: float = 1.0
    in_sales_kit: bool = False
    status: str = "published"

    @property
    def url(self) -> str:
        """Its address (none before it is published)."""
        return f"{SITE}/{self.slug}" if self.published else ""


def _on(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


# id | title | address | format | topic | stage | published | pull | sales kit (x) | status
_ASSETS = """
A-001|How to close the books in five days|learn/close-in-five-days|article|best|top|2023-03-14|1.2||published
A-002|Month-end close checklist (spreadsheet)|learn/close-checklist|template|best|top|2023-04-18|1.3||published
A-003|Why month-end takes so long: eleven causes|learn/why-close-takes-long|article|problems|top|2023-06-07|1.0||published
A-004|Account reconciliation, explained with one balance sheet|learn/reconciliation-explained|article|other|top|2023-07-11|1.0||published
A-005|Close software or spreadsheets: an honest comparison|learn/software-or-spreadsheets|article|versus|middle|2023-09-05|0.8|x|published
A-006|What can go wrong when you introduce close software|learn/what-can-go-wrong|article|problems|middle|2023-11-21|0.8|x|published
A-007|What does month-end close software cost? All prices, and what drives them|learn/what-close-software-costs|article|cost|middle|2025-05-20|0.0|x|published
A-008|Pallwerk or Closewise: where each is better|learn/pallwerk-or-closewise|article|versus|bottom|2024-02-13|0.9|x|published
A-009|Pallwerk or Ledgerline: where each is better|learn/pallwerk-or-ledgerline|article|versus|bottom|2024-05-28|0.6||published
A-010|The best close software for groups with several ERPs|learn/best-software-several-erps|article|best|middle|2024-04-09|0.9||published
A-011|Seven close tools reviewed by a former auditor|learn/close-tools-reviewed|article|reviews|middle|2024-08-20|0.9||published
A-012|Intercompany reconciliation without the e-mail war|learn/intercompany-without-war|article|problems|top|2024-01-23|0.8||published
A-013|A glossary of the financial close|learn/close-glossary|article|other|top|2023-05-16|0.7||published
A-014|Journal entry controls: the four-eyes principle in practice|learn/four-eyes-principle|article|other|middle|2024-06-18|0.5||published
A-015|How auditors read a balance sheet reconciliation|learn/how-auditors-read|article|other|middle|2024-10-01|0.5||published
A-016|Accruals at month-end: a short guide|learn/accruals-guide|article|other|top|2023-08-29|0.6||published
A-017|Fast close for SAP users|learn/fast-close-sap|article|best|middle|2024-03-19|0.6||published
A-018|Fast close for DATEV users|learn/fast-close-datev|article|best|middle|2024-03-26|0.5||published
A-019|Close software for fewer than 50 employees|learn/close-software-small|article|best|middle|2025-01-28|0.5||published
A-020|The hidden cost of a slow close|learn/hidden-cost-slow-close|article|cost|top|2024-09-10|0.6||published
A-021|Close cost calculator|tools/close-cost-calculator|calculator|cost|middle|2025-02-25|0.5|x|published
A-022|Return on investment: the model behind our claims|learn/roi-model|article|cost|bottom|2025-10-14|0.3|x|published
A-023|Case study: Haldenbeck closes 41 entities in six days|customers/haldenbeck|case study|reviews|bottom|2024-07-02|0.5|x|published
A-024|Case study: Nordvika and the end of the reconciliation folder|customers/nordvika|case study|reviews|bottom|2024-11-12|0.4|x|published
A-025|Case study: Brightwell Foods|customers/brightwell-foods|case study|reviews|bottom|2025-03-18|0.3||published
A-026|Case study: a hospital group with 19 ledgers|customers/hospital-group|case study|reviews|bottom|2025-09-09|0.3||published
A-027|Benchmark report 2024: how long 312 finance teams take|reports/close-benchmark-2024|report|best|top|2024-05-14|1.1||published
A-028|Benchmark report 2025: how long 388 finance teams take|reports/close-benchmark-2025|report|best|top|2025-05-06|1.1||published
A-029|Benchmark report 2026: how long 402 finance teams take|reports/close-benchmark-2026|report|best|top|2026-05-05|1.0||published
A-030|Security white paper|trust/security-white-paper|white paper|other|bottom|2024-01-16|0.3|x|published
A-031|Implementation in 40 days: the plan|learn/implementation-plan|white paper|problems|bottom|2024-09-24|0.3|x|published
A-032|What our customers complain about|learn/what-customers-complain-about|article|problems|middle|2025-11-18|0.5||published
A-033|Works council: questions and answers|learn/works-council|article|problems|bottom|2025-04-08|0.2||published
A-034|Video: a close day with Pallwerk, uncut|videos/close-day-uncut|video|reviews|middle|2024-12-03|0.6||published
A-035|Video: the audit trail in four minutes|videos/audit-trail|video|other|bottom|2025-06-24|0.3||published
A-036|Podcast: The controller who stopped closing at weekends|podcast/no-weekend-closing|podcast|problems|top|2025-02-11|0.3||published
A-037|Podcast: Ten years of shared services|podcast/shared-services|podcast|other|top|2025-07-15|0.2||published
A-038|Podcast: What the auditor wishes you knew|podcast/auditor-wishes|podcast|other|top|2026-01-20|0.2||published
A-039|Infographic: the close calendar|learn/close-calendar|infographic|other|top|2023-10-10|0.5||published
A-040|The CFO's guide to a close project|reports/cfo-guide|e-book|best|middle|2024-02-27|0.8||published
A-041|RFP template for close software|learn/rfp-template|template|best|middle|2025-08-05|0.4||published
A-042|Consolidation or close first?|learn/consolidation-or-close|article|versus|middle|2025-12-09|0.3||published
A-043|Recording: Reconciliations that auditors like|webinars/reconciliations-auditors-like|webinar|other|middle|2024-10-17|0.4||published
A-044|Recording: From nine days to five|webinars/nine-days-to-five|webinar|best|middle|2025-03-13|0.4||published
A-045|Recording: Intercompany in practice|webinars/intercompany-in-practice|webinar|problems|middle|2026-02-12|0.4||published
A-046|Live: Ask the people who went live|webinars/ask-people-who-went-live|webinar|reviews|bottom|2025-01-30|0.0||published
A-047|Tax provision at quarter-end|learn/tax-provision|article|other|top|2024-06-04|0.2||published
A-048|E-invoicing duties in Europe, country by country|learn/e-invoicing-europe|article|other|top|2024-11-26|0.9||published
A-049|IFRS 16 in one spreadsheet|learn/ifrs-16-spreadsheet|template|other|top|2023-12-05|0.7||published
A-050|Christmas card 2024|news/season-2024|article|other|top|2024-12-10|0.05||published
A-051|We were named a great place to work|news/great-place|article|other|top|2025-06-03|0.05||published
A-052|Release notes 2023.4|news/release-2023-4|article|other|bottom|2023-11-02|0.02||retired
A-053|Close software trends 2023|learn/trends-2023|article|best|top|2023-01-24|0.05||retired
A-054|Fast close for Microsoft users|learn/fast-close-microsoft|article|best|middle|2024-04-16|0.3||to_revise
A-055|Price comparison: five close tools side by side||article|cost|bottom||0.0||in_production
A-056|What a pilot really takes (time, people, data)||article|problems|bottom||0.0||in_production
A-057|Pallwerk or the ERP's own closing cockpit||article|versus|bottom||0.0||in_production
A-058|Case study: a retailer in three countries||case study|reviews|bottom||0.0||requested
A-059|Total cost after year one||article|cost|bottom||0.0||requested
A-060|When Pallwerk is the wrong choice||article|problems|middle||0.0||requested
"""

ASSETS: tuple[Asset, ...] = tuple(
    Asset(cell[0], cell[1], cell[2], cell[3], cell[4], cell[5], _on(cell[6]), float(cell[7]), cell[8] == "x", cell[9])
    for cell in (line.split("|") for line in _ASSETS.strip().splitlines())
)
ASSET = {asset.asset_id: asset for asset in ASSETS}
SALES_KIT = tuple(asset for asset in ASSETS if asset.in_sales_kit)

# Addresses of before the last relaunch and in other languages; * stands for anything.
OLD_ADDRESSES = tuple(
    (f"{SITE}/{path}", asset_id)
    for path, asset_id in (
        ("de/was-kostet-abschluss-software", "A-007"),
        ("blog/close-software-prices", "A-007"),
        ("blog/five-day-close", "A-001"),
        ("de/monatsabschluss-in-fuenf-tagen", "A-001"),
        ("blog/checklist", "A-002"),
        ("de/checkliste-monatsabschluss", "A-002"),
        ("blog/excel-vs-software", "A-005"),
        ("fr/logiciel-ou-tableur", "A-005"),
        ("reports/2025/*", "A-028"),
        ("reports/2026/*", "A-029"),
        ("tools/calculator", "A-021"),
    )
)


@dataclass(frozen=True)
class Campaign:
    """A planned effort; ``budget`` in whole units of ``currency`` over its whole life."""

    campaign_id: str
    name: str
    channel: str
    starts: date
    ends: date
    budget: int
    currency: str
    objective: str
    owner_id: str
    parent_id: str = ""


_CAMPAIGNS = """
CMP-001|Search brand DACH|paid_search|2024-02-01|2026-12-31|61000|EUR|leads|U-04|
CMP-002|Search generic DACH|paid_search|2024-02-01|2026-12-31|214000|EUR|leads|U-04|
CMP-003|Search generic Nordics|paid_search|2024-06-01|2026-12-31|88000|EUR|leads|U-04|
CMP-004|Search generic UK|paid_search|2024-09-01|2026-12-31|97000|GBP|leads|U-04|
CMP-005|Search competitors|paid_search|2025-01-15|2026-12-31|54000|EUR|leads|U-04|
CMP-006|Search "price" terms|paid_search|2025-06-02|2026-12-31|39000|EUR|leads|U-04|CMP-002
CMP-010|Benchmark report 2024 (social)|paid_social|2024-05-14|2024-07-31|26000|EUR|awareness|U-05|
CMP-011|Controllers' audience, always on|paid_social|2024-03-01|2026-12-31|158000|EUR|awareness|U-05|
CMP-012|Spring close challenge|paid_social|2025-03-03|2025-06-13|34000|EUR|leads|U-05|
CMP-013|Benchmark report 2025 (social)|paid_social|2025-05-06|2025-07-31|31000|EUR|awareness|U-05|
CMP-014|Retargeting pricing page|paid_social|2025-02-01|2026-12-31|47000|EUR|pipeline|U-05|
CMP-015|Benchmark report 2026 (social)|paid_social|2026-05-05|2026-07-31|35000|EUR|awareness|U-05|
CMP-016|Year-end without weekends|paid_social|2025-10-06|2025-12-19|28500|EUR|leads|U-05|
CMP-020|Newsletter 2024|email|2024-02-01|2024-12-31|4200|EUR|nurture|U-03|
CMP-021|Newsletter 2025|email|2025-01-01|2025-12-31|4800|EUR|nurture|U-03|
CMP-022|Newsletter 2026|email|2026-01-01|2026-12-31|5200|EUR|nurture|U-03|
CMP-023|Welcome series|email|2024-02-01|2026-12-31|1800|EUR|nurture|U-03|
CMP-024|Second chance (nurture of returned leads)|email|2024-10-01|2026-12-31|3600|EUR|nurture|U-03|
CMP-025|Benchmark invitation|email|2024-05-01|2026-07-31|2100|EUR|leads|U-03|
CMP-026|Product updates for evaluators|email|2024-04-01|2026-12-31|1500|EUR|pipeline|U-03|
CMP-030|Webinar series: reconciliation|webinars|2024-04-11|2024-12-05|18500|EUR|leads|U-06|
CMP-031|Webinar: Ask the people who went live|webinars|2025-01-30|2026-12-31|16400|EUR|pipeline|U-06|
CMP-032|Webinar series: fast close 2025|webinars|2025-02-13|2025-12-04|21500|EUR|leads|U-06|
CMP-033|Webinar series: fast close 2026|webinars|2026-01-29|2026-12-03|23800|EUR|leads|U-06|
CMP-035|Controllers' Congress Munich 2024|events|2024-06-11|2024-06-12|31000|EUR|leads|U-06|
CMP-036|Nordic Finance Days 2025|events|2025-03-25|2025-03-26|28000|EUR|leads|U-06|
CMP-037|Finanzforum Cologne 2025|events|2025-09-16|2025-09-18|64000|EUR|leads|U-06|
CMP-038|Controllers' Congress Munich 2025|events|2025-06-03|2025-06-04|33500|EUR|leads|U-06|
CMP-039|Controllers' Congress Munich 2026|events|2026-06-09|2026-06-10|35200|EUR|leads|U-06|
CMP-040|Finance Tech London 2026|events|2026-03-17|2026-03-18|29500|GBP|leads|U-06|
CMP-041|CFO dinners 2025|events|2025-02-20|2025-11-27|19800|EUR|pipeline|U-06|
CMP-042|CFO dinners 2026|events|2026-02-19|2026-11-26|22400|EUR|pipeline|U-06|
CMP-045|Partner referrals|partners|2024-02-01|2026-12-31|42000|EUR|pipeline|U-02|
CMP-046|Tax advisers' programme|partners|2024-09-01|2026-12-31|26500|EUR|leads|U-02|
CMP-048|Review sites|referral|2024-07-01|2026-12-31|24000|USD|leads|U-04|
CMP-049|Reach extension April|referral|2026-04-01|2026-04-30|7400|EUR|visitors|U-02|
"""

CAMPAIGNS: tuple[Campaign, ...] = tuple(
    Campaign(
        cell[0],
        cell[1],
        cell[2],
        date.fromisoformat(cell[3]),
        date.fromisoformat(cell[4]),
        int(cell[5]),
        cell[6],
        cell[7],
        cell[8],
        cell[9],
    )
    for cell in (line.split("|") for line in _CAMPAIGNS.strip().splitlines())
)
CAMPAIGN = {campaign.campaign_id: campaign for campaign in CAMPAIGNS}


# Search campaigns run in one region; all others run everywhere.
REGION_OF = {"CMP-001": "DACH", "CMP-002": "DACH", "CMP-003": "Nordics", "CMP-004": "UK & Ireland", "CMP-006": "DACH"}


def running(channel: str, day: date, region: str = "") -> list[Campaign]:
    """Return the ordinary campaigns of a channel on that day in that region (those of the told stories are placed by hand)."""
    told = (QA_WEBINAR_CAMPAIGN, TRADE_SHOW, NURTURE, "CMP-049")
    return [
        entry
        for entry in CAMPAIGNS
        if entry.channel == channel
        and entry.starts <= day <= entry.ends
        and entry.campaign_id not in told
        and REGION_OF.get(entry.campaign_id, region) == region
    ]


TEAM_OF = {person.owner_id: person.team for person in PEOPLE}
