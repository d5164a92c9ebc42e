"""A file inside a page, exactly as it goes out: in a frame of its own that runs no script and reaches nothing.

``st.iframe`` would let a file run scripts beside the app, so the file stands in a second frame with an empty sandbox. A file is laid out
for a desk's width and made smaller as a whole, so that a narrow column shows the desk's layout and not the phone's.
"""

from __future__ import annotations

from html import escape

import streamlit as st

DESK = 1080  # px: the width of the files' sheet and its margins

# The ratio of two lengths as a number, without script: tan(atan2(a, b)). Below a phone's width a file is laid out for phones anyway.
_FRAME = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --part: min(1, tan(atan2(100vw, {width}px))); }}
html, body {{ margin: 0; height: 100%; overflow: hidden; }}
iframe {{ border: 0; width: max(100vw, {width}px); height: calc(100vh / var(--part)); transform: scale(var(--part)); transform-origin: 0 0; }}
@media (max-width: 520px) {{ iframe {{ width: 100vw; height: 100vh; transform: none; }} }}
</style></head>
<body><iframe sandbox title="{title}" srcdoc="{inside}"></iframe></body></html>"""


def framed(html: str, title: str, width: int = DESK) -> str:
    """The page around a file: nothing of the file can leave its frame."""
    return _FRAME.format(title=escape(title, quote=True), inside=escape(html, quote=True), width=width)


def show(html: str, title: str, height: int, width: int = DESK) -> None:
    """A file in a frame of a height, with a name for who cannot see it."""
    st.iframe(framed(html, title, width), height=height, alt=title)
