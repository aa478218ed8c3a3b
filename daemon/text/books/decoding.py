"""Bytes to text without guessing: what is not certain is told with its place and a remedy."""

from __future__ import annotations

import codecs
from typing import Final, Literal, get_args

from daemon.text.books.book import BadBook, Problem

# What files are really written in; Python knows more, some of which run code or are no writing at all.
Encoding = Literal[
    "utf-8", "utf-16", "utf-16-le", "utf-16-be", "ascii", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1257",
    "iso-8859-1", "iso-8859-2", "iso-8859-5", "iso-8859-7", "iso-8859-9", "iso-8859-15", "koi8-r", "koi8-u", "cp437", "cp850",
    "cp866", "mac-roman", "cp932", "shift_jis", "euc-jp", "gb18030", "gbk", "big5", "cp949", "euc-kr",
]  # fmt: skip
ENCODINGS: Final[tuple[str, ...]] = get_args(Encoding)

# The longer mark first: that of UTF-32 begins with the one of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_REMEDY: Final = (
    "save the file as UTF-8, or say with `encoding` what it is (cp1252 in Western Europe, cp1251 in Russian)"
)


def decoded(data: bytes, encoding: str | None = None, where: str = "") -> str:
    """The text, its byte order mark aside: UTF-8 or what the mark says, unless told. Raises BadBook."""
    mark, marked = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", None))
    told = marked or encoding or "utf-8"
    try:
        text = data[len(mark) :].decode(told)
    except UnicodeDecodeError as error:
        at = len(mark) + error.start
        raise BadBook(Problem(where, f"{_place(data, at, told)} is not {told.upper()}: {_REMEDY}")) from None
    if "\0" in text:
        at = text.index("\0")
        message = f"character {at + 1} (line {text.count(chr(10), 0, at) + 1}) is NUL, which no text holds"
        raise BadBook(Problem(where, f"{message}; if it is UTF-16 without a mark, {_REMEDY}"))
    return text.removeprefix("\ufeff")


def _place(data: bytes, at: int, encoding: str) -> str:
    byte = f"0x{data[at]:02X}" if at < len(data) else "the end"
    wide = encoding.startswith(("utf-16", "utf-32"))
    return f"byte {at + 1} ({byte})" if wide else f"byte {at + 1} ({byte}, line {data.count(10, 0, at) + 1})"
