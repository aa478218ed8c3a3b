"""Wyoming's framing: a JSON line `{"type", "data_length", "payload_length"}`, a JSON block, a payload."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from daemon.faults import Malformed, TextTooLong

# The reference implementation reads a header with `readline()`, which gives up at this size.
MAX_HEADER: Final = 64 * 1024
# Payloads hold audio, and nobody has audio for a voice: a stray microphone's chunk is skipped, never kept.
MAX_PAYLOAD: Final = 1024 * 1024


class ProtocolMistake(Malformed):
    """The caller broke the grammar; nothing more on this connection can be understood."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One event as it stood on the wire, its payload left out."""

    type: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Header:
    type: str
    inline: Mapping[str, Any]
    data_length: int
    payload_length: int


class Frames:
    """Cuts what arrives into frames and keeps no more than the one that is unfinished.

    Args:
        max_data: bytes of JSON that one event may announce.
    """

    def __init__(self, max_data: int) -> None:
        self.finished = 0
        self._max_data = max_data
        self._buffer = bytearray()
        self._searched = 0
        self._header: _Header | None = None
        self._skip = 0

    @property
    def unfinished(self) -> bool:
        """Whether a frame has begun and not ended."""
        return bool(self._buffer or self._header or self._skip)

    def receive(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that `data` completes, then raise if what follows them is broken."""
        self._buffer += data
        while self._skipped() and (header := self._complete()) is not None:
            yield self._take(header)

    def _skipped(self) -> bool:
        """Whether the last payload is behind us."""
        skipped = min(self._skip, len(self._buffer))
        del self._buffer[:skipped]
        self._skip -= skipped
        return not self._skip

    def _complete(self) -> _Header | None:
        """The header of the next frame once its data is here too. Blank lines are nothing."""
        while self._header is None:
            if (line := self._line()) is None:
                return None
            if line.strip():
                self._header = self._parse(line)
        return self._header if len(self._buffer) >= self._header.data_length else None

    def _line(self) -> bytes | None:
        end = self._buffer.find(b"\n", self._searched)
        if end >= MAX_HEADER or (end < 0 and len(self._buffer) >= MAX_HEADER):
            raise ProtocolMistake(f"a header line is longer than {MAX_HEADER} bytes; data belongs behind it")
        if end < 0:
            self._searched = len(self._buffer)
            return None
        self._searched = 0
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def _take(self, header: _Header) -> Frame:
        data = dict(header.inline)
        if header.data_length:
            data |= _object(bytes(self._buffer[: header.data_length]), "the data")
            del self._buffer[: header.data_length]
        self._header, self._skip = None, header.payload_length
        self.finished += 1
        return Frame(header.type, data)

    def _parse(self, line: bytes) -> _Header:
        header = _object(line, "the header line")
        kind, inline = header.get("type"), header.get("data")
        if not isinstance(kind, str):
            raise ProtocolMistake("the header line names no type")
        if inline is not None and not isinstance(inline, dict):
            raise ProtocolMistake("data must be an object")
        data_length, payload_length = _length(header, "data_length"), _length(header, "payload_length")
        if data_length > self._max_data:
            raise TextTooLong(f"{data_length} bytes of data; {self._max_data} is the most")
        if payload_length > MAX_PAYLOAD:
            raise ProtocolMistake(f"{payload_length} bytes of payload; {MAX_PAYLOAD} is the most")
        return _Header(kind, inline or {}, data_length, payload_length)


def _object(raw: bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(str(raw, "utf-8"))
    except (ValueError, RecursionError) as error:
        raise ProtocolMistake(f"{what} of a Wyoming event is not JSON: {type(error).__name__}") from error
    if not isinstance(value, dict):
        raise ProtocolMistake(f"{what} of a Wyoming event must be a JSON object")
    return value


def _length(header: Mapping[str, Any], key: str) -> int:
    value = header.get(key)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ProtocolMistake(f"{key} must be a whole number of bytes, zero or more")
    return value
