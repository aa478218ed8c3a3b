"""Who speaks, and in what language."""

from __future__ import annotations

import pytest

from daemon.casting import Casting
from daemon.faults import LanguageNotSpoken, Malformed, UnknownVoice
from models.backend import Facts, Speaker

FACTS = Facts(
    "builtin", "builtin", 24_000, 1, 1,
    (
        Speaker("heart", "Heart (English)", ("en-US", "en-GB")),
        Speaker("pico-de", "Pico (Deutsch)", ("de-DE",)),
        Speaker("pico-fr", "Pico (Français)", ("fr-FR",)),
    ),
)  # fmt: skip
GERMAN = "Das Licht in der Küche ist schon wieder an."
ENGLISH = "The light in the kitchen is on again."


def cast(voice: str | None, language: str | None, text: str, default: str | None = None) -> tuple[str, str]:
    profile, tag = Casting(FACTS, voice=default).cast(voice, language, text)
    return profile.id, tag


@pytest.mark.parametrize(
    ("voice", "language", "text", "who"),
    [
        (None, None, ENGLISH, ("heart", "en-US")),
        (None, None, GERMAN, ("pico-de", "de-DE")),
        (None, None, "Ja.", ("heart", "en-US")),
        (None, "de", "Ja.", ("pico-de", "de-DE")),
        (None, "DE_de", "Ja.", ("pico-de", "de-DE")),
        (None, "de-AT", "Ja.", ("pico-de", "de-DE")),
        (None, "en-GB", "Yes.", ("heart", "en-GB")),
        (None, "auto", GERMAN, ("pico-de", "de-DE")),
        ("heart", None, ENGLISH, ("heart", "en-US")),
        ("HEART ", None, ENGLISH, ("heart", "en-US")),
        ("Heart (English)", None, ENGLISH, ("heart", "en-US")),
        ("alloy", None, GERMAN, ("pico-de", "de-DE")),
        ("default", None, ENGLISH, ("heart", "en-US")),
        ("", None, ENGLISH, ("heart", "en-US")),
        ("pico-de", None, ENGLISH, ("pico-de", "de-DE")),
    ],
)
def test_who_speaks(voice: str | None, language: str | None, text: str, who: tuple[str, str]) -> None:
    assert cast(voice, language, text) == who


def test_the_default_voice_speaks_its_own_languages_and_leaves_the_others() -> None:
    assert cast(None, None, "Ja.", default="pico-de") == ("pico-de", "de-DE")
    assert cast(None, None, ENGLISH, default="pico-de") == ("heart", "en-US")


def test_a_language_that_nobody_speaks_is_named_with_those_that_are_spoken() -> None:
    with pytest.raises(LanguageNotSpoken, match=r"nobody here speaks 'ru'; spoken here: de-DE, en-GB, en-US, fr-FR"):
        cast(None, None, "Свет на кухне включён.")
    with pytest.raises(LanguageNotSpoken, match="nobody here speaks 'pt-BR'"):
        cast(None, "pt-br", "Sim.")


def test_a_voice_is_never_made_to_read_what_it_cannot() -> None:
    with pytest.raises(LanguageNotSpoken, match="the voice 'heart' does not speak 'de'"):
        cast("heart", "de", "Ja.")
    with pytest.raises(LanguageNotSpoken, match="the voice 'heart' does not speak 'zh'"):
        cast("heart", None, "厨房的灯亮着。")


def test_unknown_names_are_told_the_known_ones() -> None:
    with pytest.raises(UnknownVoice, match=r"no voice is called 'nobody'; the voices here are heart, pico-de, pico-fr"):
        cast("nobody", None, ENGLISH)
    with pytest.raises(UnknownVoice):
        Casting(FACTS, voice="nobody")


@pytest.mark.parametrize("language", ["not a tag", "d", "de-", "🇩🇪"])
def test_a_tag_that_is_none_is_malformed(language: str) -> None:
    with pytest.raises(Malformed):
        cast(None, language, ENGLISH)


def test_a_guess_is_no_reason_to_refuse() -> None:
    assert cast(None, None, "word word word end.") == ("heart", "en-US")
    with pytest.raises(LanguageNotSpoken, match="'nl'"):
        cast(None, None, "Het licht in de keuken is alweer aan.")
