"""Run the README's first command on a free port until the app answers and has drawn its first page; then stop it.

Usage: first_page.py COMMAND. Exits 1 with the server's output where the page does not appear in time.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

SECONDS = 600
TITLE = "How is revenue doing, and what earned it?"


def main(command: str) -> int:
    """Start the command, wait for the page, stop the command's whole process group."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    build = tempfile.mkdtemp(prefix="closed-loop-first-page-")
    environment = {**os.environ, "STREAMLIT_SERVER_PORT": str(port), "STREAMLIT_SERVER_HEADLESS": "true", "CLOSED_LOOP_DB": build}
    log = Path(build) / "server.log"
    with log.open("w", encoding="utf-8") as output:
        server = subprocess.Popen(["bash", "-c", command], env=environment, stdout=output, stderr=output, start_new_session=True)
    try:
        _wait_for_server(port, server)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
            )
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{port}/")
            page.get_by_role("heading", name=TITLE).wait_for(timeout=180_000)
            page.locator(".js-plotly-plot").first.wait_for(timeout=60_000)
            browser.close()
    except Exception as error:
        print(f"The first page did not appear: {error}\n{log.read_text(encoding='utf-8')[-4000:]}", file=sys.stderr)
        return 1
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)
        shutil.rmtree(build, ignore_errors=True)
    print(f"The first page was drawn: “{TITLE}”")
    return 0


def _wait_for_server(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the command ended with exit code {server.returncode}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError(f"no answer within {SECONDS} seconds")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
