"""One campaign by itself: its figures, credit by month, from touches to won deals, the deals, the content, and who first met us there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from attribution import answers_campaigns as answers
from attribution.charts import campaigns as charts
from attribution.charts import formats
from attribution.metrics import metric
from attribution.views import campaign_tables, state
from attribution.views.campaigns import OF_SPEND, Campaigns
from attribution.views.one_campaign import OneCampaign
from attribution.views.state import Choice, Names
from pages.components import cards, downloads, kpi_row, notices


@dataclass(frozen=True)
class Shown:
    """What the page knows when it shows one campaign. ``columns``: how the table of campaigns is written; ``of``: what pictures depend on."""

    ds: Any
    names: Names
    choice: Choice
    view: Campaigns
    one: OneCampaign
    columns: Mapping[str, Any]
    second_head: str
    caption: str
    of: tuple[Any, ...]

    @property
    def currency(self) -> str | None:
        """The reporting currency."""
        currency: str | None = self.ds.settings.reporting.currency
        return currency

    @property
    def money(self) -> Any:
        """How amounts are written in tables."""
        return st.column_config.NumberColumn(format=formats.money_column(self.currency))


DAYS = st.column_config.DateColumn(format="D MMM YYYY")
COUNT = st.column_config.NumberColumn(format="%d")


def one_campaign(shown: Shown) -> None:
    """The page of one campaign."""
    one = shown.one
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.title(one.title, anchor=False, width="stretch")
        labels = {entry.key: entry.label for entry in shown.view.entries}
        st.session_state["campaign_picker"] = one.entry.key
        st.selectbox(
            "Campaign", list(labels), format_func=lambda key: labels.get(key, str(key)), key="campaign_picker", label_visibility="collapsed", width=340,
            on_change=_picked,
        )  # fmt: skip
    st.markdown(f"#### {one.answer}")
    st.markdown(state.rule_line(shown.ds, shown.choice.model))
    st.markdown(f":gray[:small[{one.about}]]")
    notices.thin_ice(list(one.care))
    _figures(shown)
    left, right = st.columns([1.5, 1], gap="small")
    with left:
        _months(shown)
    with right:
        _funnel(shown)
    _below(shown)
    _deals(shown)
    _used(shown)
    _people(shown)


def _picked() -> None:
    st.query_params["one"] = st.session_state["campaign_picker"]


def _figures(shown: Shown) -> None:
    """Its figures under the filters, and since its start where they differ."""
    entry, since, sign = shown.one.entry, shown.one.since_start, formats.symbol(shown.currency) or "unit"
    listed: tuple[tuple[str, str, float | None, float | None], ...] = (
        ("Credited revenue", "revenue", entry.revenue, since.revenue),
        ("Spend", "spend", entry.spend, since.spend),
        (f"Credited per {sign} spent", "roas", entry.roas, since.roas),
        ("Cost per won deal", "cost_per_deal", entry.cost_per_deal, since.cost_per_deal),
        ("Credited, open deals", "pipeline", entry.pipeline, None),
    )
    if not shown.view.spend_known:
        listed = tuple(entry for entry in listed if entry[1] not in OF_SPEND)
    with st.grid(len(listed), min_column_width=150, gap="small", key="figures"):
        for label, name, value, in_all in listed:
            words, other = (kpi_row.value_words(metric(name), number, shown.currency) for number in (value, in_all))
            differs = in_all is not None and other != words
            st.metric(
                label, words, other if differs else None, delta_color="gray", delta_arrow="off", delta_description="since its start" if differs else None,
                help=metric(name).description, border=True, height="stretch",
            )  # fmt: skip


def _months(shown: Shown) -> None:
    one = shown.one
    unit = formats.unit_for(list(one.amounts), shown.currency)
    period = "quarter" if any("Q" in month for month in one.months) else "month"
    pale = "" if all(one.inside) else " · pale: outside the period"
    explain = (
        f"What the campaign is credited with of each won deal, in the {period} in which the deal closed, since its start. The bars add up to "
        f"{formats.plain(formats.exact(one.in_all, shown.currency))}."
    )
    twin = campaign_tables.by_period(one.months, one.amounts)
    head = " · ".join(part for part in (unit.head, "since its start") if part)
    with cards.card(f"Credited by {period}", f"{head}{pale}", explain, "months", twin, shown.caption, {"Credited": shown.money}):
        if not one.in_all:
            st.markdown(":gray[Nothing has been credited to it so far.]")
            return
        alt = answers.months_alt(one.entry.label, list(zip(one.months, one.amounts, strict=True)), shown.currency)
        cards.picture(lambda: charts.months(one.months, one.amounts, one.inside, cards.colours(), unit), alt, "months", shown.of)


def _funnel(shown: Shown) -> None:
    one = shown.one
    explain = (
        "Touches recorded with the campaign; the people they reached; the deals in whose journey one of them counts; those that were won. Since its "
        "start, whatever the filters. A deal counts the touches of the people named on it, or of everybody at its company where nobody is."
    )
    with cards.card(
        "From touches to won deals", "since its start", explain, "funnel", campaign_tables.steps(one.steps), shown.caption
    ):
        alt = answers.funnel_alt([(step.label, step.value) for step in one.steps])
        cards.picture(lambda: charts.funnel(one.steps, cards.colours()), alt, "funnel", shown.of)


def _below(shown: Shown) -> None:
    """The campaigns below this one."""
    below = shown.one.below
    if not below:
        return

    def opened() -> None:
        if click := st.session_state["below_row"]:
            st.query_params["one"] = below[click.row].key

    frame = campaign_tables.table(below, (), shown.second_head, "money", shown.view.spend_known, shown.view.against)
    chips = cards.with_chips(frame, shown.names, cards.colours())
    chips.frame.insert(1, "Open", [["Open"]] * len(frame))
    with st.container(border=True, key="card_below", gap="small"):
        are = "is" if len(frame) == 1 else "are"
        note = f"{formats.counted(len(frame), 'campaign')}, which {are} counted in the figures above"
        st.markdown(f"**Below it** :gray[:small[{note}]]")
        button = st.column_config.ButtonColumn("", type="tertiary", key="below_row", on_click=opened, width=64)
        st.dataframe(
            chips.frame, hide_index=True, placeholder=formats.DASH, row_height=34, height="content" if len(frame) <= 8 else 310,
            alt="Campaigns below this one", column_config={**shown.columns, "Channel": chips.chips, "Open": button},
        )  # fmt: skip


def _deals(shown: Shown) -> None:
    """Every deal it touched, with a way to each."""
    one = shown.one
    every = campaign_tables.deals(one.deals, shown.second_head)

    def opened() -> None:
        if click := st.session_state["touched_row"]:
            st.session_state["open_deal"] = str(one.deals["deal_id"].iloc[click.row])

    with st.container(border=True, key="card_touched", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            credits = formats.plain(formats.exact(one.in_all, shown.currency))
            note = f"{formats.counted(len(every), 'deal')} since its start · credits add up to {credits}"
            st.markdown(f"**Deals it touched** :gray[:small[{note}]]", width="stretch")
            downloads.download(every, f"Deals touched by {one.entry.label}", shown.caption, "touched")
        if every.empty:
            st.markdown(":gray[No touch of this campaign counts in the journey of a deal.]")
            return
        frame = every.head(campaign_tables.LISTED).copy()
        frame.insert(1, "Open", [["Open"]] * len(frame))
        st.dataframe(
            frame, hide_index=True, placeholder=formats.DASH, row_height=32, height=min(40 + 32 * len(frame), 420), alt="Deals it touched, most credit first",
            column_config={
                "Deal": st.column_config.TextColumn(pinned=True, width=280),
                **dict.fromkeys(("Amount", "Credited", "Credited, open", shown.second_head), shown.money), "Opened": DAYS, "Closed": DAYS,
                "Open": st.column_config.ButtonColumn("", type="tertiary", key="touched_row", on_click=opened, width=64),
            },
        )  # fmt: skip


def _used(shown: Shown) -> None:
    """Channels and content that it used."""
    with st.container(border=True, key="card_used", gap="small"):
        st.markdown("**Through which channels and content** :gray[:small[since its start]]")
        for place, frame in zip(st.columns([1, 1.6], gap="small"), (shown.one.channels, shown.one.assets), strict=True):
            with place:
                st.dataframe(
                    frame, hide_index=True, placeholder=formats.DASH, row_height=32, height=min(40 + 32 * max(len(frame), 1), 264),
                    alt=f"{frame.columns[0]} of the campaign", column_config={"Credited": shown.money, "Touches": COUNT, "People": COUNT},
                )  # fmt: skip


def _people(shown: Shown) -> None:
    """The people who first met us there."""
    one, life = shown.one, shown.one.entry.life
    with st.container(border=True, key="card_people", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            latest = f", the latest {formats.count(len(one.people))} shown" if len(one.people) < life.first_met else ""
            note = f"{formats.counted(life.first_met, 'person', 'people')}{latest} · it opened {formats.counted(life.opened, 'deal')}"
            st.markdown(f"**Who first met us here** :gray[:small[{note}]]", width="stretch")
            downloads.download(one.people, f"People who first met us at {one.entry.label}", shown.caption, "people")
        if one.people.empty:
            st.markdown(":gray[Nobody's first recorded touch is this campaign's.]")
            return
        frame = campaign_tables.people(one.people, shown.names.labels["kind"])
        named = st.column_config.NumberColumn("On deals", format="%d", help="Deals on which the person is named")
        st.dataframe(
            frame, hide_index=True, placeholder=formats.DASH, row_height=32, height=min(40 + 32 * len(frame), 420),
            alt="People who first met us here, latest first", column_config={"First met": DAYS, "Deals": named},
        )  # fmt: skip
