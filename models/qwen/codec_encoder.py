"""Audio to the 12 Hz codes of a speech tokenizer, by the official package's encoder with our own loading."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from models.backend import BadReference
from models.qwen import package
from models.qwen.config import CODEBOOKS, BadCheckpoint
from models.qwen.weights import opened

SAMPLE_RATE: Final = 24_000
FRAME_SAMPLES: Final = 1920
# Below, speech is not understood; above, no recorder writes.
RATES: Final = range(8_000, 192_001)

_CODEC: Final = "core.tokenizer_12hz.modeling_qwen3_tts_tokenizer_v2"
_CONFIG: Final = "core.tokenizer_12hz.configuration_qwen3_tts_tokenizer_v2"


class CodecEncoder:
    """The encoder of a speech tokenizer in float32: 0.16 GB, and nothing of its decoder."""

    def __init__(self, folder: Path) -> None:
        """Load from the folder of a tokenizer. Raises BadCheckpoint, and EngineUnavailable without the package."""

        def build() -> Any:
            config = package.part(_CONFIG).Qwen3TTSTokenizerV2Config.from_json_file(folder / "config.json")
            return package.part(_CODEC).Qwen3TTSTokenizerV2Encoder._from_config(config.encoder_config)

        self._model = filled(folder, "encoder.", build)

    def codes(self, wave: torch.Tensor) -> torch.Tensor:
        """[frames, 16] of a wave [samples]; the last frame may be of less than 80 ms."""
        *_, codes = self.portions(wave)
        assert codes is not None
        return codes

    def portions(self, wave: torch.Tensor) -> Iterator[torch.Tensor | None]:
        """The same, layer by layer, with None after each but the last: the steps of the package's `encode` at one go.

        Windows would not be exact: each frame is heard through eight layers that look back over ten seconds.
        """
        model, x = self._model, wave[None, None]
        for layer in (*model.encoder.layers, self._look_back):
            with torch.inference_mode():  # not around a `yield`: it would be left on for whoever comes in between
                x = layer(x)
            yield None
        with torch.inference_mode():
            codes = model.quantizer.encode(model.downsample(x), CODEBOOKS)[:CODEBOOKS, 0]
        yield codes[:, : -(-len(wave) // FRAME_SAMPLES)].T

    def _look_back(self, x: torch.Tensor) -> torch.Tensor:
        """[1, width, steps] through the transformer."""
        seen: torch.Tensor = self._model.encoder_transformer(x.transpose(1, 2), return_dict=True)[0]
        return seen.transpose(1, 2)


def check(samples: package.Samples, sample_rate: int) -> None:
    """Raises BadReference for what is no recording by its form."""
    if sample_rate not in RATES:
        raise BadReference(f"a recording has {RATES[0]} to {RATES[-1]} samples a second, not {sample_rate}")
    if samples.ndim != 1 or samples.dtype.kind != "f":
        raise BadReference(f"a recording is one channel of floating point samples, not {samples.dtype} {samples.shape}")
    if not len(samples):
        raise BadReference("the recording is empty")


def wave_of(samples: package.Samples, sample_rate: int) -> torch.Tensor:
    """A recording that was checked, as [samples] float32 at 24 kHz. Raises BadReference."""
    if not np.isfinite(samples).all():
        raise BadReference("the recording holds samples that are not finite numbers")
    wave = samples.astype(np.float32)
    return torch.from_numpy(wave if sample_rate == SAMPLE_RATE else package.resample(wave, sample_rate, SAMPLE_RATE))


def filled(folder: Path, prefix: str, build: Callable[[], Any]) -> Any:
    """A module of the package with the weights of `folder` under `prefix`, in float32."""
    package.load()
    try:
        # Its first numbers are never drawn, so that memory which is replaced below is not touched at all.
        with import_module("transformers.modeling_utils").no_init_weights():
            module = build()
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        # The package checks little of what it is configured with, and fails where it first makes no sense.
        message = f"{folder / 'config.json'}: {prefix[:-1]}_config does not describe one that can be built: {error}"
        raise BadCheckpoint(message) from error
    with opened(folder) as weights:
        state = {
            name: weights.read(f"{prefix}{name}", *tensor.shape).float() for name, tensor in module.state_dict().items()
        }
    module.load_state_dict(state, assign=True)
    return module.requires_grad_(False).eval()
