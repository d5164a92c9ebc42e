"""Rows of pictures and their table twins, from the rows of the semantic layer. Pure; ends in the total of the figure above.

Everything a page shows is put together here, so that pages only lay out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import pandas as pd

from attribution.charts import formats
from attribution.charts.revenue import BridgeStep, Part
from attribution.charts.theme import UNATTRIBUTED

Entry = TypeVar("Entry")

REASONS = {
    "excluded": "Left out of all journeys",
    "outside_lookback": "Older than the lookback",
    "no_touch": "No touch recorded",
    "no_touch_before_lead_creation": "Nothing before the lead existed",
    "no_touch_before_deal_creation": "Nothing before the deal opened",
    "policy": "Left out by our rule",
}
# Reasons of deals without any touch that counts: they lie between "in scope" and "with touches".
WITHOUT_TOUCHES = ("excluded", "outside_lookback", "no_touch")

TEAMS = {
    "marketing": "Marketing",
    "sales": "Sales",
    "partner": "Partners",
    "service": "Customer service",
    "unknown": "Nothing recorded",
}
ACTORS = {"buyer": "Buyers", "marketing": "Marketing", "sales": "Sales", "partner": "Partners", "service": "Customer service"}
PHASES = {"before lead": "Before the lead", "before deal": "Before the deal", "after deal opened": "After it opened"}


def reason_label(reason: str, lookback_days: float = 0) -> str:
    """Why something is unattributed, in words for people who sell."""
    if reason == "outside_lookback" and lookback_days:
        return f"Older than {formats.days(lookback_days)}"
    return REASONS.get(reason, formats.words(reason))


def bridge_steps(reconcile: pd.DataFrame, lookback_days: float, outside: str = "Outside the filters") -> list[BridgeStep]:
    """The reconciliation as steps of a waterfall, from the CRM down to what is credited, with finance beside what is in scope.

    Steps without deals and money are left out, except the fixed stations.
    """
    rows = {
        str(row.step): (None if pd.isna(row.deals) else float(row.deals), float(row.revenue or 0))
        for row in reconcile.itertuples(index=False)
    }
    nothing: tuple[float | None, float] = (0.0, 0.0)
    steps: list[BridgeStep] = []

    def add(step: str, label: str, kind: str, sign: float = 1.0) -> None:
        deals, amount = rows.get(step, nothing)
        if kind in ("total", "result") or deals or abs(amount) >= 0.005:
            steps.append(BridgeStep(step, label, kind, sign * amount, deals))

    add("crm_won", "CRM won", "total")
    lost_on_the_way = 1.0 if rows.get("quarantined", nothing)[1] + rows.get("filtered_out", nothing)[1] >= 0 else -1.0
    add("quarantined", "Rows we could not read", "minus", lost_on_the_way)
    add("filtered_out", outside, "minus", lost_on_the_way)
    add("in_scope", "In scope", "total")
    if "finance" in rows and abs(rows["finance"][1]) >= 0.005:
        add("finance", "Finance, same dates", "compare")
    reasons = [step for step in rows if step.startswith("unattributed:")]
    early = [step for step in reasons if step.partition(":")[2] in WITHOUT_TOUCHES]
    ties = (
        abs(rows.get("in_scope", nothing)[1] - sum(rows[step][1] for step in early) - rows.get("with_touches", nothing)[1]) < 0.05
    )
    for step in early if ties else reasons:
        add(step, reason_label(step.partition(":")[2], lookback_days), "unattributed")
    if ties and "with_touches" in rows:
        add("with_touches", "With touches", "total")
        for step in reasons:
            if step not in early:
                add(step, reason_label(step.partition(":")[2], lookback_days), "unattributed")
    add("attributed", "Credited", "result")
    return steps


def bridge_table(steps: Sequence[BridgeStep]) -> pd.DataFrame:
    """The bridge's table twin: step, deals, revenue. What is taken away says so in words, its amount stays positive."""
    return pd.DataFrame(
        {
            "Step": [f"less: {step.label}" if step.kind in ("minus", "unattributed") else step.label for step in steps],
            "Deals": [None if step.deals is None else round(step.deals, 2) for step in steps],
            "Revenue": [step.amount for step in steps],
        }
    )


