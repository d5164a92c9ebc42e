"""The five-model question by channel and month: from the database, and in pandas from the same files. Usage: against_pandas.py [TOUCHES]

Each answer is a process of its own. The numbers must agree to the cent (what rounding to cents moves: one).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pandas as pd
from measure import Measured, print_table, run, run_script

HERE = Path(__file__).resolve().parent


def main(touches: int) -> None:
    """Generate, build, ask both, compare, print."""
    with tempfile.TemporaryDirectory(prefix="closed-loop-benchmark-") as temporary:
        folder = Path(temporary)
        data, database = folder / "data", folder / "build"
        run("sample", "--touches", str(touches), "--out", data)
        build = run("build", "--data", data, "--db", database)
        ours = run_script(HERE / "database_answer.py", database, folder / "database.csv")
        theirs = run_script(HERE / "pandas_answer.py", data, folder / "pandas.csv")
        rows, worst = compared(folder / "database.csv", folder / "pandas.csv")

    def row(name: str, measured: Measured) -> list[object]:
        return [name, measured.wall, measured.cpu, measured.peak_mb]

    print(f"{touches:,} touches, {rows} rows compared, largest difference {worst:.4f}\n")
    print_table(
        ["", "wall s", "CPU s", "peak MB"],
        [row("pandas from the files", theirs), row("the database", ours), row("its build, once", build)],
    )
    print(f"\n{theirs.cpu / ours.cpu:.1f} times less CPU, {ours.peak_mb / theirs.peak_mb:.2f} of the memory")


def compared(ours: Path, theirs: Path) -> tuple[int, float]:
    """How many rows both have, and the largest difference. Raises where a row differs by more than rounding to cents explains."""
    left = pd.read_csv(ours)
    left = left[left["channel"] != "Unattributed"].set_index(["model", "channel", "month"])["revenue"]
    right = pd.read_csv(theirs).set_index(["model", "channel", "month"])["revenue"]
    both = pd.concat([left, right], axis=1, keys=["database", "pandas"]).fillna(0.0)
    difference = (both["database"] - both["pandas"]).abs()
    # The database rounds to cents by largest remainder within a model, so a row may be just under one cent off.
    if (difference >= 0.01).any():
        raise AssertionError(f"{(difference >= 0.01).sum()} of {len(both)} rows differ:\n{both[difference >= 0.01].head(20)}")
    return len(both), float(difference.max())


if __name__ == "__main__":
    main(int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else 200_000)
