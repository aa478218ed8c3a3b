"""Numbers as Europe writes them: 1.234,5 and 1 234,5 and 1'234.5."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from daemon.text.spoken.remembered import remembered

# Longer numbers than this have no name in daily use; they are serial numbers.
LONGEST: Final = 15

# What a number may follow: no word, and no number that goes on. A sign belongs to it where nothing stands before the sign.
START: Final = r"(?:(?<![\w.,)\]%°€$])[-−–+±~≈<>≤≥]|(?<!\w)(?<!\d[.,:/]))"
# No more groups than a number with a name has, so that a long row of digits is looked at once only.
_GROUPED: Final = r"\d{1,3}(?:\.\d{3}){1,5}+|\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3}){1,5}+|\d{1,3}(?:['’]\d{3}){1,5}+"
UNSIGNED: Final = rf"(?:\d{{1,3}}(?:,\d{{3}}){{1,5}}+\.\d++|(?:{_GROUPED}|\d++)(?!\d)(?:[.,]\d++)?+)"
NUMBER: Final = START + UNSIGNED
# A number ends here: no letter at it, and no number that goes on.
END: Final = r"(?!\w)(?![.,:/]\d)"

_SEPARATORS: Final = re.compile(r"[ \u00a0\u2009\u202f'’]")
_BY_DOTS: Final = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_BY_COMMAS: Final = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+\.\d+")
_PLAIN: Final = re.compile(r"(\d+)(?:([.,])(\d+))?")
_SIGNS: Final = "-−–+±~≈<>≤≥"


class Figure(NamedTuple):
    """A number that was read: its sign as written, its digits, and what stood before the decimals ("," or ".")."""

    sign: str
    digits: str
    mark: str = ""
    decimals: str = ""

    @property
    def whole(self) -> int:
        """What stands before the decimals."""
        return int(self.digits)

    @property
    def padded(self) -> bool:
        """Whether a zero stands before it, as in a code: 007."""
        return len(self.digits) > 1 and self.digits[0] == "0"


@remembered
def figure(written: str) -> Figure | None:
    """What `NUMBER` or `UNSIGNED` found, read; None for what is no number of this kind, or one too long for a name."""
    sign = written[0] if written[0] in _SIGNS else ""
    bare = _SEPARATORS.sub("", written[len(sign) :])
    head, comma, decimals = bare.partition(",")
    if _BY_DOTS.fullmatch(head) and decimals.isdecimal() == bool(comma):
        digits, mark = head.replace(".", ""), comma
    elif _BY_COMMAS.fullmatch(bare):
        whole, mark, decimals = bare.partition(".")
        digits = whole.replace(",", "")
    elif plain := _PLAIN.fullmatch(bare):
        digits, mark, decimals = plain[1], plain[2] or "", plain[3] or ""
    else:
        return None
    return Figure(sign, digits, mark, decimals) if len(digits) <= LONGEST and len(decimals) <= LONGEST else None
