"""Numbers out of safetensors files without torch: the same that torch reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from models.qwen.config import BadCheckpoint
from models.qwen.tensorfile import numbers, shards


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_numbers_are_torch_s(tmp_path: Path, dtype: torch.dtype) -> None:
    tensor = torch.randn(7, 5, generator=torch.Generator().manual_seed(1)).mul(1e3).to(dtype)
    tensor[0] = torch.tensor([0.0, -0.0, torch.inf, torch.finfo(dtype).tiny, torch.finfo(dtype).max], dtype=dtype)
    save_file({"odd": torch.ones(3, dtype=torch.int8), "it": tensor}, tmp_path / "model.safetensors")
    assert torch.equal(torch.from_numpy(numbers(tmp_path, "it", 7, 5)), tensor.float())
    some = numbers(tmp_path, "it", 7, 5, rows=[6, 0, 6])
    assert torch.equal(torch.from_numpy(some), tensor.float()[[6, 0, 6]])


def test_shards_are_those_of_the_index(tmp_path: Path) -> None:
    assert shards(tmp_path) == [tmp_path / "model.safetensors"]
    for number in (2, 1):
        save_file({f"t{number}": torch.full((2,), float(number))}, tmp_path / f"{number}.safetensors")
    where = {f"t{number}": f"{number}.safetensors" for number in (2, 1)}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": where}))
    assert shards(tmp_path) == [tmp_path / "1.safetensors", tmp_path / "2.safetensors"]
    assert numbers(tmp_path, "t2", 2).tolist() == [2.0, 2.0]
    (tmp_path / "2.safetensors").unlink()
    with pytest.raises(BadCheckpoint, match=r"2\.safetensors is missing"):
        numbers(tmp_path, "t2", 2)


@pytest.mark.parametrize(
    "about",
    [
        7, {}, {"dtype": "F32"}, {"dtype": "F32", "shape": [2], "data_offsets": [0]},
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}, {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]},
        {"dtype": "F32", "shape": [2], "data_offsets": [-99, -91]}, {"dtype": [], "shape": [2], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2], "data_offsets": [10**30, 10**30 + 8]},
        {"dtype": "F32", "shape": [2], "data_offsets": ["0", "8"]},
    ],
)  # fmt: skip
def test_a_head_that_lies_is_refused(tmp_path: Path, about: Any) -> None:
    head = json.dumps({"it": about}).encode()
    (tmp_path / "model.safetensors").write_bytes(len(head).to_bytes(8, "little") + head + bytes(8))
    with pytest.raises(BadCheckpoint, match="not a whole safetensors file"):
        numbers(tmp_path, "it", 2)


@given(data=st.binary(max_size=200))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_are_worse_than_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "model.safetensors").write_bytes(data)
    with pytest.raises(BadCheckpoint):
        numbers(tmp_path, "it", 2)
