"""Making a spotlight: choose two or three deals, write what the numbers cannot say, see the very file, let it go out."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from attribution.charts import formats
from attribution.errors import ClosedLoopError
from attribution.spotlight.candidates import BEST, Candidate, month_name
from attribution.spotlight.shown import Spotlight, Story
from attribution.spotlight.words import HEADLINE, NAME, PICKS, SENTENCE, TEXT, Words
from attribution.store import Issue
from attribution.views import spotlight_form as form
from pages.components import data, preview, spotlight_archive, writer
from pages.components import spotlight_draft as drafts

QUESTION, QUOTE = "“What does it cost us to move five warehouses?”", "What did they say about it?"


def choose(found: Sequence[Candidate], writing: drafts.Writing, currency: str | None) -> tuple[str, ...]:
    """The month's won deals with the reasons for each; at most three are ticked."""
    listed = [entry.deal_id for entry in found]
    told = [deal_id for deal_id in writing.base.deal_ids if deal_id in listed] or list(form.best(found))
    drafts.fill(writing.month, {f"pick.{deal_id}": deal_id in told for deal_id in listed})
    ticked = drafts.chosen(writing.month, listed)
    first = [entry for place, entry in enumerate(found) if place < form.SHOWN or entry.deal_id in ticked]
    rest = [entry for entry in found if entry not in first]
    for entry in first:
        _candidate(entry, writing, listed, len(ticked), currency)
    if rest:
        with st.expander(f"{formats.counted(len(rest), 'more won deal')}"):
            for entry in rest[: form.FOLDED]:
                _candidate(entry, writing, listed, len(ticked), currency)
            if len(rest) > form.FOLDED:
                _another(rest[form.FOLDED :], writing, listed, len(ticked), currency)
    if not ticked:
        st.markdown(":gray[:small[None is ticked: the file tells the best three.]]")
    return ticked


def _candidate(entry: Candidate, writing: drafts.Writing, listed: Sequence[str], ticked: int, currency: str | None) -> None:
    row = form.row_of(entry, currency)
    name = drafts.key(writing.month, f"pick.{entry.deal_id}")
    is_full = ticked >= BEST and not st.session_state[name]
    with st.container(gap=None):
        st.checkbox(
            formats.plain(formats.short(row.name, 60)), key=name, on_change=drafts.save, args=(writing.month, listed),
            disabled=not writing.may_write or is_full, persist_state="session",
            help="Three deals are the most that is read to the end: untick one first." if is_full else None,
        )  # fmt: skip
        with st.container(horizontal=True, wrap=False, gap=None):
            st.space(23)
            st.markdown(f":gray[:small[{formats.plain(row.facts)} · {formats.plain(row.reasons)}]]", width="stretch")


def _another(
    entries: Sequence[Candidate], writing: drafts.Writing, listed: Sequence[str], ticked: int, currency: str | None
) -> None:
    """A month may have hundreds of won deals: the others are found by name."""
    rows = {entry.deal_id: form.row_of(entry, currency) for entry in entries}
    st.selectbox(
        f"{formats.counted(len(rows), 'other deal')}, by name", list(rows), index=None, placeholder="Type a name", key=f"spotlight_other_{writing.month}",
        format_func=lambda deal_id: f"{formats.short(rows[deal_id].name, 60)} · {rows[deal_id].facts}" if deal_id in rows else str(deal_id),
        on_change=_tick, args=(writing.month, listed), disabled=not writing.may_write or ticked >= BEST,
    )  # fmt: skip


def _tick(month: str, listed: Sequence[str]) -> None:
    name = f"spotlight_other_{month}"
    if deal_id := st.session_state[name]:
        st.session_state[drafts.key(month, f"pick.{deal_id}")] = True
        st.session_state[name] = None
        drafts.save(month, listed)


