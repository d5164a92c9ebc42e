"""Can we trust these numbers? What is covered, what the checks found, which rows could not be read, what is missing."""

from __future__ import annotations

import streamlit as st

from attribution.charts import formats, health
from attribution.views.health import ROWS_SHOWN, Finding, check_named
from pages.components import cards, data, downloads, notices, present, styled

BADGES = {"error": ":red-badge[Grave]", "warning": ":orange-badge[Warning]", "info": ":gray-badge[Good to know]"}

ds, names, choice = st.session_state["view"]
view = data.health(ds.version, ds)
palette = cards.colours()
caption = f"all data that was loaded; data up to {formats.day(ds.as_of)}, version {ds.version}"
asked = st.query_params.get("check")
percent = st.column_config.NumberColumn(format="%.1f %%")


def figures() -> None:
    """At most five figures, each with what it is made of."""
    present.figures_drawn()
    with st.grid(len(view.cards), min_column_width=150, gap="small", key="figures"):
        for entry in view.cards:
            st.metric(
                entry.label, entry.value, delta=" ", delta_arrow="off", delta_color="off", delta_description=entry.note, help=entry.help,
                border=True, height="stretch",
            )  # fmt: skip


def coverage() -> None:
    """What the data does not cover, as shares."""
    explain = (
        "Each bar is the part of all won deals, or of all touches, that lacks something; the pale track is the whole. The upright line is where thin ice "
        "begins: from there on pages say so beside their numbers. Click a bar to see the rows."
    )
    with cards.card(
        "What is not covered", "share of the whole, and how many · line: thin ice from here", explain, "coverage", health.coverage_table(view.bars), caption,
        {"Share": percent, "Thin ice from": percent},
    ):  # fmt: skip
        cards.picture(lambda: health.coverage(view.bars, palette), view.alt, "covered", (ds.version, view.bars), _bar_clicked)


def mend_first() -> None:
    """The few things to do that help most."""
    with cards.card("Mend first", "the gravest findings, and what to do", "The checks below in order of gravity.", "mend"):
        if not view.mend_first:
            st.markdown(":gray[Nothing to mend: no check found anything grave.]")
        for number, finding in enumerate(view.mend_first[: 3 if present.is_on() else None], start=1):
            st.markdown(f"**{number}. {finding.label}** :gray[· {finding.count}]  \n:gray[{finding.next}]")


def checks() -> None:
    """Every check that found rows, gravest first, with its rows on a click; then those that found nothing."""
    with st.container(border=True, key="card_checks", gap="small"):
        found, good = formats.counted(len(view.to_mend), "check"), len(view.findings) - len(view.to_mend)
        said = f"{found} found something to mend, {good} what is good to know, {len(view.passed)} nothing · gravest first"
        st.markdown(f"**What the checks found** :gray[:small[{said}]]")
        if not view.findings:
            st.markdown(":green[:material/check_circle:] Nothing to mend: no check found a row.")
        for finding in view.findings:
            _finding(finding)
        if view.passed:
            with st.expander(f"{formats.counted(len(view.passed), 'check')} found nothing", icon=":material/check:"):
                st.markdown(" · ".join(view.passed))


def _finding(finding: Finding) -> None:
    """One finding: what it is, what it means, what to do, and its rows where they are asked for."""
    is_open = finding.name == asked
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False, key=f"finding_{finding.name}"):
        st.markdown(
            f"{BADGES[finding.severity]} **{finding.label}** :gray[· {finding.count}]  \n"
            f"{finding.what} :gray[What to do: {finding.next}]",
            width="stretch",
        )
        st.button(
            "Hide" if is_open else "Rows", icon=":material/expand_less:" if is_open else ":material/expand_more:", icon_position="right",
            key=f"rows_{finding.name}", type="tertiary", on_click=_ask, args=("" if is_open else finding.name,), help=f"The rows: {finding.label.lower()}",
        )  # fmt: skip
    if is_open:
        offending(finding)


def offending(finding: Finding) -> None:
    """The rows that a check found."""
    frame = data.offenders(ds.version, finding.name, ds)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        shown = (
            f"The first {formats.count(ROWS_SHOWN)} of {finding.count}" if finding.rows > ROWS_SHOWN else f"All {finding.count}"
        )
        st.markdown(f":gray[:small[{shown}, as they are in the data]]", width="stretch")
        downloads.download(frame, finding.label, f"{finding.label}; {shown.lower()}; {caption}", f"rows_{finding.name}")
    st.dataframe(
        frame, hide_index=True, placeholder=formats.DASH, row_height=32, height=styled.height(len(frame), 10, 32),
        alt=f"{finding.label}: the rows",
        column_config={"Amount": st.column_config.NumberColumn(format=formats.money_column(ds.settings.reporting.currency))},
    )  # fmt: skip


