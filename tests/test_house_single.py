"""Single requests in a real daemon: verified through every door that waits, and with subtitles through all of them."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import aiohttp
import pysubs2
import pytest

from daemon import settings
from daemon.bench.server import serving
from daemon.core import Voiced
from daemon.utterance import Utterance
from tests.command import voiced
from tests.sounds import regions

TEXT = "The kitchen light is on."
TWO = "The kitchen light is on. Nobody has been here [pause 800ms] since Monday."
WRONG = "something else was heard here"


@dataclass
class Service:
    """A recogniser that hears what is planted, and then what is said."""

    url: str = ""
    planted: deque[str] = field(default_factory=deque)
    says: str = TEXT


@contextmanager
def recogniser() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            heard = service.planted.popleft() if service.planted else service.says
            body = json.dumps({"text": heard, "language": "en"}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, name="recogniser")
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Place:
    """A daemon with the built-in voice and somebody who listens."""

    address: str
    data: Path
    web: aiohttp.ClientSession
    ear: Service

    async def post(self, path: str, body: object, status: int = 200) -> tuple[bytes, Any]:
        async with self.web.post(f"http://{self.address}{path}", json=body) as response:
            data = await response.read()
            assert response.status == status, data[:2000]
            return data, response.headers

    async def told(self, path: str, body: object, status: int = 200) -> Any:
        return json.loads((await self.post(path, body, status))[0])

    async def get(self, path: str) -> bytes:
        async with self.web.get(f"http://{self.address}{path}") as response:
            assert response.status == 200, await response.text()
            return await response.read()

    async def command(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        given = {"VOICED_DATA_DIR": str(self.data), "VOICED_ENGINE": "builtin", "VOICED_RECOGNISER": self.ear.url}
        return await asyncio.to_thread(voiced, *words, **given)

    async def plain(self, seed: int, text: str = TEXT) -> bytes:
        body = {"text": text, "voice": "heart", "seed": seed, "format": "pcm", "keep": False}
        return (await self.post("/api/v1/speech", body))[0]


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    data = tmp_path / "data"
    with recogniser() as ear:
        words = ("--data-dir", str(data), "--engine", "builtin", "--recogniser", ear.url)
        async with serving(*words) as server, aiohttp.ClientSession() as web:
            yield Place("{}:{}".format(*server.http), data, web, ear)


async def test_a_bad_take_is_taken_again_at_every_door_that_waits(place: Place, tmp_path: Path) -> None:
    """The first is misheard, the second is good: everybody hears the second."""
    asked = {"text": TEXT, "voice": "heart", "seed": 7, "verify": 3, "format": "pcm"}
    wanted = await place.plain(8)
    assert wanted != await place.plain(7)
    for path in ("/api/v1/speech", "/api/v1/custom-voice"):
        place.ear.planted.append(WRONG)
        pcm, headers = await place.post(path, asked)
        assert pcm == wanted, path
        assert (headers["X-Verified"], headers["X-Takes"], headers["X-Seed"]) == ("good", "2", "8")
        report = json.loads(await place.get(f"/api/v1/runs/{headers['X-Run-Id']}/files/report.json"))
        assert [(one["seed"], one["good"], one["kept"]) for one in report["takes"]] == [
            (7, False, False),
            (8, True, True),
        ]
        place.ear.planted.append(WRONG)
        told = await place.told(path, {**asked, "stream": False})
        assert (told["seed"], told["verified"]) == (8, report)
        assert json.loads(await place.get(told["links"]["report.json"])) == report
        assert (await place.get(told["links"]["audio"])).endswith(wanted)
    openai = {"input": TEXT, "voice": "heart", "seed": 7, "verify": 3, "response_format": "pcm"}
    place.ear.planted.append(WRONG)
    pcm, headers = await place.post("/v1/audio/speech", openai)
    assert (pcm == wanted, headers["X-Verified"], headers["X-Seed"]) == (True, "good", "8")
    place.ear.planted.append(WRONG)
    events, headers = await place.post("/v1/audio/speech", {**openai, "stream_format": "sse"})
    lines = [json.loads(line.removeprefix(b"data: ")) for line in events.split(b"\n\n") if line]
    assert b"".join(base64.b64decode(one["audio"]) for one in lines if "audio" in one) == wanted
    for how in (("--server", place.address), ("--local",)):
        place.ear.planted.append(WRONG)
        words = ("say", TEXT, "--voice", "heart", "--seed", "7", "--verify", "3", *how, "-o", str(tmp_path / "say.pcm"))
        done = await place.command(*words)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "say.pcm").read_bytes() == wanted
        assert done.stderr.decode() == "take 2 is good (seed 8)\n"


async def test_the_best_of_bad_takes_is_said_to_be_bad(place: Place, tmp_path: Path) -> None:
    place.ear.planted.extend([WRONG] * 2)
    asked = {"text": TEXT, "voice": "heart", "seed": 7, "verify": 2, "stream": False}
    told = await place.told("/api/v1/speech", asked)
    assert told["verified"]["good"] is False and len(told["verified"]["takes"]) == 2
    assert told["verified"]["takes"][0]["reasons"][0].startswith("words: ")
    place.ear.planted.extend([WRONG] * 3)
    words = (
        "say",
        TEXT,
        "--voice",
        "heart",
        "--seed",
        "7",
        "--server",
        place.address,
        "--verify",
        "-o",
        str(tmp_path / "x.wav"),
    )
    done = await place.command(*words)
    assert done.returncode == 0 and b"none of 3 takes is good; this is the best of them" in done.stderr


async def test_each_of_a_list_is_verified(place: Place) -> None:
    place.ear.planted.append(WRONG)
    body = {"text": [TEXT, TEXT, "a" * 2001], "voice": "heart", "seed": 7, "verify": 3, "subtitles": ["srt"]}
    first, second, third = (await place.told("/api/v1/custom-voice", body))["results"]
    takes = [len(one["spoken"]["verified"]["takes"]) for one in (first, second)]
    assert sorted(takes) == [1, 2]
    assert {"subtitles.srt", "report.json"} <= first["spoken"]["links"].keys()
    assert third["error"]["code"] == "text_too_long"


async def test_a_good_take_is_made_once_and_a_reply_overtakes_it(place: Place) -> None:
    long = "The washing machine in the cellar is ready, and the light in the kitchen is still on. " * 23
    place.ear.planted.extend([WRONG] * 9)
    asked = {"text": long, "voice": "heart", "verify": 9, "priority": "batch", "format": "pcm"}
    work = asyncio.create_task(place.post("/api/v1/speech", asked), name="batch")
    await asyncio.sleep(0.2)
    _, headers = await place.post("/api/v1/speech", {"text": "Yes.", "priority": "reply", "format": "pcm"})
    assert not work.done() and "X-Verified" not in headers
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    async with asyncio.timeout(20):
        while json.loads(await place.get("/api/v1/status"))["speaking"]:
            await asyncio.sleep(0.05)
    place.ear.planted.clear()
    assert (await place.post("/api/v1/speech", {"text": TEXT, "voice": "heart", "verify": 9}))[1]["X-Takes"] == "1"


async def test_what_cannot_be_done_is_told(place: Place) -> None:
    cases: list[tuple[dict[str, object], int, str, str]] = [
        ({"verify": 11}, 400, "malformed", "verify: "),
        ({"verify": -1}, 400, "malformed", "verify: "),
        ({"verify": 3, "text": "a " * 1001}, 413, "text_too_long", "up to 2000"),
        ({"verify": 3, "deadline_ms": 1}, 504, "deadline_passed", "within 0.0 s"),
        ({"verify": 3, "voice": "nobody"}, 422, "unknown_voice", "nobody"),
        ({"subtitles": True, "keep": False}, 422, "cannot_be_spoken", "subtitles: "),
        ({"subtitles": ["ass"]}, 400, "malformed", "subtitles[0]"),
        ({"subtitles": "srt"}, 400, "malformed", "subtitles: "),
    ]
    for body, status, code, told in cases:
        error = (await place.told("/api/v1/speech", {"text": TEXT, "voice": "heart", **body}, status))["error"]
        assert (error["code"], told in error["message"]) == (code, True), error


async def test_subtitles_of_every_door_are_the_same(place: Place, tmp_path: Path) -> None:
    asked = {"text": TWO, "voice": "heart", "language": "en-US", "seed": 5, "subtitles": True, "speed": 1.5}
    told = await place.told("/api/v1/speech", {**asked, "stream": False})
    assert {"run", "audio", "subtitles.srt", "subtitles.vtt"} == told["links"].keys()
    srt, vtt = [await place.get(told["links"][f"subtitles.{kind}"]) for kind in ("srt", "vtt")]
    audio = await place.get(told["links"]["audio"])
    cues, found = list(pysubs2.SSAFile.from_string(srt.decode())), regions(audio[44:], 0.2)
    assert [cue.plaintext for cue in cues] == [TEXT, "Nobody has been here", "since Monday."]
    for cue, (begin, _) in zip(cues, found, strict=True):
        assert cue.start / 1000 == pytest.approx(begin, abs=0.02)
    _, headers = await place.post("/api/v1/custom-voice", {**asked, "format": "mp3"})
    assert await place.get(f"/api/v1/runs/{headers['X-Run-Id']}/files/subtitles.vtt") == vtt
    async with place.web.ws_connect(f"ws://{place.address}/ws/speech") as ws:
        for pieces in (None, [TWO[:9], TWO[9:50], TWO[50:]]):
            text = {} if pieces else {"text": TWO}
            await ws.send_json({"type": "start", **asked, "verify": 3, **({"text": None} if pieces else text)})
            for piece in pieces or ():
                await ws.send_json({"type": "text", "text": piece})
            if pieces:
                await ws.send_json({"type": "end_text"})
            while (message := await ws.receive()).type is aiohttp.WSMsgType.BINARY or message.json()["type"] != "end":
                assert message.type is aiohttp.WSMsgType.BINARY or message.json()["type"] == "header"
            end = message.json()
            assert end["artifacts"] == ["audio.wav", "subtitles.srt", "subtitles.vtt"]
            assert await place.get(f"/api/v1/runs/{end['run_id']}/files/subtitles.srt") == srt
    before = len(json.loads(await place.get("/api/v1/runs"))["runs"])
    manner = ("--voice", "heart", "--language", "en-US", "--seed", "5", "--speed", "1.5", "--subtitles")
    for how in (("--server", place.address), ("--local",)):
        done = await place.command("say", TWO, *manner, *how, "-o", str(tmp_path / "out.wav"))
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "out.wav").read_bytes() == audio
        assert (tmp_path / "out.srt").read_bytes() == srt and (tmp_path / "out.vtt").read_bytes() == vtt
        for made in tmp_path.glob("out.*"):
            made.unlink()
    assert len(json.loads(await place.get("/api/v1/runs"))["runs"]) == before, "what nobody wants is not kept"
    shown = await place.command("runs", "show", told["run_id"])
    artifacts = json.loads(shown.stdout)["meta"]["artifacts"]
    assert [one["name"] for one in artifacts] == ["audio.wav", "subtitles.srt", "subtitles.vtt"]
    run = json.loads(await place.get(told["links"]["run"]))
    assert {"audio.wav", "subtitles.srt", "subtitles.vtt"} <= run["links"].keys()


async def test_in_python(tmp_path: Path) -> None:
    with recogniser() as ear:
        wishes = {"engine": "builtin", "data_dir": tmp_path, "recogniser": ear.url}
        async with Voiced(settings.read(wishes, environ={})) as house:
            ear.planted.append(WRONG)
            wish = Utterance(TEXT, "heart", seed=7, verify=2, subtitles=("srt",))
            async with house.speech.open(wish) as take:
                pcm = b"".join([piece async for piece in take])
            assert take.seed == 8 and len(pcm) > 0
            assert take.artifacts == ["audio.wav", "subtitles.srt", "report.json"]
