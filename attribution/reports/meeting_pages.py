"""How a block of the meeting lies on its page: tables of the whole width, a left and a right column, and what of it fits on one sheet of A4.

Widths and heights are estimated from letters, as they came out in Chromium and WeasyPrint; an estimate that is off costs a second sheet,
never words. On paper long lists are cut and counted; what was written in the meeting never is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from attribution.meeting.block import Block, Grid, Picture, Record
from attribution.meeting.pack import Part
from attribution.reports import meeting_pictures

# Paper, in px of its 12 px root: what a sheet holds, a line of a table, the space around a row, head and gap of a table.
SHEET, LINE, ROW, TABLE, GAP = 678.0, 13.2, 6.0, 44.0, 14.0
# Screens, which are narrower for their letters: px of a letter and of a cell's padding; px of the columns.
LETTER, CELL, PHONE, LEFT, RIGHT, WHOLE = 6.5, 18, 300, 558, 428, 1040
NAME = 26  # letters of a name before it goes on in a second line
DENSER = 0.82  # of the height of a picture's row, where the sheet is full
FEWEST, FEWEST_WIDE = 4, 8  # rows of a list, and of a table of the whole width, that stay on paper however full it is


@dataclass(frozen=True)
class Line:
    """A record as the table shows it: ``leads`` its group, ``is_printed`` fits on the sheet."""

    record: Record
    leads: bool
    is_printed: bool


@dataclass(frozen=True)
class Table:
    """A table and how many of its rows fit on the sheet."""

    grid: Grid
    printed: int

    @property
    def may_scroll(self) -> bool:
        """Whether it is wider than a phone, so that the keyboard must reach it."""
        return _width(self.grid) > PHONE

    @property
    def not_printed(self) -> int:
        """Rows that are on the screen only."""
        return len(self.grid.rows) - self.printed


@dataclass(frozen=True)
class Page:
    """A block as it lies. ``hidden``: records not on the screen, ``not_printed``: those not on paper. The picture stands in the right column,
    the records at the end of the left one, what was written at the end of the right one.
    ``is_dense``: on paper its rows stand closer."""

    wide: tuple[Table, ...]
    left: tuple[Table, ...]
    right: tuple[Table, ...]
    lines: tuple[Line, ...]
    hidden: int
    not_printed: int
    has_picture: bool
    is_dense: bool

    @property
    def widths(self) -> tuple[float, float]:
        """How wide the columns of groups and of amounts are, in rem."""
        groups, amounts = ([getattr(line.record, name) for line in self.lines] for name in ("group", "amount"))
        return _rem(groups, 24, 0.8), _rem(amounts, 16, 1.1)

    @property
    def has_left(self) -> bool:
        """Whether anything stands in the left column."""
        return bool(self.lines or self.left)


def page(part: Part, most: int) -> Page | None:
    """How a block lies on its page, with at most so many records on the screen; None where there is nothing but its answer."""
    block = part.block
    if block is None:
        return None
    picture = block.picture if block.picture is not None and meeting_pictures.is_drawable(block.picture.bars) else None
    wide = [grid for grid in block.grids if _width(grid) > LEFT]
    shown = block.records[:most]
    has_right = picture is not None or part.is_written
    letters = 50 if has_right or len(block.grids) > len(wide) else 125
    left, right = _columns([grid for grid in block.grids if grid not in wide], shown, picture, part, letters)
    records = [_record_height(one, letters) for one in shown]
    least = TABLE + sum(records[: FEWEST - bool(wide)]) if shown else 0.0

    def over(paper: _Paper) -> tuple[float, float, float]:
        """(room for the columns, by how much the left one is too high, and the right one) with every table whole."""
        room = SHEET - _head(block) - sum(paper.table(grid, WHOLE) for grid in wide)
        left_over = sum(paper.table(grid, LEFT) for grid in left) + least - room
        return (
            room,
            left_over,
            sum(paper.table(grid, RIGHT) for grid in right) + paper.picture(picture) + _said_height(part) - room,
        )

    paper = _Paper(False)
    room, left_over, right_over = over(paper)
    if is_dense := max(left_over, right_over) > 0:
        paper = _Paper(True)
        room, left_over, right_over = over(paper)
    left_tables, right_tables = paper.fitting(left, left_over), paper.fitting(right, right_over)
    still = max(left_over - paper.gained(left_tables), right_over - paper.gained(right_tables))
    wide_tables = [Table(grid, len(grid.rows)) for grid in wide]
    if wide and still > 0:
        wide_tables[-1] = paper.cut(wide_tables[-1], still, FEWEST_WIDE)
    room += paper.gained(wide_tables)
    room -= sum(paper.table(replace(table.grid, rows=table.grid.rows[: table.printed]), LEFT) for table in left_tables) + TABLE
    lines = _lines(shown, records, max(room, least - TABLE))
    printed = sum(line.is_printed for line in lines)
    return Page(
        tuple(wide_tables), tuple(left_tables), tuple(right_tables), lines, len(block.records) - len(shown), len(block.records) - printed,
        picture is not None, is_dense,
    )  # fmt: skip


@dataclass(frozen=True)
class _Paper:
    """How high things are in print. ``is_dense``: rows stand closer and what columns mean is left to the screen."""

    is_dense: bool

    @property
    def row(self) -> float:
        """A row of one line."""
        return LINE + (3.6 if self.is_dense else ROW)

    def table(self, grid: Grid, width: int) -> float:
        """A table with its words below."""
        below = 0 if self.is_dense else sum(len(name) + len(words) + 3 for name, words in grid.help)
        lines = math.ceil(below / (width / 5.2)) + math.ceil(len(grid.caption) / (width / 5.2))
        numbers = sum(_cell(grid, place) for place in range(grid.name_columns, len(grid.columns)))
        letters = max(NAME, int((width - numbers) / LETTER * 1.25 / max(grid.name_columns, 1)))
        wrapped = sum(
            max(0, *(math.ceil(len(cell.words) / letters) - 1 for cell in row[: max(grid.name_columns, 1)]), 0)
            for row in grid.rows
        )
        return TABLE + len(grid.rows) * self.row + LINE * (lines + wrapped) + GAP

    def picture(self, picture: Picture | None) -> float:
        """A picture with its words below."""
        if picture is None:
            return 0.0
        lines = math.ceil((len(picture.caption) + len(picture.goal_words)) / 85)
        bars = sum(12 * row.height * (DENSER if self.is_dense else 1) for row in meeting_pictures.rows(picture))
        return 28 + bars + LINE * lines + GAP

    def fitting(self, grids: Sequence[Grid], over: float) -> list[Table]:
        """Tables of a column, the longest cut first until they fit."""
        tables = [Table(grid, len(grid.rows)) for grid in grids]
        for place in sorted(range(len(tables)), key=lambda number: -len(grids[number].rows)):
            if over > 0:
                tables[place] = self.cut(tables[place], over)
                over -= tables[place].not_printed * self.row - LINE
        return tables

    def gained(self, tables: Sequence[Table]) -> float:
        """What cutting tables gave."""
        return sum(table.not_printed * self.row - LINE for table in tables if table.not_printed)

    def cut(self, table: Table, over: float, fewest: int = FEWEST) -> Table:
        """A table without as many rows as are ``over`` (px), and the line that counts them."""
        rows = len(table.grid.rows)
        return replace(table, printed=max(min(fewest, rows), rows - math.ceil((over + LINE) / self.row)))


def _rem(words: Sequence[str], most: int, padding: float) -> float:
    return round(0.5 * min(max(map(len, words), default=0), most) + padding, 2)


def _columns(
    grids: Sequence[Grid], records: Sequence[Record], picture: Picture | None, part: Part, letters: int
) -> tuple[list[Grid], list[Grid]]:
    """Each table into the column that is shorter by then, the left one where it is too wide for the right one."""
    left: list[Grid] = []
    right: list[Grid] = []
    loose = _Paper(False)
    heights = [
        sum(_record_height(one, letters) for one in records[:10]) + (TABLE if records else 0.0),
        loose.picture(picture) + _said_height(part),
    ]
    for grid in grids:
        goes_left = _width(grid) > RIGHT or heights[0] < heights[1] or (not records and not left)
        (left if goes_left else right).append(grid)
        heights[0 if goes_left else 1] += loose.table(grid, LEFT if goes_left else RIGHT)
    return left, right


def _lines(records: Sequence[Record], heights: Sequence[float], room: float) -> tuple[Line, ...]:
    lines: list[Line] = []
    group, is_full = None, False
    if sum(heights) > room:
        room -= LINE + ROW  # the line that counts the rest
    for record, height in zip(records, heights, strict=True):
        room -= height
        is_full = is_full or room < 0
        lines.append(Line(record, record.group != group, not is_full))
        group = record.group
    return tuple(lines)


def _record_height(record: Record, letters: int) -> float:
    return ROW + LINE * max(1, math.ceil(min(len(record.name), 90) / 24), math.ceil(min(len(record.detail), 220) / letters))


def _head(block: Block) -> float:
    """What stands above and below the columns: number, question, answer, marks, figures, notes."""
    figures = (54 + LINE * max(math.ceil(len(one.note) / 40) for one in block.figures)) if block.figures else 0
    marks = sum(15 * math.ceil(len(mark) / 190) for mark in block.marks)
    notes = sum(13 * math.ceil(len(note) / 200) for note in block.notes)
    return 58 + 18 * math.ceil(len(block.answer) / 140) + marks + figures + notes + 2 * GAP


def _width(grid: Grid) -> float:
    """How wide a table wants to be on a screen: numbers stay on their line, names may go on in a second one."""
    return sum(_cell(grid, place, NAME if place < grid.name_columns else 0) for place in range(len(grid.columns)))


def _cell(grid: Grid, place: int, most: int = 0) -> float:
    """How wide a column wants to be; ``most`` letters of a line, 0: it stays on one."""
    longest = max((len(row[place].words) for row in grid.rows if place < len(row)), default=0)
    head = max((len(word) for word in grid.columns[place].split()), default=0)
    return LETTER * max(head, min(longest, most) if most else longest) + CELL


def _said_height(part: Part) -> float:
    """What was written: it is never cut."""
    notes = sum(15 * math.ceil(len(line) / 80) for line in part.note.splitlines() if line.strip())
    decided = sum(10 + 15 * math.ceil(len(said.text) / 80) for said in part.decisions)
    agreed = sum(26 + 15 * math.ceil(len(todo.text) / 76) for todo in part.actions)
    return sum(height + 44 for height in (notes, decided, agreed) if height)
