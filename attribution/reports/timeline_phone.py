"""The timeline for phones: time runs down, a column per person; milestones are bands that push the scale apart, so no mark sits on a label."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from attribution.reports import svg
from attribution.reports.marks import Mark, drawn
from attribution.reports.paper import LIGHT
from attribution.reports.timeline import APART, clear
from attribution.spotlight.shown import Lane, Milestone, Timeline, Use

if TYPE_CHECKING:
    from markupsafe import Markup

WIDTH, LEFT, HEAD = 350, 36, 46
PUSH = 46  # px that a milestone's band pushes the scale apart
BAND, UNDER = 20, 14  # px: height of a band, and how far it lies under its day
MOST_LANES = 5  # with more, columns get too narrow for marks side by side
SIDE = 25  # px between marks side by side
LONGEST = 60  # px that a mark may slip down from its day


class Scale:
    """Where a day lies: 0.9 to 2.55 px a day, and a push for each milestone before it."""

    def __init__(self, timeline: Timeline) -> None:
        self.milestones = clear(timeline)
        self.per_day = 300 / timeline.days if timeline.days <= 60 else min(max(300 / timeline.days, 0.9), 2.55)
        self.bands = [
            (self.y(day) + UNDER + place * (BAND + 4), entry)
            for day, group in groupby(self.milestones, key=lambda one: one.day)
            for place, entry in enumerate(group)
        ]
        self.end = max([top + BAND + UNDER for top, _ in self.bands] + [self.y(timeline.days) + 30])

    def y(self, day: float) -> float:
        """px from the top."""
        passed = sum(1 for entry in self.milestones if entry.day < day)
        return round(HEAD + UNDER + day * self.per_day + PUSH * passed, 1)


def tall(timeline: Timeline, key: str, name: str) -> Markup:
    """The drawing. ``key`` makes its ids unique in the file."""
    scale = Scale(timeline)
    shown = timeline.lanes[:MOST_LANES]
    column = (WIDTH - LEFT) / len(shown)
    centres = [LEFT + column * (index + 0.5) for index in range(len(shown))]
    columns = [
        sorted((use for use in timeline.uses if use.lane == index and use.number), key=lambda use: use.day)
        for index in range(len(shown))
    ]
    parts = [_heads(shown, centres, column), _months(timeline, scale)]
    for centre, uses in zip(centres, columns, strict=True):
        if uses:
            parts.append(svg.line(centre, scale.y(uses[0].day), centre, scale.y(uses[-1].day), "lane", 1))
    parts.append(_silence(timeline, scale))
    parts += [_band(top, entry) for top, entry in scale.bands]
    marks: list[Mark] = []
    total = scale.end
    for centre, uses in zip(centres, columns, strict=True):
        placed, lost = _place(uses, centre, column, scale)
        marks += placed
        if lost:
            parts.append(svg.text(centre, scale.end - 2, f"+{lost} more", "mute", 10, "middle"))
            total = scale.end + 8
    parts.append(drawn(marks, titles=False))
    words = timeline.words
    if len(timeline.lanes) > MOST_LANES:
        total = scale.end + 24
        note = f"First {MOST_LANES} of {len(timeline.lanes)}; all pieces are in the table."
        parts.append(svg.text(0, scale.end + 14, note, "mute", 11))
        words = f"{note} {words}"
    return svg.drawing(WIDTH, total, "".join(parts), key, name, words, "tall")


def _heads(shown: Sequence[Lane], centres: Sequence[float], column: float) -> str:
    return "".join(
        svg.text(centre, 14 + 12 * place, line, "ink", 10.5, "middle", 600)
        for centre, lane in zip(centres, shown, strict=True)
        for place, line in enumerate(_short_lines(lane.role, column))
    )


def _months(timeline: Timeline, scale: Scale) -> str:
    parts, last = [], 0.0
    for tick in timeline.ticks:
        at = scale.y(tick.day)
        if at - last >= 16 and all(not top - 12 <= at <= top + BAND + 4 for top, _ in scale.bands):
            parts.append(svg.text(0, at + 4, tick.short or tick.name[:3], "mute", 11))
            last = at
    return "".join(parts)


def _silence(timeline: Timeline, scale: Scale) -> str:
    """A tinted field, its words where the milestones' bands leave most room."""
    if timeline.silence is None:
        return ""
    start, end, words = timeline.silence
    top, bottom = scale.y(start) + 12, scale.y(end) - 12
    if bottom - top < 16:
        return ""
    edges = [top, *(edge for band, _ in scale.bands if top < band < bottom for edge in (band, band + BAND)), bottom]
    room = max(zip(edges[::2], edges[1::2], strict=True), key=lambda gap: gap[1] - gap[0])
    field = f'<rect class="tint" x="{LEFT}" y="{top:g}" width="{WIDTH - LEFT}" height="{bottom - top:g}" fill="{LIGHT["tint"]}"/>'
    return field + svg.text((LEFT + WIDTH) / 2, (room[0] + room[1]) / 2 + 4, words, "mute", 11, "middle")


def _band(top: float, entry: Milestone) -> str:
    return (
        f'<rect class="tint" x="0" y="{top:g}" width="{WIDTH}" height="{BAND}" fill="{LIGHT["tint"]}"/>'
        + svg.line(0, top, WIDTH, top, "ink", 2 if entry.is_end else 1)
        + svg.text(4, top + 14, entry.name, "ink", 11, weight=600)
        + svg.text(WIDTH - 4, top + 14, entry.words, "mute", 11, "end")
    )


def _place(uses: Sequence[Use], centre: float, column: float, scale: Scale) -> tuple[list[Mark], int]:
    """Marks side by side where they are close, else a little lower; how many found no room before the next band."""
    places = max(1, min(3, int(column // SIDE)))
    lasts = [-99.0] * places
    marks, lost = [], 0
    for use in uses:
        day = at = scale.y(use.day)
        place = next((index for index, edge in enumerate(lasts) if at - edge >= APART), None)
        if place is None:
            place = min(range(places), key=lambda index: lasts[index])
            at = lasts[place] + APART
            if at - day > LONGEST or any(day < top < at + 12 for top, _ in scale.bands):
                lost += 1
                continue
        lasts[place] = at
        alone = places == 1 or not any(abs(scale.y(other.day) - at) < APART for other in uses if other is not use)
        offset = 0.0 if alone else (place - (places - 1) / 2) * SIDE
        marks.append(Mark(round(centre + offset, 1), round(at, 1), use.number, use.slot, use.origin))
    return marks, lost


def _short_lines(role: str, width: float) -> list[str]:
    """A role in at most three short lines."""
    room = max(6, int(width / 7))
    lines: list[str] = []
    for word in role.split():
        word = word if len(word) <= room else word[: room - 1] + "…"
        if lines and len(lines[-1]) + len(word) + 1 <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines if len(lines) <= 3 else [*lines[:2], lines[2][: room - 1] + "…"]
