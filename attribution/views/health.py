"""The data page's view: what is covered, what each check found, which rows could not be read, what is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from attribution import coverage
from attribution.answers import health as answers
from attribution.charts import formats
from attribution.charts import health as health_tables
from attribution.charts.health import CoverageBar
from attribution.checks import CHECKS, Check, offending_rows
from attribution.coverage import (
    THIN_DEALS_WITHOUT_AMOUNT,
    THIN_DEALS_WITHOUT_CONTACTS,
    THIN_TOUCHES_OF_NOBODY,
    THIN_TOUCHES_WITHOUT_ORIGIN,
    THIN_UNREAD_DEALS,
    THIN_WITHOUT_TOUCHES,
    TouchCoverage,
    Unread,
    WonDeals,
)
from attribution.dataset import Dataset
from attribution.filters import Filters

ROWS_SHOWN = 1000
GRAVITY = {"error": "Grave", "warning": "Warning", "info": "Good to know"}
MEND_FIRST = 5


@dataclass(frozen=True)
class Card:
    """One figure: what it is, its value in words, what it is made of, and its definition."""

    label: str
    value: str
    note: str
    help: str


@dataclass(frozen=True)
class Finding:
    """One check that found rows: its name in the registry and on screen, how grave, how many, what it means, what to do."""

    name: str
    label: str
    severity: str
    rows: int
    what: str
    next: str

    @property
    def count(self) -> str:
        """How many rows, in words."""
        return formats.counted(self.rows, "row")


@dataclass(frozen=True)
class Health:
    """All that the data page shows, of everything that was loaded."""

    answer: str
    thin: tuple[str, ...]
    source: str
    cards: tuple[Card, ...]
    bars: tuple[CoverageBar, ...]
    alt: str
    findings: tuple[Finding, ...]
    passed: tuple[str, ...]
    unread: dict[str, int]
    report: pd.DataFrame
    noticed: pd.DataFrame
    missing: pd.DataFrame
    unused: str

    @property
    def to_mend(self) -> tuple[Finding, ...]:
        """The findings that somebody can do something about; the others are only good to know. The meeting counts these too."""
        return tuple(finding for finding in self.findings if finding.severity != "info")

    @property
    def mend_first(self) -> tuple[Finding, ...]:
        """The gravest of them."""
        return self.to_mend[:MEND_FIRST]


def health(ds: Dataset) -> Health:
    """The view of one version of the data."""
    won, unread = coverage.won_deals(ds), coverage.unread_won_deals(ds)
    touches, journeys = coverage.all_touches(ds), coverage.journey_touches(ds)
    currency = ds.settings.reporting.currency
    bars = coverage_bars(won, unread, touches)
    report = ds.checks()
    grave = list(GRAVITY)
    found = sorted(
        (
            Finding(entry.name, entry.label, entry.severity, int(rows), entry.what, entry.next)
            for entry, rows in zip(CHECKS, report["rows"], strict=True)
            if rows
        ),
        key=lambda finding: grave.index(finding.severity),
    )
    facts = answers.HealthFacts(currency, won, unread, touches, journeys)
    return Health(
        answer=answers.health(facts),
        thin=answers.thin_ice(won, journeys, unread),
        source=f"About everything that was loaded from {formats.plain(_folder_name(ds.data_folder))}, whatever the filters above: "
        "a row that could not be read has no date and no segment.",
        cards=_cards(won, unread, touches, coverage.rows_read(ds), currency),
        bars=bars,
        alt=answers.coverage_alt(bars),
        findings=tuple(found),
        passed=tuple(entry.label for entry, rows in zip(CHECKS, report["rows"], strict=True) if not rows),
        unread=coverage.unread_by_table(ds),
        report=health_tables.load_table(ds.load_report()),
        noticed=_noticed(ds),
        missing=_missing(ds),
        unused=", ".join(coverage.unused_tables(ds)),
    )


def offenders(ds: Dataset, check: str) -> pd.DataFrame:
    """The first rows that a check found, for the screen; no rows for an unknown check."""
    entry = check_named(check)
    return health_tables.rows_table(offending_rows(ds, entry, ROWS_SHOWN)) if entry else pd.DataFrame()


def unread_table(ds: Dataset, table: str) -> pd.DataFrame:
    """The first rows that could not be read, of one table or (empty name) of all."""
    return health_tables.rows_table(coverage.unread_rows(ds, table, ROWS_SHOWN))


def check_named(name: str | None) -> Check | None:
    """A check by its name; None where there is none of that name."""
    return next((entry for entry in CHECKS if entry.name == name), None)


def has_touches(ds: Dataset) -> bool:
    """Whether anything is recorded that buyers, marketing or sales did: a CRM's export alone has deals and nothing of it."""
    return bool(ds.rows("select 1 from touches.touches limit 1"))


