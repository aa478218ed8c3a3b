"""Work on a model that is done in portions: whoever is spoken to goes first, and speaks on in between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Final, TypeVar

from models.backend import EngineUnavailable
from models.batch import Priority
from models.errands import Errands
from models.host import Host
from models.schedule import Schedule

_T = TypeVar("_T")

# A portion lets those who are spoken to go first, but not for ever: then it takes half a second among them, which the two
# seconds of audio that a listener has ahead make up for.
PATIENCE_S: Final = 2.0
_LOOK_S: Final = 0.02
_END: Final = object()


class Portions:
    """Work of one engine that takes long in all, and never long at once."""

    def __init__(self, host: Host, schedule: Schedule, errands: Errands) -> None:
        self._host, self._schedule, self._errands = host, schedule, errands

    async def of(
        self,
        model: str,
        work: Iterator[_T],
        ready: Callable[[], Awaitable[None]],
        visit: Callable[[str], AbstractAsyncContextManager[None]] | None = None,
    ) -> AsyncGenerator[_T, None]:
        """What `work` makes, portion by portion, each in the engine's thread under the lock, once `ready` has been waited for.

        Where the model has to be in memory, `visit` is how it is waited for. Raises what they raise.
        """
        host = self._host.models[model]

        async def portion() -> object:
            await ready()
            return await host.do(lambda: next(work, _END))

        while True:
            await self._give_way()
            if visit is None or self._schedule.places[model].loaded:
                made = await self._errands.run(portion)
            else:
                async with visit(model):
                    if reason := self._host.failing(model):
                        raise EngineUnavailable(reason)
                    made = await self._errands.run(portion)
            if made is _END:
                return
            if visit is not None:
                self._schedule.places[model].used = time.monotonic()  # it is not unloaded as one that nobody uses
            yield made  # type: ignore[misc]  # it is no end, so it is what the work made

    async def _give_way(self) -> None:
        """Wait while somebody more urgent than batch work could be moved, for a while."""
        until = time.monotonic() + PATIENCE_S
        while self._somebody_is_urgent() and time.monotonic() < until:  # noqa: ASYNC110 - nobody tells when it is over
            await asyncio.sleep(_LOOK_S)

    def _somebody_is_urgent(self) -> bool:
        urgencies = (place.batch.urgency for place in self._schedule.places.values() if place.loaded)
        return any(urgency is not None and urgency < Priority.BATCH for urgency in urgencies)
