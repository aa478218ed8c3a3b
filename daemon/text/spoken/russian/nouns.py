"""Nouns that are counted: units, currencies and the like, declined by their ending."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from daemon.text.spoken.russian.numbers import CASES, Case, Gender, in_case, plural

_IRREGULAR: Final = {
    "год": ("год года году год годом году", "годы лет годам годы годами годах"),
    "день": ("день дня дню день днём дне", "дни дней дням дни днями днях"),
    "человек": ("человек человека человеку человека человеком человеке", "люди человек людям людей людьми людях"),
    "место": ("место места месту место местом месте", "места мест местам места местами местах"),
    "рубль": ("рубль рубля рублю рубль рублём рубле", "рубли рублей рублям рубли рублями рублях"),
    "рисунок": (
        "рисунок рисунка рисунку рисунок рисунком рисунке",
        "рисунки рисунков рисункам рисунки рисунками рисунках",
    ),
    "посёлок": (
        "посёлок посёлка посёлку посёлок посёлком посёлке",
        "посёлки посёлков посёлкам посёлки посёлками посёлках",
    ),
    "часть": ("часть части части часть частью части", "части частей частям части частями частях"),
}
_MASCULINE: Final = ("- а у - ом е", "ы ов ам ы ами ах")
_SOFT: Final = ("ь я ю ь ем е", "и ей ям и ями ях")
_FEMININE: Final = ("а ы е у ой е", "ы - ам ы ами ах")
_FEMININE_SOFT: Final = ("я и е ю ей е", "и ь ям и ями ях")
_ADJECTIVE: Final = {
    "m": "ый ого ому ый ым ом", "f": "ая ой ой ую ой ой", "n": "ое ого ому ое ым ом", "p": "ые ых ым ые ыми ых",
}  # fmt: skip
# Who counts these says the bare form: пять ватт, сто герц.
_BARE: Final = ("ватт", "вольт", "ампер", "герц", "бит", "децибел", "ом")


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun with all its forms, an adjective before it and words after it that stay as they are."""

    singular: str
    plural: str
    gender: Gender
    adjective: str = ""
    tail: str = ""

    def form(self, case: Case, many: bool) -> str:
        """The noun with what belongs to it."""
        adjective = _agreed(self.adjective, case, "p" if many else self.gender) if self.adjective else ""
        return adjective + in_case(self.plural if many else self.singular, case) + self.tail

    def counted(self, number: int, case: Case) -> str:
        """The form after a whole number that stands in this case."""
        count = plural(number)
        if count == "one":
            return self.form(case, many=False)
        if case not in "na":
            return self.form(case, many=True)
        adjective = (
            _agreed(self.adjective, "n" if count == "few" and self.gender == "f" else "g", "p")
            if self.adjective
            else ""
        )
        return adjective + (in_case(self.singular, "g") if count == "few" else in_case(self.plural, "g")) + self.tail

    def of_a_part(self) -> str:
        """The form after a fraction."""
        return self.form("g", many=False)


@cache
def noun(spec: str) -> Noun:
    """A noun by its description: `adjective lemma/genitive plural|words after it`, all but the lemma optional."""
    words, _, tail = spec.partition("|")
    lemma, _, genitive = words.partition("/")
    adjective, _, lemma = lemma.rpartition(" ")
    gender: Gender = "f" if lemma[-1] in "ая" or lemma == "часть" else "n" if lemma == "место" else "m"
    singular, many = _declined(lemma)
    if genitive or lemma.endswith(_BARE):
        forms = many.split()
        forms[1] = genitive or lemma
        many = " ".join(forms)
    return Noun(singular, many, gender, adjective, f" {tail}" if tail else "")


def _declined(lemma: str) -> tuple[str, str]:
    """The six forms of the singular and of the plural."""
    if lemma in _IRREGULAR:
        return _IRREGULAR[lemma]
    last = lemma[-1]
    if last in "оеиэу":
        same = " ".join([lemma] * len(CASES))
        return same, same
    if last == "ь":
        return _put(lemma[:-1], _SOFT[0]), _put(lemma[:-1], _SOFT[1])
    if last == "я":
        return _put(lemma[:-1], _FEMININE_SOFT[0]), _put(
            lemma[:-1], "и й ям и ями ях" if lemma[-2] == "и" else _FEMININE_SOFT[1]
        )
    if last == "а":
        return _put(lemma[:-1], _FEMININE[0]), _put(lemma[:-1], _FEMININE[1])
    return _put(lemma, _MASCULINE[0]), _put(lemma, _MASCULINE[1])


def _put(root: str, endings: str) -> str:
    """The root with each ending, spelt as it must be after this consonant."""
    if root[-1] in "кгхжчшщ":
        endings = endings.replace("ы", "и")
    if root[-1] in "жчшщ":
        endings = endings.replace("ов", "ей")
    if root[-1] == "ц":
        endings = endings.replace("ом", "ем").replace("ой", "ей").replace("ов", "ев")
    return " ".join(root + ending.strip("-") for ending in endings.split())


def _agreed(adjective: str, case: Case, gender: Gender) -> str:
    root, soft = adjective[:-2], adjective.endswith("ий")
    ending = in_case(_ADJECTIVE[gender], case)
    if soft:
        ending = ending.replace("ы", "и")
    return f"{root}{ending} "
