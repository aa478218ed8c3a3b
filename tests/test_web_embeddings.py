"""Speaker embeddings over HTTP, in OpenAI's shape."""

from __future__ import annotations

import pytest

from tests.doors_http import Open, house
from tests.test_web_voices import CLONE, RECORDING, Family, asked, models

__all__ = ["house", "models"]
EMBEDDINGS = "/v1/audio/embeddings"


async def test_of_a_recording_of_a_kept_voice_and_of_a_preset(house: Open, models: Family) -> None:
    h = await house()
    await asked(h, "POST", "/api/v1/voices", 201, {**CLONE, "transcript": None, "id": "lena"})
    mine = await asked(h, "POST", EMBEDDINGS, 200, {"input": RECORDING})
    assert (mine["object"], mine["model"], len(mine["data"][0]["embedding"])) == ("list", "cloner", 16)
    hers = await asked(h, "POST", EMBEDDINGS, 200, {"voice": "lena"})
    assert hers == mine
    preset = await asked(h, "POST", EMBEDDINGS, 200, {"voice": "tone"})
    assert preset["model"] == "tone"


async def test_how_near_two_are(house: Open, models: Family) -> None:
    h = await house()
    same = {"a": {"input": RECORDING}, "b": {"input": RECORDING}}
    told = await asked(h, "POST", EMBEDDINGS + "/similarity", 200, same)
    assert told == {"model": "cloner", "similarity": pytest.approx(1.0)}
    other = {"a": {"voice": "tone"}, "b": {"voice": "tone-2"}}
    assert (await asked(h, "POST", EMBEDDINGS + "/similarity", 200, other))["similarity"] < 0.999


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "give one of them"),
        ({"input": RECORDING, "voice": "tone"}, "give one of them"),
        ({"voice": "nobody"}, "no voice is called"),
        ({"voice": "designed"}, "has no speaker embeddings"),
    ],
)
async def test_what_has_none(house: Open, models: Family, body: dict[str, object], told: str) -> None:
    h = await house()
    error = (await asked(h, "POST", EMBEDDINGS, 422, body))["error"]
    assert told in error["message"]
    assert error["type"] == "invalid_request_error"
