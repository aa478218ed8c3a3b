"""Codes of an audio codec as files: `.npz`, which numpy reads, and JSON. Nothing in one is believed before it is measured."""

from __future__ import annotations

import io
import json
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[np.int16]

CODEBOOKS: Final = 16
FRAME_RATE: Final = 12.5
# Ten minutes, as long as a recording that is kept here may be; what is longer is decoded piece by piece.
MAX_FRAMES: Final = 7_500
# So many codes in eight bytes each, not pressed, and what stands around them.
MAX_NPZ_BYTES: Final = MAX_FRAMES * CODEBOOKS * 8 + 64_000
# So many codes of six characters, with a comma and a line's end.
MAX_JSON_BYTES: Final = MAX_FRAMES * CODEBOOKS * 10 + 64_000
# Nobody reads more than this many mistakes.
MAX_MISTAKES: Final = 50
_HIGHEST: Final = int(np.iinfo(np.int16).max)

_MEMBER: Final = "codes.npy"
# `numpy.savez` writes one file for each array that it is given.
_MAX_MEMBERS: Final = 64
_PRESSED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# All that `zipfile` is known to raise for bytes that were damaged or made up.
_DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError,
    IndexError, OSError,
)  # fmt: skip
# What numpy writes before the numbers, in the three versions of its format; read by eye, and never evaluated.
_MAGIC: Final = b"\x93NUMPY"
_LENGTH_BYTES: Final = {1: 2, 2: 4, 3: 4}
_MAX_HEAD: Final = 4096
_HEAD: Final = re.compile(
    rb"\{'descr': *(?P<dtype>.{1,2000}?), *'fortran_order': *(?P<fortran>True|False),"
    rb" *'shape': *\((?P<shape>[0-9, ]{0,100})\), *\} *\n?",
    re.DOTALL,
)
_WHOLE: Final = re.compile(rb"'([<>|=][iu][1248])'")


