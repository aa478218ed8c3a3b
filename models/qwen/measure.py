"""How fast the engine is: streams spoken together through its backend, nothing else around it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import torch

from models import ram
from models.backend import Backend, Line
from models.qwen.backend import Qwen
from models.qwen.codec import Codec
from models.qwen.predictor import Predictor
from models.qwen.synthetic import Synthetic
from models.qwen.talker import Talker
from models.qwen.wave import FRAME_SAMPLES
from models.synthetic import SPEAKER, STAGES, TEXT, Job, Reading, Take

_SAMPLE_S: Final = 1 / 24_000
_SAMPLE_BYTES: Final = 2
# What is timed: an object or a class, its method, and the stage that the time goes to.
Part = tuple[Any, str, str]
_PARTS: Final[Sequence[Part]] = (
    (Talker, "hear", "talker"),
    (Talker, "step", "talker"),
    (Talker, "logits", "talker"),
    (Predictor, "__call__", "predictor"),
    (Codec, "decode", "codec"),
)


def measure(job: Job) -> Reading:
    """Load, then speak with every number of streams, by turns. Raises EngineUnavailable."""
    backend = _backend(job)
    started = time.perf_counter()
    backend.load()
    load_s = time.perf_counter() - started
    backend.warm_up()
    ram.give_back()
    rest_mb = memory_mb("VmRSS")
    takes = [speak(backend, streams, job.frames, job.live) for _ in range(job.repeats) for streams in job.streams]
    return Reading(load_s, rest_mb, takes, torch.__version__, torch.get_num_threads())


def speak(backend: Backend, streams: int, frames: int, live: bool = False) -> Take:
    """The text in this many slots from one moment on, so many frames each. Raises what a row fails with."""
    players = [_Player() for _ in range(streams)]
    speaking = set(range(streams))
    forget_peak()
    with timed(_PARTS) as stages:
        started = time.perf_counter()
        for slot in speaking:
            backend.join(slot, Line(SPEAKER, "en", slot, sampling={"max_new_tokens": frames + 1}, live=live))
            backend.feed(slot, TEXT)
            backend.end_text(slot)
        while speaking:
            made = backend.step(sorted(speaking))
            now = time.perf_counter() - started
            for frame in made:
                if frame.error is not None:
                    raise frame.error
                players[frame.slot].hear(frame.pcm, now)
                if frame.end is not None:
                    speaking.discard(frame.slot)
                    backend.leave(frame.slot)
    samples = sum(player.samples for player in players)
    return Take(
        streams=streams,
        frames=round(samples / FRAME_SAMPLES),
        wall_s=now,
        stages_s=stages,
        first_audio_s=statistics.median(player.first_s for player in players),
        underrun_s=max(player.underrun_s for player in players),
        rss_mb=memory_mb("VmHWM"),
    )


@contextmanager
def timed(parts: Sequence[Part]) -> Iterator[dict[str, float]]:
    """Seconds by stage, which grow while the context is open and these methods run."""
    seconds = dict.fromkeys(STAGES, 0.0)
    before = [(owner, name, vars(owner).get(name)) for owner, name, _ in parts]
    for owner, name, stage in parts:
        setattr(owner, name, _timed(getattr(owner, name), seconds, stage))
    try:
        yield seconds
    finally:
        for owner, name, method in before:
            if method is not None:
                setattr(owner, name, method)
            else:
                delattr(owner, name)


def memory_mb(key: str) -> float:
    """`VmRSS` of this process, or `VmHWM`, the most that it was."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def forget_peak() -> None:
    """Let `VmHWM` begin again at what is held now; where that is not allowed, it stays that of loading."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "ascii")


class _Player:
    """Plays what it gets from the first sample on, and stands still where nothing has come."""

    def __init__(self) -> None:
        self.samples = 0
        self.first_s = self.underrun_s = 0.0

    def hear(self, pcm: bytes, now: float) -> None:
        """Take in what has come, if anything, `now` seconds after the text."""
        if not pcm:
            return
        if not self.samples:
            self.first_s = now
        late = now - self.first_s - self.underrun_s - self.samples * _SAMPLE_S
        self.underrun_s += max(0.0, late)
        self.samples += len(pcm) // _SAMPLE_BYTES


def _timed(method: Callable[..., Any], seconds: dict[str, float], stage: str) -> Callable[..., Any]:
    def run(*args: Any, **named: Any) -> Any:
        started = time.perf_counter()
        try:
            return method(*args, **named)
        finally:
            seconds[stage] += time.perf_counter() - started

    return run


def _backend(job: Job) -> Qwen:
    slots = max(job.streams)
    if not job.folder:
        return Synthetic(job.size, slots=slots, precision=job.precision, codec=job.codec)
    return Qwen(Path(job.folder), f"synthetic-{job.size}", slots=slots, precision=job.precision, codec=job.codec)
