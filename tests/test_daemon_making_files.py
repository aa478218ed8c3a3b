"""Uploads as the doors see them, and files from elsewhere."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from daemon import settings
from daemon.making import files as module
from daemon.making.files import MAX_FETCHING, MAX_RECEIVING, Files
from outputs.decoder import UnreadableAudio
from tests.test_outputs_decoder import TONE, coded, wav
from tests.test_voices_files_fetch import Begin, answer, begin, sends
from voices.files.addresses import UrlNotAllowed
from voices.files.arriving import HIDDEN, Arriving
from voices.files.fetch import FetchFailed
from voices.files.uploads import FileBusy, FileTooLarge, UnknownFile, UploadsFailed

__all__ = ["begin"]


def files(folder: Path, **wishes: object) -> Files:
    return Files.of(settings.read({"data_dir": folder, **wishes}, environ={}))


async def pieces(data: bytes, size: int = 10_000, then: Exception | None = None) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]
        await asyncio.sleep(0)
    if then is not None:
        raise then


def kept(folder: Path) -> list[Path]:
    root = folder / "voices" / "files"
    return sorted(root.iterdir()) if root.exists() else []


@pytest.mark.parametrize(("kind", "called"), [("wav", "wav"), ("flac", "flac"), ("mp3", "mp3"), ("opus", "ogg")])
async def test_what_was_sent_is_there_as_it_was_sent(tmp_path: Path, kind: str, called: str) -> None:
    here, data = files(tmp_path), coded(kind)
    facts = await here.receive(pieces(data))
    assert facts.id == f"file-{hashlib.sha256(data).hexdigest()[:32]}"
    assert (facts.size, facts.sound.kind, facts.sound.channels) == (len(data), called, 1)
    assert facts.sound.seconds == pytest.approx(1, abs=0.1)
    assert facts.expires is not None
    assert abs(facts.expires - datetime.now(UTC) - timedelta(days=30)) < timedelta(seconds=10)
    assert await here.read(facts.id, 10**6) == data
    assert (await here.path(facts.id)).read_bytes() == data
    assert (await files(tmp_path).facts(facts.id)).sound == facts.sound
    await here.remove(facts.id)
    assert not kept(tmp_path)


@pytest.mark.parametrize("size", [1, 7, 44, 10**6])
async def test_however_it_is_cut(tmp_path: Path, size: int) -> None:
    data = wav(TONE[:8000])
    assert (await files(tmp_path).receive(pieces(data, size))).size == len(data)


async def test_more_than_is_written_at_once(tmp_path: Path) -> None:
    data = wav(np.tile(TONE, 30))
    assert len(data) > 5 * module.WRITE_BYTES
    here = files(tmp_path)
    assert await here.read((await here.receive(pieces(data, 65_536))).id, 10**7) == data


async def test_the_same_bytes_are_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = files(tmp_path)
    first = await here.receive(pieces(wav()))
    monkeypatch.setattr(module, "_listen", None)
    assert (await here.receive(pieces(wav(), 333))).id == first.id
    assert len(kept(tmp_path)) == 1


async def test_many_at_once(tmp_path: Path) -> None:
    here = files(tmp_path)
    same = [here.receive(pieces(wav(), 500 + number)) for number in range(MAX_RECEIVING * 2)]
    others = [here.receive(pieces(wav(TONE[number:]))) for number in range(1, 5)]
    ids = [facts.id for facts in await asyncio.gather(*same, *others)]
    assert len(set(ids[: len(same)])) == 1
    assert len(set(ids)) == len(kept(tmp_path)) == 5


async def test_no_more_than_so_many_lie_half_on_the_disk(tmp_path: Path) -> None:
    here, end = files(tmp_path), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield wav()
        await end.wait()

    running = [asyncio.create_task(here.receive(slow()), name="receive") for _ in range(MAX_RECEIVING + 5)]
    await _until(lambda: len(kept(tmp_path)) == MAX_RECEIVING)
    await asyncio.sleep(0.1)
    assert len(kept(tmp_path)) == MAX_RECEIVING
    end.set()
    await asyncio.gather(*running)
    assert len(kept(tmp_path)) == 1


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"hello", "no WAV, FLAC, MP3 or Ogg"),
        (wav(TONE[:0]), "no sound"),
        (wav(TONE[:1]), "lasts 0.00 s"),
        (wav(TONE[:1000]), "lasts 0.04 s"),
        (wav(np.zeros(601 * 4000, "<i2"), 4000), "longer than 600 s"),
    ],
)
async def test_what_is_no_recording_leaves_nothing(tmp_path: Path, data: bytes, told: str) -> None:
    with pytest.raises(UnreadableAudio, match=told):
        await files(tmp_path).receive(pieces(data))
    assert not kept(tmp_path)


async def test_what_is_too_large_is_refused_while_it_comes(tmp_path: Path) -> None:
    asked = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked
        while True:
            asked += 1
            yield bytes(100_000)

    with pytest.raises(FileTooLarge, match="1 MB"):
        await files(tmp_path, upload_mb=1).receive(endless())
    assert asked < 15
    assert not kept(tmp_path)
    with pytest.raises(FileTooLarge, match=r"0\.5 MB"):
        await files(tmp_path, files_max_mb=0.5).receive(endless())


async def test_a_sender_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConnectionResetError):
        await files(tmp_path).receive(pieces(wav(), then=ConnectionResetError()))
    assert not kept(tmp_path)


@pytest.mark.parametrize("moment", ["begin", "write", "_listen", "keep"])
async def test_whoever_leaves_at_any_moment_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    here, entered, go_on = files(tmp_path), threading.Event(), threading.Event()
    owner = {"write": Arriving, "_listen": module}.get(moment, here._uploads)
    work = getattr(owner, moment)

    def slow(*given: object) -> object:
        done = work(*given)
        entered.set()
        go_on.wait(20)
        return done

    monkeypatch.setattr(owner, moment, slow)
    receiving = asyncio.create_task(here.receive(pieces(wav())), name="receive")
    await asyncio.to_thread(entered.wait, 20)
    receiving.cancel()
    await asyncio.sleep(0.05)
    assert not receiving.done()  # what works on the file is waited for
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await receiving
    assert [path.name for path in kept(tmp_path) if path.name.startswith(HIDDEN)] == []
    assert len(kept(tmp_path)) == (moment == "keep")


async def test_the_longest_unused_makes_way(tmp_path: Path) -> None:
    here = files(tmp_path, files_max_mb=0.12)
    first, second = [(await here.receive(pieces(wav(TONE[number:])))).id for number in range(2)]
    os.utime(await here.path(second), (1, 1))
    async with here.held(second):  # used now, and for as long as this lasts
        third = (await here.receive(pieces(wav(TONE[2:])))).id
        with pytest.raises(UnknownFile):
            await here.facts(first)
        with pytest.raises(FileBusy):
            await here.remove(second)
    assert (await here.facts(second)).id != (await here.facts(third)).id


async def test_what_has_just_come_is_not_what_makes_way(tmp_path: Path) -> None:
    here = files(tmp_path, files_max_mb=0.12)
    first, second = [(await here.receive(pieces(wav(TONE[number:])))).id for number in range(2)]
    async with here.held(first), here.held(second):
        third = (await here.receive(pieces(wav(TONE[2:])))).id
        assert (await here.facts(third)).id == third
    assert len(kept(tmp_path)) == 3


async def test_what_nobody_uses_expires_and_each_use_puts_it_off(tmp_path: Path) -> None:
    here = files(tmp_path, files_max_days=1)
    facts = await here.receive(pieces(wav()))
    (path,) = kept(tmp_path)
    aged = datetime.now(UTC).timestamp() - 80_000
    os.utime(path, (aged, aged))
    near = (await here.facts(facts.id)).expires
    assert near is not None and near - datetime.now(UTC) < timedelta(hours=2)
    await here.read(facts.id, 10**6)
    far = (await here.facts(facts.id)).expires
    assert far is not None and far - datetime.now(UTC) > timedelta(hours=23)
    os.utime(path, (aged - 10_000, aged - 10_000))
    await _sweep(here)
    with pytest.raises(UnknownFile, match="expired"):
        await here.read(facts.id, 10**6)


async def test_for_ever_is_a_choice(tmp_path: Path) -> None:
    here = files(tmp_path, files_max_days="none", files_max_mb="none")
    facts = await here.receive(pieces(wav()))
    assert facts.expires is None
    os.utime(kept(tmp_path)[0], (1, 1))
    await _sweep(here)
    assert await here.facts(facts.id) == facts


async def _sweep(here: Files) -> None:
    swept, sweep = list[object](), here._uploads.sweep
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(here._uploads, "sweep", lambda *given: swept.append(sweep(*given)) or swept[0])
        sweeping = asyncio.create_task(here.sweep(), name="sweep")
        await _until(lambda: bool(swept))
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


_RECEIVER = """
import asyncio, sys
from pathlib import Path
from daemon import settings
from daemon.making.files import Files

