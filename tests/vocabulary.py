"""A small byte-level text tokenizer with the special tokens and the file layout of the released checkpoints."""

from __future__ import annotations

import json
from pathlib import Path

# `assistant` and `user` have to be one token each: the package cuts the roles off by position.
WORDS = ("assistant", "user", "the", "Ġthe", "ing", "er", "in", "Ġa", "on", "hello", "Ġhouse", "Ġ1")
# In the order of the released vocabulary, where the first has id 151643.
SPECIALS = (
    *"<|endoftext|> <|im_start|> <|im_end|> <|object_ref_start|> <|object_ref_end|> <|box_start|> <|box_end|>".split(),
    *"<|quad_start|> <|quad_end|> <|vision_start|> <|vision_end|> <|vision_pad|> <|image_pad|> <|video_pad|>".split(),
    *"<tool_call> </tool_call> <|fim_prefix|> <|fim_middle|> <|fim_suffix|> <|fim_pad|> <|repo_name|>".split(),
    *"<|file_sep|> <tool_response> </tool_response> <think> </think> <|audio_start|> <|audio_end|> <tts_pad>".split(),
    *"<tts_text_bos> <tts_text_eod> <tts_text_bos_single> <|audio_pad|>".split(),
)
PLAIN_ADDED = ("<tool", "</tool", "<think", "</think")  # added tokens that are not special


def write(folder: Path) -> tuple[dict[str, int], int]:
    """Write vocab.json, merges.txt and tokenizer_config.json; the ids of the special tokens and the size come back."""
    vocabulary = {letter: number for number, letter in enumerate(_letters())}
    merges: list[str] = []
    for word in WORDS:
        for end in range(1, len(word)):
            left, right = word[:end], word[end]
            if left + right not in vocabulary:
                merges.append(f"{left} {right}")
                vocabulary[left + right] = len(vocabulary)
    ids = {token: len(vocabulary) + number for number, token in enumerate(SPECIALS)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges, ""]), "utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(_config(ids), indent=1), "utf-8")
    return ids, len(vocabulary) + len(SPECIALS)


def _letters() -> list[str]:
    """The letters that stand for the 256 bytes, as GPT-2 chose them: what prints stands for itself."""
    printing = {*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printing else next(others)) for byte in range(256)]


def _config(ids: dict[str, int]) -> dict[str, object]:
    flags = dict.fromkeys(("lstrip", "normalized", "rstrip", "single_word"), False)
    return {
        "add_bos_token": False,
        "add_prefix_space": False,
        "added_tokens_decoder": {
            str(number): {"content": token, **flags, "special": not token.startswith(PLAIN_ADDED)}
            for token, number in ids.items()
        },
        "additional_special_tokens": ["<|im_start|>", "<|im_end|>"],
        "bos_token": None,
        "clean_up_tokenization_spaces": False,
        "eos_token": "<|im_end|>",
        "errors": "replace",
        "model_max_length": 131072,
        "pad_token": "<|endoftext|>",
        "processor_class": "Qwen3TTSProcessor",
        "split_special_tokens": False,
        "tokenizer_class": "Qwen2Tokenizer",
        "unk_token": None,
    }
