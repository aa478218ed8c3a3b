"""Numbers as Mandarin says them: 二 or 两, 一 or 幺, 零下 or 负."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.eastern.myriad import LONGEST, chinese, in_digits
from daemon.text.spoken.remembered import remembered
from daemon.text.spoken.rules import after, before

_DIGITS: Final = "零一二三四五六七八九"
# In numbers that are dictated 一 becomes 幺, which nobody takes for 七.
_DICTATED: Final = "零幺二三四五六七八九"
# Before these two of something are 两; dates, ordinals, lines and the old 两 itself keep 二.
_COUNTED: Final = re.compile(
    r"(?:\s?[-~–—到至]\s?[0-9]+)?\s?(?:个|個|只|隻|位|名|节|節|集|卷|堂|件|条|條|张|張|把|本|台|臺|辆|輛|架|艘|盏|盞|盘|盤|块|塊|片|颗|顆|粒|根|支|枝|"
    r"瓶|杯|碗|盒|箱|包|袋|桶|间|間|家|座|栋|棟|套|层|層|种|種|样|樣|厅|廳|勺|次|遍|趟|场|場|天|周(?![一-六日末年])|週|小时|小時|分钟|分鐘|秒|刻|"
    r"年(?!级|級)|岁|歲|点|點|米|公里|公斤|斤|克|千克|吨|噸|升|毫|厘米|英里|英寸|英尺|平方|立方|元|圆|圓|角|毛|美元|欧元|歐元|"
    r"度|倍|成|门|門|项|項|句|页|頁|篇|章|首|部|封|份|幅|幢|户|戶|人|口|头|頭|匹|对|對|双|雙|副|组|組|排|列|行|步|圈|格|国|國|"
    r"千|万|萬|亿|億)"
)
_CODE_BEFORE: Final = re.compile(
    r"(?:[码碼号號]|电话|電話|拨打|撥打|拨|热线|熱線|致电|报警|呼叫|邮编|口令|车牌|尾数|QQ)[码碼]?(?:是|为|為|:)?\s?$|[A-Za-z]$"
)
_DEGREE: Final = re.compile(r"\s?度")
_ROOM_AFTER: Final = re.compile(r"\s?(?:室|房|[号號]房|教室|会议室|包[厢间]|路(?![程过人])|[pP](?![A-Za-z]))")


@remembered
def plain(number: str) -> str:
    """A number with or without decimals: 1,234.50 is 一千二百三十四点五零."""
    whole, _, decimals = number.replace(",", "").partition(".")
    words = in_digits(whole, _DIGITS) if is_code(whole) else chinese(whole)
    return f"{words}点{in_digits(decimals, _DIGITS)}" if decimals else words


def is_code(whole: str) -> bool:
    """Whether nobody would count these digits."""
    return len(whole) > LONGEST or (len(whole) > 1 and whole[0] == "0")


@remembered
def digits(number: str) -> str:
    """Digit by digit, as a year is said."""
    return in_digits(number, _DIGITS)


def dictated(number: str) -> str:
    """Digit by digit, as telephone and room numbers are said; a pause where groups are apart."""
    return "，".join(in_digits(group, _DICTATED) for group in re.findall("[0-9]+", number))


def counted(number: str) -> str:
    """A number before a unit: 2 is 两."""
    return "两" if number == "2" else plain(number)


def numeral(match: re.Match[str]) -> str:
    """A number in the sentence it stands in."""
    sign, number = match["sign"], match["number"]
    may_be_code = len(number) > 2 and number.isdecimal() and not sign
    if may_be_code and (_CODE_BEFORE.search(before(match, 12)) or _ROOM_AFTER.match(after(match, 12))):
        return dictated(number)
    is_count = number == "2" and before(match, 1) != "第" and _COUNTED.match(after(match, 12))
    said = "两" if is_count else plain(number)
    return signed(sign, _DEGREE.match(after(match, 2)) is not None) + said if sign else said


def signed(sign: str | None, is_temperature: bool) -> str:
    """What is said for a sign."""
    if sign == "-":
        return "零下" if is_temperature else "负"
    return {None: "", "+": "加", "±": "正负"}[sign]
