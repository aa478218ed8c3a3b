"""The codec's small parts against torch's and the package's."""

from __future__ import annotations

import package
import pytest
import torch
import torch.nn.functional as F

from models.qwen.codec_parts import Snake, Source, spread
from models.qwen.codec_state import CodecState, Layout, gather, scatter


class Same:
    """One tensor under every name."""

    def __init__(self, tensor: torch.Tensor) -> None:
        self.tensor = tensor

    def read(self, name: str, *shape: int) -> torch.Tensor:
        assert tuple(self.tensor.shape) == shape
        return self.tensor


def source(tensor: torch.Tensor, dtype: torch.dtype = torch.float32) -> Source:
    return Source(Same(tensor), "", Layout(), dtype, "cpu")


@pytest.mark.parametrize(("rate", "taps"), [(2, 1), (8, 2), (3, 2)])
def test_a_transposed_convolution_spread_out_is_torch_s(rate: int, taps: int) -> None:
    weight, bias, x = torch.randn(6, 4, rate * taps), torch.randn(4), torch.randn(2, 6, 9)
    expected = F.conv_transpose1d(x, weight, bias, stride=rate)[..., : 9 * rate]
    plain, biases = spread(weight, bias, rate)
    assert plain.shape == (rate * 4, 6, taps)
    y = F.conv1d(F.pad(x, (taps - 1, 0)), plain, biases).transpose(1, 2).reshape(2, 9 * rate, 4)
    torch.testing.assert_close(y.transpose(1, 2), expected, rtol=1e-4, atol=1e-5)


def test_a_snake_is_the_package_s_and_may_bite_its_tail() -> None:
    modeling = package.part("core.tokenizer_12hz.modeling_qwen3_tts_tokenizer_v2")
    logarithms, x = 0.5 * torch.randn(5), torch.randn(2, 30, 5)
    theirs = modeling.SnakeBeta(5)
    theirs.load_state_dict({"alpha": logarithms, "beta": logarithms})
    expected = theirs(x.transpose(1, 2)).transpose(1, 2).detach()
    ours = Snake(source(logarithms), 5)
    ours(x, out=x)
    torch.testing.assert_close(x, expected, rtol=1e-5, atol=1e-5)


def test_a_snake_in_bfloat16_is_finite_where_its_constants_are_large() -> None:
    ours, x = Snake(source(torch.tensor([-9.0, 0.0, 9.0]), torch.bfloat16), 3), torch.randn(1, 20, 3).bfloat16()
    ours(x, out=x)
    assert x.isfinite().all()


def test_what_is_read_is_float32_and_its_own() -> None:
    stored = torch.ones(3)
    assert source(stored).read("", 3).data_ptr() != stored.data_ptr()
    assert source(stored.bfloat16()).read("", 3).dtype == torch.float32


def test_a_convolution_remembers_what_it_was_given() -> None:
    weight, bias, x = torch.randn(4, 6, 3), torch.randn(4), torch.randn(2, 12, 6)
    expected = F.conv1d(F.pad(x.transpose(1, 2), (4, 0)), weight, bias, dilation=2).transpose(1, 2)
    origin = source(bias)
    origin.layout.span(1, 5)  # another's
    ours = origin.convolution(weight, bias, dilation=2)
    tails = torch.zeros(2, origin.layout.size)
    got = [ours(tails, x[:, at : at + step]) for at, step in ((0, 1), (1, 2), (3, 9))]
    torch.testing.assert_close(torch.cat(got, dim=1), expected, rtol=1e-4, atol=1e-5)
    assert not tails[:, :5].any()


def test_rows_are_gathered_and_given_back() -> None:
    states = [CodecState(torch.full((4,), float(row)), torch.zeros(1)) for row in range(3)]
    alone = gather(states[:1])
    alone += 1.0
    scatter(alone, states[:1])
    together = gather(states)
    together += 10.0
    assert [state.tails[0].item() for state in states] == [1.0, 1.0, 2.0]
    scatter(together, states)
    assert [state.tails[0].item() for state in states] == [11.0, 11.0, 12.0]
