"""Wyoming callers that are slow, dead, silent, deaf, hostile or ahead of their answers, on real sockets."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from contextlib import suppress

import pytest
from wyoming.tts import Synthesize

from protocol import caller, server, wire
from tests.doors import (
    FRAME_BYTES,
    LONG,
    PLAIN,
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
    reset,
    start,
    until,
)
from tests.doors import wire as raw

__all__ = ["house", "nothing_bad_is_logged", "start"]


async def connect(house: House) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(*house.at)


async def test_pipelined_requests_are_answered_in_order(house: House) -> None:
    texts = [f"This is sentence number {n}{' and more of it' * (n % 4)}." for n in range(40)]
    answer = await knock(house, b"".join(raw("synthesize", {"text": text}) for text in texts), eof=True)
    assert answer.types == PLAIN * 40
    sizes, size = [], 0
    for event in answer.events:
        size += len(event.payload or b"")
        if event.type == "audio-stop":
            sizes.append(size)
            size = 0
    assert sizes == [len(text) * FRAME_BYTES for text in texts]


async def test_what_was_asked_before_a_mistake_is_answered(house: House) -> None:
    sent = raw("synthesize", {"text": TEXT}) + raw("describe") + raw("synthesize", {"text": 5})
    answer = await knock(house, sent)
    assert answer.types == [*PLAIN, "info", "error"]


async def test_a_text_that_is_queued_waits_for_its_turn_and_for_its_mistake(start: Start) -> None:
    house = await start(tone_step_ms=2)
    sent = raw("synthesize", {"text": TEXT}) + raw("synthesize-start") + raw("synthesize-chunk", {"text": 5})
    answer = await knock(house, sent)
    assert answer.types == [*PLAIN, "error"]


async def test_pings_behind_an_unfinished_text_do_not_block_it(start: Start) -> None:
    house = await start(tone_step_ms=2)
    pings = b"".join(raw("ping", {"text": str(n)}) for n in range(50))
    first = raw("synthesize", {"text": TEXT}) + raw("synthesize-start") + pings
    answer = await knock(house, first + raw("synthesize-chunk", {"text": TEXT}) + raw("synthesize-stop"), eof=True)
    assert answer.types.count("pong") == 50
    assert [kind for kind in answer.types if kind in ("audio-stop", "synthesize-stopped")] == [
        "audio-stop", "audio-stop", "synthesize-stopped",
    ]  # fmt: skip


async def test_a_caller_that_ended_its_own_part_hears_the_whole_answer(start: Start) -> None:
    house = await start(tone_step_ms=20)
    answer = await knock(house, raw("synthesize", {"text": TEXT}), eof=True)
    assert answer.types == PLAIN
    assert len(answer.pcm) >= 0.95 * len(TEXT) * FRAME_BYTES


async def test_a_caller_that_ends_inside_a_text_is_cancelled(start: Start) -> None:
    house = await start(tone_step_ms=20)
    async with house.client() as client:
        await begin(client, [LONG])
        await listen(client, "audio-chunk")
        assert client._writer is not None
        client._writer.write_eof()
        await until(lambda: house.speaking() == 0)
        answer = await listen(client, None)
    assert answer.types[-1] == "error"


async def test_a_caller_that_left_while_it_waited_gives_its_place_up(start: Start) -> None:
    house = await start(slots=1, tone_step_ms=20)
    async with house.client() as first:
        await first.write_event(Synthesize(LONG).event())
        await listen(first, "audio-chunk")
        waiting = house.client()
        await waiting.connect()
        await waiting.write_event(Synthesize(LONG).event())
        await until(lambda: house.speaking() == 2)
        await waiting.disconnect()
        await until(lambda: house.speaking() == 1)
        assert (await listen(first, "audio-chunk")).types == ["audio-chunk"], "nobody else is disturbed"


async def test_a_text_that_is_never_finished_ends_in_an_error(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "WRITER_S", 2.5)
    answer = await knock(house, raw("synthesize-start") + raw("synthesize-chunk", {"text": "Well then."}))
    assert answer.types == ["audio-start", "audio-chunk", "error"]
    assert answer.ended
    assert house.speaking() == 0


async def test_an_event_that_is_never_finished_ends_in_an_error_however_it_drips(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caller, "FRAME_S", 0.4)
    reader, writer = await connect(house)
    told = b""
    async with asyncio.timeout(20):
        while b"rest has not come" not in told:  # it never stops dripping
            assert not reader.at_eof(), told
            writer.write(b"x")
            with suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    told += await reader.read(1000)
    writer.close()


async def test_a_connection_that_rests_is_closed_quietly_but_not_while_it_is_answered(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "IDLE_S", 0.3)
    house = await start(tone_step_ms=20)
    async with house.client() as client:
        assert (await plain(client, TEXT)).types == PLAIN
        begun = time.monotonic()
        answer = await listen(client, None)
    assert (answer.types, answer.ended) == ([], True)
    assert time.monotonic() - begun > 0.1


async def test_a_reader_that_is_deaf_is_dropped_and_others_are_not_held(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = await start()
    for reader_s in (60.0, 0.3):
        monkeypatch.setattr(wire, "READER_S", reader_s)
        deaf = [socket.create_connection(house.at) for _ in range(3)]
        for sock in deaf:
            sock.sendall(raw("synthesize", {"text": LONG * 3}))
        for _ in range(3):
            assert (await once(house, TEXT)).types == PLAIN
        if reader_s == 60.0:
            assert len(house.door._callers) >= 3, "they are still there"
            for sock in deaf:
                sock.close()
        await until(lambda: not house.door._callers)
        assert house.speaking() == 0
        for sock in deaf:
            sock.close()


async def test_a_slow_reader_hears_everything_and_delays_nobody(start: Start) -> None:
    house = await start()
    text, others_have_spoken = "Slow is smooth and smooth is fast, they say here.", asyncio.Event()  # 188 kB

    async def slowly() -> int:
        reader, writer = await asyncio.open_connection(*house.at, limit=4096)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
        writer.write(raw("synthesize", {"text": text * 8}))
        size = 0
        while not others_have_spoken.is_set():
            size += len(await reader.read(400))
            await asyncio.sleep(0.05)
        while data := await reader.read(65536):
            size += len(data)
            if b'"audio-stop"' in data:
                break
        writer.close()
        return size

    slow = asyncio.create_task(slowly())
    await asyncio.sleep(0.2)
    for _ in range(5):
        assert (await once(house, TEXT)).types == PLAIN
    others_have_spoken.set()
    assert await slow > 8 * len(text) * FRAME_BYTES


async def test_resets_mid_word_free_their_slots(start: Start) -> None:
    house = await start(slots=8, tone_step_ms=5)
    clients = [house.client() for _ in range(20)]
    for client in clients:
        await client.connect()
        await client.write_event(Synthesize(LONG).event())
    for client in clients[:8]:
        await listen(client, "audio-chunk")
    for client in clients:
        reset(client)
    await until(lambda: house.speaking() == 0 and not house.door._callers)
    assert house.voiced.engine.status().steps < len(LONG), "and not because they came to their end"


async def test_a_storm_of_random_callers_leaves_the_house_in_order(start: Start) -> None:
    house, dice = await start(slots=4, tone_step_ms=1), random.Random(7)
    pieces = [
        raw("describe"),
        raw("ping", {"text": "x"}),
        raw("synthesize", {"text": TEXT}),
        raw("synthesize", {"text": 1}),
        raw("synthesize-start"),
        raw("synthesize-chunk", {"text": LONG}),
        raw("synthesize-stop"),
        b"junk\n",
    ]

    async def storm() -> None:
        reader, writer = await connect(house)
        for _ in range(dice.randrange(6)):
            piece = dice.choice(pieces)
            writer.write(piece[: dice.choice([len(piece), len(piece), 20])])
            await asyncio.sleep(dice.random() * 0.02)
        if dice.random() < 0.3:
            writer.transport.abort()
            return
        if dice.random() < 0.3 and not writer.is_closing():
            writer.write_eof()
        try:
            async with asyncio.timeout(dice.random() * 0.3):
                while await reader.read(4096):
                    pass
        except (TimeoutError, ConnectionError):
            pass
        writer.close()

    await asyncio.gather(*(storm() for _ in range(120)), return_exceptions=True)
    await until(lambda: house.speaking() == 0 and not house.door._callers)
    assert (await once(house, TEXT)).types == PLAIN
    assert house.voiced.speech._open == 0


async def test_one_caller_too_many_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 3)
    guests = [await connect(house) for _ in range(3)]
    await until(lambda: len(house.door._callers) == 3)
    answer = await knock(house, raw("describe"))
    assert answer.types == ["error"]
    assert answer.error["code"] == "too_many_connections"
    guests.pop()[1].close()
    await until(lambda: len(house.door._callers) == 2)
    assert (await once(house, TEXT)).types == PLAIN
    for _, writer in guests:
        writer.close()
