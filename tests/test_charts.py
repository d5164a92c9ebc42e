"""The pictures and their table twins: labels, colours by name, bars from zero, ties with the totals, names that cannot break out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from attribution.charts import formats, journey, revenue, tables, theme, touches
from attribution.charts.revenue import BridgeStep, Part
from attribution.charts.theme import DARK, LIGHT, UNATTRIBUTED
from pages.components import styled

CHANNELS = [
    "organic_search",
    "webinars",
    "paid_search",
    "email",
    "events",
    "partners",
    "paid_social",
    "direct",
    "sales",
    "podcast",
]
SLOTS = theme.channel_slots(CHANNELS)
NAUGHTY = "<b onmouseover=alert(1)>Æ “x” $5 :red[a] [b](c) " + "long name " * 12


def spaced(text: str) -> str:
    """Text with ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "€0"), (12.345, "€12.35"), (950, "€950"), (999.6, "€1.00 k"), (86_500, "€86.5 k"), (999_600, "€1.00 M"), (1_243_210, "€1.24 M"),
     (18.4e6, "€18.4 M"), (2.345e9, "€2.35 bn"), (-950, "−€950"), (-0.001, "€0"), (None, "–"), (float("nan"), "–")],
)  # fmt: skip
def test_money_has_three_digits(value: float | None, text: str) -> None:
    assert spaced(formats.money(value, "EUR")) == text


def test_other_formats() -> None:
    assert spaced(formats.exact(-1_240_870.4, "USD")) == "−$1,240,870.40"
    assert spaced(formats.exact(1.0, "CHF")) == "CHF 1.00"
    assert [spaced(formats.share(value)) for value in (0.25, 0.0801, 0.0999, 0.996, 1.0, 0.0)] == [
        "25 %",
        "8.0 %",
        "10 %",
        "99.6 %",
        "100 %",
        "0 %",
    ]
    assert spaced(formats.count(12_408)) == "12,408"
    assert spaced(formats.ratio(12_408)) == "12,408"
    assert formats.deals_column([4238.0, None, float("nan"), 3]) == "%,d"
    assert formats.deals_column([4238.0, 2.5]) == "%,.1f"
    assert formats.day(date(2026, 3, 12)) == "12 Mar 2026"
    assert [formats.words(name) for name in ("paid_search", "mid-market", "LinkedIn Ads", "seo", None)] == [
        "Paid search", "Mid-market", "LinkedIn Ads", "SEO", "(none)",
    ]  # fmt: skip
    assert formats.span(date(2025, 11, 1), date(2026, 10, 31)) == "Nov 2025 – Oct 2026"
    assert formats.span(date(2026, 1, 1), date(2026, 12, 31)) == "2026"
    assert formats.span(date(2026, 2, 3), None) == "since 3 Feb 2026"
    assert formats.plain("$5 :red[x] *b* [a](b)") == "\\$5 \\:red\\[x\\] \\*b\\* \\[a\\]\\(b\\)"
    assert "<" not in formats.chart_text(NAUGHTY)
    assert len(formats.short(NAUGHTY, 40)) == 40


def test_a_channel_keeps_its_colour_whatever_is_filtered() -> None:
    assert SLOTS["organic_search"] == theme.channel_slots(list(reversed(CHANNELS)))["organic_search"] == 0
    assert theme.channel_slots(["Webinar", "E-Mail"]) == {"Webinar": 1, "E-Mail": 3}
    assert SLOTS["sales"] == theme.OWN
    assert SLOTS["podcast"] is None  # eight colours are taken: grey
    assert theme.channel_slots(["podcast"]) == {"podcast": 0}
    assert theme.channel_slots(["north"], own=["north"]) == {"north": theme.OWN}
    assert len({slot for slot in theme.channel_slots([f"c{n}" for n in range(60)]).values() if slot is not None}) == 8


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read(palette: theme.Palette) -> None:
    for colour in (palette.ink, palette.mute, palette.accent_text, palette.good, palette.bad):
        assert theme.contrast(colour, palette.background) >= 4.5
    for fill in (*palette.series, *palette.teams):
        assert theme.contrast(theme.text_on(fill), fill) >= 4.5


