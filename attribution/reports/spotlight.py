"""A spotlight as files: one self-contained HTML, a mail version of its own, and plain text for a chat. The PDF is made from the HTML (pdf.py)."""

from __future__ import annotations

from dataclasses import dataclass

from attribution.charts import formats
from attribution.charts.formats import counted
from attribution.reports import drawings, paper
from attribution.reports.paper import Sheet
from attribution.reports.timeline import wide
from attribution.reports.timeline_phone import tall
from attribution.spotlight.shown import Exposure, Spotlight, Story, Timeline

KIND = "Content ROI spotlight"
LARGEST = 195_000  # bytes of a file: some mail servers refuse what is much heavier
ORIGINS = {
    "found": "found by themselves",
    "sales": "sent by sales and opened",
    "sales_unopened": "sent by sales",
    "marketing": "sent by marketing and opened",
    "marketing_unopened": "sent by marketing",
    "others": "passed on by others and opened",
    "others_unopened": "passed on by others",
    "none": "not content",
}
TOPICS = (*paper.SLOTS,)


def html(spotlight: Spotlight) -> str:
    """The file: HTML that holds all it needs, readable on a phone, in the dark and on paper. The same spotlight gives the same bytes.

    Where it would be heavier than LARGEST, hover texts go first, then the drawings for phones (the wide ones scroll there).
    """
    made = ""
    for with_titles, with_tall in ((True, True), (False, True), (False, False)):
        made = paper.render(
            "spotlight.html", s=spotlight, sheet=sheet(spotlight), masked=spotlight.preset != "inside", spark=drawings.spark, wide=wide,
            tall=tall, legend_mark=drawings.legend_mark, shares=drawings.shares, origins=_origins, topics=_topics,
            pieces_title=_pieces_title, exposed=exposed, top=_top, with_titles=with_titles, with_tall=with_tall,
            has_pieces=any(story.pieces for story in spotlight.stories),
        )  # fmt: skip
        if len(made.encode("utf-8")) < LARGEST:
            break
    return made


def mail(spotlight: Spotlight) -> str:
    """The mail: tables and inline styles, no SVG, under 30 kB; the file and the PDF are attached."""
    return paper.render("spotlight_mail.html", s=spotlight, sheet=sheet(spotlight), masked=spotlight.preset != "inside")


def text(spotlight: Spotlight) -> str:
    """Plain text for a chat."""
    lines = [f"{KIND}, {spotlight.month_name} ({spotlight.stamp.lower()})", "", spotlight.headline, spotlight.sentence]
    for number, story in enumerate(spotlight.stories, 1):
        lines += ["", f"{number}. {story.headline}"]
        lines += [f"   {story.computed}"] if story.headline != story.computed else []
        lines.append(f"   {story.sentence}")
        for pick in story.picks:
            said = f"“{pick.text}”" if pick.is_quote else pick.text
            lines.append(f"   – {said}{f' ({pick.by})' if pick.by else ''}")
        lines.append(f"   {story.cost}")
    if spotlight.ask:
        when = dict(spotlight.ask.rows)
        who = ", ".join(f"{name.lower()}: {when[name]}" for name in ("Writes it", "By") if when.get(name))
        lines += ["", f"Missing: “{spotlight.ask.question}”{f' ({who})' if who else ''}"]
    lines += [
        "",
        *(f"Thank you: {words}" for words in spotlight.thanks),
        f"{spotlight.stamp}: {spotlight.stamp_words}",
        _source(spotlight),
    ]
    return (
        "\n".join(
            paper.clean(" ".join(line.split()) if not line.startswith("   ") else line.replace("\n", " ")) for line in lines
        )
        + "\n"
    )


def sheet(spotlight: Spotlight) -> Sheet:
    """What stands on the sheet: month, preset and where the numbers come from."""
    return Sheet(
        title=f"{KIND}, {spotlight.month_name}: {formats.short(spotlight.headline, 120)}", kind=KIND, period=spotlight.month_name,
        stamp=spotlight.stamp, stamp_words=spotlight.stamp_words, footer=f"{KIND}, {spotlight.month_name}. {spotlight.stamp}: {spotlight.stamp_words}",
        source=_source(spotlight),
    )  # fmt: skip


def _source(spotlight: Spotlight) -> str:
    ties = "Shares match" if spotlight.preset != "inside" else "All figures match"
    return (
        f"Closed Loop, spotlight of {spotlight.month_name}, preset {spotlight.preset}. {spotlight.rule} Data up to {formats.day(spotlight.data_up_to)}, "
        f"version {spotlight.data_version}. {ties} the Deals and Content pages of that version; neither says that a piece caused a deal."
    )


@dataclass(frozen=True)
class Lift:
    """Won and lost deals that used a piece, in words. ``is_likely``: the likely range of the lift leaves 1 out."""

    lift: str
    note: str
    counts: str
    words: str
    is_likely: bool


def exposed(story: Story) -> dict[int, Lift]:
    """Number of the piece → how often won and lost deals used it; empty where there is nothing to compare with."""
    return {piece.number: _lift(piece.exposure) for piece in story.pieces if piece.exposure}


def _lift(exposure: Exposure) -> Lift:
    counts = f"won {exposure.won_with} of {exposure.won_all}, lost {exposure.lost_with} of {exposure.lost_all}"
    if not exposure.enough or exposure.low is None or exposure.high is None:
        return Lift(formats.DASH, "too few deals", counts, f"{counts}: too few deals to say", False)
    between = f"({exposure.low:.1f}–{exposure.high:.1f})"
    lift = f"{exposure.lift:.1f} {between}" if exposure.lift is not None else between
    note = "no difference seen" if exposure.no_difference else ""
    return Lift(lift, note, counts, f"{counts}: lift {lift}{f', {note}' if note else ''}", not exposure.no_difference)


def _top(story: Story) -> float:
    return drawings.shares_top(story.pieces)


def _origins(drawn: Timeline) -> list[tuple[str, str]]:
    """The legend's shapes: those that are on the timeline, in a fixed order."""
    there = {use.origin for use in drawn.uses}
    return [(origin, words) for origin, words in ORIGINS.items() if origin in there]


def _topics(story: Story) -> list[tuple[str, str]]:
    there = {piece.slot for piece in story.pieces}
    return [(slot, paper.SLOT_WORDS[slot]) for slot in TOPICS if slot in there]


def _pieces_title(story: Story) -> str:
    exact = any(piece.credit.cents for piece in story.pieces)
    what = "The piece" if len(story.pieces) == 1 else f"The {counted(len(story.pieces), 'piece')}, numbered by first use"
    return f"{what}; credit exact to the cent" if exact else f"{what}; credit as shares of the deal"
