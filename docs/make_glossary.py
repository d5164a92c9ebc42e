"""Write docs/glossary.md from the registries: every model, metric, dimension, filter, reason, check, table and column, once.

Run again after a change: ``python docs/make_glossary.py``. A test compares the file with what this writes.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from attribution.bridge import STEPS
from attribution.checks import CHECKS
from attribution.filters import DATE_BASES, FILTER_FIELDS, PERIODS
from attribution.metrics import METRICS
from attribution.models import MODELS
from attribution.query import DIMENSIONS
from attribution.schema import TABLES


def glossary() -> str:
    """The glossary as Markdown."""
    parts = [
        "# Glossary",
        "Generated from the registries by `python docs/make_glossary.py`; do not edit by hand.",
        "## Models",
        _table(("name", "on screen", "rule", "known elsewhere as"), [(m.name, m.label, m.summary, m.known_as) for m in MODELS]),
        "## Metrics",
        _table(
            ("name", "on screen", "definition", "may be summed"),
            [(m.name, m.label, m.description, "yes" if m.additive else "no") for m in METRICS],
        ),
        "## Dimensions",
        _table(("name", "on screen", "of", "meaning"), [(d.name, d.label, d.level, d.description) for d in DIMENSIONS]),
        "## Filters",
        _table(
            ("word", "keeps"),
            [(f.word, "touches (leaves Unattributed out)" if f.selects_credits else "deals") for f in FILTER_FIELDS],
        ),
        "Periods: " + ", ".join(f"`{name}` ({label})" for name, label in PERIODS.items()) + ". "
        "Date bases: " + ", ".join(f"`{name}` ({label})" for name, label in DATE_BASES.items()) + ".",
        "## Steps of the reconciliation",
        _table(("step", "meaning"), list(STEPS.items())),
        "## Checks",
        _table(
            ("check", "on screen", "severity", "finds", "what next"),
            [(c.name, c.label, c.severity, c.what, c.next) for c in CHECKS],
        ),
        "## Tables and columns",
        *(
            f"### {table.name}\n\nOne row per {table.row}."
            + (f" Key: {', '.join(table.key)}." if table.key else " No key: all rows count.")
            + "\n\n"
            + _table(
                ("column", "type", "required", "meaning"),
                [
                    (c.name, c.type, "yes" if c.required else "", c.meaning + (f" ({', '.join(c.values)})" if c.values else ""))
                    for c in table.columns
                ],
            )
            for table in TABLES
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in (f"`{row[0]}`", *row[1:])) + " |" for row in rows]
    return "\n".join(lines)


if __name__ == "__main__":
    Path(__file__).with_name("glossary.md").write_text(glossary(), encoding="utf-8")
