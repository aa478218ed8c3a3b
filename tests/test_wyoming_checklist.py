"""The checklist of a perfect Wyoming voice: one test a line (facts/wyoming.md), with the real client."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from wyoming.client import AsyncUnixClient
from wyoming.event import Event
from wyoming.ping import Ping
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStop, SynthesizeVoice

from daemon.utterance import Utterance
from models.backend import Frame, RowFailed
from models.batch import Priority
from models.engine import State
from models.tone import Tone
from tests.doors import (
    FRAME_BYTES,
    LONG,
    PLAIN,
    STREAMED,
    TEXT,
    Describe,
    House,
    Info,
    SelectProgram,
    Start,
    begin,
    house,
    knock,
    listen,
    once,
    plain,
    reset,
    start,
    stops,
    stream,
    until,
    wire,
)
from voices.profile import Profile

__all__ = ["house", "start"]

ROOT = Path(__file__).resolve().parent.parent


async def describe(house: House) -> Info:
    async with house.client() as client:
        await client.write_event(Describe().event())
        event = await client.read_event()
        assert event is not None
        return Info.from_event(event)


# --- protocol --------------------------------------------------------------------------------


async def test_01_header_line_is_short_and_data_is_never_inline(house: House) -> None:
    reader, writer = await asyncio.open_connection(*house.at)
    writer.write(wire("describe") + wire("ping", {"text": "x"}) + wire("synthesize", {"text": "Hi."}))
    writer.write_eof()
    while line := await reader.readline():
        header = json.loads(line)
        assert len(line) < 64 * 1024
        assert "data" not in header
        await reader.readexactly(header.get("data_length", 0) + header.get("payload_length", 0))
    writer.close()


@pytest.mark.parametrize(
    "sent",
    [
        wire("synthesize", data={"text": "Hi."}),
        wire("synthesize", {"text": "Hi."}),
        wire("synthesize", {"text": "Hi."}, data={"text": "overruled by the block"}),
        wire("synthesize-start") + wire("synthesize-chunk", {"text": "Hi."}) + wire("synthesize-stop"),
    ],
)
async def test_02_data_inline_behind_or_absent(house: House, sent: bytes) -> None:
    answer = await knock(house, sent, eof=True)
    assert len(answer.pcm) == 3 * FRAME_BYTES


async def test_02_describe_without_data(house: House) -> None:
    answer = await knock(house, b'{ "type": "describe" }\n', eof=True)
    assert answer.types == ["info"]


async def test_03_unknown_events_are_ignored_and_ping_is_answered(house: House) -> None:
    async with house.client() as client:
        await client.write_event(SelectProgram("voiced").event())
        await client.write_event(Event("what-is-this", {"deep": [1]}, payload=bytes(5000)))
        await client.write_event(Ping("here I am ☃").event())
        pong = await client.read_event()
        assert pong is not None
        assert (pong.type, pong.data) == ("pong", {"text": "here I am ☃"})
        assert (await plain(client, TEXT)).types == PLAIN


async def test_04_describe_is_answered_at_once_while_a_model_is_loaded(start: Start) -> None:
    house, loaded = await start(preload=False), threading.Event()
    house.tone.load = lambda: loaded.wait(20)  # type: ignore[attr-defined]
    speaking = asyncio.create_task(once(house, TEXT))
    await until(lambda: house.voiced.engine.status().state is State.LOADING)
    assert (await describe(house)).tts
    assert house.voiced.engine.status().state is State.LOADING
    loaded.set()
    assert (await speaking).types == PLAIN


async def test_04_describe_is_answered_at_once_while_everybody_speaks(start: Start) -> None:
    house = await start(tone_step_ms=30)
    speaking = [asyncio.create_task(once(house, LONG)) for _ in range(40)]
    await until(lambda: house.voiced.engine.status().speaking == 32)
    assert (await describe(house)).tts
    assert not any(task.done() for task in speaking)
    for task in speaking:
        task.cancel()
    await asyncio.gather(*speaking, return_exceptions=True)


async def test_04_describe_is_answered_in_the_middle_of_a_stream(start: Start) -> None:
    house = await start(tone_step_ms=20)
    async with house.client() as client:
        await begin(client, [LONG[:200]])
        await listen(client, "audio-chunk")
        await client.write_event(Describe().event())
        before = await listen(client, "info")
        assert not before.ended
        assert len(before.pcm) < 100 * FRAME_BYTES


async def test_05_info_is_complete(house: House) -> None:
    (program,) = (await describe(house)).tts
    assert program.name == "voiced"
    assert program.installed
    assert program.supports_synthesize_streaming
    assert program.description
    assert program.version
    assert program.attribution.name
    assert isinstance(program.attribution.url, str)
    for voice in program.voices:
        assert voice.installed
        assert voice.languages
        assert voice.description
        assert voice.attribution.name


async def test_06_a_new_voice_is_seen_at_the_next_describe(house: House) -> None:
    before = (await describe(house)).tts[0].voices
    profile = Profile("grandmother", "Grandmother", "preset", ("de-DE",), "tone", "tone")
    await asyncio.to_thread(house.voiced.store.create, profile)
    after = (await describe(house)).tts[0].voices
    assert before
    assert [voice.name for voice in after] == [*(voice.name for voice in before), "grandmother"]


async def test_07_plain_answer_has_exactly_one_audio_stop(house: House) -> None:
    async with house.client() as client:
        answer = await plain(client, "One. Two! Three? And four; the last.")
        assert answer.types == PLAIN
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.read_event(), 0.2)


async def test_08_streamed_answer_has_exactly_one_stopped(house: House) -> None:
    async with house.client() as client:
        answer = await stream(client, ["One. Two! Thr", "ee? And four;", " the last."])
        assert answer.types == STREAMED
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.read_event(), 0.2)


async def test_09_the_legacy_synthesize_makes_no_sound(house: House) -> None:
    async with house.client() as client:
        with_legacy = await stream(client, [TEXT], legacy=TEXT)
        without = await stream(client, [TEXT])
    assert with_legacy.types == without.types == STREAMED
    assert with_legacy.pcm == without.pcm


async def test_10_one_connection_speaks_again_and_again(house: House) -> None:
    async with house.client() as client:
        for _ in range(2):
            assert (await stream(client, [TEXT], legacy=TEXT)).types == STREAMED
            assert (await plain(client, TEXT)).types == PLAIN
        await client.write_event(Describe().event())
        assert (await listen(client, "info")).types == ["info"]


async def test_11_one_format_whole_samples_running_time(start: Start) -> None:
    house = await start(samples_per_chunk=700)
    async with house.client() as client:
        answer = await stream(client, [TEXT])
    assert answer.events[0].type == "audio-start"
    form = (answer.start.rate, answer.start.width, answer.start.channels)
    assert form == (24_000, 2, 1)
    heard = 0
    for chunk in answer.chunks:
        assert (chunk.rate, chunk.width, chunk.channels) == form
        assert 0 < len(chunk.audio) <= 1400
        assert len(chunk.audio) % 2 == 0
        assert chunk.timestamp == heard * 1000 // 24_000
        heard += len(chunk.audio) // 2
    assert stops(answer)[0].timestamp == heard * 1000 // 24_000


@pytest.mark.parametrize(
    "sent",
    [
        b"not json\n",
        b"[1, 2]\n",
        b'{"typo": "describe"}\n',
        b'{"type": 7}\n',
        b"GET / HTTP/1.1\r\nHost: voiced\r\n\r\n",
        b"\xff\xfe\x00\n",
        b'{"type": "' + b"x" * 1_000_000 + b'"}\n',
        b'{"type": "describe", "data_length": 3}\n[1]',
        b'{"type": "describe", "data_length": 3}\n{"}',
        wire("synthesize"),
        wire("synthesize", {"text": 5}),
        wire("synthesize", {"text": None}),
        wire("synthesize", {"text": "a", "voice": "amy"}),
        wire("synthesize", {"text": "a", "voice": {"name": ["amy"]}}),
        wire("synthesize-chunk", {"text": "no start"}),
        wire("synthesize-stop"),
        wire("synthesize-start") + wire("synthesize-start"),
        wire("synthesize-start") + wire("synthesize-chunk"),
    ],
)
async def test_12_malformed_input_closes_its_own_connection_only(house: House, sent: bytes) -> None:
    async with house.client() as neighbour:
        await begin(neighbour, ["Still "])
        answer = await knock(house, sent)
        assert answer.types == ["error"]
        assert answer.error["code"] == "malformed"
        assert answer.ended
        await neighbour.write_event(SynthesizeChunk("here.").event())
        await neighbour.write_event(SynthesizeStop().event())
        heard = await listen(neighbour, "synthesize-stopped")
    assert len(heard.pcm) == len("Still here.") * FRAME_BYTES


@pytest.mark.parametrize(
    "sent",
    [
        b'{"type": "synthesize", "data_length": 4000000000}\n',
        b'{"type": "synthesize", "payload_length": 4000000000}\n',
        b'{"type": "synthesize", "data_length": -1}\n',
        b'{"type": "synthesize", "data_length": 1.5}\n',
        b'{"type": "synthesize", "data_length": "9"}\n',
        b'{"type": "synthesize", "data_length": true}\n',
        b'{"type": "synthesize", "data_length": 1e999}\n',
        b'{"type": "synthesize", "data_length": ' + b"9" * 5000 + b"}\n",
        b"x" * (64 * 1024),
    ],
)
async def test_13_sizes_are_refused_before_they_are_taken(house: House, sent: bytes) -> None:
    answer = await knock(house, sent)
    assert answer.types == ["error"]
    assert answer.error["code"] in ("malformed", "text_too_long")


# --- streaming --------------------------------------------------------------------------------


async def test_14_the_first_sentence_is_heard_before_the_text_has_ended(house: House) -> None:
    async with house.client() as client:
        await begin(client, ["The first sentence is complete. T"])
        answer = await listen(client, "audio-chunk")
        assert answer.types == ["audio-start", "audio-chunk"]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
async def test_15_how_the_text_is_cut_changes_nothing(house: House, size: int) -> None:
    text = "Dr. Grey paid 3.50 € at 12:30. “Really?” — yes, *really*! 😀 Und tschüß."
    async with house.client() as client:
        whole = await stream(client, [text])
        cut = await stream(client, [text[at : at + size] for at in range(0, len(text), size)])
    assert cut.types == STREAMED
    assert cut.pcm == whole.pcm


async def test_16_the_unfinished_tail_is_spoken_once(house: House) -> None:
    text = "A sentence that is complete. And one that never"
    async with house.client() as client:
        streamed, whole = await stream(client, [text]), await plain(client, text)
    assert 0.95 < len(streamed.pcm) / len(whole.pcm) < 1.05


async def test_17_a_finished_sentence_is_spoken_while_the_writer_pauses(house: House) -> None:
    async with house.client() as client:
        await begin(client, ["I am thinking."])
        assert not (await listen(client, "audio-chunk")).ended


async def test_18_text_is_read_while_audio_is_made_and_not_listened_to(start: Start) -> None:
    house = await start(tone_step_ms=1)
    async with house.client() as client:
        async with asyncio.timeout(20):
            await begin(client, [LONG[at : at + 10] for at in range(0, len(LONG), 10)])
            await client.write_event(SynthesizeStop().event())
        answer = await listen(client, "synthesize-stopped")
    assert answer.types == STREAMED
    assert len(answer.pcm) >= 0.95 * len(LONG) * FRAME_BYTES


@pytest.mark.parametrize("text", ["", "   \n ", "...", "?!", "😀🎉", "**", "\u200b"])
async def test_19_nothing_to_say_ends_cleanly_at_once(house: House, text: str) -> None:
    async with house.client() as client:
        assert (await plain(client, text)).types == ["audio-start", "audio-stop"]
        told = await stream(client, [text], legacy=text)
        assert told.types == ["audio-start", "audio-stop", "synthesize-stopped"]
        named = await stream(client, [text], SynthesizeVoice(name="tone"))
        assert named.types == told.types
        assert (await plain(client, TEXT)).types == PLAIN


# --- errors and lifetime --------------------------------------------------------------------------------


def fail_after(house: House, frames: int) -> None:
    """The tone's rows go wrong after this many frames."""
    step, left = house.tone.step, [frames]  # type: ignore[attr-defined]

    def broken(slots: list[int]) -> list[Frame]:
        left[0] -= 1
        if left[0] < 0:
            return [Frame(slot, error=RowFailed("the voice broke")) for slot in slots]
        made: list[Frame] = step(slots)
        return made

    house.tone.step = broken  # type: ignore[attr-defined]


