"""Path files against the PyPI packages channelattribution and marketing-attribution-models. Usage: paths.py [PATHS …]

    --their-python FILE   the Python where those packages are installed (default: this one); they are measured only where they are
    --draws-only          only the bootstrap

Journeys over ten channels, one row each, seeded. Every answer is a process of its own on one core, imports not counted: CPU seconds of reading the
file, of the models from a DataFrame in memory, and the peak memory of the process. Their answers are compared with ours.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measure import REPOSITORY, print_table

HERE = Path(__file__).resolve().parent
CHANNELS = ("paid_search", "organic", "email", "direct", "paid_social", "webinar", "referral", "event", "content", "outbound")
DRAWS, DRAWN_PATHS = 1_000, 10_000
# Above this, mam's tables (2 kB a path) would fill the memory of a small machine.
MOST_FOR_MAM = 1_000_000


def write_paths(count: int, file: Path, seed: int = 7, distinct: bool = False) -> None:
    """Journeys of 1 to 30 touches (4 on average); one in five converts. ``distinct``: no path twice, with counts."""
    import numpy as np

    generator = np.random.default_rng(seed)
    chances = np.array([0.20, 0.18, 0.14, 0.12, 0.10, 0.08, 0.07, 0.05, 0.04, 0.02])
    seen: set[bytes] = set()
    with file.open("w", encoding="utf-8") as out:
        out.write("path,conversions,value,nulls\n")
        left = count
        while left:
            rows = min(left, 50_000)
            lengths = np.minimum(generator.geometric(0.25, rows), 30)
            codes = generator.choice(10, size=lengths.sum(), p=chances)
            won = generator.integers(0, 4, rows) if distinct else (generator.random(rows) < 0.2).astype(int)
            lost = generator.integers(0, 12, rows) if distinct else 1 - won
            worth = np.round(generator.lognormal(8, 1, rows) * won, 2)
            for path, wins, value, losses in zip(np.split(codes, np.cumsum(lengths)[:-1]), won, worth, lost, strict=True):
                if distinct and (path.tobytes() in seen or not left):
                    continue
                seen.add(path.tobytes()) if distinct else None
                out.write(f"{' > '.join(CHANNELS[code] for code in path)},{wins},{value},{losses}\n")
                left -= 1


@dataclass(frozen=True)
class Answer:
    """What one process measured: CPU seconds of its steps, peak memory in megabytes, and its numbers."""

    seconds: dict[str, float]
    peak_mb: float
    numbers: dict[str, dict[str, float]]

    def total(self, *steps: str) -> float:
        return sum(self.seconds[step] for step in steps)


def ask(python: str, *arguments: object) -> Answer | None:
    """Run path_answer.py on one core. None where its package is not installed."""
    one_core = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS", "ARROW_NUM_THREADS"), "1")
    environment = {**os.environ, **one_core, "PYTHONPATH": str(REPOSITORY), "MPLBACKEND": "Agg"}
    command = [python, str(HERE / "path_answer.py"), *map(str, arguments)]
    if hasattr(os, "sched_setaffinity"):
        command = [
            sys.executable,
            "-c",
            "import os, sys; os.sched_setaffinity(0, {max(os.sched_getaffinity(0))}); os.execv(sys.argv[1], sys.argv[1:])",
            *command,
        ]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode == 3:
        return None
    if done.returncode:
        raise RuntimeError(f"{arguments} failed:\n{done.stderr[-2_000:]}")
    return Answer(**json.loads(done.stdout.splitlines()[-1]))


def difference(ours: Answer, theirs: Answer, model: str) -> float:
    """The largest difference of a channel's conversions, as a part of all conversions."""
    mine, other = ours.numbers[model], theirs.numbers[model]
    return max(abs(mine[name] - other.get(name, 0.0)) for name in mine) / sum(mine.values())


def compare(paths: int, their_python: str, folder: Path) -> None:
    """One table for files of so many paths."""
    file = folder / f"paths_{paths}.csv"
    write_paths(paths, file)
    print(f"\n## {paths:,} paths, {file.stat().st_size / 1e6:,.0f} MB\n")
    rivals = {"rules": ("channelattribution", "mam"), "position": ("mam",), "markov": ("channelattribution", "mam")}
    for kind, packages in rivals.items():
        rows: list[list[Any]] = []
        ours = ask(sys.executable, "ours", kind, file)
        assert ours is not None
        rows.append([kind, "Closed Loop, from the file", ours.total("file", "models"), 1.0, ours.peak_mb, ""])
        framed = ask(sys.executable, "ours_frame", kind, file)
        assert framed is not None
        rows.append([kind, "Closed Loop, from a DataFrame", framed.total("models"), 1.0, framed.peak_mb, ""])
        for package in packages:
            if package == "mam" and paths > MOST_FOR_MAM:
                rows.append([kind, "mam: not asked, for its memory", "", "", "", ""])
                continue
            theirs = ask(their_python, package, kind, file)
            if theirs is None:
                rows.append([kind, f"{package}: not installed", "", "", "", ""])
                continue
            worst = max(difference(ours, theirs, model) for model in theirs.numbers)
            rows.append(
                [
                    kind,
                    f"{package}, from the file",
                    theirs.total("file", "models"),
                    theirs.total("file", "models") / ours.total("file", "models"),
                    theirs.peak_mb,
                    f"{worst:.1e}",
                ]
            )
            rows.append(
                [
                    kind,
                    f"{package}, from a DataFrame",
                    theirs.total("models"),
                    theirs.total("models") / framed.total("models"),
                    theirs.peak_mb,
                    "",
                ]
            )
        print_table(["models", "", "CPU s", "times ours", "peak MB", "largest difference"], rows)
        print(flush=True)


def draws(folder: Path) -> None:
    """Intervals of every model from 1,000 draws of 10,000 different paths."""
    file = folder / "drawn.csv"
    write_paths(DRAWN_PATHS, file, distinct=True)
    for kind in ("all", "rules", "markov"):
        answer = ask(sys.executable, "draws", kind, file)
        assert answer is not None
        print(
            f"{DRAWS:,} draws of {DRAWN_PATHS:,} different paths, {kind}: {answer.total('models'):.1f} CPU s, peak {answer.peak_mb:,.0f} MB"
        )


def versions(python: str) -> str:
    """The packages' versions in that Python."""
    names = ("channelattribution", "marketing-attribution-models", "numpy", "pandas", "pyarrow")
    code = "import importlib.metadata as m, sys\nfor n in sys.argv[1:]:\n try: print(n, m.version(n))\n except m.PackageNotFoundError: pass"
    return ", ".join(subprocess.run([python, "-c", code, *names], capture_output=True, text=True).stdout.splitlines())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("paths", type=int, nargs="*", default=[1_000_000])
    parser.add_argument("--their-python", default=sys.executable)
    parser.add_argument("--draws-only", action="store_true")
    given = parser.parse_args()
    print(
        f"Ours: numpy {importlib.metadata.version('numpy')}, pyarrow {importlib.metadata.version('pyarrow')}. Theirs: {versions(given.their_python)}."
    )
    with tempfile.TemporaryDirectory(prefix="closed-loop-benchmark-") as temporary:
        if not given.draws_only:
            for size in given.paths:
                compare(size, given.their_python, Path(temporary))
        draws(Path(temporary))
