"""The page about sales content: what is asked for and being made, what was sent where and what became of it, what sales says, what to send next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from attribution.answers import sales_content as answers
from attribution.charts import formats, used
from attribution.charts.marks import Form, Grid, Mark
from attribution.content import scope
from attribution.content.assets import Asset, Known, under
from attribution.content.exposure import stages
from attribution.content.questions import grouped, named_ever, pieces, questions
from attribution.content.sales import (
    CLOSE,
    NOTHING,
    Rated,
    Sending,
    Word,
    fates,
    in_deals,
    rated,
    sendings,
    steps_before,
    words,
)
from attribution.dataset import Dataset
from attribution.filters import ALL_TIME
from attribution.views.state import Choice, Names

MOST_ROWS = 10
ENOUGH_RATINGS = 3  # below this a piece is neither called best nor worst
STATUSES = {"won": "Won", "lost": "Lost", "open": "Open"}


@dataclass(frozen=True)
class Making:
    """A piece that is asked for or in production, with what waits for it. ``late_days``: past its due day, None without one."""

    asset_id: str
    title: str
    status: str
    due_on: date | None
    late_days: int | None
    author: str
    asked_by: str
    question: str
    format: str
    topic: str
    waiting: int
    deals: int
    pipeline: float

    @property
    def late(self) -> answers.Late:
        """As sentences need it."""
        return answers.Late(
            self.title, max(self.late_days or 0, 0), self.author, self.asked_by, self.waiting, self.deals, self.pipeline
        )


@dataclass(frozen=True)
class SalesContent:
    """All that the page shows under a choice of filters. ``recorded``: sendings of all time, also those that reached no deal."""

    answer: str
    currency: str | None
    public: int
    pieces: int
    requested: tuple[Making, ...]
    in_production: tuple[Making, ...]
    sent: tuple[Sending, ...]
    deals: int
    closed_rate: str
    fates: tuple[used.Split, ...]
    grid: Grid
    alts: tuple[str, str]
    recorded: int
    in_deals: int
    said: str
    rated: tuple[Rated, ...]
    comments: tuple[Word, ...]
    average: float | None

    @property
    def late(self) -> tuple[Making, ...]:
        """What is in production and past its day."""
        return tuple(piece for piece in self.in_production if (piece.late_days or 0) > 0)


def has_content(ds: Dataset) -> bool:
    """Whether the page has anything to show: pieces, sendings or words about them."""
    tables = ("staging.content_assets", "raw.content_feedback")
    return any(ds.rows(f"select 1 from {table} limit 1") for table in tables) or bool(
        ds.rows("select 1 from touches.touches where asset_id is not null limit 1")
    )


def view(ds: Dataset, choice: Choice, names: Names, content: Known) -> SalesContent:
    """Sales content under a choice of filters. ``content``: what filters do not change."""
    here = choice.filters.resolved(ds.settings, ds.as_of)
    everything = under(ds, ALL_TIME, {}, content)
    sent, said = sendings(ds, here), words(ds, here)
    making = _making(ds, everything, choice, names)
    in_production = tuple(piece for piece in making if piece.status == "in_production")
    requested = tuple(piece for piece in making if piece.status == "requested")
    public = [asset for asset in everything if asset.is_public]
    deals = {sending.deal_id: sending.status for sending in sent}
    outcomes = list(deals.values())
    found, by_piece = fates(sent), rated(said)
    ratings = [word.rating for word in said if word.rating is not None]
    average = sum(ratings) / len(ratings) if ratings else None
    facts = answers.SalesFacts(
        currency=ds.settings.reporting.currency, public=len({asset.asset_id for asset in public} | set(found)), pieces=len(found), sent=len(sent),
        won=outcomes.count("won"), lost=outcomes.count("lost"), open=outcomes.count("open"), making=len(in_production),
        late=[piece.late for piece in in_production if (piece.late_days or 0) > 0], requested=[piece.late for piece in requested],
        when="" if here.date_from is None and here.date_to is None else "in this period",
    )  # fmt: skip
    titles = {sending.asset_id: sending.asset for sending in sent}
    order = sorted(
        titles,
        key=lambda asset_id: (-sum(len(found[asset_id].get(status, ())) for status in STATUSES), titles[asset_id], asset_id),
    )[:MOST_ROWS]
    splits = tuple(_split(asset_id, titles[asset_id], found[asset_id]) for asset_id in order)
    grid, most = _grid(ds, sent, order, titles)
    closed = [status for status in ds.deals(scope.any_time(here))["status"] if status != "open"]
    enough = sorted(
        (entry for entry in by_piece.values() if entry.ratings >= ENOUGH_RATINGS),
        key=lambda entry: (-(entry.average or 0), entry.asset),
    )
    extremes = [(entry.asset, entry.average or 0.0) for entry in (*enough[:1], *enough[-1:])]
    return SalesContent(
        answer=answers.sales_content(facts), currency=facts.currency, public=facts.public, pieces=facts.pieces,
        requested=requested, in_production=in_production, sent=sent, deals=len(deals), fates=splits, grid=grid,
        closed_rate=formats.share(closed.count("won") / len(closed)) if closed else formats.DASH,
        alts=(answers.fates_alt([(row.label, *_counts(found[row.key])) for row in splits]), answers.stages_alt(most)),
        recorded=sum(asset.sent for asset in everything), in_deals=in_deals(ds),
        said=answers.said(len([entry for entry in by_piece.values() if entry.ratings]), len(ratings), average, extremes),
        rated=tuple(sorted(by_piece.values(), key=lambda entry: (-entry.said, entry.asset, entry.asset_id))),
        comments=tuple(word for word in said if word.comment), average=average,
    )  # fmt: skip


def _making(ds: Dataset, everything: Sequence[Asset], choice: Choice, names: Names) -> tuple[Making, ...]:
    """What is not published yet: in production by its day, asked for by what waits."""
    today = scope.today(ds)
    own = pieces(ds)
    key_of = {piece.asset_id: piece.key for piece in own}
    asked = {entry.key: entry for entry in grouped(questions(ds, choice.filters), own, named_ever(ds))}
    topics = names.labels.get("topic", {})
    found = []
    for asset in everything:
        if asset.status not in ("requested", "in_production"):
            continue
        waiting = asked.get(key_of.get(asset.asset_id, ""))
        found.append(
            Making(
                asset.asset_id, asset.title, asset.status, asset.due_on, (today - asset.due_on).days if asset.due_on else None, asset.author or "",
                asset.requested_by or "", asset.buyer_question or "", formats.words(asset.format, ""),
                (topics.get(asset.topic) or formats.words(asset.topic)) if asset.topic else "", len(waiting.waiting) if waiting else 0,
                len(waiting.open_deals) if waiting else 0, waiting.pipeline if waiting else 0.0,
            )
        )  # fmt: skip
    worth = sorted(found, key=lambda piece: (-piece.pipeline, -piece.waiting, piece.title, piece.asset_id))
    return tuple(sorted(worth, key=lambda piece: (piece.due_on or date.max) if piece.status == "in_production" else date.min))


def _split(asset_id: str, title: str, fate: dict[str, set[str]]) -> used.Split:
    won, still_open, lost = _counts(fate)
    text = f"{formats.share(won / (won + lost))} won" if won + lost >= answers.ENOUGH_ALIKE else "too few closed"
    return used.Split(asset_id, title, (won, still_open, lost), text)


def _counts(fate: dict[str, set[str]]) -> tuple[int, int, int]:
    won, still_open, lost = (len(fate.get(status, ())) for status in ("won", "open", "lost"))
    return won, still_open, lost


def _grid(
    ds: Dataset, sent: Sequence[Sending], order: Sequence[str], titles: dict[str, str]
) -> tuple[Grid, list[tuple[str, str, int]]]:
    """Pieces by the step that came next, in sendings; and for each piece the step it was sent before most."""
    counts = steps_before(sent)
    seen = {step for steps in counts.values() for step in steps}
    known = [stage for stage in stages(ds) if stage in seen]
    columns = [*known, *sorted(seen - {*known, CLOSE, NOTHING}), *(step for step in (CLOSE, NOTHING) if step in seen)]
    labels = {
        CLOSE: "The close",
        NOTHING: "Nothing since",
        **{stage: formats.words(stage) for stage in columns if stage not in (CLOSE, NOTHING)},
    }
    cells = tuple(tuple(float(counts[asset_id].get(step, 0)) for step in columns) for asset_id in order)
    form = Form("count")
    rows = tuple(sum(line) for line in cells)
    totals = tuple(sum(line[place] for line in cells) for place in range(len(columns)))
    grid = Grid(
        tuple(Mark(asset_id, "value", titles[asset_id]) for asset_id in order), tuple(Mark(step, "value", labels[step]) for step in columns), cells, form,
        rows, totals, sum(rows), form.unit([value for line in cells for value in line]),
    )  # fmt: skip
    most = []
    for asset_id in order:
        step = max(columns, key=lambda column: counts[asset_id].get(column, 0))
        most.append((titles[asset_id], labels[step], counts[asset_id].get(step, 0)))
    return grid, most


def sent_table(listed: Iterable[Sending]) -> pd.DataFrame:
    """Every sending as people read it."""
    rows = [
        (
            sending.deal, sending.asset, sending.sent_on, sending.sent_by, formats.words(sending.stage, "Before it was opened"), _next(sending.before),
            sending.days_to_next, STATUSES.get(sending.status, sending.status), sending.amount,
        )
        for sending in listed
    ]  # fmt: skip
    heads = ["Deal", "Piece", "Sent on", "Sent by", "Stage then", "Next step", "Days to it", "Outcome", "Amount"]
    return pd.DataFrame(rows, columns=heads).astype({"Sent on": object, "Days to it": "Int64"})


def _next(step: str) -> str:
    return {CLOSE: "The close", NOTHING: "Nothing since"}.get(step) or formats.words(step)


def fates_table(view: SalesContent) -> pd.DataFrame:
    """Pieces that were sent with the outcome of their deals: a deal counts once for each piece."""
    rows = [(row.label, *row.parts, sum(row.parts)) for row in view.fates]
    return pd.DataFrame(rows, columns=["Piece", "Won", "Still open", "Lost", "Deals"])


def grid_table(view: SalesContent) -> pd.DataFrame:
    """Sendings of each piece by the step that came next, with totals."""
    counts = [[int(value or 0) for value in line] for line in view.grid.cells]
    rows: list[list[object]] = [[mark.label, *line, sum(line)] for mark, line in zip(view.grid.rows, counts, strict=True)]
    rows.append(["Total", *(int(value or 0) for value in view.grid.column_totals), int(view.grid.whole or 0)])
    return pd.DataFrame(rows, columns=["Piece", *(column.label for column in view.grid.columns), "Sendings"])


def rated_table(listed: Iterable[Rated]) -> pd.DataFrame:
    """What sales says about each piece."""
    rows = [
        (entry.asset, entry.average, entry.ratings, entry.used, entry.not_used, ", ".join(f"{reason} ({count})" for reason, count in entry.reasons))
        for entry in listed
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["Piece", "Rating", "Ratings", "Used", "Not used", "Why not"]).astype({"Rating": "Float64"})


def comments_table(listed: Iterable[Word]) -> pd.DataFrame:
    """Comments as they were written, latest first."""
    rows = [(word.comment, word.asset, word.rating, word.said_by, word.given_on, word.deal) for word in listed]
    return pd.DataFrame(rows, columns=["Comment", "Piece", "Rating", "Said by", "On", "Deal"]).astype(
        {"On": object, "Rating": "Int64"}
    )


def making_table(view: SalesContent) -> pd.DataFrame:
    """What is asked for and in production, for files."""
    rows = [
        (
            piece.title, "In production" if piece.status == "in_production" else "Asked for", piece.due_on, max(piece.late_days or 0, 0), piece.author,
            piece.asked_by, piece.question, piece.topic, piece.waiting, piece.deals, piece.pipeline,
        )
        for piece in (*view.in_production, *view.requested)
    ]  # fmt: skip
    heads = [
        "Piece",
        "Status",
        "Due on",
        "Days late",
        "Author",
        "Asked for by",
        "Buyer's question",
        "Topic",
        "Asked without a piece",
        "Open deals",
        "Pipeline",
    ]
    return pd.DataFrame(rows, columns=heads).astype({"Due on": object})