@pytest.mark.parametrize("frames", [0, 5])
@pytest.mark.parametrize("streamed", [False, True])
async def test_20_a_failure_is_an_error_and_then_the_end(house: House, frames: int, streamed: bool) -> None:
    fail_after(house, frames)
    async with house.client() as client:
        answer = await (stream(client, [TEXT]) if streamed else plain(client, TEXT))
    assert answer.ended
    assert answer.types == (["error"] if frames == 0 else ["audio-start", "audio-chunk", "error"])
    assert answer.error == {"text": "the voice broke", "code": "speech_failed"}


async def test_20_a_failure_nobody_foresaw_tells_no_secrets(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: object) -> object:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(house.voiced.casting, "cast", explode)
    answer = await once(house, TEXT)
    assert answer.ended
    assert answer.error["code"] == "internal_error"
    assert "secret" not in answer.error["text"]


@pytest.mark.parametrize(
    ("voice", "code"),
    [
        ({"name": "nobody"}, "unknown_voice"),
        ({"name": "nobody", "speaker": "tone"}, "unknown_voice"),
        ({"name": "tone", "speaker": "nobody"}, "unknown_voice"),
        ({"language": "tlh"}, "language_not_spoken"),
    ],
)
async def test_21_an_unknown_voice_is_a_quick_error(house: House, voice: dict[str, str], code: str) -> None:
    for sent in (
        wire("synthesize", {"text": TEXT, "voice": voice}),
        wire("synthesize-start", {"voice": voice}) + wire("synthesize-chunk", {"text": TEXT}) + wire("synthesize-stop"),
    ):
        answer = await knock(house, sent)
        assert answer.types == ["error"]
        assert answer.error["code"] == code


