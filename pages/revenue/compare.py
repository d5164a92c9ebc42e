"""Which channels hold up under every rule? Every value under every rule with its likely range, other settings, one deal, and a shift of spend."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from attribution.answers import compare as answers
from attribution.charts import compare as charts
from attribution.charts import deals as deal_words
from attribution.charts import formats
from attribution.errors import ClosedLoopError, QueryError
from attribution.views import compare as compare_view
from attribution.views import compare_shift, compare_tables, state
from attribution.views.compare import BYS, RULES, Question
from attribution.views.credit import dimensions
from attribution.views.deals import Explained
from pages.components import boxes, cards, data, downloads, notices, present, styled

ds, names, chosen = st.session_state["view"]
if "behind" in st.session_state:
    st.switch_page("pages/revenue/deals.py", query_params={"behind": st.session_state.pop("behind")})

choice = replace(chosen, compare="none", mine="")  # what changes nothing here computes nothing anew
currency = ds.settings.reporting.currency
agreed = ds.settings.reporting.model
house = state.house_rule(ds)
palette = cards.colours()
money = st.column_config.NumberColumn(format=formats.money_column(currency))
percent = st.column_config.NumberColumn(format="%.1f %%")

MOST_REASONS = 4  # badges with their reason beside the pairs that change places: what holds or is too close to tell comes first
STRIPS_WORDS = (
    "Each row is a strip of dots, one per rule: how much of all that the rule credits goes here. Rules stand below each other, from those that credit the "
    "first contact (top) to those that credit the last, then what the data says. An **upright** strip holds under every rule, a **slanted** or "
    "scattered one depends on it. The large dot is the rule of the bar.\n\nThe line through a dot is its likely range: 1,000 times, as many deals as there are "
    "are drawn from them anew, won and lost apart, and every rule is computed again; nine out of ten results lie in the range. It says how much rests on the "
    "deals that happened to be there.\n\n**= same under every rule**: the same place under all rules (and under other settings, once computed). "
    "**≠ depends on the rule**: the place changes, and two rules differ by more than both likely ranges. **≈ too close to tell**: the place changes, but by "
    "less than these deals can tell. Shares are of what a rule credits to touches, without what it leaves unattributed."
)
SETTINGS_WORDS = (
    "The same rule over other journeys: touches further back left out, or other people's touches counted. Each is computed in memory over all deals; "
    "nothing is saved. A place in bold differs from the one as it is. Once computed, the badges above hold for these settings as well."
)


def _asked() -> str:
    """The query behind the shares, by the rule of the bar."""
    return state.query_text(ds, choice, ["revenue"], [question.by])


def _dot_clicked() -> None:
    if point := cards.clicked("strips"):
        st.session_state["behind"] = state.behind_words({question.by: str(point[0])})


def _row_clicked() -> None:
    if click := st.session_state["rule_row"]:
        st.session_state["behind"] = state.behind_words({question.by: view.found.values[click.row]})


def _compute() -> None:
    st.session_state["settings_asked"] = (ds.version, choice, question)


def _pick_deal() -> None:
    st.query_params["deal"] = st.session_state["deal_compared"]


def strips() -> None:
    """Every value under every rule."""
    big = f"the {house}" if choice.model == agreed else "the rule of the bar"
    head = f"share of what each rule credits · large dot: {big} · top dot: first contact, bottom: last and the data"
    with cards.card(
        f"Every {formats.plain(view.one)} under every rule", head, STRIPS_WORDS, "strips", twin, caption, columns, _asked
    ):
        alt = answers.alt(view.many, view.standings, len(view.models))
        slots = names.slots if question.by == "channel" else None
        cards.picture(lambda: charts.strips(view.strips, slots, palette, view.found.is_enough), alt, "strips", of, _dot_clicked)


def changes() -> None:
    """Which two values change places."""
    explain = (
        "Two values change places where one leads by one rule and the other by another, each in at least 95 of 100 draws of the deals. The largest such "
        "change comes first. A decision between the two is a decision about the rule."
    )
    with cards.card(
        "Which decisions would change", "pairs that change places, largest first", explain, "changes", caption=caption
    ):
        pairs, reasons = st.columns(2, gap="large")
        with pairs:
            for entry in view.swaps:
                st.markdown(f":material/swap_vert: {answers.swap(entry, view.is_codes)}")
            if not view.swaps:
                st.markdown(":gray[No two change places for sure, whatever the rule.]")
        with reasons:
            for standing in sorted(view.standings, key=lambda entry: entry.kind == answers.DEPENDS)[:MOST_REASONS]:
                st.markdown(f":gray[:small[{answers.line(standing, view.rules, len(view.elsewhere), view.is_codes)}]]")


def settings() -> None:
    """The same under other lookbacks and join rules, on request."""
    tries = compare_view.to_try(ds)
    with cards.card("If other journeys counted", f"by {rule_words}", SETTINGS_WORDS, "settings", caption=caption):
        if not view.elsewhere:
            st.markdown(
                f"{len(tries)} other ways to count: {', '.join(compare_view.setting_words(entry).lower() for entry in tries)}. "
                "Each takes as long as computing all journeys anew."
            )
            st.button("Compute them", icon=":material/calculate:", key="compute_settings", on_click=_compute)
            return
        st.markdown(compare_tables.settings_words(view, shown_model))
        cells, differs = compare_tables.other_settings(view, shown_model)
        bold = differs.map(lambda changed: "font-weight: 700" if changed else "")
        st.dataframe(
            cells.style.apply(lambda _: bold, axis=None), hide_index=True, placeholder=formats.DASH, row_height=32, height="content",
            alt="Place and share under each setting",
            column_config={view.head: st.column_config.TextColumn(pinned=True, width=130)},
        )  # fmt: skip
        downloads.download(
            cells,
            "If other journeys counted",
            f"{made_of}; all by {rule_words}, each column over the journeys that it names",
            "settings",
        )


def numbers() -> None:
    """Every rule in numbers: badge, reason, and the share under each."""
    with st.container(border=True, key="card_numbers", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(
                f"**Every rule in numbers** :gray[:small[share of credit in %, {formats.plain(view.many)} by rule]]",
                width="stretch",
            )
            downloads.download(twin, f"Every {view.one} under every rule", caption, "numbers", columns)
            if st.button("", icon=":material/help:", type="tertiary", help="Explain", key="explain_numbers"):
                cards.explanation("Every rule in numbers", STRIPS_WORDS, caption, _asked)
        shown = frame.copy()
        shown.insert(1, "Open", [["Deals"]] * len(frame))
        largest = float(frame[heads].to_numpy().max(initial=1.0))
        st.dataframe(
            shown, hide_index=True, placeholder=formats.DASH, row_height=34, height="content",
            alt="Share under each rule, with the badge of each row",
            column_config={
                view.head: st.column_config.TextColumn(pinned=True, width=150), "Badge": st.column_config.TextColumn(width=165),
                "Places": st.column_config.TextColumn(width=90), "Why": st.column_config.TextColumn(width=560),
                "Lowest": percent, "Highest": percent, "Lowest by": st.column_config.TextColumn(width=150),
                "Highest by": st.column_config.TextColumn(width=150),
                "Place holds": st.column_config.NumberColumn(format="%.0f %%", help="How often its place by the rule of the bar holds in other draws"),
                **{head: st.column_config.ProgressColumn(format="%.1f %%", min_value=0.0, max_value=largest, width=132) for head in heads},
                "Open": st.column_config.ButtonColumn("", type="tertiary", key="rule_row", on_click=_row_clicked, width=64),
            },
        )  # fmt: skip


def one_deal() -> None:
    """How much one deal's touches depend on the rule."""
    listed = data.deals(ds.version, choice.filters, "won", "", ds)
    found = _deal_asked(str(listed["deal_id"].iloc[0]) if len(listed) else "")
    if found is None:
        return
    head = formats.capital(house)
    spread = compare_tables.spread(found, view.models, agreed, head)
    with st.container(border=True, key="card_deal", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown("**One deal under every rule** :gray[:small[lowest and highest credit of each touch]]", width="stretch")
            options = deal_words.deal_options(listed, found.deal_id, found.label, currency)
            st.session_state["deal_compared"] = found.deal_id
            st.selectbox(
                "Deal", list(options), format_func=lambda key: options.get(key, str(key)), key="deal_compared", label_visibility="collapsed", width=360,
                on_change=_pick_deal,
            )  # fmt: skip
            downloads.download(
                spread.table,
                f"{found.name} under every rule",
                f"deal {found.deal_id}; {made_of}; lowest and highest credit under {len(view.models)} rules, beside the {house}",
                "deal",
                dict.fromkeys(("Lowest", "Highest", head), money),
            )
        st.markdown(answers.deal_spread(found.name, spread.counted, len(view.models), found.amount, spread.widest, currency))
        if spread.counted:
            chips = cards.with_chips(spread.table, names, palette)
            width = formats.money_width(found.amount, currency)
            st.dataframe(
                chips.frame, hide_index=True, placeholder=formats.DASH, row_height=32, height=styled.height(spread.counted, 12, 32),
                alt=f"Touches of {found.name}, lowest and highest credit",
                column_config={
                    "Date": st.column_config.DatetimeColumn(format="D MMM YYYY", width=88, pinned=True), "Channel": chips.chips,
                    "Who": st.column_config.TextColumn(width=128), "What happened": st.column_config.TextColumn(width=190),
                    **dict.fromkeys(("Lowest", "Highest", head), st.column_config.NumberColumn(format=formats.money_column(currency), width=width)),
                },
            )  # fmt: skip
        st.page_link(
            "pages/revenue/deals.py",
            label="The whole journey of this deal",
            icon=":material/handshake:",
            query_params={"deal": found.deal_id},
        )


def _deal_asked(first: str) -> Explained | None:
    """The deal of the link, else the largest; None where there is none."""
    if asked := st.query_params.get("deal"):
        try:
            found: Explained = data.explained(ds.version, asked, choice.model, ds)
            return found
        except QueryError:
            notices.no_such_deal(asked, "the largest deal")
    return data.explained(ds.version, first, choice.model, ds) if first else None


def shift() -> None:
    """What moving spend goes along with, between values that hold under every rule."""
    with st.container(border=True, key="card_shift", gap="small"):
        st.markdown(
            "**If spend moved** :gray[:small[what the data says goes along with it, not what would happen: a correlation of credit and spend, no cause]]"
        )
        if view.spend is None:
            st.markdown(f":gray[{formats.plain(view.spend_words)}]")
            return
        able = compare_shift.able(view)
        if len(able) < 2:
            st.markdown(compare_shift.nobody(view))
            for line in compare_shift.reasons(view):
                st.markdown(f":gray[:small[:material/block: {line}]]")
            return
        labels = dict(zip(view.found.values, view.labels, strict=True))
        with st.grid(3, min_column_width=200, gap="small"):
            source = st.selectbox(
                "From",
                list(labels),
                index=list(labels).index(able[0]),
                format_func=lambda key: labels.get(key, str(key)),
                key="shift_from",
            )
            target = st.selectbox(
                "To",
                list(labels),
                index=list(labels).index(able[1]),
                format_func=lambda key: labels.get(key, str(key)),
                key="shift_to",
            )
            amount = st.number_input(
                f"Spend to move, {formats.symbol(currency) or 'units'}",
                min_value=0.0,
                value=compare_shift.first_amount(view, able[0]),
                step=1000.0,
                key="shift_amount",
            )
        st.markdown(compare_shift.words(view, str(source), str(target), float(amount), shown_model, rule_words, currency))


with present.tools_of_page("question"):
    st.markdown(":gray[:small[By]]", width="content")
    known = dimensions(ds)
    by = boxes.box("by", "Dimension", {name: known[name] for name in BYS}, "channel", 160)
    rules = boxes.box("rules", "Rules", RULES, "all", 230)

question = Question(by, rules)
found = data.compared(ds.version, choice, question, ds)
tried: tuple[Any, ...] = ()
failed = []
if st.session_state.get("settings_asked") == (ds.version, choice, question) and found.credits.deals:
    tries = compare_view.to_try(ds)
    place = st.empty()
    with place.status("Computing all journeys under other settings", expanded=False) as status:
        for number, entry in enumerate(tries, start=1):
            status.update(label=f"{number} of {len(tries)}: {compare_view.setting_words(entry)}")
            try:
                data.compared_elsewhere(ds.version, choice, question, entry, ds)
                tried = (*tried, entry)
            except ClosedLoopError as error:
                failed.append(f"{compare_view.setting_words(entry)}: {error}")
    place.empty()
view = data.compare(ds.version, choice, question, tried, ds, names)
twin, frame, heads = data.compare_tables(ds.version, choice, question, tried, view)
of = (ds.version, choice, question, tried)  # all that the picture depends on
made_of = "; ".join(part for part in (state.caption(ds, choice, is_credited=False), view.rests_on) if part)
caption = f"{made_of}; every {view.one} under {len(view.models)} rules, each row by the rule that it names; likely ranges of 90 % from 1,000 draws"
shown_model = view.model or next(iter(view.models))
rule_words = f"the {house}" if shown_model == agreed else formats.plain(view.models[shown_model])
columns = {
    **dict.fromkeys(("Share", "Likely from", "Likely to", "Place holds"), percent), "Credited": money,
    "Place": st.column_config.NumberColumn(format="%d"),
}  # fmt: skip

st.title(view.title, anchor=False)
st.markdown(f"#### {view.answer}")
present.answer_drawn(view.answer)
st.markdown(state.rule_line(ds, choice.model))
if view.rests_on and not present.is_on() and not ds.settings.model(choice.model).is_learned:
    st.markdown(f":gray[:small[What the data says: {formats.plain(view.rests_on)}]]")
notices.coverage(data.thin_ice(ds.version, choice.filters, ds))
notices.thin_ice([*view.notes, *failed])

if not view.strips and not data.has_touches(ds.version, ds):
    notices.no_touches(f"This page sets every {formats.plain(view.one)} under every rule side by side.", ds.data_folder)
elif not view.strips:
    notices.designed_state(
        "Nothing to compare here",
        f"This page sets every {formats.plain(view.one)} under every rule side by side. Nothing is credited to any under these filters: "
        f"{formats.plain(state.filter_words(ds, choice))}.",
        [
            "Choose a longer period, or clear a filter above.",
            "Each won deal needs `status` won, `closed_at`, `amount`, and touches that reach it.",
        ],
    )
else:
    strips()
    present.main_message_ends()
    if view.found.is_enough:
        changes()
        settings()
    numbers()
    one_deal()
    if view.found.is_enough:
        shift()
