"""The app under load, over the sample. Usage: app_load.py [pages] [sessions] [swap] [paint] (all four where none is named)

pages     the seconds of a rerun of each page after another choice in the filter bar, one session
sessions  twenty sessions with three seconds between clicks, then without a pause
swap      builds put versions into service while ten sessions click: no error, and one version per page
paint     the first paint of each page in a warm browser (needs Playwright and Chromium)
"""

from __future__ import annotations

import asyncio
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from measure import REPOSITORY, print_table, run
from sessions import Session, server

PAGES = ("overview", "campaigns", "attribution", "deals", "explore", "health")
CHOICES = 40


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies, in milliseconds."""
    ordered = sorted(values)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def cpu_seconds(process: int) -> float:
    """CPU seconds of a process so far (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


async def pages(host: str, process: int) -> None:
    """Time choices on each page."""
    rows = []
    session = await Session.open(host, seed=1)
    for page in (name for name in PAGES if name in session.pages):
        first = await session.go(page)
        for _ in range(3):
            await session.choose()
        before, times, again = cpu_seconds(process), [], []
        for _ in range(CHOICES):
            times.append(await session.choose())
        used = (cpu_seconds(process) - before) / CHOICES
        for _ in range(CHOICES):
            again.append(await session.run())
        rows.append(
            [page, 1000 * first, 1000 * statistics.median(times), percentile(times, 0.95), 1000 * used, 1000 * statistics.median(again),
             session.bytes // 1024]
        )  # fmt: skip
        if session.wrong:
            raise AssertionError(session.wrong)
    await session.close()
    head = ["page", "first visit ms", "after a choice, median ms", "p95 ms", "CPU ms", "same choice again, median ms", "sent KB"]
    print_table(head, rows)


async def clicking(host: str, seed: int, until: float, pause: float, times: list[float]) -> None:
    """One visitor: changes the filters, every fifth time the page."""
    session = await Session.open(host, seed)
    chance = random.Random(seed)
    await asyncio.sleep(chance.random() * pause)
    while time.perf_counter() < until:
        if chance.random() < 0.2:
            times.append(await session.go(chance.choice([page for page in PAGES if page in session.pages])))
        else:
            times.append(await session.choose())
        if session.wrong:
            raise AssertionError(session.wrong)
        if pause:
            await asyncio.sleep(pause)
    await session.close()


async def sessions(host: str, process: int) -> None:
    """Twenty visitors, thinking and not."""
    rows = []
    for pause, seconds in ((3.0, 45.0), (0.0, 20.0)):
        times: list[float] = []
        start, before = time.perf_counter(), cpu_seconds(process)
        await asyncio.gather(*(clicking(host, seed, start + seconds, pause, times) for seed in range(20)))
        took, used = time.perf_counter() - start, cpu_seconds(process) - before
        rows.append(
            [f"{pause:.0f} s", len(times), len(times) / took, 1000 * statistics.median(times), percentile(times, 0.95), 1000 * used / len(times)]
        )  # fmt: skip
    print_table(["20 sessions, pause", "reruns", "reruns a second", "median ms", "p95 ms", "server CPU ms a rerun"], rows)


async def swap(host: str, database: Path, folders: list[Path]) -> None:
    """Builds of two sets of data take turns while ten visitors click; each page's figures must be those of the version it names."""
    shown: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
    versions: Counter[str] = Counter()
    stop = asyncio.Event()

    async def visitor(seed: int) -> None:
        session = await Session.open(host, seed)
        chance = random.Random(seed)
        while not stop.is_set():
            page = "overview" if chance.random() < 0.4 else chance.choice([name for name in PAGES if name in session.pages])
            await session.go(page)
            model = chance.choice(session.boxes["model"][1][:3])
            await session.choose("model", model)
            if session.wrong or not session.version:
                raise AssertionError(session.wrong or f"{page}: no version in the footer")
            versions[session.version] += 1
            if (
                page == "overview"
            ):  # its figures follow from the bar alone; what other pages compare with depends on earlier clicks
                shown[page, model, session.version].add(session.figures)
        await session.close()

    async def builder() -> int:
        for turn in range(4):
            command = [sys.executable, "-m", "attribution", "build", "--data", folders[turn % 2], "--db", database]
            building = await asyncio.create_subprocess_exec(
                *map(str, command), cwd=REPOSITORY, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
            )
            if await building.wait():
                raise AssertionError("a build failed")
            await asyncio.sleep(3)
        stop.set()
        return 4

    *_, builds = await asyncio.gather(*(visitor(seed) for seed in range(10)), builder())
    mixed = {key: values for key, values in shown.items() if len(values) > 1}
    if mixed:
        raise AssertionError(f"one version, one page, several figures: {list(mixed.items())[:2]}")
    different = {next(iter(values)) for key, values in shown.items() if key[0] == "overview"}
    kept = len(list(database.glob("data-*.duckdb")))
    print_table(
        ["builds", "versions seen", "pages drawn", "pages with mixed versions", "different overviews", "files kept"],
        [[builds, len(versions), sum(versions.values()), len(mixed), len(different), kept]],
    )


def paint(host: str) -> None:
    """Milliseconds until a page shows its answer, in a browser that has the app's files already."""
    from playwright.sync_api import sync_playwright

    browsers = ("chromium", "chromium-browser", "google-chrome")
    executable = next((found for name in browsers if (found := shutil.which(name))), None)
    drawn = """() => { const app = document.querySelector('[data-testid=stApp]');
        return app && app.getAttribute('data-test-script-state') === 'notRunning' && document.querySelector('h1')
            && !document.querySelector('[data-testid=stSkeleton]')
            && [...document.querySelectorAll('[data-testid=stPlotlyChart]')].every(chart => chart.querySelector('.main-svg')) }"""
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        for name in PAGES:
            heading, whole = [], []
            for attempt in range(6):
                start = time.perf_counter()
                page.goto(f"http://{host}/{'' if name == 'overview' else name}", wait_until="commit")
                page.wait_for_selector("h1", timeout=30_000)
                seen = time.perf_counter() - start
                page.wait_for_function(drawn, timeout=30_000, polling="raf")
                if attempt:
                    heading.append(seen)
                    whole.append(time.perf_counter() - start)
            rows.append([name, 1000 * statistics.median(heading), 1000 * statistics.median(whole), 1000 * max(whole)])
        browser.close()
    print_table(["page", "title, median ms", "whole page, median ms", "slowest of 5, ms"], rows)


def twice_the_money(folder: Path) -> Path:
    """A copy of the sample in which every deal is worth twice as much: its figures tell the versions apart."""
    import pandas as pd

    shutil.copytree(REPOSITORY / "sample_data", folder)
    deals = pd.read_csv(folder / "deals.csv", dtype=str, keep_default_na=False)
    is_number = deals["amount"].str.fullmatch(r"-?\d+([.]\d+)?")
    deals.loc[is_number, "amount"] = [f"{2 * float(amount):.2f}" for amount in deals.loc[is_number, "amount"]]
    deals.to_csv(folder / "deals.csv", index=False)
    (folder / "finance_totals.csv").unlink(missing_ok=True)
    return folder


def main(parts: list[str]) -> None:
    """Build the sample, serve it, and run the parts."""
    with tempfile.TemporaryDirectory(prefix="closed-loop-benchmark-") as temporary:
        database = Path(temporary) / "build"
        run("build", "--data", REPOSITORY / "sample_data", "--db", database)
        with server(database) as (host, process):
            asyncio.run(warm(host))
            if "pages" in parts:
                asyncio.run(pages(host, process))
            if "sessions" in parts:
                asyncio.run(sessions(host, process))
            if "paint" in parts:
                paint(host)
            if "swap" in parts:
                asyncio.run(swap(host, database, [twice_the_money(Path(temporary) / "twice"), REPOSITORY / "sample_data"]))


async def warm(host: str) -> None:
    """Every page once."""
    session = await Session.open(host)
    for page in (name for name in PAGES if name in session.pages):
        await session.go(page)
    await session.close()


if __name__ == "__main__":
    main(sys.argv[1:] or ["pages", "sessions", "swap", "paint"])
