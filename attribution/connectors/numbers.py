"""SQL that reads numbers from text: which mark is the decimal, and the value with it."""

from __future__ import annotations

from dataclasses import dataclass

from attribution.connectors.quoting import literal

MARKS = {".": "point", ",": "comma"}
# Blanks (also narrow and non-breaking ones) and apostrophes part thousands in French, Swiss and other numbers.
_GAPS = " \u00a0\u202f\u2009'’"


@dataclass(frozen=True)
class MarkEvidence:
    """How many numbers can only have a decimal point, only a decimal comma, or both, with examples."""

    point: int = 0
    comma: int = 0
    either: int = 0
    point_example: str | None = None
    comma_example: str | None = None
    either_example: str | None = None

    def plus(self, other: MarkEvidence) -> MarkEvidence:
        """Return the evidence of both."""
        return MarkEvidence(
            self.point + other.point,
            self.comma + other.comma,
            self.either + other.either,
            self.point_example or other.point_example,
            self.comma_example or other.comma_example,
            self.either_example or other.either_example,
        )


def mark_evidence_query(text: str, relation: str, is_rate: bool) -> str:
    """Return a query of one row, the fields of MarkEvidence. In a rate a single point is the decimal: 1.117 is no thousand."""
    point, comma = (f"regexp_full_match({text}, {literal(_only(mark, other))})" for mark, other in ((".", ","), (",", ".")))
    either = f"regexp_full_match({text}, {literal('[+-]?[1-9][0-9]{0,2}[,][0-9]{3}' if is_rate else '[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}')})"
    return f"""
        select
            count(*) filter (where reading = 'point'), count(*) filter (where reading = 'comma'), count(*) filter (where reading = 'either'),
            min(shown) filter (where reading = 'point'), min(shown) filter (where reading = 'comma'), min(shown) filter (where reading = 'either')
        from (
            select left({text}, 40) as shown,
                case when {either} then 'either' when {point} then 'point' when {comma} then 'comma' end as reading
            from {relation}
            where contains({text}, '.') or contains({text}, ',')
        )
    """


def _only(mark: str, other: str) -> str:
    """Return a pattern of the numbers in which ``mark`` must be the decimal."""
    gaps = "[" + _GAPS + "]"
    decimal, thousands = f"[{mark}]", f"[{other}]"
    return (
        rf"[+-]?(?:\d*{decimal}(?:\d{{1,2}}|\d{{4,}})|(?:0\d*|\d{{4,}}){decimal}\d{{3}}|{decimal}\d+|\d{{1,3}}(?:{thousands}\d{{3}})+{decimal}\d*"
        rf"|\d{{1,3}}(?:{thousands}\d{{3}}){{2,}}|\d{{1,3}}(?:{gaps}\d{{3}})+{decimal}\d+|\d+{decimal}\d+(?:[eE][+-]?\d+))(?:[eE][+-]?\d+)?"
    )


def has_letters(text: str) -> str:
    """Return SQL that tells whether the text holds a currency sign, a per cent sign or letters (other than the e of 1e5)."""
    return rf"regexp_matches(regexp_replace({text}, '(\d)[eE]([+-]?\d)', '\1\2'), '[\pL\p{{Sc}}%]')"


def plain(text: str, mark: str, is_rate: bool = False) -> str:
    """Return SQL for the number with a decimal point and nothing else; NULL where the text is no number in this notation."""
    other = "," if mark == "." else "."
    gaps = "[" + _GAPS + "]"
    pattern = rf"[+-]?(?:\d+|\d{{1,3}}(?:[{other}]\d{{3}})+|\d{{1,3}}(?:{gaps}\d{{3}})+)?(?:[{mark}]\d*)?(?:[eE][+-]?\d{{1,3}})?"
    removed = other + _GAPS
    stripped = f"translate({text}, {literal(removed)}, '')"
    if mark == ",":
        stripped = f"replace({stripped}, ',', '.')"
    simple = r"-?\d+(?:\.\d+)?" if mark == "." or is_rate else r"-?\d+"
    minus = f"replace({text}, '−', '-')"
    return f"""case
        when regexp_full_match({text}, {literal(simple)}) then {text}
        when regexp_full_match({minus}, {literal(pattern)}) and regexp_matches({text}, '^[+−-]?[.,]?\\d') then replace({stripped}, '−', '-')
    end"""
