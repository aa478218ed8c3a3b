"""What Prometheus sees."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from daemon.core import Voiced
from daemon.utterance import Utterance

Start = Callable[..., Awaitable[Voiced]]


def value(page: str, name: str) -> float:
    return next(float(line.split()[-1]) for line in page.splitlines() if line.startswith(name + " "))


async def test_the_page_counts_what_happened(start: Start) -> None:
    voiced = await start(slots=3)
    async with voiced.speech.open(Utterance("Count me.", door="rest", keep=False)) as take:
        async for _ in take:
            page = voiced.metrics.page(voiced.engine).decode()
            assert value(page, "voiced_slots") == 3
            assert value(page, "voiced_model_loaded") == 1
    page = voiced.metrics.page(voiced.engine).decode()
    assert value(page, 'voiced_requests_total{door="rest",outcome="stop"}') == 1
    assert value(page, 'voiced_characters_total{door="rest"}') == len("Count me.")
    assert value(page, 'voiced_audio_seconds_total{door="rest"}') == 0.72
    assert value(page, 'voiced_first_audio_seconds_count{door="rest"}') == 1
    assert value(page, "voiced_rows_speaking") == 0
    assert value(page, "voiced_tasks") >= 1


async def test_the_loops_lag_is_watched(start: Start) -> None:
    voiced = await start()
    async with asyncio.timeout(20):
        while not value(voiced.metrics.page(voiced.engine).decode(), "voiced_loop_lag_seconds_count"):
            await asyncio.sleep(0.05)
