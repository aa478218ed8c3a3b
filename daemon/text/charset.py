"""Which encoding a file of text is in: UTF-8, UTF-16 with its mark, or the Windows-1251 of older Russian files.

Nothing is guessed that letters cannot show: what is none of these is refused, and named where it can be.
"""

from __future__ import annotations

import codecs
import re
from typing import Final, NamedTuple

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CYRILLIC: Final = ("cp1251", "koi8-r", "cp866")
# Ten letters are two thirds of Russian, Bulgarian and Serbian and 57 % of Ukrainian; of a text in KOI8-R that is read as
# Windows-1251 they are 35 %, of a Greek one 20 %, of a Hebrew one half. Vowels are 42 % in all, and of that Hebrew 22 %.
_COMMON: Final = frozenset("оеаинтсрвлОЕАИНТСРВЛ")
_COMMON_SHARE: Final = 0.45
_VOWELS: Final = frozenset("аеёиоуыэюяіїєАЕЁИОУЫЭЮЯІЇЄ")
_VOWEL_SHARE: Final = 0.3
# A file of subtitles has tags and Latin names; a West European one has an accented letter in ten at most.
_CYRILLIC_SHARE: Final = 0.3
# Of words, those that are half Latin and half Cyrillic, or have a capital inside: none but for an odd slip of the keyboard.
_UNSOUND_SHARE: Final = 0.05
# A tab and a form feed, and the end of file of DOS, are in texts; other control characters are not.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
_CONTROL_SHARE: Final = 0.001
_FEW_CONTROLS: Final = 3
# Letters are counted in this much: enough to be sure.
_READ: Final = 200_000
_TAG: Final = re.compile(r"<[^<>]{0,100}>|\{[^{}]{0,100}\}")
_WORD: Final = re.compile(r"[^\W\d_]+")
_LATIN: Final = re.compile(r"[A-Za-z]")
_LETTER: Final = re.compile(r"[\u0400-\u04ff]")
# Hebrew in its own encoding stands where the letters up to ъ stand, and has no capitals.
_OUTSIDE_HEBREW: Final = re.compile(r"[А-ЯЁЂ-ЏҐыьэюяё-џґ]")
_MULTIBYTE: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH: Final = re.compile(rb"[\x80-\xff]")


class UnreadableText(ValueError):
    """The bytes are no text, or in an encoding that cannot be told; says what would help."""


class Decoded(NamedTuple):
    """A text and the encoding it was in."""

    text: str
    encoding: str


def decoded(data: bytes, encoding: str | None = None) -> Decoded:
    """The text of a file, without a byte order mark; in this encoding, where one is named. Raises UnreadableText."""
    if encoding:
        return _named(data, encoding)
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _named(data, name)
    if b"\0" in data[:_READ]:
        raise UnreadableText(_binary(data))
    try:
        return Decoded(_checked(data.decode()), "utf-8")
    except UnicodeDecodeError as error:
        return _older(data, error)


def _named(data: bytes, encoding: str) -> Decoded:
    try:
        codecs.lookup(encoding)  # which nobody does for empty data
        return Decoded(_checked(data.decode(encoding).removeprefix("\ufeff")), encoding)
    except LookupError:
        raise UnreadableText(f"{encoding[:40]!r} is no encoding: write one such as utf-8, cp1251 or koi8-r") from None
    except UnicodeError as error:
        line = _line(data, getattr(error, "start", 0))
        raise UnreadableText(f"the file is not {encoding}: line {line} breaks it; save it as UTF-8") from None


def _older(data: bytes, error: UnicodeDecodeError) -> Decoded:
    """What is not UTF-8: Windows-1251, where its letters say so."""
    part = data[:_READ]
    high, valid = len(_HIGH.findall(part)), sum(map(len, _MULTIBYTE.findall(part)))
    where = f"line {_line(data, error.start)} holds the byte 0x{data[error.start]:02x}"
    if valid > 0.9 * high or error.start >= _READ:
        raise UnreadableText(f"the file is UTF-8 with broken bytes: {where}; mend it or save it as UTF-8 again")
    likely = max(_CYRILLIC, key=lambda name: _likeness(part, name))
    if _likeness(part, likely) < _COMMON_SHARE:
        remedy = "save it as UTF-8, or name its encoding, such as cp1252"
        raise UnreadableText(f"the file is neither UTF-8 nor Windows-1251: {where}; {remedy}")
    if likely != "cp1251":
        raise UnreadableText(f"the file looks like {likely}: save it as UTF-8, or say that its encoding is {likely}")
    return _named(data, likely)


def _likeness(data: bytes, encoding: str) -> float:
    """The share of common letters among the Cyrillic ones; 0 where it cannot be Cyrillic at all."""
    text = _TAG.sub(" ", data.decode(encoding, "replace"))
    words = _WORD.findall(text)
    letters, cyrillic = sum(map(len, words)), [word for word in words if _LETTER.search(word)]
    count = sum(len(_LETTER.findall(word)) for word in cyrillic)
    if not count or count < _CYRILLIC_SHARE * letters or not _OUTSIDE_HEBREW.search(text):
        return 0.0
    # Capitals throughout are believed of Windows-1251 only: in KOI8-R so is every Hebrew text.
    sound = [word for word in cyrillic if word.islower() or word.istitle() or (encoding == "cp1251" and word.isupper())]
    if len(cyrillic) - len(sound) + sum(1 for word in sound if _LATIN.search(word)) > _UNSOUND_SHARE * len(cyrillic):
        return 0.0
    common = sum(1 for word in cyrillic for letter in word if letter in _COMMON) / count
    vowels = sum(1 for word in cyrillic for letter in word if letter in _VOWELS) / count
    return common if vowels >= _VOWEL_SHARE else 0.0


def _checked(text: str) -> str:
    """The text, if it is one."""
    part = text[:_READ]
    if len(_CONTROL.findall(part)) > max(_FEW_CONTROLS, _CONTROL_SHARE * len(part)):
        raise UnreadableText("this is not text: it holds control characters; is it a video, an archive or a picture?")
    return text


def _binary(data: bytes) -> str:
    """What is said of bytes with zeros in them."""
    part = data[:_READ]
    evens, odds = part[::2].count(0), part[1::2].count(0)
    if max(evens, odds) > 0.4 * len(part) / 2 and min(evens, odds) < 0.05 * max(evens, odds):
        return "the file looks like UTF-16 without its byte order mark: save it as UTF-8, or name its encoding"
    return "this is not text: it holds zero bytes; is it a video, an archive or a picture?"


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1
