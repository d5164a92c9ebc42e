"""One piece of content: what it has earned since it was published, under every rule, among won and lost deals, when and by whom it was used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from attribution.answers import content as answers
from attribution.charts import formats
from attribution.charts.asset import Curve, Part
from attribution.charts.campaigns import Bar
from attribution.charts.content import Lift
from attribution.content import exposure, one
from attribution.content.assets import PAYBACK_MODEL, Asset, Known, whole_months
from attribution.content.one import Said
from attribution.dataset import Dataset
from attribution.views.content import Content, Entry, lift_of
from attribution.views.state import Choice, Names, agreed_word, rule_label, short_rules

LISTED = one.LISTED


@dataclass(frozen=True)
class OneAsset:
    """All that the page shows of one piece. ``entry``: its figures under the filters; ``life``: over all time; ``by_then``: among won and lost
    deals at each point where enough of them can be compared; ``first_used``: deals by their stage at its first use."""

    entry: Entry
    life: Asset
    title: str
    answer: str
    about: str
    exposed: str
    curves: tuple[Curve, ...]
    paid_back_on: date | None
    today: date
    by_then: tuple[Lift, ...]
    rules: tuple[Part, ...]
    first_used: tuple[Bar, ...]
    deals: pd.DataFrame
    people: pd.DataFrame
    said: Said
    touched: int


def one_asset(
    ds: Dataset, choice: Choice, second: str, found: Known, view: Content, life: Asset | None, asset_id: str, names: Names
) -> OneAsset | None:
    """One piece under a choice of filters; None for an id that is not there."""
    entry = view.entry(asset_id)
    if entry is None or entry.asset is None or life is None:
        return None
    curves, paid_back_on = _curves(ds, choice.model, second, asset_id, entry, found.today)
    totals = {rule: (life.credit[rule], life.credit_pipeline[rule]) for rule in dict.fromkeys((choice.model, second))}
    touched = life.won_deals + life.lost_deals + life.open_deals
    return OneAsset(
        entry=entry, life=life, title=f"What has {answers.name(entry.label)} earned?",
        answer=answers.piece(_facts(ds, choice, second, view, entry, life, found.today)),
        about=_about(entry.asset, names), exposed=_exposed(entry, view.point), curves=curves, paid_back_on=paid_back_on, today=found.today,
        by_then=_by_then(ds, choice, asset_id), rules=_rules(ds, choice, asset_id), first_used=_first_used(ds, asset_id),
        deals=one.deals_of(ds, asset_id, choice.model, second, totals), people=one.people_of(ds, asset_id), said=one.said_of(ds, asset_id),
        touched=touched,
    )  # fmt: skip


def _facts(ds: Dataset, choice: Choice, second: str, view: Content, entry: Entry, life: Asset, today: date) -> answers.PieceFacts:
    asset = entry.asset
    assert asset is not None
    in_all = life.credit[choice.model]
    months = whole_months(asset.published_on, today)
    return answers.PieceFacts(
        label=entry.label, currency=ds.settings.reporting.currency, total=view.ends[-1].revenue, credited=entry.revenue, other=entry.other,
        took_part=entry.took_deals or 0, took_amount=entry.took_part or 0.0, touched=life.won_deals + life.lost_deals + life.open_deals,
        published_on=asset.published_on, age_months=months, in_all=in_all,
        won_in_all=life.won_deals, amount_in_all=life.influenced_revenue, cost=entry.cost, payback=asset.payback_months, readers=asset.readers,
        is_whole_life=abs(in_all - entry.revenue) < 0.005, agreed=agreed_word(ds, choice.model), rule=rule_label(ds, choice.model),
        second=rule_label(ds, second) if second != choice.model else "", status=asset.status or "",
    )  # fmt: skip


def _exposed(entry: Entry, point: str) -> str:
    found = entry.exposure
    if found is None or not found.won_all or not found.lost_all:
        return ""
    return answers.exposed(
        found.won_with, found.won_all, found.lost_with, found.lost_all, found.lift, found.low, found.high, found.enough, point
    )


def _curves(
    ds: Dataset, model: str, second: str, asset_id: str, entry: Entry, today: date
) -> tuple[tuple[Curve, ...], date | None]:
    """What it had earned by each day, from its publication to the data's end, and the day on which its linear credit reached its cost."""
    rules = list(dict.fromkeys((model, second, PAYBACK_MODEL)))
    days = one.earned_by_day(ds, asset_id, rules)
    paid = next(
        (
            day
            for day, sums in days
            if entry.cost and sums[-1 if rules[-1] == PAYBACK_MODEL else rules.index(PAYBACK_MODEL)] >= entry.cost - 0.005
        ),
        None,
    )
    asset = entry.asset
    starts = [day for day in ((asset.since if asset else None), days[0][0] if days else None) if day]
    if not days or not starts:
        return (), paid
    first = min(starts)
    curves = []
    for place, rule in enumerate(dict.fromkeys((model, second))):
        points = [(first, 0.0), *((day, sums[place]) for day, sums in days)]
        if points[-1][0] < today:
            points.append((today, points[-1][1]))
        curves.append(
            Curve(
                short_rules(ds.settings)[rule], tuple(day for day, _ in points), tuple(round(amount, 2) for _, amount in points)
            )
        )
    return tuple(curves), paid


