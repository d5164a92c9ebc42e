"""Figures on their way to the browser."""

from __future__ import annotations

from typing import Any

from plotly.basedatatypes import BaseFigure


class Drawn(BaseFigure):
    """A figure that is sent as the charts made it. Taking it apart to check every property costs ten times more than sending; tests do that."""

    def __init__(self, figure: dict[str, Any]) -> None:
        """``figure``: data and layout, as ``attribution.charts`` makes them."""
        self._figure = figure

    def to_dict(self) -> dict[str, Any]:
        """Data and layout."""
        return self._figure

    @property
    def height(self) -> int | None:
        """The height its maker gave it, in pixels."""
        height: int | None = self._figure["layout"].get("height")
        return height
