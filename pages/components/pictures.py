"""The picture on a card as a file, SVG or PNG, with its title and the filters it was made under. The browser makes it: no service, no server."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.components.downloads import file_name

_ICON = (
    '<svg aria-hidden="true" viewBox="0 0 24 24"><path d="M12 16 7 11l1.4-1.45 2.6 2.6V4h2v8.15l2.6-2.6L17 11Zm-6 4'
    'q-.83 0-1.41-.59T4 18v-3h2v3h12v-3h2v3q0 .83-.59 1.41T18 20Z"/></svg>'
)
_HTML = f"""
<div id="save-picture" role="group" aria-label="Save the picture">
<button id="png" type="button" title="Save the picture as PNG: for slides and chats">{_ICON}Picture PNG</button>
<button id="svg" type="button" title="Save the picture as SVG: sharp at any size">{_ICON}Picture SVG</button>
</div>
"""
_CSS = """
#save-picture { display: flex; gap: 0.75rem; }
#save-picture[hidden] { display: none; }
button { display: inline-flex; align-items: center; gap: 0.5rem; font: inherit; font-size: 0.875rem; color: var(--st-text-color);
    background: none; border: 0; padding: 0.25rem 0; min-height: 2rem; cursor: pointer; white-space: nowrap; }
svg { width: 1.1rem; height: 1.1rem; fill: currentColor; }
button:hover { color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; border-radius: var(--st-button-radius); }
"""

_SAVE = st.components.v2.component(
    "save_picture", html=_HTML, css=_CSS, js=Path(__file__).with_name("save_picture.js").read_text(encoding="utf-8")
)


def save_picture(card: str, title: str, note: str, caption: str) -> None:
    """Two buttons that save the chart on a card; nothing where the card has none. ``caption``: filters, rule and data in words."""
    _SAVE(
        key=f"save_picture_{card}",
        data={"card": card, "title": title, "note": note, "caption": caption, "file": file_name(title)},
        width="content",
    )
