"""Dates, years, decades and centuries."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.rules import Rule, after, before, ended
from daemon.text.spoken.russian.amounts import DASH
from daemon.text.spoken.russian.clock import clock
from daemon.text.spoken.russian.context import asked_by_preposition, governed, preposition
from daemon.text.spoken.russian.nouns import noun
from daemon.text.spoken.russian.numbers import Case, ordinal

_MONTHS: Final = ("января февраля марта апреля мая июня июля августа сентября октября ноября декабря").split()
_SHORT: Final = {
    "янв": "января", "фев": "февраля", "февр": "февраля", "мар": "марта", "апр": "апреля", "июн": "июня", "июл": "июля",
    "авг": "августа", "сен": "сентября", "сент": "сентября", "окт": "октября", "ноя": "ноября", "нояб": "ноября", "дек": "декабря",
}  # fmt: skip
_MONTH: Final = rf"(?P<month>(?i:{'|'.join(_MONTHS)})|(?:{'|'.join(sorted(_SHORT, key=len, reverse=True))})\b\.?)(?!\w)"
_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR_AFTER: Final = r"(?:,?\s(?P<year>[12]\d{3})(?!\d|[.,:]\d)(?P<word>\s?(?:года|год|г\.|г(?!\w)))?)?"
_WRITTEN: Final = re.compile(
    rf"(?<![\w.,:/-])(?P<day>{_DAY})(?:-?(?:го|е|му|ое))?(?:{DASH}(?P<last>{_DAY}))?\s{_MONTH}{_YEAR_AFTER}"
)
_FROM_TO: Final = re.compile(
    rf"(?<![\w.,:/-])(?P<day>{_DAY})(?:-?го)?\s(?P<to>по|до)\s(?P<last>{_DAY})(?:-?е|-?го)?\s{_MONTH}{_YEAR_AFTER}"
)
_ISO: Final = re.compile(
    r"(?<![\w./-])(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?:[T ](?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)(?::[0-5]\d(?:\.\d{1,9})?)?Z?)?(?![\w-]|[.,/:]\d)"
)
_FIGURES: Final = re.compile(
    r"(?<![\w./-])(?P<day>\d{1,2})([./])(?P<month>\d{1,2})\2(?P<year>\d{4}|\d{2})(?P<word>\s?(?:года|г\.|г(?!\w)))?(?![\w/-]|[.,]\d)"
)
_DAY_MONTH: Final = re.compile(
    r"(?<![\w./,-])(?P<day>0[1-9]|[12]\d|3[01])\.(?P<month>0[1-9]|1[0-2])(?![\w%°]|[.,/]\d|\s?(?:[A-Za-z°%]|[а-яё]{2}|[гкглмт](?!\w)))"
)
_YEAR: Final = re.compile(
    r"(?<![\w.,:/-])(?P<year>\d{1,4})(?:-?(?:го|й|м|му|ого|ом))?[\s\u00a0]?(?P<word>год(?:у|а|ом|е)?(?!\w)|г\.|г(?=\s))(?P<era>\s(?:до\s)?н\.\s?э\.)?"
)
_YEARS: Final = re.compile(
    rf"(?<![\w.,:/-])(?P<year>[12]\d{{3}}){DASH}(?P<last>[12]\d{{3}}|\d\d)(?:[\s\u00a0]?(?P<word>гг\.|гг(?!\w)|год(?:ы|ов|ах|ам|у|а)(?!\w)))?(?![\w%]|[.,:/-]\d)"
)
_SINCE: Final = re.compile(
    r"(?<![\w.,:/-])(?P<year>1[5-9]\d\d|20\d\d)\s(?P<to>по|до)\s(?P<last>1[5-9]\d\d|20\d\d)(?P<word>[\s\u00a0]?(?:год(?:а|ы)?(?!\w)|гг?\.))?(?![\d:%]|[.,]\d)"
)
_BARE: Final = re.compile(
    r"(?<![\w.,:/-])(1[5-9]\d\d|20\d\d)(?![\w%°]|[.,:/-]\d|\s[а-яёa-z]{2,}(?:ов|ев|ей|ок|ек|ий|ин|ц|т|р|м|г|к)\b|\s?(?:[-+×*=]|[$€₽%°]|руб|тыс|мл|шт|кг|км))"
)
_DECADE: Final = re.compile(
    r"(?<![\w.,:/])(?P<year>(?:1\d|20)\d0|[1-9]0)-(?P<end>е|ые|х|ых|м|ым|ми|ыми)(?!\w)(?:\s?гг\.)?"
)
_CENTURY: Final = re.compile(r"(?<![\w.,:/-])(\d{1,2})(?:-?(?:й|го|м|му|ом|ый))?\s(век(?:а|е|у|ом)?(?!\w)|в\.)")

_WHEN: Final = re.compile(r"\b(?:до|с|к|на|от|по|после|сегодня|завтра|вчера|в)\s$", re.IGNORECASE)
_THEN: Final = re.compile(r"\s(?:в|с|к|до)\s\d{1,2}:")
_TODAY: Final = re.compile(r"\b(?:сегодня|завтра|вчера|послезавтра|это|дата:?|было|будет|числом?:)\s$", re.IGNORECASE)
# Small and large, and the old shapes that stand for them where case does not count.
_TODAY_ENDS: Final = "яаот:ЯАОТ\u1c82\u1c84\u1c85"
_YEAR_ENDS: Final[dict[str, Case]] = {"году": "d", "года": "g", "годом": "i", "годе": "p"}
_ENDS: Final[dict[str, Case]] = {"е": "n", "ые": "n", "х": "g", "ых": "g", "м": "d", "ым": "d", "ми": "i", "ыми": "i"}


def _full(day: int, month: str, year: int | None, case: Case) -> str:
    return f"{ordinal(day, case, 'n')} {month}" + (f" {ordinal(year, 'g')} года" if year else "")


def _date_case(match: re.Match[str]) -> Case:
    """Without a preposition a date says when, and that is the genitive."""
    ahead = before(match)
    if _is_today(ahead) or (not ahead.strip() and re.match(r"\s[—–-]\s", after(match))):
        return "n"
    return asked_by_preposition(ahead) or "g"


def _is_today(ahead: str) -> bool:
    """Most words end otherwise than those that tell it."""
    return (ahead[-2:-1] in _TODAY_ENDS or ahead[-1:] == "\n") and _TODAY.search(ahead) is not None


def _name(month: str) -> str:
    return _SHORT.get(month.rstrip("."), month.lower())


def _written(match: re.Match[str]) -> str:
    year = int(match["year"]) if match["year"] else None
    tail = ended(match, "", before_capital=True)
    if match["last"]:
        head = "" if preposition(before(match)) in {"с", "со"} else "с "
        return f"{head}{ordinal(int(match['day']), 'g', 'n')} по {_full(int(match['last']), _name(match['month']), year, 'a')}{tail}"
    return _full(int(match["day"]), _name(match["month"]), year, _date_case(match)) + tail


def _from_to(match: re.Match[str]) -> str | None:
    if preposition(before(match)) not in {"с", "со", "от"}:
        return None
    year = int(match["year"]) if match["year"] else None
    last = _full(int(match["last"]), _name(match["month"]), year, "a" if match["to"] == "по" else "g")
    return f"{ordinal(int(match['day']), 'g', 'n')} {match['to']} {last}{ended(match, '')}"


def _figures(match: re.Match[str]) -> str | None:
    day, month, year = int(match["day"]), int(match["month"]), match["year"]
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    when = int(year) if len(year) == 4 else 2000 + int(year) - (100 if int(year) > 68 else 0)
    return _full(day, _MONTHS[month - 1], when, _date_case(match)) + ended(match, "", before_capital=True)


def _iso(match: re.Match[str]) -> str:
    said = _full(int(match["day"]), _MONTHS[int(match["month"]) - 1], int(match["year"]), _date_case(match))
    return said + (f", {clock(int(match['hour']), int(match['minute']))}" if match["hour"] else "")


def _day_month(match: re.Match[str]) -> str | None:
    # With a zero before it, it is hardly a decimal.
    if match[0][0] != "0" and not _WHEN.search(before(match)) and not _THEN.match(after(match)):
        return None
    return _full(int(match["day"]), _MONTHS[int(match["month"]) - 1], None, _date_case(match))


def _year(match: re.Match[str]) -> str | None:
    word = match["word"]
    return _year_written_out(match, word) if word.startswith("год") else _year_shortened(match, word)


def _year_written_out(match: re.Match[str], word: str) -> str | None:
    year, ahead = int(match["year"]), before(match)
    counted = word == "года" or (word == "год" and (year % 10 == 1 or governed(ahead) != "a"))
    if year < 100 and counted:
        return None  # 21 год, 2 года: so many years
    case = _YEAR_ENDS.get(word, "n")
    if word == "году" and preposition(ahead) in {"в", "во", "о"}:
        case = "p"
    return f"{ordinal(year, case)} {word}{_era(match)}"


def _year_shortened(match: re.Match[str], word: str) -> str | None:
    year, ahead = int(match["year"]), before(match)
    within = preposition(ahead) in {"в", "во"}
    if year < 1000 and not match["era"] and not (year > 99 and within and word == "г."):
        return None  # grams
    case: Case = "p" if within else governed(ahead) or "g"
    said = f"{ordinal(year, case)} {noun('год').form(case, many=False)}{_era(match)}"
    return said if match["era"] else said + ended(match, "", before_capital=True)


def _era(match: re.Match[str]) -> str:
    if not match["era"]:
        return ""
    return ended(match, " до нашей эры" if "до" in match["era"] else " нашей эры")


def _years(match: re.Match[str]) -> str | None:
    first, last = int(match["year"]), int(match["last"])
    last += first // 100 * 100 if last < 100 else 0
    if not match["word"] and not (1500 <= first <= 2099 and first < last <= 2099):
        return None
    tail = ended(match, "", before_capital=True)
    if preposition(before(match)) in {"в", "во"}:
        return f"{ordinal(first, 'p')} – {ordinal(last, 'p')} годах{tail}"
    asked = governed(before(match))
    if asked and asked != "a":
        return f"{ordinal(first, asked)} – {ordinal(last, asked)} {noun('год').form(asked, many=True) if asked != 'g' else 'годов'}{tail}"
    return f"с {ordinal(first, 'g')} по {ordinal(last, 'a')}" + (f" годы{tail}" if match["word"] else " год")


def _since(match: re.Match[str]) -> str | None:
    if preposition(before(match)) not in {"с", "со", "от"}:
        return None
    case: Case = "a" if match["to"] == "по" else "g"
    word = f" {noun('год').form(case, many=False)}" if match["word"] else ""
    return (
        f"{ordinal(int(match['year']), 'g')} {match['to']} {ordinal(int(match['last']), case)}{word}{ended(match, '')}"
    )


def _bare(match: re.Match[str]) -> str | None:
    """A year without its word: only after a preposition that asks when."""
    word, year = preposition(before(match)), int(match[1])
    if year % 1000 == 0 and not after(match).strip(" .,!?"):
        return None
    if re.match(r"\s[а-яё]{3,}", after(match)) and not re.match(
        r"\s(?:он|она|они|мы|был|была|было|были|всё|все|уже)\b", after(match)
    ):
        return None
    if word in {"в", "во"}:
        return ordinal(year, "p")
    return ordinal(year, "g") if word in {"с", "после", "до"} and re.match(r"\s?(?:[.,;!?]|$)", after(match)) else None


def _decade(match: re.Match[str]) -> str:
    case = _ENDS[match["end"]]
    if match["end"] == "х" and preposition(before(match)) in {"в", "о", "при"}:
        case = "p"
    tail = noun("год").form(case, many=True) if "гг" in match[0] else ""
    tail = tail.replace("лет", "годов")
    return ended(match, ordinal(int(match["year"]), case, "p") + (f" {tail}" if tail else ""))


def century(number: int, word: str, ahead: str) -> str:
    """A century with its word, which may be an abbreviation."""
    asked = governed(ahead)
    endings: dict[str, Case] = {"века": "g", "веку": "d", "веком": "i", "веке": "p"}
    if word in {"в.", "в"}:
        case: Case = "p" if asked == "a" and preposition(ahead) in {"в", "во"} else asked or "g"
        return f"{ordinal(number, case)} {noun('век').form(case, many=False)}"
    return f"{ordinal(number, endings.get(word, 'n'))} {word}"


def _century(match: re.Match[str]) -> str | None:
    if match[2] == "в." and not re.match(r"[^\w]*(?:$|[а-яё]|до\s)", after(match)):
        return None
    if match[2] == "века" and int(match[1]) in {2, 3, 4}:
        return None
    return ended(match, century(int(match[1]), match[2], before(match)))


RULES: Final = (
    Rule("date in figures, ISO", _ISO, _iso),
    Rule("date in figures", _FIGURES, _figures),
    Rule("from day to day", _FROM_TO, _from_to),
    Rule("date", _WRITTEN, _written),
    Rule("day and month in figures", _DAY_MONTH, _day_month),
    Rule("years", _YEARS, _years),
    Rule("from year to year", _SINCE, _since),
    Rule("year", _YEAR, _year),
    Rule("decade", _DECADE, _decade),
    Rule("century", _CENTURY, _century),
)
LATE: Final = (Rule("year without its word", _BARE, _bare),)
"""What is a year only where no other rule knows better."""
