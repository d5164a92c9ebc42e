"""The page on how far models can be trusted: golden sentences, pictures, and the page in every state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from attribution.answers.honesty import Facts, answer, budget, figures, lines_alt, pairs_alt
from attribution.charts import honesty as charts
from attribution.charts.honesty import Line, Pair
from attribution.charts.theme import DARK, LIGHT, Palette
from attribution.honesty.models import HOLD_OUT
from attribution.honesty.trial import SIZES, trial
from attribution.views import honesty as view
from tests.app_page import NAUGHTY, said, text, thin

PAGE = "pages/data/trust.py"
COUNTS = [journeys for journeys, _ in SIZES]


DIRECT, WEBINARS = (
    Pair("direct", "Direct visits", "no effect", 0.0, 0.14),
    Pair("webinars", "Webinars", "strong effect", 0.27, 0.08),
)
FACTS = Facts(
    judged="30 first · 70 last", agreed="agreed", journeys=1_000, fewest_journeys=100, most_journeys=10_000, error=0.46, error_with_fewest=0.49,
    error_with_most=0.45, ranked=(("Lead", 0.44), ("30 first · 70 last", 0.46), ("Last contact", 0.82)), hold_out=(0.56, 0.13), won_anyway=0.25,
    without_effect=("Direct visits", "Retargeting"), to_without_effect=0.44, channels=11, flattered=DIRECT, short_changed=WEBINARS, won=190,
    world_won=259.0, by_chance=0.031,
)  # fmt: skip
END = "**A hold-out test does**: 56 % off with 100 journeys, 13 % with 10,000 journeys."
ANSWERS = {
    "bias": (
        FACTS,
        "In a made-up world whose truth is known, the agreed rule puts **46 %** of the credit on the wrong channels; with 10,000 journeys instead of 1,000 "
        "it is still 45 %: this is bias, not chance. No model finds what causes a deal: the least wrong here is lead (44 %), the most wrong last contact "
        f"(82 %). {END}",
    ),
    "another rule, the least wrong, chance plays a part": (
        replace(FACTS, agreed="", judged="Lead", error=0.44, error_with_most=0.40),
        "In a made-up world whose truth is known, “Lead” puts **44 %** of the credit on the wrong channels; with 10,000 journeys instead of 1,000 it is 40 %. "
        f"No model finds what causes a deal: it is the least wrong of all here, last contact the most (82 %). {END}",
    ),
    "the most wrong, with all the journeys there are": (
        replace(FACTS, agreed="", judged="Last contact", journeys=10_000, error=0.82),
        "In a made-up world whose truth is known, “Last contact” puts **82 %** of the credit on the wrong channels, with 10,000 journeys. "
        f"No model finds what causes a deal: it is the most wrong of all here, lead the least (44 %). {END}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ANSWERS)
def test_answer(case: str) -> None:
    facts, sentence = ANSWERS[case]
    assert said(answer(facts)) == sentence


def test_what_it_means_for_a_budget() -> None:
    first, second, third, _, own = (said(sentence) for sentence in budget(FACTS))
    assert (
        "The agreed rule flatters direct visits most (14 % instead of nothing) and short-changes webinars most (8.0 % instead of 27 %)."
        in first
    )
    assert "Direct visits and retargeting cause nothing here and get 44 % of the credit." in second
    assert "from 49 % to 45 % in the wrong place, a hold-out test from 56 % to 13 %" in third
    assert "They have 190 won deals; this world has 259 with 1,000 journeys." in own and "±3.1 pts" in own
    assert said(budget(replace(FACTS, won=0))[-1]).endswith("They have no won deal yet, so nothing can be credited.")
    assert "Even where nothing tags along" in budget(replace(FACTS, nothing_tags_along=True))[1]
    assert [value.replace("\u00a0", " ") for _, value, _, _ in figures(FACTS)] == ["46 %", "44 %", "82 %", "44 %", "25 %"]
    assert said(lines_alt(FACTS)).startswith(
        "Credit in the wrong place by number of journeys: 30 first · 70 last 49 % with 100, 45 %"
    )
    assert "Webinars 8.0 % instead of 27 %" in said(pairs_alt(FACTS))


def test_names_of_own_rules_cannot_become_markup() -> None:
    for words in (answer(replace(FACTS, agreed="", judged=NAUGHTY)), *budget(replace(FACTS, agreed="", judged=NAUGHTY))):
        assert " :red[" not in words


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_pictures(palette: Palette) -> None:
    lines = [
        Line("first_touch", NAUGHTY, (0.5, 0.48), ((0.4, 0.6), (0.47, 0.49)), "judged"),
        Line("w_shaped", "W", (0.49, 0.47), ((0.4, 0.6), (0.46, 0.48)), "agreed", "Agreed rule"),
        Line("last_touch", "Last contact", (0.9, 0.8), ((0.8, 1.0), (0.79, 0.81)), "other"),
        Line(HOLD_OUT, "Hold-out test", (0.5, 0.1), ((0.3, 0.7), (0.05, 0.15)), "hold_out"),
    ]
    figure = charts.errors(lines, [100, 10_000], [26.0, 2_600.0], 700.0, "your data: 181 won", palette)
    go.Figure(figure)
    assert figure["layout"]["yaxis"]["range"][0] == 0
    assert figure["data"][-1]["customdata"][0][0] == "first_touch", "the judged model is drawn on top, and says which it is"
    texts = [note["text"] for note in figure["layout"]["annotations"]]
    assert any("Agreed rule" in words for words in texts) and any("your data" in words for words in texts)
    assert not any("<b onmouseover" in words for words in texts)
    heights = sorted(note["y"] for note in figure["layout"]["annotations"][:4])
    assert min(above - below for below, above in pairwise(heights)) > 0.03, "names stand clear of each other"
    without = charts.errors(lines, [100, 10_000], [26.0, 2_600.0], None, "", palette)
    assert not without["layout"]["shapes"]
    dots = charts.truth_and_credit([WEBINARS, DIRECT], NAUGHTY, palette)
    go.Figure(dots)
    assert dots["data"][0]["x"] == [0.27, 0.08, 0.0, 0.14]
    assert [note["text"].replace("\u00a0", " ") for note in dots["layout"]["annotations"]] == [
        "<b>−19.0 pts</b>",
        "<b>+14.0 pts</b>",
    ]
    assert "<b onmouseover" not in dots["data"][0]["hovertemplate"]


def test_the_view_is_the_trial_in_words(sample: Any) -> None:
    found = trial(sample.settings, 0.5, 1, ((100, 3), (300, 2)))
    shown = view.honesty(sample.settings, found, "linear", 300, 190)
    size = found.sizes[1]
    assert [line.name for line in shown.lines] == [*found.models, HOLD_OUT]
    linear = next(line for line in shown.lines if line.name == "linear")
    assert linear.errors == (found.sizes[0].error("linear"), size.error("linear")) and linear.kind == "judged"
    assert sum(pair.truth for pair in shown.pairs) == pytest.approx(1)
    assert {pair.name: pair.credited for pair in shown.pairs}["direct"] == pytest.approx(size.shares["linear"][:, 6].mean())
    table = view.error_table(shown, [100, 300], {})
    assert table["Model"].iloc[-1] == view.HOLD_OUT_LABEL
    assert table.iloc[:-1, 2].is_monotonic_increasing
    assert view.pair_table(shown)["Difference"].sum() == pytest.approx(0, abs=1e-9)
    assert view.nearest(0) == "100" and view.nearest(190) == "1000" and view.nearest(10**7) == "10000"


def test_rules_have_names_that_fit_a_box(sample: Any) -> None:
    names = view.short_labels(sample.settings)
    assert names["w_shaped"] == "30·30·30·10 (agreed)" and names["first_touch"] == "First contact"
    assert list(names) == list(view.labels(sample.settings)) and len(set(names.values())) == len(names)
    assert max(map(len, names.values())) <= 33


def test_page(page: Callable[..., AppTest], sample_database: Path, sample: Any) -> None:
    test = page(sample_database)
    words = text(test)
    assert test.title[0].value == "How far can you trust this?"
    assert "A generated world" in words
    assert f"{view.won_deals(sample)}" in words
    assert {element.label for element in test.metric} >= {"In the wrong place", "Won anyway"}
    assert test.selectbox(key="journeys").value == view.nearest(view.won_deals(sample))
    test.selectbox(key="judged").set_value("markov_shapley").run()
    assert "not the agreed rule" in text(test)


def test_links_are_understood_and_garbage_is_said(page: Callable[..., AppTest], sample_database: Path) -> None:
    test = page(sample_database, judged="linear", tag="none", journeys="100", world="2", present="1")
    assert "“All the same”" in text(test)
    assert [test.selectbox(key=word).value for word in ("judged", "tag", "journeys", "world")] == ["linear", "none", "100", "2"]
    test = page(sample_database, judged=NAUGHTY, tag="-1", journeys="1e99", world="")
    words = text(test)
    assert words.count("The link asks for") >= 3
    assert "the agreed rule puts" in said(words)


def test_data_without_a_won_deal(page: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    test = page(thin(open_rows, "only lost").path)
    assert "They have no won deal yet" in text(test)
    assert "the house rule puts" in text(test) and "agreed rule" not in text(test), "nobody is named who agreed on it"
    assert test.selectbox(key="journeys").value == "100"