def write(view: Spotlight, words: Words, writing: drafts.Writing, listed: Sequence[str]) -> None:
    """The boxes for what only people know. Each shows what stands in the file while it is empty."""
    drafts.fill(writing.month, form.cover_fields(words))
    _text(writing, listed, "headline", "Headline", HEADLINE, view.computed_headline, "The one sentence that everybody remembers")
    for story in view.stories:
        drafts.fill(writing.month, form.deal_fields(words, story.deal_id))
        with st.expander(f"**{formats.plain(formats.short(story.name, 50))}**: headline and three picks"):
            _deal(story, writing, listed)
    with st.expander("**The closing ask**: one missing piece, who writes it by when"):
        proposed = view.ask.question if view.ask else QUESTION
        _text(writing, listed, "ask.question", "The missing piece, as the buyers' question", SENTENCE, proposed)
        left, right = st.columns(2)
        with left:
            _text(writing, listed, "ask.writes", "Who writes it", NAME, "Content lead, with a solutions engineer")
            _text(writing, listed, "ask.cost", "What it costs", NAME, "about €3,000")
        with right:
            st.date_input(
                "By when", key=drafts.key(writing.month, "ask.by_on"), format="YYYY-MM-DD", on_change=drafts.save, args=(writing.month, listed),
                disabled=not writing.may_write, persist_state="session",
            )  # fmt: skip
            _text(writing, listed, "ask.first_reader", "Who reads it first", SENTENCE, "A buyer who asked")
    st.text_area(
        "Thanks to the authors", key=drafts.key(writing.month, "thanks"), max_chars=TEXT, height=90, on_change=drafts.save,
        args=(writing.month, listed), disabled=not writing.may_write, persist_state="session", placeholder="Stands above the list of teams and their pieces",
    )  # fmt: skip


def _deal(story: Story, writing: drafts.Writing, listed: Sequence[str]) -> None:
    _text(writing, listed, f"{story.deal_id}.headline", "Headline of this deal", HEADLINE, story.computed)
    titles = {piece.asset_id: f"{piece.number}  {formats.short(piece.title, 70)}" for piece in story.pieces}
    for place in range(PICKS):
        name = drafts.key(writing.month, f"{story.deal_id}.asset.{place}")
        options = ["", *titles] if st.session_state[name] in ("", *titles) else ["", st.session_state[name], *titles]
        st.selectbox(
            f"Piece {place + 1} that mattered", options, format_func=lambda one: titles.get(one, str(one)) if one else "Choose a piece", key=name,
            on_change=drafts.save, args=(writing.month, listed), disabled=not writing.may_write, persist_state="session",
        )  # fmt: skip
        _text(writing, listed, f"{story.deal_id}.text.{place}", f"In the rep's words ({place + 1})", SENTENCE, QUOTE, hidden=True)
    left, right = st.columns(2)
    with left:
        _text(
            writing,
            listed,
            f"{story.deal_id}.said_by",
            "Who says so (a role reads better than a name)",
            NAME,
            "Account executive of this deal",
        )
    with right:
        st.date_input(
            "When", key=drafts.key(writing.month, f"{story.deal_id}.said_on"), format="YYYY-MM-DD", on_change=drafts.save,
            args=(writing.month, listed), disabled=not writing.may_write, persist_state="session",
        )  # fmt: skip


def _text(
    writing: drafts.Writing,
    listed: Sequence[str],
    field: str,
    label: str,
    longest: int,
    placeholder: str,
    help_: str | None = None,
    hidden: bool = False,
) -> None:
    st.text_input(
        label, key=drafts.key(writing.month, field), max_chars=longest, placeholder=placeholder, help=help_, on_change=drafts.save,
        args=(writing.month, listed), disabled=not writing.may_write, persist_state="session", label_visibility="collapsed" if hidden else "visible",
    )  # fmt: skip


