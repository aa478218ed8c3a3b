"""The daemon without its doors."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from daemon import Voiced, settings
from models import load
from models.backend import EngineUnavailable
from models.load import Choice, Wish
from models.tone import Tone


def wishes(folder: Path, **options: object) -> settings.Settings:
    return settings.read({"engine": "tone", "data_dir": folder, **options}, environ={})


async def test_it_speaks_without_any_server(tmp_path: Path) -> None:
    async with Voiced(wishes(tmp_path)) as voiced:
        pcm = b"".join([chunk async for chunk in voiced.speak("Hello.", voice="tone-2", speed=1.0)])
    assert len(pcm) == len("Hello.") * 3840
    assert not (tmp_path / "outputs").exists() or not voiced.runs.list(10)


async def test_two_in_one_process_do_not_disturb_each_other(tmp_path: Path) -> None:
    async with Voiced(wishes(tmp_path / "a")) as one, Voiced(wishes(tmp_path / "b")) as two:
        first, second = await asyncio.gather(*(_all(voiced) for voiced in (one, two)))
    assert first == second


async def _all(voiced: Voiced) -> bytes:
    return b"".join([chunk async for chunk in voiced.speak("The same words.")])


async def test_an_unknown_name_is_no_part_of_the_package() -> None:
    import daemon

    with pytest.raises(AttributeError):
        daemon.Voicd  # noqa: B018


class Missing(Tone):
    """A model whose weights are not there."""

    def load(self) -> None:
        raise EngineUnavailable("weights.bin is missing")


async def test_a_model_that_cannot_load_stops_the_start_and_leaves_no_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choose(_: Wish) -> Choice:
        return Choice(Missing(), "planted")

    monkeypatch.setattr("daemon.core.choose", choose)
    before = asyncio.all_tasks()
    with pytest.raises(EngineUnavailable, match=r"weights\.bin"):
        async with Voiced(wishes(tmp_path)):
            raise AssertionError("it must not start")
    assert asyncio.all_tasks() == before
    assert load.choose is not choose


async def test_a_start_without_preload_loads_with_the_first_request(tmp_path: Path) -> None:
    async with Voiced(wishes(tmp_path, preload=False)) as voiced:
        assert voiced.engine.status().state.value == "unloaded"
        assert await _all(voiced)
        assert voiced.engine.status().state.value == "ready"


async def test_whoever_watches_is_told_when_the_engine_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Mortal(Tone):
        def step(self, slots: object) -> list[object]:
            raise RuntimeError("planted")

    monkeypatch.setattr("daemon.core.choose", lambda _: Choice(Mortal(), "planted"))
    async with Voiced(wishes(tmp_path)) as voiced:
        watching = asyncio.create_task(voiced.failed(), name="watch")
        for _ in range(3):
            with pytest.raises(Exception, match="engine"):
                await _all(voiced)
        with pytest.raises(RuntimeError, match="planted"):
            await watching
