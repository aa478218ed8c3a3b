"""A reference recording made into a clone prompt, by the official package's encoders with our own loading."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import torch

from models.backend import BadReference, EngineUnavailable
from models.qwen import package
from models.qwen.clone import ClonePrompt
from models.qwen.codec_encoder import SAMPLE_RATE, CodecEncoder, check, filled, wave_of
from models.qwen.config import BadCheckpoint, read
from models.qwen.voiceprint import voiceprint

# Below, the speaker encoder sees hardly a syllable, and its reflecting convolutions mostly their own mirror.
MIN_SECONDS: Final = 0.3
# Every 80 ms stand in each prompt and in the KV cache of each row (60 s are 750 positions, 82 MB), and encoding takes
# 25 MB a second for a moment: 1.5 GB for a minute, measured at full size.
MAX_SECONDS: Final = 60.0

_MODELS: Final = "core.models.modeling_qwen3_tts"
_CONFIG: Final = "core.models.configuration_qwen3_tts"


class Encoder:
    """The two encoders of a base checkpoint in float32: 0.3 GB, loaded in under a second, and nothing of its talker."""

    def __init__(self, folder: Path) -> None:
        """Load from `folder`. Raises BadCheckpoint, and EngineUnavailable where the package is not installed."""
        shape = read(folder)
        if shape.task != "base":
            raise BadCheckpoint(f"{folder} is a {shape.task} model; voices are cloned with a base model")
        self._model = voiceprint(folder, shape)
        self._speaker: Any = _speaker_encoder(folder)
        self._codec: CodecEncoder | None = CodecEncoder(folder / "speech_tokenizer")

    def prompt(self, samples: package.Samples, sample_rate: int, transcript: str | None) -> ClonePrompt:
        """What `create_voice_clone_prompt` of the package makes of mono samples in -1..1.

        With a transcript the voice is cloned in context, from the codes of the recording; with None from its speaker
        embedding alone. Raises BadReference, and EngineUnavailable where the weights are not numbers.
        """
        if transcript is not None and not transcript.strip():
            raise BadReference(
                "the transcript is empty; give the words of the recording, or none to use its sound alone"
            )
        wave = _prepared(samples, sample_rate)
        if self._speaker is None or self._codec is None:
            raise EngineUnavailable("the cloning encoder was closed")
        with torch.inference_mode():
            embedding = self._embedding(wave)
            codes = None if transcript is None else self._codec.codes(wave)
        if not embedding.isfinite().all():
            raise EngineUnavailable("the speaker encoder gave numbers that are not finite; is the checkpoint damaged?")
        # Clones, as tensors made in inference mode may not be used in a graph outside of it.
        return ClonePrompt(embedding.clone(), None if codes is None else codes.clone(), transcript or "", self._model)

    def close(self) -> None:
        """Let go of the weights; safe to call twice."""
        self._speaker = self._codec = None

    def _embedding(self, wave: torch.Tensor) -> torch.Tensor:
        """[hidden] of a wave [samples]. The numbers are those of `extract_speaker_embedding`."""
        mel = package.part(_MODELS).mel_spectrogram(
            wave[None],
            n_fft=1024,
            num_mels=128,
            sampling_rate=SAMPLE_RATE,
            hop_size=256,
            win_size=1024,
            fmin=0,
            fmax=12000,
        )
        embedding: torch.Tensor = self._speaker(mel.transpose(1, 2))[0]
        return embedding


def _prepared(samples: package.Samples, sample_rate: int) -> torch.Tensor:
    """The recording as [samples] float32 at 24 kHz, or what is wrong with it."""
    check(samples, sample_rate)
    if (seconds := len(samples) / sample_rate) < MIN_SECONDS:
        raise BadReference(
            f"the recording lasts {seconds:.2f} s; a voice needs {MIN_SECONDS} s at least, 3 to 15 s are best"
        )
    if seconds > MAX_SECONDS:
        raise BadReference(
            f"the recording lasts {seconds:.0f} s; {MAX_SECONDS:.0f} s are the limit, as all of it is read again before "
            "each utterance; 3 to 15 s are best"
        )
    return wave_of(samples, sample_rate)


def _speaker_encoder(folder: Path) -> Any:
    def build() -> Any:
        settings = json.loads((folder / "config.json").read_text("utf-8")).get("speaker_encoder_config") or {}
        config = package.part(_CONFIG).Qwen3TTSSpeakerEncoderConfig(**settings)
        if config.sample_rate != SAMPLE_RATE:
            raise ValueError(f"it hears {config.sample_rate} Hz, not {SAMPLE_RATE}")
        return package.part(_MODELS).Qwen3TTSSpeakerEncoder(config)

    return filled(folder, "speaker_encoder.", build)
