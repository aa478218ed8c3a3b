"""The table from exception to public code."""

from __future__ import annotations

import pytest

from daemon import faults
from daemon.faults import Detail, describe
from models.backend import EngineUnavailable, RowFailed
from models.batch import QueueFull
from models.stream import DeadlinePassed
from outputs.audio import UnknownFormat
from outputs.run import RunBusy, RunNotFound


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (faults.Malformed("x"), "malformed", 400),
        (faults.UnknownVoice("x"), "unknown_voice", 422),
        (faults.LanguageNotSpoken("x"), "language_not_spoken", 422),
        (faults.NothingToSay("x"), "nothing_to_say", 422),
        (faults.TextTooLong("x"), "text_too_long", 413),
        (faults.UnknownModel("x"), "unknown_model", 404),
        (RunNotFound("x"), "run_not_found", 404),
        (UnknownFormat("x"), "unsupported_format", 422),
        (RunBusy("x"), "run_busy", 409),
        (QueueFull("x"), "queue_full", 429),
        (DeadlinePassed("x"), "deadline_passed", 504),
        (faults.ShuttingDown("x"), "shutting_down", 503),
        (EngineUnavailable("x"), "engine_unavailable", 503),
        (RowFailed("x"), "speech_failed", 500),
    ],
)
def test_each_has_its_code_and_status(error: Exception, code: str, status: int) -> None:
    fault = describe(error)
    assert (fault.code, fault.status, fault.message) == (code, status, "x")
    assert not faults.is_ours(error)


def test_what_is_not_in_the_table_is_ours_and_its_text_is_not_shown() -> None:
    error = RuntimeError("the password is swordfish")
    assert faults.is_ours(error)
    assert describe(error).status == 500
    assert "swordfish" not in str(describe(error).as_dict())


def test_whoever_may_try_again_is_told_when() -> None:
    assert describe(QueueFull("x")).retry_after_s
    assert describe(faults.Malformed("x")).retry_after_s is None


def test_all_problems_are_told_with_their_paths() -> None:
    fault = describe(faults.Malformed("two problems", [Detail("speed", "too fast"), Detail("seed", "not a number")]))
    assert fault.as_dict() == {
        "error": {
            "code": "malformed",
            "message": "two problems",
            "details": [{"path": "speed", "message": "too fast"}, {"path": "seed", "message": "not a number"}],
        }
    }