async def test_22_audio_that_does_not_come_in_time_is_an_error(start: Start) -> None:
    house = await start(slots=1, deadline=0.3, tone_step_ms=100)
    async with house.voiced.speech.open(Utterance(LONG, priority=Priority.REPLY, deadline_s=20)) as first:
        await first.begin()
        answer = await once(house, TEXT)
        assert answer.types == ["error"]
        assert answer.error["code"] == "deadline_passed"
        assert answer.ended
        assert first.outcome is None


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("leave", ["reset", "close"])
async def test_23_a_client_that_leaves_frees_its_slot(
    start: Start, caplog: pytest.LogCaptureFixture, leave: str, streamed: bool
) -> None:
    house = await start(slots=2, tone_step_ms=5)
    with caplog.at_level(logging.WARNING):
        clients = [house.client() for _ in range(4)]
        for client in clients:
            await client.connect()
            if streamed:
                await begin(client, [LONG])
                await client.write_event(SynthesizeStop().event())
            else:
                await client.write_event(Synthesize(LONG).event())
        for client in clients[:2]:
            await listen(client, "audio-chunk")
        for client in clients:
            reset(client) if leave == "reset" else await client.disconnect()
        await until(lambda: house.speaking() == 0)
        assert house.voiced.engine.status().steps < len(LONG), "and not because it came to its end"
        assert (await once(house, TEXT)).types == PLAIN
    assert not caplog.records