def complete_periods(first: str, last: str) -> list[str]:
    """All months from one to another ("2026-03"), ends included; quarters ("2026-Q1") where that is more than 26 months."""
    start, end = _index(first), _index(last)
    months = [f"{index // 12:04d}-{index % 12 + 1:02d}" for index in range(start, end + 1)]
    return months if len(months) <= 26 else list(dict.fromkeys(quarter(month) for month in months))


def quarter(month: str) -> str:
    """ "2026-03" → "2026-Q1"."""
    return f"{month[:4]}-Q{(int(month[5:7]) - 1) // 3 + 1}"


def months_table(credits: pd.DataFrame, periods: Sequence[str], order: Sequence[str], labels: Mapping[str, str]) -> pd.DataFrame:
    """Revenue by period (rows) and channel (columns), with a total column and row that tie out."""
    cells = dict.fromkeys(((period, name) for period in periods for name in order), 0.0)
    for period, name, revenue in zip(credits["period"], credits["channel"], credits["revenue"], strict=True):
        if (period, name) in cells:
            cells[period, name] += float(revenue)
    columns = [[cells[period, name] for period in periods] for name in order]
    columns.append([sum(row) for row in zip(*columns, strict=True)] if columns else [0.0] * len(periods))
    heads = [*_unique([labels.get(name) or formats.words(name) for name in order]), "Total"]
    shown = {head: [*column, sum(column)] for head, column in zip(heads, columns, strict=True)}
    return pd.DataFrame({"Period": [*(formats.month(period) for period in periods), "Total"], **shown})


def parts(
    rows: Sequence[Mapping[str, Any]], key: str, value: str, labels: Mapping[str, str], order: Sequence[str] = ()
) -> list[Part]:
    """Rows as parts of a total: in the given order first, then by size. Empty parts are left out."""
    known = {name: place for place, name in enumerate(order)}
    found = []
    for row in rows:
        name, amount = row[key] or "", float(row[value] or 0)
        if abs(amount) >= 0.005:
            found.append(Part(name, labels.get(name) or formats.words(name), amount, row.get("deals")))
    return sorted(found, key=lambda part: (known.get(part.key, len(known)), -part.amount, part.key))


def parts_table(listed: Sequence[Part], head: str) -> pd.DataFrame:
    """Parts of a total as a table: amount, share, and the total in the last row."""
    total = sum(part.amount for part in listed)
    rows = [(part.label, part.amount, part.amount / total * 100 if total else None) for part in listed]
    return pd.DataFrame([*rows, ("Total", total, 100.0 if total else None)], columns=[head, "Revenue", "Share"])


def changes(
    now: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]], key: str, labels: Mapping[str, str], limit: int = 8
) -> list[tuple[Part, float]]:
    """What moved most between two lists of revenue by ``key``: (part now, amount before), largest move first."""
    then, current = ({str(row[key]): float(row["revenue"] or 0) for row in rows} for rows in (before, now))
    pairs = [
        (Part(name, labels.get(name) or formats.words(name), current.get(name, 0.0)), then.get(name, 0.0))
        for name in sorted({*then, *current})
    ]
    pairs = [pair for pair in pairs if abs(pair[0].amount - pair[1]) >= 0.005]
    return sorted(
        sorted(pairs, key=lambda pair: -abs(pair[0].amount - pair[1]))[:limit], key=lambda pair: pair[1] - pair[0].amount
    )


def changes_table(listed: Sequence[tuple[Part, float]], head: str) -> pd.DataFrame:
    """What moved most as a table: now, before, difference, change in percent."""
    rows = [
        (part.label, part.amount, before, part.amount - before, (part.amount - before) / abs(before) * 100 if before else None)
        for part, before in listed
    ]
    return pd.DataFrame(rows, columns=[head, "Now", "Before", "Difference", "Change"])


