"""How far a job is: a bar that moves on a terminal, a line now and then in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

_BAR: Final = 30
# As fast as an eye follows; and as often as a log can bear.
_TERMINAL_S: Final = 0.1
_PIPE_S: Final = 10.0


class Watching:
    """Shown on stderr, so that stdout holds the result alone. Fed with what a job tells of itself."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._shown_at, self._shown = float("-inf"), ("", "")

    def __call__(self, told: Mapping[str, Any]) -> None:
        """Show it, when it is time to, and whenever it does something else than before."""
        verb = str(told.get("phase", "")).partition(" ")[0]  # what follows tells how far it is
        now, doing = time.monotonic(), (str(told["state"]), verb)
        if doing == self._shown and now - self._shown_at < (_TERMINAL_S if self._terminal else _PIPE_S):
            return
        self._shown_at, self._shown = now, doing
        line = _line(told)
        with suppress(OSError):  # who has stopped watching does not stop the work
            sys.stderr.write(f"\r\x1b[K{_bar(told)} {line}" if self._terminal else f"{line}\n")
            sys.stderr.flush()

    def close(self) -> None:
        """The moving line gives way."""
        if self._terminal and self._shown[0]:
            with suppress(OSError):
                sys.stderr.write("\r\x1b[K")


def _line(told: Mapping[str, Any]) -> str:
    state, phase = str(told["state"]), str(told.get("phase", ""))
    done, segments, seconds = told.get("done", 0), told.get("segments", 0), told.get("seconds", 0.0)
    if (share := told.get("share")) is not None:
        return f"{phase or state}: {share:.0%}"
    if not segments:
        return phase or state
    line = f"{phase or state}: {done} of {segments} segments, {seconds:.1f} s of audio"
    left = told.get("left_s")
    return line if left is None or done == segments else f"{line}, {left:.0f} s left"


def _bar(told: Mapping[str, Any]) -> str:
    share = told.get("share")
    if share is None:
        share = int(told.get("done", 0)) / (int(told.get("segments", 0)) or 1)
    full = int(_BAR * share)
    return f"[{'#' * full}{'.' * (_BAR - full)}]"
