"""Which content is not used, and what to do with it? Why each piece is listed, what is sunk in it, and one decision for each."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from attribution.answers import unused as answers
from attribution.charts import formats, used
from attribution.content.unused import DECISIONS, REASONS
from attribution.views import state
from attribution.views import unused as view_of
from attribution.views.unused import Entry
from pages.components import cards, content_data, downloads, notices, present, styled

ds, names, choice = st.session_state["view"]
if "open_piece" in st.session_state:
    st.switch_page("pages/content/content.py", query_params={"one": st.session_state.pop("open_piece")})
currency = ds.settings.reporting.currency
palette = cards.colours()
caption = f"{state.caption(ds, choice)}; since publication, whatever the period"
money = st.column_config.NumberColumn(format=formats.money_column(currency))
days = st.column_config.DateColumn(format="D MMM YYYY")
DECISION_WORDS = {"": "All", **view_of.DECISION_LABELS}
COLOURS = {
    "retire": "red",
    "revise": "orange",
    "change": "orange",
    "give": "green",
    "show": "blue",
    "leave": "gray",
    "wait": "gray",
}

SCOPE = (
    "Since publication, whatever the period: never means never. The other filters select the deals that count as bought. Cost is production, upkeep and "
    f"what the plan says, as on *Content*. Outdated is older than {formats.count(ds.settings.content.outdated_after_days)} days, or marked for revision."
)
WHY = " · ".join(f"**{entry.label}**: {entry.meaning}" for entry in REASONS)
WHAT = " · ".join(f"**{entry.label}**: {entry.meaning}" for entry in DECISIONS)
ONCE = "A piece may have several reasons, so the reasons cannot be added up; it has one decision, the first that fits, and the total counts it once."


def _bar_clicked() -> None:
    if point := cards.clicked("decisions"):
        st.session_state["decision"] = str(point[0])


def figures() -> None:
    """What is sunk, and in how many pieces for which reason."""
    present.figures_drawn()
    with st.grid(1 + len(REASONS), min_column_width=150, gap="small", key="figures"):
        st.metric(
            "Cost sunk", formats.money(float(view.whole.cost), currency), f"{formats.counted(view.whole.pieces, 'piece')}, each once", delta_color="off",
            delta_arrow="off", help=f"{ONCE} {SCOPE}", border=True, height="stretch",
        )  # fmt: skip
        for reason in REASONS:
            found = view.reasons[reason.name]
            st.metric(
                reason.label, formats.counted(found.pieces, "piece"), formats.money(float(found.cost), currency), delta_color="off", delta_arrow="off",
                help=f"Published, and {reason.meaning}. {ONCE}", border=True, height="stretch",
            )  # fmt: skip


def what_to_do() -> None:
    """Decisions by what is sunk in their pieces, and beside them what to decide first."""
    left, right = st.columns(2, gap="small")
    is_money = bool(view.whole.cost)
    with left:
        note = f"{f'{view.unit.head} sunk' if is_money else 'pieces'}, each piece once · pale: nothing to do"
        with cards.card(
            "What to do with it",
            note,
            f"{WHAT}\n\n{ONCE}\n\n{SCOPE}",
            "decisions",
            view_of.decisions_table(view),
            caption,
            columns,
        ):
            counts = [
                (DECISION_WORDS[row.key], view.decisions[row.key].pieces, float(view.decisions[row.key].cost))
                for row in view.bars
            ]
            hover = view.unit if is_money else None
            alt = answers.decisions_alt(counts, currency)
            cards.picture(lambda: used.bars(view.bars, palette, hover), alt, "decisions", (ds.version, choice), _bar_clicked)
    with right, st.container(border=True, key="card_first", gap="small", height="stretch"):
        st.markdown("**Decide first** :gray[:small[where most is sunk]]")
        if not view.first:
            st.markdown(":gray[Nothing calls for a decision now.]")
        for entry in view.first[: 3 if present.is_on() else None]:
            decide(entry)


def decide(entry: Entry) -> None:
    """One piece with its decision and the sentence that says why."""
    name, asset = entry.piece.decision, entry.piece.asset
    cost = formats.money(float(entry.piece.cost), currency) if asset.cost is not None else ""
    quiet = " · ".join(part for part in (cost, f"author {asset.author}" if asset.author else "") if part)
    with st.container(gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f":{COLOURS[name]}-badge[{DECISION_WORDS[name]}]", width="content")
            st.markdown(f"**{formats.plain(formats.short(entry.title, 80))}**", width="stretch")
        st.markdown(f":small[{formats.plain(entry.step)}] :gray[:small[{formats.plain(quiet)}]]")


def every_piece() -> None:
    """Every piece with its reasons and what to do next, down to the total."""

    def opened() -> None:
        if click := st.session_state["piece_row"]:
            st.session_state["open_piece"] = shown[click.row].piece.asset.asset_id

    with st.container(border=True, key="card_pieces", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown("**Every piece, and what to do next** :gray[:small[most expensive first]]", width="stretch")
            search = st.text_input(
                "Find a piece", type="search", placeholder="Find by title, author or topic", label_visibility="collapsed", key="piece_search", width=230,
                live="300ms",
            )  # fmt: skip
            reasons = st.multiselect(
                "Reasons", [entry.name for entry in REASONS], format_func=lambda name: view_of.REASON_LABELS.get(name, ""), key="reasons",
                placeholder="Any reason", label_visibility="collapsed", width=220,
            )  # fmt: skip
            decision = st.selectbox(
                "Decision", list(DECISION_WORDS), format_func=lambda name: DECISION_WORDS.get(name, "") if name else "Any decision", key="decision",
                label_visibility="collapsed", width=170,
            )  # fmt: skip
        shown = view_of.chosen(view, str(decision or ""), reasons, search or "")
        is_all = len(shown) == len(view.entries)
        table = view_of.table(shown, view.whole if is_all else None)
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            size = (
                formats.counted(len(shown), "piece")
                if is_all
                else f"{formats.count(len(shown))} of {formats.counted(len(view.entries), 'piece')}"
            )
            cost = sum((entry.piece.cost for entry in shown), start=0)
            st.markdown(f":gray[:small[{size}, {formats.plain(formats.exact(float(cost), currency))} sunk]]", width="stretch")
            downloads.download(table, "Unused content", caption, "pieces", columns)
            if st.button("", icon=":material/help:", type="tertiary", help="Explain", key="explain_pieces"):
                cards.explanation("Every piece, and what to do next", f"{WHY}\n\n{WHAT}\n\n{ONCE}\n\n{SCOPE}", caption, None)
        if not shown:
            st.markdown(":gray[No piece is left: clear the search, the reasons or the decision.]")
            return
        table.insert(1, "Open", [["Open"] for _ in shown] + [[]] * is_all)
        st.dataframe(
            styled.last_row_strong(table) if is_all else table, hide_index=True, placeholder=formats.DASH, row_height=74,
            height=styled.height(len(table), 7, 74), alt="Every piece with its reasons and what to do next",
            column_config={**columns, "Open": st.column_config.ButtonColumn("", type="tertiary", key="piece_row", on_click=opened, width=62)},
        )  # fmt: skip


st.title("Which content is not used, and what to do with it?", anchor=False)
if not content_data.has_content_plan(ds.version, ds):
    notices.designed_state(
        "No content is planned in this data",
        "This page lists published pieces that nobody reads, that nobody who bought has read, that sales never sent, or that are outdated, with the cost sunk "
        "in them and one decision for each. A piece that nobody touched can only be known from the table `content_assets`, which is not there, or empty.",
        [
            "Export your content as `content_assets.csv`: `asset_id`, `title`, `url`, `published_on`, `status`, `owner_id` (author) and `cost`.",
            "Say in your touches which piece they are about: `asset_id`, or the page's `url`.",
            "Build again.",
        ],
        f"python -m attribution build --data {Path(ds.data_folder).name or 'my_folder'}",
        icon=":material/inventory_2:",
    )
    st.stop()

view = content_data.unused(ds.version, choice, ds, names)
columns = {
    "Piece": st.column_config.TextColumn(pinned=True, width=210),
    "Decision": st.column_config.TextColumn(width=110),
    "What to do next": st.column_config.TextColumn(width=350),
    "Cost": money, "Published": days, "Last read": days,
    "Why it is here": st.column_config.TextColumn(width=130, help=WHY.replace("**", "").replace("`", "")),
    "Readers": st.column_config.NumberColumn(format="%,d", help="Known people with a touch of it, since publication"),
    "Sent": st.column_config.NumberColumn(format="%,d", help="Touches of sales with it, since publication"),
    "Won deals": st.column_config.NumberColumn(format="%,d", help="Won deals in whose journey a buyer read it"),
    "Lost deals": st.column_config.NumberColumn(format="%,d", help="Lost deals in whose journey a buyer read it"),
}  # fmt: skip
st.markdown(f"#### {view.answer}")
if not present.is_on():
    st.markdown(f":gray[:small[{SCOPE}]]")
    notices.thin_ice(list(view.notes))
if view.entries:
    figures()
    what_to_do()
    present.main_message_ends()
    every_piece()
else:
    notices.designed_state(
        "Nothing is unused",
        "No published piece has a reason to be here."
        if view.public
        else "The table `content_assets` has no published piece yet.",
        ["What is asked for and in production is on *Sales content*."],
        icon=":material/task_alt:",
    )
