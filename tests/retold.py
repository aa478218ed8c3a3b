"""A take once more, position by position: what a model says of each when it hears a take that is already made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn.functional import one_hot

from models.qwen.attention import attention
from models.qwen.checkpoint import Checkpoint
from models.qwen.config import CODEBOOKS, ModelShape, StackShape
from models.qwen.linear import Precision, native, packed
from models.qwen.native.steps import Layers
from models.qwen.passage import Passage
from models.qwen.sampling import Sampling, penalise
from models.qwen.stack import Stack
from models.qwen.weights import Tensors

_PREDICTOR = "talker.code_predictor."
# Of the logits' spread, and of a head's largest key or value: by so much two ways to add up differ as long as all is rounded
# alike. It is three times what was seen; a tie that falls otherwise moves the logits by some percent.
ROUNDING = 2e-5
# Positions that the kernels are given at once.
_PIECE = 128


@dataclass(frozen=True, slots=True)
class Take:
    """Codes [n, 16] that were spoken, and what the talker heard: its prompt, then frames, [positions, hidden]."""

    codes: torch.Tensor
    inputs: torch.Tensor

    @property
    def prompt(self) -> int:
        """Positions that nothing is said at."""
        return len(self.inputs) - len(self.codes)


@dataclass(frozen=True, slots=True)
class Told:
    """What a stack makes of positions."""

    logits: torch.Tensor
    """[rows, positions, codebook]"""
    kept: torch.Tensor
    """Keys and values, [rows, layers, 2 * kv_heads, positions, head_dim]; torch's are not rounded yet."""

    def at(self, rows: torch.Tensor) -> Told:
        """Some rows of it."""
        return Told(self.logits[rows], self.kept[rows])

    def alike(self, other: Told) -> torch.Tensor:
        """Whether torch made the same of positions, [rows, positions], but for float32's last bits."""
        near = (self.logits - other.logits).abs().amax(-1) <= ROUNDING * self.logits.std(-1)
        miss, kind = ROUNDING * other.kept.abs().amax(-1, keepdim=True), self.kept.dtype
        least, most = (other.kept - miss).to(kind), (other.kept + miss).to(kind)
        within = (least <= self.kept) & (self.kept <= most)
        return near & within.permute(0, 3, 1, 2, 4).flatten(2).all(-1)


# Inputs [rows, positions, width], and the keys and values to look at instead of one's own -> states, own keys and values.
_Way = Callable[[torch.Tensor, torch.Tensor | None], tuple[torch.Tensor, torch.Tensor]]


@torch.inference_mode()
def heard(model: Checkpoint, one: Passage, codes: torch.Tensor) -> Take:
    """The take of a passage that has not begun, with these codes."""
    inputs = [one.prompt()]
    for frame in torch.split(codes[:-1], 1):
        one.heard, one.frames = model.prompts._frames(frame)[0], one.frames + 1
        inputs.append(one.input()[None])
    one.close()
    return Take(codes, torch.cat(inputs))


