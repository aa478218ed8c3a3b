"""Shorter pauses in a take: what is said stays as it is."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

# A pause that is shorter than this is a stop consonant or a breath between words, and cutting it would be heard.
KEPT_S: Final = 0.12
# Quieter than this below the loudest stretch is a pause: the end of a word is some 35 dB below its vowel.
_QUIET_DB: Final = -42.0
# And what is below this is silence, however quiet the take is: -66 dB of full scale.
_SILENCE: Final = 16.0
# Levels are looked at in stretches of 10 ms.
_STRETCHES: Final = 100
# Both sides of a cut are blended in this time.
_FADE_S: Final = 0.01

_Samples = npt.NDArray[np.int16]


def shortened(pcm: bytes, sample_rate: int, *, kept_s: float = KEPT_S, wanted_s: float = 0.0) -> bytes:
    """The take, s16le mono, with no pause longer than `kept_s`; pauses at both ends count.

    Args:
        wanted_s: how long it has to be: pauses are cut, all in the same proportion, no further than it takes.
    """
    samples = np.frombuffer(pcm, "<i2")
    pauses = _pauses(samples, sample_rate, kept_s)
    spare = sum(end - start - int(kept_s * sample_rate) for start, end in pauses)
    over = len(samples) - round(wanted_s * sample_rate)
    if spare <= 0 or over <= 0:
        return pcm
    share = min(1.0, over / spare)
    made, at = list[_Samples](), 0
    for start, end in pauses:
        cut = min(end - start, round(share * (end - start - int(kept_s * sample_rate)) + 0.5))
        middle = (start + end - cut) // 2
        made.append(samples[at:middle])
        at = middle + cut
        _blend(made, samples, at, fade=min(int(_FADE_S * sample_rate), middle - start, end - at))
    return np.concatenate([*made, samples[at:]]).astype("<i2").tobytes()


def _pauses(samples: _Samples, sample_rate: int, kept_s: float) -> list[tuple[int, int]]:
    """Where it is quiet for longer than `kept_s`: from sample to sample."""
    size = max(1, sample_rate // _STRETCHES)
    count = len(samples) // size
    if not count:
        return []
    stretches = samples[: count * size].astype(np.float32).reshape(count, size)
    level = np.sqrt((stretches**2).mean(axis=1))
    quiet = level < max(_SILENCE, float(level.max()) * 10 ** (_QUIET_DB / 20))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8)))
    ends = (edges * size).tolist()
    # The last stretch may be a broken one: it belongs to the pause before it.
    found = [
        (start, len(samples) if end == count * size else end) for start, end in zip(ends[::2], ends[1::2], strict=True)
    ]
    return [(start, end) for start, end in found if end - start > kept_s * sample_rate]


def _blend(made: list[_Samples], samples: _Samples, at: int, *, fade: int) -> None:
    """Let the end of what was made go over into what stands before `at`, which follows it."""
    if fade <= 0:
        return
    rising = np.linspace(0.0, 1.0, fade, dtype=np.float32)
    last = made[-1]
    mixed = last[-fade:] * (1 - rising) + samples[at - fade : at] * rising
    made[-1] = np.concatenate([last[:-fade], mixed.round().astype("<i2")])
