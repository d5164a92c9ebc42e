"""Which channels earned the revenue? Credit by any dimension, beside another rule, in numbers, and what if the rule were different."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from attribution.answers import credit as answers
from attribution.charts import credit, formats
from attribution.errors import ClosedLoopError
from attribution.views import state
from attribution.views import what_if as what_if_view
from attribution.views.credit import LEARNED_FROM, MEASURES, Question, dimensions, table
from attribution.views.what_if import JOIN_RULES, Rule
from pages.components import boxes, cards, data, downloads, notices, present, styled

ds, names, choice = st.session_state["view"]
if "behind" in st.session_state:
    st.switch_page("pages/revenue/deals.py", query_params={"behind": st.session_state.pop("behind")})

settings = ds.settings
currency = settings.reporting.currency
palette = cards.colours()
models = {entry.name: entry.label for entry in settings.all_models()}
house = f"the {state.house_rule(ds)}"
agreed = house if choice.model == settings.reporting.model else "this rule"
ACTORS = names.labels["actor"]


def _asked(*metrics: str) -> Callable[[], str]:
    """The query behind a card, made when somebody asks for it."""
    return lambda: state.query_text(ds, choice, metrics, [question.by])


def _go(key: str, kind: str) -> None:
    """Open the deals behind a row; several rows in one, and columns that the deals page cannot cut by, lead nowhere."""
    if kind in ("other", "total"):
        return
    word = "period" if question.by in ("month", "quarter") else question.by
    open_deals = {"status": "open"} if question.measure == "pipeline" else {}
    st.session_state["behind"] = state.behind_words({word: key, **open_deals})


def _bar_clicked() -> None:
    if point := cards.clicked("credit"):
        _go(str(point[0]), str(point[1]))


def _dot_clicked() -> None:
    if point := cards.clicked("other_rule"):
        _go(str(point[0]), str(point[1]))


def _row_clicked() -> None:
    if click := st.session_state["numbers_row"]:
        row = (*listed, view.total)[click.row]
        _go(row.key, row.kind)


def _twin() -> pd.DataFrame:
    """Both pictures in numbers."""
    return table(view, view.rows, question, second_head)


def credited() -> None:
    """Bars of credit under the rule that is set."""
    title = f"Credited under {agreed}"
    note = " · ".join(
        part for part in (view.unit.head, "deals" if question.measure == "deals" else "", "share of the whole") if part
    )
    explain = (
        f"What each {formats.plain(view.one)} is credited with under {agreed}. Hatched: no touch can be credited. All rows add up to the whole. "
        "Click a bar to see its deals."
    )
    if not view.depends:
        title, explain = (
            "What it brought",
            f"Whole deals by {formats.plain(view.one)}: no rule changes this. Click a bar to see its deals.",
        )
    with cards.card(title, note, explain, "credit", _twin, caption, columns, _asked(question.measure)):
        alt = answers.credit_alt(view.many, [(row.label, row.share) for row in view.pictured])
        cards.picture(lambda: credit.bars(view.pictured, slots, palette, view.unit), alt, "credit", of, _bar_clicked)


def compared(this: str, other: str) -> None:
    """The same rows under the second rule, or (where no rule changes them) in the other period."""
    short = (formats.short(this, 34), formats.short(other, 34))
    title = "What another rule would say" if view.depends else f"Against {other}"
    head = f"{view.unit.head} · " if view.unit.head else ""
    note = f"{head}hollow: {formats.plain(short[1])}"
    explain = (
        f"The same rows under two rules: filled {formats.plain(this)}, hollow {formats.plain(other)}. A long line means that the answer depends on "
        "the rule. Neither is the truth: each answers another question."
        if view.depends
        else f"The same rows now (filled) and in {formats.plain(other)} (hollow)."
    )
    with cards.card(title, note, explain, "other_rule", _twin, caption, columns, _asked(question.measure)):
        alt = answers.compared_alt(view.many, short, [(row.label, row.amount, row.other) for row in view.pictured])
        same = "{} under both rules" if view.depends else "{} in both"
        cards.picture(
            lambda: credit.dumbbell(view.pictured, slots, palette, view.unit, short, same), alt, "other_rule", of, _dot_clicked
        )


def _numbers() -> tuple[pd.DataFrame, pd.DataFrame, Any]:
    """The rows that are listed, all of them as they are saved, and the former as the page shows them."""
    shown = table(view, listed, question, second_head, small)
    opens = [["Deals"] if row.kind not in ("other", "total") and row.amount else [] for row in (*listed, view.total)]
    return shown, table(view, view.every, question, second_head), styled.last_row_strong(shown.assign(Open=opens))


def numbers() -> None:
    """The table twin of both pictures, down to the total."""
    of_table = (*of, second_head, listed is view.every, small is not None)
    shown, saved, tinted = data.laid_out((*of_table, "numbers"), _numbers)
    with st.container(border=True, key="card_numbers", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**Every {formats.plain(view.one)} in numbers** :gray[:small[{view.note}]]", width="stretch")
            if len(view.every) > len(view.rows):
                st.toggle(f"All {len(view.every)}", key="every_row")
            if view.months:
                st.toggle("By month", key="by_month", help="Small lines: the credit of each row in each month")
            downloads.download(saved, f"Every {view.one} in numbers", caption, "numbers", columns)
            if st.button("", icon=":material/help:", type="tertiary", help="Explain", key="explain_numbers"):
                cards.explanation(f"Every {formats.plain(view.one)} in numbers", TABLE_WORDS, caption, _asked(question.measure))
        st.dataframe(
            tinted, hide_index=True, placeholder=formats.DASH, row_height=34,
            height=styled.height(len(shown), 16, 34), alt=f"Every {view.one} in numbers, the total in the last row",
            column_config={
                **columns, view.head: st.column_config.TextColumn(pinned=True, width=170 if slots else 200),
                "Share": st.column_config.ProgressColumn("Share of all", format="%.1f %%", min_value=0.0, max_value=100.0, width=96),
                "By month": st.column_config.LineChartColumn("By month", width=120),
                "Open": st.column_config.ButtonColumn("", type="tertiary", key="numbers_row", on_click=_row_clicked, width=64),
            },
        )  # fmt: skip
        if "Took part in" in shown:
            st.markdown(
                f":gray[:small[Deals that a {formats.plain(view.one)} took part in cannot be added up: most deals meet several.]]"
            )


def what_if() -> None:
    """Another rule, other journeys: what would change. Nothing is saved."""
    start = what_if_view.first_rule(settings, choice.model, question.second)
    with st.container(border=True, key="card_what_if", gap="small"):
        st.markdown(f"**What if the rule were different?** :gray[:small[nothing is saved; {house} stays]]")
        setting, said = st.columns([2.6, 1], gap="medium")
        with setting, st.grid(3, min_column_width=190, gap="small"):
            rule = _rule(start)
        with st.spinner("Recomputing all journeys under this rule", show_time=True):
            try:
                found = data.what_if(ds.version, choice, question, rule, ds, names)
            except ClosedLoopError as error:
                st.markdown(f":material/error: {formats.plain(error)}")
                return
        with said:
            st.markdown(f":green-badge[this is {house}]" if found.agreed else f":orange-badge[not {house}]")
            st.markdown(found.answer)
        if found.shifts:
            with st.grid(len(found.shifts), min_column_width=150, gap="small"):
                for shift in found.shifts:
                    st.metric(
                        shift.label,
                        shift.value,
                        shift.change,
                        delta_color="off",
                        delta_arrow=shift.arrow,
                        delta_description=shift.was,
                    )


def _rule(start: Rule) -> Rule:
    """The boxes of the what-if."""
    lookbacks = what_if_view.lookback_options(settings)
    model = st.selectbox(
        "Rule",
        list(models),
        index=list(models).index(start.model),
        format_func=lambda name: models.get(name, str(name)),
        key="if_model",
    )
    back = st.select_slider(
        "How far back", lookbacks, value=start.lookback_days, key="if_lookback",
        format_func=lambda days: formats.days(days) if days else "no limit",
    )  # fmt: skip
    half_life = start.half_life_days
    if model == "time_decay":
        half_life = st.select_slider(
            "Weight halves in",
            what_if_view.half_life_options(settings),
            value=start.half_life_days,
            key="if_half_life",
            format_func=formats.days,
        )
    join = st.selectbox(
        "Whose touches count",
        list(JOIN_RULES),
        index=list(JOIN_RULES).index(start.join_rule),
        format_func=lambda name: JOIN_RULES.get(name, str(name)),
        key="if_join",
    )
    actors = st.pills(
        "Whose actions count", list(ACTORS), default=list(start.actors), selection_mode="multi", format_func=lambda name: ACTORS.get(name, str(name)),
        key="if_actors", width="stretch", wrap=True,
    )  # fmt: skip
    if not actors:
        st.caption(f"Nobody is chosen: everybody counts whom {house} counts.")
    daily = st.toggle("Repeats count once a day", value=start.grain == "day", key="if_grain")
    return Rule(model, back, half_life, join, "day" if daily else "event", tuple(actors) or start.actors)


TABLE_WORDS = (
    "**Credited** and **Deals** are shared: they add up to the last row. **Difference** is the second rule minus this one. **Took part in** counts whole "
    "deals (of open deals: their whole amounts), each as often as it applies, so it has no total. **Per unit spent** is credit divided by what was spent "
    "in the same period; in the last row it is the ratio of the totals."
)

with present.tools_of_page("question"):
    st.markdown(":gray[:small[By]]", width="content")
    by = boxes.box("by", "Dimension", dimensions(ds), "channel", 160)
    measure = boxes.box("measure", "Measure", MEASURES, "revenue", 140)
    st.markdown(":gray[:small[beside]]", width="content")
    second = boxes.box("against", "Second rule", models, settings.reporting.second_model, 250)
    learned = [entry.name for entry in settings.all_models() if entry.is_learned and entry.name in (choice.model, second)]
    counted = boxes.box("learned", "Counted from", LEARNED_FROM, "all", 230) if learned else "all"
    if counted == "filtered":
        ds = data.learned_from(ds.version, choice.filters, ds)

question = Question(by, measure, second, counted)
view = data.credit(ds.version, choice, question, ds, names)
of: tuple[Any, ...] = (ds.version, choice, question)  # all that the pictures depend on
slots = names.slots if by == "channel" else None
caption = f"{state.caption(ds, choice)}; {MEASURES[measure].lower()} by {view.one}, beside {models[second]}"
caption = "; ".join([caption, *ds.learned_words(learned)])
second_head = formats.short(models[second], 28)
listed = view.every if st.session_state.get("every_row") and len(view.every) > len(view.rows) else view.rows
small = data.monthly(ds.version, choice, question, view.months, ds) if st.session_state.get("by_month") and view.months else None
deals = formats.deals_column(
    value for row in view.every for value in (row.deals, *((row.amount, row.other) if measure == "deals" else ()))
)
number = st.column_config.NumberColumn(format=deals if measure == "deals" else formats.money_column(currency))
signed = "%+,.1f" if measure == "deals" else "%+,.2f"
difference = st.column_config.NumberColumn(
    "Difference" if measure == "deals" else f"Difference, {formats.symbol(currency)}", format=signed
)
money = st.column_config.NumberColumn(format=formats.money_column(currency))
columns = {
    "Credited": number, second_head: number, "Difference": difference, "Spend": money,
    "Share": st.column_config.NumberColumn(format="%.1f %%"),
    "Took part in": money if measure == "pipeline" else st.column_config.NumberColumn("Took part in, deals", format="%,d"),
    "Deals": st.column_config.NumberColumn(format=deals),
    "Change": st.column_config.NumberColumn("Change", format="%+.0f %%", help=f"Against {view.against}"),
    "Per unit spent": st.column_config.NumberColumn(f"Per {formats.symbol(currency) or 'unit'} spent", format="%.2f"),
}  # fmt: skip

st.title(view.title, anchor=False)
st.markdown(f"#### {view.answer}")
st.markdown(state.rule_line(ds, choice.model))
if learned and choice.model not in learned:
    st.markdown(f"Beside it: **{formats.plain(models[second])}** · {' '.join(ds.learned_words(learned))}")
notices.coverage(data.thin_ice(ds.version, choice.filters, ds))

if not view.rows:
    notices.designed_state(
        "Nothing to share here",
        f"This page shows which {formats.plain(view.many)} earned the revenue. No deal has any under these filters: "
        f"{formats.plain(state.filter_words(ds, choice))}.",
        [
            "Choose a longer period, or clear a filter above.",
            "If there should be won deals: each needs `status` won, `closed_at` and `amount`.",
        ],
    )
else:
    if view.nothing_recorded:
        notices.thin_ice([f"No {formats.plain(view.one)} is recorded in this data, so all of it stands in the last rows."])
    if view.has_amounts and view.compared:
        left, right = st.columns(2, gap="small")
        with left:
            credited()
        with right:
            compared(*view.compared)
    elif view.has_amounts:
        credited()
    present.main_message_ends()
    numbers()
    what_if()
