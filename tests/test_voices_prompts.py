"""The cache of clone prompts: computed once, there after a restart, and never in the way."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from voices.disk import StoreFailed
from voices.prompts import KEY, Prompts, key, of_voice

A, B, C = (key(name, "0" * 64, "Hello.", "in-context") for name in "abc")


@pytest.fixture
def prompts(tmp_path: Path) -> Prompts:
    return Prompts.below(tmp_path)


def used(prompts: Prompts, name: str, at: int) -> None:
    os.utime(prompts.folder / name, (at, at))


def names(prompts: Prompts) -> set[str]:
    return {path.name for path in prompts.folder.iterdir()} - {".lock"}


def test_a_prompt_is_there_after_a_restart(prompts: Prompts) -> None:
    assert prompts.get(A) is None
    assert prompts.found("") == {}
    assert not prompts.folder.exists()
    prompts.put(A, b"prompt")
    prompts.put(B, b"")
    assert Prompts(prompts.folder).get(A) == b"prompt"
    assert prompts.get(B) == b""
    prompts.put(A, b"another")
    assert prompts.get(A) == b"another"


def test_everything_counts_for_the_key() -> None:
    first = ("model", "0" * 64, "Hello.", "in-context")
    others = [
        ("other", "0" * 64, "Hello.", "in-context"),
        ("model", "1" * 64, "Hello.", "in-context"),
        ("model", "0" * 64, "Hello", "in-context"),
        ("model", "0" * 64, "", "in-context"),
        ("model", "0" * 64, None, "in-context"),
        ("model", "0" * 64, None, "embedding"),
        ("mode", "l" + "0" * 64, "Hello.", "in-context"),
        ("model", "0" * 64, 'Hello.", "in-context', ""),
        ("", "", "", ""),
        ("\ud800", "", "ä", ""),
    ]
    keys = {key(*first), *(key(*other) for other in others)}
    assert len(keys) == len(others) + 1
    assert all(KEY.fullmatch(one) for one in keys)
    assert key(*first) == key(*first)


def test_a_sound_alone_has_no_words() -> None:
    assert key("model", "0" * 64, "Hello.", "embedding") == key("model", "0" * 64, None, "embedding")


def test_the_prompts_of_a_voice(prompts: Prompts) -> None:
    other = key("a", "1" * 64, "Hello.", "in-context")
    for name in (A, B, other):
        prompts.put(name, name.encode())
    assert prompts.found(of_voice("0" * 64, "Hello.", "in-context")) == {A: A.encode(), B: B.encode()}
    assert prompts.found(of_voice("0" * 64, "Bye.", "in-context")) == {}


def test_a_prompt_is_forgotten(prompts: Prompts) -> None:
    prompts.put(A, b"prompt")
    prompts.forget(A)
    assert prompts.get(A) is None
    prompts.forget(A)


@pytest.mark.parametrize("name", ["", "x", "../" + "0" * 61, "A" * 64, "0" * 63, "0" * 64 + "\n", "/etc/passwd"])
def test_what_is_no_key_touches_nothing(prompts: Prompts, name: str) -> None:
    for attempt in (prompts.get, prompts.forget, lambda name: prompts.put(name, b"")):
        with pytest.raises(ValueError, match="is no key of a prompt"):
            attempt(name)
    assert not prompts.folder.exists()


def test_what_is_damaged_is_not_there(prompts: Prompts) -> None:
    prompts.put(A, bytes(range(100)))
    path = prompts.folder / A
    whole = path.read_bytes()
    cut = [whole[:size] for size in range(len(whole))]
    flipped = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
    for damaged in (*cut, *flipped, whole + b"x", b"another layout"):
        path.write_bytes(damaged)
        assert prompts.get(A) is None
        assert not path.exists()
    path.mkdir()
    assert prompts.get(A) is None


def test_the_longest_unused_go_first(tmp_path: Path) -> None:
    prompts = Prompts(tmp_path, max_prompts=2)
    prompts.put(A, b"a")
    prompts.put(B, b"b")
    used(prompts, A, 1)
    used(prompts, B, 2)
    assert prompts.get(A) == b"a"  # which is a use
    prompts.put(C, b"c")
    assert names(prompts) == {A, C}


def test_there_is_only_so_much_room(tmp_path: Path) -> None:
    prompts = Prompts(tmp_path, max_bytes=1000)
    prompts.put(A, bytes(400))
    used(prompts, A, 1)
    prompts.put(B, bytes(400))
    used(prompts, B, 2)
    assert names(prompts) == {A, B}
    prompts.put(C, bytes(400))
    assert names(prompts) == {B, C}
    prompts.put(A, bytes(1001))  # larger than all there is
    assert prompts.get(A) is None


def test_other_files_are_left_alone(prompts: Prompts) -> None:
    prompts.put(A, b"a")
    (prompts.folder / "notes.txt").write_text("mine")
    (prompts.folder / ".voiced-0123456789ab.tmp").write_text("of a writer that was killed")
    Prompts(prompts.folder, max_prompts=1).put(B, b"b")
    assert len(names(prompts)) == 2
    assert "notes.txt" in names(prompts)


def test_a_disk_that_is_full(prompts: Prompts) -> None:
    prompts.put(A, b"a")
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, limit[1]))
    try:
        with pytest.raises(StoreFailed, match="File too large"):
            prompts.put(B, b"b")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert names(prompts) == {A}
    assert prompts.get(A) == b"a"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    prompts = Prompts(tmp_path / "file" / "prompts")
    assert prompts.get(A) is None
    with pytest.raises(StoreFailed):
        prompts.put(A, b"a")


def test_many_writers(tmp_path: Path) -> None:
    """Two processes and four threads, in a cache that is too small for all: what is read is whole, or not there."""
    code = """
        import sys
        from pathlib import Path
        from voices.prompts import Prompts
        prompts = Prompts(Path(sys.argv[1]), max_prompts=3)
        for n in range(100):
            prompts.put(f"{n % 5:064x}", bytes([n % 5]) * 10_000)
        """
    root = Path(__file__).parent.parent
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(code), str(tmp_path)]
    children = [subprocess.Popen(command, cwd=root) for _ in range(2)]
    prompts, failures, done = Prompts(tmp_path, max_prompts=3), [], threading.Event()

    def work(start: int) -> None:
        try:
            n = start
            while not done.is_set():
                n += 1
                if n % 10 == 0:
                    prompts.put(f"{n % 5:064x}", bytes([n % 5]) * 10_000)
                assert prompts.get(f"{n % 5:064x}") in (None, bytes([n % 5]) * 10_000)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=work, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    codes = [child.wait(60) for child in children]
    done.set()
    for thread in threads:
        thread.join()
    assert (codes, failures) == ([0, 0], [])
    assert len(names(prompts)) == 3
