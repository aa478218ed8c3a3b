"""Products with a packed weight, in C: here pointers, shapes and lifetimes meet."""

from __future__ import annotations

from collections.abc import Callable
from ctypes import byref
from dataclasses import dataclass
from typing import Final, Literal

import torch

from models.qwen.native.library import Weight, check, library, path, words
from models.qwen.native.memory import LINE, Room, room
from models.qwen.native.pool import Pool, pool
from models.qwen.native.shelf import Shelf

Kind = Literal["float32", "bfloat16", "int8", "int4", "slim"]
# `vn_kind`
KINDS: Final[dict[Kind, int]] = {"float32": 0, "bfloat16": 1, "int8": 2, "int4": 3, "slim": 4}
# `VN_NOT_SLIM`
_NOT_SLIM: Final = 5


@dataclass(frozen=True, slots=True)
class Packed:
    """A weight [out, width] as the library reads it."""

    room: Room
    out: int
    width: int
    kind: Kind


def pack(weight: torch.Tensor, kind: Kind) -> Packed:
    """Pack a weight. Raises ValueError for one that cannot be."""
    source = _source(weight)
    out, width = source.shape
    size = _size(kind, out, width)
    into = room(size)
    error = library().vn_pack(
        KINDS[kind], out, width, source.data_ptr(), _halves(source), source.stride(0), into.address
    )
    if error == _NOT_SLIM:
        raise ValueError(f"a weight of {out} x {width} cannot be packed in {kind}: {words(error)}")
    check(error)
    return Packed(into, out, width, kind)


def least(weight: torch.Tensor, kind: Kind) -> Packed:
    """The same numbers in the least memory: bfloat16 in 12 bits where it can be. Raises ValueError as `pack` does."""
    # Plain C takes 1.6 times as long for them, and does not wait for memory.
    if kind != "bfloat16" or path() == "portable":
        return pack(weight, kind)
    source = _source(weight)
    out, width = source.shape
    refused = library().vn_fits(KINDS["slim"], out, width, source.data_ptr(), _halves(source), source.stride(0))
    return pack(source, "bfloat16" if refused == _NOT_SLIM else "slim")


def kept(
    name: str, shelf: Shelf | None, kind: Kind, out: int, width: int, make: Callable[[], torch.Tensor]
) -> Packed:  # fmt: skip
    """The weight of this name from the shelf where it lies there whole, else `least` of what `make` gives, and put there."""

    def label(kind: Kind) -> str:
        return f"{name} {kind} {out} x {width}"

    if shelf is None:
        return least(make(), kind)
    ways: tuple[Kind, ...] = ("slim", kind) if kind == "bfloat16" else (kind,)
    for each in ways:
        if found := shelf.take(label(each), _size(each, out, width)):
            return Packed(found, out, width, each)
    packed = least(make(), kind)
    shelf.put(label(packed.kind), packed.room)
    return packed


def _size(kind: Kind, out: int, width: int) -> int:
    size: int = library().vn_packed_bytes(KINDS[kind], out, width)
    if not size:
        raise ValueError(f"a weight of {out} x {width} cannot be packed in {kind}")
    return size


class Native:
    """[rows, width] float32 -> [rows, out] float32; a row comes out the same whatever rows are beside it.

    Several threads may call at once; their products follow each other.
    """

    def __init__(self, packed: Packed, threads: Pool | None = None) -> None:
        self.out, self.width, self.room, self.kind = packed.out, packed.width, packed.room, packed.kind
        self._library: Final = library()
        # Of the C side: points into `room`, which lives as long as this does.
        self.weight: Final = Weight(KINDS[self.kind], self.out, self.width, self.room.address)
        self._reference: Final = byref(self.weight)
        self._row: Final[int] = self._library.vn_input_bytes(KINDS[self.kind], 1, self.width)
        self._pool: Final = threads

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        if x.dim() != 2 or x.shape[1] != self.width or x.device.type != "cpu":
            raise ValueError(
                f"rows of {self.width} numbers on the CPU are multiplied, not {tuple(x.shape)} on {x.device}"
            )
        if x.dtype != torch.float32 or x.stride(1) != 1:
            x = x.to(torch.float32).contiguous()
        rows = x.shape[0]
        y = torch.empty(rows, self.out)
        scratch = torch.empty(rows * self._row + LINE, dtype=torch.uint8)
        threads = self._pool or pool(torch.get_num_threads())
        check(
            self._library.vn_matmul(
                threads.pointer,
                self._reference,
                rows,
                x.data_ptr(),
                x.stride(0),
                y.data_ptr(),
                self.out,
                _line(scratch),
            )
        )
        return y

    def unpacked(self) -> torch.Tensor:
        """The numbers that are multiplied with, [out, width]."""
        numbers = torch.empty(self.out, self.width)
        check(self._library.vn_unpack(self._reference, numbers.data_ptr(), self.width))
        return numbers


def _source(weight: torch.Tensor) -> torch.Tensor:
    """The weight as the C side reads it: float32 or bfloat16, each row in one piece."""
    if weight.dim() != 2 or weight.device.type != "cpu":
        raise ValueError(f"a weight is [out, width] on the CPU, not {tuple(weight.shape)} on {weight.device}")
    source = weight.detach()
    if source.dtype not in (torch.float32, torch.bfloat16):
        source = source.to(torch.float32)
    return source if source.stride(1) == 1 and source.stride(0) >= source.shape[1] else source.contiguous()


def _halves(source: torch.Tensor) -> int:
    """The kind of its numbers."""
    return KINDS["bfloat16" if source.dtype == torch.bfloat16 else "float32"]


def _line(scratch: torch.Tensor) -> int:
    """Where the first whole line in it begins."""
    return -(-scratch.data_ptr() // LINE) * LINE
