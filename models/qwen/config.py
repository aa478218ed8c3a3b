"""What a checkpoint's `config.json` says of its own shape, read into values that the engine needs and nothing more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

from models.backend import EngineUnavailable

Task = Literal["base", "custom_voice", "voice_design"]

FRAME_RATE_TOKENIZER: Final = "qwen3_tts_tokenizer_12hz"
# The last ids of the talker's vocabulary steer (pad, bos, think, languages, speakers): never spoken, the end aside.
CONTROL_IDS: Final = 1024
CODEBOOKS: Final = 16


class BadCheckpoint(EngineUnavailable):
    """A checkpoint that cannot be used; the text names the file, what it holds and what was expected."""


@dataclass(frozen=True, slots=True)
class StackShape:
    """A stack of decoder layers: the talker, the code predictor, or the transformer inside the codec."""

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    eps: float
    theta: float


@dataclass(frozen=True, slots=True)
class CodecShape:
    """The decoder of the 12 Hz speech tokenizer."""

    stack: StackShape
    window: int
    """Frames that attention looks back over, its own one included."""
    codebook_size: int
    codebook_dim: int
    latent: int
    channels: int
    """Width after the first convolution; every upsampling block halves it."""
    upsample: tuple[int, ...]
    """Rates of the transposed convolutions between the transformer and the wave."""
    blocks: tuple[int, ...]
    """Rates of the blocks that make the wave."""

    @property
    def hop(self) -> int:
        """Samples a frame."""
        samples = 1
        for rate in (*self.upsample, *self.blocks):
            samples *= rate
        return samples


@dataclass(frozen=True, slots=True)
class ModelShape:
    """A whole checkpoint."""

    task: Task
    small: bool
    """0.6B: its CustomVoice was not trained on instructions, so they are dropped as the package does."""
    talker: StackShape
    predictor: StackShape
    codec: CodecShape
    text_hidden: int
    text_vocab: int
    vocab: int
    """Ids of the first codebook, control ids included."""
    codebook_size: int
    """Ids of each of the other fifteen."""
    ids: Mapping[str, int]
    """Control ids: codec pad, bos, eos, think, nothink, think_bos, think_eos, and the text track's pad, bos, eos."""
    languages: Mapping[str, int]
    speakers: Mapping[str, int]
    dialects: Mapping[str, str]
    """Speakers who read Chinese in a dialect, and its key in `languages`."""
    generation: Mapping[str, float | int | bool] = field(default_factory=dict)
    """The checkpoint's own sampling defaults, by the package's names."""


_IDS: Final = ("codec_pad_id", "codec_bos_id", "codec_eos_token_id", "codec_think_id", "codec_nothink_id",
               "codec_think_bos_id", "codec_think_eos_id")  # fmt: skip
_TEXT_IDS: Final = ("tts_pad_token_id", "tts_bos_token_id", "tts_eos_token_id")


def read(folder: Path) -> ModelShape:
    """The shape of the checkpoint in `folder`. Raises BadCheckpoint."""
    file = folder / "config.json"
    config = _Section(file, _json(file))
    if (kind := config.get("model_type", str)) != "qwen3_tts":
        raise BadCheckpoint(f"{file} is of a {kind!r} model; this engine speaks qwen3_tts")
    if (rate := config.get("tokenizer_type", str)) != FRAME_RATE_TOKENIZER:
        raise BadCheckpoint(
            f"{file}: its speech tokenizer is {rate!r}; only {FRAME_RATE_TOKENIZER} (12.5 Hz) can be spoken"
        )
    if (task := config.get("tts_model_type", str)) not in get_args(Task):
        raise BadCheckpoint(f"{file}: tts_model_type is {task!r}; known are {', '.join(get_args(Task))}")
    talker = config.section("talker_config")
    predictor = talker.section("code_predictor_config")
    if (groups := talker.get("num_code_groups", int)) != CODEBOOKS:
        raise BadCheckpoint(f"{file}: {groups} codebooks a frame; the 12 Hz tokenizer has {CODEBOOKS}")
    vocab, words = talker.size("vocab_size"), talker.size("text_vocab_size")
    languages = talker.table("codec_language_id", vocab)
    return ModelShape(
        task=cast(Task, task),
        small=config.value.get("tts_model_size") == "0b6",
        talker=_stack(talker),
        predictor=_stack(predictor),
        codec=tokenizer(folder / "speech_tokenizer"),
        text_hidden=talker.size("text_hidden_size"),
        text_vocab=words,
        vocab=vocab,
        codebook_size=predictor.size("vocab_size"),
        ids={name: talker.id(name, vocab) for name in _IDS} | {name: config.id(name, words) for name in _TEXT_IDS},
        languages=languages,
        speakers=talker.table("spk_id", vocab),
        dialects=talker.dialects("spk_is_dialect", languages),
        generation=_generation(folder / "generation_config.json"),
    )


