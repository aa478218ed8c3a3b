"""Small random Qwen3-TTS checkpoints, made with the package's own classes in the released layout.

Tests take them from the session fixture `checkpoint` (see conftest):

    folder = checkpoint("custom_voice", "small", dtype="bfloat16", end=-50.0)   # made once, shared: never change it
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import package
import random_weights
import torch
import vocabulary

Kind = Literal["base", "custom_voice", "voice_design"]
KINDS: tuple[Kind, ...] = ("base", "custom_voice", "voice_design")

# Ids of the released models; smaller codebooks move them down as one block.
CONTROL = {"codec_pad_id": 2148, "codec_bos_id": 2149, "codec_eos_token_id": 2150, "codec_think_id": 2154,
           "codec_nothink_id": 2155, "codec_think_bos_id": 2156, "codec_think_eos_id": 2157}  # fmt: skip
LANGUAGES = {"chinese": 2055, "english": 2050, "german": 2053, "italian": 2070, "portuguese": 2071, "spanish": 2054,
             "japanese": 2058, "korean": 2064, "french": 2061, "russian": 2069}  # fmt: skip
DIALECTS = {"beijing_dialect": 2074, "sichuan_dialect": 2062}
SPEAKERS = {"serena": 3066, "vivian": 3065, "uncle_fu": 3010, "ryan": 3061, "aiden": 2861, "ono_anna": 2873,
            "sohee": 2864, "eric": 2875, "dylan": 2878}  # fmt: skip
SPEAKS_DIALECT = {"eric": "sichuan_dialect", "dylan": "beijing_dialect"}
GENERATION = {"do_sample": True, "repetition_penalty": 1.05, "temperature": 0.9, "top_p": 1.0, "top_k": 50,
              "subtalker_dosample": True, "subtalker_temperature": 0.9, "subtalker_top_p": 1.0,
              "subtalker_top_k": 50, "max_new_tokens": 8192}  # fmt: skip


@dataclass(frozen=True)
class Stack:
    """Sizes of a stack of decoder layers, by the names of `config.json`."""

    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int = 2
    num_attention_heads: int = 4
    num_key_value_heads: int = 2
    head_dim: int = 16


@dataclass(frozen=True)
class Shape:
    """Sizes of a whole model."""

    codebook: int
    talker: Stack
    predictor: Stack
    codec: Stack
    text_hidden: int
    latent: int
    channels: int
    """Width of the codec's first convolution, a multiple of 16."""
    window: int
    size: Literal["0b6", "1b7"]


NANO = Shape(
    codebook=64, talker=Stack(32, 64), predictor=Stack(32, 64), codec=Stack(16, 32, 2, 2, 2, 8),
    text_hidden=32, latent=16, channels=32, window=72, size="0b6",
)  # fmt: skip
SHAPES = {
    "nano": NANO,
    # Nothing here has the size of anything else, and the predictor is narrower than the talker, as in 1.7B.
    "small": Shape(
        codebook=128, talker=Stack(64, 160, 3, 4, 1, 32), predictor=Stack(32, 96, 2, 2, 1, 16), codec=Stack(24, 40, 3, 2, 2, 16),
        text_hidden=96, latent=20, channels=48, window=9, size="1b7",
    ),
    # The released vocabulary and ids.
    "wide": replace(NANO, codebook=2048),
}  # fmt: skip


