"""From exception to public code: the one table. A caller's mistake and our failure are different types from birth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from daemon.making.recogniser import RecogniserUnavailable
from daemon.text.score import BadMarkup
from models.backend import BadReference, EngineUnavailable, RowFailed
from models.batch import QueueFull
from models.checkpoints.client import PullFailed
from models.stream import DeadlinePassed
from outputs.audio import UnknownFormat
from outputs.codes import BadCodes
from outputs.decoder import UnreadableAudio
from outputs.ledger import LedgerBusy
from outputs.run import RunBusy, RunNotFound, StorageFailed
from voices.auditions import NoSuchAudition
from voices.disk import StoreFailed
from voices.document import BrokenProfile
from voices.files.addresses import UrlNotAllowed
from voices.files.fetch import FetchFailed
from voices.files.uploads import FileBusy, FileTooLarge, UnknownFile, UploadsFailed
from voices.lexicon import LexiconBroken
from voices.parcel import BadBundle
from voices.store import NoSuchVoice, ReferenceLost, VoiceChanged, VoiceExists


class CallerMistake(Exception):
    """The request cannot be done as asked. The text says what was wrong and what would be right."""

    def __init__(self, message: str, details: Sequence[Detail] = ()) -> None:
        super().__init__(message)
        self.details = tuple(details)


class Malformed(CallerMistake):
    """The request itself is broken: not JSON, a wrong type, a field out of its range."""


class Unspeakable(CallerMistake):
    """Well formed, but it cannot be spoken as asked."""


class UnknownVoice(Unspeakable):
    """No voice has this name."""


class VoiceNotInstalled(Unspeakable):
    """The voice is known, and its model is not here."""


class LanguageNotSpoken(Unspeakable):
    """Nobody here, or not this voice, speaks the language."""


class NothingToSay(Unspeakable):
    """The text holds no word."""


class TextTooLong(CallerMistake):
    """More text than one request may hold."""


class UnknownModel(CallerMistake):
    """No model here has this name."""


class PoorReference(Unspeakable):
    """The recording would not make a voice; the details say what to do about it."""


class PathNotAllowed(CallerMistake):
    """The path is no file in a folder that the settings allow."""


class BadWord(CallerMistake):
    """An entry of the lexicon that cannot be used."""


class NoSuchWord(CallerMistake):
    """The lexicon has no such entry."""


class InputMistake(CallerMistake):
    """The input of a pipeline cannot be spoken as it is; the details say what is wrong where."""


class UnknownPipeline(CallerMistake):
    """No pipeline has this name."""


class JobMistake(CallerMistake):
    """What is asked of a job does not fit where it is."""


class ShuttingDown(Exception):
    """The daemon is on its way out."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One problem and where it is."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What a caller is told."""

    code: str
    status: int
    message: str
    details: tuple[Detail, ...] = ()
    retry_after_s: int | None = None

    def as_dict(self) -> dict[str, object]:
        """The contract's error object."""
        details = [{"path": d.path, "message": d.message} for d in self.details]
        return {"error": {"code": self.code, "message": self.message, "details": details}}


# Exception type -> (code, HTTP status, seconds after which a retry makes sense). The first match wins.
_TABLE: Final[tuple[tuple[type[BaseException], str, int, int | None], ...]] = (
    (UnknownVoice, "unknown_voice", 422, None),
    (VoiceNotInstalled, "voice_not_installed", 422, None),
    (LanguageNotSpoken, "language_not_spoken", 422, None),
    (BadMarkup, "bad_markup", 422, None),
    (NothingToSay, "nothing_to_say", 422, None),
    (PoorReference, "poor_reference", 422, None),
    (Unspeakable, "cannot_be_spoken", 422, None),
    (BrokenProfile, "bad_profile", 422, None),
    (BadBundle, "bad_bundle", 422, None),
    (BadWord, "bad_word", 422, None),
    (InputMistake, "bad_input", 422, None),
    (PathNotAllowed, "path_not_allowed", 422, None),
    (NoSuchVoice, "unknown_voice", 404, None),
    (NoSuchAudition, "unknown_audition", 404, None),
    (NoSuchWord, "unknown_word", 404, None),
    (VoiceExists, "voice_exists", 409, None),
    (VoiceChanged, "voice_changed", 409, None),
    (ReferenceLost, "reference_lost", 409, None),
    (LexiconBroken, "lexicon_broken", 409, None),
    (UnknownFormat, "unsupported_format", 422, None),
    (UnreadableAudio, "unreadable_audio", 422, None),
    (BadReference, "bad_reference", 422, None),
    (BadCodes, "bad_codes", 422, None),
    (TextTooLong, "text_too_long", 413, None),
    (UnknownModel, "unknown_model", 404, None),
    (RunNotFound, "run_not_found", 404, None),
    (UnknownPipeline, "unknown_pipeline", 404, None),
    (RunBusy, "run_busy", 409, None),
    (LedgerBusy, "run_busy", 409, None),
    (JobMistake, "job_conflict", 409, None),
    (UnknownFile, "unknown_file", 404, None),
    (FileBusy, "file_busy", 409, None),
    (FileTooLarge, "file_too_large", 413, None),
    (UrlNotAllowed, "url_not_allowed", 422, None),
    (FetchFailed, "fetch_failed", 422, None),
    (CallerMistake, "malformed", 400, None),
    (QueueFull, "queue_full", 429, 2),
    (DeadlinePassed, "deadline_passed", 504, None),
    (ShuttingDown, "shutting_down", 503, 10),
    (EngineUnavailable, "engine_unavailable", 503, 10),
    (RecogniserUnavailable, "recogniser_unavailable", 503, 60),
    (PullFailed, "pull_failed", 502, None),
    (StorageFailed, "storage_failed", 503, 60),
    (UploadsFailed, "storage_failed", 503, 60),
    (StoreFailed, "storage_failed", 503, 60),
    (RowFailed, "speech_failed", 500, None),
)

INTERNAL = Fault("internal_error", 500, "Something went wrong in voiced. The daemon's log has the details.")


def describe(error: BaseException) -> Fault:
    """What a caller is told of an exception. What is not in the table is ours, and its text is not shown."""
    for kind, code, status, retry in _TABLE:
        if isinstance(error, kind):
            return Fault(code, status, str(error), _details(error), retry)
    return INTERNAL


def _details(error: BaseException) -> tuple[Detail, ...]:
    if isinstance(error, BrokenProfile):
        return tuple(Detail(problem.path, problem.message) for problem in error.problems)
    if isinstance(error, BadCodes):
        return tuple(Detail(place, told) for place, told in error.mistakes)
    return getattr(error, "details", ())


def is_ours(error: BaseException) -> bool:
    """Whether the failure is unknown to the table and must be logged whole."""
    return describe(error) is INTERNAL
