"""Take the pictures of the README from the real app over the sample: ``python docs/screenshots/take.py [FOLDER]``.

Builds the sample into a temporary folder, starts the app, photographs it with a headless Chromium, and writes PNGs.
Needs ``playwright``, ``pillow`` and a Chromium (CLOSED_LOOP_BROWSER, else the one on the path). ``tour.py`` makes the moving picture.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(REPOSITORY))

from tests.browser import settle  # noqa: E402

# Name, address, light or dark, width, and the height at which a longer page is cut.
SHOTS = (
    ("overview-light", "/", "light", 1440, 2140),
    ("overview-dark", "/", "dark", 1440, 2140),
    ("attribution-light", "/attribution", "light", 1440, 1880),
    ("paths-light", "/paths", "light", 1440, 1460),
    ("compare-light", "/compare", "light", 1440, 1540),
    ("campaigns-light", "/campaigns", "light", 1440, 1800),
    ("content-light", "/content", "light", 1440, 1640),
    ("questions-light", "/questions", "light", 1440, 1500),
    ("spotlight-light", "/spotlight", "light", 1440, 1640),
    ("weekly-light", "/weekly", "light", 1440, 1620),
    ("meeting-light", "/meeting?block=changes&present=1", "light", 1440, 900),
    ("trust-light", "/trust", "light", 1440, 1400),
    ("deals-light", "/deals", "light", 1440, 1560),
    ("explore-light", "/explore", "light", 1440, 1400),
    ("sources-light", "/sources", "light", 1440, 1200),
    ("health-light", "/health", "light", 1440, 1800),
    ("glossary-light", "/glossary", "light", 1440, 1200),
    ("overview-phone", "/", "light", 390, 1700),
)


def photograph(page: Any, name: str, folder: Path, highest: int) -> Path:
    """One page at its width, cut at its height."""
    from PIL import Image

    settle(page)
    height = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": min(height + 8, highest)})
    page.wait_for_timeout(1_500)
    target = folder / f"{name}.png"
    page.screenshot(path=target)
    Image.open(target).convert("RGB").save(target, optimize=True)
    return target


@contextmanager
def app_and_browser() -> Iterator[tuple[str, Any]]:
    """The app over a fresh build of the sample, and a browser to look at it: its address, and the browser."""
    from playwright.sync_api import sync_playwright

    browser_path = os.environ.get("CLOSED_LOOP_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as build, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        environment = {**os.environ, "CLOSED_LOOP_DB": build}
        subprocess.run(
            [sys.executable, "-m", "attribution", "build", "--db", build], cwd=REPOSITORY, check=True, capture_output=True
        )
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true"]
        server = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait(f"http://localhost:{port}/_stcore/health")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
                yield f"http://localhost:{port}", browser
                browser.close()
        finally:
            server.terminate()
            server.wait(timeout=20)


def main(folder: Path) -> None:
    """Take every picture of SHOTS."""
    with app_and_browser() as (address, browser):
        for name, path, scheme, width, highest in SHOTS:
            page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
            page.goto(f"{address}{path}")
            written = photograph(page, name, folder, highest)
            print(f"{written.name}: {written.stat().st_size // 1000} kB", flush=True)
            page.context.close()


def _wait(address: str) -> None:
    for _ in range(150):
        try:
            with urllib.request.urlopen(address, timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The app did not start.")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
