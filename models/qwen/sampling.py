"""From logits to ids: penalty, suppression, temperature, top-k and top-p as the package has them, a draw of the row's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import torch

# Ids that may be chosen among when no row asks for more: the package's default is 50.
_NEVER: Final = float("-inf")


@dataclass(frozen=True, slots=True)
class Rule:
    """How one id is chosen."""

    sample: bool = True
    temperature: float = 0.9
    top_k: int = 50
    """0 is all of them."""
    top_p: float = 1.0


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a row is spoken. The names in requests and their defaults are the package's."""

    talker: Rule = Rule()
    predictor: Rule = Rule()
    repetition_penalty: float = 1.05
    max_new_tokens: int = 8192
    whole_text: bool = False
    """The text lies in the prompt (the package's `non_streaming_mode`), not along the frames."""

    @classmethod
    def read(cls, *layers: Mapping[str, float | int | bool]) -> Sampling:
        """The checkpoint's defaults, then what was asked for; later layers win. Raises ValueError for what cannot be."""
        given: dict[str, float | int | bool] = {}
        for layer in layers:
            given.update(layer)
        sampling = cls(
            talker=_rule(given, "do_sample", ""),
            predictor=_rule(given, "subtalker_dosample", "subtalker_"),
            repetition_penalty=float(given.get("repetition_penalty", 1.05)),
            max_new_tokens=int(given.get("max_new_tokens", 8192)),
            whole_text=bool(given.get("non_streaming_mode", False)),
        )
        if not 0.1 <= sampling.repetition_penalty <= 10:
            raise ValueError(f"repetition_penalty must be from 0.1 to 10, not {sampling.repetition_penalty}")
        if sampling.max_new_tokens < 2:
            raise ValueError("max_new_tokens must be 2 or more: the last of them is never heard")
        return sampling


def _rule(given: Mapping[str, float | int | bool], sample: str, prefix: str) -> Rule:
    rule = Rule(
        sample=bool(given.get(sample, True)),
        temperature=float(given.get(f"{prefix}temperature", 0.9)),
        top_k=int(given.get(f"{prefix}top_k", 50)),
        top_p=float(given.get(f"{prefix}top_p", 1.0)),
    )
    if not 0.01 <= rule.temperature <= 10:
        raise ValueError(
            f"{prefix}temperature must be from 0.01 to 10, not {rule.temperature}; {sample}=false is greedy"
        )
    if rule.top_k < 0 or not 0 < rule.top_p <= 1:
        raise ValueError(f"{prefix}top_k must be 0 or more, and {prefix}top_p above 0 and at most 1")
    return rule


class Choice:
    """Rules of a batch of rows as tensors, made once for as long as the batch stays the same."""

    def __init__(self, rules: Sequence[Rule], vocabulary: int) -> None:
        counts = [rule.top_k or vocabulary for rule in rules]
        self._width = min(vocabulary, max(counts))
        self._greedy = all(not rule.sample for rule in rules)
        self._hotness = 1 / torch.tensor([[rule.temperature] for rule in rules])
        narrow = min(counts) < self._width
        self._beyond = torch.arange(self._width) >= torch.tensor(counts)[:, None] if narrow else None
        unlikely = any(rule.sample and rule.top_p < 1 for rule in rules)
        self._mass = torch.tensor([[rule.top_p] for rule in rules]) if unlikely else None
        fixed = [not rule.sample for rule in rules]
        self._fixed = torch.tensor(fixed)[:, None] if any(fixed) else None
        self._first = torch.eye(1, self._width)

    def __call__(self, logits: torch.Tensor, draws: torch.Tensor) -> torch.Tensor:
        """Ids [B] for float32 logits [B, V], by uniform draws [B]."""
        if self._greedy:
            return logits.argmax(-1)
        scores, ids = torch.topk(logits, self._width)
        scores = scores * self._hotness
        if self._beyond is not None:
            scores.masked_fill_(self._beyond, _NEVER)
        shares = scores.softmax(-1)
        if self._mass is not None:
            # an id goes when the more likely ones make up the wanted mass without it
            shares = shares.masked_fill(shares.cumsum(-1) - shares >= self._mass, 0.0)
        if self._fixed is not None:
            shares = torch.where(self._fixed, self._first, shares)
        return draw(shares, ids, draws)


def draw(shares: torch.Tensor, ids: torch.Tensor, draws: torch.Tensor) -> torch.Tensor:
    """Of ids [B, K] with these shares, those [B] at which the summed shares pass the uniform draws [B]."""
    sums = shares.cumsum(-1)
    at = (sums <= draws[:, None] * sums[:, -1:]).sum(-1, keepdim=True)
    return ids.gather(1, at.clamp_max_(ids.shape[1] - 1))[:, 0]


def penalise(logits: torch.Tensor, seen: torch.Tensor, penalties: torch.Tensor) -> torch.Tensor:
    """Make ids [B, V] that were spoken before less likely; penalties [B, 1] above 1 do."""
    return torch.where(seen, torch.where(logits < 0, logits * penalties, logits / penalties), logits)
