"""The messages: every mistake at once, with its path, and nothing that breaks the parser."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon import speech as core
from daemon.faults import Malformed
from daemon.utterance import KNOBS, MAX_TAKES, Priority, Subtitles
from models import sampling
from outputs import audio, tempo
from protocol import schemas
from protocol.schemas import OpenAISpeech, Speech, parse
from protocol.stream import StartMessage
from protocol.tasks import CustomVoice

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def mistakes(body: bytes | dict[str, object], kind: type[Speech] | type[OpenAISpeech] = Speech) -> dict[str, str]:
    with pytest.raises(Malformed) as caught:
        parse(kind, body if isinstance(body, bytes) else json.dumps(body).encode())
    return {detail.path: detail.message for detail in caught.value.details}


def test_the_limits_are_those_of_the_core() -> None:
    assert (schemas.MIN_SPEED, schemas.MAX_SPEED) == (tempo.MIN_SPEED, tempo.MAX_SPEED)
    assert schemas.MAX_SEED == core.MAX_SEED
    assert set(schemas.FORMATS) == set(audio.FORMATS)
    assert get_args(Subtitles) == schemas.SUBTITLES
    assert {Priority[name.upper()] for name in schemas.PRIORITIES} == set(Priority)


def test_all_mistakes_come_at_once_with_their_paths() -> None:
    found = mistakes(
        {
            "text": 5,
            "seed": -1,
            "speed": 9,
            "priority": "soon",
            "sampling": {"top_k": "many", "topp": 1, "top_p": 2},
        }
    )
    assert set(found) == {
        "text", "seed", "speed", "priority", "sampling.top_k", "sampling.topp", "sampling.top_p",
    }  # fmt: skip
    assert found["sampling.topp"] == "there is no such field"
    assert "less than or equal to 4" in found["speed"]


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"nonsense", b"[]", b'"text"', b"1", b"null", b"\xff\xfe", b"{", b'{"text":',
        b'{"text":"a"}}',
        b'{"text":"\xed\xa0\x80"}', b'{"text":"a","speed":NaN}',
        b'{"text":"a","speed":Infinity}', b'{"text":"a","speed":1e999}', b"[" * 100_000, b'{"a":' * 100_000,
        b'{"text":"a","seed":' + b"9" * 5000 + b"}", b'{"text":"a","seed":true}', b'{"text":["a"]}',
        b"{'text':'a'}",
    ],
)  # fmt: skip
def test_broken_bodies_are_malformed(body: bytes) -> None:
    assert mistakes(body)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'\xef\xbb\xbf{"text":"a"}', "a"),
        (b'{"text":"a","text":"b"}', "b"),
        (b'{"text":"\\ud83d\\ude00"}', "😀"),
        (b'{"text":"\\u0000"}', "\0"),
        (b'{"text":"a","unknown":{"deep":[1]},"voice":null,"sampling":null}', "a"),
        ('{"text":"Привет"}'.encode(), "Привет"),
    ],
)
def test_odd_bodies_that_work(body: bytes, text: str) -> None:
    assert parse(Speech, body).text == text


@given(st.dictionaries(st.sampled_from([*Speech.model_fields, "other"]), ANYTHING))
def test_any_json_is_a_message_or_a_list_of_mistakes(body: dict[str, object]) -> None:
    try:
        asked = parse(Speech, json.dumps(body))
    except Malformed as error:
        assert error.details
        json.dumps(str(error)).encode("ascii")
    else:
        assert asked.utterance(asked.text, "wav", "rest").text == body["text"]


@given(st.binary(max_size=60))
def test_any_bytes_are_refused_or_read(body: bytes) -> None:
    try:
        parse(OpenAISpeech, body)
    except Malformed as error:
        assert error.details


def test_a_body_full_of_mistakes_is_told_briefly() -> None:
    found = mistakes({"text": "a", "sampling": {f"field{number}": 1 for number in range(5000)}})
    assert len(found) == schemas.MAX_DETAILS


def test_everything_a_request_may_say_reaches_the_utterance() -> None:
    asked = parse(
        Speech,
        b'{"text":"a","voice":"v","language":"de","instruct":"softly","seed":7.0,"speed":2,"model":"m",'
        b'"priority":"reply","deadline_ms":1500,"sampling":{"top_k":0,"do_sample":false,"temperature":1}}',
    )
    spoken = asked.utterance("a", "mp3", "studio", "id")
    assert (spoken.text, spoken.voice, spoken.language, spoken.instruct) == ("a", "v", "de", "softly")
    assert (spoken.seed, spoken.speed, spoken.model, spoken.priority) == (7, 2.0, "m", Priority.REPLY)
    assert (spoken.deadline_s, spoken.format, spoken.door, spoken.request_id) == (1.5, "mp3", "studio", "id")
    assert spoken.sampling == {"top_k": 0, "do_sample": False, "temperature": 1.0}


def test_a_bare_request_leaves_everything_to_the_house() -> None:
    spoken = parse(Speech, b'{"text":"a"}').utterance("a", "wav", "rest")
    assert (spoken.voice, spoken.language, spoken.seed, spoken.speed) == (None, None, None, None)
    assert (spoken.priority, spoken.deadline_s, dict(spoken.sampling)) == (Priority.INTERACTIVE, None, {})


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (True, ("srt", "vtt")),
        (False, ()),
        (None, ()),
        ([], ()),
        (["vtt"], ("vtt",)),
        (["words", "srt", "words"], ("words", "srt")),
    ],
)
def test_subtitles_are_all_or_some(given: object, wanted: tuple[str, ...]) -> None:
    asked = parse(Speech, json.dumps({"text": "a", "subtitles": given}))
    assert asked.utterance("a", "wav", "rest").subtitles == wanted


@pytest.mark.parametrize("given", ["srt", 1, ["ass"], [True], {"srt": True}, ["srt"] * 4])
def test_subtitles_that_nobody_writes(given: object) -> None:
    assert any(path.startswith("subtitles") for path in mistakes({"text": "a", "subtitles": given}))


def test_what_is_to_be_verified_is_so_at_the_doors_that_wait() -> None:
    assert parse(Speech, b'{"text":"a","verify":3.0}').utterance("a", "wav", "rest").verify == 3
    assert parse(OpenAISpeech, b'{"input":"a","verify":10}').utterance().verify == 10
    (one,) = parse(CustomVoice, b'{"text":"a","verify":2}').utterances("custom-voice", "wav", "rest", "id", 9)
    assert one.verify == 2
    assert parse(Speech, b'{"text":"a","verify":null}').utterance("a", "wav", "rest").verify == 0
    for wrong in (-1, 11, "3", 1.5, True):
        assert "verify" in mistakes({"text": "a", "verify": wrong})
    assert MAX_TAKES == 10
    assert parse(StartMessage, b'{"text":"a","verify":"often"}').utterance("a", "wav", "websocket").verify == 0


def test_the_package_names_are_all_there() -> None:
    contract = (
        "do_sample temperature top_k top_p repetition_penalty subtalker_dosample subtalker_temperature "
        "subtalker_top_k subtalker_top_p max_new_tokens non_streaming_mode"
    )
    assert set(schemas.Sampling.model_fields) == {*contract.split(), "stop_guard"} == set(KNOBS)


@given(
    st.dictionaries(st.sampled_from([*KNOBS, "topp"]), ANYTHING | st.floats(-1, 12) | st.integers(-1, 9000), max_size=4)
)
def test_the_door_and_the_core_take_the_same_sampling(given: dict[str, object]) -> None:
    asked = {name: value for name, value in given.items() if value is not None}
    told = {f"sampling.{name}" for name, _ in sampling.mistakes(asked)}
    whole = {name for name, value in asked.items() if isinstance(value, float) and value.is_integer()}
    try:
        parse(Speech, json.dumps({"text": "a", "sampling": asked}))
    except Malformed as error:
        refused = {".".join(detail.path.split(".")[:2]) for detail in error.details}
        assert refused == told - {f"sampling.{name}" for name in whole} or refused == {""} or refused <= told
    else:
        assert told <= {f"sampling.{name}" for name in whole}  # 5.0 is the whole number 5 in JSON


@pytest.mark.parametrize("voice", ["tone", {"id": "tone"}, {"id": "tone", "more": 1}])
def test_a_voice_as_openai_writes_it(voice: object) -> None:
    asked = parse(OpenAISpeech, json.dumps({"input": "a", "voice": voice}))
    assert asked.utterance().voice == "tone"


@pytest.mark.parametrize("voice", [5, ["tone"], {"id": 5}, {"name": "tone"}])
def test_a_voice_as_nobody_writes_it(voice: object) -> None:
    assert "voice" in mistakes({"input": "a", "voice": voice}, OpenAISpeech)


def test_an_openai_request_as_an_utterance() -> None:
    asked = parse(OpenAISpeech, b'{"input":"a","model":"tts-1","instructions":"calm","speed":0.25,"seed":3}')
    spoken = asked.utterance("id")
    assert (spoken.text, spoken.instruct, spoken.speed, spoken.seed) == ("a", "calm", 0.25, 3)
    assert (spoken.format, spoken.door, spoken.model, spoken.request_id) == ("mp3", "openai", "tts-1", "id")
    assert "stream_format" in mistakes({"input": "a", "stream_format": "mqtt"}, OpenAISpeech)
    assert "input" in mistakes({"model": "tts-1"}, OpenAISpeech)


def test_paths_read_as_they_are_written() -> None:
    assert schemas.path(("items", 3, "text")) == "items[3].text"
    assert schemas.path(()) == ""


def test_json_schemas_refer_to_components() -> None:
    found = schemas.json_schemas({"Speech": Speech})
    assert {"Speech", "Sampling"} <= set(found)
    assert found["Sampling"]["additionalProperties"] is False
    assert "#/components/schemas/Sampling" in json.dumps(found["Speech"])


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (rb'{"text": "Hi \ud83c"}', "Hi \N{REPLACEMENT CHARACTER}"),
        (rb'{"text": "\udf89 Hi \uD83C you."}', "\N{REPLACEMENT CHARACTER} Hi \N{REPLACEMENT CHARACTER} you."),
        (rb'{"text": "\ud83c\udf89"}', "🎉"),
        (rb'{"text": "\ud83c", "speed": 2, "sampling": {"top_k": 3}}', "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_halves_of_characters_do_not_cost_the_rest_of_the_text(sent: bytes, read: str) -> None:
    assert parse(Speech, sent).text == parse(Speech, sent.decode()).text == read


@pytest.mark.parametrize(
    "sent", [rb'{"text": "\ud83c", "seed": NaN}', rb'{"text": "\ud83c"', rb'{"text": "\ud8"}', b"[" * 90_000]
)
def test_what_is_no_json_besides_is_still_refused(sent: bytes) -> None:
    with pytest.raises(Malformed, match=r"JSON|seed"):
        parse(Speech, sent)
