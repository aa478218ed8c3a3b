"""Measures: a number with its unit."""

from __future__ import annotations

import re
from typing import Final

from daemon.text.spoken.english.numbers import DASH, MINUS, NOT_INSIDE, NUMBER, cardinal, number
from daemon.text.spoken.rules import Rule, after, before, ended

# Symbol: the unit's name; "|" parts a plural that is not made with s.
_UNITS: Final = {
    "%": "percent|percent", "‰": "per mille|per mille", "°": "degree", "deg": "degree", "°C": "degree Celsius|degrees Celsius",
    "° C": "degree Celsius|degrees Celsius", "℃": "degree Celsius|degrees Celsius", "°F": "degree Fahrenheit|degrees Fahrenheit",
    "° F": "degree Fahrenheit|degrees Fahrenheit", "℉": "degree Fahrenheit|degrees Fahrenheit",
    "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter", "µm": "micrometer", "μm": "micrometer",
    "nm": "nanometer", "mi": "mile", "yd": "yard", "ft": "foot|feet", "in.": "inch|inches", "ha": "hectare",
    "kg": "kilogram", "g": "gram", "mg": "milligram", "µg": "microgram", "μg": "microgram", "t": "ton", "lb": "pound", "lbs": "pound",
    "oz": "ounce", "l": "liter", "L": "liter", "ml": "milliliter", "mL": "milliliter", "cl": "centiliter", "dl": "deciliter",
    "gal": "gallon", "tbsp": "tablespoon", "tsp": "teaspoon", "sq ft": "square foot|square feet", "sq. ft.": "square foot|square feet",
    "sq m": "square meter", "cu ft": "cubic foot|cubic feet", "mph": "mile per hour|miles per hour",
    "kph": "kilometer per hour|kilometers per hour", "kmh": "kilometer per hour|kilometers per hour", "kn": "knot",
    "h": "hour", "hr": "hour", "hrs": "hour", "min": "minute", "mins": "minute", "s": "second", "sec": "second", "secs": "second",
    "ms": "millisecond", "µs": "microsecond", "μs": "microsecond", "ns": "nanosecond", "yr": "year", "yrs": "year", "wk": "week",
    "W": "watt", "mW": "milliwatt", "kW": "kilowatt", "MW": "megawatt", "GW": "gigawatt", "TW": "terawatt", "Wp": "watt peak|watts peak",
    "kWp": "kilowatt peak|kilowatts peak", "Wh": "watt-hour", "kWh": "kilowatt-hour", "MWh": "megawatt-hour", "GWh": "gigawatt-hour",
    "VA": "volt-ampere", "kVA": "kilovolt-ampere", "V": "volt", "mV": "millivolt", "kV": "kilovolt", "A": "amp", "mA": "milliamp",
    "Ah": "amp-hour", "mAh": "milliamp-hour", "Ω": "ohm", "kΩ": "kilohm", "Hz": "hertz|hertz", "kHz": "kilohertz|kilohertz",
    "MHz": "megahertz|megahertz", "GHz": "gigahertz|gigahertz", "J": "joule", "kJ": "kilojoule", "MJ": "megajoule",
    "cal": "calorie", "kcal": "kilocalorie", "BTU": "B T U", "Nm": "newton meter", "Pa": "pascal", "hPa": "hectopascal",
    "kPa": "kilopascal", "bar": "bar", "mbar": "millibar", "psi": "P S I|P S I", "hp": "horsepower|horsepower",
    "dB": "decibel", "dBm": "decibel-milliwatt", "dBA": "decibel A|decibels A", "lm": "lumen", "lx": "lux|lux",
    "ppm": "part per million|parts per million", "ppb": "part per billion|parts per billion",
    "bit": "bit", "kbit": "kilobit", "Mbit": "megabit", "Gbit": "gigabit", "kb": "kilobit", "Mb": "megabit", "Gb": "gigabit",
    "kB": "kilobyte", "KB": "kilobyte", "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte", "PB": "petabyte",
    "KiB": "kibibyte", "MiB": "mebibyte", "GiB": "gibibyte", "TiB": "tebibyte",
    "kbps": "kilobit per second|kilobits per second", "Mbps": "megabit per second|megabits per second",
    "Gbps": "gigabit per second|gigabits per second", "fps": "frame per second|frames per second",
    "rpm": "revolution per minute|revolutions per minute", "bpm": "beat per minute|beats per minute",
    "px": "pixel", "dpi": "dot per inch|dots per inch", "MP": "megapixel", "ct": "cent",
}  # fmt: skip
_PER: Final = {
    "h": "hour", "hr": "hour", "hour": "hour", "s": "second", "sec": "second", "min": "minute", "d": "day", "day": "day", "wk": "week",
    "week": "week", "mo": "month", "month": "month", "yr": "year", "year": "year", "a": "year", "m": "meter", "m²": "square meter",
    "m³": "cubic meter", "m2": "square meter", "m3": "cubic meter", "km": "kilometer", "kg": "kilogram", "g": "gram", "l": "liter",
    "L": "liter", "dl": "deciliter", "dL": "deciliter", "ml": "milliliter", "kWh": "kilowatt-hour", "kW": "kilowatt", "W": "watt",
    "GB": "gigabyte", "MB": "megabyte", "person": "person", "night": "night", "gal": "gallon", "lb": "pound", "oz": "ounce",
    "s²": "second squared", "100 km": "hundred kilometers", "100km": "hundred kilometers", "piece": "piece", "unit": "unit",
}  # fmt: skip
# Too short to be sure of: only where a word of electricity follows or the sentence ends.
_AMPERES: Final = re.compile(r"\s?(?:[.,;:!?)]|$|(?:fuse|breaker|circuit|charger|socket|outlet|current|at|of|max)\b)")


