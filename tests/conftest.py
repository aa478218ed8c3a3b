"""Fixtures that every test may use: a daemon's core on the tone, in a folder of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from daemon import settings
from daemon.core import Voiced


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Voiced]]]:
    """`await start(slots=2, …)` gives a running core on the tone engine; it is stopped after the test."""
    async with AsyncExitStack() as stack:

        async def begin(**options: object) -> Voiced:
            wishes = {"engine": "tone", "data_dir": tmp_path / "data", **options}
            return await stack.enter_async_context(Voiced(settings.read(wishes, environ={})))

        yield begin
