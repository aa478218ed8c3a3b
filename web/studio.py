"""The studio: the page for people, its files, and the rows of its latest runs."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

from aiohttp import web

from daemon.core import Voiced
from outputs.run import RunInfo
from protocol.schemas import FORMATS, MAX_INSTRUCT
from web.context import VOICED
from web.pages import FRESH, html
from web.runs import url

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

_NAMES: Final[Mapping[str, str]] = {
    "ar": "Arabic", "bg": "Bulgarian", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish",
    "fr": "French", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian",
    "it": "Italian", "ja": "Japanese", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "ms": "Malay",
    "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sk": "Slovak", "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish", "th": "Thai", "tr": "Turkish",
    "uk": "Ukrainian", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip


class Language(NamedTuple):
    """A language as the picker shows it."""

    tag: str
    name: str


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
    """The page, its rows and its files."""
    return [web.get("/", page), web.get("/studio/runs", rows), web.get("/static/{path:.+}", static)]


async def page(request: web.Request) -> web.Response:
    """`GET /`: everything that can be known before anybody speaks."""
    voiced = request.app[VOICED]
    latest = await asyncio.to_thread(_latest, voiced)
    voices = voiced.casting.profiles()
    return html(
        "studio.html.j2",
        room="studio",
        version=version("voiced"),
        engine=voiced.engine.facts,
        reason=_sentence(voiced.reason),
        state=voiced.engine.status().state.value,
        voices=voices,
        languages=languages(tag for voice in voices if voice.installed for tag in voice.languages),
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


def languages(tags: Iterable[str]) -> list[Language]:
    """Each once, by name, with its region only where there are several; what has no name is shown as it is."""
    once = set(tags)
    primaries = Counter(tag.partition("-")[0] for tag in once)
    named = (Language(tag, _language(tag, primaries[tag.partition("-")[0]] > 1)) for tag in once)
    return sorted(named, key=lambda language: language.name)


def _language(tag: str, ambiguous: bool) -> str:
    primary, _, rest = tag.partition("-")
    name = _NAMES.get(primary, tag)
    return f"{name} ({rest})" if ambiguous and rest and name != tag else name


def _latest(voiced: Voiced) -> list[Row]:
    return [_row(info) for info in voiced.runs.list(_LATEST)]


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
