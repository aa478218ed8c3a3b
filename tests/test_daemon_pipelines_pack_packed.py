"""The files of a pack, and a run folder that is taken away while they are written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from daemon.pipelines.pack import packed
from daemon.pipelines.pack.packed import PackedOutput, write_packed
from daemon.pipelines.plan import Plan, Segment, Taken
from outputs.audio import whole
from outputs.recording import StorageFailed


def takes(folder: Path, *names: str) -> list[Taken]:
    (folder / "segments").mkdir(parents=True)
    made = []
    for number, name in enumerate(names):
        (folder / "segments" / f"{number}.flac").write_bytes(whole("flac", bytes(4800), 24_000))
        made.append(Taken(Segment(str(number), "A word.", name=name), f"segments/{number}.flac", 0.1, 1, "tone", "en"))
    return made


def test_folders_are_made_for_the_names_that_ask_for_them(tmp_path: Path) -> None:
    spoken = takes(tmp_path, "tone/a/deep/one", "tone/two", "", "gate/three")
    made = write_packed(tmp_path, Plan(tuple(take.segment for take in spoken)), spoken, PackedOutput(loudness=None))
    assert [one["name"] for one in made] == [
        "manifest.json", "manifest.csv", "files/tone/a/deep/one.wav", "files/tone/two.wav", "files/2.wav",
        "files/gate/three.wav",
    ]  # fmt: skip
    assert all((tmp_path / str(one["name"])).is_file() for one in made)


@pytest.mark.parametrize("written", [0, 1, 2])
def test_a_run_that_is_removed_meanwhile_is_not_half_made_again(
    written: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, write, left = tmp_path / "run", packed.write, [written]
    spoken = takes(folder, "a/one", "b/two", "c/three")

    def write_and_lose(*given: object) -> int:
        if not left[0]:
            shutil.rmtree(folder)
        left[0] -= 1
        return write(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(packed, "write", write_and_lose)
    with pytest.raises(StorageFailed, match="No such file"):
        write_packed(folder, Plan(tuple(take.segment for take in spoken)), spoken, PackedOutput(loudness=None))
    assert list(tmp_path.iterdir()) == []
