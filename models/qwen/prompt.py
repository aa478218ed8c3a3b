"""What the talker hears before the first frame: a text track and a codec track, added position by position.

Laid out as the package lays it out (`Qwen3TTSForConditionalGeneration.generate`): an instruction, the role, the tags that
name language and speaker, then the text, either along the frames (one token each) or whole before them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F

from models.qwen.config import ModelShape
from models.qwen.linear import Precision, packed
from models.qwen.weights import Tensors


@dataclass(frozen=True, slots=True)
class Reference:
    """A recording that the voice goes on from: what was said, and its codes."""

    text: Sequence[int]
    codes: torch.Tensor
    """[frames, 16] int64."""


@dataclass(frozen=True, slots=True)
class Part:
    """Who speaks, in which language and manner: all of a prompt but its text."""

    language: str | None = None
    """A key of the checkpoint's languages; None lets the model find it."""
    speaker: str | None = None
    """A preset's name."""
    embedding: torch.Tensor | None = None
    """A cloned voice, [hidden]."""
    instruction: Sequence[int] = ()
    reference: Reference | None = None


class Prompts:
    """Makes prompts from the embeddings of one checkpoint."""

    def __init__(
        self,
        shape: ModelShape,
        weights: Tensors,
        codes: Sequence[torch.Tensor],
        role: Sequence[int],
        precision: Precision,
        one_by_one: bool = False,
    ) -> None:
        """`codes` are the predictor's embeddings of the fifteen other codes, `role` the ids that open a prompt.

        With `one_by_one` a text token sounds the same to the last bit with whatever others it is looked up.
        """
        self._one_by_one = one_by_one
        hidden, wide = shape.talker.hidden, shape.text_hidden
        self._shape, self._codes = shape, codes
        self._words = weights.table("talker.model.text_embedding.weight", shape.text_vocab, wide)
        self._widen = packed(weights.read("talker.text_projection.linear_fc1.weight", wide, wide), precision)
        self._widen_bias = weights.read("talker.text_projection.linear_fc1.bias", wide).float()
        self._fit = packed(weights.read("talker.text_projection.linear_fc2.weight", hidden, wide), precision)
        self._fit_bias = weights.read("talker.text_projection.linear_fc2.bias", hidden).float()
        self.first: Final = weights.read("talker.model.codec_embedding.weight", shape.vocab, hidden).clone()
        """Embeddings of first codes and of control ids, [vocab, hidden], as stored."""
        ids = shape.ids
        steer = self.text([ids["tts_pad_token_id"], ids["tts_bos_token_id"], ids["tts_eos_token_id"]])
        self.pad, self.begin, self.end = steer
        """What the text track holds where there is no text, [hidden] each."""
        self._role = self.text(role)

    def text(self, ids: Sequence[int]) -> torch.Tensor:
        """What the talker hears of text tokens, [n, hidden] float32."""
        words = self._words[torch.tensor(ids, dtype=torch.long)].float()
        pieces = torch.split(words, 1) if self._one_by_one else [words]
        return torch.cat(
            [self._fit(F.silu(self._widen(piece) + self._widen_bias)) + self._fit_bias for piece in pieces]
        )

    def control(self, *names: str) -> torch.Tensor:
        """What it hears of control ids on the codec track, [n, hidden] float32."""
        return self._heard([self._shape.ids[name] for name in names])

    def along(self, part: Part, first: torch.Tensor) -> torch.Tensor:
        """The prompt of text that comes along the frames, [T, hidden]: its first token [hidden] and no more."""
        return torch.cat([*self._opening(part), (first + self.control("codec_bos_id")[0])[None]])

    def whole(self, part: Part, text: torch.Tensor) -> torch.Tensor:
        """The prompt with all of the text [n, hidden] in it; while it speaks the text track is `pad`."""
        written = torch.cat([text, self.end[None]]) + self.control("codec_pad_id")
        return torch.cat([*self._opening(part), written, self.pad + self.control("codec_bos_id")])

    def after(self, part: Part, text: torch.Tensor, whole: bool) -> tuple[torch.Tensor, torch.Tensor]:
        """The prompt that goes on from a reference, and the text [n, hidden] that is left to come along the frames."""
        assert part.reference is not None
        said = torch.cat([self.text(part.reference.text), text, self.end[None]])
        heard = torch.cat([self.control("codec_bos_id"), self._frames(part.reference.codes)])
        if whole:
            body = torch.cat([said + self.control("codec_pad_id"), heard + self.pad])
            return torch.cat([*self._opening(part), body]), said[:0]
        count = len(heard)
        track = torch.cat([said[:count], self.pad.expand(max(0, count - len(said)), -1)])
        return torch.cat([*self._opening(part), track + heard]), said[count:]

    def _opening(self, part: Part) -> list[torch.Tensor]:
        """Instruction, role, and the tags: language, speaker, pad."""
        tags = [self._language(part)]
        if part.speaker is not None:
            tags.append(self._heard([self._shape.speakers[part.speaker]]))
        if part.embedding is not None:
            tags.append(part.embedding[None].float())
        tags.append(self.control("codec_pad_id"))
        heard = torch.cat(tags)
        track = torch.cat([self.pad.expand(len(heard) - 1, -1), self.begin[None]])
        instruction = [self.text(part.instruction)] if part.instruction else []
        return [*instruction, self._role, track + heard]

    def _language(self, part: Part) -> torch.Tensor:
        """A dialect speaker reads Chinese, and what is left to the model, in the dialect."""
        language = part.language
        if language in (None, "chinese") and part.speaker is not None:
            language = self._shape.dialects.get(part.speaker, language)
        if language is None:
            return self.control("codec_nothink_id", "codec_think_bos_id", "codec_think_eos_id")
        named = self._heard([self._shape.languages[language]])
        opened = self.control("codec_think_id", "codec_think_bos_id")
        return torch.cat([opened, named, self.control("codec_think_eos_id")])

    def _frames(self, codes: torch.Tensor) -> torch.Tensor:
        """What the talker hears of whole frames [n, 16], [n, hidden]."""
        heard = self._heard(codes[:, 0])
        for book, embeddings in enumerate(self._codes, start=1):
            heard += embeddings[codes[:, book]].float()
        return heard

    def _heard(self, ids: Sequence[int] | torch.Tensor) -> torch.Tensor:
        return self.first[torch.as_tensor(ids, dtype=torch.long)].float()
