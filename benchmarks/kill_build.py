"""Kill builds with -9 at random moments, of everything and refreshes by turns. Usage: kill_build.py [KILLS] [TOUCHES] [SEED]

After each kill the version in service must answer as before; after every fifth a build must succeed and leave no litter.
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import REPOSITORY, print_table, run

sys.path.insert(0, str(REPOSITORY))

import attribution

EXPECTED = ("CURRENT", ".lock")


def main(kills: int, touches: int, seed: int) -> None:
    """Print one row per tenth of a build's time: kills, what they interrupted, and what was found afterwards."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="closed-loop-benchmark-") as temporary:
        data, database = Path(temporary) / "data", Path(temporary) / "build"
        run("sample", "--touches", str(touches), "--out", data)
        whole = run("build", "--data", data, "--db", database).wall
        answer = answered(database)
        rows = {tenth: [0, 0, 0, 0, 0] for tenth in range(11)}
        for number in range(kills):
            moment = chance.uniform(0.02, 1.1) * whole
            before = versions(database)
            was_running = killed(data, database, moment, number)
            row = rows[min(10, int(10 * moment / whole))]
            row[0] += 1
            row[1] += was_running
            row[2] += answered(database) == answer
            row[3] += len(litter(database))
            if versions(database) - before > 1:
                raise AssertionError("a killed build left more than one version")
            if number % 5 == 4:
                run("build", "--data", data, "--db", database, "--full")
                row[4] += 1
                if litter(database) or versions(database) > 4 or answered(database) != answer:
                    raise AssertionError(f"after {number + 1} kills: {sorted(path.name for path in database.iterdir())}")
        print_table(
            [
                "killed at, % of a build",
                "kills",
                "still running",
                "old answer as before",
                "drafts left until the next build",
                "builds after",
            ],
            [[f"{10 * tenth}-{10 * tenth + 10}", *row] for tenth, row in rows.items() if row[0]],
        )
        left = sorted(path.name for path in database.iterdir())
        size = sum(path.stat().st_size for path in database.iterdir()) / 1e6
        print(f"\n{kills} kills, a build takes {whole:.1f} s; at the end: {', '.join(left)} ({size:.0f} MB)")
        shutil.rmtree(database)


def killed(data: Path, database: Path, moment: float, number: int) -> bool:
    """Start a build and kill it after ``moment`` seconds; return whether it was still running.

    Odd ones compute everything, even ones refresh: a setting that no figure depends on is another one.
    """
    command = [sys.executable, "-m", "attribution", "build", "--data", str(data), "--db", str(database)]
    command += ["--full"] if number % 2 else ["--set", f"database.keep_versions={2 + number // 2 % 2}"]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(moment)
    was_running = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return was_running


def answered(database: Path) -> str:
    """What the version in service says, as bytes would; any notice is part of it."""
    dataset = attribution.open(database)
    try:
        return dataset.notice + dataset.credit("all", ["channel", "month"]).to_csv()
    finally:
        dataset.close()


def versions(database: Path) -> int:
    """How many versions there are."""
    return len(list(database.glob("data-*.duckdb")))


def litter(database: Path) -> list[str]:
    """Files that are neither a version nor the pointer nor a lock."""
    return [
        path.name
        for path in database.iterdir()
        if not (path.name.startswith("data-") and path.suffix == ".duckdb") and not path.name.endswith(EXPECTED)
    ]


if __name__ == "__main__":
    numbers = [int(argument.replace("_", "")) for argument in sys.argv[1:]]
    main(*(numbers + [50, 20_000, 2026][len(numbers) :]))
