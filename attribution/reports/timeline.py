"""One deal's pieces per person over time, as two SVG drawings: wide, with time across, and for phones, with time running down.

Each piece has one number per deal, in order of first use; the same mark stands beside quotes and in the table, so no label is needed on the
timeline. Colours are attributes, because WeasyPrint reads no CSS inside SVG; classes override them on screens only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from attribution.reports.marks import Mark, drawn, hollow
from attribution.reports.paper import LIGHT, SANS, escaped, markup
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


def wide(timeline: Timeline, key: str, name: str) -> Markup:
    """The drawing for desks and paper. ``key`` makes its ids unique in the file."""
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
        parts.append(_line(0, top, WIDTH - RIGHT + 8, top, "rule", 1))
        parts.append(_role(lane, top + height / 2))
    for index, (top, height) in enumerate(zip(tops, heights, strict=True)):
        days = [use.day for use in timeline.uses if use.lane == index and use.number]
        if days:
            parts.append(_line(_x(min(days), timeline), top + height / 2, _x(max(days), timeline), top + height / 2, "lane", 1))
    parts.append(_milestones(timeline, labels, head, axis))
    marks = []
    for index, (placed, top, height) in enumerate(zip(lanes, tops, heights, strict=True)):
        middle = top + height / 2
        first = middle - (placed.rows - 1) * PITCH / 2
        parts.append(_hollows([use for use in timeline.uses if use.lane == index], placed, middle, timeline))
        for use, x, row in placed.marks:
            marks.append(Mark(x, middle if row < 0 else first + row * PITCH, use.number, use.slot, use.origin, use.words))
        for x, count in placed.beyond:
            parts.append(_text(x, middle + placed.rows * PITCH / 2 + 2, f"+{count}", "mute", 10, "middle"))
    parts.append(drawn(marks, titles=True))
    parts.append(_foot(timeline, bottom, axis))
    return _svg(WIDTH, total, "".join(parts), key, name, timeline.words, "wide")


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
    return [line if len(line) <= 25 else line[:24] + "…" for line in (role[:middle], role[middle + 1 :])]


def _lane_height(lane: Lane) -> int:
    return 38 if len(_role_lines(lane.role)) == 1 else 50


def _role(lane: Lane, middle: float) -> str:
    lines = _role_lines(lane.role)
    first = middle - (len(lines) * 13) / 2 + 3
    parts = [_text(0, first + 13 * index, line, "ink", 12, weight=600) for index, line in enumerate(lines)]
    return "".join(parts) + _text(0, first + 13 * len(lines), lane.note, "mute", 11)


def _labels(timeline: Timeline) -> tuple[list[tuple[Milestone, float, float, int]], float]:
    """(milestone, x of its line, left edge of its label, row) and where the lanes begin. From right to left; who would touch another goes up."""
    rows: list[list[tuple[float, float]]] = []
    found = []
    for entry in reversed(_clear(timeline)):
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


def _clear(timeline: Timeline) -> list[Milestone]:
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
        lines.append(_line(x, base + 2, x, axis, "ink", 2 if entry.is_end else 1.2, dash))
        width = max(len(entry.name) * 7.0, len(entry.words) * 5.9) + 4
        anchor, at = ("end", left + width) if entry.is_end else ("middle", left + width / 2)
        texts.append(
            f'<rect class="paper" x="{left - 2:g}" y="{base - 25:g}" width="{width + 4:g}" height="27" fill="{LIGHT["paper"]}"/>'
        )
        texts.append(
            _text(at, base - 13, entry.name, "ink", 12, anchor, 600) + _text(at, base - 1, entry.words, "mute", 11, anchor)
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
        + _text(middle, axis + 44, words, "mute", 11, "middle")
    )


def _foot(timeline: Timeline, bottom: float, axis: float) -> str:
    """Calls and meetings as ticks with their count, and the months."""
    parts = [_line(0, bottom, WIDTH - RIGHT + 8, bottom, "rule", 1)]
    if timeline.meetings:
        path = "".join(f"M{_x(day, timeline):g} {bottom + 9:g}v10" for day in timeline.meetings)
        parts.append(_text(0, bottom + 18, "Calls and meetings", "ink", 12, weight=600))
        parts.append(_text(GUTTER - 16, bottom + 18, str(len(timeline.meetings)), "mute", 11, "end"))
        parts.append(f'<path class="l-ink" d="{path}" stroke="{LIGHT["ink"]}" stroke-width="1.2"/>')
    parts.append(_line(GUTTER - 8, axis, WIDTH - RIGHT + 8, axis, "mute", 1))
    edges = [_x(tick.day, timeline) for tick in timeline.ticks] + [float(WIDTH - RIGHT)]
    for index, tick in enumerate(timeline.ticks):
        left, right = edges[index], edges[index + 1]
        if tick.day > 0:
            parts.append(_line(left, axis, left, axis + 5, "mute", 1))
        if right - left >= len(tick.name) * 6 + 8:
            parts.append(_text((left + right) / 2, axis + 16, tick.name, "mute", 11, "middle"))
    return "".join(parts)


# -- for phones ------------------------------------------------------------------------------------------------------------

TALL_WIDTH, TALL_LEFT, TALL_HEAD, BAND = 350, 36, 46, 46
TALL_LANES = 5


def tall(timeline: Timeline, key: str, name: str) -> Markup:
    """The drawing for phones: time runs down, a column per person; milestones are bands that push the scale apart."""
    shown = timeline.lanes[:TALL_LANES]
    per_day = min(max(300 / timeline.days, 0.9), 2.55) if timeline.days > 60 else 300 / timeline.days
    ordered = _clear(timeline)

    def y(day: float) -> float:
        passed = sum(1 for entry in ordered if entry.day < day)
        return round(TALL_HEAD + 14 + day * per_day + BAND * passed, 1)

    column = (TALL_WIDTH - TALL_LEFT) / len(shown)
    centres = [TALL_LEFT + column * (index + 0.5) for index in range(len(shown))]
    parts: list[str] = []
    bands = [
        (y(day) + 14 + place * 24, entry)
        for day, group in groupby(ordered, key=lambda one: one.day)
        for place, entry in enumerate(group)
    ]
    total = max([top + 34 for top, _ in bands] + [y(timeline.days) + 30])
    for centre, lane in zip(centres, shown, strict=True):
        for place, line in enumerate(_column_lines(lane.role, column)):
            parts.append(_text(centre, 14 + 12 * place, line, "ink", 10.5, "middle", 600))
    last = 0.0
    for tick in timeline.ticks:
        at = y(tick.day)
        if at - last >= 16 and all(not top - 12 <= at <= top + 24 for top, _ in bands):
            parts.append(_text(0, at + 4, tick.name[:3], "mute", 11))
            last = at
    marks, beyond = [], []
    columns = [
        sorted((use for use in timeline.uses if use.lane == index and use.number), key=lambda use: use.day)
        for index in range(len(shown))
    ]
    for centre, numbered in zip(centres, columns, strict=True):
        if numbered:
            parts.append(_line(centre, y(numbered[0].day), centre, y(numbered[-1].day), "lane", 1))
    if timeline.silence:
        start, end, words = timeline.silence
        top, bottom = y(start) + 12, y(end) - 12
        if bottom - top >= 16:
            parts.append(
                f'<rect class="tint" x="{TALL_LEFT}" y="{top:g}" width="{TALL_WIDTH - TALL_LEFT}" height="{bottom - top:g}" fill="{LIGHT["tint"]}"/>'
            )
            parts.append(_text(TALL_LEFT + (TALL_WIDTH - TALL_LEFT) / 2, (top + bottom) / 2 + 4, words, "mute", 11, "middle"))
    for centre, numbered in zip(centres, columns, strict=True):
        lost = 0
        edges = [top for top, _ in bands]
        slots = max(1, min(3, int(column // 25)))
        lasts = [-99.0] * slots
        for use in numbered:
            at = y(use.day)
            slot = next((place for place, edge in enumerate(lasts) if at - edge >= APART), None)
            if slot is None:
                slot = min(range(slots), key=lambda place: lasts[place])
                at = lasts[slot] + APART
                if any(y(use.day) < edge < at + 12 for edge in edges) or at - y(use.day) > 60:
                    lost += 1
                    continue
            lasts[slot] = at
            alone = slots == 1 or not any(abs(y(other.day) - at) < APART for other in numbered if other is not use)
            offset = 0.0 if alone else (slot - (slots - 1) / 2) * 25
            marks.append(Mark(round(centre + offset, 1), round(at, 1), use.number, use.slot, use.origin, ""))
        if lost:
            beyond.append(_text(centre, total - 2, f"+{lost} more", "mute", 10, "middle"))
    for top, entry in bands:
        parts.append(_line(0, top, TALL_WIDTH, top, "ink", 2 if entry.is_end else 1))
        parts.append(f'<rect class="tint" x="0" y="{top + 0.5:g}" width="{TALL_WIDTH}" height="20" fill="{LIGHT["tint"]}"/>')
        parts.append(_text(4, top + 14, entry.name, "ink", 11, weight=600))
        parts.append(_text(TALL_WIDTH - 4, top + 14, entry.words, "mute", 11, "end"))
    parts.append(drawn(marks, titles=False))
    words = timeline.words
    if len(timeline.lanes) > TALL_LANES:
        words = f"The first {TALL_LANES} of {len(timeline.lanes)} people; the rest is in the table. {words}"
        total += 16
        beyond.append(
            _text(0, total - 4, f"First {TALL_LANES} of {len(timeline.lanes)}; all pieces are in the table.", "mute", 11)
        )
    return _svg(TALL_WIDTH, total + (8 if beyond else 0), "".join(parts + beyond), key, name, words, "tall")


def _column_lines(role: str, width: float) -> list[str]:
    """A role in at most three short lines."""
    room = max(6, int(width / 6.1))
    lines: list[str] = []
    for word in role.split():
        word = word if len(word) <= room else word[: room - 1] + "…"
        if lines and len(lines[-1]) + len(word) + 1 <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines if len(lines) <= 3 else [*lines[:2], lines[2][: room - 1] + "…"]


# -- parts -----------------------------------------------------------------------------------------------------------------


def _svg(width: float, height: float, body: str, key: str, name: str, words: str, look: str) -> Markup:
    head = (
        f'<svg class="{look}" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img" '
        f'aria-labelledby="{key}-{look}-t {key}-{look}-d" font-family="{escaped(SANS)}" xmlns="http://www.w3.org/2000/svg">'
        f'<title id="{key}-{look}-t">{escaped(name)}</title><desc id="{key}-{look}-d">{escaped(words)}</desc>'
    )
    return markup(f"{head}{body}</svg>")


def _text(x: float, y: float, text: str, colour: str, size: float, anchor: str = "", weight: int = 0) -> str:
    where = f' text-anchor="{anchor}"' if anchor else ""
    bold = f' font-weight="{weight}"' if weight else ""
    return f'<text class="t-{colour}" x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{LIGHT[colour]}"{where}{bold}>{escaped(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float, more: str = "") -> str:
    return f'<path class="l-{colour}" d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke="{LIGHT[colour]}" stroke-width="{width:g}" fill="none"{more}/>'
