"""Take the pictures of the README from the real app over the sample: ``python docs/screenshots/take.py [FOLDER]``.

Builds the sample into a temporary folder, starts the app, photographs it with a headless Chromium, and writes PNGs.
Needs ``playwright``, ``pillow`` and a Chromium (CLOSED_LOOP_BROWSER, else the one on the path).
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
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent.parent
SHOTS = (
    ("overview-light", "/", "light", 1440),
    ("overview-dark", "/", "dark", 1440),
    ("deals-light", "/deals", "light", 1440),
    ("attribution-light", "/attribution", "light", 1440),
    ("overview-phone", "/", "light", 390),
)
HEIGHTS = {"overview-light": 2140, "overview-dark": 2140, "deals-light": 1560, "attribution-light": 1880, "overview-phone": 1700}


def photograph(page: Any, name: str, folder: Path) -> Path:
    """One page at its width, cut at its height."""
    from PIL import Image

    page.wait_for_selector("h1", timeout=60_000)
    page.wait_for_timeout(3_000)
    height = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": min(height + 8, HEIGHTS[name])})
    page.wait_for_timeout(2_000)
    target = folder / f"{name}.png"
    page.screenshot(path=target)
    Image.open(target).convert("RGB").save(target, optimize=True)
    return target


def main(folder: Path) -> None:
    """Take every picture of SHOTS."""
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
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
        server = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait(f"http://localhost:{port}/_stcore/health")
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
                for name, path, scheme, width in SHOTS:
                    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
                    page.goto(f"http://localhost:{port}{path}")
                    written = photograph(page, name, folder)
                    print(f"{written.name}: {written.stat().st_size // 1000} kB")
                    page.context.close()
        finally:
            server.terminate()
            server.wait(timeout=20)


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
