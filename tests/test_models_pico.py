"""SVOX Pico's own frame; what it says is heard in test_models_builtin.py."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from models.pico import Pico


def test_two_engines_in_one_process_take_turns() -> None:
    """What zeroes the memory belongs to the process: one that is done may not switch it off under another."""
    speaking = most = 0

    def speak(text: str, language: str, volume: float) -> bytes:
        nonlocal speaking, most
        speaking += 1
        most = max(most, speaking)
        time.sleep(0.02)
        speaking -= 1
        return bytes(3200)

    voices = [Pico(), Pico()]
    for voice in voices:
        voice._speak = speak
    with ThreadPoolExecutor(2) as threads:
        heard = list(threads.map(lambda voice: voice("Hallo", "de-DE", 24_000), voices * 3))
    assert most == 1
    assert len({audio.tobytes() for audio in heard}) == 1
