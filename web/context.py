"""What every handler needs: the daemon, the request's id, its body, and who asks."""

from __future__ import annotations

import asyncio
import re
import secrets
import zlib
from typing import Final, TypeVar

from aiohttp import hdrs, web
from pydantic import BaseModel

from daemon.core import Voiced
from daemon.faults import Malformed
from daemon.settings import Settings
from daemon.utterance import Door
from protocol.schemas import parse
from web.problems import Unfinished, UnsupportedMediaType

VOICED: Final = web.AppKey("voiced", Voiced)
REQUEST_ID: Final = web.RequestKey("request_id", str)

CLIENT_HEADER: Final = "X-Voiced-Client"
# A caller may bring its own id, to find a request again in both logs; it goes into headers and log lines.
_CALLERS_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
# A character outside of Unicode's first plane is 12 bytes when JSON escapes it.
_BYTES_A_CHARACTER: Final = 12
# What may stand around the text: every other field at its longest.
_BODY_REST: Final = 64 * 1024

# The longest text, a megabyte, takes a second on a slow home network; this is for those who never finish, and
# for those whose chunks broke, of which nothing else tells.
BODY_S: Final = 30.0
# Parsing this much takes a few milliseconds; more goes to a thread so that the loop stays free.
_INLINE_BODY: Final = 1_000_000
# What a body may be packed as; zlib tells the two by their heads.
_CODINGS: Final = frozenset({"identity", "gzip", "x-gzip", "deflate"})
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32

_M = TypeVar("_M", bound=BaseModel)


def body_limit(settings: Settings) -> int:
    """The most bytes that a request with a legal text can have."""
    return settings.max_text * _BYTES_A_CHARACTER + _BODY_REST


def new_request_id(request: web.BaseRequest) -> str:
    """The caller's own `X-Request-Id` when it is a plain one, else a new one."""
    given = request.headers.get("X-Request-Id", "")
    return given if _CALLERS_ID.fullmatch(given) else secrets.token_hex(8)


async def message(request: web.Request, kind: type[_M], limit: int | None = None) -> _M:
    """The JSON body as a message. Raises Malformed and what the body's size and type deserve.

    `limit` is the most bytes that it may have, where texts alone do not tell.
    """
    if request.content_type != "application/json":
        # It keeps other sites out, too: a browser asks before it sends JSON across sites, and we never agree.
        raise UnsupportedMediaType("the body must be JSON, with Content-Type: application/json")
    coding = request.headers.get(hdrs.CONTENT_ENCODING, "identity").strip().casefold()
    if coding not in _CODINGS:
        raise UnsupportedMediaType(f"the body is packed as {coding[:40]!r}", {hdrs.ACCEPT_ENCODING: "gzip, deflate"})
    if limit is not None:
        request = request.clone(client_max_size=limit)
    if (request.content_length or 0) > request.client_max_size:
        raise web.HTTPRequestEntityTooLarge(request.client_max_size, request.content_length or 0)
    body = await _read(request)
    if coding != "identity":
        body = _unpacked(body, request.client_max_size)
    return await asyncio.to_thread(parse, kind, body) if len(body) > _INLINE_BODY else parse(kind, body)


async def body(request: web.Request, limit: int) -> bytes:
    """The body as it is, of `limit` bytes at most. Raises Malformed, Unfinished and HTTPRequestEntityTooLarge."""
    if (request.content_length or 0) > limit:
        raise web.HTTPRequestEntityTooLarge(limit, request.content_length or 0)
    return await _read(request.clone(client_max_size=limit))


async def _read(request: web.Request) -> bytes:
    try:
        async with asyncio.timeout(BODY_S):
            return await request.read()
    except TimeoutError:
        raise Unfinished(f"the rest of the body has not come within {BODY_S:.0f} s", {"Connection": "close"}) from None
    except web.RequestPayloadError as error:
        raise Malformed(f"the body could not be read: {error}") from error


def _unpacked(body: bytes, most: int) -> bytes:
    """What a client has packed, and no more than it could have sent unpacked."""
    packed = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        whole = packed.decompress(body, most + 1)
    except zlib.error as error:
        raise Malformed(f"the body cannot be unpacked: {error}") from error
    if len(whole) > most:
        raise web.HTTPRequestEntityTooLarge(most, len(whole))
    if not packed.eof:
        raise Malformed("the body cannot be unpacked: its end is missing")
    return whole


def door(request: web.Request) -> Door:
    """Our own studio and command line say who they are; it decides whose runs are kept, nothing else."""
    match request.headers.get(CLIENT_HEADER):
        case "studio":
            return "studio"
        case "say":
            return "say"
    return "rest"


def answer(message: BaseModel, status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.Response(text=message.model_dump_json(), status=status, content_type="application/json")