def months_figure(colours: theme.Palette = LIGHT, **changes: Any) -> dict[str, Any]:
    frame = pd.DataFrame(
        [
            ("2026-01", "organic_search", 1e6),
            ("2026-01", "podcast", 2e5),
            ("2026-02", "sales", 5e5),
            ("2026-02", UNATTRIBUTED, 3e5),
        ],
        columns=["period", "channel", "revenue"],
    )
    arguments: dict[str, Any] = {
        "credits": frame,
        "periods": ["2026-01", "2026-02", "2026-03"],
        "slots": SLOTS,
        "labels": {},
        "currency": "EUR",
    }
    return revenue.months(colours=colours, **(arguments | changes))


def test_months_stack_and_name_their_totals() -> None:
    figure = months_figure(running="2026-03")
    bars = [trace for trace in figure["data"] if trace["type"] == "bar"]
    assert [bar["name"] for bar in bars] == ["Organic search", "Sales", "Other", "Unattributed"]
    assert bars[0]["marker"]["color"] == LIGHT.series[0]
    assert bars[-1]["marker"]["pattern"]["shape"] == "/"
    assert figure["data"][-1]["text"] == ["1.20", "0.80", ""]
    assert figure["layout"]["yaxis"]["range"][0] == 0
    assert figure["layout"]["xaxis"]["ticktext"] == ["Jan<br>2026", "Feb", "Mar<br>so far"]
    assert bars[0]["customdata"][0][:2] == ["2026-01", "organic_search"]
    assert months_figure(DARK)["data"][0]["marker"]["color"] == DARK.series[0]


def test_figures_are_valid_plotly() -> None:
    """Plotly itself accepts every figure (it checks each property's name and type)."""
    for figure in (months_figure(), bridge_figure(), shares_figure(), movers_figure(), journey_figure()):
        go.Figure(figure)


RECONCILE = pd.DataFrame(
    [("finance", None, 980.0), ("crm_won", 10, 1500.0), ("quarantined", 0, 0.0), ("filtered_out", 3, 500.0), ("in_scope", 7, 1000.0),
     ("with_touches", 6, 900.0), ("attributed", 5.5, 850.0), ("unattributed:no_touch", 1, 100.0), ("unattributed:policy", 0.5, 50.0)],
    columns=["step", "deals", "revenue"],
)  # fmt: skip


def bridge_figure() -> dict[str, Any]:
    return revenue.bridge(tables.bridge_steps(RECONCILE, 540), LIGHT, "EUR")


def test_the_bridge_walks_from_the_crm_to_credit() -> None:
    steps = tables.bridge_steps(RECONCILE, 540)
    assert [(step.step, step.kind) for step in steps] == [
        ("crm_won", "total"), ("filtered_out", "minus"), ("in_scope", "total"), ("finance", "compare"), ("unattributed:no_touch", "unattributed"),
        ("with_touches", "total"), ("unattributed:policy", "unattributed"), ("attributed", "result"),
    ]  # fmt: skip
    figure = bridge_figure()
    ends = {point[0]: base for trace in figure["data"] for point, base in zip(trace["customdata"], trace["base"], strict=True)}
    assert ends == {
        "crm_won": 0, "filtered_out": 1000, "in_scope": 0, "finance": 0, "unattributed:no_touch": 900, "with_touches": 0,
        "unattributed:policy": 850, "attributed": 0,
    }  # fmt: skip
    assert figure["layout"]["xaxis"]["range"][0] == 0
    assert tables.reason_label("outside_lookback", 540) == f"Older than 540{formats.SPACE}days"
    assert list(tables.bridge_table(steps)["Step"])[1] == "less: Outside the filters"


def shares_figure() -> dict[str, Any]:
    return revenue.shares(
        [Part("marketing", "Marketing", 71.0), Part("sales", "Sales", 27.0), Part("unknown", NAUGHTY, 2.0)],
        LIGHT,
        "EUR",
        hatched=("unknown",),
    )


