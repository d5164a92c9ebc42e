"""The weekly five as files: one self-contained HTML, a mail version of its own, and plain text for a chat. The PDF is made from the HTML (pdf.py)."""

from __future__ import annotations

import re

from attribution.charts import formats
from attribution.charts.formats import counted
from attribution.content.weekly import QUARTER, Piece, Weekly
from attribution.reports import paper
from attribution.reports.paper import Sheet

KIND = "Weekly five"
STAMP, STAMP_WORDS = "Inside", "No buyers named. Not to be passed on outside the company."
MEANS_READS = "a buyer’s recorded touch of a piece; what marketing and sales send is no read"
MEANS_VIEWS = "page views as a tool counted them; recorded touches of buyers where it counts none"


def html(weekly: Weekly) -> str:
    """The file: HTML that holds all it needs, readable on a phone, in the dark and on paper. The same week gives the same bytes."""
    return paper.render("weekly.html", **_values(weekly))


def mail(weekly: Weekly) -> str:
    """The mail: tables and inline styles, under 30 kB; the file and the PDF are attached."""
    return paper.render("weekly_mail.html", **_values(weekly))


def text(weekly: Weekly) -> str:
    """Plain text for a chat."""
    lines = [f"{KIND}: {weekly.name}", "", weekly.headline, weekly.sentence]
    for place, (title, note, pieces) in enumerate(lists(weekly)):
        lines += ["", f"{title} ({note[:1].lower()}{note.split('; bars')[0][1:]})"] if pieces else []
        for piece in pieces:
            lines.append(f"{piece.place}. {piece.title} [{piece.topic_label}]")
            lines.append(
                f"   {' '.join(reads(piece, place == 0))}, {money(weekly, piece.credited)} credited, {money(weekly, piece.took_part)} took part in. {piece.why}"
            )
    lines += ["", *weekly.missing, *(f"{name}: {words}." for name, words in meanings(weekly)), source(weekly)]
    return "\n".join(paper.clean(("   " if line.startswith("   ") else "") + " ".join(line.split())) for line in lines) + "\n"


def lists(weekly: Weekly) -> tuple[tuple[str, str, tuple[Piece, ...]], ...]:
    """(title, what it is, pieces) of the two lists."""
    most = "page views" if weekly.unit == "view" else "reads"
    return (
        ("Most read this week", f"By {most}; bars show {most}.", weekly.most),
        (
            "Earn most, read least",
            f"By credit, of those with at most {counted(weekly.threshold, weekly.unit)} in {QUARTER} weeks; bars show credit.",
            weekly.hidden,
        ),
    )


def reads(piece: Piece, is_week: bool) -> tuple[str, str]:
    """How often a piece was read, number and word: in the week ("9", "reads"), or on average over the quarter ("0.7", "a week")."""
    if is_week:
        number, word = counted(piece.reads, piece.unit).split(formats.SPACE)
        return number, word
    each = piece.reads / QUARTER
    return (f"{each:.1f}" if each < 9.95 else formats.count(each)), "a week"


def money(weekly: Weekly, value: float) -> str:
    """An amount in the file: three digits."""
    return formats.money(value, weekly.currency)


def slot(piece: Piece) -> str:
    """The colour of a piece: its topic among the five, else "other"."""
    return piece.topic if piece.topic in paper.SLOTS else "other"


def link(piece: Piece) -> str:
    """Where a piece is read; empty unless it is an address of the web."""
    return piece.url if piece.url and re.match(r"https?://[^\s\"'<>]+$", piece.url) else ""


def meanings(weekly: Weekly) -> tuple[tuple[str, str], ...]:
    """What the words of the file mean."""
    span = formats.span(weekly.credit_from, weekly.credit_to)
    word, means = ("Views", MEANS_VIEWS) if weekly.unit == "view" else ("Reads", MEANS_READS)
    return (
        (word, f"{means}; “a week” is over the last {QUARTER} weeks"),
        ("Credited", f"the piece’s share of deals won {span}, rule {weekly.rule}; shares of all touches add up to the deal"),
        ("Took part in", "full amounts of the won deals that used it; these cannot be added up"),
    )


def source(weekly: Weekly) -> str:
    """Where the numbers come from."""
    return (
        f"Neither says that the piece caused the deal. All figures match the Content page of that period. Data up to {formats.day(weekly.data_up_to)}, "
        f"version {weekly.data_version}."
    )


def sheet(weekly: Weekly) -> Sheet:
    """What stands on the sheet: the week, who may read it and where the numbers come from."""
    return Sheet(
        title=f"{KIND}, {weekly.name}", kind=KIND, period=weekly.name, stamp=STAMP, stamp_words=STAMP_WORDS,
        footer=f"{KIND}, {weekly.name}. {STAMP}: {STAMP_WORDS}", source=source(weekly),
    )  # fmt: skip


def _values(weekly: Weekly) -> dict[str, object]:
    return {
        "w": weekly, "sheet": sheet(weekly), "lists": lists(weekly), "reads": reads, "slot": slot, "link": link, "meanings": meanings(weekly),
        "money": lambda value: money(weekly, value),
    }  # fmt: skip
