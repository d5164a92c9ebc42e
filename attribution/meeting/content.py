"""Block 9, "What content next?": questions without an answer, what is being made and late, what is new, what sales says, what open deals read.

Questions, decisions and feedback are those of the content pages (attribution/content), over all time; new is what came since the last meeting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from attribution.answers.questions import being_made
from attribution.charts import formats
from attribution.charts.formats import counted, money
from attribution.content import scope
from attribution.content.questions import DECISIONS, Asked, grouped, named_ever, open_deals, pieces, questions
from attribution.content.sales import Word, words
from attribution.filters import ALL_TIME, Filters
from attribution.meeting import amounts, links, spans
from attribution.meeting.block import Bar, Block, Cell, Context, Figure, Grid, Picture, Record
from attribution.meeting.words import DEFINITIONS

if TYPE_CHECKING:
    from attribution.dataset import Dataset

READ_DAYS = 14  # "now": what a buyer reads in two weeks belongs to the talk that sales has with him
MOST_QUESTIONS: dict[str, int] = {"write": 6, "finish": 3, "send": 5}
MOST_BARS, MOST_FEEDBACK, MOST_READ = 6, 8, 8
DO = {entry.name: entry.label for entry in DECISIONS}
MISSING = (
    "Here buyers' questions without an answer would stand, content that is being made, what is new and what open deals read. It needs one of the "
    "tables questions (question_id, asked_at, text), content_assets (asset_id, title, status, due_on, published_on) or touches with content "
    "(asset_id or url). Add what you have and build again."
)


@dataclass(frozen=True)
class Made:
    """A piece that is being made, or was published since the last meeting."""

    asset_id: str
    title: str
    status: str | None
    author: str | None
    due_on: date | None
    published_on: date | None
    question: str | None

    def late_days(self, today: date) -> int:
        """Days since it was due; 0 where it is not late. Asked for is not late: nobody promised a day yet."""
        is_late = self.status == "in_production" and self.due_on is not None and self.due_on < today
        return (today - self.due_on).days if is_late and self.due_on else 0


@dataclass(frozen=True)
class Reading:
    """A piece that buyers of open deals read now."""

    asset_id: str
    title: str
    deals: int
    people: int
    amount: float
    last_on: date


def block(context: Context) -> Block:
    """What content next."""
    ds, today = context.ds, spans.last_day(context)
    currency = ds.settings.reporting.currency
    listed = questions(ds, ALL_TIME if today == scope.today(ds) else Filters(date_to=today))
    asked = [entry for entry in grouped(listed, pieces(ds), named_ever(ds)) if entry.decision]
    making, published = _making(ds), _published(context)
    said, read = _feedback(context), reading(context)
    has_assets = bool(ds.rows("select 1 from raw.content_assets limit 1"))
    if not listed and not has_assets and not read:
        return Block("Neither content nor buyers' questions are recorded.", missing=MISSING)
    late = [piece for piece in making if piece.late_days(today)]
    waiting = [question for entry in asked for question in entry.waiting]
    deals = open_deals(waiting)
    marks = []
    if not listed and ds.rows("select 1 from raw.questions limit 1"):
        marks.append(f"No buyer's question was recorded up to {amounts.day(today, today)}.")
    produced = [piece for piece in making if piece.status == "in_production"]
    since, different = f"since {amounts.day(context.since, today)}", f"{formats.count(len(asked))} different ones"
    worth, help = money(sum(deals.values()), currency), DEFINITIONS["deals_that_wait"]
    figures = (
        _figure("Questions without a piece", len(waiting), different, DEFINITIONS["unanswered"], "questions"),
        Figure("Open deals that wait", worth, counted(len(deals), "deal"), help, "questions"),
        _figure(
            "In production",
            len(produced),
            f"{formats.count(len(late))} late",
            DEFINITIONS["in_production"],
            "sales_content",
        ),
        _figure("Published", len(published), since, DEFINITIONS["published"], "content"),
        _figure(
            "Read by open deals",
            len(read),
            f"pieces in the last {READ_DAYS} days",
            DEFINITIONS["read_now"],
            "content",
        ),
    )
    return Block(
        answer=answer(context, asked, making, published, said, read), figures=figures, records_title="What to write, finish and send; new; said by sales",
        records=_records(context, asked, making, published, said), picture=_picture(asked, currency), grids=_grid(read, currency),
        notes=("Near-equal questions count as one. Each open deal counts once in a sum; a deal with several questions stands at each of them.",),
        marks=tuple(marks),
    )  # fmt: skip


def _figure(label: str, number: int, note: str, help: str, link: str) -> Figure:
    return Figure(label, formats.count(number), note, help, link)


def answer(
    context: Context,
    asked: Sequence[Asked],
    making: Sequence[Made],
    published: Sequence[Made],
    said: Sequence[Word],
    read: Sequence[Reading],
) -> str:
    """What to make first, what is late, what is new, in a few sentences."""
    today, currency = spans.last_day(context), context.ds.settings.reporting.currency
    told = [_waiting(asked, currency)]
    produced = [piece for piece in making if piece.status == "in_production"]
    if produced:
        text = f"{counted(len(produced), 'piece is', 'pieces are')} in production"
        if late := [piece for piece in produced if piece.late_days(today)]:
            latest = max(late, key=lambda piece: piece.late_days(today))
            text += f", {formats.count(len(late))} late, “{formats.short(latest.title, 60)}” by {formats.days(latest.late_days(today))}"
        told.append(f"{text}.")
    new = f"{counted(len(published), 'piece')} published" if published else "Nothing published"
    told.append(f"{new} and {counted(len(said), 'comment')} from sales since {amounts.day(context.since, today)}.")
    if read:
        first = read[0]
        told.append(
            f"Open deals read most: “{formats.short(first.title, 60)}” ({counted(first.deals, 'deal')}, {money(first.amount, currency)})."
        )
    return " ".join(told)


def _waiting(asked: Sequence[Asked], currency: str | None) -> str:
    """Which questions wait, and what to do about the one with most at stake: to write where one is to be written."""
    if not asked:
        return "No question waits for an answer."
    counts = {name: len([entry for entry in asked if entry.decision == name]) for name in DO}
    ways = {"write": "to write", "finish": "being made", "send": "with a piece to send"}
    parts = formats.listed([f"{formats.count(counts[name])} {words}" for name, words in ways.items() if counts[name]])
    first = next((entry for entry in asked if entry.decision == "write"), asked[0])
    worth = (
        f"{money(first.pipeline, currency)} of open deals wait"
        if first.pipeline
        else f"asked {counted(len(first.waiting), 'time')}"
    )
    said = f"{DO[first.decision].removesuffix(' it')} first: “{formats.short(first.text, 90)}” ({worth})."
    return f"{counted(len(asked), 'question waits', 'questions wait')} for an answer: {parts}. {said}"


def _making(ds: Dataset) -> list[Made]:
    """What is in production, the earliest day first, then what is asked for."""
    found = _assets(ds, "assets.status in ('in_production', 'requested')", ())
    return sorted(found, key=lambda piece: (piece.status != "in_production", piece.due_on or date.max, piece.asset_id))


def _published(context: Context) -> list[Made]:
    """What was published since the last meeting, the latest first."""
    since = spans.since_last(context)
    condition = (
        "(assets.status is null or assets.status not in ('in_production', 'requested')) and assets.published_on between ? and ?"
    )
    found = _assets(context.ds, condition, (since.first, since.last)) if since.first <= since.last else []
    return sorted(found, key=lambda piece: (-(piece.published_on or date.min).toordinal(), piece.asset_id))


def _assets(ds: Dataset, condition: str, parameters: tuple[object, ...]) -> list[Made]:
    rows = ds.rows(
        "select assets.asset_id, coalesce(assets.title, assets.asset_id), assets.status, coalesce(people.name, assets.owner_id), assets.due_on, "
        "assets.published_on, assets.buyer_question from staging.content_assets as assets left join raw.people as people on assets.owner_id = people.owner_id "
        f"where {condition}",
        list(parameters),
    )
    labels = ds.labels("asset")
    return [Made(asset_id, labels.get(asset_id, title), *row) for asset_id, title, *row in rows]


def _feedback(context: Context) -> tuple[Word, ...]:
    """What salespeople said since the last meeting, the latest first."""
    since = spans.since_last(context)
    if since.first > since.last:
        return ()
    return words(context.ds, Filters(date_from=since.first, date_to=since.last))


def reading(context: Context) -> tuple[Reading, ...]:
    """What buyers of open deals read in the last two weeks: in most deals first, then of most money."""
    ds, today, now_us = context.ds, spans.last_day(context), spans.now_us(context)
    span = spans.of_days(ds, today - timedelta(days=READ_DAYS - 1), today)
    rows = ds.rows(
        """
        with read as (
            select
                touches.asset_id as asset_id, touches.deal_id as deal_id, touches.person_id as person_id,
                coalesce(cast(deals.amount as double), 0) as amount, touches.occurred_us as occurred_us
            from journeys.deal_touches as touches
            inner join marts.deals as deals on touches.deal_id = deals.deal_id
            where touches.is_counted and touches.actor = 'buyer' and touches.asset_id is not null and touches.occurred_us >= ?
                and touches.occurred_us <= ? and (deals.closed_us is null or deals.closed_us > ?)
        ),

        of_deals as (
            select asset_id, deal_id, max(amount) as amount, max(occurred_us) as last_us from read group by asset_id, deal_id
        ),

        of_people as (
            select asset_id, count(distinct person_id) as people from read group by asset_id
        ),

        final as (
            select asset_id, count(*) as deals, sum(amount) as amount, max(last_us) as last_us from of_deals group by asset_id
        )

        select
            final.asset_id, coalesce(assets.title, final.asset_id), final.deals, of_people.people, final.amount,
            to_local_date(from_us(final.last_us), reporting.time_zone)
        from final
        cross join (select time_zone from config.reporting) as reporting
        inner join of_people on final.asset_id = of_people.asset_id
        left join staging.content_assets as assets on final.asset_id = assets.asset_id
        order by final.deals desc, final.amount desc, final.asset_id""",
        [span.from_us, now_us, now_us],
    )
    labels = ds.labels("asset")
    return tuple(Reading(asset_id, labels.get(asset_id, title), *row) for asset_id, title, *row in rows)


def _records(
    context: Context, asked: Sequence[Asked], making: Sequence[Made], published: Sequence[Made], said: Sequence[Word]
) -> tuple[Record, ...]:
    today, currency = spans.last_day(context), context.ds.settings.reporting.currency
    found = [
        _question(entry, currency)
        for decision, most in MOST_QUESTIONS.items()
        for entry in [entry for entry in asked if entry.decision == decision][:most]
    ]
    for piece in sorted(making, key=lambda piece: (not piece.late_days(today), piece.status != "in_production")):
        late = piece.late_days(today)
        answers = f"answers “{formats.short(piece.question, 60)}”" if piece.question else None
        detail = "; ".join(part for part in (being_made(piece.status or "", piece.due_on, today), piece.author, answers) if part)
        group = "! Late" if late else "→ Being made" if piece.status == "in_production" else "○ Asked for"
        due_on = piece.due_on.isoformat() if piece.due_on else None
        fields = (
            ("asset_id", piece.asset_id),
            ("status", piece.status),
            ("author", piece.author),
            ("due_on", due_on),
            ("days_late", late),
        )
        found.append(
            Record(
                group,
                piece.title,
                "",
                detail,
                links.content(piece.asset_id),
                "moved" if late else "plain",
                piece.asset_id,
                fields,
            )
        )
    for piece in published:
        detail = "; ".join(part for part in (formats.day(piece.published_on), piece.author) if part)
        own = (("asset_id", piece.asset_id), ("author", piece.author))
        found.append(Record("+ Published", piece.title, "", detail, links.content(piece.asset_id), "new", piece.asset_id, own))
    return (*found, *(_said(word) for word in said[:MOST_FEEDBACK]))


def _question(entry: Asked, currency: str | None) -> Record:
    piece = entry.made or entry.making
    title = piece.title if piece else entry.proven[1] if entry.proven else ""
    times = f"asked {counted(len(entry.waiting), 'time')}, last on {formats.day(entry.last_on)}, without a piece"
    detail = f"“{formats.short(title, 60)}”; {times}" if title and entry.decision != "write" else times
    amount = money(entry.pipeline, currency) if entry.pipeline else ""
    fields = (
        ("question", entry.text), ("decision", entry.decision), ("asked_without_piece", len(entry.waiting)),
        ("open_deals", len(entry.open_deals)), ("amount", entry.pipeline),
    )  # fmt: skip
    return Record(f"? {DO[entry.decision]}", entry.text, amount, detail, "questions", "new", entry.key, fields)


def _said(word: Word) -> Record:
    used = None if word.was_used is None else "used" if word.was_used else "not used"
    rating = f"{word.rating} of 5" if word.rating is not None else None
    parts = (word.said_by, rating, used, word.reason, word.deal, f"“{formats.short(word.comment, 90)}”" if word.comment else None)
    fields = (
        ("asset_id", word.asset_id),
        ("said_by", word.said_by),
        ("rating", word.rating),
        ("deal_id", word.deal_id),
        ("comment", word.comment),
    )
    detail = "; ".join(part for part in parts if part)
    return Record("“ Sales says", word.asset, "", detail, links.content(word.asset_id), "plain", word.asset_id, fields)


def _picture(asked: Sequence[Asked], currency: str | None) -> Picture | None:
    """The questions that most money waits for."""
    shown = [entry for entry in asked if entry.pipeline][:MOST_BARS]
    if not shown:
        return None
    bars = tuple(
        Bar(
            formats.short(entry.text, 60),
            entry.pipeline,
            money(entry.pipeline, currency),
            f"{DO[entry.decision]}; {counted(len(entry.open_deals), 'deal')}",
        )
        for entry in shown
    )
    said = "; ".join(f"{bar.label} {bar.words}" for bar in bars)
    return Picture(
        "Open deals that wait for an answer", "bars", bars, f"Amount of open deals by question without an answer: {said}.", formats.symbol(currency),
        caption="A deal with several questions stands at each of them, so the bars do not add up.",
    )  # fmt: skip


def _grid(read: Sequence[Reading], currency: str | None) -> tuple[Grid, ...]:
    if not read:
        return ()
    rows = tuple(
        (
            Cell(formats.short(piece.title, 70), links.content(piece.asset_id)), Cell(formats.count(piece.deals)),
            Cell(money(piece.amount, currency)), Cell(formats.count(piece.people)),
        )
        for piece in read[:MOST_READ]
    )  # fmt: skip
    rest = len(read) - len(rows)
    return (
        Grid(
            "Read by open deals", ("Content", "Open deals", "Amount", "People"), rows,
            help=(
                ("Open deals", f"Open deals of which a buyer read it in the last {READ_DAYS} days."),
                ("Amount", "Of the open deals in which it was read; a deal stands at each piece, so amounts do not add up."),
            ),
            caption=f"{counted(rest, 'more piece')} not shown." if rest else "",
        ),
    )  # fmt: skip
