"""The boxes of the explore page: what is asked, and how it is drawn. All of it is in the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from attribution.answers import explore as answers
from attribution.charts import formats
from attribution.views import explore as explore_view
from attribution.views import explore_ways as ways
from attribution.views.explore import Explore
from attribution.views.explore_ways import PRESETS, Question, Way

METRICS = ways.metric_labels()
TOPS = {str(count): f"Top {count}" for count in explore_view.TOPS}
MOST_FIGURES = 6
FIRST = Question()  # what a box holds where the address does not say it


@dataclass
class Boxes:
    """The boxes over one dataset, and what they could not understand of the address."""

    ds: Any
    notices: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def told(self) -> list[str]:
        """One notice at most."""
        if self.unknown:
            said = f"The link asks for “{formats.short(self.unknown[0], 60)}”, which is not known here; the default is shown."
            return [" ".join([said, *self.notices])]
        return [" ".join(self.notices)] if self.notices else []

    def asked(self) -> Question:
        """The boxes that make the question."""
        given = asked_options(self.ds)
        dimensions, across = given["down"], given["across"]
        if not any(word in st.session_state for word in given) and not any(
            value in (*known, *known.values()) for word, known in given.items() for value in st.query_params.get_all(word)
        ):
            for word, known in given.items():
                self._codes(word, known)
                st.query_params.pop(word, None)
            start = ways.start(self.ds)
            st.session_state.update(show=list(start.metrics), down=start.rows, across=start.columns)
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="presets"):
            st.markdown(":gray[:small[Start from]]", width="content")
            for name, preset in PRESETS:
                st.button(name, key=f"preset_{name}", on_click=use, args=(preset,), type="tertiary")
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="question"):
            st.markdown(":gray[:small[Show]]", width="content")
            self._remember("show", METRICS, list(FIRST.metrics), several=True)
            figures = st.multiselect(
                "Figures", list(METRICS), default=list(FIRST.metrics), format_func=lambda name: METRICS.get(name, str(name)),
                key="show", bind="query-params", width=420,
                label_visibility="collapsed", placeholder="Choose figures", max_selections=MOST_FIGURES, persist_state="session",
            )  # fmt: skip
            st.markdown(":gray[:small[by]]", width="content")
            rows = self._box("down", "Rows", dimensions, FIRST.rows, 160)
            st.markdown(":gray[:small[and]]", width="content")
            columns = self._box("across", "Columns", across, FIRST.columns, 160)
        if columns == rows:
            self.notices.append(f"It can be cut by {answers.inner(dimensions[rows])} once only, so the second one is left out.")
            columns = ""
        return Question(tuple(figures) or FIRST.metrics, rows, columns)

    def looked(self, question: Question, answer: Callable[[Question], Explore]) -> Question:
        """How it is drawn, ordered and cut; the order can be that of a column, which is known once the columns are."""
        if not answer(question).rows:
            return question
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="look_bar"):
            known = {look: explore_view.LOOKS[look] for look in explore_view.LOOKS if look in explore_view.looks(question)}
            preferred = explore_view.looks(question)[0]
            self._remember("look", known, preferred)
            if "look" in st.session_state:
                st.session_state["look"] = st.session_state["look"]  # its default follows the question: say which holds
            look = st.segmented_control(
                "Look", list(known), default=preferred, format_func=lambda code: known.get(code, str(code)), key="look",
                bind="query-params", label_visibility="collapsed",
                required=True, persist_state="session",
            )  # fmt: skip
            top = explore_view.TOPS[1]
            if question.rows not in explore_view.TIMES:
                top = int(self._box("top", "Rows shown", TOPS, str(top), 100))
            question = replace(question, look=str(look), top=top)
            first = answer(question)
            columns = {f"@{mark.key}": f"{mark.label}, largest first" for mark in first.columns if mark.kind == "value"}
            orders = explore_view.orders(first.question) | columns
            sort = self._box("sort", "Order", orders, next(iter(orders)), 260)
        return replace(question, sort="" if sort == next(iter(orders)) else sort)

    def _box(self, word: str, label: str, known: dict[str, str], default: str, width: int) -> str:
        self._remember(word, known, default)
        return str(
            st.selectbox(
                label, list(known), index=list(known).index(default), format_func=lambda code: known.get(code, str(code)), key=word,
                bind="query-params", width=width, label_visibility="collapsed", persist_state="session",
            )
        )  # fmt: skip

    def _remember(self, word: str, known: dict[str, str], default: Any, several: bool = False) -> None:
        """Before a box is drawn: codes of the address become its words, and what its options lack becomes the default."""
        held = st.session_state.get(word)
        if word not in st.session_state:
            given = st.query_params.get_all(word)
            if all(value in known.values() for value in given):
                return  # words on the screen: the box reads them itself
            codes = self._codes(word, known)
            chosen = (codes[:MOST_FIGURES] or default) if several else (codes[0] if codes else default)
            st.query_params[word] = [known[code] for code in chosen] if several else known[chosen]
            st.session_state[word] = chosen
        elif several:
            st.session_state[word] = [code for code in held or [] if code in known] or default
        elif held not in known:
            st.session_state[word] = default

    def _codes(self, word: str, known: dict[str, str]) -> list[str]:
        """What the address asks for, as codes: it may hold the words on the screen or codes; what is unknown is told and left out."""
        given = st.query_params.get_all(word)
        by_words = {label: code for code, label in known.items()}
        found = [value if value in known else by_words[value] for value in given if value in known or value in by_words]
        if len(found) < len(given):
            self.unknown.append(next(value for value in given if value not in known and value not in by_words))
        return list(dict.fromkeys(found))


def asked_options(ds: Any) -> dict[str, dict[str, str]]:
    """What the boxes that make the question can hold: word of the address → code → words."""
    dimensions = ways.dimension_labels(ds)
    return {"show": METRICS, "down": dimensions, "across": {"": "nothing else"} | dimensions}


def use(question: Question) -> None:
    """Ask another question: the boxes follow."""
    st.session_state.update(
        show=list(question.metrics), down=question.rows, across=question.columns,
        look=question.look or explore_view.looks(question)[0], sort=question.sort, top=str(question.top),
    )  # fmt: skip


def take(way: Way) -> None:
    """Go one of the ways on."""
    if way.question:
        use(way.question)
    if way.date_basis:
        st.session_state["date_basis"] = way.date_basis
    if way.clear:
        st.session_state[way.clear] = []
