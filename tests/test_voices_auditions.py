"""Auditions on the disk."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from voices.auditions import KEPT, Audition, Auditions, AuditionTake, NoSuchAudition, new_id
from voices.disk import StoreFailed

WAV = b"RIFF of a take"


def audition(age_s: float = 0.0, takes: int = 2) -> Audition:
    made = datetime.now(UTC) - timedelta(seconds=age_s)
    heard = tuple(AuditionTake(take=number, seed=number, seconds=1.5) for number in range(1, takes + 1))
    return Audition(id=new_id(), created=made, description="d", text="t", language="en", model="designer", takes=heard)


def test_what_is_kept_is_found(tmp_path: Path) -> None:
    here = Auditions(tmp_path / "a" / "b")
    assert here.all() == ()
    old, new = audition(60), audition()
    for one in (new, old):
        here.keep(one, [WAV, WAV + b"2"])
    assert Auditions(here.folder).all() == [new, old]
    assert here.find(old.id) == old
    assert here.audio(old.id, 2).read_bytes() == WAV + b"2"
    here.remove(old.id)
    assert here.all() == [new]
    assert [path.name for path in here.folder.iterdir()] == [new.id]


def test_the_oldest_make_room(tmp_path: Path) -> None:
    here = Auditions(tmp_path)
    made = [audition(age) for age in range(KEPT + 2)]
    for one in made:
        here.keep(one, [WAV, WAV])
    assert here.all() == made[:KEPT]
    assert len(list(tmp_path.iterdir())) == KEPT


@pytest.mark.parametrize(
    "name", ["", "..", "audition-0000000000", "../audition-0000000000", "audition-0000000000\n", "x" * 999]
)
def test_what_is_not_there_is_said_so(tmp_path: Path, name: str) -> None:
    here, one = Auditions(tmp_path), audition()
    here.keep(one, [WAV, WAV])
    for act in (here.find, here.remove, lambda name: here.audio(name, 1)):
        with pytest.raises(NoSuchAudition):
            act(name)
    for take in (0, 3, -1):
        with pytest.raises(NoSuchAudition, match="has takes 1 to 2"):
            here.audio(one.id, take)
    here.audio(one.id, 1).unlink()
    with pytest.raises(NoSuchAudition, match=r"take 1 of .* is gone"):
        here.audio(one.id, 1)


def test_a_broken_one_disturbs_nobody(tmp_path: Path) -> None:
    here, good = Auditions(tmp_path), audition()
    here.keep(good, [WAV, WAV])
    about = good.model_dump_json()
    for number, content in enumerate(("{", about, about.replace("+00:00", "").replace("Z", ""), '{"id": 3}')):
        folder = tmp_path / f"audition-{number:010}"
        folder.mkdir()
        (folder / "audition.json").write_text(content.replace(good.id, folder.name) if number == 2 else content)
    (tmp_path / "audition-00000000ff").write_text("a file")
    (tmp_path / "audition-00000000fe").mkdir()
    assert here.all() == [good]
    with pytest.raises(NoSuchAudition):
        here.find("audition-0000000000")
    here.keep(audition(), [WAV, WAV])
    assert len(here.all()) == 2


def test_a_disk_that_refuses_leaves_nothing_half(tmp_path: Path) -> None:
    here = Auditions(tmp_path / "file")
    here.folder.write_text("in the way")
    with pytest.raises(StoreFailed):
        here.keep(audition(), [WAV, WAV])
    with pytest.raises(StoreFailed):
        here.all()
    there, one = Auditions(tmp_path / "there"), audition()
    there.keep(one, [WAV, WAV])
    with pytest.raises(StoreFailed):  # its name is taken
        there.keep(one, [WAV, WAV])
    assert [path.name for path in there.folder.iterdir()] == [one.id]


def test_what_a_kill_has_left_is_swept_when_it_is_old(tmp_path: Path) -> None:
    here = Auditions(tmp_path)
    for name, age in ((".new-audition-0000000001", 7200), (".new-audition-0000000002", 10)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "take-1.wav").write_bytes(WAV)
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    one = audition()
    here.keep(one, [WAV, WAV])
    assert sorted(path.name for path in tmp_path.iterdir()) == [".new-audition-0000000002", one.id]
