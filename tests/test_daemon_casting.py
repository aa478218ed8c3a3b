"""Who speaks, and in what language."""

from __future__ import annotations

import pytest

from daemon.casting import Casting
from daemon.ensemble import Ensemble
from daemon.faults import LanguageNotSpoken, Malformed, UnknownModel, UnknownVoice, Unspeakable
from models.backend import Facts, Speaker
from voices.profile import Defaults, Profile

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


SPEAKERS = ("Vivian", "zh", "en"), ("Uncle_Fu", "zh", "en"), ("Ryan", "en", "zh")


def qwen(model: str, *voices: tuple[str, ...]) -> Facts:
    speakers = tuple(Speaker(name.lower(), name.title(), tuple(tags)) for name, *tags in voices)
    return Facts("qwen", model, 24_000, 4, 4, speakers)


DESIGNER = Facts(
    "qwen", "designer", 24_000, 4, 4, (Speaker("designed", "Designed voice", ("en", "zh")),), task="design"
)


def house(**options: object) -> Casting:
    small, large = qwen("small", *SPEAKERS), qwen("Large", *SPEAKERS, ("Dylan", "zh"))
    return Casting(DESIGNER, small, large, FACTS, **options)  # type: ignore[arg-type]


def test_a_voice_that_several_models_have_is_the_first_ones() -> None:
    casting = house()
    assert [(p.id, p.model) for p in casting.profiles()] == [
        ("designed", "designer"), ("vivian", "small"), ("uncle-fu", "small"), ("ryan", "small"), ("dylan", "Large"),
        ("heart", "builtin"), ("pico-de", "builtin"), ("pico-fr", "builtin"),
    ]  # fmt: skip
    assert casting.find("uncle_fu") is casting.find("Uncle-FU")
    assert casting.find("vivian").model == "small"
    assert casting.cast("vivian", "en", ENGLISH, "LARGE")[0].model == "Large"
    assert [p.id for p in casting.profiles("large")] == ["vivian", "uncle-fu", "ryan", "dylan"]
    assert casting.find("designed").kind == "design"


@pytest.mark.parametrize("name", [None, "", " ", "default", "tts-1", "TTS-1-hd", "tts-1-1106", "gpt-4o-mini-tts"])
def test_names_that_mean_any_model(name: str | None) -> None:
    assert house().model(name) is None


def test_an_unknown_model_is_told_the_known_ones() -> None:
    with pytest.raises(UnknownModel, match="no model is called 'tts-9'; here are 'designer', 'small', 'Large', 'built"):
        house().cast(None, None, ENGLISH, "tts-9")
    with pytest.raises(UnknownVoice, match="'heart'; the voices of small are vivian, uncle-fu, ryan"):
        house().cast("heart", None, ENGLISH, "small")


@pytest.mark.parametrize(
    ("language", "model", "options", "who"),
    [
        ("en", None, {}, ("ryan", "small")),
        ("zh", None, {}, ("vivian", "small")),
        ("de", None, {}, ("pico-de", "builtin")),
        ("zh", "Large", {}, ("vivian", "Large")),
        ("en", "designer", {}, ("designed", "designer")),
        ("en", "builtin", {}, ("heart", "builtin")),
        ("en", None, {"voice": "uncle_fu"}, ("uncle-fu", "small")),
        ("de", None, {"voice": "uncle_fu"}, ("pico-de", "builtin")),
        ("en", None, {"able": lambda model: model != "small"}, ("ryan", "Large")),
        ("en", None, {"able": lambda model: model == "builtin"}, ("heart", "builtin")),
        ("en", "small", {"able": lambda model: model == "builtin"}, ("ryan", "small")),
    ],
)
def test_who_speaks_among_several_models(
    language: str, model: str | None, options: dict[str, object], who: tuple[str, str]
) -> None:
    profile, _ = house(**options).cast(None, language, "Yes.", model)
    assert (profile.id, profile.model) == who


