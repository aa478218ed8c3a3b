"""Game lines as files: each under its own name, brought to one loudness, with the manifest for the game's build."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from daemon.pipelines import halting
from daemon.pipelines.fields import Form
from daemon.pipelines.joined import SAMPLE_RATE, Format, artifact, stored
from daemon.pipelines.pack.manifest import manifest
from daemon.pipelines.plan import Plan, Taken
from outputs.assembly import Assembly, Part
from outputs.container import write
from outputs.kinds import find
from outputs.loudness import normalised
from outputs.recording import replace
from outputs.sound import Sound

FILES: Final = "files"


class PackedOutput(Form):
    """How the files are written."""

    audio: Annotated[Format, Field(description="the kind of the files")] = "wav"
    loudness: Annotated[
        float | None, Field(ge=-40, le=-8, description="LUFS of each file; null leaves it as it is spoken")
    ] = -18.0


def write_packed(folder: Path, plan: Plan, takes: Sequence[Taken], wish: PackedOutput) -> list[Mapping[str, object]]:
    """The files below `files/`, and `manifest.json` and `manifest.csv` beside them. Raises StorageFailed."""
    with stored(folder):
        paths = [folder / FILES / f"{take.segment.name or take.segment.id}{find(wish.audio).suffix}" for take in takes]
        _make_room(folder, paths)
        files = [_file(folder, path, take, wish) for path, take in zip(paths, takes, strict=True)]
        told = []
        for name, data in zip(("manifest.json", "manifest.csv"), manifest(plan, takes, wish.audio), strict=True):
            replace(folder / name, data)
            told.append(artifact(folder, folder / name))
        return [*told, *files]  # of ten thousand the first are shown


def _make_room(folder: Path, paths: Iterable[Path]) -> None:
    """Every folder that the files need, once and from the top: a run that is removed meanwhile is not half made again."""
    for place in sorted({place for path in paths for place in path.parents if folder in place.parents}):
        place.mkdir(exist_ok=True)


def _file(folder: Path, path: Path, take: Taken, wish: PackedOutput) -> Mapping[str, object]:
    halting.see()
    sound: Sound = Assembly([Part(folder / take.file)], SAMPLE_RATE)
    write(path, sound if wish.loudness is None else normalised(sound, wish.loudness), wish.audio)
    return {**artifact(folder, path), "seconds": round(take.seconds, 3), "segment": take.segment.id}
