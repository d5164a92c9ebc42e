"""What must hold before a new version is put into service: sums, grain, no orphan. Each rule is one query that finds offenders."""

from __future__ import annotations

from dataclasses import dataclass

from attribution import db
from attribution.config import Settings
from attribution.errors import VerificationError


@dataclass(frozen=True)
class Rule:
    """One rule: what must hold, and SQL that counts where it does not."""

    holds: str
    offenders: str


RULES: tuple[Rule, ...] = (
    Rule(
        "a touch counts once per deal in the ledger",
        "select count(*) - count(distinct (deal_id, touch_id)) from marts.credits",
    ),
    Rule(
        "every touch of the ledger is a touch that was read",
        "select count(*) from marts.credits anti join touches.touches using (touch_id)",
    ),
    Rule(
        "every deal of the ledger is a deal that was read",
        "select count(*) from marts.credits anti join staging.deals using (deal_id)",
    ),
    Rule(
        "every deal that was read is in the mart once",
        "select abs((select count(*) from staging.deals) - (select count(distinct deal_id) from marts.deals)) "
        "+ abs((select count(*) from marts.deals) - (select count(distinct deal_id) from marts.deals))",
    ),
    Rule(
        "the amounts of the mart are the amounts that were read",
        "select count(*) from (select sum(amount) as total from marts.deals) as mart, (select sum(amount) as total from staging.deals) as read "
        "where mart.total is distinct from read.total",
    ),
    Rule(
        "no touch after a deal's end is credited",
        "select count(*) from marts.credits where days_before_end < 0",
    ),
    Rule(
        "rows in = left out + loaded + duplicates + quarantined, in every block",
        "select count(*) from staging.load_report where rows_in <> left_out + loaded + duplicates + quarantined",
    ),
)


def verify(connection: db.Connection, settings: Settings) -> None:
    """Check every rule, and that each deal's weights and Unattributed share make 1 under each model. Raises VerificationError."""
    rules = [
        *RULES,
        *(
            Rule(
                f"the weights of each deal and its Unattributed share make 1 under {model.name}",
                f"""
                select count(*) from staging.deals as deals
                left join credits.totals as totals on deals.deal_id = totals.deal_id
                left join credits.unattributed as unattributed on deals.deal_id = unattributed.deal_id and unattributed.model = '{model.name}'
                where abs(coalesce(totals.{model.column}, 0) + coalesce(unattributed.share, 0) - 1) > 1e-6
                """,
            )
            for model in settings.all_models()
        ),
        *(
            Rule(
                f"no weight is negative or above 1 under {model.name}",
                f"select count(*) from marts.credits where not ({model.column} between -1e-9 and 1 + 1e-9)",
            )
            for model in settings.all_models()
        ),
    ]
    for rule in rules:
        row = connection.execute(rule.offenders).fetchone()
        if row and row[0]:
            raise VerificationError(
                f"The new version was not put into service: it does not hold that {rule.holds} ({row[0]} rows). "
                "This is a defect of Closed Loop, not of your data; the version before keeps serving. Please report it with the load report."
            )
