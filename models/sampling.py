"""What may be asked of the sampling: the package's own names, what each takes, and what it is when nobody asks. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

Number = float | int | bool


@dataclass(frozen=True, slots=True)
class Knob:
    """One name and the values that it takes."""

    default: Number
    least: float = 0
    most: float = 1
    above: bool = False
    """`least` itself is too little."""

    def mistake(self, value: object) -> str:
        """What is wrong with a value; empty when nothing is."""
        if isinstance(self.default, bool):
            return "" if isinstance(value, bool) else f"must be true or false, not {_shown(value)}"
        whole = isinstance(self.default, int)
        number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        if not number or not self._fits(value):
            kind = "a whole number" if whole else "a number"
            start = "above" if self.above else "from"
            return f"must be {kind} {start} {self.least:g} to {self.most:g}, not {_shown(value)}"
        return ""

    def _fits(self, value: object) -> bool:
        assert isinstance(value, int | float)
        return math.isfinite(value) and self.least <= value <= self.most and not (self.above and value == self.least)


# Colder than this divides logits into infinities; hotter is noise.
_HEAT: Final = Knob(0.9, 0.01, 10)
_COUNT: Final = Knob(50, 0, 100_000)
_SHARE: Final = Knob(1.0, 0, 1, above=True)

KNOBS: Final[Mapping[str, Knob]] = {
    "do_sample": Knob(True),
    "temperature": _HEAT,
    "top_k": _COUNT,  # 0 is all of them
    "top_p": _SHARE,
    "repetition_penalty": Knob(1.05, 0.1, 10),
    "subtalker_dosample": Knob(True),
    "subtalker_temperature": _HEAT,
    "subtalker_top_k": _COUNT,
    "subtalker_top_p": _SHARE,
    # The last token is never heard, so one is none; the most is what the package allows: 11 minutes of 12.5 Hz frames.
    "max_new_tokens": Knob(8192, 2, 8192),
    "non_streaming_mode": Knob(False),
    # Ours: whether speech that does not end is cut.
    "stop_guard": Knob(True),
}


def mistakes(given: Mapping[str, object]) -> Sequence[tuple[str, str]]:
    """Every name that is wrong and what is wrong with it, in the order given."""
    found = []
    for name, value in given.items():
        knob = KNOBS.get(name)
        if knob is None:
            found.append((name, "there is no such field; there are " + ", ".join(KNOBS)))
        elif told := knob.mistake(value):
            found.append((name, told))
    return found


def _shown(value: object) -> str:
    return repr(value)[:40]
