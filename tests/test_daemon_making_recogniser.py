"""Who hears what is said in a recording."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from clips import SHORT, silence, spoken, wav

from daemon import settings
from daemon.faults import describe
from daemon.making.recogniser import Heard, RecogniserUnavailable, Segment, Service, Whisper, recogniser
from outputs.decoder import UnreadableAudio

VERBOSE = {
    "task": "transcribe", "language": "en", "text": " Good morning. ",
    "segments": [{"id": 0, "start": 0.0, "end": 1.5, "text": " Good morning."}],
}  # fmt: skip


class Desk(ThreadingHTTPServer):
    """A transcription service that answers what it is told to, and keeps what it was asked."""

    daemon_threads = True
    status, answer = 200, json.dumps(VERBOSE).encode()
    plain = 0
    """What it answers when it is asked for the times of words; 0 gives them."""
    path = ""
    fields: dict[str, Any]
    asked: list[list[str]]
    """The names of the fields of every form."""


class Clerk(BaseHTTPRequestHandler):
    server: Desk

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        form = message_from_bytes(head + body, policy=policy.HTTP)
        self.server.path, self.server.fields, asked = self.path, {}, list[str]()
        for part in form.iter_parts():
            name = str(part.get_param("name", header="content-disposition"))
            self.server.fields[name] = part.get_payload(decode=True)
            asked.append(name)
        self.server.asked.append(asked)
        refused = self.server.plain and "timestamp_granularities[]" in asked
        self.send_response(self.server.plain if refused else self.server.status)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk(("127.0.0.1", 0), Clerk) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def url(desk: Desk) -> str:
    return f"http://127.0.0.1:{desk.server_port}/v1"


@pytest.mark.parametrize(
    ("setting", "kind"),
    [
        (None, type(None)),
        ("whisper", Whisper),
        ("whisper:~/models/small", Whisper),
        ("http://127.0.0.1:8000/v1", Service),
        ("https://speech.example/v1#large", Service),
    ],
)
def test_what_the_setting_means(setting: str | None, kind: type) -> None:
    written = settings.read({"recogniser": setting or "none"}, environ={}).recogniser
    assert written == setting
    assert isinstance(recogniser(written), kind)


@pytest.mark.parametrize("wrong", ["vosk", "whisper-large", "ftp://host/v1", "http:/", "http://"])
def test_what_the_setting_cannot_mean(wrong: str) -> None:
    with pytest.raises((settings.SettingsMistake, ValueError)):
        recogniser(settings.read({"recogniser": wrong}, environ={}).recogniser)


async def test_a_service_is_asked_as_openai_is(desk: Desk) -> None:
    data = wav(silence(0.1))
    heard = await Service(url(desk)).heard(data, "de-DE")
    assert heard == Heard("Good morning.", "en", (Segment(0.0, 1.5, "Good morning."),))
    assert desk.path == "/v1/audio/transcriptions"
    assert desk.fields == {"model": b"whisper-1", "response_format": b"verbose_json", "language": b"de", "file": data}


async def test_a_service_may_be_told_a_model_and_no_language(desk: Desk) -> None:
    await Service(url(desk) + "/#large").heard(b"RIFF", None)
    assert desk.path == "/v1/audio/transcriptions"
    assert desk.fields["model"] == b"large"
    assert "language" not in desk.fields


async def test_a_service_may_answer_the_text_alone(desk: Desk) -> None:
    desk.answer = b'{"text": "Hello", "language": "english"}'
    assert await Service(url(desk)).heard(b"RIFF", None, words=True) == Heard("Hello", "en")
    desk.answer = b'{"text": "Hei", "language": "finnish"}'
    assert await Service(url(desk)).heard(b"RIFF", None) == Heard("Hei")


async def test_a_service_may_tell_the_times_of_words(desk: Desk) -> None:
    words = [{"word": "Good", "start": 0.1, "end": 0.5}, {"word": " morning", "start": 0.5, "end": 1.5}]
    desk.answer = json.dumps({**VERBOSE, "words": words}).encode()
    service = Service(url(desk))
    heard = await service.heard(b"RIFF", "en", words=True)
    assert heard.words == (Segment(0.1, 0.5, "Good"), Segment(0.5, 1.5, "morning"))
    assert heard.segments == (Segment(0.0, 1.5, "Good morning."),)
    assert desk.asked[-1].count("timestamp_granularities[]") == 2
    assert (await service.heard(b"RIFF", "en")).words == ()
    assert "timestamp_granularities[]" not in desk.asked[-1]


@pytest.mark.parametrize("status", [400, 422])
async def test_a_service_that_knows_no_times_of_words_is_asked_without_and_not_again(desk: Desk, status: int) -> None:
    desk.plain = status
    service = Service(url(desk))
    for _ in range(2):
        assert await service.heard(b"RIFF", None, words=True) == Heard(
            "Good morning.", "en", (Segment(0.0, 1.5, "Good morning."),)
        )
    assert ["timestamp_granularities[]" in asked for asked in desk.asked] == [True, False, False]
    desk.plain, desk.status = 500, 500
    with pytest.raises(RecogniserUnavailable, match="answers 500"):
        await Service(url(desk)).heard(b"RIFF", None, words=True)


@pytest.mark.parametrize(
    ("status", "answer", "told"),
    [
        (500, b"out of memory", "answers 500: out of memory"),
        (200, b"<html>", "something else"),
        (200, b"[1]", "something else"),
        (200, b"{}", "something else"),
        (200, b'{"text": "x", "segments": [{"start": "soon"}]}', "something else"),
        (200, b'{"text": "x", "segments": 3}', "something else"),
        (200, b'{"text": "x", "words": [{"word": "x"}]}', "something else"),
    ],
)
async def test_a_service_that_fails_is_told(desk: Desk, status: int, answer: bytes, told: str) -> None:
    desk.status, desk.answer = status, answer
    with pytest.raises(RecogniserUnavailable, match=told):
        await Service(url(desk)).heard(b"RIFF", None, words=True)


async def test_a_service_that_is_not_there_is_told(desk: Desk) -> None:
    address = url(desk)
    desk.server_close()
    with pytest.raises(RecogniserUnavailable, match="does not answer"):
        await Service(address).heard(b"RIFF", None)


async def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper")
    for folder in (tmp_path / "none", tmp_path):
        with pytest.raises(RecogniserUnavailable, match=r"folder|loaded"):
            await Whisper(folder).heard(wav(silence(0.5)), None)


async def test_whisper_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    with pytest.raises(RecogniserUnavailable, match=r"voiced\[hearing\]"):
        await Whisper().heard(wav(silence(0.5)), None)


async def test_what_is_no_recording_is_refused_before_anything_is_loaded() -> None:
    with pytest.raises(UnreadableAudio):
        await Whisper(Path("/nowhere")).heard(b"hello", None)


def test_a_door_calls_it_a_service_that_is_away() -> None:
    fault = describe(RecogniserUnavailable("it sleeps"))
    assert (fault.code, fault.status, fault.message) == ("recogniser_unavailable", 503, "it sleeps")


def test_nothing_heavy_comes_along() -> None:
    heavy = {"av", "soxr", "faster_whisper"}
    program = "import sys; from daemon.making.recogniser import recogniser; recogniser('whisper'); "
    program += f"print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.hearing
@pytest.mark.filterwarnings("default")
async def test_whisper_hears_what_is_said_and_when() -> None:
    whisper = Whisper()
    heard = await whisper.heard(wav(spoken("heart", SHORT)), "en-US")
    assert "brown fox jumps over the lazy dog" in heard.text
    assert heard.language == "en"
    assert heard.segments[0].begin < 1 < heard.segments[-1].end < 6
    assert heard.words == ()
    timed = (await whisper.heard(wav(spoken("heart", SHORT)), "en-US", words=True)).words
    assert [word.text for word in timed][:4] == ["The", "quick", "brown", "fox"]
    assert all(0 <= word.begin <= word.end <= 6 for word in timed)
    assert all(one.end <= other.begin for one, other in pairwise(timed))
    assert (await whisper.heard(wav(spoken("pico-de")), None)).language == "de"
    with pytest.raises(RecogniserUnavailable, match="xx"):
        await whisper.heard(wav(spoken("heart", SHORT)), "xx")
