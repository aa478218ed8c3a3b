"""From logits to ids: penalty, suppression, temperature, top-k and top-p as the package has them, a draw of the row's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from models.sampling import KNOBS, Number, mistakes


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
    def read(cls, *layers: Mapping[str, Number]) -> Sampling:
        """The checkpoint's defaults, then what was asked for; later layers win. Raises ValueError for what cannot be."""
        asked: dict[str, Number] = {name: knob.default for name, knob in KNOBS.items()}
        for layer in layers:
            asked |= {name: value for name, value in layer.items() if name in KNOBS}
        if wrong := mistakes(asked):
            raise ValueError("; ".join(f"{name} {told}" for name, told in wrong))
        return cls(
            talker=_rule(asked, "do_sample", ""),
            predictor=_rule(asked, "subtalker_dosample", "subtalker_"),
            repetition_penalty=float(asked["repetition_penalty"]),
            max_new_tokens=int(asked["max_new_tokens"]),
            whole_text=bool(asked["non_streaming_mode"]),
        )


def _rule(asked: Mapping[str, Number], sample: str, prefix: str) -> Rule:
    return Rule(
        sample=bool(asked[sample]),
        temperature=float(asked[f"{prefix}temperature"]),
        top_k=int(asked[f"{prefix}top_k"]),
        top_p=float(asked[f"{prefix}top_p"]),
    )


class Choice:
    """Rules of a batch of rows as tensors, made once for as long as the batch stays the same.

    Rows that choose among as many ids are chosen for together. Among others a row could choose differently than alone:
    which of two ids that are as likely comes first depends on how many are looked for.
    """

    def __init__(self, rules: Sequence[Rule], vocabulary: int) -> None:
        widths = [min(rule.top_k or vocabulary, vocabulary) if rule.sample else 1 for rule in rules]
        self._width = widths[0]
        self._parts = [
            (torch.tensor(rows), Choice([rules[row] for row in rows], vocabulary))
            for rows in ([row for row, width in enumerate(widths) if width == one] for one in sorted(set(widths)))
            if len(rows) < len(rules)
        ]
        self._hotness = 1 / torch.tensor([[rule.temperature] for rule in rules])
        unlikely = any(rule.top_p < 1 for rule in rules)
        self._mass = torch.tensor([[rule.top_p if rule.top_p < 1 else 2.0] for rule in rules]) if unlikely else None

    def rows(self) -> list[tuple[int, float, float]]:
        """Of each row: among how many it chooses, one by its temperature, and the mass that is kept (2 for all)."""
        widths = [self._width] * len(self._hotness)
        for some, part in self._parts:
            for row in some.tolist():
                widths[row] = part._width
        masses = [2.0] * len(widths) if self._mass is None else self._mass[:, 0].tolist()
        return list(zip(widths, self._hotness[:, 0].tolist(), masses, strict=True))

    def __call__(self, logits: torch.Tensor, draws: torch.Tensor) -> torch.Tensor:
        """Ids [B] for float32 logits [B, V], by uniform draws [B]."""
        if self._parts:
            ids = torch.empty(len(logits), dtype=torch.long)
            for rows, choice in self._parts:
                ids[rows] = choice(logits[rows], draws[rows])
            return ids
        if self._width == 1:
            return logits.argmax(-1)
        scores, ids = torch.topk(logits, self._width)
        shares = (scores * self._hotness).softmax(-1)
        if self._mass is not None:
            # an id goes when the more likely ones make up the wanted mass without it
            shares = shares.masked_fill(shares.cumsum(-1) - shares >= self._mass, 0.0)
        return draw(shares, ids, draws)


def draw(shares: torch.Tensor, ids: torch.Tensor, draws: torch.Tensor) -> torch.Tensor:
    """Of ids [B, K] with these shares, those [B] at which the summed shares pass the uniform draws [B]."""
    sums = shares.cumsum(-1)
    at = (sums <= draws[:, None] * sums[:, -1:]).sum(-1, keepdim=True)
    return ids.gather(1, at.clamp_max_(ids.shape[1] - 1))[:, 0]


def penalise(logits: torch.Tensor, seen: torch.Tensor, penalties: torch.Tensor) -> torch.Tensor:
    """Make ids [B, V] that were spoken before less likely; penalties [B, 1] above 1 do."""
    return torch.where(seen, torch.where(logits < 0, logits * penalties, logits / penalties), logits)
