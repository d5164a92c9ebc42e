"""What a command loads before it starts: libraries that take long to import come where they are needed."""

from __future__ import annotations

import subprocess
import sys

SLOW = ("pandas", "pyarrow", "openpyxl", "jinja2", "weasyprint", "sqlalchemy", "plotly", "streamlit")


def loaded_by(module: str) -> set[str]:
    """The slow libraries that a Python process has loaded after importing a module."""
    code = f"import sys, {module}; print(*[name for name in {SLOW!r} if name in sys.modules])"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_a_command_starts_without_the_slow_libraries() -> None:
    assert loaded_by("attribution.__main__") == set()
