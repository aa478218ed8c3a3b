"""One voice's stretch of a take: its tempo, pitch and level; and silence."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from daemon.delivery import Delivery
from daemon.strand import Replay, Rest, Strand
from daemon.text.aloud import Reading
from daemon.text.lexicon import Lexicon
from daemon.timing import Heard
from daemon.utterance import Utterance
from models.backend import Line
from outputs.gain import amplified
from tests.kept import FRAME, SECOND, Family, Start, models, preset, rows, say
from voices.profile import Defaults

__all__ = ["models"]

TEXT = "A sentence to hear."


async def read(strand: Strand | Rest) -> bytes:
    heard = []
    while pcm := await strand.read():
        heard.append(pcm)
    return b"".join(heard)


def rms(pcm: bytes) -> float:
    return float(np.sqrt(np.mean(np.frombuffer(pcm, "<i2").astype(np.float64) ** 2)))


async def test_gain_is_the_plain_voice_amplified(start: Start, models: Family) -> None:
    voiced = await start()
    voiced.store.create(preset("quiet", "tone", defaults=Defaults(gain=-6.0)))
    plain = await say(voiced, TEXT, voice="tone", language="en")
    for gain in (-12.0, 6.0):
        assert await say(voiced, TEXT, voice="tone", language="en", gain=gain) == amplified(plain, gain)
    assert await say(voiced, TEXT, voice="quiet", language="en") == amplified(plain, -6.0)
    assert await say(voiced, TEXT, voice="quiet", language="en", gain=6.0) == plain
    assert await say(voiced, f"[gain +2]{TEXT}", voice="quiet", language="en", gain=-1.0) == amplified(plain, -5.0)
    assert rms(amplified(plain, -6.0)) == pytest.approx(rms(plain) / 2, rel=0.01)


async def test_speed_and_pitch_of_voice_request_and_tag_come_together(start: Start, models: Family) -> None:
    voiced = await start()
    voiced.store.create(preset("slow", "tone", defaults=Defaults(speed=0.5, pitch=2.0)))
    plain = await say(voiced, TEXT, voice="tone", language="en")
    assert len(await say(voiced, TEXT, voice="slow", language="en")) == len(plain) * 2
    twice = await say(voiced, f"[rate 2][pitch -2]{TEXT}", voice="slow", language="en")
    assert twice == plain
    asked = await say(voiced, TEXT, voice="tone", language="en", speed=2.0, pitch=3.0)
    assert await say(voiced, f"[rate 2]{TEXT}", voice="tone", language="en", pitch=3.0) == asked


async def test_each_strand_has_its_own(start: Start, models: Family) -> None:
    voiced = await start()
    parts = [
        await say(voiced, "One.", voice="tone", language="en", speed=2.0),
        await say(voiced, "Two.", voice="tone-2", language="en", gain=-6.0),
        await say(voiced, "Three.", voice="tone", language="en"),
    ]
    text = "[rate 2]One.[/rate] [voice tone-2][gain -6]Two.[/gain][/voice] Three."
    assert await say(voiced, text, voice="tone", language="en") == b"".join(parts)


@pytest.mark.parametrize("seconds", [0.0, 0.0001, 0.25, 0.5, 3.21])
async def test_a_rest_is_silence_of_its_length(seconds: float) -> None:
    rest = Rest(seconds, 24_000)
    assert await read(rest) == bytes(2 * round(seconds * 24_000))
    assert await rest.read() == b""


async def test_a_long_rest_keeps_nobody_waiting() -> None:
    rests = asyncio.create_task(read(Rest(600.0, 24_000)), name="rest")
    await asyncio.sleep(0)
    assert not rests.done()
    assert len(await rests) == 600 * SECOND


async def test_who_has_nothing_to_say_comes_to_the_end(start: Start, models: Family) -> None:
    voiced = await start()
    role = voiced.roles.cast(Utterance("x", "tone", "en"), "")
    strand = Strand(role, voiced.engine.open(Line("tone", "en", 1)), Delivery(speed=2.0))
    reading = asyncio.create_task(strand.read(), name="reader")
    await asyncio.sleep(0.01)
    strand.withdraw()
    assert await asyncio.wait_for(reading, 20) == b""
    assert rows(voiced) == (0, 0)
    strand.close()


async def test_an_error_comes_after_what_was_said_whole(start: Start, models: Family) -> None:
    voiced = await start()
    role = voiced.roles.cast(Utterance("x", "tone", "en"), "")
    for whole in (True, False):
        strand = Strand(role, voiced.engine.open(Line("tone", "en", 1)), Delivery())
        strand.speak("Hello.")
        if whole:
            strand.end_text()
        strand.fail(ConnectionError("planted"))
        if whole:
            assert len(await read(strand)) == 6 * FRAME
        else:
            with pytest.raises(ConnectionError):
                await read(strand)
        strand.close()


async def test_it_is_live_where_its_model_is_and_nothing_is_read(start: Start, models: Family) -> None:
    voiced = await start()
    role = voiced.roles.cast(Utterance("x", "tone", "en"), "")
    stream = voiced.engine.open(Line("tone", "en", 1))
    assert Strand(role, stream, Delivery()).live
    assert not Strand(role, stream, Delivery(), Reading("en", "tone", Lexicon(()), True)).live
    stream.close()


async def test_what_was_spoken_before_is_heard_once_more(start: Start) -> None:
    voiced = await start()
    role = voiced.roles.cast(Utterance("x", "tone", "en"), "")
    pcm = np.arange(40_000, dtype="<i2").tobytes()
    replay = Replay(role, 7, pcm, [Heard("One.", 0, 9, "tone")], "length")
    assert (replay.seed, replay.finish_reason, replay.heard(), replay.live) == (7, "length", [], False)
    replay.fail(ValueError("too late"))
    pieces = []
    while piece := await replay.read():
        pieces.append(piece)
    assert b"".join(pieces) == pcm and max(map(len, pieces)) == SECOND // 2
    assert [one.text for one in replay.heard()] == ["One."]
    replay.close()
    assert rows(voiced) == (0, 0)
