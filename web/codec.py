"""Codes over REST: of a recording, and made into audio again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from aiohttp import hdrs, web

from outputs import audio
from outputs.codes import MAX_NPZ_BYTES, BadCodes, Table, as_dict, from_list, from_npz, to_npz
from protocol.codec import MAX_ASKED_BYTES, DecodeAsked, DecodeWish, EncodeAsked, Encoded
from protocol.schemas import parse
from web.api import DEFAULT_FORMAT
from web.context import REQUEST_ID, VOICED, answer, body, message
from web.recordings import READING, recording, with_recordings
from web.speaking import Encoding, break_off, encoding, hold_little, note, write

NPZ_TYPE: Final = "application/octet-stream"
_FILES: Final = frozenset({NPZ_TYPE, "application/zip", "application/x-npz"})
_FRAME_SAMPLES: Final = 1920


async def encode(request: web.Request) -> web.Response:
    """`POST /api/v1/codec/encode`."""
    asked, codec = await with_recordings(request, EncodeAsked), request.app[VOICED].codec
    codec.able(asked.model, encodes=True)  # before anything is fetched for it
    made = await codec.encode(await recording(request, asked.audio), asked.model)
    if asked.format != "npz":
        return answer(Encoded.model_validate(as_dict(made)))
    headers = {hdrs.CONTENT_DISPOSITION: 'attachment; filename="codes.npz"'}
    return web.Response(body=to_npz(made), content_type=NPZ_TYPE, headers=headers)


async def decode(request: web.Request) -> web.StreamResponse:
    """`POST /api/v1/codec/decode`: JSON, or a .npz file as it is; `model` and `format` may stand in the query, too."""
    wish = parse(DecodeWish, json.dumps(dict(request.query)))
    async with request.app[READING]:
        if request.content_type in _FILES:
            table = await asyncio.to_thread(from_npz, await body(request, MAX_NPZ_BYTES))
        else:
            asked = await message(request, DecodeAsked, MAX_ASKED_BYTES)
            table = await asyncio.to_thread(_table, asked)
            wish = DecodeWish(model=asked.model or wish.model, format=asked.format or wish.format)
    return await _sound(request, table, wish.format or DEFAULT_FORMAT, wish.model)


async def _sound(request: web.Request, table: Table, wanted: str, model: str | None) -> web.StreamResponse:
    """A failure before the first audio is raised, a later one breaks the transfer."""
    codec, audio_format = request.app[VOICED].codec, audio.find(wanted)
    facts = codec.able(model)
    hold_little(request)
    headers = {hdrs.CACHE_CONTROL: "no-store", "X-Sample-Rate": str(facts.sample_rate)}
    response = web.StreamResponse(headers=headers)
    response.content_type = audio_format.media_type
    try:
        async with (
            encoding(wanted, facts.sample_rate) as encoder,
            aclosing(codec.decode(table, facts.model)) as chunks,
            aclosing(_encoded(chunks, encoder, wanted, len(table) * _FRAME_SAMPLES)) as pieces,
        ):
            first = await anext(pieces)
            await response.prepare(request)
            await write(response, first)
            async for data in pieces:
                await write(response, data)
        await response.write_eof()
    except Exception as error:
        if not response.prepared:
            raise
        break_off(request)
        note(error, request[REQUEST_ID])
    return response


async def _encoded(
    chunks: AsyncGenerator[bytes, None], encoder: Encoding, wanted: str, samples: int
) -> AsyncGenerator[bytes, None]:
    """In this format, and with its length in the head where it has one."""
    head = True
    async for pcm in chunks:
        if data := await encoder.encode(pcm):
            yield audio.with_length(data, wanted, samples) if head else data
            head = False
    yield await encoder.finish()


def _table(asked: DecodeAsked) -> Table:
    """The codes, in whichever way they were given. Raises BadCodes."""
    if (asked.codes is None) == (asked.npz is None):
        raise BadCodes([("codes", "give `codes`, a list of frames, or `npz`, a file in base64; one of them")])
    return from_list(asked.codes) if asked.npz is None else from_npz(asked.npz)
