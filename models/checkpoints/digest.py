"""What a file holds, in one short word: `sha256:HEX`, or `git:HEX` as git calls a blob."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

# Large enough that hashlib's own speed is the limit, small enough that progress moves.
_READ_BYTES: Final = 1 << 20


def digest_of(path: Path, algorithm: str = "sha256", moved: Callable[[int], None] = lambda _: None) -> str:
    """The digest by `sha256` or `git`; `moved` hears how many bytes were read so far. Raises OSError."""
    with path.open("rb") as file:
        known = hashlib.sha256()
        if algorithm == "git":  # not for safety: it is how the hub tells small files apart
            known = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
        done = 0
        while data := file.read(_READ_BYTES):
            known.update(data)
            done += len(data)
            moved(done)
    return f"{algorithm}:{known.hexdigest()}"


def fits(path: Path, digest: str, moved: Callable[[int], None] = lambda _: None) -> bool:
    """Whether the file holds what this digest says; anything does where there is no digest. Raises OSError."""
    return not digest or digest_of(path, digest.partition(":")[0], moved) == digest
