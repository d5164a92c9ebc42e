"""Settings as validated, frozen objects. Every business choice that a user may dispute is here; settings_file.py reads them."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from attribution.errors import UnknownNameError, near_name, unknown
from attribution.meeting.minutes import MINUTES
from attribution.models import MODEL_NAMES, MODELS, POSITIONS, Model, custom_model

MissingShare = Literal["proportional", "equal", "unattributed"]
Actor = Literal["buyer", "marketing", "sales", "partner", "service"]


class Section(BaseModel):
    """A table of attribution.toml: frozen, and closed against unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _day_stays_day(value: Any) -> Any:
    """A day written as text is a day (and lasts until its end), never the midnight at which it begins."""
    if isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


HERE_ONLY = ("localtime", "Factory")  # names of zones that mean another time on every computer


class Reporting(Section):
    """How figures are cut and named."""

    currency: str | None = Field(None, description="currency of all figures; default: the deals' where there is only one")
    fx_base: str = Field("EUR", description="currency with rate 1 in fx_rates")
    time_zone: str = Field("UTC", description="cuts days, months and quarters")
    fiscal_year_starts: int = Field(1, ge=1, le=12, description="month in which the fiscal year starts")
    week_starts: Literal["monday", "sunday", "saturday"] = Field("monday", description="first day of a week")
    as_of: Annotated[datetime | date | None, BeforeValidator(_day_stays_day)] = Field(
        None, description="data up to; default: the latest event, not in the future"
    )
    model: str = Field("w_shaped", description="the agreed house model")
    second_model: str = Field("first_touch", description="the model shown beside it")
    agreed_by: str | None = Field(None, description="who agreed on the model")
    agreed_on: date | None = Field(None, description="when")
    last_meeting_on: date | None = Field(None, description="day of the revenue team's last meeting")
    opened_by: Literal["first", "deal_creation"] = Field("first", description="the touch whose team opened the deal")

    @property
    def rule_word(self) -> str:
        """What the model is called in sentences: "agreed", or "house" where nobody is named who agreed on it, and no day."""
        return "agreed" if self.agreed_by or self.agreed_on else "house"

    @field_validator("currency", "fx_base")
    @classmethod
    def _upper(cls, value: str | None) -> str | None:
        return value.strip().upper() if value else None

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value in HERE_ONLY:
            raise ValueError(
                "that is whatever this computer is set to, and figures must be the same on every one. Write it like 'Europe/Berlin'."
            )
        try:
            zoneinfo.ZoneInfo(value)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            hint = near_name(value, zoneinfo.available_timezones()) or " Write it like 'Europe/Berlin'."
            raise ValueError(f"it must be a time zone of the IANA list.{hint}") from error
        return value


class Journeys(Section):
    """Which touches belong to a deal."""

    join_rule: Literal["deal", "primary", "account", "deal_else_account"] = Field(
        "deal_else_account", description="whose touches count"
    )
    lookback_days: float = Field(540, ge=0, le=36_500, description="days before the end; 0 = no limit")
    start: Literal["lookback", "after_previous_win"] = Field("lookback", description="where a journey starts")
    grain: Literal["event", "day"] = Field("day", description="day: repeats count once a day")
    actors: tuple[Actor, ...] = Field(
        ("buyer", "marketing", "sales", "partner", "service"), min_length=1, description="whose actions count"
    )
    exclude_channels: tuple[str, ...] = Field((), description="channels left out before weighting")
    exclude_kinds: tuple[str, ...] = Field(("email_open",), description="kinds left out before weighting")
    direct_channels: tuple[str, ...] = Field(("direct",), description="what direct is called")
    milestone_grace_minutes: float = Field(60, ge=0, le=10_080, description="systems log the creating form seconds late")


class Channel(Section):
    """One channel: its name on screen, its group, and whose a buyer's touch there is."""

    label: str | None = None
    group: str | None = None
    team: str = "marketing"


class Label(Section):
    """One kind, topic or reason: its name on screen and its group."""

    label: str | None = None
    group: str | None = None


