"""One request in a slot: its text, the passage that is spoken now, and the frames on their way to samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch

from models.backend import FinishReason
from models.qwen.cache import Budget
from models.qwen.codec import CodecState
from models.qwen.guard import Guard
from models.qwen.pacing import Costs, Pace
from models.qwen.passage import Passage
from models.qwen.prompt import Prompts
from models.qwen.script import Script, Stretch
from models.qwen.wave import faded, is_silent, leading_silence, to_pcm

# Seeds that are tried where a voice runs away before anything was heard of it.
_TRIES: Final = 3
# As many as the doors let through.
SEEDS: Final = 2**31


class Row:
    """Everything a request needs to go on: it can be taken out of its slot and put back as it is."""

    def __init__(
        self,
        script: Script,
        seed: int,
        begin: Callable[[Stretch, int], Passage],
        remember: Callable[[], CodecState],
        guarded: bool = True,
        live: bool = True,
    ) -> None:
        """`begin` makes the passage of a stretch and a seed, `remember` what the codec knows before its first frame."""
        self.script, self.seed = script, seed
        self.end: FinishReason | None = None
        """Why the row is over, as soon as it is; frames may still wait."""
        self.waiting: list[torch.Tensor] = []
        """Frames that are not samples yet, [16] each."""
        self._begin, self._remember, self._guarded = begin, remember, guarded
        self._pace = Pace(live)
        self._heard = False
        self._tries = 1
        self._passage: Passage | None = None
        self._codec: CodecState | None = None
        self._guard = Guard()

    def passage(self) -> Passage | None:
        """What a step can move now; None while the row waits for text, and at its end."""
        if self.end is not None:
            return None
        if self._passage is None and (stretch := self.script.first) is not None:
            self._passage, self._codec = self._begin(stretch, self.seed), None
        if self._passage is None:
            if self.script.over:
                self.end = "stop"
            return None
        if self._passage.waits_for_end:
            self.script.end_sentence()
        return self._passage if self._passage.ready else None

    def take(self, codes: torch.Tensor) -> None:
        """Keep the frame that was made of the passage."""
        assert self._passage is not None
        self.waiting.append(codes)
        stretch = self._passage.stretch
        if self._guarded and self._guard.frame(codes, len(stretch.ids), stretch.ended):
            self._run_away()

    def finish(self, reason: FinishReason) -> None:
        """The passage is over; so is the row, when it broke off or there is no more text."""
        self._forget()
        self.script.drop()
        if reason != "stop":
            self.end = reason
        elif self.script.over:
            self.end = "stop"

    def due(self, now: float, costs: Costs) -> bool:
        """Whether the frames that wait should become samples now."""
        if not self.waiting:
            return False
        if self._passage is None or self.end is not None or not self._passage.ready:
            return True  # nothing will join them soon
        return self._pace.due(len(self.waiting), now, costs)

    @property
    def codec(self) -> CodecState:
        """What the codec knows of the frames before those that wait."""
        if self._codec is None:
            self._codec = self._remember()
        return self._codec

    def pcm(self, wave: torch.Tensor, now: float) -> bytes:
        """The samples [1920 * n] of the frames that waited, as the listener gets them."""
        frames = len(self.waiting)
        self.waiting.clear()
        if self._guarded and self._guard.silence(frames, is_silent(wave)):
            self._run_away()
            return b""
        if not self._heard:
            wave = wave[leading_silence(wave) :]
        if wave.numel():
            self._heard = True
            self._pace.sent(frames, now)
        return to_pcm(faded(wave) if self.end == "runaway" else wave)

    def let_go(self) -> None:
        """Keep nothing of the model: it may be unloaded before `take_up`."""
        del self._begin, self._remember
        if self._passage is not None:
            self._passage.let_go()

    def take_up(
        self,
        begin: Callable[[Stretch, int], Passage],
        remember: Callable[[], CodecState],
        prompts: Prompts,
        budget: Budget,
    ) -> None:
        """Go on with the model, maybe loaded anew. Raises cache.Full."""
        self._begin, self._remember = begin, remember
        if self._passage is not None:
            self._passage.take_up(prompts, budget)

    def close(self) -> None:
        """Give back what is held. Safe to call twice."""
        if self._passage is not None:
            self._passage.close()

    def _run_away(self) -> None:
        """Begin again with the next seed where nothing was heard yet; else this is the end."""
        if self._heard or self._tries >= _TRIES:
            self.end = "runaway"
            return
        self._tries += 1
        self.seed = (self.seed + 1) % SEEDS
        self._forget()
        self.waiting.clear()

    def _forget(self) -> None:
        assert self._passage is not None
        self._passage.close()
        self._passage, self._guard = None, Guard()
