"""`voiced bench`: how fast the engine that would speak here is, without any door."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Final

from daemon.bench.figures import FRAME_S, Figures, quantile, rss_mb
from daemon.core import Voiced
from daemon.settings import Settings
from daemon.utterance import Utterance

_STREAMS: Final = (1, 2, 4, 8)
# About twelve seconds of speech in four sentences: long enough for a steady rate, short enough for a patient person.
_TEXT: Final = (
    "The kettle is on and the kitchen smells of bread. Somebody left the window open last night. "
    "It will rain until noon, and then the sun comes back. Shall I turn on the light in the hall?"
)


@dataclass(frozen=True, slots=True)
class Heard:
    """One listener's experience; the underrun is how long a player would have stood still."""

    first_s: float
    audio_s: float
    underrun_ms: float


async def measure(settings: Settings, streams: int | None = None) -> Figures:
    """Rows for 1, 2, 4 and 8 listeners, or for as many as are asked for."""
    figures = Figures()
    async with Voiced(settings) as voiced:
        await listen(voiced)
        for count in (streams,) if streams else _STREAMS:
            started = time.perf_counter()
            heard = await asyncio.gather(*(listen(voiced) for _ in range(count)))
            wall = time.perf_counter() - started
            figures.rows.append(_row(voiced, count, heard, wall))
    return figures


async def listen(voiced: Voiced) -> Heard:
    """A text of four sentences, heard to its end."""
    async with voiced.speech.open(Utterance(text=_TEXT, language="en", seed=1)) as take:
        async for _ in take:
            pass
        timing = take.timing
        return Heard((timing.first_audio_ms or 0.0) / 1000, timing.audio_ms / 1000, timing.underrun_ms)


def _row(voiced: Voiced, streams: int, heard: list[Heard], wall: float) -> dict[str, object]:
    audio = sum(one.audio_s for one in heard)
    return {
        "name": voiced.engine.facts.model,
        "dtype": voiced.engine.facts.dtype,
        "streams": streams,
        "ms_per_frame": round(wall / (audio / FRAME_S) * 1000, 3),
        "x_realtime": round(audio / wall, 1),
        "first_audio_ms": round(quantile([one.first_s for one in heard], 0.5) * 1000, 1),
        "underrun_ms": round(max(one.underrun_ms for one in heard), 1),
        "rss_mb": round(rss_mb(), 1),
    }
