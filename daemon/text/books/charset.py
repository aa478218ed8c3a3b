"""In which encoding a page of HTML is: as its mark, its declaration or UTF-8 say."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.books.book import BadBook, Problem
from daemon.text.books.decoding import ENCODINGS, decoded

# Browsers look no further than this for a declaration.
_FAR: Final = 1024

_DECLARED: Final = re.compile(
    rb"""<meta\b[^>]{0,400}?\bcharset\s*=\s*["']?\s*([\w.:\-]{1,40})|^\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([\w.\-]{1,40})""",
    re.IGNORECASE,
)
# What browsers read under the names that pages give.
_MEANT: Final = {
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252", "l1": "cp1252",
    "iso-8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932",
    "x-sjis": "cp932", "windows-31j": "cp932", "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "utf8": "utf-8",
    "macintosh": "mac-roman", "koi8": "koi8-r", "big5-hkscs": "big5",
}  # fmt: skip


def markup(data: bytes, encoding: str | None = None, where: str = "") -> str:
    """The text of a page. Raises BadBook."""
    return decoded(data, encoding or _declared(data[:_FAR], where), where)


def _declared(head: bytes, where: str) -> str | None:
    found = _DECLARED.search(head)
    if found is None:
        return None
    name = (found[1] or found[2]).decode("ascii", "replace").lower()
    meant = _MEANT.get(name, re.sub(r"^windows-", "cp", name))
    if meant.startswith("utf-16"):  # whoever could read this in it knows that it is not
        return None
    if meant not in ENCODINGS:
        told = f"it says to be {name!r}, which is not known: save it as UTF-8, or say with `encoding` what it is"
        raise BadBook(Problem(where, told))
    return meant
