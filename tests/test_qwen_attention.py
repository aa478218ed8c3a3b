"""Two products are torch's attention, and a row is the same beside any neighbours."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from models.qwen.attention import attention


def given(rows: int, count: int, positions: int, heads: int, kv_heads: int, width: int) -> tuple[torch.Tensor, ...]:
    source = torch.Generator().manual_seed(rows + positions)
    q = torch.randn(rows, count, heads, width, generator=source)
    keys, values = torch.randn(2, rows, kv_heads, positions, width, generator=source)
    return q * width**-0.5, keys, values


@pytest.mark.parametrize(("heads", "kv_heads", "width"), [(4, 2, 16), (4, 1, 32), (3, 3, 8), (16, 8, 128)])
@pytest.mark.parametrize(
    ("rows", "count", "positions"), [(1, 1, 1), (1, 1, 40), (3, 1, 16), (3, 2, 2), (1, 7, 7), (2, 5, 12)]
)
def test_it_is_causal_grouped_attention(
    rows: int, count: int, positions: int, heads: int, kv_heads: int, width: int
) -> None:
    q, keys, values = given(rows, count, positions, heads, kv_heads, width)
    seen = torch.ones(count, positions, dtype=torch.bool).tril(positions - count)
    expected = F.scaled_dot_product_attention(
        q.transpose(1, 2), keys, values, attn_mask=seen, scale=1.0, enable_gqa=True
    ).transpose(1, 2)
    torch.testing.assert_close(attention(q, keys, values), expected.reshape(rows * count, heads * width))


@pytest.mark.parametrize(("heads", "kv_heads", "width"), [(4, 2, 16), (4, 1, 32), (16, 8, 128)])
def test_a_row_is_the_same_beside_any_neighbours(heads: int, kv_heads: int, width: int) -> None:
    """To the last bit, at every length that a frame of the predictor has."""
    for positions in range(1, 17):
        q, keys, values = given(8, 1, positions, heads, kv_heads, width)
        together = attention(q, keys, values)
        for rows in (1, 2, 5):
            assert torch.equal(attention(q[:rows], keys[:rows], values[:rows]), together[:rows])
    q, keys, values = given(8, 2, 2, heads, kv_heads, width)
    together = attention(q, keys, values)
    for rows in (1, 3):
        assert torch.equal(attention(q[:rows], keys[:rows], values[:rows]), together[: 2 * rows])


def test_a_row_of_nan_stays_alone() -> None:
    q, keys, values = given(3, 1, 9, 4, 2, 16)
    clean = attention(q, keys, values)
    for harmed in (q, keys, values):
        harmed[1] = float("nan")
    seen = attention(q, keys, values)
    assert bool(seen[1].isnan().all())
    assert torch.equal(seen[::2], clean[::2])
