"""One file over HTTP, from a server that does everything wrong in turn."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from models.checkpoints.client import Client, PullFailed
from models.checkpoints.download import Download, Patience
from models.checkpoints.listing import RemoteFile
from tests.folders import CODEC, COMMIT, REPO, WEIGHTS
from tests.hub import Hub, hub
from tests.tricks import Become, Cut, Hang, Header, Lie, Page, Status, Trick

__all__ = ["hub"]

Seen = list[tuple[str, int]]


def remote(hub: Hub, name: str = WEIGHTS, *, digest: bool = True) -> RemoteFile:
    content = hub.files[name]
    told = f"sha256:{hashlib.sha256(content).hexdigest()}" if digest else ""
    return RemoteFile(name, len(content), told, f"{hub.address}/{REPO}/resolve/{COMMIT}/{name}")


def download(
    file: RemoteFile, folder: Path, *, stall_s: float = 5, retries: int = 2, seen: Seen | None = None
) -> bytes:
    part = folder / "part"
    watch = seen if seen is not None else []
    Download(Client(stall_s=stall_s), file, part, Patience(stall_s, retries, 0.0)).run(
        lambda doing, done: watch.append((doing, done))
    )
    assert not (folder / "part.etag").exists()
    return part.read_bytes()


def failure(hub: Hub, folder: Path, *tricks: Trick, retries: int = 0, stall_s: float = 5) -> str:
    """What a download dies of."""
    hub.tricks[WEIGHTS] = list(tricks)
    with pytest.raises(PullFailed) as caught:
        download(remote(hub), folder, retries=retries, stall_s=stall_s)
    return str(caught.value)


def test_a_file_is_fetched_and_checked(hub: Hub, tmp_path: Path) -> None:
    seen: Seen = []
    assert download(remote(hub), tmp_path, seen=seen) == hub.files[WEIGHTS]
    size = len(hub.files[WEIGHTS])
    assert seen[0] == ("fetching", 0)
    assert ("fetching", size) in seen
    assert seen[-1] == ("checking", size)


def test_a_cut_goes_on_at_the_byte_within_one_pull(hub: Hub, tmp_path: Path) -> None:
    hub.tricks[WEIGHTS] = [Cut(0), Cut(1), Cut(70_000), Cut(400_000)]
    assert download(remote(hub), tmp_path) == hub.files[WEIGHTS]
    asked = hub.requests(WEIGHTS)
    assert [one.start for one in asked] == [0, 0, 1, 70_001, 470_001]
    assert "if-range" in asked[-1].headers


@pytest.mark.parametrize("seed", range(5))
def test_cut_at_a_random_byte_and_pulled_again(hub: Hub, tmp_path: Path, seed: int) -> None:
    at = random.Random(seed).randrange(1, len(hub.files[WEIGHTS]))
    text = failure(hub, tmp_path, Cut(at))
    assert f"{at} of {len(hub.files[WEIGHTS])} bytes are kept, and pulling again goes on from there" in text
    assert download(remote(hub), tmp_path) == hub.files[WEIGHTS]
    assert [one.start for one in hub.requests(WEIGHTS)] == [0, at]


def test_a_server_without_ranges_begins_anew(hub: Hub, tmp_path: Path) -> None:
    hub.ranges = False
    failure(hub, tmp_path, Cut(500_000))
    assert download(remote(hub), tmp_path) == hub.files[WEIGHTS]


def test_without_etags_the_digest_tells_that_two_versions_met(hub: Hub, tmp_path: Path) -> None:
    hub.etags = False
    old, new = hub.files[WEIGHTS], bytes(len(hub.files[WEIGHTS]))
    hub.files[WEIGHTS] = new
    wanted = remote(hub)
    hub.files[WEIGHTS] = old
    hub.tricks[WEIGHTS] = [Cut(500_000), Become(new)]
    assert download(wanted, tmp_path) == new
    assert [one.start for one in hub.requests(WEIGHTS)] == [0, 500_000, 0]


def test_a_file_that_changed_between_two_pulls_begins_anew(hub: Hub, tmp_path: Path) -> None:
    failure(hub, tmp_path, Cut(500_000))
    hub.files[WEIGHTS] = bytes(len(hub.files[WEIGHTS]))
    assert download(remote(hub, digest=False), tmp_path) == hub.files[WEIGHTS]
    last = hub.requests(WEIGHTS)[-1]
    assert last.headers["range"] == "bytes=500000-"


def test_a_file_that_changed_is_not_the_one_that_was_listed(hub: Hub, tmp_path: Path) -> None:
    text = failure(hub, tmp_path, Cut(500_000), Become(bytes(len(hub.files[WEIGHTS]))), retries=1)
    assert "is not what the listing says" in text
    assert not (tmp_path / "part").exists()


def test_a_server_that_ignores_if_range_is_found_out(hub: Hub, tmp_path: Path) -> None:
    failure(hub, tmp_path, Cut(500_000))
    (tmp_path / "part.etag").write_text('"of another day"')
    file = remote(hub, digest=False)
    hub.tricks[WEIGHTS] = [
        Status(206, (("ETag", '"x"'), ("Content-Range", f"bytes 500000-{file.size - 1}/{file.size}")))
    ]
    assert download(file, tmp_path) == hub.files[WEIGHTS]
    assert hub.requests(WEIGHTS)[-1].start == 0


@pytest.mark.parametrize("by", [-1000, 1000])
def test_a_server_that_lies_about_the_size(hub: Hub, tmp_path: Path, by: int) -> None:
    size = len(hub.files[WEIGHTS])
    assert f"the listing says {size} bytes, the server says {size + by}" in failure(hub, tmp_path, Lie(by))
    failure(hub, tmp_path, Cut(1000))
    assert f"the listing says {size} bytes, the server says {size + by}" in failure(hub, tmp_path, Lie(by))


def test_a_server_that_tells_no_size_and_sends_too_much(hub: Hub, tmp_path: Path) -> None:
    text = failure(hub, tmp_path, Lie(5000, silent=True))
    assert f"sends more than the {len(hub.files[WEIGHTS])} bytes of the listing" in text
    assert not (tmp_path / "part").exists()


def test_a_server_that_tells_no_size_and_sends_too_little(hub: Hub, tmp_path: Path) -> None:
    assert "the connection was cut after" in failure(hub, tmp_path, Lie(-5000, silent=True))
    assert download(remote(hub), tmp_path) == hub.files[WEIGHTS]
    assert hub.requests(WEIGHTS)[-1].start == len(hub.files[WEIGHTS]) - 5000


def test_a_web_page_is_no_file(hub: Hub, tmp_path: Path) -> None:
    assert "sends a web page instead of the file" in failure(hub, tmp_path, Page(), retries=3)
    assert not (tmp_path / "part").exists()


def test_a_stall_is_tried_again_and_then_told(hub: Hub, tmp_path: Path) -> None:
    text = failure(hub, tmp_path, Hang(100_000), stall_s=0.1)
    assert "sent nothing for 0.1 s; 100000 of" in text
    hub.tricks[WEIGHTS] = [Hang(200_000)]
    assert download(remote(hub), tmp_path, stall_s=0.1) == hub.files[WEIGHTS]
    assert [one.start for one in hub.requests(WEIGHTS)] == [0, 100_000, 300_000]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "wants a token (status 401"),
        (403, "its licence may have to be accepted there first"),
        (404, "is not there (status 404)"),
        (410, "is not there (status 410)"),
        (451, "answers 451 for"),
        (301, "answers 301 for"),
    ],
)
def test_a_refusal_ends_it_at_once(hub: Hub, tmp_path: Path, status: int, said: str) -> None:
    assert said in failure(hub, tmp_path, Status(status), retries=5)
    assert len(hub.requests(WEIGHTS)) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_a_server_in_trouble_is_asked_again(hub: Hub, tmp_path: Path, status: int) -> None:
    hub.tricks[WEIGHTS] = [Status(status), Status(status)]
    assert download(remote(hub), tmp_path) == hub.files[WEIGHTS]
    (tmp_path / "part").unlink()
    assert f"answers {status} for" in failure(hub, tmp_path, *[Status(status)] * 3, retries=2)


def test_bytes_that_are_not_there_begin_anew(hub: Hub, tmp_path: Path) -> None:
    failure(hub, tmp_path, Cut(1000))
    hub.tricks[WEIGHTS] = [Status(416)]
    assert download(remote(hub), tmp_path) == hub.files[WEIGHTS]
    assert [one.start for one in hub.requests(WEIGHTS)] == [0, 1000, 0]
    (tmp_path / "part").unlink()
    assert "has no such bytes (status 416)" in failure(hub, tmp_path, Status(416))


def test_another_part_than_was_asked_for(hub: Hub, tmp_path: Path) -> None:
    failure(hub, tmp_path, Cut(1000))
    assert "another part of it" in failure(hub, tmp_path, Status(206, (("Content-Range", "bytes 0-9/10"),)))
    assert "another part of it" in failure(hub, tmp_path, Status(206))
    endless = Status(206, (("Content-Range", f"bytes 1000-{'9' * 5000}/*"),))
    assert "another part of it" in failure(hub, tmp_path, endless)


def test_bytes_come_as_they_are(hub: Hub, tmp_path: Path) -> None:
    assert "packs it on the way" in failure(hub, tmp_path, Header("Content-Encoding", "gzip"))


def test_more_than_the_file_was_here(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(bytes(len(hub.files[WEIGHTS]) + 1))
    assert download(remote(hub), tmp_path) == hub.files[WEIGHTS]


def test_all_of_it_was_here_and_is_not_fetched(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(hub.files[WEIGHTS])
    assert download(remote(hub), tmp_path) == hub.files[WEIGHTS]
    assert not hub.asked


def test_what_was_here_is_spoilt_and_fetched_anew(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(bytes(1000))
    assert download(remote(hub), tmp_path) == hub.files[WEIGHTS]
    assert [one.start for one in hub.requests(WEIGHTS)] == [1000, 0]


def test_bytes_that_somebody_else_has_too_are_not_written_on(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "theirs").write_bytes(b"mine")
    (tmp_path / "part").hardlink_to(tmp_path / "theirs")
    assert download(remote(hub), tmp_path) == hub.files[WEIGHTS]
    assert (tmp_path / "theirs").read_bytes() == b"mine"


def test_an_empty_file_is_not_asked_for(hub: Hub, tmp_path: Path) -> None:
    assert download(remote(hub, "merges.txt"), tmp_path) == b""
    assert not hub.asked


def test_a_weak_etag_says_nothing_about_bytes(hub: Hub, tmp_path: Path) -> None:
    hub.etags = False
    file = remote(hub, CODEC)
    hub.tricks[CODEC] = [Header("ETag", 'W/"1"')]
    assert download(file, tmp_path) == hub.files[CODEC]


def test_waits_grow_and_end() -> None:
    waited: list[float] = []
    patience = Patience(wait_s=1.0, sleep=waited.append)
    for failed in (1, 2, 3, 9):
        patience.wait(failed)
    patience.wait(1, 7.0)
    patience.wait(1, 999.0)
    assert waited == [1, 2, 4, 30, 7, 30]
