"""Processes that write the same voices, and are killed at it: nothing that was told to be done is lost.

Run as a program, this file is the crowd, or one writer who is killed at every step: fresh interpreters may fork.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from profiles import clone, design

from voices.profile import Profile
from voices.store import NoSuchVoice, Store, VoiceChanged, VoiceExists

WRITERS = 8
OPERATIONS = 500
# Few names, so that everybody is in everybody's way.
NAMES = [f"voice-{n}" for n in range(12)]
LOGS = "logs"


def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    program("crowd", tmp_path)
    killed, log = judged(tmp_path)
    assert killed >= 5
    assert sum(1 for one in log if one["did"] != "delete-begun") >= OPERATIONS


def test_a_kill_at_any_step_leaves_all_or_nothing(tmp_path: Path) -> None:
    program("steps", tmp_path)


def program(name: str, folder: Path) -> None:
    root = Path(__file__).parent.parent
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(root / "tests")])}
    subprocess.run([sys.executable, "-W", "error", __file__, name, folder], env=environ, check=True, timeout=60)


def judged(folder: Path) -> tuple[int, Sequence[Mapping[str, str]]]:
    """See that what the logs say is true. How many were killed, and what was acknowledged."""
    logs = sorted((folder / LOGS).iterdir())
    log = [json.loads(line) for path in logs for line in path.read_text().splitlines() if line.endswith("}")]
    store = Store(folder / "voices")
    store.create(design("the-last"))  # whoever writes next ends what was left half done
    store.delete("the-last")
    assert store.broken() == ()
    assert not list(folder.rglob(".voiced-*"))
    lives = {profile.origin: profile for profile in store.profiles()}
    assert len(lives) == len(store.profiles()), "one voice is there twice"
    for profile in lives.values():
        if profile.kind == "clone":
            store.audio(profile, verify=True)
    mortal = {one["life"] for one in log if one["did"] == "delete-begun"}
    for one in log:
        profile = lives.get(one["life"])
        if one["did"] == "delete":
            assert profile is None, one
        elif profile is None:
            assert one["life"] in mortal, one
        elif one["did"] == "update":
            assert one["word"] in profile.emotions["words"].split(), one
        elif one["did"] == "rename":
            assert {one["old"], one["new"]} <= {profile.id, *profile.aliases}, one
    return len(logs) - WRITERS, log


# --- the crowd -------------------------------------------------------------------------------------


def crowd(folder: Path) -> None:
    """Children that are forked, as each fresh interpreter would take half a second; some are killed and replaced."""
    (folder / LOGS).mkdir()
    dice, started, running, parent = random.Random(7), 0, set[int](), os.getpid()

    def start() -> None:
        nonlocal started
        if child := os.fork():
            running.add(child)
        else:
            try:
                write(folder, started, parent)
            finally:
                os._exit(1)
        started += 1

    def acknowledged() -> int:
        logs = [path.read_bytes() for path in (folder / LOGS).iterdir()]
        return sum(log.count(b"\n") - log.count(b"delete-begun") for log in logs)

    for _ in range(WRITERS):
        start()
    while acknowledged() < OPERATIONS:
        time.sleep(dice.uniform(0.005, 0.05))
        victim = dice.choice(sorted(running))
        os.kill(victim, signal.SIGKILL)
        _, status = os.waitpid(victim, 0)
        assert os.WIFSIGNALED(status), f"writer {victim} has failed"
        running.discard(victim)
        start()
    for child in running:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def write(folder: Path, me: int, parent: int) -> None:
    """Do this and that until killed, and log each once it is done."""
    store, dice = Store(folder / "voices"), random.Random(me)
    log = os.open(folder / LOGS / f"{me:04}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def done(did: str, life: str, **facts: str) -> None:
        os.write(log, json.dumps({"did": did, "life": life, **facts}).encode() + b"\n")

    def create(life: str) -> None:
        name = dice.choice(NAMES)
        if dice.random() < 0.5:
            store.create(design(name, origin=life, emotions={"words": "x"}))
        else:
            store.create(
                clone(name, origin=life, emotions={"words": "x"}), b"one of three %d" % dice.randrange(3), "wav"
            )
        done("create", life)

    def update(word: str, old: Profile) -> None:
        words = {"words": f"{old.emotions['words']} {word}"}
        audio = b"one of three %d" % dice.randrange(3) if old.kind == "clone" and dice.random() < 0.3 else None
        store.update(replace(old, emotions=words), audio, "wav", expected=old)
        done("update", old.origin, word=word)

    def rename(_: str, old: Profile) -> None:
        new = dice.choice(NAMES)
        store.rename(old.id, new, expected=old)
        done("rename", old.origin, old=old.id, new=new)

    def delete(_: str, old: Profile) -> None:
        done("delete-begun", old.origin)
        store.delete(old.id, expected=old)
        done("delete", old.origin)

    number, moves = 0, (update, update, update, rename, delete)
    while os.getppid() == parent:
        number += 1
        try:
            if dice.random() < 0.3:
                create(f"{me}-{number}")
            else:
                move: Callable[[str, Profile], None] = dice.choice(moves)
                move(f"{me}-{number}", dice.choice(store.profiles() or [store.get(dice.choice(NAMES))]))
        except (VoiceExists, NoSuchVoice, VoiceChanged):
            store._folder.expire()


# --- one step at a time ----------------------------------------------------------------------------

DEEDS: Mapping[str, Callable[[Store], object]] = {
    "create": lambda store: store.create(clone("new"), b"a new recording", "wav"),
    "update": lambda store: store.update(replace(store.get("anna"), label="Nan")),
    "update with a recording": lambda store: store.update(store.get("anna"), b"a new recording", "wav"),
    "rename": lambda store: store.rename("anna", "nan"),
    "rename back": lambda store: store.rename("anna", "annabel"),
    "delete": lambda store: store.delete("anna"),
}


def steps(folder: Path) -> None:
    """Do each deed, killed before its first touch of the disk, its second and so on until it is done."""
    for name, deed in DEEDS.items():
        before = kept(prepared(folder / name / "before"))
        deed(whole := prepared(folder / name / "after"))
        after, step = kept(whole), 0
        while not done(deed, store := prepared(folder / name / str(step)), step):
            assert kept(Store(store.folder)) in (before, after), f"{name} killed at step {step}"
            step += 1
        assert kept(store) == after
        assert step > 5, f"{name} was not killed often"


def prepared(data: Path) -> Store:
    store = Store.below(data)
    store.create(clone("anna", aliases=("annabel",)), b"a recording", "wav")
    return store


def done(deed: Callable[[Store], object], store: Store, step: int) -> bool:
    """Whether a child could do it before its kill. The interpreter tells of each opening, renaming and removal."""
    if not (child := os.fork()):
        left = iter(range(step))

        def hear(event: str, arguments: tuple[object, ...]) -> None:
            touches = event in ("open", "os.rename", "os.remove", "os.mkdir") and str(store.folder) in str(arguments[0])
            if touches and next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hear)
        deed(store)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL)
    return status == 0


def kept(store: Store) -> object:
    """The voices and the recordings that they have, after somebody else has written something."""
    assert all(one.reason.startswith("its alias") for one in store.broken())
    store.create(design("another"))
    assert store.broken() == ()
    assert not list(store.folder.rglob(".voiced-*"))
    return {profile.id: (profile, profile.kind != "clone" or store.recording(profile)) for profile in store.profiles()}


if __name__ == "__main__":
    {"crowd": crowd, "steps": steps}[sys.argv[1]](Path(sys.argv[2]))
