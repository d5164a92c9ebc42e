"""The content page's view: every piece with what it cost, whom it reached and what it earned, and who used it among won and lost deals.

Credit, and the deals it comes from, follow the filters, as on the attribution page. Cost, reach, return and payback are since publication,
whatever the filters: a piece is paid for once and read for years.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from attribution.answers import content as answers
from attribution.answers.words import Credited
from attribution.charts import formats
from attribution.charts.content import Dot, Lift
from attribution.charts.credit import Row
from attribution.charts.theme import UNATTRIBUTED
from attribution.content import exposure
from attribution.content.assets import Asset, Credits, Known, assets, credited, under
from attribution.content.exposure import Exposure
from attribution.dataset import Dataset
from attribution.filters import Filters
from attribution.views.campaign_money import median_cycle
from attribution.views.overview import Figure
from attribution.views.state import Choice, against_words, agreed_word, compared_with, rule_label

ORDERS = {
    "credited": "Credited revenue", "whole": "Earned since publication", "return": "Return on cost", "cost": "Cost", "readers": "Readers",
    "views": "Views", "lift": "Lift, won against lost", "new": "Newest first",
}  # fmt: skip
MOST_ROWS = 12
MOST_LIFTS = 14
STAGE = "stage "


@dataclass(frozen=True)
class Entry:
    """One piece of content. ``kind``: piece, none (touches without content), unattributed, all (all pieces), total.

    ``revenue`` to ``took_pipeline`` follow the filters; ``whole`` is revenue under the first rule since publication. ``too_early``: why its
    return cannot be judged yet.
    """

    key: str
    label: str
    kind: str = "piece"
    asset: Asset | None = None
    revenue: float = 0.0
    other: float = 0.0
    deals: float = 0.0
    pipeline: float = 0.0
    other_pipeline: float = 0.0
    took_part: float | None = None
    took_deals: int | None = None
    took_pipeline: float | None = None
    whole: float | None = None
    cost: float | None = None
    roi: float | None = None
    exposure: Exposure | None = None
    too_early: tuple[str, ...] = ()

    @property
    def has_earned(self) -> bool | None:
        """Whether its credit since publication reaches its cost; None where there is no cost."""
        return None if not self.cost else (self.whole or 0.0) >= self.cost

    @property
    def row(self) -> Row:
        """Its row in the dumbbell."""
        return Row(self.key, self.label, self.revenue, other=self.other)

    @property
    def dot(self) -> Dot:
        """Its dot among costs and credits."""
        return Dot(self.key, self.label, self.cost or 0.0, self.whole or 0.0, bool(self.too_early))


@dataclass(frozen=True)
class Content:
    """All that the page shows of all content. ``ends``: all pieces, what has no content, what is unattributed, and the CRM's total in scope.

    ``compared``: won and lost deals that got to the point; ``point``: that point in words; ``paid``: pieces that have earned their cost.
    """

    answer: str
    figures: tuple[Figure, ...]
    against: str
    entries: tuple[Entry, ...]
    ends: tuple[Entry, ...]
    compared: tuple[int, int]
    point: str
    costed: int
    earned: int
    without_cost: int
    half_paid: int | None
    notes: tuple[str, ...]
    has_counts: bool

    def entry(self, asset_id: str) -> Entry | None:
        """The piece of that id."""
        return next((entry for entry in self.entries if entry.key == asset_id), None)

    @property
    def pictured(self) -> tuple[Entry, ...]:
        """The pieces that the dumbbell draws, in order."""
        return tuple([entry for entry in self.entries if entry.revenue or entry.other][:MOST_ROWS])

    @property
    def dots(self) -> tuple[Dot, ...]:
        """The pieces with a cost, published."""
        return tuple(entry.dot for entry in self.entries if entry.cost and entry.asset and entry.asset.is_public)

    @property
    def lifts(self) -> tuple[Lift, ...]:
        """The pieces with enough deals to compare: those that stand out most in either direction, largest lift first."""
        found = [
            (entry, lift_of(entry.key, entry.label, entry.exposure))
            for entry in self.entries
            if entry.exposure and entry.exposure.enough
        ]
        known = sorted((lift for _, lift in found if lift), key=lambda lift: (-lift.middle, lift.label, lift.key))
        if len(known) <= MOST_LIFTS:
            return tuple(known)
        return (*known[: MOST_LIFTS - 4], *known[-4:])

    @property
    def compared_pieces(self) -> int:
        """Pieces with enough deals to compare."""
        return len([entry for entry in self.entries if entry.exposure and entry.exposure.enough])

    @property
    def differing(self) -> int:
        """Those of them whose likely range leaves 1 out."""
        return len(
            [entry for entry in self.entries if entry.exposure and entry.exposure.enough and not entry.exposure.no_difference]
        )


def lift_of(key: str, label: str, found: Exposure | None) -> Lift | None:
    """An exposure as a row of the picture; None where nothing can be drawn."""
    if found is None or found.low is None or found.high is None or found.won_share is None or found.lost_share is None:
        return None
    return Lift(key, label, found.won_share, found.lost_share, found.lift, found.low, found.high, not found.no_difference)


def points(ds: Dataset) -> dict[str, str]:
    """Code → words of every point up to which won and lost deals can be compared: ages, then stages."""
    ages = {str(days): age_words(days) for days in exposure.AGES}
    return {**ages, **{f"{STAGE}{name}": f"before stage {formats.words(name)}" for name in exposure.stages(ds)}}


def age_words(days: int) -> str:
    """An age as a point of a deal."""
    return f"within {formats.days(days)} of opening" if days else "before the deal opened"


def point_of(code: str) -> tuple[int | None, str | None]:
    """(before_days, before_stage) of a code."""
    return (None, code.removeprefix(STAGE)) if code.startswith(STAGE) else (int(code), None)


def since_publication(ds: Dataset, model: str, second: str, found: Known) -> dict[str, Asset]:
    """Every piece by id, credited over all time."""
    return {entry.asset_id: entry for entry in assets(ds, models=(model, second), found=found)}


def content(
    ds: Dataset, choice: Choice, second: str, order: str, point: tuple[str, str], found: Known, life: Mapping[str, Asset]
) -> Content:
    """Every piece under a choice of filters, beside a second rule. ``point``: (code, words) up to which won and lost deals are compared."""
    here = choice.filters.resolved(ds.settings, ds.as_of)
    credits = {rule: credited(ds, rule, here) for rule in dict.fromkeys((choice.model, second))}
    then = compared_with(choice, ds)
    past = credited(ds, choice.model, then) if then else None
    before_days, before_stage = point_of(point[0])
    exposed = exposure.exposures(ds, here, before_days, before_stage)
    compared = exposure.compared_deals(ds, here, before_days, before_stage)
    cycle_days = median_cycle(ds, here)
    listed = [
        _entry(
            asset,
            choice.model,
            second,
            life.get(asset.asset_id),
            exposed.get(asset.asset_id) or Exposure(0, compared[0], 0, compared[1]),
            cycle_days,
        )
        for asset in under(ds, here, credits, found)
    ]
    entries = sorted(listed, key=lambda entry: _place(entry, order))
    ends = _ends(credits, choice.model, second, entries)
    costed = [
        entry
        for entry in entries
        if entry.cost and entry.asset and entry.asset.is_public and not (entry.too_early and not entry.has_earned)
    ]
    paid = [entry for entry in costed if entry.has_earned]
    months = [entry.asset.payback_months for entry in paid if entry.asset and entry.asset.payback_months is not None]
    half = round(median(months)) if months else None
    figures = _figures(ds, choice, here, ends, past, {entry.key for entry in entries})
    shown = Content(
        answer="", figures=figures, against=against_words(choice) if then else "", entries=tuple(entries), ends=tuple(ends), compared=compared,
        point=point[1], costed=len(costed), earned=len(paid), half_paid=half,
        without_cost=len([entry for entry in entries if entry.cost is None and entry.asset and entry.asset.is_public]), notes=(),
        has_counts=any(entry.asset and entry.asset.has_counts for entry in entries),
    )  # fmt: skip
    facts = _facts(ds, choice, second, here, shown, past)
    return replace(shown, answer=answers.content(facts), notes=_notes(ds, shown))


def _entry(asset: Asset, model: str, second: str, life: Asset | None, exposed: Exposure, cycle_days: float | None) -> Entry:
    whole = life.credit.get(model, 0.0) if life else None
    cost = float(asset.cost) if asset.cost is not None else None
    return Entry(
        key=asset.asset_id, label=asset.title, asset=asset, revenue=asset.credit[model], other=asset.credit[second], deals=asset.credit_deals[model],
        pipeline=asset.credit_pipeline[model], other_pipeline=asset.credit_pipeline[second], took_part=asset.influenced_revenue, took_deals=asset.won_deals,
        took_pipeline=asset.influenced_pipeline, whole=whole, cost=cost, roi=((whole or 0.0) - cost) / cost if cost else None, exposure=exposed,
        too_early=_too_early(asset, cycle_days),
    )  # fmt: skip


def _too_early(asset: Asset, cycle_days: float | None) -> tuple[str, ...]:
    if asset.age_days is None or not cycle_days or asset.age_days >= cycle_days:
        return ()
    return (
        f"It is {formats.days(asset.age_days)} old, and half of the won deals took {formats.days(cycle_days)} or more from opening to close.",
    )


def _place(entry: Entry, order: str) -> tuple[object, ...]:
    asset, lift = entry.asset, entry.exposure
    size = {
        "whole": entry.whole or 0.0,
        "return": entry.roi if entry.roi is not None else -2.0,
        "cost": entry.cost or 0.0,
        "readers": float(asset.readers) if asset else 0.0,
        "views": float(asset.views) if asset else 0.0,
        "lift": (lift.low or 0.0) if lift and lift.enough else -1.0,
        "new": float(asset.since.toordinal()) if asset and asset.since else 0.0,
    }.get(order, entry.revenue)
    return (-size, -entry.revenue, -(entry.whole or 0.0), -(asset.readers if asset else 0), entry.label, entry.key)


def _ends(credits: Credits, model: str, second: str, entries: Sequence[Entry]) -> list[Entry]:
    """All pieces, touches without content, what is unattributed, and the total: the CRM's in scope."""
    ids = {entry.key for entry in entries}

    def row(keys: Sequence[str], label: str, kind: str) -> Entry:
        one, other = ([values.get(key, {}) for key in keys] for values in (credits[model], credits[second]))
        sums = {name: round(sum(value.get(name, 0.0) for value in one), 6) for name in ("revenue", "deals", "pipeline")}
        beside = {name: round(sum(value.get(name, 0.0) for value in other), 6) for name in ("revenue", "pipeline")}
        return Entry(
            "", label, kind, None, sums["revenue"], beside["revenue"], sums["deals"], sums["pipeline"], beside["pipeline"]
        )

    found = list(dict.fromkeys([*credits[model], *credits[second]]))
    leftover = [] if UNATTRIBUTED in ids else [UNATTRIBUTED]
    rows = [row([""], "No content", "none"), *(row([key], UNATTRIBUTED, "unattributed") for key in leftover)]
    rows = [entry for entry in rows if entry.revenue or entry.other or entry.pipeline]
    whole = row([key for key in found if key in ids], "All content", "all")
    costs = [entry.cost for entry in entries if entry.cost is not None]
    whole = replace(
        whole, cost=round(sum(costs), 2) if costs else None, whole=round(sum(entry.whole or 0.0 for entry in entries), 2)
    )
    return [*([whole] if ids else []), *rows, row(found, "Total", "total")]


