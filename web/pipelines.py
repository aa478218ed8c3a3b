"""Long work over REST: started, watched, paused, cancelled, resumed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from aiohttp import hdrs, web

from daemon.faults import Detail, InputMistake
from daemon.job import ENDED, Job, Progress
from daemon.pipelines import table as pipelines
from protocol import answers
from protocol.pipelines import MAX_INPUT_BYTES, GoOn, Pull, Work
from web.addresses import url
from web.context import VOICED, answer, message
from web.progress import told
from web.speaking import write

# Three bytes are four characters of base64; a text may be escaped to six bytes a character.
_BODY_BYTES: Final = 2 * MAX_INPUT_BYTES
# A watcher hears something at least this often, so that a proxy does not hang up on it.
_QUIET_S: Final = 15.0


async def table(_: web.Request) -> web.Response:
    """`GET /api/v1/pipelines`."""
    known = []
    for name in pipelines.RECIPES:
        recipe = pipelines.recipe(name)
        known.append(answers.Pipeline(name=name, about=recipe.ABOUT, options=recipe.Options.model_json_schema()))
    return answer(answers.Pipelines(pipelines=known))


async def start(request: web.Request) -> web.Response:
    """`POST /api/v1/pipelines/{name}`: 202 when it is planned and queued."""
    name = request.match_info["name"]
    pipelines.recipe(name)
    asked = await message(request, Work, _BODY_BYTES)
    if (asked.text is None) == (asked.data is None):
        wrong = "the input is `text`, or `data` in base64; give one of them"
        raise InputMistake(wrong, [Detail("text", wrong)])
    data = asked.data if asked.data is not None else (asked.text or "").encode("utf-8", "surrogatepass")
    start = request.app[VOICED].jobs.start
    job = await start(name, data, asked.name or "", asked.options, asked.seed, asked.after, asked.verify)
    return _begun(job)


async def pull(request: web.Request) -> web.Response:
    """`POST /api/v1/models/{id}/pull`: 202 when it is queued."""
    asked = await message(request, Pull) if request.can_read_body else Pull()
    return _begun(await request.app[VOICED].pull(request.match_info["id"], asked.source, asked.revision))


def _begun(job: Job) -> web.Response:
    response = answer(told(job), HTTPStatus.ACCEPTED)
    response.headers.update({hdrs.LOCATION: url(job.id), "X-Run-Id": job.id})
    return response


async def jobs(request: web.Request) -> web.Response:
    """`GET /api/v1/jobs`: what is waiting, running or paused in this process."""
    known = request.app[VOICED].jobs.all()
    return answer(answers.Jobs(jobs=[told(job) for job in known if job.state not in ENDED]))


async def events(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/runs/{id}/events`: server-sent events, from how it stands now to its end."""
    voiced, run_id = request.app[VOICED], request.match_info["id"]
    job = voiced.jobs.find(run_id)
    response = web.StreamResponse(headers={hdrs.CACHE_CONTROL: "no-store", "X-Accel-Buffering": "no"})
    response.content_type = "text/event-stream"
    if job is None:
        info = await asyncio.to_thread(voiced.runs.find, run_id)
        await response.prepare(request)
        await write(response, event({"run_id": info.run_id, "pipeline": info.task, "state": info.state}))
        return response
    await response.prepare(request)
    async with aclosing(job.watch()) as watching, aclosing(_or_quiet(watching)) as lines:
        async for line in lines:
            await write(response, line)
    return response


async def _or_quiet(watching: AsyncGenerator[Progress, None]) -> AsyncGenerator[bytes, None]:
    """What is told, and a line that nobody reads when there has been nothing to tell for a while."""
    heard = asyncio.ensure_future(anext(watching, None))
    try:
        while True:
            if not (await asyncio.wait({heard}, timeout=_QUIET_S))[0]:
                yield b":\n\n"
                continue
            if (progress := await heard) is None:
                return
            yield event(asdict(progress))
            heard = asyncio.ensure_future(anext(watching, None))
    finally:
        heard.cancel()
        await asyncio.gather(heard, return_exceptions=True)


async def pause(request: web.Request) -> web.Response:
    """`POST /api/v1/runs/{id}/pause`."""
    return await _change(request, request.app[VOICED].jobs.pause)


async def cancel(request: web.Request) -> web.Response:
    """`POST /api/v1/runs/{id}/cancel`."""
    return await _change(request, request.app[VOICED].jobs.cancel)


async def resume(request: web.Request) -> web.Response:
    """`POST /api/v1/runs/{id}/resume`."""
    asked = await message(request, GoOn) if request.can_read_body else GoOn()
    return await _change(request, partial(request.app[VOICED].jobs.resume, choice=asked.choice))


async def _change(request: web.Request, change: Callable[[str], Coroutine[Any, Any, Job]]) -> web.Response:
    info = await asyncio.to_thread(request.app[VOICED].runs.find, request.match_info["id"])
    return answer(told(await change(info.run_id)))


def event(progress: Mapping[str, object]) -> bytes:
    """What is told of a job, as an event."""
    return f"event: progress\ndata: {json.dumps(progress)}\n\n".encode()