def test_shares_are_of_one_hundred() -> None:
    figure = shares_figure()
    assert sum(trace["x"][0] for trace in figure["data"]) == pytest.approx(1)
    assert [spaced(trace["text"][0]) for trace in figure["data"]] == ["<b>71 %</b>", "<b>27 %</b>", ""]
    assert figure["data"][2]["marker"]["pattern"]["shape"] == "/"
    assert "<b onmouseover" not in figure["data"][2]["name"]


def movers_figure() -> dict[str, Any]:
    return revenue.movers([(Part("email", "Email", 3e6), 1e6), (Part("direct", "Direct", 1e6), 2e6)], SLOTS, LIGHT, "EUR")


def test_movers_say_direction_in_words_and_arrows() -> None:
    words = [spaced(note["text"]) for note in movers_figure()["layout"]["annotations"]]
    assert words == ["<b>+2.00</b>  ↑ 200 %", "<b>−1.00</b>  ↓ 50 %"]


def test_what_moved_is_ranked_by_size() -> None:
    now = [{"channel": name, "revenue": revenue} for name, revenue in (("a", 10.0), ("b", 50.0), ("c", 5.0))]
    before = [{"channel": name, "revenue": revenue} for name, revenue in (("a", 10.0), ("b", 20.0), ("d", 90.0))]
    found = tables.changes(now, before, "channel", {})
    assert [(part.key, part.amount, then) for part, then in found] == [("b", 50.0, 20.0), ("c", 5.0, 0.0), ("d", 0.0, 90.0)]
    assert list(tables.changes_table(found, "Channel")["Difference"]) == [30.0, 5.0, -90.0]


def test_a_ranking_ends_in_its_total() -> None:
    listed = (("c1", 50.0, 4), ("c2", 30.0, 3), ("c3", 5.0, 1), (None, 10.0, 9), (UNATTRIBUTED, 5.0, None))
    now = [{"campaign": name, "revenue": revenue, "deals": 1.0, "took_part": deals} for name, revenue, deals in listed]
    before = [{"campaign": "c1", "revenue": 25.0}, {"campaign": "c2", "revenue": 0.001}]
    table = tables.ranking(now, before, "campaign", {"c1": "One"}, "Campaign", limit=2)
    assert list(table["Campaign"]) == ["One", "C2", f"1{formats.SPACE}other", "No campaign", "Unattributed", "Total"]
    assert table["Credited"].iloc[:-1].sum() == table["Credited"].iloc[-1] == 100.0
    assert list(table["id"])[:3] == ["c1", "c2", ""]
    assert table["Change"].iloc[0] == 100.0
    assert pd.isna(table["Change"].iloc[1])  # from next to nothing: no percentage says anything


def test_months_table_ties_out_and_long_spans_become_quarters() -> None:
    frame = pd.DataFrame({"period": ["2026-01", "2026-01", "2026-02"], "channel": ["a", "b", "a"], "revenue": [1.0, 2.0, 4.0]})
    table = tables.months_table(frame, ["2026-01", "2026-02"], ["a", "b"], {"a": "Same", "b": "Same"})
    assert list(table.columns) == ["Period", "Same", "Same (2)", "Total"]
    assert list(table["Total"]) == [3.0, 4.0, 7.0]
    assert tables.complete_periods("2025-11", "2026-02") == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert tables.complete_periods("2020-01", "2026-01")[:2] == ["2020-Q1", "2020-Q2"]


START = datetime(2026, 1, 1)


def touch_rows(count: int, people: int = 3) -> pd.DataFrame:
    """Touches as ``explain`` returns them."""
    return pd.DataFrame(
        {
            "touch_id": [f"t{n:03d}" for n in range(count)], "position": [n + 1 if n % 4 else None for n in range(count)],
            "reason": [None if n % 4 else "repeat" for n in range(count)], "occurred_at": [pd.Timestamp(START + timedelta(days=n * 3)) for n in range(count)],
            "person_kind": "contact", "person_id": [f"p{n % people}" for n in range(count)], "person_name": [f"{NAUGHTY} {n % people}" for n in range(count)],
            "person_title": "Head", "channel": "email", "kind": "page_view", "actor": "buyer", "campaign_name": None, "asset_title": None,
            "is_first": [n == 1 for n in range(count)], "is_lead_creation": False, "is_deal_creation": False, "is_last": False,
            "weight": [0.5 if n == 1 else 0.01 for n in range(count)], "credit": 1.0, "credit_linear": 1.0, "source_file": "touches.csv",
            "source_row": [n + 2 for n in range(count)],
        }
    )  # fmt: skip


