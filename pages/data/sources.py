"""Use your own data: choose files, match their columns, check, build, switch; what was shown before stays one click away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from attribution.charts import formats
from attribution.errors import ClosedLoopError
from attribution.onboarding import checking, serving, uploads
from attribution.onboarding import work as working
from attribution.onboarding.looking import Options
from attribution.onboarding.work import Work
from attribution.views import sources
from pages.components import data, mapping_form, notices

STEPS = ("Choose", "Match", "Check and switch")
database = data.database_path()


def work() -> Work:
    """Where this visitor stands."""
    found = st.session_state.get("own_data")
    return found if isinstance(found, Work) else Work()


def keep(new: Work) -> None:
    """Remember where this visitor stands."""
    st.session_state["own_data"] = new


def go(step: int) -> None:
    """Go to a step."""
    keep(replace(work(), step=step))


def steps() -> None:
    """The three steps; those behind can be gone back to."""
    now = work()
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="steps"):
        for number, name in enumerate(STEPS, start=1):
            if number < now.step:
                st.button(
                    f"{number} {name}",
                    icon=":material/check:",
                    key=f"step_{number}",
                    on_click=go,
                    args=(number,),
                    type="tertiary",
                )
            else:
                st.markdown(f"**{number} {name}**" if number == now.step else f":gray[{number} {name}]", width="content")
            if number < len(STEPS):
                st.markdown(":gray[:material/chevron_right:]", width="content")


def choose() -> None:
    """Step 1: a folder on the server, or files from here."""
    left, right = st.columns(2, gap="small")
    with left, st.container(border=True, height="stretch", key="card_folder", gap="small"):
        st.markdown("**A folder on this server** :gray[:small[nothing in it is changed]]")
        with st.form("folder", border=False, enter_to_submit=True):
            typed = st.text_input("Path of the folder", key="typed_folder", placeholder="/data/exports", max_chars=1000)
            if st.form_submit_button("Look at this folder", icon=":material/folder_open:"):
                look(Path(typed.strip()).expanduser()) if typed.strip() else st.markdown(":red[Type the path of a folder.]")
    with right, st.container(border=True, height="stretch", key="card_upload", gap="small"):
        st.markdown(
            f"**Files from your computer** :gray[:small[up to {uploads.MOST_MEGABYTES} MB each, {uploads.MOST_FILES} files]]"
        )
        files = st.file_uploader(
            "CSV, TSV, JSON lines, Parquet or XLSX, also as .gz", type=list(uploads.UPLOAD_TYPES),
            accept_multiple_files=True, max_upload_size=uploads.MOST_MEGABYTES, key=f"files_{work().generation}",
        )  # fmt: skip
        if st.button("Look at these files", icon=":material/upload_file:", disabled=not files):
            receive(files or [])

    st.caption(
        "Needed: a file of deals. With touches (visits, forms, e-mails, calls, campaign members) they can be credited; with people and companies, touches find "
        "their deals. Exports of HubSpot, Salesforce and ad platforms are recognised; any other table can be matched by hand."
    )


def receive(files: list) -> None:
    """Take uploaded files into a private folder and look at them."""
    try:
        folder = uploads.fresh_folder(database)
        uploads.receive(folder, [(file.name, file) for file in files])
        uploads.clear_away(database, [version.data_folder for version in data.kept_versions()])
    except ClosedLoopError as error:
        refused("These files were not taken", str(error))
        return
    look(folder)


def look(folder: Path) -> None:
    """Look at a folder and go to step 2, or say what is wrong with it."""
    try:
        with st.spinner("Looking at the files …"):
            found = working.look_with(folder, {}, data.looked_at)
    except (ClosedLoopError, OSError, ValueError) as error:
        refused("This folder cannot be used", str(error))
        return
    keep(working.begin(work(), found))
    st.rerun()


def reread(file: str, options: Options) -> None:
    """Read one file in another way."""
    now = work()
    assert now.look is not None
    chosen = {**now.options, file: options}
    found = working.look_with(now.look.folder, chosen, data.looked_at)
    keep(replace(working.looked_again(now, found), options=chosen))
    st.rerun()


def refused(title: str, message: str) -> None:
    """Why something was refused."""
    notices.designed_state(title, formats.plain(message), icon=":material/error:")


def match() -> None:
    """Step 2: what was found, and which column is what."""
    now = work()
    assert now.look is not None
    st.markdown(sources.found_sentence(now))
    if now.maps:
        mapping_form.common(work, keep)
        for part in sources.in_order(now):
            mapping_form.part(work, keep, part, reread)
    else:
        st.markdown(sources.nothing_to_map(now.look))
        st.dataframe(
            sources.files_table(now), hide_index=True, alt="The files that were found", placeholder="", key="files_found"
        )
        st.button(
            "Match the columns by hand instead",
            type="tertiary",
            on_click=lambda: keep(replace(work(), by_hand=True)),
            key="by_hand",
        )
    if toml := work().toml():
        with st.expander("mapping.toml", icon=":material/code:"):
            st.caption(
                "What the boxes above say, as the file that `python -m attribution build` reads. Put it beside your files to build them again."
            )
            st.code(toml, language="toml", wrap_lines=True)
        st.download_button(
            "Download mapping.toml",
            toml,
            "mapping.toml",
            "application/toml",
            icon=":material/download:",
            on_click="ignore",
            key="toml",
        )
    for question in (asked := work().questions):
        st.markdown(f":orange[:material/help:] {formats.plain(question)}")
    st.button(
        "Check",
        type="primary",
        icon=":material/arrow_forward:",
        icon_position="right",
        disabled=bool(asked),
        on_click=go,
        args=(3,),
        key="check",
    )


def check() -> None:
    """Step 3: a dry run, then the build and the switch."""
    now = work()
    assert now.look is not None
    if now.checked is None and now.refused is None:
        now = dry_run(now)
    if now.refused is not None:
        refused("A build would refuse this", now.refused)
        st.button("Back to matching", icon=":material/arrow_back:", on_click=go, args=(2,), key="back")
        return
    assert now.checked is not None
    st.markdown(sources.check_sentence(now.checked))
    with st.grid(5, min_column_width=150, gap="small", key="checked"):
        for label, value, note in sources.check_cards(now.checked):
            st.metric(
                label,
                value,
                delta=" ",
                delta_arrow="off",
                delta_color="off",
                delta_description=note,
                border=True,
                height="stretch",
            )
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        start = st.button(
            "Build and switch",
            type="primary",
            icon=":material/database:",
            disabled=not now.checked.won + now.checked.open,
            key="build",
        )
        st.button("Back to matching", icon=":material/arrow_back:", on_click=go, args=(2,), type="tertiary", key="back")
    st.caption("What is shown now keeps serving everybody until the new data is built and verified." if serving.keeps_versions(database) else (
        "This server keeps its data in a single file, which holds one version: what is shown now will be replaced and cannot be gone back to."
    ))  # fmt: skip
    if start:
        build(now)
    what_became(now)


def dry_run(now: Work) -> Work:
    """Load everything into memory and count; nothing is changed by it."""
    assert now.look is not None
    place = st.empty()
    with place.status("Checking: the files are read, nothing is changed", expanded=True):
        try:
            folder = checking.prepare(now.look.folder, now.draft, database, now.prepared) if now.maps else now.look.folder
            now = replace(now, prepared=folder if now.maps else None)
            now = replace(now, checked=checking.check(folder, now.overrides, notices.build_progress()), refused=None)
        except ClosedLoopError as error:
            now = replace(now, refused=str(error), checked=None)
    place.empty()
    keep(now)
    return now


def build(now: Work) -> None:
    """Build, verify, switch; where that fails, everything is as it was."""
    assert now.look is not None
    with st.status("Building; others go on with the data of before", expanded=True) as status:
        try:
            result = serving.build(now.prepared or now.look.folder, database, now.overrides, notices.build_progress())
        except ClosedLoopError as error:
            status.update(label="The data could not be built; what is shown is unchanged", state="error")
            refused("The data could not be built", str(error))
            return
    keep(replace(now, done=result.version))
    st.rerun()


def what_became(now: Work) -> None:
    """What would become of every file's rows, and why rows cannot be read."""
    assert now.checked is not None
    counts = st.column_config.NumberColumn(format="%,d", width=84)
    with st.container(border=True, key="card_lines", gap="small"):
        st.markdown("**What becomes of every row** :gray[:small[rows in = left out + loaded + duplicates + not read]]")
        st.dataframe(
            sources.lines_table(now.checked), hide_index=True, height="content", placeholder="", key="lines",
            alt="Each file with its rows in, left out, loaded, duplicates and not read; the total in the last row",
            column_config=dict.fromkeys(("Rows in", "Left out", "Loaded", "Duplicates", "Not read"), counts),
        )  # fmt: skip
    with st.container(border=True, key="card_unread_rows", gap="small"):
        frame = sources.unread_table(now.checked)
        st.markdown("**Rows we could not read** :gray[:small[commonest reason first; the rest loads without them]]")
        if frame.empty:
            st.markdown(":green[:material/check_circle:] Every row can be read.")
        else:
            st.dataframe(
                frame, hide_index=True, height="content" if len(frame) <= 8 else 300, placeholder="", key="unread_rows",
                alt="Why rows could not be read, with the file and line of the first one",
                column_config={"Rows": st.column_config.NumberColumn(format="%,d", width=70), "Why": st.column_config.TextColumn(width=520)},
            )  # fmt: skip
        for message in now.checked.notices[:8]:
            st.markdown(f":orange[:material/info:] :small[{formats.plain(message)}]")


