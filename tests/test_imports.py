"""What a command loads before it starts: libraries that take long to import come where they are needed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from datetime import date

import pandas as pd

from attribution.commands import output

SLOW = ("pandas", "pyarrow", "openpyxl", "jinja2", "weasyprint", "sqlalchemy", "plotly", "streamlit")


def loaded_by(module: str, slow: Sequence[str] = SLOW) -> set[str]:
    """The slow libraries that a Python process has loaded after importing a module."""
    code = f"import sys, {module}; print(*[name for name in {slow!r} if name in sys.modules])"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_plain_rows_are_written_as_frames_are() -> None:
    """A command has the same bytes whichever of the two it writes."""
    columns, rows = ["model", "revenue", "deals", "on"], [("linear", 0.1 + 0.2, None, date(2025, 3, 1)), ("x,y", 2.0, 3, None)]
    for kind in output.FORMATS:
        frame = pd.DataFrame([dict(zip(columns, row, strict=True)) for row in rows], dtype=object)
        assert output.render(output.Table(columns, rows), kind) == output.render(frame, kind)


def test_a_question_loads_nothing_that_builds() -> None:
    assert loaded_by("attribution", (*SLOW, "numpy", "attribution.connectors")) == set()


def test_a_command_starts_without_the_slow_libraries() -> None:
    assert loaded_by("attribution.__main__") == set()
