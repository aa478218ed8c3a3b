"""Audio aloud: through whatever player the machine has."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from daemon.faults import Malformed

# Each reads a WAV of unknown length from stdin; aplay is on most desktops and reaches their sound server.
_PLAYERS: Final = (
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error", "-i", "-"),
    ("mpv", "--no-video", "--really-quiet", "-"),
    ("play", "-q", "-t", "wav", "-"),
    ("aplay", "-q", "-"),
)


@contextmanager
def playing(name: str) -> Iterator[Callable[[bytes], object]]:
    """A place to write `name` audio that is heard at once. Raises Malformed when nothing here plays, OSError when it fails."""
    command = next((player for player in _PLAYERS if shutil.which(player[0])), None)
    if command is None:
        names = ", ".join(player[0] for player in _PLAYERS)
        raise Malformed(f"no player is installed ({names}): write to a file with -o FILE, or to stdout with -o -")
    if name != "wav":
        raise Malformed("speech is played aloud as wav; name a file with -o for another format")
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:  # noqa: S603 - a name from the table above
        assert process.stdin is not None
        yield process.stdin.write
        process.stdin.close()
        if process.wait():
            raise ChildProcessError(f"{command[0]} could not play: it ended with exit code {process.returncode}")
