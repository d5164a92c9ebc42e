"""The topics page's view: topic × funnel stage × segment as heat tables, what is missing, and how much of production is on the five topics."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from attribution.answers import topics as answers
from attribution.charts import formats
from attribution.charts.marks import Form, Grid, Mark
from attribution.content.assets import Asset, Known
from attribution.content.topics import BIG_FIVE, OTHER, STAGES, Cell, Made, Topics, stage_of, topic_of, topics
from attribution.dataset import Dataset
from attribution.views.choices import EVERY, MISSING, choices
from attribution.views.state import Choice, Names, agreed_word, rule_label

MEASURES = {
    "revenue": "Credited revenue",
    "pieces": "Pieces",
    "cost": "Cost",
    "per_cost": "Earned per unit of cost",
    "used_in": "Used in deals",
}
FORMS = {"revenue": "money", "pieces": "count", "cost": "money", "per_cost": "times", "used_in": "count"}
NO_STAGE = "No stage"
NO_SEGMENT = "No segment"


@dataclass(frozen=True)
class Gap:
    """What is missing. ``pieces`` that come; ``questions`` about the topic, ``unanswered`` of them without a piece."""

    topic: str
    stage: str
    segment: str
    what: str
    coming: int
    questions: int
    unanswered: int


@dataclass(frozen=True)
class TopicsView:
    """All that the page shows."""

    answer: str
    found: Topics
    labels: dict[str, str]
    gaps: tuple[Gap, ...]
    five: Cell
    others: Cell
    whole: Cell

    @property
    def segments(self) -> dict[str, str]:
        """Code → label of the segments, all first."""
        named = {name: formats.words(name) for name in self.found.segments if name}
        return choices("All segments", named, "" if len(named) == len(self.found.segments) else NO_SEGMENT)

    @property
    def made(self) -> tuple[Made, ...]:
        """Production by quarter, the last twelve."""
        return self.found.made[-12:]


def view(ds: Dataset, choice: Choice, second: str, found: Known, names: Names) -> TopicsView:
    """Topics under a choice of filters."""
    here = choice.filters.resolved(ds.settings, ds.as_of)
    listed = topics(ds, here, choice.model, second, found)
    labels = {topic: names.labels.get("topic", {}).get(topic) or formats.words(topic) for topic in (*BIG_FIVE, OTHER)}
    five, others, whole = listed.sums(True), listed.sums(False), listed.sums()
    empty = [
        (topic, stage)
        for topic in BIG_FIVE
        for stage in STAGES
        if not any(cell.pieces for cell in listed.whole if (cell.topic, cell.stage) == (topic, stage))
    ]
    most = max(
        ((topic, demand) for topic, demand in listed.demand.items() if topic in BIG_FIVE),
        key=lambda entry: entry[1].questions,
        default=None,
    )
    facts = answers.TopicsFacts(
        currency=ds.settings.reporting.currency, pieces=whole.pieces, on_five=five.pieces, credited=whole.revenue, credited_on_five=five.revenue,
        cost=whole.cost, cost_on_five=five.cost, gaps=tuple((labels[topic].lower(), stage) for topic, stage in empty),
        asked_most=(labels[most[0]].lower(), most[1].questions, most[1].unanswered) if most else None,
        agreed=agreed_word(ds, choice.model), rule=rule_label(ds, choice.model),
    )  # fmt: skip
    return TopicsView(answers.topics(facts), listed, labels, _gaps(listed), five, others, whole)


def _gaps(found: Topics) -> tuple[Gap, ...]:
    """Topic and stage with nothing published; then topic and segment where nothing published was ever used. Most asked first."""
    gaps = []
    for topic in BIG_FIVE:
        demand = found.demand.get(topic)
        asked, unanswered = (demand.questions, demand.unanswered) if demand else (0, 0)
        for stage in STAGES:
            cells = [cell for cell in found.whole if (cell.topic, cell.stage) == (topic, stage)]
            if not sum(cell.pieces for cell in cells):
                gaps.append(Gap(topic, stage, "", "nothing published", sum(cell.coming for cell in cells), asked, unanswered))
                continue
            for segment in found.segments:
                if segment and not any(
                    cell.used_in for cell in found.cells if (cell.topic, cell.stage, cell.segment) == (topic, stage, segment)
                ):
                    gaps.append(
                        Gap(
                            topic,
                            stage,
                            segment,
                            "published, but used in no deal of the segment",
                            sum(cell.coming for cell in cells),
                            asked,
                            unanswered,
                        )
                    )
    return tuple(
        sorted(
            gaps,
            key=lambda gap: (
                bool(gap.segment),
                -gap.unanswered,
                -gap.questions,
                BIG_FIVE.index(gap.topic),
                STAGES.index(gap.stage),
                gap.segment,
            ),
        )
    )


def by_stage(shown: TopicsView, measure: str, segment: str, currency: str | None) -> Grid:
    """Topics by funnel stage, of one segment or of all."""
    cells = (
        shown.found.whole if segment == EVERY else [cell for cell in shown.found.cells if (cell.segment or MISSING) == segment]
    )
    stages = [*STAGES, *([""] if any(not cell.stage for cell in cells) else [])]
    columns = tuple(Mark(stage, "value" if stage else "none", formats.words(stage, NO_STAGE)) for stage in stages)
    return _grid(shown, columns, {(cell.topic, cell.stage): [cell] for cell in cells}, measure, currency)


def by_segment(shown: TopicsView, measure: str, currency: str | None) -> Grid:
    """Topics by segment, all stages."""
    columns = tuple(Mark(name, "value" if name else "none", formats.words(name, NO_SEGMENT)) for name in shown.found.segments)
    cells: dict[tuple[str, str], list[Cell]] = {}
    for cell in shown.found.cells:
        cells.setdefault((cell.topic, cell.segment), []).append(cell)
    return _grid(shown, columns, cells, measure, currency)


def _grid(
    shown: TopicsView, columns: tuple[Mark, ...], cells: dict[tuple[str, str], list[Cell]], measure: str, currency: str | None
) -> Grid:
    rows = tuple(Mark(topic, "value", shown.labels[topic]) for topic in (*BIG_FIVE, OTHER))
    form = Form(FORMS[measure], currency if FORMS[measure] == "money" else None)
    values = tuple(tuple(_value(cells.get((row.key, column.key), []), measure) for column in columns) for row in rows)
    sums: dict[str, object] = {}
    if measure != "per_cost":
        across = tuple(sum(value or 0.0 for value in line) for line in values)
        down = tuple(sum(line[place] or 0.0 for line in values) for place in range(len(columns)))
        sums = {"row_totals": across, "column_totals": down, "whole": sum(across)}
    known = [value for line in values for value in line if value is not None]
    return Grid(rows, columns, values, form, unit=form.unit_of_cells(known), **sums)  # type: ignore[arg-type]


def _value(cells: list[Cell], measure: str) -> float | None:
    if measure == "per_cost":
        cost = sum(cell.cost for cell in cells)
        return sum(cell.earned for cell in cells) / cost if cost else None
    return float(sum(getattr(cell, measure) for cell in cells)) if cells else 0.0


def grid_table(grid: Grid, head: str) -> pd.DataFrame:
    """A heat table in numbers."""
    frame = pd.DataFrame(
        [(row.label, *line) for row, line in zip(grid.rows, grid.cells, strict=True)],
        columns=[head, *(column.label for column in grid.columns)],
    )
    if grid.row_totals:
        frame["Total"] = list(grid.row_totals)
        frame.loc[len(frame)] = ["Total", *grid.column_totals, grid.whole]
    return frame


def cells_table(shown: TopicsView, second: str) -> pd.DataFrame:
    """Every topic, stage and segment in numbers, most credit first."""
    rows = [
        (
            shown.labels[cell.topic], formats.words(cell.stage, NO_STAGE), formats.words(cell.segment, NO_SEGMENT), cell.pieces, cell.used_in,
            cell.revenue, cell.other, cell.pipeline, cell.cost, cell.earned, cell.per_cost,
        )
        for cell in sorted(shown.found.cells, key=lambda cell: (-cell.revenue, -cell.used_in, cell.topic, cell.stage, cell.segment))
    ]  # fmt: skip
    heads = [
        "Topic",
        "Funnel stage",
        "Segment",
        "Pieces",
        "Used in deals",
        "Credited",
        second,
        "Credited, open deals",
        "Cost, its share",
        "Earned since publication",
        "Earned per unit of cost",
    ]
    return pd.DataFrame(rows, columns=heads)


def gaps_table(shown: TopicsView) -> pd.DataFrame:
    """What is missing, most asked first."""
    rows = [
        (
            shown.labels[gap.topic],
            formats.words(gap.stage),
            formats.words(gap.segment, "all"),
            gap.what,
            gap.coming,
            gap.questions,
            gap.unanswered,
        )
        for gap in shown.gaps
    ]
    heads = [
        "Topic",
        "Funnel stage",
        "Segment",
        "What is missing",
        "Asked for or in production",
        "Questions on the topic",
        "Without an answer",
    ]
    return pd.DataFrame(rows, columns=heads)


def made_table(made: tuple[Made, ...]) -> pd.DataFrame:
    """Production by quarter in numbers."""
    rows = [(formats.month(entry.quarter), entry.on_five, entry.others, entry.cost_on_five, entry.cost_others) for entry in made]
    return pd.DataFrame(rows, columns=["Quarter", "On the five topics", "Others", "Cost, five topics", "Cost, others"])


def pieces_of(shown: TopicsView, topic: str, stage: str | None, model: str) -> tuple[Asset, ...]:
    """The pieces of a cell, most credit first. ``stage`` None: of every stage."""
    kept = [piece for piece in shown.found.pieces if topic_of(piece) == topic and (stage is None or stage_of(piece) == stage)]
    return tuple(sorted(kept, key=lambda piece: (-piece.credit[model], -piece.readers, piece.title, piece.asset_id)))


def pieces_table(pieces: tuple[Asset, ...], model: str) -> pd.DataFrame:
    """Pieces in numbers."""
    rows = [
        (
            formats.short(piece.title, 160), formats.words(piece.funnel_stage, NO_STAGE), formats.words(piece.status or "published"), piece.credit[model],
            float(piece.cost) if piece.cost is not None else None, piece.readers,
        )
        for piece in pieces
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["Piece", "Funnel stage", "Status", "Credited", "Cost", "Readers"])
