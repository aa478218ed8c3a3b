"""Clone prompts on the disk: what a model made of a recording once is there after a restart."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from voices import disk

# A prompt is 4 to 30 kB, and made again in seconds: this is every voice of a large house with every model, in 30 MB.
MAX_PROMPTS: Final = 1000
# For models whose prompts are larger.
MAX_BYTES: Final = 256_000_000

KEY: Final = re.compile(r"[0-9a-f]{64}")
# Before the digest of what follows; another layout gets another line.
_HEAD: Final = b"voiced prompt 1\n"
_DIGEST_BYTES: Final = 32


def key(model: str, digest: str, transcript: str | None, mode: str) -> str:
    """The name of what a model, by its fingerprint, makes of a recording, by its digest, used in this way."""
    return of_voice(digest, transcript, mode) + _hex(model)


def of_voice(digest: str, transcript: str | None, mode: str) -> str:
    """How all keys of a recording that is used in this way begin, whatever the model. Its sound alone has no words."""
    return _hex(digest, None if mode == "embedding" else transcript, mode)


class Prompts:
    """A cache in a folder that need not exist yet. Calls block on the disk; any thread or process may make them."""

    def __init__(self, folder: Path, *, max_prompts: int = MAX_PROMPTS, max_bytes: int = MAX_BYTES) -> None:
        self.folder = folder
        self._max_prompts, self._max_bytes = max_prompts, max_bytes

    @classmethod
    def below(cls, data_dir: Path) -> Prompts:
        """Those of a data folder."""
        return cls(data_dir / "voices" / "prompts")

    def get(self, key: str) -> bytes | None:
        """What was put there; None where there is nothing, or nothing that can be read. Never fails: it is made again."""
        path = self._path(key)
        try:
            kept = path.read_bytes()
        except OSError:
            return None
        data = _opened(kept)
        with suppress(OSError):  # the folder may be read-only
            if data is None:
                path.unlink()
            else:
                os.utime(path)
        return data

    def put(self, key: str, data: bytes) -> None:
        """Keep a prompt; those that were not used for longest make room. Raises StoreFailed."""
        path = self._path(key)
        with disk.exclusive(self.folder / ".lock"):
            disk.sweep(self.folder)
            # A power cut may take it: the digest tells, and to wait for the disk would cost what the cache saves.
            disk.replace(path, _HEAD + hashlib.sha256(data).digest() + data, durable=False)
            self._make_room()

    def found(self, start: str) -> Mapping[str, bytes]:
        """All whose keys begin like this: with `of_voice`, those of one voice. Raises StoreFailed."""
        keys = sorted(path.name for _, _, path in self._entries() if path.name.startswith(start))
        return {key: data for key in keys if (data := self.get(key)) is not None}

    def forget(self, key: str) -> None:
        """Throw a prompt away, if it is there. Raises StoreFailed."""
        disk.remove(self._path(key))

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise ValueError(f"{key[:80]!r} is no key of a prompt: 64 digits of small hex")
        return self.folder / key

    def _make_room(self) -> None:
        """Newest first, as many as may stay; the rest goes."""
        total = 0
        for at, (_, size, path) in enumerate(sorted(self._entries(), reverse=True)):
            total += size
            if at >= self._max_prompts or total > self._max_bytes:
                with disk.storage(path):
                    path.unlink(missing_ok=True)

    def _entries(self) -> Iterator[tuple[int, int, Path]]:
        """When each was used last, its bytes and where it is."""
        with disk.storage(self.folder), suppress(FileNotFoundError), os.scandir(self.folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # forgotten at this moment
                    if KEY.fullmatch(entry.name):
                        about = entry.stat()
                        yield about.st_mtime_ns, about.st_size, Path(entry.path)


def _opened(kept: bytes) -> bytes | None:
    """What is in an entry; None for one that is cut off, damaged or none."""
    start = len(_HEAD) + _DIGEST_BYTES
    data = kept[start:]
    whole = kept.startswith(_HEAD) and kept[len(_HEAD) : start] == hashlib.sha256(data).digest()
    return data if whole else None


def _hex(*parts: str | None) -> str:
    """Half of a key: 128 bits that nobody meets by chance or on purpose."""
    return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()[:32]
