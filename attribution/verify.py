"""What must hold before a new version is put into service: sums, grain, no orphan. Each rule is one query that finds offenders."""

from __future__ import annotations

from dataclasses import dataclass

from attribution import cubes, db
from attribution.config import Settings
from attribution.errors import VerificationError
from attribution.models.learned import DIMENSION_COLUMNS


@dataclass(frozen=True)
class Rule:
    """One rule: what must hold, and SQL that counts where it does not."""

    holds: str
    offenders: str


# Of the ledger: in a refresh these look at the deals that were recomputed.
LEDGER_RULES: tuple[Rule, ...] = (
    Rule(
        "a touch counts once per deal in the ledger",
        "select count(*) - count(distinct (deal_id, touch_id)) from {ledger} as ledger",
    ),
    Rule(
        "every deal of the ledger is a deal that was read",
        "select count(*) from {ledger} as ledger anti join staging.deals using (deal_id)",
    ),
    Rule(
        "no touch after a deal's end is credited",
        "select count(*) from {ledger} as ledger where days_before_end < 0",
    ),
)
_READ = "every touch of the ledger is a touch that was read"
# Of the stored totals: always of all deals.
RULES: tuple[Rule, ...] = (
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
        "rows in = left out + loaded + duplicates + quarantined, in every block",
        "select count(*) from staging.load_report where rows_in <> left_out + loaded + duplicates + quarantined",
    ),
)


def verify(connection: db.Connection, settings: Settings, recomputed: str | None = None, gone_touches: str | None = None) -> None:
    """Check every rule, and that each deal's weights and Unattributed share make 1 under each model. Raises VerificationError.

    ``recomputed``: a table with the deal_id of the deals whose rows of the ledger are new, where the others were verified before;
    ``gone_touches``: one with the touch_id of the touches that were read before and are not any more.
    """
    stored, ledger = (
        f"(select * from {table} where deal_id in (select deal_id from {recomputed}))" if recomputed else table
        for table in (cubes.STORED_LEDGER, cubes.LEDGER)
    )
    rules = [
        *(Rule(rule.holds, rule.offenders.format(ledger=stored)) for rule in LEDGER_RULES),
        Rule(_READ, f"select count(*) from credits.weights semi join {gone_touches} using (touch_id)")
        if gone_touches
        else Rule(_READ, "select count(*) from credits.weights anti join touches.touches using (touch_id)"),
        *RULES,
        *_totals(settings),
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
                f"select count(*) from {ledger if model.is_learned else stored} as ledger where not coalesce({model.column} between -1e-9 and 1 + 1e-9, false)",
            )
            for model in settings.all_models()
        ),
        *_learned(settings),
    ]
    for rule in rules:
        row = connection.execute(rule.offenders).fetchone()
        if row and row[0]:
            raise VerificationError(
                f"The new version was not put into service: it does not hold that {rule.holds} ({row[0]} rows). "
                "This is a defect of Closed Loop, not of your data; the version before keeps serving. Please report it with the load report."
            )


def _totals(settings: Settings) -> list[Rule]:
    """That the ledger and every cube of it hold the same touches and the same weights in total."""
    columns = [model.column for model in settings.all_models() if not model.is_learned]
    rules = [
        Rule(
            "the totals count every touch of the ledger",
            "select abs((select count(*) from credits.weights) - (select coalesce(sum(touches), 0) from credits.totals))",
        )
    ]
    for cube in cubes.CUBES[1:]:
        off = " or ".join(f"abs(cube.{column} - totals.{column}) > 1e-6 * (1 + totals.{column})" for column in columns)
        sums = ", ".join(f"coalesce(sum({column}), 0) as {column}" for column in ("touches", *columns))
        rules.append(
            Rule(
                f"{cube.schema}.{cube.name} adds up to the totals",
                f"""
                select count(*) from (select {sums} from {cube.schema}.{cube.name}) as cube
                cross join (select {sums} from credits.totals) as totals
                where cube.touches <> totals.touches or {off}
                """,
            )
        )
    return rules


def _learned(settings: Settings) -> list[Rule]:
    """That every deal is shared out whole under the models whose weights are not stored: by the cube from which they follow."""
    column = DIMENSION_COLUMNS[settings.models.markov.dimension]
    cube = cubes.learned_view(next(cube for cube in cubes.CUBES if column in cube.columns))
    return [
        Rule(
            f"the touches of each deal share all of it under {model.name}",
            f"""
            select count(*) from (select deal_id, sum({model.column}) as total from {cube} group by deal_id) as shared
            where not coalesce(abs(total - 1) <= 1e-6, false)
            """,
        )
        for model in settings.all_models()
        if model.is_learned
    ]
