"""A deal's touches as people read them: what happened, who did it, what each earned. Pure; from the frames of ``explain``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from attribution.charts import formats, tables
from attribution.charts.journey import Mark

HOLDS = (("is_first", "first"), ("is_lead_creation", "lead"), ("is_deal_creation", "deal"), ("is_last", "last"))
WHY_NOT = {
    "excluded": "left out by our rule",
    "repeat": "a repeat on the same day",
    "after_end": "after the close",
    "outside_lookback": "too long ago",
}
NOBODY = {"visitor": "Unknown visitor", "account": "The company", "deal": "On the deal"}
UNNAMED = "Nobody named"
NO_NAME = "no name recorded"  # of a person who is known by an id alone
NOT_PEOPLE = frozenset((*NOBODY.values(), UNNAMED))  # lanes that are no person
MILESTONES = {"lead_created": "Lead created", "deal_created": "Deal opened", "won": "Won", "lost": "Lost", "as_of": "Data up to"}


def what_happened(kind: object, asset: object, campaign: object) -> str:
    """A touch in words: 'Page view “What does it cost?”', 'Call'."""
    about = next((str(name) for name in (asset, campaign) if name is not None and name == name and str(name)), "")
    act = formats.words(None if kind is None else str(kind), "Touch")
    return f"{act} “{about}”" if about else act


def who(row: Mapping[Any, Any]) -> tuple[str, str]:
    """The lane of a touch: a person's name and title, or id; visitors without a name and the account as such share lanes."""
    name, title = _text(row.get("person_name")), _text(row.get("person_title"))
    if name or title:
        return name or title, title if name else ""
    kind = _text(row.get("person_kind"))
    if kind in NOBODY:
        return NOBODY[kind], ""
    known = _text(row.get("person_id"))
    return (known, NO_NAME) if known else (UNNAMED, "")


def first_words(row: Mapping[Any, Any]) -> str:
    """A row of ``lanes`` inside a sentence: 'page view “What does it cost?”, Anna Weber'."""
    what = row["what"][0].lower() + row["what"][1:]
    return what if row["lane"] in NOBODY.values() else f"{what}, {row['lane']}"


def lanes(touches: pd.DataFrame) -> pd.DataFrame:
    """Touches as the journey's picture takes them: lane, note, what, counts, weight, and why not where one does not count."""
    rows = touches.to_dict("records")
    people = [who(row) for row in rows]
    names = {str(row.get("person_id")): person for row, person in zip(rows, people, strict=True)}
    doubles = {name for name, people_of in Counter(person[0] for person in names.values()).items() if people_of > 1}
    labels = [f"{person[0]}, {person[1]}" if person[0] in doubles and person[1] else person[0] for person in people]
    return pd.DataFrame(
        {
            "touch_id": [str(row["touch_id"]) for row in rows],
            "occurred_at": [pd.Timestamp(row["occurred_at"]).to_pydatetime() for row in rows],
            "lane": labels,
            "lane_note": [person[1] for person in people],
            "channel": [_text(row["channel"]) or "unknown" for row in rows],
            "actor": [_text(row["actor"]) or "buyer" for row in rows],
            "counts": [_counts(row) for row in rows],
            "weight": [_money(row.get("weight")) or 0.0 if _counts(row) else 0.0 for row in rows],
            "what": [what_happened(row["kind"], row["asset_title"], row["campaign_name"]) for row in rows],
            "why": ["" if _counts(row) else WHY_NOT.get(_text(row["reason"]), _text(row["reason"])) for row in rows],
        },
        columns=["touch_id", "occurred_at", "lane", "lane_note", "channel", "actor", "counts", "weight", "what", "why"],
    ).astype({"counts": bool, "weight": float})


def people_words(frame: pd.DataFrame) -> str:
    """How many people a journey's lanes are: "2 people"; the company, the deal and unknown visitors are nobody."""
    people = len(set(frame["lane"]) - NOT_PEOPLE)
    return formats.counted(people, "person", "people") if people else "nobody known by name"


def until_end(frame: pd.DataFrame, milestones: pd.DataFrame) -> pd.DataFrame:
    """The touches up to the last milestone (the close, or as-of): what the picture shows. Later ones cannot count."""
    if frame.empty or milestones.empty:
        return frame
    return frame[frame["occurred_at"] <= _moment(milestones["occurred_at"].max())]


