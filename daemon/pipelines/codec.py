"""Audio becomes the codes that Qwen3-TTS speaks in, or codes become audio: the input tells which. Nothing is spoken."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from pathlib import Path, PurePath
from typing import Annotated, Final, Literal

from pydantic import Field

from daemon.making.codec import MAX_SECONDS
from daemon.pipelines.fields import MAX_NAME, Form
from daemon.pipelines.joined import Format, artifact, stored
from daemon.pipelines.mistakes import Mistakes
from daemon.pipelines.plan import Plan, Taken
from daemon.pipelines.tools import PREPARED, Tools, Work
from outputs import codes, convert
from outputs.audio import whole
from outputs.decoder import UnreadableAudio, measure
from outputs.kinds import find
from outputs.recording import replace

ABOUT: Final = (
    "up to 30 s of WAV, FLAC, MP3 or Ogg become 12.5 Hz codes, as .npz or JSON; such codes become audio again"
)

# Longer ones are decoded to tell how long they are, but not for ever.
_MAX_MEASURED_S: Final = 3600.0
_NPZ: Final = "codes.npz"
_JSON: Final = "codes.json"
_SOUND: Final = "audio.flac"
_WANTED: Final[Mapping[str, tuple[str, ...]]] = {"npz": (_NPZ,), "json": (_JSON,), "both": (_NPZ, _JSON)}


class Options(Form):
    """What is to become of it."""

    codes: Annotated[Literal["npz", "json", "both"], Field(description="how codes are written")] = "npz"
    audio: Annotated[Format, Field(description="the kind of file that codes become")] = "flac"
    loudness: Annotated[
        float | None, Field(ge=-40, le=-8, description="LUFS of that file; as the codes have it when not given")
    ] = None
    model: Annotated[
        str | None, Field(max_length=MAX_NAME, description="whose codec; the first that can when not given")
    ] = None


def plan(data: bytes, name: str, options: Options) -> Plan:
    """Nothing to be spoken. Raises InputMistake, and BadCodes with every mistake in codes."""
    if is_codes(data):
        codes.read(data)
    else:
        _see_audio(data)
    return Plan((), PurePath(name).name)


def able(tools: Tools, options: Options) -> None:
    """Raises UnknownModel, or Unspeakable where nobody here has a codec."""
    tools.codec.able(options.model)


async def prepare(tools: Tools, work: Work, plan: Plan, options: Options) -> Plan:
    """Make the codes, or the sound, unless they are there. Raises what the codec does, and StorageFailed."""
    folder = work.folder / PREPARED
    if is_codes(work.data):
        if not (folder / _SOUND).exists():
            work.tell("decoding", None)
            await _decoded(tools, folder, await asyncio.to_thread(codes.read, work.data), options)
    elif not all((folder / file).exists() for file in _WANTED[options.codes]):
        work.tell("encoding", None)
        made = await tools.codec.encode(work.data, options.model)
        await asyncio.to_thread(_keep, folder, {_NPZ: codes.to_npz(made), _JSON: codes.to_json(made)})
    return plan


def assemble(folder: Path, plan: Plan, takes: Sequence[Taken], options: Options) -> Sequence[Mapping[str, object]]:
    """What was made, where it is looked for. Raises StorageFailed."""
    with stored(folder):
        sound = folder / PREPARED / _SOUND
        if sound.exists():
            target = folder / f"{PurePath(plan.title).stem or 'audio'}{find(options.audio).suffix}"
            made = convert.convert(sound, target, options.audio, lufs=options.loudness)
            return [{**artifact(folder, target), "seconds": round(made.samples / made.sample_rate, 3)}]
        for file in _WANTED[options.codes]:
            replace(folder / file, (folder / PREPARED / file).read_bytes())
        frames = len(codes.read((folder / _WANTED[options.codes][0]).read_bytes()))
        one, *others = [{**artifact(folder, folder / file), "frames": frames} for file in _WANTED[options.codes]]
        # Told once: a run is as long as its files together.
        return [{**one, "seconds": frames / codes.FRAME_RATE}, *others]


def is_codes(data: bytes) -> bool:
    """Whether this is a .npz file or JSON, and no sound."""
    return data.startswith(b"PK") or data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))


def _see_audio(data: bytes) -> None:
    """Raises InputMistake for what cannot be encoded in one go."""
    mistakes = Mistakes()
    try:
        seconds = measure(io.BytesIO(data), max_seconds=_MAX_MEASURED_S).seconds
    except UnreadableAudio as error:
        mistakes.tell("", f"{error}; nor is it a .npz file or JSON with codes")
    else:
        if seconds > MAX_SECONDS:
            why = "each frame is heard through layers that look back over ten seconds each, so pieces have other codes"
            mistakes.tell("", f"it lasts {seconds:.1f} s, and {MAX_SECONDS:.0f} s are encoded at once: {why}")
    mistakes.see()


async def _decoded(tools: Tools, folder: Path, table: codes.Table, options: Options) -> None:
    pcm, facts = bytearray(), tools.codec.able(options.model)
    async with aclosing(tools.codec.decode(table, facts.model)) as chunks:
        async for chunk in chunks:
            pcm += chunk
    flac = await asyncio.to_thread(whole, "flac", bytes(pcm), facts.sample_rate)
    await asyncio.to_thread(_keep, folder, {_SOUND: flac})


def _keep(folder: Path, files: Mapping[str, bytes]) -> None:
    with stored(folder):
        for name, data in files.items():
            replace(folder / name, data)
