"""The released dimensions as a checkpoint folder without weights: for benchmarks, which need no more than sizes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from models.qwen import vocabulary
from models.synthetic import LANGUAGE, SPEAKER, Size

# Ids of the released models.
_CODES: Final = 2048
_IDS: Final = {"codec_pad_id": 2148, "codec_bos_id": 2149, "codec_eos_token_id": 2150, "codec_think_id": 2154,
               "codec_nothink_id": 2155, "codec_think_bos_id": 2156, "codec_think_eos_id": 2157}  # fmt: skip
_ENGLISH, _RYAN = 2050, 3061
_COMMON: Final = {"num_code_groups": 16, "rope_theta": 1_000_000, "rms_norm_eps": 1e-6}
_GENERATION: Final = {"do_sample": True, "temperature": 0.9, "top_p": 1.0, "top_k": 50, "repetition_penalty": 1.05,
                      "subtalker_dosample": True, "subtalker_temperature": 0.9, "subtalker_top_p": 1.0,
                      "subtalker_top_k": 50, "max_new_tokens": 8192}  # fmt: skip
_PADDING: Final = {"padding_side": "right", "padding_value": 0.0, "return_attention_mask": True}


@dataclass(frozen=True, slots=True)
class _Stack:
    """Sizes of a stack of decoder layers, by the names of `config.json`."""

    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int


@dataclass(frozen=True, slots=True)
class _Plan:
    talker: _Stack
    predictor: _Stack
    text_hidden: int
    words: int
    """Entries of the text vocabulary that are no control tokens; 0 is as few as there can be."""
    codec: Mapping[str, int]
    encoder: Mapping[str, int]
    """Of the speech tokenizer, where it differs from the released one, which is Mimi's own."""


_CODEC: Final = {
    **asdict(_Stack(512, 1024, 8, 16, 16, 64)),
    "latent_dim": 1024,
    "codebook_dim": 512,
    "decoder_dim": 1536,
}
_PREDICTOR: Final = _Stack(1024, 3072, 5, 16, 8, 128)
_PLANS: Final[Mapping[Size, _Plan]] = {
    "0.6b": _Plan(_Stack(1024, 3072, 28, 16, 8, 128), _PREDICTOR, 2048, 151_643, _CODEC, {}),
    "1.7b": _Plan(_Stack(2048, 6144, 28, 16, 8, 128), _PREDICTOR, 2048, 151_643, _CODEC, {}),
    "tiny": _Plan(
        _Stack(64, 128, 2, 4, 2, 16),
        _Stack(32, 64, 2, 4, 2, 16),
        text_hidden=32,
        words=0,
        codec={**asdict(_Stack(16, 32, 2, 2, 2, 8)), "latent_dim": 16, "codebook_dim": 16, "decoder_dim": 32},
        encoder={
            **asdict(_Stack(16, 32, 1, 2, 2, 8)),
            "num_filters": 2,
            "codebook_dim": 8,
            "vector_quantization_hidden_dimension": 8,
            "upsample_groups": 16,
        },
    ),
}


def write(folder: Path, size: Size) -> Path:
    """Write everything but the weights of a CustomVoice checkpoint: configuration, vocabulary. `folder` comes back."""
    plan, codec = _PLANS[size], folder / "speech_tokenizer"
    codec.mkdir(parents=True)
    ids, words = vocabulary.write(folder, plan.words)
    _json(folder / "config.json", _config(plan, size, ids, max(words, 151_936 if plan.words else 0)))
    _json(folder / "generation_config.json", _GENERATION)
    _json(folder / "preprocessor_config.json", {"processor_class": "Qwen3TTSProcessor", **_PADDING})
    _json(codec / "config.json", _codec(plan))
    extractor = {"feature_extractor_type": "EncodecFeatureExtractor", "feature_size": 1, "sampling_rate": 24_000}
    _json(codec / "preprocessor_config.json", {**extractor, **_PADDING})
    return folder


def _config(plan: _Plan, size: Size, ids: Mapping[str, int], words: int) -> dict[str, object]:
    head = plan.talker.head_dim
    temporal = head // 2 - 2 * (head * 5 // 32)  # of the released 128: 24, 20, 20
    rope = {"interleaved": True, "mrope_section": [temporal, head * 5 // 32, head * 5 // 32], "rope_type": "default"}
    talker = {
        **asdict(plan.talker), **_COMMON, **_IDS,
        "vocab_size": _CODES + 1024,
        "text_hidden_size": plan.text_hidden,
        "text_vocab_size": words,
        "max_position_embeddings": 32_768,
        "position_id_per_seconds": 13,
        "rope_scaling": {**rope, "type": "default"},
        "code_predictor_config": {
            **asdict(plan.predictor), **_COMMON, "vocab_size": _CODES, "max_position_embeddings": 65_536,
        },
        "codec_language_id": {LANGUAGE: _ENGLISH},
        "spk_id": {SPEAKER: _RYAN},
        "spk_is_dialect": {SPEAKER: False},
    }  # fmt: skip
    return {
        "model_type": "qwen3_tts",
        "architectures": ["Qwen3TTSForConditionalGeneration"],
        "tokenizer_type": "qwen3_tts_tokenizer_12hz",
        "tts_model_type": "custom_voice",
        "tts_model_size": "1b7" if size == "1.7b" else "0b6",
        "talker_config": talker,
        "speaker_encoder_config": {"enc_dim": plan.talker.hidden_size, "sample_rate": 24_000},
        "im_start_token_id": ids["<|im_start|>"],
        "im_end_token_id": ids["<|im_end|>"],
        "tts_pad_token_id": ids["<tts_pad>"],
        "tts_bos_token_id": ids["<tts_text_bos>"],
        "tts_eos_token_id": ids["<tts_text_eod>"],
    }


def _codec(plan: _Plan) -> dict[str, object]:
    decoder = {
        **plan.codec, "codebook_size": _CODES, "num_quantizers": 16, "sliding_window": 72, "rms_norm_eps": 1e-5,
        "rope_theta": 10_000, "upsample_rates": [8, 5, 4, 3], "upsampling_ratios": [2, 2],
    }  # fmt: skip
    return {
        "model_type": "qwen3_tts_tokenizer_12hz",
        "architectures": ["Qwen3TTSTokenizerV2Model"],
        "decoder_config": decoder,
        "encoder_config": plan.encoder,
        "encoder_valid_num_quantizers": 16,
        "input_sample_rate": 24_000,
        "output_sample_rate": 24_000,
        "encode_downsample_rate": 1920,
        "decode_upsample_rate": 1920,
    }


def _json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, indent=1), "utf-8")
