"""The view of the page that compares models: every value under every rule with its likely range, what holds, and what changes places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from attribution.answers import compare as answers
from attribution.answers.compare import CompareFacts, Standing, Swap
from attribution.answers.words import ENOUGH_DEALS, named
from attribution.charts import formats
from attribution.charts.compare import Dot, Strip
from attribution.compare.comparison import Comparison
from attribution.compare.comparison import compare as compared
from attribution.compare.credits import NONE, OTHER, credits
from attribution.compare.data_driven import journeys_of
from attribution.compare.settings import Elsewhere, Setting, settings_to_try, under
from attribution.compare.verdicts import CLOSE, Reversal, Verdict, reversals, verdicts
from attribution.config import Settings
from attribution.dataset import Dataset
from attribution.models import Model
from attribution.paths.shares import DATA_DRIVEN
from attribution.query import dimension
from attribution.views.credit import CODES, words_for
from attribution.views.state import Choice, Names
from attribution.views.what_if import JOIN_RULES

BYS = ("channel", "campaign", "asset", "topic", "kind")
RULES = {"all": "all rules", "shared": "rules that share a deal"}
MOST_SWAPS = 4
MOST_ALIKE = 0.5  # part of the deals that meet one value only, from which on it is said
# How late in a journey a rule credits, for those that are not made of named positions; 0 is the first contact, 1 the last. Others: 0.5.
_LATE = {"time_decay": 0.75, "last_non_direct": 0.99, "markov": 2.0, "markov_shapley": 3.0}
# Rules inside a sentence ("By …"), where their labels do not read as one.
_SPOKEN = {
    "lead_creation": "the touch before the lead", "deal_creation": "the touch before the deal", "linear": "equal shares",
    "last_non_direct": "the last contact that is not direct", "shapley": "equal shares by channel", "time_decay": "the rule that later counts more",
    "markov": "what would be lost without it", "markov_shapley": "each one's fair part",
}  # fmt: skip
_POSITIONS = {"first": 0.0, "lead_creation": 0.3, "middle": 0.5, "deal_creation": 0.7, "last": 1.0}


@dataclass(frozen=True)
class Question:
    """What is compared: values of which dimension, under which rules."""

    by: str = "channel"
    rules: str = "all"


@dataclass(frozen=True)
class Compare:
    """All that the page shows of a comparison. ``standings`` are in the order of ``found.values``; empty with too few deals.

    ``models``: name → label, in the order of the strips; ``rules``: how many of them what holds is judged by; ``spend``: value → what was spent,
    None where it cannot be known (``spend_words`` says why). ``rests_on``: from how many journeys the data-driven models learned, whatever the filters.
    """

    question: Question
    found: Comparison = field(repr=False)
    models: Mapping[str, str]
    rules: int
    model: str
    title: str
    answer: str
    one: str
    many: str
    head: str
    labels: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    standings: tuple[Standing, ...]
    swaps: tuple[Swap, ...]
    strips: tuple[Strip, ...]
    elsewhere: tuple[Elsewhere, ...]
    spend: Mapping[str, float] | None
    spend_words: str
    notes: tuple[str, ...]
    rests_on: str = ""

    @property
    def is_codes(self) -> bool:
        """Whether labels are words of ours."""
        return self.question.by in CODES


def lateness(model: Model) -> float:
    """How late in a journey a rule credits: 0 the first contact, 1 the last; what the data says comes behind all rules."""
    if model.shares:
        return sum(share * _POSITIONS[position] for position, share in model.shares.items())
    return _LATE.get(model.name, 0.5)


def models_of(settings: Settings, rules: str) -> tuple[Model, ...]:
    """The models compared, from those that credit the first contact to those that credit the last."""
    chosen = [model for model in settings.all_models() if rules != "shared" or not _is_single(model)]
    return tuple(sorted(chosen, key=lateness))


def _is_single(model: Model) -> bool:
    """Whether a rule gives the whole deal to one touch."""
    return model.name == "last_non_direct" or (len(model.shares) == 1 and "middle" not in model.shares)


def find(ds: Dataset, choice: Choice, question: Question) -> Comparison:
    """Shares and ranges under a choice of filters: the slow part, a second or two for tens of thousands of won deals."""
    here = choice.filters.resolved(ds.settings, ds.as_of)
    models = tuple(model.name for model in models_of(ds.settings, question.rules))
    given = credits(ds, question.by, here, models, first=choice.model if choice.model in models else ds.settings.reporting.model)
    learned = given.deals and set(models) & set(DATA_DRIVEN)
    return compared(given, journeys_of(ds, given, here) if learned else None)


def elsewhere(ds: Dataset, choice: Choice, found: Comparison, setting: Setting) -> Elsewhere:
    """The same values under another lookback or join rule."""
    return under(ds, setting, choice.filters.resolved(ds.settings, ds.as_of), found.credits)


def to_try(ds: Dataset) -> tuple[Setting, ...]:
    """The lookbacks and join rules that differ from those in force."""
    return settings_to_try(ds.settings)


def setting_words(setting: Setting) -> str:
    """A setting as the head of a column."""
    if setting.join_rule:
        return formats.capital(JOIN_RULES[setting.join_rule])
    return f"{formats.days(setting.days)} back" if setting.days else "However long ago"


def compare(
    ds: Dataset, choice: Choice, question: Question, found: Comparison, tried: Sequence[Elsewhere], names: Names
) -> Compare:
    """The page under a choice of filters. ``tried``: the settings that have been computed."""
    here = choice.filters.resolved(ds.settings, ds.as_of)
    one, many = words_for(ds, question.by)
    models = {model.name: model.label for model in models_of(ds.settings, question.rules)}
    labels = tuple(names.labels.get(question.by, {}).get(key) or formats.words(key) for key in found.values)
    judged = verdicts(found, tried)
    ranked = len(found.is_ranked) if found.is_enough else len(models)
    spoken = [_spoken(ds.settings, name, label) for name, label in models.items()]
    standings = tuple(
        _standing(found, verdict, label, spoken, place)
        for place, (verdict, label) in enumerate(zip(judged, labels, strict=False))
    )
    told = {
        place for place, verdict in enumerate(judged) if verdict.kind != CLOSE
    }  # what is too close to tell reverses no decision
    reversed_ = [entry for entry in reversals(found) if {entry.first, entry.second} <= told]
    swaps = tuple(_swap(found, entry, labels, spoken) for entry in reversed_[:MOST_SWAPS])
    won = int(ds.metric_rows(["won_deals"], [], here)[0]["won_deals"] or 0)
    others = found.credits.others
    facts = CompareFacts(
        many=many, won=won, deals=found.credits.deals, rules=ranked, standings=standings, swaps=swaps, others=others, settings=len(tried), values=len(labels),
        codes=question.by in CODES, amount=found.credits.worth,
    )  # fmt: skip
    spend, why = _spend(ds, question.by, choice, many)
    return Compare(
        question=question, found=found, models=models, rules=ranked, model=choice.model if choice.model in models else "",
        title=answers.title(many), answer=answers.answer(facts), one=one, many=many, head=dimension(question.by).label, labels=labels, verdicts=judged,
        standings=standings, swaps=swaps, strips=_strips(ds, choice, found, labels, standings, list(models.values())), elsewhere=tuple(tried),
        spend=spend, spend_words=why, notes=tuple(_notes(ds, choice, found, one, many, won, list(models))),
        rests_on=" ".join(ds.learned_words([name for name in models if name in DATA_DRIVEN])),
    )  # fmt: skip


def _spoken(settings: Settings, name: str, label: str) -> str:
    """A rule inside a sentence."""
    if name == settings.reporting.model:
        return f"the {settings.reporting.rule_word} rule"
    spoken = _SPOKEN.get(name) or named(formats.short(label, 44))
    return f"the rule {spoken}" if len(settings.model(name).shares) > 1 else spoken


def _standing(found: Comparison, verdict: Verdict, label: str, spoken: Sequence[str], place: int) -> Standing:
    share, ranked = found.share[:, place], found.is_ranked
    least = int(ranked[found.holds[ranked, place].argmin()])
    return Standing(
        label, verdict.kind, verdict.best, verdict.worst, float(share[verdict.lowest]), spoken[verdict.lowest], float(share[verdict.highest]),
        spoken[verdict.highest], verdict.amount_depends, float(found.holds[least, place]), spoken[least],
    )  # fmt: skip


def _swap(found: Comparison, entry: Reversal, labels: Sequence[str], spoken: Sequence[str]) -> Swap:
    pair = [entry.first, entry.second]
    here, there = (tuple(float(share) for share in found.share[model, pair]) for model in (entry.here, entry.there))
    return Swap(
        labels[entry.first],
        labels[entry.second],
        spoken[entry.here],
        spoken[entry.there],
        (here[0], here[1]),
        (there[0], there[1]),
    )


def _strips(
    ds: Dataset, choice: Choice, found: Comparison, labels: Sequence[str], standings: Sequence[Standing], rules: Sequence[str]
) -> tuple[Strip, ...]:
    if found.credits.worth <= 0:
        return ()
    currency, money = ds.settings.reporting.currency, found.credits.totals
    rows = []
    for value, (key, label) in enumerate(zip(found.values, labels, strict=True)):
        span = answers.span(float(found.share[:, value].min()), float(found.share[:, value].max()))
        words = f"{answers.SIGNS[standings[value].kind]} {answers.BADGES[standings[value].kind]}" if standings else span
        dots = tuple(
            Dot(
                rules[place], float(found.share[place, value]), float(found.low[place, value]), float(found.high[place, value]),
                f"{formats.exact(float(money[place, value]), currency)} credited", name == choice.model,
            )
            for place, name in enumerate(found.models)
        )  # fmt: skip
        rows.append(Strip(key, label, words, dots))
    return tuple(rows)


def _notes(ds: Dataset, choice: Choice, found: Comparison, one: str, many: str, won: int, models: Sequence[str]) -> list[str]:
    """What the figures rest on, and where that is thin."""
    deals, notes = found.credits.deals, []
    if choice.model not in models and deals:
        notes.append("The rule of the bar gives whole deals to one touch, so it is not among those compared here.")
    few = [ds.settings.model(name).label for place, name in enumerate(found.models) if place not in found.is_ranked]
    if found.is_enough and found.values and 0 < len(few) < len(found.models):
        listed = f"{', '.join(few[:2])} and {len(few) - 2} more" if len(few) > 3 else " and ".join(few)
        credit = "credits" if len(few) == 1 else "credit"
        notes.append(f"What holds is judged without {listed}, which {credit} these {many} in fewer than {ENOUGH_DEALS} deals.")
    alike = found.credits.of_one_column
    if found.is_enough and len(found.values) > 1 and alike >= MOST_ALIKE * deals:
        notes.append(
            f"{formats.share(alike / deals)} of these won deals meet one {one} only: on those, rules have nothing to disagree about."
        )
    if found.journeys is not None and not found.journeys[1]:
        notes.append("No deal was lost, so what the data says only counts who took part.")
    if found.held and deals:
        notes.append(
            "Likely ranges of what the data says take its weights as given: learning them 1,000 times anew would take too long here."
        )
    if found.credits.others:
        others = formats.counted(found.credits.others, "other is", "others are")
        notes.append(f"The {len(found.values)} {many} with the largest share under some rule are shown; {others} not.")
    if won > deals and deals and not choice.filters.select_credits:
        notes.append(f"{formats.counted(won - deals, 'won deal')} without a touch that counts cannot be compared.")
    return notes


def _spend(ds: Dataset, by: str, choice: Choice, many: str) -> tuple[Mapping[str, float] | None, str]:
    """Value → spend under the filters; None, and why, where it cannot be known."""
    here = choice.filters.resolved(ds.settings, ds.as_of)
    if not dimension(by).spend:
        return None, f"Spend is not recorded by {by}: choose channels or campaigns."
    if words := here.select_deals_by_field:
        return (
            None,
            f"Spend belongs to no deal, so it cannot be filtered by {' or '.join(words).replace('_', ' ')}: leave that filter out.",
        )
    rows = ds.metric_rows(["spend"], [by], here)
    spend = {str(row[by]): float(row["spend"]) for row in rows if row[by] is not None and row["spend"]}
    return (spend, "") if spend else (None, f"No spend on {many} is recorded under these filters.")


def column_label(key: str, labels: Mapping[str, str], one: str, many: str, others: int) -> str:
    """A column of credits in words: a value, the others together, or touches without a value."""
    if key == OTHER:
        return f"{formats.count(others)} other {many}"
    return f"No {one}" if key == NONE else labels[key]
