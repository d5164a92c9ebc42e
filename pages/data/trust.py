"""How far can you trust this? Every model in a generated world whose truth is known: how much credit is in the wrong place, and where."""

from __future__ import annotations

import streamlit as st

from attribution.answers import honesty as answers
from attribution.charts import formats
from attribution.charts import honesty as charts
from attribution.honesty.trial import SIZES
from attribution.views import honesty as honesty_view
from attribution.views import state
from pages.components import boxes, cards, data, downloads, present

ds, names, choice = st.session_state["view"]
palette = cards.colours()
models, short_names = honesty_view.labels(ds.settings), honesty_view.short_labels(ds.settings)
counts = [journeys for journeys, _ in SIZES]
percent = st.column_config.NumberColumn(format="%.1f %%")

WORLD_WORDS = (
    "**The world.** Buyers are made by a generator. Some buy anyway. Six channels convince a known part of those whom they reach, and reach everybody "
    "alike; five cause nothing: "
    "direct visits, searches for the name and retargeting follow the decision, sales mails come late in every deal, ads to target accounts pick who "
    "would buy anyway. "
    "Above you choose how much of that tagging along there is.\n\n"
    "**The truth** of a channel: won deals of this world minus won deals of the same world without that channel's touches, as a share of all such "
    "losses. It is known exactly, and does "
    "not change with the number of journeys or with what tags along.\n\n"
    "**In the wrong place**: the part of all credit that is with another channel than the truth says.\n\n"
    "**Another world would rank the models differently.** Here what has no effect comes late, so models that look late are most wrong. That none "
    "finds the truth, and that more data does "
    "not help them, holds in every world where something tags along."
)  # fmt: skip


def _judge(model: str) -> None:
    if model in models:
        st.session_state["judged"] = model


def _dot_clicked() -> None:
    if point := cards.clicked("errors"):
        _judge(str(point[0]))


def _row_clicked() -> None:
    if click := st.session_state["judge_row"]:
        _judge(next((name for name, label in short_names.items() if label == table["Model"].iloc[click.row]), ""))


def figures() -> None:
    """What is in the wrong place, and what no model says."""
    present.figures_drawn()
    with st.grid(len(view.figures), min_column_width=150, gap="small", key="figures"):
        for label, value, note, meaning in view.figures:
            st.metric(
                label, value, delta=" ", delta_arrow="off", delta_color="off", delta_description=note, help=meaning, border=True, height="stretch"
            )  # fmt: skip


def by_volume() -> None:
    """Every model's error by number of journeys."""
    explain = (
        "Each line is a model: how much of its credit is in the wrong place, by how many journeys it has seen; the mean of several worlds of each "
        "size, the band their range. "
        f"Dashed: a hold-out test. Click a dot to put that model under the glass.\n\n{WORLD_WORDS}"
    )
    note = "credit in the wrong place, by journeys · dashed: hold-out test"
    with cards.card("More data does not mend a model", note, explain, "errors", table, caption, columns):
        won = [journeys * view.won_rate for journeys in counts]
        cards.picture(
            lambda: charts.errors(view.lines, counts, won, view.own, answers.own_words(view.won), palette), view.lines_alt, "errors", of, _dot_clicked
        )  # fmt: skip


def by_channel() -> None:
    """Truth and credit of each channel."""
    explain = (
        "Hollow: what would be lost without the channel, as a share of all such losses. Filled: what the model credits it with. Below the dotted line "
        "are channels that cause nothing.\n\n"
        f"{WORLD_WORDS}"
    )
    short = state.house_rule(ds) if judged == ds.settings.reporting.model else formats.plain(formats.short(models[judged], 40))
    note = f"hollow: truth, filled: {short} · {honesty_view.JOURNEYS[size]}"
    with cards.card("Whom it flatters", note, explain, "truth", honesty_view.pair_table(view), caption, columns):
        cards.picture(lambda: charts.truth_and_credit(view.pairs, models[judged], palette), view.pairs_alt, "truth", of)


def budget() -> None:
    """What to take from it."""
    with st.container(border=True, key="card_budget", gap="small"):
        st.markdown("**What this means for your next budget talk**")
        for sentence in view.budget:
            st.markdown(f"- {sentence}")


def numbers() -> None:
    """Every model in numbers."""
    with st.container(border=True, key="card_models", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(
                "**Every model in numbers** :gray[:small[credit in the wrong place, in percent; the least wrong first]]",
                width="stretch",
            )
            downloads.download(table, "Credit in the wrong place", caption, "models", columns)
            if st.button("", icon=":material/help:", type="tertiary", help="Explain", key="explain_models"):
                cards.explanation("Every model in numbers", WORLD_WORDS, caption, None)
        frame = table.assign(Open=[["Judge"] if label in short_names.values() else [] for label in table["Model"]])
        st.dataframe(
            frame, hide_index=True, placeholder=formats.DASH, row_height=34, height="content", alt="Credit in the wrong place by model and number of journeys",
            column_config={
                **columns, "Model": st.column_config.TextColumn(pinned=True, width=208),
                "Open": st.column_config.ButtonColumn("", type="tertiary", key="judge_row", on_click=_row_clicked, width=70),
            },
        )  # fmt: skip


won = data.won_deals(ds.version, ds)
with present.tools_of_page("question"):
    st.markdown(":gray[:small[Under the glass]]", width="content")
    judged = boxes.box("judged", "Model", short_names, ds.settings.reporting.model, 230)
    st.markdown(":gray[:small[in a world where]]", width="content")
    strengths = {word: label for word, (label, _) in honesty_view.STRENGTHS.items()}
    strength = boxes.box("tag", "How much tags along", strengths, "much", 190)
    size = boxes.box("journeys", "Journeys", honesty_view.JOURNEYS, honesty_view.nearest(won), 160)
    seed = boxes.box("world", "World", honesty_view.SEEDS, "1", 110)

view = data.honesty(ds.version, judged, strength, int(size), int(seed), won, ds)
of = (ds.version, judged, strength, size, seed)
caption = (
    f"a generated world, not the company's data: {strengths[strength].lower()}, {honesty_view.SEEDS[seed].lower()}; "
    f"models as the settings of version {ds.version} say"
)
table = honesty_view.error_table(view, counts, short_names)
columns = dict.fromkeys((*honesty_view.JOURNEYS.values(), "Truth", "Credited"), percent) | {
    "Difference": st.column_config.NumberColumn("Difference, points", format="%+.1f"),
    "What it does here": st.column_config.TextColumn(width=220),
}

st.title("How far can you trust this?", anchor=False)
st.markdown(f"#### {view.answer}")
st.markdown(state.rule_line(ds, judged))
st.markdown(
    ":orange-badge[A generated world] :gray[:small[Nothing here is measured in your data but the number of your won deals; the models and their "
    "settings are yours.]]"
)
present.answer_drawn(view.answer)
figures()
left, right = st.columns([1.25, 1], gap="small")
with left:
    by_volume()
with right:
    by_channel()
present.main_message_ends()
budget()
numbers()
