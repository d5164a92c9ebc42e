"""Make the README's tour from the real app over the sample: ``python docs/screenshots/tour.py [FILE]``, about 30 seconds as a moving WebP.

A pointer is drawn into the page and moved to what is really clicked; each picture stands as long as it needs to be read.
Needs what ``take.py`` needs.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

from take import app_and_browser

from tests.browser import settle

WIDTH, HEIGHT = 1440, 900  # of the window
SHOWN = (1120, 700)  # of the film
READ, GLANCE, STEP = 1_800, 800, 70  # ms
POINTER = """() => {
    const stage = document.createElement('div');
    stage.style.cssText = 'position:fixed;inset:0;pointer-events:none;z-index:2147483647;font:600 22px "Inter Tabular",sans-serif';
    stage.innerHTML = `<div id="tour-words" style="position:absolute;left:50%;bottom:22px;transform:translateX(-50%);padding:14px 26px;
        border-radius:10px;background:#12151C;color:#fff;white-space:nowrap"></div>
      <svg id="tour-pointer" width="32" height="32" viewBox="0 0 24 24" style="position:absolute">
        <path d="M4 2l6 18 2.6-7.4L20 10z" fill="#12151C" stroke="#fff" stroke-width="1.6" stroke-linejoin="round"/></svg>`;
    document.body.append(stage);
}"""
PLACE = """([x, y, words]) => {
    document.getElementById('tour-words').textContent = words;
    const pointer = document.getElementById('tour-pointer');
    pointer.style.left = `${x - 4}px`; pointer.style.top = `${y - 2}px`;
}"""
SCROLL = "distance => document.querySelector('[data-testid=stMain]').scrollBy(0, distance)"


class Film:
    """The pictures taken so far, the pointer's place and the words under them."""

    def __init__(self, page: Any) -> None:
        self.page, self.words, self.at = page, "", (WIDTH * 0.6, HEIGHT * 0.55)
        self.pictures: list[Any] = []
        self.durations: list[int] = []
        page.evaluate(POINTER)

    def show(self, duration: int) -> None:
        """One picture of what stands there now."""
        from PIL import Image

        self.page.evaluate(PLACE, [*self.at, self.words])
        picture = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB").resize(SHOWN, Image.Resampling.LANCZOS)
        if self.pictures and picture.tobytes() == self.pictures[-1].tobytes():
            self.durations[-1] += duration
            return
        self.pictures.append(picture)
        self.durations.append(duration)

    def click(self, target: Any, then: int = READ, at: tuple[float, float] | None = None) -> None:
        """Move the pointer to something, click it, and show what came of it. ``at``: where in it, else its middle."""
        target.wait_for(state="visible")
        box = target.bounding_box()
        inside = at or (box["width"] / 2, box["height"] / 2)
        goal = (box["x"] + inside[0], box["y"] + inside[1])
        start = self.at
        for part in (0.35, 0.75, 1.0):
            self.at = (start[0] + part * (goal[0] - start[0]), start[1] + part * (goal[1] - start[1]))
            self.show(STEP)
        self.show(GLANCE // 2)
        self.page.mouse.click(*goal)
        self.page.mouse.move(WIDTH - 3, HEIGHT - 3)
        self.page.wait_for_timeout(700)
        settle(self.page)
        if then:
            self.show(then)

    def scroll_to(self, card: str, top: float = 70) -> None:
        """Bring a card under the top of the window, in steps that the eye can follow."""
        box = self.page.locator(f".st-key-card_{card}").bounding_box()
        for part in (0.4, 0.4, 0.2):
            self.page.evaluate(SCROLL, (box["y"] - top) * part)
            self.page.wait_for_timeout(150)
            self.show(STEP)

    def save(self, target: Path) -> None:
        """Write the film; what stands still costs next to nothing."""
        first, *rest = self.pictures
        first.save(
            target, save_all=True, append_images=rest, duration=self.durations, loop=0, quality=82, method=4, minimize_size=True
        )


def tour(page: Any) -> Film:
    """The way through the app: from the question to a touch, then the other pages."""
    film = Film(page)
    link = page.locator("[data-testid=stSidebarNavLink]")
    film.words = "How is revenue doing, and what earned it?"
    film.show(READ)
    film.words = "Every filter is kept in the address"
    film.click(page.get_by_role("combobox", name="Period").first, GLANCE)
    film.click(page.get_by_role("option", name="Last quarter", exact=True), READ)
    film.words = "Click a month …"
    film.scroll_to("months", 40)
    film.click(page.locator(".st-key-card_months [data-testid=stPlotlyChart] g.trace.bars g.point path").first, 0, (8, 8))
    page.get_by_text("Deals behind").first.wait_for()
    settle(page)
    film.words = "… and see its deals, the largest with its whole journey"
    film.show(READ)
    film.scroll_to("journey")
    film.words = "Each touch, down to what every rule gives it and its source row"
    film.click(page.locator(".st-key-card_journey [data-testid=stPlotlyChart] .scatterlayer .points path").last, GLANCE)
    film.scroll_to("earned")
    film.show(READ)
    for name, card, words in (
        ("Campaigns", "brought", "What each campaign brought, beside what it cost"),
        ("Spotlight", "", "Wins with the content behind them, as a file for everybody"),
        ("Meeting", "", "One screen for sixty minutes: are we on plan, what changed, who does what"),
        ("Explore", "explore_heat", "Any figures by any dimensions"),
        ("Data health", "coverage", "And whether the numbers can be trusted"),
    ):
        film.words = words
        film.click(link.filter(has_text=name), GLANCE)
        if card:
            film.scroll_to(card, 330)
        film.show(READ)
    return film


def main(target: Path) -> None:
    """Film the tour and write it."""
    with app_and_browser() as (address, browser):
        page = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light").new_page()
        for path in (
            "/campaigns",
            "/spotlight",
            "/meeting",
            "/explore",
            "/health",
            "/",
        ):  # once before, so that nothing is drawn for the first time
            page.goto(f"{address}{path}")
            settle(page)
        film = tour(page)
        film.save(target)
    seconds = sum(film.durations) / 1000
    print(f"{target.name}: {len(film.pictures)} pictures, {seconds:.0f} s, {target.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "tour.webp")