class Stages(Section):
    """Stages and their order."""

    lifecycle: tuple[str, ...] = (
        "inquiry",
        "lead",
        "marketing_qualified",
        "sales_accepted",
        "sales_qualified",
        "opportunity",
        "customer",
        "recycled",
        "disqualified",
        "churned",
        "won_back",
    )
    deal: tuple[str, ...] = ()


class ModelOptions(Section):
    """Settings of one built-in model."""

    missing_share: MissingShare | None = None


class TimeDecay(ModelOptions):
    """Settings of time_decay."""

    half_life_days: float = Field(30, gt=0, le=36_500, description="days in which a touch's weight halves")


class Shapley(ModelOptions):
    """Settings of shapley."""

    dimension: Literal["channel", "campaign", "asset", "topic", "kind", "actor"] = Field(
        "channel", description="what a deal is shared over"
    )


class Markov(ModelOptions):
    """Settings of markov and markov_shapley."""

    dimension: Literal["channel", "campaign", "asset", "topic", "kind", "actor"] = Field(
        "channel", description="whose values are removed to see what is lost"
    )
    order: Literal[1, 2, 3] = Field(1, description="how many touches back the next step depends on")
    stale_days: float = Field(
        180, gt=0, le=36_500, description="days without a sign of life after which an open deal counts as lost"
    )


class CustomModel(Section):
    """An own rule: percent per position, adding to 100."""

    first: float = Field(0, ge=0, le=100)
    lead_creation: float = Field(0, ge=0, le=100)
    deal_creation: float = Field(0, ge=0, le=100)
    last: float = Field(0, ge=0, le=100)
    middle: float = Field(0, ge=0, le=100)
    missing_share: MissingShare | None = None

    @model_validator(mode="after")
    def _adds_to_100(self) -> CustomModel:
        total = sum(self.percent.values())
        if abs(total - 100) > 1e-9:
            raise ValueError(f"its positions add to {total:g}; they must add to 100")
        return self

    @property
    def percent(self) -> dict[str, float]:
        """Percent per position."""
        return {position: getattr(self, position) for position in POSITIONS}


class Models(Section):
    """Parameters of models, and custom models."""

    missing_share: MissingShare = Field("proportional", description="what becomes of a share without a touch")
    time_decay: TimeDecay = TimeDecay()
    shapley: Shapley = Shapley()
    markov: Markov = Markov()
    options: dict[str, ModelOptions] = {}
    custom: dict[str, CustomModel] = {}

    @model_validator(mode="before")
    @classmethod
    def _gather_options(cls, data: Any) -> Any:
        """``[models.w_shaped] missing_share = …`` may be written for every built-in model."""
        if not isinstance(data, Mapping):
            return data
        own = {"time_decay", "shapley", "markov"}
        gathered = dict(data)
        gathered["options"] = {
            **dict(data.get("options", {})),
            **{name: gathered.pop(name) for name in MODEL_NAMES if name in gathered and name not in own},
        }
        return gathered

    @field_validator("custom")
    @classmethod
    def _names(cls, custom: dict[str, CustomModel]) -> dict[str, CustomModel]:
        for name in custom:
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or len(name) > 40:
                raise ValueError(f"custom model {name!r}: a name is a lower-case letter, then letters, digits or _ (at most 40)")
            if name in MODEL_NAMES or name in {"all", "markov", "markov_shapley", "custom"}:
                raise ValueError(f"custom model {name!r}: a built-in model has that name; take another")
        return custom

    def missing_share_of(self, name: str) -> str:
        """The policy that holds for one model."""
        if name in self.custom:
            own = self.custom[name].missing_share
        else:
            options = {"time_decay": self.time_decay, "shapley": self.shapley, "markov": self.markov, **self.options}
            own = options[name].missing_share if name in options else None
        return own or self.missing_share


class Content(Section):
    """When content is judged."""

    outdated_after_days: int = Field(1095, ge=1, le=36_500, description="days after its publication a piece is due for a look")


