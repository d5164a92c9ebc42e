"""One answer over a path file, as JSON: CPU seconds of its steps, peak memory, conversions per model and channel.

Usage: path_answer.py ours|ours_frame|channelattribution|mam|draws rules|position|markov|all FILE. Ends with 3 where the package is not installed.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Numbers = dict[str, dict[str, float]]
RULES = ("first_touch", "last_touch", "linear")
KINDS = {"rules": RULES, "position": ("position_based",), "markov": ("markov",)}
seconds: dict[str, float] = {}


@contextlib.contextmanager
def measured(step: str) -> Iterator[None]:
    start = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        yield
    seconds[step] = seconds.get(step, 0.0) + time.process_time() - start


def ours(kind: str, file: Path) -> Numbers:
    from attribution.paths import file as path_file

    with measured("file"):
        paths = path_file.read(file)
    return _credits(kind, lambda: paths)


def ours_frame(kind: str, file: Path) -> Numbers:
    import pandas as pd
    import pyarrow as pa

    from attribution.paths import file as path_file

    with measured("file"):
        frame = pd.read_csv(file)
    return _credits(
        kind, lambda: path_file.from_arrow(*(pa.array(frame[name]) for name in ("path", "conversions", "value", "nulls")))
    )


def _credits(kind: str, given: Callable[[], Any]) -> Numbers:
    from attribution.paths import markov, shares

    with measured("models"):
        paths = given()
        chain = shares.fit(paths, KINDS[kind])
        found = {model: shares.credit(paths, model, chain).conversions for model in KINDS[kind]}
    if chain is not None:  # the other table that packages give
        found["markov, path share"] = markov.path_credit(paths, chain.effects, paths.conversions)
    return {model: dict(zip(paths.names, map(float, credits), strict=True)) for model, credits in found.items()}


def draws(kind: str, file: Path) -> Numbers:
    from attribution.paths import file as path_file
    from attribution.paths import shares

    models = {
        "all": shares.MODELS,
        "markov": ("markov",),
        "rules": tuple(m for m in shares.MODELS if m not in shares.DATA_DRIVEN),
    }[kind]
    with measured("file"):
        paths = path_file.read(file)
    with measured("models"):
        shares.bootstrap(paths, models, draws=1_000)
    return {}


def channelattribution(kind: str, file: Path) -> Numbers:
    import pandas as pd

    with contextlib.redirect_stdout(io.StringIO()):
        try:
            import ChannelAttribution
        except ImportError:
            sys.exit(3)
    with measured("file"):
        frame = pd.read_csv(file)
    columns = (frame, "path", "conversions", "value")
    if kind == "rules":
        with measured("models"):
            found = ChannelAttribution.heuristic_models(*columns, flg_pro=False)
        return {
            model: dict(zip(found["channel_name"], found[f"{word}_conversions"], strict=True))
            for model, word in zip(RULES, ("first_touch", "last_touch", "linear_touch"), strict=True)
        }
    with measured("models"):
        found = ChannelAttribution.markov_model(*columns, var_null="nulls", verbose=False, flg_pro=False)
    return {"markov": dict(zip(found["channel_name"], found["total_conversions"], strict=True))}


def mam(kind: str, file: Path) -> Numbers:
    try:
        import mam as package
        import polars as pl
    except ImportError:
        sys.exit(3)
    with measured("file"):
        frame = pl.read_csv(file)
    with measured("models"):
        frame = frame.with_columns(pl.lit(1).alias("times"), (pl.col("conversions") > 0).alias("won"))
        model = package.MAM(
            frame, "grouped_journey", channels_colname="path", journey_with_conv_colname="won", occurrences_colname="times"
        )
        runs: dict[str, Callable[[], Any]] = {
            "first_touch": model.run_first_click,
            "last_touch": model.run_last_click,
            "linear": model.run_linear,
            "position_based": model.run_position_based,
            "markov": lambda: model.run_markov(transition_to_same_state=True),
        }
        found = {name: runs[name]().to_polars() for name in KINDS[kind]}
    if kind == "markov":  # it divides each journey by removal effects
        found = {"markov, path share": found["markov"]}
    return {
        name: {str(row[0]): float(row[1] or 0) for row in frame.select("channels", "attribution").iter_rows()}
        for name, frame in found.items()
    }


ANSWERS: dict[str, Callable[[str, Path], Numbers]] = {
    answer.__name__: answer for answer in (ours, ours_frame, draws, channelattribution, mam)
}

if __name__ == "__main__":
    numbers = ANSWERS[sys.argv[1]](sys.argv[2], Path(sys.argv[3]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "numbers": numbers}))
