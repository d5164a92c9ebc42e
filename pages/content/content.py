"""Which content earns its cost? Every piece with its cost, readers and credit, won against lost deals; and one piece by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from attribution.answers import content as answers
from attribution.charts import content as charts
from attribution.charts import credit as credit_charts
from attribution.charts import formats
from attribution.metrics import metric
from attribution.views import content_tables, state
from attribution.views.content import ORDERS, Entry
from attribution.views.content_tables import GROUPS, SUMS, table
from pages.components import boxes, cards, content_data, data, downloads, kpi_row, notices, one_asset, present, styled

ds, names, choice = st.session_state["view"]
if "behind" in st.session_state:
    st.switch_page("pages/revenue/deals.py", query_params={"behind": st.session_state.pop("behind")})
if "open_deal" in st.session_state:
    st.switch_page("pages/revenue/deals.py", query_params={"deal": st.session_state.pop("open_deal")})
if "open_person" in st.session_state:
    st.switch_page("pages/revenue/people.py", query_params={"person": st.session_state.pop("open_person")})

settings = ds.settings
currency = settings.reporting.currency
palette = cards.colours()
models = {entry.name: entry.label for entry in settings.all_models()}
money = st.column_config.NumberColumn(format=formats.money_column(currency))
whole = st.column_config.NumberColumn(format="%,d")
percent = st.column_config.NumberColumn(format="%,.0f %%")
times = st.column_config.NumberColumn(format="× %.2f")
days = st.column_config.DateColumn(format="D MMM YYYY")

MONEY_WORDS = (
    "**Credit** is shared among the touches of each deal, so it adds up; it follows the filters, as on *Attribution*. **Took part in** counts whole deals "
    "and cannot be added up. **Cost** (production, upkeep and whatever else was spent on the piece), **earned since publication**, **ROI** and **payback** "
    "are since publication, whatever the filters: a piece is paid for once and read for years. Where `cost` in content_assets and spend on production "
    "both know what producing it cost, that is the same money and counts once. **ROI** is (earned since publication − cost) ÷ cost. **Paid back**: whole "
    "months until the credit of won deals reached the cost, each touch of a deal counting the same."
)
REACH_WORDS = (
    "Since publication, whatever the filters. **Views**: page views that were counted (activity_counts), else touches. **Readers**: people with a touch of "
    "it. **Leads**: people whose last touch before the CRM knew them was of this piece. **Sent by sales**: touches of it by sales. **Won**, **Lost** and "
    "**Open** are deals under the filters in whose journey it was used. The **author** is its owner."
)
COMPARED_WORDS = (
    "Late in a long deal everything has been read, so deals are compared at the same point. Only uses before that point count, and only deals that got "
    "there: one that was over sooner had less time to read. **Lift** is the share of won deals that had used it ÷ the share of lost ones; its **likely "
    "range** holds in 90 of 100 cases (Katz's interval on the logarithm). Nothing is said where fewer than 10 won, 10 lost or 10 deals that used it can be "
    f"compared. {answers.NO_PROOF} With many pieces, one in ten stands out by chance."
)


def _asked(*metrics: str) -> Callable[[], str]:
    """The query behind a card, made when somebody asks for it."""
    return lambda: state.query_text(ds, choice, metrics, ["asset"])


def _choose(asset_id: str) -> None:
    st.query_params["one"] = asset_id


def _all_content() -> None:
    if "one" in st.query_params:
        del st.query_params["one"]


def _clicked(key: str) -> Callable[[], None]:
    """What to do when a mark of a picture is clicked: show that piece."""

    def open_it() -> None:
        if point := cards.clicked(key):
            _choose(str(point[0]))

    return open_it


def figures() -> None:
    """What content is credited with, what it cost, and how much of it has paid for itself."""
    present.figures_drawn()
    costs = next((entry.cost for entry in view.ends if entry.kind == "all"), None)
    with st.grid(5, min_column_width=150, gap="small", key="figures"):
        credited, pipeline = view.figures
        entry = metric("revenue")
        change = kpi_row.change_words(entry, credited, currency)
        st.metric(
            "Credited to content", formats.money(credited.value, currency), change.text, delta_color=change.colour, delta_arrow=change.arrow,
            delta_description=change.base or None, help=f"{entry.description} Of all content, under the filters.", border=True, height="stretch",
        )  # fmt: skip
        st.metric(
            "Cost so far", formats.money(costs, currency), f"{formats.count(view.without_cost)} unknown" if view.without_cost else None,
            delta_color="gray", delta_arrow="off", help="Production, upkeep and whatever else was spent on content, since publication.", border=True,
            height="stretch",
        )  # fmt: skip
        earned = f"{formats.count(view.earned)} of {formats.count(view.costed)}" if view.costed else formats.DASH
        st.metric(
            "Earned their cost", earned, help="Published pieces with a known cost whose credit since publication reaches it, under this rule; "
            "pieces too young to judge are left out unless they have.", border=True, height="stretch",
        )  # fmt: skip
        paid = formats.counted(view.half_paid, "month") if view.half_paid is not None else formats.DASH
        st.metric(
            "Typical payback", paid, help="Of the pieces that have earned their cost: half of them did within this time, each touch of a deal "
            "counting the same.", border=True, height="stretch",
        )  # fmt: skip
        st.metric(
            "Credited, open deals", formats.money(pipeline.value, currency), help=f"{metric('pipeline').description} Of all content.", border=True,
            height="stretch",
        )  # fmt: skip


def pictures() -> None:
    """Credit under two rules, and beside it cost against what was earned since publication."""
    if view.dots:
        left, right = st.columns(2, gap="small")
        with left:
            two_rules()
        with right:
            cost_against_credit()
    else:
        two_rules()


def two_rules() -> None:
    """A dumbbell of the pieces with most credit: this rule filled, the other hollow."""
    rows = [entry.row for entry in view.pictured]
    unit = credit_charts.unit_of("revenue", [amount for row in rows for amount in (row.amount, row.other or 0.0)], currency)
    size = f"{len(rows)} of {len(view.entries)}" if len(rows) < len(view.entries) else "all"
    note = f"{', '.join(part for part in (unit.head, size) if part)} · hollow: {formats.plain(formats.short(models[second], 28))}"
    twin = content_tables.two_rules(view.pictured, "Credited", second_head)
    with cards.card("What it earned, under two rules", note, MONEY_WORDS, "rules", twin, caption, columns, _asked("revenue")):
        if not rows:
            st.markdown(":gray[Nothing won under these filters is credited to content.]")
            return
        alt = answers.dumbbell_alt([(row.label, row.amount, row.other) for row in rows], currency)
        words = (models[choice.model], models[second])
        cards.picture(lambda: credit_charts.dumbbell(rows, None, palette, unit, words, "{}"), alt, "rules", of, _clicked("rules"))


def cost_against_credit() -> None:
    """A dot for each piece: what it cost and what it has earned since publication."""
    explain = (
        f"Each dot is a piece; both scales go up in powers of ten. Above the line it has earned more than it cost. Filled: earned its cost; hollow: has not "
        f"yet; grey: too young to judge. {MONEY_WORDS}"
    )
    note = "since publication · filled: has earned its cost"
    with cards.card("Cost against what it earned", note, explain, "costs", content_tables.costs(view.dots), caption, columns):
        height = max(credit_charts.height([entry.row for entry in view.pictured]), charts.HEIGHT)
        alt = answers.scatter_alt([(dot.label, dot.cost, dot.amount) for dot in view.dots], currency)
        with st.grid(1, min_column_width=charts.LEAST_WIDTH, wrap=False):
            cards.picture(
                lambda: charts.cost_and_credit(view.dots, palette, currency, height), alt, "costs", of, _clicked("costs")
            )


def won_and_lost() -> None:
    """How many times as often won deals had used it by then."""
    won, lost = view.compared
    rows = view.lifts
    which = f"{formats.counted(won, 'won deal')}, {formats.count(lost)} lost" + (
        f", {len(rows)} of {view.compared_pieces} pieces" if len(rows) < view.compared_pieces else ""
    )
    note = f"used {formats.plain(view.point)} · {which} · right: share of won · of lost"
    with cards.card("Among won and lost deals", note, COMPARED_WORDS, "lifts", content_tables.lifts(rows), caption, columns):
        if not rows:
            st.markdown(
                f":gray[Too few deals to compare: {formats.counted(won, 'won deal')} and {formats.count(lost)} lost ones got to this point, and a piece needs "
                "10 deals that used it. Choose an earlier point or a longer period.]"
            )
            return
        st.markdown(f":gray[:small[{answers.chance_line(view.compared_pieces, view.differing)} {answers.NO_PROOF}]]")
        alt = answers.lifts_alt([(row.label, row.lift, row.differs) for row in rows])
        with st.grid(1, min_column_width=charts.LEAST_WIDTH, wrap=False):
            cards.picture(lambda: charts.lifts(rows, palette), alt, "lifts", (*of, point), _clicked("lifts"))


def numbers() -> None:
    """Every piece, down to the total."""

    def opened() -> None:
        if click := st.session_state["open_row"]:
            _choose(rows[click.row].key)

    def deals() -> None:
        if click := st.session_state["deals_row"]:
            st.session_state["behind"] = state.behind_words({"asset": rows[click.row].key})

    with st.container(border=True, key="card_numbers", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown("**Every piece in numbers**", width="stretch")
            group = boxes.segments("columns", "Columns", GROUPS, "money")
            search = st.text_input(
                "Find a piece", type="search", placeholder="Title, author, topic …", label_visibility="collapsed", key="content_search", width=190,
                live="300ms",
            )  # fmt: skip
            everything = table(view.entries, view.ends, second_head, "all", names.labels)
            downloads.download(everything, "Every piece of content in numbers", f"{caption}; {SUMS}", "numbers", columns)
            if st.button("", icon=":material/help:", type="tertiary", help="Explain", key="explain_numbers"):
                words = f"{MONEY_WORDS}\n\n{REACH_WORDS}\n\n{COMPARED_WORDS}"
                cards.explanation("Every piece in numbers", words, caption, _asked("revenue"))
        listed = content_tables.matching(view.entries, search or "")
        if not listed:
            st.markdown(f":gray[No piece has “{formats.plain(search)}” in its title, author, topic, format, stage or address.]")
            return
        ends: tuple[Entry, ...] = () if search or group not in ("money", "all") else view.ends
        rows = [*listed, *ends]
        frame = table(listed, ends, second_head, str(group), names.labels)
        beside = 2 if "Credited" in frame else 1  # a phone shows the name and the credit
        frame.insert(beside, "Open", [["Open"] if row.asset else [] for row in rows])
        frame.insert(beside + 1, "Its deals", [["Deals"] if row.asset and row.took_deals else [] for row in rows])
        st.dataframe(
            styled.last_row_strong(frame) if ends else frame, hide_index=True, placeholder=formats.DASH, row_height=34,
            height=styled.height(len(rows), 14, 34), alt="Every piece of content in numbers" + (", the total in the last row" if ends else ""),
            column_config={
                **columns,
                "Open": st.column_config.ButtonColumn("", type="tertiary", key="open_row", on_click=opened, width=62),
                "Its deals": st.column_config.ButtonColumn("", type="tertiary", key="deals_row", on_click=deals, width=62),
            },
        )  # fmt: skip
        words = {
            "reach": "Reach is since publication, whatever the filters; won, lost and open deals are those under the filters.",
            "compared": f"Deals that got to this point: {formats.plain(view.point)}. {answers.NO_PROOF}",
        }.get(
            str(group),
            "Credit under the filters, its last row is the CRM's total in scope; cost, earned, ROI and payback since publication.",
        )
        st.markdown(f":gray[:small[{words}]]")


if not content_data.known_content(ds.version, ds).rows:
    st.title("Which content earns its cost?", anchor=False)
    notices.designed_state(
        "No content in this data",
        "This page goes from each piece of content to the people who read it, the deals it was used in and the revenue it is credited with, beside what it "
        "cost. No touch names a piece, and the table `content_assets` is not there.",
        [
            "Add `content_assets.csv` with `asset_id`, `title`, `url` and `cost`; `topic`, `funnel_stage`, `published_on` and `owner_id` make more of it work.",
            "Touches find their content by `asset_id`, or by `url` where content_assets (or `asset_urls.csv`) knows the address.",
            "Add `activity_counts.csv` with page views by `asset_id` for readers nobody knows by name. Then build again.",
        ],
        f"python -m attribution build --data {Path(ds.data_folder).name or 'my_folder'}",
        icon=":material/article:",
    )
    st.page_link("pages/revenue/attribution.py", label="Which channels earned the revenue?", icon=":material/account_tree:")
    st.stop()

asked = st.query_params.get("one")
points, usual = content_data.content_points(ds.version, ds)
with present.tools_of_page("question"):
    if asked:
        st.button("All content", icon=":material/arrow_back:", type="tertiary", key="all_content", on_click=_all_content)
    st.markdown(":gray[:small[Beside]]", width="content")
    second = boxes.box("against", "Second rule", models, settings.reporting.second_model, 250)
    st.markdown(":gray[:small[won and lost compared]]", width="content")
    point = boxes.box("point", "Point", points, usual, 230)
    order = "credited"
    if not asked:
        st.markdown(":gray[:small[largest first by]]", width="content")
        order = boxes.box("order", "Order", ORDERS, "credited", 210)

view = content_data.content(ds.version, choice, second, order, point, ds)
of = (ds.version, choice, second, order)  # all that the pictures depend on
second_head = formats.short(models[second], 28)
if second_head in ("Credited", "Cost"):
    second_head = f"Rule {second_head}"
caption = f"{state.caption(ds, choice)}; beside {models[second]}; won and lost compared {points[point]}"
columns = {
    "Piece": st.column_config.TextColumn(pinned=True, width=230),
    **dict.fromkeys(
        ("Credited", second_head, "Took part in, amount", "Credited, open deals", f"{second_head}, open deals", "Took part in, open", "Cost",
         "Earned since publication", "Earned less cost"), money,
    ),
    "Credited deals": st.column_config.NumberColumn(format=formats.deals_column(entry.deals for entry in view.entries)),
    "Took part in": st.column_config.NumberColumn("Took part in, deals", format="%,d"),
    "ROI": st.column_config.NumberColumn(format="%,.0f %%", help="(earned since publication − cost) ÷ cost"),
    "Paid back": st.column_config.NumberColumn("Paid back, months", format="%,d", help="Whole months until its linear credit reached its cost"),
    "Age": st.column_config.NumberColumn("Age, days", format="%,d", help="Days since publication, up to the data's end"),
    **dict.fromkeys(
        ("Views", "Readers", "Companies", "Leads", "Sent by sales", "Won", "Lost", "Open", "Won deals that used it", "Lost deals that used it"), whole,
    ),
    "Share of won": percent, "Share of lost": percent, "Lift": times, "Likely from": times, "Likely to": times, "Published": days, "Last used": days,
    "Author": st.column_config.TextColumn(help="The piece's owner"),
    "Address": st.column_config.TextColumn(width="medium"),
}  # fmt: skip

one = None
if asked:
    one = content_data.one_asset(ds.version, choice, second, point, asked, ds, names)
    if one is None:
        notices.link_notices(
            [f"The link asks for content “{formats.short(asked, 60)}”, which is not here; all content is shown."]
        )

if one:
    one_asset.page(
        one_asset.Shown(ds, choice, columns, second_head, caption, (*of, point, one.entry.key), view, one, COMPARED_WORDS)
    )
else:
    st.title("Which content earns its cost?", anchor=False)
    st.markdown(f"#### {view.answer}")
    present.answer_drawn(view.answer)
    st.markdown(state.rule_line(ds, choice.model))
    notices.coverage(data.thin_ice(ds.version, choice.filters, ds))
    notices.thin_ice(list(view.notes))
    figures()
    pictures()
    present.main_message_ends()
    won_and_lost()
    numbers()
