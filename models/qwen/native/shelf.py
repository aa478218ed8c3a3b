"""Packed weights kept beside a checkpoint, so that the next start reads what this one has computed.

A file is a line of JSON (its length before it) that names every weight with its place, size and checksum, and the weights as
they lie in memory. It says what it was made of: another checkpoint, layout or version is another file's business, and the file
is not used. It is read into memory, not mapped: mapped pages are small ones, which cost a third of the speed of every product.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np

from models.qwen.native.library import library, why_not
from models.qwen.native.memory import Room, room

_LOG = logging.getLogger(__name__)

# Changes when anything else makes other bytes of the same tensors than before; `vn_layout_version` covers the library.
VERSION: Final = 1
NAME: Final = "packed.voiced"
_MAGIC: Final = b"voiced packed weights\n"
_PAGE: Final = 4096
# A header names some hundred weights, 100 bytes each; more is no header of ours.
_MOST_HEADER: Final = 1 << 20
# What has to be left on the disk when the file is there: it only spares a second or two, and a run must not fail for it.
_LEAST_FREE: Final = 1 << 30


class Shelf:
    """The packed weights of one checkpoint. Any thread may take and put."""

    def __init__(self, folder: Path) -> None:
        self._file: Final = folder / NAME
        self._key: Final = _key(folder)
        self._lock: Final = Lock()
        self._rooms: dict[str, Room] = {}
        self._new = False
        self._places: dict[str, tuple[int, int, int]] = {}
        self._from = -1
        self._open()

    def take(self, name: str, size: int | None = None) -> Room | None:
        """The weight of this name, whole and unharmed, where it has this size; None where it has to be made."""
        start, length, checksum = self._places.get(name, (0, 0, 0))
        if not length or size not in (None, length):
            return None
        found = room(length)
        if not _read(self._from, start, found) or _sum(found) != checksum:
            _LOG.warning("%s is damaged; its weights are packed anew", self._file)
            return None
        with self._lock:
            self._rooms[name] = found
        return found

    def put(self, name: str, made: Room) -> None:
        """Remember one that was not there."""
        with self._lock:
            self._rooms[name] = made
            self._new = True

    def close(self) -> None:
        """Keep what is new, where there is room for it. Never fails: the weights are in memory."""
        if self._from >= 0:
            os.close(self._from)
            self._from = -1
        rooms, self._rooms = self._rooms, {}
        if not self._new:
            return
        try:
            self._write(rooms)
        except OSError as error:
            _LOG.info("packed weights are not kept beside the checkpoint: %s", error)

    # --- the file -----------------------------------------------------------------------------------------------

    def _open(self) -> None:
        try:
            self._from = os.open(self._file, os.O_RDONLY)
        except OSError:
            return
        try:
            self._places = _places(self._from, self._key)
        except (ValueError, KeyError, TypeError, OSError) as error:
            _LOG.info("%s is not used: %s", self._file, error)

    def _write(self, rooms: Mapping[str, Room]) -> None:
        size = sum(one.size for one in rooms.values())
        free = shutil.disk_usage(self._file.parent).free
        if free < size + _LEAST_FREE:
            raise OSError(f"{size >> 20} MB are too much for the {free >> 20} MB that are free")
        places, at = dict[str, tuple[int, int, int]](), 0
        for name, one in rooms.items():
            places[name] = at, one.size, _sum(one)
            at += -(-one.size // _PAGE) * _PAGE
        header = json.dumps({"key": self._key, "bytes": at, "weights": places}).encode()
        part = self._file.with_name(f"{NAME}.{os.getpid()}.part")
        try:
            with part.open("wb") as file:
                file.write(_MAGIC + len(header).to_bytes(8, "little") + header)
                for name, one in rooms.items():
                    file.seek(_start(header) + places[name][0])
                    file.write(_view(one))
                file.truncate(_start(header) + at)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._file)
        finally:
            with suppress(OSError):
                part.unlink()


def opened(folder: Path) -> Shelf | None:
    """The shelf of a checkpoint; None where nothing is packed by this library."""
    return None if why_not() else Shelf(folder)


def _key(folder: Path) -> str:
    """Changes with every file that weights are read from, with how they are packed, and with this code."""
    told: list[object] = [VERSION, library().vn_layout_version()]
    for path in sorted([*folder.glob("*.safetensors"), *folder.glob("*/*.safetensors")]):
        about = path.stat()
        with path.open("rb") as file:
            size = min(int.from_bytes(file.read(8), "little"), 1 << 26)
            told.append([path.name, about.st_size, about.st_mtime_ns, hashlib.sha256(file.read(size)).hexdigest()])
    return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()


def _places(file: int, key: str) -> dict[str, tuple[int, int, int]]:
    """Where each weight lies, how large it is, and its checksum. Raises ValueError for a file that is not to be used."""
    begin = os.pread(file, len(_MAGIC) + 8, 0)
    size = int.from_bytes(begin[len(_MAGIC) :], "little")
    if not begin.startswith(_MAGIC) or len(begin) < len(_MAGIC) + 8 or size > _MOST_HEADER:
        raise ValueError("it is no file of packed weights")
    header = os.pread(file, size, len(_MAGIC) + 8)
    told = json.loads(header)
    if told["key"] != key:
        raise ValueError("it was made of another checkpoint, or by another version")
    if os.fstat(file).st_size != _start(header) + told["bytes"]:
        raise ValueError("it is cut short")
    start = _start(header)
    return {
        str(name): (start + int(at), int(length), int(check)) for name, (at, length, check) in told["weights"].items()
    }


def _start(header: bytes) -> int:
    """Where the weights begin behind a header."""
    return -(-(len(_MAGIC) + 8 + len(header)) // _PAGE) * _PAGE


def _read(file: int, start: int, into: Room) -> bool:
    view, done = _view(into), 0
    while done < len(view):
        count = os.preadv(file, [view[done:]], start + done)
        if not count:
            return False
        done += count
    return True


def _sum(one: Room) -> int:
    """A checksum that costs no more than reading: what a lost page or a cut leaves does not have it."""
    view = np.frombuffer(_view(one), np.uint8)
    words = view[: len(view) // 8 * 8].view(np.uint64)
    # odd multiples, so that pages which have changed places are found
    blocks = [int(np.add.reduce(words[at : at + _PAGE])) * (2 * at + 1) for at in range(0, len(words), _PAGE)]
    return (sum(blocks) + int(view[len(words) * 8 :].sum())) % (1 << 64)


def _view(one: Room) -> memoryview:
    return memoryview((ctypes.c_ubyte * one.size).from_address(one.address)).cast("B")
