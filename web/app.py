"""The HTTP application, top to bottom: every route on one page, and the listener that serves it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestPayloadError

from daemon.core import Voiced
from daemon.faults import Fault
from daemon.settings import Settings, SettingsMistake
from protocol.address import hint
from web import (
    api,
    auditions,
    codec,
    embeddings,
    files,
    headers,
    openai,
    pipelines,
    probes,
    problems,
    recordings,
    runs,
    socket,
    studio,
    studio_work,
    tasks,
    texts,
    voices,
)
from web.context import VOICED, body_limit
from web.guard import Keys, by_key, by_origin

if TYPE_CHECKING:
    from socket import socket as Socket

# A burst of clients that connect at once waits in the kernel instead of being turned away. The loop lets as
# many in at one go.
_BACKLOG: Final = 256
# A process may have 1024 files open, and the Wyoming door takes up to 256 of them; whoever comes when
# no file is left is not refused but tried again for ever, with a traceback each time.
MAX_CONNECTIONS: Final = 256
# Longer than any proxy keeps its idle connections; aiohttp's own hour lets forgotten ones pile up.
IDLE_S: Final = 600.0
_LOG: Final = logging.getLogger(__name__)


def _is_ours(record: logging.LogRecord) -> bool:
    """Scanners of ports, and whoever leaves before its answer, would fill the log with aiohttp's tracebacks."""
    theirs = (HttpProcessingError, RequestPayloadError, ConnectionError)
    return not (record.exc_info and isinstance(record.exc_info[1], theirs))


_LOG.addFilter(_is_ours)


def build(voiced: Voiced, keys: Keys | None) -> web.Application:
    """Everything that is answered over HTTP. Without keys, only other sites' pages are kept out."""
    guard = by_key(keys) if keys is not None else by_origin(voiced.settings)
    app = web.Application(
        middlewares=[headers.name, problems.faults, guard], client_max_size=body_limit(voiced.settings)
    )
    app[VOICED] = voiced
    app[socket.SOCKETS] = WeakSet()
    app[studio_work.LEAVING] = asyncio.Event()
    app[recordings.READING] = asyncio.Semaphore(recordings.MAX_READING)
    app.on_response_prepare.append(headers.dress)
    app.on_shutdown.append(studio_work.leave)
    app.on_shutdown.append(socket.close_all)
    app.add_routes(routes())
    return app


def routes() -> Sequence[web.RouteDef]:
    """Every address that this daemon answers."""
    return [
        web.get("/healthz", probes.alive),
        web.get("/readyz", probes.ready),
        web.get("/metrics", probes.metrics),
        web.get("/openapi.json", probes.document),
        web.post("/v1/audio/speech", openai.speech),
        web.get("/v1/audio/voices", openai.voices),
        web.post("/v1/audio/embeddings", embeddings.embeddings),
        web.post("/v1/audio/embeddings/similarity", embeddings.similar),
        web.get("/v1/models", openai.models),
        web.get("/v1/models/{id}", openai.model),
        web.post("/api/v1/speech", api.speech),
        web.post("/api/v1/custom-voice", tasks.custom_voice),
        web.post("/api/v1/voice-design", tasks.voice_design),
        web.post("/api/v1/voice-clone", tasks.voice_clone),
        web.get("/api/v1/voices", voices.voices),
        web.post("/api/v1/voices", voices.create),
        web.post("/api/v1/voices/lint", voices.lint),
        web.post("/api/v1/voices/import", voices.bring),
        web.get("/api/v1/voices/{id}", voices.voice),
        web.put("/api/v1/voices/{id}", voices.update),
        web.delete("/api/v1/voices/{id}", voices.remove),
        web.get("/api/v1/voices/{id}/export", voices.export),
        web.post("/api/v1/voices/{id}/preview", voices.preview),
        web.post("/api/v1/auditions", auditions.hold),
        web.get("/api/v1/auditions", auditions.auditions),
        web.get("/api/v1/auditions/{id}", auditions.audition),
        web.delete("/api/v1/auditions/{id}", auditions.remove),
        web.get("/api/v1/auditions/{id}/takes/{take}", auditions.take),
        web.post("/api/v1/auditions/{id}/lock", auditions.lock),
        web.post("/api/v1/codec/encode", codec.encode),
        web.post("/api/v1/codec/decode", codec.decode),
        web.post("/api/v1/text/preview", texts.preview),
        web.get("/api/v1/lexicon", texts.lexicon),
        web.put("/api/v1/lexicon", texts.put),
        web.delete("/api/v1/lexicon", texts.remove),
        web.get("/api/v1/models", api.models),
        web.get("/api/v1/models/{id}", api.model),
        web.post("/api/v1/models/{id}/load", api.load),
        web.post("/api/v1/models/{id}/unload", api.unload),
        web.post("/api/v1/models/{id:.+}/pull", pipelines.pull),
        web.get("/api/v1/status", api.status),
        web.post("/api/v1/files/upload", files.upload),
        web.get("/api/v1/files/{id:file-[^/]+}", files.file),
        web.get("/api/v1/files/{id:file-[^/]+}/content", files.content),
        web.delete("/api/v1/files/{id:file-[^/]+}", files.remove),
        web.get("/api/v1/runs", runs.runs),
        web.get("/api/v1/runs/{id}", runs.run),
        web.delete("/api/v1/runs/{id}", runs.remove),
        web.get("/api/v1/runs/{id}/files/{path:.+}", runs.file),
        web.get("/api/v1/runs/{id}/events", pipelines.events),
        web.post("/api/v1/runs/{id}/pause", pipelines.pause),
        web.post("/api/v1/runs/{id}/cancel", pipelines.cancel),
        web.post("/api/v1/runs/{id}/resume", pipelines.resume),
        web.get("/api/v1/jobs", pipelines.jobs),
        web.get("/api/v1/pipelines", pipelines.table),
        web.post("/api/v1/pipelines/{name}", pipelines.start),
        web.get("/ws/speech", socket.speech),
        *studio.routes(),
    ]


