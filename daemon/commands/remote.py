"""The daemon that runs already, asked over its own HTTP door with the standard library's client."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Generator, Iterator, Mapping
from typing import Any, Final

from daemon.faults import CallerMistake, Malformed
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

    def ask(self, method: str, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """What it answers in JSON; it may take minutes. Raises CallerMistake or EngineUnavailable with its own words."""
        connection = http.client.HTTPConnection(self._address, timeout=_WORK_TIMEOUT_S)
        try:
            given = json.dumps({name: value for name, value in body.items() if value is not None})
            connection.request(method, path, given, {**self._headers, "Content-Type": "application/json"})
            response = connection.getresponse()
            data = response.read()
            if response.status >= 400:
                raise _refusal(response.status, data)
            told: dict[str, Any] = json.loads(data)
            return told
        except (http.client.HTTPException, OSError, ValueError) as error:
            raise EngineUnavailable(f"the daemon broke off: {error}") from error
        finally:
            connection.close()

    def events(self, path: str) -> Generator[dict[str, Any], None, None]:
        """What server-sent events tell, until they end. Raises CallerMistake or EngineUnavailable."""
        connection = http.client.HTTPConnection(self._address, timeout=_WORK_TIMEOUT_S)
        try:
            connection.request("GET", path, headers=self._headers)
            response = connection.getresponse()
            if response.status >= 400:
                raise _refusal(response.status, response.read())
            for line in response:
                if line.startswith(_DATA):
                    yield json.loads(line.removeprefix(_DATA))
        except (http.client.HTTPException, OSError, ValueError) as error:
            raise EngineUnavailable(f"the daemon broke off: {error}") from error
        finally:
            connection.close()

    def speak(self, wish: Utterance) -> Iterator[bytes]:
        """PCM as it is made, at `sample_rate`. Raises CallerMistake or EngineUnavailable with the daemon's own words."""
        connection = http.client.HTTPConnection(self._address, timeout=_SPEAK_TIMEOUT_S)
        try:
            body = json.dumps(_body(wish))
            connection.request("POST", "/api/v1/speech", body, {**self._headers, "Content-Type": "application/json"})
            response = connection.getresponse()
            if response.status != 200:
                raise _refusal(response.status, response.read())
            self.sample_rate = int(response.headers.get("X-Sample-Rate", 0))
            if not self.sample_rate:
                raise EngineUnavailable(f"what answers at {self._address} is not voiced")
            while data := response.read1(_READ_BYTES):
                yield data
            if not response.isclosed():
                raise EngineUnavailable("the daemon broke off before the speech was whole")
        except (http.client.HTTPException, OSError) as error:
            raise EngineUnavailable(f"the daemon broke off before the speech was whole: {error}") from error
        finally:
            connection.close()


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


def _body(wish: Utterance) -> dict[str, object]:
    names = (
        "text", "voice", "language", "instruct", "emotion", "seed", "speed", "pitch", "gain", "normalize", "markup",
        "format", "keep",
    )  # fmt: skip
    return {name: value for name in names if (value := getattr(wish, name)) is not None}


def _refusal(status: int, body: bytes) -> Exception:
    try:
        message = str(json.loads(body)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        message = f"the daemon answered {status}"
    if status in (401, 403):
        return Malformed(f"{message}; give the key with --api-key or VOICED_API_KEY")
    return CallerMistake(message) if status < 500 and status != 429 else EngineUnavailable(message)
