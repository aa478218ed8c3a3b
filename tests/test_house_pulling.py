"""A model is pulled over REST into a real daemon, which is stopped and killed meanwhile, then spoken with at every door."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from wyoming.client import AsyncTcpClient
from wyoming.tts import SynthesizeVoice

from daemon.bench.clients import Broken
from daemon.bench.server import Server, serving
from tests.command import voiced
from tests.doors import Describe, Info, plain
from tests.hub import Hub
from tests.hub import serving as hub_serving
from tests.tricks import Hang

if TYPE_CHECKING:
    from checkpoints import Shelf

REPO = "Qwen/Qwen3-TTS-12Hz-0.6B-CustomVoice"
MODEL, SLUG = "Qwen3-TTS-12Hz-0.6B-CustomVoice", "qwen3-tts-0.6b-customvoice"
WEIGHTS = "model.safetensors"
TEXT = "Good night."
# A tiny model speaks noise without end; a second of it will do.
SAMPLING = {"max_new_tokens": 12, "stop_guard": False}


class Home:
    """A running daemon and somebody who talks to it."""

    def __init__(self, server: Server, web: aiohttp.ClientSession) -> None:
        self.server, self.web = server, web
        self.url = f"http://{server.http[0]}:{server.http[1]}"

    async def ask(self, method: str, path: str, status: int = 200, body: object = None) -> Any:
        async with self.web.request(method, self.url + path, json=body) as response:
            assert response.status == status, await response.text()
            return await response.json() if response.content_type == "application/json" else await response.read()

    async def pull(self, status: int = 202, **body: object) -> str:
        told = await self.ask("POST", f"/api/v1/models/{SLUG}/pull", status, body or None)
        return str(told.get("run_id"))

    async def at_work(self) -> Any:
        (job,) = (await self.ask("GET", "/api/v1/jobs"))["jobs"]
        return job

    async def ended(self, run: str) -> Any:
        """The run when nobody works on it any more."""
        await asyncio.wait_for(self.ask("GET", f"/api/v1/runs/{run}/events"), 60)
        return await self.ask("GET", f"/api/v1/runs/{run}")

    async def models(self) -> list[str]:
        return [model["id"] for model in (await self.ask("GET", "/api/v1/models"))["models"]]

    async def described(self) -> list[str]:
        async with AsyncTcpClient(*self.server.wyoming) as client:
            await client.write_event(Describe().event())
            event = await client.read_event()
        assert event is not None
        return [voice.name for voice in Info.from_event(event).tts[0].voices if voice.installed]

    async def speaks(self) -> None:
        """The new model is heard at two doors."""
        heard = await self.ask(
            "POST", "/api/v1/speech", 200,
            {"text": TEXT, "voice": "ryan", "language": "en", "format": "pcm", "seed": 1, "sampling": SAMPLING},
        )  # fmt: skip
        assert len(heard) > 3840
        async with AsyncTcpClient(*self.server.wyoming) as client:
            async with asyncio.timeout(60):
                answer = await plain(client, "One.", SynthesizeVoice(name="ryan", language="en"))
        assert answer.pcm
        assert (await self.ask("GET", f"/api/v1/models/{MODEL}"))["state"] == "ready"


@pytest.fixture
def hub(checkpoint: Shelf, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with a checkpoint that can be spoken with; it ends soon, for nobody limits a text of Home Assistant's."""
    folder = checkpoint("custom_voice", "nano", end=8.0)
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with hub_serving(**{REPO.replace("/", "__"): files}) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.address)
        monkeypatch.setenv("OMP_NUM_THREADS", "1")
        yield served


@asynccontextmanager
async def at_home(data: Path) -> AsyncIterator[Home]:
    async with (
        serving("--data-dir", str(data), "--dtype", "float32") as server,
        aiohttp.ClientSession() as web,
    ):
        yield Home(server, web)


def gathered(data: Path) -> int:
    parts = data / "models" / ".partial" / SLUG / "parts"
    return max((path.stat().st_size for path in parts.glob("*") if not path.suffix), default=0)


async def until(hub: Hub, data: Path, bytes_: int) -> None:
    async with asyncio.timeout(30):
        while not hub.requests(WEIGHTS) or gathered(data) < bytes_:  # smaller files come first
            await asyncio.sleep(0.01)


async def test_stopped_gone_on_with_and_spoken_without_a_restart(hub: Hub, tmp_path: Path) -> None:
    half = len(hub.repos[REPO][WEIGHTS]) // 2
    hub.tricks[WEIGHTS] = [Hang(half)]
    async with at_home(tmp_path) as h:
        assert (await h.models(), "ryan" in await h.described()) == (["builtin"], False)
        run = await h.pull()
        await until(hub, tmp_path, half)
        job = await h.at_work()
        assert (job["pipeline"], job["title"], job["state"]) == ("pull", MODEL, "running")
        assert job["phase"].startswith("fetching ") and job["phase"].endswith(" MB")
        assert 0 < job["share"] < 1
        await h.pull(409)
        began = asyncio.get_running_loop().time()
        await h.ask("POST", f"/api/v1/runs/{run}/cancel")
        assert asyncio.get_running_loop().time() - began < 3
        hub.go_on.set()
        await h.ask("POST", f"/api/v1/runs/{run}/resume")
        told = await h.ended(run)
        assert told["state"] == "done", told
        assert hub.requests(WEIGHTS)[-1].start == half, "it went on where it was"
        pulled = await h.ask("GET", told["links"]["pulled.json"])
        assert (pulled["id"], pulled["source"]) == (MODEL, hub.address)
        assert 0 < pulled["fetched_bytes"] < pulled["bytes"]

        assert await h.models() == ["builtin", MODEL]
        assert [m["default"] for m in (await h.ask("GET", "/api/v1/models"))["models"]] == [True, False]
        assert "ryan" in await h.described()
        await h.ask("POST", f"/api/v1/models/{MODEL}/load")
        await h.speaks()
        asked = len(hub.asked)
        assert (await h.ended(await h.pull()))["state"] == "done"
        assert [one.file for one in hub.asked[asked:]] == ["", ""], "all of it was here"


async def test_killed_and_gone_on_with(hub: Hub, tmp_path: Path) -> None:
    half = len(hub.repos[REPO][WEIGHTS]) // 3
    hub.tricks[WEIGHTS] = [Hang(half)]
    with suppress(Broken):
        async with at_home(tmp_path) as h:
            run = await h.pull()
            await until(hub, tmp_path, half)
            os.kill(h.server.pid, signal.SIGKILL)
    hub.go_on.set()
    async with at_home(tmp_path) as h:
        assert (await h.ask("GET", f"/api/v1/runs/{run}"))["state"] == "interrupted"
        resumed = await asyncio.to_thread(
            voiced, "runs", "resume", run, "--server", f"{h.server.http[0]}:{h.server.http[1]}",
            "--data-dir", str(tmp_path),
        )  # fmt: skip
        assert resumed.returncode == 0, resumed.stderr
        assert hub.requests(WEIGHTS)[-1].start == half
        await h.speaks()


async def test_pulled_by_another_process_it_is_known_within_seconds(hub: Hub, tmp_path: Path) -> None:
    async with at_home(tmp_path) as h:
        done = await asyncio.to_thread(voiced, "models", "pull", SLUG, "--data-dir", str(tmp_path))
        assert done.returncode == 0, done.stderr
        async with asyncio.timeout(20):
            while "ryan" not in await h.described():
                await asyncio.sleep(0.1)
        await h.speaks()
