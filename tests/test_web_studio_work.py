"""The studio's room for long work without a browser: its page, and the stream that it watches."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from daemon.core import Voiced
from daemon.utterance import Utterance
from tests.doors_http import House, Open, house
from tests.recipes import lines
from tests.test_web_voices import asked
from web import app

__all__ = ["house"]

TEXT = "One.\nTwo two.\nThree three three.\n"


@pytest.fixture(autouse=True)
def table() -> Iterator[None]:
    with lines():
        yield


async def begun(h: House, text: str = TEXT, pipeline: str = "lines") -> str:
    return str(
        (await asked(h, "POST", f"/api/v1/pipelines/{pipeline}", 202, {"text": text, "name": "My lines"}))["run_id"]
    )


@asynccontextmanager
async def watched(h: House) -> AsyncIterator[AsyncIterator[Any]]:
    """What the page is told, event by event; None for a line that is nothing."""

    async def told(response: aiohttp.ClientResponse) -> AsyncIterator[Any]:
        async for line in response.content:
            if line.startswith((b"data: ", b":")):
                yield json.loads(line.removeprefix(b"data: ")) if line.startswith(b"data: ") else None

    async with h.client.get(f"{h.url}/studio/jobs") as response, asyncio.timeout(30):
        assert response.content_type == "text/event-stream"
        yield told(response)


async def test_the_page_offers_who_and_what_is_here(house: Open) -> None:
    h = await house()
    async with h.client.get(f"{h.url}/work") as response:
        text = await response.text()
    assert '<option value="tone-2">' in text
    assert '<option value="de">German</option>' in text
    assert "lines" in text.partition('data-tasks="')[2].partition('"')[0].split()


async def test_everything_at_work_is_told_from_now_to_its_end(house: Open) -> None:
    h = await house(tone_step_ms=5)
    before = await begun(h)
    await asked(h, "POST", f"/api/v1/runs/{before}/cancel", 200)
    run = await begun(h, TEXT * 3)
    async with watched(h) as told:
        first = await anext(told)
        assert (first["run_id"], first["title"]) == (run, "My lines"), "what has ended before is not told"
        other = await begun(h)
        seen = [first]
        while not {run, other} <= {one["run_id"] for one in seen if one["state"] == "done"}:
            seen.append(await anext(told))
    assert {one["run_id"] for one in seen} == {run, other}
    done = [one["done"] for one in seen if one["run_id"] == run]
    assert done == sorted(done)
    assert done[-1] == 9


async def test_one_that_goes_on_after_its_end_is_told_again(house: Open) -> None:
    h = await house(tone_step_ms=5)
    run = await begun(h, TEXT * 9)
    await asked(h, "POST", f"/api/v1/runs/{run}/cancel", 200)
    async with watched(h) as told:
        await asked(h, "POST", f"/api/v1/runs/{run}/resume", 200)
        assert (await anext(told))["state"] in {"waiting", "running"}


async def test_a_proxy_hears_something_while_nothing_happens(house: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.studio_work._QUIET_S", 0.3)
    h = await house()
    async with watched(h) as told:
        assert await anext(told) is None


async def test_a_page_that_watches_does_not_hold_the_daemon_up(start: Callable[..., Awaitable[Voiced]]) -> None:
    voiced = await start(http="127.0.0.1:0", drain=30.0)
    async with aiohttp.ClientSession() as client:
        async with app.serve(app.build(voiced, None), voiced.settings) as listener:
            response = await client.get(f"{listener.urls[0]}/studio/jobs")
            assert await response.content.readline() == b"retry: 1000\n"
            began = time.monotonic()
        assert time.monotonic() - began < 10
        assert await response.content.read() == b"\n", "it was ended, and not broken off"


async def test_long_work_is_in_its_own_room(house: Open) -> None:
    h = await house()
    run = await begun(h)
    async with h.voiced.speech.open(Utterance(text="Hello.", door="studio")) as take:
        async for _ in take:
            pass
    for _ in range(12):
        await begun(h)
    async with h.client.get(f"{h.url}/studio/runs") as response:
        text = await response.text()
    assert (text.count("<li"), "Hello." in text, run in text) == (1, True, False)
