"""The table of credit: measures by dimensions under one or several models, rounded so that its rows add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from attribution import query
from attribution.errors import UnknownNameError
from attribution.filters import Filters
from attribution.metrics import MEASURES, Metric, metric
from attribution.models.learned import learned, not_learned
from attribution.rounding import CENT, MILLIONTH, floats_that_add_up, half_up

if TYPE_CHECKING:
    from attribution.dataset import Dataset


def credit_rows(
    ds: Dataset, model: str | None, by: Sequence[str], measures: Sequence[str], filters: Filters
) -> list[dict[str, Any]]:
    """``Dataset.credit`` as plain rows."""
    for name in measures:
        if name not in MEASURES:
            raise UnknownNameError(f"--measure: unknown measure {name!r}. Known: {', '.join(MEASURES)}.")
    names = [entry.name for entry in ds.models] if model == "all" else [model or ds.settings.reporting.model]
    keys = [*(query.column_name(name, measures) for name in by), "model"]
    count = len(by)
    rows: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    for name, found in _by_model(ds, names, by, measures, filters):
        texts = [tuple("" if value is None else str(value) for value in row[:count]) for row in found]
        columns = [
            _rounded(metric(measure), [row[count + 1 + place] for row in found], texts) for place, measure in enumerate(measures)
        ]
        for place, row in enumerate(found):
            values = dict(zip(keys, (*row[:count], name), strict=True))
            values.update(zip(measures, (column[place] for column in columns), strict=True))
            # is_unattributed last: a channel may be called "Unattributed" as well
            rows.append(((texts[place], name, row[count]), values))
    rows.sort(key=lambda row: row[0])
    return [values for _, values in rows]


def _by_model(
    ds: Dataset, names: Sequence[str], by: Sequence[str], measures: Sequence[str], filters: Filters
) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """Each model with its rows: the dimensions, is_unattributed, the measures. Credits under several models are read once."""
    if len(names) == 1 or any(metric(measure).source != "credits" for measure in measures):
        for name in names:
            question = ds.question(measures, by, filters, name)
            yield name, ds.rows(question.sql, question.parameters)
        return
    models = [ds.settings.model(name) for name in names]
    for some in (not_learned(models), learned(models)):  # they are answered by other tables
        question = query.credits_query(measures, by, ds.resolve(filters), some, ds.extra_dimensions)
        rows, keys, width = ds.rows(question.sql, question.parameters), len(by) + 1, len(measures) + 1
        for place, model in enumerate(some):
            start = keys + place * width  # where the number of this model's rows stands; its measures follow
            yield model.name, [(*row[:keys], *row[start + 1 : start + width]) for row in rows if row[start]]


def _rounded(entry: Metric, column: list[Any], names: list[tuple[str, ...]]) -> list[float | None]:
    """One measure over the rows of a table. Parts of a whole are rounded so that they add up to the rounded whole."""
    if entry.source == "ratio":
        return [None if value is None else float(value) for value in column]
    values = [0.0 if value is None else float(value) for value in column]
    if entry.additive and entry.format in ("money", "deals"):
        unit = CENT if entry.format == "money" else MILLIONTH
        return [*floats_that_add_up(values, names, unit=unit)]
    if entry.format == "money":
        return [float(half_up(value)) for value in values]
    return [round(value, 6) + 0.0 for value in values]
