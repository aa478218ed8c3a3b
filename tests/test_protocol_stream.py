"""The WebSocket conversation, without a socket: the table is walked move by move."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.faults import UnknownVoice
from protocol.stream import MOVES, Cancel, Conversation, EndText, Move, Refused, Start, State, Text

START = '{"type":"start","text":"Hello."}'
WRITING = '{"type":"start"}'
FRAMES = {
    Move.START: START,
    Move.START_WRITING: WRITING,
    Move.TEXT: '{"type":"text","text":"a"}',
    Move.END_TEXT: '{"type":"end_text"}',
    Move.CANCEL: '{"type":"cancel"}',
}


def talk(*frames: str) -> Conversation:
    conversation = Conversation(max_text=100)
    for frame in frames:
        assert not isinstance(conversation.receive(frame), Refused)
    return conversation


def over(*frames: str) -> Conversation:
    conversation = talk(*frames)
    conversation.end("stop")
    return conversation


REACHED = {
    State.FRESH: lambda: talk(),
    State.WRITING: lambda: talk(WRITING),
    State.SPEAKING: lambda: talk(START),
    State.ENDED: lambda: over(START),
}


def told(event: object) -> list[dict[str, Any]]:
    assert isinstance(event, Refused)
    return [json.loads(frame) for frame in event.frames]


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("move", Move)
def test_every_state_and_every_move(state: State, move: Move) -> None:
    conversation = REACHED[state]()
    event = conversation.receive(FRAMES[move])
    if move in MOVES[state]:
        assert not isinstance(event, Refused)
        assert conversation.state is MOVES[state][move]
    else:
        frames = told(event)
        assert frames[0]["type"] == "error"
        assert [frame["type"] for frame in frames[1:]] == ([] if conversation.speaking else ["end"])
        assert conversation.state is state


def test_a_start_with_its_text() -> None:
    event = talk().receive(
        '{"type":"start","text":"Hi.","voice":"tone","seed":5,"format":"mp3","priority":"reply","new":1}'
    )
    assert isinstance(event, Start)
    assert not event.writing
    spoken = event.utterance
    assert (spoken.text, spoken.voice, spoken.seed, spoken.format) == ("Hi.", "tone", 5, "mp3")
    assert spoken.door == "websocket"


def test_pcm16_is_what_is_sent_when_nothing_is_said() -> None:
    for format_field in ("", ',"format":"pcm16"', ',"format":null', ',"format":"pcm"'):
        event = talk().receive(f'{{"type":"start","text":"a"{format_field}}}')
        assert isinstance(event, Start)
        assert event.utterance.format == "pcm"


def test_the_studio_says_who_it_is() -> None:
    event = talk().receive('{"type":"start","text":"a","client":"studio"}')
    assert isinstance(event, Start)
    assert event.utterance.door == "studio"


def test_a_text_in_pieces() -> None:
    conversation = talk()
    start = conversation.receive(WRITING)
    assert isinstance(start, Start)
    assert start.writing
    assert conversation.receive('{"type":"text","text":"Hel"}') == Text("Hel")
    assert conversation.receive('{"type":"text","text":""}') == Text("")
    assert conversation.receive('{"type":"end_text"}') == EndText()
    assert conversation.receive('{"type":"cancel"}') == Cancel()
    assert json.loads(conversation.end("cancelled"))["reason"] == "cancelled"


def test_what_crosses_the_end_on_the_wire_means_nothing() -> None:
    conversation = over(WRITING)
    for move in (Move.TEXT, Move.END_TEXT, Move.CANCEL):
        assert conversation.receive(FRAMES[move]) is None
    assert isinstance(conversation.receive(START), Start)


def test_a_text_too_long_is_passed_on_once_and_then_dropped() -> None:
    conversation = talk(WRITING)
    piece = json.dumps({"type": "text", "text": "x" * 60})
    assert [conversation.receive(piece) for _ in range(3)] == [Text("x" * 60), Text("x" * 60), None]
    conversation.end("error")
    conversation.receive(WRITING)
    assert conversation.receive(piece) == Text("x" * 60)


def test_a_second_start_is_busy_and_disturbs_nobody() -> None:
    conversation = talk(START)
    frames = told(conversation.receive('{"type":"start","text":7}'))
    assert [(frame["type"], frame["code"]) for frame in frames] == [("error", "busy")]
    assert conversation.state is State.SPEAKING


def test_a_broken_start_ends_with_an_error_and_the_next_one_works() -> None:
    conversation = talk()
    error, end = told(conversation.receive('{"type":"start","text":7,"speed":99}'))
    assert (error["type"], error["code"]) == ("error", "malformed")
    assert {problem["path"] for problem in error["details"]} == {"text", "speed"}
    assert (end["type"], end["reason"], end["artifacts"]) == ("end", "error", [])
    assert isinstance(conversation.receive(START), Start)


@pytest.mark.parametrize(
    "frame",
    [
        "", "hello", "[]", "null", "{}", '{"type":5}', '{"type":"stop"}', '{"type":"start"',
        '{"type":"\\ud800"}',
        "[" * 50_000, '{"type":"header"}', b"", b"\x00\x01", b'{"type":"cancel"}',
    ],
)  # fmt: skip
def test_what_is_not_understood_is_an_error(frame: str | bytes) -> None:
    assert [answer["type"] for answer in told(talk().receive(frame))] == ["error", "end"]
    running = talk(START)
    assert [answer["type"] for answer in told(running.receive(frame))] == ["error"]
    assert running.state is State.SPEAKING


def test_a_failure_of_the_core_is_told_as_rest_tells_it() -> None:
    conversation = talk(START)
    (frame,) = conversation.fail(UnknownVoice("no voice is called 'x'"))
    assert json.loads(frame) == {
        "type": "error", "code": "unknown_voice", "message": "no voice is called 'x'", "details": [],
    }  # fmt: skip
    (frame,) = conversation.fail(ZeroDivisionError("secret"))
    assert json.loads(frame)["code"] == "internal_error"
    assert "secret" not in frame


def test_header_and_end_as_the_contract_shows_them() -> None:
    conversation = talk(START)
    header = json.loads(conversation.header({"request_id": "r", "sample_rate": 24000, "voice": "tone", "seed": 1}))
    assert header == {"type": "header", "request_id": "r", "sample_rate": 24000, "voice": "tone", "seed": 1}
    end = json.loads(conversation.end("stop", {"run_id": "x", "timing": {"rtf": 0.1}, "artifacts": ["audio.wav"]}))
    assert end == {
        "type": "end", "reason": "stop", "run_id": "x", "seed": None, "timing": {"rtf": 0.1}, "artifacts": ["audio.wav"],
    }  # fmt: skip
    assert conversation.state is State.ENDED


@given(st.lists(st.sampled_from([*FRAMES.values(), "junk", '{"type":"x"}', b"\x00"]) | st.text(max_size=20)))
def test_any_client_gets_events_or_errors_and_the_state_stays_sound(frames: list[str | bytes]) -> None:
    conversation = Conversation(max_text=10)
    for frame in frames:
        was_speaking = conversation.speaking
        event = conversation.receive(frame)
        if isinstance(event, Start):
            assert not was_speaking
        if isinstance(event, Text | EndText | Cancel):
            assert was_speaking
        if isinstance(event, Cancel):
            conversation.end("cancelled")
