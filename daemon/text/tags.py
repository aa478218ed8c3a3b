"""Which tags there are, and what their arguments mean. ValueError says what would be right."""

from __future__ import annotations

import re
from typing import Final

from daemon.text import amounts
from daemon.text.score import Manner
from daemon.text.stage import HINTS, SPELLED

# These have an end, `[/voice]`; a pause has none.
CONTAINERS: Final = ("voice", "rate", "pitch", "volume", "gain", "lang", "emotion", "say", "sub")
KNOWN: Final = ("pause", *CONTAINERS)
# A pause of which nothing is said.
PAUSE_S: Final = amounts.STRENGTHS["medium"]
# Ids have 64 characters at most, labels hardly more.
_NAME_LIMIT: Final = 100

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_QUOTED: Final = re.compile(r"""["“„']([^"“”„']*)["”“']""")
_SET: Final = re.compile(r"""\s*([A-Za-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|[“„]([^“”]*)[”“]|([^\s"']+))\s*""")


def pause(arguments: str) -> float:
    """`[pause]`, `[pause 500ms]`: its seconds."""
    return amounts.seconds(arguments) if arguments.strip() else PAUSE_S


def change(name: str, arguments: str) -> Manner:
    """What a tag that opens something changes."""
    value = _value(arguments)
    match name:
        case "voice":
            return Manner(voice=_name(value, "a voice: write [voice anna]"))
        case "rate":
            return Manner(rate=amounts.times(value))
        case "pitch":
            return Manner(pitch=amounts.semitones(value))
        case "volume" | "gain":
            return Manner(gain=amounts.decibels(value))
        case "lang":
            return Manner(language=language(value))
        case "emotion":
            return Manner(emotion=_name(value, "an emotion: write [emotion cheerful]"))
        case _:
            return Manner(hint=said_as(_only(arguments, "as", "[say as=digits]")))


def substitute(arguments: str) -> str:
    """`[sub alias="World Wide Web Consortium"]`: what is said."""
    return _only(arguments, "alias", '[sub alias="World Wide Web Consortium"]')


def language(tag: str) -> str:
    """A language by its BCP-47 tag."""
    if _LANGUAGE.fullmatch(tag):
        return tag
    raise ValueError(f"{tag[:40]!r} is no language: write its tag, such as de or en-GB")


def said_as(kind: str) -> str:
    """What words are, by one of the names of `say as`."""
    if (name := kind.lower()) in SPELLED | HINTS:
        return name
    raise ValueError(f"{kind[:40]!r} is no way to say it: known are {', '.join(sorted(SPELLED | HINTS))}")


def _value(arguments: str) -> str:
    value = arguments.strip()
    quoted = _QUOTED.fullmatch(value)
    return quoted[1].strip() if quoted else value


def _name(value: str, what: str) -> str:
    if value and len(value) <= _NAME_LIMIT:
        return value
    raise ValueError(f"the tag does not name {what}")


def _only(arguments: str, key: str, right: str) -> str:
    """The value of the one argument that a tag has, by its name."""
    found = _SET.fullmatch(arguments)
    value = next(filter(None, found.groups()[1:]), "").strip() if found else ""
    if not found or found[1].lower() != key or not value:
        raise ValueError(f"the tag sets {key}: write {right}")
    return value
