"""The 12 Hz speech tokenizer alone, as a backend: it speaks nothing, and makes codes of audio and audio of codes."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from models.backend import EngineUnavailable, Facts, Frame, Line, RowFailed
from models.qwen import config, threads
from models.qwen.backend import SAMPLE_RATE, CodecPrecision
from models.qwen.tensorfile import holds

if TYPE_CHECKING:
    from models.backend import Codes, Samples
    from models.qwen.codec import Codec


class Tokenizer:
    """One folder as every checkpoint has it in `speech_tokenizer`. A row of it fails as it joins."""

    def __init__(self, folder: Path, model: str, *, codec: CodecPrecision = "float32") -> None:
        """Read its `config.json`. Raises BadCheckpoint."""
        self._folder, self._precision = folder, codec
        self._shape = config.tokenizer(folder)
        self.facts = Facts(
            name="qwen",
            model=model,
            sample_rate=SAMPLE_RATE,
            slots=1,
            width=1,
            speakers=(),
            dtype=codec,
            codebook=self._shape.codebook_size,
            encodes=holds(folder, "encoder."),
            licence="Apache-2.0",
            attribution="Qwen team, Alibaba Cloud",
            url="https://github.com/QwenLM/Qwen3-TTS",
        )
        self._codec: Codec | None = None

    def load(self) -> None:
        """Read the decoder. Raises BadCheckpoint, or EngineUnavailable where torch or the memory is missing."""
        threads.wait_briefly()
        try:
            import torch

            from models.qwen import codec, shortage, weights
        except ImportError as error:
            raise EngineUnavailable(
                f"the codec needs the extra `qwen` ({error}): pip install 'voiced[qwen]'"
            ) from error
        told = shortage.told(f"to load {self.facts.model}")
        with told, weights.opened(self._folder) as tensors, torch.inference_mode():
            self._codec = codec.Codec(self._shape, tensors, dtype=getattr(torch, self._precision))

    def warm_up(self) -> None:
        """Make two frames of sound, for nobody."""
        import numpy as np

        list(self.decoding(np.zeros((2, config.CODEBOOKS), np.int16)))

    def unload(self) -> None:
        """Forget the weights."""
        self._codec = None
        gc.collect()

    def prepare_encoding(self) -> None:
        """Import the package whose encoder is used. Raises EngineUnavailable."""
        threads.wait_briefly()
        try:
            from models.qwen import package
        except ImportError as error:
            raise EngineUnavailable(f"{error}: pip install 'voiced[qwen]'") from error
        package.load()

    def encoding(self, samples: Samples, sample_rate: int) -> Iterator[Codes | None]:
        """The codes of a recording."""
        from models.qwen import coding

        yield from coding.encoding(self._folder, samples, sample_rate)

    def decoding(self, codes: Codes) -> Iterator[bytes]:
        """The sound of codes."""
        from models.qwen import coding

        yield from coding.decoding(lambda: self._loaded, codes)

    # --- what speaks, and does not here -------------------------------------------------------------------------------

    def join(self, slot: int, line: Line) -> None:
        """Raises RowFailed."""
        self._silent()

    def feed(self, slot: int, text: str) -> None:
        """Raises RowFailed."""
        self._silent()

    def end_text(self, slot: int) -> None:
        """Raises RowFailed."""
        self._silent()

    def step(self, slots: Sequence[int]) -> list[Frame]:
        """There is nothing to move."""
        return [Frame(slot, error=RowFailed(f"{self.facts.model} has no voice")) for slot in slots]

    def park(self, slot: int) -> object:
        """Raises RowFailed."""
        self._silent()

    def restore(self, slot: int, parked: object) -> None:
        """Raises RowFailed."""
        self._silent()

    def leave(self, slot: int) -> None:
        """Nobody was here."""

    def _silent(self) -> NoReturn:
        raise RowFailed(f"{self.facts.model} has no voice")

    @property
    def _loaded(self) -> Codec:
        assert self._codec is not None, "not loaded"
        return self._codec
