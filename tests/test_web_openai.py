"""OpenAI's routes by hand: events, aliases and error shapes. The SDK itself is in test_openai_sdk."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.doors_http import FRAME_MS, House, Open, house, seconds

__all__ = ["house"]


async def ask(h: House, **wishes: object) -> Any:
    return await h.post("/v1/audio/speech", {"input": "Hello there.", **wishes})


async def test_events_as_openai_documents_them(house: Open) -> None:
    h = await house()
    response = await ask(h, stream_format="sse", response_format="pcm")
    assert (response.status, response.content_type) == (200, "text/event-stream")
    lines = (await response.text()).split("\n\n")
    assert lines.pop() == ""
    events = [json.loads(line.removeprefix("data: ")) for line in lines]
    *deltas, done = events
    assert {event["type"] for event in deltas} == {"speech.audio.delta"}
    audio = b"".join(base64.b64decode(event["audio"]) for event in deltas)
    assert seconds(audio, "pcm") == pytest.approx(12 * FRAME_MS / 1000)
    usage = {"input_tokens": 12, "output_tokens": 12, "total_tokens": 24}
    assert done == {"type": "speech.audio.done", "usage": usage}


async def test_mp3_is_what_comes_when_nothing_is_said(house: Open) -> None:
    h = await house()
    response = await ask(h)
    assert response.content_type == "audio/mpeg"
    assert seconds(await response.read(), "mp3") == pytest.approx(0.96, abs=0.12)
    assert "X-Run-Id" not in response.headers  # this door keeps none by default


@pytest.mark.parametrize(
    "model",
    [
        "tone", "tts-1", "tts-1-hd", "tts-1-1106", "tts-1-hd-1106", "gpt-4o-mini-tts",
        "gpt-4o-mini-tts-2025-03-20", "TONE", "default", None,
    ],
)  # fmt: skip
async def test_openais_models_mean_the_one_that_speaks(house: Open, model: str | None) -> None:
    h = await house()
    assert (await ask(h, model=model)).status == 200
    if model is not None:
        assert (await h.json(f"/v1/models/{model}"))["id"] == model


@pytest.mark.parametrize("model", ["gpt-4o", "tts-2", "tts-1-hdd", "tones", "x" * 5000])
async def test_any_other_model_is_not_found(house: Open, model: str) -> None:
    h = await house()
    response = await ask(h, model=model)
    error = (await response.json())["error"]
    assert (response.status, error["code"], error["type"]) == (404, "model_not_found", "not_found_error")


@pytest.mark.parametrize(
    ("wishes", "status", "param"),
    [
        ({"speed": 5}, 400, "speed"),
        ({"speed": "fast"}, 400, "speed"),
        ({"input": ["a"]}, 400, "input"),
        ({"input": "x" * 200_000}, 413, None),
        ({"input": ""}, 422, None),
        ({"response_format": "midi"}, 422, None),
        ({"response_format": ""}, 422, None),
        ({"voice": "nobody"}, 422, None),
        ({"language": "sw"}, 422, None),
        ({"instructions": "x" * 5000}, 400, "instructions"),
    ],
)
async def test_errors_in_openais_shape(house: Open, wishes: dict[str, object], status: int, param: str | None) -> None:
    h = await house()
    response = await ask(h, **wishes)
    error = (await response.json())["error"]
    assert (response.status, error["param"]) == (status, param)
    assert set(error) == {"message", "type", "param", "code"}


@pytest.mark.parametrize("voice", ["alloy", "marin", {"id": "tone-2"}, "TONE", None, ""])
async def test_voices_as_clients_write_them(house: Open, voice: object) -> None:
    h = await house()
    response = await ask(h, voice=voice, language="fr", seed=3, unknown_field={"x": 1})
    assert response.status == 200
    assert response.headers["X-Seed"] == "3"


async def test_lists(house: Open) -> None:
    h = await house()
    models = await h.json("/v1/models")
    assert (models["object"], [model["id"] for model in models["data"]]) == ("list", ["tone"])
    voices = await h.json("/v1/audio/voices")
    assert [voice["id"] for voice in voices["data"]] == ["tone", "tone-2"]
    assert {voice["id"]: voice["name"] for voice in voices["voices"]}["tone"] == "Tone (test signal)"
