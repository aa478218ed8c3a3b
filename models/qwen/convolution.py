"""Products over time, for activations laid out as [rows, steps, channels], with weights packed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol

import torch
import torch.nn.functional as F

# oneDNN takes another kernel for very short inputs, with other last bits; from 14 steps on (measured at every layer of
# the codec, float32) a step's value depends on nothing but its own inputs. So shorter inputs are padded to this.
SHORTEST: Final = 16


@dataclass(frozen=True, slots=True)
class Taps:
    """What a kernel is made from: weight [out, in / groups, taps] and bias [out], where and as they are computed with."""

    weight: torch.Tensor
    bias: torch.Tensor | None
    dilation: int = 1
    groups: int = 1
    gelu: bool = False
    """Whether the result goes through GELU (the exact one)."""

    @property
    def reach(self) -> int:
        """Steps of the past that a step needs."""
        return (self.weight.shape[2] - 1) * self.dilation


class Kernel(Protocol):
    """The arithmetic alone: the one thing that another precision or library replaces."""

    def make(self, x: torch.Tensor) -> torch.Tensor:
        """[B, T + reach, in] to [B, T, out], contiguous."""

    def add(self, x: torch.Tensor, onto: torch.Tensor) -> None:
        """The same, added to `onto` [B, T, out] in place."""


def kernel(taps: Taps, steps: int) -> Kernel:
    """The fastest kernel there is here for these weights and a usual T of `steps`."""
    if taps.weight.device.type == "cpu" and taps.weight.dtype in (torch.float32, torch.bfloat16) and packs():
        return _Packed(taps, steps)
    return _Plain(taps)


def packs() -> bool:
    """Whether this torch has oneDNN, and the operators by which inductor packs weights for it (they are not public)."""
    names = ("_reorder_convolution_weight", "_convolution_pointwise", "_convolution_pointwise_")
    return torch.backends.mkldnn.is_available() and all(  # type: ignore[no-untyped-call]
        hasattr(torch.ops.mkldnn, name) for name in names
    )


class Convolution:
    """y[t] = bias + sum over j of weight[:, :, j] x[t + j * dilation]: a causal one, once the past stands before x."""

    def __init__(self, taps: Taps, steps: int = SHORTEST) -> None:
        """`steps` is the usual T; none is wrong."""
        self.inputs, self.reach = taps.weight.shape[1] * taps.groups, taps.reach
        self._kernel = kernel(taps, max(steps, SHORTEST))
        # In bfloat16 shorter inputs want another layout of the weights in some layers (40 ms each time), in float32 not.
        self._shortest = max(steps, SHORTEST) if taps.weight.dtype == torch.bfloat16 else SHORTEST

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """[B, T + reach, in] to [B, T, out], contiguous."""
        steps = x.shape[1] - self.reach
        if steps >= self._shortest:
            return self._kernel.make(x)
        return self._kernel.make(F.pad(x, (0, 0, 0, self._shortest - steps)))[:, :steps].contiguous()


class Linear:
    """A matrix for every step: a convolution of one tap over rows of `steps` steps, however the input is divided.

    For a single tap oneDNN wants another layout of the weights at nearly every length, and changing it takes ten times
    as long as the product. At one length it does not, and any number of rows takes as long as one long row (within 3 %).
    """

    def __init__(self, taps: Taps, steps: int = SHORTEST) -> None:
        self._steps = steps
        self._kernel = kernel(taps, steps)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """[..., in] to [..., out]."""
        flat = x.reshape(-1, x.shape[-1])
        if short := -flat.shape[0] % self._steps:
            flat = F.pad(flat, (0, 0, 0, short))
        y = self._kernel.make(flat.view(-1, self._steps, flat.shape[1])).view(flat.shape[0], -1)
        return (y[:-short] if short else y).view(*x.shape[:-1], -1)

    def add(self, x: torch.Tensor, onto: torch.Tensor) -> None:
        """[..., in], added to `onto` [..., out] (contiguous) in place: a residual path without a pass of its own."""
        if (x.numel() // x.shape[-1]) % self._steps:
            onto.add_(self(x))
        else:
            self._kernel.add(x.reshape(-1, self._steps, x.shape[-1]), onto.view(-1, self._steps, onto.shape[-1]))


class _Packed:
    """oneDNN, with weights in the order it computes with; torch's own calls put them in order every time."""

    def __init__(self, taps: Taps, steps: int) -> None:
        self._bias = taps.bias
        # padding, stride, dilation, groups
        self._geometry: tuple[Any, ...] = ([0, 0], [1, 1], [1, taps.dilation], taps.groups)
        self._unary: tuple[Any, ...] = ("gelu", [], "none") if taps.gelu else ("none", [], "")
        inputs = taps.weight.shape[1] * taps.groups
        self._weight: torch.Tensor = torch.ops.mkldnn._reorder_convolution_weight(
            taps.weight.unsqueeze(2).contiguous(), *self._geometry, [1, inputs, 1, steps + taps.reach]
        )

    def make(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = torch.ops.mkldnn._convolution_pointwise(
            _image(x), self._weight, self._bias, *self._geometry, *self._unary
        )
        return y.squeeze(2).transpose(1, 2)

    def add(self, x: torch.Tensor, onto: torch.Tensor) -> None:
        torch.ops.mkldnn._convolution_pointwise_.binary(
            _image(onto), _image(x), self._weight, self._bias, *self._geometry, "add", 1.0, None, [], None
        )


def _image(x: torch.Tensor) -> torch.Tensor:
    """[B, T, C] as an image [B, C, 1, T] in channels-last order; nothing moves."""
    return x.transpose(1, 2).unsqueeze(2)


class _Plain:
    """torch's own convolution, wherever weights cannot be packed. Its last bits may change with length and batch."""

    def __init__(self, taps: Taps) -> None:
        self._taps = taps

    def make(self, x: torch.Tensor) -> torch.Tensor:
        taps = self._taps
        y = F.conv1d(x.transpose(1, 2), taps.weight, taps.bias, dilation=taps.dilation, groups=taps.groups)
        y = y.transpose(1, 2).contiguous()
        return F.gelu(y) if taps.gelu else y

    def add(self, x: torch.Tensor, onto: torch.Tensor) -> None:
        onto.add_(self.make(x))
