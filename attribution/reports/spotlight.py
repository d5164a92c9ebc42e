"""A spotlight as files: one self-contained HTML, a mail version of its own, and plain text for a chat. The PDF is made from the HTML (pdf.py)."""

from __future__ import annotations

from collections.abc import Sequence

from attribution.charts import formats
from attribution.charts.formats import counted
from attribution.reports import drawings, paper, timeline
from attribution.reports.paper import Sheet
from attribution.spotlight.shown import Amount, Exposure, Piece, Spotlight, Story, Timeline

KIND = "Content ROI spotlight"
MOST_EXPOSED = 8  # pieces whose shares in won and lost deals are drawn
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
    """The file: HTML that holds all it needs, readable on a phone, in the dark and on paper. The same spotlight gives the same bytes."""
    return paper.render(
        "spotlight.html", s=spotlight, sheet=sheet(spotlight), masked=spotlight.preset != "inside", spark=drawings.spark, wide=timeline.wide,
        tall=timeline.tall, legend_mark=drawings.legend_mark, shares=drawings.shares, origins=_origins, topics=_topics,
        pieces_title=_pieces_title, exposed=exposed, top=_top,
    )  # fmt: skip


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
    lines += ["", *(f"Thank you: {words}" for words in spotlight.thanks), f"{spotlight.stamp}: {spotlight.stamp_words}", _source(spotlight)]
    return "\n".join(paper.clean(" ".join(line.split()) if not line.startswith("   ") else line.replace("\n", " ")) for line in lines) + "\n"


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


def exposed(story: Story) -> list[tuple[Piece, str, str, bool]]:
    """(piece, lift in words, a note, whether a difference is likely) of the pieces that most deals used, in the order of their numbers."""
    known = [(piece, piece.exposure) for piece in story.pieces if piece.exposure]
    known.sort(key=lambda entry: (-(entry[1].won_with + entry[1].lost_with), entry[0].number))
    shown = sorted(known[:MOST_EXPOSED], key=lambda entry: entry[0].number)
    return [(piece, *_lift(exposure)) for piece, exposure in shown]


def _lift(exposure: Exposure) -> tuple[str, str, bool]:
    if not exposure.enough:
        return "–", "too few deals", False
    if exposure.low is None or exposure.high is None:
        return "–", "no lost deal used it", False
    between = f"({exposure.low:.1f}–{exposure.high:.1f})"
    words = f"{exposure.lift:.1f} {between}" if exposure.lift is not None else between
    return words, "no difference seen" if exposure.no_difference else "", not exposure.no_difference


def _top(story: Story) -> float:
    return drawings.shares_top([piece for piece, *_ in exposed(story)])


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


def amounts(listed: Sequence[Amount]) -> list[str]:
    """Amounts in words, for tests that compare files."""
    return [amount.whole + amount.cents for amount in listed]
