"""Work on all cores while loading: in order, without a trace, and an error is an error."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import torch

from models.qwen.parallel import in_parallel


@pytest.fixture(autouse=True)
def four_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    torch.set_num_threads(before)


def test_results_come_in_order_and_torch_keeps_its_threads() -> None:
    def work(number: int) -> tuple[int, int, bool]:
        time.sleep(0.01 * (4 - number % 4))
        return number, torch.get_num_threads(), torch.is_inference_mode_enabled()

    assert in_parallel(work, range(12)) == tuple((number, 1, True) for number in range(12))
    assert torch.get_num_threads() == 4
    assert in_parallel(work, []) == ()


def test_an_error_is_raised_and_torch_keeps_its_threads() -> None:
    def work(number: int) -> int:
        if number == 3:
            raise ValueError("the third")
        return number

    with pytest.raises(ValueError, match="the third"):
        in_parallel(work, range(8))
    assert torch.get_num_threads() == 4
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("load")]
