"""Languages as pickers show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

_NAMES: Final[Mapping[str, str]] = {
    "ar": "Arabic", "bg": "Bulgarian", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish",
    "fr": "French", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian",
    "it": "Italian", "ja": "Japanese", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "ms": "Malay",
    "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sk": "Slovak", "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish", "th": "Thai", "tr": "Turkish",
    "uk": "Ukrainian", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
# More than three names are a list that nobody reads to its end; tags are short enough for ten.
_FEW: Final = 3


class Language(NamedTuple):
    """A language as the picker shows it."""

    tag: str
    name: str


def languages(tags: Iterable[str]) -> list[Language]:
    """Each once, by name, with its region only where there are several; what has no name is shown as it is."""
    once = set(tags)
    primaries = Counter(tag.partition("-")[0] for tag in once)
    named = (Language(tag, _name(tag, primaries[tag.partition("-")[0]] > 1)) for tag in once)
    return sorted(named, key=lambda language: language.name)


def spoken(tags: Iterable[str]) -> str:
    """What one voice speaks, in a line: names of a few, tags of many."""
    every = tuple(tags)
    if len(every) > _FEW:
        return " ".join(every)
    names = {one.tag: one.name for one in languages(every)}
    return ", ".join(names[tag] for tag in every)


def _name(tag: str, ambiguous: bool) -> str:
    primary, _, rest = tag.partition("-")
    name = _NAMES.get(primary, tag)
    return f"{name} ({rest})" if ambiguous and rest and name != tag else name
