"""What did sales send, and what should it send next? Content asked for, in production and sent, what became of it, and the next piece for a deal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from attribution.answers import sales_content as answers
from attribution.charts import deals, formats, heat, used
from attribution.content.recommend import ENOUGH_ALIKE, ENOUGH_USES, Pick, Recommendation
from attribution.views import sales_content as view_of
from attribution.views import state
from attribution.views.sales_content import Making
from pages.components import cards, content_data, data, downloads, notices, present, styled

ds, names, choice = st.session_state["view"]
if "open_piece" in st.session_state:
    st.switch_page("pages/content/content.py", query_params={"one": st.session_state.pop("open_piece")})
if "open_deal" in st.session_state:
    st.switch_page("pages/revenue/deals.py", query_params={"deal": st.session_state.pop("open_deal")})

currency = ds.settings.reporting.currency
palette = cards.colours()
caption = state.caption(ds, choice)
asked = st.query_params.get("deal")
money = st.column_config.NumberColumn(format=formats.money_column(currency))
days = st.column_config.DateColumn(format="D MMM YYYY")

LISTED = 1000  # rows of a table on the page; its file has all
SCOPE = (
    "A sending is a touch of a salesperson that names content and counts in a deal's journey, as on *Deals*. Sendings, ratings and questions count by "
    "their own day, whatever the date basis above; the other filters select their deals. What is asked for or in production is shown whatever the filters."
)
LIKE = (
    "Deals like it: won and lost deals of the same segment that came to the stage where this deal is now, whatever the filters; where fewer than "
    f"{ENOUGH_ALIKE} of them were won, of any segment; where these are too few as well, nothing is learned from them. Used: a touch that counts, from that "
    "stage on. First come pieces that answer a question of this deal: those named for it, then those made for it, then those named for it elsewhere. "
    f"Then those that at least {ENOUGH_USES} won deals used, by how much more often won deals used them than lost ones. *May be chance*: one in ten or "
    "more, by Fisher's exact test. What its people have used already, and what is due to be revised, is left out."
)


def _choose() -> None:
    st.query_params["deal"] = st.session_state["send_deal"]


def _piece_clicked() -> None:
    if point := cards.clicked("fates"):
        st.session_state["open_piece"] = str(point[0])


def figures() -> None:
    """What was sent, and what is being made."""
    present.figures_drawn()
    recorded = f"Of {formats.count(view.recorded)} recorded in all, {formats.count(view.in_deals)} count in a deal's journey."
    closed = [sending for sending in view.sent if sending.status != "open"]
    listed = (
        ("Pieces sent", f"{formats.count(view.pieces)} of {formats.count(view.public)}", "Published pieces that sales sent in the period."),
        ("Sendings", formats.count(len(view.sent)), recorded),
        ("Deals with one", formats.count(view.deals), f"{formats.counted(len({sending.deal_id for sending in closed}), 'deal')} of them closed."),
        ("In production", formats.count(len(view.in_production)), f"{formats.count(len(view.late))} past the day they are due."),
        ("Rated by sales", f"{view.average:.1f} of 5" if view.average is not None else formats.DASH, "Mean of all ratings in the period."),
    )  # fmt: skip
    with st.grid(len(listed), min_column_width=150, gap="small", key="figures"):
        for label, value, meaning in listed:
            st.metric(label, value, help=meaning, border=True, height="stretch")


def send_next() -> None:
    """One deal, and up to three pieces to send in it, each with its reasons."""
    still_open = data.deals(ds.version, choice.filters, "open", "", ds)
    known = list(still_open["deal_id"])
    chosen = asked or (known[0] if known else None)
    found = content_data.recommendation(ds.version, chosen, ds) if chosen else None
    if asked and found is None:
        notices.link_notices(
            [f"The link asks for deal “{formats.short(asked, 60)}”, which is not here; the largest open deal is shown."]
        )
        found = content_data.recommendation(ds.version, known[0], ds) if known else None
    with st.container(border=True, key="card_next", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown("**What to send next** :gray[:small[in one open deal]]", width="stretch")
            if found:
                label = deals.deal_label(
                    {"name": found.deal, "amount": found.amount, "status": found.status, "closed_on": found.closed_on}, currency
                )
                options = deals.deal_options(still_open, found.deal_id, label, currency)
                st.session_state["send_deal"] = found.deal_id
                st.selectbox(
                    "Deal", list(options), format_func=lambda deal_id: options.get(deal_id, str(deal_id)), key="send_deal", label_visibility="collapsed",
                    width=400, on_change=_choose,
                )  # fmt: skip
                st.page_link("pages/revenue/deals.py", label="Journey", query_params={"deal": found.deal_id}, width="content")
            if st.button("", icon=":material/help:", type="tertiary", help="Explain", key="explain_next"):
                cards.explanation("What to send next", LIKE, "", None)
        if found is None:
            st.markdown(":gray[No deal is open under these filters, so there is nothing to send.]")
            return
        st.markdown(answers.recommendation(found, currency))
        if found.picks:
            with st.grid(len(found.picks), min_column_width=250, gap="small", key="picks"):
                for place, pick in enumerate(found.picks, start=1):
                    picked(place, pick, found)
        if basis := answers.basis(found):
            st.markdown(f":gray[:small[{formats.plain(basis)}]]")


def picked(place: int, pick: Pick, found: Recommendation) -> None:
    """One piece to send, with its reasons."""
    with st.container(border=True, gap="xsmall", height="stretch"):
        kind = " · ".join(
            formats.words(word)
            for word in (pick.format, names.labels.get("topic", {}).get(pick.topic or "") or pick.topic)
            if word
        )
        st.markdown(
            f":gray[:small[{place}{f' · {formats.plain(kind)}' if kind else ''}]]  \n**{formats.plain(formats.short(pick.title, 110))}**"
        )
        for reason in answers.why(pick, found.alike):
            st.markdown(f":small[{formats.plain(reason)}]")
        st.page_link(
            "pages/content/content.py", label=":small[What it has earned]", query_params={"one": pick.asset_id}, width="content"
        )


def making() -> None:
    """What is asked for, and what is in production."""
    with st.container(border=True, key="card_making", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(
                "**Asked for and in production** :gray[:small[most waits for the first of what is asked for]]", width="stretch"
            )
            if view.requested or view.in_production:
                downloads.download(view_of.making_table(view), "Content asked for and in production", caption, "making", columns)
        if not (view.requested or view.in_production):
            st.markdown(
                ":gray[Nothing is asked for or in production. Rows of `content_assets` with the status `requested` or `in_production` appear here, with "
                "`due_on`, `requested_by` and `buyer_question`.]"
            )
            return
        left, right = st.columns(2, gap="small")
        with left:
            column("Asked for, not begun", view.requested)
        with right:
            column("In production", view.in_production)


def column(title: str, listed: Sequence[Making]) -> None:
    """One column of the board."""
    st.markdown(f":gray[{title} · {formats.count(len(listed))}]")
    if not listed:
        st.markdown(":gray[:small[Nothing.]]")
    for piece in listed[:12]:
        on_board(piece)


def on_board(piece: Making) -> None:
    """One piece that is not there yet: when it is due, the buyer's question, who asked for it, what waits for it."""
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="top", gap="xsmall"):
            st.markdown(f"**{formats.plain(formats.short(piece.title, 110))}**", width="stretch")
            if piece.status == "in_production":
                is_late = (piece.late_days or 0) > 0
                words = formats.plain(answers.being_made(piece.late_days, piece.due_on))
                st.markdown(
                    f":{'red' if is_late else 'gray'}-badge[{':material/schedule: ' if is_late else ''}{words}]", width="content"
                )
        if piece.question:
            st.markdown(f"“{formats.plain(formats.short(piece.question, 140))}”")
        who = [
            f"asked for by {piece.asked_by}" if piece.asked_by else "",
            f"author {piece.author}" if piece.author else "no author yet",
        ]
        st.markdown(f":gray[:small[{formats.plain(' · '.join(word for word in who if word))}]]")
        if waits := answers.waits(piece.waiting, piece.deals, piece.pipeline, currency):
            st.markdown(f":small[{formats.plain(waits)}]")


