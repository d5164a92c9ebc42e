"""Boxes of a page whose choice is in the address."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from attribution.charts import formats
from pages.components import notices


def _heed_address(word: str, label: str, options: Mapping[str, str], default: str) -> None:
    """Take the choice of the address, as its words or as its code; what is unknown becomes the default, with a notice."""
    asked = st.query_params.get(word)
    if word not in st.session_state and asked and asked not in options.values():
        if asked in options:
            st.query_params[word] = options[asked]  # the address holds the words on the screen
        else:
            notices.link_notices(
                [f"The link asks for {label.lower()} “{formats.short(asked, 60)}”, which is not known; the default is shown."]
            )
        st.session_state[word] = asked if asked in options else default


def box(word: str, label: str, options: Mapping[str, str], default: str, width: int) -> str:
    """A box whose choice is in the address."""
    _heed_address(word, label, options, default)
    return str(
        st.selectbox(
            label, list(options), index=list(options).index(default), format_func=lambda code: options.get(code, str(code)), key=word,
            bind="query-params", width=width, label_visibility="collapsed", persist_state="session",
        )
    )  # fmt: skip


def segments(word: str, label: str, options: Mapping[str, str], default: str) -> str:
    """Buttons side by side, one of them down, whose choice is in the address."""
    _heed_address(word, label, options, default)
    return str(
        st.segmented_control(
            label, list(options), default=default, format_func=lambda code: options.get(code, str(code)), key=word, required=True,
            bind="query-params", label_visibility="collapsed", persist_state="session", wrap=True,
        )
    )  # fmt: skip
