"""What a job in the background costs a reply: first audio on an idle daemon, and beside a pipeline that speaks all the while."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
import time
from pathlib import Path
from typing import Final

from daemon import settings
from daemon.bench.figures import Figures, Row, quantile
from daemon.core import Voiced
from daemon.job import Job, State
from daemon.settings import Settings
from daemon.utterance import Priority, Utterance

REQUESTS: Final = 100
# Of the tone; what a step of the real model takes on two cores.
STEP_MS: Final = 40.0
_REPLY: Final = "Yes."
_BOOK: Final = "\n\n".join(
    f"This is paragraph number {number} of a book that is read all night." for number in range(60)
)


async def measure(requests: int) -> Figures:
    """First audio in milliseconds, alone and beside a job; and whether the job's sound is the same without replies."""
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="voiced-bench-") as folder:
        busy_house = _settings(Path(folder), tone_step_ms=STEP_MS, slots=4)
        async with Voiced(busy_house) as voiced:
            alone = [await _reply(voiced) for _ in range(requests)]
            job = await voiced.jobs.start("long_form", (_BOOK * 50).encode(), "book.txt", {"audio": "wav"}, 1)
            await asyncio.sleep(1.0)
            beside = [await _reply(voiced) for _ in range(requests)]
            busy = job.state is State.RUNNING
            await voiced.jobs.cancel(job.id)
            quick = _settings(Path(folder) / "quick")
        async with Voiced(quick) as voiced:
            calm = await _finished(voiced, await voiced.jobs.start("long_form", _BOOK.encode(), "book.txt", {}, 1))
            disturbed = await voiced.jobs.start("long_form", _BOOK.encode(), "book.txt", {}, 1)
            while disturbed.state not in (State.DONE, State.FAILED):
                await _reply(voiced)
            same = await _finished(voiced, disturbed) == calm
    figures.rows += [_row("idle", alone), _row("beside long_form", beside)]
    figures.ratios["first audio p95, beside a job to idle"] = quantile(beside, 0.95) / quantile(alone, 0.95)
    figures.about |= {"job_ran_all_the_while": busy, "job_audio_unchanged": same}
    return figures


def _settings(data_dir: Path, **wishes: object) -> Settings:
    return settings.read({"data_dir": data_dir, "engine": "tone", "keep_runs": (), **wishes}, environ={})


async def _reply(voiced: Voiced) -> float:
    started = time.perf_counter()
    async with voiced.speech.open(Utterance(_REPLY, priority=Priority.REPLY)) as take:
        await take.begin()
        return (time.perf_counter() - started) * 1000


async def _finished(voiced: Voiced, job: Job) -> str:
    """The digest of what it has made."""
    async for _ in job.watch():
        pass
    return hashlib.sha256((job.ledger.path / "audio.m4b").read_bytes()).hexdigest()


def _row(name: str, first: list[float]) -> Row:
    return {
        "name": name,
        "requests": len(first),
        "first_audio_ms_p50": round(quantile(first, 0.5), 2),
        "first_audio_ms_p95": round(quantile(first, 0.95), 2),
    }
