"""The codes of a frame, made in C: the same choices as torch's, each row's its own."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import POINTER, byref, c_float, c_int, c_size_t, c_void_p
from dataclasses import replace

import pytest
import torch

from models.qwen.config import CodecShape, ModelShape, StackShape
from models.qwen.linear import Precision
from models.qwen.native import codes, library
from models.qwen.native.codes import _Rule, _rules
from models.qwen.native.library import NativeError
from models.qwen.native.pool import pool
from models.qwen.predictor import Predictor, _Plain
from models.qwen.sampling import Choice, Rule

pytestmark = pytest.mark.skipif(library.why_not() is not None, reason=str(library.why_not()))

INNER = StackShape(2, 32, 4, 2, 16, 48, 1e-6, 1e4)
CODEBOOK = 128
PRECISIONS: list[Precision] = ["bfloat16", "int8", "int4"]


class Numbers:
    """Made-up weights, the same for the same name; embeddings are stored in `stored`."""

    def __init__(self, stored: torch.dtype = torch.bfloat16) -> None:
        self._stored = stored

    def read(self, name: str, *shape: int) -> torch.Tensor:
        numbers = torch.randn(*shape, generator=torch.Generator().manual_seed(sum(name.encode())))
        if "embedding" in name:
            return numbers.to(self._stored)
        return numbers * (3 if "head" in name else 1) * shape[-1] ** -0.5 if len(shape) == 2 else 1 + numbers / 4

    table = read


def shaped(wide: int = 32) -> ModelShape:
    codec = CodecShape(INNER, 72, CODEBOOK, 16, 16, 16, (2,), (2,))
    talker = replace(INNER, hidden=wide)
    return ModelShape("base", True, talker, INNER, codec, 32, 64, 2048, CODEBOOK, {}, {}, {}, {})


def given(rows: int, wide: int = 32, seed: int = 0) -> tuple[torch.Tensor, ...]:
    """Hidden states, embeddings of first codes, those codes, and draws."""
    source = torch.Generator().manual_seed(seed)
    hidden, first = torch.randn(2, rows, wide, generator=source)
    return hidden, first, torch.randint(0, CODEBOOK, (rows,), generator=source), torch.rand(rows, 16, generator=source)


RULES = [
    Rule(), Rule(top_k=0), Rule(sample=False), Rule(temperature=0.3, top_k=7), Rule(top_p=0.6), Rule(top_k=1),
    Rule(temperature=1.7, top_p=0.9, top_k=1000), Rule(top_k=20, top_p=0.05),
]  # fmt: skip


def made(model: object, parts: Sequence[torch.Tensor], rules: Sequence[Rule]) -> tuple[torch.Tensor, ...]:
    hidden, first, ids, draws = (part.clone() for part in parts)
    assert callable(model)
    with torch.inference_mode():
        return tuple(model(hidden, first, ids, Choice(rules, CODEBOOK), draws))


# --- how one code is chosen ---------------------------------------------------------------------------------------


def chosen(logits: torch.Tensor, rules: Sequence[Rule], draws: torch.Tensor) -> list[int]:
    """By the library, row by row."""
    native, count = library.library(), logits.shape[1]
    native.vn_choose.argtypes = (c_int, c_void_p, POINTER(_Rule), c_float, c_void_p)
    native.vn_choose_bytes.restype, native.vn_choose_bytes.argtypes = c_size_t, (c_int,)
    room = torch.empty(native.vn_choose_bytes(count), dtype=torch.uint8)
    given, logits = _rules(Choice(rules, count)), logits.contiguous()
    return [
        native.vn_choose(count, logits[row].data_ptr(), byref(given[row]), draws[row].item(), room.data_ptr())
        for row in range(len(rules))
    ]


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("count", [3, 16, 128, 2048])
def test_the_same_id_as_torch_s_choice(rule: Rule, count: int) -> None:
    source = torch.Generator().manual_seed(count)
    logits = torch.randn(200, count, generator=source) * 4
    draws = torch.rand(200, generator=source)
    draws[:2] = torch.tensor([0.0, 0.999])
    expected = Choice([rule] * 200, count)(logits, draws)
    assert chosen(logits, [rule] * 200, draws) == expected.tolist()


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_of_ids_that_are_as_likely_the_lower_comes_first(rule: Rule) -> None:
    """Torch promises no order of them; here it is that of a stable sort."""
    source = torch.Generator().manual_seed(1)
    logits = torch.randint(-3, 3, (200, 100), generator=source).float()
    draws = torch.rand(200, generator=source)
    logits[0] = 1.0
    order = torch.sort(logits, dim=-1, descending=True, stable=True).indices
    # numbers that keep the order and have no equals, too little apart for any share to change
    apart = logits.gather(1, order) - torch.arange(100) * 1e-6
    expected = order.gather(1, Choice([rule] * 200, 100)(apart, draws)[:, None])[:, 0].tolist()
    same = sum(one == other for one, other in zip(chosen(logits, [rule] * 200, draws), expected, strict=True))
    assert same >= 199


def test_whatever_the_logits_are_an_id_comes_back() -> None:
    for value in (float("nan"), float("inf"), -float("inf")):
        logits = torch.randn(len(RULES), 50, generator=torch.Generator().manual_seed(0))
        for harmed in (logits.index_fill(1, torch.tensor([7]), value), torch.full_like(logits, value)):
            assert all(0 <= id_ < 50 for id_ in chosen(harmed, RULES, torch.rand(len(RULES))))


# --- a frame ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stored", [torch.bfloat16, torch.float32, torch.float16])
@pytest.mark.parametrize("wide", [32, 64])
def test_a_frame_is_torch_s(wide: int, stored: torch.dtype, monkeypatch: pytest.MonkeyPatch) -> None:
    """In float32, where both are exact enough to choose alike."""
    weights, shape, parts = Numbers(stored), shaped(wide), given(len(RULES), wide)
    monkeypatch.setattr("models.qwen.predictor.native", lambda precision: precision)
    ours, theirs = Predictor(shape, weights, "float32"), None
    theirs = _Plain(shape, weights, "float32", ours.embeddings)
    assert isinstance(ours._codes, codes.Codes)
    mine, expected = made(ours, parts, RULES), made(theirs, parts, RULES)
    assert torch.equal(mine[0], expected[0])
    assert torch.equal(mine[1], expected[1])
    torch.testing.assert_close(mine[2], expected[2], rtol=1e-4, atol=1e-4)


def test_int8_chooses_nearly_always_as_torch_s_int8() -> None:
    """Where a number is rounded to its other neighbour a draw may fall elsewhere, and the frame goes on from there."""
    shape, weights, rules = shaped(), Numbers(), [Rule(sample=False)] * 60
    ours, parts = Predictor(shape, weights, "int8"), given(60)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "why_not", lambda: "not now")
        theirs = _Plain(shape, weights, "int8", ours.embeddings)
    mine, expected = made(ours, parts, rules)[0], made(theirs, parts, rules)[0]
    assert int((mine == expected).all(1).sum()) >= 45
    assert float((mine == expected)[:, 1:3].float().mean()) > 0.95


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("wide", [32, 64])
def test_a_row_is_the_same_alone_and_among_others(precision: Precision, wide: int) -> None:
    """To the last bit, whatever the others' rules are."""
    model, parts = Predictor(shaped(wide), Numbers(), precision), given(8, wide)
    together = made(model, parts, RULES)
    for rows in ([0], [3], [1, 2], [7, 6, 5], [4, 0, 2, 6, 1]):
        some = made(model, [part[rows] for part in parts], [RULES[row] for row in rows])
        for mine, all_ in zip(some, together, strict=True):
            assert torch.equal(mine, all_[rows])


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("rows", [1, 3, 8])
def test_a_row_is_the_same_by_any_number_of_threads(
    precision: Precision, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, parts = Predictor(shaped(64), Numbers(), precision), [part[:rows] for part in given(8, 64)]
    alone = made(model, parts, RULES[:rows])
    for threads in (2, 3, 5):
        monkeypatch.setattr(codes, "pool", lambda _, threads=threads: pool(threads))
        for mine, expected in zip(made(model, parts, RULES[:rows]), alone, strict=True):
            assert torch.equal(mine, expected)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_row_that_is_no_number_stays_alone_and_is_seen(precision: Precision, value: float) -> None:
    model, parts = Predictor(shaped(), Numbers(), precision), given(8)
    clean = made(model, parts, RULES)
    parts[0][5, 3] = value
    harmed = made(model, parts, RULES)
    assert not bool(harmed[2][5].isfinite().all())
    assert bool(((harmed[0] >= 0) & (harmed[0] < CODEBOOK)).all())
    others = [row for row in range(8) if row != 5]
    for mine, before in zip(harmed, clean, strict=True):
        assert torch.equal(mine[others], before[others])


def test_more_rows_than_ever_are_made_at_once() -> None:
    model, parts = Predictor(shaped(), Numbers(), "int8"), given(40)
    together = made(model, parts, RULES * 5)
    last = made(model, [part[39:] for part in parts], RULES[7:])
    for mine, all_ in zip(last, together, strict=True):
        assert torch.equal(mine, all_[39:])


def test_a_frame_of_nobody_and_one_without_its_scratch() -> None:
    model = Predictor(shaped(), Numbers(), "int8")._codes
    assert isinstance(model, codes.Codes)
    size = model._bytes(byref(model._structure), 1, 1)
    frame = codes._Frame(1)
    with pytest.raises(NativeError):
        library.check(model._predict(None, byref(model._structure), byref(frame), model._scratch.of(size), size - 1))
    assert ctypes.sizeof(codes._Frame) == 72


def test_a_codebook_that_is_no_whole_number_of_tiles_is_torch_s() -> None:
    assert not codes.fit(INNER, 32, 100)
    shape = replace(shaped(), codebook_size=100)
    assert isinstance(Predictor(shape, Numbers(), "int8")._codes, _Plain)
