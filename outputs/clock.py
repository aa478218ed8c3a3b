"""The time of day, for what is written down: it does not go back. What is measured is measured with `time.monotonic`."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Final

# A clock that is set right jumps by seconds, by hours when a person does it; one that was more than a day ahead was wrong
# altogether, as on a board without a battery, and nothing should be dated by it any longer.
_FARTHEST: Final = timedelta(days=1)
# Two moments stay two, in their order.
_STEP: Final = timedelta(microseconds=1)

_turn = threading.Lock()
_last = datetime.min.replace(tzinfo=UTC)


def now() -> datetime:
    """Local time that knows its offset, later than whatever this process was told before."""
    global _last
    with _turn:
        told = _wall()
        if told <= _last < told + _FARTHEST:
            told = _last + _STEP
        _last = told
    return told.astimezone()


def _wall() -> datetime:
    return datetime.now(UTC)
