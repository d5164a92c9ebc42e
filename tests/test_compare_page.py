"""The page that compares models: golden sentences, the picture, the view against explain, and the page in every state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from attribution import Filters
from attribution.answers import compare as answers
from attribution.answers.compare import CLOSE, DEPENDS, SAME, CompareFacts, ShiftFacts, Standing, Swap
from attribution.charts import compare as charts
from attribution.charts.compare import Dot, Strip
from attribution.charts.theme import DARK, LIGHT
from attribution.compare import shift
from attribution.views import compare as view
from attribution.views import compare_shift, compare_tables, state
from attribution.views.compare import Question
from attribution.views.state import Choice
from tests.app_page import NAUGHTY, said, text, thin

PAGE = "pages/revenue/compare.py"
YEAR = Filters(period="last_12_months")
CHOICE = Choice(YEAR, "none", "w_shaped")


# --- sentences --------------------------------------------------------------------------------------------------------

STANDINGS = (
    Standing("Sales", SAME, 1, 1, 0.17, "equal shares", 0.71, "last contact"),
    Standing("Webinars", DEPENDS, 2, 10, 0.004, "first contact", 0.14, "last contact"),
    Standing("LinkedIn ads", CLOSE, 5, 7, 0.02, "last contact", 0.05, "the agreed rule", amount_depends=False),
)
SWAP = Swap("Paid search", "Webinars", "first contact", "last contact", (0.12, 0.018), (0.043, 0.14))
FULL = CompareFacts("channels", won=109, deals=107, rules=16, standings=STANDINGS, swaps=(SWAP,))
REVERSED = "By first contact **paid search leads webinars** (12 % against 1.8 %); by last contact it is the other way round (4.3 % against 14 %)."
DEPENDING = "1 of the 3 channels depends on the rule; 1 moves by less than these deals can tell."
ANSWERS = {
    "one holds": (FULL, f"**Sales is first under all 16 rules**, with 17 % to 71 % of the credit. {DEPENDING} {REVERSED}"),
    "one holds, but not for sure": (
        replace(FULL, standings=(replace(STANDINGS[0], holds=0.57, holds_rule="first contact"), STANDINGS[1]), swaps=()),
        "**Sales is first under all 16 rules**, with 17 % to 71 % of the credit (but by first contact its place holds in 57 % of the draws only). "
        "1 of the 2 channels depends on the rule.",
    ),
    "two hold, and settings": (
        replace(FULL, standings=(replace(STANDINGS[1], kind=SAME, best=2, worst=2), STANDINGS[0]), swaps=(), settings=6),
        "**Sales is first under all 16 rules and 6 other settings**, with 17 % to 71 % of the credit; webinars second as well.",
    ),
    "none holds": (
        replace(FULL, standings=STANDINGS[1:2], others=40, many="campaigns"),
        f"**None of the 1 largest campaigns keeps its place under all 16 rules.** 1 of the 1 largest campaigns depends on the rule. {REVERSED}",
    ),
    "all depend": (
        replace(FULL, standings=(STANDINGS[1], STANDINGS[1]), swaps=(), many="categories"),
        "**No category keeps its place under all 16 rules.** All 2 categories depend on the rule.",
    ),
    "one value": (replace(FULL, standings=STANDINGS[1:2]), "All that can be credited goes to webinars, whatever the rule."),
    "few deals": (
        replace(FULL, deals=4), "4 won deals with touches: too few to rank channels, or to say what depends on the rule."
    ),
    "worth nothing": (
        replace(FULL, amount=0.0), "107 won deals with touches are together worth nothing, so there are no shares to compare."
    ),
    "refunds": (
        replace(FULL, deals=1, amount=-5.0), "1 won deal with touches is worth less than nothing, so there are no shares to compare."
    ),
    "no touches": (
        replace(FULL, deals=0, won=2), "None of the 2 won deals has a touch that counts, so every rule says the same: nothing is credited."
    ),
    "nothing won": (
        replace(FULL, deals=0, won=0),
        "No deal was won under these filters, so there is nothing to compare. Choose a longer period or clear a filter.",
    ),
    "a few deals each": (
        replace(FULL, standings=(), values=12), "No rule credits these channels in 10 deals or more: too few to rank them."
    ),
    "nothing recorded": (replace(FULL, standings=()), "Nothing is recorded for channels, so there is nothing to compare."),
}  # fmt: skip


@pytest.mark.parametrize("case", ANSWERS)
def test_answer(case: str) -> None:
    facts, sentence = ANSWERS[case]
    assert said(answers.answer(facts)) == sentence


def test_badges_say_their_reason() -> None:
    assert said(answers.reason(STANDINGS[0], 16)) == (
        "1st under all 16 rules. How much depends on the rule: 17 % by equal shares, 71 % by last contact."
    )
    assert said(answers.reason(replace(STANDINGS[0], holds=0.57, holds_rule="first contact"), 16)).endswith(
        "71 % by last contact. By first contact its place holds in 57 % of the draws only."
    )
    assert said(answers.reason(STANDINGS[1], 16)) == (
        "2nd to 10th. 0.4 % by first contact, 14 % by last contact: further apart than both likely ranges."
    )
    assert said(answers.reason(STANDINGS[2], 16)) == (
        "5th to 7th, but 2.0 % by last contact, 5.0 % by the agreed rule differ by less than their likely ranges."
    )
    assert said(answers.line(STANDINGS[2], 16)).startswith("**LinkedIn ads** ≈ too close to tell: 5th to 7th, but 2.0 %")
    assert said(answers.title("pieces of content")) == "Which pieces of content hold up under every rule?"


def test_a_shift_is_no_forecast() -> None:
    facts = ShiftFacts("Paid search", "Email", 5_000, 3.04, 31.9, 144_300, 80_000, 210_000, 16, 16, "EUR")
    assert said(answers.shift(facts)) == (
        "€5.00 k spent on email instead of paid search goes along with **+€144 k** of credited revenue (likely range +€80.0 k to +€210 k): "
        "by the agreed rule email is credited with 31.9 per € spent, paid search with 3.04."
    )
    assert answers.shift(replace(facts, low=-5.0)).endswith("these deals do not tell the two apart.")
    assert answers.shift(replace(facts, same_sign=14)).endswith("2 of 16 rules say the opposite.")
    assert (
        said(answers.refused(["Webinars"], DEPENDS))
        == "**Webinars** cannot take part: what it is credited with depends on the rule."
    )
    assert (
        said(answers.refused(["Webinars", "Email"], "no_spend"))
        == "**Webinars and email** cannot take part: no spend is recorded for them under these filters."
    )
    assert said(answers.refused(list("abcdefgh"), "few", False)).startswith(
        "**A, b, c, d, e and 3 more** cannot take part: there are"
    )


def test_one_deal_in_a_sentence() -> None:
    assert said(answers.deal_spread("Acme", 3, 16, 12_000, ("Demo", 0, 6_000), "EUR")) == (
        "**Acme**, €12.0 k: 3 touches under 16 rules. Furthest apart: Demo, €0 to €6.00 k."
    )
    assert "no touch counts" in answers.deal_spread("Acme", 0, 16, 12_000, None, "EUR")
    assert "every rule gives it all" in answers.deal_spread("Acme", 1, 16, 12_000, ("Demo", 1, 1), "EUR")


def test_names_cannot_become_markup() -> None:
    facts = replace(
        FULL, codes=False, standings=(replace(STANDINGS[0], label=NAUGHTY), STANDINGS[1]), swaps=(replace(SWAP, first=NAUGHTY),)
    )
    for sentence in (
        answers.answer(facts),
        answers.refused([NAUGHTY], CLOSE, False),
        answers.deal_spread(NAUGHTY, 2, 3, 1.0, (NAUGHTY, 0, 1), None),
    ):
        assert ":red[" not in sentence.replace("\\:red", "")
        assert "<b" not in sentence.replace("\\<b", "")


# --- the picture ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("slots", [{"a": 1}, None], ids=["channels", "others"])
def test_a_strip_has_a_dot_and_a_range_per_rule(palette: Any, slots: Any) -> None:
    dots = (
        Dot("First contact", 0.2, 0.1, 0.3, "€1"),
        Dot("Agreed", 0.4, 0.3, 0.5, "€2", is_chosen=True),
        Dot(NAUGHTY, 0.1, 0.0, 0.2, "€3"),
    )
    rows = [Strip("a", "Email", "= same under every rule", dots), Strip(NAUGHTY, NAUGHTY, NAUGHTY, dots[:1])]
    figure = charts.strips(rows, slots, palette)
    go.Figure(figure)  # Plotly refuses what it does not know
    lines = [trace for trace in figure["data"] if trace["mode"] == "lines"]
    small, large = (trace for trace in figure["data"] if trace["mode"] == "markers")
    assert sum(trace["x"].count(None) or 1 for trace in lines) == 4
    assert small["x"] == [0.2, 0.1, 0.2]
    assert large["x"] == [0.4]
    assert small["y"][0] < large["y"][0] < small["y"][1]  # rules below each other
    assert large["customdata"][0][3].replace("\u00a0", " ") == "40 % · likely 30 % to 50 %"
    shown = str(figure["layout"]["yaxis"]["ticktext"]) + str(small["customdata"][-1][1:])
    assert "<b onmouseover" not in shown
    assert "same under every rule" in shown  # never colour alone
    bare = charts.strips(rows, slots, palette, ranges=False)
    assert all(trace["mode"] == "markers" for trace in bare["data"])
    go.Figure(charts.strips([], slots, palette))


def test_rules_stand_from_the_first_contact_to_the_last(sample: Any) -> None:
    order = [model.name for model in view.models_of(sample.settings, "all")]
    assert order[0] == "first_touch"
    assert order.index("inverse_j") < order.index("linear") < order.index("j_shaped") < order.index("last_touch")
    assert order[-2:] == ["markov", "markov_shapley"]
    shared = {model.name for model in view.models_of(sample.settings, "shared")}
    assert set(order) - shared == {"first_touch", "last_touch", "last_non_direct", "lead_creation", "deal_creation"}


# --- the view ---------------------------------------------------------------------------------------------------------


def test_the_view_of_the_sample(sample: Any, names: state.Names) -> None:
    question = Question()
    found = view.find(sample, CHOICE, question)
    seen = view.compare(sample, CHOICE, question, found, (), names)
    assert (found.share.sum(1)) == pytest.approx(np.ones(len(found.models)))
    assert ((found.low <= found.share + 0.05) & (found.share <= found.high + 0.05)).all()
    assert found.held == ()
    assert len(seen.strips) == len(seen.standings) == len(found.values)
    twin = compare_tables.every_dot(seen)
    assert len(twin) == len(found.models) * len(found.credits.columns)
    whole = sample.metrics(["attributed_revenue"], filters=YEAR, model="linear").iloc[0, 0]
    assert twin.loc[twin["Rule"] == seen.models["linear"], "Credited"].sum() == pytest.approx(float(whole), abs=0.1)
    wide, heads = compare_tables.every_rule(seen)
    assert len(heads) == len(seen.models)
    assert set(wide["Badge"]) <= {f"{answers.SIGNS[kind]} {words}" for kind, words in answers.BADGES.items()}
    assert compare_shift.words(seen, "webinars", "sales", 10.0, "w_shaped", "the agreed rule", "EUR").startswith(
        "**Webinars** cannot take part"
    )
    segment = replace(CHOICE, filters=replace(YEAR, segments=("enterprise",)))
    assert "cannot be filtered by segment" in view.compare(sample, segment, question, found, (), names).spend_words


def test_the_spread_of_a_deal_is_what_explain_says(sample: Any) -> None:
    from attribution.views.deals import explained

    deal = str(sample.deals(YEAR, "won")["deal_id"].iloc[0])
    models = {model.name: model.label for model in sample.models}
    shown = explained(sample, deal, "w_shaped")
    found = compare_tables.spread(shown, models, "w_shaped", "Agreed rule")
    touches = shown.touches[shown.touches["position"].notna()]
    assert found.counted == len(touches)
    columns = touches[[f"credit_{name}" for name in models]].astype(float).fillna(0.0)
    assert found.table["Lowest"].tolist() == pytest.approx(columns.min(axis=1).tolist())
    assert found.table["Highest"].tolist() == pytest.approx(columns.max(axis=1).tolist())
    assert found.table["Agreed rule"].sum() == pytest.approx(float(columns["credit_w_shaped"].sum()))


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_and_its_other_settings(page: Callable[..., AppTest], sample_database: Path) -> None:
    test = page(sample_database)
    shown = text(test)
    assert test.title[0].value == "Which channels hold up under every rule?"
    assert "under all 16 rules" in shown
    assert "it is the other way round" in shown
    assert "no cause" in shown
    test.button(key="compute_settings").click().run()
    assert "and 6 other settings" in said(text(test))
    test.selectbox(key="rules").set_value("shared").run()
    assert "under all 11 rules" in text(test)


@pytest.mark.parametrize(
    "query",
    [
        {"by": "kind", "period": "all"}, {"channel": "email", "model": "first_touch", "rules": "shared"},
        {"segment": "enterprise", "by": "campaign", "date_basis": "touch", "deal": "D-0001"}, {"present": "1"},
    ],
)  # fmt: skip
def test_every_choice_works(page: Callable[..., AppTest], sample_database: Path, query: dict[str, str]) -> None:
    shown = text(page(sample_database, **query))
    assert ("not recorded by kind" in shown) == (query.get("by") == "kind")
    assert ("not among those compared here" in shown) == (query.get("rules") == "shared")


def test_garbage_in_a_link_gives_the_default_and_notices(page: Callable[..., AppTest], sample_database: Path) -> None:
    test = page(sample_database, by="<script>alert(1)</script>", rules="💥" * 200, deal="'; drop table marts.deals; --")
    shown = text(test)
    assert shown.count(":material/link_off:") == 3
    assert test.title[0].value == "Which channels hold up under every rule?"


def test_filters_that_leave_nothing(page: Callable[..., AppTest], sample_database: Path) -> None:
    shown = text(page(sample_database, **{"period": "custom", "from": "1990-01-01", "to": "1990-02-01"}))
    assert "Nothing to compare here" in shown
    assert "No deal was won under these filters" in shown


@pytest.mark.parametrize("rows", ["only lost", "one deal", "no touches"])
def test_thin_data_gives_designed_states(page: Callable[..., AppTest], open_rows: Callable[..., Any], rows: str) -> None:
    shown = text(page(thin(open_rows, rows).path.parent, period="all"))
    assert ("too few to rank" in shown) == (rows == "one deal")
    assert ("Nothing to compare here" in shown) == (rows == "only lost")
    assert ("No touch is in this data yet" in shown and "`touches.csv`" in shown) == (rows == "no touches")


def test_one_channel_no_lost_deal_and_an_own_rule(page: Callable[..., AppTest], open_rows: Callable[..., Any]) -> None:
    deals = [
        {"deal_id": f"D{n}", "created_at": "2026-01-05", "closed_at": "2026-02-05", "status": "won", "amount": "1000"}
        for n in range(12)
    ]
    touches = [
        {"touch_id": f"T{n}", "occurred_at": "2026-01-01 10:00:00", "deal_id": f"D{n}", "channel": "email", "kind": "click"}
        for n in range(12)
    ]
    settings = {
        "reporting": {"currency": "EUR", "as_of": "2026-03-01"},
        "models": {"custom": {"linear_too": {"first": 50, "last": 50}}},
    }
    test = page(open_rows({"deals": deals, "touches": touches}, settings).path.parent, period="all")
    shown = said(text(test))
    assert "All that can be credited goes to email, whatever the rule." in shown
    assert "No deal was lost" in shown
    assert "agreed rule" not in shown and "House rule" in test.dataframe[-1].value, "nobody is named who agreed on it"


def test_a_file_says_which_rules_it_holds(
    page: Callable[..., AppTest], sample_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: dict[str, Any] = {}
    monkeypatch.setattr(st, "download_button", lambda label, **given: saved.update({given["key"]: given["data"]}))
    page(sample_database)
    captions = {key.removeprefix("download_"): saved[key]().decode() for key in ("download_numbers", "download_deal")}
    assert "every channel under 16 rules, each row by the rule that it names" in captions["numbers"]
    assert "lowest and highest credit under 16 rules, beside the agreed rule" in captions["deal"]
    assert not any("credit rule" in caption for caption in captions.values()), "no rule stands for all of them"


def test_spend_that_could_move_is_a_correlation_with_its_range(
    page: Callable[..., AppTest], open_rows: Callable[..., Any]
) -> None:
    """40 deals of 1,000 met paid search only (20,000 spent), 20 paid social only (5,000): 2 and 4 a unit spent, whatever the rule."""
    met = ["paid_search"] * 40 + ["paid_social"] * 20 + ["paid_search", "paid_social"] * 15
    deals = [
        {"deal_id": f"D{place:02}", "created_at": "2026-01-05", "closed_at": "2026-03-05", "status": "won" if place < 60 else "lost", "amount": "1000"}
        for place in range(len(met))
    ]  # fmt: skip
    touches = [
        {"touch_id": f"T{place}", "occurred_at": "2026-01-06 10:00:00", "deal_id": f"D{place:02}", "channel": channel, "kind": "click"}
        for place, channel in enumerate(met)
    ]  # fmt: skip
    spend = [{"spent_on": "2026-01-10", "channel": name, "amount": amount} for name, amount in (("paid_search", "20000"), ("paid_social", "5000"))]  # fmt: skip
    world = {"deals": deals, "touches": touches, "spend": spend}
    ds = open_rows(world, {"reporting": {"currency": "EUR", "as_of": "2026-06-01"}})
    everything = replace(CHOICE, filters=Filters())
    found = view.find(ds, everything, Question())
    moved = shift.shift(found, "linear", "paid_search", "paid_social", (20_000.0, 5_000.0), 1_000.0)
    assert (moved.per_from, moved.per_to, moved.change) == pytest.approx((2.0, 4.0, 2_000.0))
    # Of 60 deals drawn, n met paid search: 12 - n / 4 a unit, n with a standard deviation of 3.65.
    assert (moved.low, moved.high) == pytest.approx((500, 3_500), abs=300)
    assert moved.same_sign == moved.models == 14, (
        "no deal had a lead or an opening before its touch, so those two rules have no say"
    )
    words = said(text(page(ds.path, period="all")))
    for sentence in (
        "+€4.00 k** of credited revenue (likely range +€1.00 k to +€7.00 k)",
        "credited with 4.00 per €",
        "correlation",
        "no cause",
    ):
        assert sentence in words, sentence
