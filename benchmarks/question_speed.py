"""How long the questions behind the pages take. Usage: question_speed.py TOUCHES [DATABASE]"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from measure import REPOSITORY, print_table, run

sys.path.insert(0, str(REPOSITORY))

import attribution
from attribution import Filters

REPEATS = 15


def main(touches: int, database: Path | None) -> None:
    """Print median and slowest of each question, in milliseconds."""
    with tempfile.TemporaryDirectory(prefix="closed-loop-benchmark-") as folder:
        if database is None:
            database = Path(folder) / "build"
            run("sample", "--touches", str(touches), "--out", Path(folder) / "data")
            run("build", "--data", Path(folder) / "data", "--db", database)
        dataset = attribution.open(database)
        year = Filters(period="last_12_months")
        deal = dataset.deals(status="won")["deal_id"].iloc[0]
        half_life, opening = opened(dataset, "models.time_decay.half_life_days=7")
        lookback, cutting = opened(dataset, "journeys.lookback_days=90")
        questions: dict[str, Callable[[], object]] = {
            "figures of the overview": lambda: dataset.metrics(
                ["won_revenue", "won_deals", "win_rate", "cycle_days", "attributed_share"], [], year
            ),
            "revenue by channel": lambda: dataset.credit(filters=year),
            "revenue by channel and month": lambda: dataset.credit(by=["channel", "month"], filters=year),
            "revenue by campaign": lambda: dataset.credit(by=["campaign"], filters=year),
            "revenue by content": lambda: dataset.credit(by=["asset"], filters=year),
            "revenue by channel, touches in the period": lambda: dataset.credit(filters=replace(year, date_basis="touch")),
            "took part in, by channel": lambda: dataset.credit(measures=["influenced_revenue", "influenced_deals"], filters=year),
            "reconciliation": lambda: dataset.reconcile(filters=year),
            "all models by channel": lambda: dataset.credit("all", filters=year),
            "list of won deals": lambda: dataset.deals(year, "won"),
            "one deal explained": lambda: dataset.explain(deal),
            "what if: another half-life": lambda: half_life.credit("time_decay", filters=year),
            "what if: a shorter lookback": lambda: lookback.credit(filters=year),
        }
        rows: list[list[object]] = []
        for name, ask in questions.items():
            ask()
            times = []
            for _ in range(REPEATS):
                start = time.perf_counter()
                ask()
                times.append((time.perf_counter() - start) * 1000)
            rows.append([name, statistics.median(times), max(times)])
        dataset.close()
    rows += [["what if: another half-life, once", opening, opening], ["what if: a shorter lookback, once", cutting, cutting]]
    print_table(["question", "median ms", "slowest ms"], rows)


def opened(dataset: Any, override: str) -> tuple[Any, float]:
    """The data under another setting, and the milliseconds until it can be asked."""
    start = time.perf_counter()
    return dataset.with_settings([override]), (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main(int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else 100_000, Path(sys.argv[2]) if len(sys.argv) > 2 else None)
