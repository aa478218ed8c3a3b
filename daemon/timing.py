"""When what was heard."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

# A quarter of the 20 ms that subtitles may be off.
_FRAME_S: Final = 0.005
# Of the loudest sound of a sentence, 40 dB below: under a soft "f" or "h", over the room. 60 sentences began within
# 19 ms of where their power says so (nine in ten within 7), and at 0.7 of their tempo within 23; at 36 dB a last "t" was lost.
_HEARD: Final = 10 ** (-40 / 20)
# Rounding alone makes this much.
_SILENT: Final = 2.0


@dataclass(slots=True)
class Timing:
    """When what was heard; milliseconds from the request."""

    started: float
    first_audio_ms: float | None = None
    audio_ms: float = 0.0
    wall_ms: float = 0.0
    underruns: int = 0
    underrun_ms: float = 0.0
    """How long a player that began with the first audio stood still."""

    def hear(self, seconds: float) -> None:
        """Take in audio that is handed to the listener now."""
        now = (time.monotonic() - self.started) * 1000
        if self.first_audio_ms is None:
            self.first_audio_ms = now
        elif (gap := now - self.first_audio_ms - self.audio_ms - self.underrun_ms) > 0:
            self.underruns += 1
            self.underrun_ms += gap
        self.audio_ms += seconds * 1000
        self.wall_ms = now

    def as_dict(self) -> dict[str, float | int | None]:
        """As the contract shows it; `rtf` is seconds of work a second of audio."""
        first = None if self.first_audio_ms is None else round(self.first_audio_ms, 1)
        rtf = round(self.wall_ms / self.audio_ms, 4) if self.audio_ms else None
        return {
            "first_audio_ms": first,
            "audio_ms": round(self.audio_ms, 1),
            "wall_ms": round(self.wall_ms, 1),
            "rtf": rtf,
        }


@dataclass(frozen=True, slots=True)
class Heard:
    """A sentence, and from which sample to which it was heard."""

    text: str
    """As it was written."""
    begin: int
    end: int
    voice: str

    def later(self, samples: int) -> Heard:
        """The same, so many samples further on."""
        return replace(self, begin=self.begin + samples, end=self.end + samples)


class Sounding:
    """Feed the PCM of a sentence; then ask from where to where of it there is anything to hear."""

    def __init__(self, sample_rate: int) -> None:
        self._frame = max(1, int(_FRAME_S * sample_rate))
        self._rest = b""
        self._peaks: list[npt.NDArray[np.int32]] = []

    def feed(self, pcm: bytes) -> None:
        """Take in s16le mono, any cut."""
        pcm = self._rest + pcm
        whole = len(pcm) // (2 * self._frame) * 2 * self._frame
        self._rest = pcm[whole:]
        self._note(pcm[:whole])

    def span(self) -> tuple[int, int] | None:
        """The first sample that is heard and the one after the last; None where nothing is."""
        last = self._rest[: len(self._rest) // 2 * 2]
        loudest = np.abs(np.frombuffer(last, "<i2").astype(np.int32)).max(initial=0)
        peaks = np.concatenate([*self._peaks, [loudest]])
        heard = np.flatnonzero(peaks > max(_SILENT, float(peaks.max(initial=0)) * _HEARD))
        return (int(heard[0]) * self._frame, (int(heard[-1]) + 1) * self._frame) if heard.size else None

    def _note(self, pcm: bytes) -> None:
        if pcm:
            samples = np.frombuffer(pcm, "<i2").astype(np.int32).reshape(-1, self._frame)
            self._peaks.append(np.abs(samples).max(axis=1))
