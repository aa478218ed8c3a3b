"""The command line as a person runs it: a real process each, on the tone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

TEXT = "Do re mi."
FRAME = 3840
VOICED = [sys.executable, "-m", "daemon"]


def voiced(*words: str, text: str | bytes | None = None, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """`voiced WORDS…`, fed with `text`, to its end."""
    given = text.encode() if isinstance(text, str) else text
    return subprocess.run([*VOICED, *words], capture_output=True, input=given, env=around(**environ), timeout=100)


def say(folder: Path, *words: str, text: str | bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """`voiced say WORDS…` with its data below `folder`, without any daemon."""
    return voiced("say", "--local", "--data-dir", str(folder / "data"), *words, text=text)


def shell(line: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """A line of bash in which `voiced` is the command."""
    script = f'voiced() {{ "{sys.executable}" -m daemon "$@"; }}; {line}'
    return subprocess.run(["bash", "-c", script], capture_output=True, env=around(**environ), timeout=100)


def around(**environ: str) -> dict[str, str]:
    """The environment of a person who tries things out: the tone, and stdout buffered as it is by default."""
    return {**os.environ, "VOICED_ENGINE": "tone", "PYTHONUNBUFFERED": "", **environ}


def hear_ctrl_c() -> None:
    """As `preexec_fn`: whoever was started in the background by a shell ignores Ctrl-C, and so do all children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
