"""A made-up text vocabulary with the layout, the size and the control tokens of the released one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

# One token each, as the package cuts the roles off by position.
_ROLES: Final = ("assistant", "user")
# In the order of the released vocabulary, where the first has id 151643.
CONTROL: Final = (
    *"<|endoftext|> <|im_start|> <|im_end|> <|object_ref_start|> <|object_ref_end|> <|box_start|> <|box_end|>".split(),
    *"<|quad_start|> <|quad_end|> <|vision_start|> <|vision_end|> <|vision_pad|> <|image_pad|> <|video_pad|>".split(),
    *"<tool_call> </tool_call> <|fim_prefix|> <|fim_middle|> <|fim_suffix|> <|fim_pad|> <|repo_name|>".split(),
    *"<|file_sep|> <tool_response> </tool_response> <think> </think> <|audio_start|> <|audio_end|> <tts_pad>".split(),
    *"<tts_text_bos> <tts_text_eod> <tts_text_bos_single> <|audio_pad|>".split(),
)


def write(folder: Path, words: int = 0) -> tuple[dict[str, int], int]:
    """Write vocab.json, merges.txt and tokenizer_config.json.

    `words` is how many ids lie before the control tokens: the two roles and single bytes at least, then all pairs of
    bytes, then longer pieces. The ids of the control tokens come back, and how many ids there are.
    """
    vocabulary = {letter: number for number, letter in enumerate(_letters())}
    merges = [_merge(vocabulary, role[:end], role[end]) for role in _ROLES for end in range(1, len(role))]
    for left, right in _pairs(vocabulary):
        if len(vocabulary) >= words:
            break
        if left + right not in vocabulary:
            merges.append(_merge(vocabulary, left, right))
    ids = {token: len(vocabulary) + number for number, token in enumerate(CONTROL)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges, ""]), "utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(_config(ids), indent=1), "utf-8")
    return ids, len(vocabulary) + len(CONTROL)


def _merge(vocabulary: dict[str, int], left: str, right: str) -> str:
    vocabulary[left + right] = len(vocabulary)
    return f"{left} {right}"


def _pairs(vocabulary: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Everything that is in the vocabulary, followed by every single byte; what is added meanwhile has its turn too."""
    letters = _letters()
    done = 0
    while True:
        todo = list(vocabulary)[done:]
        done += len(todo)
        for left in todo:
            for right in letters:
                yield left, right


def _letters() -> list[str]:
    """The letters that stand for the 256 bytes, as GPT-2 chose them: what prints stands for itself."""
    printing = {*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printing else next(others)) for byte in range(256)]


def _config(ids: dict[str, int]) -> dict[str, object]:
    flags = dict.fromkeys(("lstrip", "normalized", "rstrip", "single_word"), False)
    return {
        "added_tokens_decoder": {
            str(number): {"content": token, **flags, "special": True} for token, number in ids.items()
        },
        "add_bos_token": False,
        "add_prefix_space": False,
        "bos_token": None,
        "clean_up_tokenization_spaces": False,
        "eos_token": "<|im_end|>",
        "errors": "replace",
        "model_max_length": 131_072,
        "pad_token": "<|endoftext|>",
        "processor_class": "Qwen3TTSProcessor",
        "split_special_tokens": False,
        "tokenizer_class": "Qwen2Tokenizer",
        "unk_token": None,
    }