def ranking(
    now: Sequence[Mapping[str, Any]],
    before: Sequence[Mapping[str, Any]] | None,
    key: str,
    names: Mapping[str, str],
    head: str,
    limit: int = 8,
) -> pd.DataFrame:
    """What earned most: ``limit`` rows with most credit, the others in one row, no value, unattributed, and the total.

    Columns: id (empty in the summary rows), head, Channel (where the rows have one), Credited, Share (of the real rows), Took part in
    (deals; cannot be added up), Change (percent; empty where the base is too small to say anything).
    """
    then = {row[key] or "": float(row["revenue"] or 0) for row in before or ()}
    total = sum(row["revenue"] for row in now)
    real = [(names.get(row[key], formats.words(row[key])), row) for row in now if row[key] and row[key] != UNATTRIBUTED]
    real.sort(key=lambda entry: (-entry[1]["revenue"], entry[0]))
    rows = [
        _rank_row(row[key], name, row.get("channel"), row["revenue"], row.get("took_part"), then.get(row[key]), total)
        for name, row in real[:limit]
    ]
    if rest := [row for _, row in real[limit:]]:
        past = sum(then.get(row[key], 0.0) for row in rest)
        rows.append(
            _rank_row("", formats.counted(len(rest), "other"), None, sum(row["revenue"] for row in rest), None, past, total)
        )
    for missing, label in (("", f"No {head.lower()}"), (UNATTRIBUTED, UNATTRIBUTED)):
        if part := [row["revenue"] for row in now if (row[key] or "") == missing]:
            rows.append(_rank_row("", label, None, sum(part), None, then.get(missing, None if missing else 0.0), total))
    past_total = sum(then.values()) if before is not None else None
    rows.append(_rank_row("", "Total", None, total, None, past_total, total))
    table = pd.DataFrame(rows, columns=["id", head, "_channel", "Credited", "Share", "Took part in", "Change"])
    has_channel = key != "channel" and any("channel" in row for row in now)
    return table.rename(columns={"_channel": "Channel"}) if has_channel else table.drop(columns="_channel")


def _rank_row(
    identity: str, name: str, channel: str | None, revenue: float, deals: float | None, past: float | None, total: float
) -> tuple[str, str, str | None, float, float | None, float | None, float | None]:
    ratio = revenue / total * 100 if total and identity else None
    return identity, name, channel, float(revenue), ratio, deals, growth(revenue, past)


def written(columns: Sequence[tuple[str, Callable[[Entry], object]]], rows: Sequence[Entry]) -> pd.DataFrame:
    """A table of entries: per column its head and what it says of an entry."""
    return pd.DataFrame(
        {head: _cells([value(row) for row in rows]) for head, value in columns}, columns=[head for head, _ in columns]
    )


def _cells(values: list[object]) -> object:
    """A column's values: counts stay whole numbers where some rows have none, days stay days."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int}:
        return pd.array(values, dtype="Int64")
    return pd.Series(values, dtype=object) if kinds <= {date} else values


def matching(entries: Sequence[Entry], words_of: Callable[[Entry], Iterable[str | None]], search: str) -> list[Entry]:
    """The entries in whose words every word of a search occurs, whatever the capitals; all of them without words."""
    asked = search.lower().split()
    found = []
    for entry in entries:
        text = " ".join(word for word in words_of(entry) if word).lower()
        if all(word in text for word in asked):
            found.append(entry)
    return found


def growth(now: float, before: float | None) -> float | None:
    """Percent against the other period; empty where its base is too small to say anything."""
    if not before:
        return None
    change = (now - before) / abs(before) * 100
    return change if abs(change) < 1000 else None


def percent(share: float | None) -> float | None:
    """A share (0–1) in percent."""
    return None if share is None else share * 100


def day(moment: date | None) -> date | None:
    """The day of a moment; a day stays."""
    return moment.date() if isinstance(moment, datetime) else moment


def _unique(names: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return result


def _index(month: str) -> int:
    match = re.fullmatch(r"(\d{4})-(\d{2})", month)
    if not match:
        raise ValueError(f"{month!r} is not a month like 2026-03")
    return int(match[1]) * 12 + int(match[2]) - 1
