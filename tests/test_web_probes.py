"""What machines ask."""

from __future__ import annotations

import asyncio

import pytest

from models.backend import EngineUnavailable
from models.tone import Tone
from tests.doors_http import Open, house

__all__ = ["house"]


async def test_alive_ready_and_counted(house: Open) -> None:
    h = await house()
    assert await h.json("/healthz") == {"status": "ok", "reason": ""}
    assert await h.json("/readyz") == {"status": "ok", "reason": ""}
    await (await h.say("Hello.")).read()
    async with h.client.get(h.url + "/metrics") as response:
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        page = await response.text()
    assert 'voiced_requests_total{door="rest",outcome="stop"} 1.0' in page
    assert "voiced_slots 32.0" in page


async def test_a_model_that_loads_with_the_first_request_is_ready(house: Open) -> None:
    h = await house(preload=False)
    assert (await h.json("/api/v1/status"))["state"] == "unloaded"
    async with h.client.get(h.url + "/readyz") as response:
        assert response.status == 200


async def test_not_ready_says_why(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(self: Tone) -> None:
        raise EngineUnavailable("the weights are gone; voiced models pull NAME brings them back")

    monkeypatch.setattr(Tone, "load", load)
    h = await house(preload=False)
    response = await h.say("Hello.")
    assert (response.status, response.headers["Retry-After"]) == (503, "10")
    assert (await response.json())["error"]["code"] == "engine_unavailable"
    async with h.client.get(h.url + "/readyz") as response:
        assert response.status == 503
        assert "the weights are gone" in (await response.json())["reason"]
    async with h.client.get(h.url + "/healthz") as response:
        assert response.status == 200
    assert (await h.json("/api/v1/status"))["state"] == "failed"


async def test_alive_answers_at_once_while_the_engine_works(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    h = await house(tone_step_ms=300)
    speaking = asyncio.create_task(h.say("x" * 50))
    await h.busy()
    for path in ("/healthz", "/readyz", "/api/v1/status", "/metrics"):
        async with h.client.get(h.url + path) as response:
            assert response.status == 200
    assert h.voiced.engine.status().speaking == 1, "nobody waited for its end"
    (await speaking).close()