def _any(symbols: dict[str, str]) -> str:
    return "|".join(map(re.escape, sorted(symbols, key=len, reverse=True)))


_UNIT: Final = rf"(?P<unit>{_any(_UNITS)})(?P<power>(?<=m)[²³23])?(?:\s?/\s?(?P<per>{_any(_PER)}))?(?![\w²³°])(?:\.(?=\s[a-z(]|[,;]))?"
PER: Final = rf"(?:\s?/\s?(?P<per>{_any(_PER)}))"
"""What a price or a measure is for: `/kWh`."""
_MEASURE: Final = re.compile(
    rf"(?P<about>±\s?)?{NOT_INSIDE}(?P<low>{MINUS}{NUMBER})(?:(?P<by>\s?[x×]\s?|{DASH})(?P<high>{MINUS}{NUMBER}))?(?P<gap>\s|-)?{_UNIT}"
)
_KELVIN: Final = re.compile(rf"{NOT_INSIDE}(?<!\w-)({NUMBER})\s?K(?!\w)")
_LETTERED: Final = re.compile(rf"{NOT_INSIDE}({MINUS}\d{{1,3}}(?:\.\d)?)([CF])(?!\w)")
_FEET: Final = re.compile(rf"{NOT_INSIDE}(\d{{1,2}})(?:['′’]\s?|\sft\s)(\d{{1,2}})(?:[\"″”]|\s?in(?:\.|\b))")
_INCHES: Final = re.compile(rf"{NOT_INSIDE}(?<!/)({NUMBER})[\"″](?=[\s,.;)])")
_DURATION: Final = re.compile(
    rf"{NOT_INSIDE}(?:(\d{{1,3}})\s?h(?:rs?)?\s?(\d{{1,2}})\s?m(?:ins?)?(?:\s?(\d{{1,2}})\s?s(?:ecs?)?)?|"
    r"(?P<m>\d{1,3})\s?m(?:ins?)?\s?(?P<s>\d{1,2})\s?s(?:ecs?)?)(?!\w)"
)
_EACH: Final = re.compile(r"(?<=\bper )([kmcMGT]?(?:g|m|l|L|Wh?|B|b)|h|km|min|s|oz|lb|sec|hr)(?!\w)")
_PART: Final = re.compile(
    r"(?:(?<=\d/\d\s)(?<!/\d/\d\s)|(?<=[½⅓⅔¼¾]\s)|(?<=[½⅓⅔¼¾]))(tbsp|tsp|oz|lb|mi|km|kg|l|L|h|hr)(?!\w)"
)
_ALONE: Final = re.compile(r"(?<![\w²³/])(kWh|km/h|m/s|°C|°F|m²|m³|Mbps|hPa|µg/m³|kW|W/m²)(?![\w²³/])")
_BEFORE_NOUN: Final = re.compile(r"(?:^|[^\w])[Aa]n?\s$")
_NOUN: Final = re.compile(
    r"\s(?:fuse|breaker|circuit|charger|socket|outlet|bulb|lamp|battery|cable|run|race|walk|hike|timer|drive|monitor|screen|display|"
    r"limit|radius|bill|note|banknote|coin|hose|pipe|engine|motor|panel|disk|file|sprint|relay|dash)s?\b"
)


