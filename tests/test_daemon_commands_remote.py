"""The daemon that runs already, and what may answer in its place."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from daemon.commands import remote
from daemon.faults import Malformed
from daemon.utterance import Utterance
from models.backend import EngineUnavailable

ALIVE = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
BEGUN = b"HTTP/1.1 200 OK\r\nX-Sample-Rate: 24000\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n"


@contextmanager
def answering(*answers: bytes) -> Iterator[str]:
    """A server that gives one connection after the other its answer and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for answer in answers:
                connection, _ = server.accept()
                with connection:
                    connection.recv(65_536)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join(30)


@pytest.mark.parametrize("cut", [b"", b"4\r\nab", b"4\r\n", b"zz\r\n"])
def test_a_daemon_that_dies_in_the_middle_is_an_error_after_its_audio(cut: bytes) -> None:
    with answering(ALIVE, BEGUN + cut) as address:
        daemon = remote.find(address, None, asked=True)
        assert daemon is not None
        heard = bytearray()
        with pytest.raises(EngineUnavailable, match="broke off"):
            for pcm in daemon.speak(Utterance("Hi")):
                heard += pcm
        assert heard.startswith(b"abcd")


@pytest.mark.parametrize("answer", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"])
def test_whatever_answers_there_is_not_taken_for_a_voice(answer: bytes) -> None:
    with answering(ALIVE, answer) as address:
        daemon = remote.find(address, None, asked=True)
        assert daemon is not None
        with pytest.raises(EngineUnavailable):
            list(daemon.speak(Utterance("Hi")))


@pytest.mark.parametrize("address", ["127.0.0.1:1", "127.0.0.1:port", "127.0.0.1:99999", "a b:1", "[::1"])
def test_an_address_without_a_daemon(address: str) -> None:
    assert remote.find(address, None, asked=False) is None
    with pytest.raises(EngineUnavailable, match="no daemon answers"):
        remote.find(address, None, asked=True)


def test_a_door_that_is_shut_is_not_looked_for() -> None:
    assert remote.find("none", None, asked=False) is None


@pytest.mark.parametrize("key", ["ключ", "two\nlines"])
def test_a_key_that_no_header_can_carry(key: str) -> None:
    with answering(ALIVE) as address, pytest.raises(Malformed, match="plain ASCII"):
        remote.find(address, key, asked=True)
