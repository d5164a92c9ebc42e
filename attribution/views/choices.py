"""A box of the data's own words with ours before and after them: "All stages", the stages, "No stage known".

Data may hold any word, also "all", "none" or "All stages". So the codes of ours are blank, which no value of the data is, and a label that would
stand there twice says its word as it is in the data.
"""

from __future__ import annotations

from collections.abc import Mapping

EVERY, MISSING = "", " "


def choices(every: str, values: Mapping[str, str], missing: str) -> dict[str, str]:
    """Code → label: everything, the values as they come, and (where ``missing`` is a label) what has no value."""
    found = {EVERY: every}
    for code, label in values.items():
        found[code] = f"{label} ({code})" if label in (*found.values(), missing) else label
    return {**found, MISSING: missing} if missing else found
