"""What did our campaigns bring? Forward from each campaign to touches, people, deals and money; and one campaign by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from attribution.answers import campaigns as answers
from attribution.charts import campaigns as charts
from attribution.charts import formats
from attribution.metrics import metric
from attribution.views import campaign_tables, state
from attribution.views.campaign_tables import GROUPS, table
from attribution.views.campaigns import MONEY, ORDERS, for_life
from pages.components import boxes, cards, data, downloads, kpi_row, notices, one_campaign, present, styled

ds, names, chosen = st.session_state["view"]
if "behind" in st.session_state:
    st.switch_page("pages/revenue/deals.py", query_params={"behind": st.session_state.pop("behind")})
if "open_deal" in st.session_state:
    st.switch_page("pages/revenue/deals.py", query_params={"deal": st.session_state.pop("open_deal")})
if "open_person" in st.session_state:
    st.switch_page("pages/revenue/people.py", query_params={"person": st.session_state.pop("open_person")})

settings = ds.settings
currency = settings.reporting.currency
sign = formats.symbol(currency) or "unit"
palette = cards.colours()
models = {entry.name: entry.label for entry in settings.all_models()}
money = st.column_config.NumberColumn(format=formats.money_column(currency))
days = st.column_config.DateColumn(format="D MMM YYYY")
whole = st.column_config.NumberColumn(format="%,d")
percent = st.column_config.NumberColumn(format="%,.0f %%")

PERIOD_WORDS = (
    "**Money** follows the filters: credited revenue by the date that the filter bar says (close date unless changed), spend by its own day, both "
    "as on *Attribution*. A campaign that spent its money before the period therefore looks better in it than it was: *since each start* sets all "
    "of its credit against all of its spend. **Reach and outcome** (touches, people, companies, deals touched, who first met us) are since the "
    "start, whatever the filters. A parent includes the campaigns below it: touches, money and first meetings are added up, people, companies "
    "and deals count once."
)
COLUMN_WORDS = (
    "**Credited** is shared among the touches of each deal, so it adds up; **Took part in** counts whole won deals and cannot be added up. **Per unit "
    "spent** is credited revenue ÷ spend, **ROI** is (credited revenue − spend) ÷ spend, **Cost per won deal** is spend ÷ credited deals: ratios of "
    "totals, empty without spend. **Deals touched**: a touch of the campaign counts in the deal's journey. **First met us here**: people whose very first "
    "touch is the campaign's. **Deals opened**: the touch that opened the deal is the campaign's. **Age**: days since the start, up to the data's end."
)


def _asked(*metrics: str) -> Callable[[], str]:
    """The query behind a card, made when somebody asks for it."""
    return lambda: state.query_text(ds, choice, metrics, ["campaign"])


def _choose(campaign_id: str) -> None:
    st.query_params["one"] = campaign_id


def _all_campaigns() -> None:
    if "one" in st.query_params:
        del st.query_params["one"]


def _bar_clicked() -> None:
    if point := cards.clicked("brought"):
        _choose(str(point[0]))


def _outcome_clicked() -> None:
    if point := cards.clicked("outcome"):
        _choose(str(point[0]))


def figures() -> None:
    """What campaigns are credited with and cost in all."""
    present.figures_drawn()
    words = {"revenue": "Credited revenue", "roas": f"Credited per {sign} spent", "pipeline": "Credited, open deals"}
    with st.grid(len(view.figures), min_column_width=150, gap="small", key="figures"):
        for figure in view.figures:
            entry = metric(figure.name)
            change = kpi_row.change_words(entry, figure, currency)
            st.metric(
                words.get(figure.name, entry.label), kpi_row.value_words(entry, figure.value, currency), change.text, delta_color=change.colour,
                delta_arrow=change.arrow, delta_description=change.base or None, help=f"{entry.description} Of all campaigns.", border=True, height="stretch",
            )  # fmt: skip


def brought() -> None:
    """Credit beside spend, and beside it what became of the deals touched; the latter alone where there is no money to draw."""
    if any(row.revenue or row.spend for row in view.pictured):
        left, right = st.columns(2, gap="small")
        with left:
            credited()
        with right:
            became()
    else:
        became()


def credited() -> None:
    """A bar for what each campaign is credited with, a line for what it cost."""
    bars = [row.bar for row in view.pictured]
    unit = charts.unit_of(bars, currency)
    size = f"{len(bars)} of {len(view.entries)}" if len(bars) < len(view.entries) else "all"
    title, words, asked_for = "Credited", "", ("revenue",)
    if view.spend_known:
        title, words, asked_for = "Credited and spent", f" · line: spend, right: credited per {sign} spent", ("revenue", "spend")
    explain = f"A bar is what a campaign is credited with, the line what it cost. A bar past its line brought more than it cost. {PERIOD_WORDS}"
    head = ", ".join(part for part in (unit.head, size) if part)
    with cards.card(title, f"{head}{words}", explain, "brought", _twin, caption, columns, _asked(*asked_for)):
        alt = answers.bars_alt([(bar.label, bar.amount, bar.spend) for bar in bars], currency)
        cards.picture(lambda: charts.credit_and_spend(bars, palette, unit), alt, "brought", of, _bar_clicked)


def became() -> None:
    """What became of the deals that each campaign touched."""
    bars = [row.bar for row in view.pictured]
    explain = (
        "All deals in whose journey a touch of the campaign counts, since its start, whatever the filters. What is open is not decided: a young "
        f"campaign with many open deals is not yet a failure. {PERIOD_WORDS}"
    )
    note = "hollow: still open, grey: lost · since each start"
    with cards.card("What became of their deals", note, explain, "outcome", _twin, caption, columns):
        alt = answers.outcomes_alt([(bar.label, bar.won, bar.open, bar.lost) for bar in bars])
        cards.picture(lambda: charts.outcomes(bars, palette), alt, "outcome", of, _outcome_clicked)


def _twin() -> pd.DataFrame:
    """Both pictures in numbers."""
    shown = table(view.pictured, (), second_head, "all", view.spend_known, view.against)
    return campaign_tables.as_file(shown, names.channel_labels)


def _file() -> pd.DataFrame:
    """Every campaign, as it is saved."""
    return campaign_tables.as_file(
        table(view.entries, view.ends, second_head, "all", view.spend_known, view.against), names.channel_labels
    )


def numbers() -> None:
    """Every campaign, down to the total."""

    def opened() -> None:
        if click := st.session_state["open_row"]:
            _choose(rows[click.row].key)

    def deals() -> None:
        if click := st.session_state["deals_row"]:
            entry = rows[click.row]
            if entry.below or over == "life":  # the deals page asks for one campaign, in the period
                _choose(entry.key)
            else:
                st.session_state["behind"] = state.behind_words({"campaign": entry.key})

    with st.container(border=True, key="card_numbers", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown("**Every campaign in numbers**", width="stretch")
            group = boxes.segments("columns", "Columns", GROUPS, "money")
            search = st.text_input(
                "Find a campaign", type="search", placeholder="Find a campaign", label_visibility="collapsed", key="campaign_search", width=190,
                live="300ms",
            )  # fmt: skip
            everything = data.laid_out((*of, "file"), _file)
            downloads.download(everything, "Every campaign in numbers", f"{caption}; {campaign_tables.SUMS}", "numbers", columns)
            if st.button("", icon=":material/help:", type="tertiary", help="Explain", key="explain_numbers"):
                cards.explanation("Every campaign in numbers", f"{PERIOD_WORDS}\n\n{COLUMN_WORDS}", caption, _asked("revenue"))
        listed = campaign_tables.matching(view.entries, search or "")
        if not listed:
            st.markdown(f":gray[No campaign has “{formats.plain(search)}” in its name, id, channel, objective or owner.]")
            return
        ends = () if search or group == "reach" else view.ends
        rows = [*listed, *ends]

        def laid_out() -> tuple[Any, Any]:
            found = cards.with_chips(table(listed, ends, second_head, str(group), view.spend_known, view.against), names, palette)
            beside = 2 if "Credited" in found.frame else 1  # a phone shows the name and the credit
            found.frame.insert(beside, "Open", [["Open"] if row.campaign else [] for row in rows])
            found.frame.insert(beside + 1, "Its deals", [["Deals"] if row.campaign and row.took_deals else [] for row in rows])
            return styled.last_row_strong(found.frame) if ends else found.frame, found.chips

        shown, chips = data.laid_out((*of, "numbers", search, group, palette.name), laid_out)
        st.dataframe(
            shown, hide_index=True, placeholder=formats.DASH, row_height=34,
            height=styled.height(len(rows), 14, 34), alt="Every campaign in numbers" + (", the total in the last row" if ends else ""),
            column_config={
                **columns, "Channel": chips,
                "Open": st.column_config.ButtonColumn("", type="tertiary", key="open_row", on_click=opened, width=62),
                "Its deals": st.column_config.ButtonColumn("", type="tertiary", key="deals_row", on_click=deals, width=62),
            },
        )  # fmt: skip
        whose = (
            "Since each start, whatever the filters."
            if group == "reach"
            else f"Money {MONEY[over]}; the last row is the CRM's total in scope."
        )
        st.markdown(f":gray[:small[{whose} A parent includes the campaigns below it (↳); totals count each campaign once.]]")


if not data.known_campaigns(ds.version, ds).family.campaigns:
    st.title("What did our campaigns bring?", anchor=False)
    notices.designed_state(
        "No campaigns in this data",
        "This page goes forward from each campaign to the people it reached, the deals it touched and the revenue it is credited with. No touch names a "
        "campaign, and the table `campaigns` is not there. Channels work without it.",
        [
            "Add `campaign_id` to your touches (most tools export it, or `utm_campaign`).",
            "Add `campaigns.csv` with `campaign_id` and `name`; `starts_on`, `channel` and `parent_campaign_id` make more of this page work.",
            "Add `spend.csv` with `spent_on`, `campaign_id` and `amount` for what each cost. Then build again.",
        ],
        f"python -m attribution build --data {Path(ds.data_folder).name or 'my_folder'}",
        icon=":material/campaign:",
    )
    st.page_link("pages/revenue/attribution.py", label="Which channels earned the revenue?", icon=":material/account_tree:")
    st.stop()

asked = st.query_params.get("one")
one = None
with present.tools_of_page("question"):
    if asked:
        st.button("All campaigns", icon=":material/arrow_back:", type="tertiary", key="all_campaigns", on_click=_all_campaigns)
    st.markdown(":gray[:small[Money]]", width="content")
    over = boxes.box("over", "Money", MONEY, "period", 150)
    st.markdown(":gray[:small[beside]]", width="content")
    second = boxes.box("against", "Second rule", models, settings.reporting.second_model, 250)
    order = "credited"
    if not asked:
        st.markdown(":gray[:small[largest first by]]", width="content")
        order = boxes.box("order", "Order", ORDERS, "credited", 200)

choice = for_life(chosen) if over == "life" else chosen
view = data.campaigns(ds.version, choice, second, order, ds, names)
if asked:
    one = data.one_campaign(ds.version, choice, second, asked, ds, names)
    if one is None:
        notices.link_notices(
            [f"The link asks for campaign “{formats.short(asked, 60)}”, which is not here; all campaigns are shown."]
        )
of = (ds.version, choice, second, order)  # all that the pictures depend on
second_head = formats.short(models[second], 28)
caption = f"{state.caption(ds, choice)}; money {MONEY[over]}, beside {models[second]}"
columns = {
    "Campaign": st.column_config.TextColumn(pinned=True, width=225),
    **dict.fromkeys(("Credited", second_head, "Took part in, amount", "Open deals", "Spend", "Cost per won deal", "Spent in all", "Spent before"), money),
    "Credited deals": st.column_config.NumberColumn(format=formats.deals_column(entry.deals for entry in view.entries)),
    "Took part in": st.column_config.NumberColumn("Took part in, deals", format="%,d"),
    "Change": st.column_config.NumberColumn(format="%+.0f %%", help=f"Credited revenue against {view.against}"),
    "Per unit spent": st.column_config.NumberColumn(f"Per {sign} spent", format="%.2f"),
    "ROI": percent, "Share open": percent, "Started": days, "Ends": days,
    "Age": st.column_config.NumberColumn("Age, days", format="%,d", help="Days since the start, up to the data's end"),
    "Channel": st.column_config.TextColumn(help="The campaign's channel, as planned"),
    "Owner": st.column_config.TextColumn(help="The campaign's owner"),
    "Part of": st.column_config.TextColumn(help="The id of the campaign that includes it"),
    "Too early to judge?": st.column_config.TextColumn(width="large"),
}  # fmt: skip

if one:
    shown = one_campaign.Shown(ds, choice, columns, second_head, caption, (*of, one.entry.key), names, view, one)
    one_campaign.page(shown)
else:
    st.title("What did our campaigns bring?", anchor=False)
    st.markdown(f"#### {view.answer}")
    st.markdown(state.rule_line(ds, choice.model))
    notices.coverage(data.thin_ice(ds.version, choice.filters, ds))
    notices.thin_ice(list(view.notes))
    if view.pictured:
        figures()
        brought()
        present.main_message_ends()
        numbers()
    else:
        notices.designed_state(
            "No campaign here",
            f"No campaign is left under these filters: {formats.plain(state.filter_words(ds, choice))}.",
            ["Clear a filter above, or choose a longer period."],
        )
