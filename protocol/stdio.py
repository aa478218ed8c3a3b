"""Standard input and output as one socket, so that a caller at a pipe is served like any other."""

from __future__ import annotations

import os
import socket
import threading
from typing import Final

_PIECE: Final = 64 * 1024
_STDOUT: Final = 1
_STDERR: Final = 2


class Stdio:
    """Two threads between the standard streams and `socket`: pipes, files and terminals all work.

    From here on file descriptor 1 is the error stream, so that no stray print gets between two events.
    """

    def __init__(self, stdin: int = 0, stdout: int = _STDOUT) -> None:
        self.socket, self._ours = socket.socketpair()
        self._stdin, self._stdout = stdin, stdout
        self._real = os.dup(stdout)
        if stdout == _STDOUT:
            os.dup2(_STDERR, _STDOUT)
        self._threads = [
            threading.Thread(target=self._read, name="stdin", daemon=True),
            threading.Thread(target=self._write, name="stdout", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def close(self, patience_s: float) -> None:
        """Wait until what was said is written, then give standard output back. Blocks for `patience_s`."""
        self._threads[1].join(patience_s)
        os.dup2(self._real, self._stdout)

    def _read(self) -> None:
        try:
            while data := os.read(self._stdin, _PIECE):
                self._ours.sendall(data)
            self._ours.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the door has closed its end

    def _write(self) -> None:
        try:
            while data := self._ours.recv(_PIECE):
                while data:
                    data = data[os.write(self._real, data) :]
        except OSError:
            pass  # nobody reads the pipe any more
        finally:
            self._ours.close()
