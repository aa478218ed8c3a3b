"""An audio file that somebody sent, as samples. Nothing in it is believed before it is decoded."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from av.container import InputContainer

Samples = npt.NDArray[np.float32]

# What a file begins with. FFmpeg is told what it reads: left to guess, it also opens play lists, which name other files.
_HEADS: Final = ((b"RIFF", "wav"), (b"fLaC", "flac"), (b"OggS", "ogg"), (b"ID3", "mp3"))
# The eleven bits that every MPEG frame begins with.
_MPEG_SYNC: Final = 0xFFE0


class UnreadableAudio(Exception):
    """The bytes are no recording that can be used; the text says why and what would be."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What was decoded."""

    samples: Samples
    """[n] mono, -1 to 1."""
    sample_rate: int
    suffix: str
    """Of a file with these bytes, with its dot."""


def decode(data: bytes, *, max_seconds: float) -> Recording:
    """The first audio stream of a WAV, FLAC, MP3 or Ogg file, its channels averaged. Raises UnreadableAudio."""
    import av  # FFmpeg's libraries take 50 ms to import

    kind = _kind(data)
    try:
        with av.open(io.BytesIO(data), "r", format=kind) as container:
            rate, blocks = _blocks(container, max_seconds)
    except (av.FFmpegError, ValueError, EOFError) as error:
        raise UnreadableAudio(f"the recording cannot be decoded as {kind}: {error}") from error
    samples: Samples = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    if not len(samples):
        raise UnreadableAudio("there is no sound in the recording")
    if not np.isfinite(samples).all():
        raise UnreadableAudio("the recording holds samples that are not numbers")
    return Recording(samples, rate, f".{kind}")


def _kind(data: bytes) -> str:
    for head, kind in _HEADS:
        if data.startswith(head):
            return kind
    if int.from_bytes(data[:2], "big") & _MPEG_SYNC == _MPEG_SYNC:
        return "mp3"
    raise UnreadableAudio("the recording is no WAV, FLAC, MP3 or Ogg file" if data else "the recording is empty")


def _blocks(container: InputContainer, max_seconds: float) -> tuple[int, list[Samples]]:
    if not container.streams.audio:
        raise UnreadableAudio("there is no sound in the recording")
    blocks, rate, count = list[Samples](), 0, 0
    for rate, block in _mono(container):
        blocks.append(block)
        count += len(block)
        if count > max_seconds * rate:
            raise UnreadableAudio(f"the recording is longer than {max_seconds:.0f} s; a few sentences are enough")
    return rate, blocks


def _mono(container: InputContainer) -> Iterator[tuple[int, Samples]]:
    """Hz and samples of each frame; one rate throughout."""
    from av.audio.resampler import AudioResampler

    stream = container.streams.audio[0]
    resampler = AudioResampler("fltp", stream.layout, stream.rate)
    for decoded in container.decode(stream):
        for frame in resampler.resample(decoded):
            planes = frame.to_ndarray()
            yield frame.sample_rate, np.ascontiguousarray(planes.mean(axis=0), dtype=np.float32)
