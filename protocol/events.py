"""What a voice says in Wyoming: events as bytes, and the audio of one answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from daemon.faults import Fault

# The release of the reference implementation whose events these are.
WYOMING: Final = "1.10.2"


def encode(kind: str, data: Mapping[str, Any] | None = None, payload: bytes = b"") -> bytes:
    """One event for the wire. Data goes behind the header line, never into it: readers bound the line."""
    header: dict[str, Any] = {"type": kind, "version": WYOMING}
    block = json.dumps(data, ensure_ascii=False).encode("utf-8", "replace") if data else b""
    if block:
        header["data_length"] = len(block)
    if payload:
        header["payload_length"] = len(payload)
    return json.dumps(header).encode() + b"\n" + block + payload


class Audio:
    """The frames of one answer: one start, chunks that say where they stand, one stop; all in one format.

    Args:
        rate: Hz; samples are s16le mono.
        samples: the most that one chunk holds.
    """

    def __init__(self, rate: int, samples: int) -> None:
        self._format = {"rate": rate, "width": 2, "channels": 1}
        self._rate, self._bytes = rate, 2 * samples
        self._sent = 0
        self.started = False

    def start(self) -> bytes:
        """Empty when it has been sent already."""
        if self.started:
            return b""
        self.started = True
        return encode("audio-start", {**self._format, "timestamp": 0})

    def pcm(self, pcm: bytes) -> bytes:
        """Chunks for all of `pcm` at once: nothing is held back for a fuller chunk."""
        events = [self.start()]
        for at in range(0, len(pcm), self._bytes):
            chunk = pcm[at : at + self._bytes]
            events.append(encode("audio-chunk", {**self._format, "timestamp": self._now()}, chunk))
            self._sent += len(chunk) // 2
        return b"".join(events)

    def stop(self) -> bytes:
        """The answer is whole."""
        return self.start() + encode("audio-stop", {"timestamp": self._now()})

    def _now(self) -> int:
        return self._sent * 1000 // self._rate


def pong(text: str | None) -> bytes:
    """The answer to a ping."""
    return encode("pong", {"text": text})


def stopped() -> bytes:
    """The end of a streamed answer."""
    return encode("synthesize-stopped")


def error(fault: Fault) -> bytes:
    """What went wrong; the connection is closed after it."""
    return encode("error", {"text": fault.message, "code": fault.code})
