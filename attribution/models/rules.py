"""One entry per attribution model. Exact definitions and sources: docs/how-attribution-works.md.

A model's ``raw_weight`` is a non-negative SQL expression over one row of ``journeys.journey_touches``:

    touch_position, touch_count       1 … n in the order of occurred_us, touch_id
    lead_creation_position            position of the lead-creation touch, NULL where there is none
    deal_creation_position            position of the deal-creation touch, NULL where there is none
    last_non_direct_position          position of the last touch that is not direct (all direct: the last)
    days_before_last                  days (fractional) between this touch and the journey's last
    value_count, value_touch_count    distinct values of the Shapley dimension in the journey; touches of this touch's value

Raw weights need not sum to 1: ``weights.py`` scales them. Position models are written as shares of named positions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# The positions a touch can hold, in the order of a journey. "middle" is every touch that holds none of a model's own.
POSITIONS: tuple[str, ...] = ("first", "lead_creation", "deal_creation", "last", "middle")

# What happens to a share that has no touch to go to.
MISSING_SHARE_POLICIES: tuple[str, ...] = ("proportional", "equal", "unattributed")

_POSITION_SQL = {
    "first": "1",
    "lead_creation": "lead_creation_position",
    "deal_creation": "deal_creation_position",
    "last": "touch_count",
}

_POSITION_WORDS = {
    "first": "the first contact",
    "lead_creation": "the last touch before the lead was created",
    "deal_creation": "the last touch before the deal was opened",
    "last": "the last touch before the close",
    "middle": "all other touches together",
}


@dataclass(frozen=True)
class Model:
    """One attribution model.

    ``raw_weight``: SQL expression (see the module). ``shares``: the shares (0–1) of named positions, where the model is
    made of positions. ``lost_without`` names the milestone without which the model gives nothing. ``known_as`` are the
    names of the same rule in other products. ``raw_total``: SQL of what the raw weights of a journey add up to, where each of its
    rows can tell. ``is_learned``: its weights follow from all journeys at once, so that it has no
    ``raw_weight`` (learned.py).
    """

    name: str
    label: str
    summary: str
    raw_weight: str
    shares: Mapping[str, float] = field(default_factory=dict)
    known_as: str = ""
    is_custom: bool = False
    is_learned: bool = False
    raw_total: str = ""

    @property
    def column(self) -> str:
        """The ledger's column. Own models get a prefix, so that they may be called ``order`` or ``channel``."""
        return f"weight_{self.name}" if self.is_custom else self.name

    @property
    def journey_total(self) -> str:
        """SQL over any row of a journey: what its raw weights add up to; empty where only adding them up can tell."""
        return present_shares(self.shares) if self.shares else self.raw_total

    @property
    def positions_present(self) -> str:
        """SQL over any row of a journey: how many of the model's positions have a touch."""
        return present_shares(dict.fromkeys(self.shares, 1.0)) if self.shares else "0"

    @property
    def positions_held(self) -> str:
        """SQL: how many of the model's positions this touch holds; each middle touch holds its part of one. 0 without positions."""
        return by_positions(dict.fromkeys(self.shares, 1.0)) if self.shares else "0"


def middle_count(named: tuple[str, ...]) -> str:
    """SQL: how many touches of the journey hold none of the named positions (NULL positions hold nobody)."""
    terms = ["touch_count"]
    for index, position in enumerate(named):
        column = _POSITION_SQL[position]
        earlier = [_POSITION_SQL[other] for other in named[:index]]
        holds_another_touch = [f"{column} is not null", *(f"{column} is distinct from {other}" for other in earlier)]
        terms.append(f"case when {' and '.join(holds_another_touch)} then 1 else 0 end")
    return "(" + " - ".join(terms) + ")"


def by_positions(shares: Mapping[str, float]) -> str:
    """SQL: the sum of the shares of the positions that this touch holds; the middle share is split equally."""
    named = tuple(position for position in POSITIONS if position in shares and position != "middle")
    terms = [
        f"case when touch_position = {_POSITION_SQL[position]} then {_literal(shares[position])} else 0.0e0 end"
        for position in named
    ]
    if "middle" in shares:
        nobody = " and ".join(f"touch_position is distinct from {_POSITION_SQL[position]}" for position in named) or "true"
        terms.append(f"case when {nobody} then {_literal(shares['middle'])} / nullif({middle_count(named)}, 0) else 0.0e0 end")
    return " + ".join(terms)


def present_shares(shares: Mapping[str, float]) -> str:
    """SQL over any row of a journey: the sum of the shares of the positions that have a touch."""
    named = tuple(position for position in POSITIONS if position in shares and position != "middle")
    terms = [
        f"case when {_POSITION_SQL[position]} is not null then {_literal(shares[position])} else 0.0e0 end" for position in named
    ]
    if "middle" in shares:
        terms.append(f"case when {middle_count(named)} > 0 then {_literal(shares['middle'])} else 0.0e0 end")
    return f"({' + '.join(terms)})"


def _literal(share: float) -> str:
    """A float literal that every SQL dialect reads as a double."""
    text = repr(share)
    return text if "e" in text else f"{text}e0"


