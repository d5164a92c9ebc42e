"""From a number of the paths page to exactly the deals behind it: what was clicked as text for a link, in words, and as a list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from attribution.dataset import Dataset
from attribution.filters import Filters
from attribution.paths import ways
from attribution.views.paths import DIMENSIONS, PARTS, REPEATS, Journeys, Question, journeys, label_of, shaped


def link(question: Question, **what: str | int | list[str]) -> str:
    """What was clicked, as text for a link: a way (``way``), a step (``before``, ``after``: a number for the ends of a journey), both ends
    (``first``, ``last``) or a value (``touching``)."""
    asked = {"by": question.by, "repeats": question.repeats, "part": question.part, **what}
    return json.dumps(asked, ensure_ascii=False, separators=(",", ":"))


def _read(text: str) -> tuple[Question, dict[str, Any]] | None:
    """(question, what) of a link; None where it is not understood."""
    try:
        asked = json.loads(text)
    except ValueError:
        return None
    if not isinstance(asked, dict):
        return None
    question = Question(str(asked.get("by")), str(asked.get("repeats")), str(asked.get("part")))
    if question.by not in DIMENSIONS or question.repeats not in REPEATS or question.part not in PARTS:
        return None
    return question, asked


def link_words(text: str, labels: Mapping[str, Mapping[str, str]]) -> str:
    """What was clicked, for people."""
    read = _read(text)
    if read is None:
        return "a way that is not understood"
    question, asked = read
    known = labels.get(question.by, {})

    def word(name: object) -> str:
        ends = {ways.START: "start", ways.WON: "won", ways.LOST: "lost"}
        return ends.get(name, "?") if isinstance(name, int) else label_of(str(name), known)

    if isinstance(asked.get("way"), list):
        start = {"whole": "", "first": "begins ", "last": "ends "}[question.part]
        return start + " → ".join(word(name) for name in asked["way"])
    if "before" in asked:
        return f"{word(asked['before'])} → {word(asked.get('after', ''))}"
    if "first" in asked:
        return f"from {word(asked['first'])} to {word(asked.get('last', ''))}"
    return f"with {word(asked.get('touching', ''))}"


def deals_behind(ds: Dataset, filters: Filters, text: str, known: Journeys | None = None) -> pd.DataFrame:
    """Exactly the deals behind what was clicked, won ones first, largest first; none where the link is not understood."""
    listed: pd.DataFrame = ds.deals(filters)
    read = _read(text)
    ids: tuple[str, ...] = ()
    if read is not None:
        question, asked = read
        known = known or journeys(ds, filters, question.by)
        shown = shaped(known.paths, question.repeats, question.part)
        if isinstance(asked.get("way"), list):
            places = ways.rows_on(shown, tuple(str(name) for name in asked["way"]))
        elif "before" in asked:
            before, after = (asked.get(word, "") for word in ("before", "after"))
            places = ways.rows_with_step(shown, *(given if isinstance(given, int) else str(given) for given in (before, after)))
        elif "first" in asked:
            places = ways.rows_between(known.paths, str(asked["first"]), str(asked.get("last", "")))
        else:
            places = ways.rows_touching(known.paths, str(asked.get("touching", "")))
        ids = known.ids(places)
    listed = listed[listed["deal_id"].isin(ids)].copy()
    listed["ended"] = listed["status"]
    rank = listed["status"].map({"won": 0, "lost": 1, "open": 2})
    listed = listed.assign(_rank=rank).sort_values(["_rank", "amount", "deal_id"], ascending=[True, False, True])
    return listed.drop(columns="_rank").reset_index(drop=True)
