"""Stages of the codec, kept beside a checkpoint: the same ones come back, or they are made anew."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from checkpoints import Shelf as Checkpoints
from test_qwen_codec import Made, codes_of, decoded

from models.qwen import config
from models.qwen.codec import Codec
from models.qwen.config import BadCheckpoint
from models.qwen.native import library
from models.qwen.native.shelf import NAME, Shelf
from models.qwen.weights import opened

pytestmark = pytest.mark.skipif(library.why_not() is not None, reason=str(library.why_not()))


class Counted:
    """Weights, and how many were read."""

    def __init__(self, weights: object) -> None:
        self._weights, self.names = weights, list[str]()

    def read(self, name: str, *shape: int) -> torch.Tensor:
        self.names.append(name)
        return self._weights.read(name, *shape)  # type: ignore[attr-defined, no-any-return]


def loaded(folder: Path, beside: Path) -> tuple[Codec, list[str]]:
    shelf = Shelf(beside)
    with opened(folder / "speech_tokenizer") as weights:
        counted = Counted(weights)
        codec = Codec(config.read(folder).codec, counted, shelf=shelf)  # type: ignore[arg-type]
    shelf.close()
    return codec, counted.names


def test_a_second_start_reads_no_weight_of_a_stage(checkpoint: Checkpoints, tmp_path: Path) -> None:
    folder = checkpoint("base")
    first, read = loaded(folder, tmp_path)
    again, few = loaded(folder, tmp_path)
    assert any(".conv." in name for name in read)
    assert all("output_proj" in name for name in few)
    codes = codes_of(9, seed=2)
    assert torch.equal(decoded(first, codes, 4), decoded(again, codes, 2))


def test_what_is_damaged_is_made_anew(checkpoint: Checkpoints, tmp_path: Path) -> None:
    folder = checkpoint("base")
    first, read = loaded(folder, tmp_path)
    data = bytearray((tmp_path / NAME).read_bytes())
    data[-5000:-4000] = bytes(1000)
    (tmp_path / NAME).write_bytes(data)
    again, names = loaded(folder, tmp_path)
    assert set(names) < set(read)
    assert any("decoder.decoder." in name for name in names), "the last program has lost a weight"
    codes = codes_of(5, seed=3)
    assert torch.equal(decoded(first, codes, 5), decoded(again, codes, 5))


def test_a_codec_that_cannot_be_read_leaves_nothing_wrong(checkpoint: Checkpoints, tmp_path: Path) -> None:
    shape = config.read(checkpoint("base")).codec
    shelf = Shelf(tmp_path)

    class Without(Made):
        def read(self, name: str, *size: int) -> torch.Tensor:
            if name.endswith("decoder.6.conv.weight"):
                raise BadCheckpoint(name)
            return super().read(name, *size)

    with pytest.raises(BadCheckpoint):
        Codec(shape, Without(), shelf=shelf)  # type: ignore[arg-type]
    shelf.close()
    whole = Codec(shape, Made(), shelf=Shelf(tmp_path))  # type: ignore[arg-type]
    codes = codes_of(3, seed=1)
    assert torch.equal(decoded(whole, codes, 3), decoded(Codec(shape, Made()), codes, 3))  # type: ignore[arg-type]
