"""What Home Assistant is told of the voices."""

from __future__ import annotations

import asyncio
import dataclasses
import json

from wyoming.event import async_read_event

from models.backend import Facts
from protocol.info import info
from tests.doors import Info
from voices.profile import Profile

FACTS = Facts("tone", "tone", 24_000, 32, 32, (), version="1", attribution="Somebody", url="https://example.org")


def voice(name: str, label: str, *languages: str) -> Profile:
    return Profile(name, label, "preset", languages or ("en-US",), "tone", name)


async def read(raw: bytes) -> Info:
    """As the real client reads it, with its limit on the header line."""
    reader = asyncio.StreamReader()
    reader.feed_data(raw)
    reader.feed_eof()
    event = await async_read_event(reader)
    assert event is not None
    return Info.from_event(event)


async def test_every_field_that_the_client_needs_is_there() -> None:
    told = await read(info([voice("amy", "Amy", "en-US", "de")], FACTS, {}, streaming=True))
    (program,) = told.tts
    (amy,) = program.voices
    assert (program.name, program.installed, program.supports_synthesize_streaming) == ("voiced", True, True)
    assert (amy.name, amy.description, amy.installed, amy.version) == ("amy", "Amy", True, "1")
    assert amy.languages == ["en-US", "de"]
    assert (amy.attribution.name, amy.attribution.url) == ("Somebody", "https://example.org")
    assert amy.speakers is None


async def test_a_backend_that_names_nobody_still_has_an_attribution() -> None:
    facts = Facts("tone", "tone", 24_000, 1, 1, ())
    told = await read(info([voice("amy", "Amy")], facts, {}, streaming=False))
    assert told.tts[0].voices[0].attribution.name
    assert told.tts[0].voices[0].attribution.url == ""
    assert not told.tts[0].supports_synthesize_streaming


async def test_languages_have_hyphens() -> None:
    told = await read(info([voice("amy", "Amy", "en_US")], FACTS, {}, streaming=True))
    assert told.tts[0].voices[0].languages == ["en-US"]


async def test_labels_are_unique_even_where_voices_share_one() -> None:
    voices = [voice("amy", "Amy"), voice("amy-2", "Amy"), voice("bob", "Bob")]
    told = await read(info(voices, FACTS, {}, streaming=True))
    assert [each.description for each in told.tts[0].voices] == ["Amy (amy)", "Amy (amy-2)", "Bob"]


async def test_a_thousand_voices_fit_the_readers_header_line() -> None:
    raw = info([voice(f"voice-{n}", f"Voice {n}") for n in range(1000)], FACTS, {}, streaming=True)
    assert len(json.loads(raw.split(b"\n", 1)[0])) == 3
    assert len((await read(raw)).tts[0].voices) == 1000


async def test_each_voice_is_its_own_models() -> None:
    other = dataclasses.replace(FACTS, model="other", attribution="Somebody else", version="7")
    voices = [voice("amy", "Amy"), dataclasses.replace(voice("bob", "Bob"), model="other")]
    amy, bob = (await read(info(voices, FACTS, {"other": other}, streaming=True))).tts[0].voices
    assert (bob.attribution.name, bob.version) == ("Somebody else", "7")
    assert amy.attribution.name != bob.attribution.name
