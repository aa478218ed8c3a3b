"""In int8 and int4 the kernels say what torch says where it quantises alike, but for what the order of sums explains.

Both are held against each other position by position, with the same inputs, keys and values. Products are the same to the
last bit; between them the last bits of float32 differ. Where a number lies midway between two steps such a bit decides which
one it is rounded to: a tie. One that falls otherwise moves the logits by some percent of their spread, as rounding to 8 bits
does everywhere. Where all ties fall as they did in the kernels the logits are theirs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch
from checkpoints import Shelf
from native_exact import PATHS, hard_rows, multiplier, numbers
from quantised import Products, Whole4, Whole8, reference, shaken
from qwen_core import fresh, part, passage, speak
from retold import Take, Teller, Told, heard, retold, said

from models.backend import Line
from models.qwen import blueprint, config, linear, weights
from models.qwen.checkpoint import Checkpoint, Plan, build
from models.qwen.linear import Precision
from models.qwen.native import library
from models.qwen.native.products import Kind
from models.qwen.sampling import Choice, Rule
from models.qwen.synthetic import Numbers
from models.qwen.tokens import Tokens
from models.qwen.weights import Tensors

pytestmark = pytest.mark.skipif(library.why_not() is not None, reason=str(library.why_not()))

# Of all positions so many may have a tie that fell otherwise: four times as many as ever had.
FEW = 0.01
# How often ties are tossed: five times as often as it ever took.
TOSSES = 400
FRAMES = 300
WORDS = (
    "the house of old friends speaks softly in every room while rain falls on green roofs and nobody hears why".split()
)
GREEDY = {"do_sample": False, "subtalker_dosample": False}


# --- products -----------------------------------------------------------------------------------------------------


@pytest.fixture(params=PATHS)
def path(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every way to multiply that this machine can run, by turns."""
    before = library.path()
    library.use(request.param)
    yield request.param
    library.use(before)


@pytest.mark.parametrize(("kind", "product"), [("int8", Whole8), ("int4", Whole4)])
def test_a_product_is_the_reference_s_to_the_last_bit(path: str, kind: Kind, product: Products) -> None:
    for out, width in ((64, 32), (17, 100), (96, 160), (5, 1), (33, 2047), (256, 1024), (64, 3072)):
        weight = numbers(out, width, seed=out) * numbers(out, 1, seed=1).exp()
        weight[1] = 0.0
        x = torch.cat([hard_rows(9, width, width), numbers(7, width, seed=2)])
        assert torch.equal(multiplier(weight, kind)(x), product(weight)(x)), (out, width)


# --- takes --------------------------------------------------------------------------------------------------------


class Spoken:
    """A take of the kernels', and what they make of its every position."""

    def __init__(self, kernels: Teller, take: Take) -> None:
        self.take = take
        self.positions = len(take.inputs) + take.codes.numel()
        self._firsts, states = kernels.firsts(take)
        self.states = states[take.prompt :]
        self._inputs = kernels.inputs(take.codes, self.states)
        self._others = kernels.others(self._inputs)
        self.logits = said(take, self._firsts, self._others)

    def apart(self, theirs: Teller, tosses: int = TOSSES) -> tuple[int, int]:
        """At how many positions torch makes something else: before ties are tossed, and however often they are."""

        def first(rows: torch.Tensor) -> Told:
            return theirs.firsts(self.take, self._firsts.kept)[0]

        def other(rows: torch.Tensor) -> Told:
            return theirs.others(self._inputs[rows], self._others.kept[rows])

        talker, predictor = _apart(self._firsts, first, tosses), _apart(self._others, other, tosses)
        return talker[0] + predictor[0], talker[1] + predictor[1]


