"""The Wyoming door: what it says, whom it lets in and how it closes."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from wyoming.event import Event
from wyoming.tts import Synthesize, SynthesizeStart, SynthesizeStop

from models.backend import FinishReason, Frame
from models.batch import Priority
from tests.doors import (
    FRAME_BYTES,
    LONG,
    PLAIN,
    STREAMED,
    TEXT,
    House,
    Start,
    begin,
    house,
    knock,
    listen,
    nothing_bad_is_logged,
    once,
    plain,
    start,
    stream,
    until,
)
from tests.doors import wire as raw

__all__ = ["house", "nothing_bad_is_logged", "start"]


async def test_utterances_are_replies_from_this_door(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    speak = house.voiced.speech.open
    monkeypatch.setattr(house.voiced.speech, "open", lambda u, p=None: seen.append(u) or speak(u, p))
    async with house.client() as client:
        await plain(client, TEXT)
        await stream(client, [TEXT])
    assert [(u.door, u.priority) for u in seen] == [("wyoming", Priority.REPLY)] * 2


@pytest.mark.parametrize("size", [200_000, 1_000_000])
async def test_too_long_a_text_is_refused(house: House, size: int) -> None:
    text = "words and " * (size // 10)
    for sent in (
        raw("synthesize", {"text": text}),
        raw("synthesize-start") + raw("synthesize-chunk", {"text": text}),
        raw("synthesize-start") + raw("synthesize-chunk", {"text": text[: size // 10]}) * 10,
    ):
        answer = await knock(house, sent)
        assert answer.types[-1] == "error"
        assert answer.error["code"] == "text_too_long"
        assert answer.ended
    await until(lambda: house.speaking() == 0)


@pytest.mark.parametrize("text", ["\ud800 Hello.", "Hello \udfff there.", "Nul\x00 here.", "Bell\x07\x1b[31m red."])
async def test_odd_characters_are_spoken_around(house: House, text: str) -> None:
    answer = await knock(house, raw("synthesize", {"text": text}), eof=True)
    assert answer.types == PLAIN
    async with house.client() as client:
        await begin(client, ["He"])
        await client.write_event(Event("synthesize-chunk", {"text": text.encode("utf-8", "replace").decode()}))
        await client.write_event(SynthesizeStop().event())
        assert (await listen(client, "synthesize-stopped")).types == STREAMED


@pytest.mark.parametrize("reason", ["length", "runaway"])
async def test_speech_that_ended_early_does_not_look_whole(house: House, reason: FinishReason) -> None:
    step = house.tone.step  # type: ignore[attr-defined]

    def end_early(slots: list[int]) -> list[Frame]:
        return [replace(frame, end=reason) for frame in step(slots)]

    house.tone.step = end_early  # type: ignore[attr-defined]
    answer = await once(house, TEXT)
    assert answer.types == ["audio-start", "audio-chunk", "error"]
    assert answer.error["code"] == "cannot_be_spoken"
    assert answer.ended


async def test_deep_nesting_is_a_mistake_like_any_other(house: House) -> None:
    deep = b'{"type":"synthesize","data_length":200000}\n' + b"[" * 200_000
    answer = await knock(house, deep)
    assert answer.error["code"] == "malformed"


@pytest.mark.parametrize("cut", [5, 40, 60])
async def test_a_frame_that_is_cut_is_told_and_over(house: House, cut: int) -> None:
    sent = raw("synthesize", {"text": TEXT})
    answer = await knock(house, sent[:cut], eof=True)
    assert answer.types == ["error"]
    assert answer.ended


async def test_closing_twice_and_with_nobody_there(house: House) -> None:
    await house.door.close()
    await house.door.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(*house.at)


async def test_the_core_that_closes_first_is_told_to_everybody(start: Start) -> None:
    house = await start(tone_step_ms=20)
    async with house.client() as plainly, house.client() as writing:
        await plainly.write_event(Synthesize(LONG).event())
        await listen(plainly, "audio-chunk")
        await writing.write_event(SynthesizeStart().event())
        await until(lambda: house.voiced.speech._open == 2)
        house.door.stop_listening()
        await house.voiced.speech.close(0.1)
        assert (await listen(plainly, None)).error["code"] == "shutting_down"
        closing = asyncio.create_task(house.door.close(0.1))
        assert (await listen(writing, None)).error["code"] == "shutting_down"
        await closing
    assert not house.door._callers


async def test_a_text_still_being_written_may_be_finished_while_the_door_closes(start: Start) -> None:
    house = await start(tone_step_ms=2)
    async with house.client() as client:
        await begin(client, [TEXT])
        await listen(client, "audio-chunk")
        closing = asyncio.create_task(house.door.close(20))
        await asyncio.sleep(0.05)
        await client.write_event(SynthesizeStop().event())
        assert (await listen(client, "synthesize-stopped")).types[-1] == "synthesize-stopped"
        assert (await listen(client, None)).ended
    await closing


STDIO = """
import asyncio, sys
from daemon.core import Voiced
from daemon.settings import read
from protocol.server import WyomingDoor

async def main():
    settings = read({"engine": "tone", "data_dir": sys.argv[1], "wyoming": "stdio://"}, environ={})
    async with Voiced(settings) as voiced, WyomingDoor(voiced.speech, settings) as door:
        await door.hung_up()

asyncio.run(main())
"""


def test_standard_streams_may_be_files(tmp_path: Path) -> None:
    said, heard = tmp_path / "in", tmp_path / "out"
    said.write_bytes(raw("describe") + raw("synthesize", {"text": TEXT}))
    with said.open("rb") as stdin, heard.open("wb") as stdout:
        done = subprocess.run(
            [sys.executable, "-c", STDIO, str(tmp_path)], stdin=stdin, stdout=stdout, timeout=100,
            cwd=Path(__file__).resolve().parent.parent,
        )  # fmt: skip
    assert done.returncode == 0
    out = heard.read_bytes()
    assert json.loads(out.split(b"\n", 1)[0])["type"] == "info"
    assert out.count(b'"audio-stop"') == 1
    assert len(out) > len(TEXT) * 0.95 * FRAME_BYTES
