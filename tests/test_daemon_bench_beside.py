"""The doors beside a stream: one daemon, idle and speaking by turns, and what is made of its figures."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from checkpoints import Shelf

from daemon.bench import beside, clients, lag
from daemon.bench.clients import Broken
from daemon.bench.doors import DOORS
from daemon.bench.server import serving


@pytest.fixture
def data(checkpoint: Shelf, tmp_path: Path) -> Path:
    """A data folder with a model that never ends by itself, and one that soon does."""
    for name, end in (("endless", -50.0), ("brief", 50.0)):
        shutil.copytree(checkpoint("custom_voice", "nano", end=end), tmp_path / "models" / name)
    return tmp_path


async def test_every_door_has_its_row_idle_and_beside_a_stream(data: Path) -> None:
    figures = await beside.measure_at(data, "endless", ("int8", "float32"), streams=2, requests=3)
    *rows, about = figures.rows
    assert [row["name"] for row in rows] == [
        "/healthz",
        *(f"{name}, beyond the engine" for name in DOORS),
        "event loop lag, at most",
        *(f"{name}, first audio" for name in DOORS),
    ]
    columns = ["idle_p50_ms", "idle_p99_ms", "beside_p50_ms", "beside_p99_ms"]
    assert all(list(row) == ["name", *columns] for row in rows)
    assert all(float(str(row[column])) > 0 for row in rows for column in columns)
    first, beyond = ({str(row["name"]).partition(",")[0]: row for row in rows if what in str(row["name"])}
                     for what in ("first audio", "beyond"))  # fmt: skip
    assert all(float(str(beyond[name][one])) < float(str(first[name][one])) for name in DOORS for one in columns)
    assert (about["name"], about["model"], about["dtype"]) == ("2 streams beside", "endless", "int8")
    assert float(str(about["x_realtime"])) > 0


async def test_a_stream_that_ends_is_no_stream_to_measure_beside(data: Path) -> None:
    with pytest.raises(Broken, match="ended while"):
        await beside.measure_at(data, "brief", ("int8", "float32"), streams=1, requests=1)


async def test_a_stream_is_heard_all_the_while_and_nobody_afterwards(data: Path) -> None:
    options = ("--data-dir", str(data), "--engine", "qwen", "--model", "endless", "--slots", "2")
    async with serving(*options) as server:
        async with beside._streaming(server, 2) as (one, other):
            assert one.size > 0 and other.size > 0
            before = one.size
            async with asyncio.timeout(20):
                while one.size == before:
                    await asyncio.sleep(0.01)
            assert "voiced_rows_speaking 2.0" in await clients.get(*server.http, "/metrics")
        assert "voiced_rows_speaking 0.0" in await clients.get(*server.http, "/metrics")


def test_lag_between_two_readings() -> None:
    inf = float("inf")
    late = lag.between({0.001: 10.0, 0.01: 20.0, inf: 20.0}, {0.001: 60.0, 0.01: 119.0, inf: 120.0})
    assert lag.samples(late) == 100
    assert (lag.at_most_ms(late, 0.5), lag.at_most_ms(late, 0.99)) == (1.0, 10.0)
    twice = lag.together([late, {0.001: 0.0, 0.01: 100.0, inf: 100.0}])
    assert (lag.samples(twice), lag.at_most_ms(twice, 0.5)) == (200, 10.0)