def _apart(mine: Told, told: Callable[[torch.Tensor], Told], tosses: int) -> tuple[int, int]:
    apart = torch.ones(mine.logits.shape[:2], dtype=torch.bool)
    rows, before = torch.arange(len(apart)), 0
    for toss in range(tosses + 1):
        with shaken(toss) if toss else nullcontext():
            apart[rows] &= ~mine.at(rows).alike(told(rows))
        before = before if toss else int(apart.sum())
        rows = apart.any(1).nonzero()[:, 0]
        if not len(rows) or 2 * before > apart.numel():  # all are settled, or ties are not what sets them apart
            break
    return before, int(apart.sum())


class Pair:
    """A model in the kernels' arithmetic and in torch's."""

    def __init__(
        self, model: Checkpoint, stored: Callable[[], AbstractContextManager[Tensors]], precision: Precision
    ) -> None:
        self.model, self._stored, self._precision = model, stored, precision
        self.kernels, self.torch = self._teller(), self.other()

    def other(self, **products: Products) -> Teller:
        """Torch's, with other products than the kernels' where some are given."""
        with reference(**products):
            return self._teller()

    def spoken(self, seed: int, greedy: bool, frames: int = FRAMES) -> Spoken:
        """A take that the kernels speak, and tell again."""
        chance = random.Random(seed)
        text = " ".join(chance.choice(WORDS) for _ in range(frames))
        rules = {"max_new_tokens": frames + 1, **(GREEDY if greedy else {})}
        who = part(self.model, Line("ryan", "en", 0))
        first, again = (passage(self.model, who, text, seed, **rules) for _ in range(2))
        (made,) = speak(self.model, first)
        assert made.frames.shape == (frames, 16)
        return Spoken(self.kernels, heard(self.model, again, made.frames))

    def _teller(self) -> Teller:
        with self._stored() as stored:
            return Teller(self.model.shape, stored, self._precision)


Pairs = Callable[..., Pair]


@pytest.fixture(scope="module")
def pairs(checkpoint: Shelf) -> Pairs:
    """`pairs("small", "int8", seed=0)`, made once."""

    @cache
    def pair(shape: str, precision: Precision, seed: int = 0) -> Pair:
        folder = checkpoint("custom_voice", shape, end=-50.0, **({"seed": seed} if seed else {}))
        return Pair(fresh(folder, precision), lambda: weights.opened(folder), precision)

    return pair


every = pytest.mark.parametrize("precision", ["int8", "int4"])
either = pytest.mark.parametrize("shape", ["nano", "small"])


@every
@either
def test_the_kernels_tell_a_take_as_they_spoke_it(pairs: Pairs, shape: str, precision: Precision) -> None:
    """So what is compared below is what is heard."""
    pair = pairs(shape, precision)
    spoken = pair.spoken(0, greedy=True, frames=100)
    codes, model = spoken.take.codes, pair.model
    assert torch.equal(spoken.logits.argmax(-1), codes)
    heard, choice = model.prompts.first[codes[:, 0]].float(), Choice([Rule(sample=False)] * 100, codes.shape[1])
    again, _, last = model.frames._predictor(spoken.states, heard, codes[:, 0], choice, torch.zeros(100, 16))
    assert torch.equal(again, codes)
    assert torch.equal(last, spoken.logits[:, -1])


@pytest.mark.parametrize("greedy", [True, False])
@every
@either
def test_every_position_is_torch_s_but_for_ties(pairs: Pairs, shape: str, precision: Precision, greedy: bool) -> None:
    pair = pairs(shape, precision)
    spoken = pair.spoken(1, greedy)
    before, after = spoken.apart(pair.torch)
    assert before < FEW * spoken.positions
    assert after == 0


@every
@either
def test_another_token_is_nearly_as_likely(pairs: Pairs, shape: str, precision: Precision) -> None:
    pair = pairs(shape, precision)
    assert differing(pair, pair.spoken(2, greedy=True)) < 0.06