class Meeting(Section):
    """The revenue team's meeting: its rhythm, and what marketing and sales promised each other."""

    cadence_days: int = Field(14, ge=1, le=366, description="days from one meeting to the next")
    minutes: dict[str, int] = Field(default_factory=dict, description="minutes of a block, by its key; 0 leaves it out")
    goal_metric: str = Field("won_revenue", description="the metric of the shared goal in targets")
    leads_per_month: int | None = Field(None, ge=1, description="leads that marketing promised to hand over in a month")
    first_response_hours: float = Field(
        24, gt=0, le=10_000, description="business hours in which sales promised to answer a lead"
    )
    business_days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = Field(
        ("mon", "tue", "wed", "thu", "fri"), min_length=1, description="days that count as business days"
    )
    business_from: float = Field(9, ge=0, le=24, description="hour of the day at which business hours start")
    business_to: float = Field(17, ge=0, le=24, description="hour of the day at which business hours end")
    holidays: tuple[date, ...] = Field((), description="days on which nobody works")
    keep_versions: int = Field(6, ge=1, le=1000, description="newest closed meetings whose version of the data is kept")

    @field_validator("minutes")
    @classmethod
    def _known_blocks(cls, value: dict[str, int]) -> dict[str, int]:
        for name, minutes in value.items():
            if name not in MINUTES:
                raise ValueError(
                    f"{name!r} is no block of the meeting.{near_name(name, MINUTES) or ' Known: ' + ', '.join(MINUTES) + '.'}"
                )
            if not 0 <= minutes <= 240:
                raise ValueError(f"{name} = {minutes}: minutes lie between 0, which leaves the block out, and 240")
        return value

    @model_validator(mode="after")
    def _day_has_hours(self) -> Meeting:
        if self.business_from >= self.business_to:
            raise ValueError(
                f"business_from is {self.business_from:g} and business_to {self.business_to:g}; a day must start before it ends"
            )
        return self


class Database(Section):
    """How the database is kept."""

    keep_versions: int = Field(3, ge=1, le=1000, description="newest versions kept for readers and for going back")
    memory_limit: str = Field(
        "2.75GB",
        pattern=r"^[0-9]+(\.[0-9]+)? ?[KMGT]i?B$",
        description="most memory a build's tables may take; beyond it they go to disk",
    )


class Settings(Section):
    """All settings of a build."""

    reporting: Reporting = Reporting()
    journeys: Journeys = Journeys()
    models: Models = Models()
    channels: dict[str, Channel] = {}
    kinds: dict[str, Label] = {}
    topics: dict[str, Label] = {}
    reasons: dict[str, Label] = {}
    stages: Stages = Stages()
    content: Content = Content()
    meeting: Meeting = Meeting()
    database: Database = Database()

    @model_validator(mode="after")
    def _known_models(self) -> Settings:
        names = [*MODEL_NAMES, *self.models.custom]
        for key in ("model", "second_model"):
            name = getattr(self.reporting, key)
            if name not in names:
                raise ValueError(
                    f"reporting.{key} is {name!r}; no model has that name.{near_name(name, names) or ' Known: ' + ', '.join(names) + '.'}"
                )
        return self

    def all_models(self) -> tuple[Model, ...]:
        """Built-in models, then custom ones in the order of the settings."""
        return (*MODELS, *(custom_model(name, entry.percent) for name, entry in self.models.custom.items()))

    def policies(self) -> dict[str, str]:
        """Model name → what becomes of a share that has no touch to go to."""
        return {model.name: self.models.missing_share_of(model.name) for model in self.all_models()}

    def model(self, name: str) -> Model:
        """The model of that name; UnknownNameError with a near name otherwise."""
        for model in self.all_models():
            if model.name == name:
                return model
        names = [model.name for model in self.all_models()]
        raise UnknownNameError(unknown("model", name, names))

    def as_of_end(self) -> datetime | None:
        """The set as-of moment in UTC; a date alone means its end in the settings' time zone. None where not set."""
        moment = self.reporting.as_of
        if moment is None:
            return None
        zone = zoneinfo.ZoneInfo(self.reporting.time_zone)
        if not isinstance(moment, datetime):
            next_day = datetime.combine(moment + timedelta(days=1), time(), zone)
            return (next_day.astimezone(zoneinfo.ZoneInfo("UTC")) - timedelta(microseconds=1)).replace(tzinfo=None)
        local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return local.astimezone(zoneinfo.ZoneInfo("UTC")).replace(tzinfo=None)
