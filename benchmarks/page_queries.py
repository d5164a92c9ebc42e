"""How long every query behind every page takes. Usage: page_queries.py TOUCHES [DATABASE]

One row per page: its queries, the slowest of them (median and 95th percentile, and how it begins), and all of them together.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from measure import REPOSITORY, print_table, run

sys.path.insert(0, str(REPOSITORY))

import attribution
from attribution import Filters
from attribution.charts import tables
from attribution.content import assets, exposure, recommend, weekly
from attribution.meeting import agenda, context, pack
from attribution.spotlight import candidates
from attribution.views import (
    campaigns,
    compare,
    content,
    credit,
    deals,
    explore,
    explore_ways,
    health,
    one_asset,
    one_campaign,
    one_person,
    overview,
    paths,
    people,
    questions,
    sales_content,
    state,
    topics,
    unused,
)
from attribution.views.choices import EVERY

REPEATS = 11
HALF_LIFE, LOOKBACK = "models.time_decay.half_life_days=7", "journeys.lookback_days=90"
Page = Callable[[], object]


class Listener:
    """Writes down what each statement of a dataset took: (milliseconds on the clock, of CPU, how it begins)."""

    def __init__(self, dataset: Any) -> None:
        self.heard: list[tuple[float, float, str]] = []
        asked = dataset._asked

        def ask(sql: str, parameters: Sequence[Any]) -> Any:
            clock, cpu = time.perf_counter(), time.process_time()
            result = asked(sql, parameters)
            self.heard.append(((time.perf_counter() - clock) * 1000, (time.process_time() - cpu) * 1000, sql))
            return result

        dataset._asked = ask

    def during(self, page: Page) -> list[tuple[float, float, str]]:
        """What was heard while a page was asked for."""
        self.heard = []
        page()
        return self.heard


def main(touches: int, database: Path | None, only: str = "") -> None:
    """Print one row per page."""
    with tempfile.TemporaryDirectory(prefix="closed-loop-benchmark-") as folder:
        if database is None:
            database = Path(folder) / "build"
            run("sample", "--touches", str(touches), "--out", Path(folder) / "data")
            run("build", "--data", Path(folder) / "data", "--db", database)
        dataset = attribution.open(database)
        rows = [
            *rows_of(dataset, pages(dataset), only),
            *(rows_of(other := dataset.with_settings([HALF_LIFE]), what_ifs(dataset, other, "half-life"), only)),
            *(rows_of(other := dataset.with_settings([LOOKBACK]), what_ifs(dataset, other, "lookback"), only)),
        ]
        dataset.close()
    head = [
        "page",
        "queries",
        "slowest: median ms",
        "95th percentile",
        "CPU ms",
        "all: CPU ms",
        "over 100 ms",
        "how the slowest begins",
    ]
    print_table(head, rows)


def rows_of(dataset: Any, asked: Mapping[str, Page], only: str) -> list[list[object]]:
    """The rows of some pages."""
    listener, rows = Listener(dataset), []
    for name, page in asked.items():
        if only and not any(word in name for word in only.split(",")):
            continue
        listener.during(page)
        runs = [listener.during(page) for _ in range(REPEATS)]
        if not runs[0]:
            rows.append([name, 0, 0.0, 0.0, 0.0, 0.0, 0, ""])
            continue
        by_statement = list(zip(*runs, strict=True))
        clocks = [[clock for clock, _, _ in statement] for statement in by_statement]
        slowest = max(range(len(clocks)), key=lambda place: statistics.median(clocks[place]))
        over = sum(statistics.median(clock) > 100 for clock in clocks)
        rows.append(
            [
                name,
                len(clocks),
                statistics.median(clocks[slowest]),
                statistics.quantiles(clocks[slowest], n=20)[-1],
                statistics.median(cpu for _, cpu, _ in by_statement[slowest]),
                statistics.median(sum(cpu for _, cpu, _ in one) for one in runs),
                over,
                " ".join(by_statement[slowest][0][2].split())[:90].replace("|", "/"),
            ]
        )
        print(rows[-1], file=sys.stderr, flush=True)
    return rows


def pages(ds: Any) -> dict[str, Page]:
    """Page → what it asks."""
    names = state.names_of(ds)
    year = state.Choice(Filters(period="last_12_months"), "before", ds.settings.reporting.model)
    learned, everything = replace(year, model="markov"), replace(year, filters=Filters(), compare="none")
    here = year.filters.resolved(ds.settings, ds.as_of)
    by_touch = replace(year, filters=replace(year.filters, date_basis="touch"))
    one_channel = replace(year, filters=replace(year.filters, channels=(names.channels[0],)))
    won = ds.deals(status="won")["deal_id"].iloc[0]
    open_deal = ds.deals(status="open")["deal_id"].iloc[0]
    somebody = ds.rows("select contact_id from journeys.deal_people order by contact_id limit 1")[0][0]
    campaign = sorted(names.campaigns)[0]
    family, pieces = campaigns.known(ds), assets.known(ds)
    second = "first_touch"
    listed = campaigns.campaigns(ds, year, second, "credited", family, names)
    point = str(exposure.default_age(ds))
    words = content.points(ds)[point]
    life = content.since_publication(ds, year.model, second, pieces)
    shown = content.content(ds, year, second, "credited", (point, words), pieces, life)
    asset = shown.entries[0].asset.asset_id  # type: ignore[union-attr]
    meeting = context.context(ds, None, context.usual_day(ds))
    months = tuple(tables.complete_periods(f"{here.date_from:%Y-%m}", f"{here.date_to:%Y-%m}"))
    found: dict[str, Page] = {
        "names and filter values, once": lambda: state.names_of(ds),
        "overview": lambda: overview.overview(ds, year, names),
        "overview, learned": lambda: overview.overview(ds, learned, names),
        "overview, all time": lambda: overview.overview(ds, everything, names),
        "overview, by touch": lambda: overview.overview(ds, by_touch, names),
        "overview, one channel": lambda: overview.overview(ds, one_channel, names),
        **{
            f"overview, ranking of {by}": partial(overview.ranking, ds, year, by, names)
            for by in ("channel", "campaign", "asset")
        },
        **{
            f"attribution by {by}": partial(credit.credit, ds, year, credit.Question(by=by), names)
            for by in ("channel", "campaign", "asset", "topic", "kind", "actor", "phase", "segment", "owner", "month")
        },
        "attribution, learned, by channel": lambda: credit.credit(ds, learned, credit.Question(second="markov_shapley"), names),
        "attribution, learned, by asset": lambda: credit.credit(
            ds, learned, credit.Question(by="asset", second="markov_shapley"), names
        ),
        "attribution, learned, by kind": lambda: credit.credit(
            ds, learned, credit.Question(by="kind", second="markov_shapley"), names
        ),
        "attribution, by touch": lambda: credit.credit(ds, by_touch, credit.Question(), names),
        "attribution, learned, by touch": lambda: credit.credit(ds, replace(by_touch, model="markov"), credit.Question(), names),
        "attribution, open deals": lambda: credit.credit(ds, year, credit.Question(measure="pipeline"), names),
        "attribution, one channel": lambda: credit.credit(ds, one_channel, credit.Question(by="campaign"), names),
        "attribution, months": lambda: credit.monthly(ds, year, credit.Question(), months),
        "attribution, months of content": lambda: credit.monthly(ds, year, credit.Question(by="asset"), months),
        "all models by channel": lambda: ds.credit_rows("all", ["channel"], ["revenue", "deals"], here),
        "all models by content": lambda: ds.credit_rows("all", ["asset"], ["revenue", "deals"], here),
        "campaigns, once": lambda: campaigns.known(ds),
        "campaigns": lambda: campaigns.campaigns(ds, year, second, "credited", family, names),
        "campaigns, learned": lambda: campaigns.campaigns(ds, learned, second, "credited", family, names),
        "one campaign": lambda: one_campaign.one_campaign(ds, year, second, family, listed, campaign, names),
        "people": lambda: people.people(ds, everything, "last", EVERY, "", 0),
        "people, last year": lambda: people.people(ds, year, "last", EVERY, "", 0),
        "one person": lambda: one_person.one_person(ds, somebody, year.model),
        "deals": lambda: ds.deals(filters=here, status="won"),
        "deals, searched": lambda: ds.deals(filters=here, search="north"),
        "one deal explained": lambda: deals.explained(ds, won, year.model),
        "one deal explained, learned": lambda: deals.explained(ds, won, "markov"),
        "one deal, thin ice": lambda: health.thin_ice_of_deal(ds, won),
        "one deal, what to send": lambda: recommend.recommend(ds, open_deal),
        "deals behind a channel": lambda: deals.behind(ds, year, (("channel", names.channels[0]),)),
        "deals behind a piece": lambda: deals.behind(ds, year, (("asset", asset),)),
        "explore": lambda: explore.explore(ds, year, explore_ways.start(ds), names),
        **{f"explore, {label}": partial(explore.explore, ds, year, asked, names) for label, asked in explore_ways.PRESETS},
        "explore, content × owner": lambda: explore.explore(
            ds, year, explore_ways.Question(("revenue", "deals"), "asset", "owner"), names
        ),
        "explore, took part, content × channel": lambda: explore.explore(
            ds, year, explore_ways.Question(("influenced_revenue",), "asset", "channel"), names
        ),
        "explore, learned, content": lambda: explore.explore(ds, learned, explore_ways.PRESETS[0][1], names),
        "compare models": lambda: compare.find(ds, year, compare.Question()),
        "compare models by content": lambda: compare.find(ds, year, compare.Question(by="asset")),
        "paths": lambda: paths.paths(ds, year, paths.Question(), paths.journeys(ds, here, "channel"), names),
        "paths by campaign": lambda: paths.journeys(ds, here, "campaign"),
        "paths, all time": lambda: paths.journeys(ds, Filters(), "channel"),
        "health, once": lambda: health.health(ds),
        "thin ice": lambda: health.thin_ice(ds, here),
        "content, once": lambda: (assets.known(ds), content.points(ds), exposure.default_age(ds)),
        "content, since publication": lambda: content.since_publication(ds, year.model, second, pieces),
        "content": lambda: content.content(ds, year, second, "credited", (point, words), pieces, life),
        "content, learned": lambda: content.content(ds, learned, second, "credited", (point, words), pieces, life),
        "one piece": lambda: one_asset.one_asset(ds, year, second, pieces, shown, life.get(asset), asset, names),
        "topics": lambda: topics.view(ds, year, second, pieces, names),
        "questions": lambda: questions.view(ds, year, names),
        "unused content": lambda: unused.view(ds, year, names, pieces),
        "sales content": lambda: sales_content.view(ds, year, names, pieces),
        "weekly five": lambda: weekly.weekly(ds),
        "spotlight": lambda: candidates.candidates(ds, candidates.latest_month(ds)),
        **{f"meeting: {item.short}": partial(pack.part, meeting, item) for item in agenda.shown(ds.settings)},
    }
    return found


def what_ifs(ds: Any, other: Any, name: str) -> dict[str, Page]:
    """Page → what it asks of data under another setting."""
    year, rule = Filters(period="last_12_months"), "time_decay" if name == "half-life" else ds.settings.reporting.model
    return {
        f"what if, {name}, by {by}": partial(other.credit_rows, rule, [by], ["revenue", "deals"], year)
        for by in ("channel", "campaign", "asset", "segment")
    }


if __name__ == "__main__":
    main(
        int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else 100_000,
        Path(sys.argv[2]) if len(sys.argv) > 2 else None,
        sys.argv[3] if len(sys.argv) > 3 else "",
    )
