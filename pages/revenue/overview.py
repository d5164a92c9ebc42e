"""How is revenue doing, and what earned it?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from attribution.answers import overview as answers
from attribution.charts import formats, revenue, tables
from attribution.charts.theme import UNATTRIBUTED
from attribution.views import state
from attribution.views.overview import BIG_FIGURES, MORE_FIGURES
from pages.components import cards, data, downloads, notices, present, styled
from pages.components.kpi_row import figures_table, kpi_row

ds, names, choice = st.session_state["view"]
if "behind" in st.session_state:
    st.switch_page("pages/revenue/deals.py", query_params={"behind": st.session_state.pop("behind")})

view = data.overview(ds.version, choice, ds, names)
currency = ds.settings.reporting.currency
palette = cards.colours()
of = (ds.version, choice)  # all that the pictures depend on
caption = state.caption(ds, choice)
money = st.column_config.NumberColumn(format=formats.money_column(currency))
percent = st.column_config.NumberColumn(format="%.1f %%")
change = st.column_config.NumberColumn(f"Change on {view.against.removeprefix('the ')}", format="%+.0f %%")
agreed = f"the {state.house_rule(ds)}" if choice.model == ds.settings.reporting.model else "this rule"


def asked(metrics: list[str], *by: str) -> Callable[[], str]:
    """The query behind a card, made when somebody asks for it."""
    return lambda: state.query_text(ds, choice, metrics, by)


def months() -> None:
    """Won revenue by month and channel."""
    twin = view.months_table
    totals = [float(value) for value in twin["Total"][:-1]]
    grain = "quarter" if "Q" in view.periods[0] else "month"
    explain = (
        f"Each bar is the won revenue of one {grain}, shared among channels under {agreed}. The hatched part met no touch that can be credited. "
        "Click a part to see its deals."
    )
    with cards.card(
        f"Won revenue by {grain}", f"{formats.unit_for(totals, currency).head}, by channel credited", explain, "months", twin, caption,
        dict.fromkeys(twin.columns[1:], money), asked(["revenue"], "month", "channel"),
    ):  # fmt: skip
        cards.picture(
            lambda: revenue.months(view.months, view.periods, names.slots, names.channel_labels, palette, currency, view.running),
            answers.months_alt(view.periods, totals, currency),
            "months",
            of,
            _month_clicked,
        )


def bridge() -> None:
    """From what the CRM calls won to what is credited."""
    explain = (
        "From all won rows of the CRM down to what touches are credited with, to the cent. Hatched: won, but no touch can be credited, by reason. "
        "Click a bar to see its deals."
    )
    unit = formats.unit_for([step.amount for step in view.bridge], currency).head
    note = " · ".join(part for part in (unit, answers.bridge_note(view.bridge, currency)) if part)
    with cards.card(
        "From the CRM to credit", note, explain, "bridge", lambda: tables.bridge_table(view.bridge), caption, {"Revenue": money}
    ):
        if view.bridge:
            alt = answers.bridge_alt(view.bridge, currency)
            cards.picture(lambda: revenue.bridge(view.bridge, palette, currency), alt, "bridge", of, _step_clicked)
        else:
            st.markdown(
                ":gray[The bridge is about whole deals. It is not drawn while channels, campaigns or touch dates select parts of them: "
                "clear those filters to see it.]"
            )


def opened_by() -> None:
    """Won revenue by the team that opened the deal."""
    explain = (
        "Whole amounts by the team behind the first touch of each deal's journey; adds up to 100 %. "
        "Nothing recorded: no touch is known. Click a part to see its deals."
    )
    total = formats.money(sum(part.amount for part in view.opened_by), currency)
    with cards.card(
        "Who opened the deals", f"{total} won, by the first touch's team", explain, "opened_by",
        lambda: tables.parts_table(view.opened_by, "Team"), caption, {"Revenue": money, "Share": percent}, asked(["won_revenue"], "opened_by"),
    ):  # fmt: skip
        alt = answers.shares_alt("Won revenue by the team that opened the deal", view.opened_by)
        cards.picture(lambda: revenue.shares(view.opened_by, palette, currency, ("unknown",)), alt, "opened", of, _opened_clicked)


def phases() -> None:
    """Credit by phase of the deal."""
    explain = (
        f"When the credited touches happened, under {agreed}: before the lead was created, between lead and deal, or after the deal was opened. "
        "Click a part to see its deals."
    )
    with cards.card(
        "When it was earned", "credit by phase of the deal", explain, "phases",
        lambda: tables.parts_table(view.phases, "Phase"), caption, {"Revenue": money, "Share": percent}, asked(["revenue"], "phase"),
    ):  # fmt: skip
        alt = answers.shares_alt("Credited revenue by phase of the deal", view.phases)
        cards.picture(lambda: revenue.shares(view.phases, palette, currency, (UNATTRIBUTED,)), alt, "phase", of, _phase_clicked)


def moved() -> None:
    """The channels whose credit changed most."""
    explain = f"Credit of each channel under {agreed}, against {view.against or 'the other period'}. Click a bar to see the deals behind it now."
    note = f"{formats.unit_for([part.amount - before for part, before in view.moved], currency).head} against {view.against}"
    columns = dict.fromkeys(("Now", "Before", "Difference"), money) | {"Change": change}
    with cards.card(
        "What moved most", note if view.moved else "", explain, "moved",
        lambda: tables.changes_table(view.moved, "Channel"), caption, columns, asked(["revenue"], "channel"),
    ):  # fmt: skip
        if view.moved:
            alt = answers.moved_alt(view.moved, currency, view.against)
            cards.picture(lambda: revenue.movers(view.moved, names.slots, palette, currency), alt, "movers", of, _mover_clicked)
        else:
            st.markdown(f":gray[{view.nothing_moved}]")


def more_figures() -> None:
    """The figures that are not in the row above."""
    note = f"against {view.against}" if view.against else ""
    query = asked([*BIG_FIGURES, *MORE_FIGURES])
    table = data.laid_out((*of, "more"), lambda: figures_table([view.figures[name] for name in MORE_FIGURES], currency))
    with cards.card("More figures", note, view.definitions, "more", None, caption, None, query):
        st.dataframe(
            table, hide_index=True, height="content",
            placeholder=formats.DASH, alt="Further figures against the other period", row_height=34,
            column_config={
                "Figure": st.column_config.TextColumn(width=150), "Now": st.column_config.TextColumn(width=64, alignment="right"),
                "Change": st.column_config.TextColumn(width=64, alignment="right"), "Before": st.column_config.TextColumn(width=86, alignment="right"),
                "Trend": st.column_config.LineChartColumn("12 months", width=80),
            },
        )  # fmt: skip


def earned() -> None:
    """The strongest campaigns, content and channels."""
    with st.container(border=True, key="card_earned", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**What earned it** :gray[:small[{view.ranking_note}]]", width="stretch")
            kind = st.segmented_control(
                "Rank",
                ["Campaigns", "Content", "Channels"],
                default="Campaigns",
                key="rank",
                label_visibility="collapsed",
                required=True,
            )
            _, table = _ranked(kind)
            file, shown, chips, largest = data.laid_out((*of, "earned", kind, palette.name), lambda: _earned(table))
            downloads.download(file, f"What earned it {kind}", caption, "earned", {"Credited": money, "Share": percent})
        st.dataframe(
            shown, hide_index=True, height="content", placeholder=formats.DASH, row_height=34,
            alt=f"{kind} by credited revenue, with the total of the page in the last row",
            column_order=list(dict.fromkeys([table.columns[1], "Credited", *file, "Open"])),  # a phone shows a name and its credit
            column_config={
                table.columns[1]: st.column_config.TextColumn(width=216),
                "Channel": chips,
                "Credited": st.column_config.NumberColumn("Credited to it", format=formats.money_column(currency), width=112),
                "Share": st.column_config.ProgressColumn("Share of won", format="%.1f %%", min_value=0.0, max_value=largest * 1.04, width="medium"),
                "Took part in": st.column_config.NumberColumn(
                    "In deals", format="%,d", width=70, help="Won deals in whose journey it took part. Cannot be added up: most deals meet several."
                ),
                "Change": change,
                "Open": st.column_config.ButtonColumn("", type="tertiary", key="ranked_row", on_click=_row_clicked, width=70),
            },
        )  # fmt: skip


def _earned(table: pd.DataFrame) -> tuple[pd.DataFrame, Any, Any, float]:
    """(the file, the table on the page, the chips in it, its largest share) of one ranking."""
    file = table.drop(columns="id")
    shown = cards.with_chips(file, names, palette)
    frame = shown.frame.assign(Open=[["Deals"] if identity else [] for identity in table["id"]])
    largest = float(table["Share"].max()) if table["Share"].notna().any() else 1.0
    return file, styled.last_row_strong(frame), shown.chips, largest


def _ranked(kind: str | None) -> tuple[str, pd.DataFrame]:
    """The dimension and table of one ranking."""
    by = {"Content": "asset", "Channels": "channel"}.get(kind or "", "campaign")
    return by, data.ranking(ds.version, choice, by, ds, names)


def _go(**what: str) -> None:
    st.session_state["behind"] = state.behind_words(what)


def _month_clicked() -> None:
    if point := cards.clicked("months"):
        _go(period=point[0]) if point[1] == "Other" else _go(period=point[0], channel=point[1])


def _step_clicked() -> None:
    if (point := cards.clicked("bridge")) and point[0] != "finance":
        _go(step=point[0])


def _opened_clicked() -> None:
    if point := cards.clicked("opened"):
        _go(opened_by=point[0])


def _phase_clicked() -> None:
    if point := cards.clicked("phase"):
        _go(phase=point[0])


def _mover_clicked() -> None:
    if point := cards.clicked("movers"):
        _go(channel=point[0])


def _row_clicked() -> None:
    dimension, table = _ranked(st.session_state.get("rank"))
    if (click := st.session_state["ranked_row"]) and (identity := table["id"].iloc[click.row]):
        _go(**{dimension: str(identity)})


st.title("How is revenue doing, and what earned it?", anchor=False)
st.markdown(f"#### {view.answer}")
st.markdown(state.rule_line(ds, choice.model))
notices.coverage(data.thin_ice(ds.version, choice.filters, ds))
notices.thin_ice(list(view.thin))

if not view.periods:
    notices.designed_state(
        "No won deals here",
        "This page shows won revenue by month and channel, what moved, and the way from the CRM's total to credit. "
        f"No deal was won under these filters: {formats.plain(state.filter_words(ds, choice))}.",
        [
            "Choose a longer period, or clear a filter above.",
            "If there should be won deals: each needs `status` won, `closed_at` and `amount`; rows that could not be read are listed on "
            "*Data health*.",
        ],
    )
else:
    kpi_row([view.figures[name] for name in BIG_FIGURES], currency)
    for width, first, second in ((1.5, months, bridge), (1, opened_by, phases), (1, moved, more_figures)):
        left, right = st.columns([width, 1], gap="small")
        with left:
            first()
        with right:
            second()
        present.main_message_ends()
    earned()
