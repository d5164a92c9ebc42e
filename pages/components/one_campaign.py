"""One campaign by itself: its figures, credit by month, from touches to won deals, the deals, the content, and who first met us there."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from attribution.answers import campaigns as answers
from attribution.charts import campaigns as charts
from attribution.charts import formats
from attribution.metrics import metric
from attribution.views import campaign_tables
from attribution.views.campaigns import OF_SPEND, Campaigns
from attribution.views.one_campaign import OneCampaign
from attribution.views.state import Names
from pages.components import cards, kpi_row, one, styled

COUNT = st.column_config.NumberColumn(format="%,d")


@dataclass(frozen=True)
class Shown(one.Shown):
    """What the page knows when it shows one campaign."""

    names: Names
    view: Campaigns
    one: OneCampaign


def page(shown: Shown) -> None:
    """The page of one campaign."""
    one.head(shown, shown.one, shown.view.entries, "Campaign", "campaign_picker", shown.one.care)
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
    campaign = shown.one
    unit = formats.unit_for(list(campaign.amounts), shown.currency)
    period = "quarter" if any("Q" in month for month in campaign.months) else "month"
    pale = "" if all(campaign.inside) else " · pale: outside the period"
    explain = (
        f"What the campaign is credited with of each won deal, in the {period} in which the deal closed, since its start. The bars add up to "
        f"{formats.plain(formats.exact(campaign.in_all, shown.currency))}."
    )
    twin = campaign_tables.by_period(campaign.months, campaign.amounts)
    head = " · ".join(part for part in (unit.head, "since its start") if part)
    with cards.card(f"Credited by {period}", f"{head}{pale}", explain, "months", twin, shown.caption, {"Credited": shown.money}):
        if not campaign.in_all:
            st.markdown(":gray[Nothing has been credited to it so far.]")
            return
        alt = answers.months_alt(campaign.entry.label, list(zip(campaign.months, campaign.amounts, strict=True)), shown.currency)
        cards.picture(
            lambda: charts.months(campaign.months, campaign.amounts, campaign.inside, cards.colours(), unit),
            alt,
            "months",
            shown.of,
        )


def _funnel(shown: Shown) -> None:
    campaign = shown.one
    explain = (
        "Touches recorded with the campaign; the people they reached; the deals in whose journey one of them counts; those that were won. Since its "
        "start, whatever the filters. A deal counts the touches of the people named on it, or of everybody at its company where nobody is."
    )
    with cards.card(
        "From touches to won deals", "since its start", explain, "funnel", campaign_tables.steps(campaign.steps), shown.caption
    ):
        alt = answers.funnel_alt([(step.label, step.value) for step in campaign.steps])
        cards.picture(lambda: charts.funnel(campaign.steps, cards.colours()), alt, "funnel", shown.of)


def _below(shown: Shown) -> None:
    """The campaigns below this one."""
    below = shown.one.below
    if not below:
        return

    def opened(row: int) -> None:
        st.query_params["one"] = below[row].key

    frame = campaign_tables.table(below, (), shown.second_head, "money", shown.view.spend_known, shown.view.against)
    chips = cards.with_chips(frame, shown.names, cards.colours())
    frame, columns = one.with_button(chips.frame, {**shown.columns, "Channel": chips.chips}, "below_row", opened)
    with st.container(border=True, key="card_below", gap="small"):
        are = "is" if len(frame) == 1 else "are"
        note = f"{formats.counted(len(frame), 'campaign')}, which {are} counted in the figures above"
        st.markdown(f"**Below it** :gray[:small[{note}]]")
        st.dataframe(
            frame, hide_index=True, placeholder=formats.DASH, row_height=34, height=styled.height(len(frame), 8, 34),
            alt="Campaigns below this one", column_config=columns,
        )  # fmt: skip


def _deals(shown: Shown) -> None:
    """Every deal it touched, with a way to each."""
    campaign = shown.one
    every = campaign_tables.deals(campaign.deals, shown.second_head)
    credits = formats.plain(formats.exact(campaign.in_all, shown.currency))
    one.listed(
        "touched", "Deals it touched", f"{formats.counted(len(every), 'deal')} since its start · credits add up to {credits}",
        f"Deals touched by {campaign.entry.label}", shown.caption, every, "No touch of this campaign counts in the journey of a deal.",
        "Deals it touched, most credit first", one.deal_columns(shown), every.head(campaign_tables.LISTED), one.open_deal(campaign.deals),
    )  # fmt: skip


def _used(shown: Shown) -> None:
    """Channels and content that it used."""
    with st.container(border=True, key="card_used", gap="small"):
        st.markdown("**Through which channels and content** :gray[:small[since its start]]")
        for place, frame in zip(st.columns([1, 1.6], gap="small"), (shown.one.channels, shown.one.assets), strict=True):
            with place:
                st.dataframe(
                    frame, hide_index=True, placeholder=formats.DASH, row_height=32, height=styled.height(len(frame), 7, 32),
                    alt=f"{frame.columns[0]} of the campaign", column_config={"Credited": shown.money, "Touches": COUNT, "People": COUNT},
                )  # fmt: skip


def _people(shown: Shown) -> None:
    """The people who first met us there."""
    campaign, life = shown.one, shown.one.entry.life
    latest = f", the latest {formats.count(len(campaign.people))} shown" if len(campaign.people) < life.first_met else ""
    one.listed(
        "people", "Who first met us here",
        f"{formats.counted(life.first_met, 'person', 'people')}{latest} · it opened {formats.counted(life.opened, 'deal')}",
        f"People who first met us at {campaign.entry.label}", shown.caption, campaign.people, "Nobody's first recorded touch is this campaign's.",
        "People who first met us here, latest first",
        {
            "First met": one.DAYS,
            "Deals": st.column_config.NumberColumn("On deals", format="%,d", help="Deals on which the person is named"),
        },
        campaign_tables.people(campaign.people, shown.names.labels["kind"]),
        one.open_person(campaign.people),
    )  # fmt: skip
