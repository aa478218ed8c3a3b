"""Where a recording sounds, found without a look at how the house does it: for comparing subtitles with what is heard."""

from __future__ import annotations

import numpy as np

RATE = 24_000
_FRAME = RATE // 1000 * 4
_BELOW_DB = 40.0


def regions(pcm: bytes, least_gap_s: float = 0.3) -> list[tuple[float, float]]:
    """Stretches of s16le mono, in seconds, with silences of at least that length between: by their power, 4 ms at a time."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    power = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-9)
    found: list[tuple[float, float]] = []
    for at in np.flatnonzero(power > power.max() - _BELOW_DB):
        begin, end = at * _FRAME / RATE, (at + 1) * _FRAME / RATE
        if found and begin - found[-1][1] < least_gap_s:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found
