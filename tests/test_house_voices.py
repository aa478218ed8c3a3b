"""Every kind of voice from making to restart, in a real daemon on small random checkpoints, through real clients."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from checkpoints import Shelf
from wyoming.client import AsyncTcpClient
from wyoming.info import Describe, Info

from tests.test_house_qwen import Home, home, wyoming
from tests.test_outputs_decoder import wav

TEXT = "The kitchen light is on. Good night."
WORDS = "What the recording says."
RECORDING = base64.b64encode(wav()).decode()
KINDS: Mapping[str, dict[str, Any]] = {
    "preset": {"kind": "preset", "speaker": "ryan", "defaults": {"seed": 5, "speed": 1.25, "gain": -3}},
    "design": {"kind": "design", "description": "an old sailor, hoarse and slow", "defaults": {"seed": 3}},
    "clone": {"kind": "clone", "audio": RECORDING, "transcript": WORDS, "defaults": {"seed": 7}, "force": True},
    "embedding": {"kind": "clone", "audio": RECORDING, "defaults": {"seed": 7}, "force": True},
    "mix": {"kind": "mix", "shares": [{"voice": "ryan"}, {"voice": "vivian", "weight": 2}], "defaults": {"seed": 9}},
}


@pytest.fixture(scope="module")
def models(checkpoint: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model for each task."""
    folder = tmp_path_factory.mktemp("models")
    for name, kind in (("presets", "custom_voice"), ("designs", "voice_design"), ("clones", "base")):
        shutil.copytree(checkpoint(kind, "nano", end=2.0), folder / name)  # type: ignore[arg-type]
    return folder


