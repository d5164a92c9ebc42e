"""Shared fixtures: databases built from rows, folders and the sample, each as a user would build it.

Tests marked ``browser`` need Playwright and a Chromium; without them they are skipped, unless CLOSED_LOOP_REQUIRE_BROWSER=1
(the CI sets it) makes a missing browser a failure.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import io
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
from tests.browser import chromium, idle_tabs, served, start, visit  # noqa: F401  fixtures of every browser test
from tests.flow_reading import flow  # noqa: F401  the sample as a funnel
from tests.meetings import corrected, some_meeting, this_meeting  # noqa: F401  fixtures of the tests of the meeting's blocks
from tests.postgres import postgres_server, store_url  # noqa: F401  fixtures of the tests of the store
from tests.sample_reading import Sample

REPOSITORY = Path(__file__).resolve().parent.parent
SAMPLE_DATA = REPOSITORY / "sample_data"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# The same examples in every run: a red test stays red until it is mended. HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)
settings.register_profile("explore", deadline=None, suppress_health_check=list(HealthCheck), database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


# The files that take longest. A worker that began one of them last would work alone at the end.
LONGEST = (
    "test_browser_axe",
    "test_browser_app",
    "test_refresh",
    "test_browser_everywhere",
    "test_browser_paths",
    "test_browser_links",
    "test_browser_meeting",
    "test_browser_explore",
    "test_browser_campaigns",
    "test_browser_compare",
    "test_browser_content",
    "test_browser_content_use",
    "test_browser_people",
    "test_browser_sources",
    "test_bad_input",
    "test_loading_files",
    "test_fuzz",
    "test_versions",
    "test_properties",
    "test_onboarding",
    "test_serving",
    "test_oracle",
    "test_what_if",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; pytest-xdist gives whole files to its workers in this order (pyproject.toml: --no-loadscope-reorder)."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


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


@pytest.fixture(scope="session")
def open_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """A function: build a data folder (with ``--set`` overrides) as a user would and open a database of one's own of it as a Dataset.

    The same files are built once in a run, for all workers; everybody gets a copy.
    """
    base = tmp_path_factory.getbasetemp()
    builds = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "builds"
    builds.mkdir(exist_ok=True)

    def open_it(folder: Path, overrides: Sequence[str] = ()) -> Any:
        # Imported late, so that the tests of one part run while another part is broken.
        import attribution
        from attribution.build import build

        known = builds / fingerprint(folder, overrides)
        if not known.exists():
            draft = tmp_path_factory.mktemp("draft") / "build"
            build(folder, draft, None, overrides, lambda _message: None)
            with contextlib.suppress(OSError):  # another worker has built the same meanwhile
                draft.rename(known)
        return attribution.open(shutil.copytree(known, tmp_path_factory.mktemp("database") / "build"))

    return open_it


def fingerprint(folder: Path, overrides: Sequence[str]) -> str:
    """What tells this build from another: the names and contents of the files, and the overrides."""
    found = hashlib.sha256(repr(list(overrides)).encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        found.update(f"{path.relative_to(folder)} {len(content)} ".encode() + content)
    return found.hexdigest()


@pytest.fixture(scope="session")
def open_rows(tmp_path_factory: pytest.TempPathFactory, open_folder: Callable[..., Any]) -> Callable[..., Any]:
    """A function: write rows (table → dicts) and settings as a canonical folder, build it and open it as a Dataset."""

    def open_it(rows: worlds.Rows, settings: Mapping[str, Any] | None = None, overrides: Sequence[str] = ()) -> Any:
        folder = tmp_path_factory.mktemp("data")
        worlds.write_folder(folder, rows, settings)
        return open_folder(folder, overrides)

    return open_it


@pytest.fixture(scope="session")
def sample_database(open_folder: Callable[..., Any]) -> Path:
    """The database of ``sample_data/``, built once; do not change it."""
    dataset = open_folder(SAMPLE_DATA)
    dataset.close()
    return Path(dataset.path).parent


@pytest.fixture(scope="session")
def sample(sample_database: Path) -> Any:
    """The sample as a Dataset."""
    import attribution

    return attribution.open(sample_database)


@pytest.fixture
def pinnable(tmp_path: Path, sample_database: Path) -> Path:
    """The sample's database in a folder of one's own, for tests that pin a version of it; its files are the same, so do not change them."""
    shutil.copytree(sample_database, tmp_path / "build", copy_function=os.link)
    return tmp_path / "build"


@pytest.fixture(scope="session")
def reading() -> Sample:
    """The sample's files as plain Python reads them, without the product's code; do not change it."""
    return Sample()


@pytest.fixture(scope="session")
def names(sample: Any) -> Any:
    """The sample's names of channels, campaigns … as the pages show them (``views.state.Names``)."""
    from attribution.views import state

    return state.names_of(sample)


@pytest.fixture
def run_cli(monkeypatch: pytest.MonkeyPatch) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A function: run ``python -m attribution …`` in this process, which is as good but for its start. ``expect``: exit code, None: any."""
    from attribution.__main__ import main

    def run(*arguments: str | Path, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
        command = ["attribution", *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", command)
        said = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2)]
        with contextlib.redirect_stdout(said[0]), contextlib.redirect_stderr(said[1]):
            try:
                main()
                code = 0
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else int(end.code is not None)
        texts = [stream.buffer.getvalue().decode("utf-8").replace("\r\n", "\n") for stream in said]  # type: ignore[attr-defined]
        return expected(subprocess.CompletedProcess(command, code, *texts), expect)

    return run


@pytest.fixture(scope="session")
def run_process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """The same as a process of its own, as a cron job would."""

    def run(*arguments: str | Path, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "attribution", *map(str, arguments)]
        return expected(subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, timeout=120), expect)

    return run


def expected(done: subprocess.CompletedProcess[str], code: int | None) -> subprocess.CompletedProcess[str]:
    """What a command did, which must have ended with this code."""
    assert code in (None, done.returncode), f"exit {done.returncode}, not {code}\n{done.stderr}\n{done.stdout}"
    return done
