"""SQL that reads dates and times from text: which order day and month have, and each value as wall clock, offset and precision.

Shapes: ISO with T or blank, fractions and offsets; H:MM with or without seconds, AM/PM; year first with - / .; day and month first with - / .
(the order must be known, only dots mean day first by themselves); YYYYMMDD; epoch seconds, ms or µs; month names in English.
"""

from __future__ import annotations

from dataclasses import dataclass

from attribution.connectors.quoting import literal

ORDERS = {"ymd": "year-month-day", "mdy": "month/day/year", "dmy": "day/month/year"}

_PARTS = (
    r"^(\S+?)(?:(?:[Tt ]|, )\s*(\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)\s*(?:([AaPp])\.?\s?[Mm]\.?)?\s*"
    r"(Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?$"
)
_TRIPLE = r"^(\d{1,2})([-/.])(\d{1,2})[-/.]\d{4}(?:$|[Tt ,])"
# The year is the last of three parts, or the first, and has two digits: 31.01.26, 1/31/26, 3-Jan-26, Tue, 3 Jan 26, Jan 3, 26.
_TWO_DIGIT_YEAR = r"^(?:[A-Za-z]{3}, ?)?(?:\d{1,2}[-/.]\d{1,2}[-/.]\d{2}|\d{1,2}[- ]?[A-Za-z]{3,9}\.?,?[- ]?\d{2}|[A-Za-z]{3,9}\.? \d{1,2},? \d{2})(?:$|[Tt ,])"
_FIRST_DAY, _LAST_DAY = "1900-01-01", "2200-12-31"
_EPOCH = r"\d{10}(?:\.\d{1,9})?|\d{13}|\d{16}"
_WORD_DAYS = ("%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%b %d %Y", "%d %B %Y", "%B %d, %Y", "%B %d %Y", "%a, %d %b %Y")
_WORD_FORMATS = [day + clock for day in _WORD_DAYS for clock in ("", " %H:%M", " %H:%M:%S", " %I:%M %p", ", %I:%M %p")]


@dataclass(frozen=True)
class OrderEvidence:
    """How many dates of a column can only be day first, only month first, or both, with an example of each; ``dotted`` of both use dots."""

    day_first: int = 0
    month_first: int = 0
    either: int = 0
    dotted: int = 0
    day_first_example: str | None = None
    month_first_example: str | None = None
    either_example: str | None = None

    def plus(self, other: OrderEvidence) -> OrderEvidence:
        """Return the evidence of both."""
        return OrderEvidence(
            self.day_first + other.day_first,
            self.month_first + other.month_first,
            self.either + other.either,
            self.dotted + other.dotted,
            self.day_first_example or other.day_first_example,
            self.month_first_example or other.month_first_example,
            self.either_example or other.either_example,
        )


def order_evidence_query(text: str, relation: str) -> str:
    """Return a query of one row, the fields of OrderEvidence, over a text column."""
    return f"""
        with parts as (
            select shown, try_cast(part.first_part as integer) as first_part, try_cast(part.second_part as integer) as second_part, part.mark
            from (
                select left({text}, 40) as shown, regexp_extract({text}, {literal(_TRIPLE)}, ['first_part', 'mark', 'second_part']) as part
                from {relation}
                where {text} is not null and not {text} like '____-%'
            )
            where part.mark <> ''
        )
        select
            count(*) filter (where first_part > 12 and second_part <= 12),
            count(*) filter (where second_part > 12 and first_part <= 12),
            count(*) filter (where first_part <= 12 and second_part <= 12 and first_part <> second_part),
            count(*) filter (where first_part <= 12 and second_part <= 12 and first_part <> second_part and mark = '.'),
            min(shown) filter (where first_part > 12 and second_part <= 12),
            min(shown) filter (where second_part > 12 and first_part <= 12),
            min(shown) filter (where first_part <= 12 and second_part <= 12 and first_part <> second_part)
        from parts
    """


def parts(text: str) -> str:
    """Return SQL that splits a date-time text into day, clock, half (of the day) and zone."""
    return f"regexp_extract({text}, {literal(_PARTS)}, ['day', 'clock', 'half', 'zone'])"


