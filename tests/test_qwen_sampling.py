"""Ids are drawn as the rules say, each row by its own."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from models.qwen.sampling import Choice, Rule, Sampling, draw, penalise

RULES = [
    Rule(),
    Rule(sample=False),
    Rule(top_k=0),
    Rule(top_k=1),
    Rule(top_k=5, temperature=0.5),
    Rule(top_p=0.8),
    Rule(top_k=0, top_p=0.3, temperature=2.0),
    Rule(top_k=1000, top_p=0.95),
    Rule(sample=False, top_p=0.5, top_k=3),
]


def logits(rows: int, vocabulary: int = 97, seed: int = 0) -> torch.Tensor:
    return 2 * torch.randn(rows, vocabulary, generator=torch.Generator().manual_seed(seed))


def shares(row: torch.Tensor, rule: Rule) -> torch.Tensor:
    """What transformers' warpers make of a row: temperature, top-k, top-p."""
    scores = row / rule.temperature
    if rule.top_k:
        scores = scores.masked_fill(scores < scores.topk(min(rule.top_k, len(row))).values[-1], float("-inf"))
    ordered, ids = scores.sort()
    gone = ordered.softmax(-1).cumsum(-1) <= 1 - rule.top_p
    gone[-1] = False
    if rule.top_p < 1:
        scores = scores.masked_fill(torch.zeros_like(gone).scatter(0, ids, gone), float("-inf"))
    return scores.softmax(-1)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.sample], ids=str)
def test_what_is_drawn_has_the_shares_that_the_rule_gives_it(rule: Rule) -> None:
    count = 10_000
    row = logits(1)
    draws = (torch.arange(count) + 0.5) / count
    ids = Choice([rule] * count, row.shape[1])(row.expand(count, -1).contiguous(), draws)
    expected = shares(row[0], rule)
    seen = torch.bincount(ids, minlength=row.shape[1]) / count
    # evenly spaced draws: every id comes up as often as its share says, to within one draw at either edge
    assert float((seen - expected).abs().max()) <= 2 / count
    assert not seen[expected == 0].any()


def test_random_draws_pass_a_chi_square() -> None:
    count, row, rule = 20_000, logits(1, seed=5), Rule(top_k=20)
    draws = torch.rand(count, generator=torch.Generator().manual_seed(2))
    ids = Choice([rule] * count, row.shape[1])(row.expand(count, -1).contiguous(), draws)
    expected = shares(row[0], rule) * count
    seen = torch.bincount(ids, minlength=row.shape[1])
    likely = expected > 0
    chi = ((seen[likely] - expected[likely]) ** 2 / expected[likely]).sum()
    assert int(seen[~likely].sum()) == 0
    assert float(chi) < 44  # 19 degrees: one in a thousand is above 43.8


def test_rows_with_rules_of_their_own_choose_what_they_choose_alone() -> None:
    for seed in range(20):
        together = logits(len(RULES), seed=seed)
        draws = torch.rand(len(RULES), generator=torch.Generator().manual_seed(seed))
        ids = Choice(RULES, together.shape[1])(together, draws)
        alone = [
            int(Choice([rule], together.shape[1])(together[row : row + 1], draws[row : row + 1]))
            for row, rule in enumerate(RULES)
        ]
        assert ids.tolist() == alone


def test_ids_that_are_as_likely_are_told_apart_as_alone() -> None:
    """Logits of a product in bfloat16 are equal by the dozen: which comes first must not depend on the neighbours."""
    for seed in range(30):
        together = logits(len(RULES), 3000, seed).bfloat16().float()
        draws = torch.rand(len(RULES), generator=torch.Generator().manual_seed(seed))
        ids = Choice(RULES, 3000)(together, draws)
        for row, rule in enumerate(RULES):
            assert int(Choice([rule], 3000)(together[row : row + 1], draws[row : row + 1])) == int(ids[row])