@dataclass(frozen=True, slots=True)
class Listener:
    """Where the application can be reached."""

    urls: tuple[str, ...]
    servers: tuple[asyncio.Server, ...]

    async def stop_listening(self) -> None:
        """Take no new connections; what is open goes on. Safe to call twice."""
        for server in self.servers:
            server.close()


class TurnedAway(asyncio.Protocol):
    """One connection too many: it is told so and closed, whatever it wanted."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say it, once."""
        assert isinstance(transport, asyncio.WriteTransport)
        _LOG.warning("HTTP: turned away, %d connections are open", MAX_CONNECTIONS)
        fault = Fault("too_many_connections", 503, f"{MAX_CONNECTIONS} connections are open, and that is all")
        body = json.dumps(fault.as_dict())
        transport.write(
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nConnection: close\r\n"
            f"Retry-After: 10\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        transport.close()


class Doorman(asyncio.Protocol):
    """Lets a connection in once it is there: of many that come in the same moment each has been counted."""

    def __init__(self, serving: web.Server) -> None:
        self._serving = serving

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let it in, or turn it away."""
        room = len(self._serving.connections) < MAX_CONNECTIONS
        protocol: asyncio.BaseProtocol = self._serving() if room else TurnedAway()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)


@asynccontextmanager
async def serve(app: web.Application, settings: Settings, sockets: Sequence[Socket] = ()) -> AsyncIterator[Listener]:
    """Listen on `settings.http`, or on sockets that systemd has opened. Raises SettingsMistake.

    On leaving, first nothing new is let in, then open answers get `settings.drain` seconds.
    """
    runner = web.AppRunner(
        app, logger=_LOG, access_log=None, handler_cancellation=True, shutdown_timeout=settings.drain,
        keepalive_timeout=IDLE_S, auto_decompress=False,
    )  # fmt: skip
    await runner.setup()
    serving = runner.server
    assert serving is not None
    try:
        listener = await _listen(lambda: Doorman(serving), settings.http, sockets)
        try:
            yield listener
        finally:
            await listener.stop_listening()
    finally:
        await runner.cleanup()


async def _listen(doorman: Callable[[], asyncio.BaseProtocol], http: str, sockets: Sequence[Socket]) -> Listener:
    (host, port), create = address(http), asyncio.get_running_loop().create_server
    try:
        if sockets:
            servers = [await create(doorman, sock=handed, backlog=_BACKLOG) for handed in sockets]
        else:
            servers = [await create(doorman, host or None, port, backlog=_BACKLOG)]
    except OSError as error:
        raise SettingsMistake(f"cannot listen for HTTP on {http}: {hint(error)} (--http)") from error
    names = [listening.getsockname() for server in servers for listening in server.sockets]
    return Listener(tuple(_url(name) for name in names), tuple(servers))


def address(http: str) -> tuple[str, int]:
    """`127.0.0.1:10201`, `[::1]:0`, `:10201` (everywhere). Raises SettingsMistake."""
    host, colon, port = http.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    is_port = bool(colon) and port.isascii() and port.isdigit() and len(port) <= 5 and int(port) < 2**16
    if not is_port or (":" in host and not bracketed):
        raise SettingsMistake(f"http must be HOST:PORT, [IPv6]:PORT, :PORT or none, not {http!r}")
    return host[1:-1] if bracketed else host, int(port)


def _url(name: object) -> str:
    """Of what a listening socket says it is bound to."""
    if not isinstance(name, tuple):
        return f"unix:{name}"
    host, port = name[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
