"""Block 4, "What changed since the last meeting?": every deal by name, and why past numbers are not what they were."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from attribution.charts import formats
from attribution.charts.formats import counted, share
from attribution.meeting import changes_found as found
from attribution.meeting import links, restatement
from attribution.meeting.amounts import day, exact, number, whole, word
from attribution.meeting.block import Bar, Block, Cell, Context, Figure, Grid, Picture, Tone
from attribution.meeting.changes_found import Changes, changes
from attribution.meeting.changes_records import records
from attribution.meeting.credit_moves import CreditMoves, credit_moves
from attribution.meeting.listing import told_apart
from attribution.meeting.restatement import CAUSES, Restated

STEP_WORDS = {
    found.OPENED: "Opened", found.REOPENED: "Open again", found.ADDED: "Added to the data later", found.GROWN: "Grown",
    found.SHRUNK: "Shrunk", found.RATES: "Exchange rates", found.WON: "Won", found.LOST: "Lost", found.GONE: "Gone from the data",
    found.MERGED: "Merged into another deal",    found.UNRATED: "No exchange rate",
}  # fmt: skip
# As in the list: a won deal leaves the open ones, and nobody regrets it.
STEP_TONES: dict[str, Tone] = {
    found.OPENED: "new",
    found.REOPENED: "new",
    found.ADDED: "moved",
    found.WON: "good",
    found.RATES: "plain",
}
NAMED = 2  # deals that a bar names


def block(context: Context) -> Block:
    """What changed since the last meeting?"""
    made = changes(context)
    currency = context.ds.settings.reporting.currency
    if not any(made.events.values()) and not made.open_now and not made.open_then and not any(one.now for one in made.periods):
        return Block(
            answer=f"Nothing happened since {formats.day(made.since)}: no deal is open, and none was opened, won or lost.",
            missing="Here stand the deals that were won, lost, opened, slipped, grown or shrunk since the last meeting. Supply deals.csv, "
            "deal_stage_changes.csv and deal_changes.csv, and build again.",
        )
    lines = told_apart(records(context.ds, made))
    told = _told(made)
    return Block(
        answer=_answer(made, currency),
        figures=_figures(made, currency),
        records_title=f"The {counted(len(lines), 'record')}, amounts in {formats.symbol(currency)}" if lines and currency else
        f"The {counted(len(lines), 'record')}" if lines else "",
        records=lines,
        picture=_restated_picture(told, made, currency) if told else _open_picture(made, currency),
        grids=(_periods_grid(made, currency),) if any(one.now or one.then for one in made.periods) else (),
        notes=_notes(context, made, currency),
    )  # fmt: skip


def _told(made: Changes) -> Restated | None:
    """The period whose restatement is shown: of those that were over the one that changed most, else of all of them."""
    changed = [one for one in made.periods if one.parts]
    return max(changed, key=lambda one: (one.is_over, one.moved), default=None)


# -- the answer --------------------------------------------------------------------------------------------------------------


def _answer(made: Changes, currency: str | None) -> str:
    parts: list[str] = []
    for kind in (found.WON, found.LOST, found.OPENED):
        if events := made.of(kind):
            count = word(len(events)) if parts else f"{number(len(events), 'deal')} {'was' if len(events) == 1 else 'were'}"
            parts.append(f"{count} {kind}" + (f" ({whole(float(made.sum(kind)), currency)})" if made.sum(kind) else ""))
    since = f"Since {day(made.since, made.today)}"
    lead = f"{since} {formats.listed(parts)}" if parts else f"{since} no deal was won, lost or opened"
    open_now = f"open deals are {formats.money(float(made.open_now), currency)}"
    difference = made.open_now - made.open_then
    if made.open_deals and not made.open_now:
        open_now = f"{number(made.open_deals, 'deal')} {'is' if made.open_deals == 1 else 'are'} open, none with an amount"
    elif round(difference):
        open_now += f", {'up' if difference > 0 else 'down'} {whole(abs(float(difference)), currency)}"
    sentences = [f"{lead}; {open_now}."]
    slipped = made.of(found.SLIPPED)
    if slipped:
        what = number(len(slipped), "deal")
        sentences.append(
            f"{formats.capital(what)} worth {whole(float(made.sum(found.SLIPPED)), currency)} slipped out of {made.quarter.short}."
        )
    return " ".join([*sentences, _restated_words(made, currency)]).strip()


def _restated_words(made: Changes, currency: str | None) -> str:
    told = _told(made)
    if told is None:
        if not made.is_pinned and not made.has_log:
            return ""
        return "Past quarters are what they were." if made.is_pinned else "No recorded change touches a past quarter."
    compact = [formats.money(float(amount), currency) for amount in (told.then, told.now)]
    if compact[0] == compact[1]:
        compact = [exact(float(amount), currency) for amount in (told.then, told.now)]
    if told.then == told.now:
        return f"{told.name} is still {compact[1]}, though single deals changed."
    return f"{told.name} was {compact[0]} on {day(made.since, made.today)} and is now {compact[1]}."


def _figures(made: Changes, currency: str | None) -> tuple[Figure, ...]:
    def of(label: str, kind: str, note: str, help: str, link: str = "") -> Figure:
        is_known = made.sum(kind) or not made.of(kind)
        return Figure(label, whole(float(made.sum(kind)), currency) if is_known else formats.DASH, note, help, link)

    def deals(kind: str) -> str:
        return counted(len(made.of(kind)), "deal") + (", none with an amount" if made.of(kind) and not made.sum(kind) else "")

    first = made.seen_on.fromordinal(made.seen_on.toordinal() + 1)
    days = f"after {formats.day(made.seen_on)}, up to {formats.day(made.today)}"
    between = (
        (lambda basis, status="": links.deals_between(first, made.today, basis, status)) if first <= made.today else lambda *_: ""
    )
    difference = made.open_now - made.open_then
    against = f"since {day(made.seen_on, made.today)}"
    out = f"Slipped out of {made.quarter.short}"
    if made.is_pinned or made.has_log:
        means = f"Open deals whose expected close date was moved from {made.quarter.name} or earlier to a later quarter."
        slipped = of(out, found.SLIPPED, f"{deals(found.SLIPPED)}, still open", means)
    else:
        slipped = Figure(
            out, formats.DASH, "moved dates are not recorded", "It needs deal_changes.csv, or a meeting that was closed."
        )
    is_unpriced = made.open_deals > 0 and not made.open_now
    if is_unpriced:
        note = f"{counted(made.open_deals, 'deal')}, none with an amount"
    elif round(difference):
        ratio = f" ({'+' if difference > 0 else ''}{share(float(difference / made.open_then))})" if made.open_then else ""
        note = f"{'↑' if difference > 0 else '↓'} {formats.money(abs(float(difference)), currency)}{ratio} {against}"
    else:
        note = f"unchanged {against}"
    return (
        of("Won", found.WON, deals(found.WON), f"Amounts of deals with a close date {days}.", between("closed")),
        of("Lost", found.LOST, deals(found.LOST), f"Amounts of lost deals with a close date {days}."),
        of("Opened", found.OPENED, deals(found.OPENED), f"Amounts of deals opened {days}, as they stand now.", between("created")),
        slipped,
        Figure(
            "Open deals", formats.DASH if is_unpriced else whole(float(made.open_now), currency), note, "Amounts of all open deals, as of the data.",
            links.page("deals", {"behind": '{"status":"open"}'}),
        ),
    )  # fmt: skip


# -- pictures and tables -----------------------------------------------------------------------------------------------------


def _tone(amount: Decimal) -> Tone:
    return "good" if amount > 0 else "bad" if amount < 0 else "plain"


def _restated_picture(told: Restated, made: Changes, currency: str | None) -> Picture:
    bars = []
    for cause, amount, parts in told.by_cause():
        names = [formats.short(part.name) + _dated(made, part) for part in parts[:NAMED]]
        more = [f"{formats.count(len(parts) - NAMED)} more"] if len(parts) > NAMED else []
        link = links.deal(parts[0].deal_id) if len(parts) == 1 and cause not in (restatement.GONE, restatement.MERGED) else ""
        bars.append(
            Bar(
                CAUSES[cause],
                float(amount),
                exact(float(amount), currency, sign=True),
                formats.listed([*names, *more]),
                tone=_tone(amount),
                link=link,
            )
        )
    together = told.difference
    of_period = f"{share(float(together / told.then))} of the {'quarter' if told.is_over else 'period'}" if told.then else ""
    bars.append(Bar("Together", float(together), exact(float(together), currency, sign=True), of_period))
    then, now = exact(float(told.then), currency), exact(float(told.now), currency)
    causes = [f"{bar.label.lower()} {bar.words}" for bar in bars[:-1]]
    return Picture(
        f"Why {told.name.removesuffix(' so far')} is not the number you saw", "steps", tuple(bars),
        f"{told.name}: shown on {formats.day(made.since)} {then}, now {now}: {formats.listed(causes)}", formats.symbol(currency),
        caption=f"Shown on {day(made.since, made.today)} {then}, now {now}. Bars start at zero change.",
    )  # fmt: skip


def _dated(made: Changes, part: restatement.Part) -> str:
    """The day on which the change was recorded, where it is."""
    fields = {
        restatement.CORRECTED: ("amount",), restatement.CANCELLED: ("status",), restatement.REOPENED: ("status",),
        restatement.MOVED: ("closed_at", "closed_on", "close_date", "closedate"),
    }.get(part.cause, ())  # fmt: skip
    days = [change.on for field in fields for change in made.history.of(part.deal_id, field) if change.on > made.seen_on]
    return f", {day(max(days), made.today)}" if days else ""


def _open_picture(made: Changes, currency: str | None) -> Picture | None:
    if not made.open_steps or (made.open_deals and not made.open_now):
        return None
    bars = [
        Bar(
            STEP_WORDS[kind],
            float(amount),
            formats.money(float(amount), currency, sign=True),
            tone=STEP_TONES.get(kind, _tone(amount)),
        )
        for kind, amount in made.open_steps.items()
    ]
    together = made.open_now - made.open_then
    ratio = f"{share(float(together / made.open_then))} of what was open" if made.open_then else ""
    bars.append(Bar("Together", float(together), formats.money(float(together), currency, sign=True), ratio))
    then, now = (whole(float(amount), currency) for amount in (made.open_then, made.open_now))
    causes = [f"{bar.label.lower()} {bar.words}" for bar in bars[:-1]]
    return Picture(
        "What moved the open deals", "steps", tuple(bars), f"Open deals: {then} on {formats.day(made.seen_on)}, now {now}: {formats.listed(causes)}",
        formats.symbol(currency),
        caption="Won and lost as the deals stood then. Bars start at zero change.",
    )  # fmt: skip


def _periods_grid(made: Changes, currency: str | None) -> Grid:
    rows = tuple(
        (
            Cell(one.name, links.deals_between(one.first, one.last, "closed")), Cell(exact(float(one.then), currency)), Cell(exact(float(one.now), currency)),
            Cell(exact(float(one.difference), currency, sign=True) if one.difference else "none", tone=_tone(one.difference)),
        )
        for one in made.periods
    )  # fmt: skip
    then = (
        f"Won, shown on {day(made.since, made.today)}"
        if made.is_pinned
        else f"Won, as recorded on {day(made.seen_on, made.today)}"
    )
    return Grid(
        "Past periods then and now", ("Period", then, "Now", "Change"), rows,
        help=(("Change", "Split over its causes deal by deal; the causes add up to it to the cent."),),
    )  # fmt: skip


# -- what else to know -------------------------------------------------------------------------------------------------------


def _notes(context: Context, made: Changes, currency: str | None) -> tuple[str, ...]:
    told = [f"{_causes(one, currency)}." for one in made.periods if one.parts and one is not _told(made)]
    if context.before is not None and made.is_pinned:
        year = made.periods[-1]
        moves = credit_moves(context.ds, context.before, made.now, made.then, year.first, year.last)
        told.append(_credit_words(moves, currency))
    if not made.is_pinned and made.has_log:
        why = (
            "The last meeting saw amounts in another currency"
            if context.before is not None
            else f"The data of {day(made.seen_on, made.today)} is not kept"
        )
        told.append(
            f"{why}: what stood then is read from recorded changes. Deals deleted or added later and exchange rates are not seen."
        )
    if not made.is_pinned and not made.has_log:
        told.append(
            "Slipped, grown and shrunk deals and changed past numbers cannot be seen. Supply deal_changes.csv (deal_id, changed_at, field, "
            "old_value, new_value), or close a meeting: that keeps the data it saw."
        )
    return tuple(words for words in told if words)


def _causes(one: Restated, currency: str | None) -> str:
    """ "Q1 2026: −€30,000 (cancellation −€30,000)"."""
    causes = [
        f"{CAUSES[cause].lower()} {exact(float(amount), currency, sign=True)} ({_names(parts)})"
        for cause, amount, parts in one.by_cause()
    ]
    return f"{one.name}: {exact(float(one.difference), currency, sign=True)}: {formats.listed(causes)}"


def _names(parts: Sequence[restatement.Part]) -> str:
    more = [f"{formats.count(len(parts) - NAMED)} more"] if len(parts) > NAMED else []
    return formats.listed([*(formats.short(part.name) for part in parts[:NAMED]), *more])


def _credit_words(moves: CreditMoves, currency: str | None) -> str:
    if moves.rule_then:
        return f"The agreed credit rule was another one then ({moves.rule_then}): credit is not compared."
    if not moves.deals:
        return ""
    where = f", most from {moves.source} to {moves.target}" if moves.source and moves.target else ""
    why = []
    if moves.more_touches:
        why.append(f"earlier visits or late entries were added to {number(moves.more_touches, 'deal')}")
    if moves.fewer_touches:
        why.append(f"touches went to others in {number(moves.fewer_touches, 'deal')}")
    same = moves.deals - moves.more_touches - moves.fewer_touches
    if same:
        why.append(f"contacts or their dates changed in {number(same, 'deal')}")
    return f"Total unchanged: {exact(moves.amount, currency)} of credit moved between channels{where}; {formats.listed(why)}."
