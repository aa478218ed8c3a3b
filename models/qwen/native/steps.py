"""A stack of decoder layers whose steps are single calls of the C library: here pointers, shapes and lifetimes meet."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from ctypes import POINTER, byref, c_float, c_int, c_int32, c_size_t, c_void_p
from typing import Any, Final

import torch

from models.qwen.config import StackShape
from models.qwen.native.library import Weight, check, library
from models.qwen.native.memory import LINE
from models.qwen.native.pool import pool
from models.qwen.native.products import Kind, Native, kept
from models.qwen.native.shelf import Shelf
from models.qwen.parallel import in_parallel
from models.qwen.stack import Parts, Turning, last_norm, read
from models.qwen.weights import Tensors

# `VN_TILE`: all widths of a stack are whole numbers of tiles.
TILE: Final = 16
# Where a position lies: keys and values of its row, [layers, 2 * kv_heads, room, head_dim], and its number.
Place = tuple[torch.Tensor, int]


class Layer(ctypes.Structure):
    """`vn_layer`."""

    _fields_ = (
        *((name, c_void_p) for name in ("before_attention", "before_mlp", "query_gains", "key_gains")),
        *((name, Weight) for name in ("qkv", "out", "gate_up", "down")),
    )


class StackStructure(ctypes.Structure):
    """`vn_stack`."""

    _fields_ = (
        *((name, c_int32) for name in ("layers", "hidden", "heads", "kv_heads", "head_dim", "intermediate")),
        ("eps", c_float),
        ("layer", POINTER(Layer)),
        ("norm", c_void_p),
    )


class _Place(ctypes.Structure):
    """`vn_place`."""

    _fields_ = (
        ("memory", c_void_p), ("room", c_int32), ("position", c_int32), ("cosines", c_void_p), ("sines", c_void_p),
    )  # fmt: skip


def fits(shape: StackShape) -> bool:
    """Whether the library has steps for this shape."""
    return not any(width % TILE for width in (shape.hidden, shape.head_dim, shape.intermediate))


class Layers:
    """The layers of a stack and its last norm. One thread steps at a time."""

    def __init__(
        self, shape: StackShape, weights: Tensors, prefix: str, kind: Kind, shelf: Shelf | None = None
    ) -> None:
        """Pack them, or take them packed from the shelf. Raises BadCheckpoint."""
        self.shape: Final = shape
        self._kept: Final[list[Any]] = []
        """What the structure points to."""
        layers = in_parallel(
            lambda number: _packed(
                shape, read(shape, weights, prefix, number), f"{prefix}layers.{number}", kind, shelf
            ),
            range(shape.layers),
        )
        array = (Layer * len(layers))()
        for at, (layer, parts) in enumerate(layers):
            array[at] = layer
            self._kept.extend(parts)
        norm = last_norm(shape, weights, prefix).contiguous()
        self._kept.extend((norm, array))
        self.structure: Final = StackStructure(
            shape.layers, shape.hidden, shape.heads, shape.kv_heads, shape.head_dim, shape.intermediate, shape.eps,
            array, norm.data_ptr(),
        )  # fmt: skip
        self._turning: Final = Turning(shape)
        self._scratch: Final = Scratch()
        native = library()
        self._bytes = native.vn_step_bytes
        self._bytes.restype, self._bytes.argtypes = c_size_t, (POINTER(StackStructure), c_int, c_int, c_int)
        self._step = native.vn_step
        self._step.restype, self._step.argtypes = (
            c_int,
            (c_void_p, POINTER(StackStructure), c_int, POINTER(_Place), c_int, *[c_void_p] * 3, c_size_t),
        )

    def __call__(self, x: torch.Tensor, places: Sequence[Place]) -> torch.Tensor:
        """Hidden states after the last norm, [N, hidden], of inputs x [N, hidden] at these places.

        Keys and values are written there. Those before a place are there already, or among the others.
        """
        shape, count = self.shape, len(places)
        assert x.shape == (count, shape.hidden)
        x = x.float().contiguous()
        cosines, sines = self._turning(torch.tensor([position for _, position in places]))
        array = (_Place * count)()
        step = shape.head_dim * cosines.element_size()
        for at, (memory, position) in enumerate(places):
            assert memory.dtype == places[0][0].dtype
            assert memory.is_contiguous()
            array[at] = _Place(
                memory.data_ptr(),
                memory.shape[2],
                position,
                cosines.data_ptr() + at * step,
                sines.data_ptr() + at * step,
            )
        y = torch.empty(count, shape.hidden)
        if not count:
            return y
        is_short = places[0][0].dtype == torch.bfloat16
        assert is_short or places[0][0].dtype == torch.float32
        threads, stack = pool(torch.get_num_threads()), byref(self.structure)
        longest = max(position for _, position in places) + 1
        size = self._bytes(stack, count, longest, threads.threads)
        check(
            self._step(
                threads.pointer, stack, count, array, is_short, x.data_ptr(), y.data_ptr(), self._scratch.of(size), size
            )
        )
        return y


class Scratch:
    """Memory that nothing is kept in, as much as was ever asked for."""

    def __init__(self) -> None:
        self._memory = torch.empty(0, dtype=torch.uint8)

    def of(self, size: int) -> int:
        """Where so many bytes begin; they are good until more are asked for."""
        if len(self._memory) < size + LINE:
            self._memory = torch.empty(size + LINE, dtype=torch.uint8)
        return -(-self._memory.data_ptr() // LINE) * LINE


def _packed(shape: StackShape, parts: Parts, name: str, kind: Kind, shelf: Shelf | None) -> tuple[Layer, list[Any]]:
    """A layer, and what it points to. Outputs are put side by side as one thread needs them together."""
    hidden, inner, wide = shape.hidden, shape.intermediate, shape.heads * shape.head_dim
    products: tuple[tuple[str, int, int, Callable[[], torch.Tensor]], ...] = (
        ("qkv", wide + 2 * shape.kv_heads * shape.head_dim, hidden, lambda: _qkv(shape, parts)),
        ("out", hidden, wide, lambda: parts.out),
        ("gate_up", 2 * inner, hidden, lambda: _gate_up(parts)),
        ("down", hidden, inner, lambda: parts.down),
    )
    gains = [
        part.float().contiguous()
        for part in (parts.before_attention, parts.before_mlp, parts.query_gains, parts.key_gains)
    ]
    weights = [Native(kept(f"{name}.{part}", shelf, kind, out, width, make)) for part, out, width, make in products]
    layer = Layer(*(gain.data_ptr() for gain in gains), *(weight.weight for weight in weights))
    return layer, [*gains, *weights]


def _qkv(shape: StackShape, parts: Parts) -> torch.Tensor:
    """Group by group of heads: queries, keys, values."""
    each = [part.view(shape.kv_heads, -1, shape.hidden) for part in (parts.queries, parts.keys, parts.values)]
    return torch.cat(each, 1).view(-1, shape.hidden)


def _gate_up(parts: Parts) -> torch.Tensor:
    """Tile by tile: gates, values."""
    each = [part.view(-1, TILE, part.shape[1]) for part in (parts.gate, parts.up)]
    return torch.cat(each, 1).view(-1, parts.gate.shape[1])
