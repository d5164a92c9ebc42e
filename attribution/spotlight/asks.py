"""The closing ask: one missing piece, who writes it by when. As somebody wrote it, else proposed from a buyers' question that nothing answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from attribution.answers import spotlight as answers
from attribution.charts import formats
from attribution.charts.formats import SPACE, counted
from attribution.content import questions
from attribution.content.assets import Asset
from attribution.filters import ALL_TIME
from attribution.spotlight.masks import Writer
from attribution.spotlight.shown import AskShown
from attribution.spotlight.words import Ask

if TYPE_CHECKING:
    from attribution.dataset import Dataset

DAYS_TO_WRITE = 21
FRIDAY = 4


def ask_of(ds: Dataset, written: Ask, assets: Mapping[str, Asset], today: date, writer: Writer) -> AskShown | None:
    """The ask that closes the file. A proposal is for inside only: others need not know what is missing."""
    if written.question or written.writes or written.by_on:
        rows = [
            ("Writes it", written.writes),
            ("By", formats.day(written.by_on) if written.by_on else ""),
            ("Cost", written.cost),
            ("First reader", written.first_reader),
        ]
        return AskShown(written.question or "One piece is missing", "", tuple(row for row in rows if row[1]), False)
    return None if writer.preset.is_masked else proposed(ds, assets, today, writer)


def proposed(ds: Dataset, assets: Mapping[str, Asset], today: date, writer: Writer) -> AskShown | None:
    """The question that most open deals wait for and no piece answers: written by the team with most pieces on it, in three weeks."""
    waiting = questions.grouped(questions.questions(ds, ALL_TIME), questions.pieces(ds), questions.named_ever(ds))
    asked = next((entry for entry in waiting if entry.decision == "write"), None)
    if asked is None:
        return None
    about = [asset for asset in assets.values() if asset.is_public and asset.topic == asked.topic]
    teams = dict(ds.rows("select owner_id, team from raw.people where team is not null"))
    writers = Counter(teams[asset.owner_id] for asset in about if asset.owner_id in teams)
    topic = (ds.labels("topic").get(asked.topic or "") or formats.words(asked.topic, "")).lower()
    about_words = f"on {topic}" if topic and topic != "other" else "on other topics"
    rows = []
    if writers:
        team, pieces = min(writers.items(), key=lambda entry: (-entry[1], entry[0]))
        rows.append(("Writes it", f"{formats.words(team)}, who wrote {counted(pieces, 'piece')} {about_words}"))
    rows.append(("By", formats.day(_friday(today + timedelta(days=DAYS_TO_WRITE)))))
    costs = [asset.cost for asset in about if asset.cost]
    if costs:
        rows.append(("Cost", f"about {writer.money(sum(costs) / len(costs))}, the mean of {len(costs)}{SPACE}{about_words}"))
    last = max(asked.waiting, key=lambda question: (question.asked_on or date.min, question.question_id))
    owner_team = ds.rows(
        "select people.team from raw.questions as questions inner join raw.people as people on questions.asked_by = people.owner_id "
        "where questions.question_id = ?",
        [last.question_id],
    )
    if owner_team and owner_team[0][0]:
        rows.append(("First reader", f"{formats.words(owner_team[0][0])}, who were asked last"))
    deals = asked.open_deals
    why = answers.ask_sentence(len(asked.waiting), len(deals), writer.money(sum(deals.values())))
    return AskShown(writer.said(asked.text, 200), why, tuple(rows), True)


def _friday(day: date) -> date:
    """That day if it is a Friday, else the next one."""
    return day + timedelta(days=(FRIDAY - day.weekday()) % 7)
