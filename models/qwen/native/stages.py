"""Stages of the codec for the native library, and what runs them: here pointers, shapes and lifetimes meet."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Callable, Sequence
from ctypes import POINTER, byref, c_float, c_int, c_int32, c_int64, c_void_p
from dataclasses import dataclass, field
from typing import Final

import torch
import torch.nn.functional as F

from models.qwen.codec_state import CodecState, Layout
from models.qwen.native.library import check, library
from models.qwen.native.memory import Room, room
from models.qwen.native.pool import pool
from models.qwen.native.shelf import Shelf
from models.qwen.parallel import in_parallel

# What is added to, what stages hand on to each other by turns, and what lies between two of them.
STREAM, LEFT, RIGHT, BETWEEN = range(4)
NOWHERE: Final = -1
# As codec.h has them.
_REGIONS: Final = 4
_WIDE: Final = 32
_TILE: Final = 16
_MIX, _NEAR, _WAVE, _NORM, _LOOK, _GATE = range(6)
_NONE, _COPY, _SNAKE, _GELU = range(4)
# As codec_hear.inc has room for them.
MOST_WINDOW: Final = 256
MOST_HEAD: Final = 256

# frequency and amount of every channel
Snake = tuple[torch.Tensor, torch.Tensor]


_POINTERS: Final = ("weight", "bias", "first", "second")


class _Stage(ctypes.Structure):
    """`vn_stage`."""

    _fields_ = (
        *((name, c_int32) for name in ("kind", "width", "out", "taps", "dilation", "rate", "source", "raw", "act")),
        *((name, c_int32) for name in ("onto", "action", "layer", "heads", "kv_heads", "window", "slots")),
        ("eps", c_float), ("unused", c_int32), ("tail", c_int64),
        *((name, c_void_p) for name in _POINTERS),
    )  # fmt: skip


class _Codec(ctypes.Structure):
    """`vn_codec`."""

    _fields_ = (
        ("stages", POINTER(_Stage)), ("count", c_int32), ("together", c_int32), ("head", c_int64),
        ("own", c_int64 * _REGIONS), ("shared", c_int64 * _REGIONS),
    )  # fmt: skip


class _Row(ctypes.Structure):
    """`vn_row`."""

    _fields_ = (("state", c_void_p), ("ring", c_void_p), ("position", c_int64))


@dataclass(slots=True)
class Stages:
    """Stages while they are put together, one reading what another has left, and the memory that they point to."""

    layout: Layout
    together: int | None = None
    """Up to this stage all rows go through one before the next, behind it one row after the other."""
    made: list[_Stage] = field(default_factory=list)
    rooms: list[Room] = field(default_factory=list)
    last: int = LEFT
    """The region that the latest stage has left something in; at first, where the input is."""

    def mix(
        self, weight: torch.Tensor, bias: torch.Tensor | None = None, *, act: int = NOWHERE, raw: int = NOWHERE,
        dilation: int = 1, rate: int = 1, onto: bool = False, gelu: bool = False, snake: Snake | None = None,
    ) -> None:  # fmt: skip
        """A causal convolution of weight [out, in, taps] or a matrix [out, in]. It goes to `raw`, and acted upon to `act`."""
        out, width, taps = (*weight.shape, 1)[:3]
        lined = weight.reshape(out, width, taps).permute(2, 1, 0).reshape(taps * width, out)
        tiles = F.pad(lined, (0, -out % _WIDE)).view(taps * width, -1, _WIDE).permute(1, 0, 2)
        action = _SNAKE if snake else _GELU if gelu else _COPY
        stage = self._stage(_MIX, width, out, act, taps=taps, dilation=dilation, rate=rate, raw=raw)
        stage.onto, stage.action, stage.weight = onto, action, self._keep(tiles)
        stage.bias = self._keep(_padded(torch.zeros(out) if bias is None else bias))
        if snake:
            stage.first, stage.second = (self._keep(_padded(one.repeat(out // len(one)))) for one in snake)

    def near(self, weight: torch.Tensor, bias: torch.Tensor, norm: Snake, eps: float, *, act: int) -> None:
        """A convolution of every channel by itself, weight [width, 1, taps], and a layer norm: gains and shifts."""
        width, _, taps = weight.shape
        stage = self._stage(_NEAR, width, width, act, taps=taps)
        stage.weight, stage.bias, stage.eps = self._keep(weight[:, 0].t()), self._keep(_padded(bias)), eps
        stage.first, stage.second = (self._keep(_padded(one)) for one in norm)

    def wave(self, weight: torch.Tensor, bias: torch.Tensor) -> None:
        """The last convolution, weight [1, in, taps]."""
        _, width, taps = weight.shape
        stage = self._stage(_WAVE, width, 1, NOWHERE, taps=taps)
        stage.weight, stage.bias = self._keep(weight[0].t()), self._keep(_padded(bias))

    def norm(self, gains: torch.Tensor, eps: float, *, act: int) -> None:
        """A root mean square of one, times gains."""
        stage = self._stage(_NORM, len(gains), len(gains), act)
        stage.first, stage.eps = self._keep(_padded(gains)), eps

    def look(self, layer: int, heads: int, kv_heads: int, head: int, window: int, slots: int, *, act: int) -> None:
        """Attention over `window` frames, of queries, keys and values side by side."""
        stage = self._stage(_LOOK, (heads + 2 * kv_heads) * head, heads * head, act)
        stage.layer, stage.heads, stage.kv_heads, stage.window, stage.slots = layer, heads, kv_heads, window, slots

    def gate(self, width: int, *, act: int) -> None:
        """Twice as many inputs: silu of the first half, times the second."""
        self._stage(_GATE, 2 * width, width, act)

    def _stage(
        self, kind: int, width: int, out: int, act: int, *, taps: int = 1, dilation: int = 1, rate: int = 1,
        raw: int = NOWHERE,
    ) -> _Stage:  # fmt: skip
        stage = _Stage(kind, width, out, taps, dilation, rate, self.last, raw, act)
        reach = (taps - 1) * dilation
        stage.tail = self.layout.span(reach, width).at if reach else -1
        self.made.append(stage)
        self.last = raw if act == NOWHERE else act
        return stage

    def _keep(self, tensor: torch.Tensor) -> int:
        tensor = tensor.contiguous()
        self.rooms.append(room(tensor.nbytes))
        ctypes.memmove(self.rooms[-1].address, tensor.data_ptr(), tensor.nbytes)
        return self.rooms[-1].address


class Program:
    """Stages that run in one call, float32 on the CPU. It may be called from one thread at a time."""

    def __init__(self, stages: Stages) -> None:
        self._rooms = stages.rooms
        self._stages = (_Stage * len(stages.made))(*stages.made)
        together = len(stages.made) if stages.together is None else stages.together
        self._codec = _Codec(self._stages, len(stages.made), together)
        self._rate = _measure(self._codec, self._stages)
        self._out = stages.made[-1].out
        self._memory = torch.empty(0)
        self._library = library()
        for name, (result, arguments) in _PROTOTYPES.items():
            function = getattr(self._library, name)
            function.restype, function.argtypes = result, arguments

    def __call__(
        self, states: Sequence[CodecState], x: torch.Tensor, turns: torch.Tensor | None = None
    ) -> torch.Tensor:
        """[B, T, in] to [B, T * rate, out]; `turns` [B, T, head] are cosines, then sines. The rows' states are moved on."""
        rows, frames, _ = x.shape
        x = x.float().contiguous()
        y = torch.empty(rows, frames * self._rate, self._out)
        needed = self._library.vn_codec_floats(byref(self._codec), rows, frames)
        if self._memory.numel() < needed:
            self._memory = torch.empty(needed)
        row = (_Row * rows)(*(_Row(one.tails.data_ptr(), one.ring.data_ptr(), one.position) for one in states))
        check(
            self._library.vn_codec_run(
                pool(torch.get_num_threads()).pointer, byref(self._codec), rows, frames, x.data_ptr(), row,
                None if turns is None else turns.data_ptr(), y.data_ptr(), self._memory.data_ptr(),
            )
        )  # fmt: skip
        return y


