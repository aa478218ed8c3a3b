"""The fifteen other codes of a frame in one call of the C library: here pointers, shapes and lifetimes meet."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import POINTER, byref, c_float, c_int, c_int32, c_size_t, c_void_p
from typing import Any, Final

import torch

from models.qwen.config import CODEBOOKS, StackShape
from models.qwen.native.library import Weight, check, library
from models.qwen.native.pool import pool
from models.qwen.native.products import Kind, Native, Packed, kept, least
from models.qwen.native.shelf import Shelf
from models.qwen.native.steps import TILE, Layers, Scratch, StackStructure, fits
from models.qwen.parallel import in_parallel
from models.qwen.sampling import Choice
from models.qwen.stack import Turning

_REST: Final = CODEBOOKS - 1


class _Predictor(ctypes.Structure):
    """`vn_predictor`."""

    _fields_ = (
        ("stack", StackStructure),
        ("wide", c_int32),
        ("codebook", c_int32),
        ("narrow", POINTER(Weight)),
        ("bias", c_void_p),
        ("heads", Weight * _REST),
        ("embeddings", c_void_p * _REST),
        ("is_short", c_int32),
        ("cosines", c_void_p),
        ("sines", c_void_p),
    )


class _Rule(ctypes.Structure):
    """`vn_rule`."""

    _fields_ = (("width", c_int32), ("hotness", c_float), ("mass", c_float))


class _Frame(ctypes.Structure):
    """`vn_frame`."""

    _fields_ = (
        ("rows", c_int32),
        *((name, c_void_p) for name in ("hidden", "first", "ids", "rules", "draws", "codes", "heard", "logits")),
    )


def fit(shape: StackShape, wide: int, codebook: int) -> bool:
    """Whether the library predicts codes with this shape."""
    return fits(shape) and not wide % TILE and not codebook % TILE


class Codes:
    """The code predictor. One thread asks at a time.

    Args:
        layers: its stack.
        heads: what makes logits of hidden states for each of the fifteen, [codebook, hidden] each.
        embeddings: what the talker hears of each code, [codebook, wide] each; kept as they are.
        narrow: the weight [hidden, wide] and the bias [hidden] that fit the talker's width to this, where they differ.
    """

    def __init__(
        self,
        layers: Layers,
        heads: Sequence[torch.Tensor],
        embeddings: Sequence[torch.Tensor],
        narrow: tuple[torch.Tensor, torch.Tensor] | None,
        kind: Kind,
        shelf: Shelf | None = None,
    ) -> None:
        self._layers: Final = layers
        packed = in_parallel(lambda n: Native(_head(n, heads[n], kind, shelf)), range(_REST))
        tables = _tables(embeddings)
        cosines, sines = Turning(layers.shape)(torch.arange(CODEBOOKS))
        self._kept: Final[list[Any]] = [packed, tables, cosines, sines]
        """What the structure points to."""
        self._codebook, self._wide = tables[0].shape
        self._structure: Final = _Predictor(
            stack=layers.structure,
            wide=self._wide,
            codebook=self._codebook,
            heads=(Weight * _REST)(*(head.weight for head in packed)),
            embeddings=(c_void_p * _REST)(*(table.data_ptr() for table in tables)),
            is_short=tables[0].dtype == torch.bfloat16,
            cosines=cosines.data_ptr(),
            sines=sines.data_ptr(),
        )
        if narrow is not None:
            weight, bias = Native(least(narrow[0], kind)), narrow[1].float().contiguous()
            self._structure.narrow = ctypes.pointer(weight.weight)
            self._structure.bias = bias.data_ptr()
            self._kept.extend((weight, bias))
        self._scratch: Final = Scratch()
        self._together: Choice | None = None
        self._rules = (_Rule * 0)()
        native = library()
        self._bytes = native.vn_predict_bytes
        self._bytes.restype, self._bytes.argtypes = c_size_t, (POINTER(_Predictor), c_int, c_int)
        self._predict = native.vn_predict
        self._predict.restype, self._predict.argtypes = (
            c_int,
            (c_void_p, POINTER(_Predictor), POINTER(_Frame), c_void_p, c_size_t),
        )

    def __call__(
        self, hidden: torch.Tensor, first: torch.Tensor, ids: torch.Tensor, choice: Choice, draws: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """See Predictor.__call__."""
        rows = len(ids)
        assert hidden.shape == first.shape == (rows, self._wide)
        assert draws.shape == (rows, CODEBOOKS)
        if choice is not self._together:
            self._together, self._rules = choice, _rules(choice)
        assert len(self._rules) == rows
        given = [hidden.float().contiguous(), first.float().contiguous(), ids.long().contiguous()]
        given_draws = draws.float().contiguous()
        codes = torch.empty(rows, CODEBOOKS, dtype=torch.long)
        heard, logits = torch.empty(rows, self._wide), torch.empty(rows, self._codebook)
        made = (codes, heard, logits)
        frame = _Frame(
            rows,
            *(part.data_ptr() for part in given),
            ctypes.addressof(self._rules),
            given_draws.data_ptr(),
            *(part.data_ptr() for part in made),
        )
        threads, predictor = pool(torch.get_num_threads()), byref(self._structure)
        size = self._bytes(predictor, rows, threads.threads)
        check(self._predict(threads.pointer, predictor, byref(frame), self._scratch.of(size), size))
        return made


def _head(n: int, head: torch.Tensor, kind: Kind, shelf: Shelf | None) -> Packed:
    out, width = head.shape
    return kept(f"predictor.head.{n}", shelf, kind, out, width, lambda: head)


def _tables(embeddings: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """All of one kind that the library reads; stored as such they are not copied."""
    known = all(table.dtype == torch.bfloat16 for table in embeddings)
    return [table.contiguous() if known else table.float().contiguous() for table in embeddings]


def _rules(choice: Choice) -> ctypes.Array[_Rule]:
    """What a choice says of each of its rows."""
    rows = choice.rows()
    return (_Rule * len(rows))(*(_Rule(*row) for row in rows))
