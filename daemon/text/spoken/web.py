"""Addresses in a text: links, e-mail addresses, hosts, file names and paths. Each language says them in its own words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from daemon.text.spoken.piece import Piece
from daemon.text.spoken.rules import Rule, Rules

# What may stand at the end of a name without a scheme before it; without this list every dot without a space is a host.
_TOP: Final = (
    "com|org|net|edu|gov|info|biz|dev|app|io|ai|tv|me|cloud|shop|online|site|blog|wiki|xyz|local|lan|"
    "eu|uk|us|ca|au|nz|ie|de|at|ch|fr|be|nl|es|pt|br|mx|ar|it|pl|cz|se|dk|fi|ru|su|by|ua|kz|рф|cn|tw|hk|jp|kr|in"
)
_EXTENSIONS: Final = (
    "txt|pdf|docx?|xlsx?|pptx?|odt|ods|csv|tsv|json|ya?ml|toml|xml|html?|css|js|ts|jsx|tsx|py|rb|go|rs|java|cpp|sh|sql|"
    "md|rst|ini|cfg|conf|log|env|jpe?g|png|gif|svg|webp|bmp|mp3|mp4|wav|flac|ogg|opus|m4a|mkv|avi|mov|webm|srt|vtt|"
    "zip|tar|gz|rar|7z|exe|dll|iso|img|deb|rpm|apk|bin|php|ipynb|safetensors|gguf|onnx|service"
)
# Said letter by letter; what is not here is said as a word.
_SPELLED: Final = frozenset(
    "io ai tv eu uk us ca nz de fr nl br cn jp kr txt pdf csv tsv xml html htm css js ts py rs md sql cfg jpg png svg bmp "
    "mp wav avi srt vtt gz exe dll rpm php http https ftp ssh".split()
)
_LABEL: Final = r"[^\W_](?:[\w-]{0,62})"
_TAIL: Final = r"(?:[/?#][^\s<>\"«»“”]*)?"
# Where an address may be; the window of the rules reaches to the end of what is written without a space.
_HINT: Final = re.compile(r"(?:@|/|[^\W_]\.[^\W_])\S*")
_ENDING: Final = ".,;:!?)]}'’*…"

_LINK: Final = re.compile(
    rf"(?<!\w)(?:(?:https?|ftp|wss?|mqtts?|rtsp)://[^\s<>\"«»“”]+|www\.{_LABEL}(?:\.{_LABEL}){{1,5}}(?::\d{{2,5}})?{_TAIL})",
    re.IGNORECASE,
)
_MAIL: Final = re.compile(rf"(?<![\w.+-])\w[\w.+-]{{0,63}}@{_LABEL}(?:\.{_LABEL}){{1,5}}")
_HOST: Final = re.compile(rf"(?<![\w@.\-/])(?:{_LABEL}\.){{1,5}}(?:{_TOP})(?![\w-]|\.\w)(?::\d{{2,5}})?{_TAIL}")
_IP: Final = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)(?::\d{2,5})?(?:/[^\s<>\"«»“”]*)?")
_FILE: Final = re.compile(rf"(?<![\w./@-])(?:[\w-]{{1,64}}\.){{1,4}}(?:{_EXTENSIONS})(?![\w]|\.\w)")
_PATH: Final = re.compile(r"(?<![\w./~])(?:~|\.{1,2})?(?:/[\w.@+-]{1,100}){2,12}/?")
_PART: Final = re.compile(r"\d+|[^\W\d_]+|.")


@dataclass(frozen=True, slots=True)
class Words:
    """How one language says an address: its signs, some names in it, and a number that stands in it."""

    signs: Mapping[str, str]
    """`.` `@` `/` `-` `_` `:` at least; a sign without a word is passed over."""
    number: Callable[[str], str]
    names: Mapping[str, str]
    octet: Callable[[str], str] | None = None
    """A number of an address such as 192.168.1.1, where it is said otherwise than other numbers."""
    spaced: str = " "
    """What stands between the words."""


class Addresses:
    """The addresses in a text as they are spoken: schemes are not said, what is not sure to be an address is left."""

    def __init__(self, words: Words) -> None:
        trimmed = partial(_trimmed, words=words)
        rules = (
            Rule("mail", _MAIL, trimmed),
            Rule("link", _LINK, trimmed),
            Rule("ip", _IP, partial(_ip, words=words)),
            Rule("host", _HOST, trimmed),
            Rule("file", _FILE, trimmed),
            Rule("path", _PATH, partial(_path, words=words)),
        )
        self._rules = Rules(rules, _HINT)

    def pieces(self, text: str) -> list[Piece]:
        """In order, none over another."""
        return self._rules.applied(text) if _may_hint(text) and _HINT.search(text) else []


def _may_hint(text: str) -> bool:
    """Whether there is a sign of an address; the full stop at the end is none."""
    return text.find(".", 0, -1) >= 0 or "/" in text or "@" in text


def _trimmed(match: re.Match[str], words: Words) -> str:
    """An address without its scheme, with the punctuation of the sentence after it kept."""
    address = match[0].rstrip(_ENDING)
    ending = match[0][len(address) :]
    bare = re.sub(r"^[A-Za-z]+://", "", address)
    return _said(bare.rstrip("/") or bare, words) + ending


def _path(match: re.Match[str], words: Words) -> str | None:
    return _trimmed(match, words) if re.search(r"[^\W\d]", match[0]) else None


def _ip(match: re.Match[str], words: Words) -> str | None:
    address = match[0].rstrip(_ENDING)
    host = re.match(r"[\d.]+", address)
    if not host or any(int(number) > 255 for number in host[0].split(".")):
        return None
    octet = words.octet or words.number
    dot = f"{words.spaced}{words.signs['.']}{words.spaced}"
    said = dot.join(octet(number) for number in host[0].split("."))
    rest = _said(address[host.end() :], words)
    return said + (words.spaced + rest if rest else "") + match[0][len(address) :]


def _said(address: str, words: Words) -> str:
    return words.spaced.join(said for part in _PART.findall(address) if (said := _part(part, words)))


def _part(part: str, words: Words) -> str:
    if part.isdecimal():
        return words.number(part)
    name = part.lower()
    if name in words.names:
        return words.names[name]
    if part.isalpha():
        return " ".join(part.upper()) if name in _SPELLED else part
    return words.signs.get(part, "")
