"""Audio files as streams of mono samples at the rate that is wanted, of a length that is known before."""

from __future__ import annotations

import struct
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import numpy as np
import soxr

from outputs.decoder import MAX_CHANNELS, MAX_RATE, MIN_RATE, UnreadableAudio, opened
from outputs.sound import FULL_SCALE, Audio

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.resampler import AudioResampler
    from av.audio.stream import AudioStream
    from av.container import InputContainer

# Of a FLAC file, up to the end of what STREAMINFO says of rate and length (RFC 9639, 8.2).
_FLAC_HEAD: Final = 26
# Sync and layer: an MP3 frame has another layer. ADTS stands alone, without a container.
_ADTS_MASK, _ADTS_SYNC = 0xFFF6, 0xFFF0
_CODECS: Final = ("aac", "alac")
_MP4, _ADTS = "mov,mp4,m4a,3gp,3g2,mj2", "aac"


def heard(path: Path, sample_rate: int) -> Generator[Audio, None, None]:
    """All of a file, its channels averaged, round(its samples x the ratio of the rates) long. Raises UnreadableAudio."""
    with path.open("rb") as file, _opened(file) as (container, stream):
        blocks = _mono(container, stream)
        yield from blocks if stream.rate == sample_rate else _resampled(blocks, stream.rate, sample_rate)


def length(path: Path, sample_rate: int) -> int:
    """How many samples `heard` gives: what a FLAC file says of itself, counted otherwise. Raises UnreadableAudio."""
    with path.open("rb") as file:
        head = file.read(_FLAC_HEAD)
    if told := _told_by_flac(head):
        rate, samples = told
        return scaled(samples, rate, sample_rate)
    rate = rate_of(path)
    return scaled(sum(map(len, heard(path, rate))), rate, sample_rate)


def rate_of(path: Path) -> int:
    """Its own samples a second. Raises UnreadableAudio."""
    with path.open("rb") as file, _opened(file) as (_, stream):
        return stream.rate


def scaled(samples: int, rate: int, wanted: int) -> int:
    """How many samples at the wanted rate take the same time."""
    return (2 * samples * wanted + rate) // (2 * rate)


def _told_by_flac(head: bytes) -> tuple[int, int] | None:
    """(rate, samples) where both are said."""
    if len(head) < _FLAC_HEAD or not head.startswith(b"fLaC"):
        return None
    (word,) = struct.unpack_from(">Q", head, _FLAC_HEAD - 8)
    rate, samples = word >> 44, word & (1 << 36) - 1
    return (rate, samples) if rate and samples else None


@contextmanager
def _opened(file: BinaryIO) -> Iterator[tuple[InputContainer, AudioStream]]:
    """What the house takes as a recording, and besides AAC, in MP4 and by itself."""
    import av

    head = file.read(12)
    file.seek(0)
    kind = _MP4 if head[4:8] == b"ftyp" else _ADTS if int.from_bytes(head[:2], "big") & _ADTS_MASK == _ADTS_SYNC else ""
    if not kind:
        with opened(file) as both:
            yield both
        return
    try:
        # A film may be beside the sound: its decoder is never opened, not even to look at it.
        with av.open(file, "r", format=kind, options={"codec_whitelist": ",".join(_CODECS)}) as container:
            yield container, _aac(container)
    except (av.FFmpegError, ValueError, EOFError) as error:
        told = getattr(error, "strerror", None) or error
        raise UnreadableAudio(f"the file cannot be decoded as AAC: {told}") from error


def _aac(container: InputContainer) -> AudioStream:
    """An MP4 may name any decoder, hold films and claim any rate: only what can be sound from a recorder is read."""
    if not container.streams.audio:
        raise UnreadableAudio("there is no sound in the file")
    stream = container.streams.audio[0]
    codec = getattr(stream.codec_context, "name", "something unknown")
    if codec not in _CODECS:
        raise UnreadableAudio(f"the file is coded as {codec}; in MP4, AAC and ALAC are read")
    if not MIN_RATE <= (stream.rate or 0) <= MAX_RATE or stream.channels > MAX_CHANNELS:
        raise UnreadableAudio(
            f"the file has {stream.channels} channels of {stream.rate} samples a second; "
            f"{MAX_CHANNELS} channels and {MIN_RATE} to {MAX_RATE} are read"
        )
    return stream


def _mono(container: InputContainer, stream: AudioStream) -> Iterator[Audio]:
    from av.audio.resampler import AudioResampler

    resampler = AudioResampler("fltp", stream.layout, stream.rate)
    for frame in container.decode(stream):
        if frame.format.name == "s16" and frame.layout.nb_channels == 1 and frame.sample_rate == stream.rate:
            samples = np.frombuffer(memoryview(frame.planes[0]), "<i2", frame.samples)
            yield samples.astype(np.float32) / np.float32(FULL_SCALE)  # nine of ten files, five times as fast
        else:
            yield _averaged(frame, resampler)


def _averaged(frame: AudioFrame, resampler: AudioResampler) -> Audio:
    blocks = [part.to_ndarray().mean(axis=0, dtype=np.float32) for part in resampler.resample(frame)]
    audio = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    if not np.isfinite(audio).all():
        raise UnreadableAudio("the recording holds samples that are not numbers")
    return audio


def _resampled(blocks: Iterable[Audio], rate: int, wanted: int) -> Iterator[Audio]:
    """To the sample as long as it should be, whatever the filter leaves over or owes."""
    stream = soxr.ResampleStream(rate, wanted, 1, dtype="float32")
    came = gave = 0
    for block in blocks:
        came += len(block)
        made: Audio = stream.resample_chunk(block)
        gave += len(made)
        yield made
    rest: Audio = stream.resample_chunk(np.zeros(0, np.float32), last=True)
    owed = scaled(came, rate, wanted) - gave
    yield np.pad(rest, (0, max(0, owed - len(rest))))[: max(0, owed)]
