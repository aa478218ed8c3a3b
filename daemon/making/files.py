"""Recordings that are sent once and spoken with often, and those that lie elsewhere: what the doors do with both."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, Self, TypeVar

from daemon.faults import PathNotAllowed
from daemon.imprints import MIN_SECONDS
from daemon.settings import Settings
from models.worker import Worker
from outputs.decoder import Measured, UnreadableAudio, measure
from voices.files.addresses import hosts
from voices.files.fetch import Fetcher
from voices.files.uploads import Arriving, FileTooLarge, Sound, Upload, Uploads, UploadsFailed

_LOG = logging.getLogger(__name__)

# A voice takes a minute at most; ten hold a whole session at the microphone, of which somebody has yet to choose.
MAX_SECONDS: Final = 600.0
# So many half files of the largest size may lie on the disk; whoever comes next is not read from before one of them is done.
MAX_RECEIVING: Final = 8
# Ten minutes of sound are decoded in half a second: one file after the other disturbs speech least.
MAX_DECODING: Final = 1
# Each has a thread until it is done, though nobody may wait for it any more.
MAX_FETCHING: Final = 4
# A disk is told what it can take in a millisecond; a thread is not asked for every packet.
WRITE_BYTES: Final = 256 * 1024
SWEEP_EVERY_S = 600.0
_DAY_S: Final = 86_400.0

_T = TypeVar("_T")


# The same for every reason: a caller learns nothing of files that are not for it.
_NOT_THERE: Final = "no such recording lies in a folder that the setting `reference_dirs` names"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a file that is kept."""

    id: str
    size: int
    sound: Sound
    expires: datetime | None
    """When it is forgotten if nobody uses it; None is never."""


