"""The daemon without its doors: engine, voices, speech and journal, wired once. The Python way in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from functools import partial
from typing import Self

from daemon import settings as _settings
from daemon.cards import ModelCard, cards
from daemon.casting import Casting
from daemon.ensemble import Ensemble
from daemon.faults import JobMistake
from daemon.gate import Gate
from daemon.imprints import Imprints
from daemon.job import ENDED, Job
from daemon.jobs import Jobs
from daemon.journal import Journal
from daemon.making.auditions import AuditionRoom
from daemon.making.codec import Codec
from daemon.making.files import Files
from daemon.making.likeness import Likeness
from daemon.making.preview import Previewer
from daemon.making.profiles import Profiles
from daemon.making.recogniser import recogniser
from daemon.metrics import Metrics
from daemon.narrator import Narrator
from daemon.newcomers import Newcomers
from daemon.pipelines.cast import check
from daemon.pipelines.table import find
from daemon.pipelines.tools import Tools
from daemon.pronunciation import Pronunciation
from daemon.pulls import Pulls
from daemon.roles import Roles
from daemon.settings import Settings
from daemon.speech import Speech
from daemon.utterance import Utterance
from daemon.workshop import Workshop
from models.backend import EngineUnavailable
from models.engine import Engine
from models.load import Wish, choose, released_presets
from outputs.run import Runs
from voices.auditions import Auditions
from voices.profile import Profile
from voices.prompts import Prompts
from voices.store import Store, StoreFailed

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
        settings.exact_rows,
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
            tokenizers=choice.tokenizers,
        )
        self.store, self._store_error = Store.below(settings.data_dir), ""
        prompts = Prompts.below(settings.data_dir)
        models = self.engine.models.values()
        presets = () if settings.engine == "tone" else released_presets()
        self.casting = Casting(
            *models,
            voice=settings.voice,
            language=settings.language,
            able=self.engine.able,
            ensemble=Ensemble(models, self._kept, presets),
        )
        self.runs = Runs.below(settings.data_dir)
        self.journal = Journal(self.runs, settings.keep_runs, settings.runs_max_days, settings.runs_max_mb)
        self.files = Files.of(settings)
        self.metrics = Metrics()
        self.imprints = Imprints(self.engine, prompts)
        self.roles = Roles(self.casting, self.engine, self.store, self.imprints)
        self.pronunciation = Pronunciation(settings.data_dir, settings)
        listener = recogniser(settings.recogniser)
        gate = Gate(listener)
        self.speech = Speech(
            self.engine, self.casting, self.roles, self.pronunciation, settings, self.journal, self.metrics, gate
        )
        self.auditions = AuditionRoom(self.speech, Auditions(settings.data_dir / "voices" / "auditions"))
        self.profiles = Profiles(self.store, prompts, self.casting, self.roles, self.auditions, listener)
        self.codec = Codec(self.casting, self.engine)
        self.newcomers = Newcomers(wish(settings), self.engine, self.casting)
        pulls = Pulls(self.newcomers)
        self.previewer = Previewer(self.roles, self.pronunciation, self.engine, settings)
        tools = Tools(listener, self.auditions, self.profiles, self.roles, self.codec, gate, self.casting, pulls)
        workshop = Workshop(
            Narrator(self.speech, gate, self.previewer), tools, self.runs, partial(check, casting=self.casting)
        )
        self.jobs = Jobs(workshop, self.runs, at_once=settings.jobs)
        self.likeness = Likeness(self.casting, self.roles, self.imprints, self.engine)
        self._asked = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(self.engine.run(), name="engine"),
            asyncio.create_task(self.metrics.watch_loop(), name="loop lag"),
            asyncio.create_task(self.newcomers.watch(), name="newcomers"),
        ]
        try:
            if self.settings.preload:
                await asyncio.gather(self._load_first(), asyncio.to_thread(self.casting.prepare))
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.jobs.close()
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _kept(self) -> Sequence[Profile]:
        """The voices of the store; a disk that cannot be read keeps nobody else from speaking."""
        try:
            return self.store.profiles()
        except StoreFailed as error:
            if str(error) != self._store_error:
                _LOG.error("the kept voices cannot be read: %s", error)
            self._store_error = str(error)
            return ()

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

    async def pull(self, model: str, source: str = "huggingface", revision: str | None = None) -> Job:
        """Begin to bring a model from a hub; it can be spoken with when the job is done, and the default one stays so.

        Raises UnknownModel, Malformed, StorageFailed, and JobMistake where the same one is being pulled.
        """
        wish = {"model": model, "source": source, "revision": revision}
        recipe, read = find("pull", wish)
        wanted = recipe.plan(b"", "", read).title
        async with self._asked:  # of two who ask at once the second one sees the job of the first
            for job in self.jobs.all():
                same = job.pipeline == "pull" and job.plan.title.casefold() == wanted.casefold()
                if same and job.state not in ENDED:
                    raise JobMistake(f"run {job.id} pulls {job.plan.title} already, and is {job.state}")
            return await self.jobs.start("pull", b"", wanted, wish, seed=0)

    async def go_on(self) -> None:
        """Go on with the pipelines that were interrupted, where the settings say so; else tell of them."""
        for info in await asyncio.to_thread(self.jobs.interrupted):
            if not self.settings.resume_jobs:
                _LOG.info("run %s was interrupted; `voiced runs resume %s` goes on with it", info.name, info.run_id)
                continue
            try:
                await self.jobs.resume(info.run_id)
            except Exception as error:  # noqa: BLE001 - the boundary of a job
                _LOG.warning("run %s cannot go on: %s", info.name, error)

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
