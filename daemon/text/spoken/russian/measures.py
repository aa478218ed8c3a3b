"""Measures and sums: a number with its unit."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.rules import Rule, after, before, ended
from daemon.text.spoken.russian.amounts import DASH, NOT_INSIDE, NUMBER, SCALE, SIGN, amount, number, signed, split
from daemon.text.spoken.russian.context import asked_by_preposition, governed, preposition
from daemon.text.spoken.russian.nouns import noun
from daemon.text.spoken.russian.numbers import Case, cardinal

# Symbols: the noun, as `nouns.noun` reads it.
_UNITS: Final = {
    "%": "процент", "‰": "промилле", "°": "градус", "°C °С ° C ° С ℃": "градус|Цельсия", "°F ℉": "градус|Фаренгейта",
    "км km": "километр", "м m": "метр", "см cm": "сантиметр", "мм mm": "миллиметр", "мкм µm": "микрометр", "нм nm": "нанометр",
    "м² м2 m² m2 кв.м кв._м кв._м.": "квадратный метр", "км² км2 km²": "квадратный километр", "см² см2 cm²": "квадратный сантиметр",
    "м³ м3 m³ m3 куб.м куб._м": "кубический метр", "см³ cm³": "кубический сантиметр", "га ha": "гектар", "сот.": "сотка/соток",
    "кг kg": "килограмм", "г гр гр. g": "грамм", "мг mg": "миллиграмм", "мкг µg μg": "микрограмм", "т t": "тонна", "ц": "центнер",
    "л l": "литр", "мл ml mL": "миллилитр", "дюйм.": "дюйм", "ст._л.": "столовая ложка/ложек", "ч._л.": "чайная ложка/ложек",
    "ч ч. час. h": "час", "мин мин. min": "минута", "с сек сек. s": "секунда", "мс ms": "миллисекунда", "сут сут.": "сутки/суток",
    "дн. дн": "день", "нед. нед": "неделя/недель", "мес. мес": "месяц",
    "Вт W": "ватт", "кВт kW": "киловатт", "МВт MW": "мегаватт", "ГВт GW": "гигаватт", "Вт·ч Втч Вт*ч Wh": "ватт-час",
    "кВт·ч кВтч кВт*ч кВт⋅ч кВт-ч kWh": "киловатт-час", "МВт·ч МВтч MWh": "мегаватт-час", "В V": "вольт", "кВ kV": "киловольт",
    "мВ mV": "милливольт", "А A": "ампер", "мА mA": "миллиампер", "А·ч Ач Ah": "ампер-час", "мА·ч мАч mAh": "миллиампер-час",
    "Ом Ω": "ом", "кОм kΩ": "килоом", "Гц Hz": "герц", "кГц kHz": "килогерц", "МГц MHz": "мегагерц", "ГГц GHz": "гигагерц",
    "Дж": "джоуль", "кДж": "килоджоуль", "ккал": "килокалория", "кал": "калория", "л.с. л._с.": "лошадиная сила",
    "Па": "паскаль", "гПа hPa": "гектопаскаль", "кПа": "килопаскаль", "МПа": "мегапаскаль", "бар": "бар/бар", "атм атм.": "атмосфера",
    "мм_рт._ст. мм_рт.ст. мм_рт_ст": "миллиметр|ртутного столба", "дБ dB": "децибел", "лм lm": "люмен", "лк lx": "люкс",
    "бит": "бит", "Кбит": "килобит", "Мбит Mbit": "мегабит", "Гбит": "гигабит", "байт": "байт", "кБ КБ Кб KB kB": "килобайт/килобайт",
    "МБ Мб MB": "мегабайт/мегабайт", "ГБ Гб GB": "гигабайт/гигабайт", "ТБ Тб TB": "терабайт/терабайт", "Mbps": "мегабит|в секунду",
    "Gbps": "гигабит|в секунду", "ppm": "часть|на миллион", "об/мин": "оборот|в минуту", "уд/мин": "удар|в минуту",
    "чел. чел": "человек/человек", "шт. шт": "штука", "экз.": "экземпляр", "уп.": "упаковка/упаковок", "кельвин": "кельвин",
    "р. руб. руб р ₽ RUB RUR": "рубль", "коп. коп": "копейка/копеек", "€ EUR": "евро", "$ USD долл. долл": "доллар",
    "£ GBP": "фунт", "¥": "иена", "грн грн.": "гривна/гривен", "₴": "гривна/гривен", "₸": "тенге", "₿ BTC": "биткоин",
}  # fmt: skip
_NOUNS: Final = {
    symbol.replace("_", " "): spec for symbols, spec in _UNITS.items() for symbol in symbols.replace("° ", "°_").split()
}
_CENTS: Final = {
    "рубль": "копейка/копеек",
    "доллар": "цент",
    "евро": "цент",
    "фунт": "пенс",
    "гривна/гривен": "копейка/копеек",
}
_MONEY: Final = frozenset((*_CENTS, "иена", "тенге", "биткоин"))
_PER: Final = {
    "ч": "в час", "час": "в час", "h": "в час", "с": "в секунду", "сек": "в секунду", "s": "в секунду", "мин": "в минуту", "min": "в минуту",
    "сут": "в сутки", "день": "в день", "нед": "в неделю", "мес": "в месяц", "месяц": "в месяц", "год": "в год", "г.": "в год",
    "м²": "на квадратный метр", "m²": "на квадратный метр", "м³": "на кубический метр", "m³": "на кубический метр", "м3": "на кубический метр",
    "м2": "на квадратный метр", "кг": "на килограмм", "л": "на литр", "км": "на километр", "100 км": "на сто километров",
    "кВт·ч": "за киловатт-час", "кВтч": "за киловатт-час", "kWh": "за киловатт-час", "шт": "за штуку", "шт.": "за штуку", "чел": "на человека",
    "с²": "в секунду в квадрате", "ГБ": "за гигабайт",
}  # fmt: skip
_DISTANCES: Final = frozenset("километр метр сантиметр миллиметр минута час".split())
# One letter that is a word or a name as well: with another word after it it is no unit.
_WORDS: Final = frozenset(("с", "А", "р"))
_ANOTHER_WORD: Final = re.compile(r"[\s\u00a0][А-Яа-яЁё\d«]")


def _any(symbols: dict[str, str]) -> str:
    return "|".join(
        re.escape(symbol).replace("\\ ", r"[\s\u00a0]") for symbol in sorted(symbols, key=len, reverse=True)
    )


_PER_UNIT: Final = rf"(?:\s?/\s?(?P<per>{_any(_PER)})(?![\w²³]))?"
_UNIT: Final = rf"(?P<unit>{_any(_NOUNS)})(?![\w²³·⋅*]|-\w){_PER_UNIT}(?:\.(?=[\s\u00a0][а-яё(]|[,;]))?"
_MEASURE: Final = re.compile(
    rf"{NOT_INSIDE}(?P<low>{SIGN}{NUMBER})(?:{DASH}(?P<high>[+−-]?{NUMBER}))?{SCALE}[\s\u00a0]?{_UNIT}"
    rf"(?:[\s\u00a0](?P<cents>\d{{1,2}})[\s\u00a0]?коп(?:\.|\b))?"
)
_PRICE: Final = re.compile(
    rf"(?P<minus>(?<!\w)[-−–])?(?P<unit>[$€£¥₽₴₸₿])\s?(?P<low>{NUMBER})(?:{DASH}[$€£]?(?P<high>{NUMBER}))?{SCALE}{_PER_UNIT}(?!\w)"
)
_KELVIN: Final = re.compile(rf"{NOT_INSIDE}(?P<low>\d{{4,5}})(?P<high>)(?P<scale>)(?P<per>)\s?(?P<unit>[КK])(?!\w)")
_ALONE: Final = re.compile(r"(?<![\w/·])(кВт·ч|кВт⋅ч|кВт\*ч|км/ч|м/с|°C|°С|Мбит/с|м²|м³)(?![\w/·²³])")


def _measure(match: re.Match[str]) -> str | None:
    symbol = re.sub(r"[\s\u00a0]", " ", match["unit"])
    if symbol in _WORDS and not match["per"] and _ANOTHER_WORD.match(after(match)):
        return None
    case = _case(match, _NOUNS[symbol])
    return ended(match, _said(match, _NOUNS[symbol], case), before_capital=True)


def _price(match: re.Match[str]) -> str:
    spec = _NOUNS[match["unit"]]
    return ("минус " if match["minus"] else "") + _said(match, spec, governed(before(match)) or "n")


def _kelvin(match: re.Match[str]) -> str:
    return _said(match, "кельвин", governed(before(match)) or "n")


def _case(match: re.Match[str], spec: str) -> Case:
    ahead = before(match)
    if match["high"]:
        return asked_by_preposition(ahead) or "n"
    if spec in _DISTANCES and preposition(ahead) in {"в", "во"} and re.match(r"\s(?:от|езды|ходьбы|к)\b", after(match)):
        return "p"
    return governed(ahead) or "n"


def _said(match: re.Match[str], spec: str, case: Case) -> str:
    low, high, scale, unit = match["low"], match["high"], match["scale"] or None, noun(spec)
    groups = match.groupdict()
    per = f" {_PER[match['per']]}" if match["per"] else ""
    if spec in _MONEY and per.startswith(" на "):
        per = per.replace(" на ", " за ", 1)
    if high:
        return _range(low, high, spec, case, scale) + per
    sign, bare = signed(low)
    whole, part = split(bare)
    cents = groups.get("cents") or (part if spec in _CENTS and len(part) == 2 and not scale else "")
    if not cents:
        return amount(low, unit, case, scale) + per
    said = [] if not whole and part else [amount(str(whole), unit, case)]
    if int(cents):
        said.append(amount(str(int(cents)), noun(_CENTS.get(spec, "копейка/копеек")), case))
    return sign + " ".join(said or [amount("0", unit, case)]) + per


def _range(low: str, high: str, spec: str, case: Case, scale: str | None) -> str:
    """`20–22 °C`: from … to, or both ends in the case that a preposition asks for."""
    unit = noun(spec)
    if case == "n":
        return f"от {number(low, 'g', unit.gender)} до {amount(high, unit, 'g', scale)}"
    return f"{number(low, case, unit.gender)}-{amount(high, unit, case, scale)}"


def _alone(match: re.Match[str]) -> str:
    symbol, _, each = match[1].partition("/")
    ahead = before(match)
    many = not preposition(ahead) or preposition(ahead) not in {"за", "на", "каждый", "один"}
    case = governed(ahead) or "n"
    unit = noun(_NOUNS[symbol])
    return unit.form("g" if many and case == "n" else case, many=many) + (f" {_PER[each]}" if each else "")


RULES: Final = (
    Rule("kelvin", _KELVIN, _kelvin),
    Rule("measure", _MEASURE, _measure),
    Rule("price", _PRICE, _price),
    Rule("unit alone", _ALONE, _alone),
)
SCALED: Final = Rule(
    "scale",
    re.compile(rf"{NOT_INSIDE}(?P<low>{SIGN}{NUMBER})(?:{DASH}(?P<high>{NUMBER}))?{SCALE.removesuffix('?')}"),
    lambda match: ended(match, _scaled(match)),
)


def _scaled(match: re.Match[str]) -> str:
    case = governed(before(match)) or "n"
    if not match["high"]:
        return amount(match["low"], None, case, match["scale"])
    if case == "n":
        return f"от {number(match['low'], 'g')} до {amount(match['high'], None, 'g', match['scale'])}"
    return f"{number(match['low'], case)}-{amount(match['high'], None, case, match['scale'])}"


def counted(number: int, spec: str, case: Case) -> str:
    """So many of a noun."""
    unit = noun(spec)
    return f"{cardinal(number, case, unit.gender)} {unit.counted(number, case)}"
