"""The five-model question put to the built database. Usage: database_answer.py DATABASE OUT.csv"""

from __future__ import annotations

import sys
from pathlib import Path

from measure import REPOSITORY

sys.path.insert(0, str(REPOSITORY))

import pandas as pd

import attribution

MODELS = ("first_touch", "last_touch", "linear", "u_shaped", "time_decay")


def main(database: Path, out: Path) -> None:
    """One row per model, channel and month of close, as pandas_answer.py writes them."""
    dataset = attribution.open(database)
    parts = [dataset.credit(model, ["channel", "month"], ["revenue"]) for model in MODELS]
    pd.concat(parts, ignore_index=True).to_csv(out, index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
