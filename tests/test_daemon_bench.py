"""The bench's own parts: quantiles, tables, and clients that read every door to the end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from daemon.bench import clients, doors
from daemon.bench.clients import Broken
from daemon.bench.figures import Figures, quantile, rss_mb
from daemon.bench.server import serving


@pytest.mark.parametrize(
    ("values", "share", "wanted"),
    [
        ((), 0.5, 0.0),
        ((3.0,), 0.99, 3.0),
        ((1.0, 2.0, 3.0, 4.0), 0.5, 3.0),
        (tuple(map(float, range(100))), 0.99, 99.0),
    ],
)
def test_quantiles(values: Sequence[float], share: float, wanted: float) -> None:
    assert quantile(values, share) == wanted


def test_figures_are_shown_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = Figures([{"name": "a", "ms": 1.25}, {"name": "b", "kb": 2}], {"a to b": 0.5})
    figures.print()
    assert capsys.readouterr().out.split() == "name ms a 1.25 name kb b 2 a to b: 0.50".split()
    figures.write(tmp_path / "x.json")
    written = json.loads((tmp_path / "x.json").read_text())
    assert written["rows"] == figures.rows
    assert written["machine"]["cores"] >= 1
    assert rss_mb() > 1


async def test_every_client_hears_its_door_to_the_end() -> None:
    async with serving("--engine", "tone", "--tone-step-ms", "2") as server:
        sizes = {}
        for name, client in doors.DOORS.items():
            first, sizes[name] = await client(*(server.wyoming if name == "wyoming" else server.http), doors.TEXT)
            assert first > 0
        assert set(sizes.values()) == {len(doors.TEXT) * 3840}
        assert await clients.healthz(*server.http) > 0
        lag = await doors._loop_lag(server)
        assert lag["name"] == "event loop lag"


async def test_a_daemon_that_does_not_start_is_said_with_its_own_words() -> None:
    with pytest.raises(Broken, match="no Qwen3-TTS checkpoint"):
        async with serving("--engine", "qwen"):
            pass
