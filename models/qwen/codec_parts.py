"""The small parts that the codec's layers are made of, and how they read their weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from models.qwen.codec_state import Layout, Span
from models.qwen.convolution import SHORTEST, Convolution, Linear, Taps
from models.qwen.native.shelf import Shelf
from models.qwen.weights import Tensors

# A weight and its bias, made when they are wanted.
Weights = Callable[[], tuple[torch.Tensor, torch.Tensor]]


@dataclass(frozen=True, slots=True)
class Source:
    """Where layers read their weights, as float32 of their own, and what they make of them."""

    weights: Tensors
    prefix: str
    layout: Layout
    dtype: torch.dtype
    device: torch.device | str
    shelf: Shelf | None = None
    """Where what is made of them is kept."""

    def part(self, name: str | int) -> Source:
        """The same below `name`."""
        return replace(self, prefix=f"{self.prefix}{name}.")

    def read(self, name: str, *shape: int) -> torch.Tensor:
        """A float32 copy: nothing keeps the mapped file alive. Raises BadCheckpoint."""
        return self.weights.read(self.prefix + name, *shape).to("cpu", torch.float32, copy=True)

    def place(self, tensor: torch.Tensor) -> torch.Tensor:
        """The tensor as it is computed with."""
        return tensor.to(self.device, self.dtype)

    def convolution(
        self, weight: torch.Tensor, bias: torch.Tensor, *, dilation: int = 1, groups: int = 1, steps: int = SHORTEST
    ) -> Causal:
        """A convolution of weight [out, in / groups, taps] with its past; `steps` is the usual T."""
        product = Convolution(Taps(self.place(weight), self.place(bias), dilation, groups), steps)
        return Causal(product, self.layout.span(product.reach, product.inputs))

    def linear(
        self, weight: torch.Tensor, bias: torch.Tensor | None = None, *, gelu: bool = False, steps: int = SHORTEST
    ) -> Linear:
        """A matrix [out, in] for every step."""
        placed = None if bias is None else self.place(bias)
        return Linear(Taps(self.place(weight[..., None]), placed, gelu=gelu), steps)


class Causal:
    """A convolution with the past of its inputs, which lies in the state."""

    def __init__(self, product: Convolution, span: Span) -> None:
        self._product, self._span = product, span

    def __call__(self, tails: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """[B, T, in] to [B, T, out]; the past is moved on."""
        joined, fresh = self._span.room(tails, x.shape[1])
        fresh.copy_(x)
        return self._finish(tails, joined)

    def snaked(self, snake: Snake, tails: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """The same of a Snake of x, which is written straight behind its past."""
        joined, fresh = self._span.room(tails, x.shape[1])
        snake(x, out=fresh)
        return self._finish(tails, joined)

    def _finish(self, tails: torch.Tensor, joined: torch.Tensor) -> torch.Tensor:
        self._span.keep(tails, joined)
        return self._product(joined)


class Snake:
    """x + sin(a x)^2 / b, by channel, with a and b given as logarithms (arXiv 2006.08195, "SnakeBeta" in the package)."""

    def __init__(self, source: Source, channels: int) -> None:
        # exp() in float32 whatever the dtype: in bfloat16 it has silenced whole takes elsewhere (vllm-omni 1663).
        self._frequency = source.place(source.read("alpha", channels).exp())
        self._amount = source.place(1.0 / (source.read("beta", channels).exp() + 1e-9))

    def __call__(self, x: torch.Tensor, out: torch.Tensor) -> None:
        """Of x [B, T, channels] into `out`, which may be x."""
        wave = torch.mul(x, self._frequency).sin_()
        torch.addcmul(x, wave.square_(), self._amount, out=out)


def spread(weight: torch.Tensor, bias: torch.Tensor, rate: int) -> tuple[torch.Tensor, torch.Tensor]:
    """A transposed convolution of `rate` as a plain one that makes all `rate` steps of an input step side by side.

    weight [in, out, rate * taps] becomes [rate * out, in, taps], bias [out] becomes [rate * out]; the result
    [B, T, rate * out] is [B, T * rate, out] as it lies. Step t * rate + r is the sum over j of
    weight[:, :, j * rate + r] x[t - j]: what is left once the package has cut its last `(taps - 1) * rate` steps.
    """
    inputs, outputs, width = weight.shape
    taps = weight.view(inputs, outputs, width // rate, rate).flip(2)
    return taps.permute(3, 1, 0, 2).reshape(rate * outputs, inputs, width // rate), bias.repeat(rate)
