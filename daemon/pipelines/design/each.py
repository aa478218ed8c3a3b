"""A file for each line, at the level that it has in the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Final

from daemon.pipelines.joined import SAMPLE_RATE, Output, artifact, stored, tags
from daemon.pipelines.plan import Plan, Taken
from outputs.assembly import Assembly, Part
from outputs.container import write
from outputs.kinds import find
from outputs.loudness import Normalised, normalised
from outputs.sound import Sound

LINES: Final = "lines"


def write_lines(folder: Path, plan: Plan, takes: Sequence[Taken], wish: Output) -> Mapping[str, Mapping[str, object]]:
    """What is told of each file, by the line's name. Raises StorageFailed."""
    made = dict[str, Mapping[str, object]]()
    with stored(folder):
        (folder / LINES).mkdir(exist_ok=True)
        whole: Normalised | None = None
        if wish.loudness is not None:  # the gain of the whole for all: whoever whispers goes on whispering
            whole = normalised(Assembly(_parts(folder, takes, wish), SAMPLE_RATE), wish.loudness)
        for name, own in groupby(takes, key=lambda take: take.segment.name):
            *parts, last = _parts(folder, list(own), wish)
            sound = Assembly([*parts, replace(last, pause_ms=0, crossfade_ms=0)], SAMPLE_RATE)
            path = folder / LINES / f"{name}{find(wish.audio).suffix}"
            louder: Sound = sound if whole is None else replace(whole, sound=sound)
            write(path, louder, wish.audio, replace(tags(plan), title=name, album=plan.title))
            made[name] = {**artifact(folder, path), "seconds": round(sound.samples / SAMPLE_RATE, 3)}
    return made


def _parts(folder: Path, takes: Sequence[Taken], wish: Output) -> list[Part]:
    """As they stand in the whole."""
    pauses = [take.segment.pause_ms for take in takes]
    return [
        Part(folder / take.file, pause, 0 if pause else wish.crossfade_ms)
        for take, pause in zip(takes, pauses, strict=True)
    ]
