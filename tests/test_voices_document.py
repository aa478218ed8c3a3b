"""A profile as JSON: what is written is read, and what is wrong is told, all of it, with its place."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from profiles import clone, design, profiles

from voices.document import MAX_BYTES, BrokenProfile, parsed, read, see_id, written
from voices.profile import Defaults, Profile, Reference, Share

DIGEST = "0123456789abcdef" * 4


def preset(**changes: object) -> dict[str, object]:
    """The JSON of a good profile with changes; None takes a field out."""
    good = {
        "schema": 1,
        "id": "anna",
        "label": "Anna",
        "kind": "preset",
        "languages": ["en"],
        "model": "m",
        "speaker": "s",
    }
    return {key: value for key, value in {**good, **changes}.items() if value is not None}


def cloned(**changes: object) -> dict[str, object]:
    """The JSON of a good clone with changes to its reference."""
    reference = {"file": "a.wav", "digest": DIGEST, "transcript": "Hello.", **changes}
    return preset(kind="clone", speaker=None, reference={k: v for k, v in reference.items() if v is not None})


def mistakes(document: object) -> dict[str, str]:
    """What is wrong with it, by path; there must be something."""
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(BrokenProfile) as caught:
        read(data)
    return {problem.path: problem.message for problem in caught.value.problems}


@given(profiles())
def test_what_is_written_is_read(profile: Profile) -> None:
    data = written(profile)
    assert read(data) == profile
    assert written(read(data)) == data
    assert hash(profile) == hash(read(data))


def test_what_people_see() -> None:
    profile = clone(
        aliases=("anni",),
        defaults=Defaults(seed=0, speed=1.5),
        emotions={"traurig": "Leise."},
        installed=False,
        stored=True,
    )
    profile = replace(profile, label="Änna", reference=Reference("a.wav", DIGEST, "Hallo.", consent="sie selbst"))
    assert written(profile).decode() == (
        '{\n "schema": 1,\n "id": "anna",\n "label": "Änna",\n "kind": "clone",\n "languages": [\n  "en",\n  "de"\n ],\n'
        ' "model": "base",\n "aliases": [\n  "anni"\n ],\n "defaults": {\n  "seed": 0,\n  "speed": 1.5\n },\n'
        f' "reference": {{\n  "file": "a.wav",\n  "digest": "{DIGEST}",\n  "transcript": "Hallo.",\n'
        '  "consent": "sie selbst"\n },\n "emotions": {\n  "traurig": "Leise."\n }\n}\n'
    )


def test_a_file_of_an_editor_on_windows() -> None:
    data = b"\xef\xbb\xbf" + json.dumps(preset(), indent=4).replace("\n", "\r\n").encode()
    assert read(data) == Profile("anna", "Anna", "preset", ("en",), "m", "s")


def test_numbers_are_numbers() -> None:
    """JSON has one kind of them."""
    profile = read(
        json.dumps(preset(defaults={"seed": 7.0, "speed": 1, "sampling": {"a": 1, "b": 1.0, "c": True}})).encode()
    )
    assert (profile.defaults.seed, profile.defaults.speed) == (7, 1.0)
    assert [type(value) for value in profile.defaults.sampling.values()] == [int, float, bool]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "not JSON: Expecting value, line 1 column 1"),
        (b'{"id": "anna",\n}', "line 2 column 1"),
        (b'{"id": "anna"} {}', "not JSON: Extra data"),
        (b"null", "this is null"),
        (b"[{}]", "this is a list"),
        (b"7", "this is a number"),
        (b'{"id": "\xff"}', "byte 8 is not UTF-8"),
        ("{}".encode("utf-16"), "it is UTF-16: save it as UTF-8"),
        (b'{"id": "a", "id": "b"}', "'id' is there twice"),
        (b'{"defaults": {"seed": 1, "seed": 1}}', "'seed' is there twice"),
        (b'{"id": ' + b"9" * 5000 + b"}", "thousands of digits"),
        (b"[" * 100_000, "or of brackets"),
        (b" " * (MAX_BYTES + 1), "no profile needs more"),
    ],
)
def test_what_is_no_json_object(data: bytes, told: str) -> None:
    assert told in mistakes(data)[""]


def test_a_newer_schema_is_told_by_itself() -> None:
    assert mistakes({"schema": 2, "voice": "anna"}) == {"schema": "2 is of a newer voiced, and this one knows 1"}


@pytest.mark.parametrize("schema", [0, -1, "1", True, 1.5, []])
def test_no_schema_of_ours(schema: object) -> None:
    assert mistakes(preset(schema=schema)).keys() == {"schema"}


def test_everything_is_told_at_once() -> None:
    document = preset(
        schema=None, id="Anna", label=" ", kind="mix", languages=["en_US", "en", ""], speaker=None, descripton="typo",
        aliases=["x", "x"], defaults={"seed": 2**31, "speed": "fast", "volume": 3},
        shares=[{"voice": "a", "weight": 0}, {"voice": "b", "weight": float("inf")}, {"voice": "../c", "weight": True}],
        emotions={"sad": " ", "": "x"}, origin=7,
    )  # fmt: skip
    told = mistakes(document)
    assert told.keys() == {
        "schema", "id", "label", "languages[0]", "languages[2]", "descripton", "aliases", "defaults.seed", "defaults.speed",
        "defaults.volume", "shares[0].weight", "shares[1].weight", "shares[2].voice", "shares[2].weight", "emotions.sad",
        "emotions['']", "origin",
    }  # fmt: skip
    assert told["schema"] == "is missing"
    assert told["descripton"] == "there is no such field"
    assert told["id"].startswith("'Anna' is not right here: small letters")
    assert told["languages[0]"] == "'en_US' is not right here: write a language such as 'en', 'en-US' or 'zh-CN'"
    assert told["shares[0].weight"] == "should be greater than 0, not 0"
    assert told["defaults.speed"] == "should be a valid number, not 'fast'"
    with pytest.raises(BrokenProfile, match=r"schema: is missing; id: 'Anna' .*; descripton: there is no such field"):
        parsed(document)


def test_nobody_reads_a_thousand_mistakes() -> None:
    with pytest.raises(BrokenProfile, match=r"; and 955 more$") as caught:
        parsed(preset(**{f"field{n}": n for n in range(1000)}, id="X", kind=1, label=2, model=3, origin=4))
    assert len(caught.value.problems) == 50


@pytest.mark.parametrize(
    ("document", "path", "told"),
    [
        (preset(speaker=None), "speaker", "a preset needs it"),
        (preset(model=None), "model", "a preset names the model"),
        (preset(kind="design", description=" "), "description", "a design needs it"),
        (preset(kind="clone"), "reference", "a clone needs it"),
        (preset(kind="mix"), "shares", "a mix needs it"),
        (preset(kind="mix", model=" ", shares=[{"voice": "a", "weight": 1}]), "model", "a mix names the model"),
        (preset(shares=[{"voice": "a", "weight": 1}]), "shares", "a preset has none, for it makes a mix"),
        (preset(reference=cloned()["reference"]), "reference", "a preset has none, for it makes a clone"),
        (cloned(transcript=None), "reference.mode", "needs the transcript"),
        (preset(aliases=["anna"]), "aliases", "none is the id"),
        (preset(defaults={"language": "fr"}), "defaults", "'fr' is none of the voice's own, en"),
    ],
)
def test_what_a_kind_needs(document: dict[str, object], path: str, told: str) -> None:
    found = mistakes(document)
    assert found.keys() == {path}
    assert told in found[path]


def test_what_a_kind_may_do_without() -> None:
    assert parsed(preset(kind="clone", model=None, speaker=None, reference=cloned()["reference"])).model == ""
    assert parsed(cloned(transcript=None, mode="embedding")).reference == Reference("a.wav", DIGEST, None, "embedding")
    assert parsed(preset(defaults={"language": "en-GB"})).defaults.language == "en-GB"
    mix = preset(kind="mix", shares=[{"voice": "a", "weight": 1}, {"voice": "b", "weight": 1e-9}])
    assert parsed(mix).shares == (Share("a", 1.0), Share("b", 1e-9))


@pytest.mark.parametrize(
    "changes",
    [
        {"defaults": {"seed": -1}}, {"defaults": {"seed": 2**31}}, {"defaults": {"seed": 1.5}}, {"defaults": {"seed": True}},
        {"defaults": {"speed": 0.24}}, {"defaults": {"speed": 4.1}}, {"defaults": {"speed": float("nan")}},
        {"defaults": {"pitch": -12.1}}, {"defaults": {"pitch": 12.1}}, {"defaults": {"gain": -41}}, {"defaults": {"gain": 21}},
        {"defaults": {"instruct": "x" * 4097}}, {"defaults": {"instruct": "\n"}}, {"defaults": {"sampling": {"top_k": "3"}}},
        {"defaults": {"sampling": {"x": float("inf")}}}, {"defaults": {"sampling": {"x": None}}}, {"defaults": []},
        {"defaults": {"sampling": {str(n): n for n in range(101)}}},
        {"description": "x" * 4097}, {"description": 3}, {"label": "two\nlines"}, {"label": "x" * 201}, {"label": "\t"},
        {"languages": []}, {"languages": "en"}, {"languages": ["english"]}, {"languages": ["EN"]}, {"languages": ["en-us"]},
        {"languages": ["en"] * 101}, {"id": "a" * 65}, {"id": "a\n"}, {"id": "../a"}, {"kind": "cloned"},
        {"aliases": ["A"]}, {"aliases": [f"a{n}" for n in range(101)]}, {"model": "m" * 201},
        {"emotions": {str(n): "x" for n in range(65)}}, {"emotions": {"sad": "x" * 4097}}, {"emotions": {"a\nb": "x"}},
        {"emotions": ["sad"]}, {"origin": "x" * 4097}, {"installed": True}, {"stored": True}, {"label": "\ud800"},
    ],
)  # fmt: skip
def test_what_is_out_of_its_range(changes: dict[str, object]) -> None:
    (told,) = mistakes(preset(**changes))
    assert told.startswith(next(iter(changes)))


@pytest.mark.parametrize(
    "changes",
    [
        {"file": "../a.wav"}, {"file": "/a.wav"}, {"file": "a/b.wav"}, {"file": "a\\b.wav"}, {"file": ".a.wav"}, {"file": "a"},
        {"file": "c:a.wav"}, {"file": ""}, {"file": "a.wav\n"}, {"file": "con .wav"}, {"file": "a" * 90 + ".wav"},
        {"digest": "0" * 63}, {"digest": "A" * 64}, {"digest": ""}, {"transcript": ""}, {"transcript": "x" * 4097},
        {"mode": "both"}, {"consent": "x" * 4097}, {"path": "a.wav"},
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_reference(changes: dict[str, object]) -> None:
    told = mistakes(cloned(**changes))
    assert told.keys() == {f"reference.{next(iter(changes))}"}


def test_too_many_shares() -> None:
    share = {"voice": "a", "weight": 1}
    assert parsed(preset(kind="mix", shares=[share] * 32)).shares == (Share("a", 1.0),) * 32
    assert mistakes(preset(kind="mix", shares=[share] * 33)).keys() == {"shares"}


@pytest.mark.parametrize(
    "profile",
    [
        Profile("a", "A", "clone", ("en",), "", ""),
        replace(design(), label="two\nlines"),
        design(defaults=Defaults(speed=float("nan"))),
        design(defaults=Defaults(sampling={"x": object()})),  # type: ignore[dict-item]
        design(origin="\ud800"),
        design(description=""),
        design(emotions={"sad": "x" * 5000}),
    ],
)
def test_what_would_not_be_read_is_not_written(profile: Profile) -> None:
    with pytest.raises(BrokenProfile):
        written(profile)


json_like: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@given(st.sampled_from([*preset(), "defaults", "reference", "shares", "emotions", "aliases", "origin"]), json_like)
def test_whatever_stands_there_is_a_profile_or_a_mistake(field: str, value: Any) -> None:
    try:
        assert parsed({**preset(), field: value})
    except BrokenProfile as error:
        assert str(error)
        assert error.problems


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    with pytest.raises(BrokenProfile):
        read(data)


def test_ids_are_seen() -> None:
    assert see_id("anna-2") == "anna-2"
    with pytest.raises(BrokenProfile, match="'Anna 2' is no voice id"):
        see_id("Anna 2")
