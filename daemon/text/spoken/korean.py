"""Korean as it is spoken, spaced as 한글 맞춤법 writes numbers: by ten thousands, and apart from their counters."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from daemon.text.spoken.eastern import shapes, units
from daemon.text.spoken.eastern.hangul import COUNTER, counted, dictated, ends_in_consonant, plain, tens
from daemon.text.spoken.eastern.reading import Reader
from daemon.text.spoken.piece import Piece
from daemon.text.spoken.rules import Rule, after, before
from daemon.text.spoken.web import Words

_UNITS: Final = units.units("ko")
_MONEY: Final = units.money("ko")
_TENS: Final = "(?:[십백천]?[만억조]|[백천])?"
_CENTS: Final = frozenset({"달러", "유로"})
_SUMS: Final = {"+": "더하기", "-": "빼기", "×": "곱하기", "*": "곱하기", "÷": "나누기"}
_SIGNS: Final = {
    "=": "는",
    "+": "더하기",
    "&": "앤드",
    "≈": "약",
    "×": "곱하기",
    "x": "곱하기",
    "X": "곱하기",
    "*": "곱하기",
}
_PLUS_MINUS: Final = {None: "", "-": "마이너스 ", "+": "플러스 ", "±": "플러스마이너스 "}
_WEB: Final = Words(
    signs={
        ".": "점", "@": "골뱅이", "/": "슬래시", "-": "하이픈", "_": "밑줄", ":": "콜론", "?": "물음표", "=": "이퀄", "&": "앤드",
        "#": "샵", "+": "플러스", "~": "물결표", "%": "퍼센트",
    },
    number=dictated,
    octet=lambda number: dictated(number).replace("공", "영"),
    names={},
)  # fmt: skip

_CODE_BEFORE: Final = re.compile(r"(?:번호|코드|암호|핀|PIN|ID|비번)(?:[은는이가을를:])?\s?$")
_PHONE: Final = re.compile(
    r"(?<![0-9A-Za-z.-])(?:\+82[- ]?[0-9]{1,2}|\(?0[0-9]{1,2}\)?)[- .]?[0-9]{3,4}[- .][0-9]{4}(?![0-9A-Za-z-])"
    r"|(?<![0-9A-Za-z.-])1[568][0-9]{2}-[0-9]{4}(?![0-9A-Za-z-])"
)
_MOBILE: Final = re.compile(r"(?<![0-9A-Za-z.-])(01[016789])([0-9]{3,4})([0-9]{4})(?![0-9A-Za-z-])")
_EMERGENCY: Final = re.compile(
    r"(?<![0-9A-Za-z.,])1(?:1[0-9]|2[0-9]|82|88)(?=에 (?:신고|전화|연락)|로 (?:신고|전화|연락)|\s?(?:구급|상황실|신고|안전센터))"
)
_DATE: Final = re.compile(
    r"(?<![0-9A-Za-z./-])(?P<year>[12][0-9]{3})\.\s?(?P<month>1[0-2]|0?[1-9])\.\s?(?P<day>3[01]|[12][0-9]|0?[1-9])(?![0-9])(?:\.(?=[^\s0-9]))?"
)
_RANGE: Final = re.compile(
    rf"{shapes.SIGN}{shapes.FRESH}(?P<low>{shapes.NUMBER})(?P<low_ten>{_TENS})\s?(?:{COUNTER}\s?)?(?P<to>{shapes.TO})\s?"
    rf"(?P<high>{shapes.NUMBER})(?P<high_ten>{_TENS})\s?(?P<unit>{COUNTER})"
)
_COUNT_TAIL: Final = (
    rf"(?P<number>{shapes.NUMBER})(?P<ten>{_TENS})(?:(?=분의\s?[0-9])|\s?(?P<unit>{COUNTER})(?!호[를가는로 ]))?"
)
_COUNT: Final = re.compile(shapes.SIGN + _COUNT_TAIL)
_COUNT_UNSIGNED: Final = re.compile("(?P<sign>(?!))?" + _COUNT_TAIL)
# 2박3일, 5시30분: what was counted just before.
_COUNTED_BEFORE: Final = re.compile(rf"[0-9]{COUNTER}$")
_LOT: Final = re.compile(r"(?<=[0-9])-(?=[0-9]{1,4}\s?(?:번지|번길|호))")
_IS_COUNTER: Final = re.compile(COUNTER)
_TO: Final = re.compile(
    rf"(?<=[0-9시분초년월일원명개층번도호인권장살위])\s?{shapes.TO}\s?(?=[0-9])|(?<=[월화수목금토일시분])~(?=[월화수목금토일]|오[전후])"
)
_SIGN: Final = re.compile(
    r"(?<=[0-9A-Za-z)])\s?=\s?(?=[0-9A-Za-z(-])|(?<=[0-9])\s?[+×xX*]\s?(?=[0-9])|≈\s?(?=[0-9])|(?<=[^\W_])\s?&\s?(?=[^\W_])"
)
_NUMBER_SIGN: Final = re.compile(r"(?<![A-Za-z])[Nn]o\.\s?(?=[0-9])")


def pieces(text: str) -> list[Piece]:
    """What is said otherwise in this text."""
    return _reader().pieces(text)


def _date(match: re.Match[str]) -> str | None:
    if "-" not in match[0] and "/" not in match[0] and " " not in match[0] and shapes.is_version(match):
        return None
    return f"{plain(match['year'])} 년 {_day(match)}"


def _day(match: re.Match[str]) -> str:
    return f"{counted(str(int(match['month'])), '월', '', '')}월 {plain(str(int(match['day'])))} 일"


def _clock(match: re.Match[str]) -> str:
    earlier = before(match, 6).rstrip()
    half = (
        "" if not match["half"] or earlier.endswith(("오전", "오후")) else "오전 " if match["half"] in "aA" else "오후 "
    )
    said = f"{half}{counted(str(int(match['hour'])), '시', '', '')} 시"
    if match["minute"] != "00" or match["second"]:
        said += f" {plain(str(int(match['minute'])))} 분"
    return said + (f" {plain(str(int(match['second'])))} 초" if match["second"] else "")


def _fraction(match: re.Match[str]) -> str | None:
    if int(match["upper"]) >= int(match["lower"]) or match["lower"] == "24":
        return None
    return _part(match, match["upper"], match["lower"])


def _vulgar(match: re.Match[str]) -> str:
    return _part(match, *shapes.VULGARS[match["sign"]].split("/"))


def _part(match: re.Match[str], upper: str, lower: str) -> str:
    whole = plain(match["whole"]) if match["whole"] else ""
    whole += ("과 " if ends_in_consonant(whole) else "와 ") if whole else ""
    return f"{whole}{plain(lower)}분의 {plain(upper)}" + (" " if _IS_COUNTER.match(after(match, 5)) else "")


def _amount(match: re.Match[str]) -> str | None:
    if shapes.is_models(match):
        return None
    name = _UNITS[match["unit"]]
    said = _signed(match["sign"], name.endswith("도")) + tens(match["low"], match["low_ten"])
    if match["high"]:
        is_degree = name == "도" and bool(match["sign"])
        sign = (
            _signed("-", name.endswith("도"))
            if match["high_sign"]
            else "영상 "
            if is_degree and match["sign"] == "-"
            else ""
        )
        said += (" 도" if is_degree else "") + "에서 " + sign + tens(match["high"], match["high_ten"])
    head, number, tail = name.partition("{}")
    if number and before(match, 6).rstrip().endswith(head.strip()):
        head = ""
    return head + said + tail if number else f"{said} {name}"


def _signed(sign: str | None, is_degree: bool) -> str:
    if is_degree and sign in ("-", "+"):
        return "영하 " if sign == "-" else "영상 "
    return _PLUS_MINUS[sign]


def _price(match: re.Match[str]) -> str:
    name = _MONEY[match["unit"]]
    said = ("마이너스 " if match["sign"] == "-" else "") + _coins(match["low"], match["low_ten"], name)
    if match["high"]:
        return f"{said}에서 {_coins(match['high'], match['high_ten'], name)}"
    return said


def _coins(number: str, ten: str, name: str) -> str:
    whole, _, cents = number.partition(".")
    if name in _CENTS and len(cents) == 2 and not ten:
        return f"{plain(whole)} {name}" + (f" {plain(str(int(cents)))} 센트" if cents != "00" else "")
    return f"{tens(number, ten)} {name}"


def _sum(match: re.Match[str]) -> str:
    *terms, result = shapes.SUM_PART.findall(match[0])
    said = " ".join(_SUMS.get(term) or plain(term) for term in terms[:-1])
    return f"{said}{'은' if ends_in_consonant(said) else '는'} {plain(result)}"


def _range(match: re.Match[str]) -> str | None:
    """Native numerals keep their counter on both sides: 세 개에서 다섯 개, but 오에서 십 분."""
    earlier, later, unit = before(match, 8), after(match, 12), match["unit"]
    if "~" not in match["to"] and not _is_smaller(match["low"], match["high"]):
        return None
    low, high = (
        tens(match[side], match[f"{side}_ten"]) if match[f"{side}_ten"] else counted(match[side], unit, earlier, later)
        for side in ("low", "high")
    )
    space = "" if unit == "월" else " "
    is_below_zero = match["sign"] == "-" and unit == "도"
    is_repeated = low != tens(match["low"], match["low_ten"]) or unit == "월" or is_below_zero
    middle = f"{space}{unit}에서 " if is_repeated else "에서 "
    return f"{_signed(match['sign'], unit == '도')}{low}{middle}{'영상 ' if is_below_zero else ''}{high}{space}{unit}"


def _is_smaller(low: str, high: str) -> bool:
    first, second = (number.replace(",", "").partition(".")[0] for number in (low, high))
    return (len(first), first) <= (len(second), second)


def _count(match: re.Match[str]) -> str:
    """A number with what is counted behind it, or by itself."""
    number, ten, unit = match["number"], match["ten"], match["unit"]
    earlier, later = before(match, 10), after(match, 12)
    apart = " " if _COUNTED_BEFORE.search(earlier) else ""
    if not unit:
        is_dictated = len(number) > 2 and number.isdecimal() and not ten and _CODE_BEFORE.search(earlier)
        space = " " if re.match("[원명개]", later) else ""
        return apart + _PLUS_MINUS[match["sign"]] + (dictated(number) if is_dictated else tens(number, ten)) + space
    said = tens(number, ten) if ten else counted(number, unit, earlier, later)
    is_one_word = unit == "월" or said + unit == "일주일"
    return apart + _signed(match["sign"], unit == "도") + said + ("" if is_one_word else " ") + unit


@cache
def _reader() -> Reader:
    rules = (
        Rule("telephone", _PHONE, lambda match: ("플러스 " if match[0][0] == "+" else "") + dictated(match[0])),
        Rule("mobile", _MOBILE, lambda match: " ".join(dictated(group) for group in match.groups())),
        Rule("emergency", _EMERGENCY, lambda match: dictated(match[0])),
        Rule("date", shapes.DATE, _date),
        Rule("spaced date", _DATE, _date),
        Rule("day", shapes.SHORT_DATE, _day),
        Rule("clock", shapes.CLOCK, _clock),
        Rule("ratio", shapes.RATIO, lambda match: f"{plain(match['left'])} 대 {plain(match['right'])}"),
        Rule("version", shapes.VERSION, lambda match: " 점 ".join(plain(part) for part in match[0].split("."))),
        Rule("sum", shapes.SUM, _sum),
        Rule("amount", shapes.amount(_UNITS, _TENS), _amount),
        Rule("price", shapes.price(_MONEY, _TENS), _price),
        Rule("fraction", shapes.FRACTION, _fraction),
        Rule("vulgar", shapes.VULGAR, _vulgar),
        Rule("carbon dioxide", shapes.CARBON_DIOXIDE, lambda _: "이산화탄소"),
        Rule("code", shapes.CODE, lambda match: match[0]),
        Rule("range", _RANGE, _range),
        Rule("lot", _LOT, lambda _: " 다시 "),
        Rule("to", _TO, lambda match: "에서 " if shapes.is_range(match) else None),
        Rule("sign", _SIGN, lambda match: f" {_SIGNS[match[0].strip()]} "),
        Rule("number sign", _NUMBER_SIGN, lambda _: "넘버 "),
        Rule("roman", shapes.ROMAN, lambda match: plain(str(ord(match[0]) - ord("Ⅰ") + 1))),
        Rule("number", _COUNT, _count),
        Rule("unsigned", _COUNT_UNSIGNED, _count),
    )
    return Reader(rules, _WEB)
