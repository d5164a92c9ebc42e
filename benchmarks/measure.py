"""Run a command and measure it: wall and CPU seconds and peak memory of the process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Measured:
    """Seconds on the clock, seconds of CPU (user and system), the most memory held, in megabytes, and what went to standard error."""

    wall: float
    cpu: float
    peak_mb: float
    messages: str = ""


def run(*arguments: str | Path) -> Measured:
    """Run ``python -m attribution …`` as a process of its own. Raises where it fails."""
    return _run([sys.executable, "-m", "attribution", *map(str, arguments)])


def run_script(script: Path, *arguments: str | Path) -> Measured:
    """Run a Python script as a process of its own. Raises where it fails."""
    return _run([sys.executable, str(script), *map(str, arguments)])


def _run(command: list[str]) -> Measured:
    # As it is where it is used: Python keeps what it has compiled, though whoever measures may have told it not to.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    messages = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{messages.decode()}")
    kilobytes = usage.ru_maxrss if sys.platform != "darwin" else usage.ru_maxrss / 1024
    return Measured(wall, usage.ru_utime + usage.ru_stime, kilobytes / 1024, messages.decode())


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a Markdown table."""
    print("| " + " | ".join(head) + " |")
    print("|" + " ---: |" * len(head))
    for row in rows:
        print(
            "| "
            + " | ".join(
                f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
                for value in row
            )
            + " |"
        )
