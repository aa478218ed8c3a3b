"""Fixtures that every test may use: a daemon's core on the tone, in a folder of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from daemon import settings
from daemon.core import Voiced

if TYPE_CHECKING:
    from checkpoints import Shelf

# How long an example takes is the machine's business: a busy one would fail what is right. And what is right today is
# not found wrong tomorrow by chance: `--hypothesis-profile default` looks for more.
hypothesis.settings.register_profile(
    "untimed", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """`checkpoint("base", "nano", …)` gives the folder of a small random Qwen3-TTS checkpoint, made once a session."""
    import torch  # most tests need neither torch nor the package
    from checkpoints import Shelf

    # So small a model gains nothing from a second thread, and on a busy machine waiting for it costs thirty times the work.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield Shelf(tmp_path_factory.mktemp("checkpoints"))
    torch.set_num_threads(threads)


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Voiced]]]:
    """`await start(slots=2, …)` gives a running core on the tone engine; it is stopped after the test."""
    async with AsyncExitStack() as stack:

        async def begin(**options: object) -> Voiced:
            wishes = {"engine": "tone", "data_dir": tmp_path / "data", **options}
            return await stack.enter_async_context(Voiced(settings.read(wishes, environ={})))

        yield begin
