"""Where settings come from: attribution.toml and ``--set KEY=VALUE`` → ``Settings``; what is wrong there, in words.

Read from ``--config FILE``, else ``attribution.toml`` in the data folder, else the repository's, else the defaults;
``--set`` comes on top. A build stores its settings in the database and later commands start from those.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from attribution.config import Channel, CustomModel, Label, ModelOptions, Models, Settings
from attribution.errors import SettingsError, near_name
from attribution.models import MODEL_NAMES

SETTINGS_FILE = "attribution.toml"
REPOSITORY = Path(__file__).resolve().parent.parent


def read_settings(data: Path | None = None, config: Path | None = None, overrides: Sequence[str] = ()) -> Settings:
    """Read the settings that hold for a data folder, with ``KEY=VALUE`` overrides on top. Raises SettingsError."""
    candidates = [config] if config else [folder / SETTINGS_FILE for folder in (data, REPOSITORY) if folder]
    for path in candidates:
        if path and path.is_file():
            return _validated(_with_overrides(_parse(path), overrides), path.name)
        if config:
            raise SettingsError(f"{config}: there is no such settings file. Check the path given with --config.")
    return _validated(_with_overrides({}, overrides), "the settings")


def settings_from_json(text: str) -> Settings:
    """Settings as a build stored them in its database."""
    return Settings.model_validate_json(text)


def with_overrides(settings: Settings, overrides: Sequence[str]) -> Settings:
    """The same settings with ``KEY=VALUE`` overrides on top. Raises SettingsError."""
    if not overrides:
        return settings
    return _validated(_with_overrides(json.loads(settings.model_dump_json()), overrides), "--set")


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path.name}: this is not valid TOML ({error}). Mend that line; see https://toml.io for the format."
        ) from error
    except OSError as error:
        raise SettingsError(f"{path.name}: cannot be read ({error.strerror}). Check the file's permissions.") from error


def _with_overrides(tree: dict[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    for override in overrides:
        key, separator, text = override.partition("=")
        if not separator or not key.strip():
            raise SettingsError(f"--set {override!r}: write it as KEY=VALUE, for example --set journeys.lookback_days=90.")
        parts = key.strip().split(".")
        branch = tree
        for part in parts[:-1]:
            branch = branch.setdefault(part, {})
            if not isinstance(branch, dict):
                raise SettingsError(f"--set {override!r}: {part!r} is a value, not a section.")
        branch[parts[-1]] = _toml_value(text.strip())
    return tree


def _toml_value(text: str) -> Any:
    """A TOML value; a bare word is text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _validated(tree: dict[str, Any], where: str) -> Settings:
    try:
        return Settings.model_validate(tree)
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(where, item) for item in error.errors())) from error


def _sentence(where: str, item: Any) -> str:
    """One pydantic error as a sentence that says where, what and what next."""
    place = [str(part) for part in item["loc"]]
    if place[:2] == ["models", "options"]:
        place.pop(1)
    key = ".".join(place)
    value = item.get("input")
    if item["type"] == "extra_forbidden":
        known = _known_keys(place[:-1])
        hint = near_name(place[-1], known) or " Known here: " + ", ".join(known) + "."
        return f"{where}: {key} is not a setting.{hint}"
    message = item["msg"].removeprefix("Value error, ")
    message += "" if message.endswith((".", "?")) else "."
    if item["type"] == "value_error" and (not place or isinstance(value, (Mapping, BaseModel))):
        return f"{where}: {key + ': ' if key else ''}{message}"
    shown = f"{value!r}" if not isinstance(value, Mapping) else "a section"
    default = _default(place)
    hint = f" Try {default!r} (the default)." if default not in (None, "") else ""
    return f"{where}: {key} is {shown}; {message[0].lower()}{message[1:]}{hint}"


def _section(place: Sequence[str]) -> Any:
    """The settings object at a place; None where that is a name chosen by the user."""
    current: Any = Settings()
    for part in place:
        if isinstance(current, Models) and part == "custom":
            return CustomModel(first=100)
        if isinstance(current, Models) and part in MODEL_NAMES:
            return getattr(current, part, ModelOptions())
        current = getattr(current, part, None)
        if isinstance(current, dict):
            return {"channels": Channel(), "custom": CustomModel(first=100)}.get(part, Label())
    return current


def _known_keys(place: Sequence[str]) -> list[str]:
    section = _section(place)
    fields = type(section).model_fields if isinstance(section, BaseModel) else {}
    return [*(name for name in fields if name != "options"), *(MODEL_NAMES if isinstance(section, Models) else ())]


def _default(place: Sequence[str]) -> Any:
    section = _section(place[:-1]) if place else None
    value = getattr(section, place[-1], None) if section is not None else None
    return value if isinstance(value, (str, int, float)) else None
