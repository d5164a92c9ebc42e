"""Accessibility: axe-core over every page of the menu, light and dark, without serious or critical findings of ours.

axe-core 4.14.1 lies in tests/vendor/axe-core as published in the npm registry (Mozilla Public License 2.0), so that the tests need neither
npm nor the internet. A newer one: ``npm pack axe-core``, then its axe.min.js and both licences.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests import menu
from tests.browser import eventually, settle

pytestmark = pytest.mark.browser

BACKGROUND = "() => getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
ABOUT_COLOURS = ("color-contrast", "link-in-text-block")
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(16, 18, 23)"
AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"


class Excuse(NamedTuple):
    """A finding inside one of Streamlit's own widgets, which no page and no theme can mend."""

    rule: str
    inside: str
    scheme: str
    why: str


EXCUSES = (
    Excuse(
        "list", "[data-testid=stSidebarNavItems]", "", "Streamlit puts a div per section between the menu's list and its items"
    ),
    Excuse("listitem", "[data-testid=stSidebarNavItems]", "", "the other side of the same"),
    Excuse(
        "svg-img-alt", "[data-testid=stMetric]", "", "the sparkline's empty layer for the point under the pointer, made by Vega"
    ),
    Excuse(
        "color-contrast",
        "button[data-selected=true]",
        "dark",
        "Streamlit writes the chosen segment in the theme's primary colour, and white words on buttons of that same colour: in dark no"
        " colour gives both 4.5:1. Buttons have it; the segment has 3.7:1, and its frame tells which is chosen",
    ),
)

# ``about``: which rules; none: all of them.
FINDINGS = """async ([excuses, about]) => {
    const runOnly = about.length ? {runOnly: about} : {};
    const {violations} = await axe.run(document, {resultTypes: ['violations'], ...runOnly});
    const found = [], used = [];
    for (const {id, impact, help, nodes} of violations) {
        if (impact !== 'serious' && impact !== 'critical') continue;
        for (const node of nodes) {
            const element = document.querySelector(node.target.at(-1));
            const excuse = excuses.findIndex(([rule, inside]) => rule === id && element && element.closest(inside));
            if (excuse >= 0) used.push(excuse);
            else found.push(`${impact} ${id}: ${help}\\n    ${node.html.slice(0, 300)}\\n    ${node.failureSummary}`);
        }
    }
    return {found, used, tested: document.querySelectorAll('[data-testid=stMain] *').length};
}"""


def findings(page: Any, scheme: str = "", about: tuple[str, ...] = ()) -> dict[str, Any]:
    """What axe finds on a page that has it: ``found`` in words, ``used`` (the excuses it took), ``tested`` (how many elements)."""
    excuses = [[excuse.rule if excuse.scheme in ("", scheme) else "", excuse.inside] for excuse in EXCUSES]
    return dict(page.evaluate(FINDINGS, [excuses, about]))


def test_every_page_of_the_menu_is_free_of_serious_findings(served: str, visit: Callable[..., Any]) -> None:
    """One browser page walks the menu; all findings are reported together, and an excuse that nothing needs is one too many.

    In dark a page is the same but for its colours, so that only the rules about them are tried again.
    """
    page = visit(served, width=1440)
    found: list[str] = []
    needed: set[int] = set()
    for number, entry in enumerate(menu.pages()):
        if number:
            page.emulate_media(color_scheme="light")
            page.goto(served + entry.address)
            settle(page)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        for scheme, about, background in (("light", (), LIGHT), ("dark", ABOUT_COLOURS, DARK)):
            page.emulate_media(color_scheme=scheme)
            eventually(lambda background=background: page.evaluate(BACKGROUND) == background)
            settle(page)
            said = findings(page, scheme, about)
            assert said["tested"] > 50, f"{entry.address} has hardly anything on it"
            found += [f"{entry.address} {scheme}: {finding}" for finding in said["found"]]
            needed |= set(said["used"])
    assert not found, "\n\n".join(found)
    assert needed == set(range(len(EXCUSES))), f"no longer needed: {[EXCUSES[n] for n in set(range(len(EXCUSES))) - needed]}"


# What opens over a page: the button, and what stands there then.
DIALOG, POPOVER = "[role=dialog]", "[data-testid=stPopoverBody]"
OPENED = (
    (".st-key-explain_months", DIALOG), (".st-key-table_months", DIALOG), (".st-key-find", DIALOG),
    (".st-key-more_filters", POPOVER), (".st-key-copy_link", POPOVER), (".st-key-mine_chooser", POPOVER),
    (".st-key-tools [data-testid=stPopover]", POPOVER),
)  # fmt: skip


def test_what_opens_over_a_page_is_free_of_serious_findings(served: str, visit: Callable[..., Any]) -> None:
    """The dialogs of a card, the search, and the popovers of the frame, each opened once."""
    page = visit(served, width=1440)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = []
    for button, opened in OPENED:
        page.locator(f"{button} button").first.click()
        page.locator(opened).first.wait_for()
        page.mouse.move(1, 899)  # what a button says under the pointer fades in and out: pale for a moment
        page.locator("[data-testid=stTooltipContent]").first.wait_for(state="detached")
        settle(page)
        found += [f"{button}: {finding}" for finding in findings(page)["found"]]
        page.keyboard.press("Escape")
        page.locator(opened).first.wait_for(state="detached")
    assert not found, "\n\n".join(found)


def test_axe_finds_what_is_wrong(served: str, visit: Callable[..., Any]) -> None:
    """The check is awake: a picture without words and pale words, put on a page of ours, are both found."""
    page = visit(served + "/glossary")
    page.evaluate(
        """() => document.querySelector('[data-testid=stMain] h1').insertAdjacentHTML('afterend',
            '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><p style="color:#bbb;background:#fff">pale words</p>')"""
    )
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = findings(page)["found"]
    assert {finding.split(":")[0] for finding in found} == {"critical image-alt", "serious color-contrast"}
