"""The WebSocket door: a thin shell around the conversation of `protocol/stream.py`."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from typing import Final
from weakref import WeakSet

from aiohttp import WSCloseCode, WSMsgType, hdrs, web

from daemon.core import Voiced
from daemon.dictation import Writing
from daemon.take import Take
from outputs import audio
from protocol.stream import PCM16, Cancel, Conversation, EndReason, EndText, Refused, Start, Text
from web.context import VOICED, body_limit
from web.problems import WebSocketExpected
from web.speaking import STALLED_S, encoded, hold_little, note

SOCKETS: Final = web.AppKey("sockets", WeakSet[web.WebSocketResponse])
# Twice within the minute that home routers keep a silent connection for.
HEARTBEAT_S: Final = 25.0
# A client answers a goodbye within a round trip; one that has not by then is asleep.
GOODBYE_S: Final = 1.0
# Half a second of PCM: what a player can take in at once, and what a `cancel` has to wait for at most.
FRAME_BYTES: Final = 24_000


async def speech(request: web.Request) -> web.WebSocketResponse:
    """`GET /ws/speech`."""
    voiced = request.app[VOICED]
    socket = web.WebSocketResponse(
        heartbeat=HEARTBEAT_S, compress=False, max_msg_size=body_limit(voiced.settings), protocols=()
    )
    try:
        await socket.prepare(request)
    except (web.HTTPBadRequest, ValueError) as error:  # ValueError: a key that is not even ASCII
        told = "here is a WebSocket, for clients that ask for one (RFC 6455, version 13)"
        raise WebSocketExpected(told, {hdrs.UPGRADE: "websocket"}) from error
    hold_little(request)
    request.app[SOCKETS].add(socket)
    talk = Talk(socket, voiced)
    try:
        await talk.listen()
    except ConnectionError:
        pass  # the client has gone without a word
    finally:
        await talk.hush()
    return socket


async def close_all(app: web.Application) -> None:
    """For `on_shutdown`: tell every client that the daemon goes away."""
    code, why = WSCloseCode.GOING_AWAY, b"shutting down"
    goodbyes = [socket.close(code=code, message=why) for socket in app[SOCKETS]]
    with suppress(TimeoutError):
        async with asyncio.timeout(GOODBYE_S):
            await asyncio.gather(*goodbyes, return_exceptions=True)


class Talk:
    """One connection and what is spoken on it."""

    def __init__(self, socket: web.WebSocketResponse, voiced: Voiced) -> None:
        self._socket, self._voiced = socket, voiced
        self._conversation = Conversation(voiced.settings.max_text)
        self._writing = Writing()
        self._take: Take | None = None
        self._speaking: asyncio.Task[None] | None = None

    async def listen(self) -> None:
        """Do what the client says until it leaves."""
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT and message.type is not WSMsgType.BINARY:
                continue
            match self._conversation.receive(message.data):
                case Start() as start:
                    await self.hush()  # over, but maybe not yet out of its run folder
                    self._take, self._writing = None, Writing()
                    self._speaking = asyncio.create_task(self._speak(start), name="websocket speech")
                case Text(piece):
                    self._writing.write(piece)
                case EndText():
                    self._writing.end()
                case Cancel():
                    await self.hush()
                    if self._conversation.speaking:
                        await self._end("cancelled")
                case Refused(frames):
                    for frame in frames:
                        await self._socket.send_str(frame)

    async def hush(self) -> None:
        """Stop whatever is spoken; its slot is free afterwards."""
        task, self._speaking = self._speaking, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _speak(self, start: Start) -> None:
        try:
            await self._stream(start)
        except ConnectionError:
            return  # nobody is there; `listen` finds out by itself
        except Exception as error:  # noqa: BLE001 — the boundary of a connection
            note(error, self._take.request_id if self._take else "")
            for frame in self._conversation.fail(error)[:1]:
                await self._send(frame)
            await self._end("error")
        else:
            assert self._take is not None
            outcome = self._take.outcome
            await self._end("stop" if outcome is None else outcome)

    async def _stream(self, start: Start) -> None:
        """Header, then audio. When it returns, the run is complete."""
        utterance, pieces = start.utterance, self._writing if start.writing else None
        audio.find(utterance.format)
        self._voiced.casting.model(utterance.model)
        async with self._voiced.speech.open(utterance, pieces) as take:
            self._take = take
            if not start.writing:
                await take.begin()  # the seed is true from now on; who still writes may wait for the header first
            await self._send(self._conversation.header(_facts(take, utterance.format)))
            async with aclosing(encoded(take, utterance.format)) as chunks:
                async for data in chunks:
                    for at in range(0, len(data), FRAME_BYTES):
                        await self._send(data[at : at + FRAME_BYTES])

    async def _end(self, reason: EndReason) -> None:
        take, facts = self._take, {}
        if take is not None:
            facts = {
                "run_id": take.run_id,
                "seed": take.seed,
                "timing": take.timing.as_dict(),
                "artifacts": take.artifacts,
            }
        await self._send(self._conversation.end(reason, facts))

    async def _send(self, frame: str | bytes) -> None:
        """At the reader's pace. Raises ConnectionError when it is gone, or might as well be."""
        try:
            async with asyncio.timeout(STALLED_S):
                await (self._socket.send_str(frame) if isinstance(frame, str) else self._socket.send_bytes(frame))
        except TimeoutError:
            raise ConnectionResetError("the listener has read nothing for too long") from None


def _facts(take: Take, audio_format: str) -> dict[str, object]:
    return {
        "request_id": take.request_id,
        "sample_rate": take.sample_rate,
        "format": PCM16 if audio_format == "pcm" else audio_format,
        "channels": 1,
        "voice": take.voice.id,
        "language": take.language,
        "seed": take.seed,
        "run_id": take.run_id,
    }
