"""The Qwen3-TTS models that were released for the 12 Hz tokenizer: what each can do and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Task = Literal["custom_voice", "voice_design", "base", "tokenizer"]

# What the checkpoints call their languages, and the tags that everybody else uses.
LANGUAGES: Final = {
    "chinese": "zh",
    "english": "en",
    "french": "fr",
    "german": "de",
    "italian": "it",
    "japanese": "ja",
    "korean": "ko",
    "portuguese": "pt",
    "russian": "ru",
    "spanish": "es",
}
_OWNER: Final = "Qwen/"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What can be asked of a model."""

    presets: bool = False
    """It has speakers of its own."""
    dialects: bool = False
    """Two of them speak Beijing and Sichuan dialect."""
    instruct: bool = False
    """It follows a description of how to speak."""
    design: bool = False
    """It makes a voice from a description."""
    clone_in_context: bool = False
    """It continues a reference whose words are known."""
    clone_by_embedding: bool = False
    """It speaks with the voice of a reference whose words are not known."""
    streaming_text: bool = False
    """It speaks while the text is still being written (a clone in context: sentence by sentence)."""


@dataclass(frozen=True, slots=True)
class Release:
    """One released model."""

    id: str
    """As Hugging Face and ModelScope have it."""
    slug: str
    """The short name."""
    task: Task
    size: str
    """`0.6B` or `1.7B`; empty for the tokenizer."""
    download_bytes: int
    """About; the hub's own listing has the last word."""
    default: bool = False
    """The one to take for its task when nobody says which: the smallest, as only that keeps up on two cores."""
    licence: str = "Apache-2.0"
    languages: tuple[str, ...] = tuple(LANGUAGES.values())

    @property
    def folder(self) -> str:
        """Its name on the disk: the last part of its id."""
        return self.id.rpartition("/")[2]

    @property
    def capabilities(self) -> Capabilities:
        """What can be asked of it."""
        return capabilities(self.task, self.size)


def _tts(size: str, name: str, task: Task, download_bytes: int, *, default: bool = False) -> Release:
    slug = f"qwen3-tts-{size}-{name}".lower()
    return Release(f"{_OWNER}Qwen3-TTS-12Hz-{size}-{name}", slug, task, size, download_bytes, default)


RELEASES: Final = (
    _tts("0.6B", "CustomVoice", "custom_voice", 2_498_400_000, default=True),
    _tts("1.7B", "CustomVoice", "custom_voice", 4_520_200_000),
    _tts("1.7B", "VoiceDesign", "voice_design", 4_520_200_000, default=True),
    _tts("0.6B", "Base", "base", 2_516_100_000, default=True),
    _tts("1.7B", "Base", "base", 4_544_200_000),
    Release(f"{_OWNER}Qwen3-TTS-Tokenizer-12Hz", "qwen3-tts-tokenizer", "tokenizer", "", 682_300_000, default=True),
)


def find(name: str) -> Release | None:
    """The release with this id, last part of an id or slug, in any case."""
    wanted = name.casefold()
    names = ((release, (release.id, release.folder, release.slug)) for release in RELEASES)
    return next((release for release, own in names if wanted in (one.casefold() for one in own)), None)


def default(task: Task) -> Release:
    """The release to take for a task when nobody says which."""
    return next(release for release in RELEASES if release.task == task and release.default)


def capabilities(task: str, size: str) -> Capabilities:
    """What a model of this task and size can do, fine-tuned ones included."""
    if task == "custom_voice":
        # The package drops `instruct` for the small one before the model sees it.
        return Capabilities(presets=True, dialects=True, instruct=size != "0.6B", streaming_text=True)
    if task == "voice_design":
        return Capabilities(instruct=True, design=True, streaming_text=True)
    if task == "base":
        return Capabilities(clone_in_context=True, clone_by_embedding=True, streaming_text=True)
    return Capabilities()
