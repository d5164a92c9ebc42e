"""Block 8, "What did we win and lose?": the deals closed since the last meeting by name, and why deals were lost in the last 90 days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from attribution.charts import formats
from attribution.charts.formats import counted, share
from attribution.charts.tables import TEAMS
from attribution.filters import Filters
from attribution.meeting import links, spans
from attribution.meeting.amounts import bare, day, number, whole, word
from attribution.meeting.block import FEWEST_FOR_RATE, RATE_DAYS, Bar, Block, Cell, Context, Figure, Grid, Picture, Record
from attribution.meeting.deals_facts import ClosedDeal, closed_deals, facts_of, journey_words, losses
from attribution.metrics import metric

MOST_REASONS = 8
MOST_TITLES = 3
NO_REASON = "No reason noted"


def block(context: Context) -> Block:
    """What did we win and lose?"""
    ds, today = context.ds, spans.last_day(context)
    currency = ds.settings.reporting.currency
    now, before = spans.rolling(context)
    deals = closed_deals(ds, context.since + timedelta(days=1), today)
    figures = {
        span: ds.metric_rows(
            ["won_deals", "lost_deals", "win_rate", "won_revenue", "cycle_days"], [], Filters(date_from=span.first, date_to=span.last)
        )[0]
        for span in (now, before)
    }  # fmt: skip
    reasons = _reasons(context, now)
    rows, earlier = figures[now], figures[before]
    closed = int(rows["won_deals"] or 0) + int(rows["lost_deals"] or 0)
    if not deals and not closed:
        return Block(
            answer=f"No deal was won or lost since {formats.day(context.since)}, nor in the {RATE_DAYS} days up to {formats.day(today)}.",
            missing="Here stand the deals that were won and lost, with who opened them, how long they took and why they ended. Supply deals.csv "
            "with closed_at, status and loss_reason, and build again.",
        )
    return Block(
        answer=_answer(context, deals, reasons, int(rows["lost_deals"] or 0)),
        figures=_figures(context, deals, rows, earlier, now),
        records_title=f"The {counted(len(deals), 'deal')} closed since {day(context.since, today)}"
        + (f", amounts in {formats.symbol(currency)}" if currency else "") if deals else "",
        records=tuple(_record(ds.settings.reasons, deal, currency) for deal in deals),
        picture=_picture(reasons, now),
        grids=(_grid(ds.settings.reasons, deals),) if deals else (),
        notes=_notes(deals),
    )  # fmt: skip


def side_by_side(context: Context, left: str, right: str) -> Grid:
    """The facts of two deals beside each other. QueryError where one of them is not in the data."""
    ds = context.ds
    currency, reasons = ds.settings.reporting.currency, ds.settings.reasons
    found = [facts_of(ds, deal_id) for deal_id in (left, right)]
    lines = [
        ("Outcome", [_outcome(deal) for deal in found]),
        ("Amount", [whole(deal.amount, currency) for deal in found]),
        ("Company", [deal.about_company or formats.DASH for deal in found]),
        ("Opened by", [_opened_by(deal) for deal in found]),
        ("First touch", [formats.day(deal.first_on) if deal.first_on else "nothing recorded" for deal in found]),
        ("Deal opened", [formats.day(deal.created_on) for deal in found]),
        ("Days from first touch", [formats.days(deal.days_from_first) if deal.first_on else formats.DASH for deal in found]),
        ("Days open", [formats.days(deal.days_open) for deal in found]),
        ("Touches that count", [formats.count(deal.touches) for deal in found]),
        ("Calls and meetings", [formats.count(deal.meetings) for deal in found]),
        ("People with a touch", [formats.count(deal.people) for deal in found]),
        ("Content read", [_titles(deal.read_titles) for deal in found]),
        ("Sent by sales", [_titles(deal.sent_titles) for deal in found]),
        ("Stages", [" → ".join(deal.stages) or formats.DASH for deal in found]),
        ("Journey", [journey_words(ds, deal.deal_id) for deal in found]),
        ("Reason", [_reason(reasons, deal) if deal.status != "won" else _said(reasons, deal) or formats.DASH for deal in found]),
        ("Competitor", [deal.competitor or formats.DASH for deal in found]),
    ]
    return Grid(
        "Side by side",
        ("", *(formats.short(deal.title, 60) for deal in found)),
        tuple(
            (
                Cell(name),
                *(
                    Cell(words, links.deal(deal.deal_id) if name == "Outcome" else "")
                    for words, deal in zip(said, found, strict=True)
                ),
            )
            for name, said in lines
        ),
        help=(
            ("Days from first touch", "From the first touch that counts to the close; for an open deal up to now."),
            ("Journey", "The channels of the touches that count, in their order; repeats in a row are counted."),
        ),
    )


# -- sentences ---------------------------------------------------------------------------------------------------------------


def _answer(context: Context, deals: tuple[ClosedDeal, ...], reasons: Mapping[str, tuple[int, float]], lost: int) -> str:
    currency, today = context.ds.settings.reporting.currency, spans.last_day(context)
    since = f"Since {day(context.since, today)}"
    parts: list[str] = []
    for status in ("won", "lost"):
        those = [deal for deal in deals if deal.status == status]
        if those:
            count = word(len(those)) if parts else number(len(those), "deal")
            verb = "" if parts else " was" if len(those) == 1 else " were"
            amount = sum(deal.amount for deal in those)
            parts.append(f"{count}{verb} {status}" + (f" ({whole(amount, currency)})" if amount else ""))
    lead = f"{since} {formats.listed(parts)}" if parts else f"{since} no deal was won or lost"
    largest = max((deal for deal in deals if deal.status == "won"), key=lambda deal: deal.amount, default=None)
    if largest is not None and len(deals) > 1:
        lead += f"; the largest won is {formats.short(largest.name)} ({whole(largest.amount, currency)})"
    noted = {reason: count for reason, (count, _) in reasons.items() if reason != NO_REASON}
    if not noted:
        return f"{lead}."
    most = max(noted.values())
    named = [formats.short(_lower(reason), 60) for reason, count in noted.items() if count == most]
    each = " each" if len(named) > 1 else ""
    what = f"{formats.count(most)} of {counted(lost, 'lost deal')}{each}"
    if lost >= FEWEST_FOR_RATE:
        what = f"{share(most / lost)}{each} of {counted(lost, 'lost deal')}"
    which = "reason noted most is" if len(named) == 1 else "reasons noted most are"
    return f"{lead}. In the last {RATE_DAYS} days the {which} {formats.listed(named)}: {what}."


def _figures(
    context: Context, deals: tuple[ClosedDeal, ...], rows: Mapping[str, float | None], earlier: Mapping[str, float | None], now: spans.Span
) -> tuple[Figure, ...]:  # fmt: skip
    currency, today = context.ds.settings.reporting.currency, spans.last_day(context)
    first = context.since + timedelta(days=1)
    won, lost = ([deal for deal in deals if deal.status == status] for status in ("won", "lost"))
    link = links.deals_between(first, today, "closed") if first <= today else ""
    days = f"with a close date after {formats.day(context.since)}, up to {formats.day(today)}"
    span = f"{formats.day(now.first)} to {formats.day(now.last)}, by close date"
    found = [
        Figure("Won", *_worth(won, currency), f"Amounts of won deals {days}.", link),
        Figure("Lost", *_worth(lost, currency), f"Amounts of lost deals {days}."),
        Figure(
            f"Win rate, {RATE_DAYS} days", _rate(rows), f"{_of(rows)}; the {RATE_DAYS} days before: {_rate(earlier)}",
            f"{metric('win_rate').description} {span}. No rate with fewer than ten deals.", links.deals_between(now.first, now.last, "closed"),
        ),
        Figure(
            f"Median days to win, {RATE_DAYS} days", _days(rows), f"the {RATE_DAYS} days before: {_days(earlier)}",
            f"{metric('cycle_days').description} {span}. None with fewer than ten won deals.",
        ),
        Figure(
            f"Won, {RATE_DAYS} days", formats.money(rows["won_revenue"], currency),
            f"the {RATE_DAYS} days before: {formats.money(earlier['won_revenue'], currency)}", f"{metric('won_revenue').description} {span}.",
            links.deals_between(now.first, now.last, "closed"),
        ),
    ]  # fmt: skip
    return tuple(found)


def _worth(deals: Sequence[ClosedDeal], currency: str | None) -> tuple[str, str]:
    """(what deals are worth, how many they are); where none has an amount that is not nothing, but unknown."""
    amount, many = sum(deal.amount for deal in deals), counted(len(deals), "deal")
    return (formats.DASH, f"{many}, none with an amount") if deals and not amount else (whole(amount, currency), many)


def _rate(rows: Mapping[str, float | None]) -> str:
    won, lost = int(rows["won_deals"] or 0), int(rows["lost_deals"] or 0)
    return share(rows["win_rate"]) if won + lost >= FEWEST_FOR_RATE else f"{formats.count(won)} of {formats.count(won + lost)}"


def _of(rows: Mapping[str, float | None]) -> str:
    won, lost = int(rows["won_deals"] or 0), int(rows["lost_deals"] or 0)
    return f"{formats.count(won)} of {counted(won + lost, 'closed deal')}"


def _days(rows: Mapping[str, float | None]) -> str:
    won = int(rows["won_deals"] or 0)
    return formats.days(rows["cycle_days"]) if won >= FEWEST_FOR_RATE else f"only {counted(won, 'win')}"


def _notes(deals: tuple[ClosedDeal, ...]) -> tuple[str, ...]:
    apart = [
        deal for deal in deals if deal.status == "lost" and deal.loss_reason and deal.says("buyer") not in ("", deal.loss_reason)
    ]
    if not apart:
        return ()
    names = formats.listed(
        [
            f"{formats.short(deal.name)} (noted {_lower(formats.words(deal.loss_reason))}, the buyer says {_lower(formats.words(deal.says('buyer')))})"
            for deal in apart
        ]
    )
    return (f"The buyer names another reason than the one noted: {names}.",)


# -- records, table, picture -------------------------------------------------------------------------------------------------


def _record(labels: Mapping[str, object], deal: ClosedDeal, currency: str | None) -> Record:
    is_won = deal.status == "won"
    detail = ", ".join(
        part for part in (
            "" if is_won else _lower(_reason(labels, deal)), f"from {_lower(_opened_by(deal))}" if deal.opened_by != "unknown" else "no touch recorded",
            formats.days(deal.days_open), counted(deal.meetings, "call or meeting", "calls and meetings") if deal.meetings else "",
            f"against {deal.competitor}" if deal.competitor else "",
        ) if part
    )  # fmt: skip
    return Record(
        group="↑ Won" if is_won else "↓ Lost", name=deal.name, amount=bare(deal.amount), detail=detail, link=links.deal(deal.deal_id),
        tone="good" if is_won else "bad", key=deal.deal_id,
        fields=(
            ("deal_id", deal.deal_id), ("deal", deal.title), ("status", deal.status), ("closed_on", deal.closed_on.isoformat() if deal.closed_on else None),
            ("exact_amount", deal.amount), ("currency", currency), ("opened_by", deal.opened_by), ("days_open", deal.days_open),
            ("days_from_first_touch", deal.days_from_first), ("calls_and_meetings", deal.meetings), ("people", deal.people), ("content_read", deal.read),
            ("loss_reason", deal.loss_reason), ("buyer_says", deal.says("buyer")), ("owner_says", deal.says("owner")),
            ("marketing_says", deal.says("marketing")), ("competitor", deal.competitor),
        ),
    )  # fmt: skip


def _grid(labels: Mapping[str, object], deals: tuple[ClosedDeal, ...]) -> Grid:
    rows = tuple(
        (
            Cell(deal.name, links.deal(deal.deal_id)), Cell("Won" if deal.status == "won" else "Lost", tone="good" if deal.status == "won" else "bad"),
            Cell("; ".join(part for part in (_opened_by(deal), _lower(_why(labels, deal))) if part)),
            Cell(formats.count(deal.days_from_first) if deal.first_on else formats.DASH), Cell(formats.count(deal.meetings)),
            Cell(formats.count(deal.people)), Cell(formats.count(deal.read)),
        )
        for deal in deals
    )  # fmt: skip
    return Grid(
        "How they went", ("Deal", "", "Opened by; reason", "Days", "Calls", "People", "Content"), rows, name_columns=3,
        help=(
            ("Opened by; reason", "The team of the first touch of its journey. Then why it ended, as noted on the deal, with the competitor; where "
             "the deal was reviewed, what buyer, owner or marketing say."),
            ("Days", "From the first touch that counts to the close."),
            ("Calls", "Calls and meetings of sales, partners and service, up to the close."),
            ("People", "People of the deal or company with a touch that counts."),
            ("Content", "Different pieces that buyers read or watched."),
        ),
    )  # fmt: skip


def _reasons(context: Context, span: spans.Span) -> dict[str, tuple[int, float]]:
    """Reason in words → (lost deals, their amounts), the most frequent first, those without a reason last."""
    labels = context.ds.settings.reasons
    found: Counter[str] = Counter()
    amounts: dict[str, float] = {}
    for reason, deals, amount in losses(context.ds, span.first, span.last):
        words = _label(labels, reason) if reason else NO_REASON
        found[words] += deals
        amounts[words] = amounts.get(words, 0.0) + amount
    order = sorted(found, key=lambda words: (words == NO_REASON, -found[words], words))
    return {words: (found[words], amounts[words]) for words in order}


def _picture(reasons: Mapping[str, tuple[int, float]], span: spans.Span) -> Picture | None:
    if not reasons:
        return None
    shown = list(reasons.items())
    if len(shown) > MOST_REASONS:
        rest = shown[MOST_REASONS - 1 :]
        shown = [
            *shown[: MOST_REASONS - 1],
            ("Other reasons", (sum(count for _, (count, _) in rest), sum(amount for _, (_, amount) in rest))),
        ]
    bars = tuple(Bar(words, count, formats.count(count), tone="plain") for words, (count, _) in shown)
    said = [f"{_lower(bar.label)} {bar.words}" for bar in bars]
    return Picture(
        f"Why deals were lost, last {RATE_DAYS} days", "bars", bars,
        f"Lost deals from {formats.day(span.first)} to {formats.day(span.last)}: {formats.listed(said)}", "deals",
        caption="Lost deals by the reason noted on them.",
    )  # fmt: skip


# -- words -------------------------------------------------------------------------------------------------------------------


def _label(labels: Mapping[str, object], reason: str | None) -> str:
    entry = labels.get(reason or "")
    return getattr(entry, "label", None) or formats.words(reason, NO_REASON)


def _reason(labels: Mapping[str, object], deal: ClosedDeal) -> str:
    """Why it was lost: as noted, and what others say where that is something else."""
    if deal.status == "open":
        return formats.DASH
    noted = _label(labels, deal.loss_reason)
    said = _said(labels, deal, but=deal.loss_reason)
    return f"{noted} ({said})" if said else noted


def _why(labels: Mapping[str, object], deal: ClosedDeal) -> str:
    """Reason and competitor in one: "Price, against Ledgerline"."""
    reason = _said(labels, deal) if deal.status == "won" else _reason(labels, deal)
    against = f"against {deal.competitor}" if deal.competitor else ""
    return ", ".join(part for part in (reason, against) if part)


def _said(labels: Mapping[str, object], deal: ClosedDeal, but: str | None = None) -> str:
    """What reviews say: "buyer: product fit, owner: price"."""
    return ", ".join(f"{voice}: {_lower(_label(labels, reason))}" for voice, reason in deal.reviews if reason and reason != but)


def _opened_by(deal: ClosedDeal) -> str:
    return TEAMS.get(deal.opened_by, formats.words(deal.opened_by))


def _outcome(deal: ClosedDeal) -> str:
    return (
        f"Open, {deal.stage or 'no stage'}"
        if deal.closed_on is None
        else f"{formats.words(deal.status)} on {formats.day(deal.closed_on)}"
    )


def _titles(titles: tuple[str, ...]) -> str:
    if not titles:
        return "none"
    named, more = [formats.short(title, 40) for title in titles[:MOST_TITLES]], len(titles) - MOST_TITLES
    return "; ".join([*named, *([f"{more} more"] if more > 0 else [])])


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
