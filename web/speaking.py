"""A take becomes the body of an answer, chunk by chunk, in any format."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Final

from aiohttp import hdrs, web

from daemon.faults import is_ours
from daemon.take import Take
from daemon.utterance import Utterance
from outputs import audio
from protocol.wire import SEND_BUFFER
from web.context import VOICED

_LOG = logging.getLogger(__name__)

# A player that is paused stops reading. After this long it has been left, and its place is for others.
STALLED_S: Final = 600.0
# These two cost nothing to write; FFmpeg's encoders would hold up the event loop.
_INLINE: Final = frozenset({"wav", "pcm"})

Wrap = Callable[[bytes], bytes]


class Encoding:
    """One encoder, kept off the event loop."""

    def __init__(self, format_name: str, sample_rate: int) -> None:
        self._encoder = audio.encoder(format_name, sample_rate)
        self._inline = format_name in _INLINE

    async def encode(self, pcm: bytes) -> bytes:
        """What is ready of it, maybe nothing."""
        return await self._run(lambda: self._encoder.encode(pcm))

    async def finish(self) -> bytes:
        """The rest."""
        return await self._run(self._encoder.finish)

    async def _run(self, work: Callable[[], bytes]) -> bytes:
        if self._inline:
            return work()
        thread = asyncio.get_running_loop().run_in_executor(None, work)
        try:
            return await asyncio.shield(thread)
        except asyncio.CancelledError:
            await asyncio.wait([thread])  # an encoder must not be closed while it works
            raise

    def close(self) -> None:
        """Let go of it, finished or not."""
        self._encoder.close()


@asynccontextmanager
async def encoding(format_name: str, sample_rate: int) -> AsyncIterator[Encoding]:
    """An encoder that is closed afterwards. Raises UnknownFormat."""
    if format_name in _INLINE:
        encoder = Encoding(format_name, sample_rate)
    else:
        encoder = await asyncio.to_thread(Encoding, format_name, sample_rate)  # the first imports FFmpeg's libraries
    try:
        yield encoder
    finally:
        encoder.close()


async def encoded(take: Take, format_name: str) -> AsyncGenerator[bytes, None]:
    """The take in this format, as it is made."""
    async with encoding(format_name, take.sample_rate) as encoder, aclosing(take.chunks()) as chunks:
        async for pcm in chunks:
            if data := await encoder.encode(pcm):
                yield data
        if data := await encoder.finish():
            yield data


async def stream(
    request: web.Request, utterance: Utterance, *, media_type: str | None = None, wrap: Wrap | None = None,
    last: Callable[[Take], bytes] | None = None,
) -> web.StreamResponse:  # fmt: skip
    """Speak into the answer. A failure before the first audio is raised, a later one breaks the transfer.

    `wrap` makes something else of every chunk, `last` ends the body: server-sent events are made with them.
    """
    audio_format = audio.find(utterance.format)
    hold_little(request)
    response: web.StreamResponse | None = None
    try:
        async with request.app[VOICED].speech.open(utterance) as take:
            await take.begin()
            response = web.StreamResponse(headers=headers(take, utterance.format))
            response.content_type = media_type or audio_format.media_type
            await response.prepare(request)
            async with aclosing(encoded(take, utterance.format)) as chunks:
                async for data in chunks:
                    await write(response, wrap(data) if wrap else data)
        if last is not None:
            await write(response, last(take))
        await response.write_eof()
    except Exception as error:
        if response is None or not response.prepared:
            raise
        break_off(request)
        note(error, utterance.request_id)
    return response


def hold_little(request: web.Request) -> None:
    """Let the kernel keep little of what is sent, so that a slow reader is known to be slow and a cancel is quick."""
    if request.transport is not None:
        request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)


async def write(response: web.StreamResponse, data: bytes) -> None:
    """Send, at the reader's pace. Raises ConnectionError when it is gone, or might as well be."""
    try:
        async with asyncio.timeout(STALLED_S):
            await response.write(data)
    except TimeoutError:
        raise ConnectionResetError(f"the listener has read nothing for {STALLED_S:.0f} s") from None


def headers(take: Take, format_name: str) -> Mapping[str, str]:
    """What a listener may want to know before the end."""
    told = {"X-Request-Id": take.request_id, "X-Voice": take.voice.id, "X-Seed": str(take.seed), **verdict(take)}
    if take.run_id is not None:
        told["X-Run-Id"] = take.run_id
    if format_name == "pcm":
        told["X-Sample-Rate"] = str(take.sample_rate)
    # nginx, which many put in front, would else collect the whole speech before it passes any of it on.
    return {**told, hdrs.CACHE_CONTROL: "no-store", "X-Accel-Buffering": "no"}


def verdict(take: Take) -> dict[str, str]:
    """Whether the take that was kept is good, and how many were made; nothing where nobody judged."""
    if (report := take.report) is None:
        return {}
    return {"X-Verified": "good" if report["good"] else "bad", "X-Takes": str(len(take.attempts))}


def note(error: Exception, request_id: str) -> None:
    """Log what is ours; the core does so only while it is speaking, and an encoder may fail after that."""
    if is_ours(error) and not isinstance(error, ConnectionError):
        _LOG.error("request %s broke off", request_id, exc_info=error)


def break_off(request: web.Request) -> None:
    """Audio has begun: only a broken transfer tells the listener that this is not the end."""
    if request.transport is not None:
        request.transport.abort()
