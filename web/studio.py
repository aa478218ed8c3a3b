"""The studio: the page on which people speak, the rows of its latest runs, and the files of all pages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

from aiohttp import web

from daemon.core import Voiced
from daemon.emotions import HOUSE
from daemon.pipelines.table import is_job
from outputs.run import RunInfo
from protocol.schemas import FORMATS, MAX_INSTRUCT
from web import studio_voices, studio_work
from web.addresses import url
from web.context import VOICED
from web.pages import FRESH, html
from web.runs import newest
from web.shelves import shelves
from web.tongues import languages

_STATIC: Final = Path(__file__).parent / "static"
# Not the machine's own table of types: one that calls .js plain text would leave the page without its scripts.
_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_LATEST: Final = 10
# What fits on two lines of a wide row; the run itself keeps all of it.
_EXCERPT: Final = 160
_AUDIO: Final = "audio.wav"


class Row(NamedTuple):
    """A run as its row shows it."""

    id: str
    text: str
    voice: str
    created: str
    when: str
    length: str
    state: str
    audio: str | None
    file: str


def routes() -> list[web.RouteDef]:
    """The pages, the rows of runs, and the files."""
    return [
        web.get("/", page),
        web.get("/studio/runs", rows),
        web.get("/voices", studio_voices.page),
        web.get("/work", studio_work.page),
        web.get("/studio/jobs", studio_work.events),
        web.get("/static/{path:.+}", static),
    ]


async def page(request: web.Request) -> web.Response:
    """`GET /`: everything that can be known before anybody speaks."""
    voiced = request.app[VOICED]
    latest = await asyncio.to_thread(_latest, voiced)
    voices = voiced.casting.everyone()
    return html(
        "studio.html.j2",
        room="speak",
        version=version("voiced"),
        engine=voiced.engine.facts,
        reason=_sentence(voiced.reason),
        state=voiced.engine.status().state.value,
        shelves=shelves(voices),
        languages=languages(tag for voice in voices if voice.installed for tag in voice.languages),
        emotions=sorted(HOUSE),
        max_text=voiced.settings.max_text,
        max_instruct=MAX_INSTRUCT,
        formats=FORMATS,
        runs=latest,
    )


async def rows(request: web.Request) -> web.Response:
    """`GET /studio/runs`: the rows of the page as they are now."""
    return html("runs.html.j2", runs=await asyncio.to_thread(_latest, request.app[VOICED]))


async def static(request: web.Request) -> web.StreamResponse:
    """`GET /static/…`: one of the files that came with this version, and nothing else."""
    path = _files().get(request.match_info["path"])
    if path is None:
        raise web.HTTPNotFound
    response = web.FileResponse(path, headers=FRESH)
    response.content_type = _TYPES.get(path.suffix, "text/plain")
    response.charset = "utf-8"
    return response


def _latest(voiced: Voiced) -> list[Row]:
    """Long work has a room of its own."""
    return [_row(info) for info in newest(voiced.runs, _LATEST, lambda info: not is_job(info.task))]


def _row(info: RunInfo) -> Row:
    """What a row shows; whatever somebody else has put into a run does not keep the page from opening."""
    text = " ".join(_text(info.path).split())
    kept = (info.path / _AUDIO).is_file()
    return Row(
        id=info.run_id,
        text=text if len(text) <= _EXCERPT else text[: _EXCERPT - 1].rstrip() + "…",
        voice=str(info.meta.get("voice", "")),
        created=info.created.isoformat(),
        when=info.created.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        length=_length(info.meta.get("timing")),
        state=info.state,
        audio=url(info.run_id, _AUDIO) if kept else None,
        file=f"voiced-{info.run_id}.wav",
    )


def _text(run: Path) -> str:
    try:
        request = json.loads((run / "input.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return ""
    text = request.get("text") if isinstance(request, dict) else None
    return text if isinstance(text, str) else ""


def _length(timing: object) -> str:
    milliseconds = timing.get("audio_ms") if isinstance(timing, dict) else None
    if not isinstance(milliseconds, int | float) or milliseconds <= 0:
        return ""
    seconds = milliseconds / 1000
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)}:{int(seconds % 60):02d} min"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


@cache
def _files() -> Mapping[str, Path]:
    return {path.relative_to(_STATIC).as_posix(): path for path in _STATIC.rglob("*") if path.is_file()}