@pytest.fixture
def data(models: Path, tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models").symlink_to(models)
    return tmp_path / "data"


async def asked(h: Home, method: str, path: str, status: int, **how: Any) -> Any:
    async with h.web.request(method, h.url + path, **how) as response:
        body = await response.read()
        assert response.status == status, body[:2000]
        return json.loads(body) if response.content_type == "application/json" else body


async def described(h: Home) -> set[str]:
    """The voices that Home Assistant sees."""
    async with AsyncTcpClient(*h.server.wyoming) as client:
        await client.write_event(Describe().event())
        event = await asyncio.wait_for(client.read_event(), 30)
        assert event is not None
        return {voice.name for voice in Info.from_event(event).tts[0].voices}


def command(data: Path, *words: str, **environ: str) -> str:
    """What `voiced voices WORDS…` prints."""
    around = {**os.environ, "VOICED_ENGINE": "qwen", "VOICED_DATA_DIR": str(data), **environ}
    done = subprocess.run(
        [sys.executable, "-m", "daemon", "voices", *words], capture_output=True, env=around, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


async def test_made_spoken_handed_on_thrown_away_and_brought_back_it_sounds_the_same(data: Path) -> None:
    async with home(data) as h:
        for kind, body in KINDS.items():
            made = await asked(h, "POST", "/api/v1/voices", 201, json={"id": "lena", "label": "Lena", **body})
            assert made["voice"]["installed"], kind
            assert "lena" in await described(h)
            first = await wyoming(h, TEXT, "lena")
            assert len(first) > 1920
            bundle = await asked(h, "GET", "/api/v1/voices/lena/export", 200)
            await asked(h, "DELETE", "/api/v1/voices/lena", 204)
            assert "lena" not in await described(h)
            brought = await asked(
                h, "POST", "/api/v1/voices/import", 201, data=bundle, headers={"Content-Type": "application/zip"}
            )
            assert brought["id"] == "lena"
            assert await wyoming(h, TEXT, "lena") == first, kind
            await asked(h, "DELETE", "/api/v1/voices/lena", 204)


def words_for(kind: str, recording: Path) -> tuple[str, ...]:
    return {
        "preset": ("preset", "ryan", "--speed", "1.25", "--gain", "-3", "--seed", "5"),
        "design": ("design", "an old sailor, hoarse and slow", "--keep", "--seed", "3"),
        "clone": ("add", str(recording), "--text", WORDS, "--force", "--seed", "7"),
        "embedding": ("add", str(recording), "--force", "--seed", "7"),
        "mix": ("mix", "ryan", "vivian=2", "--seed", "9"),
    }[kind]


async def test_the_command_line_makes_the_same_voices_while_the_daemon_runs(data: Path, tmp_path: Path) -> None:
    recording = tmp_path / "voice.wav"
    recording.write_bytes(wav())
    async with home(data) as h:
        for kind, body in KINDS.items():
            name = f"{kind}-by-hand"
            made = await asyncio.to_thread(command, data, *words_for(kind, recording), "--id", name)
            assert made.strip() == name
            by_hand = await wyoming(h, TEXT, name)
            await asked(h, "POST", "/api/v1/voices", 201, json={"id": f"{kind}-by-rest", **body})
            assert await wyoming(h, TEXT, f"{kind}-by-rest") == by_hand, kind
        bundle = tmp_path / "clone.voice.zip"
        before = await wyoming(h, TEXT, "clone-by-hand")
        await asyncio.to_thread(command, data, "export", "clone-by-hand", "-o", str(bundle))
        await asyncio.to_thread(command, data, "remove", "clone-by-hand")
        assert "clone-by-hand" not in await described(h)
        await asyncio.to_thread(command, data, "import", str(bundle), "--id", "back-again")
        assert await wyoming(h, TEXT, "back-again") == before
        await asyncio.to_thread(command, data, "rename", "back-again", "grandmother")
        assert await wyoming(h, TEXT, "back-again") == before, "the old id goes on as an alias"
        assert {"grandmother"} <= await described(h)


async def test_a_designed_voice_is_locked_and_speaks_after_a_restart_without_the_encoder(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with home(data) as h:
        wish = {"description": "an old sailor", "text": TEXT, "takes": 3, "seed": 40}
        held = await asked(h, "POST", "/api/v1/auditions", 201, json=wish)
        assert [take["seed"] for take in held["takes"]] == [40, 41, 42]
        takes = [await asked(h, "GET", take["url"], 200) for take in held["takes"]]
        assert len(set(takes)) == 3
        lock = {"take": 2, "id": "sailor", "label": "The sailor", "defaults": {"seed": 1}}
        locked = await asked(h, "POST", f"/api/v1/auditions/{held['id']}/lock", 201, json=lock)
        assert (locked["kind"], locked["description"]) == ("clone", "an old sailor")
        assert locked["reference"]["transcript"] == TEXT
        heard = await wyoming(h, TEXT, "sailor")
    planted = tmp_path / "planted" / "qwen_tts"
    planted.mkdir(parents=True)
    (planted / "__init__.py").write_text("raise ModuleNotFoundError('planted', name='qwen_tts')")
    monkeypatch.setenv("PYTHONPATH", str(planted.parent))
    async with home(data) as h:
        assert await wyoming(h, TEXT, "sailor") == heard, "the prompt is in the cache"
        shutil.rmtree(data / "voices" / "prompts")
        answer = await asked(h, "POST", "/api/v1/voices/sailor/preview", 200, json={"text": TEXT, "format": "pcm"})
        assert answer == heard, "or in the memory"
    async with home(data) as h:
        told = await asked(h, "POST", "/api/v1/voices/sailor/preview", 503, json={"text": TEXT})
        assert "qwen" in told["error"]["message"], "and without both, the planted encoder is missed"


async def test_embeddings_of_voices_and_recordings(data: Path) -> None:
    async with home(data) as h:
        await asked(h, "POST", "/api/v1/voices", 201, json={"id": "lena", **KINDS["embedding"]})
        mine = await asked(h, "POST", "/v1/audio/embeddings", 200, json={"input": RECORDING})
        hers = await asked(h, "POST", "/v1/audio/embeddings", 200, json={"voice": "lena"})
        assert mine["data"][0]["embedding"] == hers["data"][0]["embedding"]
        same = await asked(
            h, "POST", "/v1/audio/embeddings/similarity", 200, json={"a": {"input": RECORDING}, "b": {"voice": "lena"}}
        )
        assert same["similarity"] == pytest.approx(1.0)
        other = {"a": {"voice": "ryan"}, "b": {"voice": "vivian"}}
        apart = await asked(h, "POST", "/v1/audio/embeddings/similarity", 200, json=other)
        assert -1 <= apart["similarity"] < 0.99


async def test_an_uploaded_file_serves_a_voice_and_any_number_of_requests(data: Path) -> None:
    async with home(data) as h:
        form = aiohttp.FormData()
        form.add_field("file", wav(), filename="voice.wav", content_type="audio/wav")
        file_id = (await asked(h, "POST", "/api/v1/files/upload", 201, data=form))["file_id"]
        # as loud as it is: what is not kept has no gain of its own
        body = {**KINDS["clone"], "id": "lena", "audio": file_id, "defaults": {"seed": 7, "gain": 0}}
        await asked(h, "POST", "/api/v1/voices", 201, json=body)
        once = await wyoming(h, TEXT, "lena")
        wish = {"text": TEXT, "ref_audio": file_id, "ref_text": WORDS, "seed": 7, "format": "pcm"}
        for _ in range(2):
            assert await asked(h, "POST", "/api/v1/voice-clone", 200, json=wish) == once
