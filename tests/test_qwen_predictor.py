"""The other fifteen codes: each row's own, and no trace of who was there before."""

from __future__ import annotations

import package
import pytest
import torch
from checkpoints import Shelf
from qwen_core import EXACT, loaded

from models.qwen.linear import Precision
from models.qwen.predictor import Predictor
from models.qwen.sampling import Choice, Rule


def predictor(checkpoint: Shelf, shape: str, precision: Precision) -> Predictor:
    return loaded(checkpoint("custom_voice", shape), precision).frames._predictor


def given(rows: int, width: int, codebook: int, seed: int = 0) -> tuple[torch.Tensor, ...]:
    """Hidden states, embeddings of first codes, those codes, and draws."""
    source = torch.Generator().manual_seed(seed)
    hidden, first = torch.randn(2, rows, width, generator=source)
    return hidden, first, torch.randint(0, codebook, (rows,), generator=source), torch.rand(rows, 16, generator=source)


def predicted(model: Predictor, parts: tuple[torch.Tensor, ...], rule: Rule, codebook: int) -> tuple[torch.Tensor, ...]:
    hidden, first, ids, draws = (part.clone() for part in parts)
    with torch.inference_mode():
        return model(hidden, first, ids, Choice([rule] * len(ids), codebook), draws)


@pytest.mark.parametrize(("shape", "width", "codebook"), [("nano", 32, 64), ("small", 64, 128)])
def test_greedy_codes_are_the_package_s(checkpoint: Shelf, shape: str, width: int, codebook: int) -> None:
    parts = given(3, width, codebook)
    codes, heard, _ = predicted(predictor(checkpoint, shape, "float32"), parts, Rule(sample=False), codebook)
    talker = package.load(checkpoint("custom_voice", shape)).model.talker
    with package.quiet(), torch.inference_mode():
        theirs = talker.code_predictor.generate(
            inputs_embeds=torch.stack(parts[:2], 1), max_new_tokens=15, do_sample=False, return_dict_in_generate=True
        ).sequences
    assert torch.equal(codes[:, 0], parts[2])
    assert torch.equal(codes[:, 1:], theirs)
    tables = talker.code_predictor.model.codec_embedding
    expected = parts[1] + sum(table.weight.detach()[theirs[:, book]] for book, table in enumerate(tables))
    torch.testing.assert_close(heard, expected)


@pytest.mark.parametrize("precision", EXACT)
@pytest.mark.parametrize(("shape", "width", "codebook"), [("nano", 32, 64), ("small", 64, 128)])
def test_a_row_is_the_same_beside_any_neighbours_and_after_any(
    checkpoint: Shelf, precision: Precision, shape: str, width: int, codebook: int
) -> None:
    model, rule = predictor(checkpoint, shape, precision), Rule(top_k=20)
    parts = given(8, width, codebook)
    together = predicted(model, parts, rule, codebook)
    for rows in (range(1), range(3, 4), range(2, 7), range(8)):
        some = predicted(model, tuple(part[list(rows)] for part in parts), rule, codebook)
        for mine, all_ in zip(some, together, strict=True):
            assert torch.equal(mine, all_[list(rows)])


@pytest.mark.parametrize("precision", ["float32", *EXACT])
def test_a_row_of_nan_stays_alone_and_leaves_nothing_behind(checkpoint: Shelf, precision: Precision) -> None:
    model, rule = predictor(checkpoint, "small", precision), Rule()
    parts = given(4, 64, 128, seed=2)
    clean = predicted(model, parts, rule, 128)
    harmed = tuple(part.clone() for part in parts)
    harmed[0][2] = float("nan")
    codes, heard, logits = predicted(model, harmed, rule, 128)
    assert not bool(logits[2].isfinite().all())
    others = [0, 1, 3]
    for mine, before in zip((codes, heard, logits), clean, strict=True):
        assert torch.equal(mine[others], before[others])
    for mine, before in zip(predicted(model, parts, rule, 128), clean, strict=True):
        assert torch.equal(mine, before)
