"""Kept voices for tests: a core on tones that stand for a preset, a design and a clone model, and somebody who listens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from daemon.core import Voiced
from daemon.dictation import Writing
from daemon.take import Take
from daemon.utterance import Utterance
from tests.live import LiveTone, choice, family
from tests.test_outputs_decoder import wav
from voices.profile import Profile

Family = tuple[LiveTone, LiveTone, LiveTone]
Start = Callable[..., Awaitable[Voiced]]
FRAME = 3840
"""Bytes that a tone makes of one character."""
SECOND = 48_000
LANGUAGES = ("en", "de", "zh")
RECORDING = wav()


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Family:
    """The three tones that `start` brings up."""
    tones = family()
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(*tones))
    return tones


def preset(name: str, speaker: str = "tone-2", **facts: Any) -> Profile:
    label = facts.pop("label", name.title())
    return Profile(name, label, "preset", LANGUAGES, facts.pop("model", "tone"), speaker, **facts)


def clone(name: str, **facts: Any) -> Profile:
    """Its recording is given to the store with it."""
    return Profile(name, name.title(), "clone", LANGUAGES, facts.pop("model", ""), "", **facts)


def design(name: str, description: str = "an old sailor", **facts: Any) -> Profile:
    return Profile(name, name.title(), "design", LANGUAGES, facts.pop("model", ""), "", description, **facts)


async def pieces(text: str, size: int) -> AsyncIterator[str]:
    for at in range(0, len(text), size):
        yield text[at : at + size]


async def hear(
    voiced: Voiced, text: str = "", written: AsyncIterator[str] | Writing | None = None, **wishes: Any
) -> tuple[bytes, Take]:
    """The PCM and the take it came from."""
    async with voiced.speech.open(Utterance(text=text, **wishes), written) as take:
        return b"".join([pcm async for pcm in take]), take


async def say(
    voiced: Voiced, text: str = "", written: AsyncIterator[str] | Writing | None = None, **wishes: Any
) -> bytes:
    return (await hear(voiced, text, written, **wishes))[0]


def rows(voiced: Voiced) -> tuple[int, int]:
    """Who speaks and who waits."""
    now = voiced.engine.status()
    return now.speaking, now.waiting
