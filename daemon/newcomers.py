"""Models that come into the data folder while the house is open: they are known at every door without a restart."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from daemon.casting import Casting
from models.backend import Backend
from models.engine import Engine
from models.load import Wish, arrived

_LOG = logging.getLogger(__name__)

# Whoever has just pulled a model by hand looks for it at once; a look at a folder costs microseconds.
LOOK_EVERY_S: Final = 2.0


class Newcomers:
    """Looks for models that nobody knows yet. The default one stays the default; one that is removed stays known."""

    def __init__(self, wish: Wish, engine: Engine, casting: Casting) -> None:
        self.models_dir = wish.models_dir
        self._wish, self._engine, self._casting = wish, engine, casting
        self._expected = wish.engine not in ("tone", "builtin")
        """Else whoever chose the engine wants nobody beside it."""
        self._passed_over: Mapping[str, str] = {}
        self._seen: int | None = None
        self._turn = asyncio.Lock()

    async def look(self) -> None:
        """Whoever has come is known when this returns."""
        async with self._turn:
            known = {*self._engine.models, *self._engine.codecs}
            self._seen = _changed(self.models_dir)  # before the look: what comes meanwhile is looked for again
            found = await asyncio.to_thread(arrived, self._wish, known)
            for backend in found.speaking:
                self._welcome(backend, speaks=True)
            for backend in found.tokenizers:
                self._welcome(backend, speaks=False)
            self._tell(found.passed_over)

    async def watch(self) -> None:
        """Look whenever the folder has changed, and again while one is there that cannot be used: it may not be whole yet."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                if self._expected and (self._passed_over or self._seen != _changed(self.models_dir)):
                    await self.look()
            except Exception:  # noqa: BLE001 - the boundary of a folder in which anybody may put anything
                _LOG.exception("the models folder could not be looked through")

    def why_not(self, model: str) -> str:
        """Why a model in the folder is none of the house, as it was last looked at; empty where it is one."""
        if model in self._engine.models or model in self._engine.codecs:
            return ""
        return self._passed_over.get(model, "it cannot be found in the models folder")

    def _welcome(self, backend: Backend, *, speaks: bool) -> None:
        self._engine.add(backend, speaks=speaks)
        if speaks:
            self._casting.add(backend.facts)
        _LOG.info("%s is here now", backend.facts.model)

    def _tell(self, passed_over: Mapping[str, str]) -> None:
        for model, why in passed_over.items():
            if self._passed_over.get(model) != why:
                _LOG.info("passed over %s: %s", model, why)
        self._passed_over = passed_over


def _changed(folder: Path) -> int:
    """When something came into a folder or left it; 0 where there is none."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0