def _figures(
    ds: Dataset,
    choice: Choice,
    here: Filters,
    ends: Sequence[Entry],
    past: Mapping[str, Mapping[str, float]] | None,
    ids: set[str],
) -> tuple[Figure, ...]:
    whole = next((entry for entry in ends if entry.kind == "all"), None)
    before = sum(values.get("revenue", 0.0) for key, values in past.items() if key in ids) if past is not None else None
    return (
        Figure("revenue", whole.revenue if whole else 0.0, before, ()),
        Figure("pipeline", whole.pipeline if whole else 0.0, None, ()),
    )


def _facts(
    ds: Dataset, choice: Choice, second: str, here: Filters, shown: Content, past: Mapping[str, Mapping[str, float]] | None
) -> answers.ContentFacts:
    total = shown.ends[-1]
    whole = next((entry for entry in shown.ends if entry.kind == "all"), None)
    won = ds.metric_rows(["won_deals"], [], here, choice.model)[0]
    before_all = sum(values.get("revenue", 0.0) for values in past.values()) if past is not None else 0.0
    ranked = sorted(shown.entries, key=lambda entry: (-entry.revenue, entry.label, entry.key))
    return answers.ContentFacts(
        currency=ds.settings.reporting.currency, total=total.revenue, credited=whole.revenue if whole else 0.0, deals=int(won["won_deals"]),
        ranked=tuple(Credited(entry.label, entry.revenue, entry.other) for entry in ranked), costed=shown.costed, earned=shown.earned,
        half_paid=shown.half_paid, costs=whole.cost if whole else None,
        share_before=(shown.figures[0].before or 0.0) / before_all if before_all else None, against=shown.against,
        agreed=agreed_word(ds, choice.model), rule=rule_label(ds, choice.model),
        second=rule_label(ds, second) if second != choice.model else "", parts=here.select_credits,
    )  # fmt: skip


