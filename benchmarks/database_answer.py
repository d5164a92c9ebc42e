"""The five-model question put to the built database. Usage: database_answer.py DATABASE OUT.csv"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from measure import REPOSITORY

sys.path.insert(0, str(REPOSITORY))

import attribution

MODELS = ("first_touch", "last_touch", "linear", "u_shaped", "time_decay")


def main(database: Path, out: Path) -> None:
    """One row per model, channel and month of close, as pandas_answer.py writes them."""
    dataset = attribution.open(database)
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["channel", "month", "model", "revenue"])
        writer.writeheader()
        for model in MODELS:
            writer.writerows(dataset.credit_rows(model, ["channel", "month"], ["revenue"]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
