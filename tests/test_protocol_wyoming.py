"""The Wyoming grammar: what arrives whole, byte by byte or with left-overs means the same."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies

from daemon.faults import CallerMistake, Fault, TextTooLong
from protocol import events
from protocol.frames import MAX_HEADER, MAX_PAYLOAD, ProtocolMistake
from protocol.wyoming import (
    Connection,
    Describe,
    Ping,
    Plain,
    Request,
    State,
    StreamStart,
    StreamStop,
    StreamText,
    VoiceWish,
)
from tests.doors import wire
from tests.feeding import three_ways

CONVERSATION = b"".join(
    [
        b'{"type":"describe"}\n',
        b"\r\n",
        wire("ping", {"text": "☃"}),
        wire("mic", {"rate": 16000}, payload_length=5) + b"\n{}\n\x00",
        wire("synthesize", {"text": "Héllo.", "voice": {"name": "amy", "speaker": "x", "language": "de"}}),
        wire("synthesize-start", data={"voice": {"language": "en_US"}, "context": {"id": 1}}),
        wire("synthesize-chunk", {"text": "a"}),
        wire("synthesize-chunk", {"text": ""}),
        wire("synthesize", {"text": "the whole text"}),
        wire("synthesize-stop"),
        b'{"type":"synthesize-start","data_length":0,"payload_length":null,"data":null}\n',
        wire("synthesize-stop", payload_length=3) + b"abc",
    ]
)
MEANING = [
    Describe(),
    Ping("☃"),
    Plain("Héllo.", VoiceWish("amy", "x")),
    StreamStart(VoiceWish(language="en_US")),
    StreamText("a"),
    StreamStop(),
    StreamStart(),
    StreamStop(),
]


THREE_WAYS = pytest.mark.parametrize("way", ["whole", "one at a time", "left over"])


def hear(way: str, data: bytes, max_text: int = 1000) -> tuple[list[Request], Exception | None]:
    """What is understood of `data`, and the mistake it ends with."""
    connection, heard = Connection(max_text), []
    try:
        for piece in three_ways(data)[way]:
            for request in connection.receive(piece):
                heard.append(request)  # noqa: PERF402 - what came before a mistake counts
    except CallerMistake as mistake:
        return heard, mistake
    return heard, None


@THREE_WAYS
def test_a_conversation_means_the_same_however_it_is_cut(way: str) -> None:
    assert hear(way, CONVERSATION) == (MEANING, None)


@THREE_WAYS
@pytest.mark.parametrize(
    "broken",
    [
        b"nonsense\n",
        b"[]\n",
        b"7\n",
        b"[" * 50_000 + b"\n",
        b'{"type":' + b"[" * 30_000 + b"\n",
        b'{"data":{}}\n',
        b'{"type":null}\n',
        b'{"type":"describe","data":[]}\n',
        b'{"type":"describe","data_length":-5}\n',
        b'{"type":"describe","data_length":2.0}\n',
        b'{"type":"describe","data_length":"2"}\n',
        b'{"type":"describe","data_length":2}\n[]',
        b'{"type":"describe","data_length":3}\n{"x',
        b'{"type":"describe","payload_length":%d}\n' % (MAX_PAYLOAD + 1),
        b'{"type":"describe"\xff}\n',
        wire("ping", {"text": 5}),
        wire("synthesize", {}),
        wire("synthesize", {"text": ["a"]}),
        wire("synthesize", {"text": "a", "voice": 5}),
        wire("synthesize-start", {"voice": {"language": 5}}),
        wire("synthesize-chunk", {"text": "no start"}),
        wire("synthesize-stop"),
    ],
)
def test_what_came_before_a_mistake_is_understood(way: str, broken: bytes) -> None:
    heard, mistake = hear(way, wire("describe") + broken)
    assert heard == [Describe()]
    assert isinstance(mistake, ProtocolMistake)


@THREE_WAYS
@pytest.mark.parametrize("again", ["synthesize-start", "synthesize-chunk"])
def test_mistakes_inside_a_stream(way: str, again: str) -> None:
    heard, mistake = hear(way, wire("synthesize-start") + wire(again))
    assert heard == [StreamStart()]
    assert isinstance(mistake, ProtocolMistake)


def test_a_header_line_ends_before_the_limit() -> None:
    def line(size: int) -> bytes:
        return b'{"type":"ping","data":{"text":"' + b"x" * (size - 36) + b'"}}\n'

    assert len(line(MAX_HEADER)) <= MAX_HEADER
    assert hear("whole", line(MAX_HEADER))[1] is None
    assert isinstance(hear("whole", line(MAX_HEADER + 10))[1], ProtocolMistake)
    assert isinstance(hear("whole", b"x" * MAX_HEADER)[1], ProtocolMistake)


def test_nothing_is_kept_of_a_payload() -> None:
    connection = Connection(10)
    list(connection.receive(wire("mic", payload_length=MAX_PAYLOAD)))
    for _ in range(MAX_PAYLOAD // 1024):
        assert connection.unfinished is not None
        list(connection.receive(bytes(1024)))
        assert len(connection._frames._buffer) == 0
    assert connection.unfinished is None
    assert list(connection.receive(wire("describe"))) == [Describe()]


@THREE_WAYS
def test_too_much_text_is_refused(way: str) -> None:
    stream = wire("synthesize-start") + wire("synthesize-chunk", {"text": "x" * 6}) * 2
    for data in (wire("synthesize", {"text": "x" * 11}), stream):
        _, mistake = hear(way, data, max_text=10)
        assert isinstance(mistake, TextTooLong)


def test_data_that_could_hold_no_legal_text_is_refused_before_it_arrives() -> None:
    _, mistake = hear("whole", b'{"type":"synthesize","data_length":100000000}\n')
    assert isinstance(mistake, TextTooLong)


def test_the_longest_legal_text_fits_however_it_is_spelled() -> None:
    text = "😀" * 5000
    heard, mistake = hear("whole", wire("synthesize", {"text": text}), max_text=5000)
    assert (heard, mistake) == ([Plain(text)], None)


def test_the_count_of_a_stream_starts_anew() -> None:
    stream = wire("synthesize-start") + wire("synthesize-chunk", {"text": "x" * 9}) + wire("synthesize-stop")
    assert hear("whole", stream * 3, max_text=10)[1] is None


@pytest.mark.parametrize(
    ("voice", "wish"),
    [
        (None, VoiceWish()),
        ({}, VoiceWish()),
        ({"name": None, "language": None}, VoiceWish()),
        ({"name": " ", "language": "de"}, VoiceWish(language="de")),
        ({"name": "amy"}, VoiceWish("amy")),
        ({"name": "amy", "speaker": ""}, VoiceWish("amy")),
        ({"speaker": "lonely"}, VoiceWish()),
        ({"language": "de", "later": [1]}, VoiceWish(language="de")),
    ],
)
def test_voices(voice: object, wish: VoiceWish) -> None:
    assert hear("whole", wire("synthesize", {"text": "a", "voice": voice})) == ([Plain("a", wish)], None)


def test_half_characters_are_joined_or_replaced() -> None:
    high, low = "\ud83d", "\ude00"
    assert hear("whole", wire("synthesize", {"text": f"a{high}b{low}"}))[0] == [Plain("a\ufffdb\ufffd")]
    pieces = (f"a{high}", f"{low}b", high, "c", high)
    stream = wire("synthesize-start") + b"".join(wire("synthesize-chunk", {"text": p}) for p in pieces)
    heard = hear("whole", stream)[0]
    assert heard == [StreamStart(), StreamText("a"), StreamText("😀b"), StreamText("\ufffdc")]


def test_the_end_is_a_mistake_in_the_middle_only() -> None:
    for data in (b"", wire("describe"), wire("synthesize-start") + wire("synthesize-stop")):
        connection = Connection(10)
        list(connection.receive(data))
        connection.receive_eof()
    for data in (b"{", b'{"type":"x","data_length":2}\n{', wire("synthesize-start")):
        connection = Connection(10)
        list(connection.receive(data))
        with pytest.raises(ProtocolMistake):
            connection.receive_eof()


def test_a_broken_conversation_stays_broken() -> None:
    connection = Connection(10)
    with pytest.raises(ProtocolMistake):
        list(connection.receive(b"nonsense\n"))
    assert connection.state is State.BROKEN
    with pytest.raises(ProtocolMistake):
        list(connection.receive(wire("describe")))


@given(strategies.binary(max_size=300), strategies.integers(1, 50))
def test_noise_never_breaks_the_reader(noise: bytes, size: int) -> None:
    connection = Connection(10)
    try:
        for at in range(0, len(noise), size):
            list(connection.receive(noise[at : at + size]))
        connection.receive_eof()
    except CallerMistake as mistake:
        assert 0 < len(str(mistake)) < 300
    assert connection.state is State.BROKEN
    with pytest.raises(ProtocolMistake, match="over"):
        list(connection.receive(noise))


# --- what is answered --------------------------------------------------------------------------------------


def test_data_stands_behind_the_header() -> None:
    line, block = events.encode("pong", {"text": "☃\n"}).split(b"\n", 1)
    header = json.loads(line)
    assert "data" not in header
    assert header["data_length"] == len(block)
    assert json.loads(block) == {"text": "☃\n"}


def test_what_no_encoding_can_hold_is_sent_all_the_same() -> None:
    assert json.loads(events.pong("\ud800").split(b"\n", 1)[1]) == {"text": "?"}


def test_an_error_says_text_and_code() -> None:
    block = events.error(Fault("some_code", 422, "Some text.")).split(b"\n", 1)[1]
    assert json.loads(block) == {"text": "Some text.", "code": "some_code"}


def test_audio_starts_once_and_counts_its_samples() -> None:
    audio = events.Audio(24_000, 1000)
    first = audio.pcm(bytes(2 * 2400))
    assert first.count(b'"audio-start"') == 1
    assert first.count(b'"audio-chunk"') == 3
    assert b'"timestamp": 83}' in first
    assert audio.start() == b""
    assert b'"timestamp": 100}' in audio.stop()
    assert events.Audio(24_000, 1000).stop().count(b'"audio-start"') == 1
