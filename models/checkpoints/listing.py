"""The files of a model somewhere else: where each is, how long, and what its digest must be. Names in it are not trusted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from models.checkpoints.catalog import CONFIG
from models.checkpoints.client import PullFailed

# A checkpoint has a dozen files; one in many pieces has some dozens more.
_FILES: Final = 1000
# What some file system or terminal takes for something else than a letter, half characters of JSON among it.
_NAME: Final = re.compile(r'[^\x00-\x1f\x7f-\x9f\ud800-\udfff/\\:*?"<>|]+')
# Every file system takes 255 bytes; ours are longer by an ending while they are written.
_NAME_BYTES: Final = 200
_DEPTH: Final = 8
_FILE_BYTES: Final = 10**12
_DIGESTS: Final = {"sha256": 64, "git": 40}


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file as its source lists it."""

    path: str
    """Relative, with `/`, checked by `listing`."""
    size: int
    """Bytes."""
    digest: str
    """`sha256:HEX`, `git:HEX` (what git calls a blob with this content), or empty where the source tells none."""
    url: str = ""
    local: Path | None = None
    """Where it lies on this machine, instead of an address."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A model's files at one moment."""

    source: str
    """Who listed it: an address or a folder."""
    revision: str
    """The commit where the source has one, else the name that was asked for."""
    files: tuple[RemoteFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def config(self) -> RemoteFile:
        """The file that says what the model is. Raises PullFailed."""
        for file in self.files:
            if file.path == CONFIG:
                return file
        raise PullFailed(f"{self.source} lists no {CONFIG}: that is not a model")


def listing(source: str, revision: str, files: Iterable[RemoteFile]) -> Listing:
    """The listing without hidden files. Raises PullFailed for names that could lead out of a folder, and for nonsense."""
    kept = tuple(file for file in files if not _hidden(_checked(file, source).path))
    folders = {str(parent).casefold() for file in kept for parent in PurePosixPath(file.path).parents}
    names = [file.path.casefold() for file in kept]
    if len(set(names)) < len(names) or folders & set(names):
        raise PullFailed(f"{source} lists two files of the same name; nothing was written")
    if len(kept) > _FILES:
        raise PullFailed(f"{source} lists {len(kept)} files; no Qwen3-TTS model has more than {_FILES}")
    return Listing(source, revision, kept)


def safe(path: str) -> bool:
    """Whether it names a file below a folder, whichever folder that is."""
    parts = path.split("/")
    return len(parts) <= _DEPTH and all(
        _NAME.fullmatch(part) and part.strip(". ") and len(part.encode()) <= _NAME_BYTES for part in parts
    )


def _checked(file: RemoteFile, source: str) -> RemoteFile:
    if not safe(file.path):
        raise PullFailed(f"{source} lists a file named {file.path[:200]!r}, which no model has; nothing was written")
    algorithm, _, value = file.digest.partition(":")
    if file.digest and not (re.fullmatch("[0-9a-f]+", value) and len(value) == _DIGESTS.get(algorithm)):
        raise PullFailed(f"{source} lists {file.path} with a digest that is none: {file.digest[:100]!r}")
    if not 0 <= file.size <= _FILE_BYTES:
        raise PullFailed(f"{source} lists {file.path} with a size of {file.size} bytes")
    return file


def _hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))
