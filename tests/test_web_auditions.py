"""Auditions over REST."""

from __future__ import annotations

import io

import pytest
import soundfile

from tests.doors_http import FRAME_MS, Open, house
from tests.live import choice, family
from tests.test_web_voices import Family, asked, models

__all__ = ["house", "models"]

WISH = {"description": "an old sailor", "text": "Ahoy there.", "takes": 3, "seed": 2**31 - 2}


async def test_takes_are_heard_and_one_is_locked(house: Open, models: Family) -> None:
    h = await house()
    held = await asked(h, "POST", "/api/v1/auditions", 201, WISH)
    assert [take["seed"] for take in held["takes"]] == [2**31 - 2, 2**31 - 1, 0]
    assert {take["seconds"] for take in held["takes"]} == {11 * FRAME_MS / 1000}
    samples, rate = soundfile.read(io.BytesIO(await asked(h, "GET", held["takes"][1]["url"], 200)))
    assert (len(samples), rate) == (11 * FRAME_MS * 24, 24_000)
    assert [one["id"] for one in (await h.json("/api/v1/auditions"))["auditions"]] == [held["id"]]
    assert await h.json(f"/api/v1/auditions/{held['id']}") == held

    locked = await asked(h, "POST", f"/api/v1/auditions/{held['id']}/lock", 201, {"take": 2, "label": "Jan"})
    assert (locked["id"], locked["kind"], locked["description"]) == ("jan", "clone", "an old sailor")
    assert locked["reference"]["transcript"] == "Ahoy there."
    assert held["id"] in locked["origin"]
    await asked(h, "DELETE", f"/api/v1/auditions/{held['id']}", 204)
    await asked(h, "GET", held["takes"][0]["url"], 404)
    answer = await h.say("Hello.", voice="jan", format="pcm")
    assert len(await answer.read()) == 6 * FRAME_MS * 48
    (made,) = models[2].imprinted
    assert made[2] == "Ahoy there."


async def test_what_is_not_there_or_not_possible(house: Open, models: Family) -> None:
    h = await house()
    for path in ("/api/v1/auditions/nobody", "/api/v1/auditions/audition-0000000000", "/api/v1/auditions/..%2fx"):
        assert (await asked(h, "GET", path, 404))["error"]["code"] in {"unknown_audition", "not_found"}
    held = await asked(h, "POST", "/api/v1/auditions", 201, {**WISH, "takes": 1})
    for take, status in (("2", 404), ("x", 400), ("9" * 9, 400), ("0", 404)):
        await asked(h, "GET", f"/api/v1/auditions/{held['id']}/takes/{take}", status)
    await asked(h, "POST", f"/api/v1/auditions/{held['id']}/lock", 404, {"take": 2})
    for wrong in ({"description": " "}, {"takes": 0}, {"takes": 9}, {"seed": -1}):
        await asked(h, "POST", "/api/v1/auditions", 400, {**WISH, **wrong})


async def test_without_a_model_for_it_the_answer_tells_how_to_get_one(
    house: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daemon.core.choose", lambda wish: choice(family()[0]))
    h = await house()
    told = await asked(h, "POST", "/api/v1/auditions", 422, WISH)
    assert "voiced models pull qwen3-tts-1.7b-voicedesign" in told["error"]["message"]
