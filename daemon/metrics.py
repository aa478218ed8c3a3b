"""What is counted, for Prometheus. One registry a daemon, so that tests may run several."""

from __future__ import annotations

import asyncio

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from daemon.take import Take
from daemon.utterance import Utterance
from models.engine import Engine, State

_FIRST_AUDIO_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 1, 2, 5, 10, 30)

_LAG_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1)
# Ten times a second is enough to see a stall that a listener would hear, and costs nothing that can be measured.
_LAG_EVERY_S = 0.1


class Metrics:
    """The counters of one daemon."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "voiced_requests", "Requests by door and outcome", ["door", "outcome"], registry=self.registry
        )
        self.first_audio = Histogram(
            "voiced_first_audio_seconds", "From request to first audio", ["door"],
            buckets=_FIRST_AUDIO_BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.audio = Counter("voiced_audio_seconds", "Speech delivered", ["door"], registry=self.registry)
        self.characters = Counter("voiced_characters", "Characters asked for", ["door"], registry=self.registry)
        self.underruns = Counter(
            "voiced_underruns",
            "Times a listener playing from the first audio on ran dry",
            ["door"],
            registry=self.registry,
        )
        self.loop_lag = Histogram(
            "voiced_loop_lag_seconds", "How late the event loop wakes", buckets=_LAG_BUCKETS, registry=self.registry
        )
        self._speaking = Gauge("voiced_rows_speaking", "Requests that hold a slot", registry=self.registry)
        self._waiting = Gauge("voiced_rows_waiting", "Requests that wait for one", registry=self.registry)
        self._slots = Gauge("voiced_slots", "Slots of the engine", registry=self.registry)
        self._tasks = Gauge("voiced_tasks", "asyncio tasks alive", registry=self.registry)
        self._loaded = Gauge("voiced_model_loaded", "Whether any model is in memory", registry=self.registry)

        self._models = Gauge("voiced_loaded", "Whether this model is in memory", ["model"], registry=self.registry)
        self._model_slots = Gauge("voiced_model_slots", "Slots of this model", ["model"], registry=self.registry)
        self._shortages = Gauge(
            "voiced_out_of_memory",
            "Times this model ran out of memory since the start",
            ["model"],
            registry=self.registry,
        )

    def note(self, utterance: Utterance, take: Take | None, outcome: str) -> None:
        """Count one request when it is over."""
        door = utterance.door
        self.requests.labels(door, outcome).inc()
        if take is not None:
            self.characters.labels(door).inc(take.characters)
            self.audio.labels(door).inc(take.timing.audio_ms / 1000)
            self.underruns.labels(door).inc(take.timing.underruns)
            if take.timing.first_audio_ms is not None:
                self.first_audio.labels(door).observe(take.timing.first_audio_ms / 1000)

    async def watch_loop(self) -> None:
        """Measure how late the event loop is, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _LAG_EVERY_S
            await asyncio.sleep(_LAG_EVERY_S)
            self.loop_lag.observe(max(0.0, loop.time() - due))

    def page(self, engine: Engine) -> bytes:
        """The exposition text, with the engine as it is now."""
        status = engine.status()
        self._speaking.set(status.speaking)
        self._waiting.set(status.waiting)
        self._tasks.set(len(asyncio.all_tasks()))
        self._slots.set(status.slots)
        self._loaded.set(any(model.state is State.READY for model in status.models))
        for model in status.models:
            self._models.labels(model.model).set(model.state is State.READY)
            self._model_slots.labels(model.model).set(model.slots)
            self._shortages.labels(model.model).set(model.out_of_memory)
        return generate_latest(self.registry)
