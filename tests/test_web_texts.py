"""How texts are read, and the lexicon, over REST."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.doors_http import FRAME_MS, Open, house
from tests.test_web_voices import Family, asked, models

__all__ = ["house", "models"]
PREVIEW = "/api/v1/text/preview"


def stood(told: Any) -> list[tuple[str, str]]:
    """Every word that is said otherwise: what stands at its place in the typed text, and what is said."""
    parts = [part for part in told["parts"] if "sentences" in part]
    words = [word for part in parts for sentence in part["sentences"] for word in sentence["words"]]
    return [(told["text"][word["start"] : word["end"]], word["spoken"]) for word in words]


async def test_a_preview_shows_who_says_what_and_where_it_stood(house: Open, models: Family) -> None:
    h = await house()
    text = "**It is** 21 °C. 😀 [pause 500ms][voice tone-2]Um 5 km weiter.[/voice] `Bye` now"
    told = await asked(h, "POST", PREVIEW, 200, {"text": text, "normalize": "on", "language": "en"})
    assert stood(told)[0][0] == "21 °C"
    first, pause, second, third = told["parts"]
    assert pause == {"pause_ms": 500}
    assert [sentence["cleaned"] for sentence in first["sentences"]] == ["It is 21 °C."]
    assert (second["voice"], second["manner"]) == ("tone-2", {"voice": "tone-2"})
    assert third["sentences"][0]["cleaned"] == "Bye now"
    assert first["sentences"][0]["stretches"][0]["language"].startswith("en")
    assert not any(tone.lines for tone in models)


async def test_markup_that_cannot_be_obeyed(house: Open) -> None:
    h = await house()
    text = "Good [shout]morning[/shout]."
    assert (await asked(h, "POST", PREVIEW, 200, {"text": text, "markup": "auto"}))["warnings"] == []
    dropped = await asked(h, "POST", PREVIEW, 200, {"text": text, "markup": "on"})
    assert len(dropped["warnings"]) == 2
    refused = await asked(h, "POST", PREVIEW, 422, {"text": text, "markup": "strict"})
    assert refused["error"]["code"] == "bad_markup"
    assert (await asked(h, "POST", PREVIEW, 422, {"text": "<speak><s>x</speak>"}))["error"]["code"] == "bad_markup"
    assert (await asked(h, "POST", PREVIEW, 422, {"text": "[pause 1s]"}))["error"]["code"] == "nothing_to_say"


async def test_the_lexicon_is_edited_heard_by_preview_and_spoken(house: Open) -> None:
    h = await house()
    lexicon = "/api/v1/lexicon"
    assert await h.json(lexicon) == {"entries": [], "problem": ""}
    await asked(h, "PUT", lexicon, 200, {"word": "Ngô", "say": "Nnnnnnn"})
    await asked(h, "PUT", lexicon, 200, {"word": "Ngô", "say": "Mm", "voice": "tone-2"})
    assert len((await h.json(lexicon))["entries"]) == 2
    told = await asked(h, "POST", PREVIEW, 200, {"text": "Call Ngô.", "voice": "tone"})
    assert stood(told) == [("Ngô", "Nnnnnnn")]
    plain = await (await h.say("Call Ngô.", voice="tone", format="pcm")).read()
    assert len(plain) == len("Call Nnnnnnn.") * FRAME_MS * 48
    other = await (await h.say("Call Ngô.", voice="tone-2", format="pcm")).read()
    assert len(other) == len("Call Mm.") * FRAME_MS * 48
    await asked(h, "DELETE", lexicon + "?word=Ng%C3%B4", 204)
    await asked(h, "DELETE", lexicon + "?word=Ng%C3%B4", 404)
    assert len(await (await h.say("Call Ngô.", voice="tone", format="pcm")).read()) == 9 * FRAME_MS * 48
    bad = await asked(h, "PUT", lexicon, 422, {"word": "(a+)+b", "say": "x", "regex": True})
    assert bad["error"]["code"] == "bad_word"
    file = h.voiced.pronunciation.words.path
    await asyncio.to_thread(file.write_text, "{")
    assert (await h.json(lexicon))["problem"]
    assert (await asked(h, "PUT", lexicon, 409, {"word": "x", "say": "y"}))["error"]["code"] == "lexicon_broken"
