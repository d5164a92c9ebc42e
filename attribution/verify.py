"""What must hold before a new version is put into service: sums, grain, no orphan. Each rule counts offenders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from attribution import cubes, db
from attribution.config import Settings
from attribution.errors import VerificationError
from attribution.models.learned import DIMENSION_COLUMNS


@dataclass(frozen=True)
class Rule:
    """One rule: what must hold, and SQL that counts where it does not: ``offenders`` (an expression), over the rows of ``of`` if it needs some.

    Rules of the same rows are asked in one statement: a refresh of a few deals would spend most of its checking on planning.
    """

    holds: str
    offenders: str
    of: str = ""


# Of the ledger: in a refresh these look at the rows of the deals that were recomputed.
LEDGER_RULES: tuple[Rule, ...] = (
    Rule("a touch counts once per deal in the ledger", "count(*) - count(distinct (deal_id, touch_id))", "{ledger}"),
    Rule("no touch after a deal's end is credited", "count(case when days_before_end < 0 then 1 end)", "{ledger}"),
    Rule("every deal of the ledger is a deal that was read", "count(*)", "{ledger} anti join staging.deals using (deal_id)"),
)
_READ = "every touch of the ledger is a touch that was read"
# Of the stored totals: always of all deals.
RULES: tuple[Rule, ...] = (
    Rule(
        "every deal that was read is in the mart once",
        "abs((select count(*) from staging.deals) - count(distinct deal_id)) + abs(count(*) - count(distinct deal_id))",
        "marts.deals",
    ),
    Rule(
        "the amounts of the mart are the amounts that were read",
        "count(*)",
        "(select sum(amount) as total from marts.deals) as mart cross join (select sum(amount) as total from staging.deals) as read "
        "where mart.total is distinct from read.total",
    ),
    Rule(
        "rows in = left out + loaded + duplicates + quarantined, in every block",
        "count(*)",
        "staging.load_report where rows_in <> left_out + loaded + duplicates + quarantined",
    ),
)


def verify(
    connection: db.Connection, settings: Settings, new: Mapping[str, str] | None = None, gone_touches: str | None = None
) -> None:
    """Check every rule, and that each deal's weights and Unattributed share make 1 under each model. Raises VerificationError.

    ``new``: where the rows of most deals were verified before, table of the ledger or cube → the table that has only the new ones;
    ``gone_touches``: one with the touch_id of the touches that were read before and are not any more.
    """
    new = new or {}
    ledger = f"{new.get(cubes.STORED_LEDGER, cubes.STORED_LEDGER)} as ledger"
    read = f"semi join {gone_touches}" if gone_touches else "anti join touches.touches"
    rules = [
        *(Rule(rule.holds, rule.offenders, rule.of.format(ledger=ledger)) for rule in LEDGER_RULES),
        Rule(_READ, "count(*)", f"credits.weights {read} using (touch_id)"),
        *RULES,
        *_totals(settings, new),
        *_wholes(settings, new),
        *(
            Rule(
                f"no weight is negative or above 1 under {model.name}",
                _count_unless(f"{model.column} between -1e-9 and 1 + 1e-9"),
                ledger,
            )
            for model in settings.all_models()
            if not model.is_learned
        ),
        *_learned(settings),
    ]
    of_rows: dict[str, list[Rule]] = {}
    for rule in rules:
        of_rows.setdefault(rule.of, []).append(rule)
    for rows, asked in of_rows.items():
        counts = connection.execute(f"select {', '.join(rule.offenders for rule in asked)} from {rows}").fetchall()[0]
        for rule, count in zip(asked, counts, strict=True):
            if count:
                raise VerificationError(
                    f"The new version was not put into service: it does not hold that {rule.holds} ({count} rows). "
                    "This is a defect of Closed Loop, not of your data; the version before keeps serving. Please report it with the load report."
                )


def _count_unless(condition: str) -> str:
    return f"count(case when not coalesce({condition}, false) then 1 end)"


def _wholes(settings: Settings, new: Mapping[str, str]) -> list[Rule]:
    """That each (new) deal's weights and Unattributed share make 1 under each model."""
    models = settings.all_models()
    shares = ", ".join(f"sum(case when model = '{model.name}' then share end) as {model.column}" for model in models)
    all_new = all(table in new for table in ("journeys.deals", "credits.totals", "credits.unattributed"))
    deals = new["journeys.deals"] if all_new else "staging.deals"
    of = f"""{deals} as deals
    left join credits.totals as totals on deals.deal_id = totals.deal_id
    left join (
        select deal_id, {shares} from credits.unattributed where deal_id in (select deal_id from {deals}) group by deal_id
    ) as missing on deals.deal_id = missing.deal_id"""
    return [
        Rule(
            f"the weights of each deal and its Unattributed share make 1 under {model.name}",
            _count_unless(f"abs(coalesce(totals.{model.column}, 0) + coalesce(missing.{model.column}, 0) - 1) <= 1e-6"),
            of,
        )
        for model in models
    ]


def _totals(settings: Settings, new: Mapping[str, str]) -> list[Rule]:
    """That the ledger and every cube of it hold the same touches, and in total the same weights (where they are new)."""
    columns = [model.column for model in settings.all_models() if not model.is_learned]
    names = {cube.name: f"{cube.schema}.{cube.name}" for cube in cubes.CUBES}
    counts = ", ".join(f"(select coalesce(sum(touches), 0) from {table}) as {name}" for name, table in names.items())
    of_counts = f"(select (select count(*) from {cubes.STORED_LEDGER}) as ledger, {counts}) as counted"
    sums = ", ".join(f"coalesce(sum({column}), 0) as {column}" for column in columns)
    weighed = {cube.name: names[cube.name] for cube in cubes.CUBES if cube.has_weights}
    of_weights = " cross join ".join(f"(select {sums} from {new.get(table, table)}) as {name}" for name, table in weighed.items())
    rules = [Rule("the totals count every touch of the ledger", "abs(ledger - totals)", of_counts)]
    for name, table in list(names.items())[1:]:
        rules.append(Rule(f"{table} counts the touches of the totals", f"abs({name} - totals)", of_counts))
        if name in weighed:
            same = " and ".join(f"abs({name}.{column} - totals.{column}) <= 1e-6 * (1 + totals.{column})" for column in columns)
            rules.append(Rule(f"{table} adds up to the totals", _count_unless(same), of_weights))
    return rules


def _learned(settings: Settings) -> list[Rule]:
    """The same of the models whose weights are not stored: by the cube from which they follow, of all deals."""
    column = DIMENSION_COLUMNS[settings.models.markov.dimension]
    cube = cubes.learned_view(next(cube for cube in cubes.CUBES if column in cube.columns))
    models = [model for model in settings.all_models() if model.is_learned]
    columns = ", ".join(
        f"sum({name}) as {name}, min({name}) as least_{name}, max({name} / touches) as most_{name}"
        for name in (model.column for model in models)
    )
    of = f"(select deal_id, {columns} from {cube} group by deal_id) as shared"
    return [
        rule
        for name, column in ((model.name, model.column) for model in models)
        for rule in (
            Rule(f"the touches of each deal share all of it under {name}", _count_unless(f"abs({column} - 1) <= 1e-6"), of),
            Rule(
                f"no weight is negative or above 1 under {name}",
                _count_unless(f"least_{column} >= -1e-9 and most_{column} <= 1 + 1e-9"),
                of,
            ),
        )
    ]