def became() -> None:
    """What became of the deals, and beside it what sales says about the pieces."""
    left, right = st.columns(2, gap="small")
    note = f"hollow: still open, grey: lost · all closed deals: {view.closed_rate} won"
    explain = f"A deal counts once for each piece that was sent in it. That a piece was sent need not be why a deal was won or lost. {SCOPE}"
    with left, cards.card("What became of the deals", note, explain, "fates", view_of.fates_table(view), caption, columns):
        cards.picture(
            lambda: used.split(view.fates, ("won", "still open", "lost"), palette),
            view.alts[0],
            "fates",
            (ds.version, choice),
            _piece_clicked,
        )
    with right:
        ratings()


def ratings() -> None:
    """What sales says about each piece."""
    with st.container(border=True, key="card_said", gap="small", height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown("**What sales says about it**", width="stretch")
            if view.rated:
                downloads.download(view_of.rated_table(view.rated), "Ratings of content by sales", caption, "ratings", columns)
        if not view.rated:
            st.markdown(
                ":gray[No rating or comment of sales in this period. The table `content_feedback` brings them: `asset_id`, `owner_id`, `given_at`, and "
                "`rating` (1 to 5), `was_used`, `reason` or `comment`.]"
            )
            return
        st.markdown(view.said)
        st.dataframe(
            view_of.rated_table(view.rated), hide_index=True, placeholder=formats.DASH, row_height=58,
            height=styled.height(len(view.rated), 5, 58), alt="Ratings of content by sales, most opinions first",
            column_config={**columns, "Piece": st.column_config.TextColumn(width=190), "Rating": st.column_config.NumberColumn(format="%.1f", width=60)},
        )  # fmt: skip


def steps() -> None:
    """Before which step each piece was sent."""
    explain = (
        "Each sending counts once, under the stage that its deal entered next. *The close*: no other stage came before it was won or lost; *Nothing since*: "
        f"the deal is open and has not moved since. {SCOPE}"
    )
    head = (
        "Sent before which step",
        "sendings, by the stage that the deal entered next",
        explain,
        "steps",
        view_of.grid_table(view),
        caption,
    )
    with cards.card(*head), st.grid(1, min_column_width=heat.heat_width(view.grid), wrap=False):
        cards.picture(lambda: heat.heat(view.grid, palette), view.alts[1], "steps", (ds.version, choice))


def comments() -> None:
    """What salespeople wrote, latest first."""
    if not view.comments:
        return
    table = view_of.comments_table(view.comments)
    with st.container(border=True, key="card_comments", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown("**In their own words** :gray[:small[latest first]]", width="stretch")
            downloads.download(table, "Comments of sales on content", caption, "comments", columns)
        st.dataframe(
            table.head(LISTED), hide_index=True, placeholder=formats.DASH, row_height=34, height=styled.height(len(table), 8, 34),
            alt="Comments of sales on content, latest first",
            column_config={**columns, "Comment": st.column_config.TextColumn(width=300), "Deal": st.column_config.TextColumn(width=240)},
        )  # fmt: skip


def everything_sent() -> None:
    """Each sending with its deal."""

    def opened() -> None:
        if click := st.session_state["sent_row"]:
            st.session_state["open_deal"] = view.sent[click.row].deal_id

    with st.container(border=True, key="card_sent", gap="small"):
        table = view_of.sent_table(view.sent)
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            size = f"{formats.counted(len(table), 'sending')}, {f'the latest {formats.count(LISTED)}' if len(table) > LISTED else 'latest first'}"
            st.markdown(f"**In which deals sales sent it** :gray[:small[{size}]]", width="stretch")
            downloads.download(table, "Content sent by sales", caption, "sent", columns)
        table = table.head(LISTED).copy()
        table.insert(1, "Open", [["Open"] for _ in range(len(table))])
        st.dataframe(
            table, hide_index=True, placeholder=formats.DASH, row_height=34, height=styled.height(len(table), 12, 34),
            alt="Each sending of content by sales, latest first",
            column_config={
                **columns, "Deal": st.column_config.TextColumn(pinned=True, width=190), "Piece": st.column_config.TextColumn(width=175),
                "Open": st.column_config.ButtonColumn("", type="tertiary", key="sent_row", on_click=opened, width=62),
            },
        )  # fmt: skip


st.title("What did sales send, and what should it send next?", anchor=False)
if not content_data.has_sales_content(ds.version, ds):
    notices.designed_state(
        "No content in this data",
        "This page shows which content sales asked for, what is in production and late, in which deals it was sent and what became of them, what salespeople "
        "say about it, and which piece to send next. No touch names content, and the table `content_assets` is not there.",
        [
            "Add `content_assets.csv` with `asset_id` and `title`; `url`, `status`, `due_on`, `requested_by` and `buyer_question` make more of this page work.",
            "Add `asset_id` (or the page's `url`) to your touches, also to the e-mails of sales, with `actor` = `sales`.",
            "Add `content_feedback.csv` for ratings and comments, and `questions.csv` for what buyers ask. Then build again.",
        ],
        f"python -m attribution build --data {Path(ds.data_folder).name or 'my_folder'}",
        icon=":material/outgoing_mail:",
    )
    st.stop()

view = content_data.sales_content(ds.version, choice, ds, names)
columns = {
    **dict.fromkeys(("Amount", "Pipeline"), money),
    **dict.fromkeys(("Sent on", "Due on", "On"), days),
    "Piece": st.column_config.TextColumn(width=230),
    "Days to it": st.column_config.NumberColumn(format="%,d", help="Days from the sending to the next step"),
    "Rating": st.column_config.NumberColumn(format="%.1f", help="From 1 to 5; mean of all ratings"),
    "Why not": st.column_config.TextColumn(help="Why it was not used, in the words of sales; how often in brackets"),
}
st.markdown(f"#### {view.answer}")
if not present.is_on():
    st.markdown(f":gray[:small[{SCOPE}]]")
figures()
send_next()
present.main_message_ends()
making()
if view.sent:
    became()
    steps()
    everything_sent()
else:
    notices.designed_state(
        "No sending here",
        f"No salesperson sent content under these filters, as far as it is recorded: {formats.plain(state.filter_words(ds, choice))}.",
        [
            "Clear a filter above, or choose a longer period.",
            "If sales does send content: log its e-mails as touches with `actor` = `sales` and `asset_id` or `url`. A link in the mail is enough.",
        ],
        icon=":material/outgoing_mail:",
    )
    ratings()
comments()
