"""Everybody who could speak, here or not."""

from __future__ import annotations

from collections.abc import Sequence

from daemon.ensemble import Ensemble
from models.backend import Facts, Speaker
from tests.kept import clone, design, preset
from voices.profile import Profile

PRESETS = Facts(
    "qwen", "presets", 24_000, 1, 1, (Speaker("Uncle_Fu", "Uncle Fu", ("zh",)), Speaker("ryan", "Ryan", ("en",)))
)
DESIGNS = Facts("qwen", "designs", 24_000, 1, 1, (Speaker("designed", "Designed voice", ("en",)),), task="design")
CLONES = Facts("qwen", "clones", 24_000, 1, 1, (), task="clone", languages=("en",))
LARGE = Facts("qwen", "large", 24_000, 1, 1, (Speaker("ryan", "Ryan", ("en",)),))


def ids(profiles: Sequence[Profile]) -> list[str]:
    return [profile.id for profile in profiles]


def test_the_models_own_come_first_and_each_id_once() -> None:
    all_ = Ensemble([PRESETS, LARGE, DESIGNS, CLONES])
    assert ids(all_.own) == ["uncle-fu", "ryan", "ryan", "designed"]
    assert [(one.id, one.model) for one in all_.here()] == [
        ("uncle-fu", "presets"), ("ryan", "presets"), ("designed", "designs"),
    ]  # fmt: skip
    assert [one.model for one in all_.of("large")] == ["large"]
    assert (all_.away(), all_.of("clones")) == ((), ())


def test_a_kept_voice_is_settled_with_a_model_that_can() -> None:
    kept = (clone("anna"), clone("berta", model="gone"), design("sailor"), preset("calm", "ryan", model="large"))
    here = Ensemble([PRESETS, LARGE, CLONES], lambda: kept)
    assert {one.id: (one.model, one.installed) for one in (*here.here(), *here.away()) if one.id in ids(kept)} == {
        "anna": ("clones", True),
        "berta": ("gone", False),
        "sailor": ("qwen3-tts-1.7b-voicedesign", False),
        "calm": ("large", True),
    }


def test_presets_that_are_not_here_are_shown() -> None:
    presets = PRESETS.speakers
    here = Ensemble([CLONES], lambda: (), presets)
    assert [(one.id, one.installed, one.model) for one in here.away()] == [
        ("uncle-fu", False, "qwen3-tts-0.6b-customvoice"), ("ryan", False, "qwen3-tts-0.6b-customvoice"),
    ]  # fmt: skip
    assert ids(Ensemble([LARGE], lambda: (), presets).away()) == ["uncle-fu"]
    kept = (clone("ryan"),)
    assert ids(Ensemble([CLONES], lambda: kept, presets).away()) == ["uncle-fu"]


def test_a_name_is_the_kept_voices() -> None:
    kept = tuple(Profile(name, name, "preset", ("en",), "large", "ryan", stored=True) for name in ("ryan", "other"))
    here = Ensemble([PRESETS, LARGE], lambda: kept)
    assert [(one.id, one.stored) for one in here.here()] == [("uncle-fu", False), ("ryan", True), ("other", True)]
    assert [(one.id, one.stored) for one in here.of("large")] == [("ryan", True), ("other", True)]
    assert [(one.id, one.stored) for one in here.of("presets")] == [("uncle-fu", False), ("ryan", False)]


def test_it_looks_anew_whenever_something_changes() -> None:
    shelf: list[tuple[Profile, ...]] = [()]
    here = Ensemble([CLONES], lambda: shelf[0])
    assert here.here() == ()
    shelf[0] = (clone("anna"),)
    assert ids(here.here()) == ["anna"]
    assert here.here() is here.here()
    shelf[0] = ()
    assert here.here() == ()


def test_a_model_that_comes_later_brings_its_voices_and_those_that_waited_for_it() -> None:
    kept = (clone("anna"), preset("calm", "ryan", model="large"))
    here = Ensemble([PRESETS], lambda: kept, (*LARGE.speakers, *DESIGNS.speakers))
    assert ids(here.here()) == ["uncle-fu", "ryan"]
    assert ids(here.away()) == ["anna", "calm", "designed"]
    for facts in (LARGE, CLONES, DESIGNS):
        here.add(facts)
    later = Ensemble([PRESETS, LARGE, CLONES, DESIGNS], lambda: kept, LARGE.speakers)
    assert (here.own, here.here(), here.away()) == (later.own, later.here(), later.away())
    assert here.away() == ()
