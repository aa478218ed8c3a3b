"""How an audio file begins, channel by channel, and how long all of it is: for whoever judges a recording."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from outputs.decoder import UnreadableAudio, opened

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer

Planes = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What was decoded, and what was found around it."""

    planes: Planes
    """[1 or 2, n], -1 to 1, n may be 0; more than two channels are averaged to one."""
    channels: int
    """In the file."""
    sample_rate: int
    seconds: float
    """Of the whole file: counted where all of it was decoded, what the file says of itself otherwise."""


def excerpt(data: bytes, *, seconds: float) -> Excerpt:
    """The first `seconds` of a WAV, FLAC, MP3 or Ogg file, or all of a shorter one. Raises UnreadableAudio."""
    with opened(io.BytesIO(data)) as (container, stream):
        blocks, count, wanted = list[Planes](), 0, int(seconds * stream.rate)
        for block in _planes(container, stream):
            blocks.append(block)
            count += block.shape[1]
            if count > wanted:
                break
        told = (container.duration or 0) / 1_000_000
        length = count / stream.rate if count <= wanted else max(told, count / stream.rate)
        planes = np.concatenate(blocks or [np.zeros((1, 0), np.float32)], axis=1)[:, :wanted]
        return Excerpt(planes, stream.channels, stream.rate, length)


def _planes(container: InputContainer, stream: AudioStream) -> Iterator[Planes]:
    """[1 or 2, n] of each frame."""
    from av.audio.resampler import AudioResampler

    resampler = AudioResampler("fltp", stream.layout, stream.rate)
    for decoded in container.decode(stream):
        for frame in resampler.resample(decoded):
            planes = np.asarray(frame.to_ndarray(), np.float32)
            if not np.isfinite(planes).all():
                raise UnreadableAudio("the recording holds samples that are not numbers")
            yield planes if len(planes) <= 2 else planes.mean(axis=0, keepdims=True)
