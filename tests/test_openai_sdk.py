"""The openai SDK, as its users use it, against a real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from models.tone import Tone
from tests.doors_http import FRAME_MS, House, Open, house, seconds
from tests.test_web_speaking import LONG, failing_after

__all__ = ["house"]

TEXT = "Hello there, my friend."
KEY = "sk-local-0123456789abcdef"


@pytest.fixture
async def sdk(house: Open) -> AsyncIterator[AsyncOpenAI]:
    h = await house()
    async with client(h) as opened:
        yield opened


def client(h: House, key: str = "unused") -> AsyncOpenAI:
    return AsyncOpenAI(base_url=h.url + "/v1", api_key=key, max_retries=0)


@pytest.mark.parametrize("kind", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
async def test_every_format_plays_for_as_long_as_the_speech(sdk: AsyncOpenAI, kind: str) -> None:
    spoken = await sdk.audio.speech.create(
        model="gpt-4o-mini-tts",
        voice="alloy",
        input=TEXT,
        response_format=kind,
        instructions="calmly",  # type: ignore[arg-type]
    )
    assert seconds(spoken.content, kind) == pytest.approx(len(TEXT) * FRAME_MS / 1000, abs=0.12)


async def test_streaming_begins_before_the_speech_is_over(house: Open, tmp_path: Path) -> None:
    h = await house(tone_step_ms=10)
    async with (
        client(h) as sdk,
        sdk.audio.speech.with_streaming_response.create(
            model="tts-1", voice="tone", input="x" * 100, response_format="pcm"
        ) as response,
    ):
        assert response.headers["x-voice"] == "tone"
        first = await anext(response.iter_bytes(1000))
        assert first and h.voiced.engine.status().speaking == 1
    await h.idle()
    async with (
        client(h) as sdk,
        sdk.audio.speech.with_streaming_response.create(
            model="tts-1-hd", voice="tone-2", input=TEXT, speed=2.0
        ) as response,
    ):
        await response.stream_to_file(tmp_path / "speech.mp3")
    wanted = len(TEXT) * FRAME_MS / 2000
    assert seconds((tmp_path / "speech.mp3").read_bytes(), "mp3") == pytest.approx(wanted, abs=0.12)


async def test_server_sent_events(sdk: AsyncOpenAI) -> None:
    async with sdk.audio.speech.with_streaming_response.create(
        model="tts-1", voice="tone", input="Hi", stream_format="sse"
    ) as response:
        lines = [line async for line in response.iter_lines() if line]
    events = [json.loads(line.removeprefix("data: ")) for line in lines]
    assert [event["type"] for event in events][-1] == "speech.audio.done"
    assert events[-1]["usage"]["total_tokens"] == 4


async def test_the_blocking_client_in_a_thread(house: Open) -> None:
    h = await house()

    def use() -> tuple[bytes, list[str], str]:
        with OpenAI(base_url=h.url + "/v1", api_key="unused", max_retries=0) as sdk:
            spoken = sdk.audio.speech.create(model="tts-1", voice="tone", input=TEXT, response_format="wav")
            models = [model.id for model in sdk.models.list()]
            return spoken.content, models, sdk.models.retrieve("tts-1").id

    audio, models, alias = await asyncio.to_thread(use)
    assert seconds(audio, "wav") == pytest.approx(len(TEXT) * FRAME_MS / 1000)
    assert (models, alias) == (["tone"], "tts-1")


async def test_extras_of_ours(sdk: AsyncOpenAI) -> None:
    response = await sdk.audio.speech.with_raw_response.create(
        model="tts-1", voice="tone", input=TEXT, extra_body={"language": "de", "seed": 9, "hat": "red"}
    )
    assert response.headers["x-seed"] == "9"


@pytest.mark.parametrize(
    ("wishes", "error", "code"),
    [
        ({"speed": 9.0}, openai.BadRequestError, "malformed"),
        ({"model": "gpt-9"}, openai.NotFoundError, "model_not_found"),
        ({"voice": "nobody"}, openai.UnprocessableEntityError, "unknown_voice"),
        ({"response_format": "midi"}, openai.UnprocessableEntityError, "unsupported_format"),
        ({"input": "..."}, openai.UnprocessableEntityError, "nothing_to_say"),
    ],
)
async def test_typed_errors(
    sdk: AsyncOpenAI, wishes: dict[str, object], error: type[openai.APIStatusError], code: str
) -> None:
    asked: dict[str, object] = {"model": "tts-1", "voice": "tone", "input": TEXT, **wishes}
    with pytest.raises(error) as caught:
        await sdk.audio.speech.create(**asked)  # type: ignore[call-overload]
    assert caught.value.code == code
    assert caught.value.request_id
    assert isinstance(caught.value.body, dict)


async def test_a_text_too_long(sdk: AsyncOpenAI) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        await sdk.audio.speech.create(model="tts-1", voice="tone", input="x" * 200_000)
    assert (caught.value.status_code, caught.value.code) == (413, "text_too_long")


async def test_keys(house: Open) -> None:
    h = await house(keys={"home": KEY})
    async with client(h, KEY) as sdk:
        assert [model.id async for model in sdk.models.list()] == ["tone"]
    async with client(h, "sk-wrong") as sdk:
        with pytest.raises(openai.PermissionDeniedError):
            await sdk.audio.speech.create(model="tts-1", voice="tone", input=TEXT)
    async with h.client.get(h.url + "/v1/models") as response:
        error = (await response.json())["error"]
        assert (response.status, error["type"]) == (401, "authentication_error")
    async with client(h) as sdk:
        with pytest.raises(openai.AuthenticationError):
            await sdk.with_options(default_headers={"Authorization": ""}).models.list()


async def test_full_late_and_broken(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    h = await house(slots=1, queue=0, tone_step_ms=5)
    async with client(h) as sdk:
        first = await h.say(LONG)
        with pytest.raises(openai.RateLimitError) as full:
            await sdk.audio.speech.create(model="tts-1", voice="tone", input=TEXT)
        assert full.value.response.headers["retry-after"] == "2"
        first.close()
        await h.idle()
        failing_after(monkeypatch, 0)
        with pytest.raises(openai.InternalServerError) as failed:
            await sdk.audio.speech.create(model="tts-1", voice="tone", input=TEXT)
        assert failed.value.code == "speech_failed"
        assert Tone.load is not None


async def test_a_failure_mid_stream_is_never_a_shorter_success(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    h = await house(tone_step_ms=2)
    failing_after(monkeypatch, 50)
    async with client(h) as sdk:
        with pytest.raises(openai.APIConnectionError):
            await sdk.audio.speech.create(model="tts-1", voice="tone", input=LONG)
