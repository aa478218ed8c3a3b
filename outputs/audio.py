"""Audio formats, and encoders that write them to a sink that cannot seek."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

WAV_HEADER_BYTES: Final = 44
# What ffmpeg and OpenAI write where a stream's length is not known yet; readers then take all that comes.
UNKNOWN_LENGTH: Final = 0xFFFFFFFF

# Where STREAMINFO packs rate, channels, width and, in its last 36 bits, the number of samples (RFC 9639, 8.2).
_FLAC_TOTAL: Final = 18
# What `with_length` needs to see.
HEAD_BYTES: Final = 64


class UnknownFormat(Exception):
    """No audio format has this name. The text lists those that exist."""


@dataclass(frozen=True, slots=True)
class Format:
    """An audio format as callers name it."""

    name: str
    media_type: str
    suffix: str
    """Of a file, with its dot."""


FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "mp3": Format("mp3", "audio/mpeg", ".mp3"),
        "opus": Format("opus", "audio/ogg", ".opus"),  # in Ogg
        "aac": Format("aac", "audio/aac", ".aac"),  # in ADTS
        "flac": Format("flac", "audio/flac", ".flac"),
        "wav": Format("wav", "audio/wav", ".wav"),
        "pcm": Format("pcm", "audio/pcm", ".pcm"),  # s16le mono, no header
    }
)


class Encoder(Protocol):
    """PCM in any cut, encoded bytes out as early as the codec can. One thread at a time."""

    def encode(self, pcm: bytes) -> bytes:
        """Take in s16le mono, any cut; return what is ready, maybe nothing. ValueError after the end."""

    def finish(self) -> bytes:
        """The last bytes; b"" when called again. A file without any audio is valid too."""

    def close(self) -> None:
        """Let go without the last bytes. Safe to call twice and after `finish`."""


def find(name: str) -> Format:
    """The format of this name. Raises UnknownFormat."""
    try:
        return FORMATS[name]
    except KeyError:
        raise UnknownFormat(f"unknown audio format {name[:40]!r}; there are {', '.join(FORMATS)}") from None


def encoder(format_name: str, sample_rate: int) -> Encoder:
    """A new encoder for PCM at this rate. Raises UnknownFormat."""
    name = find(format_name).name
    if name == "pcm":
        return Plain()
    if name == "wav":
        return Plain(sample_rate)
    from outputs.codec import Coded  # FFmpeg's libraries take 50 ms to import; wav and pcm do without

    return Coded(name, sample_rate)


def wav_header(sample_rate: int, data_bytes: int) -> bytes:
    """The 44 bytes before `data_bytes` of s16le mono; more than RIFF can hold is written as unknown."""
    riff_bytes = data_bytes + WAV_HEADER_BYTES - 8
    if riff_bytes > UNKNOWN_LENGTH:
        riff_bytes = data_bytes = UNKNOWN_LENGTH
    riff = struct.pack("<4sI4s", b"RIFF", riff_bytes, b"WAVE")
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, sample_rate, 2 * sample_rate, 2, 16)
    return riff + fmt + struct.pack("<4sI", b"data", data_bytes)


def with_length(head: bytes, format_name: str, samples: int) -> bytes:
    """The first bytes of a streamed file with its length told, now that it is known; others stay as they are.

    Readers that trust the header (libsndfile on FLAC, editors on WAV) want it. `head` holds the whole header.
    """
    if format_name == "wav":
        (sample_rate,) = struct.unpack_from("<I", head, 24)
        return wav_header(sample_rate, 2 * samples) + head[WAV_HEADER_BYTES:]
    if format_name == "flac" and head[:4] == b"fLaC" and samples < 1 << 36:
        (word,) = struct.unpack_from(">Q", head, _FLAC_TOTAL)
        return head[:_FLAC_TOTAL] + struct.pack(">Q", word >> 36 << 36 | samples) + head[_FLAC_TOTAL + 8 :]
    return head


def whole(format_name: str, pcm: bytes, sample_rate: int) -> bytes:
    """A file of this PCM, with its length told. Raises UnknownFormat."""
    coding = encoder(format_name, sample_rate)
    try:
        data = coding.encode(pcm) + coding.finish()
    finally:
        coding.close()
    return with_length(data, format_name, len(pcm) // 2)


class Plain:
    """PCM as it is, after a WAV header of unknown length when it has a rate."""

    def __init__(self, wav_rate: int | None = None) -> None:
        self._wav_rate = wav_rate
        self._half = b""
        self._ended = False

    def encode(self, pcm: bytes) -> bytes:
        """What came, in whole samples."""
        if self._ended:
            raise ValueError("this encoder has ended")
        pcm = self._half + pcm
        whole = len(pcm) // 2 * 2
        self._half = pcm[whole:]
        return self._header(UNKNOWN_LENGTH) + pcm[:whole]

    def finish(self) -> bytes:
        """Nothing but a header that was still owed; its length is then known to be none."""
        if self._ended:
            return b""
        self._ended = True
        return self._header(0)

    def close(self) -> None:
        """Nothing is held."""
        self._ended = True

    def _header(self, data_bytes: int) -> bytes:
        """Once."""
        if self._wav_rate is None:
            return b""
        rate, self._wav_rate = self._wav_rate, None
        return wav_header(rate, data_bytes)