class _Section:
    """A part of a JSON file, with errors that name the file and the key."""

    def __init__(self, file: Path, value: Any, path: str = "") -> None:
        self.file, self.path = file, path
        if not isinstance(value, dict):
            raise BadCheckpoint(f"{file}: {path or 'the file'} must be a JSON object")
        self.value: dict[str, Any] = value

    def section(self, key: str) -> _Section:
        return _Section(self.file, self.value.get(key), f"{self.path}{key}.")

    def get(self, key: str, kind: type) -> Any:
        value = self.value.get(key)
        if isinstance(value, int) and kind is float:
            value = float(value)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise BadCheckpoint(f"{self.file}: {self.path}{key} must be {kind.__name__}, not {value!r}")
        return value

    def size(self, key: str) -> int:
        return self._within(key, self.get(key, int), 1)

    def id(self, key: str, below: int) -> int:
        return self._within(key, self.get(key, int), 0, below)

    def table(self, key: str, below: int) -> dict[str, int]:
        value = self.value.get(key) or {}
        if not isinstance(value, dict) or not all(isinstance(number, int) for number in value.values()):
            raise BadCheckpoint(f"{self.file}: {self.path}{key} must map names to ids")
        return {str(name).lower(): self._within(f"{key}.{name}", number, 0, below) for name, number in value.items()}

    def dialects(self, key: str, languages: Mapping[str, int]) -> dict[str, str]:
        value = self.value.get(key) or {}
        if not isinstance(value, dict) or not all(
            not dialect or str(dialect).lower() in languages for dialect in value.values()
        ):
            raise BadCheckpoint(f"{self.file}: {self.path}{key} must map speakers to false or to one of the languages")
        return {str(name).lower(): str(dialect).lower() for name, dialect in value.items() if dialect}

    def rates(self, key: str) -> tuple[int, ...]:
        value = self.value.get(key)
        if not isinstance(value, list) or not all(isinstance(rate, int) and rate > 0 for rate in value):
            raise BadCheckpoint(f"{self.file}: {self.path}{key} must be a list of whole numbers")
        return tuple(value)

    def _within(self, key: str, number: int, least: int, below: int = 1 << 31) -> int:
        if not least <= number < below:
            raise BadCheckpoint(f"{self.file}: {self.path}{key} is {number}; it must be from {least} to {below - 1}")
        return number


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise BadCheckpoint(f"{file} is missing; a Qwen3-TTS checkpoint has one") from error
    except OSError as error:
        raise BadCheckpoint(f"{file} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BadCheckpoint(f"{file} is not JSON: {error}") from error


def _stack(part: _Section) -> StackShape:
    heads, hidden = part.size("num_attention_heads"), part.size("hidden_size")
    return StackShape(
        layers=part.size("num_hidden_layers"),
        hidden=hidden,
        heads=heads,
        kv_heads=part.size("num_key_value_heads"),
        head_dim=part.size("head_dim") if part.value.get("head_dim") is not None else hidden // heads,
        intermediate=part.size("intermediate_size"),
        eps=part.get("rms_norm_eps", float),
        theta=part.get("rope_theta", float),
    )


def tokenizer(folder: Path) -> CodecShape:
    """The shape of the speech tokenizer in `folder`. Raises BadCheckpoint."""
    file = folder / "config.json"
    config = _Section(file, _json(file))
    if (kind := config.get("model_type", str)) != FRAME_RATE_TOKENIZER:
        raise BadCheckpoint(f"{file} is of {kind!r}; expected {FRAME_RATE_TOKENIZER}")
    decoder = config.section("decoder_config")
    shape = CodecShape(
        stack=_stack(decoder),
        window=decoder.size("sliding_window"),
        codebook_size=decoder.size("codebook_size"),
        codebook_dim=decoder.size("codebook_dim"),
        latent=decoder.size("latent_dim"),
        channels=decoder.size("decoder_dim"),
        upsample=decoder.rates("upsampling_ratios"),
        blocks=decoder.rates("upsample_rates"),
    )
    if shape.hop != 1920 or config.value.get("output_sample_rate") != 24_000:
        raise BadCheckpoint(f"{file}: {shape.hop} samples a frame; the 12 Hz tokenizer has 1920 at 24000 Hz")
    return shape


def _generation(file: Path) -> dict[str, float | int | bool]:
    """Sampling defaults; a checkpoint without the file takes the engine's, which are the package's."""
    if not file.exists():
        return {}
    value = _Section(file, _json(file)).value
    return {key: number for key, number in value.items() if isinstance(number, bool | int | float)}