def differing(pair: Pair, spoken: Spoken) -> float:
    """The part of tokens that torch would have chosen otherwise; each was nearly as likely to it.

    It is told the codes and nothing else, so that ties stay in its keys and values, and make others. The kernels come as near
    to it as it comes to itself when ties are tossed.
    """
    theirs = retold(pair.torch, spoken.take)
    with shaken(1):
        noise = _off(retold(pair.torch, spoken.take), theirs)
    assert _off(spoken.logits, theirs).square().mean() < 4 * noise.square().mean()
    said = theirs.gather(-1, spoken.take.codes[..., None])[..., 0]
    behind = (theirs.amax(-1) - said) / theirs.std(-1)
    assert behind.max() < noise.max()
    return float((behind > 0).float().mean())


def _off(logits: torch.Tensor, theirs: torch.Tensor) -> torch.Tensor:
    """By how much logits differ at most, in parts of their spread."""
    return (logits - theirs).abs().amax(-1) / theirs.std(-1)


# --- that a difference would be seen ------------------------------------------------------------------------------


class Louder8(Whole8):
    """Scales that are half a thousandth too large."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__(weight)
        self.scales *= 1.0005


class Louder4(Whole4):
    """The same in int4."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__(weight)
        self.scales *= 1.0005


@pytest.mark.parametrize(
    ("precision", "products"),
    [("int8", {"int8": Louder8}), ("int4", {"int4": Louder4}), ("int4", {"int4": linear.Int4})],
)
def test_what_quantises_otherwise_is_told_apart(pairs: Pairs, precision: Precision, products: dict[str, type]) -> None:
    """Torch's own int4 does: its scales reach to 7 and not to -8, and its activations are bfloat16."""
    pair = pairs("small", precision)
    spoken = pair.spoken(1, greedy=True, frames=50)
    before, _ = spoken.apart(pair.other(**products), tosses=0)
    assert before > 0.9 * spoken.positions


@pytest.mark.skipif(not torch.cpu._is_vnni_supported(), reason="here torch has 7 bits for activations")
def test_torch_s_own_int8_quantises_alike(pairs: Pairs) -> None:
    pair = pairs("small", "int8")
    spoken = pair.spoken(1, greedy=True)
    before, _ = spoken.apart(pair.other(int8=linear.Int8), tosses=0)
    assert before < 3 * FEW * spoken.positions


# --- more ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(3))
@every
@pytest.mark.parametrize("shape", ["nano", "small", "wide"])
def test_long_takes_of_many_models(pairs: Pairs, shape: str, precision: Precision, seed: int) -> None:
    pair = pairs(shape, precision, seed)
    for greedy in (True, False):
        spoken = pair.spoken(seed, greedy, frames=600)
        before, after = spoken.apart(pair.torch)
        assert before < FEW * spoken.positions
        assert after == 0


@pytest.mark.slow
@every
def test_positions_by_every_way_to_multiply(path: str, pairs: Pairs, precision: Precision) -> None:
    pair = pairs("small", precision)
    spoken = pair.spoken(3, greedy=True)
    before, after = spoken.apart(pair.torch)
    assert before < FEW * spoken.positions
    assert after == 0


@pytest.mark.slow
@pytest.mark.timeout(1800)
@every
def test_another_token_of_the_released_size_is_nearly_as_likely(
    checkpoint: Shelf, tmp_path: Path, precision: Precision
) -> None:
    """With 28 layers of 1024 no position is without a tie, and logits of made-up weights lie close together."""
    folder = blueprint.write(tmp_path / "model", "0.6b")
    codec = config.read(checkpoint("custom_voice", end=-50.0)).codec
    shape = replace(config.read(folder), codec=codec)
    stored = Numbers(torch.bfloat16, shape.ids["codec_eos_token_id"])
    model = build(shape, Tokens(folder), stored, Numbers(torch.float32), Plan(precision))
    pair = Pair(model, lambda: nullcontext(stored), precision)
    assert differing(pair, pair.spoken(1, greedy=True, frames=40)) < 0.2
