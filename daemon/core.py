"""The daemon without its doors: engine, voices, speech and journal, wired once. The Python way in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Self

from daemon import settings as _settings
from daemon.cards import ModelCard, cards
from daemon.casting import Casting
from daemon.journal import Journal
from daemon.metrics import Metrics
from daemon.settings import Settings
from daemon.speech import Speech
from daemon.utterance import Utterance
from models.backend import EngineUnavailable
from models.engine import Engine
from models.load import Wish, choose
from outputs.run import Runs

_LOG = logging.getLogger(__name__)


def wish(settings: Settings) -> Wish:
    """What the settings say of the engine."""
    return Wish(
        settings.engine,
        settings.data_dir / "models",
        settings.slots,
        settings.sentence_gap,
        settings.tone_step_ms,
        settings.model,
        settings.device,
        settings.dtype,
        settings.codec_dtype,
        settings.cache_mb,
    )


class Voiced:
    """Speaks without any server: `async with Voiced() as voiced: async for pcm in voiced.speak("…")`.

    Raises what `choose` and `Casting` raise when the settings cannot work here.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings = settings or _settings.read()
        choice = choose(wish(settings))
        self.reason = choice.reason
        self.engine = Engine(
            choice.backend,
            *choice.others,
            queue=settings.queue,
            idle_unload_s=settings.idle_unload,
            model_cache=settings.model_cache,
        )
        models = self.engine.models.values()
        self.casting = Casting(*models, voice=settings.voice, language=settings.language, able=self.engine.able)
        self.runs = Runs.below(settings.data_dir)
        self.journal = Journal(self.runs, settings.keep_runs, settings.runs_max_days, settings.runs_max_mb)
        self.metrics = Metrics()
        self.speech = Speech(self.engine, self.casting, settings, self.journal, self.metrics)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(self.engine.run(), name="engine"),
            asyncio.create_task(self.metrics.watch_loop(), name="loop lag"),
        ]
        try:
            if self.settings.preload:
                await asyncio.gather(self._load_first(), asyncio.to_thread(self.casting.prepare))
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _load_first(self) -> None:
        """Load the default model, or the next one that can be. Raises EngineUnavailable when none can."""
        *others, last = self.engine.models
        for model in others:
            try:
                await self.engine.load(model)
                return
            except EngineUnavailable as error:
                _LOG.warning("%s cannot speak: %s", model, error)
                self.reason += f"; but {model} could not be loaded: {error}"
        await self.engine.load(last)

    def models(self) -> list[ModelCard]:
        """Every model here as it is now, the default one first."""
        return cards(self.engine, self.casting.profiles)

    async def load(self, model: str) -> None:
        """Load a model now, in the place of the one unused for longest. Raises UnknownModel or EngineUnavailable."""
        await self.engine.load(self.casting.model(model) or "")

    async def unload(self, model: str) -> None:
        """Give a model's memory back; whoever is speaking with it fails. Raises UnknownModel."""
        await self.engine.unload(self.casting.model(model) or "")

    async def failed(self) -> None:
        """Wait until the engine dies, and raise what it died of."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def speak(self, text: str, **wishes: object) -> AsyncIterator[bytes]:
        """Yield s16le mono PCM at `engine.facts.sample_rate`; `wishes` are the fields of Utterance."""
        utterance = Utterance(text=text, **wishes)  # type: ignore[arg-type]
        async with self.speech.open(utterance) as take, aclosing(take.chunks()) as chunks:
            async for pcm in chunks:
                yield pcm