async def chunks():
    yield bytes(300_000)
    print("arriving", flush=True)
    await asyncio.sleep(60)

asyncio.run(Files.of(settings.read({"data_dir": sys.argv[1]}, environ={})).receive(chunks()))
"""


async def test_what_a_kill_has_left_is_swept_away(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _RECEIVER, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None and await process.stdout.readline() == b"arriving\n"
    here = files(tmp_path)
    await _sweep(here)
    assert [path.stat().st_size for path in kept(tmp_path)] == [300_000]  # it lives, and goes on
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    assert kept(tmp_path)
    await _sweep(here)
    assert not kept(tmp_path)


async def test_a_sweep_goes_on_though_the_disk_refuses(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "voices").write_bytes(b"")
    here = files(tmp_path)
    sweeping = asyncio.create_task(here.sweep(), name="sweep")
    await _until(lambda: "Not a directory" in caplog.text)
    assert not sweeping.done()
    sweeping.cancel()
    with pytest.raises(UploadsFailed):
        await here.receive(pieces(wav()))


async def test_a_file_is_read_only_where_it_fits(tmp_path: Path) -> None:
    here = files(tmp_path)
    facts = await here.receive(pieces(wav()))
    with pytest.raises(FileTooLarge, match=r"has 0\.0 MB"):
        await here.read(facts.id, facts.size - 1)
    assert len(await here.read(facts.id, facts.size)) == facts.size


async def test_a_url_is_fetched_where_the_settings_allow_it(tmp_path: Path, begin: Begin) -> None:
    server = begin(sends(answer(wav())))
    wishes = {"fetch_hosts": f"127.0.0.1:{server.port}"}
    assert await files(tmp_path, fetch_private=True, **wishes).fetch(server.url(), 10**6) == wav()
    with pytest.raises(UrlNotAllowed, match="fetch_private"):
        await files(tmp_path, **wishes).fetch(server.url(), 10**6)
    with pytest.raises(UrlNotAllowed, match="fetch_hosts"):
        await files(tmp_path).fetch(server.url(), 10**6)
    with pytest.raises(FetchFailed, match="larger"):
        await files(tmp_path, fetch_private=True, **wishes).fetch(server.url(), 1000)
    assert not kept(tmp_path)


async def test_only_so_many_are_asked_at_once_though_nobody_waits(tmp_path: Path, begin: Begin) -> None:
    def stalls(link: object, path: str) -> None:
        server.wait(60)

    server = begin(stalls)
    here = files(tmp_path, fetch_hosts=f"127.0.0.1:{server.port}", fetch_private=True)
    asking = [asyncio.create_task(here.fetch(server.url(), 10), name="ask") for _ in range(MAX_FETCHING + 3)]
    await _until(lambda: len(server.seen) == MAX_FETCHING)
    for task in asking[:2]:
        task.cancel()
    await asyncio.sleep(0.2)
    assert len(server.seen) == MAX_FETCHING  # those who were left still have their threads
    server.close()
    results = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(result) for result in results[:2]] == [asyncio.CancelledError] * 2
    assert {type(result) for result in results[2:]} == {FetchFailed}


@pytest.mark.parametrize("entry", ["http://example.com", "*", "127.1", "a b"])
def test_a_host_that_is_none_stops_the_start(entry: str) -> None:
    with pytest.raises(settings.SettingsMistake, match="fetch_hosts"):
        settings.read({"fetch_hosts": [entry]}, environ={})