def kept(name: str, shelf: Shelf | None, layout: Layout, build: Callable[[Stages], None]) -> Program:
    """The program of this name, from the shelf where it lies there whole, else as `build` puts it together."""
    stages = None if shelf is None else _taken(name, shelf, layout)
    if stages is None:
        stages, start = Stages(layout), layout.size
        build(stages)
        if shelf is not None:
            _put(name, shelf, stages, start)
    return Program(stages)


def _put(name: str, shelf: Shelf, stages: Stages, start: int) -> None:
    """What the stages are, with the numbers of rooms (from 1) where their addresses stand, and the rooms."""
    numbers = {one.address: number for number, one in enumerate(stages.rooms, 1)}
    array = (_Stage * len(stages.made))(*stages.made)
    for stage in array:
        for field_name in _POINTERS:
            setattr(stage, field_name, numbers.get(getattr(stage, field_name)))
    about = {"start": start, "end": stages.layout.size, "together": stages.together, "rooms": len(stages.rooms)}
    told = json.dumps(about).encode() + b"\n" + bytes(array)
    plan = room(len(told))
    ctypes.memmove(plan.address, told, len(told))
    shelf.put(name, plan)
    for number, one in enumerate(stages.rooms, 1):
        shelf.put(f"{name}.{number}", one)