def unread() -> None:
    """Rows that are in no figure, with where they stand and why."""
    with st.container(border=True, key="card_unread", gap="small"):
        if not view.unread:
            st.markdown("**Rows we could not read** :gray[:small[none]]")
            st.markdown(":green[:material/check_circle:] Every row of every file could be read.")
            return
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(
                "**Rows we could not read** :gray[:small[they are in no figure; mend them in the file, and build again]]",
                width="stretch",
            )
            picked = st.pills(
                "Table", list(view.unread), format_func=lambda table: f"{formats.words(table)} {formats.count(view.unread[table])}", key="unread_table",
                label_visibility="collapsed", width="content",
            )  # fmt: skip
            frame = data.unread_rows(ds.version, picked or "", ds)
            downloads.download(frame, f"Rows we could not read {picked or ''}".strip(), caption, "unread")
        st.dataframe(
            frame, hide_index=True, placeholder=formats.DASH, row_height=styled.TALL, height=styled.height(len(frame), 6, styled.TALL),
            alt="Rows that could not be read: table, file, line, column, value and reason",
            column_config={
                "Table": st.column_config.TextColumn(pinned=True, width=90), "Line": st.column_config.NumberColumn(format="%d", width=70),
                "Why": st.column_config.TextColumn(width=440),
            },
        )  # fmt: skip
        if len(frame) == ROWS_SHOWN:
            st.caption(f"The first {formats.count(ROWS_SHOWN)} rows.")


def loaded() -> None:
    """What became of the rows of every file, and how each was read."""
    with st.container(border=True, key="card_loaded", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            note = "rows in = loaded + duplicates + left out + not read"
            st.markdown(f"**What became of every file** :gray[:small[{note}]]", width="stretch")
            downloads.download(view.report, "What became of every file", caption, "loaded")
        counts = st.column_config.NumberColumn(format="%,d", width=72)
        st.dataframe(
            data.laid_out((ds.version, "report"), lambda: styled.last_row_strong(view.report)), hide_index=True, placeholder=formats.DASH, row_height=32,
            height=styled.height(len(view.report), 12, 32),
            alt="Each file with its rows in, loaded, duplicates, left out, not read, and how it was read; the total in the last row",
            column_config={
                "Table": st.column_config.TextColumn(pinned=True, width=130), "File": st.column_config.TextColumn(width=150),
                **dict.fromkeys(("Rows in", "Loaded", "Duplicates", "Left out", "Not read"), counts),
                "How it was read": st.column_config.TextColumn(width=415, help="Separator · encoding · order of dates · decimal mark · time zone"),
            },
        )  # fmt: skip


def noticed() -> None:
    """What the loader noticed on the way."""
    with st.container(border=True, key="card_noticed", gap="small"):
        st.markdown("**What was noticed while reading** :gray[:small[nothing was changed, but you should know]]")
        if view.noticed.empty:
            st.markdown(":green[:material/check_circle:] Nothing unusual.")
            return
        st.dataframe(
            view.noticed, hide_index=True, placeholder=formats.DASH, row_height=32, height=styled.height(len(view.noticed), 10, 32),
            alt="What was noticed while reading, gravest first",
            column_config={
                "Gravity": st.column_config.TextColumn(width=98), "Table": st.column_config.TextColumn(width=110),
                "What was noticed": st.column_config.TextColumn(width=752), "Rows": st.column_config.NumberColumn(format="%,d", width=70),
            },
        )  # fmt: skip


def missing() -> None:
    """Tables and columns that are not supplied, who misses them, and how to supply them."""
    with st.container(border=True, key="card_missing", gap="small"):
        st.markdown("**What is not supplied** :gray[:small[none of it is required; pages show more with it]]")
        if view.missing.empty:
            st.markdown(":green[:material/check_circle:] Every table and column that a page asks for is there.")
        else:
            st.dataframe(
                view.missing, hide_index=True, placeholder=formats.DASH, row_height=styled.TALL, height=styled.height(len(view.missing), 8, styled.TALL),
                alt="Tables and columns that are not supplied, where they are missed, and how to supply them",
                column_config={
                    "Missing": st.column_config.TextColumn(pinned=True, width=150), "Missed on": st.column_config.TextColumn(width=190),
                    "What it is for": st.column_config.TextColumn(width=380), "What to add": st.column_config.TextColumn(width=330),
                },
            )  # fmt: skip
            st.caption(
                "Put the file or the column into the data folder, or map an export to it in mapping.toml; then build again."
            )
        if view.unused:
            st.caption(f"Not supplied either, and not asked for by any page yet: {view.unused}.")


def _ask(check: str) -> None:
    """Show the rows of one check (its name stands in the address), or of none."""
    if check:
        st.query_params["check"] = check
    elif "check" in st.query_params:
        del st.query_params["check"]


def _bar_clicked() -> None:
    if point := cards.clicked("covered"):
        _ask(str(point[0]))


st.title("Can we trust these numbers?", anchor=False)
st.markdown(f"#### {view.answer}")
st.markdown(f":gray[{view.source}]")
if view.thin:
    notices.thin_ice(["Thin ice:", *view.thin])
if asked and check_named(asked) is None:
    notices.link_notices([f"The link asks for the check “{formats.short(asked, 60)}”, which there is not; it was left out."])
figures()
if view.bars:
    left, right = st.columns([1.5, 1], gap="small")
    with left:
        coverage()
    with right:
        mend_first()
    present.main_message_ends()
else:
    notices.designed_state(
        "No won deal and no touch yet",
        "This page shows how many won deals have people, touches and an amount, and how many touches have a channel and a person. Neither was loaded.",
        ["Put `deals.csv` and `touches.csv` in the data folder, or map your exports to them.", "Build again; what could not be read is listed below."],
        "python -m attribution build --data my_folder",
    )  # fmt: skip
checks()
unread()
loaded()
noticed()
missing()
