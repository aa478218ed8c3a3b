"""The whole house as a real process: every door, and what happens when it is told to stop."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest
from wyoming.audio import AudioChunk
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.info import Describe, Info
from wyoming.tts import Synthesize

from daemon.bench import clients
from daemon.bench.server import Server, serving

LONG = "la " * 400


async def answer(server: Server, text: str) -> bytes:
    """What Wyoming says to a plain request."""
    pcm = b""
    async with AsyncTcpClient(*server.wyoming) as client:
        await client.write_event(Synthesize(text=text).event())
        while event := await client.read_event():
            if event.type == "audio-stop":
                return pcm
            if AudioChunk.is_type(event.type):
                pcm += AudioChunk.from_event(event).audio
    raise AssertionError("the connection ended before audio-stop")


def url(server: Server, path: str) -> str:
    return f"http://{server.http[0]}:{server.http[1]}{path}"


async def test_the_same_speech_at_every_door() -> None:
    """One daemon, one voice, one text: Wyoming, OpenAI, REST, WebSocket and the shell give the same samples."""
    text = "do re mi."
    async with serving("--engine", "tone") as server, aiohttp.ClientSession() as web:
        heard = {"wyoming": await answer(server, text)}
        message = {"model": "tone", "voice": "tone", "input": text, "response_format": "pcm"}
        async with web.post(url(server, "/v1/audio/speech"), json=message) as response:
            heard["openai"] = await response.read()
        async with web.post(
            url(server, "/api/v1/speech"), json={"text": text, "voice": "tone", "format": "pcm"}
        ) as response:
            heard["rest"] = await response.read()
        async with web.ws_connect(url(server, "/ws/speech")) as ws:
            await ws.send_json({"type": "start", "text": text, "voice": "tone"})
            heard["websocket"] = b""
            async for frame in ws:
                if frame.type is aiohttp.WSMsgType.BINARY:
                    heard["websocket"] += frame.data
                elif json.loads(frame.data)["type"] == "end":
                    break
        address = f"{server.http[0]}:{server.http[1]}"
        words = ["say", text, "--voice", "tone", "--server", address, "--format", "pcm", "-o", "-"]
        said = await asyncio.to_thread(subprocess.run, [sys.executable, "-m", "daemon", *words], capture_output=True)
        assert said.returncode == 0, said.stderr
        heard["say"] = said.stdout
    assert len(heard["wyoming"]) == len(text) * 3840
    assert {name for name, pcm in heard.items() if pcm != heard["wyoming"]} == set()


async def test_describe_and_health_answer_while_every_slot_is_busy() -> None:
    async with serving("--engine", "tone", "--slots", "2", "--tone-step-ms", "20") as server:
        busy = [asyncio.create_task(answer(server, "la " * 20), name="busy") for _ in range(6)]
        async with asyncio.timeout(20):
            while not await gauge(server, "voiced_rows_waiting"):
                await asyncio.sleep(0.01)
        async with AsyncTcpClient(*server.wyoming) as client:
            await client.write_event(Describe().event())
            event = await client.read_event()
        assert event is not None
        assert Info.from_event(event).tts[0].supports_synthesize_streaming
        await clients.healthz(*server.http)
        assert not all(task.done() for task in busy)
        sizes = [len(pcm) for pcm in await asyncio.gather(*busy)]
    assert len(set(sizes)) == 1


async def test_sigterm_with_open_streams_exits_0_and_nobody_takes_half_for_whole() -> None:
    async with serving("--engine", "tone", "--tone-step-ms", "10", "--drain", "0.3") as server:
        async with AsyncTcpClient(*server.wyoming) as client, aiohttp.ClientSession() as web:
            await client.write_event(Synthesize(text=LONG).event())
            ws = await web.ws_connect(url(server, "/ws/speech"))
            await ws.send_json({"type": "start", "text": LONG})
            response = await web.post(url(server, "/api/v1/speech"), json={"text": LONG, "format": "pcm"})
            header = await ws.receive_json()
            watching = asyncio.create_task(texts(ws), name="websocket")
            events = [await client.read_event(), await client.read_event()]
            assert [event and event.type for event in events] == ["audio-start", "audio-chunk"]
            os.kill(server.pid, signal.SIGTERM)
            while event := await client.read_event():
                events.append(event)
            assert Error.is_type(events[-1].type)
            assert "audio-stop" not in {event.type for event in events}
            with pytest.raises(aiohttp.ClientError):
                await response.read()
            frames = [header, *await watching]
            assert [frame["type"] for frame in frames] == ["header", "error", "end"]
            assert frames[-1]["reason"] == "error"
        await gone(server.pid)  # `serving` sees to it that the exit code is 0
    with socket.create_server(server.wyoming):
        pass  # the port can be had again at once


async def gone(pid: int) -> None:
    """Wait until a process has ended and was reaped."""
    async with asyncio.timeout(20):
        while Path(f"/proc/{pid}").exists():
            await asyncio.sleep(0.01)


async def texts(ws: aiohttp.ClientWebSocketResponse) -> list[dict[str, object]]:
    """The text frames until the socket closes."""
    return [json.loads(frame.data) async for frame in ws if frame.type is aiohttp.WSMsgType.TEXT]


async def test_after_a_thousand_disconnects_nothing_is_left() -> None:
    async with serving("--engine", "tone", "--slots", "8", "--tone-step-ms", "1") as server:
        await answer(server, "warm")
        await clients.rest(*server.http, "warm")
        before, tasks = len(os.listdir(f"/proc/{server.pid}/fd")), await gauge(server, "voiced_tasks")
        for _ in range(20):
            await asyncio.gather(*(vanish(server, kind) for kind in ("wyoming", "rest") for _ in range(25)))
        async with asyncio.timeout(20):
            while (await gauge(server, "voiced_rows_speaking")) + (await gauge(server, "voiced_rows_waiting")):
                await asyncio.sleep(0.01)
            while len(os.listdir(f"/proc/{server.pid}/fd")) > before + 2 or await gauge(server, "voiced_tasks") > tasks:
                await asyncio.sleep(0.05)
        for door in ("wyoming", "rest"):
            spoken = await gauge(server, f'voiced_audio_seconds_total{{door="{door}"}}')
            assert spoken < 500 * len(LONG) * 0.08 / 2, "nobody spoke to those who had gone"
        assert len(await answer(server, "fine")) == 4 * 3840


async def vanish(server: Server, kind: str) -> None:
    """Ask for something long, hear the first of it, and be gone with a reset."""
    host, port = server.wyoming if kind == "wyoming" else server.http
    reader, writer = await asyncio.open_connection(host, port)
    if kind == "wyoming":
        data = json.dumps({"text": LONG}).encode()
        writer.write(json.dumps({"type": "synthesize", "data_length": len(data)}).encode() + b"\n" + data)
    else:
        body = json.dumps({"text": LONG, "format": "pcm", "keep": False}).encode()
        head = f"POST /api/v1/speech HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
    await reader.read(100)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def gauge(server: Server, name: str) -> float:
    page = await clients.get(*server.http, "/metrics")
    return next(float(line.split()[-1]) for line in page.splitlines() if line.startswith(name + " "))


def serve(*options: str, **kwargs: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "daemon", "serve", *options], capture_output=True, text=True, timeout=100, **kwargs
    )  # type: ignore[call-overload,no-any-return]


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        folder = ("--data-dir", str(tmp_path), "--engine", "tone")
        for options in (
            ("--http", address, "--wyoming", "tcp://127.0.0.1:0"),
            ("--wyoming", f"tcp://{address}", "--http", "none"),
        ):
            done = serve(*folder, *options)
            assert done.returncode == 2
            assert address.split(":")[1] in done.stderr
            assert "Traceback" not in done.stderr


def test_a_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = serve(
        "--data-dir",
        str(tmp_path / "file" / "data"),
        "--engine",
        "tone",
        "--http",
        "127.0.0.1:0",
        "--wyoming",
        "tcp://127.0.0.1:0",
    )
    assert done.returncode == 1
    assert str(tmp_path / "file") in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--engine", "qwen"], "no Qwen3-TTS checkpoint"),
        (["--voice", "nobody"], "no voice is called 'nobody'"),
        (["--language", "zz zz"], "zz zz"),
        (["--wyoming", "ftp://127.0.0.1"], "ftp"),
        (["--http", "nonsense"], "nonsense"),
        (["--api-keys", "/nowhere"], "/nowhere"),
    ],
)
def test_a_start_that_cannot_work_says_why(tmp_path: Path, options: list[str], told: str) -> None:
    done = serve("--data-dir", str(tmp_path), "--http", "127.0.0.1:0", "--wyoming", "tcp://127.0.0.1:0", *options)
    assert done.returncode in (1, 2)
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_key_stops_the_start_and_lists_the_known_ones(tmp_path: Path) -> None:
    done = serve("--data-dir", str(tmp_path), env={**os.environ, "VOICED_ENIGNE": "tone"})
    assert done.returncode == 2
    assert "unknown setting 'enigne'" in done.stderr
    assert "idle_unload" in done.stderr