def counted(amount: int, unit: str) -> str:
    """So many of a unit that is counted."""
    return f"{cardinal(amount)} {named(unit, one=amount == 1)}"


def named(unit: str, one: bool) -> str:
    """The name of a unit of the table, in the singular or the plural."""
    singular, _, plural = unit.partition("|")
    if one:
        return singular
    return plural or (singular if singular.endswith(" T U") else f"{singular}s")


def compound(match: re.Match[str]) -> bool:
    """Whether a measure stands before its noun: "a 5 km run" has the unit in the singular."""
    following = after(match)
    return bool(_NOUN.match(following) or (_BEFORE_NOUN.search(before(match)) and re.match(r"\s[a-z]", following)))


def per(match: re.Match[str]) -> str:
    """What the measure is for, with a space before it, or nothing."""
    return f" per {_PER[match['per']]}" if match["per"] else ""


def _measure(match: re.Match[str]) -> str | None:
    low, high, symbol, gap = match["low"], match["high"], match["unit"], match["gap"]
    if gap == "-" and not symbol.isalpha():
        return None
    if symbol == "A" and not _AMPERES.match(after(match)):
        return None
    if symbol == "s" and not gap and not high and (len(low) > 3 or re.search(r"\b(?:the|[A-Z]\w+) $", before(match))):
        return None
    one = (low in {"1", "-1", "−1"} and not high) or compound(match) or gap == "-"
    squared = {"²": "square ", "2": "square ", "³": "cubic ", "3": "cubic ", None: ""}[match["power"]]
    said = number(low)
    if high:
        said += (" by " if set(match["by"]) & set("x×") else " to ") + number(high)
    about = "plus or minus " if match["about"] else ""
    joint = "-" if gap == "-" else " "
    return ended(match, f"{about}{said}{joint}{squared}{named(_UNITS[symbol], one)}{per(match)}")


def _kelvin(match: re.Match[str]) -> str | None:
    # Below a thousand it is a race, a resolution or a price.
    return f"{number(match[1])} {'kelvin' if compound(match) else 'kelvins'}" if len(match[1]) > 3 else None


def _lettered(match: re.Match[str]) -> str:
    degree = "degree" if match[1] in {"1", "-1", "−1"} else "degrees"
    return f"{number(match[1])} {degree} {'Celsius' if match[2] == 'C' else 'Fahrenheit'}"


def _feet(match: re.Match[str]) -> str:
    if "ft" in match[0]:
        return ended(match, f"{counted(int(match[1]), 'foot|feet')} {counted(int(match[2]), 'inch|inches')}")
    return f"{cardinal(int(match[1]))} foot {cardinal(int(match[2]))}"


def _inches(match: re.Match[str]) -> str | None:
    # An odd quote is one that closes.
    if match[0][-1] == '"' and len(re.findall(r'(?<!\d)"', before(match, 400))) % 2:
        return None
    noun = re.match(r"\s(?!(?:wide|long|tall|high|deep|thick|of|and|or|in|at)\b)[a-z]", after(match))
    return f"{number(match[1])} {'inch' if match[1] == '1' or noun else 'inches'}"


def _duration(match: re.Match[str]) -> str:
    hours, minutes, seconds = match[1], match[2] or match["m"], match[3] or match["s"]
    parts = ((hours, "hour"), (minutes, "minute"), (seconds, "second"))
    return " ".join(counted(int(amount), unit) for amount, unit in parts if amount)


def _each(match: re.Match[str]) -> str | None:
    return named(_UNITS[match[1]], one=True) if match[1] in _UNITS else None


def _alone(match: re.Match[str]) -> str:
    symbol, _, each = match[1].partition("/")
    squared = {"²": "square ", "³": "cubic "}.get(symbol[-1], "")
    one = bool(re.search(r"\b(?:per|an?|each|every|one)\s$", before(match)))
    return squared + named(_UNITS[symbol.rstrip("²³")], one) + (f" per {_PER[each]}" if each else "")


RULES: Final = (
    Rule("feet and inches", _FEET, _feet),
    Rule("duration", _DURATION, _duration),
    Rule("kelvin", _KELVIN, _kelvin),
    Rule("measure", _MEASURE, _measure),
    Rule("degrees by letter", _LETTERED, _lettered),
    Rule("inches", _INCHES, _inches),
    Rule("unit after a fraction", _PART, _each),
    Rule("unit after per", _EACH, _each),
    Rule("unit alone", _ALONE, _alone),
)
