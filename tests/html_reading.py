"""HTML and PDF files as a reader has them: their tags in order, and their words on one line."""

from __future__ import annotations

import io
from html.parser import HTMLParser

import pytest


class Tags(HTMLParser):
    """The tags of a file, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def named(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


def plain(text: str) -> str:
    """Text with ordinary spaces on one line, so that a name is found however it is laid out."""
    return " ".join(text.split())


def pdf_text(content: bytes) -> str:
    """The words of a PDF."""
    pypdf = pytest.importorskip("pypdf")
    return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
