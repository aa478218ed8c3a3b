"""Products with packed weights are torch's own, and each step's is the same in any company."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from models.qwen import convolution
from models.qwen.convolution import Convolution, Linear, Taps

SHAPES = [(8, 12, 7, 1), (16, 4, 7, 9), (20, 24, 3, 1), (6, 40, 2, 1)]


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(params=["packed", "plain"])
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both kernels; the plain one is what a torch without oneDNN, or another device, gets."""
    if request.param == "plain":
        monkeypatch.setattr(convolution, "packs", lambda: False)
    elif not convolution.packs():
        pytest.skip("this torch cannot pack weights")
    return str(request.param)


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize(("inputs", "outputs", "taps", "dilation"), SHAPES)
@torch.inference_mode()
def test_a_convolution_is_torch_s(inputs: int, outputs: int, taps: int, dilation: int) -> None:
    weight, bias = noise(outputs, inputs, taps), noise(outputs, seed=1)
    product = Convolution(Taps(weight, bias, dilation))
    assert (product.inputs, product.reach) == (inputs, (taps - 1) * dilation)
    for steps in (1, 5, 40):
        x = noise(2, steps + product.reach, inputs, seed=steps)
        expected = F.conv1d(x.transpose(1, 2), weight, bias, dilation=dilation).transpose(1, 2)
        assert product(x).is_contiguous()
        torch.testing.assert_close(product(x), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.usefixtures("kernel")
@torch.inference_mode()
def test_channels_may_go_each_for_itself() -> None:
    weight, bias, x = noise(24, 1, 7), noise(24), noise(1, 30, 24)
    expected = F.conv1d(x.transpose(1, 2), weight, bias, groups=24).transpose(1, 2)
    torch.testing.assert_close(Convolution(Taps(weight, bias, groups=24))(x), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.usefixtures("kernel")
@torch.inference_mode()
def test_a_matrix_is_torch_s_whatever_the_length() -> None:
    weight, bias = noise(12, 20), noise(12, seed=1)
    plain, smooth = Linear(Taps(weight[..., None], bias)), Linear(Taps(weight[..., None], None, gelu=True))
    for shape in ((1,), (3, 5), (2, 16), (1, 32)):
        x, onto = noise(*shape, 20, seed=2), noise(*shape, 12, seed=3)
        torch.testing.assert_close(plain(x), F.linear(x, weight, bias), rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(smooth(x), F.gelu(F.linear(x, weight)), rtol=1e-4, atol=1e-5)
        added = onto.clone()
        plain.add(x, added)
        torch.testing.assert_close(added, onto + F.linear(x, weight, bias), rtol=1e-4, atol=1e-5)


@pytest.mark.skipif(not convolution.packs(), reason="this torch cannot pack weights")
@pytest.mark.parametrize(("inputs", "outputs", "taps", "dilation"), [*SHAPES, (64, 96, 7, 1), (48, 48, 7, 3)])
@torch.inference_mode()
def test_a_step_s_bits_are_its_own(inputs: int, outputs: int, taps: int, dilation: int) -> None:
    product = Convolution(Taps(noise(outputs, inputs, taps), noise(outputs), dilation))
    x = noise(3, 100 + product.reach, inputs)
    whole = product(x)
    for at, steps in ((0, 1), (7, 3), (50, 15), (30, 16), (1, 33), (90, 10)):
        part = x[:, at : at + steps + product.reach].contiguous()
        assert torch.equal(product(part), whole[:, at : at + steps])
        assert torch.equal(product(part[1:2].contiguous()), whole[1:2, at : at + steps])


@torch.inference_mode()
def test_weights_are_packed_where_they_can_be() -> None:
    taps = Taps(noise(8, 8, 3), noise(8))
    assert type(convolution.kernel(taps, 16)) is (convolution._Packed if convolution.packs() else convolution._Plain)
    half = Taps(noise(8, 8, 3).double(), noise(8).double())
    assert type(convolution.kernel(half, 16)) is convolution._Plain
