"""The answer to "Can we trust these numbers?", and the quiet line wherever a figure stands on thin ice.

Pure functions of coverage (attribution/coverage.py, which holds the limits); tests hold golden sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attribution import coverage
from attribution.charts import formats
from attribution.charts.formats import counted, money, share
from attribution.charts.health import CoverageBar
from attribution.coverage import DealCoverage, TouchCoverage, Unread, WonDeals


@dataclass(frozen=True)
class HealthFacts:
    """What the answer about the data says: won deals and touches of all that was loaded, and what could not be read."""

    currency: str | None
    won: WonDeals
    unread: Unread
    touches: TouchCoverage
    journeys: TouchCoverage


def health(facts: HealthFacts) -> str:
    """Can we trust these numbers?"""
    won, touches = facts.won, facts.touches
    if not won.deals and not facts.unread.deals and not touches.touches:
        return "There is nothing to judge yet: no won deal and no touch was loaded."
    sentences = []
    if facts.unread.deals:
        some = "" if facts.unread.priced == facts.unread.deals else "at least "
        amount = f" ({some}{money(facts.unread.revenue, facts.currency)})" if facts.unread.priced else ""
        verb = "was" if facts.unread.deals == 1 else "were"
        sentences.append(
            f"**{formats.count(won.deals)} of {counted(won.deals + facts.unread.deals, 'won deal')}** could be read; "
            f"{counted(facts.unread.deals, 'deal')}{amount} {verb} not."
        )
    elif won.deals:
        sentences.append(
            f"**All {counted(won.deals, 'won deal')}** could be read."
            if won.deals > 1
            else "**The only won deal** could be read."
        )
    else:
        sentences.append("No won deal was loaded.")
    if won.revenue > 0:
        touched = share(1 - won.revenue_without_touches / won.revenue)
        sentences.append(f"**{touched}** of won revenue has at least one touch.")
    if touches.touches:
        sentences.append(
            f"Of {counted(touches.touches, 'touch', 'touches')} {share(touches.share_unknown)} have no channel, "
            f"{share(touches.share_direct)} came directly, and {share(touches.share_of_nobody)} belong to nobody we know."
        )
    else:
        sentences.append("No touch was loaded, so nothing can be credited.")
    return f"{_verdict(facts)} {' '.join(sentences)}"


def _verdict(facts: HealthFacts) -> str:
    dark = facts.won.revenue_share_without_touches
    gone = coverage.share_of(facts.unread.deals, facts.unread.won_rows)
    is_dark = _beyond(dark, coverage.DARK_REVENUE_WITHOUT_TOUCHES) or _beyond(gone, coverage.DARK_UNREAD_DEALS)
    if is_dark or not facts.touches.touches or not facts.won.deals:
        return "**Not yet.**"
    thin = thin_ice(facts.won, facts.journeys, facts.unread)
    nobody = facts.touches.share_of_nobody
    many_unknown = nobody is not None and nobody >= coverage.THIN_TOUCHES_OF_NOBODY
    return "**With care.**" if thin or many_unknown or facts.unread.deals else "**Yes.**"


NO_TOUCHES = "no touch is in this data yet, so deals are counted and nothing can be credited."


def thin_ice(won: WonDeals, journeys: TouchCoverage, unread: Unread | None = None) -> tuple[str, ...]:
    """Where figures about won deals stand on thin ice: one sentence for each share that is beyond its limit, gravest first.

    ``journeys``: the touches that count for these deals; ``unread``: won rows that are in no figure, where that is asked.
    """
    found = []
    if unread and _beyond(coverage.share_of(unread.deals, unread.won_rows), coverage.THIN_UNREAD_DEALS):
        found.append(f"{formats.count(unread.deals)} of all {counted(unread.won_rows, 'won deal')} could not be read.")
    if _beyond(won.revenue_share_without_touches, coverage.THIN_WITHOUT_TOUCHES):
        found.append(f"{share(won.revenue_share_without_touches)} of won revenue has no touch.")
    elif _beyond(won.share_without_touches, coverage.THIN_WITHOUT_TOUCHES):
        found.append(f"{share(won.share_without_touches)} of won deals have no touch.")
    if _beyond(won.share_without_contacts, coverage.THIN_DEALS_WITHOUT_CONTACTS) and won.share_without_touches != 1:
        found.append(
            f"{share(won.share_without_contacts)} of won deals name no contact: their journeys take everybody at the company."
        )
    if _beyond(won.share_without_amount, coverage.THIN_DEALS_WITHOUT_AMOUNT):
        found.append(f"{share(won.share_without_amount)} of won deals have no amount and earn nothing for anybody.")
    if _beyond(journeys.share_without_origin, coverage.THIN_TOUCHES_WITHOUT_ORIGIN):
        found.append(f"{share(journeys.share_without_origin)} of the touches that count are direct or have no channel.")
    return tuple(found)


def thin_ice_of_deal(deal: DealCoverage) -> tuple[str, ...]:
    """Where one deal's journey stands on thin ice."""
    found = []
    if not deal.has_contacts and deal.touches.touches:
        found.append("no contact is named on this deal: its journey takes everybody at the company.")
    if not deal.amount:
        found.append("The deal has no amount, so there is nothing to share out.")
    if _beyond(deal.touches.share_without_origin, coverage.THIN_TOUCHES_WITHOUT_ORIGIN):
        found.append(f"{share(deal.touches.share_without_origin)} of the touches that count are direct or have no channel.")
    return tuple(found)


def _beyond(part: float | None, limit: float) -> bool:
    return part is not None and part >= limit


def coverage_alt(bars: Sequence[CoverageBar]) -> str:
    """The coverage picture in words."""
    parts = [f"{bar.label.lower()} {share(bar.share)} ({formats.count(bar.count)} of {formats.count(bar.whole)})" for bar in bars]
    return "What the data does not cover: " + ", ".join(parts) if parts else "Nothing was loaded"
