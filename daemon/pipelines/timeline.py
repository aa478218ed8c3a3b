"""Captions spoken in their own time: every take fitted into its slot, the track stitched, what does not fit told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace as changed
from pathlib import Path
from typing import Annotated, Final

import numpy as np
from pydantic import Field

from daemon.pipelines.captioned import write_captions
from daemon.pipelines.fitting import Fit, Policy, fits_as_it_is, fitted, reported
from daemon.pipelines.joined import SAMPLE_RATE, Output, artifact, stored, tags, write_sound
from daemon.pipelines.plan import Plan, Taken
from outputs.assembly import Assembly, Part
from outputs.audio import whole
from outputs.pauses import shortened
from outputs.reading import heard
from outputs.recording import replace
from outputs.sound import to_pcm
from outputs.tempo import Tempo

CAPTIONS: Final = "captions"
REPORT: Final = "report.json"


class TimedOutput(Output):
    """As every joined sound, on a timeline."""

    per_caption: Annotated[bool, Field(description="the fitted take of every caption as a WAV of its own, too")] = False


def write_timed(
    folder: Path, plan: Plan, takes: Sequence[Taken], wish: TimedOutput, policy: Policy, max_stretch: float
) -> list[Mapping[str, object]]:
    """The track, its subtitles as spoken, the report. Raises StorageFailed."""
    with stored(folder):
        (folder / CAPTIONS).mkdir(exist_ok=True)
        files, takes = _shortened(folder, takes, policy)
        fits = fitted([take.segment for take in takes], [take.seconds for take in takes], policy, max_stretch)
        files = [_stretched(folder, take, file, fit) for take, file, fit in zip(takes, files, fits, strict=True)]
        track = Assembly(
            [Part(file, start_ms=fit.start_ms) for file, fit in zip(files, fits, strict=True)], SAMPLE_RATE
        )
        made = write_sound(folder, track, track.samples, wish, tags(plan), (), "audio")
        times = [(_ms(one.begin), _ms(one.end)) for one in track.spans]
        made += write_captions(folder, takes, times, "audio", files) if wish.subtitles else []
        made.append(_report(folder, takes, fits))
        if wish.per_caption:
            made += [_own(folder, take, file) for take, file in zip(takes, files, strict=True)]
        for path in (folder / CAPTIONS).glob(".*"):
            path.unlink()
        if not wish.per_caption:
            with suppress(OSError):  # somebody may have put something there
                (folder / CAPTIONS).rmdir()
        return made


def _shortened(folder: Path, takes: Sequence[Taken], policy: Policy) -> tuple[list[Path], list[Taken]]:
    """The takes that are too long with shorter pauses, where the policy says so: their files, and how long all are now.

    When the words of such a take were heard is not known any more.
    """
    files, shorter = [folder / take.file for take in takes], list(takes)
    for at, take in enumerate(takes):
        slot = take.segment.start_ms or 0, take.segment.end_ms or 0
        if policy == "shorten" and not fits_as_it_is(take.seconds, slot):
            pcm = shortened(_pcm(files[at]), SAMPLE_RATE, wanted_s=(slot[1] - slot[0]) / 1000)
            files[at] = _kept(folder, f".{take.segment.id}-short", pcm)
            shorter[at] = changed(take, seconds=len(pcm) / 2 / SAMPLE_RATE, words=())
    return files, shorter


def _stretched(folder: Path, take: Taken, file: Path, fit: Fit) -> Path:
    if fit.speed == 1.0:
        return file
    tempo = Tempo(fit.speed, SAMPLE_RATE)
    return _kept(folder, f".{take.segment.id}-fast", tempo.feed(_pcm(file)) + tempo.finish())


def _own(folder: Path, take: Taken, file: Path) -> Mapping[str, object]:
    path = _kept(folder, take.segment.id, _pcm(file))
    return artifact(folder, path)


def _report(folder: Path, takes: Sequence[Taken], fits: Sequence[Fit]) -> Mapping[str, object]:
    segments = [take.segment for take in takes]
    told = {"captions": len(takes), "does_not_fit": reported(zip(segments, fits, strict=True))}
    replace(folder / REPORT, (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode())
    return artifact(folder, folder / REPORT)


def _ms(sample: int) -> int:
    return round(sample * 1000 / SAMPLE_RATE)


def _pcm(file: Path) -> bytes:
    return b"".join(to_pcm(np.asarray(block)) for block in heard(file, SAMPLE_RATE))


def _kept(folder: Path, name: str, pcm: bytes) -> Path:
    path = folder / CAPTIONS / f"{name}.wav"
    path.write_bytes(whole("wav", pcm, SAMPLE_RATE))
    return path
