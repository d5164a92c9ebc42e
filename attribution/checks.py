"""The data-quality report: CHECKS. Each check is a .sql file in sql/checks with one row per offending row.

Add one: a file ``sql/checks/<name>.sql`` and a line here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

if TYPE_CHECKING:
    from attribution.dataset import Dataset

FOLDER = Path(__file__).parent / "sql" / "checks"


@dataclass(frozen=True)
class Check:
    """One check: what it finds, how grave that is, and what to do about it."""

    name: str
    severity: Literal["error", "warning", "info"]
    what: str
    next: str

    @property
    def sql(self) -> str:
        """One row per offending row."""
        return (FOLDER / f"{self.name}.sql").read_text(encoding="utf-8")


CHECKS: tuple[Check, ...] = (
    Check(
        "quarantined_deals",
        "error",
        "Deals that could not be read or converted: the won total falls short by them.",
        "Mend the rows in the source, or the mapping, and build again.",
    ),
    Check(
        "quarantined_rows",
        "warning",
        "Other rows that could not be read.",
        "See the reasons in the load report; mend them in the source or the mapping.",
    ),
    Check(
        "gone_deals",
        "warning",
        "Deals that the version before had and the source no longer has.",
        "Check that they were deleted or merged on purpose.",
    ),
    Check(
        "won_without_contacts",
        "warning",
        "Won deals with no contact: journeys fall back on everybody at the account.",
        "Add contact roles to the deals in the CRM.",
    ),
    Check(
        "won_without_touches",
        "warning",
        "Won deals without any touch in their journey: Unattributed.",
        "Check tracking, imports of offline events, and how far back touches count.",
    ),
    Check(
        "won_without_amount",
        "warning",
        "Won deals with amount 0 or blank: they earn nothing for anybody.",
        "Fill in the amount in the CRM.",
    ),
    Check(
        "negative_amounts",
        "warning",
        "Deals with a negative amount.",
        "If they are refunds, check that the won deal is there too.",
    ),
    Check(
        "closed_before_created",
        "warning",
        "Deals that closed before they were created.",
        "Correct the dates in the CRM; the cycle is negative.",
    ),
    Check(
        "future_dates",
        "warning",
        "Touches or closed deals dated after the data's as-of.",
        "Check the clock or the time zone of the source.",
    ),
    Check("unknown_channel", "warning", "Touches without a channel.", "Fill in utm_source and utm_medium, or map the channel."),
    Check(
        "touches_of_nobody",
        "info",
        "Touches whose visitor is not (yet) a known person and that name no account or deal.",
        "Normal for anonymous traffic; identities tie visitors to contacts.",
    ),
    Check(
        "orphan_contacts",
        "warning",
        "Touches or deals that name a contact that is not in contacts.",
        "Export the missing contacts, or merged ids as identities.",
    ),
    Check(
        "orphan_accounts",
        "warning",
        "Contacts or deals that name an account that is not in accounts.",
        "Export the missing accounts.",
    ),
    Check(
        "orphan_deals",
        "warning",
        "Touches, contacts or stages that name a deal that is not in deals.",
        "Export the missing deals, or leave the rows out.",
    ),
    Check(
        "orphan_campaigns",
        "warning",
        "Touches or spend that name a campaign that is not in campaigns.",
        "Add the campaign, or map its other name.",
    ),
    Check(
        "orphan_assets",
        "warning",
        "Touches that name content that is not in content_assets.",
        "Add the asset, or its address to asset_urls.",
    ),
    Check(
        "shared_domains",
        "warning",
        "E-mail domains that belong to two accounts: the first by id gets the contacts.",
        "Say which account owns the domain in identities.",
    ),
    Check(
        "merge_circles",
        "warning",
        "Contacts merged in a circle: the smallest id stands for all.",
        "Correct the merged ids in the source.",
    ),
    Check("deals_without_account", "info", "Deals without an account.", "Fill in the account in the CRM."),
    Check(
        "missing_currency",
        "info",
        "Deals without a currency while others have one: taken as the reporting currency.",
        "Fill in the currency in the CRM or the mapping.",
    ),
)


def run_checks(dataset: Dataset) -> pd.DataFrame:
    """Columns ``check, severity, rows, what, next``, every check, in order."""
    rows = [(entry.name, entry.severity, count_rows(dataset, entry), entry.what, entry.next) for entry in CHECKS]
    return pd.DataFrame(rows, columns=["check", "severity", "rows", "what", "next"])


def count_rows(dataset: Dataset, check: Check) -> int:
    """How many rows offend."""
    count: int = dataset.rows(f"select count(*) from ({check.sql}) as offenders")[0][0]
    return count


def offending_rows(dataset: Dataset, check: Check, limit: int = 1000) -> pd.DataFrame:
    """The first offending rows."""
    return dataset.frame(f"select * from ({check.sql}) as offenders limit {int(limit)}")