def numeric(split: str, order: str) -> str:
    """Return SQL for a date and time written in figures, before AM or PM counts; NULL where it is none. ``split``: result of ``parts``."""
    day = f"{split}.day"
    swapped = r"\3-\1-\2" if order == "mdy" else r"\3-\2-\1"
    figures = r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})" if order != "ymd" else r"(\d{1,2})\.(\d{1,2})\.(\d{4})"
    iso_day = f"""case
        when {day} like '____-__-__' then {day}
        when regexp_full_match({day}, '\\d{{4}}[-/.]\\d{{1,2}}[-/.]\\d{{1,2}}') then translate({day}, '/.', '--')
        when regexp_full_match({day}, '(19|20)\\d{{6}}') then left({day}, 4) || '-' || substr({day}, 5, 2) || '-' || right({day}, 2)
        when regexp_full_match({day}, {literal(figures)}) then regexp_replace({day}, {literal(figures)}, {literal(swapped)})
    end"""
    return f"try_cast(({iso_day}) || ' ' || case when {split}.clock = '' then '00:00' else replace({split}.clock, ',', '.') end as timestamp)"


def wall_clock(text: str, split: str, figures: str) -> str:
    """Return SQL for the date and time as written (TIMESTAMP, NULL where there is none such). ``figures``: result of ``numeric``."""
    epoch = f"try(make_timestamp(cast(cast({text} as decimal(28, 9)) * {_epoch_factor(text)} as bigint)))"
    words = f"try_strptime({text}, [{', '.join(literal(form) for form in _WORD_FORMATS)}])"
    return f"""case
        when {figures} is not null and {split}.half = '' then {figures}
        when {figures} is not null then case
            when hour({figures}) = 0 or hour({figures}) > 12 then null
            when lower({split}.half) = 'a' and hour({figures}) = 12 then {figures} - interval 12 hour
            when lower({split}.half) = 'p' and hour({figures}) < 12 then {figures} + interval 12 hour
            else {figures}
        end
        when {is_epoch(text)} then {epoch}
        when regexp_matches({text}, '[A-Za-z]{{3}}') then {words}
    end"""


def implausible(wall: str) -> str:
    """Return SQL that tells whether a moment lies in a year that no business record has, such as 26 or 9999."""
    return f"({wall} < timestamp '{_FIRST_DAY}' or {wall} > timestamp '{_LAST_DAY} 23:59:59.999999')"


def has_two_digit_year(text: str) -> str:
    """Return SQL that tells whether the text is a date whose year has two digits; which century is meant is never guessed."""
    return f"regexp_matches({text}, {literal(_TWO_DIGIT_YEAR)})"


def _epoch_factor(text: str) -> str:
    whole = f"not contains({text}, '.')"
    return f"(case when length({text}) = 13 and {whole} then 1000 when length({text}) = 16 and {whole} then 1 else 1000000 end)"


def is_epoch(text: str) -> str:
    """Return SQL that tells whether the text is seconds, milliseconds or microseconds since 1970."""
    return f"regexp_full_match({text}, {literal(_EPOCH)})"


def offset_minutes(text: str, split: str) -> str:
    """Return SQL for the offset from UTC in minutes; NULL where none is written. Epochs are UTC."""
    zone = f"{split}.zone"
    digits = f"replace({zone}, ':', '')"
    return f"""case
        when {zone} = '' then case when {is_epoch(text)} then 0 end
        when upper({zone}) in ('Z', 'UTC', 'GMT') then 0
        else (case when left({zone}, 1) = '-' then -1 else 1 end)
            * (cast(substr({digits}, 2, 2) as integer) * 60 + coalesce(try_cast(substr({digits}, 4, 2) as integer), 0))
    end"""


def precision(text: str, split: str) -> str:
    """Return SQL for how exact the value is: 'day', 'minute' or 'exact'."""
    return f"""case
        when {is_epoch(text)} then 'exact'
        when not contains({text}, ':') then 'day'
        when regexp_matches({text}, ':\\d{{2}}:\\d{{2}}') then 'exact'
        else 'minute'
    end"""


def to_utc(wall: str, time_zone: str) -> str:
    """Return SQL that turns a wall clock of the time zone into UTC."""
    if time_zone == "UTC":
        return f"({wall})"
    return f"make_timestamp(epoch_us(timezone({literal(time_zone)}, {wall})))"  # half the time of a second timezone()


def to_wall(instant: str, time_zone: str) -> str:
    """Return SQL that turns UTC into a wall clock of the time zone."""
    if time_zone == "UTC":
        return f"({instant})"
    return f"timezone({literal(time_zone)}, make_timestamptz(epoch_us({instant})))"
