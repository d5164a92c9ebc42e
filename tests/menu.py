"""The pages of the app's own menu, for tests that visit every page: a page that joins the menu joins them."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, NamedTuple
from unittest.mock import patch

import streamlit as st


class MenuPage(NamedTuple):
    """A page's file, relative to the repository, and its address on the server."""

    file: str
    address: str


def pages() -> list[MenuPage]:
    """What ``app.menu()`` lists. Streamlit's own page objects know nothing outside of a running app, so plain ones stand in."""
    with patch("gc.freeze"):  # which is for servers; here it would keep the modules from being cleared at the end
        import app

    def plain(file: str, default: bool = False, **_words: Any) -> MenuPage:
        return MenuPage(file, "/" if default else f"/{PurePosixPath(file).stem}")

    with patch.object(st, "Page", plain):
        return [page for section in app.menu().values() for page in section]
