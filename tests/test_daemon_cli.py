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


@pytest.mark.parametrize(
    "words",
    [
        "runs show --data-dir /d 66ffb510aa --json", "runs --json show 66ffb510aa --data-dir /d",
        "runs show 66ffb510aa --data-dir /d --json",
    ],
)  # fmt: skip
def test_options_may_stand_anywhere(words: str) -> None:
    args = cli.parse(words.split())
    assert (args.action, args.run, args.json) == ("show", "66ffb510aa", True)
    assert options.given(args) == {"data_dir": "/d"}


def test_options_may_stand_before_what_they_are_about() -> None:
    args = cli.parse("run long_form -p voice=heart --seed 3 book.txt".split())
    assert (args.pipeline, args.input, args.option, args.seed) == ("long_form", "book.txt", ["voice=heart"], 3)
    args = cli.parse("models pull --from modelscope qwen3-tts-tokenizer".split())
    assert (args.action, args.name, args.source) == ("pull", "qwen3-tts-tokenizer", "modelscope")
    args = cli.parse("voices mix ryan --id both vivian=2".split())
    assert (args.action, args.shares, args.new_id) == ("mix", ["ryan", "vivian=2"], "both")
    assert cli.parse(["runs", "--json"]).action == "list"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("--verify book.txt", 3), ("--verify 5 book.txt", 5), ("--verify=5 book.txt", 5), ("book.txt --verify", 3),
        ("book.txt --verify 5", 5), ("--verify -p a=1 book.txt", 3), ("--verify -1 book.txt", -1), ("book.txt", 0),
    ],
)  # fmt: skip
def test_the_number_of_takes_may_be_left_out_anywhere(words: str, found: int) -> None:
    args = cli.parse(["run", "long_form", *words.split()])
    assert (args.input, args.verify) == ("book.txt", found)


def test_what_stands_behind_two_dashes_is_no_option() -> None:
    args = cli.parse(["say", "--verify", "--", "--verify"])
    assert (args.text, args.verify) == ("--verify", 3)


@pytest.mark.parametrize("command", ["serve", "say", "models", "voices", "runs", "bench", "doctor"])
def test_each_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.parse([command, "--help"])
    assert caught.value.code == 0
    assert "options:" in capsys.readouterr().out


def test_the_version_is_told() -> None:
    done = subprocess.run([sys.executable, "-m", "daemon", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("voiced 0.")
