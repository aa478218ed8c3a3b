"""Which elements of SSML there are, and what their attributes mean. ValueError says what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from daemon.text import amounts
from daemon.text.score import Manner
from daemon.text.stage import UNCHANGED
from daemon.text.tags import language, said_as

# Their beginning and their end end a sentence.
SENTENCES: Final = ("p", "s")
# Other words are said for theirs.
REPLACED: Final = ("sub", "phoneme")
# Understood, and left to the voice.
_DROPPED: Final = ("emphasis", "mark")
KNOWN: Final = ("speak", *SENTENCES, "break", "prosody", "say-as", "voice", "lang", *REPLACED, *_DROPPED)
# The alphabet of a `phoneme` whose `ph` is a word to be read: no model here reads phonemes.
RESPELLING: Final = "x-respell"


def change(name: str, attributes: Mapping[str, str]) -> Manner:
    """What an element changes for its words."""
    match name:
        case "prosody":
            return _prosody(attributes)
        case "say-as":
            return Manner(hint=said_as(_asked(name, attributes, "interpret-as", "digits")))
        case "voice":
            return Manner(voice=_asked(name, attributes, "name", "anna"), language=_language(attributes))
        case "lang":
            return Manner(language=language(_asked(name, attributes, "xml:lang", "de")))
        case "speak" | "p" | "s" if attributes:
            return Manner(language=_language(attributes))
        case _ if name in KNOWN:
            return UNCHANGED
        case _:
            raise ValueError(f"<{name[:40]}> is not known: {' '.join(f'<{known}>' for known in KNOWN)}")


def silence(attributes: Mapping[str, str]) -> float:
    """The seconds of a `break`."""
    if "time" in attributes:
        return amounts.seconds(attributes["time"])
    strength = attributes.get("strength", "medium")
    if strength not in amounts.STRENGTHS:
        raise ValueError(f"{strength[:40]!r} is no strength of a break: {', '.join(amounts.STRENGTHS)}")
    return amounts.STRENGTHS[strength]


def replacement(name: str, attributes: Mapping[str, str]) -> str:
    """What is said for the words of a `sub` or a `phoneme`."""
    if name == "sub":
        return _asked(name, attributes, "alias", "World Wide Web Consortium")
    if (alphabet := attributes.get("alphabet", "ipa")) != RESPELLING:
        raise ValueError(f'phonemes of {alphabet[:40]!r} cannot be spoken: write alphabet="{RESPELLING}" ph="nigh-key"')
    return _asked(name, attributes, "ph", "nigh-key")


def _prosody(attributes: Mapping[str, str]) -> Manner:
    asked = {name: attributes[name] for name in ("rate", "pitch", "volume") if name in attributes}
    return Manner(
        rate=amounts.times(asked["rate"]) if "rate" in asked else None,
        pitch=amounts.semitones(asked["pitch"]) if "pitch" in asked else None,
        gain=amounts.decibels(asked["volume"]) if "volume" in asked else None,
    )


def _asked(name: str, attributes: Mapping[str, str], key: str, example: str) -> str:
    if value := attributes.get(key, "").strip():
        return value
    raise ValueError(f'<{name}> does not say {key}: write <{name} {key}="{example}">')


def _language(attributes: Mapping[str, str]) -> str | None:
    return language(attributes["xml:lang"]) if "xml:lang" in attributes else None
