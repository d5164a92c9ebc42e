"""One deal's pieces per person over time, as SVG: time across, a lane per person (for phones: timeline_phone.py).

Each piece has one number per deal, in order of first use; the same mark stands beside quotes and in the table, so no label is needed on the
timeline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attribution.reports import svg
from attribution.reports.marks import Mark, drawn, hollow
from attribution.reports.paper import LIGHT, WHITE
from attribution.spotlight.shown import Lane, Milestone, Timeline, Use

if TYPE_CHECKING:
    from markupsafe import Markup

WIDTH, GUTTER, RIGHT = 1040, 168, 22
APART = 23.5  # px between the middles of two marks
PITCH = 23  # px between two rows of a cluster
MOST_ROWS = 4  # of a cluster; what does not fit is a count
LABEL_ROW = 30
STAGES_APART = 30  # px between a stage's line and the next one, else it has none
TOP = 8


@dataclass(frozen=True)
class Placed:
    """Marks of one lane: (use, x, row), the number of rows, and (x, how many) that did not fit."""

    marks: tuple[tuple[Use, float, float], ...]
    rows: int
    beyond: tuple[tuple[float, int], ...]


def wide(timeline: Timeline, key: str, name: str, titles: bool = True) -> Markup:
    """The drawing for desks and paper. ``key`` makes its ids unique in the file; ``titles``: marks say what they are when the mouse rests on them."""
    labels, head = _labels(timeline)
    lanes = [_place([use for use in timeline.uses if use.lane == index], timeline) for index in range(len(timeline.lanes))]
    heights = [max(23 * placed.rows + 9, _lane_height(lane)) for placed, lane in zip(lanes, timeline.lanes, strict=True)]
    tops, y = [], head
    for height in heights:
        tops.append(y)
        y += height
    bottom = y
    axis = bottom + (28 if timeline.meetings else 6)
    total = axis + (52 if timeline.silence else 26)
    parts = [_silence(timeline, head, axis)]
    for lane, top, height in zip(timeline.lanes, tops, heights, strict=True):
        parts.append(svg.line(0, top, WIDTH - RIGHT + 8, top, "rule", 1))
        parts.append(_role(lane, top + height / 2))
    for index, (top, height) in enumerate(zip(tops, heights, strict=True)):
        days = [use.day for use in timeline.uses if use.lane == index and use.number]
        if days:
            parts.append(
                svg.line(_x(min(days), timeline), top + height / 2, _x(max(days), timeline), top + height / 2, "lane", 1)
            )
    parts.append(_milestones(timeline, labels, head, axis))
    marks = []
    for index, (placed, top, height) in enumerate(zip(lanes, tops, heights, strict=True)):
        middle = top + height / 2
        first = middle - (placed.rows - 1) * PITCH / 2
        parts.append(_hollows([use for use in timeline.uses if use.lane == index], placed, middle, timeline))
        for use, x, row in placed.marks:
            marks.append(Mark(x, middle if row < 0 else first + row * PITCH, use.number, use.slot, use.origin, use.words))
        for x, count in placed.beyond:
            parts.append(svg.text(x, middle + placed.rows * PITCH / 2 + 2, f"+{count}", "mute", 10, "middle"))
    parts.append(drawn(marks, titles))
    parts.append(_foot(timeline, bottom, axis))
    return svg.drawing(WIDTH, total, "".join(parts), key, name, timeline.words, "wide")


def _x(day: float, timeline: Timeline) -> float:
    return round(GUTTER + min(max(day, 0.0), timeline.days) / timeline.days * (WIDTH - GUTTER - RIGHT), 1)


def _place(uses: Sequence[Use], timeline: Timeline) -> Placed:
    """Numbered marks in clusters of rows: each takes the first row whose last mark is far enough; alone it stays on the axis (row −1)."""
    listed = sorted(((use, _x(use.day, timeline)) for use in uses if use.number), key=lambda entry: (entry[1], entry[0].number))
    clusters: list[list[tuple[Use, float]]] = []
    for use, x in listed:
        if clusters and x - clusters[-1][-1][1] < APART:
            clusters[-1].append((use, x))
        else:
            clusters.append([(use, x)])
    marks: list[tuple[Use, float, float]] = []
    beyond: list[tuple[float, int]] = []
    most = 1
    spread: list[list[tuple[Use, float, int]]] = []
    for cluster in clusters:
        last: list[float] = []
        placed: list[tuple[Use, float, int]] = []
        lost: list[float] = []
        for use, x in cluster:
            row = next((index for index, edge in enumerate(last) if x - edge >= APART), len(last))
            if row == MOST_ROWS:
                lost.append(x)
                continue
            if row == len(last):
                last.append(x)
            last[row] = x
            placed.append((use, x, row))
        spread.append(placed)
        most = max(most, len(last))
        if lost:
            beyond.append((round(sum(lost) / len(lost), 1), len(lost)))
    for placed in spread:
        rows = max(row for _, _, row in placed) + 1
        marks += [(use, x, -1.0 if rows == 1 else row + (most - rows) / 2) for use, x, row in placed]
    return Placed(tuple(marks), most, tuple(beyond))


def _hollows(uses: Sequence[Use], placed: Placed, middle: float, timeline: Timeline) -> str:
    """Steps without content, small and on the axis, where they stand clear of the numbered marks and of each other."""
    taken = [x for _, x, _ in placed.marks]
    shown: list[float] = []
    for use in uses:
        x = _x(use.day, timeline)
        if not use.number and all(abs(x - other) >= 16 for other in taken) and all(abs(x - other) >= 11 for other in shown):
            shown.append(x)
    return "".join(hollow(x, middle) for x in shown)


def _role_lines(role: str) -> list[str]:
    """A role in one line, or in two at the space nearest to its middle; what is longer still is cut."""
    if len(role) <= 22:
        return [role]
    spaces = [index for index, letter in enumerate(role) if letter == " "]
    if not spaces:
        return [role[:21] + "…"]
    middle = min(spaces, key=lambda index: abs(index - len(role) / 2))
    return [line if len(line) <= 22 else line[:21] + "…" for line in (role[:middle], role[middle + 1 :])]


def _lane_height(lane: Lane) -> int:
    return 38 if len(_role_lines(lane.role)) == 1 else 50


def _role(lane: Lane, middle: float) -> str:
    lines = _role_lines(lane.role)
    first = middle - (len(lines) * 13) / 2 + 3
    parts = [svg.text(0, first + 13 * index, line, "ink", 12, weight=600) for index, line in enumerate(lines)]
    return "".join(parts) + svg.text(0, first + 13 * len(lines), lane.note, "mute", 11)


def _labels(timeline: Timeline) -> tuple[list[tuple[Milestone, float, float, int]], float]:
    """(milestone, x of its line, left edge of its label, row) and where the lanes begin. From right to left; who would touch another goes up."""
    rows: list[list[tuple[float, float]]] = []
    found = []
    for entry in reversed(clear(timeline)):
        x = _x(entry.day, timeline)
        width = max(len(entry.name) * 7.0, len(entry.words) * 5.9) + 4
        left = x - width if entry.is_end else min(max(x - width / 2, GUTTER - 30), WIDTH - width)
        row = next(
            (index for index, taken in enumerate(rows) if all(left + width + 8 <= a or left >= b + 8 for a, b in taken)),
            len(rows),
        )
        if row == len(rows):
            rows.append([])
        rows[row].append((left, left + width))
        found.append((entry, x, left, row))
    return found, TOP + LABEL_ROW * max(len(rows), 1) + 4


def clear(timeline: Timeline) -> list[Milestone]:
    """The milestones in order, without stages so near a later line that only a stack of labels would tell them apart."""
    kept: list[Milestone] = []
    for entry in sorted(timeline.milestones, key=lambda one: (one.day, one.is_end), reverse=True):
        near = any(abs(_x(entry.day, timeline) - _x(other.day, timeline)) < STAGES_APART for other in kept)
        if entry.is_fixed or not near:
            kept.append(entry)
    return kept[::-1]


def _milestones(timeline: Timeline, labels: Sequence[tuple[Milestone, float, float, int]], head: float, axis: float) -> str:
    lines, texts = [], []
    for entry, x, left, row in labels:
        base = head - 6 - LABEL_ROW * row
        dash = "" if entry.is_end else ' stroke-dasharray="3 3"'
        lines.append(svg.line(x, base + 2, x, axis, "ink", 2 if entry.is_end else 1.2, dash))
        width = max(len(entry.name) * 7.0, len(entry.words) * 5.9) + 4
        anchor, at = ("end", left + width) if entry.is_end else ("middle", left + width / 2)
        texts.append(f'<rect class="paper" x="{left - 2:g}" y="{base - 25:g}" width="{width + 4:g}" height="27" fill="{WHITE}"/>')
        texts.append(
            svg.text(at, base - 13, entry.name, "ink", 12, anchor, 600) + svg.text(at, base - 1, entry.words, "mute", 11, anchor)
        )
    return "".join(lines + texts)


def _silence(timeline: Timeline, head: float, axis: float) -> str:
    if timeline.silence is None:
        return ""
    start, end, words = timeline.silence
    left, right = _x(start, timeline), _x(end, timeline)
    middle = min(max((left + right) / 2, GUTTER + len(words) * 2.9), WIDTH - len(words) * 2.9)
    bracket = f"M{left:g} {axis + 24:g}v6H{right:g}v-6"
    return (
        f'<rect class="tint" x="{left:g}" y="{head:g}" width="{max(right - left, 1):g}" height="{axis - head:g}" fill="{LIGHT["tint"]}"/>'
        f'<path class="l-lane" d="{bracket}" fill="none" stroke="{LIGHT["lane"]}"/>'
        + svg.text(middle, axis + 44, words, "mute", 11, "middle")
    )


def _foot(timeline: Timeline, bottom: float, axis: float) -> str:
    """Calls and meetings as ticks with their count, and the months."""
    parts = [svg.line(0, bottom, WIDTH - RIGHT + 8, bottom, "rule", 1)]
    if timeline.meetings:
        path = "".join(f"M{_x(day, timeline):g} {bottom + 9:g}v10" for day in timeline.meetings)
        parts.append(svg.text(0, bottom + 18, "Calls and meetings", "ink", 12, weight=600))
        parts.append(svg.text(GUTTER - 16, bottom + 18, str(len(timeline.meetings)), "mute", 11, "end"))
        parts.append(f'<path class="l-ink" d="{path}" stroke="{LIGHT["ink"]}" stroke-width="1.2"/>')
    parts.append(svg.line(GUTTER - 8, axis, WIDTH - RIGHT + 8, axis, "mute", 1))
    edges = [_x(tick.day, timeline) for tick in timeline.ticks] + [float(WIDTH - RIGHT)]
    for index, tick in enumerate(timeline.ticks):
        left, right = edges[index], edges[index + 1]
        if tick.day > 0:
            parts.append(svg.line(left, axis, left, axis + 5, "mute", 1))
        if right - left >= len(tick.name) * 6 + 8:
            parts.append(svg.text((left + right) / 2, axis + 16, tick.name, "mute", 11, "middle"))
    return "".join(parts)
