"""Qwen3-TTS as a backend. torch is imported when a checkpoint is loaded, not before."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from models.backend import EngineUnavailable, Facts, Frame, Line, Task
from models.qwen import config, threads
from models.qwen.native.library import why_not
from models.qwen.speakers import languages, speakers
from models.qwen.tensorfile import holds
from models.qwen.voiceprint import voiceprint

if TYPE_CHECKING:
    from models.backend import Codes, Samples
    from models.qwen.checkpoint import Checkpoint, Plan
    from models.qwen.linear import Precision
    from models.qwen.rows import Rows
    from models.qwen.tokens import Tokens

CodecPrecision = Literal["float32", "bfloat16"]

_LOG = logging.getLogger(__name__)

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
        exact_rows: a row is the same alone and among others in every precision, however slow that is.
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
        exact_rows: bool = False,
    ) -> None:
        """Read its `config.json`. Raises BadCheckpoint."""
        self._folder, self._cache_bytes = folder, cache_bytes
        self._precision, self._codec, self._exact_rows = precision, codec, exact_rows
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
            voiceprint=_known(folder, shape),
            codebook=shape.codec.codebook_size,
            encodes=holds(folder / "speech_tokenizer", "encoder."),
            licence="Apache-2.0",
            attribution="Qwen team, Alibaba Cloud",
            url="https://github.com/QwenLM/Qwen3-TTS",
        )
        self._rows: Rows | None = None
        self._tokenizer: Tokens | None = None

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
        plan = checkpoint.Plan(self._precision or "int8", dtype, self._cache_bytes, self._exact_rows)
        if missing := why_not():
            _LOG.warning("%s is computed with torch's own kernels, which are slower: %s", self.facts.model, missing)
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

    def prepare(self) -> None:
        """Import the package whose encoders are used; nothing where no voice can be cloned. Raises EngineUnavailable."""
        if self.facts.task == "clone":
            from models.qwen import package

            package.load()

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

    def blend(self, parts: Sequence[tuple[str | bytes, float]]) -> bytes:
        """A mixed voice, for `Line.voice_prompt`."""
        return self._loaded.blend(parts)

    def embedding(self, voice: str | bytes) -> list[float]:
        """The speaker embedding of a voice."""
        return self._loaded.embedding(voice)

    def prepare_encoding(self) -> None:
        """Import the package whose encoder is used. Raises EngineUnavailable."""
        threads.wait_briefly()
        try:
            from models.qwen import package
        except ImportError as error:
            raise EngineUnavailable(f"{error}: pip install 'voiced[qwen]'") from error
        package.load()

    def encoding(self, samples: Samples, sample_rate: int) -> Iterator[Codes | None]:
        """The codes of a recording, by the encoder beside the codec."""
        from models.qwen import coding

        yield from coding.encoding(self._folder / "speech_tokenizer", samples, sample_rate)

    def decoding(self, codes: Codes) -> Iterator[bytes]:
        """The sound of codes, by the codec that the rows are spoken with."""
        from models.qwen import coding

        yield from coding.decoding(lambda: self._loaded.codec, codes)

    def tokens(self, text: str) -> list[str]:
        """The pieces of a text as the checkpoint's tokenizer cuts it. Raises EngineUnavailable, BadCheckpoint."""
        try:
            from models.qwen.tokens import Tokens
        except ImportError as error:
            raise EngineUnavailable(f"{error}: pip install 'voiced[qwen]'") from error
        if self._tokenizer is None:
            self._tokenizer = Tokens(self._folder)
        return self._tokenizer.pieces(text)

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


def _known(folder: Path, shape: config.ModelShape) -> str:
    """The checkpoint's voiceprint; of a damaged one it is empty, and loading tells what is wrong."""
    try:
        return voiceprint(folder, shape)
    except config.BadCheckpoint:
        return ""