def _taken(name: str, shelf: Shelf, layout: Layout) -> Stages | None:
    """The stages as `_put` has left them; None where something is missing."""
    plan = shelf.take(name)
    if plan is None:
        return None
    told, _, raw = plan.bytes().partition(b"\n")
    about = json.loads(told)
    if about["start"] != layout.size or len(raw) % ctypes.sizeof(_Stage):
        return None
    rooms = in_parallel(lambda number: shelf.take(f"{name}.{number}"), range(1, about["rooms"] + 1))
    whole = [one for one in rooms if one is not None]
    if len(whole) < len(rooms):
        return None
    made = list((_Stage * (len(raw) // ctypes.sizeof(_Stage))).from_buffer_copy(raw))
    for stage in made:
        for field_name in _POINTERS:
            if number := getattr(stage, field_name):
                setattr(stage, field_name, whole[number - 1].address)
    layout.size = about["end"]
    return Stages(layout, about["together"], made, whole)


def _measure(codec: _Codec, stages: ctypes.Array[_Stage]) -> int:
    """How large the regions are, a frame, and the room in front of them; comes back with the steps that a frame becomes."""
    steps = 1
    for index, stage in enumerate(stages):
        reach = (stage.taps - 1) * stage.dilation * stage.width
        codec.head = max(codec.head, -(-reach // _TILE) * _TILE)
        reading = codec.shared if index > codec.together else codec.own
        reading[stage.source] = max(reading[stage.source], steps * stage.width)
        writing = codec.shared if index >= codec.together else codec.own
        for region in {stage.raw, stage.act} - {NOWHERE}:
            writing[region] = max(writing[region], steps * stage.out)
        steps *= stage.rate
    return steps


def _padded(tensor: torch.Tensor) -> torch.Tensor:
    """With a tile more than there is, so that a whole register may be read anywhere."""
    return F.pad(tensor, (0, -len(tensor) % _WIDE + _WIDE))


_PROTOTYPES: Final = {
    "vn_codec_floats": (c_int64, (c_void_p, c_int, c_int)),
    "vn_codec_run": (
        c_int,
        (c_void_p, c_void_p, c_int, c_int, c_void_p, POINTER(_Row), c_void_p, c_void_p, c_void_p),
    ),
}