async def test_24_parallel_requests_complete_each_with_its_own_audio(house: House) -> None:
    texts = [f"Number {number} of {'many ' * number}." for number in range(40)]
    answers = await asyncio.gather(*(once(house, text) for text in texts))
    for text, answer in zip(texts, answers, strict=True):
        assert answer.types == PLAIN
        assert answer.pcm == (await once(house, text)).pcm


async def test_24_the_queue_is_bounded(start: Start) -> None:
    house = await start(slots=1, queue=1, tone_step_ms=20)
    async with house.client() as first, house.client() as second:
        await first.write_event(Synthesize(LONG).event())
        await listen(first, "audio-chunk")
        await second.write_event(Synthesize(LONG).event())
        await until(lambda: house.speaking() == 2)
        answer = await once(house, TEXT)
    assert answer.error["code"] == "queue_full"
    assert answer.ended


async def test_24_a_short_request_is_not_starved_by_long_ones(start: Start) -> None:
    house = await start(slots=2, tone_step_ms=5)
    async with house.client() as one, house.client() as two:
        for client in (one, two):
            await client.write_event(Synthesize(LONG).event())
            await listen(client, "audio-chunk")
        assert (await once(house, "Yes.")).types == PLAIN
        assert house.speaking() == 2, "both still speak"


async def test_25_probes_that_never_read_do_no_harm(house: House) -> None:
    probes = [await asyncio.open_connection(*house.at) for _ in range(50)]
    for _, writer in probes:
        writer.write(b'{ "type": "describe" }\n')
    assert (await once(house, TEXT)).types == PLAIN
    for _, writer in probes[::2]:
        writer.transport.abort()
    assert (await once(house, TEXT)).types == PLAIN
    for _, writer in probes:
        writer.close()