def marks(milestones: pd.DataFrame, stages: pd.DataFrame) -> list[Mark]:
    """The vertical lines of a journey: milestones, and the first time of each stage between them."""
    found = [
        Mark(_moment(row.occurred_at), MILESTONES.get(str(row.milestone), formats.words(str(row.milestone))), True)
        for row in milestones.itertuples()
    ]
    ends = {"won", "lost", "closed_won", "closed_lost", "closed won", "closed lost"}
    last = max((mark.at for mark in found), default=None)
    seen: set[str] = set()
    for row in stages.itertuples():
        stage = str(row.stage)
        at = _moment(row.entered_at)
        near_milestone = any(abs((mark.at - at).total_seconds()) < 3600 and mark.is_milestone for mark in found)
        if stage not in seen and stage.lower() not in ends and not near_milestone and (last is None or at <= last):
            found.append(Mark(at, formats.words(stage), False))
        seen.add(stage)
    return sorted(found, key=lambda mark: mark.at)


def touch_table(
    touches: pd.DataFrame,
    shown_as: pd.DataFrame,
    models: Sequence[tuple[str, str]],
    unattributed: Sequence[Mapping[str, Any]],
    amount: float,
    lookback_days: float,
) -> pd.DataFrame:
    """What each touch earned under each of the models, where it comes from, what is unattributed, and the total that ties out.

    ``shown_as``: their ``lanes``; ``models``: (name, column head). Columns: Date, Who, What happened, Channel (code), Holds, one per model,
    Counts, Source.
    """
    rows = []
    for row, lane in zip(touches.to_dict("records"), shown_as.to_dict("records"), strict=True):
        rows.append(
            {
                "Date": row["occurred_at"],
                "Who": lane["lane"],
                "What happened": lane["what"],
                "Channel": lane["channel"],
                "Holds": [words for column, words in HOLDS if bool(row[column])],
                **{head: _money(row.get(f"credit_{name}")) or None for name, head in models},
                "Counts": "yes" if lane["counts"] else lane["why"],
                "By": formats.words(lane["actor"]),
                "Source": f"{_text(row['source_file'])}, row {int(row['source_row'])}"
                if row["source_row"] == row["source_row"]
                else _text(row["source_file"]),
            }
        )
    columns = ["Date", "Who", "What happened", "Channel", "Holds", *(head for _, head in models), "Counts", "By", "Source"]
    shown = {name for name, _ in models}
    for reason in dict.fromkeys(str(entry["reason"]) for entry in unattributed if str(entry["model"]) in shown):
        entries = {str(entry["model"]): float(entry["credit"]) for entry in unattributed if str(entry["reason"]) == reason}
        rows.append(
            {
                "What happened": "Unattributed",
                **{head: entries.get(name) for name, head in models},
                "Counts": tables.reason_label(reason, lookback_days).lower(),
            }
        )
    rows.append({"What happened": "Total", **{head: float(amount) for _, head in models}})
    return pd.DataFrame(rows, columns=columns)


def earners(frame: pd.DataFrame) -> list[tuple[str, float]]:
    """(what, weight) of the rows of ``lanes`` with most credit, heaviest first; touches with the same words add up."""
    sums: dict[str, float] = {}
    for row in frame[frame["counts"]].sort_values("weight", ascending=False, kind="stable").to_dict("records"):
        what = row["what"][0].lower() + row["what"][1:]
        if "“" not in what:  # a form or a call without a name of its own: say where it came from
            what += f" ({formats.words(row['channel']).lower()})"
        sums[what] = sums.get(what, 0.0) + row["weight"]
    return sorted(sums.items(), key=lambda pair: -pair[1])


def _counts(row: Mapping[Any, Any]) -> bool:
    return row["position"] is not None and row["position"] == row["position"]


def _money(value: object) -> float | None:
    number = None if value is None else float(value)  # type: ignore[arg-type]
    return None if number is None or number != number else number


def _moment(value: Any) -> Any:
    return pd.Timestamp(value).to_pydatetime()


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value)
