"""The languages of Qwen3-TTS by the tags that the house uses."""

from __future__ import annotations

from typing import Final

# The checkpoint's names; a tag that is not here (`auto`) leaves the language to the model.
LANGUAGES: Final = {
    "zh": "chinese", "en": "english", "de": "german", "it": "italian", "pt": "portuguese", "es": "spanish",
    "ja": "japanese", "ko": "korean", "fr": "french", "ru": "russian",
}  # fmt: skip


def primary(tag: str) -> str:
    """The language of a BCP-47 tag, without region or script."""
    return tag.partition("-")[0].lower()
