"""What other hands do to the folder: it is seen, and what is broken is told and left alone."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from profiles import WAV, clone, design, files, kept_by_hand, profile_file, reasons, seen, soon

from voices.document import written
from voices.store import NoSuchVoice, Store, VoiceChanged

DIGEST = hashlib.sha256(WAV).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.below(tmp_path)


def test_what_others_do_is_seen(store: Store) -> None:
    store.create(design("anna"))
    before = store.profiles()
    kept_by_hand(store, design("bea"))
    soon(lambda: seen(store), ["anna", "bea"])
    profile_file(store, "bea").unlink()
    soon(lambda: seen(store), ["anna"])
    assert store.profiles() == before
    # in place, of the same length
    path = profile_file(store, "anna")
    path.write_bytes(path.read_bytes().replace(b"old man", b"OLD MAN"))
    soon(lambda: store.get("anna").description, "An OLD MAN by the fire.")
    path.write_text("{")
    soon(lambda: (seen(store), list(reasons(store))), ([], ["anna.json"]))
    kept_by_hand(store, design("anna"))
    soon(lambda: (seen(store), list(reasons(store))), (["anna"], []))


def test_two_edits_within_a_tick(store: Store) -> None:
    """Same length, same stamps, same inode: only looking again tells."""
    path = kept_by_hand(store, design("anna"))
    data = path.read_bytes()
    for n in range(30):
        path.write_bytes(data.replace(b"old", b"%03d" % n))
        assert store.profiles() is not None
    soon(lambda: store.get("anna").description, "An 029 man by the fire.")


def test_nothing_is_read_twice(store: Store) -> None:
    for n in range(5):
        store.create(design(f"voice-{n}"))
    time.sleep(0.15)  # until what was written just now counts as settled
    soon(lambda: len(store._folder.view(fresh=True).profiles), 5)
    before = store.profiles()
    for n in range(5):  # the same bytes again are the same voices
        kept_by_hand(store, design(f"voice-{n}"))
    store._folder.view(fresh=True)
    time.sleep(0.15)
    store._folder.view(fresh=True)
    opened: list[str] = []
    store._folder._read = lambda *about: opened.append(about[0])  # type: ignore[method-assign,assign,func-returns-value]
    assert store._folder.view(fresh=True).profiles is before
    assert opened == []


@pytest.mark.slow
def test_three_hundred_voices_cost_little(store: Store) -> None:
    for n in range(300):
        kept_by_hand(store, design(f"voice-{n}"))
    soon(lambda: len(store.profiles()), 300)
    time.sleep(0.15)
    store._folder.view(fresh=True)

    def best(look: Callable[[], object]) -> float:
        def once() -> float:
            start = time.perf_counter()
            look()
            return time.perf_counter() - start

        return min(once() for _ in range(20))

    assert best(store.profiles) < 50e-6
    # under 1 ms on a machine with nothing else to do
    assert best(lambda: store._folder.view(fresh=True)) < 5e-3


def test_broken_files_are_told_and_left_alone(store: Store) -> None:
    store.create(design("anna"))
    folder = store.folder / "profiles"
    kept_by_hand(store, design("bea"), "other")
    (folder / "carl.json").write_text('{"schema": 1}')
    (folder / "dora.json").mkdir()
    (folder / "emil.json").symlink_to("nowhere.json")
    (folder / "huge.json").write_bytes(b" " * 4_000_001)
    (folder / "Anna.json").write_bytes(written(design("anna")))
    (folder / os.fsdecode(b"\xff.json")).write_text("{")
    for name in (".hidden.json", "anna.json~", "README", "anna.json.bak"):
        (folder / name).write_text("not ours")
    os.mkfifo(folder / "pipe.json")
    soon(
        lambda: {file: reason[:45] for file, reason in reasons(store).items()},
        {
            "Anna.json": "its id is 'anna', so it must be called 'anna.",
            "carl.json": "id: is missing; label: is missing; kind: is m",
            "dora.json": "is no file",
            "huge.json": "has 4000001 bytes, and no profile needs more ",
            "other.json": "its id is 'bea', so it must be called 'bea.js",
            "pipe.json": "is no file",
            "\ufffd.json": "not JSON: Expecting property name enclosed in",
        },
    )
    assert seen(store) == ["anna"]
    with pytest.raises(NoSuchVoice, match="the voice 'carl' cannot be read: id: is missing"):
        store.get("Carl")
    with pytest.raises(NoSuchVoice, match="cannot be read"):
        store.update(design("carl"))
    names = sorted(os.listdir(folder))
    store.rename("anna", "zoe")
    assert sorted(os.listdir(folder)) == sorted({*names, "zoe.json"} - {"anna.json"})


def test_two_voices_with_one_alias(store: Store) -> None:
    kept_by_hand(store, design("bea", aliases=("nan", "granny")))
    kept_by_hand(store, design("anna", aliases=("nan",)))
    kept_by_hand(store, design("carl", aliases=("anna", "ok")))
    assert seen(store) == ["anna", "bea", "carl"]
    assert store.get("nan").id == "anna"
    assert store.get("granny") == replace(design("bea", aliases=("granny",)), stored=True)
    assert store.get("anna").id == "anna"
    assert store.get("ok").aliases == ("ok",)
    assert reasons(store) == {
        "bea.json": "its alias 'nan' is an alias of 'anna' already",
        "carl.json": "its alias 'anna' is the id of 'anna' already",
    }
    # what was seen can be written, and mends the file
    store.update(replace(store.get("bea"), label="Bea"), expected=store.get("bea"))
    assert reasons(store).keys() == {"carl.json"}


def test_two_objects_and_many_threads(store: Store) -> None:
    """Each thread appends to one voice and makes one of its own; nothing is lost, and readers never fail."""
    store.create(design("shared", description="x"))
    other, done = Store(store.folder), threading.Event()
    failures: list[BaseException] = []

    def write(mine: Store, n: int) -> None:
        try:
            mine.create(clone(f"voice-{n}"), WAV + bytes([n // 2]), "wav")
            for _ in range(5):
                while True:
                    now = mine.get("shared")
                    try:
                        mine.update(replace(now, description=f"{now.description} {n}"), expected=now)
                        break
                    except VoiceChanged:
                        continue
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    def watch() -> None:
        while not done.is_set():
            if "shared" not in seen(store) or store.broken():
                failures.append(AssertionError(f"{seen(store)} {store.broken()}"))

    writers = [threading.Thread(target=write, args=((store, other)[n % 2], n)) for n in range(8)]
    watcher = threading.Thread(target=watch)
    for thread in (watcher, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    watcher.join()
    assert failures == []
    store = Store(store.folder)  # what the other object wrote last, this one may see a moment later
    assert sorted(store.get("shared").description.split()) == sorted(
        ["x", *(str(n) for n in range(8) for _ in range(5))]
    )
    assert len(store.profiles()) == 9
    assert len(files(store)) == 9 + 4
