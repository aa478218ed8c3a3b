"""A stack of layers is transformers' Qwen3 decoder, whoever holds its cache."""

from __future__ import annotations

import package
import pytest
import torch
from checkpoints import Shelf

from models.qwen import config
from models.qwen.attention import attention
from models.qwen.stack import Stack
from models.qwen.weights import opened


@pytest.fixture(scope="module", params=["nano", "small"])
def both(request: pytest.FixtureRequest, checkpoint: Shelf) -> tuple[Stack, torch.nn.Module]:
    """Ours, and the package's code predictor."""
    folder = checkpoint("custom_voice", request.param)
    with opened(folder) as weights:
        ours = Stack(config.read(folder).predictor, weights, "talker.code_predictor.model.", "float32")
    return ours, package.load(folder).model.talker.code_predictor.model


def whole(stack: Stack, x: torch.Tensor) -> torch.Tensor:
    """Hidden states of all positions of one row at once."""

    def attend(layer: int, q: torch.Tensor, kv: torch.Tensor) -> torch.Tensor:
        keys, values = kv.transpose(0, 1).chunk(2)
        return attention(q[None], keys[None], values[None])

    return stack(x.clone(), stack.rotation(torch.arange(len(x))), attend)


def test_it_is_the_package_s(both: tuple[Stack, torch.nn.Module]) -> None:
    ours, theirs = both
    x = torch.randn(11, ours.shape.hidden, generator=torch.Generator().manual_seed(0))
    with package.quiet(), torch.inference_mode():
        expected = theirs(inputs_embeds=x[None]).last_hidden_state[0]
    torch.testing.assert_close(whole(ours, x), expected, rtol=1e-4, atol=1e-5)


def test_positions_may_come_one_by_one(both: tuple[Stack, torch.nn.Module]) -> None:
    stack, _ = both
    x = torch.randn(6, stack.shape.hidden, generator=torch.Generator().manual_seed(1))
    held: list[list[torch.Tensor]] = [[] for _ in range(stack.shape.layers)]

    def attend(layer: int, q: torch.Tensor, kv: torch.Tensor) -> torch.Tensor:
        held[layer].append(kv.clone())
        keys, values = torch.cat(held[layer]).transpose(0, 1).chunk(2)
        return attention(q[None], keys[None], values[None])

    steps = [stack(x[at : at + 1].clone(), stack.rotation(torch.tensor([at])), attend) for at in range(6)]
    torch.testing.assert_close(torch.cat(steps), whole(stack, x), rtol=1e-4, atol=1e-5)


def test_a_turn_depends_on_the_distance_only() -> None:
    class Ones:
        def read(self, name: str, *shape: int) -> torch.Tensor:
            return torch.ones(shape)

    shape = config.StackShape(1, 8, 2, 1, 8, 8, 1e-6, 1e4)
    stack = Stack(shape, Ones(), "", "float32")
    q, k = torch.randn(2, 8, generator=torch.Generator().manual_seed(0))

    def turned(x: torch.Tensor, position: int) -> torch.Tensor:
        cosines, sines = stack.rotation(torch.tensor([position]))
        return x * cosines[0, 0] + x.roll(4) * sines[0, 0]

    scores = [float(turned(q, 5 + far) @ turned(k, 3 + far)) for far in (0, 1, 50, 900)]
    assert scores == pytest.approx([scores[0]] * 4, abs=1e-3)
    assert float(turned(q, 5) @ turned(k, 4)) != pytest.approx(scores[0], abs=1e-3)
