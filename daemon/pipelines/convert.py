"""A recording becomes another file: its kind, its rate, its loudness. Nothing is spoken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Annotated, Final, Literal

from pydantic import Field

from daemon.pipelines import recorded
from daemon.pipelines.fields import Form
from daemon.pipelines.joined import artifact, stored
from daemon.pipelines.plan import Plan, Taken
from outputs import convert
from outputs.decoder import MAX_RATE, MIN_RATE
from outputs.kinds import find

ABOUT: Final = "a WAV, FLAC, MP3, Ogg, AAC or M4A file becomes another kind, rate or loudness"


class Options(Form):
    """What is to become of it."""

    audio: Annotated[
        Literal["wav", "flac", "mp3", "opus", "aac", "m4a", "m4b", "pcm"], Field(description="the kind")
    ] = "flac"
    sample_rate: Annotated[int | None, Field(ge=MIN_RATE, le=MAX_RATE, description="its own when not given")] = None
    loudness: Annotated[float | None, Field(ge=-40, le=-8, description="LUFS; as it is when not given")] = None


def plan(data: bytes, name: str, options: Options) -> Plan:
    """Nothing to be spoken. Raises UnknownFormat, and UnreadableAudio for what is no recording."""
    find(options.audio)
    recorded.see(data)
    return Plan((), PurePath(name).name)


def assemble(folder: Path, plan: Plan, takes: Sequence[Taken], options: Options) -> Sequence[Mapping[str, object]]:
    """The other file. Raises UnreadableAudio, StorageFailed."""
    with stored(folder):
        target = folder / f"{PurePath(plan.title).stem or 'audio'}{find(options.audio).suffix}"
        made = convert.convert(
            folder / "input" / plan.title, target, options.audio, sample_rate=options.sample_rate, lufs=options.loudness
        )
        seconds = round(made.samples / made.sample_rate, 3)
        return [{**artifact(folder, target), "seconds": seconds, "gain": round(made.gain, 2)}]
