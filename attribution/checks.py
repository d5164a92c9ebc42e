"""The data-quality report: CHECKS. Each check is a .sql file in sql/checks with one row per offending row.

Add one: a file ``sql/checks/<name>.sql`` and a line here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from attribution.errors import UnknownNameError, unknown

if TYPE_CHECKING:
    import pandas as pd

    from attribution.dataset import Dataset

FOLDER = Path(__file__).parent / "sql" / "checks"


@dataclass(frozen=True)
class Check:
    """One check: what it finds, how grave that is, and what to do about it. ``label``: its name on screen."""

    name: str
    label: str
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
        "Deals we could not read",
        "error",
        "Deals that could not be read or converted: they are in no figure, and the won total falls short by those that were won.",
        "Mend the rows in the source or the mapping; for other currencies add fx_rates. Then build again.",
    ),
    Check(
        "quarantined_rows",
        "Other rows we could not read",
        "warning",
        "Rows of the other tables that could not be read: they are in no figure.",
        "Each row has its reason; mend it in the source or the mapping.",
    ),
    Check(
        "gone_deals",
        "Deals that are gone from the source",
        "warning",
        "Deals that the version before had and the source no longer has.",
        "Check that they were deleted or merged on purpose.",
    ),
    Check(
        "won_without_contacts",
        "Won deals without a contact",
        "warning",
        "Nobody is named on these deals: their journeys take the touches of everybody at the company.",
        "Add contact roles to the deals in the CRM.",
    ),
    Check(
        "won_without_touches",
        "Won deals without a touch",
        "warning",
        "No touch is in their journey: their whole amount stays unattributed.",
        "Check tracking, imports of offline events, and how far back touches count.",
    ),
    Check(
        "won_without_amount",
        "Won deals without an amount",
        "warning",
        "Won with amount 0 or blank: they count as deals and earn nothing for anybody.",
        "Fill in the amount in the CRM.",
    ),
    Check(
        "negative_amounts",
        "Deals with a negative amount",
        "warning",
        "They lower the totals, and the credit of every touch on their way.",
        "If they are refunds, check that the won deal is there too.",
    ),
    Check(
        "closed_before_created",
        "Deals closed before they were opened",
        "warning",
        "Their cycle is negative, which pulls the median days to win down.",
        "Correct the dates in the CRM.",
    ),
    Check(
        "future_dates",
        "Dates in the future",
        "warning",
        "Touches or closed deals dated after the day up to which the data is known.",
        "Check the clock or the time zone of the source.",
    ),
    Check(
        "unknown_channel",
        "Touches without a channel",
        "warning",
        "Nobody can say what brought these touches: they count as unknown, never as direct.",
        "Fill in utm_source and utm_medium, or map the channel.",
    ),
    Check(
        "touches_of_nobody",
        "Touches of unknown visitors",
        "info",
        "Their visitor is not (yet) a known person, and no company or deal is named: they are in no journey.",
        "Normal for anonymous traffic; identities tie visitors to contacts.",
    ),
    Check(
        "touches_without_anybody",
        "Touches that name nobody",
        "warning",
        "Touches with no contact, visitor, account or deal: they can never be part of a journey.",
        "Export the contact or visitor id with the touch, or add touch_links.",
    ),
    Check(
        "orphan_contacts",
        "Contacts that are not in the data",
        "warning",
        "Touches or deals that name a contact that is not in contacts.",
        "Export the missing contacts, or merged ids as identities.",
    ),
    Check(
        "orphan_accounts",
        "Companies that are not in the data",
        "warning",
        "Contacts or deals that name an account that is not in accounts.",
        "Export the missing accounts.",
    ),
    Check(
        "orphan_deals",
        "Deals that are not in the data",
        "warning",
        "Touches, contacts or stages that name a deal that is not in deals.",
        "Export the missing deals, or leave the rows out.",
    ),
    Check(
        "orphan_campaigns",
        "Campaigns that are not in the data",
        "warning",
        "Touches or spend that name a campaign that is not in campaigns.",
        "Add the campaign, or map its other name.",
    ),
    Check(
        "orphan_assets",
        "Content that is not in the data",
        "warning",
        "Touches that name content that is not in content_assets.",
        "Add the asset, or its address to asset_urls.",
    ),
    Check(
        "shared_domains",
        "E-mail domains of two companies",
        "warning",
        "E-mail domains that belong to two accounts: the first by id gets the contacts.",
        "Say which account owns the domain in identities.",
    ),
    Check(
        "merge_circles",
        "Contacts merged in a circle",
        "warning",
        "Contacts merged in a circle: the smallest id stands for all.",
        "Correct the merged ids in the source.",
    ),
    Check(
        "deals_without_account",
        "Deals without a company",
        "info",
        "Their journeys can only take the people named on them, and they are in no segment, industry or country.",
        "Fill in the account in the CRM.",
    ),
    Check(
        "missing_currency",
        "Deals without a currency",
        "info",
        "Deals without a currency: their amounts are taken as the reporting currency.",
        "Fill in the currency in the CRM or the mapping.",
    ),
)


def run_checks(dataset: Dataset) -> pd.DataFrame:
    """Columns ``check, severity, rows, what, next``, every check, in order."""
    rows = [(entry.name, entry.severity, count_rows(dataset, entry), entry.what, entry.next) for entry in CHECKS]
    import pandas as pd

    return pd.DataFrame(rows, columns=["check", "severity", "rows", "what", "next"])


def count_rows(dataset: Dataset, check: Check) -> int:
    """How many rows offend."""
    count: int = dataset.rows(f"select count(*) from ({check.sql}) as offenders")[0][0]
    return count


def find_check(name: str) -> Check:
    """The check of that name; UnknownNameError with a near name otherwise."""
    for entry in CHECKS:
        if entry.name == name:
            return entry
    raise UnknownNameError(unknown("check", name, [entry.name for entry in CHECKS]))


def offending_rows(dataset: Dataset, check: Check, limit: int | None = 1000) -> pd.DataFrame:
    """The first offending rows (``limit`` None: all), in the order of their columns; where they have an amount, the largest first."""
    columns = list(dataset.frame(f"select * from ({check.sql}) as offenders limit 0").columns)
    order = ["amount desc"] if "amount" in columns else []
    order += [str(place) for place in range(1, len(columns) + 1)]
    last = "" if limit is None else f" limit {int(limit)}"
    return dataset.frame(f"select * from ({check.sql}) as offenders order by {', '.join(order)}{last}")
