"""A meeting as JSON and back: what was shown and written, readable by every later version of the program, and by nothing older.

A text says its layout in ``"layout"``. Adding a field with a default needs nothing (an older text lacks it and gets the default); any
other change raises LAYOUT and adds what brings the older text up to date to UPGRADES. Reading is strict: a field nobody knows, a text
where a number belongs or a newer layout is refused with its place, never guessed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from attribution.errors import DataError

LAYOUT = 1
# Layout of the text → what makes of it a text of the next layout.
UPGRADES: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}

T = TypeVar("T")


class FrozenError(DataError):
    """A frozen meeting that cannot be read, or something that cannot be frozen; the message says where."""


def freeze(value: Any) -> dict[str, Any]:
    """A dataclass of texts, numbers, dates, None and tuples of these as JSON knows it: the same value gives the same text.

    Raises FrozenError that names the place of anything else.
    """
    kind = type(value).__name__
    return {"layout": LAYOUT, "kind": kind, "value": _plain(value, kind)}


def thaw(held: Any, kind: type[T]) -> T:
    """What was frozen. Raises FrozenError where it is damaged, of a newer program, or of something else."""
    if not isinstance(held, Mapping) or type(held.get("layout")) is not int:
        raise FrozenError("The frozen meeting does not say its layout: this is no meeting of Closed Loop.")
    layout: int = held["layout"]
    if layout > LAYOUT:
        raise FrozenError(
            f"The meeting was frozen by a newer Closed Loop (layout {layout}, this program knows {LAYOUT}). Update the program."
        )
    held = dict(held)
    while layout < LAYOUT:
        if layout not in UPGRADES:
            raise FrozenError(f"The frozen meeting has layout {layout}, which never was. Restore the store from a backup.")
        held = UPGRADES[layout](held)
        layout += 1
    if held.get("kind") != kind.__name__:
        raise FrozenError(f"What was frozen is a {str(held.get('kind'))[:60]!r}, not a {kind.__name__}.")
    made: T = _made(held.get("value"), kind, kind.__name__)
    return made


def to_json(value: Any) -> str:
    """``freeze`` as text: one line, fields in alphabetical order, only letters of ASCII."""
    return json.dumps(freeze(value), ensure_ascii=True, allow_nan=False, separators=(",", ":"), sort_keys=True)


def from_json(text: str, kind: type[T]) -> T:
    """``thaw`` of a text."""
    try:
        held = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FrozenError(f"The frozen meeting cannot be read: {error}. Restore the store from a backup.") from error
    return thaw(held, kind)


def _plain(value: Any, place: str) -> Any:
    """A value as JSON knows it. Numbers that are none (not a number, infinite) become nothing."""
    if is_dataclass(value) and not isinstance(value, type):
        return {entry.name: _plain(getattr(value, entry.name), f"{place}.{entry.name}") for entry in fields(value)}
    if isinstance(value, (tuple, list)):
        return [_plain(item, f"{place}[{number}]") for number, item in enumerate(value)]
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item()  # a number of NumPy
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, (float, Decimal)):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise FrozenError(f"{place} is a {type(value).__name__}; a meeting keeps texts, numbers, dates and tuples of these.")


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _made(value: Any, kind: Any, place: str) -> Any:
    """A value of this type from what JSON holds."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _one_of(value, get_args(kind), place)
    if origin is Literal:
        if value in get_args(kind) and not isinstance(value, bool):
            return value
        raise _wrong(place, value, " or ".join(map(str, get_args(kind))))
    if origin is tuple:
        return _tuple(value, get_args(kind), place)
    if is_dataclass(kind) and isinstance(kind, type):
        return _record(value, kind, place)
    return _atom(value, kind, place)


def _one_of(value: Any, kinds: tuple[Any, ...], place: str) -> Any:
    if value is None and NoneType in kinds:
        return None
    for kind in kinds:
        if kind is NoneType or (kind is float and type(value) is int and int in kinds):
            continue  # 3 stays a whole number where both are allowed
        try:
            return _made(value, kind, place)
        except FrozenError:
            if is_dataclass(kind):
                raise  # says the place inside
    raise _wrong(place, value, " or ".join(getattr(kind, "__name__", str(kind)) for kind in kinds))


def _tuple(value: Any, kinds: tuple[Any, ...], place: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _wrong(place, value, "a list")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_made(item, kinds[0], f"{place}[{number}]") for number, item in enumerate(value))
    if len(value) != len(kinds):
        raise _wrong(place, value, f"a list of {len(kinds)}")
    return tuple(_made(item, kind, f"{place}[{number}]") for number, (item, kind) in enumerate(zip(value, kinds, strict=True)))


def _record(value: Any, kind: type, place: str) -> Any:
    if not isinstance(value, dict):
        raise _wrong(place, value, f"a {kind.__name__}")
    known = {entry.name: entry for entry in fields(kind)}
    if strange := sorted(set(value) - set(known)):
        raise FrozenError(
            f"{place}: nobody knows the field {strange[0][:60]!r}. The text is damaged, or of a newer program: update it."
        )
    hints = _hints(kind)
    given = {}
    for name, entry in known.items():
        if name in value:
            given[name] = _made(value[name], hints[name], f"{place}.{name}")
        elif entry.default is MISSING and entry.default_factory is MISSING:
            raise FrozenError(f"{place}.{name} is missing. The text is damaged: restore the store from a backup.")
    return kind(**given)


def _atom(value: Any, kind: Any, place: str) -> Any:
    if kind is float and type(value) in (int, float):
        return float(value)
    if kind is date and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise _wrong(place, value, "a date") from error
    if kind in (str, int, bool) and type(value) is kind:
        return value
    raise _wrong(place, value, getattr(kind, "__name__", str(kind)))


def _wrong(place: str, value: Any, wanted: str) -> FrozenError:
    return FrozenError(
        f"{place} is {str(value)[:60]!r}; it must be {wanted}. The text is damaged: restore the store from a backup."
    )
