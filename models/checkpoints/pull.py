"""A model comes here whole or not at all: its listing, its files, each checked, and then its folder at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from models.checkpoints import admission
from models.checkpoints.catalog import CONFIG, Checkpoint, recognise
from models.checkpoints.client import Broken, PullFailed
from models.checkpoints.digest import digest_of, fits
from models.checkpoints.download import Download
from models.checkpoints.listing import Listing, RemoteFile
from models.checkpoints.manifest import MANIFEST, Known, Manifest
from models.checkpoints.order import Order
from models.checkpoints.tensorfile import cut
from models.checkpoints.workshop import Workshop, disk

_COPY_BYTES: Final = 1 << 20
# A hub that cannot be reached is told of after 3 s, not after a minute; a file is worth more patience.
_LISTING_RETRIES: Final = 2


@dataclass(frozen=True, slots=True)
class Moment:
    """How far a pull or a check is."""

    doing: str
    """`fetching` or `checking`."""
    path: str
    done: int
    """Bytes: of all files while fetching, of this one while checking."""
    total: int


Watch = Callable[[Moment], None]


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull has brought."""

    checkpoint: Checkpoint
    source: str
    revision: str
    files: int
    bytes: int
    fetched_bytes: int
    """What really came now; the rest was here."""


def pull(order: Order, models_dir: Path, watch: Watch = lambda _: None) -> Pulled:
    """Blocks until the model is here and whole. What `watch` raises ends it; what is here by then is kept.

    Raises PullFailed.
    """
    with disk(models_dir), Workshop(models_dir, order.slug) as shop:
        return _Pull(order, shop, models_dir / order.folder, watch).run()


class _Pull:
    """One pull of one model, in a workshop that is its own."""

    def __init__(self, order: Order, shop: Workshop, target: Path, watch: Watch) -> None:
        self._order, self._shop, self._target, self._watch = order, shop, target, watch
        self._client = order.hub.client(order.patience.stall_s)
        self._listing = Listing("", "", ())
        self._done: dict[str, int] = {}
        self._fetched = 0

    def run(self) -> Pulled:
        """Config first, so that nothing large is fetched for what is no Qwen3-TTS model."""
        admission.see_place(self._target, self._order.repo)
        self._listing = listing = self._list()
        here = self._here()
        if len(here) < len(listing.files):
            self._done = {file.path: self._shop.gathered([file]) for file in listing.files}
            self._make_room(here)
            self._take(listing.config, here)
            self._see_config()
            for file in sorted(listing.files, key=lambda file: file.size):
                if file != listing.config:
                    self._take(file, here)
            self._shop.finish(self._target, listing, self._manifest())
        elif not (self._target / MANIFEST).is_file():
            self._manifest().write(self._target / MANIFEST)
        self._shop.clear()
        found = recognise(self._target)
        if found is None:
            raise PullFailed(f"{self._target} is gone; somebody else works in that folder")
        return Pulled(found, listing.source, listing.revision, len(listing.files), listing.size, self._fetched)

    def _list(self) -> Listing:
        """The listing; a hub that is away for a moment is asked again."""
        patience = self._order.patience
        for failed in range(1, min(patience.retries, _LISTING_RETRIES) + 1):
            try:
                return self._order.hub.list(self._client, self._order.repo, self._order.revision)
            except Broken as error:
                patience.wait(failed, error.wait_s)
        return self._order.hub.list(self._client, self._order.repo, self._order.revision)

    def _here(self) -> set[str]:
        """What an earlier pull brought and is still as it must be."""
        return {file.path for file in self._listing.files if file.digest and self._good(self._target / file.path, file)}

    def _make_room(self, here: set[str]) -> None:
        source = self._order.hub.address
        linked = self._order.hub.kind == "folder" and Path(source).stat().st_dev == self._target.parent.stat().st_dev
        if not linked:
            self._shop.make_room([file for file in self._listing.files if file.path not in here])

    def _take(self, file: RemoteFile, here: set[str]) -> None:
        """Have a file, from the nearest place that has it."""
        placed, part = self._shop.tree / file.path, self._shop.part(file)
        if not self._good(placed, file):
            if file.path in here:
                self._copy(self._target / file.path, part, file)
            elif file.local:
                self._copy(file.local, part, file)
                self._check_copy(file, part)
            else:
                before = Download(self._client, file, part, self._order.patience).run(partial(self._moved, file))
                self._fetched += file.size - before
            self._check_form(file, part)
            if file.path != CONFIG:
                self._shop.place(file, part)
        self._done[file.path] = file.size

    def _good(self, path: Path, file: RemoteFile) -> bool:
        if not path.is_file() or path.stat().st_size != file.size:
            return False
        return fits(path, file.digest, partial(self._moved, file, "checking"))

    def _copy(self, source: Path, part: Path, file: RemoteFile) -> None:
        """A second name for the same bytes where the file system can, else a copy."""
        part.unlink(missing_ok=True)
        try:
            part.hardlink_to(source)
        except OSError:  # another file system, one without links, or somebody else's file
            with source.open("rb") as read, part.open("wb") as write:
                while data := read.read(_COPY_BYTES):
                    write.write(data)
                    self._moved(file, "fetching", write.tell())

    def _check_copy(self, file: RemoteFile, part: Path) -> None:
        if part.stat().st_size != file.size or not fits(part, file.digest, partial(self._moved, file, "checking")):
            part.unlink()
            raise PullFailed(f"{file.local} is damaged: it is not what was put there ({file.digest or file.size})")
        self._fetched += file.size

    def _check_form(self, file: RemoteFile, part: Path) -> None:
        """Weights are whole by their own word, too: not every source knows digests."""
        problem = cut(part) if file.path.endswith(".safetensors") else ""
        if problem:
            part.unlink()
            raise PullFailed(f"{file.path} from {self._listing.source}: {problem}; take it from another source")

    def _see_config(self) -> None:
        """Whether it is a model that can be used, and the one that was asked for."""
        listing = self._listing
        unfit = admission.unfit(self._shop.whole(listing.config), listing, self._order.release)
        if unfit:
            self._shop.clear()
            raise PullFailed(f"{self._order.repo} from {listing.source}: {unfit}")

    def _manifest(self) -> Manifest:
        listing = self._listing
        return Manifest(self._order.repo, listing.source, listing.revision, tuple(map(self._known, listing.files)))

    def _known(self, file: RemoteFile) -> Known:
        """With a digest of our own where the source told none."""
        moved = partial(self._moved, file, "checking")
        return Known(file.path, file.size, file.digest or digest_of(self._shop.whole(file), moved=moved))

    def _moved(self, file: RemoteFile, doing: str, done: int) -> None:
        if doing == "checking":
            self._watch(Moment(doing, file.path, done, file.size))
            return
        self._done[file.path] = done
        self._watch(Moment(doing, file.path, sum(self._done.values()), self._listing.size))
