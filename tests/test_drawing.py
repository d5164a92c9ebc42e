"""What makes a rerun cheap: answers that are kept, and tables whose style is worked out once. Neither may change what is shown."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from streamlit.elements import arrow
from streamlit.elements.lib.pandas_styler_utils import marshall_styler
from streamlit.testing.v1 import AppTest

import attribution
from attribution.charts import theme
from pages.components import data, keep, styled

PAGE = "pages/revenue/overview.py"


def test_an_answer_is_made_once_and_the_oldest_goes_first() -> None:
    made: list[str] = []

    @keep.kept(2)
    def answer(of: str, _ds: object) -> list[str]:
        made.append(of)
        return [of]

    first = answer("a", object())
    assert answer("a", object()) is first
    answer("b", None)
    answer("a", None)  # now b is the oldest
    answer("c", None)
    assert answer("a", None) is first
    answer("b", None)
    assert made == ["a", "b", "c", "b"]


def test_who_asks_meanwhile_waits_and_a_failure_is_not_kept() -> None:
    entered, go, made = threading.Event(), threading.Event(), []

    @keep.kept(2)
    def answer(of: str) -> str:
        made.append(of)
        entered.set()
        assert go.wait(10)
        if len(made) == 1:
            raise ValueError
        return of

    failed: list[Exception] = []

    def ask() -> None:
        try:
            answer("a")
        except ValueError as error:
            failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    threads[0].start()
    assert entered.wait(10)
    for thread in threads[1:]:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(10)
    assert len(failed) == 1
    assert made == ["a", "a"]


def test_a_dataset_remembers_small_answers_where_it_is_told_to(sample_database: Any) -> None:
    ds = attribution.open(sample_database)
    ask = "select channel, ? as place from touches.touches group by channel order by channel"
    assert ds.rows(ask, [1])[0] is not ds.rows(ask, [1])[0]
    ds.remember(2)
    first = ds.rows(ask, [1])
    again = ds.rows(ask, [1])
    assert again == first
    assert again[0] is first[0]
    again.clear()  # a list of one's own
    assert ds.rows(ask, [1]) == first
    assert ds.rows(ask, [1.5])[0][1] != 1
    ds.rows(ask, [3])
    assert ds.rows(ask, [1])[0] is not first[0]


FRAME = pd.DataFrame(
    {
        "Name": ["x", None, "Total"],
        "Credited": [1.5, None, 3.75],
        "Deals": pd.array([1, None, 3], dtype="Int64"),
        "Tiny": [1e-9, 1e9, 5.0],
        "Chips": [["q"], [], []],
        "Day": pd.to_datetime(["2026-01-01", None, "2026-02-03"]),
    }
)


@pytest.mark.parametrize(
    "table",
    [
        styled.last_row_strong(FRAME),
        styled.tinted(FRAME, ["Credited", "Tiny"], 4.0, theme.palette("light")),
        styled.last_row_strong(FRAME.head(0)),
    ],
)
def test_a_styled_table_is_what_pandas_and_streamlit_make_of_it(table: Any) -> None:
    ours, theirs = (arrow.DataframeProto().arrow_data for _ in range(2))
    arrow.marshall_styler(ours, table, "")
    cells = pd.DataFrame("", index=FRAME.index, columns=FRAME.columns)
    for css, places in table.rules.items():
        for row, column in places:
            cells.iloc[row, column] = css
    style = table.data.style.apply(lambda _: cells.loc[table.data.index], axis=None)
    style.set_uuid(table.uuid)
    marshall_styler(theirs, style, "")
    assert ours.styler.uuid == theirs.styler.uuid
    assert _by_cell(ours.styler.styles) == _by_cell(theirs.styler.styles)
    displayed, expected = (pa.ipc.open_stream(io.BytesIO(sent.styler.display_values)).read_all() for sent in (ours, theirs))
    assert displayed.equals(expected)
    assert displayed.schema.metadata == expected.schema.metadata


def _by_cell(styles: str) -> dict[str, str]:
    """Cell → its declarations."""
    rules = re.findall(r"(.+?) \{ (.+?) \}", styles)
    return {cell: declarations for cells, declarations in rules for cell in cells.split(", ")}


def test_pages_do_not_change_what_is_kept(page: Callable[..., AppTest], sample_database: Any) -> None:
    test = page(sample_database, period="all")
    ds, names, choice = test.session_state["view"]
    answers: list[Any] = [
        names,
        data.overview(ds.version, choice, ds, names),
        data.ranking(ds.version, choice, "campaign", ds, names),
        data.deals(ds.version, choice.filters, "won", "", ds),
    ]
    before = _in_full(answers)
    for name in ("overview", "deals", "overview"):
        test.switch_page(f"pages/revenue/{name}.py").run()
        assert not test.exception
    assert data.ranking(ds.version, choice, "campaign", ds, names) is answers[2]
    assert data.deals(ds.version, choice.filters, "won", "", ds) is answers[3]
    assert _in_full(answers) == before


def _in_full(answers: list[Any]) -> str:
    with pd.option_context("display.max_rows", None, "display.max_columns", None, "display.max_colwidth", None):
        return repr(answers)
