"""Text that is spoken as it is written, on a small random checkpoint: the samples are those of the whole text."""

from __future__ import annotations

import array
import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from checkpoints import Shelf

from daemon.core import Voiced
from daemon.dictation import Writing
from daemon.utterance import Utterance
from models.load import Choice
from models.qwen.backend import Qwen

Start = Callable[..., Awaitable[Voiced]]
TEXT = "# News\nThe **kitchen** light is on, and the window stands open.  Is it late? Good night to all of you! 🌙"
# Long enough for chunks of every size that the pace knows.
LONG = {"max_new_tokens": 50, "stop_guard": False}


@pytest.fixture(params=["custom_voice", "voice_design"])
async def voiced(
    request: pytest.FixtureRequest, checkpoint: Shelf, start: Start, monkeypatch: pytest.MonkeyPatch
) -> Voiced:
    folder = checkpoint(request.param, "nano", end=-50.0)
    monkeypatch.setattr("daemon.core.choose", lambda wish: Choice(Qwen(folder, "tiny", precision="float32"), ""))
    return await start(preload=True)


async def say(voiced: Voiced, text: str = "", pieces: AsyncIterator[str] | None = None, **wishes: object) -> bytes:
    wishes = {"seed": 7, "instruct": "calm", "sampling": LONG, **wishes}
    async with voiced.speech.open(Utterance(text=text, **wishes), pieces) as take:  # type: ignore[arg-type]
        return b"".join([pcm async for pcm in take])


async def written(pieces: list[str], pause_s: float) -> AsyncIterator[str]:
    for piece in pieces:
        yield piece
        await asyncio.sleep(pause_s)


@pytest.mark.parametrize("wishes", [{}, {"language": "en"}])
async def test_however_it_is_written_it_sounds_the_same(voiced: Voiced, wishes: dict[str, str]) -> None:
    whole = await say(voiced, TEXT, **wishes)
    samples = array.array("h", whole)
    assert len(samples) > 40 * 1920
    assert len(set(samples)) > 100
    for pieces in ([TEXT[at : at + 3] for at in range(0, len(TEXT), 3)], re.findall(r"\S+\s*", TEXT), list(TEXT)):
        for pause_s in (0.0, 0.005):
            assert await say(voiced, "", written(pieces, pause_s), **wishes) == whole


async def test_it_is_heard_before_it_is_written_to_its_end(voiced: Voiced) -> None:
    whole, writing = await say(voiced, TEXT, language="en"), Writing()
    utterance = Utterance(seed=7, instruct="calm", sampling=LONG, language="en")
    writing.write(TEXT[:20])
    async with voiced.speech.open(utterance, writing) as take:
        chunks = take.chunks()
        pcm = await asyncio.wait_for(anext(chunks), 20)
        writing.write(TEXT[20:])
        writing.end()
        assert pcm + b"".join([chunk async for chunk in chunks]) == whole
    assert take.outcome == "length"
