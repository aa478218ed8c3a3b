"""Japanese as it is spoken: numbers in kanji, whose reading with a counter (三本, 一人, 二十日) a voice knows from the words."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from daemon.text.spoken.eastern import shapes, units
from daemon.text.spoken.eastern.myriad import LONGEST, in_digits, japanese
from daemon.text.spoken.eastern.reading import Reader
from daemon.text.spoken.piece import Piece
from daemon.text.spoken.remembered import remembered
from daemon.text.spoken.rules import Rule, after, before
from daemon.text.spoken.web import Words

_UNITS: Final = units.units("ja")
_MONEY: Final = units.money("ja")
_TENS: Final = "(?:[十百千]?[万億兆]|[百千])?"
_DIGITS: Final = "ゼロ 一 二 三 四 五 六 七 八 九".split()
# 0 in a decimal, an hour, a temperature is れい; where digits are dictated or things are counted it is ゼロ.
_DECIMALS: Final = "零一二三四五六七八九"
# 十分 would be read じゅうぶん ("enough").
_TEN_MINUTES: Final = "じゅっぷん"
_CENTS: Final = frozenset({"ドル", "ユーロ"})
_SUMS: Final = {"+": "足す", "-": "引く", "×": "かける", "*": "かける", "÷": "割る", "=": "は"}
_SIGNS: Final = {"=": "は", "+": "プラス", "&": "アンド", "≈": "約", "≒": "約"}
_PLUS_MINUS: Final = {None: "", "-": "マイナス", "+": "プラス", "±": "プラスマイナス"}

_CODE_BEFORE: Final = re.compile(r"(?:番号|コード|パスワード|暗証|PIN|ID|キー)(?:は|が|を|に|[:「])?\s?$")
_PHONE: Final = re.compile(
    r"(?<![0-9A-Za-z.-])(?:0[0-9]{1,4}[-(][0-9]{1,4}[-)][0-9]{3,4}|\(0[0-9]{1,4}\)\s?[0-9]{1,4}-[0-9]{3,4}"
    r"|\+81[- ][0-9]{1,4}[- ][0-9]{1,4}-[0-9]{3,4})(?![0-9A-Za-z-])"
)
_MOBILE: Final = re.compile(r"(?<![0-9A-Za-z.-])(0[5789]0)([0-9]{4})([0-9]{4})(?![0-9A-Za-z-])")
_POSTCODE: Final = re.compile(r"(?:〒\s?|(?<=郵便番号)|(?<=郵便番号[は:]))([0-9]{3})-([0-9]{4})(?![0-9-])")
_CHAIN: Final = re.compile(r"(?<![0-9A-Za-z.-])[0-9]{1,4}(?:-[0-9]{1,4}){2,4}(?![0-9A-Za-z-])")
_MINUTES: Final = re.compile(r"(?<![0-9.,:/])10\s?分(?!の[0-9一二三四五六七八九])")
_TO: Final = re.compile(
    rf"(?<=[0-9時分秒日月年円人度℃%歳階枚個本回つ])\s?{shapes.TO}\s?(?=[0-9])|(?<=[0-9時分日月年円人歳度])~"
    r"|(?<=[月火水木金土日])~(?=[月火水木金土日祝])"
)
_TIMES: Final = re.compile(r"(?<=[0-9])\s?[×xX*]\s?(?=[0-9])")
_SIGN: Final = re.compile(
    r"(?<=[0-9A-Za-z)])\s?=\s?(?=[0-9A-Za-z(-])|(?<=[0-9])\s?\+\s?(?=[0-9])|[≈≒](?=[0-9])|(?<=[^\W_])\s?&\s?(?=[^\W_])"
)
_NUMBER_SIGN: Final = re.compile(r"(?<![A-Za-z])[Nn]o\.\s?(?:1(?![0-9])|(?=[0-9]))")


def pieces(text: str) -> list[Piece]:
    """What is said otherwise in this text."""
    return _reader().pieces(text)


@remembered
def _plain(number: str) -> str:
    """A number with or without decimals: 1,234.5 is 千二百三十四点五."""
    whole, _, decimals = number.replace(",", "").partition(".")
    if decimals:
        return f"{japanese(whole) if len(whole) <= LONGEST else _digits(whole)}点{in_digits(decimals, _DECIMALS)}"
    is_code = len(whole) > LONGEST or whole[0] == "0"
    return _digits(whole) if is_code else japanese(whole)


def _digits(number: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in number)


def _dictated(match: re.Match[str]) -> str:
    """Telephone numbers: digit by digit, の between the groups."""
    return ("プラス" if match[0][0] == "+" else "") + "の".join(
        _digits(group) for group in re.findall("[0-9]+", match[0])
    )


def _postcode(match: re.Match[str]) -> str:
    named = before(match, 6).endswith(("郵便番号", "郵便番号は", "郵便番号:"))
    return ("" if named else "郵便番号") + f"{_digits(match[1])}の{_digits(match[2])}"


def _numeral(match: re.Match[str]) -> str:
    number, later = match["number"], after(match, 2)
    sign = _PLUS_MINUS[match["sign"]]
    if len(number) > 2 and number.isdecimal() and _CODE_BEFORE.search(before(match, 12)):
        return sign + _digits(number)
    if number == "0" and later[:1] in ("時", "度", "点"):
        return sign + "零"
    return sign + _with_tens(number, later)


def _with_tens(number: str, later: str) -> str:
    """A number before 万 and its like, where 千 has its 一: 一千万."""
    if later[:1] in ("万", "億", "兆") and "." not in number and len(number) <= LONGEST - 4 and number[0] != "0":
        return japanese(number.replace(",", "") + "0000").removesuffix("万")
    return _plain(number)


def _date(match: re.Match[str]) -> str | None:
    if match["by"] == "." and shapes.is_version(match):
        return None
    return f"{_plain(match['year'])}年{_day(match)}"


def _day(match: re.Match[str]) -> str:
    return f"{_plain(str(int(match['month'])))}月{_plain(str(int(match['day'])))}日"


def _clock(match: re.Match[str]) -> str:
    earlier = before(match, 6).rstrip()
    half = (
        "" if not match["half"] or earlier.endswith(("午前", "午後")) else "午前" if match["half"] in "aA" else "午後"
    )
    said = f"{half}{japanese(match['hour'])}時"
    if match["minute"] != "00" or match["second"]:
        said += _minutes(str(int(match["minute"])))
    return said + (f"{_plain(str(int(match['second'])))}秒" if match["second"] else "")


def _minutes(number: str) -> str:
    return _TEN_MINUTES if number == "10" else f"{_plain(number)}分"


def _fraction(match: re.Match[str]) -> str | None:
    if int(match["upper"]) >= int(match["lower"]) or match["lower"] == "24":
        return None
    return (f"{_plain(match['whole'])}と" if match["whole"] else "") + _part(match["upper"], match["lower"])


def _vulgar(match: re.Match[str]) -> str:
    return (f"{_plain(match['whole'])}と" if match["whole"] else "") + _part(*shapes.VULGARS[match["sign"]].split("/"))


def _part(upper: str, lower: str) -> str:
    return f"{_plain(lower)}分の{_plain(upper)}"


def _version(match: re.Match[str]) -> str:
    return "点".join(_plain(part) for part in match[0].split("."))


def _amount(match: re.Match[str]) -> str | None:
    if shapes.is_models(match):
        return None
    name, earlier = _UNITS[match["unit"]], before(match, 5)
    if name == "秒速{}メートル" and "風速" in earlier:
        name = "{}メートル"
    if earlier.rstrip().endswith(name.partition("{}")[0] or "\0"):
        name = name.partition("{}")[2]
    reading = "零" if match["low"] == "0" and name == "度" else _with_tens(match["low"], match["low_ten"])
    said = _PLUS_MINUS[match["sign"]] + reading + match["low_ten"]
    last = match["low"]
    if match["high"]:
        last = match["high"]
        said += (
            ("度" if name == "度" and match["sign"] else "")
            + "から"
            + ("マイナス" if match["high_sign"] else "")
            + _with_tens(last, match["high_ten"])
            + match["high_ten"]
        )
    if name == "分" and last == "10":
        return said.removesuffix("十") + _TEN_MINUTES
    return name.format(said) if "{}" in name else said + name


def _price(match: re.Match[str]) -> str:
    name = _MONEY[match["unit"]]
    said = ("マイナス" if match["sign"] == "-" else "") + _coins(match["low"], match["low_ten"], name)
    if match["high"]:
        return said.removesuffix(name) + "から" + _coins(match["high"], match["high_ten"], name)
    return said


def _coins(number: str, tens: str, name: str) -> str:
    whole, _, cents = number.partition(".")
    if name in _CENTS and len(cents) == 2 and not tens:
        return f"{_plain(whole)}{name}" + (f"{_plain(str(int(cents)))}セント" if cents != "00" else "")
    return _with_tens(number, tens) + tens + name


def _sum(match: re.Match[str]) -> str:
    return "".join(_SUMS.get(part) or _plain(part) for part in shapes.SUM_PART.findall(match[0]))


def _times(match: re.Match[str]) -> str | None:
    return None if "x" in match[0].lower() and re.search(r"(?<![0-9])0$", before(match, 2)) else "かける"


_WEB: Final = Words(
    signs={
        ".": "ドット", "@": "アットマーク", "/": "スラッシュ", "-": "ハイフン", "_": "アンダーバー", ":": "コロン", "?": "クエスチョン",
        "=": "イコール", "&": "アンド", "#": "シャープ", "+": "プラス", "~": "チルダ", "%": "パーセント",
    },
    number=_digits,
    names={},
    spaced="",
)  # fmt: skip


@cache
def _reader() -> Reader:
    rules = (
        Rule("postcode", _POSTCODE, _postcode),
        Rule("telephone", _PHONE, _dictated),
        Rule("mobile", _MOBILE, lambda match: "の".join(_digits(group) for group in match.groups())),
        Rule("date", shapes.DATE, _date),
        Rule("day", shapes.SHORT_DATE, _day),
        Rule("chain", _CHAIN, lambda match: "の".join(_plain(part) for part in match[0].split("-"))),
        Rule("clock", shapes.CLOCK, _clock),
        Rule("ratio", shapes.RATIO, lambda match: f"{_plain(match['left'])}対{_plain(match['right'])}"),
        Rule("version", shapes.VERSION, _version),
        Rule("sum", shapes.SUM, _sum),
        Rule("times", _TIMES, _times),
        Rule("amount", shapes.amount(_UNITS, _TENS), _amount),
        Rule("price", shapes.price(_MONEY, _TENS), _price),
        Rule("fraction", shapes.FRACTION, _fraction),
        Rule("vulgar", shapes.VULGAR, _vulgar),
        Rule("minutes", _MINUTES, lambda _: _TEN_MINUTES),
        Rule("carbon dioxide", shapes.CARBON_DIOXIDE, lambda _: "二酸化炭素"),
        Rule("code", shapes.CODE, lambda match: match[0]),
        Rule("to", _TO, lambda match: "から" if shapes.is_range(match) else None),
        Rule("sign", _SIGN, lambda match: _SIGNS[match[0].strip()]),
        Rule("number sign", _NUMBER_SIGN, lambda match: "ナンバーワン" if match[0][-1] == "1" else "ナンバー"),
        Rule("roman", shapes.ROMAN, lambda match: _plain(str(ord(match[0]) - ord("Ⅰ") + 1))),
        Rule("number", shapes.NUMERAL, _numeral),
        Rule("unsigned", shapes.UNSIGNED, _numeral),
    )
    return Reader(rules, _WEB)
