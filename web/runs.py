"""Run folders over HTTP: listed, shown, downloaded in any format, thrown away."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import quote

from aiohttp import hdrs, web

from daemon.faults import Detail, Malformed, Unspeakable
from daemon.job import ENDED, Job
from outputs import audio
from outputs.info import STATES
from outputs.run import RunInfo, Runs
from protocol import answers
from web.addresses import url
from web.context import REQUEST_ID, VOICED, answer
from web.progress import told
from web.speaking import Encoding, break_off, encoding, note, write

_DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 1000
# What a filter has passed over is read again with the wider window: four times as wide, that costs a third at most.
_WIDER: Final = 4
SHOWN: Final = (*STATES, "interrupted")
"""The states that a run is shown in."""
# A browser plays what it is told the kind of, and not every system's own table knows these.
_KINDS: Final[Mapping[str, str]] = {
    ".wav": "audio/wav", ".flac": "audio/flac", ".mp3": "audio/mpeg", ".opus": "audio/ogg", ".m4a": "audio/mp4",
    ".m4b": "audio/mp4", ".vtt": "text/vtt", ".srt": "application/x-subrip",
}  # fmt: skip
# Four seconds at 24 kHz: an encoder is called often enough to be cancelled and seldom enough to be quick.
_FRAMES: Final = 96_000


async def runs(request: web.Request) -> web.Response:
    """`GET /api/v1/runs?limit=&task=&state=`: the newest first; of any of these tasks, in any of these states."""
    limit = _limit(request.query.get("limit"))
    tasks, states = request.query.getall("task", []), _states(request.query.getall("state", []))
    found = await asyncio.to_thread(
        newest, request.app[VOICED].runs, limit,
        lambda info: (not tasks or info.task in tasks) and (not states or info.state in states),
    )  # fmt: skip
    jobs = request.app[VOICED].jobs
    return answer(answers.RunList(runs=[_run(info, jobs.find(info.run_id)) for info in found]))


def newest(runs: Runs, limit: int, wanted: Callable[[RunInfo], bool]) -> Sequence[RunInfo]:
    """The newest of those that are wanted; reads older ones as long as there are too few. Raises StorageFailed."""
    window = limit
    while True:
        infos = runs.list(window)
        found = [info for info in infos if wanted(info)]
        if len(found) >= limit or len(infos) < window:
            return found[:limit]
        window *= _WIDER


async def run(request: web.Request) -> web.Response:
    """`GET /api/v1/runs/{id}`."""
    voiced = request.app[VOICED]
    info = await asyncio.to_thread(voiced.runs.find, request.match_info["id"])
    return answer(_run(info, voiced.jobs.find(info.run_id)))


async def remove(request: web.Request) -> web.Response:
    """`DELETE /api/v1/runs/{id}`."""
    await asyncio.to_thread(request.app[VOICED].runs.remove, request.match_info["id"])
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def file(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/runs/{id}/files/{path}`: as it lies there, Range too; or a WAV in another `format`."""
    found = request.app[VOICED].runs.file
    path = await asyncio.to_thread(found, request.match_info["id"], request.match_info["path"])
    wanted = request.query.get("format")
    if wanted is not None and audio.find(wanted).suffix != path.suffix:
        return await _converted(request, path, wanted)
    response = web.FileResponse(path, headers={hdrs.CACHE_CONTROL: "private, no-cache"})
    if kind := _KINDS.get(path.suffix):
        response.content_type = kind
    return response


async def _converted(request: web.Request, path: Path, wanted: str) -> web.StreamResponse:
    recording = await asyncio.to_thread(_open, path)
    try:
        name = f"{path.stem}{audio.find(wanted).suffix}"
        disposition = f"attachment; filename*=UTF-8''{quote(name)}"
        response = web.StreamResponse(headers={hdrs.CONTENT_DISPOSITION: disposition})
        response.content_type = audio.find(wanted).media_type
        async with encoding(wanted, recording.getframerate()) as encoder:
            await response.prepare(request)
            try:
                async with aclosing(_chunks(recording, encoder, wanted)) as chunks:
                    async for data in chunks:
                        await write(response, data)
            except Exception as error:  # noqa: BLE001 — the download has begun and cannot end well
                break_off(request)
                note(error, request[REQUEST_ID])
                return response
        await response.write_eof()
    finally:
        recording.close()
    return response


async def _chunks(recording: wave.Wave_read, encoder: Encoding, wanted: str) -> AsyncGenerator[bytes, None]:
    head = True
    while pcm := await asyncio.to_thread(recording.readframes, _FRAMES):
        if data := await encoder.encode(pcm):
            yield audio.with_length(data, wanted, recording.getnframes()) if head else data
            head = False
    yield await encoder.finish()


def _open(path: Path) -> wave.Wave_read:
    """A mono WAV of 16 bits, as every recording of ours is. Raises Unspeakable for anything else."""
    try:
        recording = wave.open(str(path), "rb")  # noqa: SIM115 — the caller closes it
    except (wave.Error, EOFError) as error:
        raise Unspeakable(f"{path.name} is no recording, so it has no other format") from error
    if (recording.getnchannels(), recording.getsampwidth()) != (1, 2):
        recording.close()
        raise Unspeakable(f"{path.name} is not mono of 16 bits, so it is given as it is")
    return recording


def _limit(text: str | None) -> int:
    if text is None:
        return _DEFAULT_LIMIT
    if text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= MAX_LIMIT:
        return int(text)
    wrong = f"must be a whole number from 1 to {MAX_LIMIT}"
    raise Malformed(f"limit: {wrong}", [Detail("limit", wrong)])


def _states(given: Sequence[str]) -> Sequence[str]:
    if all(state in SHOWN for state in given):
        return given
    wrong = f"must be one of {', '.join(SHOWN)}"
    raise Malformed(f"state: {wrong}", [Detail("state", wrong)])


def _run(info: RunInfo, job: Job | None) -> answers.Run:
    artifacts = info.meta.get("artifacts")
    names = [a["name"] for a in artifacts if isinstance(a, dict)] if isinstance(artifacts, list) else []
    return answers.Run(
        run_id=info.run_id,
        name=info.name,
        task=info.task,
        state=info.state,
        created=info.created,
        finished=info.finished,
        meta=dict(info.meta),
        links={
            "self": url(info.run_id),
            **{str(name): url(info.run_id, str(name)) for name in ["input.json", "meta.json", *names]},
        },
        job=None if job is None or job.state in ENDED else told(job),
    )
