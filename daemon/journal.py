"""Which speech is kept, and what its run folder says of it."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import platform
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.metadata import version
from typing import Final

from daemon.utterance import Utterance
from models.backend import Facts
from outputs.run import Ending, Run, Runs, StorageFailed
from voices.profile import Profile

_LOG = logging.getLogger(__name__)
# A folder is made in well under a millisecond; retention need not be exact, and a sweep reads every folder.
SWEEP_EVERY_S = 600.0
_DAY_S = 86_400.0
# The recording of a clone as it was sent, WAV, FLAC, MP3 or Ogg: every reader looks at its first bytes, not at its name.
REFERENCE: Final = "reference.audio"
_LEFT_OUT: Final = frozenset({"reference", "verify", "subtitles"})


class Journal:
    """Begins run folders for the doors that keep them, and forgets the old ones."""

    def __init__(self, runs: Runs, keep: tuple[str, ...], max_days: float | None, max_mb: float | None) -> None:
        self.runs = runs
        self._keep = frozenset(keep)
        self._max_age_s = max_days * _DAY_S if max_days else None
        self._max_bytes = int(max_mb * 1e6) if max_mb else None

    def keeps(self, utterance: Utterance) -> bool:
        """Whether this utterance leaves a run folder: its own wish, else what the settings say of its door.

        Subtitles are files, and lie in one.
        """
        wanted = utterance.door in self._keep or bool(utterance.subtitles)
        return wanted if utterance.keep is None else utterance.keep

    async def begin(self, utterance: Utterance, voice: Profile, language: str, seed: int, facts: Facts) -> Run | None:
        """A run folder, if this door keeps them. A disk that refuses does not keep anybody from hearing."""
        if not self.keeps(utterance):
            return None
        fields = {field.name: getattr(utterance, field.name) for field in dataclasses.fields(utterance)}
        request = {key: value for key, value in fields.items() if value is not None and key not in _LEFT_OUT}
        request |= {key: fields[key] for key in ("verify", "subtitles") if fields[key]}
        request |= {
            "sampling": dict(utterance.sampling),
            "voice": voice.id,
            "language": language,
            "seed": seed,
            "priority": utterance.priority.name.lower(),
        }
        about = {
            "request_id": utterance.request_id,
            "door": utterance.door,
            "voice": voice.id,
            "language": language,
            "seed": seed,
            "model": facts.model,
            "engine": facts.name,
            "revision": facts.version,
            "versions": {"voiced": version("voiced"), "python": platform.python_version()},
        }
        task, files = utterance.task, {}
        if utterance.reference is not None:
            files[REFERENCE] = utterance.reference.audio
            request["reference"] = {"file": REFERENCE, "transcript": utterance.reference.transcript}
        begin = asyncio.to_thread(self.runs.begin, task, request, about, facts.sample_rate, files)
        beginning = asyncio.create_task(begin, name=f"run of {utterance.request_id}")
        try:
            return await asyncio.shield(beginning)
        except asyncio.CancelledError:
            beginning.add_done_callback(_cancel)
            raise
        except StorageFailed as error:
            _LOG.error("this speech is not kept: %s", error)
            return None

    async def sweep(self) -> None:
        """Forget what is too old or too much, now and then, until cancelled."""
        while True:
            try:
                gone = await asyncio.to_thread(self.runs.sweep, self._max_age_s, self._max_bytes)
            except StorageFailed as error:
                _LOG.warning("old runs could not be removed: %s", error)
            else:
                if gone:
                    _LOG.info("removed %d old runs", len(gone))
            await asyncio.sleep(SWEEP_EVERY_S)


def finish(
    run: Run, state: Ending, facts: Mapping[str, object], text: str | None, files: Callable[[], Mapping[str, bytes]]
) -> list[str]:
    """End a run as `Run.finish` does, with more files in it; the names of all artifacts. Raises StorageFailed."""
    for name, data in files().items():
        run.attach(name, data)
    run.finish(state, facts, text)
    return run.artifacts


def _cancel(beginning: asyncio.Task[Run]) -> None:
    """Nobody waits for this run any more: it ends as it began, without any audio."""
    if not beginning.cancelled() and beginning.exception() is None:
        with suppress(StorageFailed):
            beginning.result().finish("cancelled", {})