def clash(writing: drafts.Writing, names: dict[str, str]) -> None:
    """Two texts for the same part, side by side, until somebody chooses. Nothing where there is none."""
    waiting = drafts.clash(writing.month)
    if waiting is None:
        return
    theirs, clashes = waiting
    with st.container(border=True, key="clash"):
        who = formats.plain(theirs.saved_by)
        st.markdown(
            f":orange[:material/merge:] **{who} wrote the same part while you did.** Yours is not saved yet; both texts are kept."
        )
        for what, their_words, my_words in form.clash_rows(clashes, names):
            left, right = st.columns(2)
            left.markdown(f":gray[:small[{formats.plain(what)}, by {who}]]  \n{formats.plain(their_words)}")
            right.markdown(f":gray[:small[{formats.plain(what)}, by you]]  \n{formats.plain(my_words)}")
        with st.container(horizontal=True):
            st.button("Save mine", type="primary", key="keep_mine", on_click=drafts.keep, args=(True,))
            st.button(
                f"Keep {formats.plain(formats.short(theirs.saved_by, 30))}'s",
                key="keep_theirs",
                on_click=drafts.keep,
                args=(False,),
            )


def look(view: Spotlight, files: tuple[str, str, str], name: str) -> None:
    """The very file, on a desk or on a phone."""
    html, mail, text = files
    kind = st.segmented_control(
        "Look at",
        ["File", "On a phone", "Mail", "Chat"],
        default="File",
        required=True,
        key="look_at",
        label_visibility="collapsed",
    )
    match kind:
        case "Mail":
            preview.show(mail, f"{name}, as a mail", 1080, 680)
        case "Chat":
            with st.container(height=1080, border=False):
                st.code(text, language=None, wrap_lines=True)
        case "On a phone":
            with st.container(width=392, border=True, horizontal_alignment="center"):
                preview.show(html, f"{name}, on a phone", 1000, 390)
        case _:
            preview.show(html, name, 1080)


def publish(view: Spotlight, words: Words, files: tuple[str, str, str], writing: drafts.Writing) -> None:
    """The way out, with what will happen."""
    waits = drafts.clash(writing.month) is not None or bool(drafts.said(drafts.WRONG))
    with st.popover(
        "Publish", type="primary", icon=":material/send:", key="publish", disabled=not writing.may_write or waits or not view.stories,
        help="Freezes the file in the archive and keeps the data it was made from",
    ):  # fmt: skip
        st.markdown(f"**{formats.plain(view.headline)}**")
        st.markdown(
            f"{month_name(view.month)}, {formats.counted(len(view.stories), 'deal')}. **{view.stamp}**: {formats.plain(view.stamp_words)}"
        )
        st.markdown(
            ":gray[The file enters the archive as it is now and can be reopened like this for good; the version of the data behind it is kept. "
            "Nothing is sent: download the file or the mail and pass it on.]"
        )
        name = writer.by()
        as_whom = f"as {formats.plain(name)}" if name else "without a name: write yours above the page first"
        st.markdown(f":gray[Published {as_whom}.]")
        st.button("Publish now", type="primary", key="publish_now", on_click=_out, args=(view, words, files, writing))


def _out(view: Spotlight, words: Words, files: tuple[str, str, str], writing: drafts.Writing) -> None:
    from attribution.store.publishing import publish as put_out
    from attribution.store.records import now

    html, mail, text = files
    issue = Issue(
        issue_id=0, month=view.month, preset=view.preset, deal_ids=tuple(story.deal_id for story in view.stories), words=form.stored(words),
        headline=view.headline, html=html, mail=mail, plain=text, data_version=view.data_version, is_pinned=False,
        published_by=writer.by(), published_at=now(),
    )  # fmt: skip
    assert writing.store is not None  # the button is closed without one
    try:
        done = put_out(writing.store, data.database_path(), issue)
    except ClosedLoopError as error:
        st.session_state[drafts.WRONG] = f"Not published: {error}"
        return
    spotlight_archive.open_issue(done.issue_id)
