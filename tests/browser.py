"""What every browser test shares: a Chromium, servers over a database, and ways to wait, choose and read. Fixtures come through conftest.py.

A test file says ``pytestmark = pytest.mark.browser`` and takes ``served``, ``start`` and ``visit`` as arguments; functions are
imported: ``from tests.browser import bars, choose, eventually, metric_value, settle``.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
WAIT = 30_000  # ms
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def chromium(browser_executable: str) -> Iterator[Any]:
    """One browser for all."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_executable, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def servers() -> Iterator[Callable[..., str]]:
    """A function: start ``streamlit run app.py`` over a database (and a data folder) and return its address; all stop at the end."""
    running: list[subprocess.Popen[bytes]] = []

    def start_it(database: Path, data: Path | None = None) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = {**os.environ, "CLOSED_LOOP_DB": str(database)}
        environment.pop("CLOSED_LOOP_DATA", None)
        if data is not None:
            environment["CLOSED_LOOP_DATA"] = str(data)
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true"]
        server = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        running.append(server)
        address = f"http://localhost:{port}"
        for _ in range(5 * 90):  # it takes 2 s; more where others have the processor
            assert server.poll() is None, f"the server ended with code {server.returncode}"
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5) as answer:
                    if answer.read() == b"ok":
                        return address
            except OSError:
                time.sleep(0.2)
        raise AssertionError("the server did not start")

    yield start_it
    for process in running:
        process.terminate()
    for process in running:
        process.wait(timeout=20)


@pytest.fixture(scope="module")
def start() -> Iterator[Callable[..., str]]:
    """A function: start a server of the module's own over a database (and a data folder) and return its address."""
    with servers() as start_it:
        yield start_it


@pytest.fixture(scope="session")
def served(sample_database: Path) -> Iterator[str]:
    """The address of an app that serves the sample to all tests; for one that writes, ``start`` another over a copy."""
    with servers() as start_it:
        yield start_it(sample_database)


@pytest.fixture(scope="session")
def idle_tabs() -> dict[tuple[int, int, str], list[Any]]:
    """The tabs that ``visit`` may use again, by width, height and scheme."""
    return defaultdict(list)


@pytest.fixture
def visit(
    request: pytest.FixtureRequest, chromium: Any, idle_tabs: dict[tuple[int, int, str], list[Any]]
) -> Iterator[Callable[..., Any]]:
    """A function: open an address as somebody who was never here, and wait until the page is drawn.

    A tab that showed the app before opens it in a third of the time of a new one, as the scripts are compiled: a test leaves its
    tabs at ``served`` to the next.
    """
    opened = []

    def visit_it(address: str, width: int = 1440, height: int = 900, scheme: str = "light") -> Any:
        kind = (width, height, scheme)
        if idle_tabs[kind]:
            page = idle_tabs[kind].pop()
            page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
            page.context.clear_cookies()
            page.emulate_media(color_scheme=scheme)
        else:
            context = chromium.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
            )
            page = context.new_page()
        opened.append((kind, page))
        page.goto(address)
        settle(page)
        return page

    yield visit_it
    for kind, page in opened:
        if "served" in request.fixturenames and len(idle_tabs[kind]) < 2:
            idle_tabs[kind].append(page)
        else:
            page.context.close()


SETTLED = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    const charts = [...document.querySelectorAll('[data-testid=stPlotlyChart]')].filter(chart => chart.offsetParent !== null);
    return app && app.getAttribute('data-test-script-state') === 'notRunning'
        && !document.querySelector('[data-stale=true], [data-testid=stSkeleton]')
        && charts.every(chart => chart.querySelector('.main-svg'))
}"""


def settle(page: Any) -> None:
    """Wait until a page has its title, Streamlit has stopped running and every chart is drawn, and all that for a while."""
    page.wait_for_selector("h1", timeout=WAIT)
    for _ in range(20):
        page.wait_for_function(SETTLED, timeout=WAIT)
        page.wait_for_timeout(400)
        if page.evaluate(SETTLED):
            return
    raise AssertionError("the page does not come to rest")


def bars(page: Any, card: str) -> Any:
    """The bars of the picture on one card. Never "the first picture": which is first depends on what is drawn already."""
    return page.locator(f".st-key-card_{card} [data-testid=stPlotlyChart] g.trace.bars g.point path")


def address(page: Any) -> str:
    """The address as the browser has it now (``page.url`` learns of it only when Playwright next listens)."""
    return str(page.evaluate("() => location.href"))


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds: a click's rerun may not have begun when the page looks at rest."""
    for _ in range(WAIT // 200):
        if holds():
            return
        time.sleep(0.2)
    assert holds()


def metric_value(page: Any, label: str) -> str:
    """The value on the card with a label."""
    card = page.locator("[data-testid=stMetric]", has=page.get_by_text(label, exact=True))
    return str(card.locator("[data-testid=stMetricValue]").inner_text())


WATCH = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    window.hasRun = false;
    // A short run may be over before it is looked at: what it was before tells that it began.
    const began = (change) => change.oldValue === 'notRunning' || app.getAttribute('data-test-script-state') !== 'notRunning';
    new MutationObserver((changes) => { if (changes.some(began)) window.hasRun = true; })
        .observe(app, {attributes: true, attributeOldValue: true, attributeFilter: ['data-test-script-state']});
}"""


@contextmanager
def rerun(page: Any) -> Iterator[None]:
    """Do something that makes the page run again, and wait until it has run: before the run begins the page looks at rest as well."""
    page.evaluate(WATCH)
    yield
    page.wait_for_function("() => window.hasRun", timeout=WAIT)
    settle(page)


def choose(page: Any, label: str, option: str) -> None:
    """Choose another option of a box than it holds: by typing, as a long list draws only what is in sight."""
    box = page.get_by_role("combobox", name=label).first
    found = page.get_by_role("option", name=option, exact=True)
    for _ in range(5):
        box.click()
        box.fill(option)
        try:
            found.first.wait_for(timeout=5_000)
            break
        except Exception:  # a rerun under way has closed the list again
            page.keyboard.press("Escape")
            settle(page)
    with rerun(page):
        found.first.click()