class Teller:
    """Talker and predictor in the kernels' arithmetic, or in torch's where it is made inside of `reference`."""

    def __init__(self, shape: ModelShape, weights: Tensors, precision: Precision) -> None:
        hidden, wide = shape.predictor.hidden, shape.talker.hidden

        def product(name: str, out: int, width: int) -> Callable[[torch.Tensor], torch.Tensor]:
            return packed(weights.read(f"{name}.weight", out, width), precision)

        self._codebook = shape.codebook_size
        self._talker = _way(shape.talker, weights, "talker.model.", precision, torch.bfloat16)
        self._head = product("talker.codec_head", shape.vocab, wide)
        self._predictor = _way(shape.predictor, weights, f"{_PREDICTOR}model.", precision, torch.float32)
        self._heads = [product(f"{_PREDICTOR}lm_head.{n}", self._codebook, hidden) for n in range(CODEBOOKS - 1)]
        self._first = weights.read("talker.model.codec_embedding.weight", shape.vocab, wide)
        self._others = [
            weights.read(f"{_PREDICTOR}model.codec_embedding.{n}.weight", self._codebook, wide)
            for n in range(CODEBOOKS - 1)
        ]
        name, self._narrow = f"{_PREDICTOR}small_to_mtp_projection", None
        if hidden != wide:
            self._narrow = product(name, hidden, wide), weights.read(f"{name}.bias", hidden).float()

    @torch.inference_mode()
    def firsts(self, take: Take, given: torch.Tensor | None = None) -> tuple[Told, torch.Tensor]:
        """What the talker makes of a take, as of one row, and its states [positions, hidden]."""
        (states,), kept = self._talker(take.inputs[None], given)
        return Told(self._head(states)[None, :, : self._codebook], kept), states

    @torch.inference_mode()
    def inputs(self, codes: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        """What the predictor hears, [n, 16, hidden], of frames [n, 16] and the talker's states [n, hidden] before them."""
        tables = [self._first, *self._others[:-1]]
        x = torch.stack([states, *(table[codes[:, book]].float() for book, table in enumerate(tables))], 1)
        if self._narrow is None:
            return x
        product, bias = self._narrow
        return (product(x.flatten(0, 1)) + bias).view(len(x), CODEBOOKS, -1)

    @torch.inference_mode()
    def others(self, x: torch.Tensor, given: torch.Tensor | None = None) -> Told:
        """What the predictor makes of its inputs, a row a frame.

        Nothing is said at its first position: the logits there are those that its first head would have.
        """
        made, kept = self._predictor(x, given)
        heads = [self._heads[0], *self._heads]
        return Told(torch.stack([head(made[:, at]) for at, head in enumerate(heads)], 1), kept)


def said(take: Take, firsts: Told, others: Told) -> torch.Tensor:
    """The logits that codes were chosen by, [n, 16, codebook]; those of control ids are left out."""
    first = firsts.logits[0, take.prompt :]
    spoken = one_hot(take.codes[:, 0], first.shape[1])
    seen = spoken.cumsum(0) - spoken > 0
    first = penalise(first, seen, torch.full((len(first), 1), Sampling().repetition_penalty))
    return torch.cat([first[:, None], others.logits[:, 1:]], 1)


def retold(teller: Teller, take: Take) -> torch.Tensor:
    """The logits for the codes of a take where nothing but those codes is given."""
    firsts, states = teller.firsts(take)
    return said(take, firsts, teller.others(teller.inputs(take.codes, states[take.prompt :])))


def _way(shape: StackShape, weights: Tensors, prefix: str, precision: Precision, kept: torch.dtype) -> _Way:
    if (kind := native(precision)) is not None:
        return _kernels(Layers(shape, weights, prefix, kind), kept)
    return _torch(Stack(shape, weights, prefix, precision), kept)


def _kernels(layers: Layers, dtype: torch.dtype) -> _Way:
    shape = layers.shape

    def way(x: torch.Tensor, given: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        assert given is None, "the kernels look at their own"
        rows, count, _ = x.shape
        kept = torch.zeros(rows, shape.layers, 2 * shape.kv_heads, count, shape.head_dim, dtype=dtype)
        places = [(memory, position) for memory in kept for position in range(count)]
        pieces = [places[at : at + _PIECE] for at in range(0, len(places), _PIECE)]
        states = [layers(some, piece) for some, piece in zip(torch.split(x.flatten(0, 1), _PIECE), pieces, strict=True)]
        return torch.cat(states).view(rows, count, -1), kept

    return way


def _torch(stack: Stack, dtype: torch.dtype) -> _Way:
    shape = stack.shape

    def way(x: torch.Tensor, given: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        rows, count, _ = x.shape
        made = torch.empty(rows, shape.layers, 2 * shape.kv_heads, count, shape.head_dim)

        def attend(layer: int, q: torch.Tensor, kv: torch.Tensor) -> torch.Tensor:
            made[:, layer] = kv.view(rows, count, -1, shape.head_dim).transpose(1, 2)
            keys, values = (made.to(dtype) if given is None else given)[:, layer].float().chunk(2, 1)
            return attention(q.view(rows, count, -1, shape.head_dim), keys, values)

        states = stack(x.flatten(0, 1), stack.rotation(torch.arange(count).repeat(rows)), attend)
        return states.view(rows, count, -1), made

    return way