def thin_ice(ds: Dataset, filters: Filters) -> tuple[str, ...]:
    """Where figures under these filters stand on thin ice, for the line under an answer."""
    if not has_touches(ds):
        return (answers.NO_TOUCHES,)
    here = filters.resolved(ds.settings, ds.as_of)
    return answers.thin_ice(coverage.won_deals(ds, here), coverage.journey_touches(ds, here), coverage.unread_won_deals(ds))


def thin_ice_of_deal(ds: Dataset, deal_id: str) -> tuple[str, ...]:
    """Where the journey of one deal stands on thin ice."""
    return answers.thin_ice_of_deal(coverage.of_deal(ds, deal_id))


def coverage_bars(won: WonDeals, unread: Unread, touches: TouchCoverage) -> tuple[CoverageBar, ...]:
    """What is not covered, as shares: of won deals, then of touches, the largest first in each."""
    deals, crm, whole = "Of won deals", won.deals + unread.deals, touches.touches
    lacking = [
        CoverageBar(deals, "No contact", won.without_contacts, won.deals, THIN_DEALS_WITHOUT_CONTACTS, "won_without_contacts"),
        CoverageBar(deals, "No touch", won.without_touches, won.deals, THIN_WITHOUT_TOUCHES, "won_without_touches"),
        CoverageBar(deals, "No amount", won.without_amount, won.deals, THIN_DEALS_WITHOUT_AMOUNT, "won_without_amount"),
        CoverageBar(deals, "Could not be read", unread.deals, crm, THIN_UNREAD_DEALS, "quarantined_deals"),
    ]
    without_origin = touches.unknown + touches.direct
    unmatched = [
        CoverageBar("Of touches", "Direct or no channel", without_origin, whole, THIN_TOUCHES_WITHOUT_ORIGIN, "unknown_channel"),
        CoverageBar("Of touches", "Matched to nobody", touches.nobody, whole, THIN_TOUCHES_OF_NOBODY, "touches_of_nobody"),
        CoverageBar("Of touches", "No channel at all", touches.unknown, whole, None, "unknown_channel"),
    ]
    ranked = (sorted(bars, key=lambda bar: -bar.share) for bars in (lacking, unmatched))
    return tuple(bar for bars in ranked for bar in bars if bar.whole)


def _cards(won: WonDeals, unread: Unread, touches: TouchCoverage, rows: coverage.Rows, currency: str | None) -> tuple[Card, ...]:
    crm = won.deals + unread.deals
    touched = won.revenue - won.revenue_without_touches
    matched = touches.touches - touches.nobody
    return (
        Card(
            "Won deals read", formats.share(coverage.share_of(won.deals, crm)), f"{formats.count(won.deals)} of {formats.count(crm)}",
            "Won rows of the CRM that could be read and converted. The others are in no figure; the bridge on Overview names their amount.",
        ),
        Card(
            "Won with touches", formats.share(coverage.share_of(touched, won.revenue)),
            f"{formats.money(touched, currency)} of {formats.money(won.revenue, currency)}",
            "Won revenue of deals with at least one touch in their journey. The rest is Unattributed under every rule.",
        ),
        Card(
            "Touches matched", formats.share(touches.share_matched), f"{formats.count(matched)} of {formats.count(touches.touches)}",
            "Touches matched to a known person, company or deal. The others are anonymous and can join no journey until identities tell who it was.",
        ),
        Card(
            "Unknown or direct", formats.share(touches.share_without_origin),
            f"{formats.count(touches.direct)} direct, {formats.count(touches.unknown)} none",
            "Touches of which nobody can say what caused them: they came directly, or carry no channel at all.",
        ),
        Card(
            "Rows not read", formats.count(rows.unread), f"of {formats.count(rows.rows_in)}, all files",
            "Rows with a value that cannot be read, or money without an exchange rate. They are listed below with file, line and reason.",
        ),
    )  # fmt: skip


def _noticed(ds: Dataset) -> pd.DataFrame:
    frame = coverage.noticed(ds)
    shown = health_tables.rows_table(frame[["severity", "table_name", "message", "row_count"]])
    shown["Gravity"] = [GRAVITY.get(str(value), str(value)) for value in frame["severity"]]
    return shown


def _missing(ds: Dataset) -> pd.DataFrame:
    rows = [
        (f"{need.table}.{need.column}" if need.column else need.table, need.page, need.shows, coverage.how_to_supply(need))
        for need in coverage.missing(ds)
    ]
    return pd.DataFrame(rows, columns=["Missing", "Missed on", "What it is for", "What to add"])


def _folder_name(folder: str) -> str:
    """A data folder's own name, without the moment that is written before the name of uploaded files."""
    return re.sub(r"^[0-9]{8}T[0-9]{12}Z-", "", Path(folder).name) or "the data folder"
