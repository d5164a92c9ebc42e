"""What do buyers ask that we have no answer for? Questions by what waits for them, what to do about each, and the way from question to deal."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from attribution.answers import questions as answers
from attribution.charts import campaigns, formats, used
from attribution.content.questions import DECISIONS, STEPS
from attribution.views import questions as view_of
from attribution.views import state
from pages.components import boxes, cards, content_data, downloads, notices, present, styled

ds, names, choice = st.session_state["view"]
if "open_deal" in st.session_state:
    st.switch_page("pages/revenue/deals.py", query_params={"deal": st.session_state.pop("open_deal")})

currency = ds.settings.reporting.currency
palette = cards.colours()
caption = state.caption(ds, choice)
money = st.column_config.NumberColumn(format=formats.money_column(currency))
days = st.column_config.DateColumn(format="D MMM YYYY")

LISTED = 1000  # rows of a table on the page; its file has all
SCOPE = (
    "Questions count by the day they were asked, whatever the date basis above; the other filters select their deals. Pipeline is the amount of the "
    "open deals that wait, each deal once however often it asked."
)
EQUAL = (
    "Two questions are one when their texts are the same without capitals, accents and punctuation, any number standing for any other: “What does it "
    "cost for 12 entities?” is “what does it cost for 30 entities”. Nothing else is guessed; the most frequent writing is shown."
)
RULES = " · ".join(f"**{entry.label}**: {entry.meaning}" for entry in DECISIONS)
DECISION_WORDS = {"": "All", **{entry.name: entry.label for entry in DECISIONS}}
STEP_WORDS = {entry.name: entry.label for entry in STEPS}


def figures() -> None:
    """What was asked, what waits, and what it is worth."""
    present.figures_drawn()
    listed = (
        ("Questions asked", formats.count(view.asked), "Asked in the period, of the deals that the filters select."),
        ("Without a piece", formats.count(view.waiting), "Questions for which nobody named a piece of content."),
        ("Open deals waiting", formats.count(view.deals), "Open deals with at least one such question."),
        ("Worth", formats.money(view.pipeline, currency), "The amount of these open deals, each once."),
        ("To write", formats.count(view.count("write")), f"Different questions of which {DECISIONS[0].meaning}."),
    )
    with st.grid(len(listed), min_column_width=150, gap="small", key="figures"):
        for label, value, meaning in listed:
            st.metric(label, value, help=meaning, border=True, height="stretch")


def waiting() -> None:
    """What nothing answers, and beside it what could be sent, on the same scale; only one of them where the other is empty."""
    halves = {
        "nothing": ("To write or finish", ("write", "finish"), "pale: is being made"),
        "existing": ("To send: a piece exists", ("send",), ""),
    }
    drawn = {key: half for key, half in halves.items() if view.bars(half[1])}
    for place, (key, (title, asked_for, note)) in zip(st.columns(len(drawn), gap="small"), drawn.items(), strict=True):
        with place:
            ranked(title, asked_for, key, note)


def ranked(title: str, asked_for: tuple[str, ...], key: str, note: str) -> None:
    """The questions of some decisions by the open deals that wait."""
    rows, listed = view.bars(asked_for), [entry for entry in view.open_entries if entry.decision in asked_for]
    size = f"{len(rows)} of {len(listed)}" if len(rows) < len(listed) else "all"
    head = ", ".join(part for part in (f"{view.unit.head} of open deals" if view.unit else "times asked", size) if part)
    with cards.card(
        title,
        " · ".join(part for part in (head, note) if part),
        f"{SCOPE}\n\n{EQUAL}\n\n{RULES}",
        key,
        view_of.table(listed),
        caption,
        columns,
    ):
        alt = answers.bars_alt([(entry.text, entry.pipeline, entry.waiting) for entry in listed[: len(rows)]], currency)
        cards.picture(lambda: used.bars(rows, palette, view.unit, view.largest), alt, key, (ds.version, choice))


def decisions() -> None:
    """Each question that somebody waits for, with what to do about it."""
    with st.container(border=True, key="card_decisions", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown("**What to write, finish and send** :gray[:small[most at stake first]]", width="stretch")
            asked = boxes.segments("decision", "Decision", DECISION_WORDS, "")
            shown = view_of.decided(view, asked)
            table = view_of.table(shown, view if not asked else None)
            downloads.download(table, "Buyers' questions without a piece", caption, "decisions", columns)
            if st.button("", icon=":material/help:", type="tertiary", help="Explain", key="explain_decisions"):
                cards.explanation("What to write, finish and send", f"{RULES}\n\n{EQUAL}\n\n{SCOPE}", caption, None)
        if not shown:
            st.markdown(f":gray[No question calls for “{DECISION_WORDS[asked]}” under these filters.]")
            return
        st.dataframe(
            table if asked else styled.last_row_strong(table), hide_index=True, placeholder=formats.DASH, row_height=58,
            height=styled.height(len(table), 8, 58), alt="Questions without a piece, with what to do about each",
            column_config={**columns, "Decision": st.column_config.TextColumn(width=72)},
        )  # fmt: skip


def to_send() -> None:
    """Pieces that answer a question of an open deal and went nowhere."""

    def opened() -> None:
        if click := st.session_state["send_row"]:
            st.session_state["open_deal"] = view.to_send[click.row].deal_id

    with st.container(border=True, key="card_send", gap="small"):
        table = view_of.sending(view.to_send)
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(
                "**Send today** :gray[:small[open deals, largest first: the piece is there, the buyer has not got it]]",
                width="stretch",
            )
            if len(table):
                downloads.download(table, "Pieces to send", caption, "send", columns)
        st.markdown(view.unsent)
        if len(table):
            table = table.head(LISTED).copy()
            table.insert(1, "Open", [["Open"] for _ in range(len(table))])
            st.dataframe(
                table, hide_index=True, placeholder=formats.DASH, row_height=58, height=styled.height(len(table), 6, 58),
                alt="Pieces to send in open deals, largest deal first",
                column_config={
                    **columns, "Asked": st.column_config.TextColumn(width=230),
                    "Open": st.column_config.ButtonColumn("", type="tertiary", key="send_row", on_click=opened, width=62),
                },
            )  # fmt: skip


def chain() -> None:
    """From the question to the deal: how many came how far; and the questions by topic."""
    explain = (
        "Each step counts the questions that came through all steps before it. "
        + " · ".join(f"**{entry.label}**: {entry.meaning}" for entry in STEPS)
        + ". Sent and read are touches that count in the deal's journey, as on *Deals*: what nobody logs cannot be seen here."
    )
    left, right = st.columns(2, gap="small")
    with left, cards.card("From the question to the deal", "questions", explain, "chain"):
        st.markdown(view.chain)
        alt = answers.chain_alt([(step.label, int(step.value)) for step in view.steps])
        cards.picture(lambda: campaigns.funnel(view.steps, palette), alt, "chain", (ds.version, choice))
    with right, cards.card("By topic", "questions · hollow: a piece was named", SCOPE, "topics"):
        alt = answers.topics_alt([(row.label, *row.parts) for row in view.topics])
        cards.picture(
            lambda: used.split(view.topics, ("without a piece", "with a piece"), palette), alt, "topics", (ds.version, choice)
        )


def records() -> None:
    """The questions behind each step."""

    def opened() -> None:
        if click := st.session_state["record_row"]:
            st.session_state["open_deal"] = with_deal[click.row]

    with st.container(border=True, key="card_records", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown("**The questions behind each step** :gray[:small[latest first]]", width="stretch")
            step = boxes.segments("step", "Step", STEP_WORDS, "asked")
            stopped = st.toggle(
                "Stopped here", key="stopped", help="Only questions that came to this step and not to the next one"
            )
            listed = view_of.at_step(view, step, stopped)
            table = view_of.records(listed, view.topic_names)
            downloads.download(table, f"Questions {STEP_WORDS[step]}", caption, "records", columns)
        st.markdown(f":gray[:small[{formats.counted(len(table), 'question')}{' that stopped here' if stopped else ''}]]")
        if table.empty:
            return
        with_deal = view_of.deals_in_order(listed)
        table = table.head(LISTED).copy()
        table.insert(2, "Open", [["Open"] if deal_id else [] for deal_id in with_deal[:LISTED]])
        st.dataframe(
            table, hide_index=True, placeholder=formats.DASH, row_height=34, height=styled.height(len(table), 9, 34),
            alt="The questions behind a step, latest first",
            column_config={
                **columns, **dict.fromkeys(("Piece", "Deal"), st.column_config.TextColumn(width=140)), "Told by": st.column_config.TextColumn(width=110),
                "Open": st.column_config.ButtonColumn("", type="tertiary", key="record_row", on_click=opened, width=62),
            },
        )  # fmt: skip


st.title("What do buyers ask that we have no answer for?", anchor=False)
if not content_data.has_questions(ds.version, ds):
    notices.designed_state(
        "No buyers' questions in this data",
        "This page groups what buyers asked, shows which questions no content answers and how many open deals wait for them, and follows each question "
        "from the piece that answers it to the deal. The table `questions` is not there, or empty.",
        [
            "Let salespeople write down each question in the CRM or a shared sheet: its words, the deal, the day.",
            "Export it as `questions.csv` with `question_id`, `asked_at`, `text` and `deal_id`; `topic`, `asked_by` and `asset_id` (the piece that "
            "answered it) make more of this page work.",
            "Build again.",
        ],
        f"python -m attribution build --data {Path(ds.data_folder).name or 'my_folder'}",
        icon=":material/contact_support:",
    )
    st.stop()

view = content_data.questions(ds.version, choice, ds, names)
columns = {
    **dict.fromkeys(("Pipeline", "Amount"), money),
    **dict.fromkeys(("Last asked", "Asked on", "Sent", "Read"), days),
    "Question": st.column_config.TextColumn(pinned=True, width=200),
    "Deal": st.column_config.TextColumn(width=230),
    "Piece": st.column_config.TextColumn(width=230, help="The content named as the answer"),
    "Piece to send": st.column_config.TextColumn(width=230),
    "Next step": st.column_config.TextColumn(width=288),
    "Open deals": st.column_config.NumberColumn(format="%,d", help="Open deals that asked it and have no piece"),
    "Without a piece": st.column_config.NumberColumn(format="%,d", help="How often it was asked and nobody named a piece"),
    "Asked": st.column_config.NumberColumn(format="%,d", help="How often it was asked in all"),
}
st.markdown(f"#### {view.answer}")
if not present.is_on():
    st.markdown(f":gray[:small[{SCOPE}]]")
if view.asked:
    figures()
    if view.open_entries:
        waiting()
        present.main_message_ends()
        decisions()
    to_send()
    chain()
    records()
else:
    notices.designed_state(
        "No question here",
        f"No buyer's question was asked under these filters: {formats.plain(state.filter_words(ds, choice))}.",
        ["Clear a filter above, or choose a longer period."],
    )
