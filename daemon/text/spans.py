"""Which words of a sentence are of another language: told by their script, and by how many of them stand together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Final, NamedTuple

# Chinese characters in a Korean sentence explain a word or are a saying of four; a longer run is Chinese.
_HANJA: Final = 5
# Whether a run of Latin words is English is seen in so many of them.
_LOOKED_AT: Final = 12

_LATIN: Final = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
_CYRILLIC: Final = "\u0400-\u052f"
_HANGUL: Final = "\uac00-\ud7a3"
_KANA: Final = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_HAN: Final = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

# Languages of which a word in Latin letters is a guest.
_NOT_LATIN: Final = frozenset(
    "am ar be bg bn el fa gu he hi hy ja ka km kn ko lo mk ml my pa ru si sr ta te th uk ur zh".split()
)
_CYRILLIC_TOO: Final = frozenset("be bg kk mk ru sr uk".split())

# Between two words of one language: anything but letters; a quotation mark or a bracket begins something new.
_GAP: Final = r"(?:[^\w\"“”„«»「」『』《》()（）]|[\d_])++"
# English has the signs of its own script only: "iPhone、Android、Windows" are three names, and "example.com" is none.
_ENGLISH_WORD: Final = rf"[{_LATIN}][{_LATIN}\d]*+(?:['’\-][{_LATIN}\d]++)*+(?![.@/_:]\w)"
_ENGLISH_GAP: Final = r"(?:[\s\d,;:()%$€£&+\-]|[.!?](?=\s)|(?<=\d)[./](?=\d))++"
# A brand, a unit or a name in Latin letters is read by the sentence's own rules; three words together are English.
_ENGLISH: Final = re.compile(rf"(?<![\w@./]){_ENGLISH_WORD}(?:{_ENGLISH_GAP}{_ENGLISH_WORD}){{2,}}+")
_WORD: Final = re.compile(rf"[{_LATIN}]+")
_KANA_ONCE: Final = re.compile(f"[{_KANA}]")
_KANA_TWICE: Final = re.compile(f"[{_KANA}][^{_KANA}]*+[{_KANA}]")

_END: Final = re.compile(r"[.!?…。！？%]*")
_NUMBER_BEFORE: Final = re.compile(r"(?:^|[^\w\s])\s?([$€£]?\d[\d.,:]{0,15}%?\s)$")
_NUMBER_AFTER: Final = re.compile(r"[\s,:(\-–]{1,3}[$€£]?\d++(?:[.,:/\-]\d++)*+(?:\s?(?:%|°[CF]\b|°|am\b|pm\b))?")
_LETTER: Final = re.compile(r"[^\W\d_]")
_LAST_WORD: Final = re.compile(r"[^\W\d_]+$")
_QUOTED: Final = re.compile(
    '«([^«»]+)»|„([^„“”]+)[“”]|“([^“”]+)”|「([^「」]+)」|『([^『』]+)』|《([^《》]+)》|"([^"]+)"'
)


class Span(NamedTuple):
    """`text[start:end]` is of this language."""

    start: int
    end: int
    language: str


@dataclass(frozen=True, slots=True)
class _Guest:
    """A script that is not the sentence's own, and the language that is meant by a run of it, if any."""

    begins: str
    """What a run begins with, as the inside of a set."""
    runs: re.Pattern[str]
    letter: re.Pattern[str]
    language: Callable[[str], str | None]


def spans(text: str, language: str) -> list[Span]:
    """The text of a sentence in this language, cut where its language changes; nothing is left out.

    Numbers go with the words they stand between, and with those before them where nothing of the sentence follows.
    """
    primary = language.partition("-")[0].lower()
    if not _foreign(primary).search(text):
        return [Span(0, len(text), language)]
    guests = _guests(primary)
    runs = _runs(text, guests)
    if not runs:
        return [Span(0, len(text), language)]
    found, at = list[Span](), 0
    for span in _in_quotations(text, runs, guests):
        start, end = _with_numbers(text, span, at)
        if start > at:
            found.append(Span(at, start, language))
        found.append(Span(start, end, span.language))
        at = end
    if at < len(text) or not found:
        found.append(Span(at, len(text), language))
    return found


@cache
def _foreign(primary: str) -> re.Pattern[str]:
    """A letter with which a run of a guest may begin."""
    return re.compile(f"[{''.join(guest.begins for guest in _guests(primary))}]")


