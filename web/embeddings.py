"""`/v1/audio/embeddings`: where voices lie, and how near two of them are."""

from __future__ import annotations

from aiohttp import web

from daemon.making.likeness import Embedding, similarity
from protocol import voice_answers
from protocol.voices import EmbeddingAsked, SimilarityAsked
from web.context import VOICED, answer
from web.recordings import recording, with_recordings


async def embeddings(request: web.Request) -> web.Response:
    """`POST /v1/audio/embeddings`: the speaker embedding of a recording or a voice."""
    made = await _embedding(request, await with_recordings(request, EmbeddingAsked))
    entry = {"object": "embedding", "index": 0, "embedding": list(made.vector)}
    return answer(voice_answers.Embedding(model=made.model, data=[entry]))


async def similar(request: web.Request) -> web.Response:
    """`POST /v1/audio/embeddings/similarity`: of two."""
    asked = await with_recordings(request, SimilarityAsked, 2)
    made = [await _embedding(request, one, asked.model) for one in (asked.a, asked.b)]
    return answer(voice_answers.Similarity(model=made[0].model, similarity=similarity(*made)))


async def _embedding(request: web.Request, asked: EmbeddingAsked, model: str | None = None) -> Embedding:
    audio = None if asked.input is None else await recording(request, asked.input)
    return await request.app[VOICED].likeness.embedding(audio, asked.voice, asked.model or model)