async def test_26_closing_lets_what_is_spoken_end_and_frees_the_port(start: Start) -> None:
    house = await start(tone_step_ms=5)
    async with house.client() as speaking, house.client() as resting:
        await speaking.write_event(Synthesize(TEXT).event())
        await listen(speaking, "audio-chunk")
        closing = asyncio.create_task(house.door.close())
        await asyncio.sleep(0)
        with pytest.raises(OSError):
            await house.client().connect()
        assert (await listen(speaking, "audio-stop")).types[-1] == "audio-stop"
        assert (await listen(resting, None)).ended
        assert (await listen(speaking, None)).ended
        await closing
    with socket.create_server(house.at):
        pass


async def test_26_what_does_not_end_in_time_is_told(start: Start) -> None:
    house = await start(tone_step_ms=20)
    async with house.client() as client:
        await client.write_event(Synthesize(LONG).event())
        await listen(client, "audio-chunk")
        closing = asyncio.create_task(house.door.close(0.1))
        answer = await listen(client, None)
        await closing
        await house.door.close()
    assert answer.ended
    assert answer.error["code"] == "shutting_down"


# --- voices --------------------------------------------------------------------------------


async def test_27_languages_are_bcp47_and_any_spelling_is_understood(house: House) -> None:
    for voice in (await describe(house)).tts[0].voices:
        assert all("_" not in tag for tag in voice.languages)
    for spelling in ("en", "en_US", "en-US", "EN-us"):
        assert (await once(house, TEXT, SynthesizeVoice(language=spelling))).types == PLAIN


async def test_28_a_multilingual_voice_lists_every_language_and_speakers_are_voices(house: House) -> None:
    voices = (await describe(house)).tts[0].voices
    assert [voice.name for voice in voices] == ["tone", "tone-2"]
    assert all(len(voice.languages) == 10 for voice in voices)
    by_name = await once(house, TEXT, SynthesizeVoice(name="tone-2"))
    by_speaker = await once(house, TEXT, SynthesizeVoice(name="tone", speaker="tone-2"))
    assert by_speaker.pcm == by_name.pcm != (await once(house, TEXT)).pcm


async def test_29_voice_names_and_labels_are_unique(house: House) -> None:
    voices = (await describe(house)).tts[0].voices
    assert len({voice.name for voice in voices}) == len({voice.description for voice in voices}) == len(voices)


async def test_30_the_default_voice_speaks_when_none_is_given(start: Start) -> None:
    house = await start(voice="tone-2")
    wished = await once(house, TEXT, SynthesizeVoice(name="tone-2"))
    assert (await once(house, TEXT)).pcm == wished.pcm
    assert (await once(house, TEXT, SynthesizeVoice(language="de"))).pcm == wished.pcm


async def test_30_the_default_speaker_speaks_for_the_default_voice_only(start: Start) -> None:
    house = await start(voice="tone", speaker="tone-2")
    second = await once(house, TEXT, SynthesizeVoice(name="tone-2"))
    assert (await once(house, TEXT)).pcm == second.pcm
    assert (await once(house, TEXT, SynthesizeVoice(name="tone"))).pcm == second.pcm


async def test_31_markdown_is_not_read_aloud_however_it_is_cut(house: House) -> None:
    marked = "## Now\n\n**Good** *evening*, [friend](https://example.org/x?y=1)! 😀"
    async with house.client() as client:
        whole = await plain(client, marked)
        assert len(whole.pcm) <= len("Now. Good evening, friend!  ") * FRAME_BYTES
        cut = await stream(client, list(marked))
    assert cut.pcm == whole.pcm


async def test_31_tags_of_ssml_are_not_read_aloud(house: House) -> None:
    tagged = Event("synthesize", {"text": "<speak>Good <b>evening</b>.</speak>", "text_format": "ssml"})
    async with house.client() as client:
        await client.write_event(tagged)
        answer = await listen(client, "audio-stop")
        assert answer.pcm == (await plain(client, "Good evening.")).pcm