class BadCodes(Exception):
    """These are no codes that could be made audio of. `mistakes` are places with what is wrong there."""

    def __init__(self, mistakes: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{place}: {told}" if place else told for place, told in mistakes[:3]))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """What was made of a recording."""

    table: Table
    """[frames, 16]."""
    model: str = ""
    """Which model made it."""

    @property
    def seconds(self) -> float:
        """How long it sounds."""
        return len(self.table) / FRAME_RATE


# --- written --------------------------------------------------------------------------------------------------------


def as_dict(codes: Codes) -> dict[str, Any]:
    """For JSON, with the codes frame by frame."""
    return {
        "model": codes.model,
        "frames": len(codes.table),
        "codebooks": CODEBOOKS,
        "frame_rate": FRAME_RATE,
        "seconds": codes.seconds,
        "codes": codes.table.tolist(),
    }


def to_json(codes: Codes) -> bytes:
    """A line of facts, then a line a frame."""
    told = as_dict(codes)
    frames = ",\n".join(json.dumps(frame, separators=(",", ":")) for frame in told.pop("codes"))
    return f'{json.dumps(told)[:-1]}, "codes": [\n{frames}\n]}}\n'.encode()


def to_npz(codes: Codes) -> bytes:
    """What `numpy.savez` writes of `codes` (int16), `frame_rate` and `model`: the same bytes for the same codes."""
    arrays = {
        "codes": np.ascontiguousarray(codes.table, "<i2"),
        "frame_rate": np.array(FRAME_RATE, "<f8"),
        "model": np.array(codes.model, f"<U{max(1, len(codes.model))}"),
    }
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as parcel:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, array, version=(1, 0), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy")  # of 1980
            info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o644) << 16
            parcel.writestr(info, member.getvalue())
    return whole.getvalue()


# --- read -----------------------------------------------------------------------------------------------------------


def read(data: bytes) -> Table:
    """The codes in a file of either kind, told by its first bytes. Raises BadCodes."""
    return from_npz(data) if data.startswith(b"PK") else from_json(data)


def from_json(data: bytes) -> Table:
    """Of an object with `codes`, or of the list alone. Raises BadCodes."""
    if len(data) > MAX_JSON_BYTES:
        raise _wrong(f"the file has {len(data)} bytes, and {MAX_JSON_BYTES} are the most")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        where = f": {error}" if data.lstrip().startswith((b"{", b"[")) else ""
        raise _wrong(f"the file is neither .npz nor JSON{where}") from None
    if isinstance(value, dict):
        if "codes" not in value:
            raise BadCodes([("codes", "must be given: a list of frames of 16 codes each")])
        value = value["codes"]
    return from_list(value)


def from_list(value: object) -> Table:
    """Of lists of whole numbers. Raises BadCodes with every mistake, up to MAX_MISTAKES."""
    if not isinstance(value, list):
        raise BadCodes([("codes", f"must be a list of frames of {CODEBOOKS} codes each")])
    _check_frames(len(value))
    if mistakes := list(islice(_mistakes(value), MAX_MISTAKES)):
        raise BadCodes(mistakes)
    return np.array(value, np.int16)


def from_npz(data: bytes) -> Table:
    """Of a file that `to_npz`, `numpy.savez` or `numpy.savez_compressed` wrote with `codes`. Raises BadCodes.

    Nothing is unpickled, no more than MAX_NPZ_BYTES are unpacked, and what else is in it is not looked at.
    """
    if len(data) > MAX_NPZ_BYTES:
        raise _wrong(f"the file has {len(data)} bytes, and {MAX_NPZ_BYTES} are the most")
    if not data.startswith(b"PK\3\4"):
        raise _wrong("the file is no .npz file" if data else "the file is empty")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parcel:
            member = _member(parcel.infolist())
            with parcel.open(member) as file:
                # What stands in the list of files is what somebody wrote there; this is what is really unpacked.
                array = file.read(MAX_NPZ_BYTES + 1)
    except _DAMAGE as error:
        raise _wrong(f"the file is damaged: {error}") from None
    if len(array) > MAX_NPZ_BYTES:
        raise _wrong(f"{_MEMBER} is larger than {MAX_NPZ_BYTES} bytes")
    return _array(array)


def check(table: Table, codebook: int) -> None:
    """Raises BadCodes for codes that a codec with this many in each codebook does not have."""
    places = np.argwhere((table < 0) | (table >= codebook))[:MAX_MISTAKES]
    if len(places):
        raise BadCodes([_outside(frame, place, int(table[frame, place]), codebook - 1) for frame, place in places])


def _check_frames(count: int) -> None:
    if not count:
        raise BadCodes([("codes", "must hold a frame at least")])
    if count > MAX_FRAMES:
        told = f"has {count} frames, and {MAX_FRAMES} are decoded at once: {MAX_FRAMES / FRAME_RATE / 60:.0f} minutes"
        raise BadCodes([("codes", told)])


def _mistakes(frames: list[object]) -> Iterator[tuple[str, str]]:
    for at, frame in enumerate(frames):
        if not isinstance(frame, list):
            yield f"codes[{at}]", f"must be a list of {CODEBOOKS} codes"
        elif len(frame) != CODEBOOKS:
            yield f"codes[{at}]", f"has {len(frame)} codes; a frame has {CODEBOOKS}"
        else:
            yield from _odd(at, frame)


def _odd(at: int, frame: list[object]) -> Iterator[tuple[str, str]]:
    for place, code in enumerate(frame):
        if not (type(code) is int or (isinstance(code, float) and code.is_integer())):  # True is an int, too
            yield f"codes[{at}][{place}]", "must be a whole number"
        elif not 0 <= code <= _HIGHEST:
            yield _outside(at, place, code, _HIGHEST)


def _outside(frame: int, place: int, code: float, highest: int) -> tuple[str, str]:
    written = str(code) if abs(code) < 10**20 else "a number of many digits"  # Python refuses to write the longest
    return f"codes[{frame}][{place}]", f"{written} is not from 0 to {highest}"


def _member(members: Sequence[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """The array of codes. Raises BadCodes."""
    if len(members) > _MAX_MEMBERS:
        raise _wrong(f"the file holds {len(members)} arrays, and {_MAX_MEMBERS} are the most")
    found = [member for member in members if member.filename == _MEMBER]
    if len(found) != 1:
        names = ", ".join(sorted({member.filename[:40] for member in members})[:8]) or "nothing"
        raise _wrong(f"the file holds {_MEMBER} {len(found)} times, and must hold it once; in it is {names}")
    if found[0].compress_type not in _PRESSED:
        raise _wrong(f"{_MEMBER} is not pressed by `deflate`, nor left as it is")
    if found[0].file_size > MAX_NPZ_BYTES:
        raise _wrong(f"{_MEMBER} has {found[0].file_size} bytes, and {MAX_NPZ_BYTES} are the most")
    return found[0]


def _array(data: bytes) -> Table:
    """The table in a `.npy` file. Raises BadCodes before anything is made of it that is not whole numbers of its size."""
    head, start = _head(data)
    whole = _WHOLE.fullmatch(head["dtype"])
    if whole is None:
        raise BadCodes([("codes", f"holds {_shown(head['dtype'])}; int16 is what codes are")])
    shape = [int(size) for size in head["shape"].replace(b",", b" ").split()]
    if len(shape) != 2 or shape[1] != CODEBOOKS:
        raise BadCodes([("codes", f"has the shape {shape}; [frames, {CODEBOOKS}] is that of codes")])
    _check_frames(shape[0])
    dtype = np.dtype(whole[1].decode())
    if len(data) - start != shape[0] * CODEBOOKS * dtype.itemsize:
        raise _wrong(f"{_MEMBER} holds {len(data) - start} bytes of numbers, and not those of {shape[0]} frames")
    table = np.frombuffer(data, dtype, offset=start).reshape(shape, order="F" if head["fortran"] == b"True" else "C")
    check(table, _HIGHEST + 1)
    return np.ascontiguousarray(table, np.int16)


def _head(data: bytes) -> tuple[dict[str, bytes], int]:
    """What a `.npy` file says of itself, and where its numbers begin."""
    width = _LENGTH_BYTES.get(data[6]) if data.startswith(_MAGIC) and len(data) > 8 else None
    if width is None:
        raise _wrong(f"{_MEMBER} is no array of numpy's")
    start = 8 + width + int.from_bytes(data[8 : 8 + width], "little")
    head = _HEAD.fullmatch(data, 8 + width, start) if start <= min(len(data), _MAX_HEAD) else None
    if head is None:
        raise _wrong(f"{_MEMBER} does not say what it holds as numpy does")
    return head.groupdict(), start


def _shown(text: bytes) -> str:
    return ascii(text[:40].decode("latin-1").strip("'"))[1:-1]


def _wrong(told: str) -> BadCodes:
    return BadCodes([("", told)])
