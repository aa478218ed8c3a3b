"""stdin, stdout and stderr, in whatever state the process was given them."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ready() -> Iterator[None]:
    """All three are open, every character can be printed, and what cannot be written is told here, not at the exit."""
    _open_the_closed()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        yield
        sys.stdout.flush()
    finally:
        try:
            sys.stdout.flush()
        except OSError:  # the interpreter would try again when it ends, and fail with a traceback
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open_the_closed() -> None:
    """Else the first socket would get the number of stdout, and every print would go to whoever is connected."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
