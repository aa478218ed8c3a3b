"""A script's sound: the mix, in which lines may begin while the one before is heard, and a stem for each speaker."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from daemon.pipelines import halting
from daemon.pipelines.joined import SAMPLE_RATE, Output, artifact, marks, stored, tags, write_sound, write_subtitles
from daemon.pipelines.plan import Plan, Taken
from outputs.assembly import Assembly, Part
from outputs.container import write
from outputs.sound import Watched

STEMS: Final = "stems"
# Who interrupts lets a word or two be heard; nobody speaks over more than this share of a line.
_OVERLAP_MS: Final = 700
_OVERLAP_SHARE: Final = 0.4


class StagedOutput(Output):
    """As every joined sound, and with stems."""

    stems: Annotated[bool, Field(description="a FLAC for each speaker, all as long as the mix")] = True


def write_staged(folder: Path, plan: Plan, takes: Sequence[Taken], wish: StagedOutput) -> list[Mapping[str, object]]:
    """The mix, its subtitles and the stems. Raises StorageFailed."""
    with stored(folder):
        mix = Assembly(_parts(folder, takes), SAMPLE_RATE)
        spans = [(one.begin, one.end) for one in mix.spans]
        made = write_sound(folder, mix, mix.samples, wish, tags(plan), marks(takes, spans, mix.samples), "audio")
        made += write_subtitles(folder, takes, spans, "audio") if wish.subtitles else []
        return [*made, *(_stems(folder, takes, spans, mix.samples) if wish.stems else ())]


def _parts(folder: Path, takes: Sequence[Taken]) -> list[Part]:
    following = [*(take.segment.overlaps for take in takes[1:]), False]
    return [
        Part(folder / take.file, -_overlap(take) if interrupted else take.segment.pause_ms)
        for take, interrupted in zip(takes, following, strict=True)
    ]


def _overlap(take: Taken) -> int:
    return int(min(_OVERLAP_MS, take.seconds * 1000 * _OVERLAP_SHARE))


def _stems(
    folder: Path, takes: Sequence[Taken], spans: Sequence[tuple[int, int]], samples: int
) -> list[Mapping[str, object]]:
    """Each speaker's lines where they are in the mix."""
    (folder / STEMS).mkdir(exist_ok=True)
    lines: dict[str, list[Part]] = {}
    for take, (begin, _) in zip(takes, spans, strict=True):
        part = Part(folder / take.file, start_ms=begin * 1000 // SAMPLE_RATE)
        lines.setdefault(take.segment.speaker or "narrator", []).append(part)
    made, count = [], halting.counted(len(lines) * samples)
    for number, (speaker, parts) in enumerate(lines.items(), 1):
        last = parts[-1]
        stem = Assembly(parts, SAMPLE_RATE)
        if missing := max(0, samples - stem.samples):
            silence = -(-missing * 1000 // SAMPLE_RATE)
            stem = Assembly([*parts[:-1], Part(last.path, silence, start_ms=last.start_ms)], SAMPLE_RATE)
        path = folder / STEMS / f"{number:02}-{_plain(speaker)}.flac"
        write(path, Watched(stem, count), "flac")
        made.append(artifact(folder, path))
    return made


def _plain(speaker: str) -> str:
    return re.sub(r"\W+", "-", speaker).strip("-")[:40] or "speaker"
