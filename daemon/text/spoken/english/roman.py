"""Roman numerals, where what stands around them says that they are numerals."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.english.numbers import cardinal, ordinal
from daemon.text.spoken.roman import value
from daemon.text.spoken.rules import Rule, after, before

_NUMERAL: Final = re.compile(r"(?<![\w.'’&-])[IVXLC]{1,8}(?![\w'’&]|-\w|\.\w)(?!['’]s\b(?=\s[A-Z]{2}))")
_HEADINGS: Final = re.compile(
    r"\b(?:[Cc]hapter|[Pp]art|[Vv]olume|[Vv]ol\.|[Aa]ct|[Ss]cene|[Bb]ook|[Ss]ection|[Aa]rticle|[Aa]ppendix|[Pp]hase|[Tt]itle|[Tt]ype|"
    r"[Ee]pisode|[Ss]eason|[Vv]ersion|[Ll]evel|[Ss]tage|[Cc]lass|[Tt]able|World War|Super Bowl|Vatican|Olympiad|Mark|Grade)\s$"
)
_MONARCHS: Final = re.compile(
    r"\b(?:(?P<title>King|Queen|Pope|Emperor|Empress|Tsar|Czar|Kaiser|Prince|Sultan|Pharaoh|Saint)\s)?(?P<name>Henry|Louis|Elizabeth|"
    r"George|Edward|Charles|William|James|Richard|John|John Paul|Benedict|Pius|Leo|Francis|Gregory|Innocent|Clement|Urban|Nicholas|"
    r"Alexander|Catherine|Peter|Frederick|Wilhelm|Philip|Ferdinand|Napoleon|Ivan|Otto|Harald|Olaf|Christian|Gustav|Ramesses|Ramses|"
    r"Ptolemy|Cleopatra|Xerxes|Darius|Mary|Anne|Victoria|Albert|Alfonso|Carlos|Juan Carlos|Umberto|Franz Joseph|Leopold|Mehmed|Murad|"
    r"Suleiman|Selim|Haakon|Margrethe|Constantine|Justinian|Theodosius|Paul|Boniface|Celestine|Sixtus|Adrian|Kenneth|Malcolm|Robert)\s$"
)
TRIGGER: Final = r"(?:Chapter|Part|Volume|Act|Book|Scene|Phase|Type|World War|(?:King|Queen|Pope|Emperor|Tsar|Czar|Kaiser) [A-Z][a-z]+) I\b|I of [A-Z]"

_OF: Final = re.compile(r"\sof\s[A-Z]")
# Two letters or more that are no word, no size and no state.
_SURE: Final = frozenset("II III VII VIII IX XI XII XIII XIV XVI XVII XVIII XIX XXI XXII XXIII XXIV".split())


def _numeral(match: re.Match[str]) -> str | None:
    count, ahead = value(match[0]), before(match)
    if count is None:
        return None
    if _HEADINGS.search(ahead) and (match[0] != "I" or not re.match(r"\s[a-z]", after(match))):
        return cardinal(count)
    monarch = _MONARCHS.search(ahead)
    if monarch and count < 40 and (len(match[0]) > 1 or monarch["title"] or match[0] == "V" or _OF.match(after(match))):
        return f"the {ordinal(count).capitalize()}"
    if re.match(r"\s[Cc]entury\b", after(match)):
        return ordinal(count)
    return cardinal(count) if match[0] in _SURE and re.search(r"\b[A-Z]\w+\s$", ahead) else None


RULES: Final = (Rule("Roman numeral", _NUMERAL, _numeral),)
