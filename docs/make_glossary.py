"""Write docs/glossary.md from the registries: every model, metric, dimension, filter, reason, check, table and column, once.

Run again after a change: ``python docs/make_glossary.py``. A test compares the file with what this writes.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from attribution.glossary import Section, sections


def glossary() -> str:
    """The glossary as Markdown."""
    parts = ["# Glossary", "Generated from the registries by `python docs/make_glossary.py`; do not edit by hand."]
    tables = False
    for section in sections():
        if section.of_table and not tables:
            parts.append("## Tables and columns")
            tables = True
        parts.append(f"{'###' if section.of_table else '##'} {section.title}")
        parts += [section.note] if section.note else []
        parts.append(_table(section))
    return "\n\n".join(parts) + "\n"


def _table(section: Section) -> str:
    lines = ["| " + " | ".join(section.heads) + " |", "|" + " --- |" * len(section.heads)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in (f"`{row[0]}`", *row[1:])) + " |" for row in section.rows]
    return "\n".join(lines)


if __name__ == "__main__":
    Path(__file__).with_name("glossary.md").write_text(glossary(), encoding="utf-8")
