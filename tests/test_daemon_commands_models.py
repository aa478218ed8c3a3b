"""`voiced models`: what it prints and how it ends, and real processes that are cut, killed and interrupted."""

from __future__ import annotations

import json
import os
import pty
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.command import VOICED, around, hear_ctrl_c, voiced
from tests.folders import COMMIT, FOLDER, SLUG, WEIGHTS, flip, lay, model
from tests.hub import Hub, hub
from tests.models_command import Done, Run, models, pull, weights
from tests.tricks import Cut, Hang, Page, Status

__all__ = ["hub", "models", "pull"]


def process(folder: Path, *words: str) -> Done:
    """`voiced models …` in a process of its own, to its end."""
    done = voiced("models", *words, "--data-dir", str(folder))
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def hanging(hub: Hub, folder: Path, at: int, stderr: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """A process that pulls, and has got so many bytes of the weights."""
    hub.tricks[WEIGHTS] = [Hang(at)]
    words = ["models", "pull", SLUG, "--from", hub.address, "--retries", "0", "--data-dir", str(folder)]
    started = subprocess.Popen(
        [*VOICED, *words], env=around(), stdout=subprocess.PIPE, stderr=stderr, preexec_fn=hear_ctrl_c
    )
    assert hub.arrived.wait(20)
    deadline = time.monotonic() + 20
    while received(folder) < at:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return started


def received(folder: Path) -> int:
    """The bytes of the weights that are on the disk."""
    parts = (folder / "models" / ".partial" / SLUG / "parts").iterdir()
    return max((path.stat().st_size for path in parts if not path.suffix), default=0)


def test_voices_and_models_are_listed(tmp_path: Path) -> None:
    checkpoint = tmp_path / "models" / "fine-tune"
    checkpoint.mkdir(parents=True)
    (checkpoint / "config.json").write_text('{"model_type": "qwen3_tts"}')
    voices = json.loads(voiced("voices", "list", "--json", "--data-dir", str(tmp_path)).stdout)
    assert [voice["id"] for voice in voices] == ["tone", "tone-2"]
    assert voiced("voices", "--data-dir", str(tmp_path)).stdout.startswith(b"id      label")
    listed = json.loads(process(tmp_path, "list", "--json").out)
    assert [(one["id"], one["speaks"]) for one in listed] == [("tone", True), ("fine-tune", False)]
    assert listed[1]["state"] == "model.safetensors is missing"


def test_what_was_released_is_listed_with_what_it_costs(tmp_path: Path, models: Run) -> None:
    lay(tmp_path / "models" / FOLDER, model())
    (tmp_path / "models" / ".partial" / "qwen3-tts-1.7b-base").mkdir(parents=True)
    listed = {one["id"]: one for one in json.loads(models("list", "--all", "--json").out)}
    assert listed[FOLDER]["state"] == "here"
    assert SLUG not in listed
    assert listed["qwen3-tts-1.7b-base"]["state"] == "unfinished pull"
    design = listed["qwen3-tts-1.7b-voicedesign"]
    assert (design["state"], design["mb"], design["capabilities"]["design"]) == ("not here", 4520, True)
    assert design["memory_mb"]["float32"] > design["memory_mb"]["int8"] > 2000
    assert len(listed) == 7
    assert [line.split()[0] for line in models().out.splitlines()] == ["id", "tone", FOLDER, "qwen3-tts-1.7b-base"]


def test_pull_cut_at_a_random_byte_pull_again(hub: Hub, tmp_path: Path) -> None:
    at = random.Random().randrange(1, len(hub.files[WEIGHTS]))
    hub.tricks[WEIGHTS] = [Cut(at)]
    pull = ("pull", SLUG, "--from", hub.address, "--retries", "0", "--json")
    cut = process(tmp_path, *pull)
    assert cut.code == 1, at
    assert f"{at} of 900001 bytes are kept, and pulling again goes on from there" in cut.err
    again = process(tmp_path, *pull)
    assert again.code == 0, again.err
    about = json.loads(again.out)
    assert (about["id"], about["revision"], about["fetched_bytes"]) == (FOLDER, COMMIT, 900_001 - at)
    assert [one.start for one in hub.requests(WEIGHTS)] == [0, at]
    assert weights(tmp_path) == hub.files[WEIGHTS]
    verified = process(tmp_path, "verify", SLUG)
    assert verified.code == 0
    assert verified.out == f"  ok  {FOLDER}: 7 files, every byte as {hub.address} has it at {COMMIT[:12]}\n"


def test_killed_in_the_middle(hub: Hub, tmp_path: Path, models: Run, pull: Run) -> None:
    at = random.Random().randrange(1, len(hub.files[WEIGHTS]))
    killed = hanging(hub, tmp_path, at)
    killed.kill()
    killed.communicate()
    assert [path.name for path in (tmp_path / "models").iterdir()] == [".partial"]
    assert json.loads(models("list", "--json").out)[1]["state"] == "unfinished pull"
    again = pull()
    assert again.code == 0, again.err
    assert [one.start for one in hub.requests(WEIGHTS)] == [0, at]
    assert weights(tmp_path) == hub.files[WEIGHTS]
    assert models("verify").code == 0


def test_ctrl_c_keeps_what_is_here_and_says_so(hub: Hub, tmp_path: Path) -> None:
    stopped = hanging(hub, tmp_path, 500_000)
    stopped.send_signal(signal.SIGINT)
    _, stderr = stopped.communicate(timeout=100)
    assert stopped.returncode == 130
    assert f"stopped; what is here is kept, `voiced models pull {SLUG}` goes on from there" in stderr.decode()
    assert b"Traceback" not in stderr
    assert received(tmp_path) == 500_000


def test_two_pulls_of_one_model(hub: Hub, tmp_path: Path, models: Run, pull: Run) -> None:
    first = hanging(hub, tmp_path, 1000)
    for second in (pull(), models("remove", SLUG)):
        assert second.code == 1
        assert f"it is being pulled or removed by process {first.pid} already" in second.err
    first.kill()
    first.communicate()


def test_a_person_watches_the_bytes(hub: Hub, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    watched = hanging(hub, tmp_path, 500_000, theirs)
    os.close(theirs)
    hub.go_on.set()
    shown = b""
    try:
        while data := os.read(ours, 4096):
            shown += data
    except OSError:  # how a terminal ends whose other side is closed
        pass
    os.close(ours)
    watched.communicate()
    assert watched.returncode == 1
    assert f"\r\x1b[K{FOLDER}: ".encode() in shown
    assert b" of 1.0 MB, " in shown
    assert b"the connection was cut after 500000 of 900001 bytes" in shown


def test_a_log_gets_a_line_now_and_then(hub: Hub, tmp_path: Path, pull: Run) -> None:
    done = pull()
    (line,) = done.err.splitlines()
    assert line.startswith(f"{FOLDER}: ")
    assert "\x1b" not in line
    assert done.out.startswith(
        f"{tmp_path / 'models' / FOLDER} is here: 1.0 MB in 7 files, from {hub.address} at {COMMIT[:12]}"
    )
    assert "was here already" in pull().out


@pytest.mark.parametrize(
    ("trick", "words"), [(Page(), "a web page"), (Status(403), "status 403"), (Status(404), "404")]
)
def test_what_goes_wrong_is_one_sentence(hub: Hub, pull: Run, trick: Page | Status, words: str) -> None:
    hub.tricks[WEIGHTS] = [trick]
    done = pull()
    assert done.code == 1
    last = done.err.splitlines()[-1]
    assert last.startswith("voiced: ")
    assert words in last


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["pull"], "which model?"),
        (["remove"], "which model?"),
        (["pull", "gpt-4"], "no model is called 'gpt-4'; there are qwen3-tts-0.6b-customvoice"),
        (["pull", "../x"], "no model is called '../x'"),
        (["pull", SLUG, "--from", "/nowhere"], "'/nowhere' is none of them"),
        (["pull", SLUG, "--from", "ftp://x"], "is no address of a hub"),
        (["pull", SLUG, "--from", "http://me:pw@x"], "is no address of a hub"),
        (["pull", SLUG, "--from", "http://x:99999"], "is no address of a hub"),
        (["pull", SLUG, "--from", "http://["], "is no address of a hub"),
        (["pull", SLUG, "--timeout", "0"], "--timeout is a number of seconds"),
        (["pull", SLUG, "--timeout", "nan"], "--timeout is a number of seconds"),
        (["pull", SLUG, "--retries", "-1"], "--retries a number from 0"),
        (["verify", "nothing"], "no model 'nothing' lies in"),
        (["remove", "nothing"], "no model 'nothing' lies in"),
        (["remove", "../.."], "no model '../..' lies in"),
    ],
)
def test_what_is_asked_wrongly(models: Run, words: list[str], what: str) -> None:
    done = models(*words)
    assert done.code == 2
    assert what in done.err


