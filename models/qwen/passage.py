"""One passage of speech: a stretch of text that is spoken in one go, with all the state that its frames need."""

from __future__ import annotations

from typing import Final

import torch

from models.qwen.cache import Budget, Cache
from models.qwen.draws import Draws
from models.qwen.prompt import Part, Prompts
from models.qwen.sampling import Sampling
from models.qwen.script import Stretch

# Text tokens looked up at once: few enough for a quick start, more than one so that looking up costs little.
_AHEAD: Final = 16


class Passage:
    """The state of one stretch of text; `Frames` moves it frame by frame. Must be closed."""

    def __init__(
        self,
        stretch: Stretch,
        prompts: Prompts,
        part: Part,
        sampling: Sampling,
        seed: int,
        budget: Budget,
        vocabulary: int,
    ) -> None:
        self.stretch, self.part, self.sampling = stretch, part, sampling
        self.draws = Draws(seed)
        self.cache = Cache(budget)
        self.frames = 0
        """How many frames have been made."""
        self.heard: torch.Tensor | None = None
        """What the talker hears of its last frame, [hidden]; None before the first."""
        self.seen = torch.zeros(vocabulary, dtype=torch.bool)
        """First codes that were spoken."""
        self._prompts = prompts
        self._text: list[torch.Tensor] = []
        """What the talker hears of the text along the frames, as far as it was needed; it begins with token `_from`."""
        self._from = 0
        self._whole = sampling.whole_text or part.reference is not None

    @property
    def waits_for_end(self) -> bool:
        """All of its text lies in its prompt, so that it cannot begin before the text has ended."""
        return self._whole and not self.stretch.ended

    @property
    def ready(self) -> bool:
        """Whether the next frame can be made of the text that is there."""
        return self.stretch.ended or (not self._whole and len(self.stretch.ids) > self.frames)

    def prompt(self) -> torch.Tensor:
        """What the talker hears before the first frame, [T, hidden]; when it is ready."""
        if self.part.reference is not None:
            whole = self._prompts.text(self.stretch.ids)
            prompt, left = self._prompts.after(self.part, whole, self.sampling.whole_text)
            self._text, self._from = list(left), len(self.stretch.ids)
            return prompt
        if self._whole:
            self._from = len(self.stretch.ids)
            return self._prompts.whole(self.part, self._prompts.text(self.stretch.ids))
        self._text, self._from = [], 1
        first = self._prompts.text(self.stretch.ids[:1])[0] if self.stretch.ids else self._prompts.end
        return self._prompts.along(self.part, first)

    def input(self) -> torch.Tensor:
        """What the talker hears next, [hidden]: its last frame and the text token that is due."""
        assert self.heard is not None
        due = self.frames - 1
        if due >= len(self._text):
            self._fetch()
        return self.heard + (self._text[due] if due < len(self._text) else self._prompts.pad)

    def _fetch(self) -> None:
        """Have the next few text tokens ready, and the end after the last one."""
        ids = self.stretch.ids[self._from : self._from + _AHEAD]
        if ids:
            self._text.extend(self._prompts.text(ids))
            self._from += len(ids)
        elif self.stretch.ended and not self._whole and self._from == len(self.stretch.ids):
            self._text.append(self._prompts.end)
            self._from += 1

    def let_go(self) -> None:
        """Keep nothing of the model: it may be unloaded before `take_up`."""
        del self._prompts

    def take_up(self, prompts: Prompts, budget: Budget) -> None:
        """Go on with the model, maybe loaded anew. Raises cache.Full."""
        self._prompts = prompts
        self.cache.move(budget)

    def close(self) -> None:
        """Give the cache back. Safe to call twice."""
        self.cache.close()
