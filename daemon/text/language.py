"""Which language a tag names and a text is written in."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Sequence
from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# Under four words a name or a loan word decides, and the guess is wrong too often.
MIN_WORDS: Final = 4
# What is read of a text: the classifier is sure long before, and its time is linear.
MAX_CHARS: Final = 2000
# Below this share of belief the words could be anyone's ("Playing Despacito by Luis Fonsi"), and the caller knows better.
MIN_BELIEF: Final = 0.5
# To be told that nobody here speaks it, a sentence must be foreign beyond doubt ("word word word end." is Dutch to 0.66).
MIN_BELIEF_STRANGER: Final = 0.9
# Written in Latin letters and heard often: offered beside the wanted ones, so that Polish is called Polish and not Italian.
LATIN_LANGUAGES: Final = frozenset("ca cs da de en es fi fr hr hu id it nl no pl pt ro sk sv tr vi".split())

_TAG: Final = re.compile(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|\d{3}))?((?:-[A-Za-z0-9]{2,8})*)")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# Script -> language, for scripts that one language is usually meant by. Kana before Han: Japanese is written in both.
_SCRIPTS: Final = (
    ("ja", "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"),
    ("ko", "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"),
    ("zh", "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"),
    ("ru", "\u0400-\u052f"),
    ("el", "\u0370-\u03ff\u1f00-\u1fff"),
    ("he", "\u0590-\u05ff"),
    ("ar", "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff"),
    ("hi", "\u0900-\u097f"),
    ("bn", "\u0980-\u09ff"),
    ("pa", "\u0a00-\u0a7f"),
    ("gu", "\u0a80-\u0aff"),
    ("ta", "\u0b80-\u0bff"),
    ("te", "\u0c00-\u0c7f"),
    ("kn", "\u0c80-\u0cff"),
    ("ml", "\u0d00-\u0d7f"),
    ("si", "\u0d80-\u0dff"),
    ("th", "\u0e00-\u0e7f"),
    ("lo", "\u0e80-\u0eff"),
    ("my", "\u1000-\u109f"),
    ("ka", "\u10a0-\u10ff"),
    ("hy", "\u0530-\u058f"),
    ("am", "\u1200-\u137f"),
    ("km", "\u1780-\u17ff"),
)
_SCRIPT_LETTERS: Final = tuple((code, re.compile(f"[{letters}]")) for code, letters in _SCRIPTS)
_LATIN_LETTER: Final = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_LOCK: Final = threading.Lock()


def normalise(tag: str) -> str:
    """A BCP-47 tag as it is written: `en_us` is `en-US`. Raises ValueError."""
    match = _TAG.fullmatch(tag.strip().split(".")[0].replace("_", "-"))
    if match is None:
        raise ValueError(f"{tag[:40]!r} is not a language: write a code such as 'en', 'en-US' or 'zh-CN'")
    language, script, region, rest = match.groups()
    parts = [language.lower(), script and script.title(), region and region.upper()]
    return "-".join(part for part in parts if part) + rest.lower()


def primary(tag: str) -> str:
    """The language of a tag without its region. Raises ValueError."""
    return normalise(tag).split("-")[0]


def detect(text: str, among: Sequence[str]) -> str | None:
    """The primary code of the text's language, None when that cannot be told; maybe one that is not in `among`.

    The first call loads the classifier: half a second; see `prepare`. Where it cannot be loaded, words tell nothing.
    """
    text = text[:MAX_CHARS]
    by_script = _by_script(text)
    if by_script is not None:
        return by_script
    if len(_WORD.findall(text)) < MIN_WORDS:
        return None
    wanted = frozenset(primary(tag) for tag in among)
    try:
        with _LOCK:
            ranking = _classifier(wanted).rank(text)
    except OSError:  # a full disk keeps nobody from being spoken to
        return None
    code, belief = ranking[0]
    return str(code) if belief >= (MIN_BELIEF if code in wanted else MIN_BELIEF_STRANGER) else None


def prepare(among: Sequence[str]) -> None:
    """Load the classifier now, in any thread, so that the first `detect` is quick.

    Raises OSError: it is unpacked into the system's folder for temporary files, and needs 70 MB there for a moment.
    """
    with _LOCK:
        _classifier(frozenset(primary(tag) for tag in among))


def _by_script(text: str) -> str | None:
    """The language of the script that most letters are in; None for Latin or no letters."""
    counts = Counter({code: len(letters.findall(text)) for code, letters in _SCRIPT_LETTERS})
    code, most = counts.most_common(1)[0]
    if not most or most < len(_LATIN_LETTER.findall(text)):
        return None
    # A Japanese sentence may have more Han than kana; a Chinese one has no kana at all.
    return "ja" if code == "zh" and counts["ja"] else code


@lru_cache(maxsize=1)
def _full() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@lru_cache(maxsize=4)
def _classifier(wanted: frozenset[str]) -> LanguageIdentifier:
    """One that knows the wanted languages and the common ones."""
    classifier = copy(_full())
    known = set(classifier.labels)
    classifier.set_languages(sorted((LATIN_LANGUAGES | wanted) & known))
    return classifier
