"""One step: the next frame of every passage that is moved, sixteen codes each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch

from models.backend import FinishReason, RowFailed
from models.qwen.cache import Full
from models.qwen.config import CONTROL_IDS, ModelShape
from models.qwen.passage import Passage
from models.qwen.predictor import Predictor
from models.qwen.prompt import Prompts
from models.qwen.sampling import Choice, penalise
from models.qwen.shortage import is_shortage
from models.qwen.talker import Talker

# The package lets nobody end before the third frame.
_LEAST_FRAMES: Final = 2


@dataclass(slots=True)
class Made:
    """What a step made of one passage: a frame, or why there is none."""

    codes: torch.Tensor | None = None
    """[16] int64."""
    end: FinishReason | None = None
    error: Exception | None = None


class Frames:
    """Talker and predictor of one model, joined."""

    def __init__(
        self, shape: ModelShape, talker: Talker, predictor: Predictor, prompts: Prompts, one_by_one: bool = False
    ) -> None:
        """With `one_by_one` no product is of more than one passage, so that not a bit of it can depend on another."""
        self._one_by_one = one_by_one
        self._talker, self._predictor, self._prompts = talker, predictor, prompts
        self._end = shape.ids["codec_eos_token_id"]
        self._vocabulary, self._codebook = shape.vocab, shape.codebook_size
        control = torch.arange(shape.vocab) >= shape.vocab - CONTROL_IDS
        self._unspoken = control.clone()
        self._unspoken[self._end] = False
        self._unspoken_yet = control
        self._together: tuple[int, ...] = ()
        self._rules: _Rules

    def step(self, passages: Sequence[Passage]) -> list[Made]:
        """Move each passage, all of them ready, by a frame. What befalls one leaves the others as they were."""
        if self._one_by_one:
            return [made for passage in passages for made in self._stepped([passage])]
        return self._stepped(passages)

    def _stepped(self, passages: Sequence[Passage]) -> list[Made]:
        made = {id(passage): Made() for passage in passages}
        hidden = self._listen(passages, made)
        moved = [passage for passage in passages if id(passage) in hidden]
        if moved:
            self._speak(moved, torch.cat([hidden[id(passage)] for passage in moved]), made)
        return [made[id(passage)] for passage in passages]

    def _listen(self, passages: Sequence[Passage], made: dict[int, Made]) -> dict[int, torch.Tensor]:
        """The talker's hidden state [1, hidden] of every passage that can go on."""
        hidden: dict[int, torch.Tensor] = {}
        going = []
        for passage in passages:
            try:
                if passage.frames >= passage.sampling.max_new_tokens - 1:
                    made[id(passage)].end = "length"
                elif passage.heard is None:
                    hidden[id(passage)] = self._talker.hear(passage.cache, passage.prompt())
                else:
                    passage.cache.reserve(1)
                    going.append(passage)
            except Full:
                made[id(passage)].end = "length"
            except (MemoryError, RuntimeError) as error:
                if not is_shortage(error):
                    raise
                made[id(passage)].error = RowFailed("there was no memory left for this text; ask for less at once")
        if going:
            inputs = torch.stack([passage.input() for passage in going])
            states = self._talker.step([passage.cache for passage in going], inputs)
            hidden |= {id(passage): state for passage, state in zip(going, torch.split(states, 1), strict=True)}
        return hidden

    def _speak(self, passages: Sequence[Passage], hidden: torch.Tensor, made: dict[int, Made]) -> None:
        rules = self._rules_of(passages)
        draws = torch.stack([passage.draws.of(passage.frames) for passage in passages])
        logits = self._talker.logits(hidden)
        whole = torch.isfinite(logits).all(-1)
        logits = penalise(logits, torch.stack([passage.seen for passage in passages]), rules.penalties)
        early = torch.tensor([passage.frames < _LEAST_FRAMES for passage in passages])[:, None]
        logits = logits.masked_fill_(torch.where(early, self._unspoken_yet, self._unspoken), float("-inf"))
        first = rules.first(logits, draws[:, 0])
        ended = (first == self._end) | ~whole
        if not ended.all():
            heard = self._prompts.first[first].float()
            codes, heard, logits = self._predictor(hidden, heard, first, rules.others, draws)
            whole &= torch.isfinite(logits).all(-1)
        for row, (passage, is_whole, is_over) in enumerate(zip(passages, whole.tolist(), ended.tolist(), strict=True)):
            if not is_whole:
                made[id(passage)].error = RowFailed(
                    "the model's numbers overflowed while speaking this; try another seed"
                )
            elif is_over:
                made[id(passage)].end = "stop"
            else:
                passage.seen[first[row]] = True
                passage.heard, passage.frames = heard[row], passage.frames + 1
                made[id(passage)].codes = codes[row]

    def _rules_of(self, passages: Sequence[Passage]) -> _Rules:
        """Their rules as tensors, made anew only when others are moved than before."""
        together = tuple(id(passage.sampling) for passage in passages)
        if together != self._together:
            self._together = together
            self._rules = _Rules(
                keep=tuple(passage.sampling for passage in passages),
                penalties=torch.tensor([[passage.sampling.repetition_penalty] for passage in passages]),
                first=Choice([passage.sampling.talker for passage in passages], self._vocabulary),
                others=Choice([passage.sampling.predictor for passage in passages], self._codebook),
            )
        return self._rules


@dataclass(frozen=True, slots=True)
class _Rules:
    keep: tuple[object, ...]
    """So that no other object can come to stand at their addresses."""
    penalties: torch.Tensor
    first: Choice
    others: Choice
