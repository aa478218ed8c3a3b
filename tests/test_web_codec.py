"""Codes over REST, on tones that stand for models with a codec."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from typing import Any

import numpy as np
import pytest
import soundfile

from daemon.faults import Unspeakable
from daemon.making import codec as making
from models.backend import Facts
from models.batch import QueueFull
from outputs import codes
from outputs.decoder import decode
from tests.doors_http import House, Open, house, pcm_of_wav, seconds
from tests.live import CODEBOOK, PORTION, LiveTone, choice, sound
from tests.test_web_voices import Family, asked, humming, models

__all__ = ["house", "models"]
ENCODE, DECODE = "/api/v1/codec/encode", "/api/v1/codec/decode"
TABLE = np.random.default_rng(0).integers(0, CODEBOOK, (70, 16)).astype(np.int16)
SPOKEN = b"".join(map(sound, TABLE.tolist()))
OCTETS = {"Content-Type": "application/octet-stream"}


def npz(table: Any = TABLE) -> bytes:
    return codes.to_npz(codes.Codes(table))


async def sent(
    h: House, data: bytes | io.BytesIO, status: int = 200, query: str = "", kind: str = OCTETS["Content-Type"]
) -> Any:
    return await asked(h, "POST", DECODE + query, status, data=data, headers={"Content-Type": kind})


async def problems(h: House, body: object, status: int = 422) -> dict[str, str]:
    error = (await asked(h, "POST", DECODE, status, body))["error"]
    return {detail["path"]: detail["message"] for detail in error["details"]} or {"": error["message"]}


async def test_a_recording_becomes_codes_and_codes_become_audio(house: Open, models: Family) -> None:
    h = await house()
    audio = base64.b64encode(humming(2.0)).decode()
    told = await asked(h, "POST", ENCODE, 200, {"audio": audio})
    assert {key: told[key] for key in told if key != "codes"} == {
        "model": "tone", "frames": 25, "codebooks": 16, "frame_rate": 12.5, "seconds": 2.0,
    }  # fmt: skip
    assert [len(frame) for frame in told["codes"]] == [16] * 25
    heard = decode(humming(2.0), max_seconds=3)
    expected = [made for made in models[0].encoding(heard.samples, 24_000) if made is not None][-1]
    assert told["codes"] == expected.tolist()
    file = await asked(h, "POST", ENCODE, 200, {"audio": audio, "format": "npz"})
    assert file == codes.to_npz(codes.Codes(expected, "tone"))
    assert np.array_equal(np.load(io.BytesIO(file))["codes"], expected)
    answers = [
        await asked(h, "POST", DECODE, 200, {"codes": told["codes"], "format": "pcm"}),
        await asked(h, "POST", DECODE, 200, {"npz": base64.b64encode(file).decode(), "format": "pcm"}),
        await sent(h, file, query="?format=pcm"),
        pcm_of_wav(await sent(h, file)),
    ]
    assert set(answers) == {b"".join(map(sound, expected.tolist()))}


async def test_a_kept_file_is_encoded_too_and_every_model_can_be_named(house: Open, models: Family) -> None:
    h = await house()
    kept = await asked(h, "POST", "/api/v1/files/upload", 201, data=humming(1.0), headers={"Content-Type": "audio/wav"})
    told = await asked(h, "POST", ENCODE, 200, {"audio": kept["file_id"], "model": "cloner"})
    assert (told["model"], told["frames"]) == ("cloner", 13)
    body = {"codes": told["codes"], "model": "designer", "format": "pcm"}
    assert len(await asked(h, "POST", DECODE, 200, body)) == 13 * 3840
    assert [tone.decoded for tone in models] == [0, 1, 0]
    assert h.voiced.engine.status().models[2].state.value == "unloaded"  # encoding needs none of what speaks


@pytest.mark.parametrize("kind", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
async def test_audio_comes_in_every_format_with_its_length(house: Open, models: Family, kind: str) -> None:
    h = await house()
    response = await h.post(f"{DECODE}?format=pcm", {"codes": TABLE.tolist(), "format": kind})
    data = await response.read()
    assert response.status == 200
    assert response.headers["X-Sample-Rate"] == "24000" and "X-Request-Id" in response.headers
    assert seconds(data, kind) == pytest.approx(5.6, abs=0.2)
    if kind in ("wav", "flac"):
        assert soundfile.info(io.BytesIO(data)).frames == 70 * 1920
        assert soundfile.read(io.BytesIO(data), dtype="int16")[0].astype("<i2").tobytes() == SPOKEN
    assert models[0].decoded == -(-70 // PORTION)


async def test_every_mistake_is_told_with_its_place(house: Open, models: Family) -> None:
    h = await house()
    wrong = TABLE.tolist()
    wrong[3][5], wrong[9], wrong[69][15] = -1, wrong[9][:4], 40_000
    assert await problems(h, {"codes": wrong}) == {
        "codes[3][5]": "-1 is not from 0 to 32767",
        "codes[9]": "has 4 codes; a frame has 16",
        "codes[69][15]": "40000 is not from 0 to 32767",
    }
    high = TABLE.copy()
    high[3, 5] = CODEBOOK
    assert await problems(h, {"codes": high.tolist()}) == {"codes[3][5]": f"{CODEBOOK} is not from 0 to {CODEBOOK - 1}"}
    assert list(await problems(h, {"codes": []})) == list(await problems(h, {"codes": "x"})) == ["codes"]
    assert "7500 are decoded at once" in (await problems(h, {"codes": [[0] * 16] * 7501}))["codes"]
    for body in ({}, {"codes": [], "npz": "AAAA"}):
        assert "one of them" in (await problems(h, body))["codes"]
    assert "base64" in (await problems(h, {"npz": "!"}, 400))["npz"]
    assert "no .npz file" in (await problems(h, {"npz": "AAAA"}))[""]
    assert "unknown audio format" in (await problems(h, {"codes": TABLE.tolist(), "format": "midi"}))[""]
    assert not models[0].decoded


async def test_files_that_are_no_codes(house: Open, models: Family) -> None:
    h = await house()
    floats, bomb = io.BytesIO(), io.BytesIO()
    np.savez(floats, codes=TABLE.astype(float))
    np.savez_compressed(bomb, codes=np.zeros((4_000_000, 16), np.int16))
    for data, told in (
        (b"", "empty"),
        (b"PK", "no .npz"),
        (floats.getvalue(), "<f8"),
        (bomb.getvalue(), "are the most"),
    ):
        error = (await sent(h, data, 422))["error"]
        assert error["code"] == "bad_codes" and told in error["message"]
    assert (await sent(h, io.BytesIO(bytes(codes.MAX_NPZ_BYTES + 1)), 413))["error"]["code"] == "body_too_large"
    assert (await sent(h, b"x", 415, kind="text/plain"))["error"]["code"] == "unsupported_media_type"
    too_long = io.BytesIO(json.dumps({"codes": [[0] * 16] * 50_000}).encode())
    refused = await asked(h, "POST", DECODE, 413, data=too_long, headers={"Content-Type": "application/json"})
    assert refused["error"]["code"] == "body_too_large"


async def test_recordings_that_cannot_be_encoded(house: Open, models: Family) -> None:
    h = await house()
    file = io.BytesIO()
    soundfile.write(file, np.full(241_000, 0.1), 8_000, format="WAV")
    long = base64.b64encode(file.getvalue()).decode()
    assert "longer than 30 s" in (await asked(h, "POST", ENCODE, 422, {"audio": long}))["error"]["message"]
    assert (await asked(h, "POST", ENCODE, 422, {"audio": "AAAA"}))["error"]["code"] == "unreadable_audio"
    assert (await asked(h, "POST", ENCODE, 400, {"audio": long, "format": "mp3"}))["error"]["code"] == "malformed"
    assert (await asked(h, "POST", ENCODE, 404, {"audio": "file-" + "0" * 32}))["error"]["code"] == "unknown_file"


async def test_models_that_cannot(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    audio = base64.b64encode(humming(1.0)).decode()
    deaf = LiveTone(model="deaf", encodes=False)
    mute = LiveTone(model="mute", codebook=0, encodes=False)
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(mute, deaf, LiveTone(model="whole")))
    h = await house()
    assert (await asked(h, "POST", ENCODE, 200, {"audio": audio}))["model"] == "whole"
    assert await sent(h, npz(), query="?format=pcm") == SPOKEN
    assert deaf.decoded
    for body, told in (
        (
            {"audio": audio, "model": "deaf"},
            "deaf has no encoder: its weights hold none; whole can",
        ),
        ({"audio": audio, "model": "mute"}, "mute does not speak in codes; whole can"),
    ):
        error = (await asked(h, "POST", ENCODE, 422, body))["error"]
        assert (error["code"], error["message"], error["details"][0]["path"]) == ("cannot_be_spoken", told, "model")
    assert (await sent(h, npz(), 404, "?model=nobody"))["error"]["code"] == "unknown_model"


async def test_where_no_model_has_a_codec(house: Open) -> None:
    h = await house()
    error = (await sent(h, npz(), 422))["error"]
    assert "no model here makes codes" in error["message"] and "voiced models pull" in error["message"]


class Halting(LiveTone):
    """Its codec fails in the second portion."""

    def decoding(self, table: Any) -> Any:
        yield from list(super().decoding(table))[:1]
        raise RuntimeError("planted")


async def test_a_failure_after_the_first_audio_breaks_the_transfer(
    house: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(Halting()))
    h = await house()
    response = await h.post(DECODE, {"codes": TABLE.tolist(), "format": "pcm"})
    assert response.status == 200
    with pytest.raises(Exception, match=r"payload|disconnected|closed"):
        await response.read()
    assert "planted" in caplog.text
    assert len(await (await h.say("abc", format="pcm")).read()) == 3 * 3840  # and the model is as it was
    assert (await h.post(DECODE, {"codes": TABLE[:3].tolist(), "format": "pcm"})).status == 200


async def test_python_has_it_too_and_no_more_than_a_few_at_once(house: Open, models: Family) -> None:
    voiced = (await house()).voiced
    made = await voiced.codec.encode(humming(1.0))
    assert (made.model, made.table.shape, made.seconds) == ("tone", (13, 16), 1.04)
    assert b"".join([pcm async for pcm in voiced.codec.decode(TABLE)]) == SPOKEN
    with pytest.raises(codes.BadCodes):
        await anext(voiced.codec.decode(TABLE + 256))
    with pytest.raises(Unspeakable):
        voiced.engine.codecs["designer"] = Facts("x", "designer", 1, 1, 1, ())
        await voiced.codec.encode(humming(1.0), "designer")
    opened = [voiced.codec.decode(TABLE) for _ in range(making.MAX_OPEN)]
    await asyncio.gather(*(anext(one) for one in opened))
    with pytest.raises(QueueFull):
        await anext(voiced.codec.decode(TABLE))
    await opened[0].aclose()
    assert await anext(voiced.codec.decode(TABLE)) == SPOKEN[: PORTION * 3840]
    for one in opened:
        await one.aclose()
