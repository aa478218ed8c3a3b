"""The profiles below one folder, as they are on the disk now."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from voices.disk import storage
from voices.document import MAX_BYTES, BrokenProfile, read
from voices.profile import Profile

SUFFIX: Final = ".json"
# Looking at 300 files takes almost 1 ms, which is too much for every request and nothing five times a second.
RESCAN_S: Final = 0.2
# Kernels stamp files with the time of their last tick, at most 10 ms apart: of two edits within one, of the same length,
# the second looks like the first. What was read so soon after its stamp is read once more.
_SETTLED_NS: Final = 100_000_000

Signature = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Broken:
    """A file that is no good, or not all of it."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class View:
    """All that is in the folder at one instant."""

    profiles: tuple[Profile, ...] = ()
    """The valid ones, sorted by id, each with the aliases that are really its own."""
    broken: tuple[Broken, ...] = ()
    names: Mapping[str, Profile] = field(default_factory=dict)
    """By id and by alias."""
    files: Mapping[str, Profile] = field(default_factory=dict)
    """By id, as they are written."""
    taken: frozenset[str] = frozenset()
    """Every name that a new voice cannot have, those of broken files included."""


@dataclass(frozen=True, slots=True)
class _Page:
    """One file: what it looked like when it was read, and what was in it."""

    signature: Signature
    settled: bool
    found: Profile | Broken


class Folder:
    """Profiles in a folder that need not exist yet. Any thread may call; the disk is read, never written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._pages: dict[str, _Page] = {}
        self._view = View()
        self._due = 0.0

    def view(self, *, fresh: bool = False) -> View:
        """What is there: at this instant, or a moment ago. The same object as long as nothing has changed.

        Raises StoreFailed.
        """
        with self._lock:
            if fresh or time.monotonic() >= self._due:
                self._look()
                self._due = time.monotonic() + RESCAN_S
            return self._view

    def expire(self) -> None:
        """Let the next view be of that instant."""
        with self._lock:
            self._due = 0.0

    def _look(self) -> None:
        pages = dict(self._turned())
        if pages.keys() != self._pages.keys() or any(_differ(page, self._pages[name]) for name, page in pages.items()):
            self._view = _arranged([page.found for page in pages.values()])
        self._pages = pages

    def _turned(self) -> Iterator[tuple[str, _Page]]:
        """Every file with what is in it; only those that have changed are opened."""
        for name in self._names():
            known = self._pages.get(name)
            try:
                about = os.stat(f"{self.path}/{name}")  # noqa: PTH116 twice as fast as by a Path
                sign = (about.st_mtime_ns, about.st_ctime_ns, about.st_size, about.st_ino)
                if known is None or not known.settled or known.signature != sign:
                    known = self._read(name, about, sign)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                known = _Page((0, 0, 0, 0), False, Broken(_shown(name), f"cannot be read: {error.strerror or error}"))
            yield name, known

    def _names(self) -> Sequence[str]:
        """Those known before are looked for besides: a folder that is written to may hide one from whoever lists it."""
        with storage(self.path):
            try:
                with os.scandir(self.path) as entries:
                    listed = {one.name for one in entries if one.name.endswith(SUFFIX) and one.name[0] != "."}
            except (FileNotFoundError, NotADirectoryError):
                return []
        return sorted(listed | self._pages.keys())

    def _read(self, name: str, about: os.stat_result, sign: Signature) -> _Page:
        """Raises OSError."""
        settled = abs(time.time_ns() - about.st_ctime_ns) > _SETTLED_NS
        try:
            return _Page(sign, settled, self._profile(name, about))
        except BrokenProfile as error:
            return _Page(sign, settled, Broken(_shown(name), str(error)))

    def _profile(self, name: str, about: os.stat_result) -> Profile | Broken:
        if not stat.S_ISREG(about.st_mode):
            return Broken(_shown(name), "is no file")
        if about.st_size > MAX_BYTES:
            return Broken(_shown(name), f"has {about.st_size} bytes, and no profile needs more than {MAX_BYTES}")
        profile = read((self.path / name).read_bytes())
        if name != profile.id + SUFFIX:
            return Broken(_shown(name), f"its id is {profile.id!r}, so it must be called {profile.id + SUFFIX!r}")
        return replace(profile, stored=True)


def _differ(page: _Page, before: _Page) -> bool:
    return page is not before and page.found != before.found


def _arranged(found: Sequence[Profile | Broken]) -> View:
    """An id goes before an alias, and of two equal aliases that of the first id."""
    files = {one.id: one for one in sorted((one for one in found if isinstance(one, Profile)), key=_id)}
    broken = [one for one in found if isinstance(one, Broken)]
    names, profiles = dict(files), []
    for profile in files.values():
        lost = [alias for alias in profile.aliases if alias in names]
        broken += [Broken(profile.id + SUFFIX, _claimed(alias, names[alias])) for alias in lost]
        mine = tuple(alias for alias in profile.aliases if alias not in lost)
        profiles.append(replace(profile, aliases=mine) if lost else profile)
        names |= dict.fromkeys((profile.id, *mine), profiles[-1])
    taken = frozenset(names) | {one.file.removesuffix(SUFFIX) for one in broken}
    return View(tuple(profiles), tuple(sorted(broken, key=lambda one: one.file)), names, files, taken)


def _claimed(alias: str, owner: Profile) -> str:
    return f"its alias {alias!r} is {'the id' if alias == owner.id else 'an alias'} of {owner.id!r} already"


def _id(profile: Profile) -> str:
    return profile.id


def _shown(name: str) -> str:
    """The name of a file that may be any bytes, as text that every door can send."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
