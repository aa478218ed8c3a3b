"""What an utterance may ask for, whichever door it came through."""

from __future__ import annotations

import math
from typing import Final

from daemon.faults import Detail, Malformed, TextTooLong
from daemon.utterance import Utterance
from models.sampling import mistakes
from outputs.gain import MAX_GAIN, MIN_GAIN
from outputs.tempo import MAX_PITCH, MAX_SPEED, MIN_SPEED

# Seeds are kept in 31 bits: JSON, JavaScript and every numeric library read them back exactly.
MAX_SEED: Final = 2**31 - 1
_RANGES: Final = (
    ("speed", MIN_SPEED, MAX_SPEED),
    ("pitch", -MAX_PITCH, MAX_PITCH),
    ("gain", MIN_GAIN, MAX_GAIN),
)


def check(utterance: Utterance, max_text: int) -> None:
    """Raises Malformed or TextTooLong."""
    for name, least, most in _RANGES:
        value: float | None = getattr(utterance, name)
        if value is not None and not least <= value <= most:
            raise Malformed(f"{name} must be from {least:g} to {most:g}, not {value}")
    if utterance.deadline_s is not None and not 0 < utterance.deadline_s < math.inf:
        raise Malformed(f"a deadline is a number of seconds above 0, not {utterance.deadline_s}")
    if utterance.seed is not None and not 0 <= utterance.seed <= MAX_SEED:
        raise Malformed(f"seed must be a whole number from 0 to {MAX_SEED}")
    if wrong := [Detail(f"sampling.{name}", told) for name, told in mistakes(utterance.sampling)]:
        raise Malformed("; ".join(f"{detail.path} {detail.message}" for detail in wrong), wrong)
    if len(utterance.text) > max_text:
        raise TextTooLong(
            f"the text has {len(utterance.text)} characters and one request holds {max_text}; "
            "longer work is a job for a pipeline"
        )
