"""The lexicon's file: words and what is said for them, kept in one JSON file that people edit as well.

<data>/voices/lexicon.json   {"schema": 1, "entries": [{"word": "Ngô", "say": "Ngo", "language": "de"}, …]}
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from voices import disk

SCHEMA: Final = 1
# A dictionary of a hundred thousand words; whatever is larger is no lexicon.
MAX_BYTES: Final = 16 * 1024 * 1024
# Each is looked for by itself in every sentence: 200 take about two milliseconds.
MAX_PATTERNS: Final = 200
# Kernels stamp files with the time of their last tick, at most 10 ms apart: what was read so soon after its stamp may have
# been changed since without looking so, and is read once more.
_SETTLED_NS: Final = 100_000_000

_Signature = tuple[int, int, int, int]

_TEXTS: Final = ("word", "say")
_SCOPES: Final = ("language", "voice")
_FLAGS: Final = ("regex", "case")
_KEYS: Final = (*_TEXTS, *_SCOPES, *_FLAGS)


class LexiconBroken(Exception):
    """The file cannot be used as it is; says what is wrong with it and where."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A word, and what is said for it."""

    word: str
    say: str
    language: str | None = None
    """BCP-47; None is all languages."""
    voice: str | None = None
    """A voice's id; None is all voices."""
    regex: bool = False
    """Whether the word is a pattern."""
    case: bool = False
    """Whether it counts if letters are large or small."""

    @property
    def key(self) -> tuple[str, str | None, str | None]:
        """No two entries of a lexicon have the same one."""
        return self.word, self.language, self.voice


class LexiconFile:
    """The entries, as the file has them now. Calls block on the disk; any thread, and other processes, may make them."""

    def __init__(self, path: Path, check: Callable[[Entry], None] = lambda entry: None) -> None:
        """`check` raises ValueError for an entry that cannot be used; the file need not exist yet."""
        self.path = path
        self._check = check
        self._lock = threading.Lock()
        self._seen: _Signature | None = None
        """What the file looked like when it was read last; None when it has to be read."""
        self._entries: tuple[Entry, ...] = ()
        self._problem = ""

    @classmethod
    def below(cls, data_dir: Path, check: Callable[[Entry], None] = lambda entry: None) -> LexiconFile:
        """That of a data folder."""
        return cls(data_dir / "voices" / "lexicon.json", check)

    def entries(self) -> tuple[Entry, ...]:
        """Read again where the file has changed; while it is broken, those that it had before. The same object as long
        as nothing has changed."""
        with self._lock:
            self._refresh()
            return self._entries

    def problem(self) -> str:
        """What is wrong with the file; "" when nothing is."""
        with self._lock:
            self._refresh()
            return self._problem

    def put(self, entry: Entry) -> None:
        """Keep an entry, in the place of one for the same word, language and voice.

        Raises ValueError for one that cannot be used, LexiconBroken, StoreFailed.
        """
        self._check(entry)
        with self._changing() as entries:
            places = [place for place, kept in enumerate(entries) if kept.key == entry.key]
            if places:
                entries[places[0]] = entry
            else:
                entries.append(entry)

    def remove(self, word: str, language: str | None = None, voice: str | None = None) -> bool:
        """Forget an entry; False when there is none. Raises LexiconBroken, StoreFailed."""
        with self._changing() as entries:
            kept = [entry for entry in entries if entry.key != (word, language, voice)]
            found = len(kept) < len(entries)
            entries[:] = kept
        return found

    @contextmanager
    def _changing(self) -> Iterator[list[Entry]]:
        """The entries as they are, alone with the file; written when they have changed. A broken file is left alone."""
        with disk.exclusive(self.path.with_name(".lexicon.lock")):
            disk.sweep(self.path.parent)
            before = self.entries()
            if problem := self.problem():
                raise LexiconBroken(f"{problem}; mend the file first")
            entries = list(before)
            yield entries
            _few_patterns(entries)
            if tuple(entries) != before:
                disk.replace(self.path, _encoded(entries))
                self.entries()  # what was kept is known, whatever becomes of the file

    def _refresh(self) -> None:
        try:
            look = _look(self.path)
            if look is None or look != self._seen:
                found = self._read() if look else ()
                if found != self._entries:  # it is the same object as long as nothing has changed
                    self._entries = found
                self._problem = ""
        except LexiconBroken as error:
            self._problem = str(error)
        except OSError as error:
            look, self._problem = None, f"{self.path}: {error.strerror or error}"
        self._seen = look if look and time.time_ns() - look[0] > _SETTLED_NS else None

    def _read(self) -> tuple[Entry, ...]:
        with self.path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise LexiconBroken(f"{self.path} is larger than {MAX_BYTES // 1024**2} MB")
        try:
            found = json.loads(data.decode("utf-8-sig"))
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            raise LexiconBroken(f"{self.path} is not JSON in UTF-8: {error}") from None
        if not isinstance(found, dict) or found.get("schema") != SCHEMA or not isinstance(found.get("entries"), list):
            raise LexiconBroken(f'{self.path} does not begin with {{"schema": {SCHEMA}, "entries": […]}}')
        entries: dict[tuple[str, str | None, str | None], Entry] = {}
        for number, row in enumerate(found["entries"], 1):
            try:
                entry = _entry(row)
                self._check(entry)
            except ValueError as error:
                raise LexiconBroken(f"{self.path}, entry {number}: {error}") from None
            entries[entry.key] = entry
        try:
            _few_patterns(entries.values())
        except ValueError as error:
            raise LexiconBroken(f"{self.path}: {error}") from None
        return tuple(entries.values())


def _entry(row: object) -> Entry:
    """Raises ValueError."""
    if not isinstance(row, dict):
        raise ValueError('an entry is {"word": "…", "say": "…"}')
    if unknown := [key for key in row if key not in _KEYS]:
        raise ValueError(f"{str(unknown[0])[:40]!r} is not known; an entry has {', '.join(_KEYS)}")
    for key in _TEXTS:
        if not isinstance(row.get(key), str):
            raise ValueError(f"{key!r} is missing or no text")
    for key in _SCOPES:
        if not isinstance(row.get(key), str | None):
            raise ValueError(f"{key!r} is no text")
    for key in _FLAGS:
        if not isinstance(row.get(key, False), bool):
            raise ValueError(f"{key!r} is neither true nor false")
    return Entry(**row)


def _few_patterns(entries: Iterable[Entry]) -> None:
    if (found := sum(entry.regex for entry in entries)) > MAX_PATTERNS:
        raise ValueError(
            f"{found} entries are patterns, and a lexicon holds {MAX_PATTERNS}; of words it holds any number"
        )


def _encoded(entries: Sequence[Entry]) -> bytes:
    """One entry a line, as people like to read and to compare it."""
    rows = [{key: value for key, value in asdict(entry).items() if value not in (None, False)} for entry in entries]
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    return f'{{"schema": {SCHEMA}, "entries": [\n{lines}\n]}}\n'.encode()


def _look(path: Path) -> _Signature | None:
    """What changes when a file does; None when there is none. Raises OSError."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
