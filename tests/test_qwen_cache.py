"""Keys and values grow in blocks under one budget, and everything comes back."""

from __future__ import annotations

import gc
import random

import pytest
import torch

from models.qwen.cache import BLOCK, Budget, Cache, Full
from models.qwen.config import StackShape

SHAPE = StackShape(layers=2, hidden=8, heads=4, kv_heads=2, head_dim=3, intermediate=8, eps=1e-6, theta=1e4)


def budget(blocks: int, dtype: torch.dtype = torch.float32) -> Budget:
    return Budget(SHAPE, dtype, blocks * BLOCK * 2 * 2 * 2 * 3 * dtype.itemsize)


def entry(value: float, positions: int = 1) -> torch.Tensor:
    """Keys and values [T, 2 * kv_heads, head_dim] with these numbers."""
    return (
        torch.arange(value, value + positions)[:, None, None].expand(positions, 4, 3)
        + torch.tensor([0, 0, 0.5, 0.5])[:, None]
    )


def grow(cache: Cache, positions: int) -> None:
    cache.reserve(positions)
    for layer in range(2):
        cache.write(layer, entry(100 * layer + cache.length, positions))
    cache.advance(positions)


def test_what_was_written_is_read_back_after_growing() -> None:
    cache = Cache(budget(4))
    for count in (1, 5, BLOCK - 6, 1, 2 * BLOCK, 1):
        grow(cache, count)
    cache.reserve(1)
    for layer in range(2):
        keys, values = cache.write(layer, entry(100 * layer + cache.length))
        expected = torch.arange(cache.length + 1.0) + 100 * layer
        assert torch.equal(keys, expected[None, :, None].expand(2, -1, 3))
        assert torch.equal(values, expected[None, :, None].expand(2, -1, 3) + 0.5)


def test_memory_comes_in_blocks_and_goes_back() -> None:
    one = budget(4)
    assert one.limit == 4 * BLOCK
    first, second = Cache(one), Cache(one)
    assert one.used == 0
    grow(first, 1)
    grow(second, BLOCK + 1)
    assert one.used == 3 * BLOCK
    grow(first, BLOCK - 1)
    assert one.used == 3 * BLOCK
    second.close()
    assert one.used == BLOCK
    second.close()
    first.close()
    assert (one.used, first.length) == (0, 0)
    grow(first, 1)  # it can be used again
    assert one.used == BLOCK


def test_a_budget_that_is_full_leaves_everything_as_it_was() -> None:
    one = budget(2)
    first, second = Cache(one), Cache(one)
    grow(first, BLOCK)
    grow(second, BLOCK)
    with pytest.raises(Full, match="256 of 256 positions are held"):
        first.reserve(1)
    assert (one.used, first.length) == (2 * BLOCK, BLOCK)
    second.close()
    grow(first, 1)
    assert first.length == BLOCK + 1


def test_every_budget_has_room_for_a_block() -> None:
    assert Budget(SHAPE, torch.bfloat16, 0).limit == BLOCK


@pytest.mark.parametrize("error", [RuntimeError("can't allocate memory"), MemoryError()])
def test_memory_that_cannot_be_had_is_not_counted(error: Exception) -> None:
    one = budget(4)
    cache = Cache(one)
    grow(cache, 3)

    class Poor:
        shape = cache.memory.shape

        def new_empty(self, *size: int) -> torch.Tensor:
            raise error

    kept, cache.memory = cache.memory, Poor()  # type: ignore[assignment]
    with pytest.raises(type(error)):
        cache.reserve(BLOCK)
    assert (one.used, cache.length) == (BLOCK, 3)
    cache.memory = kept
    cache.close()
    assert one.used == 0


def test_a_cache_that_is_dropped_gives_its_memory_back() -> None:
    """A row that is cancelled while it is parked is closed by nobody."""
    one = budget(4)
    cache = Cache(one)
    grow(cache, 1)
    del cache
    gc.collect()
    assert one.used == 0


def test_a_cache_moves_to_the_budget_of_a_model_loaded_anew() -> None:
    old, new, small = budget(2), budget(2), budget(1)
    cache = Cache(old)
    grow(cache, BLOCK + 1)
    with pytest.raises(Full):
        cache.move(small)
    assert (old.used, small.used) == (2 * BLOCK, 0)
    cache.move(new)
    cache.move(new)
    assert (old.used, new.used) == (0, 2 * BLOCK)
    cache.close()
    assert new.used == 0


def test_nothing_is_lost_whatever_rows_do() -> None:
    for seed in range(50):
        chance, one = random.Random(seed), budget(6)
        caches = [Cache(one) for _ in range(4)]
        for _ in range(60):
            cache = chance.choice(caches)
            if chance.random() < 0.15:
                cache.close()
                continue
            try:
                grow(cache, chance.choice([1, 1, 40, 130, 300]))
            except Full:
                assert one.used <= one.limit
            assert one.used == sum(-(-held.length // BLOCK) * BLOCK for held in caches) <= one.limit
        for cache in caches:
            cache.close()
        assert one.used == 0
