"""Recordings in a request: sent with it, uploaded before, or lying on another machine."""

from __future__ import annotations

import asyncio
from typing import Final, TypeVar

from aiohttp import web
from pydantic import BaseModel

from protocol.schemas import MAX_REFERENCE_BYTES
from protocol.tasks import Address, KeptFile, OnDisk
from web.context import VOICED, body_limit, message
from web.problems import RecordingTooLarge

# Three bytes are four characters of base64, and some writers break its lines.
_BASE64_BYTES: Final = MAX_REFERENCE_BYTES * 11 // 8
# A recording takes 30 MB while it is read; as many as connections at once would take all of a small machine's memory.
MAX_READING: Final = 4
READING: Final = web.AppKey("reading", asyncio.Semaphore)

_M = TypeVar("_M", bound=BaseModel)


async def with_recordings(request: web.Request, kind: type[_M], count: int = 1) -> _M:
    """The JSON body, in which so many recordings may stand. Raises what `message` does, and RecordingTooLarge."""
    limit = body_limit(request.app[VOICED].settings) + count * _BASE64_BYTES
    try:
        async with request.app[READING]:
            return await message(request, kind, limit)
    except web.HTTPRequestEntityTooLarge as error:
        raise RecordingTooLarge(
            f"a recording may have {MAX_REFERENCE_BYTES / 1e6:.0f} MB, which is a minute of 48 kHz stereo; all of it is "
            "read again before each utterance, and 3 to 15 s are best"
        ) from error


async def recording(request: web.Request, given: bytes | KeptFile | Address | OnDisk) -> bytes:
    """Its bytes, wherever they are. Raises what the files raise."""
    files = request.app[VOICED].files
    if isinstance(given, KeptFile):
        return await files.read(given.file_id, MAX_REFERENCE_BYTES)
    if isinstance(given, Address):
        return await files.fetch(given.url, MAX_REFERENCE_BYTES)
    if isinstance(given, OnDisk):
        return await files.local(given.path, MAX_REFERENCE_BYTES)
    return given