def make(
    folder: Path, kind: Kind, shape: str = "nano", *, dtype: str = "float32", end: float = 0.0, seed: int = 0
) -> Path:
    """Write a checkpoint into `folder`, the same for the same arguments.

    `dtype` is that of the talker and the predictor (the codec is float32, as released). `end` moves the logit of the
    end: -50 never ends, a few make it likelier, 50 ends after two frames, 0 leaves it to chance. Designed voices exist
    in 1.7B only, so voice_design is of that size and has a narrow predictor in any shape.
    """
    sizes = SHAPES[shape]
    if kind == "voice_design":
        narrow = replace(sizes.predictor, hidden_size=sizes.talker.hidden_size // 2)
        sizes = replace(sizes, size="1b7", predictor=narrow)
    folder.mkdir(parents=True)
    ids, words = vocabulary.write(folder)
    config = _config(kind, sizes, ids, words)
    with package.quiet():
        _write_talker(folder, config, getattr(torch, dtype), end, seed)
        _write_codec(folder / "speech_tokenizer", sizes, seed)
    return folder


class Shelf:
    """Checkpoints made on demand, each once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Path] = {}

    def __call__(self, kind: Kind, shape: str = "nano", **options: Any) -> Path:
        """See `make`. The folder is shared by the session: `damage.copied` gives one to break."""
        name = "-".join([shape, *(f"{key}={value}" for key, value in sorted(options.items()))])
        if (key := f"{name}/{kind}") not in self._made:
            self._made[key] = make(self._folder / name / kind, kind, shape, **options)
        return self._made[key]


def _write_talker(folder: Path, config: dict[str, Any], dtype: torch.dtype, end: float, seed: int) -> None:
    models = package.part("core.models")
    model = models.Qwen3TTSForConditionalGeneration(models.Qwen3TTSConfig(**config))
    random_weights.fill(model, seed)
    if end:
        random_weights.lean(model.talker, end)
    model.to(dtype).save_pretrained(folder)
    # The package reads this section with a constructor that takes nothing but its own arguments.
    written = json.loads((folder / "config.json").read_text("utf-8"))
    _json(folder / "config.json", written | {"speaker_encoder_config": config["speaker_encoder_config"]})
    _json(folder / "generation_config.json", GENERATION)
    processor = {"processor_class": "Qwen3TTSProcessor", "padding_side": "left", "padding_value": 0.0}
    _json(folder / "preprocessor_config.json", processor | {"return_attention_mask": True})


def _write_codec(folder: Path, sizes: Shape, seed: int) -> None:
    configuration = package.part("core.tokenizer_12hz.configuration_qwen3_tts_tokenizer_v2")
    modeling = package.part("core.tokenizer_12hz.modeling_qwen3_tts_tokenizer_v2")
    model = modeling.Qwen3TTSTokenizerV2Model(configuration.Qwen3TTSTokenizerV2Config(**_codec_config(sizes))).eval()
    random_weights.fill(model, seed + 7)
    random_weights.calibrate(model.decoder, sizes.codebook)
    model.save_pretrained(folder)
    extractor = {"feature_extractor_type": "EncodecFeatureExtractor", "feature_size": 1, "sampling_rate": 24000}
    padding = {"padding_side": "right", "padding_value": 0.0, "return_attention_mask": True}
    _json(folder / "preprocessor_config.json", extractor | padding | {"chunk_length_s": None, "overlap": None})


def _config(kind: Kind, sizes: Shape, ids: dict[str, int], words: int) -> dict[str, Any]:
    custom = kind == "custom_voice"
    shift = sizes.codebook - 2048

    def moved(table: dict[str, int]) -> dict[str, int]:
        return {name: number + shift for name, number in table.items()}

    eighth = sizes.talker.head_dim // 8
    common = {"num_code_groups": 16, "rope_theta": 1000000, "rms_norm_eps": 1e-6}
    rope = {
        "interleaved": True,
        "mrope_section": [2 * eighth, eighth, eighth],
        "rope_type": "default",
        "type": "default",
    }
    talker = {
        **vars(sizes.talker), **common, **moved(CONTROL),
        "vocab_size": sizes.codebook + 1024,
        "text_hidden_size": sizes.text_hidden,
        "text_vocab_size": words,
        "max_position_embeddings": 32768,
        "position_id_per_seconds": 13,
        "rope_scaling": rope,
        "code_predictor_config": {
            **vars(sizes.predictor), **common, "vocab_size": sizes.codebook, "max_position_embeddings": 65536,
        },
        "codec_language_id": moved(LANGUAGES | DIALECTS if custom else LANGUAGES),
        "spk_id": moved(SPEAKERS) if custom else {},
        "spk_is_dialect": {name: SPEAKS_DIALECT.get(name, False) for name in SPEAKERS} if custom else {},
    }  # fmt: skip
    return {
        "talker_config": talker,
        "speaker_encoder_config": {
            "enc_dim": sizes.talker.hidden_size, "sample_rate": 24000, "enc_channels": [16, 16, 16, 16, 48],
            "enc_attention_channels": 8, "enc_res2net_scale": 2, "enc_se_channels": 8,
        },
        "tokenizer_type": "qwen3_tts_tokenizer_12hz",
        "tts_model_size": sizes.size,
        "tts_model_type": kind,
        "im_start_token_id": ids["<|im_start|>"],
        "im_end_token_id": ids["<|im_end|>"],
        "tts_pad_token_id": ids["<tts_pad>"],
        "tts_bos_token_id": ids["<tts_text_bos>"],
        "tts_eos_token_id": ids["<tts_text_eod>"],
    }  # fmt: skip


def _codec_config(sizes: Shape) -> dict[str, Any]:
    decoder = {
        **vars(sizes.codec), "latent_dim": sizes.latent, "codebook_dim": 16, "codebook_size": sizes.codebook,
        "decoder_dim": sizes.channels, "num_quantizers": 16, "sliding_window": sizes.window,
        "upsample_rates": [8, 5, 4, 3], "upsampling_ratios": [2, 2],
    }  # fmt: skip
    encoder = {
        **vars(Stack(16, 32, 1, 2, 2, 8)), "num_filters": 2, "codebook_size": sizes.codebook, "codebook_dim": 8,
        "vector_quantization_hidden_dimension": 8, "num_quantizers": 32, "num_semantic_quantizers": 1,
        "upsample_groups": 16, "upsampling_ratios": [8, 6, 5, 4], "use_causal_conv": True,
    }  # fmt: skip
    return {"encoder_config": encoder, "decoder_config": decoder, "encoder_valid_num_quantizers": 16}


def _json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, indent=1), "utf-8")
