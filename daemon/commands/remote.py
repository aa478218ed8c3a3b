"""The daemon that runs already, asked over its own HTTP door with the standard library's client."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final

from daemon.faults import CallerMistake, Detail, Malformed
from daemon.settings import NONE
from daemon.utterance import Utterance
from models.backend import EngineUnavailable

# A daemon on this machine answers its status in milliseconds; waiting longer would only delay speaking without it.
_FIND_TIMEOUT_S: Final = 0.5
# The server's own deadline for first audio is 30 s, and then it says so itself.
_SPEAK_TIMEOUT_S: Final = 90.0
# Eight takes of an audition on a small machine, behind whoever else speaks.
_WORK_TIMEOUT_S: Final = 900.0
_DATA: Final = b"data: "
_READ_BYTES: Final = 65_536


class Daemon:
    """One that answered."""

    def __init__(self, address: str, headers: dict[str, str]) -> None:
        self._address, self._headers = address, headers
        self.sample_rate = 0
        """Hz; known with the first PCM."""
        self.told: Mapping[str, str] = {}
        """The headers that came before it, by their names in small letters."""

    @contextmanager
    def asked(
        self, method: str, path: str, body: Mapping[str, object] | None = None, *, timeout: float = _WORK_TIMEOUT_S
    ) -> Iterator[http.client.HTTPResponse]:
        """Its answer, to be read within the context. Raises CallerMistake or EngineUnavailable with its own words."""
        connection = http.client.HTTPConnection(self._address, timeout=timeout)
        given = None if body is None else json.dumps({name: value for name, value in body.items() if value is not None})
        try:
            connection.request(method, path, given, {**self._headers, "Content-Type": "application/json"})
            response = connection.getresponse()
            if response.status >= 400:
                raise _refusal(response.status, response.read())
            yield response
        except (http.client.HTTPException, OSError) as error:
            raise EngineUnavailable(f"the daemon broke off: {error}") from error
        finally:
            connection.close()

    def ask(self, method: str, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """What it answers in JSON; it may take minutes."""
        with self.asked(method, path, body) as response:
            try:
                told: dict[str, Any] = json.loads(response.read())
            except ValueError as error:
                raise EngineUnavailable(f"the daemon broke off: {error}") from error
        return told

    def events(self, path: str) -> Generator[dict[str, Any], None, None]:
        """What server-sent events tell, until they end. Raises EngineUnavailable where the daemon goes before that."""
        with self.asked("GET", path) as response:
            for line in response:
                if line.startswith(_DATA):
                    yield json.loads(line.removeprefix(_DATA))
            if not response.isclosed():
                raise EngineUnavailable("the daemon broke off")

    def sound(
        self, path: str, body: Mapping[str, object], *, timeout: float = _WORK_TIMEOUT_S
    ) -> Generator[bytes, None, None]:
        """PCM as it is made, at `sample_rate`; `told` are the answer's headers."""
        with self.asked("POST", path, body, timeout=timeout) as response:
            self.told = {name.lower(): value for name, value in response.headers.items()}
            self.sample_rate = int(self.told.get("x-sample-rate", 0))
            if not self.sample_rate:
                raise EngineUnavailable(f"what answers at {self._address} is not voiced")
            while data := response.read1(_READ_BYTES):
                yield data
            if not response.isclosed():
                raise EngineUnavailable("the daemon broke off before the sound was whole")

    def speak(self, wish: Utterance) -> Iterator[bytes]:
        """PCM as it is made, at `sample_rate`."""
        return self.sound("/api/v1/speech", body_of(wish), timeout=_SPEAK_TIMEOUT_S)


def find(address: str, api_key: str | None, *, asked: bool) -> Daemon | None:
    """The daemon at HOST:PORT, or None when there is none. Raises when it was asked for by name and is not there."""
    if address == NONE:
        return None
    try:
        alive = _is_alive(address)
    except (OSError, ValueError, http.client.HTTPException) as error:
        if asked:
            raise EngineUnavailable(f"no daemon answers at {address}: {error}") from error
        return None
    if asked and not alive:
        raise EngineUnavailable(f"what answers at {address} is not voiced")
    return Daemon(address, {"X-Voiced-Client": "say", **_key(api_key)}) if alive else None


def _is_alive(address: str) -> bool:
    connection = http.client.HTTPConnection(address, timeout=_FIND_TIMEOUT_S)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    finally:
        connection.close()


def _key(api_key: str | None) -> dict[str, str]:
    key = (api_key or os.environ.get("VOICED_API_KEY", "")).strip()
    if not (key.isascii() and key.isprintable()):
        raise Malformed("an API key is plain ASCII")
    return {"Authorization": f"Bearer {key}"} if key else {}


def body_of(wish: Utterance) -> dict[str, object]:
    """What `POST /api/v1/speech` is asked for it."""
    names = (
        "text", "voice", "language", "instruct", "emotion", "seed", "speed", "pitch", "gain", "normalize", "markup",
        "format", "keep",
    )  # fmt: skip
    return {name: value for name in names if (value := getattr(wish, name)) is not None}


def _refusal(status: int, body: bytes) -> Exception:
    message, details = f"the daemon answered {status}", list[Detail]()
    with suppress(ValueError, KeyError, TypeError):
        told = json.loads(body)["error"]
        message = str(told["message"])
        details = [Detail(str(one["path"]), str(one["message"])) for one in told["details"]]
    if status in (401, 403):
        return Malformed(f"{message}; give the key with --api-key or VOICED_API_KEY")
    return CallerMistake(message, details) if status < 500 and status != 429 else EngineUnavailable(message)
