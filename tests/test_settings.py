"""attribution.toml and --set: what is wrong is said with its place, the near name and the default."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from attribution.config import Settings
from attribution.errors import SettingsError
from attribution.settings_file import read_settings, settings_from_json, with_overrides


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("journeys.lokback_days=9", "Did you mean 'lookback_days'?"),
        ("journeys.lookback_days=-1", "Try 540 (the default)."),
        ("journeys.grain=hour", "'event' or 'day'"),
        ("models.time_decay.half_life_days=0", "Try 30 (the default)."),
        ("models.time_decays.half_life_days=3", "Did you mean 'time_decay'?"),
        ("models.w_shaped.missing_share=half", "'proportional', 'equal' or 'unattributed'"),
        ("models.custom.mine.first=40", "they must add to 100"),
        ("models.custom.Mine.first=100", "a name is a lower-case letter"),
        ("models.custom.linear.first=100", "a built-in model has that name"),
        ("models.custom.mine.second=100", "second"),
        ("reporting.model=w_shape", "Did you mean 'w_shaped'?"),
        (
            "reporting.time_zone=localtime",
            "whatever this computer is set to, and figures must be the same on every one. Write it like 'Europe/Berlin'.",
        ),
        ("reporting.time_zone=Europe/Berln", "Did you mean 'Europe/Berlin'?"),
        ("reporting.fiscal_year_starts=13", "fiscal_year_starts"),
        ("reporting=3", "reporting"),
        ("reporting.agreed_on=yesterday", "agreed_on"),
        ("nonsense", "write it as KEY=VALUE"),
        ("chanels.x.team=sales", "Did you mean 'channels'?"),
    ],
)
def test_a_wrong_setting_is_named(override: str, words: str) -> None:
    with pytest.raises(SettingsError) as error:
        read_settings(overrides=[override])
    assert words in str(error.value)


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "attribution.toml").write_text("[reporting\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"attribution\.toml: this is not valid TOML"):
        read_settings(tmp_path)
    with pytest.raises(SettingsError, match="there is no such settings file"):
        read_settings(tmp_path, tmp_path / "other.toml")


def test_the_folder_s_file_comes_before_the_repository_s(tmp_path: Path) -> None:
    (tmp_path / "attribution.toml").write_text("[journeys]\nlookback_days = 7\n", encoding="utf-8")
    assert read_settings(tmp_path).journeys.lookback_days == 7
    assert read_settings(tmp_path, overrides=["journeys.lookback_days=8"]).journeys.lookback_days == 8
    other = tmp_path / "other.toml"
    other.write_text("[journeys]\nlookback_days = 9\n", encoding="utf-8")
    assert read_settings(tmp_path, other).journeys.lookback_days == 9


def test_the_repository_s_file_states_the_defaults() -> None:
    """It documents every default; a default that changes in one place only would be a lie in the other."""
    written, defaults = read_settings(), Settings()
    assert written.model_copy(update={"channels": {}}) == defaults
    assert written.reporting.currency is None
    assert written.reporting.as_of is None


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2026-03-29", datetime(2026, 3, 29, 21, 59, 59, 999999)),  # the day on which summer time begins in Berlin
        ("2026-03-28", datetime(2026, 3, 28, 22, 59, 59, 999999)),
        ("2026-03-28T12:00:00", datetime(2026, 3, 28, 11)),
        ("2026-03-28T12:00:00Z", datetime(2026, 3, 28, 12)),
    ],
)
def test_as_of_is_the_end_of_its_day_in_the_time_zone(as_of: str, expected: datetime) -> None:
    settings = read_settings(overrides=["reporting.time_zone=Europe/Berlin", f"reporting.as_of={as_of}"])
    assert settings.as_of_end() == expected
    assert settings_from_json(settings.model_dump_json()).as_of_end() == expected


def test_settings_survive_their_document() -> None:
    settings = read_settings(
        overrides=[
            "models.custom.mine.first=100",
            "models.linear.missing_share=equal",
            'journeys.actors=["buyer"]',
            "channels.events.team=sales",
            "reporting.agreed_on=2026-03-12",
        ]
    )
    assert settings_from_json(settings.model_dump_json()) == settings
    assert with_overrides(settings, ["journeys.grain=event"]).models.custom.keys() == {"mine"}
    assert settings.models.missing_share_of("linear") == "equal"
    assert settings.models.missing_share_of("mine") == "proportional"


def test_a_day_stays_a_day_through_overrides() -> None:
    """As-of as a day means its end; a what-if must not turn it into the midnight at which it begins."""
    built = read_settings(None, None, ["reporting.as_of=2026-06-30"])
    assert built.reporting.as_of == date(2026, 6, 30)
    assert with_overrides(built, ["journeys.lookback_days=90"]).reporting.as_of == built.reporting.as_of
    assert with_overrides(built, ["journeys.lookback_days=90"]).as_of_end() == built.as_of_end()


@pytest.mark.parametrize(
    ("text", "is_fine"), [("2GB", True), ("512 MiB", True), ("2", False), ("-1GB", False), ("2GB'; drop table x", False)]
)
def test_a_memory_limit_is_a_number_with_a_unit(text: str, is_fine: bool) -> None:
    if is_fine:
        assert read_settings(None, None, [f"database.memory_limit={text}"]).database.memory_limit == text
    else:
        with pytest.raises(SettingsError, match=r"database\.memory_limit"):
            read_settings(None, None, [f'database.memory_limit="{text}"'])
