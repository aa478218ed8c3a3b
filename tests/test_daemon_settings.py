"""Settings: three sources, one frozen object, no unknown key."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from daemon.settings import Settings, SettingsMistake, read


def test_options_win_over_environment_over_file(tmp_path: Path) -> None:
    file = tmp_path / "voiced.toml"
    file.write_text('engine = "tone"\nqueue = 3\nslots = 2\n')
    settings = read({"slots": 8}, config=file, environ={"VOICED_QUEUE": "5", "VOICED_SLOTS": "4"})
    assert (settings.engine, settings.queue, settings.slots) == ("tone", 5, 8)


def test_the_file_is_named_by_the_environment_or_found_in_the_configuration_folder(tmp_path: Path) -> None:
    (tmp_path / "voiced.toml").write_text("queue = 7\n")
    assert read(environ={"VOICED_CONFIG": str(tmp_path / "voiced.toml")}).queue == 7
    assert read(environ={"CONFIGURATION_DIRECTORY": str(tmp_path)}).queue == 7
    assert read(environ={"CONFIGURATION_DIRECTORY": str(tmp_path / "nothing")}).queue == 64


@pytest.mark.parametrize("source", ["option", "environment", "file"])
def test_an_unknown_key_names_the_known_ones(tmp_path: Path, source: str) -> None:
    file = tmp_path / "voiced.toml"
    file.write_text('enigne = "tone"\n' if source == "file" else "")
    environ = {"VOICED_ENIGNE": "tone"} if source == "environment" else {}
    options = {"enigne": "tone"} if source == "option" else {}
    with pytest.raises(SettingsMistake) as caught:
        read(options, config=file, environ=environ)
    assert "unknown setting 'enigne'" in str(caught.value)
    assert "engine" in str(caught.value).split("known settings:")[1].split()


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(SettingsMistake) as caught:
        read({"engine": "festival", "slots": 0, "drain": "soon"}, environ={})
    assert {"engine:", "slots:", "drain:"} <= set(str(caught.value).split())


def test_a_file_that_is_missing_or_not_toml_is_a_clear_mistake(tmp_path: Path) -> None:
    with pytest.raises(SettingsMistake, match="cannot read the config file"):
        read(config=tmp_path / "nowhere.toml", environ={})
    with pytest.raises(SettingsMistake, match="cannot read the config file"):
        read(config=Path("~nobody-here/voiced.toml"), environ={})
    (tmp_path / "bad.toml").write_text("engine = ")
    with pytest.raises(SettingsMistake, match="is not TOML"):
        read(config=tmp_path / "bad.toml", environ={})


def test_lists_are_split_at_commas_in_the_environment() -> None:
    settings = read(environ={"VOICED_WYOMING": "tcp://127.0.0.1:1, unix:///run/v.sock"})
    assert settings.wyoming == ("tcp://127.0.0.1:1", "unix:///run/v.sock")


def test_settings_are_frozen() -> None:
    settings = read(environ={})
    with pytest.raises(ValidationError):
        settings.queue = 1  # type: ignore[misc]


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    environ = {"VOICED_SLOTS": "", "VOICED_VOICE": " ", "VOICED_WYOMING": "", "VOICED_DATA_DIR": "", "VOICED_DEBUG": ""}
    assert read(environ=environ) == read(environ={})


def test_a_variable_that_is_no_setting_stops_nobody() -> None:
    assert read(environ={"VOICED_API_KEY": "secret"}) == read(environ={})


def test_none_is_no_limit_no_name_and_no_entry(tmp_path: Path) -> None:
    file = tmp_path / "voiced.toml"
    file.write_text('runs_max_days = "none"\nhttp = "none"\n')
    settings = read({"keep_runs": ["none"]}, config=file, environ={"VOICED_RUNS_MAX_MB": "none"})
    assert (settings.runs_max_days, settings.runs_max_mb, settings.keep_runs) == (None, None, ())
    assert settings.http == "none"  # the word itself, as the door knows it
    with pytest.raises(SettingsMistake, match="slots"):
        read({"queue": "none", "slots": "nothing"}, environ={})


def test_a_door_that_does_not_exist_is_no_door_to_keep_runs_of() -> None:
    assert read({"keep_runs": ["rest,say", "studio"]}, environ={}).keep_runs == ("rest", "say", "studio")
    with pytest.raises(SettingsMistake, match="rset"):
        read(environ={"VOICED_KEEP_RUNS": "rset"})


def test_the_tilde_is_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "voiced.toml").write_text('data_dir = "~/voices"\n')
    assert read(config=Path("~/voiced.toml"), environ={}).data_dir == tmp_path / "voices"
    settings = read(environ={"VOICED_CONFIG": "~/voiced.toml", "VOICED_API_KEYS": "~/keys"})
    assert (settings.data_dir, settings.api_keys) == (tmp_path / "voices", tmp_path / "keys")
    with pytest.raises(SettingsMistake, match="data_dir"):
        read({"data_dir": "~nobody-here/x"}, environ={})


@pytest.mark.parametrize(
    "line", ["slots = {a = 1}", "[queue]", "wyoming = [1]", "slots = 2.5", "drain = inf", "deadline = nan"]
)
def test_a_value_of_another_shape_is_told_with_its_key(tmp_path: Path, line: str) -> None:
    file = tmp_path / "voiced.toml"
    file.write_text(line)
    with pytest.raises(SettingsMistake, match=line.strip("[]").split()[0]):
        read(config=file, environ={})
    file.write_text("slots = 2.0\ndeadline = 3\n")
    assert read(config=file, environ={}).slots == 2
