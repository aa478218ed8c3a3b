"""Audio to codes and back as a pipeline, on tones that stand for models with a codec."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from daemon.core import Voiced
from daemon.faults import InputMistake, UnknownModel, Unspeakable
from daemon.job import Job, State
from daemon.making.codec import Codec
from daemon.pipelines.codec import Options, is_codes, plan
from outputs import codes
from outputs.codes import BadCodes
from outputs.info import read_info
from tests.kept import Family, Start, models
from tests.live import CODEBOOK, LiveTone, choice, sound
from tests.test_web_voices import humming

__all__ = ["models"]

TABLE = np.random.default_rng(0).integers(0, CODEBOOK, (70, 16)).astype(np.int16)
SPOKEN = np.frombuffer(b"".join(map(sound, TABLE.tolist())), "<i2")
NPZ, JSON = codes.to_npz(codes.Codes(TABLE)), codes.to_json(codes.Codes(TABLE, "tone"))


async def done(voiced: Voiced, data: bytes, name: str = "clip.wav", **options: Any) -> Job:
    job = await voiced.jobs.start("codec", data, name, options, 1)
    async with asyncio.timeout(20):
        async for told in job.watch():
            last = told
    assert last.state is State.DONE, last
    return job


def artifacts(job: Job) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in json.loads((job.ledger.path / "meta.json").read_bytes())["artifacts"]}


@pytest.mark.parametrize(
    ("wish", "files"),
    [({}, ["codes.npz"]), ({"codes": "json"}, ["codes.json"]), ({"codes": "both"}, ["codes.npz", "codes.json"])],
)
async def test_a_recording_becomes_codes(start: Start, models: Family, wish: dict[str, Any], files: list[str]) -> None:
    voiced = await start()
    job = await done(voiced, humming(2.0), **wish)
    made = await voiced.codec.encode(humming(2.0))
    told = artifacts(job)
    assert list(told) == files
    for name in files:
        data = (job.ledger.path / name).read_bytes()
        assert data == (codes.to_npz(made) if name.endswith("npz") else codes.to_json(made))
        once = {"seconds": 2.0} if name == files[0] else {}
        assert told[name] == {"name": name, "bytes": len(data), "frames": 25, **once}
    info = read_info(job.ledger.path)
    assert info is not None and info.seconds == 2.0


@pytest.mark.parametrize("data", [NPZ, JSON, b"\xef\xbb\xbf " + JSON, json.dumps(TABLE.tolist()).encode()])
async def test_codes_become_audio_whatever_the_file_is_called(start: Start, models: Family, data: bytes) -> None:
    job = await done(await start(), data, "codes.bin")
    (told,) = artifacts(job).values()
    assert (told["name"], told["seconds"]) == ("codes.flac", 5.6)
    samples, rate = soundfile.read(job.ledger.path / "codes.flac", dtype="int16")
    assert rate == 24_000 and np.array_equal(samples, SPOKEN)


async def test_there_and_back(start: Start, models: Family) -> None:
    voiced = await start()
    there = await done(voiced, humming(1.0))
    back = await done(voiced, (there.ledger.path / "codes.npz").read_bytes(), audio="wav", loudness=-20.0)
    assert soundfile.info(back.ledger.path / "clip.wav").duration == pytest.approx(13 * 0.08)
    quiet = await done(voiced, (there.ledger.path / "codes.npz").read_bytes(), audio="wav", loudness=-30.0)
    loud, soft = (np.abs(soundfile.read(job.ledger.path / "clip.wav")[0]).max() for job in (back, quiet))
    assert loud / soft == pytest.approx(10**0.5, rel=0.01)


async def test_by_the_model_that_is_named(start: Start, models: Family) -> None:
    voiced = await start()
    job = await done(voiced, humming(1.0), model="cloner", codes="json")
    assert json.loads((job.ledger.path / "codes.json").read_bytes())["model"] == "cloner"
    await done(voiced, NPZ, model="designer")
    assert [bool(tone.decoded) for tone in models] == [False, True, False]
    with pytest.raises(UnknownModel):
        await done(voiced, NPZ, model="nobody")


async def test_a_house_without_a_codec(start: Start) -> None:
    with pytest.raises(Unspeakable, match="no model here makes codes"):
        await done(await start(), NPZ)


async def test_a_model_without_an_encoder(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(LiveTone(model="deaf", encodes=False)))
    voiced = await start()
    await done(voiced, NPZ)
    job = await voiced.jobs.start("codec", humming(1.0), "clip.wav", {}, 1)
    last = [told async for told in job.watch()][-1]
    assert last.state is State.FAILED and "no model here makes codes of audio" in last.error


async def test_what_was_made_before_a_kill_is_not_made_again(
    start: Start, models: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    voiced = await start()
    for data, name in ((humming(1.0), "codes.npz"), (NPZ, "clip.flac")):
        with monkeypatch.context() as patch:
            patch.setattr("daemon.job_folder.assembled", _killed)
            job = await voiced.jobs.start("codec", data, "clip.wav", {}, 1)
            assert job.task is not None
            await asyncio.wait({job.task})
            job.ledger.release()
        with monkeypatch.context() as patch:
            patch.setattr(Codec, "encode", None)
            patch.setattr(Codec, "decode", None)
            again = await (await start()).jobs.resume(job.id)
            assert [told async for told in again.watch()][-1].state is State.DONE
            assert (job.ledger.path / name).is_file()


def _killed(job: Job) -> None:
    raise asyncio.CancelledError


def long(seconds: float) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.full(int(seconds * 8000), 0.1), 8000, format="FLAC")
    return file.getvalue()


def test_a_recording_that_is_too_long_is_told_with_the_reason() -> None:
    plan(long(30.0), "clip.flac", Options())
    with pytest.raises(InputMistake, match=r"lasts 30\.1 s, and 30 s are encoded at once: .*look back"):
        plan(long(30.1), "clip.flac", Options())


@pytest.mark.parametrize("data", [b"", b"hello", b"\x00\x01\x02", b"%PDF-1.7"])
def test_what_is_neither(data: bytes) -> None:
    assert not is_codes(data)
    with pytest.raises(InputMistake, match=r"nor is it a \.npz file or JSON with codes"):
        plan(data, "x", Options())


def test_every_mistake_in_codes_is_told() -> None:
    wrong = TABLE.tolist()
    wrong[3][5], wrong[9] = -1, wrong[9][:4]
    with pytest.raises(BadCodes) as caught:
        plan(json.dumps(wrong).encode(), "x.json", Options())
    assert [place for place, _ in caught.value.mistakes] == ["codes[3][5]", "codes[9]"]
    for data in (b"PK\x03\x04", b'{"codes": []}', b"[1"):
        with pytest.raises(BadCodes):
            plan(data, "x", Options())


def test_every_option_is_described() -> None:
    assert all(field.get("description") for field in Options.model_json_schema()["properties"].values())


def test_nothing_is_to_be_spoken() -> None:
    found = plan(NPZ, "a/b/clip.npz", Options())
    assert (found.segments, found.title) == ((), "clip.npz")
    assert Path(found.title).name == found.title
