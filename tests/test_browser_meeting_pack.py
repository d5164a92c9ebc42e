"""The meeting's file in a browser: nothing is fetched, nothing runs, nothing sticks out at any width, and axe has no serious finding, light and dark."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from attribution.reports import meeting as files
from tests import meeting_blocks
from tests.test_browser_axe import AXE, FINDINGS

pytestmark = pytest.mark.browser


def test_the_file_holds_at_every_width_and_in_the_dark(chromium: Any, tmp_path: Path) -> None:
    made = meeting_blocks.pack()
    out = tmp_path / "meeting.html"
    out.write_text(files.html(replace(made, parts=(*made.parts, *meeting_blocks.hostile_pack(20).parts))), encoding="utf-8")
    for width, scheme in ((1440, "light"), (390, "light"), (1440, "dark")):
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(f"file://{out}")
        assert asked == [f"file://{out}"], "nothing is fetched"
        assert page.title() == "Revenue meeting of 19 Nov 2026"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing sticks out"
        page.evaluate(AXE.read_text(encoding="utf-8"))
        assert page.evaluate(FINDINGS, [[], []])["found"] == [], (width, scheme)
        context.close()
