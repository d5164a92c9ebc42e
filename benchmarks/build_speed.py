"""How long it takes to generate and to build, by number of touches. Usage: build_speed.py TOUCHES [TOUCHES …]"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measure import print_table, run


def main(sizes: list[int]) -> None:
    """Print a row per size."""
    rows = []
    for touches in sizes:
        with tempfile.TemporaryDirectory(prefix="closed-loop-benchmark-") as folder:
            data, database = Path(folder) / "data", Path(folder) / "build"
            sample = run("sample", "--touches", str(touches), "--out", data)
            build = run("build", "--data", data, "--db", database)
            size = sum(path.stat().st_size for path in database.glob("data-*.duckdb")) / 1e6
        millions = touches / 1e6
        rows.append(
            [touches, sample.cpu, sample.peak_mb, build.wall, build.cpu, build.peak_mb, size, (sample.cpu + build.cpu) / millions]
        )
    print_table(
        [
            "touches",
            "sample CPU s",
            "sample peak MB",
            "build wall s",
            "build CPU s",
            "build peak MB",
            "database MB",
            "CPU s per million, both",
        ],
        rows,
    )


if __name__ == "__main__":
    main([int(argument.replace("_", "")) for argument in sys.argv[1:]] or [100_000])