def _by_then(ds: Dataset, choice: Choice, asset_id: str) -> tuple[Lift, ...]:
    """Every age and stage at which enough won and lost deals can be compared."""
    ages, stages = one.at_every_point(ds, choice.filters.resolved(ds.settings, ds.as_of), asset_id)
    listed = [
        lift_of(str(age), f"By day {age}" if age else "Before it opened", found) for age, found in ages.items() if found.enough
    ]
    listed += [
        lift_of(name, f"Before {formats.words(name).lower()}", stages[name])
        for name in exposure.stages(ds)
        if name in stages and stages[name].enough and stages[name] != ages.get(0)  # the first stage begins when the deal opens
    ]
    return tuple(entry for entry in listed if entry)


def _rules(ds: Dataset, choice: Choice, asset_id: str) -> tuple[Part, ...]:
    """Its credited revenue under every rule, under the filters."""
    every, short = one.every_rule(ds, choice.filters.resolved(ds.settings, ds.as_of)), short_rules(ds.settings)
    return tuple(
        Part(model.name, short[model.name], every[model.name].get(asset_id, 0.0), model.name == choice.model)
        for model in ds.models
    )


def _first_used(ds: Dataset, asset_id: str) -> tuple[Bar, ...]:
    """Deals by the stage they were in at its first use, in the order of stages; what became of them."""
    uses = {use.stage: use for use in one.first_uses(ds, asset_id)}
    order = [
        None,
        *(stage for stage in exposure.stages(ds) if stage in uses),
        *(stage for stage in uses if stage not in (None, *exposure.stages(ds))),
    ]
    listed = []
    for stage in order:
        if stage in uses:
            label = "Before the deal" if stage is None else "After it opened" if not stage else formats.words(stage)
            use = uses[stage]
            listed.append(Bar(stage or "", label, 0.0, won=use.won, lost=use.lost, open=use.open))
    return tuple(listed)


def _about(asset: Asset, names: Names) -> str:
    """What it is, in one line."""
    parts = [
        formats.words(asset.format) if asset.format else "",
        f"topic {(names.labels.get('topic', {}).get(asset.topic) or formats.words(asset.topic)).lower()}" if asset.topic else "",
        f"{formats.words(asset.funnel_stage).lower()} of the funnel" if asset.funnel_stage else "",
        f"by {asset.author}" if asset.author else "",
        f"published {formats.day(asset.published_on)}" if asset.published_on else "",
        f"{formats.days(asset.age_days)} old" if asset.age_days is not None else "",
        formats.words(asset.status).lower() if asset.status and asset.status != "published" else "",
        "made for sales to send" if asset.is_sales_content else "",
        f"answers: {asset.buyer_question}" if asset.buyer_question else "",
        asset.url or "",
        asset.asset_id,
    ]
    return " · ".join(formats.plain(formats.short(part, 90)) for part in parts if part)


def deals_table(frame: pd.DataFrame, second: str) -> pd.DataFrame:
    """The deals that used it, as people read them."""
    shown = frame.drop(columns=["deal_id"]).rename(columns={"Second rule": second})
    shown["Status"] = [formats.words(status) for status in frame["Status"]]
    shown["Stage then"] = [
        "before the deal" if stage is None or stage != stage else formats.words(stage, "") or None
        for stage in frame["Stage then"]
    ]
    shown["Sent by sales"] = ["yes" if sent else "" for sent in frame["Sent by sales"]]
    return shown


def people_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Who used it, as people read it."""
    return frame.drop(columns="contact_id").assign(**{"Made a lead": ["yes" if made else "" for made in frame["Made a lead"]]})


def curve_table(curves: tuple[Curve, ...]) -> pd.DataFrame:
    """What it had earned by each day, in numbers."""
    if not curves:
        return pd.DataFrame(columns=["Day"])
    return pd.DataFrame({"Day": list(curves[0].days), **{curve.name: list(curve.amounts) for curve in curves}})


def rules_table(parts: tuple[Part, ...]) -> pd.DataFrame:
    """Its credit under every rule, in numbers."""
    return pd.DataFrame([(part.label, part.amount) for part in parts], columns=["Rule", "Credited"])


def first_used_table(bars: tuple[Bar, ...]) -> pd.DataFrame:
    """When it was first used, in numbers."""
    return pd.DataFrame(
        [(bar.label, bar.won, bar.lost, bar.open) for bar in bars], columns=["First used", "Won", "Lost", "Still open"]
    )
