"""The studio's room for voices: who is here, how new ones are made, how a text is read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC
from importlib.metadata import version
from itertools import groupby
from typing import Final, Literal, NamedTuple

from aiohttp import web

from daemon.core import Voiced
from daemon.faults import Unspeakable
from protocol.schemas import MAX_INSTRUCT, MAX_NAME
from protocol.voices import MAX_TAKES, MAX_TRIED, MAX_WORD
from voices.auditions import Audition
from voices.disk import StoreFailed
from voices.folder import Broken
from voices.lexicon import Entry
from voices.profile import Profile
from web.context import VOICED
from web.pages import html
from web.tongues import languages, spoken

# What the preview takes is far more; whoever looks at how a text is read looks at a paragraph.
MAX_READ: Final = 5000


class Row(NamedTuple):
    """A voice as its row shows it."""

    voice: Profile
    spoken: str
    mixes: bool
    """Whether it can be a part of a mix."""


class Held(NamedTuple):
    """An audition as the page shows it."""

    audition: Audition
    when: str


class Disk(NamedTuple):
    """What lies in the data folder."""

    broken: Sequence[Broken]
    auditions: Sequence[Audition]
    words: Sequence[Entry]
    problem: str
    """What is wrong with the lexicon."""
    trouble: str
    """What is wrong with the folder of voices."""


async def page(request: web.Request) -> web.Response:
    """`GET /voices`: all of it; the page asks for itself again when something has changed."""
    voiced = request.app[VOICED]
    disk = await asyncio.to_thread(_disk, voiced)
    everyone = voiced.casting.everyone()
    rows = [_row(voiced, one) for one in everyone]
    here = [row for row in rows if row.voice.installed]
    return html(
        "voices.html.j2",
        room="voices",
        version=version("voiced"),
        mine=[row for row in rows if row.voice.stored],
        house=[row for row in here if not row.voice.stored],
        away=_away(rows),
        broken=disk.broken,
        languages=languages(tag for row in here for tag in row.voice.languages),
        mixed=[(model, list(rows)) for model, rows in groupby(_parts(here), lambda row: row.voice.model)],
        held=[Held(one, one.created.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")) for one in disk.auditions],
        words=disk.words,
        problem=disk.problem,
        trouble=disk.trouble,
        no_clones=_lacking(voiced, "clone"),
        no_designs=_lacking(voiced, "design"),
        limits={
            "instruct": MAX_INSTRUCT, "name": MAX_NAME, "takes": MAX_TAKES, "tried": MAX_TRIED, "word": MAX_WORD,
            "read": MAX_READ,
        },
    )  # fmt: skip


def _disk(voiced: Voiced) -> Disk:
    words, held = voiced.pronunciation.words, voiced.auditions.auditions
    try:
        broken, trouble = voiced.store.broken(), ""
    except StoreFailed as error:  # the models' own voices are there all the same
        broken, trouble = (), str(error)
    return Disk(broken, held.all(), words.entries(), words.problem(), trouble)


def _row(voiced: Voiced, voice: Profile) -> Row:
    """A description that was not locked has no voice that could be mixed."""
    mixes = voice.installed and voice.kind != "design" and voiced.roles.mixes(voice.model)
    return Row(voice, spoken(voice.languages), mixes)


def _away(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """The presets whose model is not here, by the model that brings them."""
    missing = [row for row in rows if not (row.voice.installed or row.voice.stored)]
    return [(model, list(some)) for model, some in groupby(missing, lambda row: row.voice.model)]


def _parts(here: Sequence[Row]) -> list[Row]:
    """Who can be mixed, model by model."""
    return sorted((row for row in here if row.mixes), key=lambda row: row.voice.model)


def _lacking(voiced: Voiced, task: Literal["clone", "design"]) -> str:
    """Why nobody here can do it, and how to get who can; "" where somebody does."""
    try:
        voiced.roles.able(task)
    except Unspeakable as error:
        return str(error)
    return ""
