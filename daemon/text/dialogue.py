"""What a caption says once its formatting is off: the words, who says them, and what only the deaf are told."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Notes = Literal["drop", "keep"]
Names = Literal["upper", "known", "off"]

# A name and a title: longer is a sentence with a colon in it.
NAME_LIMIT: Final = 40
# Brackets in brackets, as deep as anybody writes them; deeper ones would take time that grows with the square.
_NESTED: Final = 3

_VOICE: Final = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]+([^<>\n]+)>")
_RUBY: Final = re.compile(r"<rt\b[^<>]*>.*?(?:</rt>|(?=</ruby>)|\Z)", re.DOTALL)
_BREAK: Final = re.compile(r"<br\s*/?>|\\N")
_TAG: Final = re.compile(r"</?[A-Za-z][^<>]*>|<(?:\d+:)?\d\d:\d\d\.\d{3}>|\{\\[^{}]*\}|\{[A-Za-z]:[^{}]*\}")
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Marks of direction and order, and joints of no width that are no part of a word; the joiner of emoji and of Persian stays.
_UNSEEN: Final = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad]")
_NOTE: Final = re.compile(r"\[[^\[\]]*\]|\([^()]*\)|（[^（）]*）|［[^［］]*］|【[^【】]*】")
_MUSIC: Final = re.compile(r"[♪♫♩♬][^♪♫♩♬]*(?:[♪♫♩♬]+|\Z)|^#[ \t][^#\n]*#[ \t]*$", re.MULTILINE)
_DASH: Final = re.compile(r"^[-‐-―−]+(?:\s+|(?=[^\W\d_]|[\"'«“„¿¡(\[]))")
_NAME: Final = re.compile(rf"^([^\W\d_][^\n:：]{{0,{NAME_LIMIT - 1}}}?)\s*(?::(?=\s|$)|：)\s*")
_NAME_LETTERS: Final = re.compile(r"[\w .,'’&/#()-]+")
_WIDE_EDGE: Final = re.compile(r"[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uffef]")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What was found in a caption."""

    lines: tuple[str, ...]
    """As they are shown, without formatting, names and, where they are dropped, notes."""
    speaker: str = ""
    others: tuple[str, ...] = ()
    """Who else speaks in it."""
    noted: bool = False
    """There were words, and all of them were notes."""

    @property
    def text(self) -> str:
        """All of it in one line."""
        return joined(self.lines)


@dataclass(frozen=True, slots=True)
class Manners:
    """How captions are to be read."""

    notes: Notes = "drop"
    """`[door slams]`, `(sighs)` and the words between ♪ are not spoken, or are."""
    names: Names = "upper"
    """`ANNA: ` at the beginning of a line is a speaker when it is in capitals or known; when it is known; never."""
    known: frozenset[str] = frozenset()
    """Names, casefolded."""


def dialogue(lines: Sequence[str], manners: Manners) -> Dialogue:
    """What the lines of one caption say."""
    source = _BREAK.sub("\n", "\n".join(lines))
    speakers = [_plain(name) for name in _VOICE.findall(source)] if "<v" in source else []
    bare = _TAG.sub("", _RUBY.sub("", source)) if "<" in source or "{" in source else source
    shown = _plain(bare)
    kept = _dropped(shown) if manners.notes == "drop" else shown
    found: list[str] = []
    for line in kept.split("\n"):
        name, words = _named(_DASH.sub("", line.strip()), manners)
        if name:
            # Words that stand above the first name are nobody's, and begin the caption.
            speakers += [name] if speakers or not found else ["", name]
        if words := " ".join(words.split()):
            found.append(words)
    names = list(dict.fromkeys(speakers))
    return Dialogue(tuple(found), names[0] if names else "", tuple(names[1:]), not found and bool(shown.strip()))


def joined(lines: Sequence[str]) -> str:
    """Lines as one text: with a blank between them, unless Chinese or Japanese meets itself."""
    text = ""
    for line in lines:
        close = text and _WIDE_EDGE.match(text[-1]) and _WIDE_EDGE.match(line)
        text += line if not text or close else f" {line}"
    return text


def _plain(text: str) -> str:
    """Without entities and what cannot be seen."""
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    text = text.replace("\\h", " ").replace("\xa0", " ")
    return text if text.isascii() else _UNSEEN.sub("", text).strip()


def _dropped(text: str) -> str:
    """Without notes, and without the signs between which there is song."""
    for _ in range(_NESTED):
        text = _NOTE.sub(" ", text)
    return _MUSIC.sub(" ", text)


def _named(line: str, manners: Manners) -> tuple[str, str]:
    """Who says a line, or "", and what."""
    match = _NAME.match(line) if manners.names != "off" and (":" in line or "：" in line) else None
    if match is None:
        return "", line
    name = " ".join(match[1].split())
    capitals = manners.names == "upper" and name.isupper() and _NAME_LETTERS.fullmatch(name) is not None
    if capitals or name.casefold() in manners.known:
        return name, _DASH.sub("", line[match.end() :])
    return "", line
