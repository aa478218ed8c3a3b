"""Where `voiced say` puts its audio: stdout, a file that appears when it is whole, or a loudspeaker."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from daemon.commands import player
from daemon.faults import Malformed, NothingToSay
from outputs import audio


class Sink:
    """PCM in, encoded audio out, and one line on stderr while a person watches."""

    def __init__(self, name: str, put: Callable[[bytes], object]) -> None:
        self.name = name
        self._put, self._bytes = put, 0
        self._encoder: audio.Encoder | None = None
        self._started, self._first_ms = time.monotonic(), 0.0
        self._watched = sys.stderr.isatty()

    @property
    def samples(self) -> int:
        """The whole ones that came."""
        return self._bytes // 2

    def write(self, pcm: bytes, sample_rate: int) -> None:
        """Encode and hand on s16le mono, any cut: a daemon's comes as the network cuts it."""
        if self._encoder is None:
            self._encoder = audio.encoder(self.name, sample_rate)
            self._first_ms = (time.monotonic() - self._started) * 1000
        self._put(self._encoder.encode(pcm))
        self._bytes += len(pcm)
        if self._watched:
            self._show(self.samples / sample_rate)

    def finish(self) -> None:
        """The last bytes. Raises NothingToSay when there was no sound at all."""
        if self._encoder is None:
            raise NothingToSay("the voice has no sound for anything in this text")
        self._put(self._encoder.finish())
        if self._watched and self.samples:
            sys.stderr.write("\n")

    def close(self) -> None:
        """Let go, finished or not."""
        if self._encoder is not None:
            self._encoder.close()

    def _show(self, seconds: float) -> None:
        speed = seconds / max(time.monotonic() - self._started, 1e-6)
        line = f"{seconds:.1f} s of speech, {speed:.1f} x real time, first audio after {self._first_ms:.0f} ms"
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()


@contextmanager
def opened(output: str | None, name: str | None) -> Iterator[Sink]:
    """The sink for `-o`; leaving with an error leaves no file. Raises Malformed, UnknownFormat or OSError."""
    name = audio.find(name or _by_suffix(output)).name
    if output == "-":
        if sys.stdout.isatty():
            raise Malformed("audio would garble the terminal: redirect stdout, or name a file with -o")
        with _closing(Sink(name, _flushed(sys.stdout.buffer))) as sink:
            yield sink
    elif output is None:
        with player.playing(name) as put, _closing(Sink(name, put)) as sink:
            yield sink
    elif Path(output).exists() and not Path(output).is_file():  # a pipe or a device, which no other file may replace
        with Path(output).open("wb") as file, _closing(Sink(name, _flushed(file))) as sink:
            yield sink
    else:
        yield from _file(Path(output).resolve(), name)


def _file(path: Path, name: str) -> Iterator[Sink]:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("w+b") as file, _closing(Sink(name, file.write)) as sink:
            yield sink
            file.seek(0)
            head = file.read(audio.HEAD_BYTES)
            file.seek(0)
            file.write(audio.with_length(head, name, sink.samples))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _closing(sink: Sink) -> Iterator[Sink]:
    try:
        yield sink
    finally:
        sink.close()


def _by_suffix(output: str | None) -> str:
    suffix = "" if output in (None, "-") else Path(str(output)).suffix.removeprefix(".").lower()
    return suffix or "wav"


def _flushed(stream: BinaryIO) -> Callable[[bytes], object]:
    def put(data: bytes) -> None:
        stream.write(data)
        stream.flush()

    return put
