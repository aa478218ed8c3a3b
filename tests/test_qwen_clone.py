"""A clone prompt is bytes between two runs of the same model: what comes back is what went in, or an error that says why not."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
import torch
from checkpoints import Shelf
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save

from models.backend import StalePrompt
from models.qwen import config
from models.qwen.clone import ClonePrompt

CODES = torch.arange(48).reshape(3, 16)
WHOLE = ClonePrompt(torch.linspace(-1, 1, 32), CODES, "Grüß Gott, 你好", "abc")
SOUND = ClonePrompt(torch.linspace(-1, 1, 32), None, "", "abc")


def packed(about: object, **tensors: torch.Tensor) -> bytes:
    return save({name: tensor.clone() for name, tensor in tensors.items()}, {"voiced.clone": json.dumps(about)})


ABOUT = {"version": 1, "text": "words", "model": "abc"}
EMBEDDING = torch.ones(32)


@pytest.mark.parametrize("prompt", [WHOLE, SOUND])
def test_a_prompt_comes_back(prompt: ClonePrompt) -> None:
    data = prompt.to_bytes()
    back = ClonePrompt.from_bytes(data)
    assert torch.equal(back.embedding, prompt.embedding)
    assert (back.codes is None) == (prompt.codes is None)
    if back.codes is not None and prompt.codes is not None:
        assert back.codes.dtype == torch.int64
        assert torch.equal(back.codes, prompt.codes)
    assert (back.text, back.model) == (prompt.text, prompt.model)
    assert all(back.to_bytes() == data for _ in range(5))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a clone prompt"),
        (b"RIFF\x00\x00\x00\x00WAVE", "not a clone prompt"),
        (b'{"speaker": "ryan"}', "not a clone prompt"),
        (WHOLE.to_bytes()[:-1], "not a clone prompt"),
        (WHOLE.to_bytes() + b"\0", "not a clone prompt"),
        (save({"embedding": EMBEDDING}), "not a clone prompt"),
        (save({"embedding": EMBEDDING}, {"voiced.clone": "{"}), "not a clone prompt"),
        (packed([], embedding=EMBEDDING), "not a clone prompt"),
        (packed({"text": ""}, embedding=EMBEDDING), "not a clone prompt"),
        (packed(ABOUT | {"version": 2}, embedding=EMBEDDING), "version 2; version 1 can be read"),
        (packed(ABOUT | {"text": 7}, embedding=EMBEDDING), "does not say"),
        (packed(ABOUT | {"model": None}, embedding=EMBEDDING), "does not say"),
        (packed(ABOUT, codes=CODES.short()), r"holds \['codes'\]"),
        (packed(ABOUT, embedding=EMBEDDING, codes=CODES.short(), more=EMBEDDING), "more"),
        (packed(ABOUT, embedding=EMBEDDING.half(), codes=CODES.short()), r"embedding is float16 \[32\]"),
        (packed(ABOUT, embedding=EMBEDDING[None], codes=CODES.short()), r"embedding is float32 \[1, 32\]"),
        (packed(ABOUT, embedding=EMBEDDING[:0], codes=CODES.short()), r"embedding is float32 \[0\]"),
        (packed(ABOUT, embedding=EMBEDDING * torch.nan, codes=CODES.short()), "not finite"),
        (packed(ABOUT, embedding=EMBEDDING * torch.inf, codes=CODES.short()), "not finite"),
        (packed(ABOUT, embedding=EMBEDDING, codes=CODES.float()), r"codes are float32 \[3, 16\]"),
        (packed(ABOUT, embedding=EMBEDDING, codes=CODES[:, :8].short().contiguous()), r"codes are int16 \[3, 8\]"),
        (packed(ABOUT, embedding=EMBEDDING, codes=CODES[:0].short()), "none"),
        (packed(ABOUT, embedding=EMBEDDING, codes=(CODES - 1).short()), "below zero"),
        (packed(ABOUT, embedding=EMBEDDING), "or neither"),
        (packed(ABOUT | {"text": " "}, embedding=EMBEDDING, codes=CODES.short()), "or neither"),
    ],
)
def test_what_is_no_prompt_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(StalePrompt, match=words):
        ClonePrompt.from_bytes(data)


@given(st.binary(max_size=64), st.integers(0, len(WHOLE.to_bytes())), st.integers(0, 64))
def test_damaged_bytes_are_refused_or_read_never_worse(piece: bytes, at: int, cut: int) -> None:
    data = WHOLE.to_bytes()
    with suppress(StalePrompt):
        ClonePrompt.from_bytes(data[:at] + piece + data[at + cut :])


def test_a_prompt_belongs_to_one_model(checkpoint: Shelf) -> None:
    shape = config.read(checkpoint("base"))
    fits: dict[str, Any] = {"model": "abc", "embedding": torch.ones(shape.talker.hidden)}
    replace(WHOLE, **fits).check("abc", shape)
    replace(SOUND, **fits).check("abc", shape)
    with pytest.raises(StalePrompt, match="another model"):
        replace(WHOLE, **fits).check("other", shape)
    with pytest.raises(StalePrompt, match="another model"):
        replace(WHOLE, **fits | {"embedding": torch.ones(5)}).check("abc", shape)
    with pytest.raises(StalePrompt, match="above 63"):
        replace(WHOLE, **fits, codes=CODES + shape.codebook_size).check("abc", shape)