async def test_32_the_tail_is_not_cut_and_joins_do_not_click(house: House) -> None:
    answer = await once(house, TEXT)
    assert len(answer.pcm) >= len(TEXT.replace(". ", ".")) * FRAME_BYTES
    samples = np.frombuffer(answer.pcm, "<i2").astype(int)
    edges = np.cumsum([len(chunk.audio) // 2 for chunk in answer.chunks])[:-1]
    inside = np.abs(np.diff(samples)).max()
    assert np.abs(samples[edges] - samples[edges - 1]).max() <= inside


# --- operation --------------------------------------------------------------------------------


async def test_33_unix_sockets_speak_too(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "wyoming.sock"
    house = await start(wyoming=(f"unix://{path}", "tcp://127.0.0.1:0"))
    async with AsyncUnixClient(path, read_timeout=20) as client:
        assert (await plain(client, TEXT)).types == PLAIN  # type: ignore[arg-type]
    await house.door.close()
    assert not path.exists()


STDIO = """
import asyncio, sys
from daemon.core import Voiced
from daemon.settings import read
from protocol.server import WyomingDoor

async def main():
    settings = read({"engine": "tone", "data_dir": sys.argv[1], "wyoming": "stdio://"}, environ={})
    async with Voiced(settings) as voiced, WyomingDoor(voiced.speech, settings) as door:
        print("a stray print that must not get between two events")
        await door.hung_up()

asyncio.run(main())
"""

CLIENT = """
import asyncio, sys
from wyoming.client import AsyncStdioClient
from wyoming.tts import Synthesize

async def main():
    client, heard = AsyncStdioClient(), []
    await client.write_event(Synthesize("Hi.").event())
    while not heard or heard[-1] != "audio-stop":
        heard.append((await client.read_event()).type)
    print(" ".join(heard), file=sys.stderr)

asyncio.run(main())
"""


async def test_33_standard_streams_speak_too(tmp_path: Path) -> None:
    down, up = os.pipe(), os.pipe()
    quiet = asyncio.subprocess.DEVNULL
    door = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STDIO, str(tmp_path), stdin=down[0], stdout=up[1], stderr=quiet, cwd=ROOT
    )
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-c", CLIENT, stdin=up[0], stdout=down[1],
        stderr=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    for end in (*down, *up):
        os.close(end)
    _, heard = await asyncio.wait_for(client.communicate(), 60)
    assert heard.decode().split() == ["audio-start", *["audio-chunk"] * 6, "audio-stop"]
    assert await asyncio.wait_for(door.wait(), 20) == 0


async def test_33_without_streaming_the_flag_is_off(start: Start) -> None:
    house = await start(streaming=False)
    assert not (await describe(house)).tts[0].supports_synthesize_streaming


async def test_34_the_door_is_found_with_a_real_address_and_gone_afterwards(house: House) -> None:
    """More of it in test_protocol_discovery.py."""
    from zeroconf import IPVersion
    from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

    from protocol.discovery import SERVICE, announced

    async with AsyncZeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only) as browser:
        name = f"voiced-checklist-{os.getpid()}"
        info = AsyncServiceInfo(SERVICE, f"{name}.{SERVICE}")
        async with announced(name, house.door.endpoints):
            assert await info.async_request(browser.zeroconf, 5000)
            assert (info.parsed_addresses(), info.port) == (["127.0.0.1"], house.at[1])
        async with asyncio.timeout(20):  # a goodbye lives for one second
            while await AsyncServiceInfo(SERVICE, info.name).async_request(browser.zeroconf, 300):
                await asyncio.sleep(0.2)


async def test_35_the_model_is_warm_before_the_door_opens(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    for deed in ("load", "warm_up"):
        monkeypatch.setattr(Tone, deed, lambda self, deed=deed: done.append(deed))
    house = await start()
    assert house.voiced.engine.status().state is State.READY
    assert done == ["load", "warm_up"]
    assert (await once(house, TEXT)).types == PLAIN
    assert done == ["load", "warm_up"], "nothing is left to be done for the first caller"


async def test_36_one_line_in_the_log_a_request(house: House, caplog: pytest.LogCaptureFixture) -> None:

    def lines() -> list[str]:
        return [record.getMessage() for record in caplog.records if record.name == "daemon.speech"]

    with caplog.at_level(logging.INFO, "daemon.speech"):
        await once(house, TEXT)
        await until(lambda: len(lines()) == 1)
        await once(house, TEXT, SynthesizeVoice(name="nobody"))
        await until(lambda: len(lines()) == 2)
    spoken, refused = lines()
    for word in ("wyoming", "voice=tone", "chars=", "first_audio_ms=", "total_ms=", "rtf=", "outcome=stop"):
        assert word in spoken
    assert "outcome=unknown_voice" in refused


def test_every_line_of_the_checklist_has_a_test() -> None:
    lines = {int(name[5:7]) for name in globals() if name.startswith("test_") and name[5:7].isdigit()}
    assert lines == set(range(1, 37))
