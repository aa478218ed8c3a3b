"""The command line's grammar."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from daemon import cli, options
from daemon.settings import Settings


def test_every_setting_is_an_option_of_serve() -> None:
    args = cli.parse(["serve"])
    assert set(args.settings) == set(Settings.model_fields)
    assert options.given(args) == {}


def test_options_of_the_contract() -> None:
    words = (
        "serve --data-dir /d --config c.toml --wyoming tcp://127.0.0.1:1 --wyoming unix:///w --http 127.0.0.1:2 --model m"
        " --engine tone --device cpu --dtype int8 --slots 3 --voice v --idle-unload 60 --zeroconf --api-keys k"
        " --log-format json --debug --no-streaming"
    )
    args = cli.parse(words.split())
    assert args.config == Path("c.toml")
    given = options.given(args)
    assert given["wyoming"] == ["tcp://127.0.0.1:1", "unix:///w"]
    assert (given["zeroconf"], given["debug"], given["streaming"], given["slots"]) == ("auto", True, False, "3")
    assert cli.parse(["serve", "--zeroconf", "kitchen"]).zeroconf == "kitchen"


def test_pipers_names_are_understood() -> None:
    given = options.given(cli.parse("serve --uri tcp://0.0.0.0:10200 --sentence-silence 0.25".split()))
    assert given == {"wyoming": ["tcp://0.0.0.0:10200"], "sentence_gap": 250}
    with pytest.raises(SystemExit):
        cli.parse("serve --sentence-silence long".split())


def test_a_command_is_needed_and_must_be_known(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["sing"], ["serve", "--engine", "festival"], ["serve", "--frobnicate"]):
        with pytest.raises(SystemExit) as caught:
            cli.parse(words)
        assert caught.value.code == 2
    assert "festival" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["serve", "say", "models", "voices", "runs", "bench", "doctor"])
def test_each_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.parse([command, "--help"])
    assert caught.value.code == 0
    assert "options:" in capsys.readouterr().out


def test_the_version_is_told() -> None:
    done = subprocess.run([sys.executable, "-m", "daemon", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("voiced 0.")
