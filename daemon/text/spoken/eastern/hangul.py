"""Numbers as Korean says them: by its own words before some counters (세 개), by the Chinese ones before others (삼 층)."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.eastern.myriad import LONGEST, in_digits, korean
from daemon.text.spoken.remembered import remembered

_DIGITS: Final = "영일이삼사오육칠팔구"
_DICTATED: Final = "공일이삼사오육칠팔구"
_ONES: Final = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉")
_TENS: Final = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
_MONTHS: Final = {"6": "유", "10": "시"}

# Counted with native numerals, and up to which number; above it the Chinese ones are said. Hours of the day are those of
# the clock, spans of time beyond a day and large lots of machines are mostly told in Chinese numerals.
_NATIVE: Final = {
    **dict.fromkeys(
        "개 명 살 마리 사람 번째 번 권 장 잔 병 벌 켤레 송이 그루 채 척 자루 통 봉지 상자 박스 컵 그릇 접시 조각 곳 군데 가지 쌍 줄 묶음 판 편 "
        "건 팀 차례 바퀴 걸음 모금 방울 숟가락 스푼 큰술 작은술 알 끼 다발 달 배 가구 세트 곡 골 자리 글자 식구".split(),
        99,
    ),
    "시": 12,
    "시간": 20,
    "대": 20,
}
# Counted with Chinese numerals. 월 makes one word with its number.
_CHINESE: Final = (
    "년도 년대 년생 년간 년 개월 개국 개년 월 일 주일 주년 주차 주 분 초 원 달러 엔 유로 위안 센트 파운드 도 퍼센트 프로 층 호선 호실 호 호점 "
    "번지 번길 학년 학기 반 회 회차 차 차로 위 등급 등 급 단계 단 쪽 페이지 인분 인용 인승 인실 점 킬로미터 킬로그램 킬로와트시 킬로와트 킬로 "
    "밀리미터 밀리리터 밀리그램 밀리 센티미터 센티 미터 그램 리터 와트시 와트 볼트 암페어 헤르츠 톤 평 인치 기가 메가 박 세기 부작 장조 화 절 조 항 권"
).split()
# 번 names instead of counting: exit 3, channel 7.
_NAMED_AFTER: Final = re.compile(
    r"\s?(?:출구|채널|버스|문제|방|선|국도|홈|트랙|프리셋|구역|카메라|플랫폼|게이트|창구|좌석|타자|자리|존|센서|스위치|콘센트|포트|을 (?:누르|눌러|선택|고르))"
)
_NAMED_BEFORE: Final = re.compile(r"(?:채널|번호|문항|제|카메라|센서|스위치|프리셋|트랙|포트)[은는이가을를]?\s?$")
_ALL: Final = sorted({*_NATIVE, *_CHINESE}, key=len, reverse=True)
# 부 is not here: "3부터". Behind 번 comes no 호: that is 번호, a number.
COUNTER: Final = f"(?:{'|'.join(_ALL)})"


@remembered
def plain(number: str) -> str:
    """A number with or without decimals: 3.14 is 삼 점 일사."""
    whole, _, decimals = number.replace(",", "").partition(".")
    is_code = len(whole) > LONGEST or (len(whole) > 1 and whole[0] == "0")
    words = dictated(whole) if is_code else korean(whole)
    return f"{words} 점 {in_digits(decimals, _DIGITS)}" if decimals else words


def dictated(number: str) -> str:
    """Digit by digit, groups apart, as telephone numbers are said."""
    return " ".join(in_digits(group, _DICTATED) for group in re.findall("[0-9]+", number))


def tens(number: str, ten: str) -> str:
    """A number with 만, 천만, 억 behind it: 만 for 1만, 천 for 1천, 일억 for 1억."""
    if number == "1" and ten and ten[0] in "십백천만":
        return ten
    return plain(number) + ten


def counted(number: str, counter: str, earlier: str, later: str) -> str:
    """A whole number before this counter, with what stands before and after the two."""
    if counter == "월" and number.lstrip("0") in _MONTHS:
        return _MONTHS[number.lstrip("0")]
    if not number.isdecimal() or number[0] == "0" or len(number) > 2 or int(number) > _NATIVE.get(counter, 0):
        return plain(number)
    if earlier.endswith("제") or (counter == "번" and (_NAMED_AFTER.match(later) or _NAMED_BEFORE.search(earlier))):
        return plain(number)
    if counter == "대" and int(number) % 10 == 0:  # 20대 are the twenties
        return plain(number)
    return "첫" if number == "1" and counter == "번째" else native(int(number))


def native(number: int) -> str:
    """1 to 99 as they stand before a counter."""
    return "스무" if number == 20 else _TENS[number // 10] + _ONES[number % 10]


def ends_in_consonant(word: str) -> bool:
    """Whether the last syllable has a final consonant, which tells 은 from 는."""
    return (ord(word[-1]) - ord("가")) % 28 != 0
