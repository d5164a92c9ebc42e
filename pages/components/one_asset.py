"""One piece of content by itself: its figures, what it has earned since it was published, won against lost, every rule, deals, people, words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from attribution.answers import content as answers
from attribution.charts import asset as charts
from attribution.charts import campaigns as campaign_charts
from attribution.charts import content as content_charts
from attribution.charts import formats
from attribution.metrics import metric
from attribution.views import content_tables, one_asset
from attribution.views.content import Content
from attribution.views.one_asset import OneAsset
from pages.components import cards, one


@dataclass(frozen=True)
class Shown(one.Shown):
    """What the page knows when it shows one piece. ``compared_words`` explain the comparison of won and lost deals."""

    view: Content
    one: OneAsset
    compared_words: str


def page(shown: Shown) -> None:
    """The page of one piece."""
    one.head(shown, shown.one, shown.view.entries, "Piece of content", "asset_picker", shown.one.entry.too_early)
    _figures(shown)
    left, right = st.columns([1.5, 1], gap="small")
    with left:
        _earned(shown)
    with right:
        _rules(shown)
    left, right = st.columns([1.5, 1], gap="small")
    with left:
        _by_then(shown)
    with right:
        _first_used(shown)
    _deals(shown)
    _people(shown)
    _said(shown)


def _figures(shown: Shown) -> None:
    """Its figures under the filters, and since its publication where they differ."""
    entry, life = shown.one.entry, shown.one.life
    model, asset = shown.choice.model, entry.asset

    def both(value: float | None, in_all: float | None) -> dict[str, Any]:
        words, other = formats.money(value, shown.currency), formats.money(in_all, shown.currency)
        differs = words != other
        return {
            "value": words, "delta": other if differs else None, "delta_color": "gray", "delta_arrow": "off",
            "delta_description": "in all" if differs else None,
        }  # fmt: skip

    with st.grid(5, min_column_width=150, gap="small", key="figures"):
        st.metric(
            "Credited revenue",
            **both(entry.revenue, life.credit[model]),
            help=metric("revenue").description,
            border=True,
            height="stretch",
        )
        st.metric(
            "Took part in",
            **both(entry.took_part, life.influenced_revenue),
            help=metric("influenced_revenue").description,
            border=True,
            height="stretch",
        )
        cost = formats.money(entry.cost, shown.currency)
        upkeep = formats.money(float(asset.upkeep), shown.currency) if asset and asset.upkeep else None
        st.metric(
            "Cost so far", cost, upkeep, delta_color="gray", delta_arrow="off", delta_description="of it upkeep" if upkeep else None,
            help="Production, upkeep and whatever else was spent on it, since publication.", border=True, height="stretch",
        )  # fmt: skip
        paid = (
            formats.counted(asset.payback_months, "month")
            if asset and asset.payback_months is not None
            else "not yet"
            if entry.cost
            else formats.DASH
        )
        st.metric(
            "Paid back within", paid, f"ROI {formats.count(entry.roi * 100)} %" if entry.roi is not None else None, delta_color="gray", delta_arrow="off",
            help="Whole months until the credit of won deals reached the cost, each touch of a deal counting the same. ROI: (credited since publication − "
            "cost) ÷ cost, under the rule that is set.", border=True, height="stretch",
        )  # fmt: skip
        st.metric(
            "Readers", formats.count(asset.readers if asset else 0), formats.count(asset.views) if asset else None, delta_color="gray", delta_arrow="off",
            delta_description="views" if asset and asset.has_counts else "touches",
            help="People with a touch of it, since publication; below: page views that were counted, else touches.", border=True, height="stretch",
        )  # fmt: skip


def _earned(shown: Shown) -> None:
    piece = shown.one
    unit = formats.unit_for([amount for curve in piece.curves for amount in curve.amounts], shown.currency)
    explain = (
        "What it had been credited with by each day, a step for each won deal, since it was published and whatever the filters. The dashed line is what it "
        "has cost so far. Paid back: the day on which its credit reached its cost, each touch of a deal counting the same."
    )
    head = " · ".join(part for part in (unit.head, "since publication, added up") if part)
    columns = {"Day": one.DAYS, **{curve.name: shown.money for curve in piece.curves}}
    with cards.card(
        "Revenue since it was published", head, explain, "earned", one_asset.curve_table(piece.curves), shown.caption, columns
    ):
        if not any(curve.amounts[-1] for curve in piece.curves):
            st.markdown(":gray[Nothing won has been credited to it so far.]")
            return
        since = piece.life.since
        alt = answers.earned_alt(piece.entry.label, [(curve.name, curve.amounts[-1]) for curve in piece.curves], shown.currency)
        cards.picture(
            lambda: charts.earned(
                piece.curves,
                piece.entry.cost,
                piece.paid_back_on,
                since,
                piece.today,
                cards.colours(),
                unit,
                charts.height(len(piece.rules)),
            ),
            alt,
            "earned",
            shown.of,
        )


def _rules(shown: Shown) -> None:
    piece = shown.one
    unit = formats.unit_for([part.amount for part in piece.rules], shown.currency)
    explain = (
        "Its credited revenue under each rule, under the filters. Bars of one length: what it earned does not depend on the rule. Where they differ, "
        "somebody who quotes one of them has chosen a rule."
    )
    with cards.card(
        "Under every rule",
        unit.head,
        explain,
        "every_rule",
        one_asset.rules_table(piece.rules),
        shown.caption,
        {"Credited": shown.money},
    ):
        if not any(abs(part.amount) >= 0.005 for part in piece.rules):
            st.markdown(":gray[No rule credits it with anything won under these filters.]")
            return
        alt = answers.rules_alt(piece.entry.label, [(part.label, part.amount) for part in piece.rules], shown.currency)
        cards.picture(lambda: charts.rules(piece.rules, cards.colours(), unit), alt, "every_rule", shown.of)


def _by_then(shown: Shown) -> None:
    piece = shown.one
    note = "how many times as often won deals had used it · right: share of won · of lost"
    twin = content_tables.lifts(piece.by_then, "By then")
    with cards.card("Among won and lost deals", note, shown.compared_words, "by_then", twin, shown.caption, shown.columns):
        if piece.exposed:
            st.markdown(f":gray[:small[{piece.exposed}]]")
        if not piece.by_then:
            st.markdown(":gray[Too few deals to compare at any point: it takes 10 won, 10 lost, and 10 that used it.]")
            return
        alt = answers.lifts_alt([(row.label, row.lift, row.differs) for row in piece.by_then])
        with st.grid(1, min_column_width=content_charts.LEAST_WIDTH, wrap=False):
            cards.picture(lambda: content_charts.lifts(piece.by_then, cards.colours()), alt, "by_then", shown.of)


def _first_used(shown: Shown) -> None:
    piece = shown.one
    explain = "Deals by the stage they were in when it was first used, and what became of them, since it was published. Stages come from deal_stage_changes."
    note = "deals · hollow: still open, grey: lost"
    with cards.card(
        "When it was first used", note, explain, "first_used", one_asset.first_used_table(piece.first_used), shown.caption
    ):
        if not piece.first_used:
            st.markdown(":gray[It was used in no deal's journey.]")
            return
        alt = "First used: " + ", ".join(
            f"{bar.label} {bar.won} won, {bar.open} open, {bar.lost} lost" for bar in piece.first_used
        )
        cards.picture(lambda: campaign_charts.outcomes(piece.first_used, cards.colours()), alt, "first_used", shown.of)


def _deals(shown: Shown) -> None:
    """Every deal that used it, with a way to each."""
    piece = shown.one
    every = one_asset.deals_table(piece.deals, shown.second_head)
    most = f", the {formats.count(len(every))} with most credit" if len(every) < piece.touched else ""
    credits = formats.plain(formats.exact(piece.life.credit[shown.choice.model], shown.currency))
    one.listed(
        "used_in", "Deals that used it", f"{formats.counted(piece.touched, 'deal')} since publication{most} · credits add up to {credits}",
        f"Deals that used {piece.entry.label}", shown.caption, every, "No touch of this piece counts in the journey of a deal.",
        "Deals that used it, most credit first",
        {
            **one.deal_columns(shown), "First used": one.DAYS,
            "Stage then": st.column_config.TextColumn(help="The stage the deal was in when it was first used"),
        },
        opened=one.open_deal(piece.deals),
    )  # fmt: skip


def _people(shown: Shown) -> None:
    """Who used it."""
    piece, readers = shown.one, shown.one.life.readers
    latest = f", the latest {formats.count(len(piece.people))} shown" if len(piece.people) < readers else ""
    in_companies = f" in {formats.counted(piece.life.accounts, 'company', 'companies')}" if piece.life.accounts else ""
    note = f"{formats.counted(readers, 'person', 'people')}{in_companies}{latest} · it made {formats.counted(piece.life.leads, 'lead')}"
    one.listed(
        "readers", "Who used it", note, f"People who used {piece.entry.label}", shown.caption, one_asset.people_table(piece.people),
        "Nobody whose name is known has used it; visits without a name are counted as views.", "Who used it, latest first",
        {
            "First used": one.DAYS, "Last used": one.DAYS, "Deals": st.column_config.NumberColumn("On deals", help="Deals on which the person is named"),
            "Made a lead": st.column_config.TextColumn(help="It was the last thing before the CRM knew the person"),
        },
        opened=one.open_person(piece.people),
    )  # fmt: skip


def _said(shown: Shown) -> None:
    """What buyers asked that it answers, and what sales says of it."""
    said = shown.one.said
    if not said.questions and not said.ratings and not said.comments:
        return
    with st.container(border=True, key="card_said", gap="small"):
        st.markdown("**What is said about it**")
        left, right = st.columns(2, gap="medium")
        with left:
            st.markdown(f":gray[:small[Buyers' questions that it answers: asked {formats.counted(said.questions, 'time')}]]")
            for text, times in said.asked:
                st.markdown(f"“{formats.plain(formats.short(text, 160))}” :gray[:small[× {times}]]")
        with right:
            rating = f", {said.rating:.1f} of 5 on average" if said.rating is not None else ""
            st.markdown(f":gray[:small[Sales: {formats.counted(said.ratings, 'rating')}{rating}]]")
            for text, stars, who, day in said.comments:
                given = f"{stars} of 5, " if stars else ""
                st.markdown(
                    f"“{formats.plain(formats.short(text, 200))}” :gray[:small[{given}{formats.plain(formats.short(who, 40))}, {formats.day(day)}]]"
                )
