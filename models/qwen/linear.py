"""Weights made ready for one precision: every product of a thin activation matrix with a weight goes through here.

The kernels in C do it where they are (see native/). Without them the quantised products need operators that torch keeps for
its own compiler and quantiser; each stands behind one class, and `packed` falls back to a plain product where the operator is
missing.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any, Final, Literal

import torch
import torch.nn.functional as F

from models.qwen.native import library
from models.qwen.native.products import Kind, Native, least

Precision = Literal["float32", "bfloat16", "float16", "int8", "int4"]
# In these a row comes out the same whatever rows are multiplied with it, even where torch multiplies.
INDEPENDENT: Final[frozenset[Precision]] = frozenset({"int8", "int4"})

# [rows, in] float32 -> [rows, out] float32
Linear = Callable[[torch.Tensor], torch.Tensor]

# Weights that share one scale in int4.
GROUP: Final = 32
# What keeps an all-zero row from being divided by zero.
_TINY: Final = 1e-30


def native(precision: Precision) -> Kind | None:
    """What the kernels in C call a precision; None where torch multiplies.

    float32 stays torch's, whose sums are those of the package.
    """
    if precision == "float32" or precision == "float16" or library.why_not() is not None:
        return None
    return precision


def independent(precision: Precision) -> bool:
    """Whether a row comes out the same whatever rows are multiplied with it, at any size."""
    return precision in INDEPENDENT or native(precision) is not None


def packed(weight: torch.Tensor, precision: Precision) -> Linear:
    """A product with `weight` [out, in] in this precision; the weight itself is not kept where it is repacked."""
    if weight.device.type == "cpu" and (kind := native(precision)) is not None:
        return Native(least(weight, kind))
    if precision == "int8":
        return Int8(weight)
    if precision == "int4":
        return Int4(weight) if Int4.fits(weight) else Int8(weight)
    if precision == "bfloat16" and weight.device.type == "cpu" and Packed16.works():
        return Packed16(weight)
    return Plain(weight, getattr(torch, precision))


class Plain:
    """torch's own product."""

    def __init__(self, weight: torch.Tensor, dtype: torch.dtype) -> None:
        self._weight = weight.to(dtype, copy=True)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return F.linear(x.to(self._weight.dtype), self._weight).to(x.dtype)


class Packed16:
    """bfloat16 with the weight laid out once for oneDNN: 1.5 times as fast as laying it out at every call."""

    def __init__(self, weight: torch.Tensor) -> None:
        self._weight: torch.Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.bfloat16().contiguous(), 1)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = torch.ops.mkldnn._linear_pointwise(x.bfloat16(), self._weight, None, "none", [], "")
        return y.to(x.dtype)

    @staticmethod
    def works() -> bool:
        """Whether this torch and this processor have it."""
        return hasattr(torch.ops.mkldnn, "_reorder_linear_weight") and torch.ops.mkldnn._is_mkldnn_bf16_supported()


class Int8:
    """8-bit weights, one scale an output; activations in 8 bits, one scale a *row*.

    The sums are whole numbers, so they are the same whatever the batch. FBGEMM takes one scale for all rows: every row is
    brought to [-1, 1] first, and its own scale put back afterwards.
    """

    def __init__(self, weight: torch.Tensor) -> None:
        _use_fbgemm()
        scale = torch.maximum(weight.amax(1), -weight.amin(1)).float().clamp_min_(_TINY) / 127
        quantised = (weight / scale[:, None]).round_().to(torch.int8)
        zeros = torch.zeros(len(scale), dtype=torch.long)
        tensor = torch._make_per_channel_quantized_tensor(quantised, scale.double(), zeros, 0)
        self._packed: Any = torch.ops.quantized.linear_prepack(tensor, None)
        # Without VNNI two 8-bit products may pass 16 bits where FBGEMM adds them: such processors get 7-bit activations.
        self._step = 1 / 127 if torch.cpu._is_vnni_supported() else 1 / 63
        self._multiply = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32.default

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        scale = x.abs().amax(-1, keepdim=True).clamp_min_(_TINY)
        y: torch.Tensor = self._multiply(x / scale, self._step, 128, self._packed)
        return y.mul_(scale)


# Weights are packed by many threads, and warnings are the whole process's.
_one_at_a_time: Final = Lock()


@cache
def _use_fbgemm() -> None:
    """Choose FBGEMM, and let torch announce once, to nobody, that quantised tensors will be made by another name."""
    torch.backends.quantized.engine = "fbgemm"
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        one = torch.ones(1)
        torch._make_per_channel_quantized_tensor(one.to(torch.int8)[None], one.double(), one.long(), 0)


class Int4:
    """4-bit weights, one scale for 32 of them; activations in bfloat16. A row is the same alone and among others."""

    def __init__(self, weight: torch.Tensor) -> None:
        out, width = weight.shape
        grouped = weight.float().view(out, width // GROUP, GROUP)
        scale = grouped.abs().amax(-1, keepdim=True).clamp_min_(_TINY) / 7
        quantised = (grouped / scale).round_().clamp_(-8, 7).to(torch.int32).add_(8).view(out, width)
        self._weight: torch.Tensor = torch.ops.aten._convert_weight_to_int4pack_for_cpu(quantised, 1)
        pair = torch.stack([scale[..., 0], torch.zeros_like(scale[..., 0])], -1)
        self._scales = pair.transpose(0, 1).contiguous().bfloat16()
        self._multiply = torch.ops.aten._weight_int4pack_mm_for_cpu.default

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self._multiply(x.bfloat16().contiguous(), self._weight, GROUP, self._scales)
        return y.to(x.dtype)

    @staticmethod
    def fits(weight: torch.Tensor) -> bool:
        """Whether the kernel has a tile for this shape."""
        out, width = weight.shape
        return out % 16 == 0 and width % GROUP == 0 and hasattr(torch.ops.aten, "_weight_int4pack_mm_for_cpu")
