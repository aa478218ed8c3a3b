"""FFmpeg's encoders as streams: PCM in, packets out at once. Imported only when one is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from outputs.blocks import SAMPLE_BYTES, Blocks

# 20 ms: a frame of Opus and less than one of every other codec here, so feeding adds no delay of its own.
BLOCKS_PER_SECOND: Final = 50


@dataclass(frozen=True, slots=True)
class Codec:
    """How FFmpeg writes one of our formats."""

    encoder: Literal["libmp3lame", "libopus", "aac", "flac"]
    muxer: str
    bit_rate: int | None
    """Mono speech of 24 kHz is transparent well below these."""
    rates: tuple[int, ...]
    """Those that the encoder takes, ascending; other rates are resampled. Empty: any."""
    options: Mapping[str, str] = field(default_factory=dict)


_MPEG_RATES: Final = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
# Xing and the 8 KiB of padding in FLAC are room for a second pass, which a stream does not have. Without ID3
# an MP3 starts with a frame and may be joined to another. A page a packet keeps Opus from waiting a second.
_CODECS: Final[Mapping[str, Codec]] = {
    "mp3": Codec("libmp3lame", "mp3", 64_000, _MPEG_RATES, {"write_xing": "0", "id3v2_version": "0"}),
    "opus": Codec("libopus", "ogg", 48_000, (8000, 12000, 16000, 24000, 48000), {"page_duration": "20000"}),
    "aac": Codec("aac", "adts", 64_000, (*_MPEG_RATES, 64000, 88200, 96000)),
    "flac": Codec("flac", "flac", None, (), {"metadata_header_padding": "0"}),
}


class Coded:
    """An Encoder by FFmpeg. The same input gives the same bytes, however it was cut."""

    def __init__(self, format_name: str, sample_rate: int) -> None:
        codec = _CODECS[format_name]
        self._sample_rate = sample_rate
        self._blocks = Blocks(max(1, sample_rate // BLOCKS_PER_SECOND))
        self._silent, self._ended = True, False
        self._sink = _Sink()
        # Every packet leaves at once, not when a buffer is full; Ogg's serial number is not drawn by lot.
        options = {**codec.options, "fflags": "+flush_packets+bitexact"}
        self._container = av.open(self._sink, "w", format=codec.muxer, options=options)
        rate = _nearest(codec.rates, sample_rate)
        stream = self._container.add_stream(codec.encoder, rate=rate, options={}, layout="mono")
        assert isinstance(stream, AudioStream)
        self._stream = stream
        if codec.bit_rate is not None:
            stream.codec_context.bit_rate = codec.bit_rate
        self._container.start_encoding()  # the header leaves with the first call

    def encode(self, pcm: bytes) -> bytes:
        """The packets that are now whole, with the header before the first."""
        if self._ended:
            raise ValueError("this encoder has ended")
        for block in self._blocks.add(pcm):
            self._feed(block)
        return self._sink.take()

    def finish(self) -> bytes:
        """What the codec held back. Without any audio, 20 ms of silence: players refuse a bare header."""
        if self._ended:
            return b""
        rest = self._blocks.rest()
        if self._silent and not rest:
            rest = bytes(SAMPLE_BYTES * max(1, self._sample_rate // BLOCKS_PER_SECOND))
        if rest:
            self._feed(rest)
        self._container.mux(self._stream.encode(None))
        self.close()
        return self._sink.take()

    def close(self) -> None:
        """Free what FFmpeg holds."""
        self._ended = True
        self._container.close()

    def _feed(self, pcm: bytes) -> None:
        frame = s16_frame(pcm, self._sample_rate)
        self._container.mux(self._stream.encode(frame))
        self._silent = False


def s16_frame(pcm: bytes, sample_rate: int) -> AudioFrame:
    """Whole samples of s16le mono as FFmpeg's frame."""
    frame = AudioFrame("s16", "mono", len(pcm) // SAMPLE_BYTES, align=1)
    frame.planes[0].update(pcm)
    frame.sample_rate = sample_rate
    return frame


def _nearest(rates: tuple[int, ...], sample_rate: int) -> int:
    """The lowest of these rates that loses nothing, else the highest; the rate itself when there are none."""
    if not rates:
        return sample_rate
    return next((rate for rate in rates if rate >= sample_rate), rates[-1])


class _Sink:
    """A file that can only be written to; without `seek`, FFmpeg knows that it cannot."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def take(self) -> bytes:
        written, self._written = bytes(self._written), bytearray()
        return written