def test_greedy_takes_the_likeliest() -> None:
    together = logits(4)
    assert Choice([Rule(sample=False)] * 4, 97)(together, torch.zeros(4)).tolist() == together.argmax(-1).tolist()
    mixed = Choice([Rule(sample=False), Rule()] * 2, 97)(together, torch.full((4,), 0.999))
    assert mixed[::2].tolist() == together.argmax(-1)[::2].tolist()


def test_what_is_forbidden_is_never_drawn() -> None:
    row = torch.full((1, 30), float("-inf"))
    row[0, [3, 17]] = torch.tensor([0.0, -5.0])
    for rule in (Rule(), Rule(top_k=0), Rule(top_p=0.5), Rule(sample=False)):
        for value in (0.0, 0.5, 0.9999999):
            assert int(Choice([rule], 30)(row, torch.tensor([value]))) in (3, 17)


@pytest.mark.parametrize("value", [0.0, 0.25, 0.4999, 0.5, 0.75, 1 - 2**-24])
def test_a_draw_is_where_the_summed_shares_pass_it(value: float) -> None:
    ids = torch.tensor([[9, 4, 7]])
    expected = 9 if value < 0.25 else 4 if value < 0.75 else 7
    assert int(draw(torch.tensor([[0.25, 0.5, 0.25]]), ids, torch.tensor([value]))) == expected
    # shares need not add up to one
    assert int(draw(torch.tensor([[0.5, 1.0, 0.5]]), ids, torch.tensor([value]))) == expected


def test_a_row_of_nothing_but_nan_still_gives_an_id() -> None:
    rows = logits(3)
    rows[1] = float("nan")
    for rule in RULES:
        ids = Choice([rule] * 3, 97)(rows.clone(), torch.tensor([0.3, 0.6, 0.9]))
        assert bool(((ids >= 0) & (ids < 97)).all())
        without = Choice([rule] * 2, 97)(rows[::2].clone(), torch.tensor([0.3, 0.9]))
        assert ids[::2].tolist() == without.tolist()


def test_what_was_spoken_is_less_likely() -> None:
    row = torch.tensor([[2.0, -2.0, 1.0], [2.0, -2.0, 1.0]])
    seen = torch.tensor([[True, True, False], [True, True, False]])
    changed = penalise(row, seen, torch.tensor([[2.0], [1.0]]))
    assert changed.tolist() == [[1.0, -4.0, 1.0], [2.0, -2.0, 1.0]]


def test_defaults_are_the_package_s() -> None:
    assert Sampling.read() == Sampling(Rule(True, 0.9, 50, 1.0), Rule(True, 0.9, 50, 1.0), 1.05, 8192, False)


def test_later_layers_win_and_strange_names_of_a_checkpoint_are_passed_over() -> None:
    read = Sampling.read(
        {"top_k": 7, "temperature": 0.5, "bos_token_id": 3}, {"temperature": 0.7, "subtalker_top_p": 0.5}
    )
    assert read.talker == Rule(temperature=0.7, top_k=7)
    assert read.predictor == Rule(top_p=0.5)
    greedy = Sampling.read({"do_sample": False, "subtalker_dosample": False, "non_streaming_mode": True})
    assert not greedy.talker.sample
    assert not greedy.predictor.sample
    assert greedy.whole_text


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("temperature", [0, -1, 0.001, 11, float("nan"), float("inf"), "hot"]),
        ("subtalker_temperature", [0, 11]),
        ("top_k", [-1, float("inf"), 1e300, 10**30, float("nan"), "many"]),
        ("subtalker_top_k", [-5, 10**30]),
        ("top_p", [0, -0.5, 1.01, float("nan"), float("inf"), None]),
        ("subtalker_top_p", [0, 2]),
        ("repetition_penalty", [0, -1, 11, float("nan"), float("inf")]),
        ("max_new_tokens", [1, 0, -3, float("inf"), float("nan"), 10**30]),
    ],
)
def test_what_cannot_be_is_refused_by_name(name: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(ValueError, match=name):
            Sampling.read({name: value})
