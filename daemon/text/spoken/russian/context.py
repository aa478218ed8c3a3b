"""What stands around a number: the case that a preposition or a verb asks for, and the noun that is counted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from daemon.text.spoken.remembered import remembered
from daemon.text.spoken.rules import after, before
from daemon.text.spoken.russian.numbers import Case, Gender, plural

_GOVERNED: Final[dict[str, Case]] = {
    **dict.fromkeys(
        "без безо для до из изо от ото у около после кроме вокруг против среди вместо ради возле вдоль внутри мимо более менее "
        "нет больше меньше свыше порядка течение пределах позднее позже раньше старше младше выше ниже дольше длиннее хватает хватит "
        "хватило достигает достигла достиг достигло достигли достигнет размере количестве моложе тяжелее дороже дешевле быстрее "
        "медленнее из-за из-под сверх вплоть накануне".split(), "g",
    ),
    **dict.fromkeys("к ко благодаря согласно вопреки равен равна равно равны равняется навстречу".split(), "d"),
    **dict.fromkeys("над надо перед передо между".split(), "i"),
    **dict.fromkeys("о об обо при".split(), "p"),
    **dict.fromkeys(
        "в во на за через про сквозь спустя по под".split(), "a",
    ),
    **dict.fromkeys(("с", "со"), "g"),
}  # fmt: skip
# Verbs and the like: the noun after them is an object, or how long it takes.
_OBJECTS: Final = re.compile(
    r"(?:сто(?:ит|ят|ил|ила|ило|или)|вес(?:ит|ят)|дл(?:ится|ился|илась|илось)|зай?мёт|занима(?:ет|ют|л|ла)|занял[аои]?|"
    r"составля(?:ет|ют)|состави(?:т|л|ла|ло|ли)|(?:по|ис)?трати(?:л|ла|ли|ть|т)|куп(?:и|ил|ила|или|ить|лю)|заплати(?:л|ла|ли|ть)?|"
    r"получи(?:л|ла|ли|ть)|про(?:шёл|шла|шли|ехал|ехала|ехали|вёл|вела|вели|жил|жила|жили)|израсходовал[аио]?|сэкономил[аио]?|"
    r"накопил[аио]?|убрал[аио]?|собрал[аио]?|выпил[аио]?|съел[аио]?|добавь|возьми|жди|подожди|дай|ещё|кажд(?:ые|ую|ый))"
)
_LAST: Final = re.compile(
    r"(?:^|[^\w-])((?:из-)?[А-Яа-яЁё]+)\s(?:примерно\s|почти\s|всего\s|приблизительно\s|ровно\s)?[«\"(]?$"
)
_LETTERS: Final = re.compile("[А-Яа-яЁё]+")
_ROUGHLY: Final = frozenset("примерно почти всего приблизительно ровно".split())
_OPENED: Final = frozenset('«"(')
_BETWEEN: Final = re.compile(r"\bмежду\s[^.;!?]{1,24}\sи\s$", re.IGNORECASE)
_NOT_COUNTED: Final = frozenset(
    "и а на за да или у к ко с со в во из по для не ни но до от при о об что как это уже ещё же бы ли то так если когда где под "
    "над перед между через без после около чем он она оно они мы вы я ты был была было были будет будут есть нет только".split()
)
_ADJECTIVE: Final = re.compile(r"(?:[ыио]й|[аоя]я|[оеё]е|[ыи]е|[ыи]х|[ыи]м|[ыи]ми|[уюя]ю|[ое]го|[ое]му)$")
_FOLLOWING: Final = re.compile(r"[\s\u00a0]((?:[а-яё-]{3,}\s){0,2}?)([А-Яа-яЁё-]{2,})(?![\w-])")
# Feminine nouns that end in a soft sign and are counted; other such nouns are taken for masculine.
_FEMININE: Final = re.compile(
    r"(?:ость|ночь|дверь|часть|площадь|кровать|лошадь|кость|мысль|вещь|печь|речь|дочь|мать|тетрадь|область|степень|скорость|запись|"
    r"очередь|осень|ступень|модель|ось|роль|цель|сеть|новость|точность|жизнь|смерть|помощь|мышь|смесь|пыль|медаль|деталь|педаль|"
    r"спальня|треть|четверть|десять|связь|кисть|пасть|власть|честь|весть|месть|стать|нить|ладонь|семь|пять)$"
)
_MASCULINE_A: Final = frozenset("мужчина папа дядя дедушка юноша судья мужчины папы дяди дедушки юноши пути".split())
_FEMININE_IN_E: Final = re.compile(
    r"(?:комнат|книг|страниц|минут|секунд|недел|школ|квартир|групп|тысяч|строк|стран|част|улиц|игр|таблиц|ламп|розетк|кнопк|камер|"
    r"программ|команд|точк|зон|схем|истори|стать|машин|сцен|сери|глав|комнатк|лини|станци)[еи]$"
)
_PLURAL_GENITIVE: Final = re.compile(r"(?:ов|ев|ей|ек|ок|иц|ят|ых|их|ниц|ин|жён|ён|ёл|дцев|цев)$")
_ANIMATE: Final = re.compile(
    r"(?:чик|ник|тель|ист|ец|ок|ач|арь|ик|ян|ент|ар|ант|ин|ел)(?:ов|ев|ей)$|(?:ок|ек|иц|щин|ят|шек)$|(?:дет|люд|друз|враг|гост|кот|слон|волк|ос|сын|брат|котик)(?:ей|ов|ев|ьев)$|^(?:человек|коров|собак|птиц|рыб|лошад|змей|женщин|мужчин|мам|пап|сестёр|детей)$"
)


@dataclass(frozen=True, slots=True)
class Counted:
    """The noun after a number, as far as its ending tells."""

    word: str
    adjective: str


def preposition(ahead: str) -> str:
    """The last word before a number, in lower case, or nothing."""
    if not ahead[-1:].isspace() and ahead[-1:] not in _OPENED:
        return ""
    # Nearly always it stands between two blanks, and is found there without a search from the left.
    word = ahead[ahead.rfind(" ", 0, -1) + 1 : -1]
    if ahead[-1] == " " and word not in _ROUGHLY and _LETTERS.fullmatch(word):
        return word.lower()
    found = _LAST.search(ahead)
    return found[1].lower() if found else ""


def governed(ahead: str) -> Case | None:
    """The case that what stands before a number asks for; None where nothing does."""
    return "i" if _is_between(ahead) else _asked(preposition(ahead))


def asked_by_preposition(ahead: str) -> Case | None:
    """As `governed`, without the verbs: after them a range is still read with its own two prepositions."""
    word = preposition(ahead)
    return None if _is_object(word) else "i" if _is_between(ahead) else _GOVERNED.get(word)


def _asked(word: str) -> Case | None:
    return "a" if _is_object(word) else _GOVERNED.get(word)


@remembered
def _is_object(word: str) -> bool:
    """Whether a verb of which the noun is the object."""
    return _OBJECTS.fullmatch(word) is not None


def _is_between(ahead: str) -> bool:
    return (ahead[-2:-1] in "иИ" or ahead[-1:] == "\n") and _BETWEEN.search(ahead) is not None


def counted(match: re.Match[str]) -> Counted | None:
    """The noun that stands after a number."""
    found = _FOLLOWING.match(after(match, 60))
    if not found:
        return None
    words = [*found[1].split(), found[2]]
    if words[0].lower() in _NOT_COUNTED:
        return None
    if len(words) == 1 and _ADJECTIVE.search(words[0]) and not _nounlike(words[0]):
        more = re.compile(r"\s([а-яё-]{2,})").match(match.string, match.end() + found.end())
        if more and more[1] not in _NOT_COUNTED:
            return Counted(more[1], words[0])
    return Counted(words[-1].lower(), words[0] if len(words) > 1 else "")


def case_of(match: re.Match[str], noun: Counted | None, number: int | None = None) -> Case:
    """The case of a number: by the ending of the noun where it is sure, else by the preposition."""
    word, asked = preposition(before(match)), governed(before(match))
    if noun:
        shown = _shown(noun.word)
        if shown and (asked is None or shown in _allowed(word)):
            return shown
        if asked is None and number is not None and plural(number) == "one":
            return "a" if noun.word.endswith(("у", "ю")) else "g" if noun.word.endswith(("ы", "и")) else "n"
        if asked == "g" and word in {"с", "со"} and _singular_instrumental(noun.word):
            return "i"
    if (
        word in {"в", "во", "на"}
        and noun
        and re.search(r"(?:[ое]м|ой|ей|е)$", noun.adjective or "")
        and noun.word.endswith("е")
    ):
        return "p"
    if word in {"в", "во", "на"} and noun and noun.word.endswith(("е", "и")) and _FEMININE_IN_E.search(noun.word):
        return "p" if noun.word.endswith("е") else asked or "n"
    return asked or "n"


def gender_of(number: int, case: Case, noun: Counted | None) -> Gender:
    """The gender of the noun after a number that ends in one or two, as far as its ending tells."""
    if noun is None:
        return "m"
    word, adjective = noun.word, noun.adjective
    if plural(number) == "few":
        return (
            "f"
            if case in "na" and word.endswith(("ы", "и")) and word not in _MASCULINE_A and not word.endswith("мени")
            else "m"
        )
    if adjective.endswith(("ая", "яя", "ую", "юю")):
        return "f"
    if word in _MASCULINE_A:
        return "m"
    by_ending: dict[str, tuple[str, ...]] = {
        "n": ("а", "я"), "g": ("ы", "и"), "d": ("е", "и"), "a": ("у", "ю", "а", "я"), "i": ("ой", "ей", "ью"), "p": (),
    }  # fmt: skip
    if word.endswith("мя"):
        return "n"
    if word.endswith(by_ending[case]) or (case in "na" and _FEMININE.search(word)):
        return "f"
    if case == "p":
        return "f" if _FEMININE_IN_E.search(word) else "m"
    return "n" if case in "na" and word.endswith(("о", "е", "ё")) else "m"


def animate(number: int, case: Case, noun: Counted | None) -> bool:
    """Whether the noun after two, three or four is in the genitive plural, as the accusative of the living is."""
    if noun is None or number not in {2, 3, 4} or case not in "na":
        return False
    return bool(_PLURAL_GENITIVE.search(noun.word) and _ANIMATE.search(noun.word))


def _nounlike(word: str) -> bool:
    return word.endswith(("ой", "ей", "ие", "ое")) or word in {"детей", "людей", "рублей", "здание"}


def _shown(word: str) -> Case | None:
    """The case that the ending of a noun in the plural shows."""
    if len(word) < 4:
        return None
    if word.endswith(("ами", "ями", "ьми")):
        return "i"
    if word.endswith(("ах", "ях")):
        return "p"
    if word.endswith(("ам", "ям")) and not word.endswith(("грамм", "мадам")) and word not in {"реклам", "программ"}:
        return "d"
    return None


def _allowed(word: str) -> str:
    return {
        "в": "p", "во": "p", "на": "p", "о": "p", "об": "p", "при": "p", "с": "i", "со": "i", "за": "i", "под": "i", "над": "i",
        "между": "i", "перед": "i", "по": "dp", "к": "d", "ко": "d", "согласно": "d", "благодаря": "d", "вопреки": "d",
    }.get(word, "i" if word == "ещё" else "dip")  # fmt: skip


def _singular_instrumental(word: str) -> bool:
    return word.endswith(("ом", "ем", "ём", "ой", "ью")) and len(word) > 3