def _by_position(name: str, label: str, summary: str, known_as: str = "", **percent: float) -> Model:
    shares = {position: percent[position] / 100 for position in POSITIONS if percent.get(position, 0) > 0}
    return Model(name, label, summary, by_positions(shares), shares, known_as)


def words_for_shares(shares: Mapping[str, float]) -> str:
    """The rule in words, e.g. "30 % to the first contact, 70 % to all other touches together"."""
    return ", ".join(f"{share * 100:g} % to {_POSITION_WORDS[position]}" for position, share in shares.items())


def custom_model(name: str, percent: Mapping[str, float]) -> Model:
    """A model from ``[models.custom.NAME]``: percent per position, adding to 100."""
    shares = {position: percent[position] / 100 for position in POSITIONS if percent.get(position, 0) > 0}
    short = {
        "first": "first contact",
        "lead_creation": "lead",
        "deal_creation": "deal opened",
        "last": "last",
        "middle": "the rest",
    }
    label = " · ".join(f"{share * 100:g} {short[position]}" for position, share in shares.items())
    return Model(name, f"{name}: {label}", f"Own rule: {words_for_shares(shares)}.", by_positions(shares), shares, is_custom=True)


MODELS: tuple[Model, ...] = (
    _by_position(
        "first_touch", "First contact", "The whole deal to the first touch of its journey.", "first interaction", first=100
    ),
    _by_position(
        "last_touch", "Last contact", "The whole deal to the last touch before it closed.", "last interaction", last=100
    ),
    Model(
        "last_non_direct",
        "Last contact, not direct",
        "The whole deal to the last touch that did not come directly; to the last one where all did.",
        "case when touch_position = last_non_direct_position then 1.0e0 else 0.0e0 end",
        known_as="last non-direct click",
        raw_total="1.0e0",
    ),
    _by_position("lead_creation", "Lead", "The whole deal to the last touch before the lead was created.", lead_creation=100),
    _by_position(
        "deal_creation",
        "Deal opened",
        "The whole deal to the last touch before the deal was opened.",
        "opportunity source",
        deal_creation=100,
    ),
    Model(
        "linear",
        "All the same",
        "Every touch of the journey gets the same share.",
        "1.0e0",
        known_as="even",
        raw_total="touch_count",
    ),
    _by_position(
        "position_based",
        "40 first · 40 last · 20 the rest",
        "First and last touch 40 % each, the rest shares 20 %.",
        "U in GA, Salesforce and Adobe Analytics",
        first=40,
        middle=20,
        last=40,
    ),
    _by_position(
        "u_shaped",
        "40 first contact · 40 lead · 20 the rest",
        "First touch and lead creation 40 % each, the rest shares 20 %.",
        "HubSpot's U (Marketo Measure's is 50/50/0)",
        first=40,
        lead_creation=40,
        middle=20,
    ),
    _by_position(
        "w_shaped",
        "30 first contact · 30 lead · 30 deal opened · 10 the rest",
        "First touch, lead creation and deal creation 30 % each, the rest shares 10 %.",
        "W",
        first=30,
        lead_creation=30,
        deal_creation=30,
        middle=10,
    ),
    _by_position(
        "full_path",
        "22.5 first contact · 22.5 lead · 22.5 deal opened · 22.5 last · 10 the rest",
        "First touch, lead creation, deal creation and last touch 22.5 % each, the rest shares 10 %.",
        "full path, Z",
        first=22.5,
        lead_creation=22.5,
        deal_creation=22.5,
        last=22.5,
        middle=10,
    ),
    _by_position(
        "j_shaped",
        "20 first · 60 last · 20 the rest",
        "Last touch 60 %, first touch 20 %, the rest shares 20 %.",
        "J",
        first=20,
        middle=20,
        last=60,
    ),
    _by_position(
        "inverse_j",
        "60 first · 20 last · 20 the rest",
        "First touch 60 %, last touch 20 %, the rest shares 20 %.",
        "inverse J",
        first=60,
        middle=20,
        last=20,
    ),
    Model(
        "time_decay",
        "Later counts more",
        "A touch counts half as much for every half-life (30 days unless set) that it lies further before the close.",
        # Counted from the last touch, not from the close: the same after scaling, and it cannot underflow to zero for all.
        "power(2.0e0, -days_before_last / nullif(half_life_days, 0))",
    ),
    Model(
        "shapley",
        "Equal by channel",
        "Every different channel of the journey gets the same share, split equally over its touches.",
        "1.0e0 / nullif(value_count * value_touch_count, 0)",
        known_as="coalition-sum Shapley, closed form (Zhao, Mahboobi, Bagheri 2018, arXiv:1804.05327)",
        raw_total="1.0e0",
    ),
    Model(
        "markov",
        "Lost without it, from paths",
        "Touches share a deal by how much would be lost without their channel (or what else is set), learned from the paths of won and lost deals.",
        "",
        known_as="Markov chain, removal effect (Anderl et al. 2016, IJRM 33(3)), path share",
        is_learned=True,
    ),
    Model(
        "markov_shapley",
        "Fair part of winning, from paths",
        "Touches share a deal by what their channel adds to winning, averaged over its combinations with others, learned from the same paths.",
        "",
        known_as="Shapley value of the Markov chain, path share",
        is_learned=True,
    ),
)