MILESTONES = pd.DataFrame(
    {"milestone": ["lead_created", "deal_created", "won"], "occurred_at": [START + timedelta(days=n) for n in (10, 40, 90)]}
)
STAGES = pd.DataFrame({"stage": ["demo", "proposal", "demo"], "entered_at": [START + timedelta(days=n) for n in (50, 60, 70)]})


def journey_figure(count: int = 30) -> dict[str, Any]:
    marks = touches.marks(MILESTONES, STAGES)
    return journey.journey(touches.lanes(touch_rows(count)), marks, SLOTS, {}, LIGHT)


def test_the_journey_has_a_lane_per_person_and_a_dot_per_touch() -> None:
    figure = journey_figure()
    dots = [point for trace in figure["data"] for point in trace.get("customdata", [])]
    assert len(dots) == 30
    assert [mark.label for mark in touches.marks(MILESTONES, STAGES)] == [
        "Lead created",
        "Deal opened",
        "Demo",
        "Proposal",
        "Won",
    ]
    assert any("<b>50</b>" in trace.get("text", []) for trace in figure["data"])
    names = [note["text"] for note in figure["layout"]["annotations"]]
    assert sum("Head" in name for name in names) == 3
    assert not any("<b onmouseover" in name for name in names)
    assert "hollow: does not count" in {trace.get("name") for trace in figure["data"]}


def test_only_people_are_counted_as_people() -> None:
    rows = touch_rows(4, people=2)
    assert touches.people_words(touches.lanes(rows)) == formats.counted(2, "person", "people")
    company = rows.assign(person_kind="account", person_name=None, person_title=None)
    assert touches.people_words(touches.lanes(company)) == "nobody known by name"
    assert touches.people_words(touches.lanes(pd.concat([rows.head(1), company.tail(3)]))) == formats.counted(1, "person")


def test_too_many_people_share_the_last_lane() -> None:
    frame = touches.lanes(touch_rows(60, people=30))
    assert len(journey.lane_order(frame)) == journey.MAX_LANES
    go.Figure(journey.journey(frame, [], SLOTS, {}, DARK))


def test_no_two_dots_touch_where_there_is_room() -> None:
    points = [(10.0, 26.0, 0.3), (12.0, 12.0, 0.01), (12.0, 12.0, 0.01), (60.0, 12.0, 0.01)]
    offsets = journey.place_dots(points)
    assert offsets[0] == 0  # the heavy one keeps the line
    assert offsets[3] == 0
    assert offsets == journey.place_dots(points)
    placed = [(x, offset, size) for (x, size, _), offset in zip(points, offsets, strict=True)]
    for index, (x, y, size) in enumerate(placed):
        for other_x, other_y, other_size in placed[index + 1 :]:
            assert (x - other_x) ** 2 + (y - other_y) ** 2 >= ((size + other_size) / 2) ** 2


def test_no_milestone_line_crosses_a_label() -> None:
    labels = [
        (START, "Lead created"),
        (START + timedelta(days=1), "Qualified"),
        (START + timedelta(days=2), "Demo"),
        (START + timedelta(days=90), "Won"),
    ]
    rows = journey.label_rows(labels, pixels_per_day=10)
    assert rows[0] > rows[1] > rows[2]
    assert rows[3] == 0
    close = journey.label_rows([(START, "Negotiation"), (START + timedelta(days=9), "Won")], pixels_per_day=10)
    assert close == [0, 0]  # a label that ends before the next line
    close = journey.label_rows([(START, "Negotiation"), (START + timedelta(days=7), "Won")], pixels_per_day=10)
    assert close == [1, 0]