@cache
def _guests(primary: str) -> tuple[_Guest, ...]:
    guests = []
    if primary in _NOT_LATIN:
        guests.append(_Guest(_LATIN, _ENGLISH, _WORD, _english))
    if primary not in _CYRILLIC_TOO:
        guests.append(_guest(_CYRILLIC, lambda _: "ru"))
    if primary != "ko":
        guests.append(_guest(_HANGUL, lambda _: "ko"))
    if primary == "zh":
        # Kana with the characters between them: the others are the sentence's own. A lone の is a shop sign's.
        runs = rf"[{_KANA}]++(?:[{_HAN}\d]{{0,20}}+[{_KANA}]++)*+"
        guests.append(
            _Guest(
                _KANA,
                re.compile(runs),
                re.compile(f"[{_HAN}{_KANA}]"),
                lambda run: "ja" if _KANA_TWICE.search(run) else None,
            )
        )
    elif primary != "ja":
        guests.append(_guest(_HAN + _KANA, _in_korean if primary == "ko" else _chinese_or_japanese, least=1))
    return tuple(guests)


def _guest(letters: str, language: Callable[[str], str | None], least: int = 2) -> _Guest:
    word = f"[{letters}]"
    return _Guest(letters, re.compile(f"{word}{{{least},}}+(?:{_GAP}{word}++)*+"), re.compile(word), language)


def _english(run: str) -> str | None:
    words = [match[0] for match in islice(_WORD.finditer(run), _LOOKED_AT)]
    are_words = sum(len(word) > 1 for word in words) > 1 and any(len(word) > 1 and word.islower() for word in words)
    return "en" if are_words or sum(len(word) > 1 and word.istitle() for word in words) > 2 else None


def _japanese(run: str) -> str | None:
    return "ja" if _KANA_TWICE.search(run) else None


def _chinese_or_japanese(run: str) -> str:
    return "ja" if _KANA_ONCE.search(run) else "zh"


def _in_korean(run: str) -> str | None:
    if _KANA_ONCE.search(run):
        return _japanese(run)
    return "zh" if len(run) >= _HANJA else None


def _runs(text: str, guests: Iterable[_Guest]) -> list[Span]:
    """The stretches of other scripts that are words of another language, in order."""
    found = [
        Span(*match.span(), language)
        for guest in guests
        for match in guest.runs.finditer(text)
        if (language := guest.language(match[0]))
    ]
    return sorted(found, key=lambda span: span.start)


def _in_quotations(text: str, runs: list[Span], guests: Iterable[_Guest]) -> Iterator[Span]:
    """The same; where a quotation is mostly of one other language, all of it is."""
    index = 0
    for quoted in _QUOTED.finditer(text):
        start, end = quoted.start() + 1, quoted.end() - 1
        while index < len(runs) and runs[index].start < start:
            yield runs[index]
            index += 1
        first = index
        while index < len(runs) and runs[index].end <= end:
            index += 1
        inside = runs[first:index]
        if len({run.language for run in inside}) == 1 and _is_mostly(text[start:end], text[inside[0].start], guests):
            yield Span(start, end, inside[0].language)
        else:
            yield from inside
    yield from runs[index:]


def _is_mostly(quotation: str, letter: str, guests: Iterable[_Guest]) -> bool:
    """Whether most letters of a quotation are of the guest's script that this letter is of."""
    guest = next(guest for guest in guests if guest.letter.match(letter))
    own = sum(len(found) for found in guest.letter.findall(quotation))
    return 2 * own > len(_LETTER.findall(quotation))


def _with_numbers(text: str, span: Span, at: int) -> tuple[int, int]:
    """Where a span begins and ends with the numbers that belong to it and the full stop behind it; not before `at`."""
    start, end = span.start, span.end
    number = _NUMBER_BEFORE.search(text[max(at, start - 24) : start])
    if number:
        start -= len(number[1])
    after = _NUMBER_AFTER.match(text, end)
    if after and _is_guests(text, span, after.end()):
        end = after.end()
    if stop := _END.match(text, end):
        end = stop.end()
    return start, end


def _is_guests(text: str, span: Span, end: int) -> bool:
    """Whether a number behind a span, up to `end`, belongs to it: "see you at 5", not "Xiaomi Mi Band 5 стоит"."""
    following = text[end : end + 2]
    if _LETTER.match(following):
        return False
    if not _LETTER.match(following.strip()[:1]):
        return True
    last = _LAST_WORD.search(text[max(span.start, span.end - 24) : span.end])
    return span.language == "en" and last is not None and last[0].islower()