def _notes(ds: Dataset, shown: Content) -> tuple[str, ...]:
    """Where the numbers need care."""
    young = len([entry for entry in shown.entries if entry.too_early and not entry.has_earned])
    strangers = len([entry for entry in shown.entries if entry.asset and not entry.asset.is_planned])
    lines = []
    if young:
        are = "is" if young == 1 else "are"
        lines.append(
            f"{formats.counted(young, 'piece')} {are} too young to judge: most deals take longer than they have been there."
        )
    if shown.without_cost and shown.costed:
        lines.append(
            f"The cost of {formats.counted(shown.without_cost, 'piece')} is not known (`cost` in content_assets, or spend with an `asset_id`): "
            "no return, no payback."
        )
    elif not shown.costed and shown.without_cost:
        lines.append(
            "No piece has a cost, so nothing can be said about returns: fill `cost` in content_assets, or give rows of spend an `asset_id`."
        )
    if not shown.has_counts:
        lines.append(
            "No page views were counted (activity_counts, metric page_views with an asset_id): views are the touches that were recorded."
        )
    if strangers:
        lines.append(
            f"{formats.counted(strangers, 'piece')} {'is' if strangers == 1 else 'are'} named by touches but not in content_assets: "
            "ids instead of titles, no cost, no topic."
        )
    return tuple(lines)
