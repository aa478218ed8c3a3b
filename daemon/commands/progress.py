"""How far a long transfer is: one line that moves on a terminal, a line now and then in a pipe."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import Final

from models.checkpoints.pull import Moment

# As fast as an eye follows; and as often as a log can bear.
_TERMINAL_S: Final = 0.1
_PIPE_S: Final = 10.0


class Progress:
    """Shown on stderr, so that stdout holds the result alone."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._terminal = sys.stderr.isatty()
        self._shown_at = float("-inf")
        self._from = (0.0, 0)
        self._doing = ""

    def __call__(self, moment: Moment) -> None:
        """Show it, when it is time to."""
        now = time.monotonic()
        if moment.doing != self._doing:
            self._doing, self._from = moment.doing, (now, moment.done)
        if now - self._shown_at < (_TERMINAL_S if self._terminal else _PIPE_S):
            return
        self._shown_at = now
        line = self._line(moment, now)
        self._write(f"\r\x1b[K{line}" if self._terminal else f"{line}\n")

    def close(self) -> None:
        """The moving line gives way."""
        if self._terminal and self._doing:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        with suppress(OSError):  # who has stopped watching does not stop the transfer
            sys.stderr.write(text)
            sys.stderr.flush()

    def _line(self, moment: Moment, now: float) -> str:
        if moment.doing == "checking":
            return f"{self._name}: checking {moment.path}, {_share(moment)}"
        since, before = self._from
        speed = (moment.done - before) / max(now - since, 1e-6)
        line = f"{self._name}: {megabytes(moment.done)} of {megabytes(moment.total)} MB, {_share(moment)}"
        if now - since < 1 or speed <= 0:
            return line
        return f"{line}, {megabytes(speed)} MB/s, {(moment.total - moment.done) / speed:.0f} s left"


def megabytes(number: float) -> str:
    """Bytes as people read them."""
    return f"{number / 1e6:.1f}"


def _share(moment: Moment) -> str:
    return f"{100 * moment.done // max(moment.total, 1)} %"
