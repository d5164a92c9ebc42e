"""The buttons that save a file: HTML, PDF, the mail and the text for a chat."""

from __future__ import annotations

import streamlit as st

from attribution.charts import formats


def files(name: str, html: str, mail: str, text: str) -> None:
    """Four buttons. Where no PDF can be made here, its button says what to install. ``name``: of the files, without their endings."""
    from attribution.reports import pdf

    missing = pdf.is_available()
    with st.container(horizontal=True, gap="small", width="content", key=f"files_{name}"):
        _button(
            "HTML", name, html.encode(), f"{name}.html", "text/html", "One file that opens anywhere, also on a phone and on paper"
        )
        st.download_button(
            "PDF", data=lambda: pdf.from_html(html), file_name=f"{name}.pdf", mime="application/pdf", icon=":material/picture_as_pdf:", type="tertiary",
            on_click="ignore", key=f"{name}_pdf", disabled=bool(missing), help=missing or "The same file on paper, made in a few seconds",
        )  # fmt: skip
        _button(
            "Mail",
            name,
            mail.encode(),
            f"{name}-mail.html",
            "text/html",
            "A short version that mail programs show whole; attach the file",
        )
        _button("Chat", name, text.encode(), f"{name}.txt", "text/plain", "Plain text for a chat")
    if missing:
        st.markdown(f":gray[:small[{formats.plain(missing)}]]")


def _button(label: str, name: str, content: bytes, file_name: str, mime: str, help_: str) -> None:
    st.download_button(
        label, data=content, file_name=file_name, mime=mime, icon=":material/download:", type="tertiary", on_click="ignore", key=f"{name}_{label.lower()}",
        help=help_,
    )  # fmt: skip
