"""Uploads over HTTP: taken as they come, from a form or as they are; told of, given back, thrown away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from http import HTTPStatus
from typing import Final, TypeVar

from aiohttp import BodyPartReader, hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from daemon.faults import Malformed
from daemon.making.files import FileFacts, Files
from protocol import answers
from voices.files.uploads import too_large
from web.context import BODY_S, VOICED, answer
from web.problems import Unfinished, UnsupportedMediaType

_T = TypeVar("_T")

# The largest file over a slow home network; whoever is slower than that keeps others waiting.
UPLOAD_S: Final = 600.0
# What a form may have around its file: boundaries and names.
_FORM_REST: Final = 64 * 1024
_READ_BYTES: Final = 64 * 1024
# The name of the file among the parts of a form.
_FIELD: Final = "file"
_ONE_PART: Final = f"the form has one part, named {_FIELD!r}, and nothing else"
_PLAIN: Final = frozenset({"application/octet-stream", "application/ogg", "video/ogg"})
_TYPES: Final[Mapping[str, str]] = {
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
}
# Ways in which a part of a form is its bytes, by RFC 2045.
_AS_IT_IS: Final = frozenset({"", "binary", "8bit", "7bit"})


async def upload(request: web.Request) -> web.Response:
    """`POST /api/v1/files/upload`: a form with a `file`, or the file itself. It is looked at, not its name."""
    files = request.app[VOICED].files
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").strip().casefold() != "identity":
        raise UnsupportedMediaType("the file must be sent as it is, not packed", {hdrs.ACCEPT_ENCODING: "identity"})
    async with aclosing(_chunks(request, files)) as chunks:
        facts = await files.receive(chunks)
    response = answer(_file(facts), HTTPStatus.CREATED)
    response.headers[hdrs.LOCATION] = f"/api/v1/files/{facts.id}"
    return response


async def file(request: web.Request) -> web.Response:
    """`GET /api/v1/files/{id}`."""
    return answer(_file(await request.app[VOICED].files.facts(request.match_info["id"])))


async def content(request: web.Request) -> web.FileResponse:
    """`GET /api/v1/files/{id}/content`: the bytes as they were sent, Range too; nothing that a browser would open."""
    file_id = request.match_info["id"]
    path = await request.app[VOICED].files.path(file_id)
    headers = {
        hdrs.CACHE_CONTROL: "private, no-cache",
        hdrs.CONTENT_DISPOSITION: f'attachment; filename="{file_id}{path.suffix}"',
    }
    response = web.FileResponse(path, headers=headers)
    response.content_type = _TYPES[path.suffix]
    return response


async def remove(request: web.Request) -> web.Response:
    """`DELETE /api/v1/files/{id}`."""
    await request.app[VOICED].files.remove(request.match_info["id"])
    return web.Response(status=HTTPStatus.NO_CONTENT)


def _file(facts: FileFacts) -> answers.File:
    return answers.File.model_validate(
        {
            "file_id": facts.id,
            "bytes": facts.size,
            "seconds": facts.sound.seconds,
            "sample_rate": facts.sound.sample_rate,
            "channels": facts.sound.channels,
            "format": facts.sound.kind,
            "expires_at": facts.expires,
        }
    )


def _chunks(request: web.Request, files: Files) -> AsyncGenerator[bytes, None]:
    """The file in the body. Raises FileTooLarge and UnsupportedMediaType; reading it raises Malformed and Unfinished."""
    kind = request.content_type
    is_form = kind == "multipart/form-data"
    if not (is_form or kind in _PLAIN or kind.startswith("audio/")):
        raise UnsupportedMediaType(
            "an upload is multipart/form-data with a part named `file`, or the file itself as audio/* or"
            f" application/octet-stream, not {kind[:80]!r}"
        )
    if (request.content_length or 0) > files.max_bytes + (_FORM_REST if is_form else 0):
        raise too_large(files.max_bytes)
    return _form(request) if is_form else _body(request)


async def _body(request: web.Request) -> AsyncGenerator[bytes, None]:
    """All of it is the file."""
    async with aclosing(_patient(request.content.readany, _ends())) as chunks:
        async for data in chunks:
            yield data


async def _form(request: web.Request) -> AsyncGenerator[bytes, None]:
    """One part, named `file`, is the file; another field would mean something to somebody, and nothing here."""
    ends = _ends()
    with _mistakes():
        reader = await request.multipart()
    part = await _timely(reader.next, ends)
    if not isinstance(part, BodyPartReader) or _name(part) != _FIELD:
        raise Malformed(_ONE_PART)
    if _coding(part) not in _AS_IT_IS:
        raise Malformed("the file must be sent as it is, not in base64")
    async with aclosing(_patient(lambda: part.read_chunk(_READ_BYTES), ends)) as chunks:
        async for data in chunks:
            yield data
    if await _timely(reader.next, ends) is not None:
        raise Malformed(_ONE_PART)


def _name(part: BodyPartReader) -> str | None:
    with _mistakes():
        return part.name


def _coding(part: BodyPartReader) -> str:
    return part.headers.get(hdrs.CONTENT_TRANSFER_ENCODING, "").strip().casefold()


async def _patient(read: Callable[[], Awaitable[bytes]], ends: float) -> AsyncGenerator[bytes, None]:
    """What is read, until nothing is left. Raises Malformed and Unfinished."""
    while data := await _timely(read, ends):
        yield data


def _ends() -> float:
    """By when an upload that begins now has to be here, on the loop's clock."""
    return asyncio.get_running_loop().time() + UPLOAD_S


async def _timely(read: Callable[[], Awaitable[_T]], ends: float) -> _T:
    """Raises Malformed and Unfinished."""
    stalled = asyncio.get_running_loop().time() + BODY_S
    try:
        with _mistakes():
            async with asyncio.timeout_at(min(ends, stalled)):
                return await read()
    except TimeoutError:
        told = f"the rest of the file does not come: nothing for {BODY_S:.0f} s, or not all of it in {UPLOAD_S:.0f} s"
        raise Unfinished(told, {"Connection": "close"}) from None


@contextmanager
def _mistakes() -> Iterator[None]:
    """What aiohttp's readers raise for a body that is broken; they warn of some of it, which is raised where tests run."""
    try:
        yield
    except (web.RequestPayloadError, HttpProcessingError, ValueError, RuntimeError, AssertionError, Warning) as error:
        raise Malformed(f"the body could not be read: {error}") from error
