"""A transcription service, as OpenAI has it, that knows what it may hear: it tells sentences apart by how long they take.

A recording for it is made of these sentences with a second of silence and more between them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import soxr
from clips import RATE, Samples, silence, spoken

from outputs.decoder import decode

SAID = (
    "Good morning.",
    "The washing machine is ready now.",
    "In the morning it comes back and looks for something to eat.",
    "I once knew a man who sailed around the world alone in a very small boat.",
)
# What is heard of the end of one sentence, and the silence in the middle of none is as long.
_APART_S = 0.7


def edges(samples: Samples, rate: int) -> list[tuple[float, float]]:
    """Where it is loud, in seconds."""
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    if not len(loud):
        return []
    cuts = np.flatnonzero(np.diff(loud) > _APART_S * rate)
    begins, ends = [loud[0], *loud[cuts + 1]], [*loud[cuts], loud[-1]]
    return [(int(begin) / rate, int(end) / rate) for begin, end in zip(begins, ends, strict=True)]


def sentence(text: str) -> Samples:
    """By the built-in voice, without the silence around it."""
    samples = spoken("heart", text)
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    return samples[loud[0] : loud[-1] + 1]


def recording(texts: Sequence[str], gap_s: float = 1.2, rate: int = 16_000) -> Samples:
    """These sentences, with silence before, between and behind them."""
    parts = [silence(gap_s)]
    for text in texts:
        parts += [sentence(text), silence(gap_s)]
    return soxr.resample(np.concatenate(parts), RATE, rate).astype(np.float32)


class Transcriber(ThreadingHTTPServer):
    """Answers at `url`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Clerk)
        self.forms: list[dict[str, Any]] = []
        """Every form that came, its file aside."""
        self.said: Mapping[str, float] = {text: len(sentence(text)) / RATE for text in SAID}
        self.answer: Callable[[dict[str, Any]], tuple[int, dict[str, Any]]] = lambda found: (200, found)
        """What becomes of what was heard, before it is sent; a status and an answer."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def heard(self, wav: bytes) -> dict[str, Any]:
        found = decode(wav, max_seconds=600)
        segments, words = [], []
        for begin, end in edges(found.samples, found.sample_rate):
            text = min(self.said, key=lambda text: abs(self.said[text] - (end - begin)))
            segments.append({"start": begin, "end": end, "text": f" {text}"})
            letters, at = len(text.replace(" ", "")), begin
            for word in text.split():
                until = at + (end - begin) * len(word) / letters
                words.append({"word": word.strip(".").lower(), "start": at, "end": until})
                at = until
        text = "".join(segment["text"] for segment in segments)
        return {"text": text, "language": "english", "segments": segments, "words": words}


class _Clerk(BaseHTTPRequestHandler):
    server: Transcriber

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts: dict[str, Any] = {}
        for part in message_from_bytes(head + body, policy=policy.HTTP).iter_parts():
            parts[str(part.get_param("name", header="content-disposition"))] = part.get_payload(decode=True)
        wav = parts.pop("file")
        self.server.forms.append(parts)
        status, found = self.server.answer(self.server.heard(wav))
        data = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def transcriber() -> Iterator[Transcriber]:
    with Transcriber() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
