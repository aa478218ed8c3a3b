"""An audio file that somebody sent, as samples. Nothing in it is believed before it is decoded."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer

Samples = npt.NDArray[np.float32]

# What a file begins with. FFmpeg is told what it reads: left to guess, it also opens play lists, which name other files.
_HEADS: Final = ((b"RIFF", "wav"), (b"fLaC", "flac"), (b"OggS", "ogg"), (b"ID3", "mp3"))
# The eleven bits that every MPEG frame begins with.
_MPEG_SYNC: Final = 0xFFE0
# More than the longest head.
_HEAD_BYTES: Final = 16
# What a file of these four formats really holds. A WAV or an Ogg may name any of FFmpeg's hundreds of decoders, and
# those that nobody uses are those that nobody has attacked yet.
_CODECS: Final = frozenset("flac mp3 mp3float vorbis libvorbis opus libopus".split())
# Samples a second: below there is no telephone, above there is no recorder, and FLAC may claim more than three times that.
MIN_RATE: Final = 4_000
MAX_RATE: Final = 192_000
# A microphone has one, a film six, and a WAV may claim 65,535. PyAV counts the planes of a frame until one is missing, and of
# eight none is: it reads on, and the process dies.
MAX_CHANNELS: Final = 6


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


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found by decoding all of a file."""

    seconds: float
    sample_rate: int
    channels: int
    kind: str
    """wav, flac, mp3 or ogg."""


def decode(data: bytes, *, max_seconds: float) -> Recording:
    """The first audio stream of a WAV, FLAC, MP3 or Ogg file, its channels averaged. Raises UnreadableAudio."""
    with opened(io.BytesIO(data)) as (container, stream):
        blocks = [planes.mean(axis=0, dtype=np.float32) for planes in _planes(container, stream, max_seconds)]
        return Recording(np.concatenate(blocks), stream.rate, f".{container.format.name}")


def measure(file: BinaryIO, *, max_seconds: float) -> Measured:
    """Decode a file of any size to its end and keep nothing of it. Raises UnreadableAudio."""
    with opened(file) as (container, stream):
        count = sum(planes.shape[1] for planes in _planes(container, stream, max_seconds))
        return Measured(count / stream.rate, stream.rate, stream.channels, container.format.name)


def kind_of(data: bytes) -> str:
    """What FFmpeg calls the format of a file that begins like this. Raises UnreadableAudio."""
    for head, kind in _HEADS:
        if data.startswith(head):
            return kind
    if int.from_bytes(data[:2], "big") & _MPEG_SYNC == _MPEG_SYNC:
        return "mp3"
    raise UnreadableAudio("the recording is no WAV, FLAC, MP3 or Ogg file" if data else "the recording is empty")


@contextmanager
def opened(file: BinaryIO) -> Iterator[tuple[InputContainer, AudioStream]]:
    """The file and its first audio stream, to be decoded in the block."""
    import av  # FFmpeg's libraries take 50 ms to import

    kind = kind_of(file.read(_HEAD_BYTES))
    file.seek(0)
    try:
        with av.open(file, "r", format=kind) as container:
            yield container, _stream(container)
    except (av.FFmpegError, ValueError, EOFError) as error:
        told = getattr(error, "strerror", None) or error
        raise UnreadableAudio(f"the recording cannot be decoded as {kind}: {told}") from error


def _stream(container: InputContainer) -> AudioStream:
    if not container.streams.audio:
        raise UnreadableAudio("there is no sound in the recording")
    stream = container.streams.audio[0]
    codec = getattr(stream.codec_context, "name", "something unknown")  # there is none for what FFmpeg cannot decode
    if codec not in _CODECS and not codec.startswith("pcm_"):
        raise UnreadableAudio(f"the recording is coded as {codec}; PCM, FLAC, MP3, Vorbis and Opus are read")
    if not stream.rate:
        raise UnreadableAudio("there is no sound in the recording")
    if not MIN_RATE <= stream.rate <= MAX_RATE:
        raise UnreadableAudio(f"the recording has {stream.rate} samples a second; {MIN_RATE} to {MAX_RATE} are read")
    if stream.channels > MAX_CHANNELS:
        raise UnreadableAudio(f"the recording has {stream.channels} channels; {MAX_CHANNELS} are the most that is read")
    return stream


def _planes(container: InputContainer, stream: AudioStream, max_seconds: float) -> Iterator[Samples]:
    """[channels, n] of each frame, at one rate throughout; at least one sample in all."""
    from av.audio.resampler import AudioResampler

    resampler, count = AudioResampler("fltp", stream.layout, stream.rate), 0
    for decoded in container.decode(stream):
        for frame in resampler.resample(decoded):
            planes = np.asarray(frame.to_ndarray(), np.float32)
            count += planes.shape[1]
            if count > max_seconds * stream.rate:
                raise UnreadableAudio(f"the recording is longer than {max_seconds:.0f} s; a few sentences are enough")
            if not np.isfinite(planes).all():
                raise UnreadableAudio("the recording holds samples that are not numbers")
            yield planes
    if not count:
        raise UnreadableAudio("there is no sound in the recording")
