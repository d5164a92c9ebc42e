"""What do the words mean? Every word of the pages and the files, from the registries, found by typing; a link leads to one word."""

from __future__ import annotations

import streamlit as st

from attribution.charts import formats
from attribution.views import glossary
from pages.components import data, notices, present

ds, names, choice = st.session_state["view"]
known = data.glossary_terms(ds.version, ds)
KINDS = [*glossary.KINDS, glossary.COLUMNS]

with present.tools_of_page("words"):
    asked = st.text_input(
        "Find a word", type="search", placeholder="Find a word or a part of its meaning", label_visibility="collapsed", key="word",
        bind="query-params", width=320, live="200ms",
    )  # fmt: skip
    words = asked or ""
    kind = st.segmented_control(
        "Kind of words", KINDS, default=KINDS[0], key="words_of", label_visibility="collapsed", required=True,
        disabled=bool(words.strip()), persist_state="session", wrap=True,
    )  # fmt: skip

shown = glossary.found(known, words)
st.title("What do the words mean?", anchor=False)
st.markdown(f"#### {glossary.answer(known, shown, words)}")
if not words.strip():
    with st.container(border=True, key="card_words"):
        st.markdown(glossary.table([term for term in shown if term.kind == kind]))
elif not shown:
    notices.designed_state(
        "No such word here",
        "This page holds every word of the pages, the filters, the checks and the files.",
        ["Try a shorter word, or a part of one.", "Look through the kinds above: clear the box first."],
    )
else:
    for found_kind, listed in glossary.by_kind(shown[:200]).items():
        with st.container(border=True, key=f"card_words_{KINDS.index(found_kind)}"):
            st.markdown(f"**{found_kind}** :gray[:small[{formats.counted(len(listed), 'word')}]]")
            st.markdown(glossary.table(listed))
    if len(shown) > 200:
        st.caption(f"The first 200 of {formats.count(len(shown))} words.")
