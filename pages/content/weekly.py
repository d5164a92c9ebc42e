"""What did people read, and what earns unseen? The weekly five: the very file, its numbers, and the ways to pass it on."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from attribution.charts import formats
from attribution.views import weekly_table
from pages.components import boxes, content_data, downloads, file_downloads, notices, present, preview

ds, names, choice = st.session_state["view"]
if "open_piece" in st.session_state:
    st.switch_page("pages/content/content.py", query_params={"one": st.session_state.pop("open_piece")})
currency = ds.settings.reporting.currency
money = st.column_config.NumberColumn(format=formats.money_column(currency))


def figures() -> None:
    """What the week comes to."""
    present.figures_drawn()
    with st.grid(4, min_column_width=150, gap="small", key="figures"):
        for figure in weekly_table.figures(view):
            st.metric(figure.label, figure.value, help=figure.help, border=True, height="stretch")


def the_file() -> None:
    """The very file, and the ways to pass it on."""
    html, mail, text = content_data.weekly_files(ds.version, view.week, view)
    with st.container(border=True, key="card_file", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown("**The file**", width="stretch")
            file_downloads.files(f"weekly-{view.week}", html, mail, text)
        preview.show(html, f"Weekly five, {view.name}", weekly_table.height(view), 1120)


def numbers() -> None:
    """Both lists to the cent."""

    def opened() -> None:
        if click := st.session_state["open_piece_row"]:
            st.session_state["open_piece"] = shown.iloc[click.row]["Piece id"]

    shown = weekly_table.table(view)
    caption = (
        f"{view.name}; credited and took part in: deals won {formats.span(view.credit_from, view.credit_to)}, rule {view.rule}"
    )
    with st.container(border=True, key="card_numbers", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown("**In numbers**", width="stretch")
            downloads.download(shown, f"Weekly five {view.week}", caption, "weekly")
        rows = shown.drop(columns=["Piece id", "Why"])
        rows.insert(2, "Open", [["Open"]] * len(rows))
        st.dataframe(
            rows, hide_index=True, placeholder=formats.DASH, height="content", row_height=34, alt="Both lists in numbers",
            column_config={
                "Credited": money, "Took part in": money, "Piece": st.column_config.TextColumn(width=340),
                "Reads": st.column_config.NumberColumn(format="%,d"), "Place": st.column_config.NumberColumn(format="%d", width=52),
                "Open": st.column_config.ButtonColumn("", type="tertiary", key="open_piece_row", on_click=opened, width=62),
            },
        )  # fmt: skip
        st.markdown(f":gray[:small[{formats.plain(caption)}. *Content* shows the same amounts for that period.]]")


with present.tools_of_page("question"):
    st.markdown(":gray[:small[Week]]", width="content")
    options = weekly_table.weeks(ds)
    week = boxes.box("week", "Week", options, next(iter(options)), 300)

view = content_data.weekly(ds.version, week, ds)
st.title("What did people read, and what earns unseen?", anchor=False)
st.markdown(f"#### {formats.plain(view.headline)}")
st.markdown(formats.plain(view.sentence))
if view.most or view.hidden:
    notices.thin_ice(list(view.missing))
    figures()
    present.main_message_ends()
    the_file()
    numbers()
else:
    notices.designed_state(
        "No weekly five for this week",
        formats.plain(" ".join(view.missing)),
        ["Choose another week above.", "Or load what is missing, and build again."],
        f"python -m attribution build --data {Path(ds.data_folder).name or 'my_folder'}",
        icon=":material/format_list_numbered:",
    )
