"""The zip that an EPUB is: read within bounds, never out of itself, and never what is locked."""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from typing import Final
from urllib.parse import unquote

from daemon.text.books.book import BadBook, Problem

# The longest novels have a few hundred files, illustrated ones a few thousand.
_MOST_FILES: Final = 20_000
# A chapter's text; one file with a whole Bible in it has 6 MB.
_LONGEST_FILE: Final = 32_000_000
# All that is read of one book; ten hours of speech are half a million characters.
_LONGEST_BOOK: Final = 128_000_000
# Text shrinks to a fifth, tables of one word to a fiftieth; nothing honest of this size shrinks further.
_MOST_RATIO: Final = 200
_RATIO_FROM: Final = 1_000_000

_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    OverflowError,
)


class Archive:
    """The files of an EPUB by their names."""

    def __init__(self, data: bytes) -> None:
        """Raises BadBook."""
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            entries = self._zip.infolist()
        except (*_BROKEN, NotImplementedError) as error:
            raise BadBook(Problem("", f"this is no EPUB that can be read, for its zip is broken: {error}")) from None
        if len(entries) > _MOST_FILES:
            raise BadBook(Problem("", f"it holds {len(entries)} files, and no book needs more than {_MOST_FILES}"))
        self._entries = {entry.filename: entry for entry in entries if entry.filename.strip("/")}
        self._left = _LONGEST_BOOK

    @property
    def names(self) -> list[str]:
        """Of all its files, as the zip has them."""
        return list(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str) -> bytes:
        """A file's bytes. Raises BadBook."""
        entry = self._entries.get(name)
        if entry is None:
            raise BadBook(Problem(name, "the book names this file and does not hold it"))
        if entry.flag_bits & 1:
            raise BadBook(Problem(name, "it is encrypted in the zip: only a book without a lock can be read"))
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BadBook(Problem(name, "it is packed otherwise than EPUB allows: save the book anew"))
        limit = min(_LONGEST_FILE, self._left)
        if entry.file_size > _RATIO_FROM:
            limit = min(limit, _MOST_RATIO * entry.compress_size)
        try:
            with self._zip.open(entry) as file:
                data = file.read(limit + 1)
        except (*_BROKEN, NotImplementedError) as error:
            raise BadBook(Problem(name, f"it is broken in the zip: {error}")) from None
        if len(data) > limit:
            raise BadBook(Problem(name, f"it unpacks to more than {limit} bytes, which no book needs"))
        self._left -= len(data)
        return data


def inside(base: str, link: str) -> str | None:
    """The file that a link in `base` means; None where it leads out of the book."""
    path = unquote(link.partition("#")[0].partition("?")[0]).replace("\\", "/")
    if not path:
        return base
    if path.startswith("/") or ":" in path.partition("/")[0]:
        return None
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(base), path))
    return None if joined.startswith("../") or joined in ("..", ".") else joined