def test_labels_keep_apart_however_the_picture_is_squeezed() -> None:
    """Labels and the upper ends of their lines are in pixels above the lanes; the last label has its place at the right."""
    layout = journey_figure()["layout"]
    labels = [note for note in layout["annotations"] if note.get("y") == 1]
    assert len(labels) == 5
    assert all(note["yref"] == "paper" and note["xanchor"] == "left" and "<br>" not in note["text"] for note in labels)
    assert layout["margin"]["t"] >= max(note["yshift"] for note in labels) + journey.LABEL_PITCH
    assert layout["margin"]["r"] > 40
    assert any("Won</b>" in note["text"] and "1 Apr" in note["text"] for note in labels)
    tops = [line for line in layout["shapes"] if line.get("ysizemode") == "pixel"]
    assert [line["y1"] > note["yshift"] for line, note in zip(tops, labels, strict=True)] == [True] * 5


def test_the_legend_has_room_for_its_rows() -> None:
    assert journey.legend_rows(["Email", "Sales"], 700) == 1
    assert journey.legend_rows(["Organic search"] * 5, 660) == 1
    assert journey.legend_rows([*["Email"] * 10, "Organic search"], 700) == 3  # columns are as wide as the widest
    assert journey.legend_rows(["A channel of 18 ch"] * 24, 700) == 6
    assert journey.legend_rows([], 700) == 1


def test_the_touch_table_ties_out_to_the_deal() -> None:
    rows = touch_rows(8)
    table = touches.touch_table(
        rows,
        touches.lanes(rows),
        [("linear", "Agreed rule")],
        [{"model": "linear", "share": 0.5, "credit": 92.0, "reason": "no_touch"}],
        100.0,
        540,
    )
    assert list(table["What happened"])[-2:] == ["Unattributed", "Total"]
    assert table["Agreed rule"].iloc[:-1].sum() == table["Agreed rule"].iloc[-1]
    assert table["Source"].iloc[0] == "touches.csv, row 2"
    assert "a repeat on the same day" in set(table["Counts"])


def test_one_touch_and_none() -> None:
    one = touches.lanes(touch_rows(1))
    go.Figure(journey.journey(one, touches.marks(MILESTONES.head(0), STAGES.head(0)), SLOTS, {}, LIGHT))
    assert touches.lanes(touch_rows(0)).empty
    go.Figure(
        revenue.months(
            pd.DataFrame({"period": ["2026-01"], "channel": ["x"], "revenue": [5.0]}), ["2026-01"], {}, {}, LIGHT, None
        )
    )
    go.Figure(revenue.bridge([BridgeStep("crm_won", "CRM won", "total", 0.0, 0)], LIGHT, None))
    go.Figure(revenue.movers([], {}, LIGHT, None))


def test_what_sales_does_looks_the_same_in_every_picture() -> None:
    for palette in (LIGHT, DARK):
        assert theme.channel_marker("sales", SLOTS, palette)["color"] == theme.channel_colour("sales", SLOTS, palette)


def test_a_table_shows_all_of_its_rows_or_cuts_one_in_half() -> None:
    assert styled.height(12, 12, 32) == "content"
    height = styled.height(13, 12, 32)
    assert isinstance(height, int) and (height - styled.HEAD) / 32 == 12.5


def test_two_lines_hold_what_fits_them() -> None:
    assert formats.on_two_lines("Inbound marketing", 9) == "Inbound<br>marketing", "nothing is cut that fits"
    assert formats.on_two_lines("Inbound marketing of the whole group", 9) == "Inbound<br>marketi…"
    assert formats.on_two_lines("Webinars", 9) == "Webinars"


def test_the_legend_of_the_months_has_room_for_its_names() -> None:
    credits = pd.DataFrame({"period": ["2026-01"] * 2, "channel": ["inbound_marketing", UNATTRIBUTED], "revenue": [9.0, 1.0]})
    figure = revenue.months(
        credits, ["2026-01"], {**SLOTS, "inbound_marketing": 0}, {"inbound_marketing": "Inbound marketing"}, LIGHT, "EUR"
    )
    names = [trace["name"] for trace in figure["data"] if "name" in trace]
    assert "Inbound marketing" in names
    assert figure["layout"]["legend"]["entrywidth"] >= 6.5 * max(map(len, names))
