"""When a voice should have stopped: far more frames than the text can take, the same codes for ever, or silence for ever."""

from __future__ import annotations

from collections import deque
from typing import Final

import torch

# The slowest honest speech seen is under five frames a text token (digits, Japanese); twice that and a slow start is
# allowed before it counts as speech that does not end.
FRAMES_A_TOKEN: Final = 10
SLACK_FRAMES: Final = 75
# A held vowel or breath repeats a frame for half a second at most; the same first codes in a circle for four seconds are
# a needle that jumps.
_SAME_FRAMES: Final = 25
_CIRCLE_FRAMES: Final = 50
_LONGEST_CIRCLE: Final = 8
# A pause between two paragraphs is under two seconds; of five nothing comes any more.
_SILENT_FRAMES: Final = 62


class Guard:
    """Watches one passage. `frame` and `silence` are told what was made; either may say that it has run away."""

    def __init__(self) -> None:
        self._first_codes: deque[int] = deque(maxlen=_CIRCLE_FRAMES)
        self._last: torch.Tensor | None = None
        self._same = self._silent = self._frames = 0

    def frame(self, codes: torch.Tensor, tokens: int, text_ended: bool) -> bool:
        """Take in a frame's codes [16], spoken of a text of so many tokens. True when the voice has run away."""
        self._frames += 1
        self._same = self._same + 1 if self._last is not None and torch.equal(codes, self._last) else 0
        self._last = codes
        self._first_codes.append(int(codes[0]))
        if text_ended and self._frames > SLACK_FRAMES + FRAMES_A_TOKEN * tokens:
            return True
        return self._same >= _SAME_FRAMES or self._circles()

    def silence(self, frames: int, silent: bool) -> bool:
        """So many frames were decoded, silent or not. True when nothing has been heard for too long."""
        self._silent = self._silent + frames if silent else 0
        return self._silent >= _SILENT_FRAMES

    def _circles(self) -> bool:
        codes = list(self._first_codes)
        if len(codes) < _CIRCLE_FRAMES or codes[0] not in codes[1 : _LONGEST_CIRCLE + 1]:
            return False
        return any(codes[period:] == codes[:-period] for period in range(1, _LONGEST_CIRCLE + 1))
