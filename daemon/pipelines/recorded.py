"""Whether an input is a recording at all: told before there is a run."""

from __future__ import annotations

from typing import Final

from outputs.excerpt import excerpt

# Where MP4 says what it is; ADTS begins with a sync and a layer that no MP3 has.
_MP4: Final = b"ftyp"
_ADTS_MASK, _ADTS_SYNC = 0xFFF6, 0xFFF0


def see(data: bytes) -> None:
    """Raises UnreadableAudio for what is neither WAV, FLAC, MP3 nor Ogg. AAC and MP4 are believed: reading them tells."""
    if data[4:8] != _MP4 and int.from_bytes(data[:2], "big") & _ADTS_MASK != _ADTS_SYNC:
        excerpt(data, seconds=0.0)
