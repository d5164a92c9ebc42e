"""The spotlight's file in a browser: axe-core in light and dark, nothing fetched, nothing wider than a phone, the phone's own drawing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from attribution.reports import spotlight as files
from attribution.spotlight.issue import spotlight

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
FINDINGS = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
    .flatMap(({id, impact, nodes}) => nodes.map(node => `${impact} ${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`))"""


@pytest.fixture(scope="module")
def address(sample: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sample's spotlight as a file."""
    path = tmp_path_factory.mktemp("spotlight") / "spotlight.html"
    path.write_text(files.html(spotlight(sample, "2026-10")), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (1200, "dark"), (390, "light")])
def test_the_file_in_a_browser(chromium: Any, address: str, width: int, scheme: str) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    assert asked == [address], "the file fetches nothing"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("svg.tall").first.is_visible() == (width == 390)
    assert page.locator("svg.wide").first.is_visible() == (width != 390)
    page.add_script_tag(path=str(AXE))
    assert page.evaluate(FINDINGS) == []
    context.close()
