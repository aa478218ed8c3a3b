"""The shared library of this folder: found, checked and loaded once; or why it is not there. No torch here.

`VOICED_NATIVE` forces one way to multiply, `avx512bf16`, `avx512vnni`, `avx512`, `avxvnni`, `avx2`, `neon` or `portable`;
`off` is none of them.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Mapping
from ctypes import POINTER, c_char_p, c_int, c_int32, c_size_t, c_ssize_t, c_void_p
from functools import cache
from pathlib import Path
from typing import Final

# What `vn_version` must answer: the C sources and this file belong together.
VERSION: Final = 2
FILE: Final = Path(__file__).with_name("_native.so")
VARIABLE: Final = "VOICED_NATIVE"
# How an ELF file of 64 bits begins whose smaller bytes come first, and for how long.
_ELF: Final = b"\x7fELF\x02\x01"
_ELF_HEADER: Final = 64


class NativeError(RuntimeError):
    """The library is not there, or refused what it was given."""


class Weight(ctypes.Structure):
    """`vn_weight`: a packed weight; the memory is kept by whoever made this."""

    _fields_ = (("kind", c_int32), ("out", c_int32), ("width", c_int32), ("data", c_void_p))


_PROTOTYPES: Final[Mapping[str, tuple[object, tuple[object, ...]]]] = {
    "vn_version": (c_int, ()),
    "vn_layout_version": (c_int, ()),
    "vn_error": (c_char_p, (c_int,)),
    "vn_path": (c_char_p, ()),
    "vn_path_at": (c_char_p, (c_int,)),
    "vn_use": (c_int, (c_char_p,)),
    "vn_packed_bytes": (c_size_t, (c_int, c_int, c_int)),
    "vn_pack": (c_int, (c_int, c_int, c_int, c_void_p, c_int, c_ssize_t, c_void_p)),
    "vn_fits": (c_int, (c_int, c_int, c_int, c_void_p, c_int, c_ssize_t)),
    "vn_unpack": (c_int, (POINTER(Weight), c_void_p, c_ssize_t)),
    "vn_input_bytes": (c_size_t, (c_int, c_int, c_int)),
    "vn_prepare": (None, (c_int, c_int, c_int, c_void_p, c_ssize_t, c_void_p)),
    "vn_multiply": (None, (POINTER(Weight), c_int, c_void_p, c_void_p, c_ssize_t, c_int, c_int)),
    "vn_pool_open": (c_void_p, (c_int,)),
    "vn_pool_close": (None, (c_void_p,)),
    "vn_pool_threads": (c_int, (c_void_p,)),
    "vn_pool_run": (None, (c_void_p, c_void_p, c_void_p)),
    "vn_pool_meet": (None, (c_void_p, c_int)),
    "vn_matmul": (
        c_int,
        (c_void_p, POINTER(Weight), c_int, c_void_p, c_ssize_t, c_void_p, c_ssize_t, c_void_p),
    ),
}  # fmt: skip


def library() -> ctypes.CDLL:
    """The library; NativeError where it is not there."""
    found = _found()
    if isinstance(found, str):
        raise NativeError(found)
    return found


def why_not() -> str | None:
    """What stands in the way of the kernels, in a sentence; None where they are used."""
    found = _found()
    return found if isinstance(found, str) else None


def path() -> str:
    """The way to multiply that is used now."""
    name: bytes = library().vn_path()
    return name.decode()


def paths() -> tuple[str, ...]:
    """The ways that this machine can run, the fastest first."""
    return _paths(library())


def use(name: str) -> None:
    """Multiply this way from now on: for tests and measurements, while nothing is multiplied."""
    if problem := _force(library(), name):
        raise NativeError(problem)


def check(error: int) -> None:
    """What the library answered, raised where it is not 0."""
    if error:
        raise NativeError(words(error))


def words(error: int) -> str:
    """What is wrong, in words."""
    told: bytes = library().vn_error(error)
    return told.decode()


@cache
def _found() -> ctypes.CDLL | str:
    return _load(FILE, os.environ.get(VARIABLE, ""))


def _load(file: Path, forced: str) -> ctypes.CDLL | str:
    """The library in `file`, made to multiply as is `forced`, or why not."""
    if forced == "off":
        return f"{VARIABLE} is off"
    if not file.exists():
        return (
            f"{file.name} was not built: there was no C compiler when voiced was installed; get one and install again"
        )
    try:
        if _is_cut(file):
            return f"{file.name} is cut short; install voiced again"
        loaded = _declared(ctypes.CDLL(str(file)))
    except (OSError, AttributeError) as error:
        return f"{file.name} cannot be loaded ({error}); install voiced again"
    if loaded.vn_version() != VERSION:
        return f"{file.name} was built from other sources than these; install voiced again"
    problem = _force(loaded, forced) if forced else None
    return problem or loaded


def _is_cut(file: Path) -> bool:
    """Whether less is there than its header says, as a full disk leaves it: loading it would kill the process.

    An ELF file ends with the table of its sections. Of any other the loader itself says what is wrong.
    """
    with file.open("rb") as opened:
        head = opened.read(_ELF_HEADER)
    if len(head) < _ELF_HEADER or not head.startswith(_ELF):
        return False
    (sections,), (size, count) = struct.unpack_from("<Q", head, 40), struct.unpack_from("<HH", head, 58)
    return file.stat().st_size < int(sections) + int(size) * int(count)


def _declared(loaded: ctypes.CDLL) -> ctypes.CDLL:
    for name, (result, arguments) in _PROTOTYPES.items():
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    return loaded


def _force(loaded: ctypes.CDLL, name: str) -> str | None:
    if loaded.vn_use(name.encode()):
        return f"{VARIABLE} is {name!r}: this machine can run {', '.join(_paths(loaded))}, or off"
    return None


def _paths(loaded: ctypes.CDLL) -> tuple[str, ...]:
    names: list[str] = []
    while name := loaded.vn_path_at(len(names)):
        names.append(name.decode())
    return tuple(names)
