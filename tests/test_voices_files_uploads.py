"""Uploads that are kept."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from voices.files.uploads import FILE_ID, FileBusy, Sound, UnknownFile, Upload, Uploads, UploadsFailed

SOUND = Sound(1.25, 24_000, 2, "wav")
DAY = 86_400


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    return Uploads.below(tmp_path)


def put(uploads: Uploads, data: bytes, days_ago: float = 0.0, sound: Sound = SOUND) -> Upload:
    arriving = uploads.begin(10_000)
    arriving.write(data)
    kept = uploads.keep(arriving, sound)
    if days_ago:
        then = datetime.now(UTC).timestamp() - days_ago * DAY
        os.utime(kept.path, (then, then))
    return kept


def names(uploads: Uploads) -> list[str]:
    return sorted(path.name for path in uploads.root.iterdir())


def test_what_is_kept_is_found_with_all_that_is_known_of_it(uploads: Uploads) -> None:
    kept = put(uploads, b"sound")
    assert FILE_ID.fullmatch(kept.id)
    assert uploads.find(kept.id) == kept
    assert (kept.size, kept.sound, kept.path.read_bytes()) == (5, SOUND, b"sound")
    assert abs(kept.used - datetime.now(UTC)) < timedelta(seconds=10)
    assert names(uploads) == [f"{kept.digest}_1250_24000_2.wav"]


def test_another_process_finds_the_same(uploads: Uploads, tmp_path: Path) -> None:
    kept = put(uploads, b"sound")
    assert Uploads.below(tmp_path).find(kept.id) == kept


def test_the_same_bytes_are_the_same_file_and_used_anew(uploads: Uploads) -> None:
    first = put(uploads, b"sound", days_ago=3)
    again = put(uploads, b"sound")
    assert (again.id, again.path) == (first.id, first.path)
    assert again.used > first.used
    assert put(uploads, b"other").id != first.id
    assert len(names(uploads)) == 2
    reused = uploads.reuse(first.digest)
    assert reused is not None and reused.id == first.id
    assert uploads.reuse("0" * 64) is None


def test_many_at_once_keep_one(uploads: Uploads) -> None:
    ready = threading.Barrier(8)

    def one(_: int) -> str:
        ready.wait()
        return put(uploads, b"sound").id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(one, range(8)))) == 1
    assert len(names(uploads)) == 1


@pytest.mark.parametrize(
    "file_id",
    [
        "",
        "file-",
        "file-" + "0" * 32,
        "file-" + "0" * 31,
        "../../etc/passwd",
        "file-" + "/" * 32,
        "file-\n" + "0" * 32,
        "*",
    ],
)
def test_what_is_not_there_is_told_with_what_helps(uploads: Uploads, file_id: str) -> None:
    for call in (uploads.find, uploads.remove, lambda name: uploads.held(name).__enter__()):
        with pytest.raises(UnknownFile, match="sent again"):
            call(file_id)  # nothing is there at all
    put(uploads, b"sound")
    with pytest.raises(UnknownFile, match=re.escape(repr(file_id[:80]))):
        uploads.find(file_id)


def test_a_digest_is_no_id(uploads: Uploads) -> None:
    kept = put(uploads, b"sound")
    for name in (kept.digest, kept.digest[:32], kept.id.upper(), kept.id + "0", kept.id[:-1]):
        with pytest.raises(UnknownFile):
            uploads.find(name)


def test_what_is_removed_is_gone(uploads: Uploads) -> None:
    kept = put(uploads, b"sound")
    uploads.remove(kept.id)
    assert names(uploads) == []
    with pytest.raises(UnknownFile):
        uploads.remove(kept.id)


def test_what_is_in_use_stays(uploads: Uploads) -> None:
    kept = put(uploads, b"sound", days_ago=100)
    with uploads.held(kept.id) as one, uploads.held(kept.id) as two:
        assert one.path == two.path == kept.path
        with pytest.raises(FileBusy, match="being used"):
            uploads.remove(kept.id)
        assert uploads.sweep(1, 1) == []
        assert kept.path.read_bytes() == b"sound"
    assert uploads.sweep(DAY, None) == []  # using it has made it young
    assert uploads.sweep(None, 1) == [kept.id]


def test_what_was_used_since_it_was_looked_at_stays(uploads: Uploads) -> None:
    kept = put(uploads, b"sound", days_ago=2)
    seen = uploads.find(kept.id)
    with uploads.held(kept.id):
        pass
    with pytest.raises(FileBusy):
        uploads._remove(seen)


def test_whoever_holds_may_raise_what_it_likes(uploads: Uploads) -> None:
    kept = put(uploads, b"sound")
    for error in (FileNotFoundError("theirs"), BlockingIOError("theirs")):
        with pytest.raises(type(error), match="theirs"), uploads.held(kept.id):
            raise error
    uploads.remove(kept.id)


def test_what_nobody_uses_is_forgotten(uploads: Uploads) -> None:
    old, young = put(uploads, b"old", days_ago=31), put(uploads, b"young", days_ago=29)
    assert uploads.sweep(30 * DAY, None) == [old.id]
    assert names(uploads) == [young.path.name]


def test_all_together_have_a_bound_and_the_longest_unused_go_first(uploads: Uploads) -> None:
    kept = [put(uploads, bytes([65 + number]) * 100, days_ago=10 - number) for number in range(5)]
    with uploads.held(kept[0].id):
        pass  # used now
    assert uploads.sweep(None, 300) == [kept[1].id, kept[2].id]
    assert uploads.sweep(None, 300) == []
    assert uploads.sweep(None, 50, spare=kept[4].id) == [kept[3].id, kept[0].id]
    assert uploads.sweep(None, None) == []
    assert names(uploads) == [kept[4].path.name]


def test_what_arrives_is_not_swept_away_and_what_is_not_ours_neither(uploads: Uploads) -> None:
    arriving = uploads.begin(100)
    arriving.write(b"half")
    (uploads.root / "README").write_text("mine")
    (uploads.root / ("0" * 64)).mkdir()
    (uploads.root / ("1" * 64 + "_1_24000_1.wav")).symlink_to("/etc/hostname")
    leftover = uploads.root / ".new-left"
    leftover.write_bytes(b"of a kill")
    assert uploads.sweep(0.001, 1) == []
    assert not leftover.exists()
    assert uploads.keep(arriving, SOUND).path.read_bytes() == b"half"
    assert len(names(uploads)) == 4
    with pytest.raises(UnknownFile):
        uploads.find("file-" + "1" * 32)


def test_a_folder_that_is_not_there_has_nothing(tmp_path: Path) -> None:
    assert Uploads(tmp_path / "none").sweep(1, 1) == []


@pytest.mark.parametrize("call", [lambda u: u.find("file-" + "0" * 32), lambda u: u.sweep(1, 1), lambda u: u.begin(1)])
def test_a_disk_that_refuses_is_told(tmp_path: Path, call: Callable[[Uploads], object]) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UploadsFailed, match="Not a directory"):
        call(Uploads(tmp_path / "file" / "below"))


def test_users_and_sweepers_at_once_never_meet_a_file_that_has_gone(uploads: Uploads) -> None:
    end, reads = threading.Event(), 0

    def sweep() -> None:
        while not end.is_set():
            uploads.sweep(None, 1)

    sweeper = threading.Thread(target=sweep)
    sweeper.start()
    try:
        for number in range(300):
            kept = put(uploads, b"sound %d" % (number % 3))
            try:
                with uploads.held(kept.id) as upload:
                    assert upload.path.read_bytes().startswith(b"sound")
                    reads += 1
            except UnknownFile:
                pass  # swept before it was used
    finally:
        end.set()
        sweeper.join()
    assert reads
    uploads.sweep(None, 1)
    assert names(uploads) == []