def test_what_is_damaged_is_told_and_mended(tmp_path: Path, models: Run, pull: Run) -> None:
    assert models("verify").out == "no model is here\n"
    pull()
    flip(tmp_path / "models" / FOLDER / WEIGHTS)
    (tmp_path / "models" / FOLDER / "config.json").write_text("")
    done = models("verify", SLUG)
    assert done.code == 1
    assert f"WRONG {FOLDER}: {WEIGHTS} is damaged: its sha256 is another one" in done.out
    assert f"`voiced models pull {FOLDER}` fetches again what is wrong" in done.out
    (row,) = json.loads(models("verify", SLUG, "--json").out)
    assert (row["id"], row["by"], len(row["problems"])) == (FOLDER, "digests", 3)
    assert pull(name=FOLDER).code == 0
    assert models("verify").code == 0


def test_a_folder_without_digests_says_so(tmp_path: Path, models: Run) -> None:
    lay(tmp_path / "models" / "mine", model())
    done = models("verify")
    assert done.code == 0
    assert done.out == "  ok  mine: nothing is missing and nothing was cut; no digests are known for it\n"


def test_remove(tmp_path: Path, models: Run) -> None:
    lay(tmp_path / "models" / FOLDER, model())
    lay(tmp_path / "shared", model())
    (tmp_path / "models" / "linked").symlink_to(tmp_path / "shared")
    assert models("remove", SLUG).out == f"{tmp_path / 'models' / FOLDER} is gone\n"
    assert "what it led to stays" in models("remove", "linked").out
    assert (tmp_path / "shared" / "config.json").exists()
    (tmp_path / "models" / ".partial" / SLUG).mkdir(parents=True)
    gone = json.loads(models("remove", SLUG, "--json").out)
    assert gone["removed"] == "unfinished"
    assert list((tmp_path / "models").iterdir()) == []
