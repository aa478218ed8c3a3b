"""Qwen3-TTS as a backend. torch is imported when a checkpoint is loaded, not before."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from models.backend import EngineUnavailable, Facts, Frame, Line
from models.qwen import config
from models.qwen.speakers import speakers

if TYPE_CHECKING:
    from models.qwen.linear import Precision
    from models.qwen.rows import Rows

SAMPLE_RATE: Final = 24_000
# Two cores speak three streams in real time together; one more may wait for its turn inside the model.
SLOTS: Final = 4


class Qwen:
    """One checkpoint folder.

    Args:
        folder: a checkpoint in the released layout.
        precision: `auto` or one of linear.Precision; `auto` is int8 on a CPU.
        cache_bytes: what keys and values of all rows may take.
    """

    def __init__(
        self,
        folder: Path,
        model: str,
        *,
        slots: int = SLOTS,
        precision: Precision | None = None,
        cache_bytes: int = 1 << 30,
    ) -> None:
        """Read its `config.json`. Raises BadCheckpoint."""
        self._folder, self._precision, self._cache_bytes = folder, precision, cache_bytes
        shape = config.read(folder)
        self.facts = Facts(
            name="qwen",
            model=model,
            sample_rate=SAMPLE_RATE,
            slots=slots,
            width=slots,
            speakers=speakers(shape),
            live_text=True,
            licence="Apache-2.0",
            attribution="Qwen team, Alibaba Cloud",
            url="https://github.com/QwenLM/Qwen3-TTS",
        )
        self._rows: Rows | None = None

    def load(self) -> None:
        """Read the weights. Raises BadCheckpoint, or EngineUnavailable where torch or the memory is missing."""
        try:
            from models.qwen import checkpoint, rows
        except ImportError as error:
            raise EngineUnavailable(
                f"the Qwen engine needs the extra `qwen` ({error}): pip install 'voiced[qwen]'"
            ) from error
        plan = checkpoint.Plan(self._precision or "int8", cache_bytes=self._cache_bytes)
        self._rows = rows.Rows(checkpoint.load(self._folder, plan))

    def warm_up(self) -> None:
        """Speak two words to nobody: the first products are slower than all later ones."""
        speaker = self.facts.speakers[0].id if self.facts.speakers else ""
        if not speaker:
            return
        self.join(0, Line(speaker, "en", 0, sampling={"max_new_tokens": 4}))
        self.feed(0, "Ready now.")
        self.end_text(0)
        while self.step([0])[0].end is None:
            pass
        self.leave(0)

    def unload(self) -> None:
        """Forget the rows and the weights."""
        self._rows = None
        gc.collect()

    def join(self, slot: int, line: Line) -> None:
        """Start a row."""
        self._loaded.join(slot, line)

    def feed(self, slot: int, text: str) -> None:
        """Append text, cut anywhere."""
        self._loaded.feed(slot, text)

    def end_text(self, slot: int) -> None:
        """No more text will come."""
        self._loaded.end_text(slot)

    def step(self, slots: Sequence[int]) -> list[Frame]:
        """A frame of every row."""
        return self._loaded.step(slots)

    def park(self, slot: int) -> object:
        """A row's whole state."""
        return self._loaded.park(slot)

    def restore(self, slot: int, parked: object) -> None:
        """Put it back."""
        self._loaded.restore(slot, parked)  # type: ignore[arg-type]  # a row of this backend: nobody else's is parked here

    def leave(self, slot: int) -> None:
        """Forget a row, if there is one."""
        if self._rows is not None:
            self._rows.leave(slot)

    @property
    def _loaded(self) -> Rows:
        assert self._rows is not None, "not loaded"
        return self._rows