@pytest.mark.parametrize(
    ("voice", "text", "language"),
    [
        ("vivian", "Good night.", "en"),
        ("vivian", "晚安", "zh"),
        ("ryan", "Gute Nacht.", "en"),
        ("designed", "Good night.", "en"),
        ("designed", "Das Licht in der Küche ist noch an.", "de"),
    ],
)
def test_a_few_latin_letters_are_not_read_as_chinese(voice: str, text: str, language: str) -> None:
    tags = ("zh", "en", "de")
    presets = Facts("qwen", "p", 24_000, 1, 1, (Speaker("vivian", "V", tags), Speaker("ryan", "R", ("en", "zh", "de"))))
    designs = Facts("qwen", "d", 24_000, 1, 1, (Speaker("designed", "D", tags),), task="design")
    casting = Casting(presets, designs)
    assert casting.cast(voice, None, text)[1] == language
    assert casting.language_of(casting.find(voice), None, text) == language


def kept(name: str, **facts: object) -> Profile:
    about = {"label": name.title(), "kind": "preset", "languages": ("en", "de"), "model": "builtin", "speaker": "heart"}
    return Profile(name, stored=True, **{**about, **facts})  # type: ignore[arg-type]


def with_kept(*profiles: Profile, **options: object) -> Casting:
    return Casting(FACTS, ensemble=Ensemble([FACTS], lambda: profiles), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("bert", "bert"),  # an id, though another has it for its label
        ("Dora", "bert"),
        ("carl", "karl"),  # a former id
        ("heart", "heart"),  # a model's own, though two are kept in its manner
        ("Pico (Deutsch)", "pico-de"),
    ],
)
def test_an_id_goes_before_every_other_name(name: str, who: str) -> None:
    casting = with_kept(kept("anna", label="Bert"), kept("bert", label="Dora"), kept("karl", aliases=("carl",)))
    assert casting.find(name).id == who


def test_a_kept_voice_speaks_when_it_is_asked_or_is_the_houses() -> None:
    anna = kept("anna", defaults=Defaults(language="de"))
    assert with_kept(anna).cast(None, None, ENGLISH)[0].id == "heart"
    assert with_kept(anna).cast("anna", None, ENGLISH) == (anna, "de")
    assert with_kept(anna).cast("anna", "en", GERMAN) == (anna, "en")
    assert with_kept(anna, voice="anna").cast(None, None, ENGLISH) == (anna, "en")  # who is not named reads what it is
    assert with_kept(anna, voice="anna").cast(None, None, "1") == (anna, "de")
    assert with_kept(anna).settled("anna", None)
    assert not with_kept(kept("anna")).settled("anna", None)


def test_a_house_that_clones_only_needs_a_voice() -> None:
    clones = Facts("qwen", "clones", 24_000, 1, 1, (), task="clone", languages=("en",))
    with pytest.raises(Unspeakable, match="clones speaks with the voice of a recording; name one that is kept"):
        Casting(clones).cast(None, None, ENGLISH)
    with pytest.raises(UnknownVoice, match="the voices here are none"):
        Casting(clones).find("")


def test_a_model_that_comes_later_speaks_when_it_is_asked_and_what_nobody_else_does() -> None:
    casting = Casting(FACTS)
    casting.prepare()
    late = Facts("qwen", "late", 24_000, 1, 1, (Speaker("ryan", "Ryan", ("en", "ru")),))
    with pytest.raises(UnknownModel):
        casting.model("late")
    casting.add(late)
    assert casting.model("LATE") == "late"
    assert not casting.prepared, "what tells languages apart has one more to tell"
    assert casting.find("ryan").model == "late"
    assert casting.cast(None, None, ENGLISH)[0].id == "heart"
    assert casting.cast(None, "ru", "Да.")[0].id == "ryan"
    assert casting.cast(None, None, ENGLISH, "late")[0].id == "ryan"
