"""The audition of a run, by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.limits import MAX_SEED
from daemon.pipelines.design.audition import Wanted, audition, file, read, restore
from daemon.pipelines.tools import PREPARED, Work
from outputs.run import StorageFailed
from tests.kept import Family, Start, models
from voices.auditions import Audition, Auditions, AuditionTake

__all__ = ["models"]

WANTED = Wanted("an old sailor", takes=2, seed=MAX_SEED, text="**Ahoy** there!")


def held(**facts: object) -> Audition:
    takes = [AuditionTake(take=1, seed=MAX_SEED, seconds=1.0), AuditionTake(take=2, seed=0, seconds=1.0)]
    about = {"id": "audition-0123456789", "created": datetime.now(UTC), "description": "an old sailor",
             "text": "Ahoy there!", "language": "en", "model": "designer", "takes": takes}  # fmt: skip
    return Audition.model_validate(about | facts)


def work(folder: Path) -> Work:
    (folder / PREPARED).mkdir()
    return Work(folder, "lines.txt", b"", 40, None, lambda what, share: None)


@pytest.mark.parametrize(
    ("facts", "met"),
    [
        ({}, True),
        ({"description": "a robot"}, False),
        ({"text": "Ahoy!"}, False),
        ({"takes": held().takes[:1]}, False),
        ({"takes": (held().takes[1], held().takes[0])}, False),
    ],
)
def test_which_audition_is_the_one_that_is_wanted(facts: dict[str, object], met: bool) -> None:
    assert WANTED.is_met_by(held(**facts)) is met


async def test_it_is_held_once_and_lies_in_the_run_folder(start: Start, models: Family, tmp_path: Path) -> None:
    room, job = (await start()).auditions, work(tmp_path)
    assert read(tmp_path) is None
    first = await audition(room, job, WANTED)
    assert await audition(room, job, WANTED) == first == read(tmp_path)
    assert len(models[1].lines) == 2
    for take in first.takes:
        assert (tmp_path / file(take.take)).read_bytes() == room.auditions.audio(first.id, take.take).read_bytes()


async def test_one_that_somebody_held_before_is_not_taken(start: Start, models: Family, tmp_path: Path) -> None:
    room = (await start()).auditions
    before = await room.hold("an old sailor", text="Ahoy there!", takes=2, seed=MAX_SEED)
    assert (await audition(room, work(tmp_path), WANTED)).id != before.id


async def test_what_the_house_forgot_is_given_back_whole(start: Start, models: Family, tmp_path: Path) -> None:
    room = (await start()).auditions
    found = await audition(room, work(tmp_path), WANTED)
    restore(room.auditions, found, tmp_path)
    assert room.auditions.find(found.id) == found, "what is there is left alone"
    wav = room.auditions.audio(found.id, 2)
    wav.unlink()
    restore(room.auditions, found, tmp_path)
    assert wav.read_bytes() == (tmp_path / file(2)).read_bytes()
    room.auditions.remove(found.id)
    restore(room.auditions, found, tmp_path)
    assert room.auditions.find(found.id).takes == found.takes


def test_a_run_folder_that_lost_its_takes(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed):
        restore(Auditions(tmp_path / "auditions"), held(), tmp_path)
