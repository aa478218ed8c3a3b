"""Mandarin as it is spoken; written in simplified characters where the text is not in traditional ones."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from daemon.text.spoken.eastern import shapes, units
from daemon.text.spoken.eastern.mandarin import counted, dictated, digits, numeral, plain, signed
from daemon.text.spoken.eastern.reading import Reader
from daemon.text.spoken.piece import Piece
from daemon.text.spoken.rules import Rule, after, before
from daemon.text.spoken.web import Words

_UNITS: Final = units.units("zh")
_MONEY: Final = units.money("zh")
_DEGREES: Final = frozenset({"摄氏度", "华氏度", "度"})
_TENS: Final = "(?:[十百千]?[万亿萬億]|[百千])?"
_WEB: Final = Words(
    signs={
        ".": "点",
        "@": "艾特",
        "/": "斜杠",
        "-": "杠",
        "_": "下划线",
        ":": "冒号",
        "?": "问号",
        "=": "等于",
        "&": "和",
        "#": "井号",
    },
    number=digits,
    names={},
    spaced="",
)
_SIGNS: Final = {
    "=": "等于",
    "≈": "约等于",
    "≥": "大于等于",
    "≤": "小于等于",
    ">": "大于",
    "<": "小于",
    "+": "加",
    "&": "和",
}
_SUMS: Final = {"+": "加", "-": "减", "×": "乘", "*": "乘", "÷": "除以", "=": "等于"}

_TRADITIONAL: Final = re.compile(
    "[們個這來時間開關點號電話溫風氣對說為會動雙兩萬億樓層燈門車東過還請發現學應該將當長單與實從種給邊頭題網機場華讓裡歲週鐘條張經]"
)
_TO_TRADITIONAL: Final = str.maketrans(
    "两万亿点负摄华时钟节转纳顷镑卢铢币韩欧兹减于约号杠划线问乘",
    "兩萬億點負攝華時鐘節轉納頃鎊盧銖幣韓歐茲減於約號槓劃線問乘",
)
_HAN: Final = "\u4e00-\u9fff"

_MOBILE: Final = re.compile(
    r"(?<![0-9A-Za-z.])(?:\+86[- ]?)?1[3-9][0-9]([- ]?)[0-9]{4}\1[0-9]{4}(?![0-9A-Za-z]|\.[0-9])"
)
_LANDLINE: Final = re.compile(
    r"(?<![0-9A-Za-z.])(?:\(0[0-9]{2,3}\)\s?|0[0-9]{2,3}[- ])[2-9][0-9]{2,3}[- ]?[0-9]{4}(?:-[0-9]{1,6})?(?![0-9A-Za-z])"
)
_SERVICE: Final = re.compile(
    r"(?<![0-9A-Za-z.])[48]00(?:-[0-9]{3}-[0-9]{4}|-[0-9]{4}-[0-9]{3}|[0-9]{7})(?![0-9A-Za-z])"
)
_YEAR: Final = re.compile(
    rf"(?<![0-9.,A-Za-z])(?:[12][0-9]{{3}}\s?{shapes.TO}\s?)?[12][0-9]{{3}}(?=\s?(?:年(?![级級])|[财財学學]年|赛季|賽季|[届屆]))"
    rf"|(?<![0-9.,A-Za-z-])(?:19|20)[0-9]{{2}}\s?{shapes.TO}\s?(?:19|20)[0-9]{{2}}(?![0-9-])"
    r"|(?<![0-9.,A-Za-z])(?:[0-9]{2}(?=年[0-9]{1,2}月)|[5-9]0(?=[后後](?![来來面天续續]))|[01]0(?=[后後](?![来來面天续續])))"
)
_LONG_AGO: Final = re.compile(r"\s?(?:多年|年(?:前|[历歷]史|之久|的[历歷]史|以[来來]|时间))")
_TO: Final = re.compile(
    rf"(?<=[0-9点點分时時日月年号號天岁歲级級%℃元块])\s?{shapes.TO}\s?(?=[0-9])|(?<=[周期][一二三四五六日])[-~–—](?=[周星])"
)
_TIMES: Final = re.compile(r"(?<=[0-9米])\s?[×xX*]\s?(?=[0-9])")
_SIGN: Final = re.compile(
    r"(?<=[0-9A-Za-z)])\s?=\s?(?=[0-9A-Za-z(-])|(?<=[0-9])\s?\+\s?(?=[0-9])|[≈≥≤<>]\s?(?=-?[0-9])"
    rf"|(?<=[{_HAN}])\s?&\s?(?=[{_HAN}])"
)
_PER: Final = re.compile(
    rf"(?<=[{_HAN}])/(?=小时|小時|分钟|分鐘|秒|天|日|周|月|年|人|个|個|次|平方|立方|千瓦|度|公斤|斤|升|吨|件|户|[晚夜])"
)


def pieces(text: str) -> list[Piece]:
    """What is said otherwise in this text."""
    found = _reader().pieces(text)
    if _TRADITIONAL.search(text):
        return [Piece(piece.start, piece.end, _traditional(piece.said)) for piece in found]
    return found


def _traditional(said: str) -> str:
    return said.translate(_TO_TRADITIONAL).replace("幺", "一")  # 幺 is said on the mainland only


def _date(match: re.Match[str]) -> str | None:
    if match["by"] == "." and shapes.is_version(match):
        return None
    return f"{digits(match['year'])}年{_day(match)}"


def _day(match: re.Match[str]) -> str:
    return f"{plain(str(int(match['month'])))}月{plain(str(int(match['day'])))}日"


def _year(match: re.Match[str]) -> str | None:
    if match[0].endswith("000") and match[0] != "2000" and _LONG_AGO.match(after(match)):
        return None
    return "到".join(digits(year) for year in re.findall("[0-9]+", match[0]))


def _clock(match: re.Match[str]) -> str | None:
    earlier = before(match, 6)
    if "比分" in earlier:
        return None
    half = "" if not match["half"] or earlier.rstrip().endswith("午") else "上午" if match["half"] in "aA" else "下午"
    said = f"{half}{counted(str(int(match['hour'])))}点"
    if match["minute"] != "00" or match["second"]:
        said += _two_digits(match["minute"]) + "分"
    return said + (_two_digits(match["second"]) + "秒" if match["second"] else "")


def _two_digits(number: str) -> str:
    """Minutes and seconds: 05 is 零五, 00 is 零."""
    return plain(number) if number[0] != "0" else "零" if number == "00" else digits(number)


def _fraction(match: re.Match[str]) -> str | None:
    if int(match["upper"]) >= int(match["lower"]) or match["lower"] == "24":
        return None
    whole = f"{plain(match['whole'])}又" if match["whole"] else ""
    return f"{whole}{plain(match['lower'])}分之{plain(match['upper'])}"


def _vulgar(match: re.Match[str]) -> str:
    upper, lower = shapes.VULGARS[match["sign"]].split("/")
    return (f"{plain(match['whole'])}又" if match["whole"] else "") + f"{plain(lower)}分之{plain(upper)}"


def _version(match: re.Match[str]) -> str:
    return "点".join(
        digits(part) if len(part) == 4 or (len(part) > 1 and part[0] == "0") else plain(part)
        for part in match[0].split(".")
    )


def _amount(match: re.Match[str]) -> str | None:
    name = _UNITS[match["unit"]]
    if shapes.is_models(match) or (match["unit"] == "A" and re.match("[级級]", after(match, 1))):
        return None
    if name == "公里每小时" and re.search("[时時]速[为為达達到是]?$", before(match, 4)):
        name = "公里"
    is_degree = name in _DEGREES
    reading = plain if "{}" in name else counted
    said = signed(match["sign"], is_degree) if match["sign"] != "+" else "零上" if is_degree else "正"
    phrase = said if "{}" in name else ""
    said = ("" if phrase else said) + reading(match["low"]) + match["low_ten"]
    if match["high"]:
        above = "零上" if is_degree and match["sign"] == "-" else ""
        said += (
            "到"
            + (signed("-", is_degree) if match["high_sign"] else above)
            + reading(match["high"])
            + match["high_ten"]
        )
    if name == "百分之{}" and said == "一百":
        said = "百"
    return phrase + name.format(said) if "{}" in name else said + name


def _price(match: re.Match[str]) -> str:
    said = signed(match["sign"], False) if match["sign"] == "-" else ""
    said += counted(_money(match["low"])) + match["low_ten"]
    if match["high"]:
        said += "到" + counted(_money(match["high"])) + match["high_ten"]
    return said + _MONEY[match["unit"]]


def _money(number: str) -> str:
    """Without the zeros that only the till needs: 12.50 is 12.5."""
    return number.rstrip("0").rstrip(".") if "." in number else number


def _sum(match: re.Match[str]) -> str:
    return "".join(_SUMS.get(part) or plain(part) for part in shapes.SUM_PART.findall(match[0]))


def _times(match: re.Match[str]) -> str | None:
    return None if "x" in match[0].lower() and re.search(r"(?<![0-9])0$", before(match, 2)) else "乘"


@cache
def _reader() -> Reader:
    rules = (
        Rule("mobile", _MOBILE, lambda match: ("加" if match[0][0] == "+" else "") + dictated(match[0])),
        Rule("landline", _LANDLINE, lambda match: dictated(match[0])),
        Rule("service", _SERVICE, lambda match: dictated(match[0])),
        Rule("date", shapes.DATE, _date),
        Rule("day", shapes.SHORT_DATE, _day),
        Rule("year", _YEAR, _year),
        Rule("clock", shapes.CLOCK, _clock),
        Rule("ratio", shapes.RATIO, lambda match: f"{plain(match['left'])}比{plain(match['right'])}"),
        Rule("version", shapes.VERSION, _version),
        Rule("sum", shapes.SUM, _sum),
        Rule("times", _TIMES, _times),
        Rule("amount", shapes.amount(_UNITS, _TENS), _amount),
        Rule("price", shapes.price(_MONEY, _TENS), _price),
        Rule("fraction", shapes.FRACTION, _fraction),
        Rule("vulgar", shapes.VULGAR, _vulgar),
        Rule("carbon dioxide", shapes.CARBON_DIOXIDE, lambda _: "二氧化碳"),
        Rule("code", shapes.CODE, lambda match: match[0]),
        Rule("to", _TO, lambda match: "到" if shapes.is_range(match) else None),
        Rule("sign", _SIGN, lambda match: _SIGNS[match[0].strip()]),
        Rule("per", _PER, lambda _: "每"),
        Rule("roman", shapes.ROMAN, lambda match: plain(str(ord(match[0]) - ord("Ⅰ") + 1))),
        Rule("number", shapes.NUMERAL, numeral),
        Rule("unsigned", shapes.UNSIGNED, numeral),
    )
    return Reader(rules, _WEB)