def done(now: Work) -> None:
    """The new data is served: where to go, and the way back."""
    with st.container(border=True, key="card_done", gap="small"):
        st.markdown("### :material/check_circle: Your data is shown now")
        st.markdown("Everybody who has the app open sees it with their next click.")
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.page_link("pages/revenue/overview.py", label="To the overview", icon=":material/monitoring:", width="content")
            st.page_link(
                "pages/data/health.py", label="Can we trust these numbers?", icon=":material/fact_check:", width="content"
            )
            st.button(
                "Use other data",
                icon=":material/restart_alt:",
                type="tertiary",
                on_click=lambda: keep(Work(generation=work().generation + 1)),
                key="again",
            )


def way_back() -> None:
    """The versions that are kept; the one shown before is one click away."""
    kept = data.kept_versions()
    before = next((version for version in kept if version.is_before and not version.is_served), None)
    if len(kept) < 2:
        return
    with st.container(border=True, key="card_kept", gap="small"):
        st.markdown("**Kept data** :gray[:small[going back takes a moment and can be undone in the same way]]")
        for version in kept:
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"kept_{version.name}"):
                st.markdown(sources.kept_line(version), width="stretch")
                if version.is_served:
                    st.badge("shown now", color="green")
                else:
                    label = "Back to the previous data" if version == before else "Show this"
                    if st.button(label, icon=":material/undo:", key=f"serve_{version.name}"):
                        back(version.name)


def back(name: str) -> None:
    """Serve a kept version again."""
    try:
        serving.switch(database, name)
    except ClosedLoopError as error:
        refused("This version cannot be shown", str(error))
        return
    keep(Work(generation=work().generation + 1))
    st.rerun()


st.title("Use your own data", anchor=False)
if why := data.why_read_only():
    notices.designed_state("This server only shows data", why, ["Ask whoever runs it to build your data.", "Or run the app on your own computer."],
        "python -m attribution build --data my_folder", icon=":material/lock:")  # fmt: skip
else:
    st.markdown(f"#### {sources.served(data.kept_now(), data.serves_sample())}")
    if work().done:
        done(work())
    else:
        steps()
        (choose, match, check)[work().step - 1]()
    if work().done or work().step == 1:
        way_back()
