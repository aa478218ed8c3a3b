"""The voices that a checkpoint has by itself, as its config names them."""

from __future__ import annotations

from typing import Final

from models.backend import Speaker
from models.qwen.config import ModelShape
from models.qwen.languages import LANGUAGES

DESIGNED: Final = "designed"

# What the released presets sound like and the language they sound best in, as their makers tell.
_KNOWN: Final = {
    "vivian": ("zh", "A bright, slightly edgy young woman"),
    "serena": ("zh", "A warm, gentle young woman"),
    "uncle_fu": ("zh", "A seasoned man with a low, mellow timbre"),
    "dylan": ("zh", "A youthful man from Beijing, clear and natural; reads Chinese in the Beijing dialect"),
    "eric": ("zh", "A lively man from Chengdu, slightly husky; reads Chinese in the Sichuan dialect"),
    "ryan": ("en", "A dynamic man with a strong rhythm"),
    "aiden": ("en", "A sunny American man with a clear midrange"),
    "ono_anna": ("ja", "A playful woman with a light, nimble timbre"),
    "sohee": ("ko", "A warm woman with rich emotion"),
}


def languages(shape: ModelShape) -> tuple[str, ...]:
    """The tags of what a checkpoint speaks."""
    return tuple(tag for tag, name in LANGUAGES.items() if name in shape.languages)


def speakers(shape: ModelShape) -> tuple[Speaker, ...]:
    """Presets of a CustomVoice checkpoint; the one voice that a VoiceDesign checkpoint makes of every description."""
    tags = languages(shape)
    if shape.task == "voice_design":
        return (Speaker(DESIGNED, "Designed voice", tags, "Sounds as `instruct` describes it"),)
    return tuple(_speaker(name, tags) for name in sorted(shape.speakers))


def _speaker(name: str, tags: tuple[str, ...]) -> Speaker:
    native, about = _KNOWN.get(name, (tags[0] if tags else "", ""))
    ordered = tuple(sorted(tags, key=lambda tag: tag != native))
    return Speaker(name, name.replace("_", " ").title(), ordered, about)


RELEASED: Final = tuple(_speaker(name, tuple(LANGUAGES)) for name in _KNOWN)
