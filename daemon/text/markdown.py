"""What markdown, addresses and silent characters look like: the patterns of the cleaner, all of linear time.

A pattern named ..._PART matches what may still become the whole.
"""

from __future__ import annotations

import re
from typing import Final

# The most that is held back while it could still become a tag, an address or a link's target. All of these are silent or
# one host name, so nobody waits for audio meanwhile; the longest addresses that models write have about 300 characters.
HOLD: Final = 500
# Bullets, quotes, rules and fences before the first word of a line; nested lists indent by far less.
MARGIN_LIMIT: Final = 200
# Language of a code block, label of a footnote: longer ones are text.
LABEL_LIMIT: Final = 80

SPACE: Final = r" \t\r\u00a0\u200b\u3000\ufeff"
# Deleted without a trace: soft hyphen, zero-width and bidi marks, variation selectors, keycaps, tags, lone surrogates.
SILENT: Final = (
    r"\u00ad\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\U000e0000-\U000e0fff"
)
# A blank when spoken: white space, controls, arrows, pictographs, private use.
BLANK: Final = (
    r"\s\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2022\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299"
    r"\ue000-\uf8ff\ufffc-\uffff\U0001f000-\U0001faff\U000f0000-\U0010ffff"
)
MARKS: Final = r"*_`~|\[\]!<\\"
OPAQUE: Final = MARKS + SILENT + BLANK

# "h" and "w" after a letter start no address; a single blank between two plain words needs no second look.
PLAIN: Final = re.compile(
    rf"(?:[^{OPAQUE}hHwW]++|(?<=[^\W_])[hHwW])(?:[^{OPAQUE}hHwW]++|(?<=[^\W_])[hHwW]| (?=[^{OPAQUE}hHwW]))*+"
)
SILENT_RUN: Final = re.compile(rf"[{SILENT}]+")
BLANK_RUN: Final = re.compile(rf"[{BLANK.replace(chr(92) + 's', SPACE)}\f\v\u1680\u2000-\u200a\u202f\u205f]+")
MARGIN: Final = re.compile(rf"[{SPACE}#>*+\-_=~`|:•◦▪‣]{{0,{MARGIN_LIMIT}}}")
FENCE: Final = re.compile(rf"[{SPACE}>]*([`~])\1\1+")
FENCE_MARGIN: Final = re.compile(rf"[{SPACE}>`~]{{0,{MARGIN_LIMIT}}}")
FENCE_LABEL: Final = re.compile(rf"[^`\n]{{0,{LABEL_LIMIT}}}")
LINE: Final = re.compile(
    rf"(?:[{SPACE}]*>)*[{SPACE}]*(?:(?P<item>[-+*•◦▪‣])[{SPACE}]+|(?P<heading>\#{{1,6}})[{SPACE}]+|(?P<row>\|))?"
)
NUMERAL: Final = re.compile(r"\d{1,3}[.)][ \t]")
NUMERAL_PART: Final = re.compile(r"\d{1,3}[.)]?")
BOXES: Final = ("[ ]", "[x]", "[X]")
ADDRESS: Final = re.compile(r"(https?://|www\.)[\w\-.~:/?#@!$&'()*+,;=%]*", re.ASCII | re.IGNORECASE)
ADDRESS_REST: Final = re.compile(r"[\w\-.~:/?#@!$&'()*+,;=%]*", re.ASCII)
SCHEMES: Final = ("http://", "https://", "www.")
HOST: Final = re.compile(r"(?:https?://)?(?:[^/?#@]*@)?(?:www\.)?([^/?#:]*)", re.IGNORECASE)
ENDS_QUIETLY: Final = re.compile(r"!|\d{1,3}\.?|(?:https?://|www\.)\S*[.!?]", re.IGNORECASE)
TARGET: Final = re.compile(
    r"""\]\((?:[^()\s]|\([^()\s]*+\))*+(?:\s++(?:"[^"\n]*+"|'[^'\n]*+')\s*+)?\)"""  # ](url "title")
    rf"|\]\[[^\[\]\n]{{0,{LABEL_LIMIT}}}\]"  # ][reference]
)
TARGET_PART: Final = re.compile(
    r"""\](?:\((?:[^()\s]|\([^()\s]*+\))*+(?:\([^()\s]*+|\s++(?:"[^"\n]*+(?:"\s*+)?|'[^'\n]*+(?:'\s*+)?)?)?"""
    rf"|\[[^\[\]\n]{{0,{LABEL_LIMIT}}})?"
)
TAG: Final = re.compile(
    r"</?[A-Za-z][\w:.\-]*+(?:\s++[\w:.@\-]++\s*+=[^<>\n]*+)?\s*/?>"
    r"|<(?:https?://|www\.)[^<>\s]*+>|<[!?][^<>\n]*+>|<[|｜][^<>\n]*+(?<=[|｜])>"
)
TAG_PART: Final = re.compile(
    r"<(?:/?(?:[A-Za-z][\w:.\-]*+(?:\s++(?:[\w:.@\-]++\s*+(?:=[^<>\n]*+)?)?)?/?)?|(?:https?:|www\.)[^<>\s]*+|[!?|｜][^<>\n]*+)?"
)
NOTE: Final = re.compile(rf"\[\^[^\[\]\s]{{0,{LABEL_LIMIT}}}")
RUN: Final = re.compile(r"(.)\1*", re.DOTALL)
