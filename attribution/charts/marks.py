"""What the pictures of the explore page are made of: rows and columns as marks, figures with their form, panels and grids of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from attribution.charts import formats
from attribution.charts.formats import Unit

SERIES = 8  # colours that can be told apart
SO_FAR = " (so far)"  # behind a time that has not ended

Slots = Mapping[str, int | None]  # channel → its colour
Values = Sequence[float | None]


@dataclass(frozen=True)
class Mark:
    """A row or a column: its key in the data, its kind (value, other, none, unattributed, total) and its name on screen."""

    key: str
    kind: str
    label: str


@dataclass(frozen=True)
class Form:
    """How a figure is written: ``kind`` is money, count, deals, share, days or times."""

    kind: str
    currency: str | None = None

    def unit(self, values: Values) -> Unit:
        """The scale of a picture's bare numbers."""
        known = [value for value in values if value is not None]
        if self.kind == "money":
            return formats.unit_for(known, self.currency)
        if self.kind == "share":
            return Unit(0.01, "%", None, 0 if max((abs(value) for value in known), default=1.0) >= 0.1 else 1)
        return Unit(
            1.0,
            {"days": "days"}.get(self.kind, ""),
            None,
            {"deals": 1, "times": 2 if max((abs(value) for value in known), default=0.0) < 10 else 1}.get(self.kind, 0),
        )

    def unit_of_cells(self, values: Values) -> Unit:
        """The scale of a table's numbers: one finer where small cells would read 0.00 beside large ones."""
        unit = self.unit(values)
        small = [abs(value) for value in values if value is not None and abs(value) >= 0.5]
        if self.kind == "money" and unit.scale > 1 and small and min(small) < 0.005 * unit.scale:
            finer = unit.scale / 1000
            return Unit(finer, next(suffix for scale, suffix in formats.SCALES if scale == finer), self.currency, 0)
        return unit

    def words(self, value: float | None) -> str:
        """A figure in a sentence: compact, with its unit."""
        if value is None:
            return formats.DASH
        match self.kind:
            case "money":
                return formats.money(value, self.currency)
            case "share":
                return formats.share(value)
            case "days":
                return formats.days(value)
            case "deals":
                whole = abs(value - round(value)) < 0.05
                return formats.count(value) if whole else f"{value:.1f}".replace("-", formats.MINUS)
            case "times":
                return formats.ratio(value)
            case _:
                return formats.count(value)

    def exact(self, value: float | None) -> str:
        """A figure on hover: money to the cent."""
        return formats.exact(value, self.currency) if self.kind == "money" and value is not None else self.words(value)


@dataclass(frozen=True)
class Panel:
    """One figure for every row. ``shares``: of the whole, where it can be added up. ``pale``: rows that stand on too little."""

    head: str
    form: Form
    values: tuple[float | None, ...]
    shares: tuple[float | None, ...] = ()
    pale: tuple[bool, ...] = ()
    column: Mark | None = None


@dataclass(frozen=True)
class Grid:
    """Rows by columns of one figure, with the totals beside and under it (None where there are none)."""

    rows: tuple[Mark, ...]
    columns: tuple[Mark, ...]
    cells: tuple[tuple[float | None, ...], ...]
    form: Form
    row_totals: tuple[float | None, ...] = ()
    column_totals: tuple[float | None, ...] = ()
    whole: float | None = None
    unit: Unit = field(default_factory=lambda: Unit(1.0, "", None, 0))
