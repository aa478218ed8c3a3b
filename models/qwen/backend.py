"""Qwen3-TTS as a backend. torch is imported when a checkpoint is loaded, not before."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from models.backend import EngineUnavailable, Facts, Frame, Line, Task
from models.qwen import config, threads
from models.qwen.speakers import languages, speakers

if TYPE_CHECKING:
    from models.backend import Samples
    from models.qwen.checkpoint import Checkpoint, Plan
    from models.qwen.linear import Precision
    from models.qwen.rows import Rows

CodecPrecision = Literal["float32", "bfloat16"]

SAMPLE_RATE: Final = 24_000
# Two cores speak three streams in real time together; one more may wait for its turn inside the model.
SLOTS: Final = 4
_TASKS: Final[dict[str, Task]] = {"custom_voice": "preset", "voice_design": "design", "base": "clone"}


class Qwen:
    """One checkpoint folder.

    Args:
        folder: a checkpoint in the released layout.
        precision: `auto` or one of linear.Precision; `auto` is int8 on a CPU.
        codec: what the speech tokenizer computes in; bfloat16 is faster, and not as exact.
        cache_bytes: what keys and values of all rows may take.
    """

    def __init__(
        self,
        folder: Path,
        model: str,
        *,
        slots: int = SLOTS,
        precision: Precision | None = None,
        codec: CodecPrecision = "float32",
        cache_bytes: int = 1 << 30,
    ) -> None:
        """Read its `config.json`. Raises BadCheckpoint."""
        self._folder, self._cache_bytes = folder, cache_bytes
        self._precision, self._codec = precision, codec
        shape = config.read(folder)
        self.facts = Facts(
            name="qwen",
            model=model,
            sample_rate=SAMPLE_RATE,
            slots=slots,
            width=slots,
            speakers=speakers(shape),
            task=_TASKS[shape.task],
            languages=languages(shape),
            dtype=precision or "int8",
            live_text=True,
            licence="Apache-2.0",
            attribution="Qwen team, Alibaba Cloud",
            url="https://github.com/QwenLM/Qwen3-TTS",
        )
        self._rows: Rows | None = None

    def load(self) -> None:
        """Read the weights. Raises BadCheckpoint, or EngineUnavailable where torch or the memory is missing."""
        threads.wait_briefly()
        try:
            import torch

            from models.qwen import checkpoint, rows, shortage
        except ImportError as error:
            raise EngineUnavailable(
                f"the Qwen engine needs the extra `qwen` ({error}): pip install 'voiced[qwen]'"
            ) from error
        dtype = getattr(torch, self._codec)
        plan = checkpoint.Plan(self._precision or "int8", codec=dtype, cache_bytes=self._cache_bytes)
        with shortage.told(f"to load {self.facts.model}"):
            self._rows = rows.Rows(self._read(plan))

    def _read(self, plan: Plan) -> Checkpoint:
        """The weights; a benchmark makes them up instead."""
        from models.qwen import checkpoint

        return checkpoint.load(self._folder, plan)

    def warm_up(self) -> None:
        """Speak two words to nobody: the first products are slower than all later ones.

        Raises EngineUnavailable where even that cannot be spoken.
        """
        self._loaded.warm_up()
        if not self.facts.speakers:
            return
        self.join(0, Line(self.facts.speakers[0].id, "auto", 0, sampling={"max_new_tokens": 4}))
        self.feed(0, "Ready now.")
        self.end_text(0)
        frame = self.step([0])[0]
        while frame.end is None and frame.error is None:
            frame = self.step([0])[0]
        self.leave(0)
        if frame.error is not None:
            raise EngineUnavailable(f"{self.facts.model} was loaded, but cannot speak: {frame.error}")

    def unload(self) -> None:
        """Forget the rows and the weights."""
        self._rows = None
        gc.collect()

    def imprint(self, samples: Samples, sample_rate: int, transcript: str | None) -> bytes:
        """A cloned voice of a recording (mono, -1..1), for `Line.voice_prompt`.

        In context with a transcript, else by its speaker embedding alone. Raises BadReference, EngineUnavailable.
        """
        from models.qwen.encoder import Encoder

        encoder = Encoder(self._folder)
        try:
            return encoder.prompt(samples, sample_rate, transcript).to_bytes()
        finally:
            encoder.close()

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
