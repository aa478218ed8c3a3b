"""One file over HTTP: goes on at the byte where it stopped, as often as it takes, and is checked when it is whole."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import Final

from models.checkpoints.client import Broken, Client, OutOfRange, PullFailed, is_page
from models.checkpoints.digest import fits
from models.checkpoints.listing import RemoteFile

# Seconds between two tries: doubled each time, at most this.
_LONGEST_WAIT_S: Final = 30.0
_PAGES: Final = (".html", ".htm", ".md")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a pull is tried."""

    stall_s: float = 30.0
    """Seconds without a byte after which a connection is given up."""
    retries: int = 5
    """Tries after the first that brought no byte further."""
    wait_s: float = 1.0
    """Seconds before the second try; twice as many before each further one."""
    sleep: Callable[[float], None] = time.sleep
    """How they are waited for; what it raises ends the pull."""

    def wait(self, failed: int, asked_s: float = 0.0) -> None:
        """Pause before the next try."""
        self.sleep(min(max(self.wait_s * 2 ** (failed - 1), asked_s), _LONGEST_WAIT_S))


class Download:
    """A file on its way into `part`; the server's word for its version lies beside it, in `part`.etag."""

    def __init__(self, client: Client, file: RemoteFile, part: Path, patience: Patience) -> None:
        self.file, self.part = file, part
        self._client, self._patience = client, patience
        self._etag = part.with_name(f"{part.name}.etag")
        self._went_on = False

    @property
    def have(self) -> int:
        """The bytes that are here."""
        return self.part.stat().st_size if self.part.exists() else 0

    def run(self, moved: Callable[[str, int], None]) -> int:
        """Until the file is whole and is what its digest says; returns how many bytes were here before.

        `moved` hears "fetching" and "checking" with the bytes done. Raises PullFailed, and OSError of the disk; what is
        right so far stays for the next time.
        """
        before = self.have if self.have <= self.file.size and not self._shared() else self._forget()
        self._fetch(moved)
        if not self._checked(moved) and (before or self._went_on):
            # Parts of two days, or of two versions; once more, all at once.
            before = self._forget()
            self._fetch(moved)
            self._checked(moved)
        if not self.part.exists():
            raise PullFailed(
                f"{self.file.path} is not what the listing says ({self.file.digest}): it was changed on its way or at its"
                " source; pull again, or from another source"
            )
        self._etag.unlink(missing_ok=True)
        return before

    def _fetch(self, moved: Callable[[str, int], None]) -> None:
        """All bytes, in as many tries as bring them further."""
        failed, best = 0, self.have
        while self.have < self.file.size or not self.part.exists():
            try:
                self._try(moved)
            except Broken as error:
                failed, best = (1 if self.have > best else failed + 1), max(best, self.have)
                if failed > self._patience.retries:
                    raise PullFailed(f"{self.file.path}: {error}; {self._kept()}") from error
                self._patience.wait(failed, error.wait_s)

    def _try(self, moved: Callable[[str, int], None]) -> None:
        """One request, from the first byte that is missing."""
        if not self.file.size:
            self.part.touch()
            return
        start = self.have
        try:
            with self._client.open(self.file.url, self._range(start)) as answer:
                self._write(answer, self._agree(answer, start), moved)
        except OutOfRange as error:
            self._forget()
            raise Broken(str(error)) from None
        if self.have < self.file.size:
            raise Broken(f"the connection was cut after {self.have} of {self.file.size} bytes")

    def _write(self, answer: HTTPResponse, start: int, moved: Callable[[str, int], None]) -> None:
        # Unbuffered: what was received survives a kill.
        with self.part.open("r+b" if start else "wb", buffering=0) as out:
            done = out.seek(start)
            moved("fetching", done)
            for data in self._client.chunks(answer):
                done += len(data)
                if done > self.file.size:
                    self._forget()
                    raise PullFailed(
                        f"{self.file.path}: the server sends more than the {self.file.size} bytes of the listing"
                    )
                view = memoryview(data)
                while view:
                    view = view[out.write(view) :]
                moved("fetching", done)

    def _range(self, start: int) -> dict[str, str]:
        """The rest only, and only if the file is still the same."""
        if not start:
            return {}
        etag = self._etag.read_text("utf-8") if self._etag.exists() else ""
        return {"Range": f"bytes={start}-"} | ({"If-Range": etag} if etag else {})

    def _agree(self, answer: HTTPResponse, start: int) -> int:
        """Where the bytes of this answer belong: `start`, or 0 when all comes anew. Raises PullFailed when they do not."""
        if is_page(answer) and not self.file.path.endswith(_PAGES):
            raise PullFailed(
                f"{self.file.path}: the server sends a web page instead of the file; is there a login, or a network that"
                " wants you to sign in?"
            )
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise PullFailed(f"{self.file.path}: the server packs it on the way; its bytes must come as they are")
        self._same_size(answer, start)
        start = start if answer.status == 206 else 0
        etag = answer.headers.get("ETag", "")
        if start and self._etag.exists() and etag and etag != self._etag.read_text("utf-8"):
            self._forget()
            raise Broken("the file was changed meanwhile")
        if etag.startswith('"') and etag.isascii() and etag.isprintable():  # a weak one says nothing about bytes
            self._etag.write_text(etag, "utf-8")
        else:
            self._etag.unlink(missing_ok=True)
        self._went_on |= bool(start)
        return start

    def _same_size(self, answer: HTTPResponse, start: int) -> None:
        """Whether the server and the listing mean the same file."""
        told, first = answer.headers.get("Content-Length", ""), 0
        if answer.status == 206:
            span = re.fullmatch(
                r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", answer.headers.get("Content-Range", "").strip()
            )
            if not span or int(span[1]) != start:
                raise PullFailed(f"{self.file.path}: the server sends another part of it than was asked for")
            first, told = start, str(int(span[2]) + 1 - start) if span[3] == "*" else str(int(span[3]) - start)
        if re.fullmatch(r"\d{1,18}", told) and int(told) != self.file.size - first:
            raise PullFailed(
                f"{self.file.path}: the listing says {self.file.size} bytes, the server says {first + int(told)}; one of"
                " them is wrong, so nothing of it is used: pull again later, or from another source"
            )

    def _checked(self, moved: Callable[[str, int], None]) -> bool:
        """Whether it is what its digest says; what is not is thrown away."""
        good = fits(self.part, self.file.digest, lambda done: moved("checking", done))
        if not good:
            self._forget()
        return good

    def _shared(self) -> bool:
        """Whether somebody else has the same bytes under another name: they are not ours to write on."""
        return self.part.exists() and self.part.stat().st_nlink > 1

    def _forget(self) -> int:
        self.part.unlink(missing_ok=True)
        self._etag.unlink(missing_ok=True)
        return 0

    def _kept(self) -> str:
        return f"{self.have} of {self.file.size} bytes are kept, and pulling again goes on from there"
