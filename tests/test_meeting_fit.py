"""Block 1 of the meeting, "Are the numbers fit?": its figures are those of Data health, and what is missing marks the other blocks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from attribution import coverage
from attribution.charts import formats
from attribution.charts import meeting as meeting_chart
from attribution.charts.theme import LIGHT
from attribution.meeting import careful, fit
from attribution.meeting.block import Context


def test_block_one_says_what_data_health_says(sample: Any) -> None:
    """Its figures are those of the Data health page."""
    from attribution.views.health import health

    block = fit.block(Context(sample, date(2026, 11, 20), date(2026, 11, 5)))
    page = {card.label: card.value for card in health(sample).cards}
    here = {figure.label: figure.value for figure in block.figures}
    assert here["Won deals read"] == page["Won deals read"] and here["Touches matched"] == page["Touches matched"]
    won = coverage.won_deals(sample)
    assert here["Won deals with touches"] == formats.share((won.deals - won.without_touches) / won.deals)
    found = {entry.name: entry.rows for entry in health(sample).to_mend}
    assert here["Findings to mend"] == formats.count(len(found)) and len(found) < len(health(sample).findings)
    assert {record.key: dict(record.fields)["rows"] for record in block.records} == found
    assert block.answer.startswith(
        "With care: the data reaches to 20 Nov 2026, the day of the meeting; 99.5\u00a0% of 191\u00a0won deals"
    )
    assert block.picture is not None and block.picture.most == 100
    drawn = meeting_chart.picture(block.picture, LIGHT)
    assert drawn["layout"]["xaxis"]["range"][1] == 100, "a share of 0.2 % is a short bar, also where nothing is larger"
    assert all(record.link == f"health?check={record.key}" for record in block.records)


def test_coverage_is_compared_with_the_data_of_the_last_meeting(sample: Any) -> None:
    block = fit.block(Context(sample, date(2026, 11, 20), date(2026, 11, 5), before=sample))
    grid = next(grid for grid in block.grids if grid.title == "Coverage then and now")
    assert grid.columns == ("", "5 Nov", "Now", "Change")
    assert {row[3].words for row in grid.rows} == {"the same"}


def test_blocks_that_rest_on_missing_tables_carry_marks(open_rows: Callable[..., Any]) -> None:
    deal = {"deal_id": "D1", "created_at": "2026-01-05", "closed_at": "", "status": "open", "amount": "0"}
    ds = open_rows({"deals": [deal]}, {"reporting": {"currency": "EUR", "as_of": "2026-03-01"}})
    marks = careful.marks(Context(ds, date(2026, 3, 20), date(2026, 3, 6)))
    assert {"plan", "changes", "funnel", "promises", "stuck", "content"} <= set(marks)
    assert "Hand-overs are not supplied (handoffs.csv)." in marks["promises"]
    assert f"The data ends {formats.days(19)} before the meeting." in marks["plan"]
    assert any("no expected close date" in mark for mark in marks["plan"]) and any(
        "win rates are rough" in mark for mark in marks["plan"]
    )
    assert any("was not kept: no meeting was closed here then" in mark for mark in marks["changes"])
    block = fit.block(Context(ds, date(2026, 3, 20)))
    assert block.answer.startswith("Not yet") and block.picture is None
    assert block.notes == ("This is the first meeting: from the next one on, coverage is compared with today’s.",)
