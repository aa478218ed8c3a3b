"""SVOX Pico: small old voices for German, French, Spanish and Italian. 11 ms a sentence."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np

from models.loudness import Audio

# Loud enough for all 16 bits; from 0.9 on Pico clips by itself.
_VOLUME: Final = 0.5
_RATE: Final = 16_000
# malloc.h: memory is handed out filled with the complement of this byte; 0 switches it off.
_M_PERTURB: Final = -6
_ZEROES: Final = 0xFF
# What is switched on and off around a sentence belongs to the whole process, whichever engine of it speaks.
_ONE_AT_A_TIME: Final = threading.Lock()


class Pico:
    """Calls block and hold the interpreter's lock (4 ms a second of speech); any thread may make them."""

    def __init__(self) -> None:
        """Raises ImportError."""
        import soxr
        from py_nanotts import NanoTTS

        self._speak, self._resample = NanoTTS().speak, soxr.resample
        self._libc = ctypes.CDLL(None)

    def __call__(self, text: str, language: str, rate: int) -> Audio:
        """Speak text that `for_pico` made safe; the same text gives the same samples. Raises RuntimeError."""
        with _ONE_AT_A_TIME, self._zeroed_memory():
            pcm = np.frombuffer(self._speak(text, language, volume=_VOLUME), "<i2")
        audio: Audio = self._resample(pcm.astype(np.float32) / 32768.0, _RATE, rate)
        return audio

    @contextmanager
    def _zeroed_memory(self) -> Iterator[None]:
        """While this lasts, glibc hands out zeroed memory; musl does that for large blocks by itself.

        Pico reads memory that it never wrote: in a used block the same sentence gets other pauses and other samples each
        time, and one in ten thousand ("SD E" in Italian) takes the process with it. In zeroed memory the same text gives the
        same samples, and twenty thousand random texts did no harm. 0.2 ms a sentence.
        """
        if not hasattr(self._libc, "mallopt"):
            yield
            return
        self._libc.mallopt(_M_PERTURB, _ZEROES)
        try:
            yield
        finally:
            self._libc.mallopt(_M_PERTURB, 0)
