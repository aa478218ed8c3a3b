"""The studio's room for long work: what is begun, what is at work, what has become of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from importlib.metadata import version
from typing import Final

from aiohttp import hdrs, web

from daemon.emotions import HOUSE
from daemon.job import ENDED, Progress
from daemon.jobs import Jobs
from daemon.pipelines.table import CHORES, RECIPES
from protocol.pipelines import MAX_INPUT_BYTES
from web import pipelines, progress
from web.context import VOICED
from web.pages import html
from web.shelves import shelves
from web.speaking import write
from web.tongues import languages

LEAVING: Final = web.AppKey("LEAVING", asyncio.Event)
"""Set when the daemon goes: a page that watches would hold it up."""
# As often as an eye follows a bar; a fast model ends hundreds of segments a second.
_EVERY_S: Final = 0.25
# A page hears something at least this often, so that a proxy does not hang up on it.
_QUIET_S: Final = 15.0
# How soon a page asks again when the daemon is gone.
_AGAIN_MS: Final = 1000


async def page(request: web.Request) -> web.Response:
    """`GET /work`: the room; what is in it comes from the API."""
    voiced = request.app[VOICED]
    voices = [voice for voice in voiced.casting.everyone() if voice.installed]
    return html(
        "work.html.j2",
        room="work",
        version=version("voiced"),
        shelves=shelves(voices),
        languages=languages(tag for voice in voices for tag in voice.languages),
        emotions=sorted(HOUSE),
        tasks=sorted({**RECIPES, **CHORES}),
        max_bytes=MAX_INPUT_BYTES,
    )


async def events(request: web.Request) -> web.StreamResponse:
    """`GET /studio/jobs`: server-sent events of everything that is at work, as long as the page is open."""
    response = web.StreamResponse(headers={hdrs.CACHE_CONTROL: "no-store", "X-Accel-Buffering": "no"})
    response.content_type = "text/event-stream"
    await response.prepare(request)
    await write(response, f"retry: {_AGAIN_MS}\n\n".encode())
    async with aclosing(_changes(request.app[VOICED].jobs, request.app[LEAVING])) as changes:
        async for told in changes:
            await write(response, told)
    return response


async def leave(app: web.Application) -> None:
    """For `on_shutdown`: nobody watches any longer."""
    app[LEAVING].set()


async def _changes(jobs: Jobs, leaving: asyncio.Event) -> AsyncGenerator[bytes, None]:
    """Every job that has not ended, then what changes; and a line that nobody reads when nothing has for a while."""
    told = {job.id: job.progress() for job in jobs.all() if job.state in ENDED}
    quiet = 0.0
    while not leaving.is_set():
        fresh = _fresh(jobs, told)
        quiet = 0.0 if fresh else quiet + _EVERY_S
        if fresh:
            yield fresh
        elif quiet >= _QUIET_S:
            quiet = 0.0
            yield b":\n\n"
        try:
            async with asyncio.timeout(_EVERY_S):
                await leaving.wait()
        except TimeoutError:
            continue


def _fresh(jobs: Jobs, told: dict[str, Progress]) -> bytes:
    """The events of what stands otherwise than it was told, which is then told."""
    changed = [job for job in jobs.all() if told.get(job.id) != job.progress()]
    told.update((job.id, job.progress()) for job in changed)
    return b"".join(pipelines.event(progress.told(job).model_dump()) for job in changed)