class Files:
    """Uploads, and the files of hosts that the settings allow."""

    def __init__(
        self, uploads: Uploads, fetcher: Fetcher, *, max_bytes: int, max_days: float | None, max_total: int | None,
        folders: Sequence[Path] = (),
    ) -> None:  # fmt: skip
        self.max_bytes = max_bytes if max_total is None else min(max_bytes, max_total)
        """Of one file."""
        self._uploads, self._fetcher = uploads, fetcher
        self._max_days, self._max_total = max_days, max_total
        self._folders = tuple(folders)
        self._receiving = asyncio.Semaphore(MAX_RECEIVING)
        self._decoding = asyncio.Semaphore(MAX_DECODING)
        self._fetching = asyncio.Semaphore(MAX_FETCHING)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the settings have them."""
        total = None if settings.files_max_mb is None else int(settings.files_max_mb * 1e6)
        return cls(
            Uploads.below(settings.data_dir),
            Fetcher(hosts(settings.fetch_hosts), private=settings.fetch_private),
            max_bytes=int(settings.upload_mb * 1e6),
            max_days=settings.files_max_days,
            max_total=total,
            folders=[Path(folder).expanduser() for folder in settings.reference_dirs],
        )

    async def receive(self, chunks: AsyncIterable[bytes]) -> FileFacts:
        """Keep a recording as it comes. The same bytes again are the same file.

        Raises FileTooLarge, UnreadableAudio, UploadsFailed and what `chunks` raises; then nothing of it is left.
        """
        async with self._receiving:
            arriving = await _done(partial(self._uploads.begin, self.max_bytes), undo=Arriving.discard)
            try:
                await _fill(arriving, chunks)
                upload = await self._kept(arriving)
            finally:
                arriving.discard()
        await asyncio.to_thread(self._uploads.sweep, self._max_age_s, self._max_total, spare=upload.id)
        return self._facts(upload)

    async def facts(self, file_id: str) -> FileFacts:
        """Raises UnknownFile and UploadsFailed."""
        return self._facts(await asyncio.to_thread(self._uploads.find, file_id))

    async def read(self, file_id: str, max_bytes: int) -> bytes:
        """All of a file, used from now on. Raises UnknownFile, FileTooLarge and UploadsFailed."""
        async with self.held(file_id) as upload:
            if upload.size > max_bytes:
                told = f"{upload.id} has {upload.size / 1e6:.1f} MB, and {max_bytes / 1e6:.0f} are the most that is taken here"
                raise FileTooLarge(f"{told}: a minute of 48 kHz stereo; 3 to 15 s are best")
            return await asyncio.to_thread(upload.path.read_bytes)

    async def path(self, file_id: str) -> Path:
        """Where a file lies, used from now on; the last to be removed, but see `held`. Raises UnknownFile and UploadsFailed."""
        async with self.held(file_id) as upload:
            return upload.path

    @asynccontextmanager
    async def held(self, file_id: str) -> AsyncIterator[Upload]:
        """A file that is not removed before the block ends. Raises UnknownFile and UploadsFailed."""
        with ExitStack() as stack:
            enter = partial(stack.enter_context, self._uploads.held(file_id))
            yield await _done(enter)

    async def remove(self, file_id: str) -> None:
        """Raises UnknownFile, FileBusy and UploadsFailed."""
        await asyncio.to_thread(self._uploads.remove, file_id)

    async def fetch(self, url: str, max_bytes: int) -> bytes:
        """The file at a URL. Raises UrlNotAllowed and FetchFailed."""
        self._fetcher.check(url)
        await self._fetching.acquire()
        worker = Worker("fetch")
        work = partial(self._fetcher.fetch, url, max_bytes)
        fetching = asyncio.create_task(worker.do(work), name=f"fetch {url[:80]}")
        fetching.add_done_callback(lambda task: self._fetched(worker, task))
        return await asyncio.shield(fetching)

    async def local(self, path: str, max_bytes: int) -> bytes:
        """A file of this machine, below a folder that the settings allow. Raises PathNotAllowed and FileTooLarge."""
        return await asyncio.to_thread(_read, path, self._folders, max_bytes)

    async def sweep(self) -> None:
        """Forget what is unused for too long or too much, and what a kill has left, now and then, until cancelled."""
        while True:
            try:
                gone = await asyncio.to_thread(self._uploads.sweep, self._max_age_s, self._max_total)
            except UploadsFailed as error:
                _LOG.warning("old files could not be removed: %s", error)
            else:
                if gone:
                    _LOG.info("removed %d files that nobody used", len(gone))
            await asyncio.sleep(SWEEP_EVERY_S)

    @property
    def _max_age_s(self) -> float | None:
        return None if self._max_days is None else self._max_days * _DAY_S

    async def _kept(self, arriving: Arriving) -> Upload:
        """Raises UnreadableAudio and UploadsFailed."""
        if (known := await _done(partial(self._uploads.reuse, arriving.digest))) is not None:
            return known
        async with self._decoding:
            heard = await _done(partial(_listen, arriving.path))
        sound = Sound(heard.seconds, heard.sample_rate, heard.channels, heard.kind)
        return await _done(partial(self._uploads.keep, arriving, sound))

    def _facts(self, upload: Upload) -> FileFacts:
        expires = None if self._max_days is None else upload.used + timedelta(days=self._max_days)
        return FileFacts(upload.id, upload.size, upload.sound, expires)

    def _fetched(self, worker: Worker, task: asyncio.Task[bytes]) -> None:
        worker.stop()
        self._fetching.release()
        if not task.cancelled():
            task.exception()  # whoever asked may be gone


async def _fill(arriving: Arriving, chunks: AsyncIterable[bytes]) -> None:
    waiting = bytearray()
    async for chunk in chunks:
        waiting += chunk
        if len(waiting) >= WRITE_BYTES:
            await _done(partial(arriving.write, waiting))
            waiting = bytearray()
    await _done(partial(arriving.write, waiting))


def _listen(path: Path) -> Measured:
    with path.open("rb") as file:
        heard = measure(file, max_seconds=MAX_SECONDS)
    if heard.seconds < MIN_SECONDS:
        raise UnreadableAudio(f"the recording lasts {heard.seconds:.2f} s; 3 to 15 s of one voice are best")
    return heard


async def _done(work: Callable[[], _T], undo: Callable[[_T], object] | None = None) -> _T:
    """Work in a thread, to its end also when nobody waits for it any more: what it works on must not vanish below it."""
    thread = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        await asyncio.wait([thread])
        if thread.exception() is None and undo is not None:
            undo(thread.result())
        raise


def _read(path: str, folders: Sequence[Path], max_bytes: int) -> bytes:
    """What lies there, wherever links lead to."""
    try:
        found = Path(path).expanduser().resolve(strict=True)
        allowed = any(found.is_relative_to(folder.resolve()) for folder in folders)
        if not allowed or not found.is_file():
            raise PathNotAllowed(_NOT_THERE)
        if (size := found.stat().st_size) > max_bytes:
            raise FileTooLarge(
                f"{found.name} has {size / 1e6:.1f} MB, and {max_bytes / 1e6:.0f} are the most taken here"
            )
        return found.read_bytes()
    except (OSError, ValueError, RuntimeError) as error:
        raise PathNotAllowed(_NOT_THERE) from error
