"""Shared fixtures: databases built from rows, folders and the sample, each as a user would build it.

Tests marked ``browser`` need Playwright and a Chromium; without them they are skipped, unless CLOSED_LOOP_REQUIRE_BROWSER=1
(the CI sets it) makes a missing browser a failure.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import worlds
from tests.app_page import page  # noqa: F401  fixture of every page test
from tests.browser import chromium, served, start, visit  # noqa: F401  fixtures of every browser test

REPOSITORY = Path(__file__).resolve().parent.parent
SAMPLE_DATA = REPOSITORY / "sample_data"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# The same examples in every run: a red test stays red until it is mended. HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)
settings.register_profile("explore", deadline=None, suppress_health_check=list(HealthCheck), database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip browser tests where there is no browser, or fail them where one is required."""
    if item.get_closest_marker("browser") is None:
        return
    missing = missing_browser()
    if missing and os.environ.get("CLOSED_LOOP_REQUIRE_BROWSER") == "1":
        pytest.fail(f"CLOSED_LOOP_REQUIRE_BROWSER=1, but {missing}", pytrace=False)
    if missing:
        pytest.skip(missing)


def find_browser() -> str | None:
    """The browser's executable: CLOSED_LOOP_BROWSER, else the first Chromium on the path."""
    return os.environ.get("CLOSED_LOOP_BROWSER") or next((found for name in BROWSERS if (found := shutil.which(name))), None)


def missing_browser() -> str | None:
    """What is missing to drive a browser, in words; None where nothing is."""
    if importlib.util.find_spec("playwright") is None:
        return "Playwright is not installed: pip install playwright"
    if find_browser() is None:
        return f"no browser was found (looked for {', '.join(BROWSERS)}); install chromium or set CLOSED_LOOP_BROWSER"
    return None


@pytest.fixture(scope="session")
def browser_executable() -> str:
    """Path of the browser that Playwright shall start."""
    found = find_browser()
    assert found is not None
    return found


def built(folder: Path, database: Path, overrides: Sequence[str] = ()) -> Any:
    """Build a data folder as a user would and open it as a Dataset.

    Imported late, so that the tests of one part run while another part is broken.
    """
    import attribution
    from attribution.build import build

    build(folder, database, None, overrides, lambda _message: None)
    return attribution.open(database)


@pytest.fixture(scope="session")
def open_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """A function: build a data folder (with ``--set`` overrides) into a fresh database and open it as a Dataset."""

    def open_it(folder: Path, overrides: Sequence[str] = ()) -> Any:
        return built(folder, tmp_path_factory.mktemp("database") / "build", overrides)

    return open_it


@pytest.fixture(scope="session")
def open_rows(tmp_path_factory: pytest.TempPathFactory, open_folder: Callable[..., Any]) -> Callable[..., Any]:
    """A function: write rows (table → dicts) and settings as a canonical folder, build it and open it as a Dataset."""

    def open_it(rows: worlds.Rows, settings: Mapping[str, Any] | None = None, overrides: Sequence[str] = ()) -> Any:
        folder = tmp_path_factory.mktemp("data")
        worlds.write_folder(folder, rows, settings)
        return open_folder(folder, overrides)

    return open_it


@pytest.fixture(scope="session")
def sample_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of ``sample_data/``, built once; do not change it."""
    database = tmp_path_factory.mktemp("sample") / "build"
    built(SAMPLE_DATA, database)
    return database


@pytest.fixture(scope="session")
def sample(sample_database: Path) -> Any:
    """The sample as a Dataset."""
    import attribution

    return attribution.open(sample_database)


@pytest.fixture(scope="session")
def run_cli() -> Callable[..., subprocess.CompletedProcess[str]]:
    """A function: run ``python -m attribution …`` as a process of its own, as a cron job would. ``expect``: exit code, None: any."""

    def run(*arguments: str | Path, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "attribution", *map(str, arguments)],
            capture_output=True,
            text=True,
            cwd=REPOSITORY,
            timeout=120,
        )
        assert expect in (None, done.returncode), f"exit {done.returncode}, not {expect}\n{done.stderr}\n{done.stdout}"
        return done

    return run
